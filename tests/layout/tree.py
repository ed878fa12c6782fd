"""The repository as the layout tests see it: its files, and what each module imports."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("schemas", "quality", "jobs", "citypulse", "dags")
NOT_OURS = {"__pycache__", "dist", "jars", "keys", "lake", "reference"}


@cache
def files() -> tuple[Path, ...]:
    """Every file that is, or would be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if not any(map(_is_not_ours, path.relative_to(ROOT).parts))]
    return tuple(sorted(path for path in found if path.is_file()))


def _is_not_ours(part: str) -> bool:
    return part in NOT_OURS or (part.startswith(".") and part not in (".ci", ".gitignore"))


def name(path: Path) -> str:
    """A file's path in the repository."""
    return path.relative_to(ROOT).as_posix()


def texts(*folders: str) -> Iterator[tuple[str, str]]:
    """Name and text of every text file below these folders (none: everywhere) that people wrote."""
    for path in files():
        if (folders and name(path).split("/")[0] not in folders) or "/vendor/" in name(path):
            continue
        try:
            yield name(path), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Name and syntax tree of every Python file below these folders."""
    for where, text in texts(*folders):
        if where.endswith(".py"):
            yield where, _parsed(where, text)


@cache
def _parsed(where: str, text: str) -> ast.Module:
    return ast.parse(text, where)


@cache
def nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Everything in a file."""
    return tuple(ast.walk(tree))


@cache
def imports(tree: ast.Module) -> tuple[str, ...]:
    """Every module a file imports, anywhere in it."""
    found: list[str] = []
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            found += [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found += [f"{node.module}.{one.name}" for one in node.names]
    return tuple(found)


@cache
def words(tree: ast.Module) -> frozenset[str]:
    """Every name and attribute a file uses."""
    found = (node.id if isinstance(node, ast.Name) else getattr(node, "attr", "") for node in nodes(tree))
    return frozenset(filter(None, found))
