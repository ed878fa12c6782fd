"""The DAG files as Airflow reads them, for an invented city that has all a city can have in few lines."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
CONF = str(HERE / "conf")


@pytest.fixture(scope="session")
def airflow_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An Airflow of its own, with the invented city and nothing of the caller's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "CITYPULSE"))}
    return kept | {
        "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow")),
        "AIRFLOW__CORE__DAGS_FOLDER": str(HERE.parents[1] / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "AIRFLOW_CONN_SPARK_DEFAULT": '{"conn_type": "spark", "host": "local[1]"}',
        "CITYPULSE_CONF": CONF,
        "PYTHONPATH": str(HERE.parents[1]),
    }


@pytest.fixture(scope="session")
def bags(airflow_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The DAG folder as it is here, and as it is on a cluster that runs on schedule and brings editions elsewhere."""
    conf = shutil.copytree(CONF, tmp_path_factory.mktemp("exports") / "conf")
    with (conf / "cities" / "probe" / "city.yaml").open("a", encoding="utf-8") as declared:
        declared.write("exports: {postgres: PROBE_POSTGRES}\n")
    variants = [{}, {"CITYPULSE_SCHEDULE": "1", "CITYPULSE_PROFILE": "yarn", "CITYPULSE_CONF": str(conf)}]
    done = subprocess.run(
        [sys.executable, str(HERE / "parse.py"), json.dumps(variants)],
        env=airflow_environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    out: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return out
