"""Worked examples of transport."""

import re
from decimal import Decimal

from jobs.core.errors import Problem
from jobs.oracles import Bench, Inputs, answers

CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d))?")


def _minutes(text: object) -> Decimal:
    """08:40 or 8:40:30 in minutes since midnight."""
    hit = CLOCK.fullmatch(str(text))
    if hit is None:
        raise Problem(f"time {text!r}: expected HH:MM, as 08:40")
    return Decimal(int(hit[1]) * 60 + int(hit[2])) + Decimal(int(hit[3] or 0)) / 60


@answers("transport.bike_availability_time_weighted", "bike_availability")
def bike_availability(inputs: Inputs, bench: Bench) -> object:
    """Snapshots of one station among others, up to an end."""
    station = inputs["station"]
    rows = [
        {"at": _minutes(row["time"]), "bikes": row["bikes"], "docks": row["docks"]}
        for row in inputs.tuples("snapshots_time_bikes_docks", "station", "time", "bikes", "docks")
        if row["station"] == station
    ]
    given = {"snapshots": rows, "end": _minutes(inputs["end"])}
    return {output: bench.method("bike_availability", given, output=output) for output in ("has_bike", "has_dock")}


@answers("transport.bike_dock_availability", "transport.bike_dock_availability")
def dock_availability(inputs: Inputs, bench: Bench) -> object:
    """Minutes with a free dock among minutes observed."""
    row = {"dock_min": inputs["minutes_with_dock"], "observed_min": inputs["minutes_observed"]}
    return bench.indicator("transport.bike_dock_availability", {"silver.bike_station_hours": [row]})


@answers("transport.buffer_and_planning_time", "travel_time_reliability")
def reliability(inputs: Inputs, bench: Bench) -> object:
    """Travel times of a corridor against its free-flow time."""
    given = {"travel_times": inputs.listed("travel_times_min"), "free_flow": inputs["free_flow_min"]}
    asked = {
        "buffer_index": "buffer_index",
        "planning_time_index": "planning_time_index",
        "mean": "mean",
        "p95": "percentile",
    }
    return {name: bench.method("travel_time_reliability", given, output=output) for name, output in asked.items()}


@answers("transport.buffer_index", "planned_minutes")
def buffer_minutes(inputs: Inputs, bench: Bench) -> object:
    """Minutes to allow beyond the mean."""
    return bench.method("planned_minutes", {"minutes": inputs["avg_min"], "index": inputs["buffer_index"]})


@answers("transport.travel_time_index", "planned_minutes")
def travel_minutes(inputs: Inputs, bench: Bench) -> object:
    """Minutes a trip takes at the index."""
    return bench.method("planned_minutes", {"minutes": inputs["free_flow_min"], "index": inputs["tti"]})


@answers("transport.network_tti", "network_tti")
def network_tti(inputs: Inputs, bench: Bench) -> object:
    """Segments with flow and times."""
    rows = [
        {"flow": one["flow"], "time": one["tt"], "free_flow_time": one["tt_free"]} for one in inputs.objects("segments")
    ]
    return bench.method("network_tti", {"segments": rows})


@answers("transport.lottr_reliable_share", "lottr")
def lottr(inputs: Inputs, bench: Bench) -> object:
    """Segments with their ratios of four periods."""
    rows = [
        {"length": one["miles"], "aadt": one["aadt"], "occupancy": one["occ"], "ratios": one["lottr"]}
        for one in inputs.objects("segments")
    ]
    return bench.method("lottr", {"segments": rows})


@answers("transport.segment_level", "segment_level")
def segment_levels(inputs: Inputs, bench: Bench) -> object:
    """Levels of segments by class and speed."""
    return bench.each("segment_level", inputs.tuples("segments_class_speed_kmh", "road_class", "speed_kmh"))


@answers("transport.congested_length_ratio", "congested_length_ratio")
def congested_length(inputs: Inputs, bench: Bench) -> object:
    """Segments with class, length and speed."""
    rows = inputs.tuples("segments_class_km_kmh", "road_class", "length", "speed_kmh")
    return bench.method("congested_length_ratio", {"segments": rows})


@answers("transport.tpi.level", "tpi_level")
def tpi_levels(inputs: Inputs, bench: Bench) -> object:
    """Levels of indices."""
    return bench.each("tpi_level", [{"tpi": one} for one in inputs.listed("tpi")])


@answers("transport.tpi.travel_time_form", "tpi")
def tpi_of_travel_time(inputs: Inputs, bench: Bench) -> object:
    """Indices by extra time over free-flow time."""
    ratios = [{"ratio": one} for one in inputs.listed("extra_time_ratio")]
    return bench.each("tpi", ratios, {"variant": "travel_time"})


@answers("transport.expected_wait", "headways")
def expected_wait(inputs: Inputs, bench: Bench) -> object:
    """From observed headways."""
    return bench.method("headways", {"headways": inputs.listed("headways_min")}, output="expected_wait")


@answers("transport.headway_cov", "headways")
def headway_cov(inputs: Inputs, bench: Bench) -> object:
    """Variation, and the wait it implies."""
    given, rule = {"headways": inputs.listed("headways_min")}, {"ddof": inputs["ddof"]} if "ddof" in inputs else {}
    return {output: bench.method("headways", given, rule, output=output) for output in ("cov", "wait_identity")}


@answers("transport.excess_wait_time", "excess_wait")
def excess_wait(inputs: Inputs, bench: Bench) -> object:
    """Scheduled against actual headways."""
    given = {"scheduled": inputs.listed("scheduled_headways"), "actual": inputs.listed("actual_headways")}
    return {output: bench.method("excess_wait", given, output=output) for output in ("ewt", "swt", "awt")}


@answers("transport.on_time_share", "share_within")
def on_time(inputs: Inputs, bench: Bench) -> object:
    """Deviations within a window, both ends included."""
    window = inputs.listed("window")
    if len(window) != 2:
        raise Problem(f"{inputs.where}.window: expected [from, to], found {window}")
    limits = {"low": window[0], "high": window[1]}
    return bench.method("share_within", {"values": inputs.listed("deviation_min")}, limits, output="share")


@answers("transport.gtfs.frequency_trips", "gtfs_frequency_trips")
def frequency_trips(inputs: Inputs, bench: Bench) -> object:
    """Rows of frequencies.txt."""
    rows = inputs.tuples("frequencies", "trip_id", "start_time", "end_time", "headway_secs")
    given = {"frequencies": rows}
    return {output: bench.method("gtfs_frequency_trips", given, output=output) for output in ("total", "per_row")}


@answers("transport.stop_coverage_population", "stop_coverage_population")
def people_near_stops(inputs: Inputs, bench: Bench) -> object:
    """Blocks with their people and distances."""
    rows = [
        {"people": one["pop"], "low_capacity_m": one["dist_low_m"], "high_capacity_m": one["dist_high_m"]}
        for one in inputs.objects("blocks")
    ]
    return bench.method("stop_coverage_population", {"blocks": rows})


@answers("transport.stop_coverage_area", "stop_coverage_area")
def area_near_stops(inputs: Inputs, bench: Bench) -> object:
    """Circles around stops."""
    given = {"stops": inputs.tuples("stop_xy_m", "x_m", "y_m"), "built_up_km2": inputs["built_up_km2"]}
    radius = {"radius_m": inputs.number("radius_m")}
    return {o: bench.method("stop_coverage_area", given, radius, output=o) for o in ("ratio", "covered_km2")}


@answers("transport.bus_network_ratio", "transport.bus_network_ratio")
def bus_network(inputs: Inputs, bench: Bench) -> object:
    """Road kilometres with a bus."""
    row = {"road_km": inputs["km_roads"], "road_with_bus_km": inputs["km_with_bus"]}
    return bench.indicator("transport.bus_network_ratio", {"silver.road_networks": [row]})


@answers("transport.pt_motorised_share", "transport.public_transport_share")
def public_transport(inputs: Inputs, bench: Bench) -> object:
    """Trips of a survey by mode."""
    rows = [{"mode": mode, "trips": trips} for mode, trips in inputs.numbers().items()]
    return bench.indicator("transport.public_transport_share", {"silver.travel_surveys": rows})


@answers("transport.taxi_occupied_km_ratio", "transport.taxi_occupied_km_share", "transport.taxi_empty_km_share")
def taxi_kilometres(inputs: Inputs, bench: Bench) -> object:
    """Kilometres with a passenger, and without."""
    rows = {"silver.taxi_operations": [{"occupied_km": inputs["occupied_km"], "total_km": inputs["total_km"]}]}
    return {
        "utilisation": bench.indicator("transport.taxi_occupied_km_share", rows),
        "empty": bench.indicator("transport.taxi_empty_km_share", rows),
    }
