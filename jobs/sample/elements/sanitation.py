"""What the public works bureau files on appearance and sanitation."""

from fractions import Fraction

from jobs.sample import statistics
from jobs.sample.asked import CITYWIDE, PEOPLE, SIXTIETH, THOUSANDTH, Of, mean, number, ratio, summed, total
from jobs.sample.events import Choice, Counted, Events
from jobs.sample.numbers import Number
from jobs.sample.returns import Returns

WASTE, SORTING, SWEEPING, TOILETS = "waste_returns", "sorting_returns", "sweeping_returns", "public_toilets"
STATIONS, INSPECTIONS = "transfer_stations", "appearance_inspections"
OUTCOMES = ("合格", "责令整改", "立案处罚")
SUBJECTS = ("占道经营", "乱贴乱画", "暴露垃圾", "户外广告", "乱堆物料", "违规停放")
RETURNS = (
    Returns(
        WASTE,
        "sanitation/垃圾清运日报_{}.csv",
        (
            Number("generated_kg", "产生量（吨）", 52_000, 0.2, decimals=3, weekly=True),
            Number("collected_kg", "清运量（吨）", of="generated_kg", share=(0.94, 1.0), decimals=3),
            Number("treated_kg", "无害化处理量（吨）", of="collected_kg", share=(0.95, 1.0), decimals=3),
        ),
    ),
    Returns(
        SORTING,
        "sanitation/垃圾分类日报_{}.csv",
        (
            Number("households", "居住户数（户）", 19_000, 0.01),
            Number("sorting", "已分类户数（户）", of="households", share=(0.48, 0.85)),
            Number("checked", "抽查桶数", 140, 0.4, weekly=True),
            Number("correct", "准确桶数", of="checked", share=(0.65, 0.98)),
            Number("all_kg", "总量（吨）", 71_000, 0.15, decimals=3, weekly=True),
            Number("recycled_kg", "回收利用量（吨）", of="all_kg", share=(0.25, 0.42), decimals=3),
        ),
        delimiter=";",
        encoding="gb18030",
    ),
    Returns(
        SWEEPING,
        "sanitation/道路清扫保洁日报_{}.csv",
        (
            Number("due_m2", "应清扫面积（万平方米）", 420_000, 0.05, decimals=4),
            Number("swept_m2", "实际清扫面积（万平方米）", of="due_m2", share=(0.76, 1.0), decimals=4),
            Number("machine_m2", "机械化清扫面积（万平方米）", of="swept_m2", share=(0.6, 0.85), decimals=4),
            Number("rostered", "应到岗（人）", 180, 0.08, weekly=True),
            Number("on_duty", "实到岗（人）", of="rostered", share=(0.87, 1.0)),
        ),
    ),
    Returns(
        TOILETS,
        "sanitation/公共厕所名录_{}.csv",
        (
            Number("fixtures", "厕位数（个）", 18, 0.4),
            Number("accessible", "无障碍厕位数（个）", of="fixtures", share=(0.05, 0.35)),
        ),
        works=92,
        prefix="GC",
        once=True,
        head=("登记日期", "公厕编号", "所在街道"),
    ),
    Returns(
        STATIONS,
        "sanitation/转运站名录_{}.csv",
        (Number("tenths", "设计能力（吨／日）", 900, 0.3, decimals=1),),
        works=14,
        prefix="ZY",
        once=True,
        head=("启用日期", "站点编号", "所在街道"),
        delimiter=";",
    ),
)
EVENTS = (
    Events(
        INSPECTIONS,
        "sanitation/市容巡查_{}.csv",
        190,
        "SR",
        (Choice("检查事项", SUBJECTS, (5, 3, 3, 2, 2, 4)), Choice("检查结果", OUTCOMES, (80, 16, 4))),
        (Number("minutes", "处置时长（分钟）", 420, 0.9),),
        (
            Counted("passed", {"检查结果": ("合格",)}),
            Counted("failed", {"检查结果": ("责令整改", "立案处罚")}, of="minutes"),
        ),
        head=("巡查编号", "巡查时间", "街道代码"),
        encoding="gb18030",
    ),
)
LISTED = {
    "sanitation.sorting_score": Of(
        ("sanitation.sorting_coverage",), statistics.steps_below(70, 10), ("day", "month"), is_near=True
    ),
    "sanitation.sweep_score": Of(
        ("sanitation.sweep_coverage",), statistics.steps_below(95, 5), ("day", "month"), is_near=True
    ),
}
ASKED = {
    "sanitation.waste_collected": summed(total(WASTE, "collected_kg"), "day", "month", factor=THOUSANDTH),
    "sanitation.harmless_treatment_rate": ratio(
        total(WASTE, "treated_kg"), total(WASTE, "collected_kg"), 100, "day", "month"
    ),
    "sanitation.waste_collection_rate": ratio(
        total(WASTE, "collected_kg"), total(WASTE, "generated_kg"), 100, "day", "month"
    ),
    "sanitation.waste_generated_per_resident": ratio(total(WASTE, "generated_kg"), PEOPLE, 1, "day", "month"),
    "sanitation.sorting_coverage": ratio(total(SORTING, "sorting"), total(SORTING, "households"), 100, "day", "month"),
    "sanitation.sorting_accuracy": ratio(total(SORTING, "correct"), total(SORTING, "checked"), 100, "day", "month"),
    "sanitation.recycling_rate": ratio(total(SORTING, "recycled_kg"), total(SORTING, "all_kg"), 100, "day", "month"),
    "sanitation.sweep_coverage": ratio(total(SWEEPING, "swept_m2"), total(SWEEPING, "due_m2"), 100, "day", "month"),
    "sanitation.machine_sweeping_share": ratio(
        total(SWEEPING, "machine_m2"), total(SWEEPING, "swept_m2"), 100, "day", "month"
    ),
    "sanitation.sweeper_attendance": ratio(
        total(SWEEPING, "on_duty"), total(SWEEPING, "rostered"), 100, "day", "month"
    ),
    "sanitation.toilets_per_10k": ratio(number(TOILETS, "records"), PEOPLE, 10_000, "day", "year"),
    "sanitation.accessible_toilet_share": ratio(
        total(TOILETS, "accessible"), total(TOILETS, "fixtures"), 100, "day", "year"
    ),
    "sanitation.transfer_capacity_use": ratio(  # kilograms over tenths of tonnes a day
        total(WASTE, "collected_kg"), total(STATIONS, "tenths"), Fraction(1), "day", levels=CITYWIDE
    ),
    "sanitation.appearance_pass_rate": ratio(
        number(INSPECTIONS, "passed"), number(INSPECTIONS, "records"), 100, "day", "month"
    ),
    "sanitation.appearance_handling_hours": mean(total(INSPECTIONS, "failed"), "day", "month", factor=SIXTIETH),
}
