"""`make docs`: docs/reference/ from the declarations, and from how tables are laid out. Generated, never edited."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from jobs import layouts
from jobs.core.lake import Layout
from schemas import City, cities, load_city, reference
from schemas.city import ROOT

BY_CONTRACT = ("bronze", "claims", "quarantine", "silver")
"""Layers with a table for each source or contract: what these have in common is told once."""


def write(folder: Path = reference.FOLDER) -> list[Path]:
    """Writes every page; returns the files. Raises DeclarationError."""
    pages = reference.write(folder)
    page = folder / "lake.md"
    page.write_text(lake([load_city(name) for name in cities()]), "utf-8")
    return [*pages, page]


def lake(known: list[City]) -> str:
    """Every table as it lies in the lake: columns, types, and what the table itself says of them."""
    parts = [
        "# The lake",
        "Of each column the comment that stands in the table's own metadata: `中文 | English [unit]`.",
    ]
    told: dict[str, list[tuple[list[str], Layout]]] = {}
    for city in known:
        found = layouts.of(city)
        for key, layout in (_common(city, found) | found).items():
            if key.split(".")[0] in BY_CONTRACT and "." in key:
                continue
            alike = next((names for names, one in told.setdefault(key, []) if one == layout), None)
            if alike is None:
                told[key].append(([city.id], layout))
            else:
                alike.append(city.id)
    parts += [_section(key, names, one) for key, versions in told.items() for names, one in versions]
    return "\n\n".join(parts) + "\n"


def _common(city: City, found: Mapping[str, Layout]) -> dict[str, Layout]:
    """A layer's columns that no contract and no file gives it."""
    out = {}
    for layer in BY_CONTRACT:
        own: dict[str, str] = {}
        comments: dict[str, str] = {}
        partitions: tuple[str, ...] = ()
        for key, one in found.items():
            if key.startswith(f"{layer}."):
                table = city.tables.get(f"silver.{key.split('.')[1]}") if layer in ("claims", "silver") else None
                mine = {name: kind for name, kind in one.columns.items() if table is None or name not in table.stored}
                own, comments, partitions = own | mine, comments | dict(one.comments), one.partitions
        out[layer] = Layout(own, partitions, "", {name: comments[name] for name in own})
    return out


def _section(key: str, names: list[str], one: Layout) -> str:
    rows: Iterator[tuple[str, ...]] = (
        (f"`{name}`", kind, one.comments[name] + (", partition" if name in one.partitions else ""))
        for name, kind in one.columns.items()
    )
    beside = {"bronze": "the fields of its files, as text", "quarantine": ""}.get(key, "the columns of its contract")
    said = one.description or (f"Every table of the layer, beside {beside}." if beside else "Every table of the layer.")
    return "\n\n".join(
        [f"## {key}", f"{said} · cities {', '.join(names)}", reference.grid(("column", "type", "is"), rows)]
    )


if __name__ == "__main__":
    for path in write():
        print(path.relative_to(ROOT))
