"""What the water bureau, the drainage company and the hydrological stations file on floods."""

from fractions import Fraction

from jobs.sample.asked import HUNDREDTH, SIXTIETH, TENTH, Part, mean, number, ratio, summed, total
from jobs.sample.events import Choice, Counted, Events
from jobs.sample.numbers import Limit, Number
from jobs.sample.returns import Returns

FLOODS, SPOTS, GAUGES = "flood_events", "waterlogging_reports", "hydrological_readings"
PUMPS, DRAINS = "pump_returns", "drainage_returns"
RETURNS = (
    Returns(
        GAUGES,
        "flood/hydro/hydro_{}.csv",
        (
            Number("rain", "drp", 60, 1.0, decimals=1, often_zero=0.85),
            Number("level", "z", 300, 0.3, decimals=2),
            Number("warning", "wrz", 360, 0.0, decimals=2),
        ),
        works=6,
        prefix="SZ",
        hourly=True,
        head=("tm", "stcd", "addvcd"),
        delimiter=";",
        limits=(Limit("over", "level", other="warning", share=Fraction(1)),),
    ),
    Returns(
        PUMPS,
        "flood/泵站日报_{}.csv",
        (
            Number("pumps", "水泵（台）", 12, 0.0),
            Number("ready", "完好（台）", of="pumps", share=(0.8, 1.2), within=True),
            Number("capacity", "可排水量（m³）", 240_000, 0.0),
            Number("pumped", "排水量（m³）", of="capacity", share=(0.05, 0.6)),
        ),
        works=8,
        prefix="BZ",
        head=("日期", "泵站编号", "街道代码"),
    ),
    Returns(
        DRAINS,
        "flood/防汛准备_{}.csv",
        (
            Number("planned", "计划疏通（米）", 9_000, decimals=1, weekly=True),
            Number("cleaned", "已疏通（米）", of="planned", share=(0.8, 1.03), decimals=1),
            Number("outfalls", "应查排口（个）", 18, weekly=True),
            Number("inspected", "已查排口（个）", of="outfalls", share=(0.8, 1.1), within=True),
            Number("hazards", "应整改隐患（处）", 7, 0.6),
            Number("closed", "已整改隐患（处）", of="hazards", share=(0.75, 1.2), within=True),
            Number("required", "物资定额（件）", 900, 0.0),
            Number("stored", "物资储备（件）", of="required", share=(0.85, 1.1)),
        ),
        head=("日期", "填报街道", "街道代码"),
        encoding="gb18030",
    ),
)
EVENTS = (
    Events(
        FLOODS,
        "flood/内涝事件_{}.csv",
        5,
        "NL",
        choices=(Choice("提前预警", ("是", "否"), (0.8, 0.2)),),
        counted=(Counted("warned", {"提前预警": ("是",)}),),
        head=("事件编号", "发生时间", "街道代码"),
    ),
    Events(
        SPOTS,
        "flood/积水点_{}.csv",
        14,
        "JS",
        numbers=(
            Number("depth", "最大水深（厘米）", 180, 0.8, decimals=1),
            Number("receded", "退水用时（分）", 110, 0.8),
            Number("arrival", "到场用时（分）", 24, 0.7),
        ),
        limits=(Limit("deep", "depth", 150), Limit("in_time", "arrival", 30, within=True)),
        head=("报告编号", "报告时间", "街道代码"),
        delimiter=";",
        encoding="gb18030",
        point=",",
    ),
)
ASKED = {
    "flood.warning_hit_rate": ratio(number(FLOODS, "warned"), number(FLOODS, "records"), 100, "year"),
    "flood.waterlogged_points": summed(number(SPOTS, "deep"), "day", "month"),
    "flood.deepest_water": summed(Part(SPOTS, "depth", "top"), "day", "month", factor=TENTH),
    "flood.recession_hours": mean(total(SPOTS, "receded"), "day", "month", factor=SIXTIETH),
    "flood.arrival_on_time_rate": ratio(number(SPOTS, "in_time"), number(SPOTS, "records"), 100, "day", "month"),
    "flood.max_hourly_rainfall": summed(Part(GAUGES, "rain", "top"), "day", "month", factor=TENTH),
    "flood.highest_water_level": summed(Part(GAUGES, "level", "top"), "day", "month", factor=HUNDREDTH),
    "flood.over_warning_share": ratio(number(GAUGES, "over"), number(GAUGES, "level"), 100, "day", "month"),
    "flood.pump_readiness": ratio(total(PUMPS, "ready"), total(PUMPS, "pumps"), 100, "day", "month"),
    "flood.water_pumped": summed(total(PUMPS, "pumped"), "day", "month"),
    "flood.pumping_capacity_used": ratio(total(PUMPS, "pumped"), total(PUMPS, "capacity"), 100, "day", "month"),
    "flood.drain_cleaning_rate": ratio(total(DRAINS, "cleaned"), total(DRAINS, "planned"), 100, "day", "month"),
    "flood.outfall_inspection_rate": ratio(total(DRAINS, "inspected"), total(DRAINS, "outfalls"), 100, "day", "month"),
    "flood.hazards_closed_rate": ratio(total(DRAINS, "closed"), total(DRAINS, "hazards"), 100, "day", "month"),
    "flood.supplies_readiness": ratio(total(DRAINS, "stored"), total(DRAINS, "required"), 100, "day", "month"),
}
