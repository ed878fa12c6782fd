"""What a city says of its information resources that no table or indicator can know: 政务信息资源目录.

发改高技术〔2017〕1272号 (guide to compiling catalogues, trial) names 13 core metadata of a resource. Most follow from
its contract, its sources and the night. What only an authority can say stands under `catalogue:` of `city.yaml`;
what it does not say is unknown, or a default that discloses the least.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from schemas.declared import Bilingual, Declared, Name, Words
from schemas.quantities import Refused
from schemas.table import ELEMENTS, LEVELS, Classification

Class = Literal["basic", "subject", "department"]
CLASSES: tuple[Class, ...] = get_args(Class)
"""基础, 主题 and 部门信息资源类: 1, 2 and 3 as the first digit of a resource's code."""
Share = Literal["unconditional", "conditional", "none"]
DERIVED: Mapping[Classification, Share] = {"public": "unconditional", "internal": "conditional", "restricted": "none"}
"""How what stands at a level is shared where nobody says it. Nothing is open unless the city says so."""


class Office(Words):
    """An accountable department; `code` is its unified social credit code (GB 32100-2015)."""

    code: Annotated[str, Field(pattern="^[0-9A-HJ-NPQRTUWXY]{18}$")] | None = None


Department = Annotated[Office, BeforeValidator(Words.of)]


class Classed(Declared):
    """Where a resource stands in the classification: 类 (`type`), 项 of two digits, 目 of three, 细目 of any."""

    type: Class
    item: Annotated[str, Field(pattern=r"^\d{2}$")] | None = None
    topic: Annotated[str, Field(pattern=r"^\d{3}$")] | None = None
    detail: Annotated[str, Field(pattern=r"^\d+$")] | None = None

    @model_validator(mode="after")
    def _each_step_has_the_one_above(self) -> Self:
        steps = {"item": self.item, "topic": self.topic, "detail": self.detail}
        given = [name for name, said in steps.items() if said is not None]
        if given != list(steps)[: len(given)]:
            raise ValueError(f"{', '.join(given)}: item, then topic, then detail; none without the one before it")
        return self

    @property
    def code(self) -> str | None:
        """The classification's code (前段码) as far as it is declared; None without an item, which is no code yet."""
        if self.item is None:
            return None
        return f"{CLASSES.index(self.type) + 1}{self.item}{self.topic or ''}{self.detail or ''}"


class Sharing(Declared):
    """共享属性: among government departments. `condition`: on what, or by which law it is not shared; `way`: how."""

    type: Share
    condition: Bilingual | None = None
    way: Bilingual | None = None

    @model_validator(mode="after")
    def _what_is_not_free_says_why(self) -> Self:
        if self.type != "unconditional" and self.condition is None:
            what = "on which conditions?" if self.type == "conditional" else "by which law is it not shared?"
            raise ValueError(f"condition is missing: {what}")
        return self


class Opening(Declared):
    """开放属性: to society."""

    open: bool
    condition: Bilingual | None = None


class Planned(Declared):
    """A line of the opening timetable: `by` when a resource is to be open to society, the `task` that opens it, and the
    `way` it can then be had, where that is another than the catalogue's."""

    by: date
    task: Bilingual
    way: Bilingual | None = None


class Listing(Declared):
    """What the city says of a resource, or of all at a level. `code` is the 信息资源代码 that an authority gave it."""

    class_: Classed | None = Field(None, alias="class")
    code: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S+$")] | None = None
    sharing: Sharing | None = None
    opening: Opening | None = None


class Shared(Declared):
    """What the city says of all resources at a level."""

    sharing: Sharing | None = None
    opening: Opening | None = None


class Catalogue(Declared):
    """`catalogue:` of `city.yaml`: by element, by level of classification, and by resource, which has the last word.

    A table with any personal column stands at the level `restricted` here, whatever its columns' classification.
    """

    elements: dict[Name, Classed] = {}
    levels: dict[Classification, Shared] = {}
    resources: dict[str, Listing] = {}
    openings: dict[str, Planned] = {}

    def of(self, key: str, element: str, level: Classification) -> Listing:
        """The city's word on a resource of an element that stands at a level; what it does not say is None."""
        own, common = self.resources.get(key, Listing()), self.levels.get(level, Shared())
        return Listing(
            class_=own.class_ or self.elements.get(element),
            code=own.code,
            sharing=own.sharing or common.sharing,
            opening=own.opening or common.opening,
        )

    def faults(self, levels: Mapping[str, Classification]) -> Iterator[Refused]:
        """What is wrong: of nothing, a code given twice, or more disclosed than a level allows.

        `levels` has the level of each resource that the city names here and has.
        """
        for element in sorted(set(self.elements) - set(ELEMENTS)):
            yield Refused(element, f"catalogue: there is no such element; there is: {', '.join(ELEMENTS)}")
        for level, said in self.levels.items():
            yield from (Refused(level, f"catalogue: {text}") for text in _too_much(said.sharing, said.opening, level))
        codes: dict[str, str] = {}
        for key, own in self.resources.items():
            if key not in levels:
                yield Refused(key, "catalogue: the city has no such table or indicator")
            elif own.sharing or own.opening:
                whole = self.of(key, "", levels[key])
                found = _too_much(whole.sharing, whole.opening, levels[key])
                yield from (Refused(key, f"catalogue: {text}") for text in found)
            if own.code and codes.setdefault(own.code, key) != key:
                yield Refused(key, f"catalogue: code {own.code} is that of {codes[own.code]}")
        yield from self._promised_wrongly(levels)

    def _promised_wrongly(self, levels: Mapping[str, Classification]) -> Iterator[Refused]:
        for key in self.openings:
            if key not in levels:
                yield Refused(key, "catalogue: openings: the city has no such table or indicator")
            elif levels[key] != LEVELS[0]:
                yield Refused(
                    key, f"catalogue: openings: it is {levels[key]}, or holds personal data, and is never open"
                )


def _too_much(sharing: Sharing | None, opening: Opening | None, level: Classification) -> Iterator[str]:
    """What of a declared sharing and opening contradicts a level."""
    if sharing and sharing.type == "unconditional" and level == LEVELS[-1]:
        yield f"what is {level}, or holds personal data, is never shared unconditionally; conditional or none is"
    if opening and opening.open and level != LEVELS[0]:
        yield f"what is {level}, or holds personal data, is never open; only what is {LEVELS[0]} can be"
    if opening and opening.open and sharing and sharing.type == "none":
        yield "open to society, and not shared with departments: one of the two is wrong"
