"""What is kept of declarations is what they say now."""

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas import kept
from schemas.city import ROOT, City, _city, cities

Load = Callable[[], str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Declarations, and a place to keep what they say."""
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "kept")
    (tmp_path / "declared").mkdir()
    (tmp_path / "declared" / "a.yaml").write_text("1", "utf-8")
    return tmp_path / "declared"


@pytest.fixture
def made() -> list[str]:
    """What was made, one after the other."""
    return []


@pytest.fixture
def load(folder: Path, made: list[str]) -> Load:
    """What they say: their names and texts."""

    def make() -> str:
        made.append(" ".join(f"{path.name}={path.read_text('utf-8')}" for path in sorted(folder.iterdir())))
        return made[-1]

    return lambda: kept.remembered("town", folder.iterdir(), make)


def test_it_is_made_once(load: Load, made: list[str]) -> None:
    assert (load(), load(), made) == ("a.yaml=1", "a.yaml=1", ["a.yaml=1"])


def test_whatever_changes_it_is_made_anew(load: Load, folder: Path) -> None:
    assert load() == "a.yaml=1"
    (folder / "a.yaml").write_text("2", "utf-8")
    assert load() == "a.yaml=2"
    (folder / "b.yaml").write_text("2", "utf-8")
    assert load() == "a.yaml=2 b.yaml=2"
    (folder / "a.yaml").rename(folder / "c.yaml")
    assert load() == "b.yaml=2 c.yaml=2"
    (folder / "c.yaml").unlink()
    assert load() == "b.yaml=2"


def test_other_code_makes_it_anew(load: Load, made: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    load()
    monkeypatch.setattr(kept, "HERE", tmp_path / "kept")
    load()
    assert len(made) == 2


@pytest.mark.parametrize("cut", [0, 10, 70, -1])
def test_what_was_not_kept_whole_is_made_anew(load: Load, made: list[str], cut: int) -> None:
    load()
    (file,) = kept.FOLDER.iterdir()
    file.write_bytes(file.read_bytes()[:cut])
    assert (load(), load(), len(made)) == ("a.yaml=1", "a.yaml=1", 2)


def test_where_nothing_can_be_kept_it_is_made_each_time(load: Load, made: list[str]) -> None:
    kept.FOLDER.write_text("a file", "utf-8")
    assert (load(), load(), len(made)) == ("a.yaml=1", "a.yaml=1", 2)


@pytest.mark.parametrize("name", cities())
def test_a_city_that_was_kept_says_what_its_files_say(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    made: list[City] = []

    def load() -> City:
        made.append(_city(name, ROOT / "conf" / "cities" / name, ROOT))
        return made[-1]

    told, again = (kept.remembered(name, [], load) for _ in range(2))
    assert len(made) == 1
    assert again == told
    assert again is not told
    assert [again.meaning(one) for one in again.indicators.values()] == [
        told.meaning(one) for one in told.indicators.values()
    ]
