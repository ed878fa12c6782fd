"""What an edition that is made before its night is done says of it: which layers, which tables, since when.

Every value that rests on a table with deliveries not taken in yet is labelled, and each cell has a value for the
night's own day, unknown, with the reason. Neither is ever in the history: the edition that follows says what is so.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from jobs import definitions, missing, publish, work_days
from jobs.core.ledger import Ledger
from jobs.landing import cut_off
from jobs.placing import PLACES
from schemas import City

REASON = "not_up_to_date"
EVERYWHERE = (PLACES, missing.CONTROL)
"""Tables that any value may rest on."""
KILLED = "killed"
WAITING = """
    SELECT d.source, count(*) AS deliveries, min(d.delivered_at) AS oldest
    FROM deliveries AS d LEFT JOIN ingests AS i USING (delivery_id)
    WHERE NOT d.is_repeat AND d.delivered_at < TIMESTAMPTZ '{before}'
        AND (i.biz_date IS NULL OR (i.biz_date > DATE '{done}' AND i.outcome = 'ingested'))
    GROUP BY 1 ORDER BY 1"""


def incomplete(city: City, ledger: Ledger, biz_date: date) -> publish.Incomplete | None:
    """What the night has not done; None when it has done everything."""
    if work_days.is_complete(ledger, biz_date):
        return None
    done = work_days.last_done(ledger, biz_date)
    waiting = _waiting(city, ledger, biz_date, done)
    return {
        "steps": list(_steps(ledger, biz_date)),
        "edition": done.isoformat() if done >= city.file.first_day else None,
        "tables": waiting,
        "indicators": len(_resting(city, [row["table"] for row in waiting])),
    }


def values(
    city: City, found: publish.Incomplete | None, biz_date: date, said: Sequence[publish.Value]
) -> list[publish.Value]:
    """The values of an edition with every one labelled that may not be what it will be."""
    if found is None:
        return list(said)
    since = found["edition"] or "—"
    resting = _resting(city, [row["table"] for row in found["tables"]])
    labelled = [_labelled(row, _reason(since, resting[row["indicator"]])) if row["indicator"] in resting else row
                for row in said]  # fmt: skip
    return [*labelled, *_unknown(labelled, biz_date, since, resting)]


def _steps(ledger: Ledger, biz_date: date) -> Iterator[publish.Undone]:
    """The layers that were not done, each by its last word; one that begun and did not end was killed."""
    rows = ledger.query(
        f"""SELECT step, outcome, detail FROM steps WHERE biz_date = DATE '{biz_date}' AND "table" IS NULL
        QUALIFY row_number() OVER (PARTITION BY step ORDER BY {work_days.NEWEST}) = 1""",
        "steps",
    )
    known = {row["step"]: row for row in rows}
    for step in work_days.LAYERS:
        row = known.get(step, {"outcome": "not_begun", "detail": ""})
        if row["outcome"] != "done":
            outcome = KILLED if row["outcome"] == work_days.STARTED else row["outcome"]
            yield {"step": step, "outcome": outcome, "reason": row["detail"]}


def _waiting(city: City, ledger: Ledger, biz_date: date, done: date) -> list[publish.Behind]:
    """The tables for which something had arrived by the cut-off that no complete night has taken in."""
    sql = WAITING.format(before=cut_off(city, biz_date).isoformat(), done=done)
    found: dict[str, publish.Behind] = {}
    newest = {
        row["table"]: row["day"]
        for row in ledger.query(
            f"""SELECT "table", max(day) AS day FROM table_days
            WHERE biz_date <= DATE '{done}' AND rows > 0 AND day[1] <> '_' GROUP BY 1""",
            "table_days",
        )
    }
    for row in ledger.query(sql, "deliveries", "ingests"):
        oldest = row["oldest"].astimezone(city.zone).strftime("%Y-%m-%d %H:%M")
        for key in city.sources[row["source"]].into if row["source"] in city.sources else ():
            one = found.setdefault(key, {"table": key, "day": newest.get(key), "deliveries": 0, "since": oldest})
            one["deliveries"] += row["deliveries"]
            one["since"] = min(one["since"], oldest)
    return [found[key] for key in sorted(found)]


def _resting(city: City, tables: Sequence[str]) -> dict[str, list[str]]:
    """The indicators that rest on tables, and on which of them; also by the register of who has to report."""
    out = {}
    for one in city.indicators.values():
        keys = set(definitions.tables(city, one))
        keys |= {city.registered[key].table for key in keys & city.registered.keys()} | {*EVERYWHERE}
        if mine := sorted(keys & {*tables}):
            out[one.id] = mine
    return out


def _reason(since: str, tables: Sequence[str]) -> str:
    return f"{REASON}: {since}" + (f" ({', '.join(tables)})" if tables else "")


def _labelled(row: publish.Value, why: str) -> publish.Value:
    status = "provisional" if row["status"] == "final" else row["status"]
    return {**row, "status": status, "reasons": [*row["reasons"], why]}


def _unknown(
    said: Sequence[publish.Value], biz_date: date, since: str, resting: Mapping[str, Sequence[str]]
) -> Iterator[publish.Value]:
    """A value for the night's day where a cell has days and none of that one."""
    newest: dict[tuple[str, str, str, str | None], publish.Value] = {}
    for row in said:
        if row["period_kind"] == "day":
            key = (row["indicator"], row["level"], row["place"], row["segment"])
            if key not in newest or newest[key]["period"] < row["period"]:
                newest[key] = row
    for row in newest.values():
        if row["period"] < biz_date.isoformat():
            yield {
                **row, "period": biz_date.isoformat(), "value": None, "low": None, "high": None, "coverage": None,
                "grade": None, "n_records": None, "status": "provisional", "edition": biz_date.isoformat(),
                "reasons": [_reason(since, resting.get(row["indicator"], ()))],
            }  # fmt: skip
