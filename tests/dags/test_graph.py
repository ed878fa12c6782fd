"""The DAGs: that they load, what they are made of, and the policy every one of them keeps."""

from datetime import datetime
from pathlib import Path
from typing import Any

from schemas import nights

Bags = list[dict[str, Any]]
GOLDEN = Path(__file__).parent / "graph.txt"


def test_every_dag_file_loads(bags: Bags) -> None:
    for bag in bags:
        assert bag["errors"] == {}
        assert sorted(bag["dags"]) == ["backfill", "maintenance_probe", "nightly_probe"]


def test_loading_them_imports_neither_spark_nor_anything_else_that_is_heavy(bags: Bags) -> None:
    assert bags[-1]["heavy"] == []


def test_the_graph_is_the_one_agreed_on(bags: Bags) -> None:
    """After a change that is meant: replace graph.txt by what this test shows."""
    assert _drawn(bags) == GOLDEN.read_text("utf-8")


def test_every_dag_says_what_happens_on_failure_and_how_to_run_it_again(bags: Bags) -> None:
    for bag in bags:
        for dag in bag["dags"].values():
            assert "**When something fails.**" in dag["doc"]
            assert "**To run it again.**" in dag["doc"]


def test_every_dag_starts_long_ago_catches_nothing_up_and_runs_once_at_a_time(bags: Bags) -> None:
    for bag in bags:
        for dag in bag["dags"].values():
            assert (dag["start"], dag["catchup"], dag["max_active_runs"]) == ("2000-01-01", False, 1)
            assert dag["tasks"]


def test_every_task_has_an_owner_and_what_can_be_repeated_is_tried_twice(bags: Bags) -> None:
    once = {"table_state", "verdict", "replay"}
    for bag in bags:
        for dag in bag["dags"].values():
            for task in dag["tasks"]:
                assert task["owner"] == "city_data_team"
                assert task["retries"] == (0 if task["id"] in once else 1), task["id"]


def test_nothing_that_fails_in_a_night_keeps_the_rest_from_running(bags: Bags) -> None:
    for bag in bags:
        assert {task["rule"] for task in bag["dags"]["nightly_probe"]["tasks"]} == {"all_done"}


def test_the_verdict_alone_decides_how_a_night_ends(bags: Bags) -> None:
    for bag in bags:
        tasks = bag["dags"]["nightly_probe"]["tasks"]
        followed = {before for task in tasks for before in task["after"]}
        assert [task["id"] for task in tasks if task["id"] not in followed] == ["verdict"]


def test_the_airflow_date_is_never_used(bags: Bags) -> None:
    for bag in bags:
        for dag in bag["dags"].values():
            assert not [task["id"] for task in dag["tasks"] if "ds" in task["says"].replace("{{", " ").split()]


def test_a_night_is_scheduled_only_where_that_is_asked_for_and_then_on_the_city_clock(bags: Bags) -> None:
    here, cluster = (bag["dags"]["nightly_probe"] for bag in bags)
    assert here["schedule"] is None
    assert cluster["schedule"] == "0 5 * * *"


def test_a_year_of_scheduled_runs_is_for_every_night_once_over_both_clock_changes(bags: Bags) -> None:
    here, cluster = (bag["dags"]["nightly_probe"]["runs"] for bag in bags)
    assert here == []
    nights_of = [nights.biz_date(None, datetime.fromisoformat(run), "Europe/Berlin") for run in cluster]
    assert nights_of == nights.days("2023-12-31", "2024-12-29").split()


def test_the_business_date_is_a_date_or_nothing(bags: Bags) -> None:
    asked = bags[0]["dags"]["nightly_probe"]["params"]["biz_date"]
    assert (asked["default"], asked["type"], asked["format"]) == (None, ["null", "string"], "date")


def test_the_profile_cuts_the_night_into_submits(bags: Bags) -> None:
    submits = [
        [task["id"] for task in bag["dags"]["nightly_probe"]["tasks"] if task["kind"] == "SparkSubmitOperator"]
        for bag in bags
    ]
    assert submits == [
        ["bronze_silver_quality_fused_indicators"],
        ["bronze", "silver", "quality", "fused", "indicators"],
    ]


def test_the_submits_end_in_time_for_an_edition(bags: Bags) -> None:
    for bag in bags:
        tasks = [task for task in bag["dags"]["nightly_probe"]["tasks"] if task["timeout"] and task["id"] != "export"]
        assert tasks[-1]["id"] == "edition"
        assert 2 * sum(task["timeout"] + 30 for task in tasks) == 120 * 60


def _drawn(bags: Bags) -> str:
    lines = []
    for bag, title in zip(bags, ("here", "on a cluster, on schedule"), strict=True):
        for name, dag in bag["dags"].items():
            lines.append(f"{name} ({title})")
            for task in dag["tasks"]:
                many = "[]" if task["mapped"] else ""
                lines.append(
                    f"  {task['id']}{many} <- {', '.join(task['after']) or '-'}  {task['kind']} {task['rule']}"
                )
    return "\n".join(lines) + "\n"
