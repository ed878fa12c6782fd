"""A night on a standalone cluster that lives as long as it.

`python -m tests.bench.cluster WORKERS CITY DAY OUT` writes to OUT how long its command took.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.home import CITYPULSE, HOME
from tests.cluster import standalone

PROFILE = "two_workers"


def main(workers: int, city: str, day: str, out: Path) -> None:
    """Runs the night. Raises Failed, CalledProcessError."""
    with standalone.running(HOME / "nodes", workers) as cluster:
        there = {"CITYPULSE_PROFILE": PROFILE, "CITYPULSE_MASTER": cluster.master}
        clock = time.perf_counter()
        command = [*CITYPULSE, "night", "--city", city, "--biz-date", day]
        subprocess.run(command, env={**os.environ, **there}, check=True)
        out.write_text(json.dumps({"seconds": time.perf_counter() - clock}), "utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]))
