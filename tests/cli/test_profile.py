"""Where the seconds of a night went, of nights whose ledger and event logs are written here by hand."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from citypulse import profile, profile_text
from jobs import journal
from jobs.core import cost, events, work
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.journal import Journal
from jobs.work_days import STARTED
from tests import inline
from tests.commands import citypulse
from tests.core import test_events as spark

DAY = date(2025, 3, 3)
SUBMITTED, EDITION = "aaaaaaaa", "bbbbbbbb"
BRONZE = "bronze: bronze.air"
KNOWN = "its seconds are to its event log's last word"


def at(second: float) -> datetime:
    """An instant, in seconds since the session's first in the event log."""
    return datetime.fromtimestamp(1000 + second, UTC)


def row(attempt: str, step: str, started: float, seconds: float | None, **of: Any) -> dict[str, Any]:
    """A row of `ops.steps`."""
    base = {"biz_date": DAY, "attempt": attempt, "step": step, "table": None, "outcome": "done", "detail": ""}
    return base | {"started_at": at(started), "seconds": seconds} | of


def session(events_in: str | None, jvm: float = -9.0) -> dict[str, Any]:
    """The row of a session of three seconds, from a second into bronze on."""
    told = {"application": spark.APPLICATION, "jvm_began_at": at(jvm).isoformat(), "events": events_in}
    return row(SUBMITTED, "session", -3.0, 3.0, detail=json.dumps(told), cpu_s=0.75)


def night(lake: Lake, *more: Mapping[str, Any]) -> None:
    """Bronze and silver in a process that spark-submit started at -9 s, then the edition in one of its own."""
    began = {"began_at": at(-7.0)}
    Ledger(lake).add("steps", [
        row(SUBMITTED, "bronze", -4.0, 0.0, outcome=STARTED, **began),
        row(SUBMITTED, "bronze", -4.0, 14.0, cpu_s=2.75, **began),
        row(SUBMITTED, "bronze", -4.0, 3.0, table="bronze.air", cpu_s=2.0, driver_s=0.5, bytes_read=100),
        row(SUBMITTED, "bronze", -4.0, None, table="silver.air", driver_s=0.25),
        row(SUBMITTED, "silver", 10.5, 4.5, **began),
        row(EDITION, "edition", 36.0, 2.0, began_at=at(33.0)),
        *more,
    ])  # fmt: skip


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake."""
    return Lake(tmp_path, "lanhai")


def logged(lake: Lake, said: list[spark.Event], name: str = spark.APPLICATION) -> dict[str, Any]:
    """An event log in its place, and the session's row that leads there."""
    folder = events.folder(lake.root, DAY)
    spark.write(folder / name, spark.text(said))
    return session(folder.relative_to(lake.root).as_posix())


def parts(found: profile.Profile) -> dict[tuple[str, str], float | None]:
    """Seconds by attempt and part."""
    return {(one.attempt, one.what): one.seconds for one in found.parts}


def test_parts_follow_one_another_and_add_up_to_the_night(lake: Lake) -> None:
    night(lake, logged(lake, spark.WHOLE))
    found = profile.of("lanhai", lake, DAY)
    assert found.notes == ["attempt aaaaaaaa: 1 of Spark's tasks failed in bronze"]
    assert parts(found) == {
        (SUBMITTED, "JVM starts (spark-submit)"): 2.0,
        (SUBMITTED, "process starts"): 3.0,
        (SUBMITTED, "session starts"): 3.0,
        (SUBMITTED, "bronze"): 11.0,
        (SUBMITTED, "silver"): 4.5,
        (SUBMITTED, "between steps"): 0.5,
        (SUBMITTED, "session ends"): 15.0,
        ("", "between attempts"): 3.0,
        (EDITION, "process starts"): 3.0,
        (EDITION, "edition"): 2.0,
        (EDITION, "between steps"): 0.0,
    }
    assert found.seconds == 38.0 + 9.0 == sum(one.seconds or 0.0 for one in found.parts)
    assert [one.cpu_s for one in found.parts if one.what in ("session starts", "bronze")] == [0.75, 2.0]


def test_a_jvm_that_the_session_itself_starts_is_told_from_the_rest_of_its_start(lake: Lake) -> None:
    logged(lake, spark.WHOLE)
    folder = events.folder(lake.root, DAY).relative_to(lake.root).as_posix()
    of_its_own = session(folder, jvm=-2.5) | {"started_at": at(-3.0), "seconds": 3.5}
    night(lake, of_its_own)
    found = parts(profile.of("lanhai", lake, DAY))
    assert found[SUBMITTED, "JVM starts"] == 3.0
    assert found[SUBMITTED, "session starts"] == 0.5
    assert found[SUBMITTED, "bronze"] == 10.5


def test_what_spark_did_in_a_step_is_told_by_description(lake: Lake) -> None:
    """Tasks ran from 1.5 to 4 and from 3.5 to 5 s, some of them at once: 3.5 of bronze's 11 seconds."""
    night(lake, logged(lake, spark.WHOLE))
    step, nameless, described = profile.of("lanhai", lake, DAY).work
    assert (step.step, step.about, step.seconds, step.idle_s) == ("bronze", "", 11.0, 7.5)
    assert (step.jobs, step.stages, step.tasks, step.failed) == (2, 3, 3, 1)
    assert step.run_s == pytest.approx(4.8)
    assert (step.python_s, step.python_cpu_s, step.read) == (3.0, 2.0, 100)
    assert (described.about, described.seconds, described.idle_s, described.tasks) == (BRONZE, 4.5, 1.5, 2)
    assert (nameless.about, nameless.seconds, nameless.idle_s, nameless.tasks) == ("(no description)", 2.5, 0.5, 1)


def test_the_work_on_each_table_is_told_by_step(lake: Lake) -> None:
    night(lake, session(None))
    found = profile.of("lanhai", lake, DAY).tables
    told = [(one["step"], one["table"], one["seconds"], one["driver_s"]) for one in found]
    assert told == [("bronze", "bronze.air", 3.0, 0.5), ("bronze", "silver.air", None, 0.25)]


def test_a_step_that_was_killed_is_told_as_far_as_its_event_log_goes(lake: Lake) -> None:
    killed = row(SUBMITTED, "silver", 16.0, 0.0, outcome=STARTED)
    said = [*spark.BEGINS, *spark.TWO_AT_ONCE, spark.started(2, 17.0, [5], "silver: silver.air"), spark.task(5, 18, 20)]
    night(lake, logged(lake, said, f"{spark.APPLICATION}.inprogress"), killed)
    found = profile.of("lanhai", lake, DAY)
    assert parts(found)[SUBMITTED, "silver (did not end)"] == 4.0
    assert parts(found)[SUBMITTED, "session ends"] is None
    assert [one.seconds for one in found.work if one.about.startswith("silver")] == [None]
    assert found.notes == [
        "attempt aaaaaaaa: its event log has no end: the session was killed, or is at work",
        f"attempt aaaaaaaa: silver did not end: it was killed, or is at work; {KNOWN}",
        "attempt aaaaaaaa: 1 of Spark's tasks failed in bronze",
    ]


def test_a_step_without_spark_that_was_killed_has_no_end_in_the_event_log(lake: Lake) -> None:
    killed = row(SUBMITTED, "indicators", 33.0, 0.0, outcome=STARTED)
    night(lake, logged(lake, spark.WHOLE), killed)
    assert parts(profile.of("lanhai", lake, DAY))[SUBMITTED, "indicators (did not end)"] is None


def test_of_a_killed_step_without_event_log_nobody_knows_how_long_it_took(lake: Lake) -> None:
    night(lake, session(None), row(SUBMITTED, "quality", 16.0, 0.0, outcome=STARTED))
    found = profile.of("lanhai", lake, DAY)
    assert parts(found)[SUBMITTED, "quality (did not end)"] is None
    assert "nothing is known of it after its start" in found.notes[-1]
    (line,) = (one for one in profile_text.lines(found) if "quality" in one and "attempt" not in one)
    assert line.split() == ["quality", "(did", "not", "end)", "unknown", "unknown"]


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        (None, f"attempt aaaaaaaa: {profile.NO_LOG}"),
        ("hdfs://there/logs", "attempt aaaaaaaa: its event log is in hdfs://there/logs, which is not on this machine"),
        ("logs/spark/gone", "attempt aaaaaaaa: no event log of local-17 in {root}/logs/spark/gone; swept or moved"),
    ],
)
def test_a_log_that_is_not_there_is_one_line(lake: Lake, folder: str | None, said: str) -> None:
    night(lake, session(folder))
    found = profile.of("lanhai", lake, DAY)
    assert found.notes == [said.format(root=lake.root)]
    assert found.work == []
    assert parts(found)[SUBMITTED, "bronze"] == 11.0
    assert list(profile_text.lines(found))[-1] == found.notes[0]


def test_a_log_that_cannot_be_read_to_its_end_is_one_line(lake: Lake) -> None:
    night(lake, logged(lake, []))
    (events.folder(lake.root, DAY) / spark.APPLICATION).write_bytes(spark.text(spark.WHOLE)[:-30])
    assert profile.of("lanhai", lake, DAY).notes == [
        "attempt aaaaaaaa: local-17 breaks off; figures are of what could be read",
        "attempt aaaaaaaa: 1 of Spark's tasks failed in bronze",
    ]


def test_a_night_of_an_older_ledger_has_unknown_cells(lake: Lake) -> None:
    Ledger(lake).add("steps", [row("old", "bronze", 0.0, 4.0), row("old", "session", 1.0, 2.0)])
    found = profile.of("lanhai", lake, DAY)
    assert parts(found) == {
        ("old", "process starts"): None, ("old", "session starts"): 2.0, ("old", "bronze"): 2.0,
        ("old", "between steps"): 0.0, ("old", "session ends"): None,
    }  # fmt: skip
    assert found.notes == [f"attempt old: {profile.NO_LOG}"]


def test_attempts_at_once_are_said(lake: Lake) -> None:
    Ledger(lake).add("steps", [row("first", "bronze", 0.0, 9.0), row("second", "bronze", 7.0, 4.0)])
    found = profile.of("lanhai", lake, DAY)
    assert parts(found)["", "between attempts"] == -2.0
    assert "attempts first and second were at work at once; that counts below zero" in found.notes


def test_shares_are_of_all_seconds(lake: Lake) -> None:
    night(lake, logged(lake, spark.WHOLE))
    told = profile_text.plain(profile.of("lanhai", lake, DAY))
    assert sum(one["share"] for one in told["parts"]) == pytest.approx(1)
    assert json.loads(json.dumps(told))["seconds"] == 47.0


def test_a_night_that_never_ran_is_one_line(lake: Lake) -> None:
    with pytest.raises(Problem, match="--biz-date 2025-03-03: no night of lanhai has run for it; `citypulse night"):
        profile.of("lanhai", lake, DAY)


def test_a_form_that_there_is_not_is_one_line(lake: Lake, tmp_path: Path) -> None:
    night(lake)
    code, _, error = citypulse(tmp_path, "profile", "--city", "lanhai", "--biz-date", str(DAY), "--format", "csv")
    assert (code, error) == (2, "citypulse: --format 'csv': expected table or json\n")


def write(path: str) -> None:
    """A task's work: a hundred thousand bytes."""
    Path(path).write_bytes(b"x" * 100_000)


def test_a_step_tells_the_ledger_what_its_work_on_each_table_cost(lake: Lake, tmp_path: Path) -> None:
    """What it says of a table is what `citypulse state` shows; work alone says nothing."""
    paths = [str(tmp_path / name) for name in ("air-1", "air-2", "bus-1")]
    with cost.told() as told:
        work.run(inline.session, "silver", write, paths, lambda path: f"silver.{Path(path).name[:3]}")
        work.together(lambda key: None, ["silver.air"])
        with cost.driving("fused.terms"):
            pass
    Journal(lake, DAY, "a", None).note("silver", "done", at(0), "", cost.Cost(9.0), {"silver.air": {"held": 1}}, told)
    found = {one["table"]: one for one in journal.costs(lake, DAY)}
    assert list(found) == ["fused.terms", "silver.air", "silver.bus"]
    assert found["silver.air"]["driver_s"] is not None
    assert found["fused.terms"]["seconds"] is None
    assert 200_000 <= found["silver.air"]["bytes_written"] < 300_000
    assert 100_000 <= found["silver.bus"]["bytes_written"] < 200_000
    state = [{"table": "silver.air", "outcome": "held", "reason": '{"held": 1}'}]
    assert journal.of_tables(lake, DAY) == state
    assert [(one["step"], one["seconds"]) for one in journal.of_steps(lake, DAY)] == [("silver", 9.0)]


def test_a_job_is_described_by_its_step_and_tables() -> None:
    assert work.described("silver", ["silver.b", "silver.a", "silver.b"]) == "silver: silver.a, silver.b"
    assert work.described("fused", map(str, range(9))) == "fused: 0, 1, 2, 3 and 5 more"
