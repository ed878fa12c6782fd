"""Standard deviation over mean."""

import pytest

from schemas import DeclarationError
from tests.methods.made import made

VALUES = [2, 4, 4, 4, 5, 5, 7, 9]


def test_the_divisor_is_a_parameter() -> None:
    assert made("coefficient_of_variation", "cv", values=VALUES) == 0.4
    assert made("coefficient_of_variation", "deviation", set_={"ddof": 1}, values=VALUES) == pytest.approx(2.138089935)


def test_equal_values_do_not_vary_however_they_are_written() -> None:
    assert made("coefficient_of_variation", "deviation", values=[0.1] * 7) == 0


def test_too_few_values_or_a_zero_mean_are_unknown() -> None:
    assert made("coefficient_of_variation", "cv", set_={"ddof": 1}, values=[5]) is None
    assert made("coefficient_of_variation", "cv", values=[-1, 1]) is None
    assert made("coefficient_of_variation", "mean", values=[]) is None


def test_a_divisor_that_is_no_whole_number_is_refused() -> None:
    with pytest.raises(DeclarationError, match="ddof 0.5 is not a whole number"):
        made("coefficient_of_variation", set_={"ddof": 0.5}, values=[5])
