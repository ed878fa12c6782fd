"""Scores by steps below a target."""

import pytest

from schemas import DeclarationError
from tests.methods.made import made


def score(value: float | None, partial: str = "full_step", **more: object) -> object:
    return made("step_score", set_={"target": 70, "step": 10, "deduct": "0.2", "partial": partial} | more, value=value)


def test_full_marks_at_the_target_and_a_started_step_costs_a_whole_one() -> None:
    assert [score(v) for v in (75, 70, 69.999, 60, 59.999, 25, 0)] == [1, 1, 0.8, 0.8, 0.6, 0, 0]


def test_a_started_step_may_cost_nothing_or_its_part() -> None:
    assert [score(v, "completed_step") for v in (60.001, 60, 50.5)] == [1, 0.8, 0.8]
    assert score(65, "proportional") == 0.9


def test_full_marks_are_a_parameter_and_the_unknown_has_no_score() -> None:
    assert score(60, full_marks=2) == 1.8
    assert score(None) is None


def test_a_rule_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(DeclarationError, match="step 0 is not above zero"):
        score(60, step=0)
    with pytest.raises(DeclarationError, match="partial 'half' is unknown"):
        score(60, "half")
