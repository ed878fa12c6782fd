"""What the gas utility files."""

from datetime import date

from jobs.sample.asked import mean, number, ratio, summed, total
from jobs.sample.elements.water import ACCESS, LIVING
from jobs.sample.events import Choice, Counted, Events
from jobs.sample.numbers import Limit, Number
from jobs.sample.returns import Returns

BALANCES, NETWORKS, STATIONS = "gas_balances", "gas_networks", "gas_station_returns"
SERVICE, INCIDENTS = "gas_service_returns", "gas_incidents"
RETURNS = (
    Returns(
        BALANCES,
        "gas/燃气购销月报_{}.csv",
        (
            Number("purchased", "购入量（万立方米）", 310_000, decimals=4),
            Number("sold", "售出量（万立方米）", of="purchased", share=(0.94, 0.985), decimals=4),
        ),
        monthly=True,
        head=("月份首日", "营业所", "街道代码"),
        encoding="gb18030",
    ),
    Returns(
        NETWORKS,
        "gas/燃气管网年报_{}.csv",
        (Number("network", "管网长度（公里）", 640, decimals=1), Number("leaks", "泄漏报告数", 4, 0.7)),
        once=True,
        since=date(2024, 1, 1),
        head=("年度首日", "营业所", "街道代码"),
    ),
    Returns(
        STATIONS,
        "gas/stations_{}.csv",
        (
            Number("supplied", "supplied_1000m3", 180_000, decimals=3, weekly=True),
            Number("stored", "stored_1000m3", 620_000, decimals=3),
            Number("tests", "odour_tests", 18),
            Number("passed", "odour_passed", of="tests", share=(0.92, 1.2), within=True),
        ),
        works=6,
        prefix="GS",
        head=("day", "station", "street_code"),
        delimiter=";",
        point=",",
    ),
    Returns(
        SERVICE,
        "gas/燃气安全日报_{}.csv",
        (
            Number("due", "应安检（户）", 280, weekly=True),
            Number("inspected", "已安检（户）", of="due", share=(0.75, 1.02), within=True),
            Number("unsafe", "有隐患（户）", of="inspected", share=(0.01, 0.07)),
            Number("found", "应整改隐患（处）", 11, 0.5, weekly=True),
            Number("closed", "已整改隐患（处）", of="found", share=(0.75, 1.15), within=True),
            Number("planned", "计划巡线（公里）", 320, 0.1, decimals=1),
            Number("patrolled", "实际巡线（公里）", of="planned", share=(0.85, 1.03), decimals=1),
            Number("connections", "应通气（户）", 16, 0.5, weekly=True),
            Number("connected", "按时通气（户）", of="connections", share=(0.8, 1.15), within=True),
        ),
        head=("统计日期", "所站", "街道代码"),
        encoding="gb18030",
    ),
)
EVENTS = (
    Events(
        INCIDENTS,
        "gas/燃气抢修_{}.csv",
        26,
        "RQ",
        choices=(
            Choice("类别", ("泄漏", "供气中断", "表具故障", "用户设施"), (0.45, 0.1, 0.25, 0.2)),
            Choice("原因", ("腐蚀老化", "第三方施工", "接口松动", "使用不当"), (0.35, 0.15, 0.3, 0.2)),
        ),
        numbers=(Number("arrival", "到场用时（分）", 22, 0.75),),
        counted=(Counted("leaks", {"类别": ("泄漏",)}), Counted("damaged", {"原因": ("第三方施工",)})),
        limits=(Limit("in_time", "arrival", 30, within=True),),
        head=("工单号", "接报时间", "街道代码"),
    ),
)
PURCHASED, ALL = total(BALANCES, "purchased"), number(INCIDENTS, "records")
ASKED = {
    "gas.access_rate": ratio(total(ACCESS, "gas"), LIVING, 100, "year"),
    "gas.loss_rate": ratio((PURCHASED, -total(BALANCES, "sold")), PURCHASED, 100, "month", "year"),
    "gas.leaks_per_100km": ratio(total(NETWORKS, "leaks"), total(NETWORKS, "network"), 1_000, "year"),
    "gas.supply_volume": summed(total(STATIONS, "supplied"), "day", "month"),
    "gas.reserve_days": ratio(total(STATIONS, "stored"), total(STATIONS, "supplied"), 1, "day"),
    "gas.odour_compliance": ratio(total(STATIONS, "passed"), total(STATIONS, "tests"), 100, "day", "month"),
    "gas.leaks_reported": summed(number(INCIDENTS, "leaks"), "day", "month"),
    "gas.third_party_damage_share": ratio(number(INCIDENTS, "damaged"), ALL, 100, "day", "month"),
    "gas.arrival_minutes": mean(total(INCIDENTS, "arrival"), "day", "month"),
    "gas.arrival_on_time_rate": ratio(number(INCIDENTS, "in_time"), ALL, 100, "day", "month"),
    "gas.hidden_dangers_closed": ratio(total(SERVICE, "closed"), total(SERVICE, "found"), 100, "day", "month"),
    "gas.household_inspection_rate": ratio(total(SERVICE, "inspected"), total(SERVICE, "due"), 100, "day", "month"),
    "gas.unsafe_household_share": ratio(total(SERVICE, "unsafe"), total(SERVICE, "inspected"), 100, "day", "month"),
    "gas.patrol_rate": ratio(total(SERVICE, "patrolled"), total(SERVICE, "planned"), 100, "day", "month"),
    "gas.connection_on_time_rate": ratio(
        total(SERVICE, "connected"), total(SERVICE, "connections"), 100, "day", "month"
    ),
}
