"""What Airflow makes of the DAG files, as JSON: run in a process of its own, so that nothing else is imported yet."""

import json
import os
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "dags"
HEAVY = ("delta", "deltalake", "duckdb", "great_expectations", "numpy", "pandas", "pyarrow", "pyspark")


def parsed(settings: dict[str, str]) -> dict[str, Any]:
    """Every DAG of the folder, with its tasks, under these environment settings."""
    os.environ.update(settings)
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(FOLDER))
    return {
        "errors": bag.import_errors,
        "dags": {name: _dag(dag) for name, dag in sorted(bag.dags.items())},
        "heavy": sorted({module.split(".")[0] for module in sys.modules} & set(HEAVY)),
    }


def _dag(dag: Any) -> dict[str, Any]:
    return {
        "doc": dag.doc_md or "",
        "schedule": getattr(dag.timetable, "expression", None),
        "runs": _runs(dag),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "start": str(dag.start_date.date()),
        "params": {name: {"default": param.value, **param.schema} for name, param in dag.params.items()},
        "tasks": [_task(task) for task in dag.topological_sort()],
    }


def _runs(dag: Any) -> list[str]:
    """The logical dates Airflow's own scheduler would give this DAG over a year with both clock changes."""
    import pendulum
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import TimeRestriction

    timetable, known = coerce_to_core_timetable(dag.timetable), []
    limits = TimeRestriction(pendulum.datetime(2024, 1, 1), pendulum.datetime(2024, 12, 31), catchup=True)
    info = timetable.next_dagrun_info(last_automated_data_interval=None, restriction=limits)
    while info is not None:
        known.append(info.logical_date.isoformat())
        info = timetable.next_dagrun_info(last_automated_data_interval=info.data_interval, restriction=limits)
    return known


def _task(task: Any) -> dict[str, Any]:
    mapped = task.is_mapped
    return {
        "id": task.task_id,
        "kind": task.operator_class.__name__ if mapped else type(task).__name__,
        "mapped": mapped,
        "after": sorted(task.upstream_task_ids),
        "rule": str(task.trigger_rule).removeprefix("TriggerRule.").lower(),
        "owner": task.owner,
        "retries": task.retries,
        "timeout": task.execution_timeout.total_seconds() if task.execution_timeout else None,
        "says": getattr(task, "bash_command", None) or " ".join(getattr(task, "application_args", None) or []),
    }


if __name__ == "__main__":
    json.dump([parsed(settings) for settings in json.loads(sys.argv[1])], sys.stdout)
