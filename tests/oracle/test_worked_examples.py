"""Every worked example is met: those of the project's own list, and a further set with other numbers."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from jobs import oracle
from jobs.core.errors import Problem
from jobs.oracles import known
from schemas.city import ROOT
from tests.commands import citypulse
from tests.oracle.cases import every_case, written

LISTED = ROOT.parent / "shared" / "docs" / "oracles.json"


@pytest.mark.skipif(not LISTED.is_file(), reason="needs ../shared/docs/oracles.json, which the project does not ship")
def test_every_listed_example_passes() -> None:
    results = list(oracle.run(LISTED))
    assert len(results) == 142
    assert [one.line for one in results if one.fault] == []


def test_every_example_with_other_numbers_passes(tmp_path: Path) -> None:
    results = list(oracle.run(written(tmp_path / "further.json")))
    assert [one.line for one in results if one.fault] == []


def test_the_further_set_has_an_example_of_every_method_key() -> None:
    assert sorted({case[0] for case in every_case()}) == sorted(known())


def file_of(folder: Path, *changes: dict[str, object]) -> Path:
    """A file of cases that are the same but for these changes."""
    good = {
        "id": "A-1",
        "indicator": "equity.gini",
        "inputs": {"x": [1, 2, 3]},
        "expected": 0.2222,
        "tolerance": 0.0001,
    }
    path = folder / "cases.json"
    path.write_text(json.dumps([good | change for change in changes]), "utf-8")
    return path


def said(path: Path) -> tuple[int | None, list[str], str]:
    """Exit code, lines and error of the command."""
    code, out, error = citypulse(path.parent, "oracle", str(path))
    return code, out.splitlines(), error


def test_each_case_is_a_line_and_the_count_closes(tmp_path: Path) -> None:
    code, lines, error = said(file_of(tmp_path, {}, {"id": "A-2"}))
    assert (code, error) == (0, "")
    assert lines == ["A-1  equity.gini  pass", "A-2  equity.gini  pass", "2 cases: 2 passed, 0 failed"]


def test_a_failing_case_says_what_was_expected_and_ends_in_1(tmp_path: Path) -> None:
    code, lines, error = said(file_of(tmp_path, {"expected": 0.3}, {"expected": None}, {}))
    assert code == 1
    assert lines[0] == "A-1  equity.gini  fail: expected 0.3, found 0.2222222222222222"
    assert lines[1].startswith("A-1  equity.gini  fail: expected null, found 0.22")
    assert lines[-1] == "3 cases: 1 passed, 2 failed"
    assert error == "citypulse: oracle: 2 of 3 cases failed\n"


def test_a_file_that_is_not_there_ends_in_2_and_one_line(tmp_path: Path) -> None:
    code, lines, error = said(tmp_path / "nothing.json")
    assert (code, lines) == (2, [])
    assert error.endswith("nothing.json: cannot be read: No such file or directory\n")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"indicator": "equity.ginny"}, "'equity.ginny' is unknown; there is: air.cn.aqi.daily, "),
        ({"inputs": {"y": [1]}}, "inputs needs 'x'; it has: y"),
        ({"inputs": {"x": [1, "two"]}}, "expected a number, found 'two'"),
        ({"inputs": [1]}, "expected an object, found [1]"),
        ({"tolerance": -1}, "tolerance is a number of at least 0"),
        (
            {"indicator": "air.cn.iaqi", "inputs": {"edition": "HJ633-1999", "pollutant": "O3_8h", "conc": [1]}},
            "HJ 633-2012",
        ),
    ],
)
def test_a_case_that_cannot_be_asked_is_refused_in_one_line(
    tmp_path: Path, change: dict[str, object], text: str
) -> None:
    with pytest.raises(Problem) as refused:
        list(oracle.run(file_of(tmp_path, change)))
    assert text in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("[", "not JSON in UTF-8"),
        ("{}", "expected a list of cases, found dict"),
        ('[{"id": "A-1"}]', "(A-1) lacks indicator"),
        ("[1]", "case 1: expected an object"),
        ('[{"id": NaN}]', "NaN is not a number"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(tmp_path: Path, content: str | None, text: str) -> None:
    path = tmp_path / "file.json"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(Problem) as refused:
        oracle.read(path)
    assert text in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_the_tolerance_is_a_closed_bound_on_every_number_inside() -> None:
    near = Decimal("0.005")
    assert oracle.matches({"a": [12.1, None]}, {"a": [12.105, None], "more": 1}, near)
    assert not oracle.matches({"a": [12.1]}, {"a": [12.1051]}, near)
    assert not oracle.matches([1], [1, 1], near)


def test_texts_booleans_and_null_match_exactly() -> None:
    wide = Decimal(9)
    assert not oracle.matches(True, 1, wide)
    assert not oracle.matches(1, True, wide)
    assert not oracle.matches("1", 1, wide)
    assert not oracle.matches(0, None, wide)
    assert not oracle.matches(0, float("nan"), wide)
