"""Bad requests: one clear line each, exit code 2, and nothing changed."""

from pathlib import Path

import pytest

from schemas.city import ROOT
from tests.commands import citypulse


@pytest.fixture
def landed(tmp_path: Path) -> Path:
    """A lake of the demo city in which one file was delivered on 2025-03-04."""
    folder = tmp_path / "in" / "power"
    folder.mkdir(parents=True)
    (folder / "outages_20250303.csv").write_text("", "utf-8")
    code, _, error = citypulse(
        tmp_path, "land", "--city", "lanhai", "--from", str(tmp_path / "in"), "--delivered-at", "2025-03-04T02:30"
    )
    assert (code, error) == (0, "")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("night", "--city", "atlantis", "--biz-date", "2025-03-03"), "city 'atlantis' is not configured; there is: "),
        (("night", "--city", "lanhai", "--biz-date", "2025-03-03"), "there is no lake of lanhai yet"),
        (("night", "--city", "lanhai", "--biz-date", "3 March"), "--biz-date '3 March': expected a date"),
        (("run", "brass", "--city", "lanhai", "--biz-date", "2025-03-03"), "step 'brass' is unknown; there is: bronze"),
        (("values", "--city", "lanhai"), "no edition of lanhai yet"),
        (("land", "--city", "lanhai", "--from", "nowhere"), "no such folder"),
        (("sample", "--city", "nyc", "--to", "x"), "only lanhai is generated"),
        (("sample", "--city", "lanhai", "--to", "x", "--faults", "gremlins"), "gremlins: unknown; allowed: all, none"),
        (("new", "sauce", "x"), "expected source, table, indicator, city"),
        (("quarantine", "--city", "lanhai"), "there is no lake of lanhai yet"),
        (("quarantine", "--city", "lanhai", "--export", "a.xlsx", "--replay", "a.xlsx"), "one at a time"),
        (("night",), "--city"),
    ],
)
def test_a_bad_request_is_one_line_and_exit_code_2(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    code, out, error = citypulse(tmp_path, *words)
    assert (code, out) == (2, "")
    assert said in error
    assert len(error.splitlines()) == 1
    assert not (tmp_path / "lanhai").exists()


def test_a_date_after_the_newest_delivery_cannot_be_met(landed: Path) -> None:
    code, _, error = citypulse(landed, "night", "--city", "lanhai", "--biz-date", "2025-03-05")
    assert code == 2
    assert "the newest delivery is of 2025-03-04; a later night cannot be met" in error


def test_a_night_before_anything_arrived_cannot_be_met(landed: Path) -> None:
    code, _, error = citypulse(landed, "night", "--city", "lanhai", "--biz-date", "2025-03-01")
    assert code == 2
    assert "nothing had arrived by its cut-off" in error


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--source", "sauce"), "--source 'sauce': lanhai has no such source; there is: air_hourly"),
        (("--export", "desk.xlsx"), "--export desk.xlsx: nothing of lanhai is on the desk"),
        (("--replay", "nowhere.xlsx"), "--replay nowhere.xlsx: no such file"),
        (("--replay", "in/power/outages_20250303.csv"), "not a workbook of `citypulse quarantine --export`"),
        (("--replay", "x.xlsx", "--source", "air_hourly"), "--source goes with --export or alone"),
    ],
)
def test_the_desk_says_in_one_line_what_it_cannot_do(landed: Path, words: tuple[str, ...], said: str) -> None:
    code, out, error = citypulse(landed, "quarantine", "--city", "lanhai", *words)
    assert (code, out) == (2, "")
    assert said in error
    assert len(error.splitlines()) == 1


def test_a_migration_of_a_table_that_is_not_there_is_refused(landed: Path) -> None:
    code, out, error = citypulse(landed, "migrate", "--city", "lanhai", "--table", "silver.moon", "--apply")
    assert (code, out) == (2, "")
    assert error.endswith("--table 'silver.moon': the lake of lanhai has no such table; there is: none\n")


def test_an_empty_desk_is_a_table_without_rows(landed: Path) -> None:
    code, out, error = citypulse(landed, "quarantine", "--city", "lanhai")
    assert (code, error) == (0, "")
    assert out.split() == ["source", "table", "rule", "records", "newest_delivery", "delivered"]


@pytest.mark.parametrize(
    ("env", "said"),
    [({"JAVA_HOME": "/nonexistent"}, "Java is not installed"), ({"CITYPULSE_PROFILE": "nojars"}, "no jars at")],
)
def test_what_spark_needs_and_is_not_there_is_named(landed: Path, env: dict[str, str], said: str) -> None:
    profiles = landed / "conf" / "profiles"
    profiles.mkdir(parents=True)
    (profiles / "nojars.yaml").write_text('extends: local\nspark: {spark.jars: "none/*.jar"}\n', "utf-8")
    (landed / "conf" / "cities").symlink_to(ROOT / "conf" / "cities")
    env = {"CITYPULSE_CONF": str(landed / "conf"), **env}
    code, _, error = citypulse(landed, "run", "bronze", "--city", "lanhai", "--biz-date", "2025-03-03", **env)
    assert code == 2
    assert said in error
    assert len(error.splitlines()) == 1
