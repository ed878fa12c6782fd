"""Which business date a run is for, when a city's night starts, and how long each try may take."""

import os
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from schemas.city import ROOT, City
from schemas.declared import DeclarationError

RESERVE = timedelta(minutes=15)
"""How long before its deadline layers end, done or not: the time for an edition, twice if need be."""
SHORTEST = timedelta(minutes=5)
FAILED = ("failed", "held")
States = dict[str, dict[str, str]]
TRIES = 2
DELAY = timedelta(seconds=20)
BETWEEN = DELAY + timedelta(seconds=10)
"""What passes before each try: the delay of one that is tried again, and the scheduler."""
EDITION_BOX = RESERVE / TRIES - BETWEEN
"""How long one try of the edition may take."""
YEARS = 4
"""A city's clock changes are looked for in so many years from its first day on."""
POLICY = {
    "owner": "city_data_team",
    "retries": TRIES - 1,
    "retry_delay": DELAY,
    "trigger_rule": "all_done",
    # The lake and the keys are in one place, wherever Airflow's own process was started.
    "cwd": str(ROOT),
    "env_vars": {
        name: os.environ.get(name) or str(ROOT / folder)
        for name, folder in (("CITYPULSE_LAKE", "lake"), ("CITYPULSE_KEYS", "keys"))
    },
    # Airflow runs no task, and ends well, for a date before this one.
    "start_date": datetime(2000, 1, 1, tzinfo=UTC),
}


class TableFailed(Exception):
    """A table's night did not succeed; the message is the ledger's reason."""


def biz_date(asked: str | None, run: datetime, timezone: str) -> str:
    """The business date of a run, ISO: the one asked for, else the day before the run's own date in the city's zone.

    `run` is the instant the run is for (Airflow: logical date, else run_after). Never Airflow's `ds`:
    that is a UTC date, the right one or the wrong one by the city's longitude and the hour.
    """
    if asked:
        return date.fromisoformat(asked).isoformat()
    if run.tzinfo is None:
        raise ValueError(f"a run's instant has a zone, found {run.isoformat()}")
    return (run.astimezone(ZoneInfo(timezone)).date() - timedelta(days=1)).isoformat()


def days(first: str, last: str) -> str:
    """Every date from `first` to `last`, both included, ISO, separated by blanks."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    if end < start:
        raise ValueError(f"the last night {last} lies before the first {first}")
    return " ".join((start + timedelta(days=n)).isoformat() for n in range((end - start).days + 1))


def cron(city: City) -> str | None:
    """The cut-off as a daily cron line in the city's zone; None unless CITYPULSE_SCHEDULE is 1.

    Off by default, because Airflow starts a run at once for every scheduled DAG that is switched on. Raises
    DeclarationError between 02:00 and 03:00: that hour is missing or doubled on the days the clocks change.
    """
    line = daily(city)
    return line if os.environ.get("CITYPULSE_SCHEDULE") == "1" else None


def daily(city: City) -> str:
    """The cut-off as a daily cron line in the city's zone. Raises DeclarationError as `cron` does."""
    at = time.fromisoformat(city.file.cut_off)
    if at.hour == 2:
        raise DeclarationError(f"city {city.id}: cut_off {city.file.cut_off} is an hour that a clock change skips")
    return f"{at.minute} {at.hour} * * *"


def weekly(city: City) -> str | None:
    """Sundays at the deadline as a cron line in the city's zone; None unless CITYPULSE_SCHEDULE is 1."""
    at = time.fromisoformat(city.file.deadline)
    return f"{at.minute} {at.hour} * * 0" if os.environ.get("CITYPULSE_SCHEDULE") == "1" else None


def starts(city: City, night: str) -> datetime:
    """The instant at which the night of a business date starts: the cut-off on the day after."""
    at = time.fromisoformat(city.file.cut_off)
    return datetime.combine(date.fromisoformat(night) + timedelta(days=1), at, city.zone)


def due(city: City, night: str) -> datetime:
    """The instant at which the edition of a business date is due, UTC: the deadline that follows the night's start."""
    cut_off, deadline = (time.fromisoformat(text) for text in (city.file.cut_off, city.deadline))
    day = date.fromisoformat(night) + timedelta(days=1 if deadline > cut_off else 2)
    return datetime.combine(day, deadline, city.zone).astimezone(UTC)


def window(city: City) -> timedelta:
    """The time between cut-off and deadline, as short as it gets when clocks change between them."""
    nights = [(city.file.first_day + timedelta(days=n)).isoformat() for n in range(YEARS * 366)]
    return min(due(city, night) - starts(city, night).astimezone(UTC) for night in nights)


def time_box(city: City, submits: int) -> timedelta:
    """How long one try of one submit may take, so that all of them and the edition fit between cut-off and deadline.

    Raises DeclarationError when that is less than SHORTEST.
    """
    tries = submits * TRIES
    box = (window(city) - RESERVE) / tries - BETWEEN
    if box < SHORTEST:
        least = RESERVE + tries * (SHORTEST + BETWEEN)
        raise DeclarationError(
            f"city {city.id}: {window(city)} from cut_off {city.file.cut_off} to deadline {city.deadline}, expected "
            f"{least} at least for {submits} submits: move one of them, or let the profile cut the night less often"
        )
    return box


def publishing(city: City) -> list[str]:
    """The steps between the layers and the verdict; `export` for cities that say where editions go."""
    return ["edition", *(["export"] if city.file.exports else [])]


def doc(dag_file: str) -> str:
    """What stands beside a DAG file about failing and running again: `nightly.md` for `nightly.py`."""
    return Path(dag_file).with_suffix(".md").read_text("utf-8")


def command(words: str, args: list[str]) -> str:
    """One `citypulse` command as a shell line."""
    return " ".join(["citypulse", words, *args])


def touched(table: str, states: States) -> bool:
    """Whether the night touched `table`, from the ledger's states. Raises TableFailed with the reason, if it failed."""
    state = states.get(table)
    if state is not None and state["outcome"] in FAILED:
        raise TableFailed(f"{table}: {state['outcome']}: {state['reason']}")
    return state is not None
