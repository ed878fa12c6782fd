"""Percentiles of the two types that standards name."""

import pytest

from schemas import DeclarationError
from tests.methods.made import made


def test_on_the_line_between_neighbours() -> None:
    assert made("percentile", "linear", set_={"p": 0.9}, values=[3, 4, 8, 2, 5, 4]) == 6.5
    assert made("percentile", "linear", set_={"p": 0.5}, values=[1, 2]) == 1.5


def test_the_ends_and_a_single_value_are_themselves() -> None:
    assert [made("percentile", "linear", set_={"p": p}, values=[7, 1, 4]) for p in (0, 1)] == [1, 7]
    assert made("percentile", "linear", set_={"p": 0.37}, values=[2.5]) == 2.5


def test_the_nearest_rank_is_a_value_that_occurred() -> None:
    assert made("percentile", "nearest_rank", set_={"p": 0.9}, values=list(range(200, 400, 10))) == 370
    assert made("percentile", "nearest_rank", set_={"p": 0}, values=[9, 3]) == 3
    assert made("percentile", "rank", set_={"p": 0.9}, values=list(range(25))) == 23


def test_an_exact_rank_is_not_pushed_up_by_binary_rounding() -> None:
    assert made("percentile", "rank", set_={"p": "0.07"}, values=list(range(100))) == 7


def test_no_value_has_no_percentile() -> None:
    for output in ("linear", "nearest_rank", "rank"):
        assert made("percentile", output, set_={"p": 0.5}, values=[]) is None


def test_a_share_outside_0_to_1_is_refused() -> None:
    with pytest.raises(DeclarationError, match="p 90 is not a share"):
        made("percentile", set_={"p": 90}, values=[1])
    with pytest.raises(DeclarationError, match="method percentile needs parameter p"):
        made("percentile", values=[1])
