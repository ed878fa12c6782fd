"""Weights of a travel cost."""

import pytest

from schemas import DeclarationError
from tests.methods.made import made


def weight(cost: float | None, **settings: object) -> object:
    return made("distance_weight", set_=settings, cost=cost)


def test_a_step_holds_its_upper_bound_and_beyond_the_last_nothing_weighs() -> None:
    steps = {"20": 1, "40": 0.68}
    assert [weight(c, weight="step", steps=steps) for c in (0, 20, 20.1, 40, 41)] == [1, 1, 0.68, 0.68, 0]


def test_steps_may_be_written_in_any_order() -> None:
    assert weight(5, weight="step", steps={"40": 0.2, "9": 0.9}) == 0.9


def test_a_power_of_the_distance_with_a_least_distance() -> None:
    assert weight(2, weight="gravity", exponent=-2, scale=20, minimum_cost=1) == pytest.approx(100)
    assert weight(0, weight="gravity", exponent=-2, scale=20, minimum_cost=1) == pytest.approx(400)


def test_a_distance_of_zero_has_no_weight_at_a_negative_power() -> None:
    assert weight(0, weight="gravity") is None
    assert (
        weight(None, weight="gravity")
        is weight(None, weight="binary")
        is weight(None, weight="step", steps={1: 1})
        is None
    )


def test_a_weight_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(DeclarationError, match="weight 'conical' is unknown; there is: binary, step, gravity"):
        weight(1, weight="conical")
    with pytest.raises(DeclarationError, match="expected upper bounds and their weights"):
        weight(1, weight="step")
    with pytest.raises(DeclarationError, match="scale 0 is not above zero"):
        weight(1, weight="gravity", scale=0)
