"""A city that publishes as cities of Brazil do: `;`, decimal commas, latin letters, hours 1 to 24, thousands."""

from collections.abc import Callable

import pytest
import shapefile

from citypulse import asking
from tests.cities.conftest import Delivered, RunNight, square

pytestmark = pytest.mark.slow
STATIONS = {"Praça Velha": ("34,5", "10,5"), "Estação das Águas": ("30,25", "6,25")}
"""PM2.5 at midnight after the first day, and in every other hour of the second."""


def deliver(town: Delivered) -> None:
    town.areas(
        "mapas/zonas.geojson",
        [({"nome": "Centro"}, [square(-45, -24, -44, -23)]), ({"nome": "Leste"}, [square(-44, -24, -43, -23)])],
    )
    with shapefile.Writer(str(town.folder / "mapas" / "subprefeituras"), encoding="cp1252") as shapes:
        for name in ("CODIGO", "NOME", "ZONA"):
            shapes.field(name, "C", 40)
        for code, name, zone, east in (("1", "Sé", "Centro", 0), ("2", "Águas", "Leste", 2), ("3", "Vão", "LESTE", 4)):
            west = 500_000 + 1000 * east
            shapes.poly([square(west, 7_400_000, west + 2000, 7_402_000)[::-1]])
            shapes.record(code, name, zone)
    for day, first in (("10", True), ("11", False)):
        lines = ["Data;Hora;Estação;Poluente;Concentração (µg/m³)"]
        for station, (midnight, others) in STATIONS.items():
            usual, last = ("12,0", midnight) if first else (others, "9")
            lines += [f"{day}/03/2025;{hour:02}:00;{station};MP2,5;{usual}" for hour in range(1, 24)]
            lines += [f"{day}/03/2025;24:00;{station};MP2,5;{last}"]
        lines += [f"{day}/03/2025;06:00;Praça Velha;MP10;1.234,5", f"{day}/03/2025;07:00;Praça Velha;MP10;ND"]
        town.write(f"ar/qualidade_{day}-03-2025.csv", lines, "cp1252")
    town.write(
        "metro/passageiros_2025_03.csv",
        [
            "Companhia do Metropolitano", "Passageiros por linha;;;", "Linha;Dia;Passageiros (em milhares)",
            "Linha 1 – Azul;10/3/2025;1.234,5", "Linha 2 – Verde;10/3/2025;78,125", "Total;10/3/2025;1.312,625", "",
            "Linha;Passageiros (em milhares);Dia",
            "Linha 1 – Azul;1.100;11/3/2025", "Linha 2 – Verde;80,5;11/3/2025", "Total;1.180,5;11/3/2025",
            "Fonte: Companhia do Metropolitano",
        ],
        "cp1252",
    )  # fmt: skip
    town.write("populacao/censo_2022.csv", ["Código;População (mil hab.)", "1;431,106", "02;1.250,5", "3;90"], "cp1252")
    town.land("2025-03-12T02:00")


def test_vila_nova_needs_a_folder_only(scratch: Callable[[str], Delivered], night: RunNight) -> None:
    town = scratch("vilanova")
    deliver(town)
    night(town.lake, "2025-03-11")

    # (34.5 + 23 x 10.5) / 24 and (30.25 + 23 x 6.25) / 24; the city's is the mean of all 48 readings
    second = "2025-03-11"
    pm25 = "environment.pm25_daily_mean"
    by_part = town.values(pm25, "subprefecture")
    assert (by_part["01", second], by_part["02", second]) == (11.5, 7.25)
    assert [town.values(pm25, "zone")[zone, second] for zone in ("C", "L")] == [11.5, 7.25]
    assert town.values(pm25, "city")["vilanova", second] == 9.375

    rows = asking.values(town.city, town.lake, pm25, None, "zone", second, None, None).to_pylist()
    assert {row["place"]: row["place_name"] for row in rows if row["value"] is not None} == {
        "C": "Centro",
        "L": "Leste",
    }

    riders = town.values("transport.transit_ridership", "city")
    assert (riders["vilanova", "2025-03-10"], riders["vilanova", second]) == (1_312_625, 1_180_500)
    residents = town.values("population.residents", "zone")
    assert (residents["C", second], residents["L", second]) == (431_106, 1_340_500)

    assert town.sql(
        "SELECT observed_date::VARCHAR, hour, concentration_ugm3::VARCHAR FROM silver.air_quality "
        "WHERE pollutant = 'PM10' ORDER BY 1, 2"
    ) == [
        ("2025-03-10", 6, "1234.5000"), ("2025-03-10", 7, None),
        ("2025-03-11", 6, "1234.5000"), ("2025-03-11", 7, None),
    ]  # fmt: skip
    # 500,000 m east is the central meridian of zone 23, 45 degrees west
    assert town.sql(
        "SELECT place_id, name_en, parent_id, geometry LIKE '%[[-45.0,%' OR geometry LIKE '%[-45,%' FROM silver.places "
        "WHERE level = 'subprefecture' ORDER BY 1"
    ) == [("01", "Sé", "Centro", True), ("02", "Águas", "Leste", False), ("03", "Vão", "LESTE", False)]
