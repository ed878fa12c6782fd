"""What becomes of a night in Airflow when parts of it fail. Airflow itself runs; the commands only say how they end."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LEDGER = '{"silver.meter_counts": {"outcome": "done", "reason": ""}}'
HELD = '{"silver.meter_counts": {"outcome": "held", "reason": "too few rows"}}'
TELLS = """case $1 in state) echo '{ledger}';; esac; [ "$2" != verdict ] || exit {verdict}"""
SPRING, AUTUMN, BROKEN, HOLD = "2024-03-30", "2024-10-26", "2024-05-01", "2024-05-02"
NIGHTS = [
    (SPRING, {"spark-submit": "exit 0", "citypulse": TELLS.format(ledger=LEDGER, verdict=0)}),
    (AUTUMN, {"spark-submit": "exit 0", "citypulse": TELLS.format(ledger=LEDGER, verdict=0)}),
    (BROKEN, {"spark-submit": "exit 1", "citypulse": TELLS.format(ledger="{}", verdict=1)}),
    (HOLD, {"spark-submit": "exit 0", "citypulse": TELLS.format(ledger=HELD, verdict=1)}),
]
LAYERS = "bronze_silver_quality_fused_indicators"


@pytest.fixture(scope="module")
def runs(airflow_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Four nights, each through the whole DAG."""
    said: list[dict[str, Any]] = []
    commands = str(tmp_path_factory.mktemp("commands"))
    for command in (
        [str(Path(sys.executable).with_name("airflow")), "db", "migrate"],
        [sys.executable, str(Path(__file__).with_name("run.py")), commands, json.dumps(NIGHTS)],
    ):
        done = subprocess.run(command, env=airflow_environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-1000:]
        said = json.loads(done.stdout.splitlines()[-1]) if "run.py" in command[1] else said
    return {night: run for (night, _), run in zip(NIGHTS, said, strict=True)}


@pytest.mark.parametrize("night", [SPRING, AUTUMN])
def test_a_good_night_runs_every_step_for_its_own_date_over_the_clock_changes(
    runs: dict[str, dict[str, Any]], night: str
) -> None:
    run = runs[night]
    assert run["state"] == "success"
    submit, *rest = run["calls"]
    assert submit.startswith("spark-submit --master local[1] ")
    assert submit.endswith(
        f"jobs/submit.py --city probe --biz-date {night} --steps bronze,silver,quality,fused,indicators"
    )
    assert rest == [
        f"citypulse {words} --city probe --biz-date {night}"
        for words in ("run edition", "state --format json", "run verdict")
    ]


def test_every_table_has_a_state_of_its_own_and_one_without_deliveries_is_skipped(
    runs: dict[str, dict[str, Any]],
) -> None:
    tasks = runs[SPRING]["tasks"]
    assert tasks["table_state silver.meter_counts"] == "success"
    assert tasks["table_state silver.meter_faults"] == "skipped"


def test_a_table_that_is_held_is_red_and_so_is_the_run(runs: dict[str, dict[str, Any]]) -> None:
    run = runs[HOLD]
    assert run["tasks"]["table_state silver.meter_counts"] == "failed"
    assert run["tasks"]["edition"] == "success"
    assert run["state"] == "failed"


def test_layers_that_fail_are_tried_twice_and_there_is_an_edition_all_the_same_and_the_run_is_red(
    runs: dict[str, dict[str, Any]],
) -> None:
    run = runs[BROKEN]
    assert [call.split()[0] for call in run["calls"]] == ["spark-submit", "spark-submit", *["citypulse"] * 3]
    assert run["tasks"][LAYERS] == "failed"
    assert run["tasks"]["edition"] == "success"
    assert run["tasks"]["verdict"] == "failed"
    assert run["state"] == "failed"
