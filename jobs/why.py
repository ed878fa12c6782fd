"""Why a value is what it is: definition, terms, records used and not used, deliveries; and whether landing gives it.

The answer is plain data: the command line shows it, pages may. A process that asks more than once keeps one `Vintage`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from jobs import definitions, edition, placing, release, seal, sections, work_days
from jobs.behind import cell, taken, told, verified, vintage
from jobs.behind.cell import Cell, Made
from jobs.behind.landed import Difference
from jobs.behind.taken import Taken
from jobs.behind.vintage import GONE, Vintage
from jobs.core.errors import Problem
from jobs.core.ledger import Ledger
from jobs.definitions import PENDING
from schemas import Indicator

LAST_GOOD = re.compile(r"last good (\d{4}-\d{2}-\d{2})")
Row = Mapping[str, Any]


@dataclass
class Answer:
    """What there is to say of a value."""

    cell: Cell
    said: Row
    """The published row."""
    edition: date
    """The edition that was asked."""
    definition: Mapping[str, Any]
    place_name: Mapping[str, str]
    """In Chinese and in English."""
    terms: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What cannot be shown, and why; what a reader must know of the rest."""
    rows: pa.Table | None = None
    """Each record used, and each that is not, where those were asked for."""
    unverified: str | None = None
    """Why nothing could be verified, where that was asked."""
    differences: list[Difference] | None = None
    """What verification found; empty: exact; None: nothing was verified."""

    def data(self) -> dict[str, Any]:
        """As plain data, without the rows."""
        checked: dict[str, Any] = {}
        if self.unverified is not None:
            checked = {"verified": {"exact": None, "why": self.unverified}}
        elif self.differences is not None:
            found = [vars(one) for one in self.differences]
            checked = {"verified": {"exact": not found, "differences": found}}
        return {
            "edition": self.edition.isoformat(), "said": dict(self.said), "place_name": dict(self.place_name),
            "definition": dict(self.definition), "terms": self.terms, "notes": self.notes, **checked,
        }  # fmt: skip


def answer(known: Vintage, one: Cell, said: Row, *, rows: bool = False, verify: bool = False) -> Answer:
    """What stands behind a value (as `cell.find` gives it). Raises Problem where the lake cannot be read."""
    out = Answer(one, said, known.night, _definition(known, one, said), _place_name(known, one))
    if reason := _withheld(said):
        out.notes.append(reason)
        out.unverified = reason if verify else None
        return out
    changed = list(_of_declarations(known, one, said))
    out.notes += changed
    out.unverified = (
        "not verified: the value was made by another definition than today's" if changed and verify else None
    )
    source = _shown_by(known, said, out)
    try:
        with cell.made(source, one) as made:
            _fill(out, source, made, rows=rows, verify=verify and not changed)
    except GONE as error:
        if isinstance(error, Problem) or source.night == vintage.newest(Ledger(source.lake)):
            raise
        raise Problem(
            f"{one.indicator}: edition {source.night} rests on files that the lake no longer keeps "
            f"({str(error).splitlines()[0][:120]}); its values are kept, its terms and rows are not"
        ) from None
    return out


def _fill(out: Answer, known: Vintage, made: Made, *, rows: bool, verify: bool) -> None:
    took = taken.of(made)
    held = sorted(_held(known, took))
    out.notes += [f"{key} of {day} is held by {rule}: its rows of that day are not those the terms were made of"
                  for key, day, rule in held]  # fmt: skip
    stopped = frozenset((key, day) for key, day, _ in held)
    out.terms = [dict(one) for one in told.terms(took, stopped)]
    if rows:
        out.rows, left_out = told.rows(took, stopped)
        out.notes += left_out
    if verify:
        days = ", ".join(sorted(f"{key} of {day}" for key, day in stopped))
        out.unverified = f"not verified: {days} is held by quality" if stopped else None
        out.differences = list(_differences(out, took)) if not stopped else None


def _differences(out: Answer, took: Taken) -> Iterator[Difference]:
    """What differs. Of people only where, because what was found is a count of them."""
    city = took.made.vintage.city
    is_masked = city.file.release is not None and out.cell.indicator in release.indicators(city)
    found = [*verified.records(took), *verified.value(took.made, out.said)]
    if found and _declared_otherwise(took.made.vintage):
        out.notes.append(
            f"declarations have changed since edition {took.made.vintage.night}: a difference may be theirs"
        )
    for one in found:
        yield Difference(one.where, "something else", "what is stored") if is_masked and not one.is_of_a_file else one


def _withheld(said: Row) -> str | None:
    """Why nothing but the definition is shown of a value."""
    reasons = said["reasons"] or ""
    if release.REASON in reasons:
        return "withheld: it counts too few people, and so would its terms and rows (below_release_threshold)"
    if said["status"] == "withheld":
        return f"withheld: nothing of it was accepted yet ({reasons})"
    return None


def _of_declarations(known: Vintage, one: Cell, said: Row) -> Iterator[str]:
    """What a reader must know of the definition by which the terms are shown."""
    newest = known.city.indicators[one.indicator]
    if said["definition_version"] not in {version.version for version in newest.versions}:
        yield f"definition {said['definition_version']} is no longer declared: terms are shown by today's"
    elif _is_changed(known, newest):
        yield f"the definition has changed since edition {known.night}: terms are shown by today's"
    if PENDING in (said["reasons"] or ""):
        yield "pending: the definition has changed, and the value is not made by the new one yet"


def _is_changed(known: Vintage, newest: Indicator) -> bool:
    rows = known.ledger.query(NOTED, "definitions")
    said = next((row["digest"] for row in rows if row["indicator"] == newest.id), None)
    return said is not None and said != definitions.digest(known.city, newest)


def _shown_by(known: Vintage, said: Row, out: Answer) -> Vintage:
    """The edition whose terms gave the value: of a stale one, that which last made it."""
    hit = LAST_GOOD.search(said["reasons"] or "") if said["status"] == "stale" else None
    if hit is None:
        return known
    good = date.fromisoformat(hit[1])
    out.notes.append(f"stale: held by quality; value, terms and rows are those of edition {good}")
    return known.once(("edition", good), lambda: vintage.of(known.city, known.lake, good))


def _held(known: Vintage, took: Taken) -> Iterator[tuple[str, str, str]]:
    """(table, day, rule) of what is held of the days that are looked at."""
    stopped = work_days.held(known.ledger, known.night)
    pairs = {(take.table.key_id, day) for take in took.takes for day in took.days(take)} if stopped else set()
    yield from ((key, day, stopped[key, day]) for key, day in pairs if (key, day) in stopped)


def _declared_otherwise(known: Vintage) -> bool:
    """Whether a declaration is not the one by which the edition was made, as far as it says; `verify` says the rest."""
    try:
        said = seal.read((edition.folder(known.lake, known.night) / seal.MANIFEST).read_bytes())
    except (FileNotFoundError, seal.Unreadable):
        return False
    return list(said["declarations"]) != sections.declarations(known.city)


def _place_name(known: Vintage, one: Cell) -> dict[str, str]:
    if one.level == "city":
        return known.city.file.name.model_dump()
    rows = placing.load(known.city, known.lake).members.to_pylist()
    mine: Row = next((row for row in rows if (row["level"], row["place_id"]) == (one.level, one.place)), {})
    return {tongue: mine.get(f"name_{tongue}") or one.place for tongue in ("zh", "en")}


def _definition(known: Vintage, one: Cell, said: Row) -> dict[str, Any]:
    """The version by which it was made, as it is declared now; the one in force where that is gone."""
    newest = known.city.indicators[one.indicator]
    versions = {version.version: version for version in newest.versions}
    version = versions.get(said["definition_version"]) or newest.on(one.start) or newest
    out: dict[str, Any] = {
        "name": version.name.model_dump(), "version": version.version, "owner": version.owner, "unit": version.unit,
        "question": version.question.model_dump(), "does_not_say": version.does_not_say.model_dump(),
        "standard": version.standard.model_dump(), "value": version.value, "method": version.method,
    }  # fmt: skip
    if version.parameters:
        out["parameters"] = {name: {"value": p.value, "unit": p.unit} for name, p in version.parameters.items()}
    rolled = version.rollup.model_dump(exclude_none=True) if version.rollup else {}
    return out | ({"rollup": rolled} if rolled else {})


NOTED = "SELECT * FROM definitions QUALIFY row_number() OVER (PARTITION BY indicator ORDER BY biz_date DESC) = 1"
