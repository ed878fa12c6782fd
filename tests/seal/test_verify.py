"""`citypulse verify` on ten sealed nights: any byte, file, folder, row of the lake and landed file is detected."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from citypulse.cli import app
from jobs import edition, erasing, landing, maintenance, seal, verifying
from jobs.core.errors import CriticalFailure, Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.intact import Altered
from tests import inline
from tests.seal import town
from tests.seal.conftest import Town

pytestmark = pytest.mark.slow
SEED, BYTES = 11, 18
MIDDLE = str(town.day(4))


@contextmanager
def restored(*places: Path) -> Iterator[None]:
    """Files and folders as they were, once the context is left."""
    kept = {place: places[0].parents[4] / f"kept-{n}" for n, place in enumerate(places)}
    for place, copy in kept.items():
        if place.exists():
            shutil.copytree(place, copy) if place.is_dir() else shutil.copy2(place, copy)
    try:
        yield
    finally:
        for place, copy in kept.items():
            shutil.rmtree(place, ignore_errors=True) if place.is_dir() else place.unlink(missing_ok=True)
            if copy.exists():
                shutil.move(copy, place)


def raised(made: Town, **how: bool) -> Altered:
    with pytest.raises(Altered) as error:
        verifying.chained(made.city, made.lake, **how)
    assert "\n" not in str(error.value)
    return error.value


def test_ten_sealed_nights_are_as_sealed(made: Town) -> None:
    found = verifying.chained(made.city, made.lake, landing=True, tables=True)
    assert [link.root for link in found.editions] == made.roots
    assert [link.biz_date for link in found.editions] == [str(town.day(n)) for n in range(town.NIGHTS)]
    assert (found.erased, found.waiting, found.days) == (0, 0, 4)
    one = verifying.edition(made.city, made.lake, town.day(4))
    assert [(link.biz_date, link.root) for link in one.editions] == [(MIDDLE, made.roots[4])]


def test_a_byte_of_any_file_of_any_edition(made: Town) -> None:
    rng = Random(SEED)
    place = made.lake.folder("editions")
    files = sorted(path for path in place.rglob("*") if path.is_file())
    by_name: dict[str, list[Path]] = {}
    for path in files:
        by_name.setdefault(path.name, []).append(path)
    for n in range(BYTES):
        path = rng.choice(by_name[sorted(by_name)[n % len(by_name)]])
        was = path.read_bytes()
        at = rng.randrange(len(was))
        path.write_bytes(was[:at] + bytes([was[at] ^ 1 << rng.randrange(8)]) + was[at + 1 :])
        error = raised(made)
        path.write_bytes(was)
        assert path.name in error.where, error
        assert error.edition == (path.relative_to(place).parts[0] if path.name != seal.HEAD else error.edition)
    verifying.chained(made.city, made.lake)


def test_files_and_folders_gone_added_and_moved(made: Town) -> None:
    place = made.lake.folder("editions")
    one, other, stranger = place / MIDDLE, place / str(town.day(7)), place / "2023-01-01"
    page, more = one / "index.html", one / "assets" / "more.js"

    def swap() -> None:
        one.rename(place / "x")
        other.rename(one)
        (place / "x").rename(other)

    for change, where, fragment in (
        (page.unlink, "index.html", "is gone"),
        (lambda: more.write_text(""), "assets/more.js", "was added"),
        ((one / seal.LEAVES).unlink, seal.LEAVES, "is not there"),
        (lambda: shutil.rmtree(one), f"editions/{MIDDLE}", "is gone; ops.editions has it"),
        (lambda: one.rename(stranger), "editions/2023-01-01", f"it belongs in editions/{MIDDLE}"),
        (lambda: shutil.copytree(one, stranger), "ops.editions", "editions/2023-01-01 has a seal"),
        (swap, f"editions/{MIDDLE}", f"holds edition {other.name}"),
        ((place / seal.HEAD).unlink, seal.HEAD, "is not there"),
        (lambda: (place / "notes.txt").write_text(""), "editions/notes.txt", "it is no edition"),
    ):
        with restored(place):
            change()
            error = raised(made)
        assert (error.where, fragment in str(error)) == (where, True), error
    verifying.chained(made.city, made.lake)


def test_a_value_that_was_altered_is_told_with_what_it_was(made: Town) -> None:
    path = made.lake.folder("editions") / MIDDLE / "values.json"
    was = path.read_text("utf-8")
    row = next(one for one in json.loads(was) if one["value"] is not None)
    now = was.replace(f'"value": {row["value"]}', '"value": 1234.5', 1)
    with restored(path):
        path.write_text(now, "utf-8")
        error = raised(made)
    assert error.where == "values.json"
    named = f"values: {town.NAME} {row['level']} {row['place']} day {row['period']} all is not what was sealed"
    assert named in str(error)
    assert str(error).endswith(f"; sealed was value {row['value']}, found value 1234.5")


Change = Callable[[Town], object]


def put(made: Town, table: str, where: str, **fields: Any) -> None:
    """Rows of the ledger with other fields."""
    ledger = Ledger(made.lake)
    for row in ledger.rows(table, where):
        key = "delivery_id" if "delivery_id" in row else "biz_date"
        ledger.put(table, [row | fields], **{key: [row[key]]})


def of(made: Town) -> str:
    """SQL: the first of the deliveries that MIDDLE took in."""
    mine = [str(row["delivery_id"]) for row in town.rows(made.lake, "ingests") if str(row["biz_date"]) == MIDDLE]
    return f"delivery_id = '{min(mine)}'"


def another(made: Town) -> None:
    """A delivery that MIDDLE never saw, with everything that a delivery has in the ledger."""
    ledger = Ledger(made.lake)
    (row,) = ledger.rows("deliveries", of(made))
    (taken,) = ledger.rows("ingests", of(made))
    ledger.add("deliveries", [row | {"delivery_id": "ffff"}])
    ledger.add("ingests", [taken | {"delivery_id": "ffff"}])


def rewrite(table: str, change: Callable[[pa.Table], pa.Table]) -> Change:
    """A table of the lake with other rows."""

    def go(made: Town) -> None:
        rows = made.lake.arrow(table)
        made.lake.replace(table, change(rows), "true")

    return go


def with_first(column: str, value: Any) -> Callable[[pa.Table], pa.Table]:
    def go(rows: pa.Table) -> pa.Table:
        listed = rows.to_pylist()
        listed[0][column] = value
        return pa.Table.from_pylist(listed, schema=rows.schema)

    return go


LATE = datetime(2024, 10, 1, tzinfo=UTC)
IN_THE_LAKE: list[tuple[str, Change, str, str]] = [
    ("deliveries", lambda m: put(m, "deliveries", of(m), delivered_at=LATE), "ops.deliveries",
     'delivered_at is "2024-10-01T00:00:00+00:00", sealed was "2024-10-12T00:30:00+00:00"'),
    ("deliveries", lambda m: put(m, "deliveries", of(m), sha256="0" * 64), "ops.deliveries", 'sha256 is "0000'),
    ("deliveries", lambda m: m.lake.delete("ops.deliveries", of(m)), "ops.deliveries", "is missing"),
    ("ingests", lambda m: m.lake.delete("ops.ingests", of(m)), "ops.deliveries", "is missing"),
    ("ingests", lambda m: put(m, "ingests", of(m), records=3), "ops.deliveries", "records is 3, sealed was "),
    ("table_days", rewrite("ops.table_days", with_first("digest", "7")), "ops.table_days", 'digest is "7", sealed was'),
    ("table_days", rewrite("ops.table_days", lambda rows: rows.slice(1)), "ops.table_days", "is missing"),
    ("editions", lambda m: put(m, "editions", f"biz_date = DATE '{MIDDLE}'", digest="0" * 64), "ops.editions",
     "the edition itself and ops.steps, edition 2024-10-12 have"),
    ("editions", lambda m: m.lake.delete("ops.editions", f"biz_date = DATE '{MIDDLE}'"), "ops.editions", "has a seal"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "change", "where", "fragment"), IN_THE_LAKE)
def test_a_row_of_the_ledger(made: Town, table: str, change: Change, where: str, fragment: str) -> None:
    with restored(made.lake.folder(f"ops.{table}")):
        change(made)
        error = raised(made)
    assert (error.where, fragment in str(error)) == (where, True), error


def test_a_delivery_that_was_slipped_in(made: Town) -> None:
    with restored(made.lake.folder("ops.deliveries"), made.lake.folder("ops.ingests")):
        another(made)
        error = raised(made)
    assert (error.edition, error.where) == (MIDDLE, "ops.deliveries")
    assert "ffff phones" in str(error)
    assert "was added: the edition was sealed without it" in str(error)


@pytest.mark.parametrize(
    ("table", "change", "fragment"),
    [
        ("indicators.values", with_first("value", 99.0), "sealed was value "),
        ("indicators.values", lambda rows: rows.slice(1), "is missing"),
        ("indicators.values", lambda rows: pa.concat_tables([rows, rows.slice(0, 1)]), "was added"),
        ("indicators.current", with_first("low", -3.0), "is not what indicators.values says"),
        ("indicators.current", lambda rows: rows.slice(1), "is missing"),
    ],
)  # fmt: skip
def test_a_value_in_the_lake(
    made: Town, table: str, change: Callable[[pa.Table], pa.Table], fragment: str
) -> None:  # fmt: skip
    with restored(made.lake.folder(table)):
        rewrite(table, change)(made)
        error = raised(made)
    assert error.where == table
    assert town.NAME in str(error)
    assert fragment in str(error), error


def landed(made: Town) -> Path:
    """Where a delivery of MIDDLE lies."""
    (row,) = Ledger(made.lake).rows("deliveries", of(made))
    return made.lake.root / str(row["path"])


def test_what_lies_in_landing(made: Town) -> None:
    path = landed(made)
    sidecar = path.parent / landing.SIDECAR
    folder, beside = (one.relative_to(made.lake.root).as_posix() for one in (path, sidecar))
    said = json.dumps(json.loads(sidecar.read_text()) | {"delivered_at": "2024-09-12T00:30:00+00:00"})
    for change, whole, where, fragment in (
        (path.unlink, False, folder, "is gone"),
        (lambda: path.write_bytes(path.read_bytes()[:-1] + b"\0"), True, folder, "the file was altered"),
        (lambda: sidecar.write_text(said), False, beside, 'delivered_at is "2024-09-1'),
        (sidecar.unlink, False, beside, "is not there"),
    ):
        with restored(path.parent):
            change()
            error = raised(made, landing=whole)
        assert (error.edition, error.where, fragment in str(error)) == (MIDDLE, where, True), error
    with restored(path.parent.with_name("f" * 16)):
        shutil.copytree(path.parent, path.parent.with_name("f" * 16))
        verifying.chained(made.city, made.lake)
        assert raised(made, landing=True).where == f"landing/phones/{'f' * 16}"


@pytest.mark.parametrize("change", [with_first("beds", 77), lambda rows: rows.slice(1)])
def test_a_row_of_silver(made: Town, change: Callable[[pa.Table], pa.Table]) -> None:
    with restored(made.lake.folder("silver.calls")):
        rewrite("silver.calls", change)(made)
        verifying.chained(made.city, made.lake)
        error = raised(made, tables=True)
    assert error.where == "silver.calls"
    assert "rows with digest" in str(error)


def test_the_same_rows_in_other_files_and_another_order_are_as_sealed(made: Town) -> None:
    tables = ("indicators.values", "indicators.current", "silver.calls", "ops.deliveries", "ops.table_days")
    with restored(*(made.lake.folder(table) for table in tables)):
        for table in tables:
            rewrite(table, lambda rows: rows.take(list(range(len(rows)))[::-1]))(made)
        found = verifying.chained(made.city, made.lake, landing=True, tables=True)
    assert [link.root for link in found.editions] == made.roots


@pytest.mark.parametrize("table", ["ops.editions", "ops.deliveries", "indicators.values"])
def test_a_table_that_cannot_be_read_is_one_line(made: Town, table: str) -> None:
    folder = made.lake.folder(table)
    with restored(folder):
        for path in folder.rglob("*.parquet"):
            path.write_bytes(path.read_bytes()[:-20])
        with pytest.raises(CriticalFailure, match="cannot be read any more") as error:
            verifying.chained(made.city, made.lake)
    assert "\n" not in str(error.value)


def test_the_newest_edition_taken_away_with_all_traces_but_a_told_root(made: Town) -> None:
    lake, last = made.lake, town.day(town.NIGHTS - 1)
    places = [lake.folder("editions"), lake.folder("ops.editions"), lake.folder("ops.steps")]
    with restored(*places):
        shutil.rmtree(lake.folder("editions") / str(last))
        assert raised(made).where == f"editions/{last}"
        lake.delete("ops.editions", f"biz_date = DATE '{last}'")
        assert raised(made).where == "ops.steps"
        lake.delete("ops.steps", f"biz_date = DATE '{last}'")
        assert raised(made).where == seal.HEAD
        head = {"biz_date": str(town.day(town.NIGHTS - 2)), "root": made.roots[-2]}
        (lake.folder("editions") / seal.HEAD).write_text(json.dumps(head, separators=(",", ":")) + "\n")
        found = verifying.chained(made.city, lake)
        with pytest.raises(Altered, match=f"no edition has root {made.roots[-1]}"):
            verifying.witnessed(found, made.roots[-1])


def test_the_command_line(made: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYPULSE_LAKE", str(made.lake.root.parent))
    called = CliRunner().invoke(app, ["verify", "--city", "toy", "--head", made.roots[3], "--landing", "--tables"])
    assert called.exit_code == 0, called.exception
    lines = called.stdout.splitlines()
    assert lines[0].startswith("toy: 10 editions, 2024-10-07 to 2024-10-16, as sealed: ")
    assert lines[0].endswith(f"root of 2024-10-16: {made.roots[-1]}")
    assert lines[1] == "the root that was told is that of edition 2024-10-10; 6 editions follow it"
    assert len(lines) == 4
    for words, said in (
        (["2024-10-31"], "toy has no such sealed edition; there is 2024-10-07 to 2024-10-16"),
        (["10 October"], "EDITION '10 October': expected a date"),
        (["--head", "abc"], "expected the 64 hexadecimal digits"),
        (["2024-10-10", "--tables"], "--tables goes with all editions"),
    ):
        error = CliRunner().invoke(app, ["verify", "--city", "toy", *words]).exception
        assert isinstance(error, Problem)
        assert said in str(error)


def test_the_same_nights_from_landing_in_another_folder_have_the_same_roots(made: Town, tmp_path: Path) -> None:
    other = Lake(tmp_path / "elsewhere", made.city.id)
    landing.land(made.city, other, made.lake.folder("landing"), datetime(2024, 12, 1, tzinfo=UTC))
    assert [str(town.night(made.city, other, n)["root"]) for n in range(3)] == made.roots[:3]
    assert maintenance.run(made.city, other)["compacted"]
    assert [link.root for link in verifying.chained(made.city, other, tables=True).editions] == made.roots[:3]


def test_an_edition_that_is_not_sealed_is_no_fault_and_is_in_no_chain(made: Town, tmp_path: Path) -> None:
    lake = Lake(tmp_path, made.city.id)
    shutil.copytree(made.lake.root, lake.root)
    said = edition.run(made.city, lake, town.day(town.NIGHTS))
    assert said["sealed"] == "no"
    assert [link.root for link in verifying.chained(made.city, lake).editions] == made.roots
    inline.note(lake, town.day(town.NIGHTS + 1), "indicators", {})
    assert edition.run(made.city, lake, town.day(town.NIGHTS + 1))["sealed"] == "yes"
    assert len(verifying.chained(made.city, lake).editions) == town.NIGHTS + 1


def test_after_an_erasure_editions_verify_and_say_what_is_not_sealed_any_more(made: Town, tmp_path: Path) -> None:
    lake = Lake(tmp_path, made.city.id)
    shutil.copytree(made.lake.root, lake.root)
    who = erasing.person(made.city, "phone", "13800130002")
    erased = {one.delivery["delivery_id"] for one in erasing.erase(made.city, lake, who)}
    found = verifying.chained(made.city, lake, landing=True, tables=True)
    assert (found.erased, found.waiting) == (len(erased), 4)
    inline.night(made.city, lake, date(2024, 10, 17))
    edition.run(made.city, lake, date(2024, 10, 17))
    after = verifying.chained(made.city, lake, landing=True, tables=True)
    assert (after.erased, after.waiting, len(after.editions)) == (len(erased), 0, town.NIGHTS + 1)
