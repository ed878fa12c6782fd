"""Set-up on a machine that lacks something: one line that says what, and nothing touched."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.layout.tree import ROOT

TOOLS = ("bash", "dirname", "sed")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder that is all there is on the PATH: a shell, and what set-up needs before it looks for Java."""
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / tool).symlink_to(found)
    return tmp_path


def test_without_java_it_says_so(machine: Path) -> None:
    assert _said(machine) == (2, "setup: Java is not there: apt-get install openjdk-17-jre-headless")


@pytest.mark.parametrize(("version", "shown"), [("1.8", "8"), ("11", "11")])
def test_java_that_is_too_old_is_named(machine: Path, version: str, shown: str) -> None:
    _command(machine / "java", f'echo "    java.specification.version = {version}" >&2')
    code, line = _said(machine)
    assert code == 2
    assert line == f"setup: Java {shown} is too old, 17 or newer is needed: apt-get install openjdk-17-jre-headless"


def test_another_python_is_named(machine: Path) -> None:
    _command(machine / "python3.9", "echo 3.9")
    assert _said(machine, PYTHON="python3.9") == (
        2,
        "setup: python3.9 is Python 3.9, 3.11 is needed (PYTHON=/path/to/python3.11)",
    )


def test_without_python_it_says_what_to_install(machine: Path) -> None:
    code, line = _said(machine, PYTHON="python3.11")
    assert code == 2
    assert line.startswith("setup: python3.11 is not there: apt-get install python3.11")


def _said(machine: Path, **more: str) -> tuple[int, str]:
    environment = {"PATH": str(machine), "HOME": os.devnull, "PYTHON": sys.executable} | more
    done = subprocess.run(
        [str(machine / "bash"), str(ROOT / "conf" / "setup" / "setup.sh")],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, (done.stdout + done.stderr).strip()


def _command(path: Path, does: str) -> None:
    path.write_text(f"#!{path.parent / 'bash'}\n{does}\n")
    path.chmod(0o755)
