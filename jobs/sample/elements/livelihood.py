"""What the hotline, service halls and offices for social security and food file on how citizens fare."""

from fractions import Fraction

from jobs.sample import statistics
from jobs.sample.asked import PEOPLE, SIXTIETH, Days, count, mean, number, ratio, summed, total
from jobs.sample.events import Choice, Counted, Events
from jobs.sample.numbers import Number
from jobs.sample.returns import Returns

MONTHLY, HOTLINE, ITEMS, HALLS = "hotline_returns", "hotline_service_returns", "service_items", "service_hall_returns"
SOCIAL, FOOD, SURVEYS = "social_security_returns", "food_safety_returns", "resident_surveys"
REPORTS = "citizen_reports"

RETURNS = (
    Returns(
        MONTHLY,
        "livelihood/热线月报_{}.csv",
        (
            Number("newly_received", "新受理", 1_150, 0.2),
            Number("carried_over", "上月结转", of="newly_received", share=(0.02, 0.06)),
            Number("answered_directly", "直接答复", of="newly_received", share=(0.4, 0.6)),
            Number("transferred", "转办", of="newly_received", less=("answered_directly",), share=(1.02, 1.12)),
        ),
        monthly=True,
        head=("月份首日", "单位", "街道代码"),
        encoding="gb18030",
    ),
    Returns(
        HOTLINE,
        "livelihood/热线服务日报_{}.csv",
        (
            Number("calls", "呼入", 230, 0.25, weekly=True),
            Number("answered", "接通", of="calls", share=(0.84, 0.995)),
            Number("wait_s", "等待总时长（秒）", of="answered", share=(6, 32)),
            Number("rated", "参评", 120, 0.25, weekly=True),
            Number("satisfied", "满意", of="rated", share=(0.86, 1.0)),
            Number("closed", "办结", 150, 0.25, weekly=True),
            Number("followed_up", "回访", of="closed", share=(0.6, 1.1), within=True),
            Number("sent_back", "退回重办", of="closed", share=(0.0, 0.07)),
            Number("repeated", "重复诉求", of="closed", share=(0.02, 0.14)),
        ),
        head=("日期", "片区", "街道代码"),
        delimiter=";",
    ),
    Returns(
        ITEMS,
        "livelihood/政务服务事项_{}.csv",
        (
            Number("items", "事项数", 310, 0.15),
            Number("online_items", "网上可办", of="items", share=(0.88, 1.02), within=True),
            Number("one_stop_items", "一站式办理", of="items", share=(0.6, 0.95)),
            Number("single_entry_items", "统一入口", of="items", share=(0.7, 1.0)),
        ),
        once=True,
        head=("统计时点", "单位", "街道代码"),
    ),
    Returns(
        HALLS,
        "livelihood/halls/hall_{}.csv",
        (
            Number("visits", "visits", 160, 0.25, weekly=True),
            Number("booked", "booked", of="visits", share=(0.25, 0.7)),
            Number("wait_min", "wait_min", of="visits", share=(4, 26)),
            Number("with_e_licence", "e_licence", of="visits", share=(0.2, 0.6)),
            Number("rated", "rated", of="visits", share=(0.3, 0.6)),
            Number("satisfied", "satisfied", of="rated", share=(0.9, 1.0)),
        ),
        head=("day", "hall", "street_code"),
    ),
    Returns(
        SOCIAL,
        "livelihood/社保经办_{}.csv",
        (
            Number("due", "应办结", 64, 0.3, weekly=True),
            Number("on_time", "按时办结", of="due", share=(0.88, 1.1), within=True),
            Number("payments_due", "应发待遇（元）", 52_000_000, 0.3, decimals=2),
            Number("paid_on_time", "按时发放（元）", of="payments_due", share=(0.96, 1.01), within=True, decimals=2),
        ),
        head=("日期", "经办机构", "街道代码"),
        delimiter=";",
        point=",",
    ),
    Returns(
        FOOD,
        "livelihood/食品安全日报_{}.csv",
        (
            Number("complaints", "投诉举报", 9, 0.7),
            Number("replies_due", "应答复", 8, 0.5),
            Number("replied_on_time", "按时答复", of="replies_due", share=(0.8, 1.25), within=True),
            Number("samples", "抽检批次", 14, 0.4, weekly=True),
            Number("qualified", "合格批次", of="samples", share=(0.92, 1.1), within=True),
            Number("premises_due", "应检户次", 18, 0.4, weekly=True),
            Number("premises_checked", "已检户次", of="premises_due", share=(0.8, 1.15), within=True),
        ),
        head=("日期", "单位", "街道代码"),
        encoding="gb18030",
    ),
    Returns(
        SURVEYS,
        "livelihood/居民调查_{}.csv",
        (
            Number("asked", "有效样本", 260, 0.2),
            Number("feel_safe", "感到安全", of="asked", share=(0.88, 1.0)),
            Number("content", "对公共服务满意", of="asked", share=(0.74, 0.96)),
        ),
        monthly=True,
        head=("月份首日", "单位", "街道代码"),
    ),
)
EVENTS = (
    Events(
        REPORTS,
        "livelihood/snapshots/snap_{}.csv",
        150,
        "SP",
        choices=(Choice("verdict", ("采用", "重复", "不属实"), (0.78, 0.12, 0.1)),),
        numbers=(Number("handled_min", "handled_min", 1_500, 0.95),),
        counted=(
            Counted("accepted", {"verdict": ("采用",)}),
            Counted("handled", {"verdict": ("采用",)}, "handled_min"),
        ),
        head=("report", "time", "street_code"),
        delimiter=";",
    ),
)
BY_MODE = (total(MONTHLY, "answered_directly"), total(MONTHLY, "transferred"))
BY_ORIGIN = (total(MONTHLY, "newly_received"), total(MONTHLY, "carried_over"))
LISTED = {
    "livelihood.hotline_on_time_shortfall": Days(
        "livelihood.hotline_on_time_share", 14, 2, statistics.shortfall(Fraction(90), Fraction(2))
    ),
}
ASKED = {
    "livelihood.hotline_handled_by_mode": summed(BY_MODE, "month"),
    "livelihood.hotline_handled_by_origin": summed(BY_ORIGIN, "month"),
    "livelihood.hotline_unreconciled_share": ratio((*BY_MODE, *(-one for one in BY_ORIGIN)), BY_ORIGIN, 100, "month"),
    "livelihood.hotline_direct_share": ratio(
        total(MONTHLY, "answered_directly"), total(MONTHLY, "newly_received"), 100, "month"
    ),
    "livelihood.hotline_answered_rate": ratio(total(HOTLINE, "answered"), total(HOTLINE, "calls"), 100, "day", "month"),
    "livelihood.hotline_wait_seconds": ratio(total(HOTLINE, "wait_s"), total(HOTLINE, "answered"), 1, "day", "month"),
    "livelihood.hotline_satisfaction": ratio(total(HOTLINE, "satisfied"), total(HOTLINE, "rated"), 100, "day", "month"),
    "livelihood.hotline_follow_up_rate": ratio(
        total(HOTLINE, "followed_up"), total(HOTLINE, "closed"), 100, "day", "month"
    ),
    "livelihood.hotline_rework_rate": ratio(total(HOTLINE, "sent_back"), total(HOTLINE, "closed"), 100, "day", "month"),
    "livelihood.hotline_repeat_share": ratio(total(HOTLINE, "repeated"), total(HOTLINE, "closed"), 100, "day", "month"),
    "livelihood.online_items_share": ratio(total(ITEMS, "online_items"), total(ITEMS, "items"), 100, "year"),
    "livelihood.one_stop_share": ratio(total(ITEMS, "one_stop_items"), total(ITEMS, "items"), 100, "year"),
    "livelihood.single_entry_share": ratio(total(ITEMS, "single_entry_items"), total(ITEMS, "items"), 100, "year"),
    "livelihood.e_licence_use_rate": ratio(total(HALLS, "with_e_licence"), total(HALLS, "visits"), 100, "day", "month"),
    "livelihood.hall_booking_share": ratio(total(HALLS, "booked"), total(HALLS, "visits"), 100, "day", "month"),
    "livelihood.hall_wait_minutes": ratio(total(HALLS, "wait_min"), total(HALLS, "visits"), 1, "day", "month"),
    "livelihood.hall_satisfaction": ratio(total(HALLS, "satisfied"), total(HALLS, "rated"), 100, "day", "month"),
    "livelihood.social_security_on_time_rate": ratio(
        total(SOCIAL, "on_time"), total(SOCIAL, "due"), 100, "day", "month"
    ),
    "livelihood.benefits_on_time_rate": ratio(
        total(SOCIAL, "paid_on_time"), total(SOCIAL, "payments_due"), 100, "day", "month"
    ),
    "livelihood.food_complaints_per_100k": ratio(total(FOOD, "complaints"), PEOPLE, 100_000, "day", "month"),
    "livelihood.food_replies_on_time_rate": ratio(
        total(FOOD, "replied_on_time"), total(FOOD, "replies_due"), 100, "day", "month"
    ),
    "livelihood.food_sample_pass_rate": ratio(total(FOOD, "qualified"), total(FOOD, "samples"), 100, "day", "month"),
    "livelihood.food_inspection_rate": ratio(
        total(FOOD, "premises_checked"), total(FOOD, "premises_due"), 100, "day", "month"
    ),
    "livelihood.safety_perception": ratio(total(SURVEYS, "feel_safe"), total(SURVEYS, "asked"), 100, "month"),
    "livelihood.public_service_satisfaction": ratio(total(SURVEYS, "content"), total(SURVEYS, "asked"), 100, "month"),
    "livelihood.citizen_reports": count(REPORTS, "day", "month"),
    "livelihood.citizen_report_accepted_share": ratio(
        number(REPORTS, "accepted"), number(REPORTS, "records"), 100, "day", "month"
    ),
    "livelihood.citizen_report_hours": mean(total(REPORTS, "handled"), "day", "month", factor=SIXTIETH),
}
