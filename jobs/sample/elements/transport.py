"""What the transport bureau and operators file: taxis, buses, ferries, bikes, parking, accidents and inspections."""

from jobs.sample.asked import ALL, PEOPLE, count, mean, number, ratio, summed, total
from jobs.sample.events import Choice, Counted, Events
from jobs.sample.numbers import Number
from jobs.sample.returns import Returns

TAXIS, BIKES, ROADS, SURVEY, BUSES = (
    "taxi_operations",
    "bike_stations",
    "road_networks",
    "travel_survey",
    "bus_operations",
)
PARKING, FLEETS, FERRIES = "parking_returns", "bus_fleets", "ferry_operations"
ACCIDENTS, WORKS, INSPECTIONS = "road_accidents", "road_works", "transport_inspections"
RETURNS = (
    Returns(
        TAXIS,
        "transport/taxi_fleets/出租企业日报_{}.csv",
        (
            Number("total_tenths", "总里程（公里）", 420_000, 0.08, decimals=1, weekly=True),
            Number("occupied_tenths", "载客里程（公里）", of="total_tenths", share=(0.55, 0.72), decimals=1),
        ),
        works=6,
        prefix="TC",
        head=("日期", "企业编号", "街道代码"),
        delimiter=";",
        encoding="gb18030",
        point=",",
    ),
    Returns(
        BIKES,
        "transport/bikes/公共自行车_{}.csv",
        (
            Number("observed", "观测分钟", 58, 0.03, alike=True),
            Number("dock", "可还分钟", of="observed", share=(0.5, 1.0)),
            Number("bike", "可借分钟", of="observed", share=(0.4, 1.0)),
        ),
        works=14,
        prefix="BK",
        hourly=True,
        head=("时段", "站点编号", "街道代码"),
    ),
    Returns(
        ROADS,
        "transport/networks/道路线网年报_{}.csv",
        (
            Number("road_m", "道路里程（公里）", 62_000, decimals=3),
            Number("with_bus_m", "其中：通公交里程（公里）", of="road_m", share=(0.4, 0.8), decimals=3),
        ),
        once=True,
        head=("统计时点", "编号", "街道代码"),
        delimiter="|",
    ),
    Returns(
        SURVEY,
        "transport/survey/居民出行调查_{}.csv",
        tuple(
            Number(mode, field, trips)
            for mode, field, trips in (
                ("bus", "公共汽电车", 9_000),
                ("rail", "轨道交通", 6_500),
                ("ferry", "轮渡", 400),
                ("taxi", "出租车", 2_400),
                ("car", "小汽车", 14_000),
                ("walk", "步行", 16_000),
                ("bike", "自行车", 11_000),
            )
        ),
        once=True,
        head=("调查基准日", "编号", "街道代码"),
        encoding="gb18030",
    ),
    Returns(
        BUSES,
        "transport/bus/公交线路日报_{}.csv",
        (
            Number("planned", "计划班次", 160, 0.05, weekly=True),
            Number("made", "实际班次", of="planned", share=(0.94, 1.0)),
            Number("on_time", "准点班次", of="made", share=(0.76, 0.98)),
            Number("service", "运营时长（分钟）", 1_900, 0.05, alike=True),
        ),
        works=18,
        prefix="L",
        head=("日期", "线路编号", "首站街道代码"),
        delimiter="\t",
    ),
    Returns(
        PARKING,
        "transport/parking/停车场日报_{}.csv",
        (
            Number("spaces", "开放泊位（个）", 320, 0.04),
            Number("peak", "高峰占用（个）", of="spaces", share=(0.5, 1.0)),
            Number("entries", "进场（辆次）", 760, 0.2, weekly=True),
        ),
        works=24,
        prefix="PK",
        head=("日期", "停车场编号", "街道代码"),
        delimiter="|",
    ),
    Returns(
        FLEETS,
        "transport/fleets/公交车辆年报_{}.csv",
        (
            Number("buses", "车辆数（辆）", 70),
            Number("clean", "新能源车辆（辆）", of="buses", share=(0.6, 0.97)),
        ),
        once=True,
        head=("统计时点", "编号", "街道代码"),
        delimiter=";",
    ),
    Returns(
        FERRIES,
        "transport/ferry/轮渡日报_{}.csv",
        (
            Number("planned", "计划航次", 44, 0.08),
            Number("cancelled", "停航航次", of="planned", share=(0.0, 0.2)),
        ),
        works=4,
        prefix="F",
        head=("日期", "码头编号", "街道代码"),
        delimiter=";",
    ),
)
EVENTS = (
    Events(
        ACCIDENTS,
        "transport/accidents/交通事故_{}.csv",
        34,
        "JT",
        choices=(
            Choice("事故形态", ("车与车", "车与非机动车", "车与行人", "单车"), (5, 3, 1, 1)),
            Choice("处理程序", ("简易程序", "一般程序"), (9, 1)),
        ),
        numbers=(Number("casualties", "伤亡人数", 0.7, 1.0), Number("minutes", "恢复用时（分钟）", 34, 0.7)),
        head=("事故编号", "发生时间", "街道代码"),
        encoding="gb18030",
    ),
    Events(
        WORKS,
        "transport/works/占道施工_{}.csv",
        9,
        "ZL",
        choices=(
            Choice("类别", ("供水", "燃气", "通信", "电力", "道路养护"), (3, 2, 3, 2, 4)),
            Choice("是否逾期", ("否", "是"), (7, 2)),
        ),
        numbers=(Number("days", "占道天数", 12, 0.9),),
        counted=(Counted("overdue", {"是否逾期": ("是",)}),),
        head=("许可编号", "恢复时间", "街道代码"),
        delimiter=";",
    ),
    Events(
        INSPECTIONS,
        "transport/enforcement/运政检查_{}.csv",
        40,
        "ZF",
        choices=(
            Choice("行业", ("出租汽车", "网约车", "货运", "客运"), (3, 4, 3, 1)),
            Choice("结果", ("合格", "违规"), (6, 1)),
        ),
        numbers=(Number("fine", "处罚标准（元）", 900, 0.8),),
        counted=(Counted("violations", {"结果": ("违规",)}),),
        head=("检查编号", "检查时间", "街道代码"),
    ),
)
_PUBLIC = tuple(total(SURVEY, mode) for mode in ("bus", "rail", "ferry"))
_PRIVATE = tuple(total(SURVEY, mode) for mode in ("taxi", "car"))
_OCCUPIED, _DRIVEN = total(TAXIS, "occupied_tenths"), total(TAXIS, "total_tenths")
ASKED = {
    "transport.taxi_occupied_km_share": ratio(_OCCUPIED, _DRIVEN, 100, "day", "month"),
    "transport.taxi_empty_km_share": ratio((_DRIVEN, -_OCCUPIED), _DRIVEN, 100, "day", "month"),
    "transport.bike_dock_availability": ratio(total(BIKES, "dock"), total(BIKES, "observed"), 100, "day", "month"),
    "transport.bus_network_ratio": ratio(total(ROADS, "with_bus_m"), total(ROADS, "road_m"), 100, "year"),
    "transport.public_transport_share": ratio(_PUBLIC, (*_PUBLIC, *_PRIVATE), 100, "year"),
    "transport.bus_departures_made_share": ratio(total(BUSES, "made"), total(BUSES, "planned"), 100, "day", "month"),
    "transport.bus_on_time_departure_share": ratio(total(BUSES, "on_time"), total(BUSES, "made"), 100, "day", "month"),
    "transport.bus_mean_headway": ratio(total(BUSES, "service"), total(BUSES, "made"), 1, "day", "month"),
    "transport.road_accidents": count(ACCIDENTS, "day", "month"),
    "transport.road_casualties_per_100k": ratio(total(ACCIDENTS, "casualties"), PEOPLE, 100_000, "day", "month"),
    "transport.accident_clearance_minutes": mean(total(ACCIDENTS, "minutes"), "day", "month"),
    "transport.parking_spaces": summed(total(PARKING, "spaces"), "day"),
    "transport.parking_peak_occupancy": ratio(total(PARKING, "peak"), total(PARKING, "spaces"), 100, "day", "month"),
    "transport.parking_turnover": ratio(total(PARKING, "entries"), total(PARKING, "spaces"), 1, "day", "month"),
    "transport.road_works_overdue_share": ratio(
        number(WORKS, "overdue"), number(WORKS, "records"), 100, "day", "month"
    ),
    "transport.trade_violation_share": ratio(
        number(INSPECTIONS, "violations"), number(INSPECTIONS, "records"), 100, "day", "month"
    ),
    "transport.buses_per_10k": ratio(total(FLEETS, "buses"), PEOPLE, 10_000, "day", "month"),
    "transport.clean_energy_bus_share": ratio(total(FLEETS, "clean"), total(FLEETS, "buses"), 100, "day", "month"),
    "transport.ferry_cancelled_share": ratio(
        total(FERRIES, "cancelled"), total(FERRIES, "planned"), 100, "day", "month"
    ),
    "transport.taxi_fare_per_km": ratio(
        total("taxi_trips", "cents"), total("taxi_trips", "metres"), 10, "day", "month", levels=ALL
    ),
    "transport.boardings_per_resident": ratio(total("metro_gates", "boardings"), PEOPLE, 1, "day", "month"),
    "transport.vehicle_overspeed_share": ratio(
        number("vehicle_gps", "too_fast"), number("vehicle_gps", "speed_tenths"), 100, "day", levels=ALL
    ),
}
