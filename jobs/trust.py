"""Coverage and bounds of one indicator's values, through its formula or its method."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jobs import bounds, methods, widened
from jobs.bounds import Interval
from jobs.formula import Ratio
from jobs.scope import Scope
from schemas import City, Indicator

DEGREES = {"count": 1, "sum": 1, "moments": 1, "mean": 0, "time_share": 0, "weighted_mean": 0}
"""How a term grows with what reports; a highest, a lowest, a percentile and a stock do neither."""
RISES = {"max": "max", "min": "min", "distinct": "max"}
"""Kinds of term that what is missing can only raise, or lower."""
FORMULA = ("count", "sum", "mean", "max", "min", "distinct", "moments")
PARTS = ("n", "sum", "squares")
Method = Callable[[City, Indicator, Mapping[str, str], str], str]
"""An indicator's method as SQL, of its inputs and the day of observation."""


@dataclass(frozen=True)
class Part:
    """One term in the query: its relation, and its exact value or (of another indicator) its DOUBLE or list.

    Its interval stands in the relation: `lo`, `hi` of a term, `low`, `high` of another indicator.
    """

    alias: str
    sql: str
    exact: Ratio | None
    is_register: bool = False
    is_other: bool = False

    @property
    def is_heard(self) -> bool:
        """Whether it has a share of its own that was heard."""
        return not self.is_register and not self.is_other


def coverage(one: Indicator, parts: Sequence[Part]) -> str:
    """The lowest of the terms'; a register is fully covered. A method, greatest(…) and least(…) go by what is due."""
    if all(part.is_register for part in parts):
        return "1.0::DOUBLE"
    ignores = one.value is None or one.value.strip().startswith(("greatest", "least"))
    each = [f"{p.alias}.coverage" if ignores else f"coalesce({p.alias}.coverage, 0)" for p in parts]
    return f"coalesce(least({', '.join(each)}), 0)::DOUBLE"


def bounded(scope: Scope, name: str, sql: str, exact: Ratio) -> str:
    """A term's rows with `lo` and `hi`: widened by the records it may lack, and for a method by the share as well.

    `exact` is its value over rows `t`.
    """
    city, one = scope.city, scope.one
    term = one.terms[name]
    ends = widened.interval(city, one, name, "t")
    if term.kind not in FORMULA:
        ends = widened.complete(ends, exact.sql(), "t")
    if one.value is None and name in _rising(one):
        ends = _at_input(city, one, name, ends)
    more = ""
    if term.kind == "moments":
        made = widened.moments(city, one, name, "t")
        more = "".join(
            f", {made[f'{name}.{part}'].low} AS lo_{part}, {made[f'{name}.{part}'].high} AS hi_{part}" for part in PARTS
        )
    return f"SELECT t.*, {ends.low} AS lo, {ends.high} AS hi{more} FROM ({sql}) AS t"


def inside(scope: Scope, parts: Mapping[str, Part], method: Method, observed: str) -> Interval:
    """Where the value lies, by the formula of the terms' intervals and the share of what was due that was heard."""
    one = scope.one
    if one.valid_range is None:
        return bounds.UNBOUNDED
    if one.value is None:
        return _by_method(scope, parts, method, observed)
    scales = scope.city.meaning(one).scales
    inner = bounds.carried(one.value, _constants(one) | _intervals(one, parts), scales)
    heard = [part for part in parts.values() if part.is_heard]
    if not heard:
        return inner
    share = f"least({', '.join(f'coalesce({part.alias}.share, 0)' for part in heard)})"
    return bounds.shared(inner, share, _degree(one, parts), one.valid_range, _rises(one))


def _constants(one: Indicator) -> dict[str, Interval]:
    found = {"days": "g.days::DOUBLE", "valid_days": "nullif(t0.days_known, 0)::DOUBLE"}
    found |= {name: f"{p.number}::DOUBLE" for name, p in one.parameters.items() if p.number is not None}
    return {name: bounds.exactly(sql) for name, sql in found.items()}


def _intervals(one: Indicator, parts: Mapping[str, Part]) -> dict[str, Interval]:
    out: dict[str, Interval] = {}
    for name, part in parts.items():
        if part.is_register and part.exact:
            out[name] = bounds.exactly(part.exact.sql())
        elif part.is_other:
            out[name] = Interval(f"{part.alias}.low", f"{part.alias}.high")
        else:
            out[name] = Interval(f"{part.alias}.lo", f"{part.alias}.hi")
        if one.terms[name].kind == "moments":
            ends = {p: Interval(f"{part.alias}.lo_{p}", f"{part.alias}.hi_{p}") for p in PARTS}
            out |= {f"{name}.{p}": interval for p, interval in ends.items()}
    return out


def _degree(one: Indicator, parts: Mapping[str, Part]) -> int | None:
    """None as well where several tables are missing different shares: a ratio of them may go either way."""
    if len({one.terms[name].table for name, part in parts.items() if part.is_heard}) > 1:
        return None
    known: dict[str, int | None] = dict.fromkeys(("days", "valid_days", *one.parameters), 0)
    for name, part in parts.items():
        known[name] = DEGREES.get(one.terms[name].kind) if part.is_heard else 0
        known |= {f"{name}.{p}": known[name] for p in PARTS}
    return bounds.degree(one.value or "", known)


def _rises(one: Indicator) -> str | None:
    """`max` or `min` where the value is one such term, scaled by a positive number at most."""
    if len(one.terms) != 1 or one.value is None or "-" in one.value:
        return None
    return RISES.get(next(iter(one.terms.values())).kind)


def _at_input(city: City, one: Indicator, name: str, inner: Interval) -> Interval:
    """A method's input with everything that is missing of it; NULL where nothing of it is due."""
    kind, ends, out = one.terms[name].kind, _domain(city, one, name), []
    for mine, end, stays in zip((inner.low, inner.high), ends, (kind == "max", kind == "min"), strict=True):
        mixed = mine if stays else f"t.share * {mine} + (1 - t.share) * {end}" if DEGREES.get(kind) == 0 else end
        at = f"coalesce(CASE WHEN t.share = 1 THEN {mine} ELSE {mixed} END, {end})"
        out.append(f"CASE WHEN t.share IS NOT NULL THEN {_clipped(at, ends)} END")
    return Interval(*out)


def _clipped(sql: str, ends: tuple[str, str]) -> str:
    return f"least({ends[1]}, greatest({ends[0]}, {sql}))::DECIMAL(38,9)"


def _domain(city: City, one: Indicator, name: str) -> tuple[str, str]:
    """Between which ends an input changes the method's value and its column allows it; as DOUBLE SQL."""
    low, high = _rising(one)[name]
    term = one.terms[name]
    valid = city.tables[term.table].columns[term.of].valid_range if term.of else None
    if valid:
        low, high = max(low, min(float(valid[0]), high)), min(high, max(float(valid[1]), low))
    return f"{float(low)!r}::DOUBLE", f"{float(high)!r}::DOUBLE"


def _by_method(scope: Scope, parts: Mapping[str, Part], method: Method, observed: str) -> Interval:
    """The method at the lowest and at the highest inputs where it rises with each; else anything valid."""
    city, one = scope.city, scope.one
    if not set(parts) <= set(_rising(one)):
        return bounds.UNBOUNDED
    lows, highs = {}, {}
    for name, part in parts.items():
        low, high = ("low", "high") if part.is_other else ("lo", "hi")
        ends = _domain(city, one, name)
        lows[name], highs[name] = (
            f"CASE WHEN {part.alias}.{end} IS NOT NULL THEN {_clipped(f'{part.alias}.{end}', ends)} END"
            for end in (low, high)
        )
    return Interval(*(method(city, one, ends_of, observed) for ends_of in (lows, highs)))


def _rising(one: Indicator) -> Mapping[str, tuple[float, float]]:
    """The method's inputs with which it never falls, each with the ends beyond which it stays the same."""
    method = methods.find(one.method or "")
    return method.rises_with if one.output in (None, method.outputs[0]) else {}
