"""What a command cost, whoever waits for its processes."""

import subprocess
import sys
from pathlib import Path

from schemas.city import ROOT

BURNT_S = 1.0
MEASURED = """
import sys
from pathlib import Path
from tests.bench import measure

measure.adopt()
print(measure.run([(sys.executable, "-c", sys.argv[1])], Path.cwd(), {}, Path(sys.argv[2])).cpu_s)
"""
BURN = f"while time.process_time() < {BURNT_S} + 0.1: pass"
"""So much of the processor's time, however long it takes."""
IGNORED = f"""
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork() == 0:
    {BURN}
    time.sleep(2)  # it is seen four times a second
    os._exit(0)
try:
    os.wait()
except ChildProcessError:
    pass  # the kernel has reaped it: no parent was told what it used
"""
ORPHANED = f"""
import os, time
if os.fork() == 0:
    if os.fork() == 0:
        {BURN}
    os._exit(0)
"""


def test_a_process_whose_parent_ignores_its_end_is_counted(tmp_path: Path) -> None:
    assert BURNT_S <= processor_seconds(IGNORED, tmp_path) < 2 * BURNT_S


def test_a_process_that_outlives_its_parents_is_counted_once(tmp_path: Path) -> None:
    assert BURNT_S <= processor_seconds(ORPHANED, tmp_path) < 2 * BURNT_S


def processor_seconds(code: str, folder: Path) -> float:
    """As measured by a process of its own: it adopts orphans, and waits for every child it has."""
    command = [sys.executable, "-c", MEASURED, code, str(folder / "log")]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
