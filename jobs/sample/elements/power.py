"""What the electricity utility files beside its outages."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from jobs.sample import statistics
from jobs.sample.asked import CITYWIDE, HUNDREDTH, SIXTIETH, Ask, Days, Part, number, ratio, summed, total
from jobs.sample.numbers import Limit, Number
from jobs.sample.returns import Returns

CUSTOMERS, INTERRUPTED, HOURS = "power_customers", "power_interrupted", "power_interrupted_hours"
LOADS, SERVICE = "power_loads", "power_service_returns"
DAY_MIN = 24 * 60
RETURNS = (
    Returns(
        CUSTOMERS,
        "power/供电户数_{}.csv",
        (Number("customers", "供电户数", 24_000),),
        once=True,
        head=("统计时点", "供电所", "街道代码"),
    ),
    Returns(
        INTERRUPTED,
        "power/停电次数分布_{}.csv",
        (
            Number("n0", "停0次", 20_000),
            Number("n1", "停1次", of="n0", share=(0.08, 0.16)),
            Number("n2", "停2次", of="n1", share=(0.2, 0.4)),
            Number("n3", "停3次", of="n2", share=(0.15, 0.35)),
            Number("n4", "停4次", of="n3", share=(0.1, 0.3)),
            Number("n5", "停5次", of="n4", share=(0.1, 0.4)),
        ),
        once=True,
        since=date(2024, 1, 1),
        head=("年度首日", "供电所", "街道代码"),
        encoding="gb18030",
    ),
    Returns(
        HOURS,
        "power/停电时长分布_{}.csv",
        (
            Number("h0", "不足1小时（户）", 20_500),
            Number("h1", "1至3小时（户）", of="h0", share=(0.03, 0.08)),
            Number("h3", "3至8小时（户）", of="h1", share=(0.2, 0.5)),
            Number("h8", "8至24小时（户）", of="h3", share=(0.1, 0.4)),
            Number("h24", "24小时以上（户）", of="h8", share=(0.05, 0.3)),
        ),
        once=True,
        since=date(2024, 1, 1),
        head=("年度首日", "供电所", "街道代码"),
    ),
    Returns(
        LOADS,
        "power/load/load_{}.csv",
        (
            Number("capacity", "capacity_mw", 9_000, 0.0, decimals=2),
            Number("load", "load_mw", of="capacity", share=(0.3, 0.92), decimals=2),
        ),
        works=6,
        prefix="BDZ",
        hourly=True,
        head=("time", "substation", "street_code"),
        delimiter=";",
        limits=(Limit("heavy", "load", other="capacity", share=Fraction(4, 5)),),
    ),
    Returns(
        SERVICE,
        "power/供电服务_{}.csv",
        (
            Number("received", "供电量（万千瓦时）", 520_000, decimals=4, weekly=True),
            Number("sold", "售电量（万千瓦时）", of="received", share=(0.93, 0.985), decimals=4),
            Number("readings", "电压监测（点次）", 960),
            Number("compliant", "电压合格（点次）", of="readings", share=(0.985, 1.005), within=True),
            Number("repairs", "应到场（次）", 9, 0.6),
            Number("on_time", "按时到场（次）", of="repairs", share=(0.85, 1.3), within=True),
            Number("connections", "应送电（户）", 7, 0.6, weekly=True),
            Number("connected", "按时送电（户）", of="connections", share=(0.85, 1.3), within=True),
            Number("complaints", "投诉（件）", 4, 0.8),
            Number("planned", "计划巡视（公里）", 410, 0.1, decimals=1),
            Number("patrolled", "实际巡视（公里）", of="planned", share=(0.9, 1.02), decimals=1),
        ),
        head=("日期", "供电所", "街道代码"),
        encoding="gb18030",
    ),
)
OUTAGES = "power_outages"
LOST, SERVED, CUT = total(OUTAGES, "customer_min"), total(CUSTOMERS, "customers"), total(OUTAGES, "customers")
OFTEN = tuple(total(INTERRUPTED, name) for name in ("n3", "n4", "n5"))


def _available(lost: Part) -> Ask:
    """What is left, in per cent, of the minutes of a period."""
    return replace(ratio(lost, SERVED, Fraction(100, DAY_MIN), "day", "month"), per_day=True, whole=100)


LISTED = {
    "power.major_event_threshold": Days(
        "power.saidi", 1_827, 2, statistics.major_event_threshold, CITYWIDE, is_near=True
    ),
}
ASKED = {
    "power.saifi": ratio(CUT, SERVED, 1, "month", "year"),
    "power.saidi": ratio(LOST, SERVED, SIXTIETH, "day", "month", "year"),
    "power.caidi": ratio(LOST, CUT, SIXTIETH, "month", "year"),
    "power.repeatedly_interrupted_share": ratio(OFTEN, SERVED, 100, "year"),
    "power.long_interrupted_share": ratio((total(HOURS, "h8"), total(HOURS, "h24")), SERVED, 100, "year"),
    "power.asai": _available(total(OUTAGES, "sustained_min")),
    "power.supply_reliability": _available(LOST),
    "power.energy_supplied": summed(total(LOADS, "load"), "hour", "day", "month", factor=HUNDREDTH),
    "power.peak_substation_load": summed(Part(LOADS, "load", "top"), "day", "month", factor=HUNDREDTH),
    "power.mean_load_rate": ratio(total(LOADS, "load"), total(LOADS, "capacity"), 100, "day", "month"),
    "power.heavy_load_share": ratio(number(LOADS, "heavy"), number(LOADS, "capacity"), 100, "day", "month"),
    "power.line_loss_rate": ratio(
        (total(SERVICE, "received"), -total(SERVICE, "sold")), total(SERVICE, "received"), 100, "day", "month"
    ),
    "power.voltage_compliance": ratio(total(SERVICE, "compliant"), total(SERVICE, "readings"), 100, "day", "month"),
    "power.planned_outage_share": ratio(number(OUTAGES, "planned"), number(OUTAGES, "records"), 100, "day", "month"),
    "power.line_patrol_rate": ratio(total(SERVICE, "patrolled"), total(SERVICE, "planned"), 100, "day", "month"),
    "power.repair_on_time_rate": ratio(total(SERVICE, "on_time"), total(SERVICE, "repairs"), 100, "day", "month"),
    "power.connection_on_time_rate": ratio(
        total(SERVICE, "connected"), total(SERVICE, "connections"), 100, "day", "month"
    ),
    "power.complaints_per_10k_customers": ratio(total(SERVICE, "complaints"), SERVED, 10_000, "day", "month"),
}
