"""Published values and worked examples are made by one function: what is changed in it shows in both."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jobs import methods, values
from jobs.formula import of_indicator
from jobs.oracle import Case, answer
from jobs.oracles import Inputs, _bench, known
from jobs.oracles._bench import Bench
from schemas import catalogue
from schemas.city import Edition
from tests.oracle.cases import every_case

NAMED = sorted({name for one in known().values() for name in one.exercises})


def case(key: str) -> Case:
    """The first case of a key in the further set."""
    found, inputs, expected, tolerance = next(one for one in every_case() if one[0] == key)
    return Case("F", found, Inputs(_exact(inputs), "F"), expected, Decimal(tolerance))


def _exact(value: Any) -> Any:
    """Numbers as a file gives them."""
    if isinstance(value, Mapping):
        return {key: _exact(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_exact(one) for one in value]
    return Decimal(str(value)) if isinstance(value, float) else value


@pytest.mark.parametrize("key", sorted(known()))
def test_a_method_key_goes_through_the_functions_of_published_values(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every method and formula named is asked for, and nothing else is."""
    asked: set[str] = set()

    def method(name: str, *rest: Any) -> str:
        asked.add(name)
        return written(name, *rest)

    def computed(connection: Any, city: Any, needs: Any) -> None:
        asked.update(needs)
        made(connection, city, needs)

    written, made = methods.expression, values.compute
    monkeypatch.setattr(methods, "expression", method)
    monkeypatch.setattr(values, "compute", computed)
    answer(case(key))
    assert asked == set(known()[key].exercises)


def test_every_name_is_an_indicator_file_or_a_method() -> None:
    assert [name for name in NAMED if name not in catalogue().indicators and name not in methods.names()] == []


def test_every_method_is_exercised_by_a_worked_example_or_named_here() -> None:
    assert set(methods.names()) - set(NAMED) == {"gtfs_service_trips"}


def test_a_changed_method_changes_a_published_value_and_a_worked_example(monkeypatch: pytest.MonkeyPatch) -> None:
    day = [
        {"pollutant": name, "concentration_ugm3": 80, "averaging": "24h", "hour": None}
        for name in ("PM2.5", "PM10", "SO2", "NO2", "CO", "O3_8h")
    ]
    since = Edition(from_=date(2012, 2, 29), edition="HJ 633-2012")
    file = catalogue().file.model_copy(update={"standards": {"air_quality_cn": (since,)}})
    city = replace(catalogue(), file=file)
    monkeypatch.setattr(_bench, "catalogue", lambda: city)

    def published() -> object:
        return Bench("T", ("environment.aqi_cn",)).indicator("environment.aqi_cn", {"silver.air_quality": day})

    def worked() -> object:
        given = dict.fromkeys(("pm25_24h", "pm10_24h", "so2_24h", "no2_24h", "co_24h", "o3_8h"), 80)
        return Bench("T", ("cn_aqi",)).method("cn_aqi", given, edition="HJ 633-2012")

    assert (published(), worked()) == (107, 107)
    monkeypatch.setattr(methods, "expression", lambda *rest: "42")
    assert (published(), worked()) == (42, 42)


def test_a_changed_formula_changes_a_published_value_and_a_worked_example(monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(*given: Any) -> str:
        return f"2 * {of_indicator(*given)}"

    assert answer(case("population.urbanisation_rate")) == 65
    monkeypatch.setattr(values, "of_indicator", doubled)
    assert answer(case("population.urbanisation_rate")) == 130


def test_a_function_may_use_only_what_it_says_it_exercises() -> None:
    with pytest.raises(LookupError, match="uses gini, but says it exercises theil"):
        Bench("T", ("theil",)).method("gini", {"values": [1, 2]})
