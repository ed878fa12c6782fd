"""What the water utility, the drainage company and the planning bureau file on water and sewage."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction

from jobs.sample.asked import PEOPLE, PLACED, TENTH, THOUSANDTH, Part, count, mean, ratio, summed, total
from jobs.sample.events import Events
from jobs.sample.numbers import Number
from jobs.sample.returns import Returns
from jobs.sample.sums import Key, Row, Sums

ACCESS, HOUSEHOLDS, BALANCES, TESTS = "utility_access", "water_households", "water_balances", "water_quality_tests"
WORKS, SEWAGE, SERVICE, CUT = "waterworks_returns", "sewage_returns", "water_service_returns", "water_interruptions"
ZONES = "water_zones"
RETURNS = (
    Returns(
        ACCESS,
        "planning/用水用气人口_{}.csv",
        (
            Number("registered", "城区人口", 46_000, 0.2, decimals=4, suffix="万"),
            Number("temporary", "暂住人口", of="registered", share=(0.06, 0.2), decimals=4, suffix="万"),
            Number("water", "用水人口", of="registered", share=(0.98, 1.05), decimals=4, suffix="万"),
            Number("gas", "用气人口", of="registered", share=(0.9, 1.03), decimals=4, suffix="万"),
        ),
        once=True,
        since=date(2024, 1, 1),
        head=("年度首日", "单位", "街道代码"),
        encoding="gb18030",
    ),
    Returns(
        HOUSEHOLDS,
        "water/供水户数_{}.csv",
        (Number("households", "供水户数", 21_000),),
        once=True,
        head=("统计时点", "营业所", "街道代码"),
    ),
    Returns(
        BALANCES,
        "water/水量平衡月报_{}.csv",
        (
            Number("supplied", "供水总量（万立方米）", 420_000, decimals=4),
            Number("authorised", "注册用户用水量（万立方米）", of="supplied", share=(0.86, 0.93), decimals=4),
            Number("correction", "修正水量（万立方米）", of="supplied", share=(0.0, 0.03), decimals=4),
        ),
        monthly=True,
        head=("月份首日", "分区", "街道代码"),
        delimiter=";",
        point=",",
    ),
    Returns(
        TESTS,
        "water/水质检测月报_{}.csv",
        (Number("tested", "检测项次", 420), Number("qualified", "合格项次", of="tested", share=(0.97, 1.0))),
        monthly=True,
        head=("月份首日", "采样点", "街道代码"),
    ),
    Returns(
        WORKS,
        "water/水厂日报_{}.csv",
        (
            Number("capacity", "设计能力（m³）", 60_000, 0.0),
            Number("supplied", "供水量（m³）", of="capacity", share=(0.55, 0.9)),
            Number("energy", "用电量（kWh）", of="supplied", share=(0.25, 0.4)),
        ),
        works=8,
        prefix="SW",
        head=("日期", "水厂编号", "街道代码"),
        encoding="gb18030",
    ),
    Returns(
        SEWAGE,
        "water/sewage/ws_{}.csv",
        (
            Number("discharged", "discharged_m3", 90_000, 0.15),
            Number("treated", "treated_m3", of="discharged", share=(0.92, 0.99)),
            Number("reused", "reused_m3", of="treated", share=(0.15, 0.4)),
            Number("samples", "samples", 24),
            Number("compliant", "samples_ok", of="samples", share=(0.92, 1.2), within=True),
        ),
        works=5,
        prefix="WS",
        head=("day", "works", "street_code"),
        delimiter=";",
    ),
    Returns(
        SERVICE,
        "water/供水服务_{}.csv",
        (
            Number("repairs", "到期抢修（件）", 12, weekly=True),
            Number("on_time", "按时完成（件）", of="repairs", share=(0.8, 1.2), within=True),
            Number("complaints", "投诉（件）", 6, 0.6, weekly=True),
            Number("tanks", "应清洗水箱（座）", 14, weekly=True),
            Number("cleaned", "已清洗水箱（座）", of="tanks", share=(0.75, 1.2), within=True),
            Number("inspections", "监督检查（次）", 10, weekly=True),
            Number("passed", "检查合格（次）", of="inspections", share=(0.85, 1.2), within=True),
        ),
        head=("统计日", "填报单位", "街道"),
    ),
    Returns(
        ZONES,
        "water/供水分区年报_{}.csv",
        (
            Number("connections", "接户数", 12_000, 0.1),
            Number("mains", "管网长度（公里）", of="connections", share=(0.08, 0.3), decimals=1),
            Number("pipes", "接户管长度（公里）", of="connections", share=(0.02, 0.08), decimals=1),
            Number("pressure", "平均水压（米）", 420, 0.3, decimals=1, alike=True),
            Number("losses", "漏失（升／日）", of="connections", share=(80.0, 260.0)),
        ),
        once=True,
        head=("统计时点", "分区", "街道代码"),
        delimiter="|",
    ),
)
EVENTS = (
    Events(
        CUT,
        "water/停水事件_{}.csv",
        9,
        "TS",
        numbers=(Number("household_hours", "停水时户数", 6_000, 0.9, decimals=1),),
        head=("停水编号", "停水时间", "街道代码"),
    ),
)
LIVING = (total(ACCESS, "registered"), total(ACCESS, "temporary"))
SUPPLIED, AUTHORISED = total(BALANCES, "supplied"), total(BALANCES, "authorised")
ASKED = {
    "water.access_rate": ratio(total(ACCESS, "water"), LIVING, 100, "year"),
    "water.leakage_rate": ratio((SUPPLIED, -AUTHORISED), SUPPLIED, 100, "month", "year"),
    "water.basic_leakage_rate": ratio(
        (SUPPLIED, -AUTHORISED, -total(BALANCES, "correction")), SUPPLIED, 100, "month", "year"
    ),
    "water.quality_compliance": ratio(total(TESTS, "qualified"), total(TESTS, "tested"), 100, "month", "year"),
    "water.interruptions": count(CUT, "day", "month"),
    "water.interruption_hours": ratio(
        total(CUT, "household_hours"), total(HOUSEHOLDS, "households"), TENTH, "month", "year"
    ),
    "water.supply_volume": summed(total(WORKS, "supplied"), "day", "month"),
    "water.capacity_used": ratio(total(WORKS, "supplied"), total(WORKS, "capacity"), 100, "day", "month"),
    "water.supply_per_resident": replace(
        ratio(total(WORKS, "supplied"), PEOPLE, 1_000, "day", "month", levels=("city",)), per_day=True
    ),
    "water.energy_per_m3": ratio(total(WORKS, "energy"), total(WORKS, "supplied"), 1, "day", "month"),
    "water.mean_pressure": mean(Part("water_pressure", "kpa", "total"), "day", factor=THOUSANDTH),
    "water.sewage_treated": summed(total(SEWAGE, "treated"), "day", "month"),
    "water.sewage_treatment_rate": ratio(total(SEWAGE, "treated"), total(SEWAGE, "discharged"), 100, "day", "month"),
    "water.reclaimed_rate": ratio(total(SEWAGE, "reused"), total(SEWAGE, "treated"), 100, "day", "month"),
    "water.effluent_compliance": ratio(total(SEWAGE, "compliant"), total(SEWAGE, "samples"), 100, "day", "month"),
    "water.repairs_on_time_rate": ratio(total(SERVICE, "on_time"), total(SERVICE, "repairs"), 100, "day", "month"),
    "water.complaints_per_10k_households": ratio(
        total(SERVICE, "complaints"), total(HOUSEHOLDS, "households"), 10_000, "day", "month"
    ),
    "water.tank_cleaning_rate": ratio(total(SERVICE, "cleaned"), total(SERVICE, "tanks"), 100, "day", "month"),
    "water.inspection_pass_rate": ratio(total(SERVICE, "passed"), total(SERVICE, "inspections"), 100, "day", "month"),
}


def rows(sums: Sums) -> Iterator[Row]:
    """The infrastructure leakage index, where its formula holds."""
    for period in sums.periods("year"):
        for level in PLACED:
            for place in sums.places(level):
                names = ("mains", "connections", "pipes", "pressure", "losses")
                found = [sums.get(Key(ZONES, name, level, place, period)) for name in names]
                mains, connections, pipes, pressure, losses = (Fraction(s.total) if s else Fraction(0) for s in found)
                pressure = pressure / found[3].n / 10 if found[3] else pressure
                if connections > 5_000 and connections > 2 * mains > 0 and 25 <= pressure <= 100:
                    unavoidable = (18 * mains / 10 + Fraction(4, 5) * connections + 25 * pipes / 10) * pressure
                    index = losses / unavoidable
                    yield Row("water.infrastructure_leakage_index", level, place, "year", period, index, is_near=True)
