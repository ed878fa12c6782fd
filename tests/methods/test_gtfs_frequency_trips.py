"""Trips of frequencies.txt."""

from tests.methods.made import made


def trips(*rows: tuple[str, str, int | None], output: str = "per_row") -> object:
    names = ("start_time", "end_time", "headway_secs")
    return made(
        "gtfs_frequency_trips", output, frequencies=[{"trip_id": "T"} | dict(zip(names, r, strict=True)) for r in rows]
    )


def test_the_end_is_exclusive() -> None:
    assert trips(("6:00:00", "22:00:00", 1800), ("6:00:00", "22:00:01", 1800), ("6:00:00", "21:59:59", 1800)) == [
        32,
        33,
        32,
    ]


def test_times_go_past_midnight() -> None:
    assert trips(("23:00:00", "25:00:00", 1800), ("24:00:00", "24:00:00", 60)) == [4, 0]


def test_a_time_that_is_none_and_a_headway_of_zero_give_no_number() -> None:
    assert trips(("6 am", "7:00:00", 60), ("6:00:00", "7:00:00", 0), ("6:00:00", "7:00:00", None)) == [None, None, None]


def test_the_total_adds_up_the_rows() -> None:
    assert trips(("6:00:00", "7:00:00", 600), ("7:00:00", "8:00:00", 1200), output="total") == 9
    assert trips(output="total") == 0
