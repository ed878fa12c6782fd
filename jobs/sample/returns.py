"""Returns (报表): a row of numbers for each street, works or institution and day, as a bureau collects them.

Where faults are asked for, one reporter of a night leaves its rows out, and one number of another is negative; nobody
is missing in the first night, nor in a return of a month, and a register is whole.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from jobs.sample import files, numbers
from jobs.sample.faults import Damage
from jobs.sample.ground import Ints
from jobs.sample.names import STREETS
from jobs.sample.numbers import Limit, Number
from jobs.sample.truth import Bools, Editions, Measure, Records
from jobs.sample.world import World, compact, texts


@dataclass(frozen=True)
class Kinds:
    """A row for each of these words (goods, sorts of land), under a field's name, each so much of the usual number.

    A number of the rows of the n-th word is the measure `<measure>_<n>`.
    """

    field: str
    words: tuple[str, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Returns:
    """One source of returns.

    `path` holds the day as `{}`. Reporters are the streets, or `works` institutions `<prefix>01`, `<prefix>02`, …,
    each in a street. `once` is a register: filed in the first night, as of `since`.
    """

    source: str
    path: str
    numbers: tuple[Number, ...]
    works: int = 0
    prefix: str = ""
    once: bool = False
    monthly: bool = False
    """Filed in the first night, and on the first of each month, for the month before."""
    hourly: bool = False
    """A row for each hour."""
    kinds: Kinds | None = None
    sites: tuple[int, ...] = ()
    """Where the works are, as positions in STREETS; spread over the city where not said."""
    month_days: tuple[str, str] | None = None
    """A measure and its field that say how many days the month of the return has."""
    since: date = date(2024, 12, 31)
    head: tuple[str, str, str] = ("日期", "编号", "街道代码")
    """The fields before the numbers: the day (or time), the reporter, its street."""
    delimiter: str = ","
    encoding: str = "utf-8"
    point: str = "."
    """The decimal point."""
    limits: tuple[Limit, ...] = ()
    squared: tuple[str, ...] = ()
    """Numbers whose squares are a measure as well, `<measure>_squared`."""

    @property
    def count(self) -> int:
        """How many reporters."""
        return self.works or len(STREETS)

    def is_missed(self, k: int) -> bool:
        """Whether a reporter may be missing in night k: only one that is known by then to file every day."""
        return k > 1 and not (self.once or self.monthly)

    @property
    def hours(self) -> int:
        """How many rows a reporter files at a time."""
        return 24 if self.hourly else len(self.kinds.words) if self.kinds else 1

    @property
    def street(self) -> Ints:
        """Where each reporter is."""
        if self.sites:
            return np.array(self.sites)
        return np.arange(self.count) * (7 if self.works else 1) % len(STREETS)

    @property
    def reporters(self) -> list[str]:
        """Each reporter's code."""
        if not self.works:
            return [one.code for one in STREETS]
        return [f"{self.prefix}{n:02d}" for n in range(1, self.works + 1)]


def write(world: World, k: int, one: Returns) -> None:
    """The return of day k (a register: of the first night only), and what is true of it."""
    day = _about(world, k, one)
    if day is None:
        return
    rows = one.count * one.hours
    drawn = _drawn(world, k, one, day)
    damage = world.damage(one.source, k, one.path.format(compact(day)), rows)
    chosen = damage.pick("missing_reporters", 1) // one.hours if one.is_missed(k) else np.array([], np.int64)
    absent = (chosen[:, None] * one.hours + np.arange(one.hours)).ravel()
    sound = np.setdiff1d(np.arange(rows), absent)
    negative = np.array([], np.int64) if one.once else damage.pick("impossible", 1, sound)
    kept = np.setdiff1d(np.arange(rows), absent)
    if len(absent):
        damage.note("missing_reporters", None, _absent(one, chosen, day), "quality")
    damage.note("impossible", np.searchsorted(kept, negative) + 1, "a number below zero", "flags")
    columns = _columns(one, day, drawn, negative)
    written = {name: pa.array(column, pa.string()).take(pa.array(kept)) for name, column in columns.items()}
    damage.count = len(kept)
    _deliver(world, one, damage, written)
    _tell(world, k, one, day, drawn, damage.mask(absent), damage.mask(negative))


def _drawn(world: World, k: int, one: Returns, day: date) -> Mapping[str, Ints]:
    """The numbers of every row; a reporter keeps its size from night to night."""
    size = 40 + 120 * world.rng(one.source, "size").random(one.count)
    weights = np.array(one.kinds.weights) if one.kinds else np.ones(one.hours)
    scale = np.floor(size.astype(np.int64)[:, None] * weights).astype(np.int64).ravel()
    drawn = dict(numbers.draw(world.rng(one.source, k), one.numbers, len(scale), day.weekday(), scale))
    if one.month_days:
        drawn[one.month_days[0]] = np.full(len(scale), monthrange(day.year, day.month)[1])
    return drawn


def _about(world: World, k: int, one: Returns) -> date | None:
    """The day the return of night k is dated by; None when nothing is filed."""
    day = world.day(k)
    if one.monthly:
        return (day.replace(day=1) - timedelta(days=1)).replace(day=1) if k == 1 or day.day == 1 else None
    if one.once:
        return one.since if k == 1 else None
    return day


def _absent(one: Returns, absent: Ints, day: date) -> str:
    return f"{', '.join(one.reporters[i] for i in absent)} files nothing for {day}"


def _columns(one: Returns, day: date, drawn: Mapping[str, Ints], negative: Ints) -> dict[str, pa.Array]:
    """The file's fields; the first number of a damaged row is negative."""
    when = [f"{day} {hour:02d}:00" for hour in range(24)] if one.hourly else [str(day)] * one.hours
    codes = (one.reporters, [STREETS[s].code for s in one.street])
    heads = (when * one.count, *(np.repeat(each, one.hours) for each in codes))
    out = {name: pa.array(column, pa.string()) for name, column in zip(one.head, heads, strict=True)}
    if one.kinds:
        out[one.kinds.field] = pa.array(one.kinds.words * one.count)
    if one.month_days:
        out[one.month_days[1]] = texts(drawn[one.month_days[0]])
    for position, number in enumerate(one.numbers):
        values = drawn[number.measure]
        shown = numbers.shown(number, values, one.point)
        out[number.field] = (
            files.replaced(shown, negative, [f"-5{number.suffix}"] * len(negative)) if position == 0 else shown
        )
    return out


def _deliver(world: World, one: Returns, damage: Damage, columns: Mapping[str, pa.Array]) -> None:
    text = files.header(columns, one.delimiter) + files.body(files.lines(columns, one.delimiter))
    world.deliver(damage, [text.decode().encode(one.encoding)])


def _tell(
    world: World, k: int, one: Returns, day: date, drawn: Mapping[str, Ints], absent: Bools, negative: Bools
) -> None:
    first = one.numbers[0].measure
    measures = {name: Measure(values, damaged=negative if name == first else None) for name, values in drawn.items()}
    for name in one.squared:
        measures[f"{name}_squared"] = replace(measures[name], values=drawn[name] ** 2)
    for limit in one.limits:
        broken = negative if first in (limit.of, limit.other) else None
        measures[limit.measure] = Measure(np.zeros(len(absent), np.int64), limit.mask(drawn), broken)
    words = np.tile(one.kinds.words if one.kinds else ("",) * one.hours, one.count)
    for n, word in enumerate(one.kinds.words if one.kinds else (), start=1):
        measures |= {f"{name}_{n}": replace(measures[name], known=np.equal(words, word)) for name in drawn}
    entries = zip(np.repeat(one.reporters, one.hours), words, strict=True)
    ids = pa.array([f"{reporter}{word}" for reporter, word in entries]) if one.once else None
    hour = np.tile(np.arange(24), one.count) if one.hourly else None
    street = np.repeat(one.street, one.hours)
    records = Records(one.source, day, len(absent), measures, hour, street, entity=ids, lost=absent)
    world.truth.add(records, Editions(k), Editions(k))
