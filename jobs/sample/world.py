"""What all sources share: the seed, the nights, where files go, and what was written and planted."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.sample import draw, files
from jobs.sample.draw import WEEK, Random
from jobs.sample.faults import Damage, Fault
from jobs.sample.ground import Ground, Ints, ground
from jobs.sample.persons import Planted
from jobs.sample.truth import Truth

FOLDER = "night-{}"


@dataclass
class World:
    """One run of the generator. Nights and days count from 1: the files of day k are due in night k."""

    seed: int
    scale: float
    nights: int
    first_day: date
    faults: frozenset[str]
    to: Path
    truth: Truth = field(default_factory=Truth)
    planted: list[Fault] = field(default_factory=list)
    named: list[Planted] = field(default_factory=list)
    """What names somebody and stands where it should not."""
    records: Counter[str] = field(default_factory=Counter)
    """Records written, by source."""
    files: int = 0

    @property
    def ground(self) -> Ground:
        """The map."""
        return ground()

    def day(self, k: int) -> date:
        """The k-th day."""
        return self.first_day + timedelta(days=k - 1)

    def rng(self, *what: object) -> Random:
        """The stream of random numbers for a purpose."""
        return draw.stream(self.seed, *what)

    def busy(self, source: str, k: int) -> float:
        """How busy day k is for a source, about 1: its day of the week, and what no calendar says."""
        return float(WEEK[self.day(k).weekday()] * self.rng(source, "busy", k).uniform(0.93, 1.07))

    def many(self, base: float, most: float = 20.0) -> int:
        """A number of records that grows with the scale, up to `most` times."""
        return max(8, round(base * min(self.scale, most)))

    def asks(self, kind: str) -> bool:
        """Whether a kind of fault is asked for."""
        return kind in self.faults

    def once(self, kind: str, night: int) -> int | None:
        """The night of a fault that happens once; None when it is not asked for."""
        return min(night, self.nights) if kind in self.faults else None

    def late(self, k: int, is_due: bool) -> int:
        """The night in which a file of day k arrives: its own, or, where it is to be late, the next if there is one."""
        return k + 1 if is_due and k < self.nights else k

    def damage(self, source: str, night: int, file: str, count: int) -> Damage:
        """A plan of damage for a file that is about to be written."""
        return Damage(self.rng("damage", file, night), self.faults, count, night, file, source)

    def name(self, damage: Damage, index: int, said: Mapping[str, str]) -> None:
        """Note who is named in a record of a file that is about to be written: kinds of identifier and their values."""
        self.named += [Planted(damage.night, damage.file, index + 1, kind, value) for kind, value in said.items()]

    def deliver(self, damage: Damage, parts: Iterable[bytes], extra: int = 0) -> None:
        """Write a file into its night; `extra` records stand in it twice."""
        files.write(self.to / FOLDER.format(damage.night) / damage.file, parts)
        self.files += 1
        self.records[damage.source] += damage.count + extra
        self.planted += damage.planted


@cache
def _times() -> pa.Array:
    """`HH:mm:ss` of every second of a day."""
    two = [f"{n:02d}" for n in range(60)]
    return pa.array([f"{h}:{m}:{s}" for h in two[:24] for m in two for s in two], pa.string())


@lru_cache(maxsize=4)
def clock(day: date) -> pa.Array:
    """`yyyy-MM-dd HH:mm:ss` of every second of a day and of the next."""
    both = [pc.binary_join_element_wise(str(day + timedelta(days=n)), _times(), " ") for n in (0, 1)]
    return pa.concat_arrays(both)


def at(day: date, seconds: Ints) -> pa.Array:
    """Times of a day (or the early hours of the next) as text."""
    return clock(day).take(pa.array(seconds))


def scaled(values: Ints, decimals: int) -> pa.Array:
    """Whole numbers of the last digit as decimal text: 215 with one decimal is 21.5. No negative ones."""
    over, under = np.divmod(values, 10**decimals)
    fraction = pc.utf8_lpad(pa.array(under).cast(pa.string()), decimals, "0")
    return pc.binary_join_element_wise(pa.array(over).cast(pa.string()), fraction, ".")


def texts(values: Ints) -> pa.Array:
    """Whole numbers as text."""
    return pa.array(values, pa.int64()).cast(pa.string())


def degrees(values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> pa.Array:
    """Degrees with six decimals."""
    return scaled(np.round(values * 1e6).astype(np.int64), 6)


def compact(day: date) -> str:
    """`20250303`."""
    return day.strftime("%Y%m%d")
