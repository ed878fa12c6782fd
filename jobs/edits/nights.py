"""What the coming nights make of edited declarations, in words; not everything that is merged reaches the past."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from jobs import contracts, definitions
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.definitions import Backlog
from jobs.edits.compared import Edit
from schemas import City

SAYS = {
    "gone": "nights say nothing of it any more; what was published stays in the lake",
    "now and then": "nights apply it to the periods that they make again; others stay as they are",
    "landing": "files that land from now on; what has landed stays as it is, and no published value changes",
    "days to come": "the nights to come, and what they touch; no published value changes by itself",
    "words": "no published value changes",
}


def lines(before: City, now: City, lake: Lake, night: date, found: Sequence[Edit]) -> Iterator[str]:
    """A line for each edit, words together, and one for each reason for which the night would refuse tables."""
    ledger = Ledger(lake)
    backlogs = {one.indicator: one for one in definitions.backlogs(now, ledger, night + timedelta(days=1))}
    for one in found:
        if one.kind != "words":
            yield f"{one.what}{_keys(one)}: {_then(before, now, one, backlogs)}"
    words = [one for one in found if one.kind == "words"]
    if words:
        named = ", ".join(f"{one.what}{_keys(one)}" for one in words[:3])
        more = f" and {len(words) - 3} more" if words[3:] else ""
        yield f"{named}{more}: {SAYS['words']}"
    refused: dict[str, list[str]] = {}
    for change in contracts.changes(now, lake, ledger):
        if change.refused:
            refused.setdefault("; ".join(change.refused), []).append(change.table)
    for why, keys in refused.items():
        more = f" and {len(keys) - 3} more" if keys[3:] else ""
        how = _migrate(now, keys[0]) if len(keys) == 1 else f"`citypulse migrate --city {now.id} --apply`"
        yield (
            f"{', '.join(keys[:3])}{more}: the next night is refused, because {why}; put it back, or run {how} "
            "before it"
        )


def unsure(before: City, ledger: Ledger, ids: Sequence[str]) -> frozenset[str]:
    """Of some indicators, those that the lake does not have by these declarations, on every day."""
    rows = ledger.query(
        "SELECT * FROM definitions QUALIFY row_number() OVER (PARTITION BY indicator ORDER BY biz_date DESC) = 1",
        "definitions",
    )
    known = {row["indicator"]: row for row in rows}
    return frozenset(id_ for id_ in ids if id_ in before.indicators and not _has(before, known.get(id_), id_))


def _has(city: City, row: Mapping[str, object] | None, id_: str) -> bool:
    same = row is not None and row["digest"] == definitions.digest(city, city.indicators[id_])
    return same and row is not None and row["pending_until"] is None


def _then(before: City, now: City, one: Edit, backlogs: Mapping[str, Backlog]) -> str:
    if one.kind == "judged again":
        how = ", ".join(_migrate(now, key) for key in sorted(one.tables & now.tables.keys()))
        return (
            "nights apply it to what is delivered from now on; what came before is judged again, as it is here, by "
            f"{how or 'nothing'}"
        )
    if one.kind == "gone" and one.tables:
        how = ", ".join(_migrate(now, key) for key in sorted(one.tables & now.tables.keys()))
        return f"its records go with the days that nights make again, or at once by {how}" if how else SAYS["gone"]
    if one.kind == "new" and one.what.startswith("source "):
        return "nothing of it has landed yet"
    if one.kind not in ("new", "definition"):
        return SAYS[one.kind]
    if not one.indicators:
        return "a part of the definitions that it matters to"
    (id_,) = one.indicators
    return _backlog(backlogs.get(id_)) + _version(before, now, id_)


def _backlog(backlog: Backlog | None) -> str:
    if backlog is None:
        return "the lake has it so already"
    nights = -(-len(backlog.later) // definitions.DAYS_A_NIGHT)
    later = f", {nights} more nights the {len(backlog.later)} before them, `pending` till then" if nights else ""
    return f"the next night makes {len(backlog.now)} days again{later}"


def _version(before: City, now: City, id_: str) -> str:
    """What is meant for the future may change the past."""
    old, new = before.indicators.get(id_), now.indicators[id_]
    if old is None or old == new:
        return ""
    if new.version in {one.version for one in old.versions}:
        return (
            f"; it is version {new.version} as before, so the past changes with it: a new effective_from, and what "
            "differed under earlier:, would keep that"
        )
    first = min(one.effective_from for one in old.versions)
    if min(one.effective_from for one in new.versions) > first:
        return f"; nothing is under earlier: for periods since {first}, so nights say nothing of them any more"
    return ""


def _migrate(city: City, key: str) -> str:
    return f"`citypulse migrate --city {city.id} --table {key} --apply`"


def _keys(one: Edit) -> str:
    return f" ({', '.join(one.keys)})" if one.keys else ""
