"""The generated city's deliveries: the same each time, read by the declared readers, placed as the map says."""

import hashlib
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from jobs import readers, sample
from jobs.core.errors import Problem
from jobs.sample import draw
from jobs.sample.faults import FAULTS
from jobs.sample.ground import ground
from jobs.sample.names import DISTRICTS, NOWHERE, STREETS
from schemas import load_city
from schemas.source import Source

FIRST = date(2025, 3, 3)
CITY = load_city("lanhai")


def make(folder: Path, nights: int, seed: int) -> Path:
    sample.write("lanhai", nights, 0.1, frozenset(), seed, FIRST, folder)
    return folder


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def delivered(folder: Path, night: int) -> dict[str, list[Path]]:
    """The files of a night by source."""
    root, out = folder / f"night-{night}", dict[str, list[Path]]()
    for path in sorted(one for one in root.rglob("*") if one.is_file()):
        (source,) = [s for s in CITY.sources.values() if s.match(path.relative_to(root).as_posix())]
        out.setdefault(source.name, []).append(path)
    return out


def planted(folder: Path) -> list[dict[str, Any]]:
    """What stands in faults.json."""
    faults: list[dict[str, Any]] = json.loads((folder / "answers" / "faults.json").read_text("utf-8"))
    return faults


def records(source: Source, path: Path) -> list[dict[str, str]]:
    reader = readers.find(source.reader.format)
    options = reader.Options(**source.reader.options)
    return [row for batch in reader.read(path, options) for row in batch.to_pylist()]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, clean: Path) -> None:
    assert digests(make(tmp_path / "again", 2, seed=7)) == digests(clean)


def test_another_seed_gives_another_day_on_the_same_map(tmp_path: Path, clean: Path) -> None:
    other = digests(make(tmp_path / "other", 1, seed=8) / "night-1")
    same = {name for name, digest in digests(clean / "night-1").items() if other.get(name) == digest}
    assert same == {"planning/districts.geojson", "planning/grid_1km.geojson", "planning/streets.geojson"}


def test_every_source_delivers_in_the_first_night_and_no_file_is_of_no_source(clean: Path) -> None:
    assert set(delivered(clean, 1)) == set(CITY.sources)
    assert len(CITY.sources) >= 21


def test_the_nights_are_delivered_before_their_cut_off(clean: Path) -> None:
    nights = json.loads((clean / "nights.json").read_text("utf-8"))
    assert nights == [
        {"night": 1, "biz_date": "2025-03-03", "folder": "night-1", "delivered_at": "2025-03-04T02:30:00"},
        {"night": 2, "biz_date": "2025-03-04", "folder": "night-2", "delivered_at": "2025-03-05T02:30:00"},
    ]


def test_a_file_comes_late_and_one_is_put_right_without_being_asked_for(clean: Path) -> None:
    assert [(one["kind"], one["night"], one["source"]) for one in planted(clean) if one["visible"]] == [
        ("corrections", 2, "ambulance_calls"), ("late", 2, "vehicle_gps"),
    ]  # fmt: skip
    assert [path.name for path in delivered(clean, 1)["vehicle_gps"]] == [f"gps_20250303_0{n}.csv" for n in (1, 2, 3)]
    assert "gps_20250303_04.csv" in {path.name for path in delivered(clean, 2)["vehicle_gps"]}


def test_the_declared_readers_read_every_file_without_a_malformed_record(clean: Path) -> None:
    for name, paths in delivered(clean, 1).items():
        for path in paths:
            rows = records(CITY.sources[name], path)
            assert rows, path
            assert [row for row in rows if row["_malformed"]] == [], path


def test_a_complaint_keeps_its_line_break(clean: Path) -> None:
    (path,) = delivered(clean, 1)["hotline_cases"]
    rows = records(CITY.sources["hotline_cases"], path)
    assert any("\n" in row["诉求内容"] for row in rows)


def test_every_written_street_and_district_name_is_known() -> None:
    for level, members in (("street", STREETS), ("district", DISTRICTS)):
        aliases = CITY.file.levels[level].aliases
        assert {one.code: one.zh in aliases[one.code] for one in members} == {one.code: True for one in members}
    known = {spelling for aliases in CITY.file.levels["street"].aliases.values() for spelling in aliases}
    assert {one.zh[:2] for one in STREETS} <= known
    assert not known & set(NOWHERE)


def test_points_lie_where_they_are_said_to_and_never_near_a_border() -> None:
    here = ground()
    spots = draw.spots(draw.stream(1, "points"), here, 20_000, 0.05)
    points = shapely.points(spots.lon, spots.lat)
    for shapes, said in ((here.streets, spots.street), (here.squares, spots.grid)):
        found = np.full(len(points), -1)
        point, shape = shapely.STRtree(list(shapes)).query(points, predicate="intersects")
        found[point] = shape
        assert len(point) == len(set(point.tolist()))
        assert (found == said).all()
    borders = shapely.MultiLineString([one.exterior for one in here.streets])
    assert shapely.distance(points, borders).min() > 1e-5


def test_the_streets_tile_the_city_without_gap_or_overlap() -> None:
    here = ground()
    assert all(one.is_valid for one in (*here.streets, *here.districts))
    assert [one.geom_type for one in here.districts] == ["Polygon"] * 4
    whole = shapely.unary_union(list(here.streets))
    assert len(whole.interiors) == 0
    assert sum(one.area for one in here.streets) == pytest.approx(whole.area, rel=1e-12)


def test_scale_one_is_about_fifty_thousand_records_a_night(tmp_path: Path) -> None:
    made = sample.write("lanhai", 1, 1, frozenset(), 1, FIRST, tmp_path / "one")
    assert 48_000 < made.records < 52_000


def test_what_cannot_be_generated_is_refused(tmp_path: Path, clean: Path) -> None:
    with pytest.raises(Problem, match="only lanhai"):
        sample.write("nyc", 1, 1, frozenset(), 1, FIRST, tmp_path / "x")
    with pytest.raises(Problem, match="not an empty"):
        make(clean, 1, seed=7)
    with pytest.raises(Problem, match="unknown"):
        sample.write("lanhai", 1, 1, frozenset({"earthquake"}), 1, FIRST, tmp_path / "x")


def test_every_kind_of_fault_is_planted_and_recorded(faulty: Path) -> None:
    faults = planted(faulty)
    assert {one["kind"] for one in faults} == FAULTS
    assert {one["found_in"] for one in faults} == {"quarantine", "deliveries", "quality", "flags", "duplicates", None}
    assert all((faulty / f"night-{one['night']}" / one["file"]).is_file() for one in faults)
    spots = Counter((one["night"], one["file"], one["record"]) for one in faults if one["record"] is not None)
    assert set(spots.values()) == {1}


def test_malformed_records_are_those_that_were_planted(faulty: Path) -> None:
    faults = planted(faulty)
    for night in (1, 2, 3):
        for name in ("taxi_trips", "vehicle_gps", "water_pressure", "encounters"):
            for path in delivered(faulty, night).get(name, []):
                file = path.relative_to(faulty / f"night-{night}").as_posix()
                torn = {row["_record"] for row in records(CITY.sources[name], path) if row["_malformed"]}
                said = {
                    one["record"] for one in faults
                    if (one["night"], one["file"], one["kind"]) == (night, file, "malformed")
                }  # fmt: skip
                assert torn == said, file


def test_files_that_cannot_be_read_are_refused(faulty: Path) -> None:
    refused = [one for one in planted(faulty) if one["kind"] in ("encoding", "truncated")]
    assert len(refused) == 2
    for one in refused:
        with pytest.raises(readers.Unreadable):
            records(CITY.sources[one["source"]], faulty / f"night-{one['night']}" / one["file"])
