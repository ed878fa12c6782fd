"""`make docs`: docs/reference/ from the declarations, as they are now. It is generated and never edited."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from schemas.city import ROOT, City, cities, load_city
from schemas.declared import Words
from schemas.indicator import Indicator, Term
from schemas.source import Source
from schemas.table import Column, Table

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
    found = _by_key((city.id, city.indicators) for city in known)
    parts = ["# Indicators", _contents(found)]
    for key, by_city in found.items():
        for versions, indicator in _alike(by_city):
            parts.append(_indicator(key, versions, indicator))
    return "\n\n".join(parts) + "\n"


def sources(known: Iterable[City]) -> str:
    """Every source of every city: who delivers what, how often, under which licence, and into which tables."""
    parts = ["# Sources"]
    for city in known:
        parts.append(f"## {city.file.name.en} · {city.file.name.zh} (`{city.id}`)")
        parts.append(_grid(("source", "publisher", "files", "format", "delivery", "arrives", "into", "licence"), (
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
            table.kind,
            f"key {_code(table.key)}",
            f"day {_code(table.date)}",
            f"cities {', '.join(versions)}",
        ),
        _grid(("column", "type", "unit", "meaning", "when unusable"), rows),
    ]
    return "\n\n".join([f"## {key}", *facts])


def _column(name: str, column: Column) -> tuple[str, ...]:
    limits = f"{column.valid_range[0]} to {column.valid_range[1]}" if column.valid_range else ""
    limits = ", ".join(column.allowed) if column.allowed else limits
    unusable = f"{column.on_invalid}: outside {limits}" if limits else column.on_invalid
    required = ", required" if column.required else ""
    return f"`{name}`", column.type + required, column.unit or "", _said(column.description), unusable


def _indicator(key: str, versions: list[str], one: Indicator) -> str:
    terms = [(f"`{name}`", _term(term)) for name, term in one.terms.items()]
    made = f"`{one.value}`" if one.value is not None else f"method `{one.method}`"
    standard = (one.standard.name or "own definition") + (f", {one.standard.clause}" if one.standard.clause else "")
    facts = [
        f"**{_said(one.question)}**",
        f"It does not say: {_said(one.does_not_say)}",
        _dots(
            f"value {made} in {one.unit}",
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
        f"Standard: {standard} ({'verified' if one.standard.verified else 'not verified'})",
        _grid(("term", "is"), terms),
    ]
    return "\n\n".join([f"## {key} — {_said(one.name)}", *facts])


def _term(term: Term) -> str:
    of = f" of `{term.of}`" if term.of else ""
    where = f" where `{term.where}`" if term.where else ""
    return f"{term.kind}{of}, `{term.table}`{where}"


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


def _grid(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )


if __name__ == "__main__":
    for path in write():
        print(path.relative_to(ROOT))
