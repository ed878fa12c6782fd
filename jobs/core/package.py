"""What a cluster's nodes are given: our code with its declarations, and the Python packages that tasks need.

`make package` writes both into dist/. The code is sent with every submit and unpacked there, because declarations are
files: from inside a zip on the Python path code could be imported, but no YAML found. The same files give the same
bytes. The packages are unpacked once on a node, or sent too, as the profile says.
"""

import os
import re
import sys
import tarfile
import tomllib
import zipfile
import zlib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import cache_from_source
from pathlib import Path

from jobs.core.disk import PARTIAL
from jobs.core.errors import Problem
from schemas.city import ROOT

OURS = ("citypulse", "conf", "jobs", "quality", "schemas")
CODE = ROOT / "dist" / "citypulse.zip"
PACKAGES = ROOT / "dist" / "environment.tar.gz"
LOCK = "requirements.lock"
ARCHIVES = "spark.archives"
DRIVER_ONLY = ("great-expectations", "marshmallow", "pandas", "typer", "rich", "openpyxl", "psycopg")
"""Packages that no task imports: what judges suites, reads commands, writes workbooks and fills databases."""
LEFT_OUT = ("../", "pyspark/jars/")
"""Commands, which know where they were installed, and Spark itself, which a node has."""
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip can say."""


def files() -> dict[str, Path]:
    """Our code and declarations, by name in the archive."""
    found = (path for folder in OURS for path in (ROOT / folder).rglob("*") if path.is_file())
    named = {path.relative_to(ROOT).as_posix(): path for path in found}
    return {name: named[name] for name in sorted(named) if "__pycache__" not in name and "/." not in name}


def pack_code(to: Path) -> None:
    """Write our code. Stored, not deflated, because another zlib would write other bytes."""
    partial = _begun(to)
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
        for name, path in files().items():
            one = zipfile.ZipInfo(name, FIRST_DAY)
            one.create_system, one.external_attr = 3, 0o644 << 16
            archive.writestr(one, path.read_bytes())
    os.replace(partial, to)


def pack_packages(to: Path) -> None:
    """Write the packages that tasks need, as an environment that runs wherever it is unpacked.

    Its interpreter is the node's own, at the path it has here.
    """
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix) / "bin" / python
    partial = _begun(to)
    with tarfile.open(partial, "w:gz", compresslevel=1) as archive:
        archive.add(ROOT / LOCK, LOCK)
        for name in ("python", "python3", python):
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname, link.mode = tarfile.SYMTYPE, str(base), 0o777
            archive.addfile(link)
        archive.add(Path(sys.prefix) / "pyvenv.cfg", "pyvenv.cfg")
        for name, path in sorted(_installed()):
            archive.add(path, f"lib/{python}/site-packages/{name}")
    os.replace(partial, to)


def _begun(to: Path) -> Path:
    to.parent.mkdir(parents=True, exist_ok=True)
    return to.with_name(to.name + PARTIAL)


def needed() -> list[Distribution]:
    """The packages of the project that tasks import, and all that those need; no extras."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names, found = [name for line in asked if (name := _name(line)) not in DRIVER_ONLY], {}
    while names:
        name = names.pop()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # of another platform, or another Python
            continue
        names += [_name(line) for line in found[name].requires or () if "extra ==" not in line]
    return [found[name] for name in sorted(found)]


def _name(requirement: str) -> str:
    """A requirement's package, spelled as PEP 503 says."""
    words = re.match(r"[\w.-]+", requirement)
    return re.sub(r"[-_.]+", "-", words[0]).lower() if words else ""


def _installed() -> Iterator[tuple[str, Path]]:
    """The files of the packages, and what they were compiled to."""
    for one in needed():
        for file in one.files or ():
            path = Path(str(file.locate()))
            if file.as_posix().startswith(LEFT_OUT) or "__pycache__" in file.parts or not path.is_file():
                continue
            yield file.as_posix(), path
            compiled = Path(cache_from_source(str(path))) if path.suffix == ".py" else path
            if compiled != path and compiled.is_file():
                yield (file.parent / "__pycache__" / compiled.name).as_posix(), compiled


def require_current(archives: str) -> None:
    """Raise Problem where an archive that a session sends (`spark.archives`) is not of this code or this lock.

    Tasks that run other code than their driver would give a night that no code ever made.
    """
    sent = {Path(one.split("#")[0]) for one in archives.split(",") if one}
    for path, differs in ((CODE, _other_code), (PACKAGES, _other_lock)):
        if path not in sent:
            continue
        try:
            found = differs(path) if path.is_file() else "it is not there"
        except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error) as error:
            found = f"it cannot be read ({error})"
        if found:
            raise Problem(f"{path}: {found}; `make package` makes it anew")


def _other_code(path: Path) -> str | None:
    """What an archive has otherwise than the repository."""
    with zipfile.ZipFile(path) as archive:
        packed = {one.filename: one.CRC for one in archive.infolist()}
    here = {name: zlib.crc32(one.read_bytes()) for name, one in files().items()}
    differing = sorted(name for name in {*packed, *here} if packed.get(name) != here.get(name))
    return f"it is not of this code: {differing[0]} differs" if differing else None


def _other_lock(path: Path) -> str | None:
    with tarfile.open(path) as archive:
        lock = archive.extractfile(archive.next() or LOCK)
        same = lock is not None and lock.read() == (ROOT / LOCK).read_bytes()
    return None if same else f"it is not of {LOCK}"


def main() -> None:
    """Write both archives and say how big they are."""
    for path, pack in ((CODE, pack_code), (PACKAGES, pack_packages)):
        pack(path)
        print(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
