"""Returns (报表): a row of numbers for each street, works or institution and day (or hour), as a bureau collects them.

Where faults are asked for, one reporter of a night leaves a row out, and one number of another is negative; not in a
register, whose rows hold for long. Nobody is missed in the first night: who has never filed is not known yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from jobs.sample import files, numbers
from jobs.sample.faults import Damage
from jobs.sample.ground import Ints
from jobs.sample.names import STREETS
from jobs.sample.numbers import Number, Within
from jobs.sample.truth import Bools, Editions, Measure, Records
from jobs.sample.world import World, compact, scaled, texts


@dataclass(frozen=True)
class Returns:
    """One source of returns.

    `path` holds the day as `{}`. Reporters are the streets, or `works` institutions `<prefix>01`, `<prefix>02`, …,
    each in a street. `once` is a register: filed in the first night, as of `since`. With `hours` a reporter files a
    row for each of them. `within` are measures that some of the records have.
    """

    source: str
    path: str
    numbers: tuple[Number, ...]
    within: tuple[Within, ...] = ()
    works: int = 0
    prefix: str = ""
    once: bool = False
    since: date = date(2024, 12, 31)
    hours: tuple[int, ...] = ()
    hour_head: str = "时段"
    head: tuple[str, str, str] = ("日期", "编号", "街道代码")
    """The fields before the numbers: the day, the reporter, its street."""
    delimiter: str = ","
    encoding: str = "utf-8"

    @property
    def count(self) -> int:
        """How many rows a day."""
        return (self.works or len(STREETS)) * max(1, len(self.hours))

    @property
    def who(self) -> Ints:
        """Whose each row is, by the reporter's position."""
        return np.arange(self.count) // max(1, len(self.hours))

    @property
    def hour(self) -> Ints | None:
        """The hour of each row; None for rows of whole days."""
        return np.tile(np.array(self.hours), self.works or len(STREETS)) if self.hours else None

    @property
    def street(self) -> Ints:
        """Where each row's reporter is."""
        return self.who * (7 if self.works else 1) % len(STREETS)

    @property
    def reporters(self) -> list[str]:
        """The reporter's code of each row."""
        if not self.works:
            return [STREETS[n].code for n in self.who]
        return [f"{self.prefix}{n + 1:02d}" for n in self.who]


def write(world: World, k: int, one: Returns) -> None:
    """The return of day k (a register: of the first night only), and what is true of it."""
    if one.once and k > 1:
        return
    day = one.since if one.once else world.day(k)
    rng = world.rng(one.source, k)
    size = 40 + 120 * world.rng(one.source, "size").random(one.count)  # a reporter keeps its size from night to night
    drawn = numbers.draw(rng, one.numbers, one.count, day.weekday(), size.astype(np.int64)[one.who])
    damage = world.damage(one.source, k, one.path.format(compact(day)), one.count)
    absent = np.array([], np.int64) if k == 1 else damage.pick("missing_reporters", 1)
    negative = np.array([], np.int64) if one.once else damage.pick("impossible", 1)
    kept = np.setdiff1d(np.arange(one.count), absent)
    if len(absent):
        damage.note("missing_reporters", None, _absent(one, absent, day), "quality")
    damage.note("impossible", np.searchsorted(kept, negative) + 1, "a number below zero", "flags")
    columns = _columns(one, day, drawn, negative)
    chosen = {name: pa.array(column, pa.string()).take(pa.array(kept)) for name, column in columns.items()}
    damage.count = len(kept)
    _deliver(world, one, damage, chosen)
    _tell(world, k, one, day, drawn, damage.mask(absent), damage.mask(negative))


def _absent(one: Returns, absent: Ints, day: date) -> str:
    when = "" if one.hour is None else f", {one.hour[absent[0]]}:00"
    return f"{', '.join(one.reporters[i] for i in absent)} files nothing for {day}{when}"


def _columns(one: Returns, day: date, drawn: Mapping[str, Ints], negative: Ints) -> dict[str, pa.Array]:
    """The file's fields; the first number of a damaged row is negative."""
    heads = ([str(day)] * one.count, one.reporters, [STREETS[s].code for s in one.street])
    out = {name: pa.array(column, pa.string()) for name, column in zip(one.head, heads, strict=True)}
    if one.hour is not None:
        out[one.hour_head] = texts(one.hour)
    for position, number in enumerate(one.numbers):
        values = drawn[number.measure]
        shown = scaled(values, number.decimals) if number.decimals else texts(values)
        out[number.field] = files.replaced(shown, negative, ["-5"] * len(negative)) if position == 0 else shown
    return out


def _deliver(world: World, one: Returns, damage: Damage, columns: Mapping[str, pa.Array]) -> None:
    text = files.header(columns, one.delimiter) + files.body(files.lines(columns, one.delimiter))
    world.deliver(damage, [text.decode().encode(one.encoding)])


def _tell(
    world: World, k: int, one: Returns, day: date, drawn: Mapping[str, Ints], absent: Bools, negative: Bools
) -> None:
    first = one.numbers[0].measure
    measures = {name: Measure(values, damaged=negative if name == first else None) for name, values in drawn.items()}
    for each in one.within:
        wrong = negative if each.number == first else None
        measures[each.measure] = Measure(drawn[each.number], each.known(drawn), wrong)
    ids = pa.array(one.reporters) if one.once else None
    records = Records(one.source, day, one.count, measures, one.hour, one.street, entity=ids, lost=absent)
    world.truth.add(records, Editions(k), Editions(k))
