"""Runs nights of the invented city through Airflow, with commands that only note how they were called. JSON out."""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.dags.night import through

COMMANDS = Path(sys.argv[1])
COMMAND = """#!/bin/bash
echo "$(basename "$0") $*" >>{calls}
{does}
"""


def ran(night: str, does: dict[str, str]) -> dict[str, Any]:
    """One night, in which each command does what it is told."""
    calls = COMMANDS / f"{night}.calls"
    calls.touch()
    for name, script in does.items():
        (COMMANDS / name).write_text(COMMAND.format(calls=calls, does=script))
        (COMMANDS / name).chmod(0o755)
    return through("probe", night) | {"calls": calls.read_text().splitlines()}


if __name__ == "__main__":
    os.environ["PATH"] = f"{COMMANDS}:{os.environ['PATH']}"
    from schemas import nights as policy

    policy.POLICY["retry_delay"] = timedelta(0)
    print(json.dumps([ran(night, does) for night, does in json.loads(sys.argv[2])]))
