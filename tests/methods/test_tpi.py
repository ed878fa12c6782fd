"""Conversions to a traffic performance index."""

import pytest

from schemas import DeclarationError
from tests.methods.made import made


def tpi(variant: str, *ratios: float | None, **more: object) -> list[object]:
    return [made("tpi", set_={"variant": variant} | more, ratio=one) for one in ratios]


def test_at_a_node_it_is_the_node() -> None:
    assert tpi("travel_time", 0, 0.2, 0.5, 0.8, 1.1) == [0, 2, 4, 6, 8]
    assert tpi("congested_length", 0, 0.04, 0.08, 0.11, 0.14, 0.24, 0.5) == [0, 2, 4, 6, 8, 10, 10]
    assert tpi("phi30", 0, 0.15, 0.3, 0.9) == [0, 5, 10, 10]


def test_between_nodes_it_is_on_the_line() -> None:
    assert tpi("travel_time", 0.1, 0.35, 0.95) == pytest.approx([1, 3, 7])


def test_beyond_the_table_the_slope_is_a_parameter() -> None:
    assert tpi("travel_time", 1.25, 9) == pytest.approx([9, 10])
    assert tpi("travel_time", 1.2, beyond=5) == pytest.approx([8.5])


def test_the_unknown_and_the_impossible_have_no_index_and_no_variant_is_the_default() -> None:
    assert tpi("travel_time", None, -0.1) == [None, None]
    with pytest.raises(DeclarationError, match="method tpi needs parameter variant"):
        made("tpi", ratio=0.5)
    with pytest.raises(
        DeclarationError, match="variant 'other' is unknown; there is: travel_time, congested_length, phi30"
    ):
        tpi("other", 0.5)
