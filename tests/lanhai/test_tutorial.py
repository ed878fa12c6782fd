"""docs/tutorial.md is run: every cell, against the lake its first one makes, and what it shows is what comes out."""

import ast
import contextlib
import io
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from doctest import ELLIPSIS, OutputChecker
from pathlib import Path
from typing import Any

import pytest

from jobs.core.lake import Lake
from schemas.city import ROOT
from tests.commands import citypulse
from tests.lanhai.conftest import CITY, plan

pytestmark = pytest.mark.slow
PAGE = ROOT / "docs" / "tutorial.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MADE = ("sample", "land", "night")
"""Commands of the first cell, whose work the shared lake is."""


@dataclass(frozen=True)
class Cell:
    """A fenced part of the page, and what stands under it as its output."""

    kind: str
    text: str
    shown: str
    line: int


def cells() -> list[Cell]:
    """The page's code, in its order. A console shows its output itself, Python in the block that follows."""
    page = PAGE.read_text("utf-8")
    found = [(one[1], one[2], page.count("\n", 0, one.start()) + 2) for one in FENCE.finditer(page)]
    after = [*found[1:], ("", "", 0)]
    return [
        Cell(kind, text, following[1] if kind == "python" and following[0] == "text" else "", line)
        for (kind, text, line), following in zip(found, after, strict=True)
        if kind in ("python", "console")
    ]


class Notebook:
    """What cells share: Python's names, and a folder that looks like the repository's."""

    def __init__(self, folder: Path) -> None:
        self.names: dict[str, Any] = {}
        self.folder = folder

    def ran(self, cell: Cell) -> Iterator[tuple[str, str, str]]:
        """Of each thing the cell does: what it is, what the page shows, what comes out."""
        if cell.kind == "python":
            yield cell.text, cell.shown, self.python(cell.text)
            return
        for part in re.split(r"^\$ ", cell.text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            if command.split(" ")[:2] not in [["citypulse", name] for name in MADE]:
                yield command, shown, self.command(command)

    def python(self, text: str) -> str:
        """What is printed, and the last line's value, as a notebook shows it."""
        tree, said = ast.parse(text), io.StringIO()
        last = tree.body[-1]
        asked = ast.Expression(last.value) if isinstance(last, ast.Expr) else None
        if asked is not None:
            tree.body.pop()
        with contextlib.redirect_stdout(said):
            exec(compile(tree, str(PAGE), "exec"), self.names)
            value = eval(compile(asked, str(PAGE), "eval"), self.names) if asked is not None else None
            if value is not None:
                print(value)
        return said.getvalue()

    def command(self, text: str) -> str:
        """What a command says; `>` puts it into a file."""
        words = shlex.split(os.path.expandvars(text.replace("$PWD", str(self.folder))))
        if words[0] == "export":
            for name, _, value in (word.partition("=") for word in words[1:]):
                os.environ[name] = value
            return ""
        if words[0] != "citypulse":
            return _shell(text, self.folder)
        into = words[words.index(">") + 1] if ">" in words else None
        code, out, error = citypulse(
            self.folder, *words[1 : -2 if into else None], CITYPULSE_LAKE=os.environ["CITYPULSE_LAKE"]
        )
        if into:
            (self.folder / into).write_text(out, "utf-8")
        return error + ("" if into else out) if code in (0, 1, 2) else f"exit code {code}: {error}"


def _shell(text: str, folder: Path) -> str:
    done = subprocess.run(["bash", "-c", text], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.fixture
def notebook(three_nights: Lake, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """The repository's folders a reader uses, and the shared lake where the page's first cell makes one."""
    for name in ("conf", "citypulse", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".tutorial").mkdir()
    (tmp_path / ".tutorial" / "lake").symlink_to(three_nights.root.parent)
    (tmp_path / ".tutorial" / "keys").symlink_to(keys)
    for name in ("CITYPULSE_LAKE", "CITYPULSE_KEYS", "CITYPULSE_CONF", "PATH"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # what the page exports ends with the test
    monkeypatch.chdir(tmp_path)
    return Notebook(tmp_path)


def test_the_first_cell_makes_the_lake_that_the_others_are_run_on(faulty: Path) -> None:
    """The command line's words for what tests/sample and tests/lanhai call."""
    land, night = f"$ citypulse land --city {CITY} --from .tutorial/deliveries/", f"$ citypulse night --city {CITY} "
    nights = "".join(
        f"{land}{one['folder']} --delivered-at {one['delivered_at']}\n{night}--biz-date {one['biz_date']}\n"
        for one in plan(faulty)
    )
    made = "--nights 3 --scale 0.1 --faults all --seed 7 --first-day 2025-03-03 --to .tutorial/deliveries"
    first = "\n".join(
        line for line in cells()[0].text.splitlines() if line.split(" ")[2:3] and line.split(" ")[2] in MADE
    )
    assert first + "\n" == f"$ citypulse sample --city {CITY} {made}\n{nights}"


def test_every_cell_says_what_the_page_shows(notebook: Notebook) -> None:
    checker = OutputChecker()
    for cell in cells():
        for what, shown, said in notebook.ran(cell):
            assert checker.check_output(shown, said, ELLIPSIS), f"line {cell.line}: {what}\n{said}"
