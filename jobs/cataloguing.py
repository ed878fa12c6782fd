"""The catalogue of information resources (政务信息资源目录): an entry for each table and each indicator of a city.

Made anew by every night from declarations, ledger and history, so nobody keeps it. An entry says what the guide to
compiling catalogues asks for (发改高技术〔2017〕1272号: 13 core metadata), and what the night knows: rows, freshness,
quality. docs/decisions/0026-the-catalogue.md says what is derived, and what stays unknown until a city declares it.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, cast

from jobs import metadata, openings, seal, work_days
from jobs.arrivals import STEPS
from jobs.core.ledger import Ledger
from jobs.publish import Finding, Hold, Judged, Origin, Related, Resource, quality
from schemas import City, Indicator, Table
from schemas.classification import guarded

Row = Mapping[str, Any]
ENTRY = ("state", "quality", "rows", "newest", "renewed")
"""What a night knows of a resource: it changes without the catalogue changing."""


@dataclass(frozen=True)
class Night:
    """What a night knows of tables and values. `values` has `rows`, `newest`, `first` and `last` by indicator."""

    biz_date: date
    values: Mapping[str, Row]
    quality: Sequence[Finding]
    holds: Sequence[Hold]


def resources(city: City, ledger: Ledger, night: Night) -> list[Resource]:
    """The whole catalogue: tables by name, then indicators by id."""
    made = _Catalogue(city, ledger, night)
    return [
        *(made.table(key) for key in sorted(city.tables)),
        *(made.indicator(key) for key in sorted(city.indicators)),
    ]


def note(ledger: Ledger, biz_date: date, listed: Sequence[Resource]) -> int:
    """Write to `ops.catalogue` what the night changed of the catalogue: entries added, changed and withdrawn.

    Rows, freshness and quality are no change of it: the edition's own catalogue has those. Twice changes nothing.
    """
    known = {
        row["resource"]: row
        for row in ledger.query(
            f"""SELECT resource, kind, state, digest FROM catalogue WHERE biz_date < DATE '{biz_date}'
            QUALIFY row_number() OVER (PARTITION BY resource ORDER BY biz_date DESC) = 1""",
            "catalogue",
        )
        if row["state"] != "withdrawn"
    }
    rows: list[dict[str, Any]] = []
    for one in listed:
        entry = seal.text(lasting(one))
        digest = hashlib.sha256(entry.encode()).hexdigest()
        before = known.pop(one["id"], None)
        if before is None or before["digest"] != digest:
            state = "changed" if before else "added"
            rows.append({"resource": one["id"], "kind": one["kind"], "state": state, "digest": digest, "entry": entry})
    rows += [{"resource": key, "kind": row["kind"], "state": "withdrawn", "digest": None} for key, row in known.items()]
    ledger.put("catalogue", [{"biz_date": biz_date} | row for row in rows], biz_date=[biz_date])
    return len(rows)


def lasting(one: Resource) -> dict[str, Any]:
    """An entry without what only the night knows."""
    kept: dict[str, Any] = {key: said for key, said in one.items() if key not in ENTRY}
    kept["sources"] = [
        {key: said for key, said in dict(each).items() if key not in ("state", "detail")} for each in one["sources"]
    ]
    plan = kept.pop("plan")
    return kept | ({"plan": {key: plan[key] for key in ("by", "task", "way")}} if plan else {})


class _Catalogue:
    """The entries of a night."""

    def __init__(self, city: City, ledger: Ledger, night: Night) -> None:
        self.city, self.night = city, night
        self.late = {
            row["source"]: row["detail"]
            for row in ledger.rows("arrivals", f"biz_date = DATE '{night.biz_date}' AND state = 'missing'")
        }
        self.days: dict[str, list[Row]] = defaultdict(list)
        for row in work_days.made(ledger, night.biz_date):
            self.days[row["table"]].append(row)
        self.nights = {
            row["table"]: row
            for row in ledger.query(
                f"""SELECT "table", min(biz_date)::VARCHAR AS first, max(biz_date)::VARCHAR AS last FROM table_days
                WHERE biz_date <= DATE '{night.biz_date}' GROUP BY 1""",
                "table_days",
            )
        }
        self.came = ledger.query(
            f"""SELECT d.source, max(d.delivered_date)::VARCHAR AS day FROM deliveries AS d JOIN ingests AS i
            USING (delivery_id)
            WHERE NOT d.is_repeat AND i.outcome = 'ingested' AND i.biz_date <= DATE '{night.biz_date}' GROUP BY 1""",
            "deliveries",
            "ingests",
        )
        self.open_since = openings.since(city, ledger, night.biz_date)
        self.judged: dict[str, Counter[str]] = defaultdict(Counter)
        for finding in night.quality:
            self.judged[finding["table"]][quality.outcome(finding)] += 1

    @cached_property
    def users(self) -> Mapping[str, list[str]]:
        """The indicators that are made of each table or indicator."""
        found: dict[str, list[str]] = defaultdict(list)
        for key in sorted(self.city.indicators):
            for part in _parts(self.city.indicators[key]):
                found[part].append(key)
        return found

    def table(self, key: str) -> Resource:
        """The entry of a table."""
        table = self.city.tables[key]
        nights = self.nights.get(key, {"first": None, "last": None})
        sources = [self._origin(source.name) for source in self.city.feeding(key)]
        found = self._common(key, table)
        found |= {
            "kind": "table",
            "name": metadata.title(table),
            "summary": metadata.words(table.description),
            "items": [metadata.item(name, column) for name, column in table.columns.items()],
            "cycle": min((metadata.cycle(one["every"]) for one in sources), key=metadata.CYCLES.index),
            "released": nights["first"],
            "related": [*self._related(self._named(key), "names"), *self._related(self.users[key], "used_by")],
            "unit": table.records,
            "personal": metadata.personal([table]),
            "sources": sources,
            "rows": self._rows(key),
            "newest": self._newest(key),
            "renewed": nights["last"],
            "state": _state(one["state"] for one in sources),
            "quality": self._quality([key]),
        }
        return self._planned(found)

    def indicator(self, key: str) -> Resource:
        """The entry of an indicator."""
        one = self.city.indicators[key]
        tables = sorted(_tables(self.city, one))
        behind = [self._origin(name) for name in sorted({s.name for t in tables for s in self.city.feeding(t)})]
        values = self.night.values.get(key, {"rows": 0, "newest": None, "first": None, "last": None})
        found = self._common(key, one)
        found |= {
            "kind": "indicator",
            "name": metadata.words(one.name),
            "summary": {
                "zh": f"{one.question.zh}{one.does_not_say.zh}",
                "en": f"{one.question.en} {one.does_not_say.en}",
            },
            "items": [metadata.value_item(name, one.unit, found["level"]) for name in metadata.VALUE_ITEMS],
            "cycle": _slowest(self.city, one, tables),
            "released": values["first"],
            "related": [*self._related(_parts(one), "made_of"), *self._related(self.users[key], "used_by")],
            "unit": one.unit,
            "personal": metadata.personal([self.city.tables[each] for each in tables]),
            "sources": behind,
            "rows": values["rows"],
            "newest": values["newest"],
            "renewed": values["last"],
            "state": _state(origin["state"] for origin in behind),
            "quality": self._quality(tables),
        }
        return self._planned(found)

    def _planned(self, found: Mapping[str, Any]) -> Resource:
        plan = openings.plan(self.city, found, self.open_since, self.night.biz_date)
        return cast(Resource, {**found, "plan": plan})

    def _common(self, key: str, one: Table | Indicator) -> dict[str, Any]:
        """What the city says of a table or indicator, and what is taken where it says nothing."""
        kind: metadata.Kind = "table" if isinstance(one, Table) else "indicator"
        level, office = guarded(self.city, key), self.city.departments[one.owner]
        said = self.city.file.catalogue.of(key, one.element, level)
        return {
            "id": key,
            "element": one.element,
            "classed": metadata.classed(said),
            "code": said.code,
            "provider": metadata.words(office),
            "provider_code": office.code,
            "format": metadata.FORMATS[kind],
            "sharing": metadata.sharing(said, level, kind),
            "opening": metadata.opening(said),
            "steward": one.owner,
            "level": level,
        }

    def _named(self, key: str) -> list[str]:
        """The tables that list a table's reporters, or that its rules compare it with."""
        listed = self.city.registered.get(key)
        return sorted({*([listed.table] if listed else []), *self.city.compared.get(key, set())} - {key})

    def _related(self, keys: Sequence[str], role: str) -> Iterator[Related]:
        for key in keys:
            said = self.city.file.catalogue.resources.get(key)
            table = self.city.tables.get(key)
            name = metadata.title(table) if table else metadata.words(self.city.indicators[key].name)
            yield {"id": key, "name": name, "code": said.code if said else None, "role": role}

    def _origin(self, name: str) -> Origin:
        source = self.city.sources[name]
        due = source.arrives.every in STEPS
        return {
            "source": name,
            "publisher": metadata.words(source.publisher),
            "licence": source.licence,
            "every": source.arrives.every,
            "state": "late" if name in self.late else "on_time" if due else "never_due",
            "detail": self.late.get(name, ""),
        }

    def _rows(self, key: str) -> int | None:
        """How many rows a table has; of one whose records name persons to the city's threshold, rounded down.

        Below the threshold it is unknown. An exact number would tell of a night in which few came.
        """
        rows, release = sum(int(row["rows"]) for row in self.days[key]), self.city.file.release
        if key not in self.city.named or release is None or not rows:
            return rows
        return rows // release.k * release.k or None

    def _newest(self, key: str) -> str | None:
        """The newest day with a row; of a register, whose rows hold from a day on, when it was delivered last."""
        days = [row["day"] for row in self.days[key] if row["rows"] and not row["day"].startswith("_")]
        if self.city.tables[key].kind == "register":
            feeding = {source.name for source in self.city.feeding(key)}
            days = [row["day"] for row in self.came if row["source"] in feeding]
        return max(days, default=None)

    def _quality(self, tables: Sequence[str]) -> Judged:
        counts = sum((self.judged[key] for key in tables if key in self.judged), Counter[str]())
        held = [f"{hold['table']} {hold['day']}" for hold in self.night.holds if hold["table"] in tables]
        return {"rules": counts["passed"] + counts["failed"], "passed": counts["passed"], "held": sorted(held)}


def _parts(one: Indicator) -> list[str]:
    """The tables, then the indicators that an indicator is made of."""
    return one.tables + sorted({look.table for look in one.looks} - {one.id})


def _tables(city: City, one: Indicator) -> set[str]:
    """The tables behind an indicator, through other indicators too."""
    parts = _parts(one)
    found = {part for part in parts if part in city.tables}
    return found.union(*(_tables(city, city.indicators[part]) for part in parts if part in city.indicators))


def _slowest(city: City, one: Indicator, tables: Sequence[str]) -> str:
    """How often an indicator has a new period: as its finest one, but not faster than the fastest of its sources."""
    finest = min((metadata.cycle(period) for period in one.periods), key=metadata.CYCLES.index)
    fed = [metadata.cycle(source.arrives.every) for table in tables for source in city.feeding(table)]
    return max((finest, min(fed, key=metadata.CYCLES.index, default=finest)), key=metadata.CYCLES.index)


def _state(states: Iterator[str]) -> str:
    found = set(states)
    return next((state for state in ("late", "on_time") if state in found), "never_due")
