"""A city: where it is, how its places nest, who is accountable, and every declaration that applies to it."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import field_validator, model_validator

from schemas.declared import Bilingual, DeclarationError, Declared, Name, Words, read
from schemas.indicator import Indicator
from schemas.rules import Rules
from schemas.source import Source
from schemas.table import Table

ROOT = Path(__file__).resolve().parent.parent


class Level(Declared):
    """One step of a place hierarchy; `aliases` are other spellings of its members' ids."""

    name: Bilingual
    aliases: dict[str, tuple[str, ...]] = {}


class Edition(Declared):
    """Which edition of a standard applies from which observation date."""

    from_: date
    edition: str

    @model_validator(mode="before")
    @classmethod
    def _from_is_a_keyword(cls, data: object) -> object:
        if isinstance(data, dict) and "from" in data:
            return {"from_": data["from"], **{key: value for key, value in data.items() if key != "from"}}
        return data


class Calendar(Declared):
    """Public holidays, and rest days that are worked (调休)."""

    holidays: dict[date, Bilingual] = {}
    working_weekends: tuple[date, ...] = ()


class CityFile(Declared):
    """`conf/cities/<city>/city.yaml`."""

    id: Name
    name: Bilingual
    timezone: str
    cut_off: str = "05:00"
    deadline: str = "07:00"
    first_day: date
    hierarchies: tuple[tuple[Name, ...], ...]
    levels: dict[Name, Level]
    departments: dict[Name, Bilingual]
    standards: dict[str, tuple[Edition, ...]] = {}
    calendar: Calendar = Calendar()
    peak_hours: tuple[tuple[int, int], ...] = ()
    map_level: Name

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"timezone {value!r} is not an IANA zone")
        return value

    @field_validator("cut_off", "deadline")
    @classmethod
    def _clock(cls, value: str) -> str:
        time.fromisoformat(value)
        return value

    @model_validator(mode="after")
    def _levels_exist(self) -> Self:
        named = {level for chain in self.hierarchies for level in chain} | {self.map_level}
        unknown = sorted(named - {*self.levels, "city"})
        if unknown:
            raise ValueError(f"level {', '.join(unknown)} is not under levels:")
        if any(chain[-1] != "city" for chain in self.hierarchies):
            raise ValueError("every hierarchy ends in city")
        return self


@dataclass(frozen=True)
class City:
    """A city with everything that applies to it; the one object the rest of the code is given."""

    file: CityFile
    folder: Path
    sources: Mapping[str, Source]
    tables: Mapping[str, Table]
    indicators: Mapping[str, Indicator]
    rules: Mapping[str, Rules]

    @property
    def id(self) -> str:
        """The city's folder name."""
        return self.file.id

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.file.timezone)

    @property
    def timezone(self) -> str:
        """The city's IANA time zone name."""
        return self.file.timezone

    @property
    def deadline(self) -> str:
        """Local time by which the edition is due."""
        return self.file.deadline

    @property
    def departments(self) -> Mapping[str, Bilingual]:
        """Accountable departments."""
        return self.file.departments

    def parent_level(self, level: str) -> str | None:
        """The level above `level` in the first hierarchy that has it."""
        for chain in self.file.hierarchies:
            if level in chain and level != chain[-1]:
                return chain[chain.index(level) + 1]
        return None

    def feeding(self, table: str) -> list[Source]:
        """The sources that feed a table (`silver.<name>`), in name order."""
        return [source for source in self.sources.values() if table in source.into]


def conf() -> Path:
    """The folder that holds `cities/` and `profiles/`: CITYPULSE_CONF, or the repository's own."""
    return Path(os.environ.get("CITYPULSE_CONF") or ROOT / "conf")


def cities() -> list[str]:
    """The configured cities, by folder."""
    return sorted(path.parent.name for path in conf().glob("cities/*/city.yaml"))


def load_city(name: str) -> City:
    """Every declaration of one city, each checked by itself. Raises DeclarationError.

    A city overlays the common declarations: its own `schemas/`, `indicators/` and `quality/` add to them or replace
    one. Tables without a source here, and indicators that need such a table, do not apply to the city.
    """
    return _load_city(name, conf())


@cache
def _load_city(name: str, base: Path) -> City:
    folder = base / "cities" / name
    if not (folder / "city.yaml").is_file():
        raise DeclarationError(f"city {name!r} is not configured; there is: {', '.join(cities()) or 'none'}")
    file = read(folder / "city.yaml", CityFile, id=name)
    sources = {path.stem: read(path, Source, name=path.stem) for path in sorted((folder / "sources").glob("*.yaml"))}
    tables = {
        f"silver.{path.stem}": read(path, Table, name=path.stem)
        for path in _overlaid(folder, "schemas/silver", "*.yaml")
    }
    fed = {table for source in sources.values() for table in source.into}
    known = {key: table for key, table in sorted(tables.items()) if key in fed}
    rules = {
        f"silver.{path.stem}": read(path, Rules, table=f"silver.{path.stem}")
        for path in _overlaid(folder, "quality/silver", "*.yaml")
        if f"silver.{path.stem}" in known
    }
    declared = {
        f"{path.parent.name}.{path.stem}": read(
            path, Indicator, id=f"{path.parent.name}.{path.stem}", element=path.parent.name
        )
        for path in _overlaid(folder, "schemas/indicators", "*/*.yaml")
    }
    city = City(file, folder, sources, known, _applicable(declared, known), rules)
    unknown = sorted(fed - set(tables))
    if unknown:
        raise DeclarationError(
            f"{folder}/sources: into {', '.join(unknown)}, but there is no schemas/silver file of that name"
        )
    return city


@cache
def catalogue() -> City:
    """Every common table and indicator, in a nameless city without sources: what worked examples are answered with."""
    file = CityFile(
        id="catalogue",
        name=Words(zh="目录", en="Catalogue"),
        timezone="UTC",
        first_day=date(2000, 1, 1),
        hierarchies=(("district", "city"),),
        levels={"district": Level(name=Words(zh="区", en="District"))},
        departments={},
        map_level="district",
    )
    tables = {f"silver.{path.stem}": read(path, Table, name=path.stem) for path in _common("silver", "*.yaml")}
    declared = {
        f"{path.parent.name}.{path.stem}": read(
            path, Indicator, id=f"{path.parent.name}.{path.stem}", element=path.parent.name
        )
        for path in _common("indicators", "*/*.yaml")
    }
    return City(file, ROOT / "schemas", {}, tables, _applicable(declared, tables), {})


def _common(folder: str, pattern: str) -> list[Path]:
    return sorted((ROOT / "schemas" / folder).glob(pattern))


def _overlaid(folder: Path, common: str, pattern: str) -> Iterator[Path]:
    """The common declarations with the city's own laid over them, in name order."""
    base, own = ROOT / common, folder / common.removeprefix("schemas/") if "indicators" in common else folder / common
    found = {path.relative_to(base): path for path in base.glob(pattern)}
    found |= {path.relative_to(own): path for path in own.glob(pattern)}
    yield from (found[key] for key in sorted(found))


def _applicable(declared: Mapping[str, Indicator], tables: Mapping[str, Table]) -> dict[str, Indicator]:
    """The indicators whose tables, and whose indicators, are all there; each follows what it uses."""
    out: dict[str, Indicator] = {}
    rest = dict(declared)
    while True:
        ready = [
            key
            for key, one in rest.items()
            if all((t.table in out) if t.kind == "indicator" else (t.table in tables) for t in one.terms.values())
        ]
        if not ready:
            return out
        for key in ready:
            out[key] = rest.pop(key)


Mode = Literal["append", "restating", "snapshot"]
