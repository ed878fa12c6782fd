"""What the meteorological bureau files beside its stations' observations: warnings, verified forecasts, inspections."""

from jobs.sample import statistics
from jobs.sample.asked import TENTH, Of, Part, count, mean, number, ratio, summed, total
from jobs.sample.events import Choice, Counted, Events
from jobs.sample.numbers import Number
from jobs.sample.returns import Returns

STATIONS, WARNINGS, FORECASTS, LIGHTNING = (
    "weather_stations",
    "weather_warnings",
    "forecast_checks",
    "lightning_inspections",
)
RETURNS = (
    Returns(
        FORECASTS,
        "environment/forecasts/预报检验_{}.csv",
        (
            Number("checked", "检验份数", 9, 0.3, alike=True),
            Number("rain_right", "晴雨正确", of="checked", share=(0.7, 1.05)),
            Number("temperature_right", "气温正确（±２℃）", of="checked", share=(0.6, 1.02)),
        ),
        delimiter=";",
        encoding="gb18030",
    ),
)
EVENTS = (
    Events(
        WARNINGS,
        "environment/warnings/预警信号_{}.csv",
        9,
        "YJ",
        choices=(
            Choice("灾种", ("大风", "暴雨", "雷电", "大雾", "道路结冰"), (4, 2, 2, 3, 1)),
            Choice("等级", ("蓝色", "黄色", "橙色", "红色"), (6, 3, 1, 0.2)),
            Choice("检验", ("命中", "空报"), (3, 1)),
        ),
        numbers=(Number("lead", "提前量（分钟）", 70, 0.8),),
        counted=(
            Counted("hits", {"检验": ("命中",)}),
            Counted("lead_of_hits", {"检验": ("命中",)}, of="lead"),
        ),
        head=("预警编号", "发布时间", "街道代码"),
        delimiter="|",
        encoding="gb18030",
    ),
    Events(
        LIGHTNING,
        "environment/lightning/防雷检测_{}.csv",
        12,
        "FL",
        choices=(
            Choice("场所类别", ("加油站", "学校", "高层建筑", "危化企业"), (2, 3, 4, 1)),
            Choice("结论", ("合格", "不合格"), (8, 1)),
        ),
        counted=(Counted("passed", {"结论": ("合格",)}),),
        head=("检测编号", "检测时间", "街道代码"),
    ),
)
LISTED = {
    "weather.rain_grade_24h": Of(("weather.rainfall_24h",), statistics.reached("0.1", "10", "25", "50", "100", "250")),
    "weather.rain_grade_12h": Of(("weather.rainfall_12h",), statistics.reached("0.1", "5", "15", "30", "70", "140")),
}
ASKED = {
    "weather.rainfall_24h": mean(total(STATIONS, "rain_tenths"), "day", factor=24 * TENTH),
    "weather.rainfall_12h": mean(total(STATIONS, "rain_by_day"), "day", factor=12 * TENTH),
    "weather.max_hourly_precipitation": summed(Part(STATIONS, "rain_tenths", "top"), "day", "month", factor=TENTH),
    "weather.rain_hours_share": ratio(number(STATIONS, "rainy"), number(STATIONS, "rain_tenths"), 100, "day", "month"),
    "weather.max_temperature": summed(Part(STATIONS, "warmest_tenths", "top"), "day", "month", factor=TENTH),
    "weather.min_temperature": summed(Part(STATIONS, "below_zero_tenths", "top"), "day", "month", factor=-TENTH),
    "weather.mean_humidity": mean(total(STATIONS, "humidity"), "day", "month"),
    "weather.low_visibility_share": ratio(number(STATIONS, "foggy"), number(STATIONS, "records"), 100, "day", "month"),
    "weather.valid_observation_share": ratio(
        number(STATIONS, "temperature_tenths"), number(STATIONS, "records"), 100, "day", "month"
    ),
    "weather.warnings_issued": count(WARNINGS, "day", "month"),
    "weather.warning_hit_share": ratio(number(WARNINGS, "hits"), number(WARNINGS, "records"), 100, "day", "month"),
    "weather.warning_lead_minutes": mean(total(WARNINGS, "lead_of_hits"), "day", "month"),
    "weather.rain_forecast_accuracy": ratio(
        total(FORECASTS, "rain_right"), total(FORECASTS, "checked"), 100, "day", "month"
    ),
    "weather.temperature_forecast_accuracy": ratio(
        total(FORECASTS, "temperature_right"), total(FORECASTS, "checked"), 100, "day", "month"
    ),
    "weather.lightning_protection_pass_share": ratio(
        number(LIGHTNING, "passed"), number(LIGHTNING, "records"), 100, "day", "month"
    ),
}
