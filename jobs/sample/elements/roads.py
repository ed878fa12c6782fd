"""What is measured of travel on road corridors and of the gaps between buses, and who lives near a stop."""

from collections.abc import Iterator
from fractions import Fraction

from jobs.sample import statistics
from jobs.sample.asked import PLACED, Days, Of, number, ratio, total
from jobs.sample.numbers import Limit, Number
from jobs.sample.returns import Returns
from jobs.sample.sums import Key, Row, Sums

CORRIDORS, HEADWAYS, ACCESS = "corridor_hours", "bus_headways", "stop_access"
RETURNS = (
    Returns(
        CORRIDORS,
        "transport/corridors/走廊运行_{}.csv",
        (
            Number("taken", "行程车分", 24_000, 0.6, decimals=1, weekly=True),
            Number("free", "自由流车分", of="taken", share=(0.42, 0.98), decimals=1),
            Number("km", "车公里", of="taken", share=(0.3, 0.8), decimals=1),
            Number("congested_km", "拥堵车公里", of="km", share=(0.0, 0.45), decimals=1),
            Number("length_m", "监测里程（公里）", 9_000, 0.0, decimals=3),
            Number("congested_m", "严重拥堵里程（公里）", of="length_m", share=(0.0, 0.3), decimals=3),
        ),
        works=14,
        prefix="ZL",
        hourly=True,
        head=("时段", "走廊编号", "街道代码"),
        delimiter=";",
    ),
    Returns(
        HEADWAYS,
        "transport/headways/bus_headways_{}.csv",
        (
            Number("planned", "planned_min", 80, 0.4, decimals=1, alike=True),
            Number("actual", "actual_min", of="planned", share=(0.3, 1.9), decimals=1),
            Number("deviation", "deviation_s", 300, 1.0, alike=True, lowered=200),
        ),
        works=12,
        prefix="L",
        hourly=True,
        head=("hour", "line", "street_code"),
        limits=(Limit("on_time", "deviation", 300, within=True, least=-120),),
        squared=("planned", "actual"),
    ),
    Returns(
        ACCESS,
        "planning/站点可达_{}.csv",
        (
            Number("persons", "人口", 52_000, 0.1),
            Number("within", "可达人口", of="persons", share=(0.55, 0.98)),
            Number("built_up", "建成区面积（平方公里）", 52_000, 0.1, decimals=4),
            Number("covered", "覆盖面积（平方公里）", of="built_up", share=(0.4, 0.92), decimals=4),
        ),
        once=True,
        head=("统计时点", "编号", "街道代码"),
        encoding="gb18030",
    ),
)
TAKEN, FREE = total(CORRIDORS, "taken"), total(CORRIDORS, "free")
TRAVEL = tuple((Fraction(ratio), index) for ratio, index in (("0", 0), ("0.2", 2), ("0.5", 4), ("0.8", 6), ("1.1", 8)))
LENGTH = tuple((Fraction(share, 100), index) for share, index in ((0, 0), (4, 2), (8, 4), (11, 6), (14, 8), (24, 10)))
PHI = ((Fraction(0), 0), (Fraction(3, 10), 10))
INDEX, MONTH = "transport.travel_time_index", 30
LISTED = {
    "transport.tpi_travel_time": Of(
        ("transport.extra_travel_time",), statistics.between(TRAVEL), ("hour", "day"), is_near=True
    ),
    "transport.tpi_congested_length": Of(
        ("transport.congested_length_ratio",), statistics.between(LENGTH), is_near=True
    ),
    "transport.tpi_phi30": Of(("transport.congested_travel_share",), statistics.between(PHI), is_near=True),
    "transport.planning_time_index": Days(INDEX, MONTH, 2, statistics.percentile(Fraction(95, 100)), is_near=True),
    "transport.buffer_index": Days(INDEX, MONTH, 2, statistics.buffer_index, is_near=True),
}
ASKED = {
    INDEX: ratio(TAKEN, FREE, 1, "hour", "day", "month"),
    "transport.extra_travel_time": ratio((TAKEN, -FREE), FREE, 1, "hour", "day"),
    "transport.congested_length_ratio": ratio(
        total(CORRIDORS, "congested_m"), total(CORRIDORS, "length_m"), 1, "hour", "day"
    ),
    "transport.congested_travel_share": ratio(
        total(CORRIDORS, "congested_km"), total(CORRIDORS, "km"), 1, "hour", "day"
    ),
    "transport.bus_expected_wait": ratio(  # squared tenths of minutes over tenths
        total(HEADWAYS, "actual_squared"), total(HEADWAYS, "actual"), Fraction(1, 20), "hour", "day", "month"
    ),
    "transport.bus_on_time_arrival_share": ratio(
        number(HEADWAYS, "on_time"), number(HEADWAYS, "deviation"), 100, "day", "month"
    ),
    "transport.stop_coverage_population": ratio(total(ACCESS, "within"), total(ACCESS, "persons"), 100, "day", "year"),
    "transport.stop_coverage_area": ratio(total(ACCESS, "covered"), total(ACCESS, "built_up"), 100, "day", "year"),
}


def rows(sums: Sums) -> Iterator[Row]:
    """How uneven gaps between buses are, and what passengers wait longer than by the timetable."""
    yield from _variations(sums)
    yield from _excess_waits(sums)


def _variations(sums: Sums) -> Iterator[Row]:
    for kind in ("hour", "day", "month"):
        for period in sums.periods(kind):
            for level in PLACED:
                for place in sums.places(level):
                    value = _variation(sums, level, place, period)
                    yield Row("transport.bus_headway_variation", level, place, kind, period, value, is_near=True)


def _excess_waits(sums: Sums) -> Iterator[Row]:
    for kind in ("day", "month"):
        for period in sums.periods(kind):
            for level in PLACED:
                for place in sums.places(level):
                    waits = [_wait(sums, name, level, place, period) for name in ("actual", "planned")]
                    if waits[0] is not None and waits[1] is not None:
                        value = waits[0] - waits[1]
                        yield Row("transport.bus_excess_wait", level, place, kind, period, value)


def _wait(sums: Sums, name: str, level: str, place: str, period: str) -> Fraction | None:
    squares, gaps = (sums.get(Key(HEADWAYS, each, level, place, period)) for each in (f"{name}_squared", name))
    return Fraction(squares.total, 20 * gaps.total) if squares and gaps and gaps.total else None


def _variation(sums: Sums, level: str, place: str, period: str) -> Fraction | None:
    """√(n Σh² − (Σh)²) / Σh: the standard deviation of all gaps, over their mean."""
    squares, gaps = (sums.get(Key(HEADWAYS, each, level, place, period)) for each in ("actual_squared", "actual"))
    if not squares or not gaps or not gaps.total:
        return None
    return statistics.root(Fraction(gaps.n * squares.total - gaps.total**2)) / gaps.total
