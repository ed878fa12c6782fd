"""What an edition shows: plain rows for the publishers, from the lake and the ledger."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, cast

from jobs import cataloguing, causes, placing, publish, said, work_days
from jobs.core import engine
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.landing import cut_off
from jobs.publish.reading import DAYS
from schemas import ELEMENTS, City, Indicator
from schemas.declared import Words

ACKNOWLEDGED = "silver.alert_acknowledgements"
ACKNOWLEDGEMENT = ("indicator", "about_place", "colour", "state", "department", "note")
Named = Mapping[tuple[str, str], Mapping[str, Any]]
COUNTED = """
    SELECT s.indicator, count(s.value) AS rows, any_value(h.first) AS first, max(s.edition) AS last,
        least(max(s.period_end) FILTER (s.value IS NOT NULL), DATE '{day}')::VARCHAR AS newest
    FROM said AS s JOIN (SELECT indicator, min(edition) AS first FROM history GROUP BY 1) AS h USING (indicator)
    GROUP BY 1"""


def gather(city: City, lake: Lake, ledger: Ledger, biz_date: date) -> publish.EditionData:
    """Everything the publishers show."""
    places = placing.load(city, lake)
    named: Named = {(row["level"], row["place_id"]): row for row in places.members.to_pylist()}
    previous = said.before(lake, biz_date)
    values, counted = _values(city, lake, named, biz_date)
    quality, holds = _quality(ledger, biz_date), _holds(city, ledger, biz_date)
    known = cataloguing.Night(biz_date, counted, quality, holds)
    return publish.EditionData(
        city={"id": city.id, "name": _words(city.file.name), "map_level": city.file.map_level},
        biz_date=biz_date.isoformat(),
        previous=previous.isoformat() if previous else None,
        elements=[{"id": key, "zh": zh, "en": en} for key, (zh, en) in ELEMENTS.items()],
        indicators={one.id: _about(city, one) for one in city.indicators.values()},
        places={level: _members(city, named, level) for level in ("city", city.file.map_level)},
        values=values,
        changes=_changes(city, lake, named, biz_date, previous),
        geometry=_geometry(named, city.file.map_level),
        deliveries=_deliveries(city, ledger, biz_date),
        holds=holds,
        quality=quality,
        steps=_steps(ledger, biz_date),
        alerting={"margin": city.file.alerts.margin, "lowers_after": city.file.alerts.lowers_after},
        acknowledgements=_acknowledgements(city, lake, biz_date),
        resources=cataloguing.resources(city, ledger, known),
    )


def place_name(city: City, named: Named, level: str, place: str) -> str:
    """A place's name in the city's own language; its id where it has none."""
    if level == "city":
        return city.file.name.zh
    return str((named.get((level, place)) or {}).get("name_zh") or place)


def _values(
    city: City, lake: Lake, named: Named, biz_date: date
) -> tuple[list[publish.Value], dict[str, Mapping[str, Any]]]:
    """Days of the last month, and this month and the one before, of the city and its map level.

    And of each indicator, how many values are known, the end of the newest, and the first and last edition to say any.
    """
    shown_from = biz_date - timedelta(days=DAYS - 1)
    month = (biz_date.replace(day=1) - timedelta(days=1)).replace(day=1)
    with said.by(lake, biz_date) as connection:
        rows = engine.table(
            connection,
            f"""SELECT * FROM said WHERE level IN ('city', {engine.literal(city.file.map_level)})
            AND period_start <= DATE '{biz_date}' AND ((period_kind = 'day' AND period_end >= DATE '{shown_from}')
            OR (period_kind = 'month' AND period_end >= DATE '{month}')) ORDER BY {said.KEYS}""",
        ).to_pylist()
        counted = engine.table(connection, COUNTED.format(day=biz_date)).to_pylist()
    return [_shown(city, named, row) for row in rows], {row["indicator"]: row for row in counted}


def _shown(city: City, named: Named, row: Mapping[str, Any]) -> publish.Value:
    kept = {name: row[name] for name in publish.COLUMNS if name != "place_name"}
    reasons = row["reasons"].split("; ") if row["reasons"] else []
    kept |= {"reasons": reasons, "place_name": place_name(city, named, row["level"], row["place"])}
    return cast(publish.Value, kept)


def _changes(city: City, lake: Lake, named: Named, biz_date: date, previous: date | None) -> list[publish.Change]:
    """Values of periods already published that this edition says differently."""
    if previous is None:
        return []
    with said.by(lake, biz_date) as connection:
        rows = engine.table(
            connection,
            f"""WITH before AS (SELECT * FROM history WHERE edition <= '{previous}'
                QUALIFY row_number() OVER (PARTITION BY {said.KEYS} ORDER BY edition DESC) = 1)
            SELECT n.indicator, n.level, n.place, n.period_kind, n.period, n.unit, b.value AS before, n.value AS after,
                {causes.sql("b", "n")} AS cause
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


def _deliveries(city: City, ledger: Ledger, biz_date: date) -> list[publish.Delivery]:
    """Every attempt to deliver since the cut-off before, taken in or not; times are the city's."""
    before, after = (_instant(cut_off(city, biz_date - timedelta(days=back))) for back in (0, 1))
    rows = ledger.query(
        f"""SELECT d.source, d.delivery_id, d.file, d.sha256, d.size, d.delivered_at,
        CASE WHEN d.is_repeat THEN 'repeat' ELSE i.outcome END AS outcome, i.reason, i.records, i.malformed
        FROM deliveries AS d JOIN ingests AS i USING (delivery_id)
        WHERE (NOT d.is_repeat AND i.biz_date = DATE '{biz_date}')
        OR (d.is_repeat AND d.delivered_at < {before} AND d.delivered_at >= {after})
        ORDER BY d.source, d.file, d.delivered_at""",
        "deliveries",
        "ingests",
    )
    for row in rows:
        row["delivered_at"] = row["delivered_at"].astimezone(city.zone).strftime("%Y-%m-%d %H:%M")
    return cast(list[publish.Delivery], rows)


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
    with engine.connect(threads=1) as connection:
        connection.register("said", lake.arrow(ACKNOWLEDGED, ["acknowledged_date", *ACKNOWLEDGEMENT]))
        found = connection.sql(f"""
            SELECT indicator, about_place AS place, colour, day::VARCHAR AS day, state, department, note
            FROM (SELECT *, acknowledged_date::DATE AS day FROM said)
            WHERE day BETWEEN DATE '{first}' AND DATE '{biz_date}'
            ORDER BY day, list_position(['seen', 'acting', 'closed'], state), indicator, about_place, department""")
        rows = found.to_arrow_table()
    return cast(list[publish.Acknowledgement], rows.to_pylist())


def _about(city: City, one: Indicator) -> publish.Indicator:
    owner = city.departments.get(one.owner)
    return {
        "name": _words(one.name),
        "unit": one.unit,
        "element": one.element,
        "face": one.face,
        "direction": one.direction,
        "rounding": one.rounding,
        "question": _words(one.question),
        "does_not_say": _words(one.does_not_say),
        "owner": _words(owner) if owner else {"zh": one.owner, "en": one.owner},
        "target": one.target,
        "headline": one.headline,
        "levels": [
            {"colour": colour, "sense": limit.sense, "bound": float(limit.bound)}
            for colour, limit in city.file.alerts.of(one)
        ],
    }


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
