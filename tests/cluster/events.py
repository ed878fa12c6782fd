"""What Spark's own event logs tell of the submits of a night: which tasks were lost, and where they were done again."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DESCRIPTION = "spark.job.description"
LOST = "ExecutorLostFailure"


@dataclass
class Submit:
    """One submit: its executors with the instant each was lost (if it was), and how its tasks ended, by step."""

    name: str = ""
    seconds: float = 0.0
    executors: dict[str, bool] = field(default_factory=dict)
    done: dict[str, dict[str, int]] = field(default_factory=dict)
    """Tasks that succeeded, by step and executor."""
    lost: dict[str, dict[str, int]] = field(default_factory=dict)
    """Tasks that went with their executor, by step and executor."""
    failed: list[str] = field(default_factory=list)
    """Tasks that failed in any other way."""


def submits(folder: Path) -> list[Submit]:
    """The submits whose logs lie in a folder, oldest first."""
    return [read(path.read_text("utf-8").splitlines()) for path in sorted(folder.iterdir())]


def read(lines: Iterable[str]) -> Submit:
    """One submit's log."""
    out, step_of, began = Submit(), dict[int, str](), 0
    for event in _events(lines):
        match event["Event"]:
            case "SparkListenerApplicationStart":
                out.name, began = event["App Name"], event["Timestamp"]
            case "SparkListenerApplicationEnd":
                out.seconds = (event["Timestamp"] - began) / 1000
            case "SparkListenerExecutorAdded":
                out.executors[event["Executor ID"]] = True
            case "SparkListenerExecutorRemoved":
                out.executors[event["Executor ID"]] = False
            case "SparkListenerJobStart":
                said = (event.get("Properties") or {}).get(DESCRIPTION, "")
                step_of |= dict.fromkeys(event["Stage IDs"], said.split(":")[0])
            case "SparkListenerTaskEnd":
                _end(out, step_of.get(event["Stage ID"], ""), event)
    return out


def _events(lines: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    for line in lines:
        yield json.loads(line)


def _end(out: Submit, step: str, event: Mapping[str, Any]) -> None:
    reason, executor = event["Task End Reason"], event["Task Info"]["Executor ID"]
    if reason["Reason"] == "Success":
        counts = out.done.setdefault(step, {})
    elif reason["Reason"] == LOST:
        counts = out.lost.setdefault(step, {})
    else:
        out.failed.append(f"{step or 'a job without a name'}: {reason['Reason']}")
        return
    counts[executor] = counts.get(executor, 0) + 1
