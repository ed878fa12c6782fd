"""The schema `citypulse` in PostgreSQL: its tables, their columns and what each means. docs/postgres.md: its use.

A table has the columns of the published table of its name (`jobs/publish/tables.py`) beside the city. Every table
belongs to a row of `cities`: whoever deletes that takes the city out as a whole.
"""

from collections.abc import Iterator

from jobs.publish.tables import INDICATORS, PLACES, SOURCES, VALUES, Column, Table

SCHEMA, FORM = "citypulse", 1
TYPES = {
    "string": "text", "number": "double precision", "integer": "bigint", "boolean": "boolean", "date": "date",
    "list": "text[]", "instant": "timestamptz", "json": "jsonb",
}  # fmt: skip
MARK = f"(schema {FORM})"
"""What the comment of `editions` ends in: which form the schema has."""
_CITY = {"city": Column("string", "城市代码", "id of the city", required=True)}
_LAST = {
    "last_edition": Column(
        "date", "最近一次如此载明的一期", "the newest edition that had it; older: it is gone", required=True
    )
}
_SPAN = {
    "period_start": Column("date", "时段首日", "first day of the period", required=True),
    "period_end": Column("date", "时段末日", "last day of the period", required=True),
}
_SAID = {name: one for name, one in VALUES.columns.items() if name != "place_name"}
_KEYED = _CITY | {
    name: Column(one.kind, one.zh, one.en, one.unit, required=one.required or name in VALUES.key or one.kind == "list")
    for name, one in (_SAID | _SPAN).items()
}


def _of(table: Table, more: dict[str, Column]) -> Table:
    return Table(table.zh, table.en, ("city", *table.key), _CITY | dict(table.columns) | more | _LAST)


TABLES = {
    "cities": Table(
        "城市", "The cities", ("city",),
        _CITY | {
            "name_zh": Column("string", "名称（中文）", "name, in Chinese", required=True),
            "name_en": Column("string", "名称（英文）", "name, in English", required=True),
            "timezone": Column("string", "时区；日期均为当地日期", "IANA zone; all dates are local", required=True),
            "map_level": Column("string", "地图所用的地点层级", "level of places that maps show", required=True),
        },
    ),
    "editions": Table(
        f"已写入的各期 {MARK}", f"The sealed editions that are in here {MARK}", ("city", "biz_date"),
        _CITY | {
            "biz_date": Column("date", "业务日期", "business date", required=True),
            "root": Column("string", "封存根值；可用 citypulse verify --head 核对", "root of its seal", required=True),
            "n_values": Column("integer", "该期新说的值数", "how many values it said anew", "1", required=True),
            "written_at": Column("instant", "写入时刻", "when it was brought here", required=True),
        },
    ),
    "indicators": _of(INDICATORS, {}),
    "places": _of(PLACES, {"geometry": Column("json", "边界，GeoJSON，WGS84", "outline: GeoJSON, WGS84")}),
    "sources": _of(SOURCES, {}),
    "values_history": Table(
        "全部历史：每期只追加与此前不同的值", "Everything that was said: each edition appends what it says otherwise",
        ("city", *VALUES.key, "edition"), _KEYED,
    ),
    "values_current": Table(
        "最新的值：每个值一行", "The newest word on every value, a row each", ("city", *VALUES.key), _KEYED,
    ),
}  # fmt: skip
INDEXES = {
    "values_history": (("city", "edition"),),
    "values_current": (("city", "period_kind", "period"), ("city", "level", "place")),
}


def statements() -> Iterator[str]:
    """The SQL that makes every table, with its comments; the schema itself is there."""
    for name, table in TABLES.items():
        where = f"{SCHEMA}.{name}"
        lines = [f'"{column}" {TYPES[one.kind]}{" NOT NULL" * one.required}' for column, one in table.columns.items()]
        lines.append(f"PRIMARY KEY ({listed(table.key)})")
        if name != "cities":
            lines.append(f"FOREIGN KEY (city) REFERENCES {SCHEMA}.cities ON DELETE CASCADE")
        yield f"CREATE TABLE {where} (\n  " + ",\n  ".join(lines) + "\n)"
        yield from (f"CREATE INDEX ON {where} ({listed(columns)})" for columns in INDEXES.get(name, ()))
        yield f"COMMENT ON TABLE {where} IS {_literal(table.zh, table.en)}"
        for column, one in table.columns.items():
            yield f'COMMENT ON COLUMN {where}."{column}" IS {_literal(one.zh, one.en)}'


def listed(columns: tuple[str, ...]) -> str:
    """Columns in SQL."""
    return ", ".join(f'"{column}"' for column in columns)


def _literal(zh: str, en: str) -> str:
    return "'" + f"{zh} | {en}".replace("'", "''") + "'"
