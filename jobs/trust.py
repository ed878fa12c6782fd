"""Coverage and bounds of one indicator's values, through its formula or its method."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jobs import bounds, methods, missing
from jobs.bounds import Interval
from jobs.formula import Ratio
from schemas import City, Indicator

DEGREES = {"count": 1, "sum": 1, "mean": 0}
"""How a term grows with what reports; a highest, a lowest and a stock do not."""
TURNS = ("max", "min")
Method = Callable[[City, Indicator, Mapping[str, str], str], str]
"""An indicator's method as SQL, of its inputs and the day of observation."""


@dataclass(frozen=True)
class Part:
    """One term in the query: its relation, its exact value or (of another indicator) its DOUBLE, and its interval."""

    alias: str
    sql: str
    exact: Ratio | None
    interval: Interval
    is_register: bool = False


def coverage(one: Indicator, parts: Sequence[Part]) -> str:
    """The lowest of the terms'; a register is fully covered. A method, greatest(…) and least(…) go by what is due."""
    if all(part.is_register for part in parts):
        return "1.0::DOUBLE"
    ignores = one.value is None or one.value.strip().startswith(("greatest", "least"))
    each = [f"{p.alias}.coverage" if ignores else f"coalesce({p.alias}.coverage, 0)" for p in parts]
    return f"coalesce(least({', '.join(each)}), 0)::DOUBLE"


def inside(city: City, one: Indicator, parts: Mapping[str, Part], method: Method, observed: str) -> Interval:
    """Where the value lies, by the formula of the terms' intervals and the share of what was due that was heard."""
    if one.valid_range is None:
        return bounds.UNBOUNDED
    heard = [part for part in parts.values() if part.exact and not part.is_register]
    if one.value is None:
        return _by_method(city, one, parts, method, observed)
    constants = {
        "days": bounds.exactly("g.days::DOUBLE"),
        "valid_days": bounds.exactly("nullif(t0.days_known, 0)::DOUBLE"),
    }
    inner = bounds.carried(one.value, constants | {name: part.interval for name, part in parts.items()})
    if not heard:
        return inner
    share = f"least({', '.join(f'coalesce({part.alias}.share, 0)' for part in heard)})"
    return bounds.shared(inner, share, _degree(one, parts), one.valid_range, _rises(one))


def _degree(one: Indicator, parts: Mapping[str, Part]) -> int | None:
    """None as well where several tables are missing different shares: a ratio of them may go either way."""
    tables = {one.terms[name].table for name, part in parts.items() if part.exact and not part.is_register}
    if len(tables) > 1:
        return None
    known = {name: 0 if part.is_register else DEGREES.get(one.terms[name].kind) for name, part in parts.items()}
    return bounds.degree(one.value or "", known | {"days": 0, "valid_days": 0})


def _rises(one: Indicator) -> str | None:
    """`max` or `min` where the value is a single such term, scaled by a positive number at most."""
    kinds = {term.kind for term in one.terms.values()}
    turn = next(iter(kinds)) if len(kinds) == 1 else ""
    return turn if turn in TURNS and one.value is not None and "-" not in one.value and len(one.terms) == 1 else None


def bounded(city: City, one: Indicator, name: str, sql: str) -> str:
    """A term's rows with `lo` and `hi`: widened by the records it may lack, and for a method by the share as well."""
    ends = missing.interval(city, one, name, "t")
    if one.value is None and name in _rising(one):
        ends = _at_input(city, one, name, ends)
    return f"SELECT t.*, {ends.low} AS lo, {ends.high} AS hi FROM ({sql}) AS t"


def _at_input(city: City, one: Indicator, name: str, inner: Interval) -> Interval:
    """A method's input with everything that is missing of it; NULL where nothing of it is due."""
    kind, ends, out = one.terms[name].kind, _domain(city, one, name), []
    for mine, end, stays in zip((inner.low, inner.high), ends, (kind == "max", kind == "min"), strict=True):
        mixed = mine if stays else f"t.share * {mine} + (1 - t.share) * {end}" if kind == "mean" else end
        at = f"coalesce(CASE WHEN t.share = 1 THEN {mine} ELSE {mixed} END, {end})"
        out.append(f"CASE WHEN t.share IS NOT NULL THEN least({ends[1]}, greatest({ends[0]}, {at}))::DECIMAL(38,9) END")
    return Interval(*out)


def _domain(city: City, one: Indicator, name: str) -> tuple[str, str]:
    """Between which ends an input changes the method's value and its column allows it; as DOUBLE SQL."""
    low, high = _rising(one)[name]
    term = one.terms[name]
    valid = city.tables[term.table].columns[term.of].valid_range if term.of else None
    if valid:
        low, high = max(low, min(float(valid[0]), high)), min(high, max(float(valid[1]), low))
    return f"{float(low)!r}::DOUBLE", f"{float(high)!r}::DOUBLE"


def _by_method(city: City, one: Indicator, parts: Mapping[str, Part], method: Method, observed: str) -> Interval:
    """The method at the lowest and at the highest inputs where it rises with each; else anything valid."""
    if not set(parts) <= set(_rising(one)):
        return bounds.UNBOUNDED
    lows, highs = ({name: getattr(part.interval, end) for name, part in parts.items()} for end in ("low", "high"))
    return Interval(*(method(city, one, ends, observed) for ends in (lows, highs)))


def _rising(one: Indicator) -> Mapping[str, tuple[float, float]]:
    """The method's inputs with which it never falls, each with the ends beyond which it stays the same."""
    found: Mapping[str, tuple[float, float]] = getattr(methods.find(one.method or ""), "RISES_WITH", {})
    return found
