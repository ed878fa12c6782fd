"""One expression over the same rows in Spark and in DuckDB: types and values side by side."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import duckdb
import pyarrow as pa

from jobs.shared.numerals import numeral_sql_spark
from jobs.shared.rowsql import compiled
from jobs.shared.rowsql.spark_types import parse_type

Row = tuple[str | None, ...]
Answers = list[tuple[str | None, ...]]
SparkSql = Callable[[str], Answers | None]
"""Runs a query; None when Spark raises."""
COLUMNS = ("a", "b", "c")
SEED = 20200408
_ONLY_TIME = re.compile(r"\s*T|\s*\d{1,2}:")
"""Spark adds today's date to these; they are NULL here, as test_rowsql.py says."""


@dataclass(frozen=True)
class Topic:
    """Expressions over text columns a, b, c (or of `types`), and the rows they are tried on.

    `may_be_null`: exact results beyond 38 digits are NULL where Spark still rounds (jobs.shared.rowsql.arithmetic).
    """

    name: str
    expressions: tuple[str, ...]
    rows: tuple[Row, ...]
    types: tuple[str, ...] = ()
    may_be_null: bool = False

    @property
    def columns(self) -> dict[str, str]:
        """Column names and Spark types."""
        width = len(self.rows[0])
        kinds = (*self.types, *["string"] * width)[:width]
        return dict(zip(COLUMNS[:width], kinds, strict=True))


def differences(topic: Topic, spark_sql: SparkSql) -> list[str]:
    """What differs, one line each. Where Spark raises, NULL is expected; where it always does, of any type."""
    ours = _in_duckdb(topic)
    theirs = _in_spark(topic, spark_sql)
    found = []
    for expression, (kind, values), (spark_kind, spark_values) in zip(topic.expressions, ours, theirs, strict=True):
        if spark_kind and kind != spark_kind:
            found.append(f"{expression}: {kind}, Spark {spark_kind}")
        found += [
            f"{expression} on {row}: {value!r}, Spark {expected!r}"
            for row, value, expected in zip(topic.rows, values, spark_values, strict=True)
            if not _same(value, expected, kind) and not (topic.may_be_null and value is None)
        ]
    return found


def one_column(*values: str | None) -> tuple[Row, ...]:
    """Rows of one column."""
    return tuple((value,) for value in values)


def expressions(text: str) -> tuple[str, ...]:
    """Expressions one after the other, `|` between them."""
    return tuple(one.strip() for line in text.strip().splitlines() for one in line.split(" | "))


def fuzz(alphabet: str, count: int, longest: int, *seeds: str) -> tuple[Row, ...]:
    """Seeds, seeds with a few characters changed, put in or taken out, and free text. Always the same."""
    chance = random.Random(SEED + count + longest)
    made = list(seeds)
    while len(made) < count:
        text = list(chance.choice(seeds)) if chance.random() < 0.8 else []
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text) + 1)
            text[at : at + chance.randint(0, 1)] = [chance.choice(alphabet)] if chance.random() < 0.8 else []
        made.append("".join(text)[:longest])
    return one_column(*(text for text in made if not _ONLY_TIME.match(text)))


def _same(value: str | None, expected: str | None, kind: str) -> bool:
    if kind == "double" and value is not None and expected is not None:
        return float(value) == float(expected)
    return value == expected


def _in_duckdb(topic: Topic) -> list[tuple[str, list[str | None]]]:
    connection = duckdb.connect()
    columns = {name: pa.array([row[i] for row in topic.rows], pa.string()) for i, name in enumerate(topic.columns)}
    connection.register("texts", pa.table({**columns, "_at": range(len(topic.rows))}))
    typed = ", ".join(f'CAST("{n}" AS {parse_type(kind).duckdb}) AS "{n}"' for n, kind in topic.columns.items())
    connection.execute(f"CREATE TABLE typed AS SELECT {typed}, _at FROM texts")
    out = []
    for expression in topic.expressions:
        made = compiled(expression, topic.columns)
        found = connection.sql(f"SELECT {made.sql} AS v FROM typed ORDER BY _at")
        assert str(found.types[0]) == made.type.duckdb, (expression, found.types[0], made.type)
        out.append((str(made.type), [_shown(row[0]) for row in found.fetchall()]))
    return out


def _shown(value: object) -> str | None:
    """A value as Spark casts it to string."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        text = value.isoformat(" ")
        return text.rstrip("0") if value.microsecond else text
    if isinstance(value, Decimal):
        return format(value, "f")
    return None if value is None else str(value)


def _in_spark(topic: Topic, spark_sql: SparkSql) -> list[tuple[str, list[str | None]]]:
    texts = [_spark_text(one) for one in topic.expressions]
    together = spark_sql(_query(topic, texts, topic.rows))
    if together is None:
        return [_one_in_spark(topic, text, spark_sql) for text in texts]
    return [_answered([row[2 * i : 2 * i + 2] for row in together]) for i in range(len(texts))]


def _one_in_spark(topic: Topic, text: str, spark_sql: SparkSql) -> tuple[str, list[str | None]]:
    """One expression; where it raises somewhere, row by row."""
    together = spark_sql(_query(topic, [text], topic.rows))
    if together is not None:
        return _answered(together)
    singles = [spark_sql(_query(topic, [text], [row])) for row in topic.rows]
    return _answered([single[0] if single else ("", None) for single in singles])


def _answered(pairs: Sequence[tuple[str | None, ...]]) -> tuple[str, list[str | None]]:
    """The type and the values. A year that is not 1-9999 is NULL here: see jobs.shared.rowsql.casts."""
    kind = " or ".join(sorted({str(pair[0]) for pair in pairs if pair[0]}))
    is_time = kind == "date" or kind.startswith("timestamp")
    return kind, [
        None if is_time and pair[1] and (pair[1][0] in "+-" or pair[1] < "0001") else pair[1] for pair in pairs
    ]


def _query(topic: Topic, texts: Sequence[str], rows: Sequence[Row]) -> str:
    typed = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in topic.columns.items())
    values = ", ".join("(" + ", ".join(_literal(value) for value in row) + ")" for row in rows)
    made = ", ".join(f"typeof({text}), CAST({text} AS STRING)" for text in texts)
    return f"SELECT {made} FROM (SELECT {typed} FROM VALUES {values} AS t({', '.join(topic.columns)}))"


def _spark_text(expression: str) -> str:
    """numeral is ours: Spark gets what it stands for."""
    stands_for = {"numeral(a)": numeral_sql_spark("a"), "numeral(a, ',')": numeral_sql_spark("a", ",")}
    return stands_for.get(expression, expression)


def _literal(value: str | None) -> str:
    if value is None:
        return "CAST(NULL AS STRING)"
    coded = value.encode("utf-16-be").hex()
    return "'" + "".join(f"\\u{coded[at : at + 4]}" for at in range(0, len(coded), 4)) + "'"
