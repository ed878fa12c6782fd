"""A day of which one table changes is judged again in the table that a rule compares with it."""

from datetime import date
from pathlib import Path

from jobs import touched
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import load_city

LINES, NETWORK = "silver.transit_ridership", "silver.network_ridership"
NIGHTS = (date(2025, 3, 1), date(2025, 3, 2))


def test_what_is_compared_is_touched_with_the_other(tmp_path: Path) -> None:
    city = load_city("lanhai")
    assert city.compared[LINES] == {NETWORK}
    ledger = Ledger(Lake(tmp_path, "lanhai"))
    ledger.add("table_days", [
        {"biz_date": NIGHTS[0], "table": key, "day": day, "rows": 1, "digest": "1"}
        for key, days in {LINES: ("2025-02-28", "2025-03-01"), NETWORK: ("2025-03-01",)}.items() for day in days
    ])  # fmt: skip
    ledger.add("moved", [
        {"biz_date": NIGHTS[1], "table": NETWORK, "day": day} for day in ("2025-02-27", "2025-03-01")
    ])  # fmt: skip
    assert touched.days(city, ledger, NIGHTS[1]) == {
        NETWORK: ["2025-02-27", "2025-03-01"],
        LINES: ["2025-03-01"],  # of the other day it has said nothing
    }
