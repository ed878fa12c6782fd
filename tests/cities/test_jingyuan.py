"""A city that publishes as cities of China do: a column for each station, hour 24, GB18030, three datums, 万 and 亿."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from jobs.shared import geo
from tests.cities.conftest import Delivered, RunNight, square

pytestmark = pytest.mark.slow
INNER = (116.38, 39.88, 116.42, 39.92)


def gcj(lon: float, lat: float) -> tuple[float, float]:
    """A point of WGS84 as the map services of the country give it."""
    x, y = geo.to_gcj02(np.array([lon]), np.array([lat]))
    return float(x[0]), float(y[0])


def bd(lon: float, lat: float) -> tuple[float, float]:
    x, y = gcj(lon, lat)
    z = math.hypot(x, y) + 0.00002 * math.sin(y * math.pi * 3000 / 180)
    theta = math.atan2(y, x) + 0.000003 * math.cos(x * math.pi * 3000 / 180)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


def shifted(*corners: float) -> list[tuple[float, float]]:
    return [gcj(*point) for point in square(*corners)]


def _degrees(point: tuple[float, float]) -> str:
    return f"{point[0]:.7f},{point[1]:.7f}"


def deliver(town: Delivered) -> None:
    town.areas("规划/行政区.geojson", [
        ({"code": "110101", "name": "东苑区"}, [shifted(116.30, 39.85, 116.40, 39.95)]),
        ({"code": "110102", "name": "西苑区"}, [shifted(116.40, 39.85, 116.50, 39.95)]),
    ])  # fmt: skip
    town.areas("规划/环路.geojson", [
        ({"code": "r2", "name": "二环内"}, [shifted(*INNER)]),
        ({"code": "r3", "name": "二环至三环"}, [shifted(116.35, 39.86, 116.45, 39.94), shifted(*INNER)[::-1]]),
    ])  # fmt: skip
    lines = ["date,hour,type,古观象台,天坛,西苑官园"]
    lines += [f"20250512,{hour},PM2.5,30,50," for hour in range(1, 24)] + ["20250512,24,PM2.5,54,26,100"]
    lines += ["20250512,1,CO,0.8,0.9,", "20250512,1,AQI,60,70,80"]
    town.write("环保/all_20250512.csv", lines)
    lines = ["date,hour,type,西苑官园,古观象台,天坛,新城站"]  # another order, and a station nobody has declared
    lines += [f"20250513,{hour},PM2.5,20,30,50," for hour in range(1, 24)] + ["20250513,24,PM2.5,1,1,1,77"]
    town.write("环保/all_20250513.csv", lines)
    header = "工单编号,登记时间,来电号码,诉求类别,经度(gcj),纬度(gcj)"
    first = [("C1", "2025/5/12 08:30", (116.399, 39.90)), ("C2", "2025/5/12 24:00", (116.44, 39.90)),
             ("C3", "2025/5/12 9:05", (116.36, 39.90))]  # fmt: skip
    for day, cases in (("12", first), ("13", [("C5", "2025/5/13 7:05", (116.41, 39.90))])):
        lines = [f"{case},{when},13800000000,噪声,{_degrees(gcj(*point))}" for case, when, point in cases]
        lines += [f"C4,2025/5/{day} 10:00,13900000000,供水,,"] if day == "12" else []
        town.write(f"热线/工单_202505{day}.csv", [header, *lines], "gb18030")
    town.write("人口/常住人口_2024.csv", [
        "京原市年末常住人口,,", "", "地区,年末常住人口,备注",
        "东苑区,21．5万,", "西苑区,0.0125亿,", "合　计,146.5万,", "注：推算数",
    ], "gb18030")  # fmt: skip
    hospital = f"H1,京原医院,{_degrees(bd(116.403, 39.90))}"
    town.write("卫生/医院_2025.csv", ["机构代码,机构名称,百度经度,百度纬度", hospital], "gb18030")
    town.land("2025-05-14T02:00")


def test_jingyuan_needs_a_folder_only(scratch: Callable[[str], Delivered], night: RunNight) -> None:
    town = scratch("jingyuan")
    deliver(town)
    night(town.lake, "2025-05-13")

    # (54 + 23 x 30 + 26 + 23 x 50) / 48 and (100 + 23 x 20) / 24
    pm25 = town.values("environment.pm25_daily_mean", "district")
    assert pm25["110101", "2025-05-13"] == 40
    assert pm25["110102", "2025-05-13"] == pytest.approx(560 / 24, rel=1e-12)
    assert town.values("environment.pm25_daily_mean", "city")["jingyuan", "2025-05-13"] == pytest.approx(
        2480 / 72, rel=1e-12
    )
    carbon_monoxide = "SELECT concentration_ugm3::INT FROM silver.air_quality WHERE pollutant = 'CO' ORDER BY 1"
    assert town.sql(carbon_monoxide) == [(800,), (900,)]

    cases = town.values("livelihood.hotline_cases", "district")
    assert [cases[key] for key in (("110101", "2025-05-12"), ("110102", "2025-05-13"))] == [2, 2]
    rings = town.values("livelihood.hotline_cases", "ring")
    assert [rings["r2", f"2025-05-{day}"] for day in (12, 13)] == [1, 1]
    assert [rings["r3", f"2025-05-{day}"] for day in (12, 13)] == [1, 1]
    assert [town.values("livelihood.hotline_cases", "city")["jingyuan", f"2025-05-{day}"] for day in (12, 13)] == [3, 2]
    assert town.sql("SELECT case_id, place_id, place_ring FROM silver.hotline_cases ORDER BY 1") == [
        ("C1", "110101", "r2"), ("C2", "110102", "r3"), ("C3", "110101", "r3"), ("C4", None, None),
        ("C5", "110102", "r2"),
    ]  # fmt: skip

    rate = town.values("livelihood.hotline_cases_per_10k", "district")
    assert rate["110101", "2025-05-12"] == pytest.approx(2 / 215_000 * 10_000, rel=1e-12)
    assert town.values("population.residents", "city")["jingyuan", "2025-05-13"] == 1_465_000
    assert town.sql("SELECT place_id, place_ring FROM silver.facilities") == [("110102", "r2")]
