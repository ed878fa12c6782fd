"""What an edition is made of, and who publishes it.

A publisher is one module in this folder with `publish(data, folder) -> list[Path]`: it writes its files into the
edition's folder and returns them. It reads nothing but `EditionData`, so it knows neither Spark nor the lake nor the
clock, and the same data give the same bytes. One that says `DESCRIBES = True` tells of the files of the others: it
comes after them, and reads the folder too. A new publisher is a new file here; nothing lists them.

What brings sealed editions somewhere else is an exporter, one module here with `export` (`jobs.exporting`).
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import NotRequired, TypedDict


class Text(TypedDict):
    """The same words in both languages of the pages."""

    zh: str
    en: str


class City(TypedDict):
    id: str
    name: Text
    map_level: str


class Element(TypedDict):
    """One of the city's elements (交通, 环保 …), in the order in which the bulletin shows them."""

    id: str
    zh: str
    en: str


class Limit(TypedDict):
    """A threshold: the level `colour` is reached when `value <sense> bound`."""

    colour: str
    sense: str
    bound: float


class Indicator(TypedDict):
    """What a reader must know of an indicator. `rounding`: decimals shown, None for six significant digits.

    `levels` go from the mildest to the most severe. `department` is the owner's id, `sources` are those of the tables
    that it, or an indicator it uses, is made from.
    """

    name: Text
    unit: str
    element: str
    face: str | None
    direction: str
    rounding: int | None
    question: Text
    does_not_say: Text
    owner: Text
    department: str
    target: float | str | None
    headline: bool
    levels: list[Limit]
    version: str
    periods: list[str]
    sources: list[str]
    classification: str


class Source(TypedDict):
    """Who delivers what, how often, and under which licence."""

    publisher: Text
    licence: str
    owner: Text
    department: str
    description: Text
    every: str


class Place(TypedDict):
    name_zh: str | None
    name_en: str | None
    parent: str | None


class Value(TypedDict):
    """One published value; its keys are the columns of `citypulse values` in their order (`COLUMNS`).

    `value` None is unknown, never zero. `coverage` is a share, 0 to 1. `low` and `high` are in `unit`.
    """

    indicator: str
    place: str
    place_name: str | None
    level: str
    period_kind: str
    period: str
    segment: str | None
    value: float | None
    unit: str
    coverage: float | None
    low: float | None
    high: float | None
    grade: str | None
    status: str
    reasons: list[str]
    n_records: int | None
    definition_version: str
    edition: str


class Change(TypedDict):
    """A value that the previous edition published otherwise for the same period. Without `level`: city or map level.

    `revision` counts the changes after its period was closed, and `sources` are those that spoke of it that night.
    """

    indicator: str
    place: str
    place_name: NotRequired[str | None]
    level: NotRequired[str]
    period: str
    before: float | None
    after: float | None
    cause: Text | str
    revision: NotRequired[int | None]
    sources: NotRequired[list[str]]


class Break(TypedDict):
    """From `day` on values are not quite what they were before. Of every indicator, or place, where none is named.

    `kind`: definition, standard, source or boundary. `detail` says what began, ended or changed.
    """

    indicator: str | None
    place: str | None
    day: str
    kind: str
    detail: str


class Delivery(TypedDict):
    """One row per attempt to deliver, taken in or not; `outcome` "refused" comes with a `reason`. `size` in bytes."""

    source: str
    delivery_id: str
    file: str
    sha256: str
    size: int
    delivered_at: str
    outcome: str
    reason: Text | str | None
    records: int | None
    malformed: int | None


class Missing(TypedDict):
    """A source that owes a file. `last`: the day it last spoke for, None when it never did; so many `days` ago."""

    source: str
    owner: Text
    last: str | None
    days: int


class Hold(TypedDict):
    """A day of a table that a critical rule keeps from the indicators."""

    table: str
    day: str
    rule: str
    why: Text | str


class Finding(TypedDict):
    """What one rule found in the night's touched days. `success` None: the rule did not come to run.

    `evaluated` and `failed` count rows for kind "row"; a "set" rule has `observed`, what great-expectations measured.
    """

    table: str
    days: list[str]
    rule: str
    kind: str
    severity: str
    action: str | None
    success: bool | None
    evaluated: int | None
    failed: int | None
    observed: str | float | int | bool | None
    why: Text


class Alerting(TypedDict):
    """How a level ends: after `lowers_after` measured periods that are clear of its bound by `margin` of the bound."""

    margin: float
    lowers_after: int


class Acknowledgement(TypedDict):
    """What a department said of an alert, as delivered. `state`: seen, acting or closed."""

    indicator: str
    place: str
    colour: str
    day: str
    state: str
    department: str
    note: str | None


class Step(TypedDict):
    step: str
    table: str | None
    seconds: float | None
    outcome: str


class Undone(TypedDict):
    """A layer that the night has not done. `outcome`: failed, skipped, killed or not_begun."""

    step: str
    outcome: str
    reason: str


class Behind(TypedDict):
    """A table for which deliveries wait, so many and since when (the city's time). `day`: the newest it has."""

    table: str
    day: str | None
    deliveries: int
    since: str


class Incomplete(TypedDict):
    """What an edition that was made before its night was done is short of.

    `edition`: the last one whose night was done. `indicators`: how many rest on one of the tables.
    """

    steps: list[Undone]
    edition: str | None
    tables: list[Behind]
    indicators: int


class Item(TypedDict):
    """信息项: a column of a table, or of an indicator's values. `type` as stored; `level` who may see it."""

    id: str
    name: Text
    type: str
    unit: str | None
    personal: str | None
    level: str


class Classed(TypedDict):
    """分类: `basic`, `subject` or `department`, and the code of 类项目细目 as far as the city declares it."""

    type: str
    code: str | None
    declared: bool


class Sharing(TypedDict):
    """共享属性: `unconditional`, `conditional` or `none`, among departments; the condition, and by which way."""

    type: str
    condition: Text | None
    way: Text | None
    declared: bool


class Opening(TypedDict):
    """开放属性: whether society may have it, on which condition. What nobody has declared open is not."""

    open: bool
    condition: Text | None
    declared: bool


class Plan(TypedDict):
    """A line of the opening timetable. `state`: `planned`, `overdue`, or open `in_time` or `late`, since `opened`."""

    by: str
    task: Text
    way: Text | None
    opened: str | None
    state: str


class Related(TypedDict):
    """关联资源: another resource. `role`: what this one is `made_of`, what it is `used_by`, or what it `names`."""

    id: str
    name: Text
    code: str | None
    role: str


class Origin(TypedDict):
    """A source of a table: its cycle, and whether it is `on_time`, `late` (with what it lacks) or `never_due`."""

    source: str
    publisher: Text
    licence: str
    every: str
    state: str
    detail: str


class Judged(TypedDict):
    """What the night found: rules that passed of those that judged a row, and `table day` of each day that is held."""

    rules: int
    passed: int
    held: list[str]


class Resource(TypedDict):
    """An entry of the city's catalogue (政务信息资源目录): its 13 core metadata, from `classed` to `related`, and what
    the night knows of it.

    `code` and `provider_code` are None where no authority's are declared: `id` is ours. `released` and `renewed` are
    the first night that had it and the last that changed it. `rows` are a table's rows or an indicator's values (None:
    too few people to say), of `newest` the newest day or period. `level` and `personal`: who may see it, and whether
    persons are behind it.
    """

    id: str
    kind: str
    element: str
    classed: Classed
    name: Text
    code: str | None
    provider: Text
    provider_code: str | None
    summary: Text
    format: Text
    items: list[Item]
    sharing: Sharing
    opening: Opening
    plan: Plan | None
    cycle: str
    released: str | None
    related: list[Related]
    steward: str
    unit: str | None
    level: str
    personal: str | None
    sources: list[Origin]
    rows: int | None
    newest: str | None
    renewed: str | None
    state: str
    quality: Judged


class FeatureProperties(TypedDict):
    id: str
    name_zh: NotRequired[str | None]
    name_en: NotRequired[str | None]


class Feature(TypedDict):
    type: str
    properties: FeatureProperties
    geometry: Mapping[str, object] | None


class FeatureCollection(TypedDict):
    type: str
    features: list[Feature]


@dataclass(frozen=True)
class EditionData:
    """Everything an edition says, as plain rows.

    `values`: day periods of the last 31 days and the months of `biz_date` and before it, of the city and of
    `city["map_level"]`. `places`: level → id → place. `geometry`: polygons of the map level, WGS84. `previous`: the
    edition before, if there is one. `acknowledgements`: those of the days shown, oldest first. `incomplete`: None when
    the night was done. `missing`: the longest silent first. `breaks`: those of the days and months shown, oldest first.
    `resources`: tables by name, then indicators.
    """

    city: City
    biz_date: str
    previous: str | None
    elements: list[Element]
    indicators: dict[str, Indicator]
    places: dict[str, dict[str, Place]]
    values: list[Value]
    changes: list[Change]
    geometry: FeatureCollection
    deliveries: list[Delivery]
    missing: list[Missing]
    holds: list[Hold]
    quality: list[Finding]
    steps: list[Step]
    alerting: Alerting
    acknowledgements: list[Acknowledgement]
    incomplete: Incomplete | None
    resources: list[Resource]
    sources: dict[str, Source]
    breaks: list[Break] = field(default_factory=list)

    @property
    def refused(self) -> list[Delivery]:
        """The deliveries that were not taken in."""
        return [delivery for delivery in self.deliveries if delivery["outcome"] == "refused"]


COLUMNS: tuple[str, ...] = tuple(Value.__annotations__)

Publisher = Callable[[EditionData, Path], list[Path]]


def publishers() -> dict[str, Publisher]:
    """Every module of this folder that has a `publish`, by name, in the order of names; those that describe last."""
    found = {name: one for name, one in modules().items() if hasattr(one, "publish")}
    order = sorted(found, key=lambda name: (getattr(found[name], "DESCRIBES", False), name))
    return {name: found[name].publish for name in order}


def modules() -> dict[str, ModuleType]:
    """The modules of this folder by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}") for name in names}
