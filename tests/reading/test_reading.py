"""`citypulse.read`, `values` and `sql` give analysts what the table says; what cannot be given is one line."""

import sys
from decimal import Decimal
from pathlib import Path

import pytest
from deltalake import DeltaTable

import citypulse
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from tests.reading.toy import BIG, CITY, FIRST, ROWS, SECOND, TABLE, lake


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    monkeypatch.setenv("CITYPULSE_LAKE", str(tmp_path))
    return lake(tmp_path)


def test_arrow_is_the_table_with_its_types_and_its_own_words(there: Lake) -> None:
    rows = citypulse.read(TABLE, CITY)
    assert rows.schema == DeltaTable(str(there.folder(TABLE))).to_pyarrow_dataset().schema
    assert sorted(rows.to_pylist(), key=lambda row: row["_day"]) == ROWS
    assert rows.schema.field("level_m").metadata[b"comment"].decode() == "水位 | Water level [m]"


def test_columns_and_a_condition_give_those_alone_in_the_order_asked_for(there: Lake) -> None:
    rows = citypulse.read(TABLE, CITY, columns=["station", "_day"], where="level_m > 2 AND station LIKE '%O''Brien'")
    assert rows.column_names == ["station", "_day"]
    assert rows.to_pylist() == [{"station": ROWS[0]["station"], "_day": FIRST}]


def test_pandas_rounds_nothing(there: Lake) -> None:
    frame = citypulse.read(TABLE, CITY, as_="pandas").sort_values("_day")
    assert frame["count"].tolist()[0] == BIG
    assert frame["level_m"].tolist()[0] == Decimal("2.100")
    assert frame["measured_date"].tolist() == [row["measured_date"] for row in ROWS]
    assert [moment.to_pydatetime() for moment in frame["measured_utc"]] == [row["measured_utc"] for row in ROWS]
    assert frame["good"].isna().tolist() == [False, True]


def test_polars_has_the_same_values_where_it_is_installed(there: Lake) -> None:
    pytest.importorskip("polars", reason="polars is no dependency: pip install polars")
    frame = citypulse.read(TABLE, CITY, as_="polars").sort("_day")
    assert frame.to_dicts() == ROWS


def test_a_library_that_is_not_there_is_named_with_how_to_get_it(there: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(Problem, match=r"^as_='polars': polars is not installed: pip install polars$"):
        citypulse.read(TABLE, CITY, as_="polars")


def test_a_relation_reads_what_it_is_asked_for_and_when_it_is_asked(there: Lake) -> None:
    """With one day's file gone the relation is made, and answers for the other day; of both it cannot."""
    relation = citypulse.read(TABLE, CITY, as_="duckdb")
    (file,) = (there.folder(TABLE) / f"_day={SECOND}").glob("*.parquet")
    file.unlink()
    for one in (relation, citypulse.read(TABLE, CITY, as_="duckdb")):
        assert one.filter(f"_day = '{FIRST}'").project("count, level_m").fetchall() == [(BIG, Decimal("2.100"))]
        with pytest.raises(Exception, match=file.name):
            one.fetchall()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"table": "silver.reading"}, "table 'silver.reading' is not in {root}; there is: silver.readings"),
        ({"table": "readings"}, "table 'readings' is not in {root}; there is: silver.readings"),
        ({"columns": ["level"]}, "silver.readings has no column 'level'; there is: level_m"),
        ({"city": "lanhay"}, "city 'lanhay' is not configured; there is: lanhai"),
        ({"as_": "panda"}, "as_='panda' is unknown; there is: pandas"),
        (
            {"where": "levl > 1"},
            "silver.readings: where 'levl > 1': Binder Error: Referenced column \"levl\" not found",
        ),
        ({"where": "level_m >"}, "silver.readings: where 'level_m >': Parser Error: "),
    ],
)
def test_what_cannot_be_met_is_one_line_with_what_there_is(there: Lake, asked: dict[str, str], said: str) -> None:
    with pytest.raises(Problem) as raised:
        citypulse.read(**({"table": TABLE, "city": CITY} | asked))
    assert str(raised.value).startswith(said.format(root=there.root))
    assert "\n" not in str(raised.value)


def test_a_city_without_a_lake_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYPULSE_LAKE", str(tmp_path / "none"))
    with pytest.raises(Problem, match="there is no lake of lanhai yet"):
        citypulse.read(TABLE, CITY)


def test_a_query_comes_in_the_form_asked_for(there: Lake) -> None:
    query = f"SELECT count(*) AS n, max(level_m) AS highest FROM {TABLE}"
    assert citypulse.sql(query, CITY).to_pylist() == [{"n": 2, "highest": Decimal("2.100")}]
    assert citypulse.sql(query, CITY, as_="duckdb").fetchall() == [(2, Decimal("2.100"))]
    assert citypulse.sql(query, CITY, as_="pandas")["highest"].tolist() == [Decimal("2.100")]
    with pytest.raises(Problem, match="read-only"):
        citypulse.sql(f"DELETE FROM {TABLE}", CITY)


def test_values_of_a_lake_without_an_edition_are_refused_as_the_command_does(there: Lake) -> None:
    with pytest.raises(Problem, match="no edition of lanhai yet"):
        citypulse.values(CITY, indicator="transport.taxi_trips_per_day")
