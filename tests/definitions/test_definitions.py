"""Definitions that are refused, each by the fault it names, and definitions that are understood, each as it says.

A case is a file. The first line of wrong/<name>.yaml is a comment with words that the message must contain; that of
right/<name>.yaml is `# kind · unit of the formula · factor to the declared unit · over time/over places`. What a case
leaves out is in header.yaml. They are compiled against the invented city under conf/.
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from jobs import checking, formula
from schemas import City, DeclarationError, Indicator, Table, definitions, load_city
from schemas.declared import read
from schemas.meaning import Meaning

HERE = Path(__file__).parent
ID = "weather.example"
TABLE = {"description": "例 example", "owner": "office", "element": "general", "key": ["day"], "date": "day"}


def cases(folder: str) -> list[Path]:
    """The files of a folder, in name order."""
    return sorted((HERE / folder).glob("*.yaml"))


@pytest.fixture(scope="module")
def city() -> Iterator[City]:
    """The invented city with its own tables and indicators, and nobody else's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CITYPULSE_CONF", str(HERE / "conf"))
        whole = _load()
        yield whole


@pytest.mark.parametrize("case", cases("wrong"), ids=lambda path: path.stem)
def test_a_wrong_definition_is_refused_by_its_fault(city: City, case: Path) -> None:
    said = _faults(city, case)
    words = _comment(case)
    assert len(said) == 1, "\n".join(said) or f"not refused: {words}"
    assert words in said[0]
    where, line = said[0].split(":")[:2]
    assert (Path(where), int(line) > 0) == (case, True)


@pytest.mark.parametrize("case", cases("right"), ids=lambda path: path.stem)
def test_a_right_definition_is_understood_as_it_says(city: City, case: Path) -> None:
    assert _faults(city, case) == []
    one = _indicator(case)
    meant = _with(city, one, case).meaning(one)
    assert _shown(meant) == _comment(case)
    if one.value is not None:
        assert _sql(one, meant)


def test_there_are_a_hundred_of_each_and_no_two_say_the_same(city: City) -> None:
    for folder in ("right", "wrong"):
        texts = [path.read_text("utf-8") for path in cases(folder)]
        assert len(texts) >= 100
        assert len({"".join(text.split("\n", 1)[1:]) for text in texts}) == len(texts)
    meant = [definitions.identity(_indicator(case)) for case in cases("right")]
    assert len(set(meant)) >= 0.9 * len(meant)


def _load() -> City:
    whole = load_city("brightwater")
    own = {key for key, path in whole.files.items() if path.is_relative_to(HERE)}
    return replace(
        whole,
        contracts={key: table for key, table in whole.contracts.items() if key in own},
        declared={key: one for key, one in whole.declared.items() if key in own},
    )


def _with(city: City, one: Indicator, case: Path) -> City:
    added = {ID: one}
    return replace(
        city,
        declared={**city.declared, **added},
        indicators={**city.indicators, **added},
        files={**city.files, ID: case},
    )


def _faults(city: City, case: Path) -> list[str]:
    try:
        said = yaml.safe_load(case.read_text("utf-8"))
        if "columns" in said:
            given = {key: value for key, value in TABLE.items() if key not in said}
            return list(checking.of_contract(case, read(case, Table, name="example", **given)))
        one = _indicator(case)
    except DeclarationError as error:
        return str(error).splitlines()
    whole = _with(city, one, case)
    return list(checking.of_indicator(whole, one)) or list(checking.twice(whole))


def _indicator(case: Path) -> Indicator:
    said = yaml.safe_load(case.read_text("utf-8"))
    header = yaml.safe_load((HERE / "header.yaml").read_text("utf-8"))
    rest = {key: value for key, value in header.items() if key not in said}
    return read(case, Indicator, id=ID, element="weather", **rest)


def _comment(case: Path) -> str:
    return case.read_text("utf-8").splitlines()[0].removeprefix("# ")


def _shown(meant: Meaning) -> str:
    factors = [str(by) for _, by in sorted(meant.scales.items())] or ["1"]
    return f"{meant.quantity} · {meant.unit} · {', '.join(factors)} · {'|'.join(meant.time)}/{'|'.join(meant.place)}"


def _sql(one: Indicator, meant: Meaning) -> str:
    """The formula in SQL, with a fraction for every term."""
    parts = {f"{name}.{part}" for name in one.terms for part in ("n", "sum", "squares")}
    terms = {name: formula.constant(Fraction(1, 2)) for name in {*one.terms, *parts, "days", "valid_days"}}
    return formula.of_indicator(one, meant, terms, {})
