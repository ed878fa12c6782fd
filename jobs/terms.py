"""Terms: the mergeable aggregates that indicators are made of, each computed once however many files declare it."""

from collections.abc import Iterable
from dataclasses import dataclass

from jobs.core.engine import quoted
from jobs.shared import rowsql
from schemas import City, Indicator, Table, Term
from schemas.expressions import columns

SCALE = 9
STATE = {
    "n": "bigint",
    **dict.fromkeys(("total", "low", "high", "last"), f"decimal(38,{SCALE})"),
    "last_at": "timestamp",
}
NEEDS = {
    "count": (),
    "sum": ("total",),
    "mean": ("total",),
    "min": ("low",),
    "max": ("high",),
    "last": ("last", "last_at"),
}
SLOTS = "slots"


@dataclass(frozen=True, order=True)
class Aggregate:
    """One aggregate over a table: its identity is its own text, so that the same term in two files is one."""

    table: str
    of: str | None
    where: str | None
    state: tuple[str, ...]

    @property
    def id(self) -> str:
        """A readable identity, such as `silver.air_quality concentration_ugm3 where pollutant = 'PM2.5'`."""
        return self.table + (f" {self.of}" if self.of else "") + (f" where {self.where}" if self.where else "")


def aggregate(term: Term) -> Aggregate:
    """The aggregate a term needs."""
    where = " ".join(term.where.split()) if term.where else None
    return Aggregate(term.table, term.of, where, NEEDS[term.kind])


def of_table(indicators: Iterable[Indicator], key: str, entity: str | None) -> list[Aggregate]:
    """Every aggregate the indicators need of a table, per place or per entity column; states of one identity joined."""
    joined: dict[str, Aggregate] = {}
    for one in indicators:
        if (one.entity.column if one.entity else None) != entity:
            continue
        for term in one.terms.values():
            if term.table == key:
                new = aggregate(term)
                have = joined.get(new.id)
                states = tuple(dict.fromkeys((*(have.state if have else ()), *new.state)))
                joined[new.id] = Aggregate(new.table, new.of, new.where, states)
    return [joined[name] for name in sorted(joined)]


def slots(table: Table, term: Term) -> str:
    """The identity of reporters' slots: `slots`, or those with a value of the term's column, of the records it selects.

    A condition on what a record says (a measured number) selects nothing: a low reading is a report all the same.
    """
    return SLOTS + (f" of {term.of}" if term.of else "") + (f" where {c}" if (c := _about(table, term.where)) else "")


def _about(table: Table, where: str | None) -> str | None:
    """A condition on what records are about; None of any other."""
    for name in columns(where) if where else ():
        column = table.columns.get(name)
        if name not in table.key_columns and (column is None or column.type != "string"):
            return None
    return " ".join(where.split()) if where else None


def dimensions(indicators: Iterable[Indicator], table: Table) -> list[tuple[str, str | None]]:
    """(identity, condition) of every kind of slots the table's terms need."""
    found: dict[str, str | None] = {SLOTS: None}
    for one in indicators:
        for term in one.terms.values():
            if term.table == table.key_id:
                tests = [f"({c})" for c in (_about(table, term.where),) if c]
                tests += [f"{term.of} IS NOT NULL"] if term.of else []
                found[slots(table, term)] = " AND ".join(tests) or None
    return sorted(found.items())


def hourly(city: City, key: str) -> bool:
    """Whether any indicator asks for hours of this table."""
    mine = (one for one in city.indicators.values() if key in one.tables)
    return city.tables[key].hour_sql is not None and any("hour" in one.periods for one in mine)


def entities(city: City, key: str) -> list[str]:
    """The entity columns that indicators ask for of this table."""
    return sorted({one.entity.column for one in city.indicators.values() if one.entity and key in one.tables})


def aggregates_sql(table: Table, aggregates: Iterable[Aggregate], prefix: str = "a") -> list[str]:
    """SQL aggregates, `<prefix><i>_<state>`, over a table's rows."""
    out = []  # a sum is added up in the column's own exact type, then cast
    at = quoted(f"{table.date}_utc") if table.is_time(table.date) else f"{quoted(table.day_column)}::TIMESTAMP"
    for index, one in enumerate(aggregates):
        value = quoted(one.of) if one.of else None
        tests = [f"({rowsql.to_duckdb(one.where, dict(table.stored))})"] if one.where else []
        tests += [f"{value} IS NOT NULL"] if value else []
        kept = f" FILTER (WHERE {' AND '.join(tests)})" if tests else ""
        exact = f"{value}::DECIMAL(38,{SCALE})"
        name = f"{prefix}{index}_"
        out.append(f"count(*){kept} AS {name}n")
        sql = {
            "total": f"sum({value}){kept}::DECIMAL(38,{SCALE})",
            "low": f"min({value}){kept}::DECIMAL(38,{SCALE})",
            "high": f"max({value}){kept}::DECIMAL(38,{SCALE})",
            "last": f"arg_max({exact}, ({at}, {value})){kept}",
            "last_at": f"max({at}){kept}",
        }
        out += [f"{sql[state]} AS {name}{state}" for state in one.state]
    return out
