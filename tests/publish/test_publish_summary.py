"""The night in words: every sentence has its template in both languages, every number its proof."""

import re
from dataclasses import replace
from typing import Any

from jobs.publish import EditionData, Missing, Text, Value, bulletin, page
from jobs.publish.alerts import alerts
from jobs.publish.reading import Book, readings
from jobs.publish.summary import Move, moves, sentences
from tests.publish.invented_city import CITY, STALE, WITHHELD
from tests.publish.invented_edition import edition
from tests.publish.test_publish_reading import TRIPS, with_values

GAP = re.compile(r"\{(\w+)\}")
OWNER = Text(zh="局", en="Office")


def told(data: EditionData) -> list[dict[str, Any]]:
    book = Book(data)
    read = readings(book, CITY)
    return sentences(data, read, alerts(data, book), moves(book, read))


def moved(data: EditionData) -> list[Move]:
    book = Book(data)
    return moves(book, readings(book, CITY))


def test_every_sentence_has_a_template_whose_gaps_are_filled_in_both_languages() -> None:
    bare = replace(edition(), previous=None, changes=[], values=[], holds=[], deliveries=[])
    quiet = replace(
        edition(), changes=[], indicators={name: {**one, "levels": []} for name, one in edition().indicators.items()}
    )
    late = [
        replace(edition(), missing=[Missing(source="rides", owner=OWNER, last=last, days=9)])
        for last in (None, "2031-03-01")
    ]
    labels, seen = page.labels(), set()
    for sentence in (sentence for one in (edition(), bare, quiet, *late) for sentence in told(one)):
        seen.add(sentence["say"])
        for words in labels[sentence["say"]].values():
            assert set(GAP.findall(words)) <= set(sentence["fill"]), sentence["say"]
    assert {"summary.states", "summary.corrections", "summary.stale", "summary.withheld", "summary.first"} <= seen
    assert {"summary.missing", "summary.missing_ever"} <= seen
    assert {key for key in labels if key.startswith("summary.alert_")} >= {key for key in seen if "alert_" in key}
    assert all(re.search(r"\d", words["zh"]) is None for key, words in labels.items() if key.startswith("summary."))


def test_every_value_in_the_summary_is_published_and_every_count_leads_somewhere() -> None:
    published = {(row["indicator"], row["place"], row["period"]): row["value"] for row in edition().values}
    values = 0
    for sentence in told(edition()):
        for fill in sentence["fill"].values():
            if "value" in fill:
                assert fill["value"] == published[fill["indicator"], fill["place"], fill["period"]]
                values += 1
            if "count" in fill:
                assert re.fullmatch(r"(quality\.html)?#[a-z]+", fill["to"])
    assert values > 5


def test_stale_and_withheld_values_are_named() -> None:
    named = {
        s["say"]: [one["indicator"] for one in s["fill"]["names"]["list"]]
        for s in told(edition())
        if "names" in s["fill"]
    }
    assert named == {"summary.stale": [STALE], "summary.withheld": [WITHHELD]}


def test_what_changed_is_told_against_the_same_day_last_week_and_else_the_day_before() -> None:
    week = moved(with_values(d09=3.0, d08=2.0, d02=1.0))[0]
    day = moved(with_values(d09=3.0, d08=2.0))[0]
    assert (week["than"], week["then"], week["earlier"], week["change"], week["relative"]) == (
        "week",
        "2031-03-02",
        1.0,
        2.0,
        2.0,
    )
    assert (day["than"], day["then"], day["relative"]) == ("before", "2031-03-08", 0.5)


def test_a_change_inside_both_ranges_is_doubted_and_stands_behind_the_others() -> None:
    data = with_values(d09=30.0, d02=10.0)
    other: list[Value] = []
    for row, value in zip(data.values, (11.0, 10.0), strict=True):
        at: Value = {**row, "indicator": "environment.aqi_cn", "value": value, "low": value, "high": value}
        other.append({**at, "definition_version": f"20{value:.0f}-01-01"})
        row["low"], row["high"], row["status"] = row["value"], 35.0, "provisional"
    found = moved(replace(data, values=[*data.values, *other]))
    told_of = [(each["indicator"], each["doubts"]) for each in found]
    assert told_of == [("environment.aqi_cn", ["definition"]), (TRIPS, ["overlap", "provisional"])]


def test_a_month_that_still_runs_has_not_fallen() -> None:
    assert "greenery.trees_planted" not in {each["indicator"] for each in moved(edition())}


def test_the_summary_of_the_page_is_the_one_told() -> None:
    assert dict(bulletin.files(edition()))["city"]["summary"] == told(edition())
