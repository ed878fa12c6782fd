"""What the pages and the command line read out of an edition."""

import json
from dataclasses import replace
from itertools import accumulate

import pytest

from jobs.publish import EditionData, Value, exports
from jobs.publish.lines import entry, rows_of
from jobs.publish.reading import Book, Reading, readings, state_of
from tests.publish.invented_city import CITY, DAY, KINDS, MONTHLY, STALE, UNKNOWN, WITHHELD
from tests.publish.invented_edition import edition

TRIPS = "transport.taxi_trips"


def reading(data: EditionData, indicator: str) -> Reading:
    return next(each for each in readings(Book(data), CITY) if each["indicator"] == indicator)


def with_values(**days: float | None) -> EditionData:
    """Final taxi trips of the city on the days named `d09`, `d08`, … of March 2031."""
    data = edition()
    template = next(row for row in data.values if row["indicator"] == TRIPS and row["status"] == "final")
    rows: list[Value] = [{**template, "period": f"2031-03-{day[1:]}", "value": value} for day, value in days.items()]
    return replace(data, values=rows)


def test_every_indicator_is_read_elements_in_order_and_headlines_first() -> None:
    found = [each["indicator"] for each in readings(Book(edition()), CITY)]
    assert sorted(found) == sorted(KINDS)
    assert found[:4] == [
        "transport.road_speed_kmh", TRIPS, "transport.transit_ridership", "medical.ambulance_response_minutes"
    ]  # fmt: skip
    assert found[5] == "medical.encounters"


def test_a_record_without_value_is_unknown_whatever_its_status() -> None:
    row = edition().values[0]
    assert state_of(None) == "unknown"
    assert state_of({**row, "value": None, "status": "final"}) == "unknown"
    assert state_of({**row, "value": 0.0, "status": "final"}) == "final"
    assert state_of({**row, "value": 1.0, "status": "withheld"}) == "withheld"


def test_a_value_of_a_status_nobody_knows_is_refused_by_name() -> None:
    row = edition().values[0]
    with pytest.raises(ValueError, match=r"transport\.taxi_trips qingzhou 2031-02-07: status 'fine' is none of final"):
        state_of({**row, "status": "fine"})


def test_changes_are_exact_against_the_day_before_and_the_week_before() -> None:
    found = reading(with_values(d09=0.3, d08=0.1, d02=0.2), TRIPS)
    assert (found["before"]["change"], found["before"]["relative"]) == (0.2, 2.0)
    assert found["week"] is not None
    assert (found["week"]["period"], found["week"]["change"]) == ("2031-03-02", 0.1)


def test_a_change_from_zero_has_no_share() -> None:
    assert reading(with_values(d09=3.0, d08=0.0), TRIPS)["before"] == {
        "period": "2031-03-08", "value": 0.0, "state": "final", "change": 3.0, "relative": None, "verdict": None
    }  # fmt: skip


@pytest.mark.parametrize(
    ("direction", "verdict"), [("higher_better", "better"), ("lower_better", "worse"), ("neutral", None)]
)
def test_better_and_worse_follow_the_direction(direction: str, verdict: str | None) -> None:
    data = with_values(d09=2.0, d08=1.0)
    data.indicators[TRIPS]["direction"] = direction
    assert reading(data, TRIPS)["before"]["verdict"] == verdict


def test_a_temperature_has_no_share_of_a_change() -> None:
    data = with_values(d09=6.0, d08=3.0)
    rows: list[Value] = [{**row, "unit": "degC"} for row in data.values]
    found = reading(replace(data, values=rows), TRIPS)["before"]
    assert (found["change"], found["relative"]) == (3.0, None)


def test_every_record_of_a_line_knows_where_it_stands_among_the_published_values() -> None:
    data = edition()
    published = [json.loads(text) for text in exports._json(exports.ordered(data.values)).decode()[2:-3].split(",\n")]
    book, found = Book(data), 0
    for indicator in book.order:
        kind, _ = book.current(indicator)
        told = entry(book, indicator, rows_of(data.values))
        for place, line in told["lines"].items():
            periods = [period for period, state in zip(book.axis(kind), line["state"], strict=True) if state != "."]
            for period, row in zip(periods, accumulate(line["row"]), strict=True):
                record, at = published[row], book.axis(kind).index(period)
                assert (record["indicator"], record["place"], record["period"]) == (indicator, place, period)
                if line["state"][at] != "w":
                    assert line["value"][at] == record["value"]
                    assert (line.get("low") or line["value"])[at] == record["low"]
                    assert [told["reasons"][one] for one in (line.get("why") or {at: []})[at]] == record["reasons"]
                found += 1
    assert found == len(data.values)


def test_a_stale_value_is_not_compared() -> None:
    found = reading(edition(), STALE)
    assert (found["state"], found["before"]["change"], found["before"]["verdict"]) == ("stale", None, None)


def test_an_unknown_value_names_the_last_known_one() -> None:
    found = reading(edition(), UNKNOWN)
    assert found["state"] == "unknown"
    assert found["last_known"] is not None
    assert found["last_known"]["period"] == "2031-03-07"


def test_a_withheld_value_reaches_no_series() -> None:
    data = edition()
    row = next(
        r for r in data.values if r["indicator"] == WITHHELD and r["place"] == CITY and r["status"] == "withheld"
    )
    row["value"] = row["low"] = row["high"] = 123.0
    line = entry(Book(data), WITHHELD, rows_of(data.values))["lines"][CITY]
    assert (line["state"][-1], line["value"][-1], line.get("high", [None])[-1]) == ("w", None, None)
    assert DAY.isoformat() == Book(data).axis("day")[-1]


def test_a_monthly_indicator_is_read_by_month() -> None:
    found = reading(edition(), MONTHLY)
    assert (found["kind"], found["period"], found["before"]["period"]) == ("month", "2031-03", "2031-02")
    assert found["week"] is None


def test_a_month_that_has_no_value_yet_gives_way_to_the_month_before() -> None:
    data = edition()
    rows = [row for row in data.values if row["period"] != "2031-03"]
    found = reading(replace(data, values=rows), MONTHLY)
    assert (found["period"], found["before"]["period"], found["before"]["state"]) == ("2031-02", "2031-01", "unknown")


def test_a_segment_of_the_day_is_not_the_day() -> None:
    data = with_values(d09=5.0)
    data.values.append({**data.values[0], "segment": "peak", "value": 999.0})
    record = reading(data, TRIPS)["record"]
    assert record is not None
    assert record["value"] == 5.0
