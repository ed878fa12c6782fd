"""What is declared for every city: the tables and indicators without any city's sources."""

from datetime import date
from functools import cache

from schemas.city import ROOT, City, CityFile, Level, applicable, defined
from schemas.declared import Words, read
from schemas.table import Table


@cache
def catalogue() -> City:
    """Every common table and indicator, in a nameless city without sources: what worked examples are answered with."""
    file = CityFile(
        id="catalogue",
        name=Words(zh="目录", en="Catalogue"),
        timezone="UTC",
        first_day=date(2000, 1, 1),
        hierarchies=(("district", "city"),),
        levels={"district": Level(name=Words(zh="区", en="District"))},
        departments={},
        map_level="district",
    )
    files = {f"silver.{path.stem}": path for path in sorted((ROOT / "schemas" / "silver").glob("*.yaml"))}
    tables = {key: read(path, Table, name=path.stem) for key, path in files.items()}
    where, declared = defined(sorted((ROOT / "schemas" / "indicators").glob("*/*.yaml")))
    made = applicable(declared, tables, where)
    return City(file, ROOT / "schemas", {}, tables, made, {}, tables, declared, files | where)
