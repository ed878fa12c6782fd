"""What an attempt at a night tells `ops.steps`: how each step ended, and what it and its tables cost."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jobs.core.cost import Cost, Told
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.work_days import STARTED

LONGEST = 2000


@dataclass(frozen=True)
class Journal:
    """Writes the rows of one attempt. `began_at` is when its process was started, where that is known."""

    lake: Lake
    biz_date: date
    attempt: str
    began_at: datetime | None

    def note(
        self, step: str, outcome: str, started: datetime, detail: str = "", spent: Cost | None = None,
        said: Mapping[str, Any] | None = None, told: Told | None = None, slack: float | None = None,
    ) -> None:  # fmt: skip
        """A row for the step, and one for every table that it speaks of or worked on.

        `slack`: how many seconds before its deadline an edition was there, negative after it.

        A table's seconds are those of tasks, of which several run at once; `driver_s` are those on the driver. What a
        step says of a table is the row's detail; it is empty where there was only work.
        """
        base = {
            "biz_date": self.biz_date, "attempt": self.attempt, "step": step, "started_at": started,
            "began_at": self.began_at,
        }  # fmt: skip
        of_step = {"table": None, "outcome": outcome, "detail": detail[:LONGEST], "slack_s": slack}
        of_step |= _columns(spent or Cost())
        of_tables = _of_tables(said or {}, told or Told())
        Ledger(self.lake).add("steps", [base | row for row in (of_step, *of_tables)])


def _of_tables(said: Mapping[str, Any], told: Told) -> Iterator[dict[str, Any]]:
    about = {key: value for key, value in said.items() if isinstance(value, Mapping)}
    for key in sorted({*about, *told.tasks, *told.driver}):
        yield {
            "table": key,
            "outcome": "held" if about.get(key, {}).get("held") else "done",
            "detail": json.dumps(about[key], default=str) if key in about else "",
            "driver_s": told.driver.get(key),
            **(_columns(told.tasks[key]) if key in told.tasks else {}),
        }


def _columns(spent: Cost) -> dict[str, float | int | None]:
    counted = {"bytes_read": spent.read, "bytes_written": spent.written}
    return {"seconds": spent.seconds, "cpu_s": spent.cpu_s, **counted}


def of_steps(lake: Lake, biz_date: date) -> list[dict[str, Any]]:
    """Every step of every attempt at a night, and the starts of sessions, each by its last word."""
    return Ledger(lake).query(
        f"""SELECT * FROM steps WHERE biz_date = DATE '{biz_date}' AND "table" IS NULL
        QUALIFY row_number() OVER (PARTITION BY attempt, step, started_at ORDER BY outcome = '{STARTED}') = 1
        ORDER BY started_at""",
        "steps",
    )


def of_tables(lake: Lake, biz_date: date) -> list[dict[str, Any]]:
    """What a night made of each table, by its last word: `table`, `outcome`, `reason`; a hold is not lost."""
    return Ledger(lake).query(
        f"""SELECT "table", outcome, detail AS reason FROM steps
        WHERE biz_date = DATE '{biz_date}' AND "table" IS NOT NULL AND detail <> '' QUALIFY
        row_number() OVER (PARTITION BY "table" ORDER BY outcome = 'held' DESC, started_at DESC) = 1 ORDER BY 1""",
        "steps",
    )


def costs(lake: Lake, biz_date: date) -> list[dict[str, Any]]:
    """What the work on each table cost in each step of every attempt."""
    return Ledger(lake).query(
        f"""SELECT attempt, step, "table", seconds, cpu_s, driver_s, bytes_read, bytes_written FROM steps
        WHERE biz_date = DATE '{biz_date}' AND "table" IS NOT NULL AND coalesce(seconds, driver_s) IS NOT NULL
        ORDER BY started_at, steps."table"
        """,
        "steps",
    )
