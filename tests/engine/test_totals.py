"""Rows of two levels in one table: added up, unless a source declares that its rows are a level's totals."""

import duckdb
import pytest

from jobs import speaking

DISTANCES = (("street", "street", 0), ("street", "district", 1), ("street", "city", 2), ("district", "district", 0),
             ("district", "city", 1), ("city", "city", 0), ("grid", "grid", 100), ("grid", "city", 101))  # fmt: skip


def speaks(there: set[str], to: str, totals: tuple[str, ...] = (), *, pointed: bool = False) -> set[str]:
    """The levels whose rows make the value of a place at level `to`, of those that have rows."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE ways (from_level VARCHAR, to_level VARCHAR, distance INT, chain INT)")
        connection.executemany("INSERT INTO ways VALUES (?, ?, ?, ?)", [(*one, one[2] // 100) for one in DISTANCES])
        connection.execute("""CREATE TABLE totals ("table" VARCHAR, from_level VARCHAR)""")
        connection.execute("""CREATE TABLE pointed ("table" VARCHAR)""")
        for level in totals:
            connection.execute("INSERT INTO totals VALUES ('t', ?)", [level])
        if pointed:
            connection.execute("INSERT INTO pointed VALUES ('t')")
        listed = ", ".join(f"('t', '{level}')" for level in sorted(there))
        rows = connection.execute(f"""
            SELECT from_level FROM (VALUES {listed}) AS t("table", from_level) JOIN ways USING (from_level)
            {speaking.SPOKEN} WHERE to_level = '{to}' {speaking.chosen('"table", to_level')}""").fetchall()
    return {level for (level,) in rows}


def test_rows_of_two_levels_are_both_counted() -> None:
    assert speaks({"street", "district"}, "district") == {"street", "district"}
    assert speaks({"street", "district"}, "city") == {"street", "district"}


@pytest.mark.parametrize(("to", "level"), [("district", "district"), ("city", "city"), ("street", "street")])
def test_declared_totals_stand_instead_of_their_parts(to: str, level: str) -> None:
    assert speaks({"street", "district", "city"}, to, ("district", "city")) == {level}


def test_without_the_nearer_totals_the_next_speak() -> None:
    assert speaks({"street", "district"}, "city", ("district", "city")) == {"district"}
    assert speaks({"street"}, "city", ("district", "city")) == {"street"}


def test_a_point_that_lies_in_two_hierarchies_counts_once() -> None:
    assert speaks({"street", "grid"}, "city", pointed=True) == {"street"}
    assert speaks({"street", "grid"}, "city") == {"street", "grid"}
