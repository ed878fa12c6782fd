"""`catalog.jsonld`: the edition as a catalogue for data portals, in DCAT 3 (W3C, 2024).

Each published table is a dataset with its files as distributions (type, size, SHA-256). Each indicator is a dataset
too, part of `values`, with the department that is accountable for it as publisher, how often it changes, and the
sources it rests on; those have the licence under which they came. Files are named relative to this one.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jobs.publish import EditionData, Indicator, Source, Text, geojson, tables
from jobs.publish.reading import Book

DESCRIBES = True
FILE = "catalog.jsonld"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
FREQUENCY = "http://publications.europa.eu/resource/authority/frequency/"
OFTEN = {
    "hour": "HOURLY", "day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "quarter": "QUARTERLY", "year": "ANNUAL",
    "once": "NEVER", "irregular": "IRREG",
}  # fmt: skip
"""Periods and deliveries as the vocabulary of DCAT-AP names them."""
RIGHTS = "http://publications.europa.eu/resource/authority/access-right/"
ACCESS = {"public": "PUBLIC", "internal": "NON_PUBLIC", "restricted": "RESTRICTED"}
MEDIA = "https://www.iana.org/assignments/media-types/"
TYPES = {
    "csv": "text/csv", "json": "application/json", "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
}  # fmt: skip
FILES: dict[str, tuple[str, ...]] = {name: (f"{name}.csv",) for name in tables.TABLES}
FILES["values"] += ("values.json", "values.parquet", geojson.FILE)
Node = dict[str, Any]


def publish(data: EditionData, folder: Path) -> list[Path]:
    """Write it; the files it describes lie in the folder."""
    said = {"@context": CONTEXT, "@graph": list(_graph(data, folder))}
    path = folder / FILE
    path.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return [path]


def _graph(data: EditionData, folder: Path) -> Iterator[Node]:
    where = _where(data)
    yield _catalogue(data, where)
    yield _agent("city", data.city["name"])
    departments = {one["department"]: one["owner"] for one in data.indicators.values()}
    yield from (_agent(f"department/{key}", departments[key]) for key in sorted(departments))
    for name, table in tables.TABLES.items():
        yield _dataset(data, where, f"table/{name}", Text(zh=table.zh, en=table.en), "city", "day") | {
            "dcat:distribution": [_ref(f"file/{file}") for file in FILES[name]]
        }
    told = _told(data)
    for key in sorted(data.indicators):
        yield _indicator(data, where, key, data.indicators[key], told.get(key, []))
    yield from (_source(key, data.sources[key]) for key in sorted(data.sources))
    yield from (_distribution(folder, file) for files in FILES.values() for file in files)


def _catalogue(data: EditionData, where: Node) -> Node:
    city = data.city["name"]
    title = Text(zh=f"{city['zh']}城市运行特征指标 {data.biz_date}", en=f"Indicators of {city['en']}, {data.biz_date}")
    listed = [f"table/{name}" for name in tables.TABLES] + [f"indicator/{key}" for key in sorted(data.indicators)]
    return {
        "@id": "#catalog",
        "@type": "dcat:Catalog",
        "dct:title": _words(title),
        "dct:description": _words(title),
        "dct:publisher": _ref("city"),
        "dct:spatial": where,
        "dcat:version": data.biz_date,
        "dcat:dataset": [_ref(one) for one in listed],
    }


def _dataset(data: EditionData, where: Node, key: str, title: Text, publisher: str, every: str) -> Node:
    return {
        "@id": f"#{key}",
        "@type": "dcat:Dataset",
        "dct:identifier": f"{data.city['id']}/{key}",
        "dct:title": _words(title),
        "dct:description": _words(title),
        "dct:publisher": _ref(publisher),
        "dct:accrualPeriodicity": {"@id": FREQUENCY + OFTEN[every]},
        "dct:spatial": where,
        "dcat:version": data.biz_date,
    }


def _told(data: EditionData) -> dict[str, list[str]]:
    """Of each indicator the periods that the edition tells of, of the kind that is read now, oldest first."""
    book, found = Book(data), dict[str, set[str]]()
    for row in data.values:
        if row["indicator"] in data.indicators and row["period_kind"] == book.current(row["indicator"])[0]:
            found.setdefault(row["indicator"], set()).add(row["period"])
    return {key: sorted(periods) for key, periods in found.items()}


def _indicator(data: EditionData, where: Node, key: str, one: Indicator, told: Sequence[str]) -> Node:
    """How often it changes: with every edition, unless all its periods are longer than a day."""
    every = "day" if {"hour", "day"} & {*one["periods"]} else one["periods"][0]
    element = next((each for each in data.elements if each["id"] == one["element"]), None)
    about = _dataset(data, where, f"indicator/{key}", one["name"], f"department/{one['department']}", every)
    about |= {
        "dct:description": _words(one["question"]),
        "dct:isPartOf": _ref("table/values"),
        "dct:accessRights": {"@id": RIGHTS + ACCESS[one["classification"]]},
        "dct:source": [_ref(f"source/{source}") for source in one["sources"]],
        "dcat:keyword": _words(Text(zh=element["zh"], en=element["en"])) if element else [],
        "dcat:distribution": [_ref(f"file/{file}") for file in FILES["values"]],
        "rdfs:comment": _words(one["does_not_say"]),
    }
    if told:
        ends = {"dcat:startDate": _period(told[0]), "dcat:endDate": _period(told[-1])}
        about["dct:temporal"] = {"@type": "dct:PeriodOfTime", **ends}
    return about


def _source(key: str, one: Source) -> Node:
    return {
        "@id": f"#source/{key}",
        "@type": "dcat:Dataset",
        "dct:identifier": key,
        "dct:title": _words(one["description"]),
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": _words(one["publisher"])},
        "dct:license": {"@type": "dct:LicenseDocument", "rdfs:label": one["licence"]},
        "dct:accrualPeriodicity": {"@id": FREQUENCY + OFTEN[one["every"]]},
    }


def _distribution(folder: Path, file: str) -> Node:
    content = (folder / file).read_bytes()
    return {
        "@id": f"#file/{file}",
        "@type": "dcat:Distribution",
        "dct:title": file,
        "dcat:accessURL": {"@id": file},
        "dcat:downloadURL": {"@id": file},
        "dcat:mediaType": {"@id": MEDIA + TYPES[file.rsplit(".", 1)[1]]},
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(len(content))},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": hashlib.sha256(content).hexdigest()},
        },
    }


def _agent(key: str, name: Text) -> Node:
    return {"@id": f"#{key}", "@type": "foaf:Organization", "foaf:name": _words(name)}


def _where(data: EditionData) -> Node:
    """The city, and the box its polygons lie in."""
    points = [point for one in data.geometry["features"] for point in _points((one["geometry"] or {}).values())]
    box: Node = {}
    if points:
        (west, south), (east, north) = (tuple(end(axis) for axis in zip(*points, strict=True)) for end in (min, max))
        corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
        ring = ", ".join(f"{x!r} {y!r}" for x, y in corners)
        box["dcat:bbox"] = {"@type": "geo:wktLiteral", "@value": f"POLYGON (({ring}))"}
    return {"@type": "dct:Location", "rdfs:label": _words(data.city["name"]), **box}


def _points(nested: Iterable[object]) -> Iterator[tuple[float, float]]:
    """The positions in a geometry's members, however deep."""
    said = list(nested)
    if len(said) >= 2 and all(isinstance(one, int | float) for one in said[:2]):
        yield float(str(said[0])), float(str(said[1]))
        return
    for one in said:
        if isinstance(one, Mapping):
            yield from _points(one.values())
        elif isinstance(one, list | tuple):
            yield from _points(one)


def _period(text: str) -> Node:
    return {"@type": "xsd:date" if len(text) == len("2020-04-01") else "xsd:gYearMonth", "@value": text}


def _words(said: Text) -> list[Node]:
    return [{"@language": "zh", "@value": said["zh"]}, {"@language": "en", "@value": said["en"]}]


def _ref(key: str) -> Node:
    return {"@id": f"#{key}"}
