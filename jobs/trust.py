"""Coverage and bounds of one indicator's values, through its formula or its method."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jobs import bounds, methods, widened
from jobs.bounds import Interval
from jobs.core.staged import Staged
from jobs.formula import Ratio
from jobs.scope import Scope
from schemas import City, Indicator

DEGREES = {"count": 1, "sum": 1, "moments": 1, "mean": 0, "time_share": 0, "weighted_mean": 0}
"""How a term grows with what reports; a highest, a lowest, a percentile and a stock do neither."""
RISES = {"max": "max", "min": "min", "distinct": "max"}
"""Kinds of term that what is missing can only raise, or lower."""
PARTS = ("n", "sum", "squares")


@dataclass(frozen=True)
class Part:
    """One term in the query: its relation, and its exact value or (of another indicator) its DOUBLE or list.

    Its interval stands in the relation: `lo`, `hi` of a term (jobs/parts.py), `low`, `high` of another indicator.
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


def interval(staged: Staged, city: City, one: Indicator, name: str, part: Part) -> Interval:
    """Where a term lies, as columns of `staged`; for a method by the share that was heard as well."""
    term, alias = one.terms[name], part.alias
    if part.is_other:
        ends = Interval(f"{alias}.low", f"{alias}.high")
    elif part.is_register:
        assert part.exact is not None
        ends = bounds.exactly(part.exact.sql())
    else:
        ends = Interval(f"{alias}.lo", f"{alias}.hi")
        if term.kind not in widened.KINDS:
            assert part.exact is not None
            ends = widened.complete(ends, part.exact.sql(), alias)
        if one.value is None and name in rising(one):
            ends = _at_input(city, one, name, ends, alias)
    if one.value is None and name in rising(one):
        domain = _domain(city, one, name)
        known = (f"CASE WHEN {end} IS NOT NULL THEN {_clipped(end, domain)} END" for end in (ends.low, ends.high))
        ends = Interval(*known)
    return Interval(staged.put(ends.low), staged.put(ends.high))


def inside(staged: Staged, scope: Scope, parts: Mapping[str, Part]) -> Interval:
    """Where the value of a formula lies: by its terms' intervals and the share of what was due that was heard."""
    one = scope.one
    if one.valid_range is None or one.value is None:
        return bounds.UNBOUNDED
    ends = {name: interval(staged, scope.city, one, name, part) for name, part in parts.items()}
    for name, part in parts.items():
        if one.terms[name].kind == "moments":
            own = {p: (f"{part.alias}.lo_{p}", f"{part.alias}.hi_{p}") for p in ("sum", "squares")}
            ends |= {f"{name}.{p}": Interval(*(staged.put(end) for end in both)) for p, both in own.items()}
            ends[f"{name}.n"] = ends[name]
    inner = bounds.carried(staged, one.value, _constants(staged, one) | ends, scope.city.meaning(one).scales)
    heard = [part for part in parts.values() if part.is_heard]
    if not heard:
        return inner
    share = staged.put(f"least({', '.join(f'coalesce({part.alias}.share, 0)' for part in heard)})")
    made = bounds.shared(inner, share, _degree(one, parts), "least", "most", _rises(one))
    return Interval(*(staged.put(end, inner.low, inner.high, share) for end in (made.low, made.high)))


def _constants(staged: Staged, one: Indicator) -> dict[str, Interval]:
    found = {"days": "g.days::DOUBLE", "valid_days": "nullif(t0.days_known, 0)::DOUBLE"}
    out = {name: bounds.exactly(staged.put(sql)) for name, sql in found.items() if name in (one.value or "")}
    numbers = {name: p.number for name, p in one.parameters.items() if p.number is not None}
    return out | {name: bounds.exactly(f"{number}::DOUBLE") for name, number in numbers.items()}


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


def _at_input(city: City, one: Indicator, name: str, inner: Interval, alias: str) -> Interval:
    """A method's input with everything that is missing of it; NULL where nothing of it is due."""
    kind, ends, out = one.terms[name].kind, _domain(city, one, name), []
    share = f"{alias}.share"
    for mine, end, stays in zip((inner.low, inner.high), ends, (kind == "max", kind == "min"), strict=True):
        mixed = mine if stays else f"{share} * {mine} + (1 - {share}) * {end}" if DEGREES.get(kind) == 0 else end
        at = f"coalesce(CASE WHEN {share} = 1 THEN {mine} ELSE {mixed} END, {end})"
        out.append(f"CASE WHEN {share} IS NOT NULL THEN {at} END")
    return Interval(*out)


def _clipped(sql: str, ends: tuple[str, str]) -> str:
    return f"least({ends[1]}, greatest({ends[0]}, {sql}))::DECIMAL(38,9)"


def _domain(city: City, one: Indicator, name: str) -> tuple[str, str]:
    """Between which ends an input changes the method's value and its column allows it; as DOUBLE SQL."""
    low, high = rising(one)[name]
    term = one.terms[name]
    valid = city.tables[term.table].columns[term.of].valid_range if term.of else None
    if valid:
        low, high = max(low, min(float(valid[0]), high)), min(high, max(float(valid[1]), low))
    return f"{float(low)!r}::DOUBLE", f"{float(high)!r}::DOUBLE"


def rising(one: Indicator) -> Mapping[str, tuple[float, float]]:
    """The method's inputs with which it never falls, each with the ends beyond which it stays the same."""
    method = methods.find(one.method or "")
    return method.rises_with if one.output in (None, method.outputs[0]) else {}
