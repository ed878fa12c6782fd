"""Distinct members over parts."""

from tests.methods.made import made


def test_a_member_of_two_parts_counts_once_in_all_and_twice_in_the_sum() -> None:
    rows: list[dict[str, str | None]] = [
        {"part": "a", "member": "p1"},
        {"part": "a", "member": "p2"},
        {"part": "b", "member": "p2"},
    ]
    rows += [{"part": "b", "member": "p2"}, {"part": "b", "member": None}]
    assert made("distinct_count", "distinct", rows=rows) == 2
    assert made("distinct_count", "sum_of_parts", rows=rows) == 3
    assert made("distinct_count", rows=[]) == 0
