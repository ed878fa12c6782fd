"""Which days a step may work on: those the night touched, without those that quality holds."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from jobs.core.ledger import Ledger

LAST_LAYER = "indicators"

Days = dict[str, list[str]]


def last_done(ledger: Ledger, biz_date: date) -> date:
    """The newest earlier night whose every layer was done: what came after it is still to be worked on."""
    rows = ledger.query(
        f"""SELECT max(biz_date) AS night FROM steps
        WHERE biz_date < DATE '{biz_date}' AND step = '{LAST_LAYER}' AND "table" IS NULL AND outcome = 'done'""",
        "steps",
    )
    return rows[0]["night"] or date.min.replace(year=1970)


def since(ledger: Ledger, biz_date: date) -> str:
    """SQL: whether a row of the ledger is of this night or of one before it that was not complete."""
    return f"(biz_date <= DATE '{biz_date}' AND biz_date > DATE '{last_done(ledger, biz_date)}')"


def is_complete(ledger: Ledger, biz_date: date) -> bool:
    """Whether the night's newest attempt at its layers was done to the last one."""
    rows = ledger.query(
        f"""SELECT outcome FROM steps WHERE biz_date = DATE '{biz_date}' AND step = '{LAST_LAYER}' AND "table" IS NULL
        ORDER BY started_at DESC LIMIT 1""",
        "steps",
    )
    return bool(rows) and rows[0]["outcome"] == "done"


def made(ledger: Ledger, biz_date: date) -> list[dict[str, Any]]:
    """The newest word up to a night on every day of every table: `table`, `day`, `rows`, `digest`, in that order."""
    return ledger.query(
        f"""SELECT "table", day, rows, digest FROM table_days WHERE biz_date <= DATE '{biz_date}'
        QUALIFY row_number() OVER (PARTITION BY "table", day ORDER BY biz_date DESC) = 1 ORDER BY "table", day""",
        "table_days",
    )


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
