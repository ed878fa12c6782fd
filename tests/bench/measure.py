"""Runs commands and says what they cost: seconds, processor seconds and peak memory of the whole process tree."""

import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

EVERY_S = 0.25
ENDS_WITHIN_S = 60.0
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Spent:
    """`cpu_s` counts every process; `others` is how many cores were busy with something else meanwhile."""

    seconds: float
    cpu_s: float
    peak_bytes: int
    others: float


def both(first: Spent, second: Spent) -> Spent:
    """What two commands cost together."""
    seconds = first.seconds + second.seconds
    others = (first.others * first.seconds + second.others * second.seconds) / seconds
    return Spent(seconds, first.cpu_s + second.cpu_s, max(first.peak_bytes, second.peak_bytes), others)


def adopt() -> None:
    """Make this process the parent of whatever outlives its own: a JVM left behind is counted and awaited."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(commands: Sequence[Sequence[str]], cwd: Path, environment: Mapping[str, str], log: Path) -> Spent:
    """Run commands one after the other. Raises RuntimeError naming the log when one fails.

    Time ends with the last command; what it left running is awaited after that, and its processor time counted.
    """
    watch = _Watch()
    cpu, busy, clock = _cpu(), _busy(), time.perf_counter()
    with log.open("w") as file, watch:
        for command in commands:
            done = subprocess.run(
                command, cwd=cwd, env={**os.environ, **environment}, stdout=file, stderr=file, check=False
            )
            if done.returncode:
                raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}; {log} says why")
        seconds = time.perf_counter() - clock
        _await_children()
    spent, whole = _cpu() - cpu, time.perf_counter() - clock
    return Spent(seconds, spent, watch.peak, max(0.0, (_busy() - busy - spent) / whole))


class _Watch:
    """Samples the memory of all descendants in a thread: the sum of their proportional set sizes (PSS)."""

    def __init__(self) -> None:
        self.peak = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._over.wait(EVERY_S):
            self.peak = max(self.peak, sum(_pss(pid) for pid in descendants(os.getpid())))


def descendants(of: int) -> list[int]:
    """Every process below one, however deep."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (parent := _parent(entry)) is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found, left = [], [of]
    while left:
        below = children.get(left.pop(), [])
        found += below
        left += below
    return found


def _parent(process: Path) -> int | None:
    try:
        return int((process / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None  # it has ended meanwhile


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
    except OSError:
        return 0  # it has ended meanwhile
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _await_children() -> None:
    """Reap what was adopted. Raises RuntimeError when something does not end."""
    until = time.perf_counter() + ENDS_WITHIN_S
    while time.perf_counter() < until:
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.05)
        except ChildProcessError:
            return
    raise RuntimeError(f"still running {ENDS_WITHIN_S:.0f} s after the command: {descendants(os.getpid())}")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _busy() -> float:
    """Seconds in which cores of this machine worked, since it started."""
    user, nice, system, _, _, irq, soft, *_ = (
        int(n) for n in Path("/proc/stat").read_text("utf-8").splitlines()[0].split()[1:]
    )
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


def machine() -> dict[str, str | int]:
    """What the figures were measured on."""
    lines = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines() if ":" in line)
    names = {key.strip(): value.strip() for key, value in lines.items()}
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": names.get("model name", "unknown"), "cores": os.cpu_count() or 1,
        "memory_gib": round(memory / 2**30),
        "kernel": os.uname().release.split("-")[0],
    }  # fmt: skip
