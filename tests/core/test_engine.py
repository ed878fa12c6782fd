"""What the cursors of a process share, and what they do not."""

import duckdb
import pyarrow as pa
import pytest

from jobs.core import engine


def test_a_cursor_does_not_see_what_another_one_made() -> None:
    with engine.cursor() as one, engine.cursor() as other:
        one.register("given", pa.table({"n": [1]}))
        one.execute("CREATE TEMP TABLE made AS SELECT 1 AS n; CREATE TEMP MACRO twice(x) AS 2 * x")
        for sql in ("SELECT * FROM given", "SELECT * FROM made", "SELECT twice(1)"):
            with pytest.raises(duckdb.CatalogException):
                other.execute(sql)


def test_a_cursor_has_the_settings_of_a_private_engine() -> None:
    names = ("TimeZone", "preserve_insertion_order", "threads", "memory_limit")
    shown = "SELECT " + ", ".join(f"current_setting('{name}')" for name in names)
    with engine.cursor() as one, engine.connect() as private:
        assert one.execute(shown).fetchall() == private.execute(shown).fetchall()
        assert one.execute("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]


def test_what_one_cursor_was_taught_another_one_can_do() -> None:
    for _ in range(2):
        engine.teach("one_more_for_a_test", lambda n: pa.compute.add(n, 1), ["BIGINT"], "BIGINT")
        with engine.cursor() as connection:
            found = connection.execute("SELECT one_more_for_a_test(n) FROM range(3) AS r(n)").fetchall()
        assert found == [(1,), (2,), (3,)]


def test_a_total_of_digests_is_exact() -> None:
    most = 2**64 - 1
    assert (
        engine.total(pa.chunked_array([pa.array([most, most], pa.uint64()), pa.array([1], pa.uint64())]))
        == 2 * most + 1
    )
