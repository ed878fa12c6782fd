"""What a night computes: the periods of each indicator whose values may have changed, and no others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from jobs import definitions, grid, members, missing, terms, touched, work_days
from jobs.core.ledger import Ledger
from jobs.mapping import REGISTER, UNDATED
from jobs.needs import over_days
from jobs.periods import bounds, following, span
from schemas import City, Indicator, Term

Starts = set[date]
Plan = dict[str, dict[str, Starts]]
"""Indicator to kind of period to the first days of the periods to compute."""
MARGIN_DAYS = 2


@dataclass(frozen=True)
class Known:
    """What the ledger knows when the night is planned."""

    changed: Mapping[str, Iterable[str]]
    redated: Mapping[str, Iterable[str]]
    delivered: Mapping[str, set[str]]
    backlog: Mapping[str, Iterable[str]]
    biz_date: date


def affected(city: City, ledger: Ledger, biz_date: date) -> Plan:
    """Periods of touched days, of what looks back on them, of changed definitions, and those that still age.

    Every day from the city's first on has its say, delivered or not: those since the last night are new. Where the
    register has other places, or puts them elsewhere, all are: each day has a say of every place.
    """
    if members.is_regrouped(members.changes(ledger, biz_date)):
        return everything(city, ledger, biz_date)
    backlog = {one.indicator: one.now for one in definitions.backlogs(city, ledger, biz_date)}
    changed, delivered = touched.days(city, ledger, biz_date), grid.delivered_days(city, ledger)
    new = max(city.file.first_day, work_days.last_done(ledger, biz_date) + timedelta(days=1))
    redated = _redated(ledger, work_days.since(ledger, biz_date))
    return _planned(city, Known(changed, redated, delivered, backlog, biz_date), new)


def everything(city: City, ledger: Ledger, biz_date: date) -> Plan:
    """What a night would compute that is a lake's first: the periods of every day, delivered or not."""
    changed: dict[str, set[str]] = {}
    for row in ledger.rows("delivery_dates"):
        changed.setdefault(row["table"], set()).add(row["day"])
    known = Known(changed, _redated(ledger, "true"), grid.delivered_days(city, ledger), {}, biz_date)
    return _planned(city, known, city.file.first_day)


def _planned(city: City, known: Known, new: date) -> Plan:
    """`new` is the first day of which no night has said anything yet."""
    moved: dict[tuple[str, str], Starts] = {}
    out: Plan = {}
    delivered, biz_date, asked = known.delivered, known.biz_date, _asked(city)
    for one in city.indicators.values():
        keys = definitions.tables(city, one)
        kinds = dict.fromkeys(("day", *one.periods, *asked.get(one.id, ())))
        own = _own_days(city, one, known)
        last = max([biz_date, *(date.fromisoformat(max(delivered[key])) for key in keys if delivered[key])])
        for kind in kinds:
            moved[one.id, kind] = _onwards(one, kind, _moved(one, kind, own, moved), last)
        if not any(delivered[key] or city.tables[key].kind == "register" or _is_daily(city, key) for key in keys):
            continue
        ageing = span(min(new, biz_date - timedelta(days=one.final_after + MARGIN_DAYS)), biz_date)
        out[one.id] = {
            kind: {start for start in moved[one.id, kind] | {bounds(kind, day)[0] for day in ageing} if start <= last}
            for kind in one.periods
        }
    return out


def _redated(ledger: Ledger, nights: str) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for row in ledger.rows("redated", nights):
        out.setdefault(row["table"], []).append(row["day"])
    return out


def _is_daily(city: City, key: str) -> bool:
    return any(source.arrives.every in ("hour", "day") for source in city.feeding(key))


def _asked(city: City) -> dict[str, dict[str, None]]:
    """The kinds of period in which others use an indicator, though it may not be published for them."""
    out: dict[str, dict[str, None]] = {}
    for other in city.indicators.values():
        for look in (look for version in other.versions for look in version.looks):
            out.setdefault(look.table, {}).update(dict.fromkeys(other.periods))
    return out


def _own_days(city: City, one: Indicator, known: Known) -> set[date]:
    """The days on which an indicator's own terms may have changed."""
    days: set[str] = set(known.backlog.get(one.id, ()))
    keys = {key for version in one.versions for key in version.tables}
    for key in keys | {city.registered[key].table for key in keys & city.registered.keys()}:
        days |= _reached(city, one, key, known)
    days |= {day for day in known.changed.get(missing.CONTROL, ()) if day[0] != "_"}
    return {date.fromisoformat(day) for day in days}


def _reached(city: City, one: Indicator, key: str, known: Known) -> set[str]:
    """Changed days of a table, and later days that look back on them: delivered ones by who should report on them,
    any through a window that trails."""
    table = city.tables[key]
    used = [term for version in one.versions for term in version.terms.values() if term.table == key]
    lasts = any(term.kind == "time_share" for term in used)
    back = max(table.reporters.known_for if table.reporters else 1, 2 if lasts else 1)
    days = set(known.changed.get(key, ()))
    if any(terms.aggregate(term, table).at for term in used):
        days |= set(known.redated.get(key, ()))
    out = {day for day in days if day not in (UNDATED, REGISTER)}
    out |= {day for first in out for day in _days(first, back) if day in known.delivered[key]}
    if REGISTER in days:
        others = [known.delivered[k] for k in one.tables if city.tables[k].kind != "register"]
        first, last = city.file.first_day, known.biz_date
        out |= set().union(*others) if others else {each.isoformat() for each in span(first, last)}
    trailing = max((version.trailing.days for version in one.versions if version.trailing), default=1)
    return {day for first in out for day in _days(first, trailing)}


def _days(first: str, count: int) -> list[str]:
    start = date.fromisoformat(first)
    return [each.isoformat() for each in span(start, start + timedelta(days=count - 1))]


def _moved(one: Indicator, kind: str, own: set[date], moved: Mapping[tuple[str, str], Starts]) -> Starts:
    """The periods of a kind whose values may have changed: by own terms, and through other indicators."""
    out = {bounds(kind, day)[0] for day in own}
    if over_days(one):
        out |= {bounds(kind, day)[0] for day in moved.get((one.id, "day"), ())}
    for version in one.versions:
        for look in version.looks:
            if look.table != one.id:
                out |= _through(look, kind, moved)
    return out


def _onwards(one: Indicator, kind: str, starts: Starts, last: date) -> Starts:
    """With every period, to the last day, that looks back at these through the indicator itself."""
    whens = {look.when for version in one.versions for look in version.looks if look.table == one.id}
    out, new = set(starts), set(starts)
    while new:
        later = {start for one_ in new for when in whens for start in following(kind, one_, when) if start <= last}
        new = later - out
        out |= new
    return out


def _through(term: Term, kind: str, moved: Mapping[tuple[str, str], Starts]) -> Starts:
    """The periods that see a change of another indicator through a term."""
    if not term.trailing:
        there = moved.get((term.table, kind), set())
        return {later for start in there for later in following(kind, start, term.when)}
    out = set()
    for day in moved.get((term.table, "day"), ()):
        last = day + timedelta(days=term.trailing.days - 1)
        out |= {first for first, end in (bounds(kind, each) for each in span(day, last)) if day <= end <= last}
    return out
