"""A source: who delivers which files, how they are read, and what their fields mean."""

import fnmatch
import re
import unicodedata
from collections.abc import Container, Iterable
from datetime import date, datetime, time
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

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
    """Columns that carry a key in their name become one record each.

    `columns` lists them, {file column: key}; or `matching` is a regular expression for their whole name, whose first
    group (without groups: the name) is the key. Columns under the source's `fields:`, `optional:` and `personal:` keep
    their own meaning.
    """

    name: Name
    value: Name
    columns: dict[str, str] = {}
    matching: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.columns) == (self.matching is not None):
            raise ValueError("unpivot has either columns: {file column: key}, or matching: a regular expression")
        try:
            re.compile(self.matching or "")
        except re.error as error:
            raise ValueError(f"matching {self.matching!r} is no regular expression: {error}") from None
        return self

    def keys(self, there: Iterable[str], named: Container[str]) -> dict[str, str]:
        """The columns among `there` that become records, and their keys; `named` are the source's own fields."""
        if self.matching is None:
            return {name: self.columns[name] for name in there if name in self.columns}
        hits = {name: re.fullmatch(self.matching, name) for name in there if name not in named}
        return {name: hit[1] if hit.re.groups else hit[0] for name, hit in hits.items() if hit}


class Into(Declared):
    """What the source's fields mean for one table."""

    columns: dict[Name, Expression]
    where: Expression | None = None
    unpivot: Unpivot | None = None
    place: Place | None = None
    priority: int = 0
    totals: bool = False
    """Its rows are the totals of the levels they name: rows of the same table below them are not added to them."""


class Arrives(Declared):
    """How often, and by when (local time)."""

    every: Literal["hour", "day", "week", "month", "once", "irregular"]
    by: str | None = None

    @field_validator("by")
    @classmethod
    def _clock(cls, value: str | None) -> str | None:
        try:
            time.fromisoformat(value or "00:00")
        except ValueError:
            raise ValueError("expected a local time, as '05:00'") from None
        return value


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

    FLAT: ClassVar[tuple[str, ...]] = tuple(Into.model_fields)
    """What may stand beside `into: <table>` when there is one table."""
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
    personal: dict[str, Literal["phone", "citizen_id", "credit_code", "name", "other", "text"]] = {}
    """Fields that name a person become pseudonyms; of free text (`text`) only the identifiers in it are masked."""
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
    def _what_does_not_match_is_named(self) -> Self:
        if not self.fields and any(into.unpivot and into.unpivot.matching for into in self.into.values()):
            raise ValueError("'fields' is missing: unpivot.matching takes every other column that fits")
        return self

    @model_validator(mode="after")
    def _points_have_a_datum(self) -> Self:
        has_points = any(into.place and into.place.point for into in self.into.values())
        has_degrees = any({"lon_deg", "lat_deg"} & set(into.columns) for into in self.into.values())
        if self.datum is None and (has_points or has_degrees):
            raise ValueError("'datum' is missing: coordinates mean nothing without it (WGS84, GCJ-02, BD-09, EPSG:n)")
        if self.datum not in (None, "WGS84") and not has_points:
            raise ValueError("datum: it converts place: {point: …}, which is not there; polygons have the reader's crs")
        return self

    @field_validator("datum")
    @classmethod
    def _datum_is_known(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"WGS84|GCJ-02|BD-09|EPSG:\d+", value):
            raise ValueError("unknown; allowed: WGS84, GCJ-02, BD-09, EPSG:<number>")
        return value

    @field_validator("files")
    @classmethod
    def _placeholders_are_known(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for glob in (value,) if isinstance(value, str) else value:
            forms = [hit[2] or "" for hit in _PLACEHOLDER.finditer(glob)]
            unknown = re.findall(r"\{[^}]*\}?", _PLACEHOLDER.sub("", glob))
            unknown += [code for form in forms for code in re.findall("%.?", form) if code not in _DIGITS]
            if unknown:
                allowed = (
                    f"{{delivered}}, {{day}}, {{month}}, each with a form as {{day:%Y%m%d}} of {' '.join(_DIGITS)}"
                )
                raise ValueError(f"{', '.join(unknown)} is unknown; allowed: {allowed}")
        return value

    @property
    def named(self) -> frozenset[str]:
        """Columns that have a meaning of their own, whatever unpivot matches."""
        return frozenset({*self.fields, *self.optional, *self.personal})

    @cached_property
    def patterns(self) -> list[tuple[re.Pattern[str], list[tuple[str, str]]]]:
        """Each `files` glob as a regular expression, with its placeholders and their date formats."""
        globs = [self.files] if isinstance(self.files, str) else list(self.files)
        return [_compile(unicodedata.normalize("NFC", glob)) for glob in globs]

    def match(self, path: str) -> Found | None:
        """What `path` (relative, with /) says when it is one of this source's files; None when it is not.

        Names are compared composed (NFC): some systems write 서울 and São as letters with their parts behind them.
        """
        path = unicodedata.normalize("NFC", path)
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
