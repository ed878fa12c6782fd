"""A city: where it is, how its places nest, who is accountable, and every declaration that applies to it."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from schemas import kept, references
from schemas.alerting import Alerts
from schemas.classification import guarded
from schemas.declared import Bilingual, DeclarationError, Declared, ExpressionError, Name, at, line_of, read
from schemas.indicator import Indicator
from schemas.limits import Grades
from schemas.meaning import Meaning, meaning
from schemas.quantities import Refused
from schemas.resource import Catalogue, Department, Office
from schemas.rules import Rules
from schemas.source import Source
from schemas.table import Listed, Table
from schemas.term import Term

ROOT = Path(__file__).resolve().parent.parent


Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]


class Level(Declared):
    """One step of a place hierarchy; `aliases` are spellings of its members beside their ids and names."""

    name: Bilingual
    aliases: dict[str, tuple[str, ...]] = {}

    @field_validator("aliases")
    @classmethod
    def _each_means_one_place(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        meant: dict[str, str] = {}
        for place, others in value.items():
            for one in others:
                if meant.setdefault(one.strip().casefold(), place) != place:
                    raise ValueError(f"{one!r} stands for both {meant[one.strip().casefold()]} and {place}")
        return value


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


class Release(Declared):
    """What may be published of people: no count below `k` but zero."""

    k: Annotated[int, Field(ge=2, le=1000)]


def is_zone(name: str) -> bool:
    """Whether there is an IANA zone of that name; to list them all takes longer."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the names of folders are no zones either
        return False
    return True


class CityFile(Declared):
    """`conf/cities/<city>/city.yaml`. `grades` is the least coverage of A, B and C where an indicator says nothing.

    `exports`: what brings sealed editions elsewhere, each with the environment variable that says where to.
    """

    id: Name
    name: Bilingual
    timezone: str
    cut_off: str = "05:00"
    deadline: str = "07:00"
    first_day: date
    hierarchies: tuple[tuple[Name, ...], ...]
    levels: dict[Name, Level]
    departments: dict[Name, Department]
    standards: dict[str, tuple[Edition, ...]] = {}
    calendar: Calendar = Calendar()
    peak_hours: tuple[tuple[int, int], ...] = ()
    map_level: Name
    grades: Grades | None = None
    release: Release | None = None
    alerts: Alerts = Alerts()
    catalogue: Catalogue = Catalogue()
    exports: dict[Name, Variable] = {}

    def applying(self, editions: Collection[str]) -> list[Edition]:
        """When which of these editions of a standard applies, the newest first."""
        known = [one for family in self.standards.values() for one in family if one.edition in editions]
        return sorted(known, key=lambda one: one.from_, reverse=True)

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        if not is_zone(value):
            raise ValueError("not an IANA zone")
        return value

    @field_validator("cut_off", "deadline")
    @classmethod
    def _clock(cls, value: str) -> str:
        try:
            time.fromisoformat(value)
        except ValueError:
            raise ValueError("expected a local time, as '05:00'") from None
        return value

    @model_validator(mode="after")
    def _levels_exist(self) -> Self:
        named = {level for chain in self.hierarchies for level in chain} | {self.map_level}
        unknown = sorted(named - {*self.levels, "city"})
        if unknown:
            where = "map_level" if self.map_level in unknown and len(unknown) == 1 else "hierarchies"
            raise ValueError(f"{where}: level {', '.join(unknown)} is not under levels:")
        if any(chain[-1] != "city" for chain in self.hierarchies):
            raise ValueError("hierarchies: each ends in city")
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
    contracts: Mapping[str, Table] = field(default_factory=dict)
    """Every table there is, whether or not the city has a source of it."""
    declared: Mapping[str, Indicator] = field(default_factory=dict)
    """Every indicator there is, whether or not it applies."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """Where each table and indicator is declared."""

    def meaning(self, one: Indicator) -> Meaning:
        """The unit and kind of quantity of an indicator, or of a version of one. Raises DeclarationError."""
        key = (one.id, one.version)
        if key not in self._meanings:
            try:
                self._meanings[key] = meaning(one, self.contracts, self.declared)
            except Refused as refused:
                raise DeclarationError(at(self.files[one.id], refused.key, str(refused))) from None
        return self._meanings[key]

    @cached_property
    def _meanings(self) -> dict[tuple[str, str], Meaning]:
        return {}

    @cached_property
    def asked(self) -> Mapping[str, Sequence[tuple[Indicator, Term]]]:
        """Every term that reads a table, of every version of every indicator, by table."""
        found: dict[str, list[tuple[Indicator, Term]]] = {}
        for one in (version for indicator in self.indicators.values() for version in indicator.versions):
            for term in one.terms.values():
                if not term.looks:
                    found.setdefault(term.table, []).append((one, term))
        return found

    @cached_property
    def named(self) -> Sequence[str]:
        """The tables whose records name persons (as pseudonyms), in name order."""
        return [key for key, one in self.tables.items() if any(c.personal == "direct" for c in one.columns.values())]

    @cached_property
    def compared(self) -> Mapping[str, set[str]]:
        """Tables to the other tables that their rules compare them with, of those that the city has."""
        named = {
            key: {rule.other for rule in rules.sets if rule.other in self.tables} for key, rules in self.rules.items()
        }
        return {key: others for key, others in named.items() if others and key in self.tables}

    @cached_property
    def registered(self) -> Mapping[str, Listed]:
        """The tables whose reporters a register lists that the city has a source of."""
        listed = {key: one.reporters.listed_in for key, one in self.tables.items() if one.reporters}
        return {key: one for key, one in listed.items() if one is not None and one.table in self.tables}

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
    def departments(self) -> Mapping[str, Office]:
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
    return _load_city(name, conf(), ROOT)


def load_city_at(name: str, base: Path, root: Path) -> City:
    """The same from other files than those in use: `base` holds `cities/`, `root` `schemas/` and `quality/`."""
    return _load_city(name, base, root)


@cache
def _load_city(name: str, base: Path, root: Path) -> City:
    folder = base / "cities" / name
    if not (folder / "city.yaml").is_file():
        raise DeclarationError(f"city {name!r} is not configured; there is: {', '.join(cities()) or 'none'}")
    if (base, root) != (ROOT / "conf", ROOT):
        return _city(name, folder, root)
    files = (path for where in (folder, root / "schemas", root / "quality") for path in where.rglob("*.yaml"))
    return kept.remembered(name, files, lambda: _city(name, folder, root))


def _city(name: str, folder: Path, root: Path) -> City:
    file = read(folder / "city.yaml", CityFile, id=name)
    sources = {path.stem: read(path, Source, name=path.stem) for path in sorted((folder / "sources").glob("*.yaml"))}
    files = {f"silver.{path.stem}": path for path in _overlaid(root, folder, "schemas/silver", "*.yaml")}
    tables = {key: read(path, Table, name=path.stem) for key, path in files.items()}
    fed = {table for source in sources.values() for table in source.into}
    for source in sources.values():
        for key in sorted(set(source.into) - set(tables)):
            path = folder / "sources" / f"{source.name}.yaml"
            line, there = line_of(path, ("into",)), ", ".join(sorted(tables))
            raise DeclarationError(f"{path}:{line}: into: there is no {key}; there is: {there}")
    known = {key: table for key, table in sorted(tables.items()) if key in fed}
    rules = {
        f"silver.{path.stem}": read(path, Rules, table=f"silver.{path.stem}")
        for path in _overlaid(root, folder, "quality/silver", "*.yaml")
        if f"silver.{path.stem}" in known
    }
    where, declared = defined(_overlaid(root, folder, "schemas/indicators", "*/*.yaml"))
    made = applicable(declared, known, where)
    wrong = [at(folder / "city.yaml", refused.key, str(refused)) for refused in file.alerts.faults(declared)]
    wrong += unaccounted(file, {**known, **made}, files | where)
    city = City(file, folder, sources, known, made, rules, tables, declared, files | where)
    wrong += [at(folder / "city.yaml", refused.key, str(refused)) for refused in _catalogued(city)]
    if wrong:
        raise DeclarationError("\n".join(wrong))
    return city


def _catalogued(city: City) -> Iterator[Refused]:
    """What the city's catalogue of resources says wrongly."""
    said, levels = city.file.catalogue, {}
    for key in {**said.resources, **said.openings}:
        if key in city.tables or key in city.indicators:
            try:
                levels[key] = guarded(city, key)
            except ExpressionError as error:
                raise DeclarationError(at(city.files[key], "where", str(error))) from None
    yield from said.faults(levels)


def unaccounted(file: CityFile, there: Mapping[str, Table | Indicator], files: Mapping[str, Path]) -> Iterator[str]:
    """The tables and indicators that no department of the city is accountable for."""
    for key, one in there.items():
        if one.owner not in file.departments:
            known = ", ".join(file.departments) or "none"
            what = "table" if isinstance(one, Table) else "indicator"
            text = f"{one.owner!r} is not a department of {file.id}; every {what} has an accountable one: {known}"
            yield at(files[key], "owner", text)


def defined(paths: Iterable[Path]) -> tuple[dict[str, Path], dict[str, Indicator]]:
    """The files of indicators, and what they say, by id."""
    files = {f"{path.parent.name}.{path.stem}": path for path in paths}
    return files, {key: read(path, Indicator, id=key, element=path.parent.name) for key, path in files.items()}


def _overlaid(root: Path, folder: Path, common: str, pattern: str) -> Iterator[Path]:
    """The common declarations with the city's own laid over them, in name order."""
    own = folder / (common.removeprefix("schemas/") if "indicators" in common else common)
    found = {path.relative_to(root / common): path for path in (root / common).glob(pattern)}
    found |= {path.relative_to(own): path for path in own.glob(pattern)}
    yield from (found[key] for key in sorted(found))


def applicable(
    declared: Mapping[str, Indicator], tables: Mapping[str, Table], files: Mapping[str, Path]
) -> dict[str, Indicator]:
    """The indicators whose tables, and whose indicators, are all there; each follows what it uses.

    Raises DeclarationError where one refers to an indicator that nobody declares, or back to itself through others.
    """
    out: dict[str, Indicator] = {}
    rest = dict(declared)
    while True:
        ready = [key for key, one in rest.items() if _can_be_made(one, out, tables)]
        for key in ready:
            out[key] = rest.pop(key)
        if not ready:
            break
    wrong = [at(files[one.id], refused.key, str(refused)) for one in rest.values() for refused in _lost(one, declared)]
    if wrong:
        raise DeclarationError("\n".join(wrong))
    return out


def _can_be_made(one: Indicator, made: Mapping[str, Indicator], tables: Mapping[str, Table]) -> bool:
    others = {look.table for look in one.looks} - {one.id}
    return others <= made.keys() and set(one.tables) <= tables.keys()


def _lost(one: Indicator, declared: Mapping[str, Indicator]) -> Iterator[Refused]:
    for label, name in references.unknown(one, declared):
        yield Refused(label, f"indicator {name!r} does not exist")
    circle = references.cycle(one, declared)
    if circle:
        yield references.circular(circle)
