"""What is looked at for what is to be published."""

from datetime import date

from jobs.needs import closure, days, days_by_table
from jobs.periods import runs
from schemas import load_city

DAY = date(2025, 9, 8)
OF_A_DAY = "transport.vehicle_positions"


def test_a_year_of_one_table_is_no_year_of_another() -> None:
    city = load_city("lanhai")
    yearly = next(
        one
        for one in city.indicators.values()
        if "year" in one.periods and not one.looks and all(city.tables[key].kind == "events" for key in one.tables)
    )
    needs = closure(city, {OF_A_DAY: {"day": {DAY}}, yearly.id: {"year": {date(2025, 1, 1)}}})
    found = days_by_table(city, needs)
    (large,) = city.indicators[OF_A_DAY].tables
    (small,) = yearly.tables
    reporters = city.tables[large].reporters
    known_for = reporters.known_for if reporters else 1
    assert (found[large][0], found[large][-1], len(found[large])) == (
        date.fromordinal(DAY.toordinal() - known_for).isoformat(), DAY.isoformat(), known_for + 1,
    )  # fmt: skip
    assert {"2025-01-01", "2025-12-31"} <= set(found[small])
    assert {day for listed in found.values() for day in listed} <= set(days(city, needs))


def test_runs_are_days_without_a_gap() -> None:
    assert list(runs([])) == []
    listed = ["2024-02-28", "2024-02-29", "2024-03-01", "2024-03-03", "2024-12-31", "2025-01-01"]
    assert list(runs(listed)) == [
        ("2024-02-28", "2024-03-01"), ("2024-03-03", "2024-03-03"), ("2024-12-31", "2025-01-01"),
    ]  # fmt: skip
