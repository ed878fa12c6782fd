"""Level of a traffic performance index."""

from tests.methods.made import made


def test_a_bound_belongs_to_the_worse_level() -> None:
    found = [made("tpi_level", tpi=value) for value in (0, 1.99, 2, 4, 6, 8, 10)]
    assert found == ["畅通", "畅通", "基本畅通", "轻度拥堵", "中度拥堵", "严重拥堵", "严重拥堵"]


def test_outside_0_to_10_there_is_no_level() -> None:
    assert [made("tpi_level", tpi=value) for value in (-1, 10.1, None)] == [None, None, None]
