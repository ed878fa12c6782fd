"""A city that publishes as cities of Korea do: CP949, hours in column names, headers that change, corrections."""

import unicodedata
from collections.abc import Callable

import pytest

from tests.cities.conftest import Delivered, RunNight, square

pytestmark = pytest.mark.slow
HOURS = '"07시-08시 승차 (명)","07시-08시 하차 (명)","08시-09시 승차 (명)"'
BUS = [
    '"2025년 4월 버스 승차 인원"', "",
    '"사용일자","노선번호","정류장ID(표준)","자치구","행정동/법정동",' + HOURS + ',"승차율(%)","환승/비고"',
    '20250401,"100","11-001","북강구","신사동","1,234","999","66","12.5%",""',
    '20250401,"200","11-001","북강구","신사동","10","9","20","",""',
    '20250401,"100","22-001","남강구","신사동","500","1","5","",""',
    '"합 계",,,,,"1,744","1,009","91",,',
    '"※ 4월 2일부터 서식 변경"', "",
    '"날짜","정류장","노선","행정동/법정동","자치구","08시-09시 승차","07시-08시 승차","09시-10시 승차","환승/비고"',
    '2025.4.2,"11-001","100","신사동","북강구","30","2,000","7",""',
    '2025.4.2,"22-002","300","한강동","남강구","40","1","2",""',
    '"합계",,,,,"70","2,001","9",',
]  # fmt: skip
METRO = '"사용 일자","노선명","역명","자치구","행정동","승차 총승객수 (명)","하차 총승객수 (명)","등록/수정"'


def deliver(town: Delivered) -> None:
    town.write("행정구역/구_2020.csv", ['"구 코드","구 이름"', "11010,북강구", "11020,남강구"], "cp949")
    town.areas("행정구역/행정동.geojson", [
        ({"sgg_nm": gu, "adm_nm": dong}, [square(east, 2_000_000, east + 1000, 2_001_000)])
        for gu, dong, east in (
            ("북강구", "신사동", 1_000_000), ("남강구", "신사동", 1_001_000), ("남강구", "한강동", 1_002_000),
        )
    ])  # fmt: skip
    town.write("버스/노선별_2025년04월.csv", BUS, "cp949")
    first = [
        METRO, '2025-04-01,1호선,강변역,북강구,신사동,"12,345","11,000",2025-04-02',
        '2025-04-01,2호선,나루역,남강구,한강동,"1,000",900,2025-04-02',
        "2025-04-01,2호선,강변역,북강구,신사동,600,550,2025-04-02",
        '2025-04-01,1호선,강변역,북강구,신사동,"12,400","11,000",2025-04-02 수정',
    ]  # fmt: skip
    town.write("지하철/역별_20250401.csv", first, "cp949")
    second = [
        METRO,
        '2025-04-02,1호선,강변역,북강구,신사동,"5,000",1,-',
        '2025-04-02,2호선,나루역,남강구,한강동,"2,000",1,-',
    ]
    # saved elsewhere: UTF-8 with a byte order mark, and a name of decomposed letters
    town.write(unicodedata.normalize("NFD", "지하철/역별_20250402.csv"), second, "utf-8-sig")
    town.land("2025-04-03T02:00")


def test_hangang_needs_a_folder_only(scratch: Callable[[str], Delivered], night: RunNight) -> None:
    town = scratch("hangang")
    deliver(town)
    night(town.lake, "2025-04-02")

    # bus 1234 + 66 + 10 + 20 and metro 12400 + 600 in the north; bus 505 and metro 1000 in the south
    riders = "transport.transit_ridership"
    assert {key: value for key, value in town.values(riders, "gu").items() if key[0] != "unplaced"} == {
        ("11010", "2025-04-01"): 14_330, ("11020", "2025-04-01"): 1_505,
        ("11010", "2025-04-02"): 2_037 + 5_000, ("11020", "2025-04-02"): 43 + 2_000,
    }  # fmt: skip
    assert [town.values(riders, "city")["hangang", f"2025-04-0{day}"] for day in (1, 2)] == [15_835, 9_080]

    bus = (
        "SELECT stop_id, hour, boardings, place_id FROM silver.transit_ridership "
        "WHERE system = 'bus' AND _day = '{}' ORDER BY 1, 2"
    )
    assert town.sql(bus.format("2025-04-01")) == [
        ("100-11-001", 7, 1234, "북강구 신사동"), ("100-11-001", 8, 66, "북강구 신사동"),
        ("100-22-001", 7, 500, "남강구 신사동"), ("100-22-001", 8, 5, "남강구 신사동"),
        ("200-11-001", 7, 10, "북강구 신사동"), ("200-11-001", 8, 20, "북강구 신사동"),
    ]  # fmt: skip
    assert town.sql(bus.format("2025-04-02")) == [
        ("100-11-001", 7, 2000, "북강구 신사동"), ("100-11-001", 8, 30, "북강구 신사동"),
        ("100-11-001", 9, 7, "북강구 신사동"), ("300-22-002", 7, 1, "남강구 한강동"),
        ("300-22-002", 8, 40, "남강구 한강동"), ("300-22-002", 9, 2, "남강구 한강동"),
    ]  # fmt: skip
    parts = "SELECT part, sum(rows)::INT FROM ops.settled WHERE \"table\" LIKE '%ridership' GROUP BY 1 ORDER BY 1"
    assert town.sql(parts) == [("accepted", 17), ("superseded", 1)]
