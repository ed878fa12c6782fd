"""Sealed editions out to others: each exporter brings what is not there yet, oldest first, after the edition is made.

An exporter is one module of `jobs/publish` with `export(outward) -> str`, which returns in a few words what it
brought. It brings an edition as a whole or not at all, once however often it is called, and raises CriticalFailure in
one line, without secrets, where it cannot: what was there before stays. It knows neither the lake nor the ledger.

A city names the exporters it uses under `exports:`, each with the environment variable that says where to; without one,
nothing is done.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from jobs import placing, publish, showing
from jobs.core.errors import CriticalFailure
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.publish import tables
from jobs.vintages import VALUES
from schemas import ELEMENTS, City

BATCH = 50_000


class Edition(NamedTuple):
    """A sealed edition; it speaks for the nights after `after`, which is the sealed one before it."""

    biz_date: date
    root: str
    after: date


@dataclass(frozen=True)
class Outward:
    """What an exporter is given. `target` says where to, and may hold a secret; `editions` are sealed, oldest first."""

    city: City
    target: str
    editions: Sequence[Edition]
    catalogue: Mapping[str, Sequence[tables.Row]]
    """The rows of `indicators`, `sources` and `places` as they are now; places of every level, with `geometry`."""
    history: Callable[[Edition], Iterator[pa.RecordBatch]]
    """What an edition says otherwise than the ones before: rows of the lake's `indicators.values`, in pieces."""


Exporter = Callable[[Outward], str]


def exporters() -> dict[str, Exporter]:
    """Every module of `jobs/publish` that has an `export`, by name."""
    return {name: one.export for name, one in publish.modules().items() if hasattr(one, "export")}


def run(city: City, lake: Lake, biz_date: date) -> dict[str, str]:
    """Every exporter of the city; what each brought. Raises CriticalFailure after the last, naming all that failed."""
    said: dict[str, str] = {}
    failed = []
    for name, variable in sorted(city.file.exports.items()):
        target = os.environ.get(variable, "")
        try:
            said[name] = _export(name, variable, outward(city, lake, biz_date, target))
        except Exception as error:  # whatever it was, the other exporters are not to miss their turn
            failed.append(f"{name}: {_line(error, target)}")
    if failed:
        raise CriticalFailure(f"export failed: {'; '.join(failed)}")
    return said


def outward(city: City, lake: Lake, until: date, target: str) -> Outward:
    """What there is to bring up to a night."""
    sealed = Ledger(lake).rows("editions", f"biz_date <= DATE '{until}'", "biz_date")
    before = [date.min, *(row["biz_date"] for row in sealed)]
    editions = [Edition(row["biz_date"], row["digest"], after) for row, after in zip(sealed, before, strict=False)]
    return Outward(city, target, editions, _catalogue(city, lake), lambda one: _history(lake, one))


def _export(name: str, variable: str, given: Outward) -> str:
    known = exporters()
    if name not in known:
        raise CriticalFailure(f"there is no such exporter; there is: {', '.join(known)}")
    if not given.target:
        raise CriticalFailure(
            f"{variable} is not set; it says where to, as exports: of {given.city.id}'s city.yaml has it"
        )
    return known[name](given)


def _line(error: Exception, target: str) -> str:
    text = str(error) if isinstance(error, CriticalFailure) else f"{type(error).__name__}: {error}"
    line = (text.strip().splitlines() or [""])[0]
    return line.replace(target, "***") if target else line


def _catalogue(city: City, lake: Lake) -> dict[str, list[tables.Row]]:
    elements = {key: publish.Text(zh=zh, en=en) for key, (zh, en) in ELEMENTS.items()}
    return {
        "indicators": [
            tables.indicator(key, showing.about(city, city.indicators[key]), elements) for key in city.indicators
        ],
        "sources": [tables.source(key, showing.source(city, key)) for key in city.sources],
        "places": _places(city, lake),
    }


def _places(city: City, lake: Lake) -> list[tables.Row]:
    whole = publish.Place(name_zh=city.file.name.zh, name_en=city.file.name.en, parent=None)
    rows: list[tables.Row] = [{**tables.place("city", city.id, whole), "geometry": None}]
    for row in placing.load(city, lake).members.to_pylist():
        if row["level"] != "city":
            one = publish.Place(name_zh=row["name_zh"], name_en=row["name_en"], parent=row["parent_id"])
            rows.append({**tables.place(row["level"], row["place_id"], one), "geometry": row["geometry"]})
    return rows


def _history(lake: Lake, one: Edition) -> Iterator[pa.RecordBatch]:
    if lake.exists("indicators.values"):
        edition = pc.field("edition")
        yield from lake.dataset("indicators.values").to_batches(
            columns=list(VALUES), batch_size=BATCH, batch_readahead=2, fragment_readahead=1,
            filter=(edition > one.after.isoformat()) & (edition <= one.biz_date.isoformat()),
        )  # fmt: skip
