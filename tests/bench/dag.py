"""One night through the city's DAG in one process, as `make demo` runs it.

`python -m tests.bench.dag CITY DAY OUT` writes to OUT how long the run took, how it ended, and each task's state.
"""

import json
import os
import sys
import time
from pathlib import Path

from schemas import load_city, nights
from schemas.city import ROOT


def main(name: str, day: str, out: Path) -> None:
    """Runs the night."""
    from airflow.dag_processing.dagbag import DagBag

    dag = DagBag(str(ROOT / "dags")).dags[f"nightly_{name}"]
    at, clock = nights.starts(load_city(name), day), time.perf_counter()
    run = dag.test(logical_date=at, run_after=at)
    seconds = time.perf_counter() - clock
    states = {
        f"{one.task_id} {one.rendered_map_index or ''}".strip(): str(one.state) for one in run.get_task_instances()
    }
    said = {"seconds": seconds, "state": str(run.state), "tasks": states}
    out.write_text(json.dumps(said, ensure_ascii=False, indent=1), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
    sys.stdout.flush()
    os._exit(0)
