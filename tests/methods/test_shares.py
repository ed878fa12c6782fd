"""Parts of a whole."""

from tests.methods.made import made

PARTS = [{"name": "phone", "amount": 30}, {"name": "app", "amount": 10}]


def test_the_whole_is_the_sum_of_the_parts_unless_it_is_given() -> None:
    assert made("shares", parts=PARTS) == [{"name": "phone", "share": 75}, {"name": "app", "share": 25}]
    assert made("shares", parts=PARTS, whole=80)[0] == {"name": "phone", "share": 37.5}
    assert made("shares", "total", parts=PARTS) == 40


def test_a_share_of_nothing_is_unknown() -> None:
    assert made("shares", parts=[{"name": "phone", "amount": 0}]) == [{"name": "phone", "share": None}]
