"""`python -m tests.bench`: the project beside programs that do less, round by round; `--scenario` chooses one.

Figures go to docs/benchmarks.md, every result to tests/bench/results.json. Everything else lies in `.bench`.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence

from schemas.city import ROOT
from tests.bench import compare, measure, page, report, scenario
from tests.bench.scenario import Scenario


def main() -> int:
    """Exit code 0; 1 when two that should do not say the same, or one fails; 2 for what cannot be asked."""
    scenarios = scenario.found()
    arguments = parser(scenarios)
    asked = arguments.parse_args()
    chosen = {name: scenarios[name] for name in asked.scenario or scenarios}
    todo = {name: sizes(one, asked) for name, one in chosen.items()}
    small = [f"{name} needs {chosen[name].least:,} at least" for name, some in todo.items() for size in some
             if size < chosen[name].least]  # fmt: skip
    if small or (asked.rounds is not None and asked.rounds < 1):
        arguments.error("; ".join(small) or "--rounds: one at least")
    measure.adopt()
    for name, some in todo.items():
        for size in some:
            try:
                found = chosen[name].measured(size, asked.rounds)
            except (RuntimeError, compare.Unequal) as error:
                print(f"bench: {name}: {error}", file=sys.stderr)
                return 1
            print(page.targets({name: chosen[name]}, found), flush=True)
            if not asked.dry:
                report.keep(ROOT, scenarios, found)
    if not asked.dry:
        report.write(ROOT, scenarios, report.read(ROOT))
        print(page.targets(scenarios, report.read(ROOT)))
    return 0


def parser(scenarios: Mapping[str, Scenario]) -> argparse.ArgumentParser:
    """What can be asked for."""
    found = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    found.add_argument("--scenario", action="append", choices=list(scenarios), help="one, or several; default: all")
    size = found.add_mutually_exclusive_group()
    size.add_argument("--rows", type=int, help="where rows are counted; default: each scenario's own")
    size.add_argument("--scale", type=float, help="the same as the demo city's scale: 20 is a million records a night")
    found.add_argument("--nights", type=int, help="where nights are counted; default: each scenario's own")
    found.add_argument("--rounds", type=int, help="default: each scenario's own")
    found.add_argument("--dry", action="store_true", help="print the table only, keep no result")
    return found


def sizes(one: Scenario, asked: argparse.Namespace) -> Sequence[int]:
    """The sizes to measure a scenario at."""
    rows = asked.rows if asked.scale is None else round(asked.scale * one.rows_at_scale_1)
    size = {"rows": rows, "nights": asked.nights}.get(one.counted)
    return one.sizes if size is None else [size]


if __name__ == "__main__":
    sys.exit(main())
