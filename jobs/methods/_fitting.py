"""Whether an indicator's terms, parameters and output fit the method it names."""

from collections.abc import Iterator

from jobs import methods, references
from jobs.core import engine
from schemas import DeclarationError, Indicator

NUMBERS = ("INTEGER", "BIGINT", "HUGEINT", "DOUBLE", "BOOLEAN")


def faults(one: Indicator) -> Iterator[tuple[str, str]]:
    """The method takes the terms and parameters given, in every edition, and its output is a number."""
    if one.method is None:
        return
    try:
        method = methods.find(one.method)
    except DeclarationError as error:
        yield "method", str(error)
        return
    wrong = [*_inputs(one, method), *_output(one, method)]
    yield from wrong or _made(one, method)


def _inputs(one: Indicator, method: methods.Method) -> Iterator[tuple[str, str]]:
    unknown = sorted(set(one.terms) - set(method.inputs))
    if unknown:
        there = ", ".join(method.inputs)
        yield unknown[0], f"method {one.method} knows no term {', '.join(unknown)}; it takes: {there}"
        return
    for name, term in one.terms.items():
        kind = method.inputs[name]
        given = term.take if term.take in references.LISTS else "number"
        if given != kind:
            said = "rows" if isinstance(kind, methods.Rows) else kind
            yield name, f"method {one.method} takes a {said} here; this term is a {given}"


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
    with engine.connect() as connection:
        kind = str(connection.execute(f"SELECT typeof({made[0]}) FROM (SELECT {columns})").fetchall()[0][0])
    if kind not in NUMBERS and not kind.startswith("DECIMAL"):
        said = one.output or method.outputs[0]
        yield "output" if one.output else "method", f"{said} of method {method.name} is a {kind}; a value is a number"
