"""What an edition shows: plain rows for the publishers, from the lake and the ledger."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, cast

import pyarrow.compute as pc

from jobs import (
    arrivals,
    awaited,
    breaks,
    cataloguing,
    causes,
    closing,
    placing,
    publish,
    said,
    vintages,
    work_days,
)
from jobs.core import engine
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.landing import cut_off
from jobs.publish.reading import DAYS
from schemas import ELEMENTS, City, Indicator, Source, classification
from schemas.declared import Words

ACKNOWLEDGED = "silver.alert_acknowledgements"
ACKNOWLEDGEMENT = ("indicator", "about_place", "colour", "state", "department", "note")
Named = Mapping[tuple[str, str], Mapping[str, Any]]
COUNTED = """
    SELECT indicator, count(value) AS rows, max(edition) AS last,
        least(max(period_end) FILTER (value IS NOT NULL), DATE '{day}')::VARCHAR AS newest
    FROM newest GROUP BY 1"""


def gather(city: City, lake: Lake, ledger: Ledger, biz_date: date) -> publish.EditionData:
    """Everything the publishers show."""
    places = placing.load(city, lake)
    named: Named = {(row["level"], row["place_id"]): row for row in places.members.to_pylist()}
    previous = said.before(lake, biz_date)
    incomplete = awaited.incomplete(city, ledger, biz_date)
    values, counted = _values(city, lake, ledger, named, biz_date), _counted(lake, ledger, biz_date)
    quality, holds = _quality(ledger, biz_date), _holds(city, ledger, biz_date)
    known = cataloguing.Night(biz_date, counted, quality, holds)
    return publish.EditionData(
        city={"id": city.id, "name": _words(city.file.name), "map_level": city.file.map_level},
        biz_date=biz_date.isoformat(),
        previous=previous.isoformat() if previous else None,
        elements=[{"id": key, "zh": zh, "en": en} for key, (zh, en) in ELEMENTS.items()],
        indicators={one.id: about(city, one) for one in city.indicators.values()},
        places={level: _members(city, named, level) for level in ("city", city.file.map_level)},
        values=awaited.values(city, incomplete, biz_date, values),
        changes=_changes(city, lake, named, biz_date, previous),
        geometry=_geometry(named, city.file.map_level),
        deliveries=_deliveries(city, ledger, biz_date, previous),
        missing=[_missing(city, *one, biz_date) for one in arrivals.missing(city, ledger, biz_date)],
        holds=holds,
        quality=quality,
        steps=_steps(ledger, biz_date),
        alerting={"margin": city.file.alerts.margin, "lowers_after": city.file.alerts.lowers_after},
        acknowledgements=_acknowledgements(city, lake, biz_date),
        incomplete=incomplete,
        breaks=_breaks(city, lake, ledger, biz_date),
        resources=cataloguing.resources(city, ledger, known),
        sources={key: source(city, key) for key in city.sources},
    )


def place_name(city: City, named: Named, level: str, place: str) -> str:
    """A place's name in the city's own language; its id where it has none."""
    if level == "city":
        return city.file.name.zh
    return str((named.get((level, place)) or {}).get("name_zh") or place)


def _values(city: City, lake: Lake, ledger: Ledger, named: Named, biz_date: date) -> list[publish.Value]:
    """Days of the last month, and this month and the one before, of the city and its map level."""
    shown_from = biz_date - timedelta(days=DAYS - 1)
    month = (biz_date.replace(day=1) - timedelta(days=1)).replace(day=1)
    near = vintages.since({"day": shown_from, "month": month})
    near &= pc.field("level").isin(["city", city.file.map_level]) & (pc.field("period_start") <= biz_date)
    with engine.cursor(threads=2, memory="3GB") as connection:
        connection.register("newest", vintages.newest(lake, ledger, biz_date, near))
        rows = engine.table(
            connection,
            f"""SELECT * FROM newest WHERE (period_kind = 'day' AND period_end >= DATE '{shown_from}')
            OR (period_kind = 'month' AND period_end >= DATE '{month}') ORDER BY {said.KEYS}""",
        ).to_pylist()
    return [_shown(city, named, row) for row in rows]


def _counted(lake: Lake, ledger: Ledger, biz_date: date) -> dict[str, Mapping[str, Any]]:
    """Of each indicator how many values are known, the end of the newest, the first and last edition to say any."""
    with engine.cursor(threads=2) as connection:
        newest = vintages.newest(lake, ledger, biz_date, None, ("indicator", "value", "period_end", "edition"))
        connection.register("newest", newest)
        rows = engine.table(connection, COUNTED.format(day=biz_date)).to_pylist()
    firsts = vintages.firsts(lake, biz_date, [row["indicator"] for row in rows])
    return {row["indicator"]: row | {"first": firsts[row["indicator"]]} for row in rows}


def _shown(city: City, named: Named, row: Mapping[str, Any]) -> publish.Value:
    kept = {name: row[name] for name in publish.COLUMNS if name != "place_name"}
    reasons = row["reasons"].split("; ") if row["reasons"] else []
    kept |= {"reasons": reasons, "place_name": place_name(city, named, row["level"], row["place"])}
    return cast(publish.Value, kept)


def _changes(city: City, lake: Lake, named: Named, biz_date: date, previous: date | None) -> list[publish.Change]:
    """Values of periods already published that this edition says differently."""
    if previous is None:
        return []
    tonight = (pc.field("edition") == biz_date.isoformat()) & (pc.field("period_end") <= previous)
    new = lake.arrow_where("indicators.values", tonight, ["period_kind", "period_start"])
    firsts = new.group_by("period_kind").aggregate([("period_start", "min")]).to_pylist() if new is not None else []
    where = vintages.since({one["period_kind"]: one["period_start_min"] for one in firsts})
    with said.by(lake, biz_date, where) as connection:
        rows = engine.table(
            connection,
            f"""WITH before AS (SELECT * FROM history WHERE edition <= '{previous}'
                QUALIFY row_number() OVER (PARTITION BY {said.KEYS} ORDER BY edition DESC) = 1)
            SELECT n.indicator, n.level, n.place, n.period_kind, n.period, n.unit, b.value AS before, n.value AS after,
                {causes.sql("b", "n")} AS cause, {closing.revision("b", "n")} AS revision,
                CASE WHEN revision IS NULL THEN [] ELSE {closing.sources("n")} END AS sources
            FROM said AS n JOIN before AS b USING ({said.KEYS})
            WHERE n.edition = '{biz_date}' AND n.period_end <= DATE '{previous}' AND n.value IS DISTINCT FROM b.value
            ORDER BY n.indicator, n.period, n.level, n.place""",
        ).to_pylist()
    return [
        cast(publish.Change, row | {"place_name": place_name(city, named, row["level"], row["place"])}) for row in rows
    ]


def _holds(city: City, ledger: Ledger, biz_date: date) -> list[publish.Hold]:
    return [
        {"table": key, "day": day, "rule": rule, "why": _why(city, key, rule)}
        for (key, day), rule in sorted(work_days.held(ledger, biz_date).items())
    ]


def _deliveries(city: City, ledger: Ledger, biz_date: date, previous: date | None) -> list[publish.Delivery]:
    """Every attempt to deliver since the cut-off before, taken in or not; times are the city's."""
    late = f"d.after = DATE '{previous}'" if previous else "false"
    before, after = (_instant(cut_off(city, biz_date - timedelta(days=back))) for back in (0, 1))
    rows = ledger.query(
        f"""SELECT d.source, d.delivery_id, d.file, d.sha256, d.size, d.delivered_at,
        CASE WHEN d.is_repeat THEN 'repeat' ELSE i.outcome END AS outcome, i.reason, i.records, i.malformed
        FROM deliveries AS d JOIN ingests AS i USING (delivery_id)
        WHERE (NOT d.is_repeat AND i.biz_date = DATE '{biz_date}')
        OR (d.is_repeat AND (({late}) OR (d.after IS NULL AND d.delivered_at < {before} AND d.delivered_at >= {after})))
        ORDER BY d.source, d.file, d.delivered_at""",
        "deliveries",
        "ingests",
    )
    for row in rows:
        row["delivered_at"] = row["delivered_at"].astimezone(city.zone).strftime("%Y-%m-%d %H:%M")
    return cast(list[publish.Delivery], rows)


def _missing(city: City, source: Source, last: date, biz_date: date) -> publish.Missing:
    owner = city.departments.get(source.department)
    return {
        "source": source.name,
        "owner": _words(owner) if owner else {"zh": source.department, "en": source.department},
        "last": last.isoformat() if last >= city.file.first_day else None,
        "days": (biz_date - last).days,
    }


def _instant(moment: datetime) -> str:
    return f"TIMESTAMPTZ '{moment:%Y-%m-%d %H:%M:%S}+00'"


def _quality(ledger: Ledger, biz_date: date) -> list[publish.Finding]:
    found = []
    for row in ledger.rows("quality", f"biz_date = DATE '{biz_date}'", '"table", kind, rule'):
        why = {"zh": row.pop("why_zh"), "en": row.pop("why_en")}
        row.pop("biz_date")
        found.append(cast(publish.Finding, row | {"why": why, "days": row["days"].split(",")}))
    return found


def _steps(ledger: Ledger, biz_date: date) -> list[publish.Step]:
    """The night's steps without their times: pages of the same night are the same bytes."""
    rows = ledger.query(
        f"""SELECT step, "table", outcome, NULL::DOUBLE AS seconds FROM (
            SELECT * FROM steps WHERE biz_date = DATE '{biz_date}' AND "table" IS NOT NULL
            QUALIFY row_number() OVER (PARTITION BY step, "table" ORDER BY started_at DESC) = 1)
        WHERE outcome <> 'done' ORDER BY ALL""",
        "steps",
    )
    return cast(list[publish.Step], rows)


def _acknowledgements(city: City, lake: Lake, biz_date: date) -> list[publish.Acknowledgement]:
    """What departments had said of alerts by the night, of the days shown, oldest first: records like any other."""
    if ACKNOWLEDGED not in city.tables or not lake.exists(ACKNOWLEDGED):
        return []
    first = biz_date - timedelta(days=DAYS - 1)
    with engine.cursor(threads=1) as connection:
        connection.register("said", lake.arrow(ACKNOWLEDGED, ["acknowledged_date", *ACKNOWLEDGEMENT]))
        found = connection.sql(f"""
            SELECT indicator, about_place AS place, colour, day::VARCHAR AS day, state, department, note
            FROM (SELECT *, acknowledged_date::DATE AS day FROM said)
            WHERE day BETWEEN DATE '{first}' AND DATE '{biz_date}'
            ORDER BY day, list_position(['seen', 'acting', 'closed'], state), indicator, about_place, department""")
        rows = found.to_arrow_table()
    return cast(list[publish.Acknowledgement], rows.to_pylist())


def _breaks(city: City, lake: Lake, ledger: Ledger, biz_date: date) -> list[publish.Break]:
    """Breaks of the days and months shown, of the city and its map level."""
    first, levels = shown_from(biz_date), (None, "city", city.file.map_level)
    found = breaks.of(city, lake, ledger, biz_date)
    return [
        {"indicator": one.indicator, "place": one.place, "day": str(one.day), "kind": one.kind, "detail": one.detail}
        for one in found
        if first <= one.day <= biz_date and one.level in levels
    ]


def shown_from(biz_date: date) -> date:
    """The first day of what is shown: of the last month, and of the month before this one."""
    month = (biz_date.replace(day=1) - timedelta(days=1)).replace(day=1)
    return min(month, biz_date - timedelta(days=DAYS - 1))


def about(city: City, one: Indicator) -> publish.Indicator:
    """What readers are told of an indicator."""
    return {
        "name": _words(one.name),
        "unit": one.unit,
        "element": one.element,
        "face": one.face,
        "direction": one.direction,
        "rounding": one.rounding,
        "question": _words(one.question),
        "does_not_say": _words(one.does_not_say),
        "owner": _department(city, one.owner),
        "department": one.owner,
        "target": one.target,
        "headline": one.headline,
        "levels": [
            {"colour": colour, "sense": limit.sense, "bound": float(limit.bound)}
            for colour, limit in city.file.alerts.of(one)
        ],
        "version": one.version,
        "periods": list(one.periods),
        "sources": sorted({fed.name for table in _tables(city, one) for fed in city.feeding(table)}),
        "classification": classification.of_indicator(city, one).level,
    }


def source(city: City, key: str) -> publish.Source:
    """What readers are told of a source."""
    one = city.sources[key]
    return {
        "publisher": _words(one.publisher),
        "licence": one.licence,
        "owner": _department(city, one.department),
        "department": one.department,
        "description": _words(one.description),
        "every": one.arrives.every,
    }


def _tables(city: City, one: Indicator) -> set[str]:
    """The tables an indicator is made from, itself or through those that it uses."""
    used = {look.table for look in one.looks} - {one.id}
    return set(one.tables).union(*(_tables(city, city.indicators[key]) for key in used))


def _department(city: City, key: str) -> publish.Text:
    known = city.departments.get(key)
    return _words(known) if known else {"zh": key, "en": key}


def _members(city: City, named: Named, level: str) -> dict[str, publish.Place]:
    if level == "city":
        return {city.id: {"name_zh": city.file.name.zh, "name_en": city.file.name.en, "parent": None}}
    return {
        place: {"name_zh": row["name_zh"], "name_en": row["name_en"], "parent": row["parent_id"]}
        for (at, place), row in named.items()
        if at == level
    }


def _geometry(named: Named, level: str) -> publish.FeatureCollection:
    features: list[publish.Feature] = [
        {
            "type": "Feature",
            "geometry": json.loads(row["geometry"]),
            "properties": {"id": place, "name_zh": row["name_zh"], "name_en": row["name_en"]},
        }
        for (at, place), row in named.items()
        if at == level and row["geometry"]
    ]
    return {"type": "FeatureCollection", "features": features}


def _why(city: City, key: str, rule: str) -> str:
    declared = city.rules.get(key)
    found = [one for one in (declared.sets if declared else ()) if one.rule == rule]
    return found[0].why.zh if found else rule


def _words(words: Words) -> publish.Text:
    return {"zh": words.zh, "en": words.en}
