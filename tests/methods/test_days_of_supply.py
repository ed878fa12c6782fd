"""Days that a stock lasts."""

from tests.methods.made import made


def test_the_stock_over_the_mean_daily_use() -> None:
    assert made("days_of_supply", "days", on_hand=7500, used=5000, over_days=10) == 15
    assert made("days_of_supply", "burn_rate", on_hand=7500, used=5000, over_days=10) == 500


def test_what_is_not_used_lasts_for_no_number_of_days() -> None:
    assert made("days_of_supply", "days", on_hand=5, used=0, over_days=10) is None
    assert made("days_of_supply", "days", on_hand=5, used=3, over_days=0) is None
    assert made("days_of_supply", "burn_rate", on_hand=5, used=3, over_days=0) is None


def test_an_empty_shelf_lasts_zero_days() -> None:
    assert made("days_of_supply", "days", on_hand=0, used=3, over_days=2) == 0
