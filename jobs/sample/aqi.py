"""Air quality indices for the answer key, in fractions and from the standards' printed tables.

Written a second time on purpose: the published values come from jobs/methods. Sources: HJ 633-2012 Table 1, eq. 1, §6.2
(24-hour means, ozone as the day's highest 8-hour mean; µg/m³, CO in mg/m³); US EPA TAD EPA-454/B-24-002 (May 2024).
"""

import math
from collections.abc import Mapping
from fractions import Fraction

CN_INDEX = (0, 50, 100, 150, 200, 300, 400, 500)
CN_TABLE = {
    "SO2": (0, 50, 150, 475, 800, 1600, 2100, 2620),
    "NO2": (0, 40, 80, 180, 280, 565, 750, 940),
    "PM10": (0, 50, 150, 250, 350, 420, 500, 600),
    "CO": (0, 2, 4, 14, 24, 36, 48, 60),
    "O3_8h": (0, 100, 160, 215, 265, 800),
    "PM2.5": (0, 35, 75, 115, 150, 250, 350, 500),
}
US_PM25 = (
    ("0", "9.0", 0, 50), ("9.1", "35.4", 51, 100), ("35.5", "55.4", 101, 150), ("55.5", "125.4", 151, 200),
    ("125.5", "225.4", 201, 300), ("225.5", "325.4", 301, 500),
)  # fmt: skip
US_OZONE = (
    ("0", ".054", 0, 50), (".055", ".070", 51, 100), (".071", ".085", 101, 150), (".086", ".105", 151, 200),
    (".106", ".200", 201, 300),
)  # fmt: skip


def cn(concentrations: Mapping[str, Fraction]) -> int | None:
    """The highest index of the pollutants given, each rounded up; None without any."""
    found = [one for name, value in concentrations.items() if (one := cn_one(name, value)) is not None]
    return max(found, default=None)


def cn_one(pollutant: str, concentration: Fraction) -> int | None:
    """IAQI of eq. 1, rounded up; above the last node 500, for the 8-hour ozone none."""
    nodes = CN_TABLE[pollutant]
    for low, high, bottom, top in zip(nodes, nodes[1:], CN_INDEX, CN_INDEX[1:], strict=False):
        if concentration <= high:
            return math.ceil(Fraction(top - bottom, high - low) * (concentration - low) + bottom)
    return None if pollutant == "O3_8h" else 500


def us_pm25(mean_ugm3: Fraction) -> int:
    """From the 24-hour mean, truncated to 0.1 µg/m³; above the last node 500."""
    index = _us(US_PM25, Fraction(math.floor(mean_ugm3 * 10), 10))
    return 500 if index is None else index


def us_ozone(highest_ppm: Fraction) -> int | None:
    """From the highest 8-hour mean, truncated to 0.001 ppm; above 0.200 ppm none."""
    return _us(US_OZONE, Fraction(math.floor(highest_ppm * 1000), 1000))


def _us(table: tuple[tuple[str, str, int, int], ...], value: Fraction) -> int | None:
    for low, high, bottom, top in table:
        if value <= Fraction(high):
            exact = Fraction(top - bottom) / (Fraction(high) - Fraction(low)) * (value - Fraction(low)) + bottom
            return math.floor(exact + Fraction(1, 2))
    return None
