"""FHIR bulk export: JSON lines of one resource type, of which only the declared elements are taken.

Source: HL7 FHIR R4, Bulk Data Access (one resource per line, `application/fhir+ndjson`). Decimals keep their written
precision, as R4 datatype `decimal` demands. A line of another resource type stays whole in `_malformed`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pyarrow as pa
from pydantic import BaseModel, Field

from jobs.readers import Span
from jobs.readers._json import Json, JsonPath
from jobs.readers._text import Encoding
from jobs.readers.ndjson import table

RECORD = "line number, the first is 1; blank lines count"


class Options(BaseModel, extra="forbid", frozen=True):
    """The resource type and its elements: field name to path, such as `patient: $.subject.reference`."""

    resource: str
    fields: Annotated[dict[str, JsonPath], Field(min_length=1)]
    encoding: Encoding = "utf-8"


def read(path: Path, options: Options, span: Span | None = None) -> Iterator[pa.RecordBatch]:
    """Batches of the file. Raises Unreadable for wrong bytes or a broken gzip."""

    def resource(line: Json) -> Json:
        return line if isinstance(line, dict) and line.get("resourceType") == options.resource else None

    yield from table(path, options.encoding, options.fields, resource)
