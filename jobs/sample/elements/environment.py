"""What the ecology bureau and those it watches file: noise, waters, wastewater, permits, inspections, complaints."""

from collections.abc import Iterator
from fractions import Fraction

from jobs.sample import statistics
from jobs.sample.asked import (
    CITYWIDE,
    PEOPLE,
    PLACED,
    TENTH,
    Days,
    Of,
    Part,
    Places,
    Rows,
    mean,
    number,
    ratio,
    summed,
    total,
)
from jobs.sample.events import Choice, Counted, Events
from jobs.sample.numbers import Limit, Number
from jobs.sample.returns import Returns
from jobs.sample.sums import Key, Row, Sums

AIR, AIR_DAYS, NOISE, WASTEWATER = "air_hourly", "air_quality_days", "noise_stations", "wastewater_returns"
PERMITS, ELECTRICITY, WATERS = "pollution_permits", "electricity_mix", "surface_water_tests"
INSPECTIONS, COMPLAINTS = "environment_inspections", "environment_complaints"
RETURNS = (
    Returns(
        AIR_DAYS,
        "environment/air_days/空气质量日报_{}.csv",
        (Number("aqi", "ＡＱＩ", 78, 0.6, alike=True),),
        limits=(Limit("good", "aqi", 100, within=True),),
        delimiter=";",
    ),
    Returns(
        NOISE,
        "environment/noise/声环境日报_{}.csv",
        (
            Number("measured", "有效小时", 22, 0.09, alike=True),
            Number("within", "达标小时", of="measured", share=(0.65, 1.0)),
        ),
        works=12,
        prefix="NS",
        head=("日期", "点位编号", "街道代码"),
        encoding="gb18030",
    ),
    Returns(
        WASTEWATER,
        "environment/wastewater/废水日报_{}.csv",
        (
            Number("discharged", "排放量（万立方米）", 5_200, 0.3, decimals=4, weekly=True),
            Number("permitted", "许可量（千克）", 420, 0.02),
            Number("cod", "化学需氧量（千克）", of="permitted", share=(0.35, 1.03)),
            Number("running", "排放小时", 21, 0.14, alike=True),
            Number("online", "有效小时", of="running", share=(0.9, 1.0)),
            Number("exceeded", "超标小时", of="online", share=(0.0, 0.09)),
        ),
        works=14,
        prefix="PW",
        head=("日期", "单位编号", "街道代码"),
        delimiter="|",
        encoding="gb18030",
    ),
    Returns(
        PERMITS,
        "environment/permits/排污许可_{}.csv",
        (
            Number("due", "应持证单位（家）", 64),
            Number("permitted", "持证单位（家）", of="due", share=(0.9, 1.0)),
        ),
        once=True,
        head=("统计时点", "编号", "街道代码"),
    ),
    Returns(
        ELECTRICITY,
        "environment/energy/用电来源日报_{}.csv",
        (
            Number("used", "用电量（万千瓦时）", 410_000, 0.15, decimals=4, weekly=True),
            Number("green", "其中：绿色电力（万千瓦时）", of="used", share=(0.18, 0.45), decimals=4),
        ),
        delimiter=";",
    ),
)
EVENTS = (
    Events(
        WATERS,
        "environment/water/地表水检测_{}.csv",
        18,
        "SW",
        choices=(
            Choice("河道", ("澜江", "白鹭河", "青禾港", "松溪", "芦湾塘"), (3, 2, 2, 2, 1)),
            Choice("水质类别", ("Ⅰ类", "Ⅱ类", "Ⅲ类", "Ⅳ类", "Ⅴ类", "劣Ⅴ类"), (1, 6, 8, 3, 1, 0.4)),
        ),
        counted=(Counted("good", {"水质类别": ("Ⅰ类", "Ⅱ类", "Ⅲ类")}),),
        head=("样品编号", "采样时间", "街道代码"),
        delimiter=";",
    ),
    Events(
        INSPECTIONS,
        "environment/inspections/执法检查_{}.csv",
        24,
        "HJ",
        choices=(
            Choice("检查类型", ("双随机", "专项", "信访"), (5, 3, 2)),
            Choice("检查结论", ("未发现问题", "发现问题"), (7, 3)),
            Choice("整改情况", ("已整改", "整改中"), (3, 2)),
        ),
        counted=(
            Counted("problems", {"检查结论": ("发现问题",)}),
            Counted("rectified", {"检查结论": ("发现问题",), "整改情况": ("已整改",)}),
        ),
        head=("检查编号", "检查时间", "街道代码"),
    ),
    Events(
        COMPLAINTS,
        "environment/complaints/投诉举报_{}.csv",
        46,
        "TS",
        choices=(
            Choice("类别", ("噪声", "异味", "油烟", "扬尘", "污水"), (5, 3, 3, 2, 1)),
            Choice("回访", ("满意", "不满意", "未回访"), (6, 1, 2)),
        ),
        numbers=(Number("hours", "答复用时（小时）", 30, 0.85),),
        head=("编号", "受理时间", "街道代码"),
        encoding="gb18030",
    ),
)
YEAR = 365
CLASS_II = {"so2": 60, "no2": 40, "pm10": 70, "pm25": 35, "co": 4, "o3": 160}
"""Limits of GB 3095-2012 of a year, of ozone's 8 hours and a day of carbon monoxide; µg/m³, carbon monoxide mg/m³."""


def _over_limits(*means: Fraction) -> Fraction:
    return sum((value / limit for value, limit in zip(means, CLASS_II.values(), strict=True)), Fraction(0))


_ONLINE = total(WASTEWATER, "online")
_MEANS = tuple(
    Days(f"environment.{name}_daily_mean", YEAR, 2, statistics.mean) for name in ("so2", "no2", "pm10", "pm25")
)
LISTED = {
    "environment.o3_evaluated": Days(
        "environment.o3_daily_maximum", YEAR, 2, statistics.percentile(Fraction(9, 10)), is_near=True
    ),
    "environment.co_evaluated": Days(
        "environment.co_daily_mean", YEAR, 2, statistics.percentile(Fraction(19, 20)), is_near=True
    ),
    "environment.composite_index": Of(
        (*_MEANS, "environment.co_evaluated", "environment.o3_evaluated"), _over_limits, is_near=True
    ),
    "environment.pm25_exceedance_days": Days("environment.pm25_daily_mean", YEAR, 1, statistics.above(Fraction(75, 2))),
    "environment.streets_within_pm25_limit": Places(
        "environment.pm25_daily_mean", "street", statistics.share_up_to(Fraction(75)), ("day",), CITYWIDE
    ),
    "environment.pm25_population_weighted": Rows(
        ("environment.pm25_daily_mean", "population.residents"), "district", statistics.weighted_mean, ("month",)
    ),
}
ASKED = {
    "environment.pm10_daily_mean": mean(total(AIR, "pm10"), "day", "month"),
    "environment.so2_daily_mean": mean(total(AIR, "so2"), "day", "month"),
    "environment.co_daily_mean": mean(total(AIR, "co_tenths"), "day", "month", factor=TENTH),
    "environment.o3_daily_maximum": mean(total(AIR, "o3_8h_day"), "day", "month"),
    "environment.good_days_ratio": ratio(number(AIR_DAYS, "good"), number(AIR_DAYS, "aqi"), 100, "month", "year"),
    "environment.noise_compliance": ratio(total(NOISE, "within"), total(NOISE, "measured"), 100, "day", "month"),
    "environment.surface_water_good_share": ratio(
        number(WATERS, "good"), number(WATERS, "records"), 100, "day", "month"
    ),
    "environment.wastewater_discharged": summed(total(WASTEWATER, "discharged"), "day", "month"),
    "environment.permitted_load_used": ratio(
        total(WASTEWATER, "cod"), total(WASTEWATER, "permitted"), 100, "day", "month"
    ),
    "environment.monitoring_online_share": ratio(_ONLINE, total(WASTEWATER, "running"), 100, "day", "month"),
    "environment.discharge_compliance": ratio((_ONLINE, -total(WASTEWATER, "exceeded")), _ONLINE, 100, "day", "month"),
    "environment.pollution_permit_coverage": ratio(
        total(PERMITS, "permitted"), total(PERMITS, "due"), 100, "month", "year"
    ),
    "environment.inspection_problem_share": ratio(
        number(INSPECTIONS, "problems"), number(INSPECTIONS, "records"), 100, "day", "month"
    ),
    "environment.problem_rectified_share": ratio(
        number(INSPECTIONS, "rectified"), number(INSPECTIONS, "problems"), 100, "day", "month"
    ),
    "environment.complaints_per_10k": ratio(Part(COMPLAINTS, "records", "n"), PEOPLE, 10_000, "day", "month"),
    "environment.complaint_reply_hours": mean(total(COMPLAINTS, "hours"), "day", "month"),
    "environment.green_electricity_share": ratio(
        total(ELECTRICITY, "green"), total(ELECTRICITY, "used"), 100, "day", "month"
    ),
}


def rows(sums: Sums) -> Iterator[Row]:
    """The mean of the fine particles over that of all, of which not the same readings may be known."""
    for kind in ("day", "month"):
        for period in sums.periods(kind):
            for level in PLACED:
                for place in sums.places(level):
                    fine, whole = (sums.get(Key(AIR, name, level, place, period)) for name in ("pm25", "pm10"))
                    if fine is not None and whole is not None:
                        value = Fraction(fine.total, fine.n) / Fraction(whole.total, whole.n)
                        yield Row("environment.pm25_pm10_ratio", level, place, kind, period, value)
