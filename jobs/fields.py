"""A file's fields under the names its source declares, without what identifies a person."""

from collections.abc import Sequence

import pyarrow as pa

from jobs import mapping, readers, replayed
from jobs.core import vault
from jobs.shared import personal
from schemas import City, Source
from schemas.expressions import columns as columns_of

READERS_OWN = ("_record", "_malformed", replayed.ONLY)
TECHNICAL = {"_delivery_id": "string", "_delivered_at": "timestamp", "_record": "bigint", "_malformed": "string"}
TEXT = "text"
LEAST_NAME = 2
"""A single character is in too many words to be taken for somebody's name."""


def of(chunk: pa.Table) -> list[str]:
    """The file's own fields among the columns of a chunk: all but the reader's."""
    return [name for name in chunk.column_names if name not in READERS_OWN]


def names(fields: Sequence[str]) -> dict[str, str]:
    """The file's field names as column names every Delta reader takes: other than letters and digits become `_`."""
    out: dict[str, str] = {}
    for name in fields:
        plain = "".join(c if c.isalnum() else "_" for c in name) or "_"
        while plain in out.values() or plain in TECHNICAL:
            plain += "_"
        out[name] = plain
    return out


def canonical(source: Source, chunk: pa.Table) -> pa.Table:
    """Fields under the names the source's expressions use; an optional one that is not there is NULL.

    Raises Unreadable when the header is not one the source accepts.
    """
    have = of(chunk)
    chunk = _spelled(source, chunk)
    now = set(chunk.column_names)
    wanted = used(source)
    missing = [
        f"{field} ({' | '.join(source.fields[field])})" if field in source.fields else field
        for field in sorted(wanted - now - set(source.optional))
    ]
    missing += [
        f"a column whose name fits {into.unpivot.matching}"
        for into in source.into.values()
        if into.unpivot and into.unpivot.matching and not into.unpivot.keys(of(chunk), source.named)
    ]
    if missing:
        raise readers.Unreadable(found=f"wrong header: {_header(source, have)}", expected=", ".join(missing))
    for name in sorted(wanted - now):
        chunk = chunk.append_column(name, pa.nulls(len(chunk), pa.string()))
    return chunk


def _header(source: Source, have: Sequence[str]) -> str:
    """A header as everybody may see it: without one, a personal file's first record stands in its place."""
    if not source.personal:
        return ", ".join(have)
    known = {*source.named, *used(source)}.union(*source.fields.values())
    told = [name for name in have if name in known]
    return ", ".join([*told, f"{len(have) - len(told)} withheld (the source is personal)"])


def _spelled(source: Source, chunk: pa.Table) -> pa.Table:
    """Fields under their own names; several spellings in one file (its header changed half way) are one field."""
    called = {name: field for field, accepted in source.fields.items() for name in accepted}
    called = {field: field for field in source.fields} | called
    columns: dict[str, pa.ChunkedArray] = {}
    for name in chunk.column_names:
        field, values = called.get(name, name), chunk[name]
        if field in columns:
            before, values = _filled(columns[field]), _filled(values)
            if pa.compute.any(pa.compute.and_(before.is_valid(), values.is_valid())).as_py():
                found = f"a record with two values of {field}, one of them under {name}"
                raise readers.Unreadable(found, "one spelling of a field in a record")
            values = pa.compute.coalesce(before, values)
        columns[field] = values
    return pa.table(columns)


def _filled(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.compute.if_else(pa.compute.equal(texts, ""), pa.scalar(None, pa.string()), texts)


def private(city: City, source: Source, chunk: pa.Table) -> pa.Table:
    """Direct identifiers replaced by pseudonyms and masked in free text, a malformed line of such a source withheld."""
    named = {name: kind for name, kind in source.personal.items() if name in chunk.column_names}
    direct = [name for name, kind in named.items() if kind != TEXT]
    own = [chunk[name] for name in direct]
    for name, kind in named.items():
        values = chunk[name].combine_chunks()
        said = _masked(values, own) if kind == TEXT else vault.pseudonyms(city.id, values, kind)
        chunk = chunk.set_column(chunk.column_names.index(name), name, said)
    if source.personal and chunk["_malformed"].null_count < len(chunk):
        at = chunk.column_names.index("_malformed")
        length = pa.compute.utf8_length(chunk["_malformed"]).cast(pa.string())
        masked = pa.compute.binary_join_element_wise("withheld: a personal record of ", length, " characters", "")
        chunk = chunk.set_column(at, "_malformed", masked.cast(pa.string()))
    return chunk


def _masked(texts: pa.Array, own: Sequence[pa.ChunkedArray]) -> pa.Array:
    """Free text without identifiers, and without what the record itself says under the names of its direct ones."""
    out = [one and personal.masked(one) for one in texts.to_pylist()]
    for column in own:
        for at, value in enumerate(column.to_pylist()):
            text = out[at]
            if text and value and len(value) >= LEAST_NAME and value in text:
                out[at] = text.replace(value, "[name]")
    return pa.array(out, pa.string())


def used(source: Source) -> set[str]:
    """The file fields that the source names, and those that its expressions read."""
    out: set[str] = {*source.fields, *source.personal}
    for into in source.into.values():
        texts = [*into.columns.values(), into.where, into.place.id if into.place else None]
        texts += [into.place.point.lon, into.place.point.lat] if into.place and into.place.point else []
        read = {name for text in texts if text for name in columns_of(text)}
        if into.unpivot:
            read = (read - {into.unpivot.name, into.unpivot.value}) | set(into.unpivot.columns)
        out |= read
    return out - set(mapping.CONTEXT_TYPES)
