"""Terms: the mergeable aggregates that indicators are made of, each computed once however many files declare it."""

from dataclasses import dataclass, replace

from jobs import segments
from schemas import City, Indicator, Table, Term

SLOTS = "slots"
MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000
NEEDS = {
    "sum": ("total",),
    "mean": ("total",),
    "min": ("low",),
    "max": ("high",),
    "moments": ("total", "squares"),
    "last": ("last", "last_at"),
    "first": ("first", "first_at"),
    "time_share": ("weighted", "weight"),
    "weighted_mean": ("weighted", "weight"),
}
ESTIMATED = {"distinct": ("members", "sketch"), "percentile": ("items", "buckets")}
"""The exact state, and the one that estimates."""


@dataclass(frozen=True, order=True)
class Grid:
    """Where the aggregates of one grouped scan stand: dated and placed by which columns, and of whose records."""

    at: str | None = None
    """The time column that dates a record; None is the table's own."""
    place: str | None = None
    """The column that names its place; None is the record's own."""
    entity: str | None = None
    """The column whose values are kept apart; None adds them up."""


@dataclass(frozen=True, order=True)
class Aggregate:
    """One aggregate over a table: its identity is its own text, so that the same term in two files is one."""

    table: str
    of: str | None
    where: str | None
    weight: str | None = None
    at: str | None = None
    place: str | None = None
    lasts: str | None = None
    """The entity whose state lasts until its next record, for a share of time."""
    columns: tuple[str, ...] = ()
    """The columns of rows, which are kept as they are."""
    state: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """A readable identity, such as `silver.air_quality concentration_ugm3 where pollutant = 'PM2.5'`."""
        parts = (
            (" ", self.of), (" rows of ", ", ".join(self.columns)), (" weighted by ", self.weight),
            (" time by ", self.lasts), (" at ", self.at), (" in ", self.place), (" where ", self.where),
        )  # fmt: skip
        return self.table + "".join(word + text for word, text in parts if text)


def needs(term: Term) -> tuple[str, ...]:
    """The states, beside the number of records, that a term's value is made from."""
    if term.kind in ESTIMATED:
        return (ESTIMATED[term.kind][0 if term.exact else 1],)
    if term.kind == "rows":
        return ("records",) if term.fields else ("items",)
    return NEEDS.get(term.kind, ())


def aggregate(term: Term, table: Table) -> Aggregate:
    """The aggregate a term needs."""
    where = " ".join(term.where.split()) if term.where else None
    at = term.at if term.at != table.date else None
    lasts = term.entity if term.kind == "time_share" else None
    return Aggregate(
        term.table, term.of, where, term.weight, at, term.place, lasts, term.columns, needs(term)
    )  # fmt: skip


def grid(term: Term, table: Table, one: Indicator) -> Grid:
    """The grid an indicator's term is taken from: a stock of several entities is kept apart by entity."""
    own = term.entity if term.kind in ("last", "first") else None
    entity = one.entity.column if one.entity else own
    return Grid(term.at if term.at != table.date else None, term.place, entity)


def of_table(city: City, key: str) -> dict[Grid, list[Aggregate]]:
    """Every aggregate that indicators need of a table by grid; the states of one identity joined."""
    joined: dict[Grid, dict[str, Aggregate]] = {}
    table = city.tables[key]
    for one, term in city.asked.get(key, ()):
        new = aggregate(term, table)
        mine = joined.setdefault(grid(term, table, one), {})
        have = mine.get(new.id)
        states = tuple(dict.fromkeys((*(have.state if have else ()), *new.state)))
        mine[new.id] = replace(new, state=states)
    return {one: [mine[name] for name in sorted(mine)] for one, mine in sorted(joined.items(), key=_order)}


def _order(item: tuple[Grid, object]) -> tuple[str, ...]:
    return tuple(text or "" for text in (item[0].at, item[0].place, item[0].entity))


def slots(table: Table, term: Term) -> str:
    """The identity of reporters' slots: `slots`, or those with a value of the term's column, of the records it selects.

    A condition on what a record says (a measured number) selects nothing: a low reading is a report all the same.
    """
    said = ", ".join(_said(term))
    return SLOTS + (f" of {said}" if said else "") + (f" where {c}" if (c := _about(table, term.where)) else "")


def _said(term: Term) -> tuple[str, ...]:
    """The columns a record must fill for its reporter to have said something."""
    return (term.of,) if term.of else term.columns


def is_due_of_all(name: str) -> bool:
    """Whether slots are due of every reporter of the table: under a condition they are due of some."""
    return " where " not in name


def _about(table: Table, where: str | None) -> str | None:
    """A condition on what records are about; None of any other."""
    from schemas.expressions import columns  # its grammar takes a tenth of a second to import

    for name in columns(where) if where else ():
        column = table.columns.get(name)
        if name not in table.key_columns and (column is None or column.type != "string"):
            return None
    return " ".join(where.split()) if where else None


def dimensions(city: City, table: Table) -> list[tuple[str, str | None]]:
    """(identity, condition) of every kind of slots the table's terms need."""
    found: dict[str, str | None] = {SLOTS: None}
    for _, term in city.asked.get(table.key_id, ()):
        tests = [f"({c})" for c in (_about(table, term.where),) if c]
        tests += [f"{name} IS NOT NULL" for name in _said(term)]
        found[slots(table, term)] = " AND ".join(tests) or None
    return sorted(found.items(), key=lambda pair: pair[0])


def hourly(city: City, key: str) -> set[Grid]:
    """The grids of a table of which any indicator asks for hours, or for hours of the day."""
    table = city.tables[key]
    return {
        where
        for one, term in city.asked.get(key, ())
        if ("hour" in one.periods or segments.by_hour(one)) and table.is_time(term.at or table.date)
        for where in [grid(term, table, one)]
    }


def lasting(city: City, key: str) -> bool:
    """Whether a day's terms need the records of the day before: a state lasts until the next record."""
    return any(term.kind == "time_share" for _, term in city.asked.get(key, ()))


def redated(city: City, key: str) -> bool:
    """Whether a record may count on another day than the one it is kept under."""
    table = city.tables[key]
    return any(term.at not in (None, table.date) for _, term in city.asked.get(key, ()))


def hour_sql(table: Table, column: str) -> str:
    """DuckDB SQL for the UTC instant at which the local hour of an event_time column starts.

    In whole microseconds: date_trunc and intervals ask the calendar for every row, which takes longer than the rest of
    a scan.
    """
    at, shift = f'epoch_us("{column}_utc")', f'"{column}_offset_min"::BIGINT * {MINUTE_US}'
    past = f"({at} + {shift}) % {HOUR_US}"
    return f"make_timestamptz({at} - ({past} + {HOUR_US}) % {HOUR_US})"
