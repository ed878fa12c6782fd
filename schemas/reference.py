"""Pages of docs/reference/ from the declarations, as they are now. Generated, never edited."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from schemas.city import ROOT, City, cities, load_city
from schemas.classification import Classified, of_indicator, of_table
from schemas.declared import Words
from schemas.indicator import Indicator
from schemas.meaning import Meaning
from schemas.quantities import A
from schemas.source import Source
from schemas.table import Column, Table
from schemas.term import Term

T = TypeVar("T")
FOLDER = ROOT / "docs" / "reference"


def write(folder: Path = FOLDER) -> list[Path]:
    """Writes tables.md, indicators.md and sources.md for every city; returns the files. Raises DeclarationError."""
    known = [load_city(name) for name in cities()]
    pages = {"tables": tables(known), "indicators": indicators(known), "sources": sources(known)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, "utf-8")
    return [folder / f"{name}.md" for name in pages]


def tables(known: Iterable[City]) -> str:
    """Every silver table: what a row is, its key, its columns, and which cities feed it."""
    found = _by_key((city.id, city.tables) for city in known)
    parts = ["# Tables", _contents(found)]
    for key, by_city in found.items():
        for versions, table in _alike(by_city):
            parts.append(_table(key, versions, table))
    return "\n\n".join(parts) + "\n"


def indicators(known: Iterable[City]) -> str:
    """Every indicator: the question it answers, what it does not say, and how its value is made."""
    by_id = {city.id: city for city in known}
    found = _by_key((city.id, city.indicators) for city in by_id.values())
    parts = ["# Indicators", _contents(found)]
    for key, by_city in found.items():
        for versions, indicator in _alike(by_city):
            levels = {name: of_indicator(by_id[name], indicator) for name in versions}
            parts.append(_indicator(key, versions, indicator, by_id[versions[0]].meaning(indicator), levels))
    return "\n\n".join(parts) + "\n"


def sources(known: Iterable[City]) -> str:
    """Every source of every city: who delivers what, how often, under which licence, and into which tables."""
    parts = ["# Sources"]
    for city in known:
        parts.append(f"## {city.file.name.en} · {city.file.name.zh} (`{city.id}`)")
        parts.append(grid(("source", "publisher", "files", "format", "delivery", "arrives", "into", "licence"), (
            _source(name, source) for name, source in city.sources.items()
        )))  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _table(key: str, versions: list[str], table: Table) -> str:
    rows = [_column(name, column) for name, column in table.columns.items()]
    facts = [
        f"{_said(table.description)}",
        _dots(
            f"element {table.element}",
            f"owner {table.owner}",
            f"{table.kind} of {table.records or 'rows'}",
            f"key {_code(table.key)}",
            f"day {_code(table.date)}",
            f"classification {of_table(table)}",
            f"cities {', '.join(versions)}",
        ),
        grid(("column", "type", "unit", "is", "classification", "meaning", "when unusable"), rows),
    ]
    return "\n\n".join([f"## {key}", *facts])


def _column(name: str, column: Column) -> tuple[str, ...]:
    limits = f"{column.valid_range[0]} to {column.valid_range[1]}" if column.valid_range else ""
    limits = ", ".join(column.allowed) if column.allowed else limits
    unusable = f"{column.on_invalid}: outside {limits}" if limits else column.on_invalid
    required = ", required" if column.required else ""
    return (
        f"`{name}`",
        column.type + required,
        column.unit or "",
        column.quantity or "",
        column.classification + (f", personal: {column.personal}" if column.personal else ""),
        _said(column.description),
        unusable,
    )


def _level(one: Indicator, found: Classified) -> str:
    level = one.classification or found.level
    said = f"classification {level}, inherited {found.inherited}"
    said += f" from {', '.join(found.inputs)}" if found.inputs else ""
    return said + (f"; lowered by {found.lowered_by}" if found.lowered_by and one.classification is None else "")


def _indicator(
    key: str, versions: list[str], one: Indicator, meant: Meaning, levels: Mapping[str, Classified]
) -> str:  # fmt: skip
    terms = [(f"`{name}`", _term(term)) for name, term in one.terms.items()]
    made = (
        f"`{one.value}`"
        if one.value is not None
        else f"method `{one.method}`" + (f" ({one.output})" if one.output else "")
    )
    standard = (one.standard.name or "own definition") + (f", {one.standard.clause}" if one.standard.clause else "")
    facts = [
        f"**{_said(one.question)}**",
        f"It does not say: {_said(one.does_not_say)}",
        _dots(
            f"value {made} in {one.unit}",
            f"{A[meant.quantity]}: over time {meant.time[0]}, over places {meant.place[0]}",
            f"periods {', '.join(one.periods)}",
            f"places {', '.join(one.places) or 'every level'}",
            f"below coverage {one.minimum_coverage} never final",
            f"final after {one.final_after} nights",
        ),
        _dots(
            f"owner {one.owner}",
            one.face,
            one.direction,
            f"since {one.effective_from}",
            f"cities {', '.join(versions)}",
        ),
        *dict.fromkeys(_level(one, level) for level in levels.values()),
        *_limits(one),
        f"Standard: {standard} ({_read(one.standard.verified)})",
        grid(("term", "is"), terms),
        *_open(one),
        *_history(one),
    ]
    return "\n\n".join([f"## {key} — {_said(one.name)}", *facts])


def _limits(one: Indicator) -> list[str]:
    """Levels, target, segments and the other ways to sort indicators, where there are any."""
    facts = [f"{colour} {limit}" for colour, limit in one.levels.items()]
    facts += [f"target {one.target:g}"] if one.target is not None else []
    facts += [f"segments {', '.join(one.segments)}"] if one.segments else []
    facts += [f"domains {', '.join(one.domains)}"] if one.domains else []
    facts += [f"fields {', '.join(one.fields)}"] if one.fields else []
    return [_dots(*facts)] if facts else []


def _open(one: Indicator) -> list[str]:
    """What the standard leaves open."""
    rows = [
        (
            f"`{name}`",
            f"{said.value} {said.unit or ''}".strip(),
            _read(said.verified),
            _said(said.why) if said.why else "",
        )
        for name, said in one.parameters.items()
    ]
    return [grid(("parameter", "value", "read in the standard", "why"), rows)] if rows else []


def _history(one: Indicator) -> list[str]:
    """Earlier versions, and what a reader must know of some days."""
    rows = [
        (older.version, f"`{older.value or older.method}` in {older.unit}", "; ".join(map(_term, older.terms.values())))
        for older in one.earlier
    ]
    known = [
        f"Known issue, {issue.from_} to {issue.to or 'now'}: {issue.en} · {issue.zh}" for issue in one.known_issues
    ]
    return ([grid(("version", "value", "terms"), rows)] if rows else []) + known


def _read(verified: bool) -> str:
    return "verified" if verified else "not verified"


def _term(term: Term) -> str:
    said = term.model_dump(exclude={"kind", "table", "of", "fields", "where", "trailing"}, exclude_defaults=True)
    trailing = f" over {term.trailing.days} days, at least {term.trailing.required}" if term.trailing else ""
    of = f" of `{term.of}`" if term.of else ""
    of += f" of {', '.join(f'{field} {_code(named)}' for field, named in term.fields.items())}" if term.fields else ""
    where = f" where `{term.condition}`" if term.condition else ""
    rest = "".join(f", {key} {value}" for key, value in said.items())
    return f"{term.kind}{of}, `{term.table}`{where}{trailing}{rest}"


def _source(name: str, one: Source) -> tuple[str, ...]:
    files = [one.files] if isinstance(one.files, str) else one.files
    arrives = one.arrives.every + (f" by {one.arrives.by}" if one.arrives.by else "")
    into = ", ".join(f"`{table}`" for table in one.into)
    return (
        f"`{name}` {_said(one.description)}", _said(one.publisher), ", ".join(f"`{glob}`" for glob in files),
        one.reader.format, one.delivery, arrives, into, one.licence,
    )  # fmt: skip


def _by_key(known: Iterable[tuple[str, Mapping[str, T]]]) -> dict[str, dict[str, T]]:
    """What each city says under a key, by key."""
    found: dict[str, dict[str, T]] = {}
    for city, said in known:
        for key, one in said.items():
            found.setdefault(key, {})[city] = one
    return dict(sorted(found.items()))


def _alike(by_city: Mapping[str, T]) -> list[tuple[list[str], T]]:
    """Cities that say the same, together."""
    groups: list[tuple[list[str], T]] = []
    for city, one in by_city.items():
        same = next((group for group in groups if group[1] == one), None)
        if same:
            same[0].append(city)
        else:
            groups.append(([city], one))
    return groups


def _contents(found: Mapping[str, object]) -> str:
    return _dots(*(f"`{key}`" for key in found))


def _dots(*facts: str) -> str:
    return " · ".join(facts)


def _said(words: Words) -> str:
    return words.en if words.en == words.zh else f"{words.en} · {words.zh}"


def _code(key: str | tuple[str, ...]) -> str:
    return f"`{key}`" if isinstance(key, str) else ", ".join(f"`{one}`" for one in key)


def grid(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of Markdown."""
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )
