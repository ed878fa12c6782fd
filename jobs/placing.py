"""Where a record lies: names resolved to members of a level, points to polygons, as the places' own table says."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import duckdb
import pyarrow as pa

from jobs.core import engine
from jobs.core.engine import quoted
from jobs.core.lake import Lake
from jobs.shared.geo import Polygons
from schemas import City, load_city
from schemas.declared import Words

PLACES = "silver.places"
POINT = "@point"
MICRODEGREES = 1_000_000
LEVELS = "|"
MEMBER = ("level", "place_id", "name_zh", "name_en", "parent_id", "geometry")


@dataclass(frozen=True)
class Places:
    """Members of each level, the spellings of their ids, and the finest levels' polygons (GeoJSON)."""

    members: pa.Table
    """level, place_id, name_zh, name_en, parent_id, geometry: the newest version of each member.

    A member without a name in one language has that of the other, without any its id.
    """
    finest: tuple[str, ...]
    """The finest level of each hierarchy; the first is the primary one."""
    spellings: tuple[tuple[str, str, str], ...]
    """(level, spelling, place_id)."""


def load(city: City, lake: Lake) -> Places:
    """The city's places as silver knows them now; read once a process and version."""
    return _load(city.id, str(lake.root.parent), lake.version(PLACES))


@cache
def _load(city_id: str, root: str, version: int | None) -> Places:
    city = load_city(city_id)
    members = _newest(Lake(root, city_id), version)
    spelled = _named(members)
    spelled |= {(row["level"], plain(row["place_id"])): row["place_id"] for row in members.to_pylist()}
    for level, declared in city.file.levels.items():
        for place, others in declared.aliases.items():
            spelled |= {(level, plain(other)): place for other in others}
    spelled[("city", plain(city.id))] = city.id
    above = [_parent(city, spelled, row["level"], row["parent_id"]) for row in members.to_pylist()]
    members = _set(members, "parent_id", pa.array(above, pa.string()))
    listed = tuple((level, text, place) for (level, text), place in sorted(spelled.items()))
    return Places(members, tuple(chain[0] for chain in city.file.hierarchies), listed)


def _named(members: pa.Table) -> dict[tuple[str, str], str]:
    """Names by which records may call a place: those that only one member of the level has. Ids and aliases win."""
    bearers: dict[tuple[str, str], set[str]] = {}
    for row in members.to_pylist():
        for name in filter(None, (row["name_zh"], row["name_en"])):
            bearers.setdefault((row["level"], plain(name)), set()).add(row["place_id"])
    return {called: next(iter(places)) for called, places in bearers.items() if len(places) == 1}


def _newest(lake: Lake, version: int | None) -> pa.Table:
    """The newest version of each member; none when there is no such table yet."""
    if version is None:
        return pa.table({name: pa.array([], pa.string()) for name in MEMBER})
    with engine.cursor() as connection:
        connection.register("places", lake.arrow(PLACES, [*MEMBER, "valid_from"], version))
        sql = """
            SELECT * EXCLUDE (valid_from) REPLACE (
                coalesce(name_zh, name_en, place_id) AS name_zh, coalesce(name_en, name_zh, place_id) AS name_en)
            FROM places
            QUALIFY row_number() OVER (PARTITION BY level, place_id ORDER BY valid_from DESC) = 1
            ORDER BY level, place_id"""
        return engine.table(connection, sql)


def _parent(city: City, spelled: Mapping[tuple[str, str], str], level: str, reported: str | None) -> str | None:
    """The parent's id at the level above; a member of the level below the city belongs to the city."""
    above = city.parent_level(level)
    if above in (None, "city"):
        return city.id
    return spelled.get((above, plain(reported))) if reported else None


def other_levels(city: City) -> list[str]:
    """The finest levels beside the primary one: a record with a point is placed in each of them too."""
    return [f"place_{chain[0]}" for chain in city.file.hierarchies[1:] if chain[0] != city.file.hierarchies[0][0]]


def comments(city: City) -> dict[str, str]:
    """What the columns of those levels mean."""
    names = {f"place_{level}": one.name for level, one in city.file.levels.items()}
    said = {column: names[column] for column in other_levels(city)}
    return {
        column: Words(zh=f"所在的{name.zh}", en=f"The {name.en} it lies in").comment() for column, name in said.items()
    }


def placer(connection: duckdb.DuckDBPyConnection, city: City, places: Places, relation: str) -> Callable[[str], str]:
    """Gives SQL for `relation` or rows of it, with `place_level`, `place_id` and the other finest levels.

    What lies nowhere has no id. What that needs stays registered with the connection.
    """
    sql = f"SELECT DISTINCT place_level, place_reported FROM {relation}"
    reported = connection.sql(sql).fetchall()
    connection.register("spellings", spelled(places, [pair for pair in reported if pair[1] is not None]))
    others = other_levels(city)
    at = "_placed" if any(level == POINT for level, _ in reported) else None
    found = f"CASE WHEN place_level = '{POINT}' THEN {_function(places, others)} END" if at else "NULL"
    by_point = {name: f"{at}.{quoted(name)}" if at else "NULL::VARCHAR" for name in ("place_id", *others)}
    return lambda rows: (
        f"""
        SELECT r.* EXCLUDE (place_level, _placed),
            CASE WHEN r.place_level = '{POINT}' THEN '{places.finest[0]}'
                ELSE coalesce(s.level, split_part(r.place_level, '{LEVELS}', 1)) END AS place_level,
            CASE WHEN r.place_level = '{POINT}' THEN {by_point["place_id"]} ELSE s.id END AS place_id,
            {"".join(f"{by_point[name]} AS {quoted(name)}, " for name in others)}
        FROM (SELECT *, {found} AS _placed FROM {rows}) AS r LEFT JOIN spellings AS s
            ON s.said = r.place_level AND s.reported = r.place_reported"""
    )


def spelled(places: Places, reported: Sequence[tuple[str, str]]) -> pa.Table:
    """`said`, `reported`, `level`, `id` of each pair of levels and reported name that means a place."""
    known = {said: _spelled(places, said) for said in {levels for levels, _ in reported}}
    listed = [(said, name, *known[said][plain(name)]) for said, name in reported if plain(name) in known[said]]
    columns = [pa.array([row[i] for row in listed], pa.string()) for i in range(4)]
    return pa.table(dict(zip(("said", "reported", "level", "id"), columns, strict=True)))


def _spelled(places: Places, said: str) -> dict[str, tuple[str, str]]:
    """Spelling to (level, id) for the levels a source names; an earlier level wins."""
    found: dict[str, tuple[str, str]] = {}
    for level in said.split(LEVELS):
        for at, spelling, place_id in places.spellings:
            if at == level:
                found.setdefault(spelling, (level, place_id))
    return found


def _function(places: Places, others: Sequence[str]) -> str:
    """SQL for the ids of a claim's point, by column; the engine learns once how to find them."""
    name = f"placed_{id(places)}"
    columns = ("place_id", *others)
    levels = (places.finest[0], *(column.removeprefix("place_") for column in others))
    result = f"STRUCT({', '.join(f'{quoted(column)} VARCHAR' for column in columns)})"
    engine.teach(name, lambda x, y: _located(places, columns, levels, x, y), ["BIGINT", "BIGINT"], result)
    return f"{name}((_lon * {MICRODEGREES})::BIGINT, (_lat * {MICRODEGREES})::BIGINT)"


def _located(
    places: Places, columns: Sequence[str], levels: Sequence[str], x: pa.ChunkedArray, y: pa.ChunkedArray
) -> pa.StructArray:
    """Ids of points in millionths of a degree (DECIMAL(9,6) as it is stored: the quotient is the nearest double)."""
    lon, lat = (one.to_numpy(zero_copy_only=False) / MICRODEGREES for one in (x, y))
    found = []
    for level in levels:
        shapes = polygons(places, level)
        if shapes is None:
            found.append(pa.nulls(len(lon), pa.string()))
            continue
        positions = shapes.place(lon, lat)
        found.append(shapes.names.take(pa.array(positions, mask=positions < 0)))
    return pa.StructArray.from_arrays(found, list(columns))


_SHAPES: dict[tuple[int, str], Polygons | None] = {}


def polygons(places: Places, level: str) -> Polygons | None:
    """The level's polygons, built once a process; None when no member has one."""
    key = (id(places), level)
    if key not in _SHAPES:
        rows = [r for r in places.members.to_pylist() if r["level"] == level and r["geometry"]]
        _SHAPES[key] = Polygons([r["place_id"] for r in rows], [r["geometry"] for r in rows]) if rows else None
    return _SHAPES[key]


def parents(places: Places, city: City) -> Mapping[tuple[str, str], str | None]:
    """The parent of each member: (level, place_id) to the id at the level above."""
    rows = places.members.select(["level", "place_id", "parent_id"]).to_pylist()
    return {(row["level"], row["place_id"]): row["parent_id"] for row in rows}


def plain(text: str) -> str:
    """How spellings are compared: without case, outer white space, or the width and composition of letters."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _set(rows: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return rows.set_column(rows.column_names.index(name), name, values)
