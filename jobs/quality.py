"""Quality: may a touched day be believed? great-expectations suites, and what the row rules already found.

A failed critical rule holds the table's day: what rests on it is withheld, or keeps its last good value as stale.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

from jobs import reporters, sets, touched, work_days
from jobs.accounts import OFFERED
from jobs.core import work
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.mapping import UNDATED
from jobs.sets import Court, Found
from quality.predicates import row_rules
from quality.suites import Judge, Outcome
from schemas import City

MALFORMED = "malformed"
_WARM: dict[str, Judge] = {}
_WARMING: list[threading.Thread] = []


def warm() -> None:
    """Import great-expectations beside the start of the JVM; both take ten seconds and neither needs the other."""
    _WARMING.append(threading.Thread(target=lambda: _WARM.setdefault("judge", Judge()), daemon=True))
    _WARMING[-1].start()


@dataclass(frozen=True)
class Counts:
    """What the ledger says of a night's tables, read once: rows by day, and what became of records."""

    days: Mapping[str, Mapping[str, int]]
    accounts: Mapping[str, Sequence[Mapping[str, Any]]]
    settled: Mapping[str, Sequence[Mapping[str, Any]]]

    @classmethod
    def of(cls, ledger: Ledger, biz_date: date) -> "Counts":
        """The counts of a night: of each day the newest word up to it."""
        days: dict[str, dict[str, int]] = defaultdict(dict)
        for row in work_days.made(ledger, biz_date):
            days[row["table"]][row["day"]] = row["rows"]
        of_night: list[dict[str, list[Mapping[str, Any]]]] = []
        for table in ("accounts", "settled"):
            grouped: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
            for row in ledger.rows(table, f"biz_date = DATE '{biz_date}'"):
                grouped[row["table"]].append(row)
            of_night.append(grouped)
        return cls(days, *of_night)


def run(session: work.Session, city: City, lake: Lake, biz_date: date) -> dict[str, dict[str, int]]:
    """Judge every touched day of every table; keep each rule's outcome and hold the days that failed a critical one."""
    ledger = Ledger(lake)
    was_held = work_days.held_before(ledger, biz_date)
    counts, touched_days = Counts.of(ledger, biz_date), touched.days(city, ledger, biz_date)
    judged, due = _judged(session, city, lake, touched_days, counts) if touched_days else ({}, {})
    findings: list[dict[str, Any]] = []
    holds: list[dict[str, Any]] = []
    report = {}
    for key, days in touched_days.items():
        outcomes = judged[key]
        shown, offered = _shown(days), sum(counts.days.get(key, {}).get(day, 0) for day in days)
        findings += [_finding(biz_date, key, shown, one, offered) for one, _ in outcomes]
        findings += _row_findings(city, counts, biz_date, key, shown)
        if key in due:
            findings.append(_reported(biz_date, key, shown, *due[key]))
        failing = {day: one for one, found in outcomes if _is_stopping(one) for day in found}
        lifted = [day for day in days if (key, day) in was_held and day not in failing]
        holds += [_hold(biz_date, key, day, one) for day, one in sorted(failing.items())]
        holds += [_hold(biz_date, key, day, None) for day in lifted]
        report[key] = {"rules": len(outcomes), "held": len(failing)}
    ledger.put("quality", findings, biz_date=[biz_date])
    ledger.put("holds", holds, biz_date=[biz_date])
    return report


def _judged(
    session: work.Session, city: City, lake: Lake, touched_days: Mapping[str, Sequence[str]], counts: Counts
) -> tuple[dict[str, Found], dict[str, tuple[int, int, str]]]:
    """What great-expectations says of the touched days of every table, and what reporters left out."""
    tables = {key: lake.delta(key) for key in touched_days}
    files = {key: lake.files(key, "_day", days, tables[key]) for key, days in touched_days.items()}
    have = {key: lake.columns(key, table) for key, table in tables.items()}
    court = Court(session, _judge(), city, lake, files, have, counts.days)
    with ThreadPoolExecutor(1) as beside:  # the row engine works beside Python
        reported = beside.submit(reporters.missing, city, lake, files)
        rows = {key: _dated(counts, key, days) for key, days in touched_days.items()}
        return sets.judged(court, touched_days, rows), reported.result()


def _judge() -> Judge:
    """The one that was made beside the start of the JVM, or else one made now."""
    for thread in _WARMING:
        thread.join()
    if "judge" not in _WARM:
        _WARM["judge"] = Judge()
    return _WARM["judge"]


def _dated(counts: Counts, key: str, days: Sequence[str]) -> dict[str, int]:
    """The rows of each touched day that has any; what could not be dated is no day."""
    counted = counts.days.get(key, {})
    return {day: counted[day] for day in days if day != UNDATED and counted.get(day)}


def _is_stopping(one: Outcome) -> bool:
    return not one.success and one.rule.severity == "critical"


def _row_findings(city: City, counts: Counts, biz_date: date, key: str, shown: str) -> list[dict[str, Any]]:
    """What the one pass found: every row rule with how many of the night's rows in scope broke it, and duplicates."""
    accounts, settled = counts.accounts.get(key, ()), counts.settled.get(key, ())
    offered = sum(row["rows"] for row in accounts if row["part"] == OFFERED)
    passed_by = sum(row["rows"] for row in accounts if row["part"] == "out_of_scope" or row["reason"] == MALFORMED)
    broken: Counter[str] = Counter()
    for row in accounts:
        if row["part"] in ("rejected", "flagged") and row["reason"]:
            broken.update(dict.fromkeys(row["reason"].split(","), row["rows"]))
    declared = row_rules(city.tables[key], city.rules.get(key))
    rules: dict[str, tuple[str, str, str, str]] = {r.id: (r.severity, r.action, r.why_zh, r.why_en) for r in declared}
    for rule in broken:
        action = "reject" if rule == MALFORMED else "void"
        rules.setdefault(rule, ("warning", action, "无法解析", "could not be read"))
    twice = sum(row["rows"] for row in settled if row["part"] == "duplicate")
    judged = offered - passed_by
    found = [(rule, *said, offered if rule == MALFORMED else judged, broken[rule]) for rule, said in rules.items()]
    once = ("warning", "drop", "同一记录只计一次", "a record counts once")
    found.append(("duplicate_records", *once, sum(row["rows"] for row in settled), twice))
    return [
        {
            "biz_date": biz_date,
            "table": key,
            "days": shown,
            "rule": rule,
            "kind": "row",
            "severity": severity,
            "action": action,
            "success": failed == 0,
            "evaluated": evaluated,
            "failed": failed,
            "observed": None,
            "why_zh": zh,
            "why_en": en,
        }
        for rule, severity, action, zh, en, evaluated, failed in found
    ]


def _finding(biz_date: date, key: str, shown: str, one: Outcome, offered: int) -> dict[str, Any]:
    return {
        "biz_date": biz_date,
        "table": key,
        "days": shown,
        "rule": one.rule.id,
        "kind": "set",
        "severity": one.rule.severity,
        "action": "hold" if one.rule.severity == "critical" else "report",
        "success": one.success,
        "evaluated": offered if one.evaluated is None else one.evaluated,
        "failed": one.failed,
        "observed": one.observed,
        "why_zh": one.rule.why_zh,
        "why_en": one.rule.why_en,
    }


def _reported(biz_date: date, key: str, shown: str, due: int, missing: int, who: str) -> dict[str, Any]:
    return {
        "biz_date": biz_date,
        "table": key,
        "days": shown,
        "rule": "reporters_complete",
        "kind": "set",
        "severity": "warning",
        "action": "report",
        "success": missing == 0,
        "evaluated": due,
        "failed": missing,
        "observed": who or None,
        "why_zh": "应报而未报的时段降低覆盖率",
        "why_en": "slots that were due and not reported lower the coverage",
    }


def _shown(days: Sequence[str]) -> str:
    return ",".join(days) if len(days) <= 3 else f"{days[0]},…,{days[-1]} ({len(days)})"


def _hold(biz_date: date, key: str, day: str, one: Outcome | None) -> dict[str, Any]:
    """A day that a rule holds, or one that is no longer held."""
    return {
        "biz_date": biz_date,
        "table": key,
        "day": day,
        "is_held": one is not None,
        "rule": one.rule.id if one else None,
        "why": one.rule.why_en if one else None,
    }
