"""Reading one declaration file: strict keys, and errors that name file, line, what was found and what is allowed."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar, cast

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError


class DeclarationError(Exception):
    """A declaration that cannot be used. One line: where, what was found, what is allowed."""


class ExpressionError(ValueError):
    """An expression that is not in the allowed subset. One line: the expression, what is wrong, what is allowed."""


class Declared(BaseModel):
    """Base of every declaration: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Words(Declared):
    """A text in Chinese and English."""

    zh: str
    en: str

    def comment(self, unit: str | None = None) -> str:
        """`中文 | English [unit]`: how a table or a column is described in its own metadata."""
        return f"{self.zh} | {self.en}" + (f" [{unit}]" if unit else "")

    @classmethod
    def of(cls, value: object) -> object:
        """A plain string stands for both languages."""
        return {"zh": value, "en": value} if isinstance(value, str) else value


Bilingual = Annotated[Words, BeforeValidator(Words.of)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]

Model = TypeVar("Model", bound=BaseModel)
MOST_FILES = 4096
"""How many declarations are remembered: some cities of many hundred files each."""
TEXT = "tag:yaml.org,2002:str"


class _Lines(yaml.CSafeLoader):
    """A safe loader that refuses a key given twice, and merging; dates stay dates, all else is YAML 1.1 as usual.

    It makes texts, mappings and lists itself: a city has many hundred files of them, and each command reads them all.
    """

    source = ""

    def made(self, node: yaml.Node) -> Any:
        """What a node says. Raises DeclarationError for a key that stands twice or is no text."""
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.made(each) for each in node.value]
        return node.value if node.tag == TEXT else self.construct_object(node, deep=True)

    def _mapping(self, node: yaml.MappingNode) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.made(key_node)
            wrong = "is no text" if isinstance(key, dict | list) else "stands twice" if key in found else ""
            if wrong:
                raise DeclarationError(f"{self.source}:{key_node.start_mark.line + 1}: key {key!r} {wrong}")
            found[key] = self.made(value_node)
        return found


def read(path: Path, model: type[Model], **given: object) -> Model:
    """The declaration in `path` as `model`; `given` adds what the file's place says (its name, its city).

    A file that has not changed since it was read last is not made again. Raises DeclarationError naming file and line
    for anything the model does not allow.
    """
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(path, error) from None
    make = _made if all(isinstance(value, str) for value in given.values()) else _made.__wrapped__
    return cast(Model, make(path, text, model, tuple(sorted(given.items()))))


@lru_cache(MOST_FILES)
def _made(path: Path, text: str, model: type[BaseModel], given: tuple[tuple[str, object], ...]) -> BaseModel:
    try:
        loader = _Lines(text)
        loader.source = str(path)
        root = loader.get_single_node()
        data = loader.made(root) if root is not None else {}
    except yaml.YAMLError as error:
        raise _unreadable(path, error) from None
    except RecursionError:
        raise DeclarationError(f"{path}:1: not readable YAML: it stands within itself") from None
    if not isinstance(data, dict):
        raise DeclarationError(f"{path}:1: a declaration is a mapping of keys, found {type(data).__name__}")
    try:
        return model.model_validate({**data, **dict(given)})
    except ValidationError as error:
        raise DeclarationError("\n".join(_problem(path, root, model, one) for one in error.errors())) from None


def _unreadable(path: Path, error: Exception) -> DeclarationError:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    return DeclarationError(f"{path}:{line}: not readable YAML: {getattr(error, 'problem', error)}")


def line_of(path: Path, *where: tuple[str, ...]) -> int:
    """The line on which the last key of `where` stands; of several ways to it the one that leads deepest."""
    root = yaml.compose(path.read_text("utf-8"), yaml.SafeLoader) if path.is_file() else None
    return max((_line(root, one) for one in where), key=lambda found: found[1])[0]


def at(path: Path, key: str, text: str) -> str:
    """`file:line: key: text`; the line where the key first stands, at the top level if it does."""
    plain = re.escape(key.split(":")[-1])
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    for pattern in (rf"{plain}\s*:", rf".*(?:^|[\s{{,\"'`]){plain}[\"'`]?\s*:", rf".*\brule: {plain}\b"):
        for number, line in enumerate(lines, 1):
            if re.match(pattern, line):
                return f"{path}:{number}: {key}: {text}"
    return f"{path}:1: {key}: {text}"


def _problem(path: Path, root: yaml.Node | None, model: type[BaseModel], error: Any) -> str:
    where = tuple(part for part in error["loc"] if not (isinstance(part, str) and "[" in part))
    said = error["msg"].removeprefix("Value error, ")
    if not where and (named := re.match(r"(\w+): ", said)):
        where, said = (named[1],), said[named.end() :]
    line, depth = _line(root, where)
    key = ".".join(str(part) for part in where) or "the file"
    match error["type"]:
        case "extra_forbidden":
            allowed = ", ".join(_allowed(model, where[:-1]))
            return f"{path}:{line}: unknown key {key!r}" + (f"; allowed here: {allowed}" if allowed else "")
        case "missing":
            return f"{path}:{line}: {key!r} is missing; every {model.__name__.lower().removesuffix('file')} needs it"
        case _:
            found = error.get("input")
            shown = f" (found {found!r})" if isinstance(found, str | int | float | bool) and depth else ""
            return f"{path}:{line}: {key + ': ' if where else ''}{said}{shown}"


def _line(node: yaml.Node | None, where: tuple[object, ...]) -> tuple[int, int]:
    """The line of the deepest part of `where` that stands in the file, and how deep that was."""
    line, depth = (node.start_mark.line + 1 if node else 1), 0
    for part in where:
        if isinstance(node, yaml.MappingNode):
            hit = next((pair for pair in node.value if str(pair[0].value) == str(part)), None)
            if hit is None:
                continue
            line, node = hit[0].start_mark.line + 1, hit[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            continue
        depth += 1
    return line, depth


def _allowed(model: type[BaseModel], where: tuple[object, ...]) -> list[str]:
    """The keys allowed at `where` below `model`, or none when that cannot be told."""
    current: Any = model
    for part in where:
        is_model = isinstance(current, type) and issubclass(current, BaseModel)
        field = current.model_fields.get(str(part)) if is_model else None
        inner = field.annotation if field else None
        candidates = [inner, *getattr(inner, "__args__", ())]
        nested = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
        if nested:
            current = nested[0]
        elif field is not None:
            return []
    if not (isinstance(current, type) and issubclass(current, BaseModel)):
        return []
    flat = getattr(current, "FLAT", ())
    return sorted({*(field.alias or name for name, field in current.model_fields.items()), *flat})


__all__ = ["Bilingual", "DeclarationError", "Declared", "Name", "Self", "Words", "at", "line_of", "read"]
