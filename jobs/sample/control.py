"""The data exchange's control counts: how many records departments sent for a day, whatever of them arrived."""

from jobs.sample import files
from jobs.sample.gps import SOURCE as POSITIONS
from jobs.sample.medical import CALLS, ENCOUNTERS
from jobs.sample.services import HOTLINE, POWER
from jobs.sample.transport import TAXI
from jobs.sample.world import World, compact

CONTROL = "control_counts"
SETS = {
    "taxi_trips": TAXI, "vehicle_positions": POSITIONS, "ambulance_calls": CALLS, "encounters": ENCOUNTERS,
    "hotline_cases": HOTLINE, "power_outages": POWER,
}  # fmt: skip
"""The data sets that are counted, and the subject each is."""


def write(world: World, k: int) -> None:
    """The counts of day k; written last, for it counts what the others say is true."""
    day = world.day(k)
    counts = [world.truth.records(subject, day, k) for subject in SETS.values()]
    columns = {"数据日期": [str(day)] * len(SETS), "数据集": list(SETS), "应到条数": [str(count) for count in counts]}
    damage = world.damage(CONTROL, k, f"exchange/control_{compact(day)}.csv", len(SETS))
    world.deliver(damage, [files.header(columns), files.body(files.lines(columns))])
