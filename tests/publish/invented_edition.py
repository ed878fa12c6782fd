"""An edition of an invented city, rich enough to show everything a page must show, and hostile in its names.

Four districts and what lies in none of them; fourteen elements, one of them silent; final, provisional, stale, withheld and unknown
values; corrections, refused deliveries, a hold, failed rules.
"""

import math
from datetime import date, timedelta

from jobs.publish import (
    Change,
    Delivery,
    EditionData,
    Element,
    Feature,
    Finding,
    Hold,
    Indicator,
    Place,
    Step,
    Text,
    Value,
)

DAY = date(2031, 3, 9)
CITY = "qingzhou"
HOSTILE = "东港</script><script>window.hacked=1</script>\"'&\u2028区"
HOSTILE_FILE = 'power/<img src=x onerror="window.hacked=1">.csv'
DISTRICTS = {
    "d01": ("北岸区", "North Bank"),
    "d02": (HOSTILE, HOSTILE),
    "d03": ("古城区", "Old Town"),
    "d04": ("南湖新区", None),
}
ELEMENTS = (
    ("transport", "交通", "Transport"), ("medical", "医疗", "Medical care"), ("environment", "环保", "Environment"),
    ("livelihood", "民生民意", "Citizens' voice"), ("population", "人口", "Population"), ("power", "电", "Power"),
    ("water", "水", "Water"), ("gas", "煤气", "Gas"), ("weather", "气象", "Weather"), ("facilities", "市政设施", "Facilities"),
    ("sanitation", "市容环卫", "Sanitation"), ("greenery", "绿化景观", "Greenery"), ("housing", "房地物业", "Housing"),
    ("flood", "防汛", "Flood control"),
)  # fmt: skip
# id: zh, en, unit, rounding, direction, headline, level of values, target
KINDS: dict[str, tuple[str, str, str, int | None, str, bool, float, float | None]] = {
    "transport.taxi_trips": ("出租车出行次数", "Taxi trips", "trip", 0, "neutral", True, 48211, None),
    "transport.road_speed_kmh": ("道路平均车速", "Road speed", "km/h", 1, "higher_better", True, 31.4, 30),
    "transport.transit_ridership": ("公共交通客运量", "Transit ridership", "boarding", 0, "higher_better", True, 1204551, None),
    "medical.bed_occupancy": ("病床使用率", "Hospital bed occupancy", "%", 1, "lower_better", True, 83.2, 85),
    "medical.ambulance_response_minutes": ("急救平均反应时间", "Ambulance response time", "min", 2, "lower_better", True, 8.4, 10),
    "medical.encounters": ("就诊人次", "Encounters", "encounter", 0, "neutral", False, 9310, None),
    "environment.pm25_daily_mean": ("PM2.5 日均浓度", "PM2.5 daily mean", "ug/m3", 1, "lower_better", True, 38.6, 35),
    "environment.aqi_cn": ("空气质量指数", "Air quality index", "1", 0, "lower_better", True, 71, None),
    "livelihood.hotline_cases_per_10k": ("每万人热线件数", "Hotline cases per 10,000 residents", "case", 2, "lower_better", True, 3.71, None),
    "population.residents": ("常住人口", "Residents", "person", 0, "neutral", True, 2310456, None),
    "power.customer_minutes_lost_per_resident": ("人均停电时间", "Outage minutes per resident", "min", 3, "lower_better", True, 0.412, None),
    "water.pressure_compliance": ("供水压力合格率", "Water pressure compliance", "%", 2, "higher_better", True, 99.31, 99),
    "weather.mean_temperature": ("平均气温", "Mean temperature", "degC", 1, "neutral", True, -1.4, None),
    "facilities.road_length_km": ("道路总长", "Road length", "km", None, "neutral", False, 1843.27, None),
    "sanitation.bins_overdue": ("逾期未清运<b>点位</b>", "Bins overdue </script>", "count", 0, "lower_better", True, 12, None),
    "greenery.trees_planted_per_month": ("月植树数", "Trees planted per month", "tree", 0, "higher_better", True, 3120, None),
    "housing.lifts_out_of_service": ("停用电梯数", "Lifts out of service", "count", 0, "lower_better", True, 0, None),
}  # fmt: skip
STALE, WITHHELD, UNKNOWN = (
    "medical.bed_occupancy",
    "power.customer_minutes_lost_per_resident",
    "water.pressure_compliance",
)
PROVISIONAL = ("transport.road_speed_kmh", "environment.pm25_daily_mean", "livelihood.hotline_cases_per_10k")
MONTHLY = "greenery.trees_planted_per_month"


def edition() -> EditionData:
    """The invented edition of 2031-03-09; every call gives the same."""
    return EditionData(
        city={"id": CITY, "name": {"zh": "青洲市", "en": "Qingzhou"}, "map_level": "district"},
        biz_date=DAY.isoformat(),
        previous=(DAY - timedelta(days=1)).isoformat(),
        elements=[Element(id=name, zh=zh, en=en) for name, zh, en in ELEMENTS],
        indicators={name: _indicator(name) for name in KINDS},
        places={
            "city": {CITY: Place(name_zh="青洲市", name_en="Qingzhou", parent=None)},
            "district": {name: Place(name_zh=zh, name_en=en, parent=CITY) for name, (zh, en) in DISTRICTS.items()},
        },
        values=[row for name in KINDS for row in _values(name)],
        changes=_changes(),
        geometry={"type": "FeatureCollection", "features": _features()},
        deliveries=_deliveries(),
        holds=[Hold(table="silver.power_outages", day="2031-03-09", rule="some_rows", why={"zh": "当日没有任何停电记录，报送系统曾中断", "en": "no outage at all on that day: the reporting system was down"})],
        quality=_quality(),
        steps=[Step(step="bronze", table="bronze.metro_gates", seconds=1.25, outcome="done"), Step(step="silver", table="silver.power_outages", seconds=0.4, outcome="failed"), Step(step="edition", table=None, seconds=None, outcome="running")],
    )  # fmt: skip


def _indicator(name: str) -> Indicator:
    zh, en, unit, rounding, direction, headline, _, target = KINDS[name]
    return Indicator(
        name=Text(zh=zh, en=en), unit=unit, element=name.split(".")[0], face="service", direction=direction, rounding=rounding,
        question=Text(zh=f"全市每日的{zh}是多少？", en=f"How much is '{en}' in the city on a day?"),
        does_not_say=Text(zh="不说明个别街道的情况。", en="Nothing about a single street."),
        owner=Text(zh="城市运行中心", en="City operations centre"), target=target, headline=headline,
    )  # fmt: skip


def _values(name: str) -> list[Value]:
    places = [(CITY, "city"), *((district, "district") for district in (*DISTRICTS, "unplaced"))]
    if name == "weather.mean_temperature":
        places = places[:1]
    if name == MONTHLY:
        return [_month(name, place, level, month) for place, level in places for month in ("2031-02", "2031-03")]
    return [_day(name, place, level, ago) for place, level in places for ago in range(30, -1, -1)]


def _month(name: str, place: str, level: str, month: str) -> Value:
    return _row(
        name,
        place,
        level,
        ("month", month),
        KINDS[name][6] * (1 if month < "2031-03" else 0.3),
        "provisional" if month == "2031-03" else "final",
    )


def _day(name: str, place: str, level: str, ago: int) -> Value:
    base, part = KINDS[name][6], list((CITY, *DISTRICTS, "unplaced")).index(place)
    share = 1.0 if part == 0 else (0.31, 0.27, 0.22, 0.19, 0.01)[part - 1] if base > 1000 else 1 + 0.11 * (part - 3)
    phase = list(KINDS).index(name)
    value: float | None = (
        base * share * (1 + 0.08 * math.sin(ago * (0.9 - phase / 30) + part) + 0.03 * math.cos(ago * 2.3 + phase))
    )
    if (name == UNKNOWN and ago < 2) or (ago == 11 and part in (0, 2)):
        value = None
    status = "provisional" if ago < 2 and (name in PROVISIONAL or value is None or part == 4) else "final"
    if ago == 0 and name == STALE:
        value, status = _day(name, place, level, 1)["value"], "stale"
    if ago == 0 and name == WITHHELD:
        value, status = None, "withheld"
    return _row(name, place, level, ("day", (DAY - timedelta(days=ago)).isoformat()), value, status)


REASONS = {
    "final": [],
    "provisional": ["incomplete: 21 / 24 h"],
    "stale": ["not_delivered", "since 2031-03-07"],
    "withheld": ["held: some_rows"],
}


def _row(name: str, place: str, level: str, when: tuple[str, str], value: float | None, status: str) -> Value:
    full, (kind, period) = status == "final", when
    zh = DISTRICTS[place][0] if place in DISTRICTS else "青洲市" if place == CITY else None
    wide = 0.0 if full or value is None else abs(value) * 0.04
    return Value(
        indicator=name, place=place, place_name=zh, level=level, period_kind=kind, period=period, segment=None, value=value,
        unit=KINDS[name][2], coverage=1.0 if full else 0.0 if value is None else 0.9963, low=None if value is None else value - wide,
        high=None if value is None else value + wide, grade="A" if full else None if value is None else "C", status=status,
        reasons=REASONS[status], n_records=0 if value is None else 1442, definition_version="2030-01-01", edition=DAY.isoformat(),
    )  # fmt: skip


def _changes() -> list[Change]:
    late = [
        Change(
            indicator="transport.taxi_trips",
            place=place,
            period=f"2031-03-0{day}",
            before=4000.0 + day,
            after=4100.0 + 3 * day,
            cause="late_data",
        )
        for place in (CITY, *DISTRICTS)
        for day in range(2, 9)
    ]
    return [
        *late,
        Change(indicator="medical.bed_occupancy", place="d03", period="2031-03-05", before=91.25, after=78.5, cause="correction"),
        Change(indicator="water.pressure_compliance", place=CITY, period="2031-03-06", before=None, after=99.02, cause={"zh": "泵站补报", "en": "pumping stations filed late"}),
        Change(indicator="environment.aqi_cn", place="d02", period="2031-03-04", before=55.0, after=None, cause="<i>withdrawn</i>"),
    ]  # fmt: skip


def _features() -> list[Feature]:
    """Four districts that share borders vertex by vertex, one with an island, and one place without a polygon."""
    west, south, side = 118.0, 31.0, 0.2
    squares = {"d01": (0, 1), "d02": (1, 1), "d03": (0, 0), "d04": (1, 0)}
    features = []
    for name, (column, row) in squares.items():
        left, low = west + column * side, south + row * side
        ring = [
            [left, low],
            [left + side / 2, low + 0.02],
            [left + side, low],
            [left + side, low + side],
            [left + side / 2, low + side + 0.02],
            [left, low + side],
            [left, low],
        ]
        geometry: dict[str, object] = {"type": "Polygon", "coordinates": [ring]}
        if name == "d04":
            island = [[left + 0.22, low], [left + 0.24, low], [left + 0.24, low + 0.03], [left + 0.22, low]]
            geometry = {"type": "MultiPolygon", "coordinates": [[ring], [island]]}
        features.append(
            Feature(
                type="Feature",
                properties={"id": name, "name_zh": DISTRICTS[name][0], "name_en": DISTRICTS[name][1]},
                geometry=geometry,
            )
        )
    return [*features, Feature(type="Feature", properties={"id": "d09"}, geometry=None)]


def _deliveries() -> list[Delivery]:
    sources = ("bus_gps", "metro_gates", "hospital_beds", "air_quality", "weather", "hotline", "taxi_trips", "road_sensors", "ambulance", "encounters", "population", "presence", "road_segments", "water_pressure")  # fmt: skip
    taken = [
        Delivery(
            source=name, delivery_id=f"{name}-{place:04d}", file=f"{name}/2031-03-09/{name}_20310309.csv", sha256=f"{place:064x}", size=1_250_000 * (place + 1),
            delivered_at="2031-03-10T02:14:05+08:00", outcome="ingested", reason=None, records=50_000 + place, malformed=3 if place == 1 else 0,
        )
        for place, name in enumerate(sources)
    ]  # fmt: skip
    refused = Delivery(
        source="power_outages", delivery_id="power-0001", file=HOSTILE_FILE, sha256="f" * 64, size=812, delivered_at="2031-03-10T03:00:00+08:00", outcome="refused",
        reason="not UTF-8: byte 0xB3 at position 118; expected encoding utf-8", records=None, malformed=None,
    )  # fmt: skip
    again = Delivery(**{**taken[0], "outcome": "repeat", "delivery_id": "bus_gps-9999"})
    return [*taken, refused, again]


def _quality() -> list[Finding]:
    def row(
        table: str, rule: str, *, failed: int, severity: str = "warning", action: str = "void", evaluated: int = 50_000
    ) -> Finding:
        why = Text(zh="超出物理上可能的范围 <b>", en="outside what is physically possible <b>")
        return Finding(
            table=table,
            days=["2031-03-08", "2031-03-09"],
            rule=rule,
            kind="row",
            severity=severity,
            action=action,
            success=failed == 0,
            evaluated=evaluated,
            failed=failed,
            observed=None,
            why=why,
        )

    def whole(
        table: str, rule: str, *, success: bool | None, severity: str = "critical", observed: str | float | None = None
    ) -> Finding:
        why = Text(zh="整日无记录说明报送中断", en="a day without records means the reporting broke down")
        return Finding(
            table=table,
            days=["2031-03-07", "2031-03-08", "2031-03-09"],
            rule=rule,
            kind="set",
            severity=severity,
            action=None,
            success=success,
            evaluated=None,
            failed=None,
            observed=observed,
            why=why,
        )

    return [
        row("silver.taxi_trips", "distance_plausible", failed=37), row("silver.taxi_trips", "type:pickup", failed=0, action="reject"),
        whole("silver.taxi_trips", "some_rows", success=True, observed=48211),
        row("silver.air_quality", "concentration_range", failed=0), whole("silver.air_quality", "some_rows", success=True, observed=624),
        row("silver.power_outages", "duration_positive", failed=0, evaluated=0), whole("silver.power_outages", "some_rows", success=False, observed=0),
        whole("silver.road_speeds", "sensors_reconcile", success=False, observed="0.41 < 0.8"), whole("silver.water_pressure", "some_rows", success=None),
    ]  # fmt: skip
