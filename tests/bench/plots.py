"""The plots of docs/benchmarks.md: how near its targets a scenario came by commit, and how it grows with its size."""

import statistics
from collections.abc import Mapping, Sequence

from tests.bench.plot import Plot
from tests.bench.scenario import Result, Scenario
from tests.bench.shown import Shown, label, newest, size

COMMITS = 12
"""How many are drawn, at most."""


def plots(scenarios: Mapping[str, Scenario], results: Sequence[Result]) -> dict[str, str]:
    """Each plot's name and drawing: how near the targets each commit came, and how a scenario grows with its size."""
    out = {}
    for name, scenario in scenarios.items():
        if any(one["scenario"] == name for one in results):
            out[f"{name}-commits"] = _by_commit(name, scenario, results).svg()
        if len(newest(name, results)) > 1:
            out[f"{name}-sizes"] = _by_size(scenario, newest(name, results)).svg()
    return out


def _by_commit(name: str, scenario: Scenario, results: Sequence[Result]) -> Plot:
    """Of every aim at every size the share of its target that is used up."""
    mine = [one for one in results if one["scenario"] == name]
    commits = list(dict.fromkeys(str(one["commit"]) for one in mine))[-COMMITS:]
    lines: dict[str, dict[float, float]] = {}
    for one in (one for one in mine if one["commit"] in commits):
        for key, rounds in one["aims"].items():
            aim = scenario.aims.get(key)
            share = aim.share(Shown(aim, one, rounds).figure) if aim else None
            if aim and share is not None:
                line = lines.setdefault(f"{aim.what}, {size(scenario, one)}".rstrip(", "), {})
                line[float(commits.index(one["commit"]))] = share  # of a commit measured twice, the newer
    ticks = [(float(at), commit.split()[0]) for at, commit in enumerate(commits)]
    title = f"{label(scenario)} by commit: below the dashed line the target is reached"
    drawn = {name: list(points.items()) for name, points in lines.items()}
    return Plot(title, "share of the target used up", drawn, ticks, rule=1.0)


def _by_size(scenario: Scenario, shown: Sequence[Result]) -> Plot:
    """Seconds by size; of rows, by a million of them."""
    is_rows = scenario.counted == "rows"
    lines: dict[str, list[tuple[float, float]]] = {}
    for one in shown:
        for who, spent in one["spent"].items():
            seconds = statistics.median(spent["seconds"])
            lines.setdefault(who, []).append((one["size"], seconds / one["size"] * 1e6 if is_rows else seconds))
    ticks = [(float(one["size"]), f"{one['size']:,}") for one in shown]
    y = "seconds by a million rows" if is_rows else "seconds"
    return Plot(f"{label(scenario)} by number of {scenario.counted}", y, lines, ticks, is_log=True)
