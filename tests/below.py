"""The processes below one that a test has started: those it may end, and no others."""

from collections.abc import Iterator
from pathlib import Path


def below(pid: int, name: str = "") -> Iterator[int]:
    """The processes below one whose command names `name`, the youngest last."""
    for one in sorted(int(path.name) for path in Path("/proc").glob("[0-9]*")):
        if name in command(one) and pid in _ancestors(one):
            yield one


def command(pid: int) -> str:
    """A process's command line; nothing when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _ancestors(pid: int) -> set[int]:
    found: set[int] = set()
    while pid > 1:
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            break
        found.add(pid)
    return found
