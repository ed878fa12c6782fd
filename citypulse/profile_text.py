"""A night's profile for people: three tables, then a line for each thing that could not be known."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from citypulse.profile import Part, Profile, Work

LARGEST = 8
"""How many tables of a step are shown; the others are added up."""
UNKNOWN = "unknown"


def lines(profile: Profile) -> Iterator[str]:
    """The profile as text, line by line."""
    yield from _parts(profile)
    if profile.work:
        yield ""
        yield from _work(profile.work)
    if profile.tables:
        yield ""
        yield from _tables(profile.tables)
    if profile.notes:
        yield ""
        yield from profile.notes


def plain(profile: Profile) -> dict[str, Any]:
    """The profile as JSON has it; the share of a part is of all seconds."""
    parts = [{**asdict(one), "share": _share(one, profile.seconds)} for one in profile.parts]
    return {**asdict(profile), "parts": parts}


def _share(part: Part, whole: float) -> float | None:
    return None if part.seconds is None or whole <= 0 else part.seconds / whole


def _parts(profile: Profile) -> Iterator[str]:
    yield f"{'part':<40}{'seconds':>10}{'share':>8}{'its CPU':>10}"
    for attempt, group in groupby(profile.parts, key=lambda one: one.attempt):
        if attempt:
            yield f"attempt {attempt}"
        for part in group:
            share = _share(part, profile.seconds)
            percent = UNKNOWN if share is None else f"{share:.1%}"
            name = f"  {part.what}" if attempt else part.what
            yield f"{name:<40}{_seconds(part.seconds):>10}{percent:>8}{_blank(part.cpu_s):>10}".rstrip()
    yield f"{'the night':<40}{_seconds(profile.seconds):>10}{'100.0%':>8}"


def _work(work: Sequence[Work]) -> Iterator[str]:
    yield (
        f"{'Spark, by step and job description':<64}{'seconds':>8}{'no task':>8}{'jobs':>6}{'stages':>7}{'tasks':>6}"
        f"{'run':>8}{'Python':>8}{'its CPU':>8}{'JVM CPU':>8}{'GC':>6}{'shuffle':>9}{'read':>9}{'written':>9}"
    )
    for one in work:
        name = f"  {one.about}" if one.about else one.step
        yield (
            f"{name if len(name) < 64 else name[:62] + '…':<64}{_seconds(one.seconds):>8}{_seconds(one.idle_s):>8}"
            f"{one.jobs:>6}{one.stages:>7}{one.tasks:>6}{one.run_s:>8.1f}{_blank(one.python_s):>8}"
            f"{_blank(one.python_cpu_s):>8}{one.jvm_cpu_s:>8.1f}{one.gc_s:>6.1f}"
            f"{_bytes(one.shuffled):>9}{_bytes(one.read):>9}{_bytes(one.written):>9}"
        )


def _tables(tables: Sequence[dict[str, Any]]) -> Iterator[str]:
    head = "tables, by step (of tasks several at once)"
    yield f"{head:<64}{'tasks':>8}{'CPU':>8}{'driver':>8}{'read':>10}{'written':>10}"
    for (_, step), group in groupby(tables, key=lambda row: (row["attempt"], row["step"])):
        rows = sorted(group, key=lambda row: -((row["seconds"] or 0.0) + (row["driver_s"] or 0.0)))
        for row in rows[:LARGEST]:
            yield _table(f"{step:<12}{row['table']}", row)
        if rest := rows[LARGEST:]:
            names = ("seconds", "cpu_s", "driver_s", "bytes_read", "bytes_written")
            yield _table(f"{step:<12}{len(rest)} more", {name: sum(row[name] or 0 for row in rest) for name in names})


def _table(name: str, row: dict[str, Any]) -> str:
    return (
        f"{name:<64}{_blank(row['seconds']):>8}{_blank(row['cpu_s']):>8}{_blank(row['driver_s']):>8}"
        f"{_bytes(row['bytes_read']):>10}{_bytes(row['bytes_written']):>10}"
    )


def _seconds(seconds: float | None) -> str:
    return UNKNOWN if seconds is None else f"{seconds:.1f}"


def _blank(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f}"


def _bytes(count: int | None) -> str:
    if count is None:
        return ""
    size, unit = float(count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 1000 or unit == "TB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
