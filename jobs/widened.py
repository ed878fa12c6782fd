"""A term as an interval: widened by the records that could belong to it, those lost and those that lie nowhere."""

from collections.abc import Mapping

from jobs import states
from jobs.bounds import UNBOUNDED, Interval
from schemas import City, Indicator


def interval(city: City, one: Indicator, name: str, alias: str) -> Interval:
    """The term `name` of rows `alias` (those of `missing.around`), as DOUBLE."""
    term = one.terms[name]
    n, more = f"coalesce({alias}.n, 0)::DOUBLE", _more(alias)
    low, high = _range(city, one, name)
    match term.kind:
        case "count" | "moments":
            return Interval(n, f"({n} + {more})")
        case "distinct":
            members = f"coalesce({alias}.members, 0)::DOUBLE"
            return Interval(members, f"({members} + {more})")
        case "sum":
            return _sum(alias, low, high)
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


def moments(city: City, one: Indicator, name: str, alias: str) -> Mapping[str, Interval]:
    """`x.n`, `x.sum` and `x.squares` of a moments term."""
    low, high = _range(city, one, name)
    squares, most = _state(alias, "squares"), f"greatest({low} * {low}, {high} * {high})"
    above = f"CASE WHEN {_more(alias)} = 0 THEN 0 ELSE {_more(alias)} * {most} END"
    return {
        f"{name}.n": interval(city, one, name, alias),
        f"{name}.sum": _sum(alias, low, high),
        f"{name}.squares": Interval(squares, f"({squares} + {above})"),
    }


def _more(alias: str) -> str:
    return f"({alias}.lost + {alias}.u_n)"


def _unit(state: str) -> str:
    """How many units of a state's last digit make one."""
    return f"1e{states.FINE if states.TYPES[state.removeprefix('u_')] == states.PRODUCT else states.SCALE}::DOUBLE"


def _state(alias: str, state: str) -> str:
    return f"(coalesce({alias}.{state}, 0)::DOUBLE / {_unit(state)})"


def _sum(alias: str, low: str, high: str) -> Interval:
    """A record without place adds what it says, or nothing; a lost one what its column may say, or nothing."""
    total, below, above = _state(alias, "total"), f"least({low}, 0)", f"greatest({high}, 0)"
    least = f"CASE WHEN {alias}.u_n = 0 OR {low} >= 0 THEN 0 ELSE {alias}.u_n * {below} END"
    theirs = _state(alias, "u_total")
    most = f"CASE WHEN {alias}.u_n = 0 THEN 0 WHEN {low} >= 0 THEN {theirs} ELSE {alias}.u_n * {above} END"
    lost = (f"CASE WHEN {alias}.lost = 0 THEN 0 ELSE {alias}.lost * {end} END" for end in (below, above))
    return Interval(*(f"({total} + {u} + {one})" for u, one in zip((least, most), lost, strict=True)))


def _range(city: City, one: Indicator, name: str) -> tuple[str, str]:
    """The ends of the column's valid range, as DOUBLE SQL; infinite where none is declared.

    Where the term is the whole value, what it averages lies in the indicator's range as well.
    """
    term = one.terms[name]
    valid = city.tables[term.table].columns[term.of].valid_range if term.of else None
    ends = [(float(valid[0]), float(valid[1]))] if valid else []
    if one.valid_range and (one.value or "").strip() == name:
        ends.append(one.valid_range)
    if not ends:
        return UNBOUNDED.low, UNBOUNDED.high
    return f"{max(low for low, _ in ends)!r}::DOUBLE", f"{min(high for _, high in ends)!r}::DOUBLE"
