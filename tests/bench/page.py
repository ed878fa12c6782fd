"""docs/benchmarks.md: every target with its newest figure, what each scenario cost whom, and what earlier ones gave."""

import statistics
from collections.abc import Iterator, Mapping, Sequence

from tests.bench.plots import plots
from tests.bench.scenario import HERE, Result, Scenario
from tests.bench.shown import Shown, aimed, changed, label, newest, number, size

Scenarios = Mapping[str, Scenario]
MIB = 2**20
NOT = "not measured"
MISSED = "**Where a target is missed.**"
"""What begins the words on it in a scenario's `p*.md`."""
TARGETS = (
    "| | to reach | size | target | figure (least to most) | reached | before | peak memory, MiB | rows / s / core "
    "| MB / s / core | commit |"
)
COSTS = "| | size | who | s (least to most) | processor s | peak memory, MiB | rows / s / core |"
EARLIER = "| measured | | to reach | size | figure | commit |"
STEPS = {
    "land": "copy, SHA-256, registration", "session": "start of Spark (within the first step that asks for it)",
    "bronze": "text kept, records typed and judged",
    "silver": "duplicates settled, points placed", "quality": "great-expectations", "fused": "terms",
    "indicators": "values and their trust", "edition": "files, pages, manifest, seal", "verdict": "",
}  # fmt: skip
HEAD = """# Benchmarks

Written by `make bench`; do not edit. A figure is the median of its rounds; what takes turns with a rival is their
ratio, round by round. Peak memory is of all processes at once, the project's own. *Before* is the same figure at the
commit measured before this one, and how much worse or better this one is: in bold where the rounds of both do not
overlap.
"""
WITHOUT_WORDS = (
    "A target is missed, and nobody has written yet what the profile shows, what was tried and what is left.\n"
)
REPEAT = """## How to repeat

`make bench`, or `python -m tests.bench --scenario p3 --rows 1000000 --rounds 5` in the project's environment;
`--scale 20` in the place of `--rows` is the demo city with a million records a night, `--scale 400` with twenty;
`--trial` keeps no result, `--plan` says what it would take. The machine should have nothing else to do.
`make archive` once before it lays out Spark's classes and shortens the start of the session. Deliveries, lakes and logs
lie in `.bench`. Times count from the start of the first command to the end of the last; processor seconds count every
process, those that outlive the command too, and Spark's workers, whom nobody waits for, as they were last seen; memory
is the highest sum of the proportional set sizes of all processes at once. Both are sampled four times a second. Disk
caches are warm.
"""


def page(scenarios: Scenarios, results: Sequence[Result]) -> str:
    """The whole page."""
    parts = [HEAD, "## Targets\n", targets(scenarios, results), "\n## What it cost\n", costs(scenarios, results), ""]
    for name, scenario in scenarios.items():
        missing = [WITHOUT_WORDS] if unexplained({name: scenario}, results) else []
        parts += [f"## {scenario.title}\n", _words(name), *missing, *_measured(name, scenario, results)]
    parts += [REPEAT, "## Earlier figures\n", _earlier(scenarios, results)]
    return "\n".join(parts) + "\n"


def targets(scenarios: Scenarios, results: Sequence[Result]) -> str:
    """Every aim of every scenario, a line for each size it was measured at."""
    lines = []
    for name, scenario in scenarios.items():
        for key, aim in scenario.aims.items():
            shown = aimed(name, key, aim, results)
            lines += [_target(scenario, one, _before(one, name, key, results)) for one in shown]
            if not shown:
                lines.append([label(scenario), aim.what, "", aim.target, NOT, *[""] * 6])
    return _table(TARGETS, lines)


def unexplained(scenarios: Scenarios, results: Sequence[Result]) -> list[str]:
    """The scenarios whose newest figures miss a target of which their words do not speak, under MISSED."""
    return [
        name for name, scenario in scenarios.items()
        if MISSED not in _words(name)
        and any(shown.is_missed for key, aim in scenario.aims.items() for shown in aimed(name, key, aim, results))
    ]  # fmt: skip


def costs(scenarios: Scenarios, results: Sequence[Result]) -> str:
    """What every measurement that is shown cost, and whom."""
    lines = []
    for name, scenario in scenarios.items():
        for one in newest(name, results):
            for who, spent in one["spent"].items():
                memory, rows = _memory(one, who), _rate(one, "rows", who)
                processor = f"{statistics.median(spent['cpu_s']):.1f}"
                lines.append([label(scenario), size(scenario, one), who, _spread(spent), processor, memory, rows])
    return _table(COSTS, lines)


def _before(shown: Shown, name: str, key: str, results: Sequence[Result]) -> str:
    """The same figure as it was before: the newest result of another commit."""
    now = shown.result
    same = [one for one in results if one["scenario"] == name and one["size"] == now["size"] and key in one["aims"]]
    other = [one for one in same[: same.index(now)] if one["commit"] != now["commit"]]
    if not other:
        return ""
    before = Shown(shown.aim, other[-1], other[-1]["aims"][key])
    return f"{number(shown.aim, before.figure)}, {changed(before, shown)}"


def _target(scenario: Scenario, shown: Shown, before: str) -> list[str]:
    one, aim = shown.result, shown.aim
    who = next(iter(one["spent"]))
    measured = [_memory(one, who), _rate(one, "rows", who), _rate(one, "bytes", who), one["commit"]]
    told = [aim.target, shown.text, shown.is_reached, before]
    return [label(scenario), aim.what, size(scenario, one), *told, *measured]


def _memory(one: Result, who: str) -> str:
    return f"{max(one['spent'][who]['peak_bytes']) / MIB:,.0f}"


def _rate(one: Result, what: str, who: str) -> str:
    """Rows, or megabytes, by second and core."""
    if what not in one:
        return ""
    each = one[what] / statistics.median(one["spent"][who]["seconds"]) / one["machine"]["cores"]
    return f"{each:,.0f}" if what == "rows" else f"{each / 1e6:,.1f}"


def _spread(spent: Mapping[str, Sequence[float]]) -> str:
    seconds = spent["seconds"]
    return f"{statistics.median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f})"


def _words(name: str) -> str:
    """What people say of a scenario."""
    return (HERE / f"{name}.md").read_text("utf-8")


def _measured(name: str, scenario: Scenario, results: Sequence[Result]) -> Iterator[str]:
    shown = newest(name, results)
    if not shown:
        yield "Not measured yet.\n"
    for plot in plots({name: scenario}, results):
        yield f"![{plot}](benchmarks/{plot}.svg)\n"
    for one in shown:
        yield _noise(scenario, one)
        if one.get("steps"):
            yield _steps(scenario, one)


def _noise(scenario: Scenario, one: Result) -> str:
    """On what, and how far the figures can be trusted: other work slows all, and raises processor seconds as well."""
    at, known = one["machine"], ", ".join(f"{name} {version}" for name, version in one["versions"].items())
    busy = ", ".join(f"{statistics.median(spent['others']):.1f} ({who})" for who, spent in one["spent"].items())
    rounds = len(next(iter(one["spent"].values()))["seconds"])
    said = [f"{size(scenario, one)}{', ' if scenario.counted else ''}{rounds} round{'s' * (rounds > 1)}"]
    said[0] += f", {one['measured_at']} at {one['commit']}; {at['processor']}, {at['cores']} cores"
    said[0] += f", {at['memory_gib']} GiB, Linux {at['kernel']}; {known}"
    said.append(f"Other work kept this many cores busy meanwhile: {busy}; seconds mean little where that is not near 0")
    said += [f"Compared: {one['compared']}"] if "compared" in one else []
    said += [str(one["note"])] if "note" in one else []
    return ". ".join(said) + ".\n"


def _steps(scenario: Scenario, one: Result) -> str:
    total = sum(seconds for name, seconds in one["steps"].items() if name != "session")
    lines = [
        [name, f"{one['steps'][name]:.1f}", f"{one['steps'][name] / total:.0%}", what]
        for name, what in STEPS.items() if name in one["steps"]
    ]  # fmt: skip
    rest = max(0.0, statistics.median(next(iter(one["spent"].values()))["seconds"]) - total)  # medians do not add up
    lines.append(["(outside the steps)", f"{rest:.1f}", "", "starts of the interpreter, end of the session"])
    return _table(f"| step of {size(scenario, one)} | s | share | |", lines) + "\n"


def _earlier(scenarios: Scenarios, results: Sequence[Result]) -> str:
    lines = []
    for one in reversed(results):
        scenario = scenarios.get(one["scenario"])
        for key, rounds in one["aims"].items():
            if scenario is not None and key in scenario.aims:
                shown = Shown(scenario.aims[key], one, rounds)
                figure = number(shown.aim, shown.figure)
                about = [label(scenario), shown.aim.what, size(scenario, one)]
                lines.append([one["measured_at"], *about, figure, one["commit"]])
    return _table(EARLIER, lines)


def _table(head: str, lines: Sequence[Sequence[str]]) -> str:
    rows = [f"| {' | '.join(cells)} |" for cells in lines]
    return "\n".join([head, "|" + "---|" * (head.count("|") - 1), *rows])
