"""Time with a bike, or a dock."""

from tests.methods.made import made

ROWS = [
    {"at": at, "bikes": bikes, "docks": docks} for at, bikes, docks in ((0, 3, 7), (10, 0, 10), (40, 5, 0), (60, 5, 5))
]


def test_time_counts_not_snapshots() -> None:
    assert made("bike_availability", "has_bike", snapshots=ROWS, end=60) == 0.5
    assert made("bike_availability", "has_dock", snapshots=ROWS, end=60) == 40 / 60


def test_snapshots_in_any_order_and_the_last_holds_until_the_end() -> None:
    assert made("bike_availability", "has_bike", snapshots=ROWS[::-1], end=70) == 40 / 70


def test_what_a_snapshot_does_not_know_is_in_neither_time() -> None:
    rows = [*ROWS[:2], {"at": 40, "bikes": None, "docks": 1}]
    assert made("bike_availability", "has_bike", snapshots=rows, end=60) == 10 / 40


def test_nothing_observed_is_unknown() -> None:
    assert made("bike_availability", "has_bike", snapshots=[], end=60) is None
    assert made("bike_availability", "has_bike", snapshots=ROWS, end=0) is None
