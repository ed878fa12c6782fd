"""Travel time index of a network."""

from tests.methods.made import made

ROWS = [{"flow": 1000, "time": 3, "free_flow_time": 2}, {"flow": 100, "time": 10, "free_flow_time": 4}]


def test_segments_weigh_by_their_flow() -> None:
    assert made("network_tti", segments=ROWS) == 4000 / 2400


def test_a_segment_not_wholly_known_is_left_out_and_no_flow_is_unknown() -> None:
    assert made("network_tti", segments=[ROWS[0], {"flow": 9, "time": None, "free_flow_time": 1}]) == 1.5
    assert made("network_tti", segments=[]) is None
    assert made("network_tti", segments=[{"flow": 0, "time": 3, "free_flow_time": 2}]) is None
