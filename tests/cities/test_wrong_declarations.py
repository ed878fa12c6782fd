"""A city's folder with one thing wrong in it: one line that names file and line, and what is allowed."""

import re
from pathlib import Path
from shutil import copytree

import pytest

from jobs.checking import faults
from schemas import DeclarationError, load_city
from tests.cities.conftest import FIXTURES
from tests.commands import citypulse

WRONG = [
    ("vilanova/sources/air.yaml", "licence: invented for tests, CC0\n", "", 1, "'licence' is missing"),
    ("vilanova/sources/air.yaml", "timezone: America/Sao_Paulo\n", "", 1, "'timezone' is missing"),
    ("vilanova/sources/air.yaml", "Sao_Paulo", "SaoPaulo", 15, "'America/SaoPaulo' is not an IANA zone"),
    ("vilanova/city.yaml", "Sao_Paulo", "SaoPaulo", 2, "not an IANA zone (found 'America/SaoPaulo')"),
    ("jingyuan/sources/hotline.yaml", "datum: GCJ-02\n", "", 1, "'datum' is missing"),
    ("jingyuan/sources/hotline.yaml", "datum: GCJ-02", "datum: gcj02", 17, "allowed: WGS84, GCJ-02, BD-09, EPSG:"),
    ("jingyuan/sources/hotline.yaml", "datum: GCJ-02", "datum: EPSG:999999", 17, "'EPSG:999999' is no coordinate"),
    ("jingyuan/sources/rings.yaml", "into:", "datum: GCJ-02\ninto:", 10, "polygons have the reader's crs"),
    ("jingyuan/sources/rings.yaml", "crs: GCJ-02", "crs: GCJ02", 6, "crs: 'GCJ02' is no coordinate reference system"),
    ("vilanova/city.yaml", "map_level", "grades: [0.9, 0.95, 0.8]\nmap_level", 8, "each lower than the one before"),
    ("vilanova/sources/air.yaml", "level: sub", "level: super", 17, "there is: city, subprefecture, zone"),
    ("vilanova/city.yaml", "prefecture, zone", "prefecture, zona", 6, "hierarchies: level zona is not under levels"),
    ("vilanova/city.yaml", '"01": [', '"01": [Estação das Águas, ', 12, "stands for both 01 and 02"),
    ("vilanova/sources/air.yaml", "averaging:", "averages:", 24, "column 'averages' does not exist in silver.air_q"),
    ("vilanova/sources/air.yaml", "numeral(reading", "numeral(leitura", 25, "field 'leitura' is not under fields:"),
    ("vilanova/sources/air.yaml", "reading, ','", "reading, ';'", 25, "decimal sign, '.' or ','"),
    ("vilanova/sources/air.yaml", "silver.air_quality", "silver.air", 16, "there is no silver.air; there is: silver.a"),
    ("vilanova/sources/air.yaml", "delimiter:", "separator:", 6, "unknown option 'separator'; allowed: encoding"),
    ("vilanova/sources/air.yaml", "{day:%d-%m-%Y}", "{data}", 5, "{data} is unknown; allowed: {delivered}, {day}"),
    ("vilanova/sources/metro.yaml", "headers: [Linha]", "headers: Linha", 6, "headers: a list is expected"),
    ("hangang/sources/bus.yaml", "([0-9]{2})시-", "([0-9]{2}시-", 16, "is no regular expression: missing )"),
    ("hangang/sources/bus.yaml", "matching:", "match:", 16, "allowed here: columns, matching, name, value"),
    ("hangang/sources/metro.yaml", "`행정동`", "행정동", 10, "행정동: a name like this stands in backticks"),
    ("jingyuan/sources/hotline.yaml", "personal: {phone: phone}\n", "", 24, "personal: must say what phone is"),
    (
        "jingyuan/sources/hotline.yaml",
        'category: "category"',
        'category: "phone"',
        24,
        "category must say personal: direct",
    ),
    (
        "jingyuan/city.yaml",
        "map_level",
        "catalogue: {resources: {silver.hotline_cases: {opening: {open: true}}}}\nmap_level",
        9,
        "what is restricted, or holds personal data, is never open",
    ),
    (
        "jingyuan/city.yaml",
        "map_level",
        "catalogue: {resources: {silver.hotline_cases: {sharing: {type: unconditional}}}}\nmap_level",
        9,
        "never shared unconditionally; conditional or none is",
    ),
    (
        "jingyuan/city.yaml",
        "map_level",
        "catalogue: {openings: {silver.hotline_cases: {by: 2031-01-01, task: {zh: 试, en: try}}}}\nmap_level",
        9,
        "openings: it is restricted, or holds personal data, and is never open",
    ),
    (
        "jingyuan/city.yaml",
        "map_level",
        "catalogue: {openings: {silver.nothing: {by: 2031-01-01, task: {zh: 试, en: try}}}}\nmap_level",
        9,
        "openings: the city has no such table or indicator",
    ),
    (
        "jingyuan/city.yaml",
        "map_level",
        "catalogue: {levels: {internal: {opening: {open: true}}}}\nmap_level",
        9,
        "only what is public can be",
    ),
    (
        "jingyuan/city.yaml",
        "map_level",
        "catalogue: {resources: {silver.nothing: {code: '1'}}}\nmap_level",
        9,
        "the city has no such table or indicator",
    ),
    (
        "jingyuan/city.yaml",
        "map_level",
        "catalogue: {levels: {internal: {sharing: {type: none}}}}\nmap_level",
        9,
        "condition is missing: by which law is it not shared?",
    ),
    (
        "jingyuan/city.yaml",
        "map_level",
        "catalogue: {elements: {water: {type: subject, topic: '034'}}}\nmap_level",
        9,
        "item, then topic, then detail",
    ),
    ("jingyuan/city.yaml", "en: Planning}", "en: Planning, code: 11330000000000001A}", 19, "fails the check digit"),
    ("jingyuan/city.yaml", "en: Planning}", "en: Planning, code: '1133'}", 19, "should match pattern"),
    ("jingyuan/sources/air.yaml", "fields: {date: [date], hour: [hour], type: [type]}\n", "", 1, "'fields' is missing"),
]


def changed(conf: Path, file: str, old: str, new: str) -> str:
    """The city's folder with one text replaced; its name."""
    city = file.split("/")[0]
    copytree(FIXTURES / "cities" / city, conf / "cities" / city)
    path = conf / "cities" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return city


@pytest.mark.parametrize(("file", "old", "new", "line", "said"), WRONG)
def test_what_is_wrong_is_one_line_with_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, line: int, said: str
) -> None:
    city = changed(tmp_path, file, old, new)
    monkeypatch.setenv("CITYPULSE_CONF", str(tmp_path))
    try:
        found = faults(load_city(city))
    except DeclarationError as error:
        found = str(error).splitlines()
    assert len(found) == 1
    assert found[0].startswith(f"{tmp_path / 'cities' / file}:{line}: ")
    assert said in found[0]


def test_a_table_or_indicator_whose_department_the_city_does_not_list_is_refused_when_the_city_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = changed(tmp_path, "vilanova/city.yaml", "ecology_bureau:", "park_bureau:")
    monkeypatch.setenv("CITYPULSE_CONF", str(tmp_path))
    with pytest.raises(DeclarationError) as error:
        load_city(city)
    found = str(error.value).splitlines()
    assert "schemas/silver/air_quality.yaml:" in found[0]
    assert "owner: 'ecology_bureau' is not a department of vilanova; every table has an accountable one: " in found[0]
    assert any("every indicator has an accountable one" in line for line in found[1:])
    ended, _, said = citypulse(tmp_path, "values", "--city", city, CITYPULSE_CONF=str(tmp_path))
    assert ended == 2
    assert "every table has an accountable one" in said


@pytest.mark.parametrize("city", ["vilanova", "hangang", "jingyuan"])
def test_the_folders_as_they_are_have_no_fault(monkeypatch: pytest.MonkeyPatch, city: str) -> None:
    monkeypatch.setenv("CITYPULSE_CONF", str(FIXTURES))
    assert faults(load_city(city)) == []


def test_check_ends_with_1_and_every_other_request_of_such_a_city_with_2(tmp_path: Path) -> None:
    city = changed(tmp_path, *WRONG[0][:3])
    requests = {
        "check": 1, "land --from x --delivered-at 2025-03-12": 2, "night --biz-date 2025-03-11": 2, "values": 2,
    }  # fmt: skip
    for request, code in requests.items():
        words = [*request.split(), "--city", city]
        ended, out, error = citypulse(tmp_path, *words, CITYPULSE_CONF=str(tmp_path))
        assert (ended, out) == (code, "")
        assert re.search(r"air\.yaml:1: 'licence' is missing; every source needs it$", error, re.MULTILINE)
        assert "Traceback" not in error
