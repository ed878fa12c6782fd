"""How a night ended: the edition is made in any case, the run is red when something critical failed."""

from datetime import date
from typing import Any

from jobs import work_days
from jobs.core.errors import CriticalFailure
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger


def of(lake: Lake, biz_date: date) -> dict[str, Any]:
    """Raise CriticalFailure when a layer failed or a critical rule holds a day: the edition is made, the run is red."""
    ledger = Ledger(lake)
    failed = ledger.query(
        f"""SELECT step, outcome, detail FROM steps
        WHERE biz_date = DATE '{biz_date}' AND "table" IS NULL AND step <> 'verdict'
        QUALIFY row_number() OVER (PARTITION BY step ORDER BY {work_days.NEWEST}) = 1
        ORDER BY started_at""",
        "steps",
    )
    problems = [_ended(**row) for row in failed if row["outcome"] != "done"]
    problems += [f"{step} never ran" for step in work_days.LAYERS if step not in {row["step"] for row in failed}]
    held = ledger.rows("holds", f"biz_date = DATE '{biz_date}' AND is_held")
    problems += [f"{row['table']} {row['day']} held by {row['rule']}" for row in held]
    if problems:
        raise CriticalFailure(f"edition {biz_date} is made, but: " + "; ".join(problems[:5]))
    return {"problems": 0}


def _ended(step: str, outcome: str, detail: str) -> str:
    return detail if detail.startswith(f"{step} {outcome}: ") else f"{step} {outcome}: {detail}"
