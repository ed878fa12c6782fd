"""GeoJSON, data package and DCAT catalogue of an edition: valid, and every value that of `values.json`."""

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import pytest

from jobs import publish
from jobs.publish import COLUMNS, EditionData, dcat, publishers, tables
from tests.publish.invented_city import CITY, DAY, DISTRICTS, HOSTILE, MONTHLY, SOURCES, UNKNOWN, UNPLACED
from tests.publish.invented_edition import edition

NAMES = ("exports", "geojson", "datapackage", "dcat")
PREFIX = "https://example.org/"


def made(data: EditionData, folder: Path) -> Path:
    """What is for others alone: the pages are not."""
    found = publishers()
    for name in NAMES:
        found[name](data, folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(edition(), tmp_path_factory.mktemp("outward"))


@pytest.fixture(scope="module")
def values(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "values.json").read_bytes())
    return found


def test_what_describes_comes_after_what_it_describes() -> None:
    order = list(publishers())
    assert order.index("datapackage") > order.index("exports")
    assert order.index("dcat") > max(order.index("exports"), order.index("geojson"))


def test_the_columns_of_values_are_those_of_citypulse_values() -> None:
    assert tuple(tables.VALUES.columns) == COLUMNS


def test_the_data_package_is_valid_by_frictionless_with_its_keys_and_relations(folder: Path) -> None:
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.to_summary()
    assert [task.name for task in report.tasks] == ["values", "indicators", "places", "sources"]
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        content = (folder / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["bytes"] == len(content)
        assert all(" | " in field["description"] for field in resource["schema"]["fields"])


@pytest.mark.parametrize(
    ("file", "old", "new", "kind"),
    [
        ("values.csv", "\nenvironment.aqi_cn,", "\natlantis.aqi_cn,", "foreign-key"),
        ("values.csv", ",district,day,2031-03-09,", ",borough,day,2031-03-09,", "foreign-key"),
        ("values.csv", ",1442,", ",many,", "type-error"),
        ("places.csv", "district,d02", "district,d01", "primary-key"),
        ("sources.csv", "invented for tests, CC0", "", "constraint-error"),
    ],
)
def test_frictionless_finds_what_does_not_fit(tmp_path: Path, file: str, old: str, new: str, kind: str) -> None:
    """So the package says enough for it to be found."""
    made(edition(), tmp_path)
    path = tmp_path / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    found = {kind for (kind,) in report.flatten(["type"])}
    assert {kind, "hash-count"} <= found


def test_every_file_reads_back_to_the_same_values(folder: Path, values: list[dict[str, Any]]) -> None:
    """By a program that shares nothing with ours; doubles to the last digit."""
    said = [{**row, "reasons": "; ".join(row["reasons"])} for row in values]
    columns = ", ".join(f"'{name}': '{KINDS[one.kind]}'" for name, one in tables.VALUES.columns.items())
    there = f"read_csv('{folder}/values.csv', header = true, columns = {{{columns}}}, nullstr = '')"
    from_parquet = f"SELECT * REPLACE (array_to_string(reasons, '; ') AS reasons) FROM '{folder}/values.parquet'"
    for query in (f"SELECT * REPLACE (coalesce(reasons, '') AS reasons) FROM {there}", from_parquet):
        table = duckdb.connect().sql(query)
        rows = table.to_arrow_table().to_pylist() if table is not None else []
        assert [{**row, "edition": str(row["edition"])} for row in rows] == said
    package = frictionless.Package(str(folder / "datapackage.json")).get_table_resource("values").read_rows()
    read = [{name: _double(name, cell) for name, cell in row.to_dict().items()} for row in package]
    assert read == [{**row, "reasons": row["reasons"] or None, "edition": DAY} for row in said]


def _double(name: str, cell: object) -> object:
    return float(str(cell)) if tables.VALUES.columns[name].kind == "number" and cell is not None else cell


KINDS = {"string": "VARCHAR", "list": "VARCHAR", "number": "DOUBLE", "integer": "BIGINT", "date": "DATE"}


def test_a_delivered_name_is_in_the_csv_as_it_was_delivered(folder: Path) -> None:
    with (folder / "sources.csv").open(encoding="utf-8", newline="") as lines:
        rows = {row["source"]: row for row in csv.DictReader(lines)}
    assert set(rows) == set(SOURCES)
    assert {row["description_en"] for row in rows.values()} == {f"=HYPERLINK({name})" for name in SOURCES}
    with (folder / "places.csv").open(encoding="utf-8", newline="") as lines:
        places = {(row["level"], row["place"]): row for row in csv.DictReader(lines)}
    assert places["district", "d02"]["name_zh"] == HOSTILE
    assert set(places) == {("city", CITY), *(("district", name) for name in (*DISTRICTS, UNPLACED))}


def test_the_map_has_the_values_of_values_json_on_the_polygons_of_the_city(
    folder: Path, values: list[dict[str, Any]]
) -> None:
    said = json.loads((folder / "values.geojson").read_text("utf-8"))
    data = edition()
    assert said["type"] == "FeatureCollection"
    assert [one["id"] for one in said["features"]] == [*DISTRICTS, UNPLACED]
    outlines = {one["properties"]["id"]: one["geometry"] for one in data.geometry["features"]}
    cells = {(row["indicator"], row["place"], row["period"]): row for row in values}
    told = said["indicators"]
    assert told[MONTHLY]["period"] == "2031-03"
    assert {one["period"] for name, one in told.items() if name != MONTHLY} == {"2031-03-09"}
    for feature in said["features"]:
        properties, place = feature["properties"], feature["id"]
        assert feature["geometry"] == outlines.get(place)
        for indicator, about in told.items():
            row = cells.get((indicator, place, about["period"]), {"value": None, "status": None, "grade": None})
            found = (properties[indicator], properties[f"{indicator}:status"], properties[f"{indicator}:grade"])
            assert found == (row["value"], row["status"], row["grade"])
    assert said["features"][0]["properties"][UNKNOWN] is None
    assert duckdb.connect().execute(f"SELECT count(*) FROM '{folder}/values.json'").fetchall() == [(len(values),)]


def nodes(said: object) -> Iterator[dict[str, Any]]:
    if isinstance(said, dict):
        yield said
        said = list(said.values())
    if isinstance(said, list):
        for one in said:
            yield from nodes(one)


def test_the_catalogue_names_what_is_there_by_size_and_digest_and_nothing_else(folder: Path) -> None:
    said = json.loads((folder / "catalog.jsonld").read_text("utf-8"))
    files = [node for node in said["@graph"] if node["@type"] == "dcat:Distribution"]
    assert {node["dct:title"] for node in files} == {
        "values.csv", "values.json", "values.parquet", "values.geojson", "indicators.csv", "places.csv", "sources.csv",
    }  # fmt: skip
    for node in files:
        content = (folder / node["dcat:downloadURL"]["@id"]).read_bytes()
        assert node["spdx:checksum"]["spdx:checksumValue"]["@value"] == hashlib.sha256(content).hexdigest()
        assert node["dcat:byteSize"]["@value"] == str(len(content))
    known = [node["@id"] for node in said["@graph"]]
    assert len(known) == len(set(known))
    meant = {node["@id"] for node in nodes(said["@graph"]) if set(node) == {"@id"} and node["@id"].startswith("#")}
    assert meant - set(known) == set()
    used = {word.split(":")[0] for node in nodes(said["@graph"]) for word in node if not word.startswith("@")}
    assert used <= set(said["@context"])


def test_every_dataset_has_a_publisher_a_rhythm_a_place_and_its_files_and_an_indicator_its_own(folder: Path) -> None:
    said = {node["@id"]: node for node in json.loads((folder / "catalog.jsonld").read_text("utf-8"))["@graph"]}
    listed = [one["@id"] for one in said["#catalog"]["dcat:dataset"]]
    data = edition()
    assert listed == [f"#table/{name}" for name in tables.TABLES] + [
        f"#indicator/{key}" for key in sorted(data.indicators)
    ]
    for key in listed:
        node = said[key]
        assert {one["@language"] for one in node["dct:title"]} == {"zh", "en"}
        assert said[node["dct:publisher"]["@id"]]["@type"] == "foaf:Organization"
        assert node["dct:accrualPeriodicity"]["@id"].startswith(dcat.FREQUENCY)
        assert node["dct:spatial"]["dcat:bbox"]["@value"].startswith("POLYGON ((118.0 31.0, 118.4")
        assert node["dcat:distribution"]
    daily, monthly = said["#indicator/environment.aqi_cn"], said[f"#indicator/{MONTHLY}"]
    assert daily["dct:publisher"] == {"@id": "#department/operations_centre"}
    assert [daily["dct:temporal"][end]["@value"] for end in ("dcat:startDate", "dcat:endDate")] == [
        "2031-02-07", "2031-03-09",
    ]  # fmt: skip
    assert [monthly["dct:temporal"][end] for end in ("dcat:startDate", "dcat:endDate")] == [
        {"@type": "xsd:gYearMonth", "@value": month} for month in ("2031-02", "2031-03")
    ]
    assert (daily["dct:accrualPeriodicity"]["@id"], monthly["dct:accrualPeriodicity"]["@id"]) == (
        dcat.FREQUENCY + "DAILY", dcat.FREQUENCY + "MONTHLY",
    )  # fmt: skip
    assert [said[one["@id"]]["dct:license"]["rdfs:label"] for one in daily["dct:source"]] == [
        "invented for tests, CC0"
    ] * 2


def test_an_edition_without_values_and_polygons_is_described_as_well(tmp_path: Path) -> None:
    empty: publish.FeatureCollection = {"type": "FeatureCollection", "features": []}
    made(replace(edition(), values=[], geometry=empty), tmp_path)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.to_summary()
    said = json.loads((tmp_path / "values.geojson").read_text("utf-8"))
    assert [one["geometry"] for one in said["features"]] == [None] * len(DISTRICTS)


def test_the_same_values_in_another_order_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    data = edition()
    again = replace(
        data, values=data.values[::-1], indicators=dict(reversed(data.indicators.items())),
        sources=dict(reversed(data.sources.items())),
    )  # fmt: skip
    made(again, tmp_path)
    for path in sorted(tmp_path.iterdir()):
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name
