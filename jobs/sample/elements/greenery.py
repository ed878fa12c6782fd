"""What the public works bureau files on greenery: yearly returns, tree registers, maintenance, parks, permits."""

from fractions import Fraction

from jobs.sample import statistics
from jobs.sample.asked import CITYWIDE, Places, Rows, mean, ratio, summed, total
from jobs.sample.events import Choice, Events
from jobs.sample.numbers import Number
from jobs.sample.returns import Returns

YEARLY, TREES, MAINTENANCE, PARKS = "greenery_returns", "street_trees", "green_maintenance", "park_returns"
PERMITS, ROADS = "greening_permits", "road_segments"
RETURNS = (
    Returns(
        YEARLY,
        "greenery/园林绿化年报_{}.csv",
        (  # areas in units of 100 square metres: 0.0001 km², 0.01 ha
            Number("built_up", "建成区面积（平方公里）", 52_000, 0.1, decimals=4),
            Number("cover", "绿化覆盖面积（公顷）", of="built_up", share=(0.34, 0.48), decimals=2),
            Number("land", "绿地面积（公顷）", of="cover", share=(0.84, 0.97), decimals=2),
            Number("park", "公园绿地面积（公顷）", of="land", share=(0.3, 0.5), decimals=2),
            Number("persons", "城区人口（含暂住）", 54_000, 0.1),
            Number("near_park", "公园500米内人口", of="persons", share=(0.65, 0.99)),
        ),
        once=True,
        head=("统计时点", "街道编号", "街道代码"),
        encoding="gb18030",
    ),
    Returns(
        TREES,
        "greenery/行道树台账_{}.csv",
        (
            Number("trees", "行道树（株）", 1_900, 0.3),
            Number("dead", "死株缺株（株）", of="trees", share=(0.002, 0.03)),
            Number("ancient", "古树名木（株）", 60, 0.6),
            Number("guarded", "已落实保护（株）", of="ancient", share=(0.8, 1.0)),
        ),
        once=True,
        head=("建账日期", "台账编号", "街道代码"),
        delimiter=";",
    ),
    Returns(
        MAINTENANCE,
        "greenery/绿地养护日报_{}.csv",
        (
            Number("planned_m2", "计划养护面积（平方米）", 60_000, 0.3, weekly=True),
            Number("done_m2", "完成养护面积（平方米）", of="planned_m2", share=(0.82, 1.0)),
            Number("water_tenths", "浇灌用水（立方米）", 2_400, 0.6, decimals=1),
            Number("pests", "病虫害（株）", 34, 0.7),
            Number("treated", "已防治（株）", of="pests", share=(0.75, 1.0)),
        ),
        works=24,
        prefix="YH",
        head=("日期", "标段编号", "街道代码"),
        delimiter="|",
    ),
    Returns(
        PARKS,
        "greenery/公园运行日报_{}.csv",
        (
            Number("visits", "入园人次", 3_400, 0.6),
            Number("peak", "高峰在园（人）", of="visits", share=(0.1, 0.3)),
            Number("capacity", "瞬时承载量（人）", 1_800, 0.0),
            Number("scheduled_min", "公告开放（分钟）", 800, 0.02),
            Number("open_min", "实际开放（分钟）", of="scheduled_min", share=(0.93, 1.0)),
        ),
        works=22,
        prefix="GY",
        head=("日期", "公园编号", "街道代码"),
        encoding="gb18030",
    ),
)
EVENTS = (
    Events(
        PERMITS,
        "greenery/绿化许可_{}.csv",
        26,
        "LH",
        (
            Choice("许可事项", ("临时占用绿地", "移植树木", "砍伐树木", "修剪备案"), (3, 3, 1, 5)),
            Choice("决定", ("准予", "不予"), (85, 15)),
        ),
        (Number("hours", "办理时长（小时）", 96, 0.9),),
        head=("许可编号", "决定时间", "街道代码"),
        delimiter=";",
    ),
)
LISTED = {
    "greenery.park_area_hoover": Places(
        "greenery.park_area_per_capita", "street", statistics.hoover, ("year",), CITYWIDE
    ),
    "greenery.park_area_theil_within": Rows(
        ("greenery.park_area_per_capita",), "street", statistics.theil_within, ("year",)
    ),
}
ASKED = {
    "greenery.green_cover_rate": ratio(total(YEARLY, "cover"), total(YEARLY, "built_up"), 100, "day", "year"),
    "greenery.green_land_rate": ratio(total(YEARLY, "land"), total(YEARLY, "built_up"), 100, "day", "year"),
    "greenery.park_area_per_capita": ratio(total(YEARLY, "park"), total(YEARLY, "persons"), 100, "day", "year"),
    "greenery.park_access_share": ratio(total(YEARLY, "near_park"), total(YEARLY, "persons"), 100, "day", "year"),
    "greenery.street_trees_per_km": ratio(total(TREES, "trees"), total(ROADS, "length_dm"), 10_000, "day", "year"),
    "greenery.dead_tree_share": ratio(total(TREES, "dead"), total(TREES, "trees"), 100, "day", "year"),
    "greenery.ancient_tree_protection_rate": ratio(
        total(TREES, "guarded"), total(TREES, "ancient"), 100, "day", "year"
    ),
    "greenery.maintenance_completion_rate": ratio(
        total(MAINTENANCE, "done_m2"), total(MAINTENANCE, "planned_m2"), 100, "day", "month"
    ),
    "greenery.irrigation_per_hectare": ratio(  # tenths of cubic metres over square metres
        total(MAINTENANCE, "water_tenths"), total(MAINTENANCE, "done_m2"), 1_000, "day", "month"
    ),
    "greenery.pest_treatment_rate": ratio(
        total(MAINTENANCE, "treated"), total(MAINTENANCE, "pests"), 100, "day", "month"
    ),
    "greenery.park_visits": summed(total(PARKS, "visits"), "day", "month"),
    "greenery.park_opening_rate": ratio(total(PARKS, "open_min"), total(PARKS, "scheduled_min"), 100, "day", "month"),
    "greenery.park_peak_load": ratio(total(PARKS, "peak"), total(PARKS, "capacity"), 100, "day", "month"),
    "greenery.permit_handling_days": mean(total(PERMITS, "hours"), "day", "month", factor=Fraction(1, 24)),
}
