"""What an index means in minutes."""

from tests.methods.made import made


def test_minutes_times_the_index() -> None:
    assert (made("planned_minutes", minutes=20, index=1.3), made("planned_minutes", minutes=20, index=0.4)) == (26, 8)
    assert made("planned_minutes", minutes=None, index=0.4) is None
