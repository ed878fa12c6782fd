"""Ratios of data quality."""

from tests.methods.made import made


def test_in_per_cent_as_a_share_and_as_what_is_left() -> None:
    found = [made("quality_ratio", output, counted=30, checked=1000) for output in ("percent", "share", "complement")]
    assert found == [3, 0.03, 0.97]


def test_nothing_checked_is_unknown_never_all() -> None:
    assert [made("quality_ratio", o, counted=0, checked=0) for o in ("percent", "share", "complement")] == [None] * 3
