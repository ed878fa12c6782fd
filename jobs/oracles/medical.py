"""Worked examples of medical care."""

import re
from datetime import date, timedelta

from jobs.core.errors import Problem
from jobs.oracles import Bench, Inputs, Number, answers, product

WINDOW = re.compile(r"t-(\d+)\.\.t-(\d+)")
FIRST_WEEK = re.compile(r"counts_from_(\d{4})_(\d{2})_(\d{2})")
YEAR = 365
MOST = 2_000_000_000
"""The most beds one row of daily returns can hold; a nation's bed-days are more hospitals."""


@answers("medical.bed_occupancy", "medical.bed_occupancy")
def bed_occupancy(inputs: Inputs, bench: Bench) -> object:
    """From bed-days, from a census of beds over days, or from one day's beds."""
    if "open_bed_days" in inputs:
        occupied, available = inputs.maybe("occupied_bed_days"), inputs.maybe("open_bed_days")
    elif "days" in inputs:
        occupied, available = inputs.maybe("inpatient_days"), product(inputs.maybe("beds"), inputs.maybe("days"))
    else:
        occupied, available = inputs.maybe("occupied"), inputs.maybe("beds")
    rows = [{"occupied_beds": one} for one in _split(occupied)] + [{"open_beds": one} for one in _split(available)]
    return bench.indicator("medical.bed_occupancy", {"silver.hospital_beds": rows})


def _split(total: Number | None) -> list[Number]:
    """A total as rows that each fit the table's column; none where it is unknown."""
    if total is None:
        return []
    return [min(MOST, total - at) for at in range(0, max(int(total), 1), MOST)]


@answers("medical.avg_open_beds", "medical.average_open_beds")
def average_open_beds(inputs: Inputs, bench: Bench) -> object:
    """Open bed-days over calendar days."""
    row = {"open_bed_days": inputs["open_bed_days"], "calendar_days": inputs["days"]}
    return bench.indicator("medical.average_open_beds", {"silver.hospital_returns": [row]})


def _year_of(beds: Number | None) -> dict[str, object]:
    """A year of hospital returns with that many beds open in the mean."""
    return {"open_bed_days": product(beds, YEAR), "calendar_days": YEAR}


@answers("medical.bed_turnover", "medical.bed_turnover")
def bed_turnover(inputs: Inputs, bench: Bench) -> object:
    """Discharges per bed."""
    row = _year_of(inputs.maybe("avg_open_beds")) | {"discharges": inputs["discharges"]}
    return bench.indicator("medical.bed_turnover", {"silver.hospital_returns": [row]})


@answers("medical.bed_working_days", "medical.bed_working_days")
def bed_working_days(inputs: Inputs, bench: Bench) -> object:
    """Occupied bed-days per bed."""
    row = _year_of(inputs.maybe("avg_open_beds")) | {"occupied_bed_days": inputs["occupied_bed_days"]}
    return bench.indicator("medical.bed_working_days", {"silver.hospital_returns": [row]})


@answers("medical.avg_length_of_stay", "medical.average_length_of_stay")
def length_of_stay(inputs: Inputs, bench: Bench) -> object:
    """Bed-days of those discharged, per discharge."""
    row = {"discharged_bed_days": inputs["discharged_bed_days"], "discharges": inputs["discharges"]}
    return bench.indicator("medical.average_length_of_stay", {"silver.hospital_returns": [row]})


@answers("medical.beds_per_1000", "medical.beds_per_1000")
def beds_per_1000(inputs: Inputs, bench: Bench) -> object:
    """Beds over people at the year's end."""
    tables = {
        "silver.medical_resources": [{"beds": inputs["beds"]}],
        "silver.population": [{"persons": inputs["year_end_pop"]}],
    }
    return bench.indicator("medical.beds_per_1000", tables)


@answers("medical.incidence_per_100k", "medical.cases_per_100k")
def incidence(inputs: Inputs, bench: Bench) -> object:
    """Cases over the population they are counted in."""
    row = {"cases": inputs["cases"], "population": inputs["population"]}
    return bench.indicator("medical.cases_per_100k", {"silver.case_counts": [row]})


@answers("medical.days_of_supply", "days_of_supply")
def days_of_supply(inputs: Inputs, bench: Bench) -> object:
    """Stock at the burn rate of a window."""
    given = {"on_hand": inputs["on_hand"], "used": inputs["used_units"], "over_days": inputs["over_days"]}
    return {output: bench.method("days_of_supply", given, output=output) for output in ("days", "burn_rate")}


@answers("medical.surge_capacity", "surge_capacity")
def surge(inputs: Inputs, bench: Bench) -> object:
    """Beds that could be freed or added."""
    given = {
        "staffed": inputs["staffed_beds"], "occupied": inputs["occupied"], "dischargeable": inputs["dischargeable"],
        "surge": inputs["surge_beds"],
    }  # fmt: skip
    asked = {"surge_ratio": "ratio", "available_now": "available_now", "surge_available": "available"}
    return {name: bench.method("surge_capacity", given, output=output) for name, output in asked.items()}


@answers("medical.ems_p90", "percentile", "share_within")
def response_times(inputs: Inputs, bench: Bench) -> object:
    """The 90th percentile of both types, and the share within the standard."""
    values = {"values": inputs.listed("response_s")}
    rule = {"p": inputs.get("p", "0.9")}
    standard = inputs.get("standard_s", 480)
    made = {output: bench.method("percentile", values, rule, output=output) for output in ("nearest_rank", "linear")}
    return made | {f"share_within_{standard}": bench.method("share_within", values, {"high": standard})}


@answers("medical.ems_p90_rank", "nearest_rank")
def response_rank(inputs: Inputs, bench: Bench) -> object:
    """Which call of n it is, and the shares up to it and up to the one before."""
    given, rule = {"n": inputs["n"]}, {"p": inputs["p"]}
    rank, to_rank, before = (
        bench.method("nearest_rank", given, rule, output=output) for output in ("rank", "share_to_rank", "share_before")
    )
    if not isinstance(rank, int):
        return {"rank": None}
    return {"rank": rank, f"share_rank{rank}": to_rank, f"share_rank{rank - 1}": before}


@answers("medical.ems_within_standard", "share_within")
def within_standard(inputs: Inputs, bench: Bench) -> object:
    """The share within the standard, and whether it meets the target."""
    rule = {"high": inputs["standard_s"], "target": inputs["target"]}
    values = {"values": inputs.listed("response_s")}
    return {output: bench.method("share_within", values, rule, output=output) for output in ("share", "meets")}


@answers("medical.moving_average7", "moving_average")
def moving_average(inputs: Inputs, bench: Bench) -> object:
    """The trailing mean of every day."""
    daily = inputs.listed("daily")
    rule = {"required": inputs["min_valid_days"]} | ({"window": inputs["window"]} if "window" in inputs else {})
    return bench.each("moving_average", [{"series": daily[: day + 1]} for day in range(len(daily))], rule)


@answers("medical.ears_c1", "ears")
def ears_upper(inputs: Inputs, bench: Bench) -> object:
    """Upper bounds of the days asked for, counted from 0."""
    counts, _ = _counts(inputs)
    rule = {"baseline": inputs["baseline"], "alpha": inputs["alpha"]}
    series = [{"series": _up_to(inputs, counts, day)} for day in inputs.listed("evaluate")]
    return {"upper": bench.each("ears", series, rule, output="upper_c1")}


@answers("medical.ears_c1_c2_c3", "ears")
def ears(inputs: Inputs, bench: Bench) -> object:
    """All three statistics of the weeks asked for."""
    counts, first = _counts(inputs)
    rule: dict[str, object] = {"alpha": inputs.get("alpha", "0.001"), "ddof": inputs.get("ddof", 1)}
    windows = {name: rule | _window(inputs, name) for name in ("c1", "c2")}
    named = f"u1_alpha{str(rule['alpha']).partition('.')[2]}"
    made: dict[str, object] = {}
    for week in map(str, inputs.listed("weeks")):
        at = (_date(inputs, week) - first) // timedelta(weeks=1)
        series = {"series": _up_to(inputs, counts, at)}
        asked = {"c1": ("c1", "c1"), "c2": ("c2", "c2"), "c3": ("c3", "c2"), named: ("upper_c1", "c1")}
        made[week] = {"y": counts[at]} | {
            name: bench.method("ears", series, windows[window], output=output)
            for name, (output, window) in asked.items()
        }
    return made


def _window(inputs: Inputs, name: str) -> dict[str, object]:
    """The baseline a window such as t-9..t-3 means; EARS's own where none is given."""
    text = inputs.get(f"{name}_window")
    if text is None:
        return {"baseline": inputs["baseline"]}
    hit = WINDOW.fullmatch(str(text))
    if hit is None:
        raise Problem(f"{inputs.where}.{name}_window: expected t-9..t-3, found {text!r}")
    first, last = int(hit[1]), int(hit[2])
    return {"baseline": first - last + 1, f"gap_{name}": last}


def _counts(inputs: Inputs) -> tuple[list[object], date]:
    """The weekly counts, and the first week, which their name says."""
    for name in inputs:
        if hit := FIRST_WEEK.fullmatch(name):
            return inputs.listed(name), _date(inputs, "-".join(hit.groups()))
    raise Problem(f"{inputs.where} needs counts_from_YYYY_MM_DD; it has: {', '.join(inputs)}")


def _date(inputs: Inputs, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(f"{inputs.where}: {text!r} is not a date") from None


def _up_to(inputs: Inputs, counts: list[object], day: object) -> list[object]:
    if not isinstance(day, int) or not 0 <= day < len(counts):
        raise Problem(f"{inputs.where}: there is no day {day} among {len(counts)}, counted from 0")
    return counts[: day + 1]
