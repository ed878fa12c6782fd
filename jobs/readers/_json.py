"""JSON values as text: numbers as they were written, nested values as compact JSON, and the paths that lead to them."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator

from jobs.readers._rows import Row, unique

Json = None | bool | str | list["Json"] | dict[str, "Json"]
Steps = tuple[str | int, ...]


class Numeral(str):
    """A number as it was written: 1.10 stays 1.10."""


_STEP = re.compile(r"""\.([^.\[\]'"\s]+)|\['([^']+)'\]|\[(\d+)\]""")
_LONE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_decoder = json.JSONDecoder(parse_float=Numeral, parse_int=Numeral, parse_constant=Numeral)


def _path(path: str) -> str:
    steps(path)
    return path


def steps(path: str) -> Steps:
    """The steps of `$.a.b`, `$['a b']`, `$.list[0].x`. Raises ValueError for anything else."""
    found, at = [], 1
    while path.startswith("$") and at < len(path) and (step := _STEP.match(path, at)):
        name, quoted, index = step.groups()
        found.append(int(index) if index else name or quoted)
        at = step.end()
    if not path.startswith("$") or at < len(path):
        raise ValueError(f"'{path}' is not a path such as $.a.b, $['a b'] or $.list[0].x")
    return tuple(found)


JsonPath = Annotated[str, AfterValidator(_path)]


def load(document: str) -> Json:
    """A JSON value. Raises ValueError with line and column; also for text that no encoding can hold."""
    try:
        value: Json = _decoder.decode(document)
        if _LONE_SURROGATE.search(document):
            compact(value).encode()
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return value


def follow(value: Json, path: Steps) -> Json:
    """The value at the end of the path, None where it leads nowhere."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        elif isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def text(value: Json) -> str | None:
    """A value as a field: text as it is, null as None, everything else as JSON."""
    return value if value is None or isinstance(value, str) else compact(value)


def compact(value: Json) -> str:
    """JSON without spaces, numbers as they were written."""
    if isinstance(value, Numeral):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(key)}:{compact(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(compact, value)) + "]"
    return _quoted(value)


def fields(records: Iterable[Json], declared: Mapping[str, str]) -> tuple[list[str], Callable[[dict[str, Json]], Row]]:
    """Column names, and the function from a record to its fields: the declared ones, else every top-level key."""
    if declared:
        paths = [steps(path) for path in declared.values()]
        return unique(declared), lambda record: [text(follow(record, path)) for path in paths]
    keys: dict[str, None] = {}
    for record in records:
        if isinstance(record, dict):
            keys.update(dict.fromkeys(record))
    return unique(keys), lambda record: [text(record.get(key)) for key in keys]


def numbered_lines(texts: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, with their number from 1."""
    number = 0
    for piece in texts:
        for line in piece.removesuffix("\n").split("\n"):
            number += 1
            if line.strip():
                yield number, line.removesuffix("\r")


def _quoted(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
