"""The canonical text, as `jobs/seal.py` states it: a receiver must be able to write it down without our code."""

import json
import struct
from datetime import date
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from jobs import seal, sections


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"b": 1, "a": None, "B": True}, '{"B":true,"a":null,"b":1}'),
        ({"城": "脉", "a": ["x", "y"]}, '{"a":["x","y"],"城":"脉"}'),
        ('a"\\/\u001f\n\t\u007f\u2028é', '"a\\"\\\\/\\u001f\\n\\t\u007f\u2028é"'),
        (3.0, "3.0"),
        (0.1 + 0.2, "0.30000000000000004"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (123456789012345.6, "123456789012345.6"),
        (1e15, "1000000000000000.0"),
        (1e16, "1e+16"),
        (-0.0, "-0.0"),
        (5e-324, "5e-324"),
        (2**63, "9223372036854775808"),
    ],
)
def test_a_row_has_the_text_that_is_documented(said: object, text: str) -> None:
    assert seal.text(said) == text


@pytest.mark.parametrize("said", [float("nan"), float("inf"), {"a": -float("inf")}])
def test_what_is_no_number_has_no_text(said: object) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        seal.text(said)


def test_any_double_is_read_back_as_the_same_and_has_no_shorter_text() -> None:
    rng = Random(754)
    for _ in range(5000):
        (number,) = struct.unpack("<d", rng.randbytes(8))
        if number == number and abs(number) != float("inf"):
            text = seal.text(number)
            assert struct.pack("<d", json.loads(text)) == struct.pack("<d", number)
            digits = len(text.partition("e")[0].replace(".", "").strip("-0"))
            assert digits == 1 or float(f"{number:.{digits - 2}e}") != number


def test_rows_of_a_table_have_the_text_of_each_row_alone() -> None:
    rng = Random(19)
    words = ["", "all", 'a"\\', "城\u001f\n", "\u0000", None]
    rows: list[dict[str, Any]] = [
        {
            "place": rng.choice(words), "day": rng.choice([date(2025, 3, 4), date(1970, 1, 1), None]),
            "value": rng.choice([0.0, -0.0, 1e-7, 0.1, None, float(rng.getrandbits(60))]),
            "n_records": rng.choice([0, 1, 2**62, None]),
        }
        for _ in range(500)
    ]  # fmt: skip
    kinds = {"place": pa.string(), "day": pa.date32(), "value": pa.float64(), "n_records": pa.int64()}
    table = pa.Table.from_pylist(rows, schema=pa.schema(list(kinds.items())))
    alone = [seal.text(row | {"day": row["day"] and row["day"].isoformat()}) for row in rows]
    assert list(sections.texts(table)) == alone
    assert list(sections.texts(table.slice(0, 0))) == []
