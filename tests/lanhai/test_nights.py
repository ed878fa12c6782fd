"""The demo city against its answer key: every fault planted, three nights, and the same nights again elsewhere."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from jobs import causes, edition, release, said, sample, touched, work_days
from jobs.core import engine
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.night import Night
from jobs.night import run as run_night
from jobs.release import REASON
from quality.predicates import row_rules
from quality.suites import set_rules
from schemas import load_city
from tests.agreement import agree
from tests.lanhai.conftest import CITY, plan

pytestmark = pytest.mark.slow
Row = dict[str, Any]


def answers(delivered: Path) -> Iterator[Row]:
    with (delivered / "answers" / "values.ndjson").open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def published(lake: Lake, biz_date: str) -> dict[tuple[str, ...], Row]:
    with said.by(lake, date.fromisoformat(biz_date)) as connection:
        rows: list[Row] = engine.table(connection, "SELECT * FROM said").to_pylist()
    return {(r["indicator"], r["level"], r["place"], r["period_kind"], r["period"]): r for r in rows}


def test_every_value_is_the_true_one_where_enough_arrived_and_never_final_where_not(
    three_nights: Lake, faulty: Path
) -> None:
    said_by = {one["biz_date"]: published(three_nights, one["biz_date"]) for one in plan(faulty)}
    checked, withheld = Counter[str](), Counter[str]()
    for answer in answers(faulty):
        key = tuple(answer[name] for name in ("indicator", "level", "place", "period_kind", "period"))
        row = said_by[answer["edition"]].get(key)
        if row is not None and REASON in (row["reasons"] or ""):
            assert (row["value"], row["n_records"], row["status"]) == (None, None, "withheld")
            withheld[answer["indicator"]] += 1
        elif answer["enough"]:
            truth = None if answer["value"] is None else float(Fraction(answer["value"]))
            assert agree(row["value"] if row else None, truth, "near" in answer), (key, row)
        else:
            assert row is not None, key
            assert row["status"] in ("provisional", "stale", "withheld"), (key, row)
        checked[answer["indicator"]] += 1
    assert set(checked) == set(load_city(CITY).indicators)
    assert set(withheld) <= release.indicators(load_city(CITY))
    assert 0 < withheld["medical.ambulance_calls"] < checked["medical.ambulance_calls"]


def test_every_planted_fault_that_can_be_seen_is_found(three_nights: Lake, faulty: Path) -> None:
    planted = json.loads((faulty / "answers" / "faults.json").read_text("utf-8"))
    assert {fault["kind"] for fault in planted} == set(sample.FAULTS)
    rows = Ledger(three_nights).query(
        "SELECT d.*, i.outcome FROM deliveries AS d JOIN ingests AS i USING (delivery_id) ORDER BY d.delivered_at",
        "deliveries",
        "ingests",
    )
    came: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        came.setdefault((row["source"], row["file"]), []).append(row)
    lost = [
        fault
        for fault in planted
        if fault["visible"]
        and fault["found_in"]
        and not found(three_nights, faulty, fault, came.get((fault["source"], fault["file"]), []))
    ]
    assert lost == []


def found(lake: Lake, delivered: Path, fault: Row, rows: list[Row]) -> bool:
    """Whether the lake knows of a fault where the answer key says it must. `rows` are the file's deliveries."""
    ids = sorted({row["delivery_id"] for row in rows})
    tables = [key.removeprefix("silver.") for key in load_city(CITY).sources[fault["source"]].into]

    def held(layer: str) -> dict[str, list[str | None]]:
        """The flags of the record in each table of a layer that holds it."""
        flags = {table: flags_of(lake, f"{layer}.{table}") for table in tables}
        there = {
            table: [by[one, fault["record"]] for one in ids if (one, fault["record"]) in by]
            for table, by in flags.items()
        }
        return {table: listed for table, listed in there.items() if listed}

    match fault["found_in"]:
        case "deliveries":
            refused = fault["kind"] in ("encoding", "wrong_header", "truncated")
            twice = fault["kind"] == "duplicates"
            return any(row["outcome"] == "refused" if refused else row["is_repeat"] or not twice for row in rows)
        case "quarantine":
            return bool(held("quarantine"))
        case "flags":
            return any(held("claims"))
        case "duplicates":
            return not held("silver") or any(dropped(lake, f"silver.{table}", ids) for table in tables)
        case "quality":
            day = plan(delivered)[fault["night"] - 1]["biz_date"]
            listed = ", ".join(f"'silver.{table}'" for table in tables)
            said_of = Ledger(lake).rows("quality", f"rule = 'reporters_complete' AND \"table\" IN ({listed})")
            return any(not row["success"] and row["biz_date"].isoformat() == day for row in said_of)
    return False


@cache
def flags_of(lake: Lake, key: str) -> dict[tuple[str, int], str | None]:
    """(delivery, record) of a table's rows to their flags, where it has any."""
    if not lake.exists(key):
        return {}
    columns = ["_delivery_id", "_record", *(["_flags"] if key.startswith("claims.") else [])]
    rows = lake.arrow(key, columns).to_pylist()
    return {(row["_delivery_id"], row["_record"]): row.get("_flags") for row in rows}


def dropped(lake: Lake, key: str, ids: list[str]) -> int:
    listed = ", ".join(f"'{one}'" for one in ids)
    where = f"part = 'duplicate' AND \"table\" = '{key}' AND delivery_id IN ({listed})"
    return sum(row["rows"] for row in Ledger(lake).rows("settled", where))


def test_every_declared_rule_ran_once_on_the_rows_it_is_about(three_nights: Lake, faulty: Path) -> None:
    city, ledger = load_city(CITY), Ledger(three_nights)
    for night in [date.fromisoformat(one["biz_date"]) for one in plan(faulty)]:
        lines = ledger.rows("quality", f"biz_date = DATE '{night}'")
        assert max(Counter((row["table"], row["rule"]) for row in lines).values()) == 1
        rows = {(one["table"], one["day"]): one["rows"] for one in work_days.made(ledger, night)}
        taken = ledger.rows("ingests", f"biz_date = DATE '{night}' AND outcome = 'ingested'")
        evaluated = {(row["table"], row["rule"]): row["evaluated"] for row in lines}
        for key, days in touched.days(city, ledger, night).items():
            table, rules = city.tables[key], city.rules.get(key)
            offered = judged_in_the_pass(three_nights, table.name, [row["delivery_id"] for row in taken])
            on_days = sum(rows[key, day] for day in days)
            expected = {(key, rule.id): offered for rule in row_rules(table, rules)}
            expected |= {(key, rule.id): on_days for rule in set_rules(table, rules)}
            ran = {of: evaluated.pop(of, None) for of in expected}
            assert ran == expected
        assert {rule.partition(":")[0] for _, rule in evaluated} <= BUILT_IN


BUILT_IN = {"type", "malformed", "duplicate_records", "reporters_complete"}


def judged_in_the_pass(lake: Lake, table: str, deliveries: list[str]) -> int:
    """The records of some deliveries that a table's row rules could judge: read, and in scope."""
    mine = pc.field("_delivery_id").isin(deliveries)
    claimed = lake.arrow_where(f"claims.{table}", mine, ["_record"])
    rejected = lake.arrow_where(f"quarantine.{table}", mine & (pc.field("rules") != "malformed"), ["_record"])
    return sum(len(found) for found in (claimed, rejected) if found is not None)


def test_a_sealed_night_run_again_is_verified_and_changes_nothing(three_nights: Lake, faulty: Path) -> None:
    last = date.fromisoformat(plan(faulty)[-1]["biz_date"])
    layers = ("bronze", "silver", "fused", "indicators")
    before = {key: three_nights.version(key) for layer in layers for key in three_nights.keys(layer)}
    told: list[str] = []
    run_night(Night(load_city(CITY), three_nights, last), ["bronze", "edition"], told.append)
    after = {key: three_nights.version(key) for layer in layers for key in three_nights.keys(layer)}
    assert after == before
    assert told == [f"edition {last} is sealed and verified; nothing changed"]


def test_the_second_night_says_what_late_data_and_corrections_changed(three_nights: Lake, faulty: Path) -> None:
    second = date.fromisoformat(plan(faulty)[1]["biz_date"])
    changes = json.loads((edition.folder(three_nights, second) / "changes.json").read_text("utf-8"))
    assert {"late_data", "correction"} <= {change["cause"] for change in changes} < set(causes.CAUSES)
    assert all(change["before"] != change["after"] for change in changes)


def test_no_direct_identifier_is_in_clear_in_any_table(three_nights: Lake, faulty: Path) -> None:
    phones = {
        row["caller"]
        for key in ("silver.ambulance_calls", "silver.hotline_cases")
        for row in three_nights.arrow(key).to_pylist()
    }
    assert phones
    assert all(phone is None or (len(phone) == 32 and set(phone) <= set("0123456789abcdef")) for phone in phones)
