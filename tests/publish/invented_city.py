"""The names of an invented city, Qingzhou: four districts, fourteen elements, two of them silent, hostile spellings."""

from datetime import date
from typing import NamedTuple

DAY = date(2031, 3, 9)
CITY = "qingzhou"
HOSTILE = "东港</script><script>window.hacked=1</script>\"'&\u2028区"
HOSTILE_FILE = 'power/<img src=x onerror="window.hacked=1">.csv'
UNPLACED = "unplaced"
DISTRICTS = {
    "d01": ("北岸区", "North Bank"),
    "d02": (HOSTILE, HOSTILE),
    "d03": ("古城区", "Old Town"),
    "d04": ("南湖新区", None),
}
ELEMENTS = {
    "transport": ("交通", "Transport"),
    "medical": ("医疗", "Medical care"),
    "environment": ("环保", "Environment"),
    "livelihood": ("民生民意", "Citizens' voice"),
    "population": ("人口", "Population"),
    "power": ("电", "Power"),
    "water": ("水", "Water"),
    "gas": ("煤气", "Gas"),
    "weather": ("气象", "Weather"),
    "facilities": ("市政设施", "Facilities"),
    "sanitation": ("市容环卫", "Sanitation"),
    "greenery": ("绿化景观", "Greenery"),
    "housing": ("房地物业", "Housing"),
    "flood": ("防汛", "Flood control"),
}


class Kind(NamedTuple):
    """An indicator: its names, how it is shown, and the level about which its invented values move."""

    zh: str
    en: str
    unit: str
    rounding: int | None
    direction: str
    level: float
    target: float | None = None
    headline: bool = True


UP, DOWN, NEUTRAL = "higher_better", "lower_better", "neutral"
KINDS = {
    "transport.taxi_trips": Kind("出租车出行次数", "Taxi trips", "trip", 0, NEUTRAL, 48211),
    "transport.road_speed_kmh": Kind("道路平均车速", "Road speed", "km/h", 1, UP, 31.4, target=30),
    "transport.transit_ridership": Kind("公共交通客运量", "Transit ridership", "boarding", 0, UP, 1204551),
    "medical.bed_occupancy": Kind("病床使用率", "Hospital bed occupancy", "%", 1, DOWN, 83.2, target=85),
    "medical.ambulance_response_minutes": Kind(
        "急救平均反应时间", "Ambulance response", "min", 2, DOWN, 8.4, target=10
    ),
    "medical.encounters": Kind("就诊人次", "Encounters", "encounter", 0, NEUTRAL, 9310, headline=False),
    "environment.pm25_daily_mean": Kind("PM2.5 日均浓度", "PM2.5 daily mean", "ug/m3", 1, DOWN, 38.6, target=35),
    "environment.aqi_cn": Kind("空气质量指数", "Air quality index", "1", 0, DOWN, 71),
    "livelihood.hotline_cases_per_10k": Kind(
        "每万人热线件数", "Hotline cases per 10,000 residents", "case", 2, DOWN, 3.7
    ),
    "population.residents": Kind("常住人口", "Residents", "person", 0, NEUTRAL, 2310456),
    "power.minutes_lost": Kind("人均停电时间", "Outage minutes per resident", "min", 3, DOWN, 0.412),
    "water.pressure_compliance": Kind("供水压力合格率", "Water pressure compliance", "%", 2, UP, 91.31, target=99),
    "weather.mean_temperature": Kind("平均气温", "Mean temperature", "degC", 1, NEUTRAL, -1.4),
    "facilities.road_length_km": Kind("道路总长", "Road length", "km", None, NEUTRAL, 1843.27, headline=False),
    "sanitation.bins_overdue": Kind("逾期未清运<b>点位</b>", "Bins overdue </script>", "count", 0, DOWN, 12),
    "greenery.trees_planted": Kind("月植树数", "Trees planted per month", "tree", 0, UP, 3120),
    "housing.lifts_out_of_service": Kind("停用电梯数", "Lifts out of service", "count", 0, DOWN, 0),
}
LEVELS = {
    "environment.pm25_daily_mean": [("yellow", ">", 38.0), ("orange", ">", 41.0), ("red", ">", 75.0)],
    "transport.road_speed_kmh": [("blue", "<", 30.0), ("yellow", "<", 20.0)],
    "medical.bed_occupancy": [("blue", ">=", 80.0), ("red", ">", 95.0)],
    "power.minutes_lost": [("orange", ">", 0.3)],
    "housing.lifts_out_of_service": [("blue", ">=", 1.0)],
}
STALE, WITHHELD, UNKNOWN = "medical.bed_occupancy", "power.minutes_lost", "water.pressure_compliance"
PROVISIONAL = ("transport.road_speed_kmh", "environment.pm25_daily_mean", "livelihood.hotline_cases_per_10k")
MONTHLY, CITY_ONLY, ZERO = "greenery.trees_planted", "weather.mean_temperature", "housing.lifts_out_of_service"
SOURCES = (
    "bus_gps", "metro_gates", "hospital_beds", "air_quality", "weather", "hotline", "taxi_trips", "road_sensors",
    "ambulance", "encounters", "population", "presence", "road_segments", "water_pressure",
)  # fmt: skip
