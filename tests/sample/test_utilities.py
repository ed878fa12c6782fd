"""Water, gas, power, flood and typhoon: what their files say is what the answer key says."""

import csv
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from jobs.sample import draw, numbers
from jobs.sample.numbers import Limit, Number
from schemas import load_city

CITY = load_city("lanhai")
ELEMENTS = ("water", "gas", "power", "flood", "typhoon")
DAY = "2025-03-03"


def answers(folder: Path, indicator: str, level: str = "city") -> dict[str, Fraction]:
    """What the first edition says of an indicator, by place and period."""
    lines = (folder / "answers" / "values.ndjson").read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if (row["edition"], row["indicator"]) == (DAY, indicator)]
    return {f"{row['place']} {row['period']}": Fraction(row["value"]) for row in rows if row["level"] == level}


def rows(folder: Path, file: str, encoding: str = "utf-8", delimiter: str = ",") -> list[dict[str, str]]:
    with (folder / "night-1" / file).open(encoding=encoding) as opened:
        return list(csv.DictReader(opened, delimiter=delimiter))


@pytest.mark.parametrize("element", ELEMENTS)
def test_an_element_shows_the_three_faces(element: str) -> None:
    faces = {one.face for one in CITY.indicators.values() if one.element == element}
    assert faces == {"product", "service", "regulation"}


@pytest.mark.parametrize("element", ELEMENTS)
def test_an_indicator_differs_from_street_to_street_or_from_day_to_day(element: str, clean: Path) -> None:
    said: dict[str, set[str]] = {name: set() for name in CITY.indicators if name.startswith(f"{element}.")}
    for line in (clean / "answers" / "values.ndjson").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["indicator"] in said:
            said[row["indicator"]].add(row["value"])
    assert {name for name, values in said.items() if len(values) < 2} == set()


def test_a_monthly_return_is_about_the_month_before(clean: Path) -> None:
    filed = rows(clean, "gas/燃气购销月报_20250201.csv", "gb18030")
    bought, sold = (sum(Fraction(row[f"{word}量（万立方米）"]) for row in filed) for word in ("购入", "售出"))
    rate = 100 * (bought - sold) / bought
    assert answers(clean, "gas.loss_rate") == {"lanhai 2025-02": rate, "lanhai 2025": rate}


def test_a_decimal_comma_is_a_decimal_point(clean: Path) -> None:
    filed = rows(clean, "water/水量平衡月报_20250201.csv", delimiter=";")
    parts = {name: sum(Fraction(row[name].replace(",", ".")) for row in filed) for name in list(filed[0])[3:]}
    supplied, authorised, correction = parts.values()
    found = answers(clean, "water.basic_leakage_rate")
    assert found["lanhai 2025-02"] == 100 * (supplied - authorised - correction) / supplied


def test_the_hours_of_a_day_add_up_to_it(clean: Path) -> None:
    found = answers(clean, "power.energy_supplied")
    hours = [value for period, value in found.items() if f" {DAY}T" in period]
    filed = rows(clean, "power/load/load_20250303.csv", delimiter=";")
    assert len(hours) == 24
    assert sum(hours) == found[f"lanhai {DAY}"] == sum(Fraction(row["load_mw"]) for row in filed)


def test_reliability_is_what_outages_leave_of_the_days_minutes(clean: Path) -> None:
    served = sum(int(row["供电户数"]) for row in rows(clean, "power/供电户数_20241231.csv"))
    lost = short = 0
    for row in rows(clean, "power/outages_20250303.csv"):
        begin, end = (60 * int(text[11:13]) + int(text[14:16]) for text in (row["停电时间"], row["复电时间"]))
        minutes = end - begin + (1440 if end < begin else 0)
        lost += minutes * int(row["影响户数"])
        short += minutes * int(row["影响户数"]) * (minutes <= 5)
    for indicator, counted in (("supply_reliability", lost), ("asai", lost - short)):
        found = answers(clean, f"power.{indicator}")
        assert found[f"lanhai {DAY}"] == 100 - Fraction(100 * counted, served * 1440)
        assert found["lanhai 2025-03"] == 100 - Fraction(100 * counted, served * 1440 * 31)


def test_a_limit_counts_what_reaches_it_and_within_what_keeps_to_it() -> None:
    drawn = {"load": np.array([79, 80, 81]), "capacity": np.array([100, 100, 100])}
    assert Limit("x", "load", 80).mask(drawn).tolist() == [False, True, True]
    assert Limit("x", "load", 80, within=True).mask(drawn).tolist() == [True, True, False]
    heavy = Limit("x", "load", other="capacity", share=Fraction(4, 5))
    assert heavy.mask(drawn).tolist() == [False, True, True]


def test_numbers_are_written_as_departments_write_them() -> None:
    values = np.array([51_234, 7])
    assert numbers.shown(Number("x", "x", decimals=4, suffix="万"), values).to_pylist() == ["5.1234万", "0.0007万"]
    assert numbers.shown(Number("x", "x", decimals=1), values, ",").to_pylist() == ["5123,4", "0,7"]


def test_a_part_of_a_number_is_often_all_of_it_and_never_more() -> None:
    whole = Number("due", "due", 20, 0.5)
    part = Number("done", "done", of="due", share=(0.8, 1.2), within=True)
    drawn = numbers.draw(draw.stream(1, "parts"), (whole, part), 400, 0)
    assert (drawn["done"] <= drawn["due"]).all()
    assert 100 < (drawn["done"] == drawn["due"]).sum() < 300
