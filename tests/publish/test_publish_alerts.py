"""Levels with hysteresis: what is raised, what stands, what is only possible, and who has said what of it."""

from dataclasses import replace

import pytest

from jobs.publish import Acknowledgement, Alerting, EditionData, Limit, Value
from jobs.publish.alerts import Alert, alerts, follow
from jobs.publish.reading import Book
from tests.publish.invented_city import CITY
from tests.publish.invented_edition import edition

PM = "environment.pm25_daily_mean"
RISING = [Limit(colour="yellow", sense=">", bound=100.0), Limit(colour="red", sense=">", bound=200.0)]
FALLING = [Limit(colour="blue", sense="<", bound=30.0), Limit(colour="orange", sense="<", bound=10.0)]
PATIENT = Alerting(margin=0.1, lowers_after=2)


def record(value: float | None, low: float | None = None, high: float | None = None, status: str = "final") -> Value:
    row = next(row for row in edition().values if row["indicator"] == PM and row["place"] == CITY)
    return {**row, "value": value, "status": status,
            "low": value if low is None else low, "high": value if high is None else high}  # fmt: skip


def levels(limits: list[Limit], *records: Value | None) -> list[int]:
    """What stands after each of some days."""
    days = [(f"2031-02-{day:02}", one) for day, one in enumerate(records, start=1)]
    return [follow(days[: n + 1], limits, PATIENT)[0].level for n in range(len(days))]


def test_a_level_is_lowered_after_two_days_clear_of_the_bound_by_the_margin() -> None:
    values = [90, 101, 95, 95, 91, 90, 90, 89]  # the margin of 100 is 10: only 90 and less is clear
    assert levels(RISING, *map(record, values)) == [0, 1, 1, 1, 1, 1, 0, 0]


def test_one_clear_day_between_two_others_lowers_nothing() -> None:
    assert levels(RISING, *map(record, [150, 50, 150, 50, 99, 50, 50])) == [1, 1, 1, 1, 1, 1, 0]


def test_it_falls_to_the_worst_level_of_the_clear_days_and_rises_at_once() -> None:
    assert levels(RISING, *map(record, [250, 150, 50, 50, 50, 300])) == [2, 2, 1, 1, 0, 2]


def test_low_values_may_be_the_bad_ones() -> None:
    assert levels(FALLING, *map(record, [31, 29, 9, 32, 33, 33, 33])) == [0, 1, 2, 2, 1, 1, 0]


def test_a_range_that_straddles_raises_nothing_and_lowers_nothing() -> None:
    wide = record(105, 80, 130)
    assert levels(RISING, wide, wide) == [0, 0]
    assert levels(RISING, record(120), record(85, 70, 130), record(85, 70, 130), record(85, 70, 130)) == [1, 1, 1, 1]
    standing, _ = follow([("2031-02-01", wide)], RISING, PATIENT)
    assert (standing.sure, standing.could) == (0, 1)


def test_days_without_a_measurement_neither_raise_nor_lower() -> None:
    stale, gone = record(300, status="stale"), record(None)
    assert levels(RISING, stale, gone, None) == [0, 0, 0]
    assert levels(RISING, record(120), record(50), stale, gone, None, record(50)) == [1, 1, 1, 1, 1, 0]


def test_decimals_of_a_bound_are_compared_as_they_are_written() -> None:
    limits = [Limit(colour="red", sense=">", bound=0.3)]
    assert levels(limits, record(0.1 + 0.2)) == [1]
    assert levels(limits, record(0.3)) == [0]


def city_alert(last: dict[str, Value | None], said: list[Acknowledgement] | None = None) -> Alert | None:
    """The alert of PM2.5 in the city in an edition with some of its last days put in place of the invented ones."""
    data: EditionData = edition()
    data.indicators[PM]["levels"] = RISING
    kept = [row for row in data.values if not (row["indicator"] == PM and row["place"] == CITY)]
    rows: list[Value] = [{**row, "period": day} for day, row in last.items() if row is not None]
    data = replace(data, values=[*kept, *rows], acknowledgements=said or [], alerting=PATIENT)
    return next((a for a in alerts(data, Book(data)) if (a["indicator"], a["place"]) == (PM, CITY)), None)


def test_an_alert_says_on_what_it_rests() -> None:
    certain = city_alert({"2031-03-08": record(50), "2031-03-09": record(120)})
    held = city_alert({"2031-03-08": record(120), "2031-03-09": record(50)})
    unmeasured = city_alert({"2031-03-08": record(120), "2031-03-09": record(120, status="stale")})
    straddling = city_alert({"2031-03-08": record(50), "2031-03-09": record(90, 80, 210)})
    keys = ("colour", "possible", "basis", "since", "measured")
    found = [each and tuple(dict(each)[key] for key in keys) for each in (certain, held, unmeasured, straddling)]
    assert found == [
        ("yellow", None, "certain", "2031-03-09", "2031-03-09"), ("yellow", None, "held", "2031-03-08", "2031-03-09"),
        ("yellow", None, "unmeasured", "2031-03-08", "2031-03-08"),
        (None, "red", "straddling", "2031-03-09", "2031-03-09"),
    ]  # fmt: skip


def test_what_was_possible_on_an_older_day_is_no_alert_of_today() -> None:
    assert city_alert({"2031-03-08": record(90, 80, 210)}) is None
    assert city_alert({"2031-03-08": record(50), "2031-03-09": record(60)}) is None


def test_what_stood_on_the_first_day_shown_may_have_begun_before() -> None:
    found = city_alert({"2031-02-07": record(150), "2031-03-09": record(150)})
    assert found is not None
    assert (found["since"], found["from_start"]) == ("2031-02-07", True)


@pytest.mark.parametrize(
    ("colour", "day", "counts"),
    [("yellow", "2031-03-08", True), ("red", "2031-03-09", True), ("yellow", "2031-03-07", False),
     ("blue", "2031-03-09", False)],
)  # fmt: skip
def test_an_acknowledgement_is_of_this_alert_and_of_no_milder_level(colour: str, day: str, *, counts: bool) -> None:
    said = [
        Acknowledgement(indicator=PM, place=CITY, colour=colour, day=day, state="seen", department="局", note=None),
        Acknowledgement(indicator=PM, place="d01", colour="red", day=day, state="closed", department="局", note=None),
    ]
    found = city_alert({"2031-03-08": record(150), "2031-03-09": record(150)}, said)
    assert found is not None
    assert (found["acknowledged"] == said[0]) is counts


def test_the_most_severe_come_first_and_only_places_of_the_register_have_alerts() -> None:
    data = edition()
    found = alerts(data, Book(data))
    severity = ["red", "orange", "yellow", "blue", None]
    order = [severity.index(each["colour"]) for each in found]
    assert order == sorted(order)
    assert {each["place"] for each in found} <= {CITY, *data.places["district"]}
    assert all(each["owner"] == data.indicators[each["indicator"]]["owner"] for each in found)
