"""Reliability of travel times."""

import pytest

from tests.methods.made import made

TIMES = list(range(20, 40))


def test_the_95th_percentile_against_the_mean_and_against_free_flow() -> None:
    said = [
        made("travel_time_reliability", o, travel_times=TIMES, free_flow=20)
        for o in ("mean", "percentile", "planning_time_index")
    ]
    assert said == pytest.approx([29.5, 38.05, 1.9025])
    assert made("travel_time_reliability", "buffer_index", travel_times=TIMES) == pytest.approx(0.289831, abs=1e-6)
    assert made("travel_time_reliability", "travel_time_index", travel_times=TIMES, free_flow=20) == 1.475


def test_the_percentile_is_a_parameter() -> None:
    assert made("travel_time_reliability", "percentile", set_={"p": 0.5}, travel_times=TIMES) == 29.5


def test_without_times_or_without_free_flow_it_is_unknown() -> None:
    assert made("travel_time_reliability", "buffer_index", travel_times=[]) is None
    assert made("travel_time_reliability", "planning_time_index", travel_times=TIMES) is None
    assert made("travel_time_reliability", "planning_time_index", travel_times=TIMES, free_flow=0) is None
