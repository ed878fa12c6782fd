"""The night in plain words, from templates alone: which sentences are true tonight, and what fills their gaps.

A sentence names a label of the pages, `say`, and what stands in its braces. A number is one of three things: the value
of an indicator at a place and period (its link is that value's own page), a comparison of two such values (it links
to where both stand), or a count (it links to what was counted). The page puts the words together in both languages.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypedDict

from jobs.publish import EditionData, Value
from jobs.publish.alerts import Alert
from jobs.publish.lines import Json
from jobs.publish.reading import Book, Reading

MOST_ALERTS, MOST_MOVED, MOST_NAMED = 5, 3, 5
POOR = ("C", "D")


class Move(TypedDict):
    """A change of a value of the whole city, and what speaks against it.

    `than` is `week` (the same day last week) or, where that has no value, `before` (the day before). `doubts` are
    codes: `overlap` when both ranges have a number in common, so that nothing need have changed; `definition` when the
    two were made by different versions; `provisional`; `grade`.
    """

    indicator: str
    period: str
    than: str
    then: str
    value: float
    earlier: float
    change: float
    relative: float
    verdict: str | None
    doubts: list[str]


def moves(book: Book, found: Sequence[Reading]) -> list[Move]:
    """What changed most in the whole city, in shares of what it was: first what cannot be for want of data.

    Of daily indicators: a month that still runs is no smaller than the last, only younger.
    """
    made = [move for reading in found if reading["kind"] == "day" and (move := _move(book, reading)) is not None]
    return sorted(made, key=lambda each: ("overlap" in each["doubts"], -abs(each["relative"]), each["indicator"]))


def _move(book: Book, reading: Reading) -> Move | None:
    record = reading["record"]
    if record is None or record["value"] is None:
        return None
    rows = book.rows(reading["indicator"], book.data.city["id"], reading["kind"])
    for name, than in (("week", reading["week"]), ("before", reading["before"])):
        if than is not None and than["value"] is not None and than["change"] and than["relative"] is not None:
            return Move(
                indicator=reading["indicator"],
                period=reading["period"],
                than=name,
                then=than["period"],
                value=record["value"],
                earlier=than["value"],
                change=than["change"],
                relative=than["relative"],
                verdict=than["verdict"],
                doubts=_doubts(record, rows[than["period"]]),
            )
    return None


def _doubts(now: Value, then: Value) -> list[str]:
    (low, high), (earlier_low, earlier_high) = _range(now), _range(then)
    said = {
        "overlap": low <= earlier_high and earlier_low <= high,
        "definition": now["definition_version"] != then["definition_version"],
        "provisional": "provisional" in (now["status"], then["status"]),
        "grade": now["grade"] in POOR or then["grade"] in POOR,
    }
    return [code for code, is_so in said.items() if is_so]


def _range(row: Value) -> tuple[Decimal, Decimal]:
    known = [Decimal(repr(one)) for one in (row["low"], row["high"], row["value"]) if one is not None]
    return min(known), max(known)


def sentences(data: EditionData, read: Sequence[Reading], found: Sequence[Alert], moved: Sequence[Move]) -> list[Json]:
    """The summary of the night."""
    city = data.city["id"]
    return [
        *_states(read),
        *_alerts(data, found),
        *(_moved(move, city) for move in [each for each in moved if "overlap" not in each["doubts"]][:MOST_MOVED]),
        *_absent(read, city),
        *_corrections(data),
        *_night(data),
    ]


def _say(key: str, **fill: Any) -> Json:
    return {"say": f"summary.{key}", "fill": fill}


def _count(number: int, to: str) -> Json:
    return {"count": number, "to": to}


def _states(read: Sequence[Reading]) -> list[Json]:
    counts = Counter(each["state"] for each in read)
    measured, stands_in = counts["final"] + counts["provisional"], counts["stale"]
    return [
        _say(
            "states",
            n=_count(len(read), "#elements"),
            measured=_count(measured, "#elements"),
            stale=_count(stands_in, "#absent"),
            withheld=_count(counts["withheld"], "#absent"),
            unknown=_count(counts["unknown"], "#elements"),
        )
    ]


def _alerts(data: EditionData, found: Sequence[Alert]) -> list[Json]:
    watched = sum(bool(indicator["levels"]) for indicator in data.indicators.values())
    if not watched:
        return [_say("no_thresholds")]
    standing = [each for each in found if each["colour"]]
    said = [_alert(each) for each in standing[:MOST_ALERTS]]
    if not standing:
        said = [_say("no_alert", n=_count(watched, "#alerts"))]
    if len(standing) > len(said):
        said.append(_say("more_alerts", n=_count(len(standing), "#alerts")))
    possible = sum(each["possible"] is not None for each in found)
    return said + ([_say("possible", n=_count(possible, "#alerts"))] if possible else [])


def _alert(each: Alert) -> Json:
    cell = {"indicator": each["indicator"], "place": each["place"], "period": each["measured"]}
    done = each["acknowledged"]
    return _say(
        f"alert_{each['basis']}",
        indicator=cell,
        place={"place": each["place"]},
        colour={"code": f"colour.{each['colour']}"},
        value=cell | {"value": each["value"]},
        since={"text": each["since"]},
        owner={"text": each["owner"]},
        state={"code": f"acknowledged.{done['state']}" if done else "acknowledged.none"},
    )


def _moved(move: Move, city: str) -> Json:
    cell = {"indicator": move["indicator"], "place": city, "period": move["period"]}
    return _say(
        f"moved_{move['than']}",
        indicator=cell,
        value=cell | {"value": move["value"]},
        earlier=cell | {"period": move["then"], "value": move["earlier"]},
        relative=cell | {"share": move["relative"]},
    )


def _absent(read: Sequence[Reading], city: str) -> list[Json]:
    said = []
    for state in ("stale", "withheld"):
        names = [each for each in read if each["state"] == state]
        listed = [{"indicator": each["indicator"], "place": city, "period": each["period"]} for each in names]
        if listed:
            key = state if len(listed) <= MOST_NAMED else f"{state}_more"
            said.append(_say(key, names={"list": listed[:MOST_NAMED]}, n=_count(len(listed), "#absent")))
    return said


def _corrections(data: EditionData) -> list[Json]:
    if data.previous is None:
        return [_say("first")]
    if not data.changes:
        return [_say("no_corrections", day={"text": data.previous})]
    return [_say("corrections", n=_count(len(data.changes), "#changes"), day={"text": data.previous})]


def _night(data: EditionData) -> list[Json]:
    refused = len(data.refused)
    said = [_say("deliveries", n=_count(len(data.deliveries), "quality.html#deliveries"))]
    if refused:
        said.append(_say("refused", n=_count(refused, "quality.html#deliveries")))
    if data.missing:
        many, last = _count(len(data.missing), "quality.html#overdue"), data.missing[0]["last"]
        said.append(_say("missing", n=many, since={"text": last}) if last else _say("missing_ever", n=many))
    if data.holds:
        said.append(_say("holds", n=_count(len(data.holds), "quality.html#holds")))
    return said
