"""The lake's tables as they are after each write, whoever wrote."""

from pathlib import Path

import pyarrow as pa

from jobs.core.lake import Lake, Layout

NARROW = Layout({"day": "string", "n": "bigint"}, ("day",))
WIDE = Layout({"day": "string", "n": "bigint", "word": "string"}, ("day",))


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
