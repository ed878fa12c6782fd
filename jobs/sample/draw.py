"""Chance: every draw comes from a stream named by what it is for, so that one source never disturbs another."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.sample.ground import LAT_PER_KM, LON_PER_KM, MARGIN_KM, RASTER_KM, Floats, Ground, Ints
from jobs.sample.names import GIVEN, STREETS, SURNAMES

Random = np.random.Generator
DAY_S = 86_400
BUSY = np.array([4, 3, 2, 2, 3, 6, 14, 30, 38, 28, 24, 25, 26, 24, 23, 25, 30, 40, 38, 28, 22, 18, 12, 7], float)
"""How busy each hour of a day is."""
WEEK = np.array([1.0, 1.01, 1.0, 1.02, 1.05, 0.9, 0.86])
"""How busy each day of the week is, Monday first."""


def stream(seed: int, *what: object) -> Random:
    """The stream of random numbers for a purpose."""
    name = "|".join(str(part) for part in (seed, *what))
    return np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big"))


@dataclass(frozen=True)
class Spots:
    """Points in WGS84 degrees (six decimals) with the positions of their street and kilometre cell, -1 for none."""

    lon: Floats
    lat: Floats
    street: Ints
    grid: Ints


def spots(rng: Random, ground: Ground, count: int, sea: float = 0.0) -> Spots:
    """Points where people are; a share of them lies in the sea."""
    cells = rng.choice(ground.land, count, p=ground.weight)
    wet = np.flatnonzero(rng.random(count) < sea)
    cells[wet] = rng.choice(ground.sea, len(wet))
    return within(rng, ground, cells)


def spots_in(rng: Random, ground: Ground, streets: Ints) -> Spots:
    """One point in each of the given streets."""
    land = ground.street[ground.land]
    cells = np.empty(len(streets), np.int64)
    for street in np.unique(streets):
        mine = np.flatnonzero(streets == street)
        cells[mine] = rng.choice(ground.land[land == street], len(mine))
    return within(rng, ground, cells)


def within(rng: Random, ground: Ground, cells: npt.NDArray[np.int64]) -> Spots:
    """One point in each raster cell, away from its edges."""
    reach = RASTER_KM / 2 - MARGIN_KM
    lon = ground.lon[cells] + rng.uniform(-reach, reach, len(cells)) * LON_PER_KM
    lat = ground.lat[cells] + rng.uniform(-reach, reach, len(cells)) * LAT_PER_KM
    return Spots(np.round(lon, 6), np.round(lat, 6), ground.street[cells], ground.grid[cells])


def seconds(rng: Random, count: int, profile: Floats = BUSY) -> Ints:
    """Seconds of the day, more of them in busy hours, in order."""
    hours = rng.choice(24, count, p=profile / profile.sum())
    return np.sort(hours * 3600 + rng.integers(0, 3600, count))


def streets(rng: Random, ground: Ground, count: int) -> Ints:
    """Positions of streets, by how many people are about there."""
    weight = np.bincount(ground.street[ground.land], ground.weight, len(STREETS))
    return rng.choice(len(STREETS), count, p=weight / weight.sum())


def people(rng: Random, count: int) -> list[str]:
    """Invented names."""
    return [
        SURNAMES[a] + GIVEN[b]
        for a, b in zip(rng.integers(0, len(SURNAMES), count), rng.integers(0, len(GIVEN), count), strict=True)
    ]


def phones(rng: Random, count: int) -> list[str]:
    """Invented mobile numbers, in the three ways in which they are written."""
    forms = ("{0}", "+86 {0}", "{1}-{2}-{3}")
    numbers = [f"1990{n:07d}" for n in rng.integers(0, 10_000_000, count)]
    which = rng.choice(3, count, p=(0.8, 0.1, 0.1))
    return [forms[w].format(n, n[:3], n[3:7], n[7:]) for w, n in zip(which, numbers, strict=True)]
