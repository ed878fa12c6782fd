"""The project beside programs that do less, round by round: every figure of docs/benchmarks.md."""

import argparse
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from jobs.core.errors import Problem
from schemas.city import ROOT
from tests.bench import compare, home, measure, page, plan, report, scenario
from tests.bench.scenario import Scenario


def main() -> int:
    """Exit code 0; 1 when two that should do not say the same, or one fails; 2 for what cannot be asked."""
    scenarios = scenario.found()
    arguments = parser(scenarios)
    asked = arguments.parse_args()
    chosen = {name: scenarios[name] for name in asked.scenario or scenarios}
    todo = [plan.Step(name, chosen[name], size, asked.rounds) for name in chosen for size in sizes(chosen[name], asked)]
    if refused := plan.refused(todo):
        arguments.error(refused)
    print(plan.told(todo), flush=True)
    if asked.plan:
        return 0
    if short := plan.short_of_disk(todo):
        arguments.error(short)
    return measured(todo, scenarios, is_kept=not asked.trial)


def measured(todo: Sequence[plan.Step], scenarios: Mapping[str, Scenario], is_kept: bool) -> int:
    """Measure one after the other; what fails keeps no other from being measured, and its lakes are left to look at."""
    measure.adopt()
    failed = []
    for step in todo:
        try:
            found = step.scenario.measured(step.size, step.rounds)
        except (RuntimeError, compare.Unequal, Problem, subprocess.CalledProcessError) as error:
            failed.append(step.name)
            print(f"bench: {step.name}: {error}", file=sys.stderr, flush=True)
            continue
        before = report.read(ROOT)
        print(page.targets({step.name: step.scenario}, [*before, *found]), flush=True)
        if is_kept:
            report.keep(ROOT, scenarios, found)
        home.tidy()
    if failed:
        print(f"bench: not measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


class _Parser(argparse.ArgumentParser):
    """One that says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Exit code 2."""
        self.exit(2, f"bench: {message}\n")


def parser(scenarios: Mapping[str, Scenario]) -> argparse.ArgumentParser:
    """What can be asked for."""
    every = [plan.Step(name, one, size, None) for name, one in scenarios.items() for size in one.sizes]
    found = _Parser(
        prog="python -m tests.bench", formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
        description=f"{__doc__}\nWhat is measured goes to tests/bench/results.json, and the page is written from that. "
        "Everything else lies in .bench.",
        epilog=f"The scenarios at their own sizes and rounds:\n\n{plan.told(every)}",
    )  # fmt: skip
    found.add_argument(
        "--scenario", action="append", choices=list(scenarios), metavar="NAME", help="one; may be said again; all"
    )
    size = found.add_mutually_exclusive_group()
    size.add_argument("--rows", type=_count, metavar="N", help="where rows are counted, so many")
    size.add_argument(
        "--scale", type=_scale, metavar="S",
        help="where rows are counted, those of the demo city at this scale: 20 is a million a night",
    )  # fmt: skip
    found.add_argument("--days", type=_count, metavar="N", help="where days are counted, so many")
    found.add_argument("--rounds", type=_count, metavar="N", help="so many rounds of each")
    found.add_argument("--plan", action="store_true", help="say what it would take, and measure nothing")
    found.add_argument("--trial", action="store_true", help="measure and print the figures, but keep no result")
    return found


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _scale(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return found


def sizes(one: Scenario, asked: argparse.Namespace) -> Sequence[int]:
    """The sizes to measure a scenario at."""
    rows = asked.rows if asked.scale is None else round(asked.scale * one.rows_at_scale_1)
    size = {"rows": rows, "days": asked.days}.get(one.counted)
    return one.sizes if size is None else [size]


if __name__ == "__main__":
    try:
        code = main()
    except KeyboardInterrupt:
        print("bench: interrupted; what was measured before is kept", file=sys.stderr)
        code = 130
    sys.exit(code)
