"""A PostgreSQL server of the tests' own: unpacked, started on a free port, stopped; its folder goes with it.

The archive is what `conf/setup/setup.sh tests` put into `.tools/postgres`. PostgreSQL refuses to run as root, so root
starts it as `nobody`, in a folder that is nobody's.
"""

import io
import os
import pwd
import shutil
import socket
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.layout.tree import ROOT

ARCHIVES = ROOT / ".tools" / "postgres"
PASSWORD = "not-a-secret-of-anyone"


@contextmanager
def started() -> Iterator[str]:
    """Where it listens, as a connection string with its password; no database of it is on the disk for good."""
    found = sorted(ARCHIVES.glob("*.jar"))
    if not found:
        pytest.skip(f"no PostgreSQL in {ARCHIVES}: conf/setup/setup.sh tests puts it there")
    folder = Path(tempfile.mkdtemp(prefix="citypulse-postgres-"))
    try:
        _unpack(found[0], folder)
        yield from _running(folder)
    finally:
        shutil.rmtree(folder)


def _running(folder: Path) -> Iterator[str]:
    data, secret, port = folder / "data", folder / "password", _free_port()
    secret.write_text(PASSWORD)
    if os.geteuid() == 0:
        owner = pwd.getpwnam("nobody")
        for path in (folder, secret):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    _call(folder, "initdb", "-D", data, "-U", "city", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8",
          "--locale=C", "--no-sync")  # fmt: skip
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=16MB"
    _call(folder, "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start")
    try:
        yield f"postgresql://city:{PASSWORD}@127.0.0.1:{port}/postgres"
    finally:
        _call(folder, "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _call(folder: Path, program: str, *words: str | Path) -> None:
    """One of its programs, as a user who is not root; what it prints is shown where it fails."""
    root = os.geteuid() == 0
    with (folder / "said").open("w+") as said:
        done = subprocess.run(
            [folder / "bin" / program, *words], stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
            cwd=folder, env={"LC_ALL": "C", "TZ": "UTC"}, check=False, user="nobody" if root else None,
            group=pwd.getpwnam("nobody").pw_gid if root else None, extra_groups=[] if root else None,
        )  # fmt: skip
        said.seek(0)
        assert done.returncode == 0, f"{program}: {said.read()}"


def _unpack(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as jar:
        (name,) = [one for one in jar.namelist() if one.endswith(".txz")]
        with tarfile.open(fileobj=io.BytesIO(jar.read(name))) as files:
            files.extractall(folder)  # its sum is pinned; Debian's Python 3.11.2 knows no filter


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
