"""An edition of the invented city that holds everything a page must be able to show.

Final, provisional, stale, withheld and unknown values; days without a value; corrections with and without a number on
either side; taken, repeated and refused deliveries; a hold; rules that failed, passed, saw no row, did not run.
"""

import math
from datetime import timedelta

from jobs.publish import (
    Acknowledgement,
    Alerting,
    Change,
    Delivery,
    EditionData,
    Element,
    Feature,
    Finding,
    Hold,
    Indicator,
    Limit,
    Place,
    Step,
    Text,
    Value,
)
from tests.publish.invented_catalogue import resources
from tests.publish.invented_city import (
    CITY,
    CITY_ONLY,
    DAY,
    DISTRICTS,
    ELEMENTS,
    HOSTILE_FILE,
    KINDS,
    LEVELS,
    MONTHLY,
    PROVISIONAL,
    SOURCES,
    STALE,
    UNKNOWN,
    UNPLACED,
    WITHHELD,
)

PLACES = [CITY, *DISTRICTS, UNPLACED]
REASONS = {
    "final": [],
    "provisional": ["incomplete: 21 / 24 h"],
    "stale": ["not_delivered", "since 2031-03-07"],
    "withheld": ["held: some_rows"],
}


def edition() -> EditionData:
    """The invented edition of 2031-03-09; every call gives the same."""
    districts = {name: Place(name_zh=zh, name_en=en, parent=CITY) for name, (zh, en) in DISTRICTS.items()}
    return EditionData(
        city={"id": CITY, "name": {"zh": "青洲市", "en": "Qingzhou"}, "map_level": "district"},
        biz_date=DAY.isoformat(),
        previous=(DAY - timedelta(days=1)).isoformat(),
        elements=[Element(id=name, zh=zh, en=en) for name, (zh, en) in ELEMENTS.items()],
        indicators={name: _indicator(name) for name in KINDS},
        places={"city": {CITY: Place(name_zh="青洲市", name_en="Qingzhou", parent=None)}, "district": districts},
        values=[row for name in KINDS for row in _values(name)],
        changes=_changes(),
        geometry={"type": "FeatureCollection", "features": _features()},
        deliveries=_deliveries(),
        holds=[Hold(table="silver.power_outages", day="2031-03-09", rule="some_rows", why=Text(zh="中断", en="down"))],
        quality=_quality(),
        steps=[
            Step(step="bronze", table="bronze.metro_gates", seconds=1.25, outcome="done"),
            Step(step="silver", table="silver.power_outages", seconds=0.4, outcome="failed"),
            Step(step="edition", table=None, seconds=None, outcome="running"),
        ],
        alerting=Alerting(margin=0.05, lowers_after=2),
        acknowledgements=[_said("seen", "2031-03-05"), _said("acting", "2031-03-08")],
        resources=resources(),
    )


def _indicator(name: str) -> Indicator:
    kind = KINDS[name]
    return Indicator(
        name=Text(zh=kind.zh, en=kind.en),
        unit=kind.unit,
        element=name.split(".")[0],
        face="service",
        direction=kind.direction,
        rounding=kind.rounding,
        question=Text(zh=f"全市每日的{kind.zh}是多少？", en=f"How much is '{kind.en}' in the city on a day?"),
        does_not_say=Text(zh="不说明个别街道的情况。", en="Nothing about a single street."),
        owner=Text(zh="城市运行中心", en="City operations centre"),
        target=kind.target,
        headline=kind.headline,
        levels=[Limit(colour=colour, sense=sense, bound=bound) for colour, sense, bound in LEVELS.get(name, ())],
    )


def _said(state: str, day: str) -> Acknowledgement:
    return Acknowledgement(
        indicator="environment.pm25_daily_mean", place=CITY, colour="yellow", day=day, state=state,
        department="生态环境局 <b>", note="已通知各站",
    )  # fmt: skip


def _values(name: str) -> list[Value]:
    places = [CITY] if name == CITY_ONLY else PLACES
    if name == MONTHLY:
        planted = (("2031-02", 1.0, "final"), ("2031-03", 0.3, "provisional"))
        return [
            _row(name, place, ("month", month), KINDS[name].level * part, status)
            for place in places
            for month, part, status in planted
        ]
    return [_day(name, place, ago) for place in places for ago in range(30, -1, -1)]


def _day(name: str, place: str, ago: int) -> Value:
    level, part, phase = KINDS[name].level, PLACES.index(place), list(KINDS).index(name)
    share = 1.0 if part == 0 else 1 + 0.11 * (part - 3)
    if level > 1000:
        share = (1.0, 0.31, 0.27, 0.22, 0.19, 0.01)[part]
    waves = 1 + 0.08 * math.sin(ago * (0.9 - phase / 30) + part) + 0.03 * math.cos(ago * 2.3 + phase)
    value: float | None = level * share * waves
    if (name == UNKNOWN and ago < 2) or (ago == 11 and part in (0, 2)):
        value = None
    status = "provisional" if value is None or (ago < 2 and (name in PROVISIONAL or part == 4)) else "final"
    if ago == 0 and name == STALE:
        value, status = _day(name, place, 1)["value"], "stale"
    if ago == 0 and name == WITHHELD:
        value, status = None, "withheld"
    return _row(name, place, ("day", (DAY - timedelta(days=ago)).isoformat()), value, status)


def _row(name: str, place: str, when: tuple[str, str], value: float | None, status: str) -> Value:
    full = status == "final"
    wide = 0.0 if full or value is None else abs(value) * 0.04
    return Value(
        indicator=name,
        place=place,
        place_name=DISTRICTS[place][0] if place in DISTRICTS else "青洲市" if place == CITY else None,
        level="city" if place == CITY else "district",
        period_kind=when[0],
        period=when[1],
        segment=None,
        value=value,
        unit=KINDS[name].unit,
        coverage=1.0 if full else 0.0 if value is None else 0.9963,
        low=None if value is None else value - wide,
        high=None if value is None else value + wide,
        grade="A" if full else None if value is None else "C",
        status=status,
        reasons=REASONS[status],
        n_records=0 if value is None else 1442,
        definition_version="2030-01-01",
        edition=DAY.isoformat(),
    )


def _change(indicator: str, place: str, period: str, sides: tuple[float | None, float | None], cause: str) -> Change:
    return Change(indicator=indicator, place=place, period=period, before=sides[0], after=sides[1], cause=cause)


def _changes() -> list[Change]:
    late = [
        _change("transport.taxi_trips", place, f"2031-03-0{day}", (4000.0 + day, 4100.0 + 3 * day), "late_data")
        for place in (CITY, *DISTRICTS)
        for day in range(2, 9)
    ]
    filed = _change("water.pressure_compliance", CITY, "2031-03-06", (None, 99.02), "")
    filed["cause"] = Text(zh="泵站补报", en="pumping stations filed late")
    return [
        *late,
        _change("medical.bed_occupancy", "d03", "2031-03-05", (91.25, 78.5), "correction"),
        filed,
        _change("environment.aqi_cn", "d02", "2031-03-04", (55.0, None), "<i>withdrawn</i>"),
    ]


def _features() -> list[Feature]:
    """Four districts that share borders vertex by vertex, one with an island, and one place without a polygon."""
    side = 0.2
    corners = {"d01": (118.0, 31.2), "d02": (118.2, 31.2), "d03": (118.0, 31.0), "d04": (118.2, 31.0)}
    steps = ((0, 0), (0.5, 0.1), (1, 0), (1, 1), (0.5, 1.1), (0, 1), (0, 0))
    features = []
    for name, (left, low) in corners.items():
        geometry: dict[str, object] = {"type": "Polygon", "coordinates": [_ring(left, low, side, steps)]}
        if name == "d04":
            island = _ring(left + 0.22, low, 0.03, ((0, 0), (1, 0), (1, 1), (0, 0)))
            geometry = {"type": "MultiPolygon", "coordinates": [geometry["coordinates"], [island]]}
        zh, en = DISTRICTS[name]
        features.append(
            Feature(type="Feature", properties={"id": name, "name_zh": zh, "name_en": en}, geometry=geometry)
        )
    return [*features, Feature(type="Feature", properties={"id": "d09"}, geometry=None)]


def _ring(left: float, low: float, side: float, steps: tuple[tuple[float, float], ...]) -> list[list[float]]:
    return [[left + side * x, low + side * y] for x, y in steps]


def _delivery(source: str, number: int, outcome: str) -> Delivery:
    return Delivery(
        source=source,
        delivery_id=f"{source}-{number:04d}",
        file=f"{source}/2031-03-09/{source}_20310309.csv",
        sha256=f"{number:064x}",
        size=1_250_000 * (number + 1),
        delivered_at="2031-03-10T02:14:05+08:00",
        outcome=outcome,
        reason=None,
        records=50_000 + number,
        malformed=3 if number == 1 else 0,
    )


def _deliveries() -> list[Delivery]:
    refused = _delivery("power_outages", 77, "refused")
    refused |= {"file": HOSTILE_FILE, "records": None, "malformed": None}
    refused["reason"] = "not UTF-8: byte 0xB3 at position 118; expected encoding utf-8"
    taken = [_delivery(source, number, "ingested") for number, source in enumerate(SOURCES)]
    return [*taken, refused, _delivery("bus_gps", 99, "repeat")]


def _finding(table: str, rule: str, kind: str, success: bool | None) -> Finding:
    why = {
        "row": Text(zh="超出物理上可能的范围 <b>", en="outside what is physically possible <b>"),
        "set": Text(zh="整日无记录说明报送中断", en="a day without records means the reporting broke down"),
    }
    return Finding(
        table=f"silver.{table}",
        days=["2031-03-07", "2031-03-08", "2031-03-09"],
        rule=rule,
        kind=kind,
        severity="critical" if kind == "set" else "warning",
        action="void" if kind == "row" else None,
        success=success,
        evaluated=50_000 if kind == "row" else None,
        failed=(0 if success else 37) if kind == "row" else None,
        observed=None if kind == "row" or success is None else "0.41 < 0.8",
        why=why[kind],
    )


def _quality() -> list[Finding]:
    no_rows = _finding("power_outages", "duration_positive", "row", True)
    no_rows["evaluated"] = 0
    return [
        _finding("taxi_trips", "distance_plausible", "row", False),
        _finding("taxi_trips", "type:pickup", "row", True),
        _finding("taxi_trips", "some_rows", "set", True),
        _finding("air_quality", "concentration_range", "row", True),
        no_rows,
        _finding("power_outages", "some_rows", "set", False),
        _finding("road_speeds", "sensors_reconcile", "set", False),
        _finding("water_pressure", "some_rows", "set", None),
    ]
