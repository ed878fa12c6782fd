"""What the planning bureau files on housing: yearly returns, property management, building safety, rental."""

from fractions import Fraction

from jobs.sample import statistics
from jobs.sample.asked import CITYWIDE, SIXTIETH, Part, Places, mean, number, ratio, total
from jobs.sample.events import Choice, Counted, Events
from jobs.sample.numbers import Number
from jobs.sample.returns import Returns

YEARLY, PROPERTY, RENTAL = "housing_returns", "property_returns", "rental_returns"
COMPLAINTS, INSPECTIONS = "property_complaints", "building_inspections"
VERDICTS, SUBJECTS = ("满意", "不满意", "未回访"), ("维修不及时", "保洁", "停车", "收费", "电梯", "公共收益")
RETURNS = (
    Returns(
        YEARLY,
        "housing/住房年报_{}.csv",
        (  # areas in square metres, written in 万
            Number("floor_m2", "住宅建筑面积（㎡）", 1_950_000, 0.1, decimals=4, suffix="万"),
            Number("managed_m2", "物业管理面积（㎡）", of="floor_m2", share=(0.55, 0.96), decimals=4, suffix="万"),
            Number("old_m2", "2000年前建成（㎡）", of="floor_m2", share=(0.1, 0.45), decimals=4, suffix="万"),
            Number("persons", "居住人口（人）", 53_000, 0.1),
            Number("households", "居住户数（户）", 19_500, 0.05),
            Number("old_buildings", "老旧楼栋（幢）", 240, 0.5),
        ),
        once=True,
        head=("统计时点", "街道编号", "街道代码"),
        delimiter=";",
        encoding="gb18030",
    ),
    Returns(
        PROPERTY,
        "housing/物业服务日报_{}.csv",
        (
            Number("asked", "报修（件）", 18, 0.5, weekly=True),
            Number("on_time", "按时修复（件）", of="asked", share=(0.7, 1.0)),
            Number("lifts", "电梯（部）", 34, 0.0),
            Number("running", "正常运行（部）", of="lifts", share=(0.93, 1.0)),
            Number("billed_cents", "应收物业费（元）", 2_600_000, 0.7, decimals=2),
            Number("paid_cents", "实收物业费（元）", of="billed_cents", share=(0.6, 1.0), decimals=2),
        ),
        works=40,
        prefix="XQ",
        head=("日期", "小区编号", "街道代码"),
    ),
    Returns(
        RENTAL,
        "housing/住房租赁日报_{}.csv",
        (
            Number("homes", "住房（套）", 21_000, 0.0),
            Number("vacant", "空置（套）", of="homes", share=(0.08, 0.11)),
            Number("leases", "签约（份）", 32, 0.5),
            Number("filed", "备案（份）", of="leases", share=(0.5, 0.97)),
            Number("tenths_m2", "签约面积（平方米）", 22_000, 0.3, decimals=1),
            Number("rent_cents", "月租金（元）", 10_600_000, 0.35, decimals=2),
        ),
        head=("日期", "填报单位", "街道代码"),
        delimiter="|",
    ),
)
EVENTS = (
    Events(
        COMPLAINTS,
        "housing/物业投诉_{}.csv",
        85,
        "TS",
        (Choice("投诉事项", SUBJECTS, (5, 3, 4, 3, 2, 1)), Choice("回访结果", VERDICTS, (58, 22, 20))),
        (Number("minutes", "答复时长（分钟）", 380, 0.9),),
        (Counted("satisfied", {"回访结果": ("满意",)}), Counted("visited", {"回访结果": ("满意", "不满意")})),
        head=("投诉编号", "投诉时间", "街道代码"),
        encoding="gb18030",
    ),
    Events(
        INSPECTIONS,
        "housing/房屋安全检查_{}.csv",
        44,
        "FJ",
        (
            Choice("建成年代", ("2000年以前", "2000年以后"), (7, 3)),
            Choice("鉴定等级", ("A级", "B级", "C级", "D级"), (55, 33, 10, 2)),
        ),
        (
            Number("hazards", "隐患（处）", 4, 1.0),
            Number("removed", "已消除（处）", of="hazards", share=(0.5, 1.0)),
        ),
        (Counted("old", {"建成年代": ("2000年以前",)}), Counted("dangerous", {"鉴定等级": ("C级", "D级")})),
        head=("检查编号", "检查时间", "街道代码"),
        delimiter=";",
    ),
)


def _share(subject: str, num: str, den: str) -> tuple[Part, Part, int, str, str]:
    return total(subject, num), total(subject, den), 100, "day", "month"


LISTED = {
    "housing.floor_area_atkinson": Places(
        "housing.floor_area_per_person", "street", statistics.atkinson_half, ("year",), CITYWIDE, is_near=True
    ),
}
ASKED = {
    "housing.floor_area_per_person": ratio(total(YEARLY, "floor_m2"), total(YEARLY, "persons"), 1, "day", "year"),
    "housing.property_cover_rate": ratio(total(YEARLY, "managed_m2"), total(YEARLY, "floor_m2"), 100, "day", "year"),
    "housing.old_housing_share": ratio(total(YEARLY, "old_m2"), total(YEARLY, "floor_m2"), 100, "day", "year"),
    "housing.complaints_per_1000_households": ratio(
        number(COMPLAINTS, "records"), total(YEARLY, "households"), 1_000, "day", "month"
    ),
    "housing.complaint_satisfaction_rate": ratio(
        number(COMPLAINTS, "satisfied"), number(COMPLAINTS, "visited"), 100, "day", "month"
    ),
    "housing.complaint_response_hours": mean(total(COMPLAINTS, "minutes"), "day", "month", factor=SIXTIETH),
    "housing.repair_on_time_rate": ratio(*_share(PROPERTY, "on_time", "asked")),
    "housing.lift_availability": ratio(*_share(PROPERTY, "running", "lifts")),
    "housing.fee_collection_rate": ratio(*_share(PROPERTY, "paid_cents", "billed_cents")),
    "housing.dangerous_building_share": ratio(
        number(INSPECTIONS, "dangerous"), number(INSPECTIONS, "records"), 100, "day", "month"
    ),
    "housing.old_building_inspections": ratio(
        number(INSPECTIONS, "old"), total(YEARLY, "old_buildings"), 100, "day", "month"
    ),
    "housing.hazard_removal_rate": ratio(*_share(INSPECTIONS, "removed", "hazards")),
    "housing.vacancy_rate": ratio(*_share(RENTAL, "vacant", "homes")),
    "housing.rent_per_m2": ratio(  # hundredths of a yuan over tenths of a square metre
        total(RENTAL, "rent_cents"), total(RENTAL, "tenths_m2"), Fraction(1, 10), "day", "month"
    ),
    "housing.lease_filing_rate": ratio(*_share(RENTAL, "filed", "leases")),
}
