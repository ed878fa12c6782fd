"""`quality.html`: what the night's rules found, table by table, on one bilingual page that opens from disk.

great-expectations' own Data Docs fetch their scripts and fonts from the network; this page has everything beside it.
"""

from collections import defaultdict
from pathlib import Path
from typing import Literal, TypedDict

from jobs.publish import City, Delivery, EditionData, Finding, Hold, Incomplete, Missing, Step, page

Outcome = Literal["failed", "empty", "not_run", "passed"]
Verdict = Literal["held", "critical", "warning", "unjudged", "passed"]
VERDICTS: tuple[Verdict, ...] = ("held", "critical", "warning", "unjudged", "passed")


class Table(TypedDict):
    """One table's verdict and its rules, what failed first. `days`: those the rules were run on."""

    table: str
    verdict: Verdict
    days: list[str]
    rules: list[Finding]
    outcomes: list[Outcome]


class Report(TypedDict):
    """The payload of the page."""

    city: City
    biz_date: str
    incomplete: Incomplete | None
    tables: list[Table]
    deliveries: list[Delivery]
    missing: list[Missing]
    holds: list[Hold]
    steps: list[Step]


def publish(data: EditionData, folder: Path) -> list[Path]:
    """Write the page."""
    made = [page.add_page(folder, "quality", data, "quality", ("quality.js", "night.js")), *page.add_assets(folder)]
    return [*made, page.add_data(folder, "quality", payload(data))]


def payload(data: EditionData) -> Report:
    """What the page knows; the tables that need a look come first."""
    return Report(
        city=data.city,
        biz_date=data.biz_date,
        incomplete=data.incomplete,
        tables=tables(data),
        deliveries=sorted(
            data.deliveries, key=lambda each: (each["outcome"] != "refused", each["source"], each["file"])
        ),
        missing=data.missing,
        holds=sorted(data.holds, key=lambda each: (each["table"], each["day"], each["rule"])),
        steps=data.steps,
    )


def outcome(finding: Finding) -> Outcome:
    """A row rule that had no row to judge has not passed: an empty batch satisfies every rule."""
    if finding["success"] is None:
        return "not_run"
    if not finding["success"]:
        return "failed"
    return "empty" if finding["kind"] == "row" and not finding["evaluated"] else "passed"


def tables(data: EditionData) -> list[Table]:
    """Every table that was judged or is held, the worst verdict first."""
    rules: dict[str, list[Finding]] = defaultdict(list)
    for finding in data.quality:
        rules[finding["table"]].append(finding)
    held = {hold["table"] for hold in data.holds}
    found = [_table(name, rules.get(name, []), held) for name in sorted(rules.keys() | held)]
    return sorted(found, key=lambda table: VERDICTS.index(table["verdict"]))


def _table(name: str, rules: list[Finding], held: set[str]) -> Table:
    def urgency(finding: Finding) -> tuple[bool, bool, str]:
        return outcome(finding) != "failed", finding["severity"] != "critical", finding["rule"]

    ordered = sorted(rules, key=urgency)
    return Table(
        table=name,
        verdict="held" if name in held else _verdict(rules),
        days=sorted({day for finding in rules for day in finding["days"]}),
        rules=ordered,
        outcomes=[outcome(finding) for finding in ordered],
    )


def _verdict(rules: list[Finding]) -> Verdict:
    failed = [finding for finding in rules if outcome(finding) == "failed"]
    if any(finding["severity"] == "critical" for finding in failed):
        return "critical"
    if failed:
        return "warning"
    return "passed" if any(outcome(finding) == "passed" for finding in rules) else "unjudged"
