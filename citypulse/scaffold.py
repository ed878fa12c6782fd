"""`citypulse new`: the file of a new source, table, indicator or city, correctly named and ready to be filled in."""

import re
from pathlib import Path

from jobs.core.errors import Problem
from schemas import ELEMENTS, conf
from schemas.city import ROOT

TEXTS = {
    "source": """\
publisher: {{zh: 数据提供方, en: Publisher}}
department: meteorological_bureau
licence: internal
description: {{zh: 这份数据是什么, en: What this source is}}
files: "{name}/*.csv"
reader: {{format: csv, encoding: utf-8}}
delivery: append                     # append | restating | snapshot
arrives: {{every: day, by: "05:00"}}
timezone: Asia/Shanghai
into: silver.weather
columns:                             # target column: Spark SQL over the file's text columns
  station_id:       "station"
  observed_date:    "try_to_date(`date`, 'yyyy-MM-dd')"
  temperature_c:    "temperature"
""",
    "table": """\
description: {{zh: 一行是什么, en: What one row is}}
owner: meteorological_bureau
element: general
records: record                      # what a row is: a unit of schemas/units.txt
key: [{name}_id]
date: observed
columns:
  {name}_id: {{type: string, required: true, description: {{zh: 编号, en: Identifier}}}}
  observed: {{type: event_time, required: true, description: {{zh: 时间, en: Time}}}}
""",
    "indicator": """\
name: {{zh: 名称, en: Name}}
owner: meteorological_bureau
face: product                        # product | service | regulation
question: {{zh: 它回答什么问题, en: Which question it answers}}
does_not_say: {{zh: 它没有说什么, en: What it does not say}}
terms:
  reports: {{count: silver.weather}}
value: reports
unit: observation                    # the formula's own unit is derived, and converted to this one
direction: neutral                   # higher_better | lower_better | neutral
periods: [day]
places: [city]
standard: {{name: own definition, verified: false}}
effective_from: 2020-01-01
""",
    "city": """\
name: {{zh: {name}, en: {name}}}
timezone: Asia/Shanghai
cut_off: "05:00"
deadline: "07:00"
first_day: 2025-01-01
hierarchies: [[district, city]]
levels: {{district: {{name: {{zh: 区, en: District}}}}}}
departments: {{meteorological_bureau: {{zh: 气象局, en: Meteorological Bureau}}}}
map_level: district
""",
}


def write(kind: str, name: str, city: str | None) -> list[Path]:
    """Write the new file and return it. Raises Problem for an unknown kind, a bad name, or a file that is there."""
    if kind not in TEXTS:
        raise Problem(f"new {kind!r}: expected {', '.join(TEXTS)}")
    path = _path(kind, name, city)
    if path.exists():
        raise Problem(f"{path} is there already")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TEXTS[kind].format(name=name.split(".")[-1]), "utf-8")
    return [path]


def _path(kind: str, name: str, city: str | None) -> Path:
    plain = name.split(".")[-1]
    if not re.fullmatch(r"[a-z][a-z0-9_]*", plain):
        raise Problem(f"new {kind} {name!r}: a name is lower-case letters, digits and _")
    if kind == "city":
        return conf() / "cities" / plain / "city.yaml"
    folder = conf() / "cities" / city if city else None
    if folder is not None and not (folder / "city.yaml").exists():
        raise Problem(f"--city {city!r} is not configured")
    if kind == "source":
        if folder is None:
            raise Problem("new source: say --city C; a source belongs to a city")
        return folder / "sources" / f"{plain}.yaml"
    if kind == "table":
        return (folder or ROOT) / "schemas" / "silver" / f"{plain}.yaml"
    element = name.split(".")[0]
    if "." not in name or element not in ELEMENTS:
        raise Problem(f"new indicator {name!r}: expected <element>.<name>; elements: {', '.join(ELEMENTS)}")
    return (folder / "indicators" if folder else ROOT / "schemas" / "indicators") / element / f"{plain}.yaml"
