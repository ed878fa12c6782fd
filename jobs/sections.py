"""The rows of an edition's seal, from the lake and the ledger: the same however often, where and in what pieces.

An edition speaks for the nights since the sealed edition before it: a night that came to no sealed edition is in the
next one. What the lake keeps of a sealed night is asked for again, by the same functions, to verify it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs import publish, seal, work_days
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.landing import cut_off
from jobs.publish import exports
from jobs.seal import Row, Sealed
from jobs.vintages import KEY, VALUES
from schemas import City
from schemas.city import ROOT

FIRST = date(1, 1, 1)
NOT_LISTED = (seal.MANIFEST, seal.LEAVES)
"""Files of an edition that its seal is made of."""


def of(city: City, lake: Lake, ledger: Ledger, biz_date: date, shown: Sequence[publish.Value], place: Path) -> Sealed:
    """Everything that the edition of a night says and rests on; `place` holds its files."""
    before = earlier(ledger, biz_date)
    after = date.fromisoformat(before[-1]["biz_date"]) if before else FIRST
    rows: dict[str, Sequence[Row]] = {
        "edition": [header(city, biz_date, before)],
        "earlier": before,
        "values": exports.records(exports.ordered(list(shown))),
        "deliveries": deliveries(ledger, after, biz_date),
        "tables": tables(ledger, biz_date),
        "days": days(ledger, after, biz_date),
        "declarations": declarations(city),
        "code": code(),
        "files": listed(place),
    }
    leaves = {name: seal.leaves(listed) for name, listed in rows.items()}
    leaves["history"] = seal.hashed(texts(history(lake, after, biz_date)))
    return Sealed(leaves, {name: rows[name] for name in seal.LISTED})


def header(city: City, biz_date: date, before: Sequence[Row]) -> Row:
    """Which edition it is, and which one came before it."""
    return {
        "form": seal.FORM,
        "city": city.id,
        "biz_date": biz_date.isoformat(),
        "cut_off": cut_off(city, biz_date).isoformat(),
        "previous": before[-1] if before else None,
    }


def earlier(ledger: Ledger, biz_date: date) -> list[Row]:
    """The sealed editions before a night and their roots, oldest first."""
    rows = ledger.rows("editions", f"biz_date < DATE '{biz_date}'", "biz_date")
    return [{"biz_date": row["biz_date"].isoformat(), "root": row["digest"]} for row in rows]


def deliveries(ledger: Ledger, after: date, until: date) -> list[Row]:
    """What some nights took in or refused, by id. The same again is no delivery of its own."""
    rows = ledger.query(
        f"""SELECT d.delivery_id, d.source, d.business_date, d.scope, d.file, d.sha256, d.size, d.delivered_at,
            d.replays, i.outcome, i.reason, i.records, i.malformed
        FROM deliveries AS d JOIN ingests AS i USING (delivery_id)
        WHERE NOT d.is_repeat AND {_between("i.biz_date", after, until)} ORDER BY d.delivery_id""",
        "deliveries",
        "ingests",
    )
    return [row | {"delivered_at": row["delivered_at"].astimezone(UTC).isoformat()} for row in rows]


def tables(ledger: Ledger, until: date) -> list[Row]:
    """Each silver table as it stood: SHA-256 over its days' digests, `day rows digest` a line, empty days left out."""
    made: dict[str, list[Mapping[str, Any]]] = {}
    for row in work_days.made(ledger, until):
        if row["rows"]:
            made.setdefault(row["table"], []).append(row)
    return [
        {
            "table": key,
            "days": len(listed),
            "rows": sum(row["rows"] for row in listed),
            "sha256": _sha256("\n".join(f"{row['day']} {row['rows']} {row['digest']}" for row in listed).encode()),
        }
        for key, listed in made.items()
    ]


def days(ledger: Ledger, after: date, until: date) -> Sequence[Row]:
    """The days of silver tables that some nights made, with the digest of their rows (`jobs.core.engine.digest_of`)."""
    return ledger.query(
        f"""SELECT "table", day, rows, digest FROM table_days WHERE {_between("biz_date", after, until)}
        QUALIFY row_number() OVER (PARTITION BY "table", day ORDER BY biz_date DESC) = 1 ORDER BY "table", day""",
        "table_days",
    )


def history(lake: Lake, after: date, until: date) -> pa.Table:
    """The rows that some nights appended to `indicators.values`, in the order of their key and edition."""
    between = (pc.field("edition") > after.isoformat()) & (pc.field("edition") <= until.isoformat())
    rows = lake.arrow_where("indicators.values", between, list(VALUES))
    if rows is None:
        return pa.table({name: pa.nulls(0, pa.string()) for name in VALUES})
    return rows.sort_by([(name, "ascending") for name in (*KEY, "edition")])


def plain(rows: pa.Table) -> list[Row]:
    """Rows of the history as they are sealed."""
    return [json.loads(text) for text in texts(rows)]


def texts(rows: pa.Table) -> Iterator[str]:
    """The canonical text of each row of a table, worked out column by column: rows are many, words few."""
    for batch in rows.to_batches(max_chunksize=50_000):
        columns = [_words(name, batch.column(name)) for name in sorted(rows.column_names)]
        for said in pc.binary_join_element_wise(*columns, ",").to_pylist():
            yield "{" + said + "}"


def _words(name: str, column: pa.Array) -> pa.Array:
    """A column's member in each row's text. Doubles are known by their bits: 0.0 and -0.0 are equal, and two texts."""
    key, is_floating = f"{seal.text(name)}:", pa.types.is_floating(column.type)
    plain = column.cast(pa.string()) if pa.types.is_date(column.type) else column
    coded = (plain.view(pa.int64()) if is_floating else plain).dictionary_encode("encode")
    known = coded.dictionary.view(column.type) if is_floating else coded.dictionary
    return pa.array([key + seal.text(value) for value in known.to_pylist()], pa.string()).take(coded.indices)


def declarations(city: City) -> list[Row]:
    """Every declaration that applies to the city: its own files, and those of all cities."""
    own = {f"cities/{city.id}/{path.relative_to(city.folder).as_posix()}": path for path in city.folder.rglob("*.yaml")}
    common = [path for name in ("schemas", "quality") for path in (ROOT / name).rglob("*.yaml")]
    common += (ROOT / "schemas").glob("*.txt")
    return _digests(own | {path.relative_to(ROOT).as_posix(): path for path in common})


def code() -> list[Row]:
    """The code that made the edition, and the versions of everything it calls."""
    found = [path for package in ("jobs", "schemas", "quality") for path in (ROOT / package).rglob("*.py")]
    return _digests({path.relative_to(ROOT).as_posix(): path for path in [*found, ROOT / "requirements.lock"]})


def listed(place: Path) -> list[Row]:
    """The files of an edition as rows."""
    return [{"file": name, "sha256": digest} for name, digest in files(place)]


def files(place: Path) -> list[tuple[str, str]]:
    """The files of an edition but those of its seal, each with its SHA-256."""
    found = {path.relative_to(place).as_posix(): path for path in place.rglob("*") if path.is_file()}
    return sorted((name, sha256(path)) for name, path in found.items() if name not in NOT_LISTED)


def sha256(path: Path) -> str:
    """A file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digests(found: Mapping[str, Path]) -> list[Row]:
    return [{"file": name, "sha256": sha256(path)} for name, path in sorted(found.items())]


def _between(column: str, after: date, until: date) -> str:
    return f"{column} > DATE '{after}' AND {column} <= DATE '{until}'"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
