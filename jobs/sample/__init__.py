"""The generated demo city: deliveries as departments would write them, and the answers a night must come to.

`DIR/night-N/…` holds what arrives for night N, `DIR/nights.json` when, `DIR/answers/values.ndjson` what every indicator
should say in each edition, `DIR/answers/faults.json` what was planted, `DIR/answers/planted.json` the people's numbers
that nothing made from the deliveries may hold. The same arguments give the same bytes.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from jobs.core.errors import Problem
from jobs.sample import (
    answers,
    control,
    elements,
    environment,
    events,
    gps,
    ledger,
    medical,
    registers,
    returns,
    services,
    transport,
)  # fmt: skip
from jobs.sample.faults import FAULTS
from jobs.sample.world import FOLDER, World

CITY = "lanhai"
ARRIVES = time(2, 30)
DAILY = (
    gps.write, transport.taxi, transport.metro, transport.roads, ledger.write, medical.calls, medical.encounters,
    medical.cases, environment.air, environment.weather, services.power, services.water, services.presence,
    services.hotline, control.write,
)  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """What was written."""

    nights: int
    files: int
    records: int
    faults: int
    answers: int
    folder: Path

    def __str__(self) -> str:
        return (
            f"{self.nights} nights in {self.folder}: {self.files} files, {self.records:,} records, "
            f"{self.faults:,} faults planted, {self.answers:,} answers"
        )


def write(
    city: str, nights: int, scale: Decimal | float, faults: frozenset[str], seed: int, first_day: date, to: Path
) -> Summary:
    """Write `nights` nights of deliveries and their answer key. Raises Problem when it cannot.

    At scale 1 some 50,000 records arrive a night. Positions and taxi trips grow with the scale, the rest hardly.
    """
    if city != CITY:
        raise Problem(f"--city {city}: only {CITY} is generated")
    if faults - FAULTS:
        raise Problem(f"--faults {','.join(sorted(faults - FAULTS))}: unknown; there is: {', '.join(sorted(FAULTS))}")
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise Problem(f"--to {to}: is not an empty or new folder")
    to.mkdir(parents=True, exist_ok=True)
    world = World(seed, float(scale), nights, first_day, faults, to)
    registers.write(world)
    transport.bus(world)
    for k in range(1, nights + 1):
        for deliver in DAILY:
            deliver(world, k)
        for one in elements.returns():
            returns.write(world, k, one)
        for each in elements.events():
            events.write(world, k, each)
    count = answers.write(world.truth, city, first_day, nights, to / "answers" / "values.ndjson")
    _write_lists(world)
    return Summary(nights, world.files, world.records.total(), len(world.planted), count, to)


def _write_lists(world: World) -> None:
    planted = sorted(world.planted, key=lambda one: (one.night, one.file, one.record or 0, one.kind))
    plan = [
        {
            "night": k, "biz_date": str(world.day(k)), "folder": FOLDER.format(k),
            "delivered_at": datetime.combine(world.day(k) + timedelta(days=1), ARRIVES).isoformat(),
        }
        for k in range(1, world.nights + 1)
    ]  # fmt: skip
    lists = {
        "nights.json": plan, "answers/faults.json": [one.row() for one in planted],
        "answers/planted.json": [asdict(one) for one in world.named],
    }  # fmt: skip
    for path, listed in lists.items():
        text = json.dumps(listed, ensure_ascii=False, indent=1)
        (world.to / path).write_text(text + "\n", "utf-8", newline="\n")


__all__ = ["FAULTS", "Summary", "write"]
