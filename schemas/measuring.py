"""What a term measures: its unit and kind from the contract of its table, or why it makes no sense."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from schemas.quantities import WHY_NOT, A, Kind, Measure, Refused, outside
from schemas.table import Column, Table
from schemas.term import Term
from schemas.units import ONE, Unit, UnitError, parse

if TYPE_CHECKING:
    from schemas.indicator import Indicator

NUMBERS = ("sum", "mean", "min", "max", "moments", "last", "first", "percentile", "weighted_mean")
_RATES = {
    "mean": "mean of rates: {of!r} was divided by its reporter already; take weighted_mean with the denominator as "
    "weight, or divide sums",
    "moments": "moments of rates: {of!r} was divided by its reporter already; use what it was made of",
    "percentile": "percentile of averages: {of!r} is an average or a share already; take the single values",
    "sum": "sum of rates: {of!r} was divided by its reporter already, and shares do not add up",
    "last": "{kind} of a rate: over places it would be added up; take weighted_mean with its denominator",
}
_RATES["first"] = _RATES["last"]


def measured(term: Term, label: str, table: Table, by_entity: bool) -> Measure:
    """The unit and kind of a term over a table. Raises Refused, the label being the key."""

    def refuse(text: str) -> Refused:
        return Refused(label, text)

    _columns_exist(term, table, refuse)
    _stands(term, table, refuse)
    if term.kind == "count":
        if table.records is None:
            raise refuse(f"count of {term.table}: its contract does not say what a row is; add records: there")
        return Measure(_unit(table.records, refuse), "stock" if table.kind == "register" else "flow")
    if term.kind == "time_share":
        if not table.is_time(term.at or table.date):
            raise refuse(f"time_share needs a time of day, and {term.at or table.date!r} of {term.table} is a date")
        return Measure(ONE, "ratio")
    if term.fields:
        return Measure(ONE, "index")
    column = table.columns[term.of or ""]
    if term.kind == "distinct":
        return Measure(_identified(term, column, refuse), "distinct")
    _number(term, table, column, refuse)
    return _aggregated(term, table, column, by_entity, refuse)


def _stands(term: Term, table: Table, refuse: Callable[[str], Refused]) -> None:
    """What is not made of a register is refused, not answered with nothing."""
    for key in ("place", "entity"):
        if table.kind == "register" and getattr(term, key):
            raise refuse(f"{key}: rows of the register {term.table} stand where they lie, and for themselves")


def _aggregated(term: Term, table: Table, column: Column, by_entity: bool, refuse: Callable[[str], Refused]) -> Measure:
    """A number column, aggregated."""
    unit = _unit(column.unit or "", refuse)
    if column.quantity == "rate" and term.kind in _RATES and not (by_entity and term.kind in ("last", "first")):
        raise refuse(_RATES[term.kind].format(of=term.of, kind=term.kind))
    match term.kind:
        case "sum":
            return _sum(term, table, column, unit, refuse)
        case "last" | "first":
            return _at_one_time(term, column, unit, by_entity, refuse)
        case "min" | "max":
            return Measure(unit, "extreme", lowest=term.kind == "min")
        case "percentile":
            return Measure(unit, "order_statistic")
        case "weighted_mean":
            _weight(term, table, refuse)
        case "rows":
            return Measure(unit, "index")
    return Measure(unit, "mean")


def _sum(term: Term, table: Table, column: Column, unit: Unit, refuse: Callable[[str], Refused]) -> Measure:
    is_register, what = table.kind == "register", column.quantity
    if term.over is None:
        if what == "measurement":
            raise refuse(f"sum of a measurement: readings of {term.of!r} do not add up; take mean, or say over: hour")
        if what == "stock" and not is_register:
            raise refuse(
                f"sum of a stock: {term.of!r} stands at a time and does not add up over days; say over: day "
                "(or hour), which gives stock × time, and divide by days"
            )
        return Measure(unit, "stock" if is_register else "flow")
    if is_register:
        raise refuse(f"over: {term.over}: rows of the register {term.table} hold throughout; multiply by days")
    if what == "flow":
        raise refuse(f"over: {term.over}: {term.of!r} is a flow, which has its time in it already; leave over out")
    if table.reporters and table.reporters.every != term.over:
        raise refuse(f"over: {term.over}: {term.table} is reported every {table.reporters.every}; say that")
    if unit.has_own_zero:
        raise refuse(f"over: {term.over}: {unit} has its own zero and is not multiplied by time")
    return Measure(unit * parse(term.over), "exposure")


def _at_one_time(term: Term, column: Column, unit: Unit, by_entity: bool, refuse: Callable[[str], Refused]) -> Measure:
    if column.quantity == "flow":
        raise refuse(f"{term.kind} of a flow: {term.of!r} is counted over a period; sum it")
    if column.quantity == "measurement" and not by_entity:
        raise refuse(
            f"{term.kind} of a measurement: over places {term.of!r} would be added up; take mean, or make the value "
            "by entity:"
        )
    return Measure(unit, "stock" if column.quantity == "stock" else "mean")


def _weight(term: Term, table: Table, refuse: Callable[[str], Refused]) -> None:
    weight = table.columns[term.weight or ""]
    if not weight.is_number or weight.quantity not in ("flow", "stock"):
        raise refuse(f"weight {term.weight!r} is {weight.quantity or weight.type}; what weighs is a flow or a stock")
    if term.weight == term.of:
        raise refuse(f"weight: {term.of!r} weighs itself")


def _columns_exist(term: Term, table: Table, refuse: Callable[[str], Refused]) -> None:
    there = ", ".join(table.columns)
    for key in ("of", "weight", "at", "place", "entity"):
        name = getattr(term, key)
        if name is not None and name not in table.columns:
            said = "" if key == "of" else f"{key}: "
            raise refuse(f"{said}column {name!r} does not exist in {term.table}; it has: {there}")
    for name in term.columns:
        if name not in table.stored:
            raise refuse(f"column {name!r} is not kept in {term.table}; it has: {', '.join(table.stored)}")
    if term.at and table.columns[term.at].type not in ("date", "event_time"):
        raise refuse(f"at: {term.at!r} is {table.columns[term.at].type}, not a date or an event_time")
    if term.at and table.kind == "register":
        raise refuse(f"at: rows of the register {term.table} are dated by when they hold")
    if term.place and table.columns[term.place].type != "string":
        raise refuse(f"place: {term.place!r} is {table.columns[term.place].type}; a place is named by a text")


def _number(term: Term, table: Table, column: Column, refuse: Callable[[str], Refused]) -> None:
    if not column.is_number:
        raise refuse(f"{term.kind} of {term.of!r}: it is {column.type}, not a number")
    if column.quantity == "identifier":
        raise refuse(f"{term.kind} of {term.of!r}: it is an identifier; count it, or count distinct ones")
    if column.quantity is None:
        raise refuse(
            f"{term.kind} of {term.of!r}: the contract of {term.table} does not say what it is; add quantity: flow, "
            "stock, measurement or rate there"
        )


def _identified(term: Term, column: Column, refuse: Callable[[str], Refused]) -> Unit:
    if column.quantity != "identifier" or column.unit is None:
        raise refuse(
            f"distinct of {term.of!r}: the contract does not say that it identifies something; "
            "add quantity: identifier and unit: there"
        )
    return _unit(column.unit, refuse)


def _unit(text: str, refuse: Callable[[str], Refused]) -> Unit:
    try:
        return parse(text)
    except UnitError as error:
        raise refuse(str(error)) from None


def seen(term: Term, label: str, one: "Indicator", other: "Indicator", kind: Kind) -> Measure:
    """The unit and kind of another indicator's value as a term looks at it. Raises Refused."""
    lacking = [period for period in one.periods if period not in other.periods]
    who, me = f"{other.id} has no", other.id == one.id
    if me and (term.when == "same" or term.trailing or term.across):
        raise Refused(label, f"{one.id} refers to itself at the same period; it may at another: when: previous")
    if me and term.when == "previous" and "hour" in one.periods:
        raise Refused(
            label, f"{one.id} refers to itself an hour before; days are made one after another, hours are not"
        )
    if term.trailing:
        if "day" not in other.periods:
            raise Refused(label, f"trailing takes days, and {who} day values; its periods: {', '.join(other.periods)}")
    elif lacking:
        raise Refused(label, f"{who} {lacking[0]} values; its periods: {', '.join(other.periods)}")
    coarse = [period for period in one.periods if period not in ("hour", "day")]
    if term.when == "same_day_last_week" and coarse:
        raise Refused(label, f"same_day_last_week is about days and hours; periods: has {', '.join(coarse)}")
    if term.across and (term.across in one.places):
        raise Refused(
            label, f"across: {term.across}: a {term.across} has no {term.across} inside; leave it out of places:"
        )
    unit = _unit(other.unit, lambda text: Refused(label, f"{other.id}: {text}"))
    return _taken(term, label, other.id, Measure(unit, kind, of_other=True))


def _taken(term: Term, label: str, who: str, value: Measure) -> Measure:
    match term.take:
        case "sum" if value.kind != "flow":
            raise Refused(label, f"sum over days of {who}, {A[outside(value.kind)]}: {WHY_NOT[outside(value.kind)]}")
        case "mean" if value.kind in ("ratio", "order_statistic"):
            raise Refused(label, f"mean over days of {who}, {A[outside(value.kind)]}: {WHY_NOT[outside(value.kind)]}")
        case "mean":
            return Measure(value.unit, "stock" if value.kind == "stock" else "mean", of_other=True)
        case "max" | "min":
            return Measure(value.unit, "extreme", lowest=term.take == "min", of_other=True)
    return value
