"""An indicator: what is counted, how the value is made, and how it is to be read."""

from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from schemas import limits, parameters
from schemas.arithmetic import divisors, formula, names
from schemas.declared import Bilingual, Declared, Name
from schemas.limits import Grades, Levels
from schemas.parameters import Parameter
from schemas.table import ELEMENTS, Classification
from schemas.term import KINDS, Term, Trailing

PERIODS = ("hour", "day", "week", "month", "quarter", "year")
Period = Literal["hour", "day", "week", "month", "quarter", "year"]
Segment = Literal["hour_of_day", "peak", "off_peak", "workday", "rest_day", "holiday", "month", "season"]
Domain = Literal["facilities", "safety", "ecology", "economy", "livelihood"]
Scope = Literal["industry", "citizen_service", "governance", "city_management", "information"]
RollUp = Literal["sum", "mean", "last", "max", "min", "recomputed"]
DAYS = ("days", "valid_days")


class Entity(Declared):
    """Values are made for each entity (an instrument, a station) before they are made for places."""

    kind: Name
    column: str


class Standard(Declared):
    """Where the definition comes from, and whether we read it there."""

    name: str | None = None
    clause: str | None = None
    verified: bool

    @model_validator(mode="after")
    def _what_was_read_has_a_name(self) -> Self:
        if self.verified and not (self.name or "").strip():
            raise ValueError("verified: true says that somebody read the standard; name: which one?")
        return self


class Rolled(Declared):
    """How the value of a longer period, or of a place, comes from those inside it, where several ways mean something.

    `rollup: max` is short for `{place: max}`: a place shows the highest of its entities.
    """

    time: RollUp | None = None
    place: RollUp | None = None

    @model_validator(mode="before")
    @classmethod
    def _a_word_is_about_places(cls, data: Any) -> Any:
        return {"place": data} if isinstance(data, str) else data


class KnownIssue(Declared):
    """What a reader must know of the values from a day on, and until when (open without `to`)."""

    from_: date = Field(alias="from")
    to: date | None = None
    zh: str
    en: str

    @model_validator(mode="after")
    def _it_ends_after_it_begins(self) -> Self:
        if self.to is not None and self.to < self.from_:
            raise ValueError(f"to: {self.to} is before from: {self.from_}")
        return self


class Indicator(Declared):
    """`schemas/indicators/<element>/<name>.yaml`; its id is `<element>.<name>`.

    The file's top level is the newest version; `earlier` holds older ones, newest first, each with its own
    `effective_from` and only the keys that differ (null takes a key away). A term's `where` has its parameters
    written out.
    """

    id: str
    name: Bilingual
    owner: Name
    element: str
    face: Literal["product", "service", "regulation"]
    domains: tuple[Domain, ...] = ()
    fields: tuple[Scope, ...] = ()
    question: Bilingual
    does_not_say: Bilingual
    terms: dict[Name, Term]
    value: str | None = None
    method: Name | None = None
    output: Name | None = None
    unit: str
    valid_range: tuple[float, float] | None = None
    rounding: Annotated[int, Field(ge=-9, le=12)] = 2
    direction: Literal["higher_better", "lower_better", "neutral"]
    periods: tuple[Period, ...]
    places: tuple[Name, ...] = ()
    segments: tuple[Segment, ...] = ()
    entity: Entity | None = None
    rollup: Rolled | None = None
    trailing: Trailing | None = None
    missing: Literal["unknown"] | None = None
    minimum_coverage: Annotated[float, Field(ge=0, le=1)] = 0.8
    grades: Grades | None = None
    final_after: Annotated[int, Field(ge=0)] = 3
    headline: bool = False
    classification: Classification | None = None
    """Who may see it, where that is not what it inherits from its inputs; never lower."""
    target: float | None = None
    levels: Levels = {}
    parameters: dict[Name, Parameter] = {}
    known_issues: tuple[KnownIssue, ...] = ()
    standard: Standard
    effective_from: date
    earlier: tuple["Indicator", ...] = ()
    oracles: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _earlier_versions_are_whole(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("earlier"), list):
            return data
        newest = {key: value for key, value in data.items() if key != "earlier"}
        whole = [_older(newest, one, number) for number, one in enumerate(data["earlier"])]
        return newest | {"earlier": whole}

    @model_validator(mode="after")
    def _value_is_arithmetic_over_terms(self) -> Self:
        if self.element not in ELEMENTS:
            raise ValueError(f"element {self.element!r} is unknown; allowed: {', '.join(ELEMENTS)}")
        if (self.value is None) == (self.method is None):
            raise ValueError("an indicator has either value: (arithmetic over its terms) or method:")
        if not self.periods:
            raise ValueError(f"periods: at least one of {', '.join(PERIODS)}")
        if self.output is not None and self.method is None:
            raise ValueError("output: says which of a method's results is meant; there is no method:")
        if self.value is not None:
            known = {*self.terms, *DAYS, *self.parameters}
            unknown = sorted(names(self.value) - known)
            if unknown:
                raise ValueError(f"value uses {', '.join(unknown)}; it has: {', '.join(sorted(known))}")
            below = sorted(divisors(self.value) & set(self.terms))
            if below and self.missing is None:
                raise ValueError(
                    f"missing is missing: value divides by {', '.join(below)}, which may be zero or not reported; "
                    "write missing: unknown"
                )
        return self

    @model_validator(mode="after")
    def _every_part_is_used_and_named_once(self) -> Self:
        used = names(self.value) if self.value is not None else set(self.terms)
        idle = sorted(set(self.terms) - used)
        if idle:
            raise ValueError(f"term {', '.join(idle)} is not used by value; leave it out or use it")
        twice = sorted({*self.terms, *DAYS} & set(self.parameters) | {*self.terms} & {*DAYS})
        if twice:
            raise ValueError(f"{', '.join(twice)} names two things: terms, parameters, days and valid_days are apart")
        for key in ("periods", "places", "segments", "domains", "fields"):
            said = getattr(self, key)
            if len(set(said)) < len(said):
                raise ValueError(
                    f"{key}: {', '.join(sorted({one for one in said if said.count(one) > 1}))} stands twice"
                )
        parameters.check_used(self.parameters, used, [term.where for term in self.terms.values()], bool(self.method))
        return self

    @model_validator(mode="after")
    def _limits_are_in_order(self) -> Self:
        limits.check(self.valid_range, self.target, self.levels, self.direction)
        versions = [self.effective_from, *(one.effective_from for one in self.earlier)]
        for newer, older in pairwise(versions):
            if older >= newer:
                raise ValueError(
                    f"effective_from: {older} stands under {newer}; the newest is at the top level, "
                    "and earlier: goes back in time"
                )
        return self

    @model_validator(mode="after")
    def _parameters_are_written_out(self) -> Self:
        for term in self.terms.values():
            if term.where and self.parameters:
                term.with_parameters(parameters.written_out(term.where, self.parameters))
        return self

    @property
    def tables(self) -> list[str]:
        """The silver tables its terms read."""
        return sorted({term.table for term in self.terms.values() if not term.looks})

    @property
    def looks(self) -> list[Term]:
        """Its terms' looks at other indicators."""
        return [look for term in self.terms.values() for look in term.looks]

    @property
    def version(self) -> str:
        """The definition's version: the date it applies from."""
        return self.effective_from.isoformat()

    @property
    def versions(self) -> tuple["Indicator", ...]:
        """Every version of the definition, newest first."""
        return (self, *self.earlier)

    @property
    def looks_at_itself(self) -> bool:
        """Whether a version uses the indicator's own values of earlier periods."""
        return any(look.table == self.id for version in self.versions for look in version.looks)

    @property
    def constants(self) -> dict[str, object]:
        """The parameters' values by name."""
        return {name: one.value for name, one in self.parameters.items()}

    def on(self, day: date) -> "Indicator | None":
        """The version in force on a day; None before the first."""
        return next((one for one in self.versions if one.effective_from <= day), None)


def _older(newest: dict[str, Any], one: Any, number: int) -> Any:
    """An earlier version with the keys it shares with the newest."""
    if not isinstance(one, dict):
        return one
    if "effective_from" not in one:
        raise ValueError(f"earlier[{number}]: effective_from is missing: from when did it apply?")
    same = sorted(key for key, value in one.items() if key in newest and newest[key] == value)
    if same:
        raise ValueError(f"earlier[{number}]: {', '.join(same)} is what the newest version says; leave it out")
    return {key: value for key, value in (newest | one).items() if value is not None}


__all__ = [
    "KINDS",
    "PERIODS",
    "Entity",
    "Indicator",
    "Parameter",
    "Period",
    "Segment",
    "Term",
    "Trailing",
    "formula",
    "names",
]
