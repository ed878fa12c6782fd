"""What holds for every method there is."""

from pathlib import Path

import duckdb
import pytest

from jobs import methods
from schemas import DeclarationError

NEEDED = {"p": "0.5", "level": 1, "epsilon": 1, "slack": 1, "limit": 5, "target": 70, "step": 10, "deduct": 1, "low": 0,
          "high": 1, "variant": "phi30", "weight": "binary"}  # fmt: skip

BESIDE = ("n", "lost", "u_n", "covered", "looked", "days", "least", "most", "made", "over", "under", "scope", "shown")
"""Columns that stand beside the inputs in a night's query: what a method calls its own parts is none of them."""


@pytest.mark.parametrize("name", methods.names())
def test_unknown_inputs_give_no_number_in_every_output_and_edition(name: str) -> None:
    method = methods.find(name)
    columns = ", ".join(f'NULL::{methods.type_of(kind)} AS "{key}"' for key, kind in method.inputs.items())
    columns += "".join(f", 1 AS {name}" for name in BESIDE)
    given = {key: f'"{key}"' for key in method.inputs}
    parameters = {key: NEEDED[key] for key, one in method.parameters.items() if one.default is methods.REQUIRED}
    for edition in method.editions or ("",):
        for output in method.outputs:
            sql = methods.expression(name, given, parameters, edition, output)
            found = duckdb.execute(f"SELECT {sql} FROM (SELECT {columns})").fetchall()[0][0]
            empty = isinstance(found, dict) and set(found.values()) == {None}
            assert found in (None, 0, False, []) or empty or output == "rule", (output, found)


@pytest.mark.parametrize("name", methods.names())
def test_a_method_has_tests_of_its_own(name: str) -> None:
    assert Path(__file__).with_name(f"test_{name}.py").is_file()


def test_what_a_method_does_not_know_is_refused_by_name() -> None:
    with pytest.raises(DeclarationError, match="method gini: term rows is unknown; it takes: values"):
        methods.expression("gini", {"rows": "x"}, {})
    with pytest.raises(DeclarationError, match="method gini: output mean is unknown; it has: value"):
        methods.expression("gini", {"values": "x"}, {}, output="mean")
    with pytest.raises(DeclarationError, match="method gini: parameter ddof is unknown; it has: none"):
        methods.expression("gini", {"values": "x"}, {"ddof": 1})
    with pytest.raises(DeclarationError, match="method surge_capacity needs occupied, dischargeable, surge"):
        methods.expression("surge_capacity", {"staffed": "x"}, {})
