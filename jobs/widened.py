"""A term as an interval: widened by the records that could belong to it, those lost and those that lie nowhere.

The rows are those of `parts` (jobs/parts.py): `range_low` and `range_high` are the ends of what one record may say,
infinite where nothing is declared.
"""

import math
from collections.abc import Mapping, Set

from jobs import states
from jobs.bounds import UNBOUNDED, Interval
from schemas import City, Indicator

KINDS = ("count", "sum", "mean", "max", "min", "distinct", "moments")
"""Kinds of term that an interval is known of; of any other, none but the value itself where no record is missing."""


def limits(city: City, one: Indicator, name: str) -> tuple[float, float]:
    """The ends of the column's valid range; infinite where none is declared.

    Where the term is the whole value, what it averages lies in the indicator's range as well.
    """
    term = one.terms[name]
    valid = city.tables[term.table].columns[term.of].valid_range if term.of else None
    ends = [(float(valid[0]), float(valid[1]))] if valid else []
    if one.valid_range and (one.value or "").strip() == name:
        ends.append(one.valid_range)
    if not ends:
        return -math.inf, math.inf
    return max(low for low, _ in ends), min(high for _, high in ends)


def columns(alias: str, kinds: Set[str]) -> Mapping[str, str]:
    """`lo` and `hi` of rows of these kinds, as DOUBLE; of moments those of their sum and squares as well."""
    found: dict[str, str] = {}
    for end in ("low", "high"):
        each = [f"WHEN '{kind}' THEN {getattr(interval(kind, alias), end)}" for kind in KINDS if kind in kinds]
        unbounded = getattr(UNBOUNDED, end)
        found[end[:2]] = f"CASE {alias}.kind {' '.join(each)} ELSE {unbounded} END" if each else unbounded
    if "moments" in kinds:
        for state, of in (("sum", _sum(alias)), ("squares", _squares(alias))):
            for short, end in (("lo", of.low), ("hi", of.high)):
                found[f"{short}_{state}"] = f"CASE WHEN {alias}.kind = 'moments' THEN {end} END"
    return found


def interval(kind: str, alias: str) -> Interval:
    """A term of a kind, of rows `alias`, as DOUBLE."""
    n, more = f"coalesce({alias}.n, 0)::DOUBLE", _more(alias)
    low, high = f"{alias}.range_low", f"{alias}.range_high"
    match kind:
        case "count" | "moments":
            return Interval(n, f"({n} + {more})")
        case "distinct":
            members = f"coalesce({alias}.members, 0)::DOUBLE"
            return Interval(members, f"({members} + {more})")
        case "sum":
            return _sum(alias)
        case "mean":
            mean = [f"({_state(alias, 'total')} + {more} * {end}) / nullif({n} + {more}, 0)" for end in (low, high)]
            known = f"{_state(alias, 'total')} / nullif({n}, 0)"
            return Interval(*(f"CASE WHEN {more} = 0 THEN {known} ELSE {one_end} END" for one_end in mean))
        case "max":
            mine, theirs = f"{alias}.high::DOUBLE / {_unit('high')}", f"{alias}.u_high::DOUBLE / {_unit('high')}"
            return Interval(mine, f"CASE WHEN {alias}.lost > 0 THEN {high} ELSE greatest({mine}, {theirs}) END")
        case "min":
            mine, theirs = f"{alias}.low::DOUBLE / {_unit('low')}", f"{alias}.u_low::DOUBLE / {_unit('low')}"
            return Interval(f"CASE WHEN {alias}.lost > 0 THEN {low} ELSE least({mine}, {theirs}) END", mine)
    return UNBOUNDED


def complete(inner: Interval, value: str, alias: str) -> Interval:
    """The value itself where no record is missing: of a stock, a percentile, a share of time nothing else is known."""
    return Interval(*(f"CASE WHEN {_more(alias)} = 0 THEN {value} ELSE {end} END" for end in (inner.low, inner.high)))


def _more(alias: str) -> str:
    return f"({alias}.lost + {alias}.u_n)"


def _unit(state: str) -> str:
    """How many units of a state's last digit make one."""
    return f"1e{states.FINE if states.TYPES[state.removeprefix('u_')] == states.PRODUCT else states.SCALE}::DOUBLE"


def _state(alias: str, state: str) -> str:
    return f"(coalesce({alias}.{state}, 0)::DOUBLE / {_unit(state)})"


def _sum(alias: str) -> Interval:
    """A record without place adds what it says, or nothing; a lost one what its column may say, or nothing."""
    low, high = f"{alias}.range_low", f"{alias}.range_high"
    total, below, above = _state(alias, "total"), f"least({low}, 0)", f"greatest({high}, 0)"
    least = f"CASE WHEN {alias}.u_n = 0 OR {low} >= 0 THEN 0 ELSE {alias}.u_n * {below} END"
    theirs = _state(alias, "u_total")
    most = f"CASE WHEN {alias}.u_n = 0 THEN 0 WHEN {low} >= 0 THEN {theirs} ELSE {alias}.u_n * {above} END"
    lost = (f"CASE WHEN {alias}.lost = 0 THEN 0 ELSE {alias}.lost * {end} END" for end in (below, above))
    return Interval(*(f"({total} + {u} + {one})" for u, one in zip((least, most), lost, strict=True)))


def _squares(alias: str) -> Interval:
    """A record adds its square at most as large as that of the farther end of its range."""
    squares, more = _state(alias, "squares"), _more(alias)
    most = f"greatest({alias}.range_low * {alias}.range_low, {alias}.range_high * {alias}.range_high)"
    return Interval(squares, f"({squares} + CASE WHEN {more} = 0 THEN 0 ELSE {more} * {most} END)")
