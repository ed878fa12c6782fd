"""What nodes are given: the same files give the same bytes, and what is sent works away from the repository."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from jobs.core import package
from jobs.core.errors import Problem
from schemas import cities, load_city
from schemas.city import ROOT

ELSEWHERE = """
import json, sys
import jobs.ingest, jobs.scan, jobs.settle
from schemas import cities, load_city
from schemas.city import ROOT
city = load_city("nyc")
made = {"cities": cities(), "sources": list(city.sources), "indicators": list(city.indicators)}
print(json.dumps({"root": str(ROOT), "code": jobs.ingest.__file__, "made": made}))
"""


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("code") / "citypulse.zip"
    package.pack_code(path)
    return path


def test_the_same_files_give_the_same_bytes(code: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    package.pack_code(again)
    assert again.read_bytes() == code.read_bytes()
    with zipfile.ZipFile(code) as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {one.date_time for one in archive.infolist()} == {package.FIRST_DAY}


def test_a_worker_finds_code_and_declarations_in_what_it_was_sent_and_not_in_the_repository(
    code: Path, tmp_path: Path
) -> None:
    """As a node has it: unpacked in the folder where the worker runs, on its Python path by a relative name."""
    with zipfile.ZipFile(code) as archive:
        archive.extractall(tmp_path / "repository")
    settings = {key: text for key, text in os.environ.items() if not key.startswith("CITYPULSE")}
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], cwd=tmp_path, env=settings | {"PYTHONPATH": "repository"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["root"] == str(tmp_path / "repository")
    assert Path(said["code"]).is_relative_to(tmp_path / "repository")
    city = load_city("nyc")
    assert said["made"] == {
        "cities": cities(), "sources": list(city.sources), "indicators": list(city.indicators)
    }  # fmt: skip


def test_code_that_is_not_the_drivers_is_refused(code: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = tmp_path / "citypulse.zip"
    monkeypatch.setattr(package, "CODE", sent)
    archives = f"{sent}#repository"
    with pytest.raises(Problem, match="it is not there; `make package`"):
        package.require_current(archives)
    sent.write_bytes(code.read_bytes())
    package.require_current(archives)
    with zipfile.ZipFile(sent, "a") as archive:
        archive.writestr("jobs/older.py", b"")
    with pytest.raises(Problem, match=r"not of this code: jobs/older\.py differs; `make package`"):
        package.require_current(archives)
    sent.write_bytes(b"PK")
    with pytest.raises(Problem, match="it cannot be read"):
        package.require_current(archives)
    package.require_current("")


def test_packages_of_another_lock_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = tmp_path / "environment.tar.gz"
    monkeypatch.setattr(package, "PACKAGES", sent)
    for lock, is_refused in ((ROOT / package.LOCK, False), (ROOT / "pyproject.toml", True)):
        with tarfile.open(sent, "w:gz") as archive:
            archive.add(lock, package.LOCK)
        if is_refused:
            with pytest.raises(Problem, match=r"it is not of requirements\.lock; `make package`"):
                package.require_current(f"{sent}#environment")
        else:
            package.require_current(f"{sent}#environment")


def test_tasks_get_what_they_import_and_neither_airflow_nor_what_judges_on_the_driver() -> None:
    names = {one.metadata["Name"].lower() for one in package.needed()}
    assert {"duckdb", "pyarrow", "deltalake", "pyspark", "pydantic", "numpy"} <= names
    assert not names & {"apache-airflow", "great-expectations", "great_expectations", "pandas", "pytest", "citypulse"}
