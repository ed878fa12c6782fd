"""What is filed before and during gales and typhoons: warnings, wind, shelters, checks, vessels."""

from collections.abc import Iterator
from fractions import Fraction

from jobs.sample.asked import PEOPLE, PLACED, SIXTIETH, TENTH, Part, count, mean, number, ratio, summed, total
from jobs.sample.events import Choice, Events
from jobs.sample.numbers import Limit, Number
from jobs.sample.returns import Returns
from jobs.sample.sums import Key, Row, Sums

WARNINGS, WINDS, SHELTERS = "typhoon_warnings", "coastal_winds", "shelter_returns"
CHECKS, VESSELS = "typhoon_inspections", "vessel_returns"
RETURNS = (
    Returns(
        WINDS,
        "typhoon/wind/wind_{}.csv",
        (
            Number("gust", "gust_ms", 150, 0.7, decimals=1),
            Number("wind", "wind_2min_ms", of="gust", share=(0.5, 0.75), decimals=1),
        ),
        works=5,
        prefix="QX",
        hourly=True,
        head=("time", "station", "street_code"),
        delimiter=";",
        point=",",
        limits=(Limit("gale", "wind", 172),),
    ),
    Returns(
        SHELTERS,
        "typhoon/避险转移_{}.csv",
        (
            Number("shelters", "避难场所（处）", 14, 0.0),
            Number("ready", "可启用（处）", of="shelters", share=(0.8, 1.2), within=True),
            Number("capacity", "可容纳（人）", 7_500, 0.0),
            Number("sheltered", "在场（人）", of="capacity", share=(0.02, 0.5)),
            Number("planned", "应转移（人）", 800, 0.6),
            Number("moved", "已转移（人）", of="planned", share=(0.9, 1.03)),
        ),
        head=("日期", "填报街道", "街道代码"),
        encoding="gb18030",
    ),
    Returns(
        CHECKS,
        "typhoon/防台检查_{}.csv",
        (
            Number("due", "应排查（处）", 70),
            Number("checked", "已排查（处）", of="due", share=(0.85, 1.05), within=True),
            Number("found", "应处置隐患（处）", 9, 0.6),
            Number("removed", "已处置隐患（处）", of="found", share=(0.75, 1.2), within=True),
            Number("down", "倒伏树木（棵）", 12, 0.9, often_zero=0.2),
            Number("cleared", "当日清理（棵）", of="down", share=(0.6, 1.2), within=True),
            Number("ordered", "应停工（个）", 11, 0.4),
            Number("stopped", "已停工（个）", of="ordered", share=(0.85, 1.2), within=True),
        ),
        head=("日期", "填报街道", "街道代码"),
    ),
    Returns(
        VESSELS,
        "typhoon/ports_{}.csv",
        (
            Number("called", "vessels_called", 190, 0.4),
            Number("returned", "vessels_returned", of="called", share=(0.93, 1.03), within=True),
            Number("crew", "crew_ashore", of="returned", share=(2.0, 4.0)),
        ),
        works=4,
        prefix="YG",
        head=("day", "port", "street_code"),
        delimiter=";",
    ),
)
EVENTS = (
    Events(
        WARNINGS,
        "typhoon/预警_{}.csv",
        9,
        "YJ",
        choices=(Choice("颜色", ("蓝", "黄", "橙", "红"), (0.5, 0.3, 0.15, 0.05)),),
        numbers=(Number("lead", "提前量（分）", 380, 0.8),),
        head=("预警编号", "发布时间", "街道代码"),
    ),
)
ASKED = {
    "typhoon.warnings_issued": count(WARNINGS, "day", "month"),
    "typhoon.warning_lead_hours": mean(total(WARNINGS, "lead"), "day", "month", factor=SIXTIETH),
    "typhoon.highest_gust": summed(Part(WINDS, "gust", "top"), "hour", "day", "month", factor=TENTH),
    "typhoon.gale_share": ratio(number(WINDS, "gale"), number(WINDS, "wind"), 100, "day", "month"),
    "typhoon.shelter_capacity_share": ratio(total(SHELTERS, "capacity"), PEOPLE, 100, "day"),
    "typhoon.shelter_readiness": ratio(total(SHELTERS, "ready"), total(SHELTERS, "shelters"), 100, "day", "month"),
    "typhoon.shelter_occupancy": ratio(total(SHELTERS, "sheltered"), total(SHELTERS, "capacity"), 100, "day", "month"),
    "typhoon.evacuation_rate": ratio(total(SHELTERS, "moved"), total(SHELTERS, "planned"), 100, "day", "month"),
    "typhoon.spots_checked_rate": ratio(total(CHECKS, "checked"), total(CHECKS, "due"), 100, "day", "month"),
    "typhoon.hazards_removed_rate": ratio(total(CHECKS, "removed"), total(CHECKS, "found"), 100, "day", "month"),
    "typhoon.trees_down": summed(total(CHECKS, "down"), "day", "month"),
    "typhoon.tree_clearing_rate": ratio(total(CHECKS, "cleared"), total(CHECKS, "down"), 100, "day", "month"),
    "typhoon.vessels_returned_rate": ratio(total(VESSELS, "returned"), total(VESSELS, "called"), 100, "day", "month"),
    "typhoon.sites_stopped_rate": ratio(total(CHECKS, "stopped"), total(CHECKS, "ordered"), 100, "day", "month"),
    "typhoon.crew_ashore": summed(total(VESSELS, "crew"), "day", "month"),
}
STARTS = (108, 172, 245, 327, 415, 510)
"""Where each grade of a tropical cyclone begins, in tenths of m/s."""


def rows(sums: Sums) -> Iterator[Row]:
    """The grade that the strongest 2-minute mean wind on the coast would have."""
    for kind in ("day", "month"):
        for period in sums.periods(kind):
            for level in PLACED:
                for place in sums.places(level):
                    state = sums.get(Key(WINDS, "wind", level, place, period))
                    if state is not None:
                        grade = sum(state.top >= start for start in STARTS)
                        yield Row("typhoon.coastal_wind_grade", level, place, kind, period, Fraction(grade))
