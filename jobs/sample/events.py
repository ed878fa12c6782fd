"""Events: cases, incidents, inspections and works that happen somewhere on a day, each a record with a few facts.

Where faults are asked for, one record of a night stands twice and one line is torn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from jobs.sample import draw, files, numbers
from jobs.sample.ground import Ints
from jobs.sample.names import STREETS
from jobs.sample.numbers import Limit, Number
from jobs.sample.truth import Bools, Editions, Measure, Records
from jobs.sample.world import World, at, compact


@dataclass(frozen=True)
class Choice:
    """A field that says one of several words, each as often as its weight says."""

    field: str
    words: tuple[str, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True)
class Counted:
    """A measure: records in which fields say one of the given words, `{field: words}`; of all when empty.

    With `of` the measure is that number of these records, else it is only counted.
    """

    measure: str
    where: Mapping[str, tuple[str, ...]]
    of: str | None = None


@dataclass(frozen=True)
class Events:
    """One source of events, about `mean` a day; ids are `<prefix><yyyymmdd><number>`."""

    source: str
    path: str
    mean: float
    prefix: str
    choices: tuple[Choice, ...] = ()
    numbers: tuple[Number, ...] = ()
    counted: tuple[Counted, ...] = ()
    limits: tuple[Limit, ...] = ()
    head: tuple[str, str, str] = ("编号", "时间", "街道代码")
    """The fields before the others: the id, the time, the street."""
    delimiter: str = ","
    encoding: str = "utf-8"
    point: str = "."
    """The decimal point."""


def write(world: World, k: int, one: Events) -> None:
    """The events of day k, and what is true of them."""
    day, rng = world.day(k), world.rng(one.source, k)
    count = max(4, int(rng.poisson(one.mean * draw.WEEK[day.weekday()])))
    street, second = draw.streets(rng, world.ground, count), draw.seconds(rng, count)
    words = {each.field: rng.choice(len(each.words), count, p=_shares(each)) for each in one.choices}
    drawn = numbers.draw(rng, one.numbers, count, day.weekday())
    damage = world.damage(one.source, k, one.path.format(compact(day)), count)
    twice, torn = damage.pick("duplicates", 1), damage.pick("malformed", 1)
    ids = [f"{one.prefix}{compact(day)}{n:04d}" for n in range(1, count + 1)]
    heads = (pa.array(ids), at(day, second), pa.array([STREETS[s].code for s in street]))
    columns = dict(zip(one.head, heads, strict=True))
    columns |= {each.field: pa.array(each.words).take(pa.array(words[each.field])) for each in one.choices}
    columns |= {n.field: numbers.shown(n, drawn[n.measure], one.point) for n in one.numbers}
    lines = files.lines(columns, one.delimiter)
    lines = files.replaced(lines, torn, [lines[i].as_py().rstrip("\n") + f"{one.delimiter}?\n" for i in torn.tolist()])
    written = pa.concat_arrays([lines, lines.take(pa.array(twice))])
    damage.note("malformed", torn + 1, "a field too many", "quarantine")
    damage.note("duplicates", [count + 1 + n for n in range(len(twice))], "the same record again", "duplicates")
    text = files.header(columns, one.delimiter) + files.body(written)
    world.deliver(damage, [text.decode().encode(one.encoding)], extra=len(twice))
    world.truth.add(
        Records(
            one.source, day, count, _measures(one, drawn, words, count), street=street, lost=damage.mask(torn)
        ),
        Editions(k), Editions(k),
    )  # fmt: skip


def _shares(one: Choice) -> Sequence[float]:
    total = sum(one.weights)
    return [weight / total for weight in one.weights]


def _measures(one: Events, drawn: Mapping[str, Ints], words: Mapping[str, Ints], count: int) -> dict[str, Measure]:
    """The numbers, and each counted set of records (its measure's `n` is their number)."""
    out = {name: Measure(values) for name, values in drawn.items()}
    for each in one.counted:
        mask: Bools = np.ones(count, bool)
        for field, accepted in each.where.items():
            choice = next(c for c in one.choices if c.field == field)
            mask &= np.isin(words[field], [choice.words.index(word) for word in accepted])
        out[each.measure] = Measure(drawn[each.of] if each.of else np.zeros(count, np.int64), known=mask)
    for limit in one.limits:
        out[limit.measure] = Measure(np.zeros(count, np.int64), known=limit.mask(drawn))
    return out
