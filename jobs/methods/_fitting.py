"""Whether an indicator's terms, parameters and output fit the method it names."""

from collections.abc import Iterator, Mapping

from jobs import methods, references
from jobs.core import engine
from schemas import DeclarationError, Indicator, Table, Term
from schemas.table import DECIMAL

LISTS = {"series": "number", "texts": "text"}
"""The kinds of a field that several columns make, and the kind of each."""
KINDS = {"smallint": "number", "int": "number", "bigint": "number", "string": "text", "date": "date"}
"""The kind of a column's type; decimals are numbers."""
A = {
    **{kind: f"a {kind}" for kind in ("number", "text", "date", "series", "bag")},
    "texts": "a list of texts",
    "rows": "rows",
}
NUMBERS = ("INTEGER", "BIGINT", "HUGEINT", "DOUBLE", "BOOLEAN")


def faults(one: Indicator, tables: Mapping[str, Table]) -> Iterator[tuple[str, str]]:
    """The method takes the terms and parameters given, in every edition, and its output is a number."""
    if one.method is None:
        return
    try:
        method = methods.find(one.method)
    except DeclarationError as error:
        yield "method", str(error)
        return
    wrong = [*_inputs(one, method, tables), *_output(one, method)]
    yield from wrong or _made(one, method)


def _inputs(one: Indicator, method: methods.Method, tables: Mapping[str, Table]) -> Iterator[tuple[str, str]]:
    unknown = sorted(set(one.terms) - set(method.inputs))
    if unknown:
        there = ", ".join(method.inputs)
        yield unknown[0], f"method {one.method} knows no term {', '.join(unknown)}; it takes: {there}"
        return
    for name, term in one.terms.items():
        kind = method.inputs[name]
        given, takes = _given(term), "rows" if isinstance(kind, methods.Rows) else kind
        if given != takes:
            yield name, f"method {one.method} takes {A[takes]} here; this term is {A[given]}"
        elif isinstance(kind, methods.Rows):
            yield from ((name, f"method {one.method}: {text}") for text in _fields(term, kind, tables))


def _given(term: Term) -> str:
    if term.kind == "rows":
        return "rows" if term.fields else "bag"
    return term.take if term.take in references.LISTS else "number"


def _fields(term: Term, kind: methods.Rows, tables: Mapping[str, Table]) -> Iterator[str]:
    """Every field of the method's rows is given, no other, and each is of its kind."""
    there = ", ".join(f"{name} ({of})" for name, of in kind.fields.items())
    unknown = [name for name in term.fields if name not in kind.fields]
    lacking = [name for name in kind.fields if name not in term.fields]
    if unknown or lacking:
        fault = f"have no {', '.join(unknown)}" if unknown else f"need {', '.join(lacking)}"
        yield f"its rows {fault}; they have: {there}"
        return
    for name, said in term.fields.items():
        of = kind.fields[name]
        if (of in LISTS) != (len(said) > 1):
            few = f"which several columns make: [{said[0]}, …]" if of in LISTS else "which one column makes"
            yield f"{name} is {A[of]}, {few}"
        for column in said:
            is_ = _kind(term, column, tables)
            if is_ != LISTS.get(of, of):
                yield f"{name} is {A[of]}; {column} is {A.get(is_, is_)}"


def _kind(term: Term, said: str, tables: Mapping[str, Table]) -> str:
    """The kind of what a field of a row says: another indicator is a number, a place is named by a text."""
    if term.level is not None:
        return "number" if "." in said else "text"
    stored = tables[term.table].stored[said]
    return "number" if DECIMAL.match(stored) else KINDS.get(stored, stored)


def _output(one: Indicator, method: methods.Method) -> Iterator[tuple[str, str]]:
    if one.output is not None and one.output not in method.outputs:
        there = ", ".join(method.outputs)
        yield "output", f"method {one.method} has no output {one.output!r}; it has: {there}"


def _made(one: Indicator, method: methods.Method) -> Iterator[tuple[str, str]]:
    """The SQL can be made, and is a number. Inputs are columns, as in a night: an unknown constant has no type."""
    inputs = {name: f'"{name}"' for name in one.terms}
    columns = ", ".join(f'NULL::{methods.type_of(method.inputs[name])} AS "{name}"' for name in one.terms)
    try:
        made = [
            methods.expression(method.name, inputs, one.constants, edition, one.output)
            for edition in method.editions or ("",)
        ]
    except DeclarationError as error:
        yield "method", str(error)
        return
    with engine.cursor() as connection:
        kind = str(connection.execute(f"SELECT typeof({made[0]}) FROM (SELECT {columns})").fetchall()[0][0])
    if kind not in NUMBERS and not kind.startswith("DECIMAL"):
        said = one.output or method.outputs[0]
        yield "output" if one.output else "method", f"{said} of method {method.name} is a {kind}; a value is a number"
