"""A source: who delivers which files, how they are read, and what their fields mean."""

import fnmatch
import re
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from schemas.declared import Bilingual, Declared, Name

Expression = Annotated[str, Field(min_length=1)]
_PLACEHOLDER = re.compile(r"\{(delivered|day|month)(?::([^}]+))?\}")
_DIGITS = {"%Y": r"\d{4}", "%m": r"\d{2}", "%d": r"\d{2}", "%H": r"\d{2}", "%y": r"\d{2}"}
_FORMAT = {"delivered": "%Y-%m-%d", "day": "%Y-%m-%d", "month": "%Y-%m"}


class Point(Declared):
    """Where a record lies, as expressions that give degrees (or metres for a projected datum)."""

    lon: Expression
    lat: Expression


class Place(Declared):
    """How a record is placed: it names a member of a level (the first of several), or has a point, or is the city's."""

    level: Annotated[
        tuple[Name, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
    ] = ()
    id: Expression | None = None
    point: Point | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (not self.level) == (self.point is None):
            raise ValueError("place is either {level, id} or {point: {lon, lat}}")
        if self.level not in ((), ("city",)) and self.id is None:
            raise ValueError("place.id is missing: which field names the place?")
        return self


class Unpivot(Declared):
    """Columns that carry a key in their name become one record each: {file column: key}."""

    name: Name
    value: Name
    columns: dict[str, str]


class Into(Declared):
    """What the source's fields mean for one table."""

    columns: dict[Name, Expression]
    where: Expression | None = None
    unpivot: Unpivot | None = None
    place: Place | None = None
    priority: int = 0


class Arrives(Declared):
    """How often, and by when (local time)."""

    every: Literal["hour", "day", "week", "month", "once", "irregular"]
    by: str | None = None


class Reader(Declared):
    """The format (a module of jobs/readers) and that reader's own options."""

    model_config = {"extra": "allow", "frozen": True}
    format: Name

    @property
    def options(self) -> dict[str, Any]:
        """What the reader's Options model is made of."""
        return dict(self.__pydantic_extra__ or {})


class Found(Declared):
    """What a path says: the pattern it matched, its delivery date and the days it covers."""

    delivered: date | None = None
    scope: str | None = None
    """`2020-04-01`, `2020-04`, or None when the file does not say which days it covers."""


class Source(Declared):
    """`conf/cities/<city>/sources/<source>.yaml`."""

    name: Name
    publisher: Bilingual
    department: Name
    licence: Annotated[str, Field(min_length=2)]
    description: Bilingual
    files: str | tuple[str, ...]
    companions: tuple[str, ...] = ()
    reader: Reader
    fields: dict[str, tuple[str, ...]] = {}
    optional: tuple[str, ...] = ()
    delivery: Literal["append", "restating", "snapshot"]
    arrives: Arrives
    timezone: str
    durations: Literal["wall_clock", "elapsed"] = "elapsed"
    datum: str | None = None
    personal: dict[str, Literal["phone", "citizen_id", "credit_code", "name", "other"]] = {}
    into: dict[str, Into]

    @model_validator(mode="before")
    @classmethod
    def _one_table_may_stand_flat(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("into"), str):
            flat = {key: data[key] for key in Into.model_fields if key in data}
            rest = {key: value for key, value in data.items() if key not in Into.model_fields}
            return {**rest, "into": {data["into"]: flat}}
        return data

    @model_validator(mode="after")
    def _points_have_a_datum(self) -> Self:
        if self.datum is None and any(into.place and into.place.point for into in self.into.values()):
            raise ValueError("datum is missing: coordinates mean nothing without it (WGS84, GCJ-02, BD-09, EPSG:n)")
        if self.datum and not re.fullmatch(r"WGS84|GCJ-02|BD-09|EPSG:\d+", self.datum):
            raise ValueError(f"datum {self.datum!r} is unknown; allowed: WGS84, GCJ-02, BD-09, EPSG:<number>")
        return self

    @cached_property
    def patterns(self) -> list[tuple[re.Pattern[str], list[tuple[str, str]]]]:
        """Each `files` glob as a regular expression, with its placeholders and their date formats."""
        globs = [self.files] if isinstance(self.files, str) else list(self.files)
        return [_compile(glob) for glob in globs]

    def match(self, path: str) -> Found | None:
        """What `path` (relative, with /) says when it is one of this source's files; None when it is not."""
        for pattern, placeholders in self.patterns:
            hit = pattern.fullmatch(path)
            if hit is None:
                continue
            said = dict(zip([name for name, _ in placeholders], hit.groups(), strict=True))
            formats = dict(placeholders)
            try:
                when = {name: datetime.strptime(text, formats[name]).date() for name, text in said.items()}
            except ValueError:
                continue
            scope = None
            if "day" in when:
                scope = when["day"].isoformat()
            elif "month" in when:
                scope = when["month"].isoformat()[:7]
            return Found(delivered=when.get("delivered"), scope=scope)
        return None


def _compile(glob: str) -> tuple[re.Pattern[str], list[tuple[str, str]]]:
    """A glob with placeholders as a regular expression; it may match below any folder that is delivered."""
    parts, placeholders, end = [], [], 0
    for hit in _PLACEHOLDER.finditer(glob):
        parts.append(_glob(glob[end : hit.start()]))
        form = hit[2] or _FORMAT[hit[1]]
        placeholders.append((hit[1], form))
        shape = re.escape(form)
        for code, digits in _DIGITS.items():
            shape = shape.replace(re.escape(code), digits)
        parts.append(f"({shape})")
        end = hit.end()
    parts.append(_glob(glob[end:]))
    return re.compile("".join(parts)), placeholders


def _glob(text: str) -> str:
    translated = fnmatch.translate(text)
    inner = translated.removeprefix("(?s:").removesuffix(r")\Z").removesuffix(r")\z")
    return inner.replace(".*", "[^/]*")
