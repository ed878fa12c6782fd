"""Runs commands and says what they cost: seconds, processor seconds and peak memory of the whole process tree."""

import ctypes
import os
import resource
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

EVERY_S = 0.25
ENDS_WITHIN_S = 60.0
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Spent:
    """`cpu_s` counts every process; `others` is how many cores were busy with something else meanwhile.

    Processor seconds are the larger of two counts, neither of which counts anything twice: of what was waited for, and
    of every process by itself when it was last seen. The first is exact, and blind to processes whose parent ignores
    SIGCHLD: the kernel reaps those and their time goes to nobody. Spark's daemon does so to its workers. The second
    lacks at most EVERY_S of each process.
    """

    seconds: float
    cpu_s: float
    peak_bytes: int
    others: float
    javas: int = 0
    """JVMs that were seen at least twice: those that lived longer than EVERY_S."""


def both(first: Spent, second: Spent) -> Spent:
    """What two commands cost together."""
    seconds = first.seconds + second.seconds
    others = (first.others * first.seconds + second.others * second.seconds) / seconds
    memory, javas = max(first.peak_bytes, second.peak_bytes), first.javas + second.javas
    return Spent(seconds, first.cpu_s + second.cpu_s, memory, others, javas)


def adopt() -> None:
    """Make this process the parent of whatever outlives its own: a JVM left behind is counted and awaited."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(commands: Sequence[Sequence[str]], cwd: Path, environment: Mapping[str, str], log: Path) -> Spent:
    """Run commands one after the other. Raises RuntimeError naming the log when one fails.

    Time ends with the last command; what it left running is awaited after that, and its processor time counted.
    """
    watch = _Watch()
    waited, busy, clock = _waited_for(), _busy(), time.perf_counter()
    with log.open("w") as file, watch:
        for command in commands:
            done = subprocess.run(
                command, cwd=cwd, env={**os.environ, **environment}, stdout=file, stderr=file, check=False
            )
            if done.returncode:
                raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}; {log} says why")
        seconds = time.perf_counter() - clock
        _await_children()
    spent, whole = max(_waited_for() - waited, watch.cpu_s), time.perf_counter() - clock
    return Spent(seconds, spent, watch.peak, max(0.0, (_busy() - busy - spent) / whole), watch.javas)


class _Watch:
    """Samples all descendants in a thread: their memory, as the sum of proportional set sizes (PSS), and their time."""

    def __init__(self) -> None:
        self.peak = 0
        self._used: dict[tuple[int, int], int] = {}
        """Clock ticks of each process when it was last seen, by its number and start: numbers are given again."""
        self._looks: Counter[tuple[int, int]] = Counter()
        """How often each JVM was seen: what a JVM forks is called java too, for a moment."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def cpu_s(self) -> float:
        """Processor seconds of every process seen."""
        return sum(self._used.values()) / os.sysconf("SC_CLK_TCK")

    @property
    def javas(self) -> int:
        """JVMs that were there for a while."""
        return sum(looks > 1 for looks in self._looks.values())

    def _sample(self) -> None:
        while not self._over.wait(EVERY_S):
            found = descendants(os.getpid())
            self._looks.update((one.pid, one.started) for one in found if one.name == "java")
            self._used |= {(one.pid, one.started): one.ticks for one in found}
            self.peak = max(self.peak, sum(_pss(one.pid) for one in found))


@dataclass(frozen=True)
class Process:
    """A process as /proc/PID/stat tells of it; `started` and `ticks`, its own processor time, in clock ticks."""

    pid: int
    name: str
    parent: int
    started: int
    ticks: int


def descendants(of: int) -> list[Process]:
    """Every process below one, however deep."""
    children: dict[int, list[Process]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (one := _process(entry)) is not None:
            children.setdefault(one.parent, []).append(one)
    found, left = [], [of]
    while left:
        below = children.get(left.pop(), [])
        found += below
        left += [one.pid for one in below]
    return found


def _process(entry: Path) -> Process | None:
    try:
        head, _, tail = (entry / "stat").read_text("utf-8", "replace").rpartition(")")
        _, parent, *rest = tail.split()
    except (OSError, ValueError):
        return None  # it has ended meanwhile
    user, system, started = (int(rest[at]) for at in (9, 10, 17))
    return Process(int(entry.name), head.partition("(")[2], int(parent), started, user + system)


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
    left = [one.pid for one in descendants(os.getpid())]
    raise RuntimeError(f"still running {ENDS_WITHIN_S:.0f} s after the command: {left}")


def _waited_for() -> float:
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
