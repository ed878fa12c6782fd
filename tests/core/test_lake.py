"""The lake's tables as they are after each write, whoever wrote."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from jobs.core import engine
from jobs.core.errors import Problem
from jobs.core.lake import Lake, Layout, arrow_schema

NARROW = Layout({"day": "string", "n": "bigint"}, ("day",))
WIDE = Layout({"day": "string", "n": "bigint", "word": "string"}, ("day",))


def test_a_lake_is_a_folder_and_an_object_store_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken for a path, it would be a local folder `s3a:`, and the night would end well."""
    monkeypatch.setenv("CITYPULSE_LAKE", "s3a://bucket/lake")
    with pytest.raises(
        Problem, match=r"CITYPULSE_LAKE s3a://bucket/lake: expected a folder, .* docs/cluster\.md"
    ) as said:
        Lake.of("nyc")
    assert "\n" not in str(said.value)


def test_a_version_is_what_delta_says_it_is(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "here")
    assert lake.version("silver.trips") is None
    for n in range(12):
        lake.put("silver.trips", NARROW, pa.table({"day": ["a"], "n": [n]}), ["a"])
        assert lake.version("silver.trips") == lake.delta("silver.trips").version()


def test_a_column_added_by_a_layout_is_in_the_commit_that_follows(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "here")
    lake.put("silver.trips", NARROW, pa.table({"day": ["a"], "n": [1]}), ["a"])
    lake.put("silver.trips", WIDE, pa.table({"day": ["b"], "n": [2], "word": ["x"]}), ["b"])
    rows = lake.arrow("silver.trips").sort_by("day").to_pylist()
    assert rows == [{"day": "a", "n": 1, "word": None}, {"day": "b", "n": 2, "word": "x"}]


def test_a_write_takes_what_another_lake_object_has_written_in_between(tmp_path: Path) -> None:
    one, other = Lake(tmp_path, "here"), Lake(tmp_path, "here")
    one.put("silver.trips", NARROW, pa.table({"day": ["a"], "n": [1]}), ["a"])
    other.put("silver.trips", NARROW, pa.table({"day": ["b"], "n": [2]}), ["b"])
    one.put("silver.trips", NARROW, pa.table({"day": ["b"], "n": [3]}), ["b"])
    assert one.arrow("silver.trips").sort_by("day").to_pylist() == [{"day": "a", "n": 1}, {"day": "b", "n": 3}]


NOON, LONG = datetime(2025, 3, 3, 12, tzinfo=UTC), "x" * 70
KINDS = Layout(
    {"day": "string", "fare": "decimal(8,2)", "open": "boolean", "share": "double", "made": "timestamp",
     "since": "date",
     "word": "string", "note": "string", "n": "bigint"}, ("day",),
)  # fmt: skip
ROWS: list[dict[str, Any]] = [
    {"day": "a", "fare": Decimal("1.50"), "open": True, "share": 0.5, "made": NOON, "since": date(2025, 3, 3),
     "word": LONG, "note": None, "n": 1},
    {"day": "a", "fare": Decimal("9.00"), "open": False, "share": None, "made": None, "since": None, "word": "b",
     "note": None, "n": 2},
    {"day": "b", "fare": None, "open": None, "share": 2.5, "made": NOON, "since": date(2025, 3, 4), "word": "c",
     "note": "z", "n": None},
]  # fmt: skip
CONDITIONS = {
    "fare > 5": pc.field("fare") > Decimal("5.00"), "open": pc.field("open"), "share > 2": pc.field("share") > 2.0,
    "made = TIMESTAMPTZ '2025-03-03 12:00:00+00'": pc.field("made") == NOON,
    "since IS NULL": pc.field("since").is_null(),
    f"word = '{LONG}'": pc.field("word") == LONG, "word < 'c'": pc.field("word") < "c",
    "note IS NOT NULL": pc.field("note").is_valid(), "n >= 2": pc.field("n") >= 2, "day = 'b'": pc.field("day") == "b",
    "n IS NULL": pc.field("n").is_null(), "n > 7": pc.field("n") > 7,
}  # fmt: skip


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_finds_what_it_finds_in_the_rows(tmp_path: Path, condition: str) -> None:
    """Whatever a file's statistics lack: of decimals, flags, floats, long texts and empty columns."""
    lake = Lake(tmp_path, "here")
    rows = pa.Table.from_pylist(ROWS, schema=arrow_schema(KINDS.columns))
    lake.put("silver.kinds", KINDS, rows, ["a", "b"])
    found = lake.arrow_where("silver.kinds", CONDITIONS[condition])
    assert found is not None
    with engine.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("rows", rows)
        connection.register("there", lake.dataset("silver.kinds"))
        wanted, asked, scanned = (
            connection.execute(f"SELECT day, word FROM {name} WHERE {condition} ORDER BY ALL").fetchall()
            for name in ("rows", "there", lake.scan("silver.kinds"))
        )
    assert asked == scanned == wanted
    assert sorted((row["day"], row["word"]) for row in found.to_pylist()) == wanted


def test_a_scan_has_every_column_the_table_has(tmp_path: Path) -> None:
    """Also those that none of its files has, of whatever type, and of a table without files."""
    lake = Lake(tmp_path, "here")
    plain = {"day": "string", "n": "bigint"}
    nested = {"words": "array<string>", "tally": "array<struct<value:decimal(38,9),count:bigint>>", "made": "timestamp"}
    later = Layout(plain | nested, ("day",))
    lake.create("silver.trips", later)
    lake.create("silver.other", Layout(plain, ("day",)))
    lake.put("silver.other", Layout(plain, ("day",)), pa.table({"day": ["2025-03-03"], "n": [1]}), ["2025-03-03"])
    lake.create("silver.other", later)
    with engine.connect() as connection:
        none, one = (engine.table(connection, f"FROM {lake.scan(key)}") for key in ("silver.trips", "silver.other"))
    assert none.cast(arrow_schema(later.columns)).num_rows == 0
    rows = one.cast(arrow_schema(later.columns)).to_pylist()
    assert rows == [{"day": "2025-03-03", "n": 1, **dict.fromkeys(nested)}]


def test_a_wide_tables_log_has_the_statistics_that_are_read_and_no_others(tmp_path: Path) -> None:
    """Those of as many columns as `delta.dataSkippingNumIndexedCols` says where nobody says it."""
    lake, names = Lake(tmp_path, "here"), [f"c{number}" for number in range(1000)]
    wide = Layout({"day": "string", **dict.fromkeys(names, "bigint")}, ("day",))
    row = {"day": "a", **dict.fromkeys(names, 7)}
    lake.put("fused.wide", wide, pa.Table.from_pylist([row], schema=arrow_schema(wide.columns)), ["a"])
    (file,) = lake.files("fused.wide", "day", ["a"])
    assert [name for name in file if name.startswith("min.")] == [f"min.{name}" for name in names[:32]]
    assert file["min.c31"] == 7
    (log,) = (lake.folder("fused.wide") / "_delta_log").glob("*1.json")
    assert "c32" not in log.read_text("utf-8")
    found = lake.arrow_where("fused.wide", pc.field("c999") == 7)
    assert found is not None
    assert found.num_rows == 1
