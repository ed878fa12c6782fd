"""What the first page is given, `data/city.js`: the city at a glance, and where everything else lies.

It does not grow with places × indicators: lists that could be long are cut here, and say how long they are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.publish import Change, EditionData, Text
from jobs.publish.alerts import Alert
from jobs.publish.lines import Json
from jobs.publish.payloads import Shown, elements, names, slim, states, status
from jobs.publish.reading import Book, Reading
from jobs.publish.summary import moves, sentences

MOST = {"alerts": 60, "changes": 20, "moved": 8, "absent": 60, "headlines": 80}
"""Entries of the first page's lists."""


def city(shown: Shown, packs: Mapping[str, int]) -> Json:
    """The first page; `packs` says in which file of `data/` each indicator is told in full."""
    book, found = shown.book, shown.alerts
    data, here = book.data, book.data.city["id"]
    owners = list({one["owner"]["zh"]: one["owner"] for one in data.indicators.values()}.values())
    read = shown.read(here)
    moved = moves(book, read)
    known, corrected = names(book), changes(data)
    numbers = {place: number for number, place in enumerate(book.places)}
    return {
        "city": data.city,
        "biz_date": data.biz_date,
        "previous": data.previous,
        "incomplete": data.incomplete,
        "days": book.axis("day"),
        "months": book.axis("month"),
        "elements": [_element(book, each["id"], read, found) | {**each} for each in elements(data)],
        "indicators": {name: _indicator(book, name, packs[name], owners) for name in book.order},
        "places": {place: {**known[place], "file": numbers[place]} for place in book.places},
        "owners": owners,
        "districts": [{"id": place} | _district(shown, place) for place in book.places[1:]],
        "headlines": [shown.full(each, here) for each in _headlines(data, read)][: MOST["headlines"]],
        "absent": [slim(each) for each in read if each["state"] in ("stale", "withheld")][: MOST["absent"]],
        "alerts": list(found[: MOST["alerts"]]),
        "moved": moved[: MOST["moved"]],
        "summary": sentences(data, read, found, moved),
        "changes": corrected[: MOST["changes"]],
        "counts": _counts(data, read, found, corrected),
    }


def changes(data: EditionData) -> list[Change]:
    """Corrections of the city first, then of its districts; the newest periods first."""
    levels = ("city", data.city["map_level"])
    shown = [each for each in data.changes if each.get("level", "city") in levels]
    recent = sorted(shown, key=lambda each: (each["period"], each["indicator"], each["place"]), reverse=True)
    return sorted(recent, key=lambda each: each["place"] != data.city["id"])


def _headlines(data: EditionData, read: Sequence[Reading]) -> list[Reading]:
    """The headline indicators; all of them in a city that names none."""
    chosen = [each for each in read if data.indicators[each["indicator"]]["headline"]]
    return chosen or list(read)


def _element(book: Book, element: str, read: Sequence[Reading], found: Sequence[Alert]) -> dict[str, Any]:
    mine = {name for name in book.order if book.data.indicators[name]["element"] == element}
    watched = sum(bool(book.data.indicators[name]["levels"]) for name in mine)
    told = [each for each in read if each["indicator"] in mine]
    return {"n": len(mine), "watched": watched} | status([each for each in found if each["indicator"] in mine], told)


def _district(shown: Shown, place: str) -> dict[str, Any]:
    told = [each for each in shown.read(place) if each["record"] is not None]
    return dict(status(shown.by_place[place], told))


def _indicator(book: Book, name: str, pack: int, owners: Sequence[Text]) -> Json:
    about = book.data.indicators[name]
    kind, period = book.current(name)
    shared: Json = {key: dict(about)[key] for key in ("name", "element", "unit", "rounding", "direction", "target")}
    shared["owner"] = owners.index(about["owner"])
    return shared | {"kind": kind, "period": period, "file": pack}


def _counts(data: EditionData, read: Sequence[Reading], found: Sequence[Alert], corrected: Sequence[Change]) -> Json:
    causes: dict[str, int] = {}
    for each in corrected:
        cause = each["cause"] if isinstance(each["cause"], str) else each["cause"]["zh"]
        causes[cause] = causes.get(cause, 0) + 1
    return {
        "states": states(read),
        "alerts": len(found),
        "changes": len(corrected),
        "changes_elsewhere": len(data.changes) - len(corrected),
        "causes": causes,
        "revisions": sum(bool(each.get("revision")) for each in corrected),
        "deliveries": len(data.deliveries),
        "refused": len(data.refused),
        "holds": len(data.holds),
        "headlines": len(_headlines(data, read)),
        "absent": sum(each["state"] in ("stale", "withheld") for each in read),
    }
