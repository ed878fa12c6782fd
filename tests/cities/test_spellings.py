"""By which words records may name a place."""

from typing import NamedTuple

import duckdb
import pyarrow as pa
import pytest

from jobs import placing
from schemas import City, load_city
from tests.cities.conftest import FIXTURES


class Said(NamedTuple):
    """A member of a level."""

    level: str
    place_id: str
    name_zh: str | None
    name_en: str | None
    parent_id: str | None


MEMBERS = [
    Said("zone", "C", None, "Centro", None),
    Said("zone", "L", None, "Leste", None),
    Said("subprefecture", "01", None, "Weißer Stein", "Centro"),
    Said("subprefecture", "02", "水滨", "Sé", "L"),
    Said("subprefecture", "03", None, "Centro", "leste"),
    Said("subprefecture", "04", None, "Vila", "L"),
    Said("subprefecture", "05", None, "Vila", "C"),
    Said("subprefecture", "06", None, "02", "C"),
]


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setenv("CITYPULSE_CONF", str(FIXTURES))
    return load_city("vilanova")


def placed(
    city: City, monkeypatch: pytest.MonkeyPatch, *reported: str, level: str = "subprefecture"
) -> list[str | None]:
    members = pa.Table.from_pylist([{**one._asdict(), "geometry": None} for one in MEMBERS])
    monkeypatch.setattr(placing, "_newest", lambda lake, version: members)
    placing._load.cache_clear()
    places = placing._load(city.id, "nowhere", 1)
    placing._load.cache_clear()
    with duckdb.connect() as connection:
        rows = [{"place_level": level, "place_reported": one, "_lon": None, "_lat": None} for one in reported]
        connection.register("said", pa.Table.from_pylist(rows))
        said = "(SELECT *, row_number() OVER () AS n FROM said)"
        found = connection.sql(placing.placer(connection, city, places, said)(said)).to_arrow_table()
    return [
        str(row["place_id"]) if row["place_id"] else None for row in sorted(found.to_pylist(), key=lambda r: r["n"])
    ]


def test_ids_names_and_aliases_name_a_place_whatever_their_case_width_or_composition(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = (
        "01",
        "０１",
        "weisser stein",
        "WEISSER STEIN",
        "Weißer Stein ",
        "水滨",
        "se\u0301",
        "\u00a0SÉ",
        "praça velha",
    )
    assert placed(city, monkeypatch, *said) == ["01", "01", "01", "01", "01", "02", "02", "02", "01"]


def test_a_name_that_two_members_share_names_neither_and_an_id_wins_over_a_name(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert placed(city, monkeypatch, "Vila", "02", "Centro", "nowhere") == [None, "02", "03", None]
    assert placed(city, monkeypatch, "Centro", level="zone") == ["C"]
