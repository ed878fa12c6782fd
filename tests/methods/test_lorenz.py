"""The Lorenz curve."""

from tests.methods.made import made


def test_it_goes_from_nothing_to_everything_by_the_poorest_first() -> None:
    assert made("lorenz", values=[5, 1, 2]) == [0, 0.125, 0.375, 1]


def test_it_is_undefined_for_nothing_for_a_zero_sum_and_below_zero() -> None:
    assert [made("lorenz", values=values) for values in ([], [0, 0], [-1, 4])] == [None, None, None]
