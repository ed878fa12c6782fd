"""Indicators: values with their trust, computed from `fused` only; only what changed is appended to the history."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from jobs import grid, judgement, missing, placing, touched, values, work_days
from jobs.core import engine
from jobs.core.lake import Lake, Layout, arrow_schema
from jobs.core.ledger import Ledger
from jobs.fused import TERMS
from jobs.mapping import REGISTER, UNDATED
from jobs.periods import bounds
from schemas import City, Indicator

KEY = ("indicator", "level", "place", "period_kind", "period", "segment")
VALUES = {
    **dict.fromkeys(KEY, "string"),
    "period_start": "date",
    "period_end": "date",
    "value": "double",
    "unit": "string",
    "coverage": "double",
    "low": "double",
    "high": "double",
    "grade": "string",
    "status": "string",
    "reasons": "string",
    "n_records": "bigint",
    "definition_version": "string",
    "edition": "string",
}
SAID = ("value", "unit", "coverage", "low", "high", "grade", "status", "reasons", "n_records", "definition_version")
HISTORY = Layout(
    VALUES,
    ("edition",),
    "指标值的全部历史，每期只追加变化 | Every published value; each edition appends what changed.",
)
CURRENT = Layout(VALUES | {"_month": "string"}, ("_month",), "最新指标值 | The newest word on every value.")
NEWEST = f"QUALIFY row_number() OVER (PARTITION BY {', '.join(KEY)} ORDER BY edition DESC) = 1"
MARGIN_DAYS = 2


def run(city: City, lake: Lake, biz_date: date) -> dict[str, int]:
    """Compute every value the night may have changed and append those that did."""
    ledger = Ledger(lake)
    plan = affected(city, ledger, biz_date)
    if not plan:
        return {"computed": 0, "changed": 0}
    with engine.connect(threads=2, memory="2GB") as connection:
        prepare(connection, city, lake, ledger, biz_date, sorted({day for days in plan.values() for day in days}))
        for key, days in plan.items():
            values.compute(connection, city, city.indicators[key], days)
        _history(connection, lake, biz_date)
        judgement.judge(connection, city, biz_date)
        computed = engine.table(connection, f"SELECT {', '.join(VALUES)} FROM judged").cast(arrow_schema(VALUES))
        changed = _changed(connection, computed)
    _write(lake, changed, biz_date)
    return {"computed": computed.num_rows, "changed": changed.num_rows}


def affected(city: City, ledger: Ledger, biz_date: date) -> dict[str, list[str]]:
    """The days of each indicator whose values may change: touched days, what looks back on them, what ages."""
    changed = touched.days(city, ledger, biz_date)
    delivered = grid.delivered_days(city, ledger)
    out: dict[str, list[str]] = {}
    for one in city.indicators.values():
        keys = judgement.tables(city, one)
        if not any(delivered[key] or city.tables[key].kind == "register" or _is_daily(city, key) for key in keys):
            continue
        days = set(_span(biz_date - timedelta(days=one.final_after + MARGIN_DAYS), biz_date))
        for key in [*keys, missing.CONTROL]:
            days |= _reached(city, one, key, changed.get(key, []), delivered, biz_date)
        last = max([biz_date.isoformat(), *(max(delivered[key]) for key in keys if delivered[key])])
        out[one.id] = [day for day in sorted(days) if day <= last]
    return out


def _is_daily(city: City, key: str) -> bool:
    return any(source.arrives.every in ("hour", "day") for source in city.feeding(key))


def _reached(
    city: City, one: Indicator, key: str, changed: Iterable[str], delivered: Mapping[str, set[str]], biz_date: date
) -> set[str]:
    if key not in city.tables:
        return set()
    table, out = city.tables[key], set[str]()
    forward = max((one.trailing.days if one.trailing else 1), (table.reporters.known_for if table.reporters else 1))
    for day in changed:
        if day == REGISTER:
            others = [delivered[k] for k in judgement.tables(city, one) if city.tables[k].kind != "register"]
            out |= set().union(*others) if others else set(_span(city.file.first_day, biz_date))
        elif day != UNDATED:
            first = date.fromisoformat(day)
            later = set(_span(first, first + timedelta(days=forward - 1)))
            out |= {day} | (later & delivered[key])
    return out


def _span(first: date, last: date) -> list[str]:
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def prepare(
    connection: duckdb.DuckDBPyConnection, city: City, lake: Lake, ledger: Ledger, biz_date: date, days: list[str]
) -> None:
    """The relations that values are made from: terms, up, members, delivered, known, slots, held, hours."""
    places = placing.load(city, lake)
    connection.register("up", grid.belongs(city, places))
    connection.register("members", places.members)
    wanted = _with_periods(city, days)
    terms = lake.arrow_where("fused.terms", pc.field("_day").isin([*wanted, REGISTER]))
    connection.register("terms", terms if terms is not None else arrow_schema(TERMS.columns).empty_table())
    grid.delivered(connection, city, ledger)
    stopped = [
        (key, day, rule) for (key, day), rule in sorted(work_days.held(ledger, biz_date).items()) if day[0] != "_"
    ]
    columns = list(zip(*stopped, strict=True)) or [(), (), ()]
    texts = [pa.array(list(column), pa.string()) for column in columns]
    connection.register("held", pa.table(dict(zip(("table", "day", "rule"), texts, strict=True))))
    warned = work_days.warned(ledger, biz_date)
    columns = list(zip(*warned, strict=True)) or [(), (), ()]
    texts = [pa.array(list(column), pa.string()) for column in columns]
    connection.register("warned_days", pa.table(dict(zip(("table", "day", "rule"), texts, strict=True))))
    connection.register("hours", grid.hours(city, wanted))
    missing.reporters(connection, city)
    missing.controls(connection, city, lake, ledger, wanted, biz_date)


def _with_periods(city: City, days: list[str]) -> list[str]:
    """The days with all days of the periods they lie in, and those that trailing windows and reporters look back on."""
    back = [one.trailing.days for one in city.indicators.values() if one.trailing]
    back += [table.reporters.known_for for table in city.tables.values() if table.reporters]
    kinds = {kind for one in city.indicators.values() for kind in one.periods}
    out: set[str] = set()
    for text in days:
        day = date.fromisoformat(text)
        first, last = day - timedelta(days=max(back, default=1)), day
        for kind in kinds:
            start, end = bounds(kind, day)
            first, last = min(first, start), max(last, end)
        out |= set(_span(first, last))
    return sorted(out)


def _history(connection: duckdb.DuckDBPyConnection, lake: Lake, biz_date: date) -> None:
    """`history`: what earlier editions said of the periods computed."""
    ((first,),) = connection.sql("SELECT min(period_start) FROM computed").fetchall()
    before = lake.arrow_where(
        "indicators.values",
        (pc.field("period_start") >= (first or biz_date)) & (pc.field("edition") < biz_date.isoformat()),
    )
    connection.register("history", before if before is not None else arrow_schema(VALUES).empty_table())


def _changed(connection: duckdb.DuckDBPyConnection, computed: pa.Table) -> pa.Table:
    """The computed values that differ from what earlier editions said."""
    connection.register("now_computed", computed)
    same = " AND ".join(f"c.{name} IS NOT DISTINCT FROM h.{name}" for name in SAID)
    sql = f"""
        WITH newest AS (SELECT * FROM history {NEWEST})
        SELECT c.* FROM now_computed AS c LEFT JOIN newest AS h USING ({", ".join(KEY)})
        WHERE h.indicator IS NULL OR NOT ({same}) ORDER BY {", ".join("c." + name for name in KEY)}"""
    return engine.table(connection, sql).cast(arrow_schema(VALUES))


def _write(lake: Lake, changed: pa.Table, biz_date: date) -> None:
    lake.put("indicators.values", HISTORY, changed, [biz_date.isoformat()])
    months = sorted({day.isoformat()[:7] for day in changed["period_start"].to_pylist()})
    lake.create("indicators.current", CURRENT)
    if not months:
        return
    bounds = pc.field("period_start") >= date.fromisoformat(months[0] + "-01")
    history = lake.arrow_where("indicators.values", bounds)
    with engine.connect(threads=2, memory="2GB") as connection:
        connection.register("history", history)
        listed = ", ".join(f"'{month}'" for month in months)
        sql = f"SELECT *, strftime(period_start, '%Y-%m') AS _month FROM history WHERE _month IN ({listed}) {NEWEST}"
        newest = engine.table(connection, sql)
    lake.put("indicators.current", CURRENT, newest.cast(arrow_schema(CURRENT.columns)), months)
