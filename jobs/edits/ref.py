"""The declarations of a commit, beside those of the working tree. Git is only asked; nothing in the repository changes.

They are read by the code of the working tree, which also makes all values: where code differs too, that is said.
"""

import os
import subprocess
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from jobs.core.errors import Problem
from schemas import City, DeclarationError, conf
from schemas.city import ROOT, load_city_at

COMMON = ("schemas", "quality")
"""Folders of declarations of all cities; code stands in them too."""
CODE = ("jobs", *COMMON, "requirements.lock")
CODE_ENDS = (".py", ".txt", ".lock")
OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""What git tells its hooks, and what would have them look at another repository than the one that is meant."""


@dataclass(frozen=True)
class Ref:
    """A city as a commit declares it."""

    name: str
    commit: str
    city: City
    code: tuple[str, ...]
    """Files of code that the working tree has otherwise, or that only it has."""
    has_common: bool
    """Whether what is declared for all cities lies in the same repository; else it is taken as it is."""

    @property
    def line(self) -> str:
        """How it is called."""
        return f"{self.name} ({self.commit[:10]})" if self.name != self.commit else self.name


def at(city: str, name: str) -> Ref:
    """The city as a commit declares it. Raises Problem."""
    base = conf().resolve()
    top = _top(base)
    commit = _commit(top, name)
    shares = ROOT.is_relative_to(top)
    wanted = [base / "cities" / city, *((ROOT / one for one in COMMON) if shares else ())]
    with TemporaryDirectory(prefix="citypulse-diff-") as folder:
        there = Path(folder)
        _unpack(top, commit, [path.relative_to(top).as_posix() for path in wanted], there)
        mine = there / base.relative_to(top)
        if not (mine / "cities" / city / "city.yaml").is_file():
            raise Problem(
                f"{name}: {city} is not declared there; without it every value is new, and nothing to compare"
            )
        try:
            declared = load_city_at(city, mine, there / ROOT.relative_to(top) if shares else ROOT)
        except DeclarationError as error:
            said = str(error).splitlines()[0].replace(f"{there}/", "")
            raise Problem(f"{name}: its declarations cannot be read by the code here: {said}") from None
    return Ref(name, commit, declared, tuple(_code(top, commit)) if shares else (), shares)


def _top(folder: Path) -> Path:
    """The root of the repository that a folder lies in. Raises Problem."""
    found = _git(folder, "rev-parse", "--show-toplevel")
    if found.returncode:
        raise Problem(f"{folder}: is in no git repository that can be read: {_said(found)}")
    return Path(os.fsdecode(found.stdout).rstrip("\n")).resolve()


def _commit(top: Path, name: str) -> str:
    found = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if found.returncode or not name:
        raise Problem(f"GIT_REF {name!r}: {top} has no such branch, tag or commit")
    return os.fsdecode(found.stdout).strip()


def _unpack(top: Path, commit: str, paths: Iterable[str], to: Path) -> None:
    """What a commit has of some paths; those that it has nothing of are left out."""
    there = [
        path for path in paths if _git(top, "rev-parse", "--verify", "--quiet", f"{commit}:{path}").returncode == 0
    ]
    if not there:
        return
    found = _git(top, "archive", "--format=zip", commit, "--", *there)
    if found.returncode:
        raise Problem(f"{commit}: git cannot hand out its files: {_said(found)}")
    with zipfile.ZipFile(BytesIO(found.stdout)) as archive:
        archive.extractall(to)


def _code(top: Path, commit: str) -> list[str]:
    """Files of code that are not as in a commit, those that git does not follow yet among them."""
    paths = [(ROOT / one).relative_to(top).as_posix() for one in CODE]
    names: set[str] = set()
    for words in (("diff", "--name-only", "-z", commit), ("ls-files", "--others", "--exclude-standard", "-z")):
        found = _git(top, *words, "--", *paths)
        if found.returncode:
            raise Problem(f"{commit}: git cannot compare it with {top}: {_said(found)}")
        names |= set(os.fsdecode(found.stdout).split("\0")) - {""}
    return sorted(name for name in names if PurePosixPath(name).suffix in CODE_ENDS)


def _git(folder: Path, *words: str) -> "subprocess.CompletedProcess[bytes]":
    settings = {name: text for name, text in os.environ.items() if name not in OF_A_HOOK}
    try:
        return subprocess.run(["git", "-C", str(folder), *words], capture_output=True, env=settings, check=False)
    except FileNotFoundError:
        raise Problem("git is not on PATH; diff asks it for what GIT_REF declares") from None


def _said(found: "subprocess.CompletedProcess[bytes]") -> str:
    lines = found.stderr.decode(errors="replace").strip().splitlines()
    return lines[0] if lines else f"git ended with {found.returncode}"
