"""docs/benchmarks.md and tests/bench/results.json: what was measured, on what, and what earlier commits gave."""

import importlib.metadata
import json
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import measure

Result = Mapping[str, Any]
P1_TARGET = "≤ 4, later ≤ 2"
"""Of results from before there was another scenario."""
RESULTS, PAGE = "tests/bench/results.json", "docs/benchmarks.md"
PACKAGES = ("pyspark", "duckdb", "pyarrow", "deltalake", "great-expectations", "numpy", "shapely")
MIB = 2**20
HEAD = (
    "| scenario | rows | night, s (least to most) | of which session, s, night / rival | rival, s (least to most) "
    "| ratio | target "
    "| processor s, night / rival | peak memory, MiB, night / rival | rows / s / core |"
)
STEPS = {
    "land": "copy, SHA-256, registration", "session": "start of Spark (within the first step that asks for it)",
    "bronze": "text kept, records typed and judged",
    "silver": "duplicates settled, points placed", "quality": "great-expectations on Spark", "fused": "terms",
    "indicators": "values and their trust", "edition": "files, pages, manifest, seal", "verdict": "",
}  # fmt: skip


def figures(rounds: Sequence[measure.Spent]) -> dict[str, list[float]]:
    """The rounds as they are kept."""
    return {
        "seconds": [round(one.seconds, 2) for one in rounds],
        "cpu_s": [round(one.cpu_s, 2) for one in rounds],
        "peak_bytes": [one.peak_bytes for one in rounds],
        "others": [round(one.others, 2) for one in rounds],
    }


def beside(night: Sequence[measure.Spent], rival: Sequence[measure.Spent]) -> dict[str, Any]:
    """The rounds of both, and the medians of their ratios."""
    pairs = list(zip(night, rival, strict=True))
    return {
        "night": figures(night), "rival": figures(rival),
        "ratio": statistics.median(a.seconds / b.seconds for a, b in pairs),
        "cpu_ratio": statistics.median(a.cpu_s / b.cpu_s for a, b in pairs),
    }  # fmt: skip


def made_on(root: Path) -> dict[str, Any]:
    """The machine, the versions and the commit of a measurement."""
    return {"machine": measure.machine(), "versions": versions(), **commit(root)}


def versions() -> dict[str, str]:
    """Of what the figures depend on."""
    return {name: importlib.metadata.version(name) for name in PACKAGES}


def commit(root: Path) -> dict[str, str]:
    """The commit that was measured, marked when files had been changed, and when."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=False).stdout.strip()

    changed = [line for line in git("status", "--porcelain").splitlines() if not line.endswith((RESULTS, PAGE))]
    name = (git("rev-parse", "--short", "HEAD") or "unknown") + (" and changes" if changed else "")
    return {"commit": name, "measured_at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")}


def keep(root: Path, found: Sequence[Result]) -> None:
    """Add results to those before them and write the page."""
    path = root / RESULTS
    results: list[Result] = json.loads(path.read_text("utf-8")) if path.exists() else []
    results += found
    path.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (root / PAGE).write_text(page(results), "utf-8")


def table(results: Sequence[Result]) -> str:
    """The figures, one line a result."""
    return "\n".join([HEAD, "|" + "---|" * (HEAD.count("|") - 1), *(_line(one) for one in results)])


def _line(one: Result) -> str:
    night, rival = one["night"], one["rival"]
    seconds = statistics.median(night["seconds"])
    cells = [
        one["scenario"], f"{one['rows']:,}", _spread(night["seconds"]), _sessions(one),
        _spread(rival["seconds"]), f"**{one['ratio']:.2f}**", one.get("target", P1_TARGET),
        f"{statistics.median(night['cpu_s']):.0f} / {statistics.median(rival['cpu_s']):.0f}",
        f"{max(night['peak_bytes']) / MIB:,.0f} / {max(rival['peak_bytes']) / MIB:,.0f}",
        f"{one['rows'] / seconds / one['machine']['cores']:,.0f}",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _sessions(one: Result) -> str:
    return f"{one['steps'].get('session', 0):.1f} / {one['sessions']['rival'] if 'sessions' in one else 0:.1f}"


def _spread(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f})"


def page(results: Sequence[Result]) -> str:
    """docs/benchmarks.md."""
    newest: dict[tuple[str, int], Result] = {(one["scenario"], one["rows"]): one for one in results}
    shown = list(newest.values())
    nights = {tuple(one["night"]["seconds"]): one for one in shown}  # one night may have several rivals
    parts = [
        INTRODUCTION, "## Figures\n", table(shown), "", *(_noise(one) for one in shown),
        "## Where the seconds go\n", *(_steps(one) for one in nights.values() if one["steps"]),
        REPEAT, "## Earlier results\n", _earlier(results),
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


INTRODUCTION = """# Benchmarks

Written by `make bench`; do not edit.

**P1, the night of vehicle positions.** The demo city's night, from `citypulse land` to the sealed edition, with only
its vehicle positions (CSV, GCJ-02; 3 % of the records stand twice, 3 % have something wrong in them) and its places
delivered. Beside it a rival: [`tests/bench/rival.py`](../tests/bench/rival.py), the DuckDB script one engineer would
write. It reads the same files, keeps every record with its file and position, applies the same rules, brings points to
WGS84 and into streets and kilometre cells, keeps each key once, and computes the same terms and values. It has no
ledger, no reruns, no late deliveries, no trust, no pages.

Before anything is timed, and after every round, the two must agree: records read, malformed, rejected by rule,
duplicate and superseded; every silver row by content; every flag; every value of the rival's indicators bit by bit
(the night computes more). They take turns, each round in a fresh lake.

**P3, all indicators.** The demo city's night at scale, with every source, is taken to the end of `quality`. Measured
are the two steps that follow, `fused` and `indicators`: every term from silver, then every value of every indicator
with its trust, in one process as Airflow submits them, in a fresh copy of that lake. Beside it one scan-and-aggregate
of silver.vehicle_positions alone ([`tests/bench/scan.py`](../tests/bench/scan.py)): ten exact sums by place and hour,
once in Spark, with the project's session but the JVM's whole compiler (the project's profile does without the second
one, which such a scan is slower without), from Delta to Delta; and once, for honesty, in DuckDB over the same parquet
files. The target is of the first. The ratio is without the starts of Spark sessions, which would flatter it. Before
anything is timed, and after every round, both scans must give the same sums, the night's terms must equal them where
both have them, every declared indicator must have values, and every round the same values.

**P4, rules.** The deliveries of P1, in two cities that differ in the rules of that table alone: twenty on rows and four
on the set ([`tests/bench/p4.py`](../tests/bench/p4.py)), or none at all, not even those of its contract. Compared are
`bronze` and `silver` with rules and without; and the `quality` step, which judges the set and reports the rows' rules
that were judged on the way, with stock great-expectations asked all twenty-four of the same silver with `SUMMARY`
([`tests/bench/stock.py`](../tests/bench/stock.py)). Seconds are those of the steps, without starts of sessions and the
import of great-expectations; processor seconds and memory are those of the whole commands. What both say of the set
must be the same.
"""
REPEAT = """## How to repeat

`make bench`, or `python -m tests.bench --scenario p3 --rows 1000000 --rounds 5` in the project's environment.
`make archive` once before it lays out Spark's classes and shortens the start of the session. Deliveries, lake and logs
lie in `.bench`. Times count from the start of the first command to the end of the last; processor seconds count every
process, those that outlive the command too, and Spark's workers, whom nobody waits for, as they were last seen; memory
is the highest sum of the proportional set sizes of all processes at once. Both are sampled four times a second. Ratios
are medians of the rounds' ratios.
"""


def _noise(one: Result) -> str:
    """On what, and how far the figures can be trusted: other work slows both, and raises processor seconds as well."""
    night, rival = (statistics.median(one[which]["others"]) for which in ("night", "rival"))
    compared = one.get("compared") or f"{one['values']:,} values"
    at, known = one["machine"], ", ".join(f"{name} {version}" for name, version in one["versions"].items())
    return (
        f"{one['scenario']}: measured {one['measured_at']} at {one['commit']}; {at['processor']}, {at['cores']} cores, "
        f"{at['memory_gib']} GiB, Linux {at['kernel']}; {known}. Other work kept {night:.1f} of the cores busy during "
        f"the night and {rival:.1f} during its rival; seconds mean little where that is not near 0. Night to rival in "
        f"processor seconds: {one['cpu_ratio']:.2f}. Compared: {compared}.\n"
    )


def _steps(one: Result) -> str:
    total = sum(seconds for name, seconds in one["steps"].items() if name != "session")
    lines = [
        f"{one['scenario'][:2]}, {one['rows']:,} rows, median of {len(one['night']['seconds'])} rounds:",
        "",
        "| step | s | share | |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {one['steps'][name]:.1f} | {one['steps'][name] / total:.0%} | {what} |"
        for name, what in STEPS.items() if name in one["steps"]
    ]  # fmt: skip
    rest = statistics.median(one["night"]["seconds"]) - total
    lines.append(f"| (outside the steps) | {rest:.1f} | | starts of the interpreter, end of the session |")
    return "\n".join(lines) + "\n"


def _earlier(results: Sequence[Result]) -> str:
    head = "| measured | scenario | commit | rows | night, s | rival, s | ratio | processor ratio |"
    lines = []
    for one in reversed(results):
        night, rival = (statistics.median(one[which]["seconds"]) for which in ("night", "rival"))
        cells = [one["measured_at"], one["scenario"], one["commit"], f"{one['rows']:,}", f"{night:.1f}", f"{rival:.1f}"]
        ratios = [f"{one['ratio']:.2f}", f"{one['cpu_ratio']:.2f}"]
        lines.append(f"| {' | '.join([*cells, *ratios])} |")
    return "\n".join([head, "|" + "---|" * (head.count("|") - 1), *lines])
