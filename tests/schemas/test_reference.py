"""The generated reference has every declaration of every city, once."""

from pathlib import Path

from schemas import cities, load_city, reference


def test_every_table_indicator_and_source_has_its_place(tmp_path: Path) -> None:
    pages = {path.stem: path.read_text("utf-8") for path in reference.write(tmp_path)}
    for city in map(load_city, cities()):
        assert [key for key in city.tables if f"\n## {key}\n" not in pages["tables"]] == []
        assert [key for key in city.indicators if f"\n## {key} — " not in pages["indicators"]] == []
        assert [key for key in city.sources if f"\n| `{key}` " not in pages["sources"]] == []


def test_what_two_cities_share_stands_there_once(tmp_path: Path) -> None:
    text = reference.write(tmp_path)[0].read_text("utf-8")
    assert text.count("\n## silver.places\n") == 1


def test_the_same_declarations_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = reference.write(tmp_path / "a"), reference.write(tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_it_says_what_an_indicator_is_and_what_was_not_read_in_a_standard(tmp_path: Path) -> None:
    text = next(path for path in reference.write(tmp_path) if path.stem == "indicators").read_text("utf-8")
    occupancy = text.split("\n## medical.bed_occupancy — ")[1].split("\n## ")[0]
    assert "value `occupied / open` in % · a ratio: over time recomputed, over places recomputed" in occupancy
    assert "sum of `open_beds`, `silver.hospital_beds`, over day" in occupancy
    pressure = text.split("\n## water.pressure_compliance — ")[1].split("\n## ")[0]
    assert "where `pressure_mpa >= minimum`" in pressure
    assert "| `minimum` | 0.14 MPa | not verified | " in pressure
