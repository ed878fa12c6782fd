"""Classification is inherited: the highest of what a value is made of, lowered by the release threshold only."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from jobs.checking import of_indicator as faults_of
from schemas import City, load_city
from schemas.classification import of_indicator, of_table
from schemas.table import Column

CITY = load_city("lanhai")
OPEN = replace(CITY, file=CITY.file.model_copy(update={"release": None}))


def level(city: City, name: str) -> tuple[str, str, str | None]:
    found = of_indicator(city, city.indicators[name])
    return found.level, found.inherited, found.lowered_by


def test_a_table_is_as_its_highest_column() -> None:
    assert of_table(CITY.tables["silver.hotline_cases"]) == "restricted"
    assert of_table(CITY.tables["silver.air_quality"]) == "public"


@pytest.mark.parametrize("name", ["livelihood.hotline_cases", "medical.ambulance_calls_ears_c1"])
def test_values_of_people_are_restricted_unless_a_threshold_has_gone_over_them(name: str) -> None:
    assert level(OPEN, name) == ("restricted", "restricted", None)
    assert level(CITY, name) == ("internal", "restricted", "release_threshold 10")


def test_other_values_are_as_the_columns_they_read() -> None:
    assert level(CITY, "environment.pm25_daily_mean") == ("public", "public", None)
    assert level(CITY, "medical.doctors_per_1000") == ("internal", "internal", None)


def test_a_threshold_lowers_nothing_but_counts_of_people() -> None:
    one = CITY.indicators["livelihood.hotline_cases"]
    vehicle = {"terms": {"v": {"distinct": "silver.vehicle_positions", "of": "vehicle_id"}}, "value": "v"}
    other = type(one).model_validate({**one.model_dump(exclude={"terms", "value", "earlier"}), **vehicle})
    assert of_indicator(CITY, other).level == "restricted"


def test_a_lower_classification_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one = OPEN.indicators["livelihood.hotline_cases"]
    assert list(faults_of(OPEN, one)) == []
    (said,) = faults_of(OPEN, one.model_copy(update={"classification": "internal"}))
    assert "internal is below restricted, that of silver.hotline_cases" in said


def test_who_is_named_is_restricted() -> None:
    said: dict[str, Any] = {"type": "string", "description": {"zh": "人", "en": "Who"}, "personal": "direct"}
    with pytest.raises(ValidationError, match="classification is restricted"):
        Column.model_validate(said)
