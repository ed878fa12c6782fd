"""`python -m tests.bench`: the project beside programs that do less, round by round; `--scenario` chooses one.

Figures go to docs/benchmarks.md, every result to tests/bench/results.json. Everything else lies in `.bench`.
"""

import argparse
import sys

from schemas.city import ROOT
from tests.bench import compare, measure, p1, p3, p4, report

SCENARIOS = {"p1": p1, "p3": p3, "p4": p4}


def main() -> int:
    """Exit code 0; 1 when two that should do not say the same, or one fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--scenario", choices=[*SCENARIOS, "all"], default="all")
    parser.add_argument("--rows", type=int, help="default: each scenario's own")
    parser.add_argument("--rounds", type=int, help="default: each scenario's own")
    parser.add_argument("--dry", action="store_true", help="print the table only, keep no result")
    asked = parser.parse_args()
    chosen = [one for name, one in SCENARIOS.items() if asked.scenario in (name, "all")]
    least = max(one.LEAST_ROWS for one in chosen)
    if (asked.rows is not None and asked.rows < least) or (asked.rounds is not None and asked.rounds < 1):
        parser.error(f"at least {least} rows and one round")
    measure.adopt()
    for one in chosen:
        try:
            found = one.bench(asked.rows or one.ROWS, asked.rounds or one.ROUNDS)
        except (RuntimeError, compare.Unequal) as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
        print(report.table(found))
        if not asked.dry:
            report.keep(ROOT, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
