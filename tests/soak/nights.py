"""Damaged nights, seeded: which sources suffer in which night, and what that does to whose trust."""

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree

from jobs import definitions
from jobs.core.lake import Lake
from jobs.sample import draw
from schemas import City
from tests.soak import city as soak
from tests.soak import damage, measure

HURT = 0.4
"""The chance of each source to be damaged in a night; at least one is."""


def hurt(night: int, seed: int) -> list[str]:
    """The sources that are damaged in a night."""
    rng = draw.stream(seed, "which", night)
    chosen = [source for source in damage.WAYS if rng.random() < HURT]
    return chosen or [list(damage.WAYS)[night % len(damage.WAYS)]]


def run(to: Path, damaged: int, seed: int, tell: Callable[[str], None] = lambda text: None) -> measure.Soaked:
    """One undamaged night, by which everybody is known, then damaged ones, each compared with the answer key."""
    delivered = soak.deliver(to / "delivered", damaged + 1, seed)
    truths, soaked = measure.answers(delivered), measure.Soaked()
    with soak.declared(to) as city:
        lake = Lake(to / "lake" / "all", soak.CITY)
        for night in range(1, damaged + 2):
            sources = hurt(night, seed) if night > 1 else []
            soak.run(city, lake, delivered, night, sources, seed)
            day = soak.day(night)
            measure.add(soaked, city, measure.published(lake, day), truths[str(day)])
            tell(f"seed {seed} night {night}: {', '.join(sources) or 'undamaged'}")
    return soaked


def downstream(to: Path, delivered: Path, sources: list[str], seed: int) -> Iterator[tuple[str, set[str], set[str]]]:
    """(source, indicators whose trust its damage changed, indicators that rest on it), each in a lake of its own."""
    with soak.declared(to) as city:
        first = Lake(to / "lake" / "first", soak.CITY)
        soak.run(city, first, delivered, 1, [], seed)
        sound = _second(city, first, to, delivered, None, seed)
        for source in sources:
            other = _second(city, first, to, delivered, source, seed)
            yield source, measure.changed(sound, other), resting(city, source)


def _second(
    city: City, first: Lake, to: Path, delivered: Path, source: str | None, seed: int
) -> dict[measure.Key, measure.Row]:
    root = to / "lake" / (source or "sound")
    copytree(first.root, root / soak.CITY)
    lake = Lake(root, soak.CITY)
    soak.run(city, lake, delivered, 2, [source] if source else [], seed)
    return measure.published(lake, soak.day(2))


def resting(city: City, source: str) -> set[str]:
    """The indicators that rest on what a source delivers."""
    made = set(city.sources[source].into)
    return {one.id for one in city.indicators.values() if made & set(definitions.tables(city, one))}
