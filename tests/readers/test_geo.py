"""GeoJSON and shapefiles: fields as text, geometry in WGS84."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import shapefile
from pydantic import ValidationError
from pyproj import CRS
from shapely.geometry import shape

from jobs.readers import Unreadable, geojson
from tests.readers.conftest import columns, read_rows

Write = Callable[[bytes | str], Path]
Shapes = Callable[..., Path]
# The false origin of EPSG:2263 in US survey feet: 74° W, 40°10' N.
ORIGIN_FEET = (984250.0, 0.0)
SQUARE = [[0.0, 0.0], [0.0, 100.0], [100.0, 100.0], [100.0, 0.0], [0.0, 0.0]]
HOLE = [[10.0, 10.0], [20.0, 10.0], [20.0, 20.0], [10.0, 20.0], [10.0, 10.0]]


def collection(*features: object, **members: object) -> str:
    return json.dumps({"type": "FeatureCollection", **members, "features": features}, ensure_ascii=False)


def point(x: float, y: float, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": [x, y]}, "properties": properties}


def test_properties_are_text_and_the_geometry_is_geojson_as_written(write: Write) -> None:
    text = collection(point(121.470, 31.2, name="医院", beds=12, tags=["a"])).replace("121.47", "121.470")
    assert read_rows("geojson", write(text)) == [
        {
            "name": "医院",
            "beds": "12",
            "tags": '["a"]',
            "geometry": '{"type":"Point","coordinates":[121.470,31.2]}',
            "_record": 1,
        }
    ]


def test_a_features_own_id_is_a_field_unless_a_property_is_called_so(write: Write) -> None:
    features = [{**point(1, 2), "id": "f1"}, {**point(1, 2, id=7), "id": "f2"}]
    assert [row["id"] for row in read_rows("geojson", write(collection(*features)))] == ["f1", "7"]


def test_only_declared_properties_are_taken_and_the_geometry_always(write: Write) -> None:
    rows = read_rows("geojson", write(collection(point(1, 2, a=1, phone="139"))), fields={"n": "$.a"})
    assert rows == [{"n": "1", "geometry": '{"type":"Point","coordinates":[1,2]}', "_record": 1}]


def test_a_missing_geometry_is_null_and_what_is_no_feature_is_malformed(write: Write) -> None:
    text = collection({"type": "Feature", "geometry": None, "properties": None}, {"type": "Point"}, 3)
    assert read_rows("geojson", write(text)) == [
        {"geometry": None, "_record": 1},
        {"geometry": None, "_record": 2, "_malformed": '{"type":"Point"}'},
        {"geometry": None, "_record": 3, "_malformed": "3"},
    ]


def test_no_features_are_no_rows_and_no_columns_but_the_declared_ones(write: Write) -> None:
    assert read_rows("geojson", write(collection())) == []
    declared = columns("geojson", write(collection()), fields={"n": "$.a"})
    assert declared == ["n", "geometry", "_record", "_malformed"]


@pytest.mark.parametrize("said_by", ["option", "file"])
def test_points_in_feet_are_reprojected(write: Write, said_by: str) -> None:
    members = (
        {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2263"}}} if said_by == "file" else {}
    )
    options: dict[str, object] = {"crs": "EPSG:2263"} if said_by == "option" else {}
    nested = {"type": "GeometryCollection", "geometries": [point(*ORIGIN_FEET)["geometry"]]}
    text = collection(point(*ORIGIN_FEET), {**point(0, 0), "geometry": nested}, point(float("nan"), 0), **members)
    first, second, outside = read_rows("geojson", write(text), **options)
    assert json.loads(str(first["geometry"]))["coordinates"] == pytest.approx([-74, 40 + 1 / 6], abs=1e-6)
    assert json.loads(str(second["geometry"]))["geometries"] == [json.loads(str(first["geometry"]))]
    assert "[NaN,0]" in str(outside["_malformed"])


def test_polygons_of_a_map_service_are_put_back_from_gcj_02(write: Write) -> None:
    # a point of Shanghai that the eviltransform library gives in both datums
    rows = read_rows("geojson", write(collection(point(121.531541859215, 31.17530398364597))), crs="GCJ-02")
    assert json.loads(str(rows[0]["geometry"]))["coordinates"] == pytest.approx([121.5272106, 31.1774276], abs=1e-8)


def test_a_file_that_says_wgs84_itself_is_left_as_written(write: Write) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    (row,) = read_rows("geojson", write(collection(point(1.5, 2), crs=crs)))
    assert row["geometry"] == '{"type":"Point","coordinates":[1.5,2]}'


@pytest.mark.parametrize("text", ['{"type": "Topology", "objects": {}}', "[]", '{"type": "FeatureCollection"}', "{"])
def test_what_is_no_feature_collection_is_refused(write: Write, text: str) -> None:
    with pytest.raises(Unreadable):
        read_rows("geojson", write(text))


def test_an_unknown_reference_system_is_refused(write: Write) -> None:
    with pytest.raises(ValidationError):
        geojson.Options(crs="EPSG:1")
    crs = {"type": "name", "properties": {"name": "local grid"}}
    with pytest.raises(Unreadable, match="local grid"):
        read_rows("geojson", write(collection(point(1, 2), crs=crs)))


@pytest.fixture
def shapes(tmp_path: Path) -> Shapes:
    def written(encoding: str = "utf-8", prj: str = CRS.from_epsg(4326).to_wkt("WKT1_ESRI"), cpg: str = "") -> Path:
        with shapefile.Writer(str(tmp_path / "zones"), shapefile.POLYGON, encoding=encoding) as writer:
            writer.field("name", "C", 20)
            writer.field("id", "N", 9, 0)
            writer.field("area", "F", 19, 11)
            writer.field("seen", "D")
            writer.poly([SQUARE, HOLE])
            writer.record("中山", 7, 1.25, "20250301")
            writer.null()
            writer.record("", None, None, None)
            writer.poly([SQUARE])
            writer.record("b", 8, 2, "20250302")
        for suffix, content in ((".prj", prj), (".cpg", cpg)):
            if content:
                (tmp_path / f"zones{suffix}").write_text(content)
        return tmp_path / "zones.shp"

    return written


def test_a_shapefiles_fields_are_the_text_of_the_table(shapes: Shapes) -> None:
    first, empty, last = read_rows("shapefile", shapes())
    assert {name: first[name] for name in ("name", "id", "area", "seen", "_record")} == {
        "name": "中山",
        "id": "7",
        "area": "1.25000000000",
        "seen": "20250301",
        "_record": 1,
    }
    assert empty == {"name": None, "id": None, "area": None, "seen": None, "geometry": None, "_record": 2}
    assert last["_record"] == 3


def test_outer_rings_run_counter_clockwise_and_holes_stay_holes(shapes: Shapes) -> None:
    polygon = shape(json.loads(str(read_rows("shapefile", shapes())[0]["geometry"])))
    assert polygon.exterior.is_ccw
    assert polygon.area == 100 * 100 - 10 * 10


@pytest.mark.parametrize(
    ("encoding", "cpg", "given"),
    [("gbk", "936", {}), ("gbk", "GBK", {}), ("gbk", "ANSI 936", {}), ("gbk", "UTF-8", {"encoding": "gb18030"})],
)
def test_the_tables_encoding_is_told_by_its_cpg_or_the_option(
    shapes: Shapes, encoding: str, cpg: str, given: dict[str, object]
) -> None:
    assert read_rows("shapefile", shapes(encoding=encoding, cpg=cpg), **given)[0]["name"] == "中山"


def test_the_tables_encoding_is_told_by_its_own_language_mark(shapes: Shapes) -> None:
    path = shapes(encoding="gbk")
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0x4D
    path.with_suffix(".dbf").write_bytes(table)
    assert read_rows("shapefile", path)[0]["name"] == "中山"


def test_a_wrong_encoding_is_refused_with_its_place(shapes: Shapes) -> None:
    with pytest.raises(Unreadable, match=r"at byte \d+ .*text in utf-8"):
        read_rows("shapefile", shapes(encoding="gbk"))
    with pytest.raises(Unreadable, match="cpg that says 'Klingon'"):
        read_rows("shapefile", shapes(cpg="Klingon"))


def test_the_option_overrules_the_prj(shapes: Shapes) -> None:
    geometry = json.loads(str(read_rows("shapefile", shapes(), crs="EPSG:2263")[0]["geometry"]))
    assert geometry["coordinates"][0][0][1] == pytest.approx(40.15, abs=0.05)


def test_a_record_marked_as_deleted_is_none_and_the_others_keep_their_shapes(shapes: Shapes) -> None:
    path = shapes()
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[int.from_bytes(table[8:10], "little")] = ord("*")
    path.with_suffix(".dbf").write_bytes(table)
    rows = read_rows("shapefile", path)
    assert [(row["_record"], row["geometry"] is None) for row in rows] == [(2, True), (3, False)]


def test_companions_are_found_in_capitals_too(shapes: Shapes) -> None:
    path = shapes()
    for suffix in (".dbf", ".shx", ".prj"):
        path.with_suffix(suffix).rename(path.with_suffix(suffix.upper()))
    assert len(read_rows("shapefile", path)) == 3


def test_a_missing_or_cut_companion_is_refused(shapes: Shapes) -> None:
    path = shapes(prj="")
    with pytest.raises(Unreadable, match=r"no \.prj"):
        read_rows("shapefile", path)
    table = path.with_suffix(".dbf").read_bytes()
    path.with_suffix(".dbf").write_bytes(table[:-20])
    with pytest.raises(Unreadable, match="bytes"):
        read_rows("shapefile", path, crs="EPSG:4326")
    path.with_suffix(".dbf").unlink()
    with pytest.raises(Unreadable, match=r"no \.dbf"):
        read_rows("shapefile", path, crs="EPSG:4326")


@pytest.mark.filterwarnings("ignore:Declared file size")
def test_a_cut_shapefile_is_refused(shapes: Shapes) -> None:
    path = shapes()
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(Unreadable, match="shapefile"):
        read_rows("shapefile", path)
