"""Atkinson's index."""

import pytest

from schemas import DeclarationError
from tests.methods.made import made


def test_no_aversion_sees_no_inequality() -> None:
    assert made("atkinson", set_={"epsilon": 0}, values=[1, 9]) == 0


def test_known_values_of_two_areas() -> None:
    assert made("atkinson", set_={"epsilon": 1}, values=[1, 9]) == pytest.approx(1 - 3 / 5)
    assert made("atkinson", set_={"epsilon": 0.5}, values=[1, 9]) == pytest.approx(1 - 4 / 5)
    assert made("atkinson", set_={"epsilon": 2}, values=[1, 9]) == pytest.approx(1 - 1.8 / 5)


def test_someone_with_nothing_makes_it_1_at_an_aversion_of_1_and_more() -> None:
    assert [made("atkinson", set_={"epsilon": e}, values=[0, 4]) for e in (1, 3)] == [1, 1]
    assert made("atkinson", set_={"epsilon": 0.5}, values=[0, 4]) == pytest.approx(0.5)


def test_it_is_undefined_for_nothing_for_a_zero_mean_and_below_zero() -> None:
    assert [made("atkinson", set_={"epsilon": 1}, values=v) for v in ([], [0, 0], [-1, 4])] == [None, None, None]


def test_an_aversion_below_zero_is_refused() -> None:
    with pytest.raises(DeclarationError, match="epsilon -1 is below zero"):
        made("atkinson", set_={"epsilon": -1}, values=[1])
