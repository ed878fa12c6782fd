"""Quality: may a touched day be believed? Real great-expectations suites on Spark, and what the row rules already found.

A failed critical rule holds the table's day: what rests on it is withheld, or keeps its last good value as stale.
"""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StringType, StructField, StructType, _parse_datatype_string

from jobs import silver, work_days
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.mapping import UNDATED
from quality.predicates import row_rules
from quality.suites import ROW_COUNT, Judge, Outcome, SetRule, set_rules
from schemas import City, Table

_WARM: dict[str, Judge] = {}


def warm() -> threading.Thread:
    """Import great-expectations beside the start of the JVM; both take ten seconds and neither needs the other."""
    thread = threading.Thread(target=lambda: _WARM.setdefault("judge", Judge()), daemon=True)
    thread.start()
    return thread


def run(spark: SparkSession, city: City, lake: Lake, biz_date: date) -> dict[str, dict[str, int]]:
    """Judge every touched day of every table; store each rule's outcome and hold the days that failed a critical one."""
    ledger = Ledger(lake)
    touched = silver.touched_days(city, ledger, biz_date)
    was_held = work_days.held(ledger, biz_date)
    judge = _WARM.get("judge") or Judge()
    findings: list[dict[str, Any]] = []
    holds: list[dict[str, Any]] = []
    report = {}
    for key, days in touched.items():
        counted = _counts(ledger, key, days, biz_date)
        outcomes = _judge(spark, judge, city, lake, key, days, counted)
        failing = {
            day: rule
            for rule, found in outcomes
            if not rule.success
            for day in found
            if rule.rule.severity == "critical"
        }
        findings += [_finding(biz_date, key, days, one, sum(counted.values())) for one, _ in outcomes]
        findings += _row_findings(city, ledger, biz_date, key, days)
        holds += [_hold(biz_date, key, day, True, one) for day, one in sorted(failing.items())]
        holds += [
            _hold(biz_date, key, day, False, None) for day in days if (key, day) in was_held and day not in failing
        ]
        report[key] = {"rules": len(outcomes), "held": len(failing)}
    ledger.put("quality", findings, biz_date=[biz_date])
    ledger.put("holds", holds, biz_date=[biz_date])
    return report


def _judge(
    spark: SparkSession, judge: Judge, city: City, lake: Lake, key: str, days: Sequence[str], counted: Mapping[str, int]
) -> list[tuple[Outcome, list[str]]]:
    """Each set rule's outcome and the days it fails on: the whole batch first, day by day only for what failed."""
    table = city.tables[key]
    rules = set_rules(table, city.rules.get(key))
    wanted = list(silver.columns(city, table))
    whole = [rule for rule in rules if rule.expectation != ROW_COUNT]
    frame = _frame(spark, city, lake, key, days)
    found = judge.validate(key, frame, whole, wanted) if whole else []
    out: list[tuple[Outcome, list[str]]] = []
    for one in found:
        failing = list(days) if not one.success else []
        if failing and len(days) > 1 and one.rule.expectation.startswith("expect_column"):
            failing = [
                d
                for d in days
                if not judge.validate(key, _frame(spark, city, lake, key, [d]), [one.rule], wanted)[0].success
            ]
        out.append((one, failing or (list(days) if not one.success else [])))
    dated = {day: rows for day, rows in counted.items() if day != UNDATED and rows}
    for rule in (rule for rule in rules if rule.expectation == ROW_COUNT):
        out.append(_row_count(spark, judge, city, lake, key, rule, dated, wanted))
    return out


def _row_count(
    spark: SparkSession, judge: Judge, city: City, lake: Lake, key: str, rule: SetRule, counted: Mapping[str, int], wanted: Sequence[str]
) -> tuple[Outcome, list[str]]:  # fmt: skip
    """A row count is a rule on each day: judged on the thinnest and the fullest, which decide for all between."""
    if not counted:
        return Outcome(rule, True, "0 days with rows", None), []
    extremes = {min(counted, key=lambda d: (counted[d], d)), max(counted, key=lambda d: (counted[d], d))}
    said = {
        day: judge.validate(key, _frame(spark, city, lake, key, [day]), [rule], wanted)[0] for day in sorted(extremes)
    }
    low, high = rule.arguments.get("min_value"), rule.arguments.get("max_value")
    failing = [
        day for day, rows in sorted(counted.items())
        if (low is not None and rows < low) or (high is not None and rows > high)
    ]  # fmt: skip
    worst = next((one for one in said.values() if not one.success), next(iter(said.values())))
    return worst, failing if not worst.success else []


def _frame(spark: SparkSession, city: City, lake: Lake, key: str, days: Sequence[str]) -> DataFrame:
    """The silver rows of some days, read from the very files the lake has committed."""
    columns = silver.columns(city, city.tables[key])
    schema = StructType([
        StructField(name, StringType() if name == "_day" else _parse_datatype_string(kind)) for name, kind in columns.items()
    ])  # fmt: skip
    files = [file["path"] for file in lake.files(key, "_day", days)]
    if not files:
        return spark.createDataFrame([], schema)
    reader = spark.read.schema(schema).option("basePath", str(lake.folder(key)))
    return reader.parquet(*files)


def _counts(ledger: Ledger, key: str, days: Sequence[str], biz_date: date) -> dict[str, int]:
    rows = ledger.query(
        f"""SELECT day, rows FROM table_days WHERE "table" = '{key}' AND biz_date <= DATE '{biz_date}'
        QUALIFY row_number() OVER (PARTITION BY day ORDER BY biz_date DESC) = 1""",
        "table_days",
    )
    return {row["day"]: row["rows"] for row in rows if row["day"] in set(days)}


def _row_findings(city: City, ledger: Ledger, biz_date: date, key: str, days: Sequence[str]) -> list[dict[str, Any]]:
    """What the one pass found: every row rule with how many of the night's offered rows broke it, and duplicates."""
    table: Table = city.tables[key]
    rows = ledger.rows("accounts", f"biz_date = DATE '{biz_date}' AND \"table\" = '{key}'")
    offered = sum(row["rows"] for row in rows if row["part"] in ("claimed", "rejected", "out_of_scope"))
    broken: Counter[str] = Counter()
    for row in rows:
        if row["part"] in ("rejected", "flagged"):
            broken.update(dict.fromkeys(row["reason"].split(","), row["rows"]) if row["reason"] else {})
    rules = {r.id: (r.action, r.severity, r.why_zh, r.why_en) for r in row_rules(table, city.rules.get(key))}
    for rule in broken:
        rules.setdefault(
            rule, ("reject" if rule == "malformed" else "void", "warning", "无法解析", "could not be read")
        )
    out = [
        _row(biz_date, key, days, rule, "row", severity, action, broken[rule] == 0, offered, broken[rule], None, zh, en)
        for rule, (action, severity, zh, en) in rules.items()
    ]
    settled = ledger.rows("settled", f"biz_date = DATE '{biz_date}' AND \"table\" = '{key}'")
    twice = sum(row["rows"] for row in settled if row["part"] == "duplicate")
    out.append(_row(
        biz_date, key, days, "duplicate_records", "row", "warning", "drop", twice == 0, sum(r["rows"] for r in settled), twice, None,
        "同一记录只计一次", "a record counts once",
    ))  # fmt: skip
    return out


def _finding(biz_date: date, key: str, days: Sequence[str], one: Outcome, evaluated: int) -> dict[str, Any]:
    rule = one.rule
    return _row(
        biz_date, key, days, rule.id, "set", rule.severity, "hold" if rule.severity == "critical" else "report", one.success,
        evaluated, one.failed, one.observed, rule.why_zh, rule.why_en,
    )  # fmt: skip


def _row(
    biz_date: date, key: str, days: Sequence[str], rule: str, kind: str, severity: str, action: str, success: bool,
    evaluated: int, failed: int | None, observed: str | None, zh: str, en: str,
) -> dict[str, Any]:  # fmt: skip
    shown = ",".join(days) if len(days) <= 3 else f"{days[0]},…,{days[-1]} ({len(days)})"
    return {
        "biz_date": biz_date, "table": key, "days": shown, "rule": rule, "kind": kind, "severity": severity, "action": action,
        "success": success, "evaluated": evaluated, "failed": failed, "observed": observed, "why_zh": zh, "why_en": en,
    }  # fmt: skip


def _hold(biz_date: date, key: str, day: str, is_held: bool, one: Outcome | None) -> dict[str, Any]:
    return {
        "biz_date": biz_date, "table": key, "day": day, "is_held": is_held, "rule": one.rule.id if one else None,
        "why": one.rule.why_en if one else None,
    }  # fmt: skip
