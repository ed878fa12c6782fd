"""Sealed editions in PostgreSQL: each value once whatever happens, and in every failure the last good state."""

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from jobs import exporting
from jobs.core.errors import CriticalFailure
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.publish import postgres, postgres_schema
from jobs.vintages import KEY
from jobs.work_days import LAYERS
from tests import inline
from tests.commands import FORK, citypulse
from tests.publish import outward, server
from tests.publish.outward import Said, dump, expected
from tests.seal import town
from tests.seal.conftest import Town, three

CITY = "qingzhou"


@pytest.fixture(scope="module")
def running() -> Iterator[str]:
    with server.started() as target:
        yield target


@pytest.fixture
def target(running: str) -> str:
    """A new database."""
    name = f"t{uuid4().hex}"
    with psycopg.connect(running, autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name}".encode())
    return make_conninfo(running, dbname=name)


def rows_of(found: Sequence[Said], columns: Sequence[str] = ()) -> list[Said]:
    """Rows in the order of their key, doubles told apart to the sign of zero."""
    said = [{name: row[name] for name in columns or sorted(row)} for row in found]
    return sorted(said, key=lambda row: repr([str(row[name]) for name in (*KEY, "edition")]))


def test_every_value_is_there_once_as_it_was_said(target: str) -> None:
    assert postgres.export(outward.outward(target)) == "3 editions up to 2031-03-03, 240 values"
    history, current = expected(CITY, (0, 1, 2))
    found = dump(target, CITY)
    assert repr(rows_of(found["values_history"])) == repr(rows_of(history, sorted(history[0])))
    assert repr(rows_of(found["values_current"])) == repr(rows_of(current, sorted(current[0])))
    assert [(row["biz_date"], row["root"], row["n_values"]) for row in found["editions"]] == [
        (one.biz_date, one.root, count) for one, count in zip(outward.editions((0, 1, 2)), (40, 80, 120), strict=True)
    ]
    assert [(row["place"], row["name_en"], row["geometry"]) for row in found["places"]] == [("1", None, {"a": 1})]


def test_what_was_withdrawn_has_no_value_and_keeps_its_history(target: str) -> None:
    postgres.export(outward.outward(target))
    found = dump(target, CITY)
    gone = [row for row in found["values_current"] if row["value"] is None]
    assert gone
    for row in gone:
        assert (row["status"], "below_release_threshold" in row["reasons"], row["low"]) == ("withheld", True, None)
        earlier = [one for one in found["values_history"] if all(one[name] == row[name] for name in KEY)]
        assert any(one["value"] is not None for one in earlier)


def test_the_same_again_touches_no_row(target: str) -> None:
    given = outward.outward(target)
    postgres.export(given)
    before = stamps(target)
    assert postgres.export(given) == "nothing new, edition 2031-03-03 is there"
    assert stamps(target) == before


def stamps(target: str) -> list[object]:
    """What PostgreSQL itself knows each row by."""
    with psycopg.connect(target) as db:
        return [
            db.execute(f"SELECT xmin, ctid, city FROM citypulse.{name} ORDER BY ctid".encode()).fetchall()
            for name in postgres_schema.TABLES
        ]


def test_missed_nights_are_caught_up_in_order_and_nights_without_an_edition_are_in_the_next(target: str) -> None:
    postgres.export(outward.outward(target, nights=(0,)))
    postgres.export(outward.outward(target, nights=(0, 2, 3)))
    found = dump(target, CITY)
    history, current = expected(CITY, (0, 2, 3))
    assert [row["n_values"] for row in found["editions"]] == [40, 200, 120]
    assert repr(rows_of(found["values_history"])) == repr(rows_of(history, sorted(history[0])))
    assert repr(rows_of(found["values_current"])) == repr(rows_of(current, sorted(current[0])))


@pytest.mark.parametrize("point", ["row 0", "row 1", "row 77", "_copy", "_renew", "_bring"])
def test_a_process_that_was_killed_and_run_again_leaves_each_value_once(target: str, point: str) -> None:
    process = FORK.Process(target=outward.kill_at, args=(target, point))
    process.start()
    process.join()
    assert process.exitcode == -9
    seen = [0, 1] if point == "_bring" else [0]
    found = dump(target, CITY)
    assert [row["biz_date"] for row in found["editions"]] == [one.biz_date for one in outward.editions(seen)]
    assert len(found["values_history"]) == len(expected(CITY, seen)[0])
    postgres.export(outward.outward(target))
    found, (history, current) = dump(target, CITY), expected(CITY, (0, 1, 2))
    assert repr(rows_of(found["values_history"])) == repr(rows_of(history, sorted(history[0])))
    assert repr(rows_of(found["values_current"])) == repr(rows_of(current, sorted(current[0])))


def test_two_cities_and_two_processes_of_each_work_side_by_side(target: str) -> None:
    names, errors = ("qingzhou", "nanhu"), list[BaseException]()

    def work(name: str) -> None:
        try:
            postgres.export(outward.outward(target, name))
        except BaseException as error:  # a thread's own would go unseen
            errors.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in names * 2]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert errors == []
    for name in names:
        found, (history, current) = dump(target, name), expected(name, (0, 1, 2))
        assert repr(rows_of(found["values_history"])) == repr(rows_of(history, sorted(history[0])))
        assert repr(rows_of(found["values_current"])) == repr(rows_of(current, sorted(current[0])))
    with psycopg.connect(target, autocommit=True) as db:
        db.execute("DELETE FROM citypulse.cities WHERE city = 'nanhu'")
    assert [len(rows) for rows in dump(target, "nanhu").values()] == [0] * 5
    assert len(dump(target, CITY)["editions"]) == 3


def test_tables_and_columns_say_what_they_are_in_both_languages(target: str) -> None:
    postgres.export(outward.outward(target, nights=(0,)))
    with psycopg.connect(target) as db:
        said = db.execute("""
            SELECT c.relname, a.attname, col_description(c.oid, a.attnum), obj_description(c.oid, 'pg_class')
            FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
            WHERE c.relnamespace = 'citypulse'::regnamespace AND c.relkind = 'r'""").fetchall()
    assert {row[0] for row in said} == set(postgres_schema.TABLES)
    assert [row for row in said if not all(" | " in (text or "") for text in row[2:])] == []


def refused(given: exporting.Outward) -> str:
    with pytest.raises(CriticalFailure) as error:
        postgres.export(given)
    line = str(error.value)
    assert "\n" not in line
    assert server.PASSWORD not in line
    return line


def sql(target: str, *statements: str) -> None:
    with psycopg.connect(target, autocommit=True) as db:
        for one in statements:
            db.execute(one.encode())


def test_what_fails_leaves_the_last_good_state_and_says_so_in_a_line(target: str) -> None:
    postgres.export(outward.outward(target, nights=(0,)))
    before, given = dump(target, CITY), outward.outward(target)
    words = conninfo_to_dict(target)
    role = f"CREATE ROLE reader LOGIN PASSWORD '{words['password']}'"
    may = ("USAGE ON SCHEMA citypulse", "SELECT ON ALL TABLES IN SCHEMA citypulse")
    sql(target, role, *(f"GRANT {one} TO reader" for one in may))
    read_only = make_conninfo(target, options="-c default_transaction_read_only=on")
    for where, fragment in (
        (make_conninfo(target, port=1), "Connection refused"),
        (make_conninfo(target, password="wrong-word"), "password authentication failed"),
        (make_conninfo(target, dbname="nowhere"), 'database "nowhere" does not exist'),
        (make_conninfo(target, user="reader"), "permission denied for table"),
        (read_only, "cannot execute"),
    ):
        line = refused(replace(given, target=where))
        assert fragment in line
        assert line.startswith(f"127.0.0.1:{conninfo_to_dict(where)['port']}/")
        assert "wrong-word" not in line
    assert "is no connection string" in refused(replace(given, target=f"host = {server.PASSWORD} '{server.PASSWORD}"))
    assert words["password"] == server.PASSWORD
    assert dump(target, CITY) == before


def test_a_row_that_the_schema_refuses_takes_its_whole_edition_back(target: str) -> None:
    sql(target, "CREATE SCHEMA citypulse", *postgres_schema.statements(),
        "ALTER TABLE citypulse.values_current ADD CHECK (edition < '2031-03-02' OR place NOT LIKE '39 %')")  # fmt: skip
    line = refused(outward.outward(target))
    assert "violates check constraint" in line
    found = dump(target, CITY)
    history, current = expected(CITY, (0,))
    assert [str(row["biz_date"]) for row in found["editions"]] == ["2031-03-01"]
    assert repr(rows_of(found["values_history"])) == repr(rows_of(history, sorted(history[0])))
    assert repr(rows_of(found["values_current"])) == repr(rows_of(current, sorted(current[0])))


def test_a_database_that_another_lake_filled_or_of_another_form_is_left_alone(target: str) -> None:
    given = outward.outward(target)
    postgres.export(given)
    before = dump(target, CITY)
    other = replace(given, editions=[given.editions[0], given.editions[1]._replace(root="f" * 64), given.editions[2]])
    line = refused(other)
    assert "edition 2031-03-02 of qingzhou with root 0202" in line
    assert "DELETE FROM citypulse.cities WHERE city = 'qingzhou'" in line
    assert "this lake has no such edition" in refused(replace(given, editions=given.editions[:2]))
    assert dump(target, CITY) == before
    sql(target, "COMMENT ON TABLE citypulse.editions IS 'x (schema 0)'")
    assert "of another form" in refused(given)


def test_a_night_whose_export_fails_is_red_and_made_and_run_again_it_is_there(
    three: Town, target: str, tmp_path: Path
) -> None:
    """By the command line, as a process: exit code 1 and one line, then 0."""
    lake, day = three.lake, str(town.day(2))
    for layer in LAYERS:
        inline.note(lake, town.day(2), layer, {})
    conf = three.city.folder
    declared = json.loads((conf / "city.yaml").read_text("utf-8"))
    (conf / "city.yaml").write_text(json.dumps(declared | {"exports": {"postgres": "TOWN_POSTGRES"}}), "utf-8")

    def night(where: str) -> tuple[int | None, str, str]:
        words = ("night", "--city", lake.city, "--biz-date", day)
        return citypulse(tmp_path, *words, CITYPULSE_LAKE=str(lake.root.parent), TOWN_POSTGRES=where)

    code, said, error = night(make_conninfo(target, port=1))
    assert (code, error.count("\n")) == (1, 1), error
    assert error.startswith("citypulse: export failed: postgres: 127.0.0.1:1/")
    assert server.PASSWORD not in said + error + repr(town.rows(lake, "steps"))
    assert f"edition {day} is sealed and verified" in said
    assert "TOWN_POSTGRES is not set" in night("")[2]
    code, said, error = night(target)
    assert (code, error) == (0, ""), error
    assert "3 editions up to" in said
    steps = [row["outcome"] for row in town.rows(lake, "steps") if row["step"] == "export"]
    assert sorted(steps) == ["done", "failed", "failed"]
    same_as_the_lake(lake, target)
    assert "nothing new" in night(target)[1]


def same_as_the_lake(lake: Lake, target: str) -> None:
    found = dump(target, lake.city)
    for table, key in (("values_history", "indicators.values"), ("values_current", "indicators.current")):
        rows = [
            row
            | {"city": lake.city, "reasons": row["reasons"].split("; ") if row["reasons"] else []}
            | {"edition": row["edition"]}
            for row in lake.arrow(key).to_pylist()
        ]
        columns = list(postgres_schema.TABLES[table].columns)
        there = [row | {"edition": str(row["edition"])} for row in found[table]]
        assert repr(rows_of(there, columns)) == repr(rows_of(rows, columns))
    roots = [(row["biz_date"], row["digest"]) for row in Ledger(lake).rows("editions")]
    assert [(row["biz_date"], row["root"]) for row in found["editions"]] == roots
    values = json.loads((lake.folder("editions") / str(town.day(2)) / "values.json").read_text("utf-8"))
    current = {tuple(row[name] for name in KEY): row for row in found["values_current"]}
    for row in values:
        held = current[tuple(row[name] for name in KEY)]
        assert {name: str(held[name]) for name in row if name != "place_name"} == {
            name: str(said) for name, said in row.items() if name != "place_name"
        }


def test_exporters_are_found_from_the_folder_and_one_that_fails_keeps_none_from_its_turn(
    three: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(exporting.exporters()) == ["postgres"]

    def broken(given: exporting.Outward) -> str:
        raise ValueError(f"no way to {given.target}")

    monkeypatch.setattr(exporting, "exporters", lambda: {"a": broken, "b": lambda given: given.target, "c": broken})
    monkeypatch.setenv("WHERE", "s3cret")
    file = three.city.file.model_copy(update={"exports": dict.fromkeys("abc", "WHERE") | {"d": "NOWHERE"}})
    with pytest.raises(CriticalFailure) as error:
        exporting.run(replace(three.city, file=file), three.lake, town.day(2))
    assert str(error.value) == (
        "export failed: a: ValueError: no way to ***; c: ValueError: no way to ***; "
        "d: there is no such exporter; there is: a, b, c"
    )


__all__ = ["three"]
