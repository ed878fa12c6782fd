"""Every common table and indicator is in order, whether or not a city has a source for it yet."""

from dataclasses import replace

import pytest

from jobs.checking import faults
from schemas import catalogue, load_city
from schemas.city import ROOT
from schemas.declared import read
from schemas.rules import Rules


def test_every_common_declaration_is_in_order() -> None:
    rules = {
        f"silver.{path.stem}": read(path, Rules, table=f"silver.{path.stem}")
        for path in (ROOT / "quality" / "silver").glob("*.yaml")
    }
    departments = load_city("lanhai").file.departments
    file = catalogue().file.model_copy(update={"departments": departments})
    assert faults(replace(catalogue(), file=file, rules=rules)) == []


def test_every_common_indicator_has_its_tables() -> None:
    files = {f"{p.parent.name}.{p.stem}" for p in (ROOT / "schemas" / "indicators").glob("*/*.yaml")}
    assert files - set(catalogue().indicators) == set()


def test_an_indicator_whose_method_cannot_be_made_is_a_fault() -> None:
    one = catalogue().indicators["environment.aqi_cn"]
    for change, said in (
        ({"output": "colour"}, "output colour is unknown; it has: aqi"),
        ({"parameters": {"exmpt": []}}, "parameter exmpt is unknown; it has: exempt"),
        ({"method": "gini"}, "method gini: term co_24h"),
        ({"output": "level"}, "level of method cn_aqi is a VARCHAR; a value is a number"),
        ({"method": "magic"}, "method 'magic' is unknown"),
    ):
        city = replace(catalogue(), tables=catalogue().tables, indicators={one.id: one.model_copy(update=change)})
        assert [line for line in faults(city) if said in line]


def test_a_list_is_not_made_by_a_term() -> None:
    one = catalogue().indicators["population.residents"]
    changed = one.model_copy(update={"method": "gini", "value": None, "terms": {"values": one.terms["persons"]}})
    city = replace(catalogue(), indicators={one.id: changed})
    assert [line for line in faults(city) if "method gini takes a bag here; a term is one number" in line]


@pytest.mark.parametrize("name", ["power.saifi", "medical.bed_turnover", "population.density"])
def test_the_catalogues_indicators_do_not_apply_to_a_city_without_their_tables(name: str) -> None:
    assert name not in load_city("lanhai").indicators
