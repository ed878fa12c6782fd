"""Composite index of ambient air."""

import pytest

from schemas import DeclarationError
from tests.methods.made import made

AIR = {"so2": 60, "no2": 40, "pm10": 70, "pm25": 35, "co": 4000, "o3": 160}


def test_six_pollutants_at_their_limits_make_six() -> None:
    assert made("cn_composite_index", edition="GB 3095-2012", **AIR) == 6


def test_the_edition_of_2026_has_lower_limits() -> None:
    assert made("cn_composite_index", edition="GB 3095-2026", **AIR) == pytest.approx(3 + 4 / 3 + 1.4 + 1.4 + 2)
    assert made("cn_composite_index", edition="GB 3095-2026 transitional", **AIR) == pytest.approx(4 + 7 / 6 + 7 / 6)


def test_limits_can_be_given_by_input() -> None:
    assert made("cn_composite_index", edition="GB 3095-2012", set_={"limits": {"so2": 30}}, **AIR) == 7
    with pytest.raises(DeclarationError, match="expected limits of so2"):
        made("cn_composite_index", edition="GB 3095-2012", set_={"limits": {"lead": 1}}, **AIR)


def test_an_index_of_five_pollutants_is_not_defined() -> None:
    assert made("cn_composite_index", edition="GB 3095-2012", **(AIR | {"co": None})) is None
    with pytest.raises(DeclarationError, match="method cn_composite_index needs co"):
        made("cn_composite_index", edition="GB 3095-2012", **{k: v for k, v in AIR.items() if k != "co"})
