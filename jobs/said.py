"""What editions said: the history of values read as any edition knew it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb
import pyarrow.compute as pc

from jobs.core import engine
from jobs.core.errors import Problem
from jobs.core.lake import Lake, arrow_schema
from jobs.core.ledger import Ledger
from jobs.vintages import KEY, VALUES
from schemas import City

KEYS = ", ".join(KEY)


def sealed(lake: Lake) -> list[date]:
    """The sealed editions, oldest first."""
    return sorted(row["biz_date"] for row in Ledger(lake).rows("editions"))


def before(lake: Lake, biz_date: date) -> date | None:
    """The newest sealed edition before a night."""
    return max((one for one in sealed(lake) if one < biz_date), default=None)


def edition(city: City, lake: Lake, text: str) -> date:
    """The newest sealed edition up to a date: what was in force that day. Raises Problem."""
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        raise Problem(f"--as-of {text!r}: expected a date, as 2020-04-16") from None
    known = sealed(lake)
    newest = Ledger(lake).query("SELECT max(delivered_date) AS day FROM deliveries", "deliveries")[0]["day"]
    earlier = [one for one in known if one <= asked]
    if not earlier:
        raise Problem(
            f"--as-of {text}: no edition so early; the first of {city.id} is {known[0] if known else 'not made yet'}"
        )
    if newest and asked > max(newest, known[-1]):
        raise Problem(f"--as-of {text}: the newest delivery is of {newest}; what lies after it cannot be known")
    return earlier[-1]


@contextmanager
def by(lake: Lake, biz_date: date, where: Any = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with `history` (up to an edition) and `said`: every value as that edition says it.

    Of cells for which a condition holds on columns that no edition changes (key, start, end), if one is given.
    """
    up_to = pc.field("edition") <= biz_date.isoformat()
    history = lake.arrow_where("indicators.values", up_to if where is None else up_to & where)
    with engine.cursor(threads=2, memory="3GB") as connection:
        connection.register("history", history if history is not None else arrow_schema(VALUES).empty_table())
        connection.execute(f"""
            CREATE TEMP TABLE said AS SELECT * FROM history
            QUALIFY row_number() OVER (PARTITION BY {KEYS} ORDER BY edition DESC) = 1""")
        yield connection
