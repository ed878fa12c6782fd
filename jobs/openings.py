"""The opening timetable: what was promised to be open to society by when, and since when it is (REQUIREMENTS 46, 47).

A promise stands under `catalogue.openings` of `city.yaml`. It is kept from the first night on from which the catalogue
has said without a break that the resource is open, and the resource had something to give; nobody reports progress.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from jobs import metadata
from jobs.core.engine import listed
from jobs.core.ledger import Ledger
from jobs.publish import Plan
from schemas import City


def since(city: City, ledger: Ledger, biz_date: date) -> dict[str, str]:
    """Since which night earlier nights' catalogues have said of promised resources, to the last, that they are open."""
    planned = city.file.catalogue.openings
    if not planned:
        return {}
    rows = ledger.query(
        f"""SELECT resource, biz_date, state, entry FROM catalogue
        WHERE biz_date < DATE '{biz_date}' AND resource IN ({listed(planned)}) ORDER BY biz_date""",
        "catalogue",
    )
    found: dict[str, str] = {}
    for row in rows:
        if row["state"] != "withdrawn" and json.loads(row["entry"])["opening"]["open"]:
            found.setdefault(row["resource"], row["biz_date"].isoformat())
        else:
            found.pop(row["resource"], None)
    return found


def plan(city: City, one: Mapping[str, Any], opened: Mapping[str, str], biz_date: date) -> Plan | None:
    """What was promised of an entry (as far as it is made), and how that stands; None where nothing was."""
    promised = city.file.catalogue.openings.get(one["id"])
    if promised is None:
        return None
    is_open = one["opening"]["open"] and one["released"] is not None
    at = max(opened.get(one["id"], biz_date.isoformat()), one["released"]) if is_open else None
    by = promised.by.isoformat()
    state = ("in_time" if at <= by else "late") if at else "planned" if biz_date <= promised.by else "overdue"
    task, way = metadata.words(promised.task), metadata.words(promised.way) if promised.way else None
    return {"by": by, "task": task, "way": way, "opened": at, "state": state}
