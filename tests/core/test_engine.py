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
