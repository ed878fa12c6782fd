"""What hospitals, depots and the health commission file beside the ledger."""

from collections.abc import Iterator
from fractions import Fraction

from jobs.sample import statistics
from jobs.sample.asked import ALL, PEOPLE, PLACED, Days, Part, Places, Rows, count, number, ratio, summed, total
from jobs.sample.events import Choice, Counted, Events
from jobs.sample.names import HOSPITALS
from jobs.sample.numbers import Limit, Number
from jobs.sample.returns import Kinds, Returns
from jobs.sample.sums import Key, Row, Sums

MONTHLY, CAPACITY, GOODS = "hospital_returns", "hospital_capacity", "emergency_supplies"
VISITS, DOSES = "outpatient_returns", "vaccination_returns"
HOSPITAL_SITES = tuple(one.street for one in HOSPITALS)

RETURNS = (
    Returns(
        MONTHLY,
        "medical/monthly/医院月报_{}.csv",
        (
            Number("open_bed_days", "实际开放总床日数", 17_500, 0.1),
            Number("occupied_bed_days", "实际占用总床日数", of="open_bed_days", share=(0.68, 1.02)),
            Number("discharges", "出院人数", 1_650, 0.2),
            Number("discharged_bed_days", "出院者占用总床日数", of="discharges", share=(6.5, 10.5)),
        ),
        works=8,
        prefix="H",
        sites=HOSPITAL_SITES,
        monthly=True,
        month_days=("calendar_days", "期内日数"),
        head=("月份首日", "机构代码", "所在街道"),
        encoding="gb18030",
    ),
    Returns(
        "medical_resources",
        "medical/卫生资源_{}.csv",
        (
            Number("beds", "床位数", 380, 0.3),
            Number("doctors", "执业（助理）医师数", 170, 0.3),
        ),
        once=True,
        head=("统计时点", "填报单位", "街道代码"),
    ),
    Returns(
        CAPACITY,
        "medical/capacity/cap_{}.csv",
        (
            Number("staffed_beds", "staffed", 620, 0.03),
            Number("free_beds", "free", of="staffed_beds", share=(0.04, 0.2)),
            Number("dischargeable_beds", "dischargeable", of="staffed_beds", share=(0.02, 0.08)),
            Number("surge_beds", "surge", of="staffed_beds", share=(0.04, 0.12)),
            Number("icu_beds", "icu", of="staffed_beds", share=(0.03, 0.06)),
            Number("icu_occupied", "icu_used", of="icu_beds", share=(0.45, 1.05), within=True),
            Number("ventilators", "vent", of="icu_beds", share=(0.8, 1.4)),
            Number("ventilators_used", "vent_used", of="ventilators", share=(0.2, 0.9)),
        ),
        works=8,
        prefix="H",
        sites=HOSPITAL_SITES,
        head=("day", "hospital", "street"),
        delimiter=";",
    ),
    Returns(
        VISITS,
        "medical/门急诊日报_{}.csv",
        (
            Number("visits", "诊疗人次", 1_350, 0.15, weekly=True),
            Number("appointments", "预约诊疗人次", of="visits", share=(0.45, 0.78)),
            Number("wait_min", "候诊总时长（分钟）", of="visits", share=(14, 38)),
            Number("records_retrieved", "调阅健康档案人次", of="visits", share=(0.2, 0.55)),
            Number("complaints", "投诉件数", 3, 0.9),
        ),
        works=8,
        prefix="H",
        sites=HOSPITAL_SITES,
        head=("日期", "机构代码", "所在街道"),
        encoding="gb18030",
    ),
    Returns(
        GOODS,
        "medical/supplies/物资台账_{}.csv",
        (
            Number("on_hand", "库存", 9_000, 0.4),
            Number("used", "当日消耗", of="on_hand", share=(0.03, 0.3)),
        ),
        works=6,
        prefix="WZ",
        limits=(Limit("low", "used", other="on_hand", share=Fraction(1, 7)),),
        kinds=Kinds("物资", ("防护口罩", "防护服", "护目镜", "消毒液"), (1.0, 0.2, 0.15, 0.1)),
        head=("日期", "储备点", "街道代码"),
    ),
    Returns(
        DOSES,
        "medical/接种日报_{}.csv",
        (
            Number("doses_due", "应种剂次", 46, 0.3, weekly=True),
            Number("doses_given", "实种剂次", of="doses_due", share=(0.84, 1.08), within=True),
            Number("reactions", "不良反应例数", of="doses_given", share=(0.0, 0.05)),
        ),
        head=("接种日期", "接种单位", "街道代码"),
    ),
)
EVENTS = (
    Events(
        "disease_reports",
        "medical/cdc/传染病报告_{}.csv",
        64,
        "CR",
        choices=(Choice("类别", ("甲类", "乙类", "丙类"), (0.02, 0.48, 0.5)),),
        numbers=(Number("delay_min", "报告用时（分）", 780, 0.97),),
        limits=(Limit("timely", "delay_min", 1_440, within=True),),
        head=("报告卡编号", "报告时间", "街道代码"),
    ),
    Events(
        "health_inspections",
        "medical/卫生监督_{}.csv",
        22,
        "WJ",
        choices=(Choice("结论", ("合格", "责令整改", "立案查处"), (0.82, 0.14, 0.04)),),
        counted=(Counted("passed", {"结论": ("合格",)}),),
        head=("检查编号", "检查时间", "街道代码"),
        encoding="gb18030",
    ),
)
LONG = Part(MONTHLY, "calendar_days", "top")
SPARE = tuple(total(CAPACITY, name) for name in ("free_beds", "dischargeable_beds", "surge_beds"))
ASKED = {
    "medical.average_length_of_stay": ratio(
        total(MONTHLY, "discharged_bed_days"), total(MONTHLY, "discharges"), 1, "month", "year"
    ),
    "medical.average_open_beds": ratio(total(MONTHLY, "open_bed_days"), LONG, 1, "month"),
    "medical.beds_per_1000": ratio(total("medical_resources", "beds"), PEOPLE, 1_000, "year"),
    "medical.doctors_per_1000": ratio(total("medical_resources", "doctors"), PEOPLE, 1_000, "year"),
    "medical.ambulance_within_standard_share": ratio(
        number("ambulance_calls", "within"), number("ambulance_calls", "response_s"), 100, "day", "month", levels=ALL
    ),
    "medical.icu_occupancy": ratio(total(CAPACITY, "icu_occupied"), total(CAPACITY, "icu_beds"), 100, "day", "month"),
    "medical.ventilator_use_share": ratio(
        total(CAPACITY, "ventilators_used"), total(CAPACITY, "ventilators"), 100, "day", "month"
    ),
    "medical.surge_ratio": ratio(SPARE, total(CAPACITY, "staffed_beds"), 1, "day", "month"),
    "medical.outpatient_visits": summed(total(VISITS, "visits"), "day", "month"),
    "medical.outpatient_wait_minutes": ratio(total(VISITS, "wait_min"), total(VISITS, "visits"), 1, "day", "month"),
    "medical.appointment_share": ratio(total(VISITS, "appointments"), total(VISITS, "visits"), 100, "day", "month"),
    "medical.health_record_use_rate": ratio(
        total(VISITS, "records_retrieved"), total(VISITS, "visits"), 100, "day", "month"
    ),
    "medical.complaints_per_10k_visits": ratio(
        total(VISITS, "complaints"), total(VISITS, "visits"), 10000, "day", "month"
    ),
    "medical.days_of_supply": ratio(total(GOODS, "on_hand_1"), total(GOODS, "used_1"), 1, "day", "month"),
    "medical.supplies_low_share": ratio(number(GOODS, "low"), number(GOODS, "on_hand"), 100, "day", "month"),
    "medical.vaccination_rate": ratio(total(DOSES, "doses_given"), total(DOSES, "doses_due"), 100, "day", "month"),
    "medical.adverse_reactions_per_10k_doses": ratio(
        total(DOSES, "reactions"), total(DOSES, "doses_given"), 10000, "day", "month"
    ),
    "medical.disease_reports": count("disease_reports", "day", "month"),
    "medical.disease_report_timely_rate": ratio(
        number("disease_reports", "timely"), number("disease_reports", "delay_min"), 100, "day", "month"
    ),
    "medical.inspection_pass_rate": ratio(
        number("health_inspections", "passed"), number("health_inspections", "records"), 100, "day", "month"
    ),
}

HALF = Fraction(1, 2)
LISTED = {
    "medical.doctors_theil": Places(
        "medical.doctors_per_1000", "district", statistics.theil, ("year",), ("city",), is_near=True
    ),
    "medical.admissions_mean_7d": Days("medical.admissions", 7, 7, statistics.mean),
    "medical.admissions_ears_c1": Days("medical.admissions", 8, 8, statistics.ears_signal(1, HALF)),
    "medical.ambulance_calls_ears_c1": Days("medical.ambulance_calls", 8, 8, statistics.ears_signal(1, HALF)),
    "medical.disease_reports_ears_c2": Days("medical.disease_reports", 10, 10, statistics.ears_signal(3, HALF)),
    "medical.beds_gini": Places("medical.beds_per_1000", "district", statistics.gini, ("year",), ("city",)),
    "medical.beds_gini_people": Rows(
        ("medical.beds_per_1000", "population.residents"), "district", statistics.gini_of_people, ("year",)
    ),
}


def rows(sums: Sums) -> Iterator[Row]:
    """What a mean open bed did in a month: a number over bed-days, times the days of the month."""
    for name, measure in (("bed_turnover", "discharges"), ("bed_working_days", "occupied_bed_days")):
        for level in PLACED:
            for period in sums.periods("month", MONTHLY):
                for place in sums.places(level):
                    done, beds, days = (
                        sums.get(Key(MONTHLY, one, level, place, period))
                        for one in (measure, "open_bed_days", "calendar_days")
                    )
                    if done and beds and days:
                        value = Fraction(done.total * days.top, beds.total)
                        yield Row(f"medical.{name}", level, place, "month", period, value)
