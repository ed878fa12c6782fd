"""The other values that a value is made of: of other indicators, of the days of a longer period, of entities."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from jobs import needs, release
from jobs.behind import cell
from jobs.behind.cell import Cell, Made
from jobs.core import engine
from jobs.core.engine import literal
from schemas import Term

SHOWN = ("indicator", "level", "place", "period_kind", "period", "segment", "value")
Found = dict[str, Any]


def terms(made: Made) -> Iterator[Found]:
    """Of each term that looks at other indicators, and of what is taken of days or entities: the values it takes."""
    one, at = made.scope.one, made.cell
    if is_of_days(made):
        days = (
            f"period_kind = 'day' AND period_start BETWEEN DATE '{at.start}' AND DATE '{at.end}' AND {_same_place(at)}"
        )
        cells = _computed(made, one.id, days)
        yield {"name": "days", "kind": "values of days", "takes": needs.over_days(one), "values": cells}
    elif one.entity is not None and is_of_entities(made):
        takes = (one.rollup.place if one.rollup else None) or "max"
        yield {"name": one.entity.kind, "kind": "values of entities", "takes": takes, "values": _entities(made)}
    for name, term in [] if is_of_days(made) else one.terms.items():
        for look in term.looks:
            said: Found = {"name": name, "kind": term.kind, "indicator": look.table}
            said |= {"takes": look.take} if look.take else {}
            yield said | {"values": _looked_at(made, look)}


def is_of_days(made: Made) -> bool:
    """Whether the value is taken of the values of its days."""
    return needs.over_days(made.scope.one) is not None and made.cell.kind not in ("hour", "day")


def is_of_entities(made: Made) -> bool:
    """Whether the value of a place is taken of the values of its entities."""
    one = made.scope.one
    recomputed = one.rollup is not None and one.rollup.place == "recomputed"
    return one.entity is not None and made.cell.level != one.entity.kind and not recomputed and not is_of_days(made)


def _looked_at(made: Made, look: Term) -> list[Found]:
    at, kind = made.cell, literal(made.cell.kind)
    if look.trailing:
        first = at.end - timedelta(days=look.trailing.days - 1)
        span = f"period_start BETWEEN DATE '{first}' AND DATE '{at.end}'"
        return _computed(made, look.table, f"period_kind = 'day' AND {span} AND {_same_place(at)}")
    if look.level:
        inside = f"SELECT from_id FROM up WHERE from_level = {literal(look.level)} AND from_id <> 'unplaced'"
        inside += f" AND to_level = {literal(at.level)} AND to_id = {literal(at.place)}"
        when = f"period_kind = {kind} AND period = {literal(at.period)} AND segment = {literal(at.segment)}"
        return _computed(made, look.table, f"{when} AND level = {literal(look.level)} AND place IN ({inside})")
    period = literal(at.period)
    if look.when != "same":
        period = f"(SELECT before FROM before WHERE when_ = {literal(look.when)} AND period = {literal(at.period)})"
    found = _computed(made, look.table, f"period_kind = {kind} AND period = {period} AND {_same_place(at)}")
    return found or _told(made, look, f"period_kind = {kind} AND period = {period} AND {_same_place(at)}")


def _same_place(at: Cell) -> str:
    return f"level = {literal(at.level)} AND place = {literal(at.place)} AND segment = {literal(at.segment)}"


def _computed(made: Made, indicator: str, where: str, source: str = "computed") -> list[Found]:
    """Values that were made on the way; those of indicators of people as they were published."""
    sql = f"""
        SELECT {", ".join(SHOWN)}, period_start FROM {source} WHERE indicator = {literal(indicator)} AND {where}
        ORDER BY period_start, period, place"""
    found: list[Found] = engine.table(made.connection, sql).to_pylist()
    starts = [row.pop("period_start") for row in found]
    return _released(made, indicator, found, starts)


def _told(made: Made, look: Term, where: str) -> list[Found]:
    """What earlier editions said, of an indicator that looks at its own past."""
    return _computed(made, look.table, where, "told") if look.table == made.cell.indicator else []


def _entities(made: Made) -> list[Found]:
    at, one = made.cell, made.scope.one
    assert one.entity is not None
    sql = f"""
        SELECT {literal(one.id)} AS indicator, {literal(one.entity.kind)} AS level, v.entity_id AS place,
            {literal(at.kind)} AS period_kind, v.period, v.segment, v.value
        FROM entity_values AS v JOIN up AS u ON u.from_level = v.from_level AND u.from_id = v.place_id
        WHERE u.to_level = {literal(at.level)} AND u.to_id = {literal(at.place)} AND v.period = {literal(at.period)}
            AND v.segment = {literal(at.segment)} AND v.value IS NOT NULL ORDER BY v.entity_id"""
    found: list[Found] = engine.table(made.connection, sql).to_pylist()
    return _released(made, one.id, found, [at.start] * len(found))


def _released(made: Made, indicator: str, found: Sequence[Found], starts: Sequence[date]) -> list[Found]:
    """Of an indicator of people, what was published: a value that was not, or was withheld, is not shown."""
    known = made.vintage
    if known.city.file.release is None or indicator not in known.once("people", lambda: release.indicators(known.city)):
        return list(found)
    said: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for start in sorted({date(start.year, start.month, 1) for start in starts}):
        for row in cell.published(known, indicator, start, "true"):
            said[tuple(row[name] for name in SHOWN[:-1])] = row
    out = []
    for row in found:
        there = said.get(tuple(row[name] for name in SHOWN[:-1]))
        status = "not published" if there is None else there["status"]
        shown = there["value"] if there is not None and there["status"] != "withheld" else None
        out.append({**row, "value": shown, "status": status})
    return out
