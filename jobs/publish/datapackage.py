"""`datapackage.json`: the edition's tables described for programs, as a Data Package with a Table Schema for each.

Version 1 of https://datapackage.org, which version 2 reads as well: type, meaning in both languages, unit, key and
relation of every column of every CSV, size and SHA-256 of the file, and the sources with their licences. That the
package itself has no licence is meant: what a city allows with its figures is the city's to say.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from jobs.publish import EditionData, Text, tables
from jobs.publish.tables import Column, Table

DESCRIBES = True
FILE = "datapackage.json"
TYPES = {"list": "string"}
"""Kinds that are another type in a CSV."""


def publish(data: EditionData, folder: Path) -> list[Path]:
    """Write it; the tables lie in the folder."""
    path = folder / FILE
    path.write_text(json.dumps(_package(data, folder), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return [path]


def _package(data: EditionData, folder: Path) -> dict[str, Any]:
    city = data.city["name"]
    return {
        "profile": "tabular-data-package",
        "name": f"{data.city['id']}-{data.biz_date}".lower().replace("_", "-"),
        "id": f"{data.city['id']}/{data.biz_date}",
        "version": data.biz_date,
        "title": f"{city['zh']} {city['en']} {data.biz_date}",
        "description": f"{city['zh']}城市运行特征指标 | Indicators of {city['en']}, edition {data.biz_date}",
        "sources": [
            _source(key, data.sources[key]["publisher"], data.sources[key]["licence"]) for key in sorted(data.sources)
        ],
        "resources": [_resource(name, table, folder) for name, table in tables.TABLES.items()],
    }


def _source(key: str, publisher: Text, licence: str) -> dict[str, str]:
    return {"title": f"{publisher['zh']} | {publisher['en']}: {key}", "licence": licence}


def _resource(name: str, table: Table, folder: Path) -> dict[str, Any]:
    content = (folder / f"{name}.csv").read_bytes()
    return {
        "name": name,
        "profile": "tabular-data-resource",
        "path": f"{name}.csv",
        "title": f"{table.zh} | {table.en}",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": {
            "fields": [_field(column, about) for column, about in table.columns.items()],
            "missingValues": [""],
            "primaryKey": list(table.key),
            "foreignKeys": [
                {"fields": list(names), "reference": {"resource": to, "fields": list(tables.TABLES[to].key)}}
                for names, to in table.refers
            ],
        },
    }


def _field(name: str, column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": name,
        "type": TYPES.get(column.kind, column.kind),
        "title": column.zh,
        "description": f"{column.zh} | {column.en}" + (" (joined by '; ')" if column.kind == "list" else ""),
    }
    if column.unit is not None:
        field["unit"] = column.unit
    if column.required:
        field["constraints"] = {"required": True}
    return field
