"""The catalogue of resources: what a night says of each, compared with the declarations as files say them."""

import csv
import io
import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from shutil import copytree
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
import yaml

from jobs import arrivals, cataloguing, landing, showing
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.publish import Resource, catalogue
from schemas import City, load_city
from schemas.city import ROOT
from tests import inline
from tests.publish.invented_edition import edition

LANHAI = ROOT / "conf" / "cities" / "lanhai"
DAY, ZONE = date(2025, 3, 5), ZoneInfo("Europe/Berlin")
CYCLES = {"hour": "day"}
RIDES = """ride_id,started,street,kind,metres,fare,vehicle
r1,2025-03-05 08:00:00,s1,,900,3.50,v1
r2,2025-03-05 09:00:00,s1,,1200,4.00,v2
"""


def declared(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def lanhai() -> City:
    return load_city("lanhai")


@pytest.fixture(scope="module")
def entries(lanhai: City, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Resource]:
    """Lanhai's catalogue in a lake where nothing has been delivered."""
    lake = Lake(tmp_path_factory.mktemp("lake"), "lanhai")
    night = cataloguing.Night(date(2025, 3, 4), {}, [], [])
    return {one["id"]: one for one in cataloguing.resources(lanhai, Ledger(lake), night)}


@pytest.fixture(scope="module")
def sources() -> dict[str, list[dict[str, Any]]]:
    """The sources of each table, from their files."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted((LANHAI / "sources").glob("*.yaml")):
        said = declared(path)
        for table in [said["into"]] if isinstance(said["into"], str) else said["into"]:
            found.setdefault(table, []).append(said | {"name": path.stem})
    return found


def test_every_table_with_a_source_is_listed_as_its_files_say(
    entries: dict[str, Resource], sources: dict[str, list[dict[str, Any]]]
) -> None:
    offices = declared(LANHAI / "city.yaml")["departments"]
    assert {key for key, one in entries.items() if one["kind"] == "table"} == set(sources)
    for key, fed in sources.items():
        said, one = declared(ROOT / "schemas" / "silver" / f"{key.split('.')[1]}.yaml"), entries[key]
        columns = said["columns"]
        assert (one["steward"], one["provider"]["zh"]) == (said["owner"], offices[said["owner"]]["zh"])
        assert one["summary"] == said["description"]
        assert [item["id"] for item in one["items"]] == list(columns)
        assert [item["name"] for item in one["items"]] == [column["description"] for column in columns.values()]
        assert [(item["type"], item["unit"]) for item in one["items"]] == [
            (column["type"], column.get("unit")) for column in columns.values()
        ]
        assert {origin["licence"] for origin in one["sources"]} == {source["licence"] for source in fed}
        cycles = {CYCLES.get(source["arrives"]["every"], source["arrives"]["every"]) for source in fed}
        assert one["cycle"] == next(each for each in ("day", "week", "month", "irregular", "once") if each in cycles)
        levels = [column.get("classification", "internal") for column in columns.values()]
        level = next(each for each in ("restricted", "internal", "public") if each in levels)
        assert one["level"] == ("restricted" if any("personal" in column for column in columns.values()) else level)


def test_indicators_and_what_they_are_made_of_name_each_other(entries: dict[str, Resource]) -> None:
    made: Counter[tuple[str, str]] = Counter()
    for key, one in entries.items():
        for other in one["related"]:
            made[(key, other["id"]) if other["role"] == "made_of" else (other["id"], key)] += other["role"] != "names"
    assert {pair: n for pair, n in made.items() if n not in (0, 2)} == {}
    own = LANHAI / "indicators"
    for key, one in entries.items():
        if one["kind"] == "table":
            continue
        element, name = key.split(".")
        paths = (own / element / f"{name}.yaml", ROOT / "schemas" / "indicators" / element / f"{name}.yaml")
        said = declared(next(path for path in paths if path.is_file()))
        tables = {table for term in said["terms"].values() for table in term.values() if _is_table(table)}
        assert {
            other["id"] for other in one["related"] if other["role"] == "made_of" and _is_table(other["id"])
        } == tables
        assert (one["steward"], one["name"], one["unit"]) == (said["owner"], said["name"], said["unit"])


def _is_table(said: object) -> bool:
    return isinstance(said, str) and said.startswith("silver.")


def test_what_names_persons_is_neither_open_nor_shared_without_condition(entries: dict[str, Resource]) -> None:
    personal = [one for one in entries.values() if one["kind"] == "table" and one["personal"]]
    assert len(personal) >= 4
    assert {(one["sharing"]["type"], one["opening"]["open"]) for one in personal} == {("none", False)}
    assert [key for key, one in entries.items() if one["opening"]["open"]]
    assert not [key for key, one in entries.items() if one["opening"]["open"] and one["level"] != "public"]
    assert not [
        key for key, one in entries.items() if one["sharing"]["type"] == "unconditional" and one["level"] != "public"
    ]


def test_no_code_is_made_up(entries: dict[str, Resource]) -> None:
    assert {(one["code"], one["provider_code"], one["classed"]["code"]) for one in entries.values()} == {(None,) * 3}
    rows = list(csv.DictReader(io.StringIO(catalogue.table(list(entries.values())))))
    assert {row["信息资源代码"] for row in rows} == {row["信息资源提供方代码"] for row in rows} == {"未声明"}


def test_the_files_have_the_thirteen_metadata_of_every_entry() -> None:
    data = edition()
    found = json.loads(catalogue.rendered(data))
    assert found["resources"] == data.resources
    assert len(found["headings"]) == 13
    assert set(found["headings"]) <= set(Resource.__annotations__)
    rows = list(csv.DictReader(io.StringIO(catalogue.table(data.resources))))
    assert [row["资源标识"] for row in rows] == [one["id"] for one in data.resources]
    split = {"共享属性": ("共享类型", "共享条件", "共享方式"), "开放属性": ("是否向社会开放", "开放条件")}
    heads = [head for one in catalogue.HEADINGS.values() for head in split.get(one, (one,))]
    assert [head for head in rows[0] if head in heads] == heads
    trips = rows[0]
    assert trips["信息资源分类"] == "主题信息资源类 207034"
    assert trips["信息项信息"] == "上车时刻(pickup) 日期时间型；车费<b>(fare) 数值型(12,2) CNY"
    assert (trips["共享类型"], trips["是否向社会开放"], trips["更新周期"]) == ("无条件共享", "是", "每日")
    assert rows[1]["共享条件"] == "含个人信息或限制级信息；不予共享的依据尚未声明"


def test_how_many_rows_are_about_persons_is_told_roughly_and_of_few_not_at_all(lanhai: City, tmp_path: Path) -> None:
    ledger = Ledger(Lake(tmp_path, "lanhai"))
    counts = {"silver.hotline_cases": 7, "silver.encounters": 25, "silver.ambulance_calls": 0, "silver.air_quality": 7}
    made = [
        {"biz_date": DAY, "table": key, "day": DAY.isoformat(), "rows": rows, "digest": "0"}
        for key, rows in counts.items()
    ]
    ledger.add("table_days", made)
    found = cataloguing.resources(lanhai, ledger, cataloguing.Night(DAY, {}, [], []))
    told = {one["id"]: one["rows"] for one in found if one["id"] in counts}
    assert told == counts | {"silver.hotline_cases": None, "silver.encounters": 20}


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A night of a small city in which only rides came."""
    root = tmp_path_factory.mktemp("mini")
    with pytest.MonkeyPatch.context() as patch:
        conf = copytree(ROOT / "tests" / "soak" / "conf", root / "conf")
        patch.setenv("CITYPULSE_CONF", str(conf))
        patch.setenv("CITYPULSE_KEYS", str(root / "keys"))
        city, lake = load_city("mini"), Lake(root / "lake", "mini")
        sent = root / "in" / "rides" / "2025-03-05.csv"
        sent.parent.mkdir(parents=True)
        sent.write_text(RIDES, "utf-8")
        landing.land(city, lake, root / "in", datetime(2025, 3, 6, 1, tzinfo=ZONE))
        inline.night(city, lake, DAY)
        yield city, lake


def entry(city: Any, lake: Lake, day: date) -> list[Resource]:
    arrivals.note(city, Ledger(lake), day)
    return showing.gather(city, lake, Ledger(lake), day).resources


def changed(one: Resource, **said: object) -> Resource:
    return cast(Resource, {**one, **said})


def test_a_night_says_what_it_knows_and_twice_says_the_same(mini: Any) -> None:
    city, lake = mini
    first = entry(city, lake, DAY)
    assert first == entry(city, lake, DAY)
    found = {one["id"]: one for one in first}
    stored = {key: lake.arrow(key).num_rows if lake.exists(key) else 0 for key in city.tables}
    assert {key: found[key]["rows"] for key in city.tables} == stored
    assert sum(stored.values()) == 2
    fed = next(key for key, rows in stored.items() if rows)
    assert (found[fed]["newest"], found[fed]["released"], found[fed]["renewed"]) == ("2025-03-05",) * 3
    late = {one["source"] for one in Ledger(lake).rows("arrivals") if one["state"] == "missing"}
    assert late
    assert {o["source"] for one in first for o in one["sources"] if o["state"] == "late"} == late


def test_the_ledger_has_what_a_night_changed_of_the_catalogue_and_no_more(mini: Any) -> None:
    city, lake = mini
    ledger, listed = Ledger(lake), entry(city, lake, DAY)
    assert cataloguing.note(ledger, DAY, listed) == len(listed)
    assert cataloguing.note(ledger, DAY, listed) == len(listed)
    fuller = [changed(one, rows=7, newest="2025-03-06", renewed="2025-03-06", state="late") for one in listed]
    assert cataloguing.note(ledger, date(2025, 3, 6), fuller) == 0
    renamed = [changed(listed[0], steward="another"), *listed[2:]]
    assert cataloguing.note(ledger, date(2025, 3, 7), renamed) == 2
    rows = ledger.rows("catalogue", "biz_date = DATE '2025-03-07'", "resource")
    assert {(row["resource"], row["state"]) for row in rows} == {
        (listed[0]["id"], "changed"), (listed[1]["id"], "withdrawn"),
    }  # fmt: skip
    assert cataloguing.note(ledger, date(2025, 3, 8), renamed) == 0
    assert len(ledger.rows("catalogue")) == len(listed) + 2


def test_an_edition_without_resources_has_an_empty_catalogue() -> None:
    assert json.loads(catalogue.rendered(replace(edition(), resources=[])))["resources"] == []
