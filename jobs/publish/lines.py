"""What the edition says of one indicator at every place and period that pages show, without saying anything twice.

A line stands for the periods of an axis, oldest first. `state` has a letter a period: f final, p provisional,
s stale, w withheld, u unknown, and a point where the edition has no record. What is the same in every record of a line
stands once instead of in a list. A withheld value is not handed on.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from jobs.publish import Value, exports
from jobs.publish.reading import At, Book, state_of

Json = dict[str, Any]


def rows_of(values: Sequence[Value]) -> Mapping[int, int]:
    """Where each value stands in `values.json`, and among the leaves of the seal's section `values`, counted from 0."""
    return {id(row): place for place, row in enumerate(exports.ordered(list(values)))}


def entry(book: Book, indicator: str, rows: Mapping[int, int]) -> Json:
    """Everything that is told of an indicator.

    `reasons`, `editions` and `versions` are lists of texts, and a line has the places in them. `row` counts from the
    row before it: the first is where the line's first record stands in `values.json`. `breaks` are its own, and those
    of its places.
    """
    kind, _ = book.current(indicator)
    reasons, editions, versions = dict[str, int](), dict[str, int](), dict[str, int]()
    lines = {}
    for place in book.places:
        there = book.there(indicator, place, kind)
        if there:
            lines[place] = _line(len(book.axis(kind)), there, rows, (reasons, editions, versions))
    about = book.data.indicators[indicator]
    broken = [
        {key: one[key] for key in ("day", "kind", "place", "detail")}
        for one in book.data.breaks
        if one["indicator"] in (None, indicator) and (one["place"] is None or one["place"] in lines)
    ]
    return {
        "about": {key: about[key] for key in ("question", "does_not_say", "owner", "face", "target", "levels")},
        "reasons": list(reasons),
        "editions": list(editions),
        "versions": list(versions),
        "lines": lines,
        "breaks": broken,
    }


def spark(book: Book, indicator: str, place: str) -> Json | None:
    """The last days as they are drawn: four digits, which no page prints as a number. None when no day is known."""
    there = book.there(indicator, place, "day")
    told = [(at, _told(record, "value")) for at, record in there]
    if all(value is None for _, value in told):
        return None
    size = len(book.axis("day"))
    drawn = [(at, None if value is None else float(f"{value:.4g}")) for at, value in told]
    return {"value": _spread(size, drawn), "state": _states(size, there)}


def _line(size: int, there: Sequence[At], rows: Mapping[int, int], words: tuple[dict[str, int], ...]) -> Json:
    reasons, editions, versions = words
    made: Json = {"state": _states(size, there)}
    ends = {key: [_told(record, key) for _, record in there] for key in ("value", "low", "high")}
    kept = ends if any(ends[key] != ends["value"] for key in ("low", "high")) else {"value": ends["value"]}
    made |= {key: _spread(size, zip(_places(there), values, strict=True)) for key, values in kept.items()}
    made["grade"] = "".join(_spread(size, [(at, record["grade"] or ".") for at, record in there], "."))
    said: dict[str, list[Any]] = {
        "coverage": [record["coverage"] for _, record in there],
        "records": [record["n_records"] for _, record in there],
        "said": [editions.setdefault(record["edition"], len(editions)) for _, record in there],
        "version": [versions.setdefault(record["definition_version"], len(versions)) for _, record in there],
        "why": [[reasons.setdefault(text, len(reasons)) for text in record["reasons"]] for _, record in there],
    }
    for key, values in said.items():
        is_even = key != "why" and all(value == values[0] for value in values)
        if any(value not in (None, []) for value in values):
            made[key] = values[0] if is_even else _spread(size, zip(_places(there), values, strict=True))
    found = [rows[id(record)] for _, record in there]
    made["row"] = [now - before for before, now in zip([0, *found], found, strict=False)]
    return made


def _told(record: Value, key: Literal["value", "low", "high"]) -> float | None:
    """A number of a record that may be shown. Raises ValueError for a status nobody knows."""
    return None if state_of(record) in ("withheld", "unknown") else record[key]


def _states(size: int, there: Sequence[At]) -> str:
    return "".join(_spread(size, [(at, state_of(record)[0]) for at, record in there], "."))


def _places(there: Sequence[At]) -> list[int]:
    return [at for at, _ in there]


def _spread(size: int, found: Iterable[tuple[int, Any]], nothing: Any = None) -> list[Any]:
    """A list over the axis, with nothing where nothing was found."""
    made = [nothing] * size
    for at, value in found:
        made[at] = value
    return made
