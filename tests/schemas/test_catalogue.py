"""Every common table and indicator is in order, whether or not a city has a source for it yet."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from jobs.checking import faults, of_indicator
from schemas import catalogue, load_city
from schemas.city import ROOT
from schemas.declared import read
from schemas.indicator import Parameter
from schemas.rules import Rules


def test_every_common_declaration_is_in_order() -> None:
    rules = {
        f"silver.{path.stem}": read(path, Rules, table=f"silver.{path.stem}")
        for path in (ROOT / "quality" / "silver").glob("*.yaml")
    }
    lanhai = load_city("lanhai").file
    own = {name: getattr(lanhai, name) for name in ("departments", "peak_hours", "calendar")}
    file = catalogue().file.model_copy(update=own)
    assert faults(replace(catalogue(), file=file, rules=rules)) == []


def test_every_common_indicator_has_its_tables() -> None:
    files = {f"{p.parent.name}.{p.stem}" for p in (ROOT / "schemas" / "indicators").glob("*/*.yaml")}
    assert files - set(catalogue().indicators) == set()


def faults_of(name: str, change: Mapping[str, object]) -> list[str]:
    """What is wrong with an indicator of the catalogue that has been changed."""
    return list(of_indicator(catalogue(), catalogue().indicators[name].model_copy(update=change)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"output": "colour"}, "output: method cn_aqi has no output 'colour'; it has: aqi"),
        ({"parameters": {"exmpt": Parameter(value=[], verified=True)}}, "parameter exmpt is unknown; it has: exempt"),
        ({"method": "gini"}, "method gini knows no term co_24h"),
        ({"output": "level"}, "output: level of method cn_aqi is a VARCHAR; a value is a number"),
        ({"method": "magic"}, "method 'magic' is unknown"),
    ],
)
def test_an_indicator_whose_method_cannot_be_made_is_a_fault(change: Mapping[str, object], said: str) -> None:
    assert [line for line in faults_of("environment.aqi_cn", change) if said in line]


def test_a_list_is_not_made_by_a_plain_term() -> None:
    term = catalogue().indicators["population.residents"].terms["persons"]
    change = {"method": "gini", "value": None, "terms": {"values": term}}
    assert [
        line
        for line in faults_of("population.residents", change)
        if "values: method gini takes a bag here; this term is a number" in line
    ]


@pytest.mark.parametrize("name", ["power.saifi", "medical.bed_turnover", "population.density"])
def test_the_catalogues_indicators_do_not_apply_to_a_city_without_their_tables(name: str) -> None:
    assert name not in load_city("nyc").indicators
