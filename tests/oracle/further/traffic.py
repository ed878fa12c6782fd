"""Travel times, speeds and congestion."""

import math
import statistics
from collections.abc import Iterator
from fractions import Fraction

from tests.oracle.cases import EXACT, FLOAT, Case


def moving() -> Iterator[Case]:
    """Travel times, speeds and congestion."""
    times = [31, 25.5, 40, 28, 27, 33, 90]
    ordered = sorted(times)
    p95 = ordered[5] + (6 * 0.95 - 5) * (ordered[6] - ordered[5])
    mean = statistics.fmean(times)
    yield (
        "transport.buffer_and_planning_time",
        {"travel_times_min": times, "free_flow_min": 24},
        {"mean": mean, "p95": p95, "buffer_index": (p95 - mean) / mean, "planning_time_index": p95 / 24},
        FLOAT,
    )
    yield (
        "transport.buffer_and_planning_time",
        {"travel_times_min": [], "free_flow_min": 24},
        {"mean": None, "p95": None},
        EXACT,
    )
    yield "transport.buffer_index", {"avg_min": 36, "buffer_index": 0.55}, 19.8, FLOAT
    yield "transport.travel_time_index", {"free_flow_min": 17.5, "tti": 1.24}, 21.7, FLOAT


def networks_of_segments() -> Iterator[Case]:
    """Segments with flow and length."""
    flows = [
        {"flow": 800, "tt": 4.5, "tt_free": 3},
        {"flow": 0, "tt": 9, "tt_free": 1},
        {"flow": 120, "tt": 2, "tt_free": 1.5},
    ]
    yield "transport.network_tti", {"segments": flows}, (Fraction(3600) + 240) / (2400 + 180), FLOAT
    yield "transport.network_tti", {"segments": [{"flow": 0, "tt": 9, "tt_free": 1}]}, None, EXACT
    segments = [
        {"miles": 1.25, "aadt": 31000, "occ": 1.7, "lottr": [1.49, 1.4999, 1, 1.2]},
        {"miles": 4.1, "aadt": 9000, "occ": 1.7, "lottr": [1.1, 1.1, 1.51, 1.1]},
    ]
    kept, all_ = Fraction("1.25") * 31000, Fraction("1.25") * 31000 + Fraction("4.1") * 9000
    yield (
        "transport.lottr_reliable_share",
        {"segments": segments},
        Fraction(math.floor(kept / all_ * 1000 + Fraction(1, 2)), 10),
        FLOAT,
    )
    yield "transport.lottr_reliable_share", {"segments": []}, None, EXACT


def speeds() -> Iterator[Case]:
    """Levels of speed and congestion."""
    speeds = [
        ["快速路", 50.01],
        ["快速路", 35],
        ["主干路", 40],
        ["主干路", 40.5],
        ["次干路支路", 10.1],
        ["支路", 35.1],
        ["快速路", None],
    ]
    yield (
        "transport.segment_level",
        {"segments_class_speed_kmh": speeds},
        ["基本畅通", "中度拥堵", "基本畅通", "畅通", "中度拥堵", "畅通", None],
        EXACT,
    )
    lengths = [["快速路", 2.5, 20], ["主干路", 4, 15.1], ["次干路支路", 1.5, 10], ["主干路", 3, None]]
    yield "transport.congested_length_ratio", {"segments_class_km_kmh": lengths}, 0.5, FLOAT
    yield "transport.congested_length_ratio", {"segments_class_km_kmh": [["快速路", 2, 80]]}, 0, EXACT
    yield "transport.congested_length_ratio", {"segments_class_km_kmh": []}, None, EXACT
    yield (
        "transport.tpi.level",
        {"tpi": [3.99, 5.99, 6, 7.999, 9, None]},
        ["基本畅通", "轻度拥堵", "中度拥堵", "中度拥堵", "严重拥堵", None],
        EXACT,
    )
    yield "transport.tpi.travel_time_form", {"extra_time_ratio": [0, 0.1, 0.62, 0.95, 9]}, [0, 1, 4.8, 7, 10], FLOAT


def waiting() -> Iterator[Case]:
    """Headways and punctuality."""
    yield "transport.expected_wait", {"headways_min": [4, 6, 20]}, Fraction(16 + 36 + 400, 60), FLOAT
    yield "transport.expected_wait", {"headways_min": []}, None, EXACT
    yield (
        "transport.excess_wait_time",
        {"scheduled_headways": [6, 6], "actual_headways": [3, 9]},
        {"swt": 3, "awt": 3.75, "ewt": 0.75},
        FLOAT,
    )
    headways = [4, 6, 20, 7.5]
    for ddof, sd in ((0, statistics.pstdev(headways)), (1, statistics.stdev(headways))):
        cov, mid = sd / statistics.fmean(headways), statistics.fmean(headways)
        yield (
            "transport.headway_cov",
            {"headways_min": headways, "ddof": ddof},
            {"cov": cov, "wait_identity": mid / 2 * (1 + cov**2)},
            FLOAT,
        )
    yield "transport.on_time_share", {"deviation_min": [-2, -2.01, 4, None, 3.99, 4.01], "window": [-2, 4]}, 0.6, FLOAT
