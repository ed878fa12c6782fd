"""A town with one source of each kind that the desk meets, its lake, and people who put workbooks right."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from citypulse import asking, counter
from jobs import landing
from jobs.core.lake import Lake
from schemas import City
from tests import inline
from tests.engine import toy

TEXT: dict[str, Any] = {"type": "string", "description": {"zh": "文字", "en": "Text"}}
DAY = TEXT | {"type": "date", "required": True, "description": {"zh": "日期", "en": "Day"}}
BEDS = TEXT | {"type": "int", "unit": "bed", "quantity": "stock", "valid_range": [0, 100], "on_invalid": "reject",
               "description": {"zh": "床位", "en": "Beds"}}  # fmt: skip
CONTRACT: dict[str, Any] = {
    "description": toy.WORDS, "records": "place", "owner": "office", "element": "medical", "date": "day",
}  # fmt: skip
TABLES: dict[str, dict[str, Any]] = {
    "wards": CONTRACT | {
        "key": ["ward", "day"],
        "columns": {"ward": TEXT | {"required": True}, "day": DAY, "beds": BEDS, "file": TEXT, "landed": DAY},
    },
    "notes": CONTRACT | {"key": "whole_record", "columns": {"day": DAY, "hour": TEXT, "beds": BEDS}},
    "calls": CONTRACT | {
        "key": ["ring"],
        "columns": {"ring": TEXT | {"required": True}, "day": DAY, "beds": BEDS,
                    "caller": TEXT | {"personal": "direct", "classification": "restricted"}},
    },
}  # fmt: skip
WARDS: dict[str, Any] = {
    "reader": {"format": "csv"}, "fields": {"ward": ["病区"], "day": ["日期"], "beds": ["床位"]}, "datum": None,
    "into": {"silver.wards": {"columns": {
        "ward": "ward", "day": "try_to_date(day, 'yyyy-MM-dd')", "beds": "try_cast(beds as int)", "file": "_file_name",
        "landed": "_delivered_date",
    }}},
}  # fmt: skip
SOURCES: dict[str, dict[str, Any]] = {
    "daily": WARDS | {"files": "daily/{day}*.csv", "delivery": "snapshot"},
    "weekly": WARDS | {"files": "weekly/*.csv", "delivery": "restating"},
    "hours": {
        "files": "hours/*.csv", "delivery": "append", "datum": None,
        "into": {"silver.notes": {
            "unpivot": {"name": "hour", "value": "beds", "columns": {"h1": "1", "h2": "2", "h3": "3"}},
            "columns": {"day": "try_to_date(day)", "hour": "hour", "beds": "try_cast(beds as int)"},
        }},
    },
    "phones": {
        "files": "phones/*.csv", "delivery": "restating", "datum": None, "personal": {"phone": "phone"},
        "into": {"silver.calls": {"columns": {
            "ring": "ring", "day": "try_to_date(day)", "beds": "try_cast(beds as int)", "caller": "phone",
        }}},
    },
}  # fmt: skip


@dataclass
class Town:
    """A city, its lake and the folder for files."""

    city: City
    lake: Lake
    folder: Path

    def deliver(self, name: str, lines: Iterable[str], when: str) -> None:
        """A file lands."""
        path = self.folder / when / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", "utf-8")
        landing.land(self.city, self.lake, self.folder / when, landing.delivered_at(when, self.city))

    def night(self, day: str) -> None:
        """A night, without quality."""
        inline.night(self.city, self.lake, date.fromisoformat(day))

    def desk(self, source: str | None = None) -> list[tuple[str, str, int]]:
        """(source, rule, records) on the desk."""
        rows = counter.listed(self.city, self.lake, source).to_pylist()
        return [(row["source"], row["rule"], row["records"]) for row in rows]

    def export(self, name: str = "desk.xlsx") -> Path:
        """The desk as a workbook."""
        path = self.folder.parent / name
        counter.export(self.city, self.lake, path, None)
        return path

    def replay(self, path: Path, when: str) -> str:
        """The workbook comes back."""
        return counter.replay(self.city, self.lake, path, None, when)

    def sql(self, query: str) -> list[tuple[object, ...]]:
        """Rows of the lake."""
        return [tuple(row.values()) for row in asking.sql(self.lake, query).to_pylist()]


def correct(path: Path, sheet: str, cells: Mapping[tuple[int, str], object]) -> None:
    """Somebody types into a workbook: (row, heading) to value."""
    book = openpyxl.load_workbook(path)
    there = book[sheet]
    heads = {cell.value: cell.column for cell in there[1]}
    for (row, heading), value in cells.items():
        there.cell(row, heads[heading]).value = value
    book.save(path)


def declare(folder: Path, tables: Mapping[str, Mapping[str, Any]], sources: Mapping[str, Mapping[str, Any]]) -> None:
    """Contracts and sources of the town, as files."""
    base = folder / "cities" / "toy"
    said: dict[str, Mapping[str, Any]] = {f"schemas/silver/{name}.yaml": one for name, one in tables.items()}
    said |= {f"sources/{name}.yaml": {**toy.SOURCE, **one} for name, one in sources.items()}
    for name, one in said.items():
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text(json.dumps(one, ensure_ascii=False), "utf-8")


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """The town before anything was delivered."""
    monkeypatch.setenv("CITYPULSE_KEYS", str(tmp_path / "keys"))
    declare(tmp_path / "conf", TABLES, SOURCES)
    return Town(toy.city(tmp_path / "conf", monkeypatch, {}), Lake(tmp_path / "lake", "toy"), tmp_path / "in")
