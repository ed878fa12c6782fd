"""A lake of the demo city that grows as it would in a year, and is kept at some ages.

`python -m tests.bench.grow AGE...` makes the lake of so many days in one Spark session in `.bench/grown`, and leaves a
copy at each age in `.bench/grown-AGE`. A month is made night by night, with maintenance on Sundays; then there is a
night a week, on Sunday, that takes the deliveries of its seven days. Every source delivers, few records each. What is
there of the same code is continued.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from jobs import landing, maintenance, night, said, sample
from jobs.core import session
from jobs.core.lake import Lake
from jobs.sample import elements, events, registers, returns, transport
from jobs.sample.world import FOLDER, World
from schemas import City, load_city
from schemas.city import ROOT
from tests.bench import home
from tests.bench.deliveries import DAY
from tests.bench.home import CITY, HOME, copy, prepare, say

SCALE, SEED = 0.02, 1
ARRIVES = sample.ARRIVES
GROWN, SUNDAY = "grown", 6
NIGHTLY = 31
"""So many days have a night each; a year of them would take seven hours."""
REMEMBERED = timedelta(days=7)
CODE = ("conf", "jobs", "quality", "schemas")


def at_age(days: int) -> str:
    """The lake of so many days."""
    return f"{GROWN}-{days}"


def grow(ages: Sequence[int]) -> None:
    """Make what is not there yet, in a process of its own. Raises RuntimeError."""
    home.run("grow", sys.executable, "-m", "tests.bench.grow", *map(str, ages), lake=GROWN)


def main(ages: Sequence[int]) -> None:
    """Grow the lake."""
    os.environ.update(home.environment(GROWN))
    city, lake = load_city(CITY), Lake.of(CITY)
    _fresh_unless_same_code()
    done = (max(said.sealed(lake)) - DAY).days + 1 if lake.root.exists() and said.sealed(lake) else 0
    if any(age < done and not (HOME / at_age(age)).exists() for age in ages):
        shutil.rmtree(HOME / GROWN)  # it is older than a copy that is wanted of it
        done = 0
    deliver(max(ages) + 1)
    spark = session.start("citypulse grows")
    for number in (number for number in range(1, max(ages) + 1) if has_night(number, ages)):
        if number > done:
            _one(city, lake, done + 1, number)
            done = number
        if number in ages and not (HOME / at_age(number)).exists():
            copy(GROWN, at_age(number))
    spark.stop()


def _fresh_unless_same_code() -> None:
    """Lakes of other code are made again."""
    code = hashlib.sha256()
    for path in (path for folder in CODE for path in sorted((ROOT / folder).rglob("*")) if path.is_file()):
        code.update(path.read_bytes() if "__pycache__" not in path.parts else b"")
    stamp = prepare("") / "grown-by"
    if not stamp.exists() or stamp.read_text("utf-8") != code.hexdigest():
        for old in [*HOME.glob(f"{GROWN}-[0-9]*"), HOME / GROWN, deliveries()]:
            shutil.rmtree(old, ignore_errors=True)
        stamp.write_text(code.hexdigest(), "utf-8")


def has_night(number: int, ages: Sequence[int]) -> bool:
    """Whether a night is run on a day of the lake; on the last day of every age that is asked for there is one."""
    is_sunday = (DAY + timedelta(days=number - 1)).weekday() == SUNDAY
    return number <= NIGHTLY or is_sunday or number in ages


def _one(city: City, lake: Lake, first: int, number: int) -> None:
    """A night run to its verdict, with what has arrived since the one before, from day `first` on; on a Sunday
    maintained, as the city's DAG would be."""
    day = DAY + timedelta(days=number - 1)
    for each in range(first, number + 1):
        landing.land(city, lake, deliveries() / FOLDER.format(each), arrives(city, each))
    night.run(night.Night(city, lake, day), night.STEPS)
    if day.weekday() == SUNDAY:
        maintenance.run(city, lake)
    say(f"day {number}")


def deliveries() -> Path:
    """The folder of every night's deliveries."""
    return HOME / "grown-deliveries"


def arrives(city: City, number: int) -> datetime:
    """When the deliveries of a night arrive."""
    return datetime.combine(DAY + timedelta(days=number), ARRIVES, city.zone)


def deliver(nights: int) -> None:
    """Deliveries of so many nights and no answer key; those that are there are kept.

    What each day truly was is remembered for a week: only the control counts of that day ask.
    """
    to = deliveries()
    there = len(list(to.glob(FOLDER.format("*")))) if to.exists() else 0
    if there >= nights:
        return
    shutil.rmtree(to, ignore_errors=True)
    world = World(SEED, SCALE, nights + 1, DAY, frozenset(), to)
    registers.write(world)
    transport.bus(world)
    for number in range(1, nights + 1):
        for write in sample.DAILY:
            write(world, number)
        for one in elements.returns():
            returns.write(world, number, one)
        for each in elements.events():
            events.write(world, number, each)
        world.truth.connection.execute("DELETE FROM sums WHERE day < ?", [world.day(number) - REMEMBERED])


if __name__ == "__main__":
    main([int(age) for age in sys.argv[1:]])
