"""What places were called: an edition prints a name, and says the same when the register has another one since then."""

from datetime import date
from typing import Any

import pyarrow as pa

from jobs import placing
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import City

KINDS = {"level": pa.string(), "place_id": pa.string(), "name_zh": pa.string()}


def now(city: City, lake: Lake) -> pa.Table:
    """`level`, `place_id` and `name_zh` as `citypulse values` prints it: of every member, and of the city."""
    rows = [{"level": level, "place_id": place, "name_zh": name} for (level, place), name in _now(city, lake).items()]
    return pa.Table.from_pylist(rows, schema=pa.schema(list(KINDS.items())))


def told(city: City, lake: Lake, night: date) -> pa.Table:
    """The same as a night knew it; of a lake in which no night has noted names, as they are now."""
    ledger = Ledger(lake)
    rows = [{name: row[name] for name in KINDS} for row in _newest(ledger, night)]
    if not rows:
        return now(city, lake)
    return pa.Table.from_pylist(rows, schema=pa.schema(list(KINDS.items())))


def note(city: City, lake: Lake, ledger: Ledger, biz_date: date) -> None:
    """Keep the names that are others than those of earlier nights; most nights add none. A place may lose its name."""
    before = {(row["level"], row["place_id"]): row["name_zh"] for row in _newest(ledger, biz_date, "<")}
    called: dict[tuple[str, str], str | None] = dict.fromkeys(before) | _now(city, lake)
    rows = [
        {"biz_date": biz_date, "level": level, "place_id": place, "name_zh": name}
        for (level, place), name in sorted(called.items())
        if (level, place) not in before or before[level, place] != name
    ]
    if rows or ledger.rows("names", f"biz_date = DATE '{biz_date}'"):
        ledger.put("names", rows, biz_date=[biz_date])


def _now(city: City, lake: Lake) -> dict[tuple[str, str], str | None]:
    members = placing.load(city, lake).members.select(list(KINDS)).to_pylist()
    return {(row["level"], row["place_id"]): row["name_zh"] for row in members} | {("city", city.id): city.file.name.zh}


def _newest(ledger: Ledger, night: date, up_to: str = "<=") -> list[dict[str, Any]]:
    return ledger.query(
        f"""SELECT level, place_id, name_zh FROM names WHERE biz_date {up_to} DATE '{night}'
        QUALIFY row_number() OVER (PARTITION BY level, place_id ORDER BY biz_date DESC) = 1 ORDER BY ALL""",
        "names",
    )
