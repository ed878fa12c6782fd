"""One night through a city's DAG in one process, as `make demo` runs it: `python -m tests.dags.night CITY DAY OUT`.

OUT gets how the run ended, how long it took, and the state of each task.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from schemas import load_city, nights
from schemas.city import ROOT


def through(city: str, day: str) -> dict[str, Any]:
    """The night, at its scheduled instant."""
    from airflow.dag_processing.dagbag import DagBag

    dag = DagBag(os.environ.get("AIRFLOW__CORE__DAGS_FOLDER") or str(ROOT / "dags")).dags[f"nightly_{city}"]
    at = nights.starts(load_city(city), day)
    clock = time.perf_counter()
    run = dag.test(logical_date=at, run_after=at)
    seconds = time.perf_counter() - clock
    states = {
        f"{one.task_id} {one.rendered_map_index or ''}".strip(): str(one.state) for one in run.get_task_instances()
    }
    return {"state": str(run.state), "seconds": seconds, "tasks": states}


if __name__ == "__main__":
    Path(sys.argv[3]).write_text(json.dumps(through(*sys.argv[1:3])), "utf-8")
    sys.stdout.flush()
    os._exit(0)
