"""Chains of invented editions, sealed by the code that seals real ones, in memory."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from jobs import chain, seal
from jobs.chain import Books
from jobs.intact import Kept, Link
from jobs.seal import Sealed

FIRST = date(2031, 3, 1)
Row = dict[str, Any]


@dataclass(frozen=True)
class Written:
    """An edition's rows before they are sealed; `history` in the lake, `others` files beside the values."""

    biz_date: str
    values: Sequence[Row]
    history: Sequence[Row]
    listed: Mapping[str, Sequence[Row]]
    others: Mapping[str, str]


def written(rng: Random, number: int, values: int = 12) -> Written:
    """What an edition says."""
    day = (FIRST + timedelta(days=number)).isoformat()
    return Written(
        day,
        [_value(rng, day, at) for at in range(values)],
        [_value(rng, day, at) | {"period_start": day} for at in range(values // 2)],
        {
            "deliveries": [_delivery(rng, day, at) for at in range(5)],
            "tables": [{"table": f"silver.t{at}", "days": 3, "rows": 9, "sha256": _hex(rng)} for at in range(3)],
            "days": [
                {"table": f"silver.t{at}", "day": day, "rows": 3, "digest": str(rng.getrandbits(70))} for at in range(4)
            ],
            "declarations": [{"file": f"schemas/{at}.yaml", "sha256": _hex(rng)} for at in range(4)],
            "code": [{"file": f"jobs/{at}.py", "sha256": _hex(rng)} for at in range(3)],
        },
        {name: _hex(rng) for name in ("assets/map.js", "index.html", "quality.html", "values.csv")},
    )


def sealed(one: Written, earlier: Sequence[Link], biz_date: str | None = None) -> Kept:
    """The edition's folder behind others; `biz_date` where its header says another."""
    content = values_json(one.values)
    files = sorted({**one.others, "values.json": sha256(content).hexdigest()}.items())
    before = [link._asdict() for link in earlier]
    header = {
        "form": seal.FORM, "city": "qingzhou", "biz_date": biz_date or one.biz_date,
        "cut_off": f"{one.biz_date}T21:00:00+00:00", "previous": before[-1] if before else None,
    }  # fmt: skip
    rows = {**one.listed, "edition": [header], "files": [{"file": name, "sha256": said} for name, said in files]}
    everything = {**rows, "earlier": before, "values": one.values, "history": one.history}
    made = Sealed({name: seal.leaves(everything[name]) for name in seal.SECTIONS}, rows)
    return Kept(biz_date or one.biz_date, made.manifest, made.hashes, content, tuple(files))


def values_json(rows: Sequence[Any]) -> bytes:
    """The file as `jobs/publish/exports.py` writes it."""
    return ("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n").encode()


def books(editions: Sequence[Written]) -> Books:
    """A chain that is whole."""
    told: list[Link] = []
    kept = {}
    for one in editions:
        kept[one.biz_date] = sealed(one, told)
        told.append(Link(one.biz_date, root_of(kept[one.biz_date])))
    return Books(kept, (), tuple(told), tuple(told), chain.written(told[-1]))


def root_of(kept: Kept) -> str:
    """The root that a folder's manifest names."""
    return str(json.loads(kept.manifest or b"")["root"])


def put(known: Books, name: str, kept: Kept) -> Books:
    """The chain with another folder of that name."""
    return replace(known, editions={**known.editions, name: kept})


def _value(rng: Random, day: str, at: int) -> Row:
    number = rng.choice((None, round(rng.uniform(0, 500), rng.randrange(12)), float(rng.randrange(90)), 1e-7, 2.5e16))
    return {
        "indicator": f"transport.i{at:02}", "place": f"区{at % 7}", "place_name": "青\u3000洲\"区\\",
        "level": "district", "period_kind": "day", "period": day, "segment": "", "value": number, "unit": "trip",
        "coverage": rng.random(), "low": number, "high": number, "grade": "A", "status": "final", "reasons": [],
        "n_records": at, "definition_version": "2020-01-01", "edition": day,
    }  # fmt: skip


def _delivery(rng: Random, day: str, at: int) -> Row:
    return {
        "delivery_id": f"{at}{rng.getrandbits(60):015x}", "source": "air", "file": f"环保/{day}-{at}.csv",
        "business_date": day, "scope": day, "sha256": _hex(rng), "size": rng.randrange(9999),
        "delivered_at": f"{day}T0{rng.randrange(9)}:30:00+00:00", "replays": None,
        "outcome": "ingested", "reason": None, "records": rng.randrange(999), "malformed": 0,
    }  # fmt: skip


def _hex(rng: Random) -> str:
    return rng.randbytes(32).hex()
