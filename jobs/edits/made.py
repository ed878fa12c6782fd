"""The values that a city's declarations give, of every period up to the night of an edition.

Formulas, grades and segments need the terms that are there. Where terms have to be made again they are, from silver;
where records have to be judged again, all that a migration and the night after it do is done, in a scratch lake.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from jobs import fused, indicators, migrating, plan, quality, release, silver
from jobs.core import engine, work
from jobs.core.lake import Lake, arrow_schema
from jobs.core.ledger import Ledger
from jobs.edits.compared import Reach
from jobs.edits.scratch import scratch
from jobs.needs import closure
from jobs.placing import PLACES
from jobs.vintages import VALUES
from schemas import City

SMALL = 200_000_000
"""Bytes of silver whose terms this process makes sooner than a session starts."""


def values(city: City, lake: Lake, night: date, reach: Reach, period: tuple[date, date] | None,
           session: work.Session) -> pa.Table:  # fmt: skip
    """Rows of `indicators.values` for the indicators that edits reach, as the edition of a night would say them.

    Of a `period` (its first and last day) only what begins in it, as far as that can be made by itself. `session` is
    started where much has to be read.
    """
    with ExitStack() as stack:
        known = night
        if reach.scanned:
            lake = stack.enter_context(scratch(lake))
            known = _judged(session, city, lake, night, reach) if reach.judged else night
            _terms(session, city, lake, known, reach)
        return _said(city, lake, night, known, reach, period)


def _judged(session: work.Session, city: City, lake: Lake, night: date, reach: Reach) -> date:
    """Make tables again from landing, as a migration does and the next night, to which nothing is delivered."""
    for key in sorted(reach.judged, key=lambda key: (key != PLACES, key)):
        migrating.migrate(session, city, lake, key)
    following = night + timedelta(days=1)
    silver.run(session, city, lake, following)
    quality.run(session, city, lake, following)
    return following


def _terms(session: work.Session, city: City, lake: Lake, night: date, reach: Reach) -> None:
    """Make the terms of tables again: on every day they have, and on those that the night would make."""
    found = {key: lake.files(key, "_day", _days(lake, key)) for key in sorted(reach.scanned)}
    size = sum(file["size_bytes"] for files in found.values() for file in files)
    wanted = {key: {file["partition._day"] for file in files} for key, files in found.items()}
    for key, listed in fused.changed_days(city, lake, Ledger(lake), night).items() if reach.judged else ():
        wanted.setdefault(key, set()).update(listed)
    days_of = {key: sorted({*one, *fused.following(one)}) for key, one in wanted.items() if one}
    fused.terms_of(session if reach.judged or size > SMALL else work.here, city, lake, night, days_of)


def _days(lake: Lake, key: str) -> list[str]:
    return [str(part["_day"]) for part in lake.delta(key).partitions()] if lake.exists(key) else []


def _said(city: City, lake: Lake, night: date, known: date, reach: Reach, period: tuple[date, date] | None) -> pa.Table:
    """`known` is the night up to which the ledger is believed, `night` the one whose edition speaks."""
    ledger = Ledger(lake)
    wanted = {*reach.indicators, *(_beside(city, reach.indicators) if city.file.release else ())}
    needs = closure(city, {key: _in(city, key, kinds, period) for key, kinds in
                           plan.everything(city, ledger, night).items() if key in wanted})  # fmt: skip
    if not needs:
        return arrow_schema(VALUES).empty_table()
    with engine.connect(threads=2, memory="2GB") as connection:
        indicators.prepare(connection, city, lake, ledger, known, needs)
        found = indicators.said(connection, city, lake, ledger, night, needs)
    return found.filter(pc.field("indicator").isin(sorted(reach.indicators)))


def _beside(city: City, ids: frozenset[str]) -> set[str]:
    """Whose values are withheld where those of others are that they use: they have to be looked at too."""
    found, new = set[str](), set(ids) & release.indicators(city)
    while new:
        found |= new
        looks = {look.table for key in new for one in city.indicators[key].versions for look in one.looks}
        new = looks - found
    return found


def _in(
    city: City, key: str, kinds: Mapping[str, set[date]], period: tuple[date, date] | None
) -> Mapping[str, set[date]]:
    """The periods that begin within some days; of what rests on its own past, and of few people, all."""
    if period is None or city.indicators[key].looks_at_itself or city.file.release:
        return kinds
    return {kind: {start for start in starts if period[0] <= start <= period[1]} for kind, starts in kinds.items()}
