"""The register of places as each night knew it: what its edition printed, and what a changed register moves.

Records are placed by the newest version of each member, whatever day they are of: values of all days stand on one
geography, and a register that comes late gives what one that came in time gives. So a change of the register touches
the days that have records which may lie elsewhere by it; another set of places, or another place above them, touches
every day (docs/decisions/0029-one-geography.md).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import shapely

from jobs import placing, terms, work_days
from jobs.core import engine
from jobs.core.engine import literal, quoted
from jobs.core.lake import Lake
from jobs.core.ledger import TABLES, Ledger
from schemas import City

KINDS = {"level": pa.string(), "place_id": pa.string(), "name_zh": pa.string()}
KEY = ("level", "place_id")
NAMES = ("place_id", "name_zh", "name_en")
BOX = ("west", "south", "east", "north")
SAID = tuple(name for name in TABLES["members"] if name not in ("biz_date", "nth", *KEY))
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """A member as the last complete night knew it, and as the register says now; None where it knows none."""

    before: Row | None
    now: Row | None

    def differs(self, *names: str) -> bool:
        """Whether one of the columns, or whether there is such a member, is another."""
        before, now = (row and [row[name] for name in names] for row in (self.before, self.now))
        return before != now


def now(city: City, lake: Lake) -> pa.Table:
    """`level`, `place_id` and `name_zh` as `citypulse values` prints it: of every member, and of the city."""
    return _named(_listed(city, lake))


def told(city: City, lake: Lake, night: date) -> pa.Table:
    """The same as a night knew it; of a lake in which no night has noted members, as they are now."""
    rows = _known(Ledger(lake), f"<= DATE '{night}'").values()
    return _named(rows) if rows else now(city, lake)


def note(city: City, lake: Lake, ledger: Ledger, biz_date: date) -> None:
    """Keep the members that are others than they were when a night last looked; most nights add none. One may be gone.

    What a night has once placed records by stays known, though it be run again by another register.
    """
    before = _known(ledger, f"<= DATE '{biz_date}'")
    there: dict[tuple[str, str], Row] = {
        _key(row): {**row, **_outline(row.get("geometry"), before.get(_key(row)))} for row in _listed(city, lake)
    }
    words = ledger.query(f"SELECT max(nth) AS nth FROM members WHERE biz_date = DATE '{biz_date}'", "members")
    common = {"biz_date": biz_date, "nth": (words[0]["nth"] or 0) + 1}
    rows = []
    for key in sorted({*before, *there}):
        row = {name: there.get(key, {}).get(name) for name in SAID}
        if key not in before or any(before[key][name] != row[name] for name in SAID):
            rows.append(common | dict(zip(KEY, key, strict=True)) | row)
    ledger.add("members", rows)


def changes(ledger: Ledger, biz_date: date) -> list[Change]:
    """What the register has said since the last complete night otherwise than then, of nights that were not finished
    too: silver may stand by any of it. None where there was no such night; of a lake whose nights have not noted any
    members, every one.
    """
    last = work_days.last_done(ledger, biz_date)
    if last == work_days.NEVER:
        return []
    before = _known(ledger, f"<= DATE '{last}'")
    since = ledger.rows(
        "members", f"biz_date > DATE '{last}' AND biz_date <= DATE '{biz_date}'", "level, place_id, nth"
    )
    found = (Change(_present(before.get(_key(row))), _present(row)) for row in since)
    return [one for one in found if one.differs(*SAID)]


def is_regrouped(found: Sequence[Change]) -> bool:
    """Whether there are other places, or others above them: values of every day then stand on another grid."""
    return any(one.differs("parent_id") for one in found)


def days(city: City, lake: Lake, key: str, found: Sequence[Change]) -> list[str]:
    """The days of a table on which the register's changes may place a record elsewhere, by all claims there are.

    By its point, by what it reports, or by a column that a term takes for its place.
    """
    named, boxes = set(_spelled(found)), list(_boxes(city, found))
    claimed = f"claims.{city.tables[key].name}"
    if not (named or boxes) or not lake.exists(claimed):
        return []
    claims = lake.scan(claimed)
    columns = {grid.place for grid in terms.of_table(city, key) if grid.place} & lake.columns(claimed).keys()
    with engine.cursor(threads=2) as connection:
        out = set(_reporting(connection, city, claims, columns, named)) if named else set()
        if boxes:
            corners = {name: pa.array([box[at] for box in boxes], pa.float64()) for at, name in enumerate(BOX)}
            connection.register("boxes", pa.table(corners))
            within = connection.sql(f"""
                SELECT DISTINCT _day FROM {claims} AS c JOIN boxes AS b
                ON c._lon BETWEEN b.west AND b.east AND c._lat BETWEEN b.south AND b.north
                WHERE place_level = '{placing.POINT}'""")
            out |= {day for (day,) in within.fetchall()}
    return sorted(out)


def _reporting(
    connection: duckdb.DuckDBPyConnection, city: City, claims: str, columns: Set[str], named: Set[tuple[str, str]]
) -> Iterator[str]:
    """The days with claims that call a place by one of these spellings of members (level, spelling), as the place they
    report or in one of some columns."""
    levels = literal(placing.LEVELS.join(city.file.hierarchies[0]))
    told = [("place_level", "place_reported"), *((levels, quoted(name)) for name in sorted(columns))]
    asked = (f"SELECT DISTINCT _day, {at}, {name}::VARCHAR FROM {claims} WHERE {name} IS NOT NULL" for at, name in told)
    for day, among, text in connection.sql(" UNION ".join(asked)).fetchall():
        if any((level, placing.plain(text)) in named for level in among.split(placing.LEVELS)):
            yield day


def _spelled(found: Sequence[Change]) -> Iterator[tuple[str, str]]:
    """The spellings (with their level) that a member has come by, or has lost: another may bear it, or bear it alone.

    The city itself is found by its id, which stays.
    """
    for one in found:
        before, now = (_spellings(row) for row in (one.before, one.now))
        yield from before ^ now


def _spellings(row: Row | None) -> set[tuple[str, str]]:
    if row is None or row["level"] == "city":
        return set()
    return {(row["level"], placing.plain(row[name])) for name in NAMES if row[name]}


def _boxes(city: City, found: Sequence[Change]) -> Iterator[tuple[float, ...]]:
    """The bounding boxes of every outline that is there no more, or now: no point outside them lies elsewhere."""
    finest = {chain[0] for chain in city.file.hierarchies}
    for one in found:
        if one.differs("outline"):
            for row in (one.before, one.now):
                if row and row["level"] in finest and row["outline"]:
                    yield tuple(row[name] for name in BOX)


def _listed(city: City, lake: Lake) -> list[Row]:
    """Every member as the register says now, and the city."""
    name = city.file.name
    above = {"level": "city", "place_id": city.id, "name_zh": name.zh, "name_en": name.en}
    return [*placing.load(city, lake).members.to_pylist(), above]


def _outline(geometry: str | None, before: Row | None) -> Row:
    """The digest of an outline and its bounding box (degrees), which is taken from `before` where that had the same."""
    if not geometry:
        return {}
    digest = hashlib.sha256(geometry.encode()).hexdigest()
    if before and before["outline"] == digest:
        return {name: before[name] for name in ("outline", *BOX)}
    corners = shapely.bounds(shapely.from_geojson(geometry)).tolist()
    return {"outline": digest, **dict(zip(BOX, corners, strict=True))}


def _known(ledger: Ledger, nights: str) -> dict[tuple[str, str], Row]:
    """The newest word of some nights on each member, by level and id."""
    rows = ledger.query(
        f"""SELECT * FROM members WHERE biz_date {nights}
        QUALIFY row_number() OVER (PARTITION BY level, place_id ORDER BY biz_date DESC, nth DESC) = 1""",
        "members",
    )
    return {_key(row): row for row in rows}


def _key(row: Row) -> tuple[str, str]:
    return row["level"], row["place_id"]


def _present(row: Row | None) -> Row | None:
    """A member that is gone has no names: one that is there has at least its id for a name."""
    return row if row is not None and row["name_en"] is not None else None


def _named(rows: Iterable[Row]) -> pa.Table:
    listed = [{name: row[name] for name in KINDS} for row in sorted(rows, key=_key)]
    return pa.Table.from_pylist(listed, schema=pa.schema(list(KINDS.items())))
