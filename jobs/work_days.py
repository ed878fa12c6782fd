"""Which days a step may work on: those the night touched, without those that quality holds."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from jobs.core.ledger import Ledger

LAYERS = ("bronze", "silver", "quality", "fused", "indicators")
STARTED = "started"
"""The outcome of a step that has begun; how it ends is another row, unless it is killed."""
NEWEST = f"started_at DESC, outcome = '{STARTED}'"
"""The order of rows of `ops.steps` from the newest word on."""

NEVER = date(1970, 1, 1)
"""Stands for the last complete night where there was none."""

Days = dict[str, list[str]]


def last_done(ledger: Ledger, biz_date: date) -> date:
    """The newest earlier night whose every layer was done: what came after it is still to be worked on."""
    rows = _newest(ledger, f"biz_date < DATE '{biz_date}'")
    return max((row["biz_date"] for row in rows if _is_done(row)), default=NEVER)


def since(ledger: Ledger, biz_date: date) -> str:
    """SQL: whether a row of the ledger is of this night or of one before it that was not complete."""
    return f"(biz_date <= DATE '{biz_date}' AND biz_date > DATE '{last_done(ledger, biz_date)}')"


def is_complete(ledger: Ledger, biz_date: date) -> bool:
    """Whether the night's layers were done to the last one, and none was begun again since then."""
    return any(_is_done(row) for row in _newest(ledger, f"biz_date = DATE '{biz_date}'"))


def killed(ledger: Ledger) -> list[date]:
    """The nights begun since values were last made to the end that were not done themselves, one under way too.

    What they said may be half of it. The next that is done puts that right, whichever night it is.
    """
    rows = _newest(ledger, "true")
    done = max((row["started_at"] for row in rows if _is_done(row)), default=None)
    return [row["biz_date"] for row in rows if not _is_done(row) and (done is None or row["started_at"] >= done)]


def undone(ledger: Ledger, biz_date: date, layer: str) -> list[str]:
    """The layers before one that the night has not done: each failed, was killed, or never began."""
    rows = ledger.query(
        f"""SELECT step, outcome FROM steps WHERE biz_date = DATE '{biz_date}' AND "table" IS NULL
        QUALIFY row_number() OVER (PARTITION BY step ORDER BY {NEWEST}) = 1""",
        "steps",
    )
    done = {row["step"] for row in rows if row["outcome"] == "done"}
    return [before for before in LAYERS[: LAYERS.index(layer)] if before not in done]


def _newest(ledger: Ledger, nights: str) -> list[dict[str, Any]]:
    """The layer that each night last began, and how that ended."""
    return ledger.query(
        f"""SELECT biz_date, step, outcome, started_at FROM steps
        WHERE {nights} AND step IN ({", ".join(f"'{layer}'" for layer in LAYERS)}) AND "table" IS NULL
        QUALIFY row_number() OVER (PARTITION BY biz_date ORDER BY {NEWEST}) = 1""",
        "steps",
    )


def _is_done(row: Mapping[str, Any]) -> bool:
    return (row["step"], row["outcome"]) == (LAYERS[-1], "done")


def made(ledger: Ledger, biz_date: date) -> list[dict[str, Any]]:
    """The newest word up to a night on every day of every table: `table`, `day`, `rows`, `digest`, in that order."""
    return ledger.query(
        f"""SELECT "table", day, rows, digest FROM table_days WHERE biz_date <= DATE '{biz_date}'
        QUALIFY row_number() OVER (PARTITION BY "table", day ORDER BY biz_date DESC) = 1 ORDER BY "table", day""",
        "table_days",
    )


def held_before(ledger: Ledger, biz_date: date) -> dict[tuple[str, str], str]:
    """What was held when the night began, however often it was begun."""
    return held(ledger, biz_date - timedelta(days=1))


def held(ledger: Ledger, biz_date: date) -> dict[tuple[str, str], str]:
    """(table, day) held as of a night, with the rule that holds it: the newest word on each day counts."""
    rows = ledger.query(
        f"""SELECT "table", day, rule, is_held FROM holds WHERE biz_date <= DATE '{biz_date}'
        QUALIFY row_number() OVER (PARTITION BY "table", day ORDER BY biz_date DESC, is_held DESC, rule) = 1""",
        "holds",
    )
    return {(row["table"], row["day"]): row["rule"] for row in rows if row["is_held"]}


def warned(ledger: Ledger, biz_date: date) -> list[tuple[str, str, str]]:
    """(table, day, rule) of each warning on a set of rows that failed, by the newest word on each day.

    Not whether reporters were complete: coverage says that of every place by itself. A rule that judged a long row of
    days together (a first load) says nothing of any one of them.
    """
    rows = ledger.query(
        f"""SELECT * FROM (SELECT "table", unnest(string_split(days, ',')) AS day, rule, success, biz_date FROM quality
            WHERE biz_date <= DATE '{biz_date}' AND kind = 'set' AND severity = 'warning'
            AND rule <> 'reporters_complete' AND NOT contains(days, '…'))
        QUALIFY row_number() OVER (PARTITION BY "table", day, rule ORDER BY biz_date DESC) = 1 AND NOT success
        ORDER BY ALL""",
        "quality",
    )
    return [(row["table"], row["day"], row["rule"]) for row in rows if row["day"][0] != "_"]


def accepted(ledger: Ledger, touched: Mapping[str, Sequence[str]], biz_date: date) -> Days:
    """The touched days of each table that quality lets pass, and those whose hold this night lifts."""
    stopped = held(ledger, biz_date)
    return {key: [day for day in days if (key, day) not in stopped] for key, days in touched.items()}
