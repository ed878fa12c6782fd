"""Into PostgreSQL: current values, history and catalogue, each edition in one transaction, each once.

`editions` has a row for every edition that is in, with the root of its seal, written by the transaction that brought
its values. Whatever ends a transaction early, the server takes all of it back; the next call brings what has no row
there. A database that holds editions of another lake (another root, or one this lake has not) is left alone.
"""

import io
from collections.abc import Sequence
from datetime import date

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from jobs.core.errors import CriticalFailure
from jobs.exporting import Edition, Outward
from jobs.publish import postgres_schema as schema
from jobs.publish import tables

SETTINGS = {"lock_timeout": "60s", "idle_in_transaction_session_timeout": "10min"}
"""So that neither another's lock nor what a lost machine has left holds a night up for ever."""
LOCK = 0x43697479
CONNECT_S = 15
CSV = pc_csv.WriteOptions(include_header=False, quoting_style="all_valid")
"""Every value in quotes: what stands without is NULL. Doubles in the fewest digits that read back the same."""
COLUMNS = tuple(schema.TABLES["values_history"].columns)
KEY = schema.TABLES["values_current"].key
Db = Connection[TupleRow]


def export(given: Outward) -> str:
    """Bring the editions that are not there. Raises CriticalFailure; what was there stays."""
    where, secret = _named(given.target)
    try:
        with psycopg.connect(
            given.target, autocommit=True, connect_timeout=CONNECT_S, application_name="citypulse"
        ) as db:
            for name, value in SETTINGS.items():
                db.execute("SELECT set_config(%s, %s, false)", (name, value))
            _make_tables(db, where)
            new = _missing(db, where, given)
            counted = [_bring(db, given, one) for one in new]
    except psycopg.Error as error:
        line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        line = line.replace(secret, "***") if secret else line
        raise CriticalFailure(
            f"{where}: {line}; what was there stays: mend it, then run the same night again"
        ) from None
    if not new:
        return f"nothing new, edition {given.editions[-1].biz_date} is there" if given.editions else "no edition yet"
    return f"{len(new)} editions up to {new[-1].biz_date}, {sum(counted):,} values"


def _named(target: str) -> tuple[str, str]:
    """How messages name a database, and what none may show. What cannot be understood is not repeated."""
    try:
        said = conninfo_to_dict(target)
    except psycopg.Error:
        raise CriticalFailure(
            "what should say where to is no connection string; expected postgresql://user@host:port/database, or "
            "host=… dbname=… user=… (a password is best kept in PGPASSFILE)"
        ) from None
    host = said.get("host") or said.get("hostaddr") or "localhost"
    return f"{host}:{said.get('port') or 5432}/{said.get('dbname') or ''}", str(said.get("password") or "")


def _make_tables(db: Db, where: str) -> None:
    """The tables, made by whoever comes first; those of another form are refused."""
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        there, says = _one(db, "SELECT to_regnamespace(%s), obj_description(to_regclass(%s), 'pg_class')",
                           (schema.SCHEMA, f"{schema.SCHEMA}.editions"))  # fmt: skip
        if says is None:
            for sql in (*([] if there else [f"CREATE SCHEMA {schema.SCHEMA}"]), *schema.statements()):
                _execute(db, sql)
        elif not str(says).endswith(schema.MARK):
            raise CriticalFailure(
                f"{where}: the schema {schema.SCHEMA} is of another form than {schema.MARK}: {says!r}; rename it, and "
                "the next run makes a new one"
            )


def _missing(db: Db, where: str, given: Outward) -> list[Edition]:
    """The editions that are not there. Raises CriticalFailure where the database holds those of another lake."""
    found = db.execute("SELECT biz_date, root FROM citypulse.editions WHERE city = %s", (given.city.id,)).fetchall()
    there: dict[date, str] = {row[0]: row[1] for row in found}
    known = {one.biz_date: one.root for one in given.editions}
    for biz_date, root in sorted(there.items()):
        if known.get(biz_date) != root:
            ours = f"this lake has root {known[biz_date]}" if biz_date in known else "this lake has no such edition"
            raise CriticalFailure(
                f"{where}: it holds edition {biz_date} of {given.city.id} with root {root}, {ours}: it was filled from "
                f"another lake; DELETE FROM citypulse.cities WHERE city = '{given.city.id}' takes it out, and the "
                "next run brings all of it anew"
            )
    return [one for one in given.editions if one.biz_date not in there]


def _bring(db: Db, given: Outward, one: Edition) -> int:
    """One edition in one transaction; how many values it said. Another process may have been quicker."""
    city = given.city.id
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (LOCK, city))
        there = "SELECT count(*) FROM citypulse.editions WHERE city = %s AND biz_date = %s"
        if _one(db, there, (city, one.biz_date))[0]:
            return 0
        about = given.city.file
        _upsert(db, "cities", [(city, about.name.zh, about.name.en, about.timezone, about.map_level)])
        if one == given.editions[-1]:
            _describe(db, given, one.biz_date)
        count = _copy(db, given, one)
        _renew(db, city, one)
        sql = "INSERT INTO citypulse.editions VALUES (%s, %s, %s, %s, now())"
        db.execute(sql, (city, one.biz_date, one.root, count))
    return count


def _describe(db: Db, given: Outward, biz_date: date) -> None:
    """The catalogue as it is now. What is no longer declared stays, since older values are about it."""
    for name, rows in given.catalogue.items():
        columns = [column for column in schema.TABLES[name].columns if column not in ("city", "last_edition")]
        _upsert(db, name, [(given.city.id, *(_cell(column, row) for column in columns), biz_date) for row in rows])


def _cell(column: str, row: tables.Row) -> object:
    said = row[column]
    return Jsonb(said, dumps=str) if column == "geometry" and said is not None else said


def _copy(db: Db, given: Outward, one: Edition) -> int:
    count = 0
    with (
        db.cursor() as cursor,
        cursor.copy(
            _sql(f"""
        COPY citypulse.values_history ({schema.listed(COLUMNS)}) FROM STDIN (FORMAT csv)""")
        ) as copy,
    ):
        for batch in given.history(one):
            copy.write(_csv(given.city.id, batch))
            count += batch.num_rows
    return count


def _csv(city: str, batch: pa.RecordBatch) -> bytes:
    rows = pa.table(batch)
    rows = rows.append_column("city", pa.repeat(city, rows.num_rows))
    at = rows.schema.get_field_index("reasons")
    sink = io.BytesIO()
    pc_csv.write_csv(rows.set_column(at, "reasons", _array(rows["reasons"])).select(COLUMNS), sink, CSV)
    return sink.getvalue()


def _array(reasons: pa.ChunkedArray) -> pa.ChunkedArray:
    """Reasons joined by "; " as PostgreSQL writes an array of texts."""
    safe = reasons
    for mark in ("\\", '"'):
        safe = pc.replace_substring(safe, mark, f"\\{mark}")
    full = pc.binary_join_element_wise('{"', pc.replace_substring(safe, "; ", '","'), '"}', "")
    return pc.if_else(pc.equal(pc.fill_null(reasons, ""), ""), "{}", full)


def _renew(db: Db, city: str, one: Edition) -> None:
    """The newest word on everything that an edition speaks of."""
    key = schema.listed(KEY)
    told = ", ".join(f'"{column}" = excluded."{column}"' for column in COLUMNS if column not in KEY)
    _execute(db, f"""
        INSERT INTO citypulse.values_current AS had ({schema.listed(COLUMNS)})
        SELECT DISTINCT ON ({key}) {schema.listed(COLUMNS)} FROM citypulse.values_history
        WHERE city = %s AND edition > %s AND edition <= %s ORDER BY {key}, edition DESC
        ON CONFLICT ({key}) DO UPDATE SET {told} WHERE excluded.edition >= had.edition""",
        (city, one.after, one.biz_date))  # fmt: skip


def _upsert(db: Db, name: str, rows: Sequence[Sequence[object]]) -> None:
    table = schema.TABLES[name]
    columns = tuple(table.columns)
    told = ", ".join(f'"{column}" = excluded."{column}"' for column in columns if column not in table.key)
    marks = ", ".join(["%s"] * len(columns))
    sql = f"""INSERT INTO citypulse.{name} ({schema.listed(columns)}) VALUES ({marks})
        ON CONFLICT ({schema.listed(table.key)}) DO UPDATE SET {told}"""
    with db.cursor() as cursor:
        cursor.executemany(_sql(sql), rows)


def _one(db: Db, sql: str, values: Sequence[object]) -> TupleRow:
    return next(iter(db.execute(_sql(sql), values)))


def _execute(db: Db, sql: str, values: Sequence[object] | None = None) -> None:
    db.execute(_sql(sql), values)


def _sql(text: str) -> bytes:
    """SQL made of our own words alone: names and values of the city are handed over beside it."""
    return text.encode()
