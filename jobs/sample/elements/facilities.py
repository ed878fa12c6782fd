"""What the public works bureau and the heating company file on municipal facilities."""

from fractions import Fraction

from jobs.sample import statistics
from jobs.sample.asked import CITYWIDE, SIXTIETH, Part, Places, mean, number, ratio, summed, total
from jobs.sample.events import Choice, Counted, Events
from jobs.sample.numbers import Number
from jobs.sample.returns import Returns

CASES, LAMPS, MANHOLES = "case_returns", "lamp_returns", "manholes"
DRAINS, HEAT = "drain_maintenance", "heating_returns"
DEFECTS, BRIDGES, ROADS = "road_defects", "bridge_inspections", "road_segments"
RETURNS = (
    Returns(
        CASES,
        "facilities/城管案件日报_{}.csv",
        (
            Number("registered", "立案数", 64, 0.3, weekly=True),
            Number("public", "公众举报", of="registered", share=(0.04, 0.2)),
            Number("due", "应结案数", 60, 0.3, weekly=True),
            Number("closed", "结案数", of="due", share=(0.85, 1.0)),
            Number("on_time", "按期结案数", of="closed", share=(0.8, 1.0)),
            Number("reworked", "返工数", of="closed", share=(0.0, 0.08)),
            Number("extended", "延期数", of="due", share=(0.0, 0.1)),
        ),
        encoding="gb18030",
    ),
    Returns(
        LAMPS,
        "facilities/路灯运行日报_{}.csv",
        (
            Number("lamps", "应亮灯（盏）", 420, 0.0),
            Number("lit", "实亮灯（盏）", of="lamps", share=(0.955, 1.0)),
            Number("faults", "报修（件）", 9, 0.6),
            Number("fixed", "按时修复（件）", of="faults", share=(0.6, 1.0)),
            Number("energy_tenths", "用电量（千瓦时）", 6_300, 0.08, decimals=1),
        ),
        works=32,
        prefix="LD",
        head=("日期", "控制箱编号", "街道代码"),
        delimiter=";",
    ),
    Returns(
        MANHOLES,
        "facilities/井盖台账_{}.csv",
        (
            Number("covers", "井盖（个）", 2_700, 0.3),
            Number("sound", "完好（个）", of="covers", share=(0.95, 1.0)),
            Number("sensed", "智慧井盖（个）", of="covers", share=(0.05, 0.4)),
        ),
        once=True,
        head=("普查日期", "台账编号", "街道代码"),
    ),
    Returns(
        DRAINS,
        "facilities/排水养护日报_{}.csv",
        (
            Number("gullies", "应清掏（座）", 95, 0.3, weekly=True),
            Number("cleaned", "已清掏（座）", of="gullies", share=(0.8, 1.0)),
            Number("dredged_m", "疏通管道（米）", 850, 0.4, weekly=True),
            Number("sludge_tenths", "清出淤泥（立方米）", 420, 0.5, decimals=1),
        ),
        head=("日期", "填报单位", "街道代码"),
    ),
    Returns(
        HEAT,
        "facilities/供热运行日报_{}.csv",
        (
            Number("centi_m2", "供热面积（㎡）", 21_000_000, 0.0, decimals=2),
            Number("heat_tenths", "供热量（ＧＪ）", 5_400, 0.15, decimals=1),
            Number("checked", "抽测（户）", 40, 0.4),
            Number("warm", "合格（户）", of="checked", share=(0.85, 1.0)),
            Number("asked", "报修（件）", 14, 0.6),
            Number("repaired", "24小时内修复（件）", of="asked", share=(0.7, 1.0)),
        ),
        works=18,
        prefix="HR",
        head=("日期", "换热站编号", "街道代码"),
        delimiter=";",
        encoding="gb18030",
        point=",",
    ),
)
EVENTS = (
    Events(
        DEFECTS,
        "facilities/道路病害_{}.csv",
        46,
        "BH",
        (Choice("病害类型", ("坑槽", "裂缝", "沉陷", "人行道破损"), (4, 3, 1, 3)),),
        (
            Number("tenths_m2", "面积（平方米）", 65, 0.9, decimals=1),
            Number("minutes", "修复时长（分钟）", 2_100, 0.9),
        ),
        head=("病害编号", "发现时间", "街道代码"),
        delimiter=";",
        encoding="gb18030",
    ),
    Events(
        BRIDGES,
        "facilities/桥梁检查_{}.csv",
        24,
        "QL",
        (Choice("技术状况", ("Ａ级", "Ｂ级", "Ｃ级", "Ｄ级", "Ｅ级"), (42, 35, 16, 5, 2)),),
        (Number("cracks", "裂缝（条）", 3, 1.0),),
        (Counted("good", {"技术状况": ("Ａ级", "Ｂ级")}),),
        head=("检查编号", "检查时间", "街道代码"),
    ),
)


def _cases(num: str, den: str) -> tuple[Part, Part, int, str, str, str]:
    return total(CASES, num), total(CASES, den), 100, "day", "month", "year"


LISTED = {
    "facilities.case_closure_variation": Places(
        "facilities.case_closure_rate", "street", statistics.variation, ("month",), CITYWIDE, is_near=True
    ),
    "facilities.lowest_street_closure_rate": Places(
        "facilities.case_closure_rate", "street", min, ("day", "month"), CITYWIDE, is_whole=True
    ),
}
ASKED = {
    "facilities.case_closure_rate": ratio(*_cases("closed", "due")),
    "facilities.case_on_time_closure_rate": ratio(*_cases("on_time", "due")),
    "facilities.case_rework_rate": ratio(*_cases("reworked", "closed")),
    "facilities.case_extension_rate": ratio(*_cases("extended", "due")),
    "facilities.public_report_share": ratio(*_cases("public", "registered")),
    "facilities.cases_registered": summed(total(CASES, "registered"), "day", "month"),
    "facilities.lamp_lit_rate": ratio(total(LAMPS, "lit"), total(LAMPS, "lamps"), 100, "day", "month"),
    "facilities.lamp_repair_on_time_rate": ratio(total(LAMPS, "fixed"), total(LAMPS, "faults"), 100, "day", "month"),
    "facilities.lighting_energy_per_lamp": ratio(
        total(LAMPS, "energy_tenths"), total(LAMPS, "lamps"), Fraction(1, 10), "day", "month"
    ),
    "facilities.manhole_soundness_rate": ratio(total(MANHOLES, "sound"), total(MANHOLES, "covers"), 100, "day", "year"),
    "facilities.sensed_manhole_share": ratio(total(MANHOLES, "sensed"), total(MANHOLES, "covers"), 100, "day", "year"),
    "facilities.road_defects_per_100km": ratio(  # lengths in decimetres
        number(DEFECTS, "records"), total(ROADS, "length_dm"), 1_000_000, "day", "month"
    ),
    "facilities.road_repair_hours": mean(total(DEFECTS, "minutes"), "day", "month", factor=SIXTIETH),
    "facilities.bridge_sound_share": ratio(number(BRIDGES, "good"), number(BRIDGES, "records"), 100, "day", "month"),
    "facilities.gully_cleaning_rate": ratio(total(DRAINS, "cleaned"), total(DRAINS, "gullies"), 100, "day", "month"),
    "facilities.sludge_per_km": ratio(  # tenths of cubic metres over metres
        total(DRAINS, "sludge_tenths"), total(DRAINS, "dredged_m"), 100, "day", "month"
    ),
    "facilities.heating_temperature_compliance": ratio(
        total(HEAT, "warm"), total(HEAT, "checked"), 100, "day", "month"
    ),
    "facilities.heating_repair_rate": ratio(total(HEAT, "repaired"), total(HEAT, "asked"), 100, "day", "month"),
    "facilities.heating_intensity": ratio(  # tenths of GJ over hundredths of square metres and a day of 86,400 s
        total(HEAT, "heat_tenths"), total(HEAT, "centi_m2"), Fraction(10**10, 86_400), "day", "month"
    ),
}
