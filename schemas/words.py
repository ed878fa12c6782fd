"""What the lake's own tables and columns mean, as `schemas/layers/` says, in the form that a table keeps itself."""

from functools import cache

from schemas.city import ROOT
from schemas.declared import Bilingual, Declared, Words, read


class Said(Words):
    """The words of a column, and the unit of its numbers."""

    unit: str | None = None


class LakeFile(Declared):
    """`schemas/layers/<layer>.yaml`."""

    tables: dict[str, Bilingual]
    columns: dict[str, Said]


def of_column(key: str, name: str) -> str:
    """The comment of a column that no contract declares; empty for one that nobody has described."""
    layer = key.split(".")[0]
    known = _file().columns
    found = next((known[one] for one in (f"{key}.{name}", f"{layer}.{name}", name) if one in known), None)
    return found.comment(found.unit) if found else ""


def of_table(key: str, about: Words | None = None) -> str:
    """The description of a table that no contract declares; `about` is the contract its layer restates."""
    known = _file().tables
    found = known.get(key) or known.get(key.split(".")[0])
    if found is None:
        return ""
    given = about or Words(zh="", en="")
    return Words(zh=found.zh.format(zh=given.zh), en=found.en.format(en=given.en)).comment()


@cache
def _file() -> LakeFile:
    """The files of all layers as one."""
    files = [read(path, LakeFile) for path in sorted((ROOT / "schemas" / "layers").glob("*.yaml"))]
    tables = {key: said for one in files for key, said in one.tables.items()}
    return LakeFile(tables=tables, columns={key: said for one in files for key, said in one.columns.items()})
