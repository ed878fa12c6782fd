"""Worked examples of facilities, the hotline, greenery, sanitation and housing."""

from jobs.oracles import Bench, Inputs, answers, product

PARTIAL = {"ceil": "full_step", "floor": "completed_step", "none": "completed_step", "linear": "proportional"}
"""What rounding is called elsewhere; a rule of the method's own is taken as it is."""


@answers("facility.case_closure", "facilities.case_closure_rate", "facilities.case_on_time_closure_rate")
def case_closure(inputs: Inputs, bench: Bench) -> object:
    """Cases closed, and closed in time, of those due."""
    row = {"due": inputs["due"], "closed": inputs["closed"]}
    made = {"closure": bench.indicator("facilities.case_closure_rate", {"silver.case_returns": [row]})}
    if "closed_on_time" in inputs:
        rows = {"silver.case_returns": [row | {"closed_on_time": inputs["closed_on_time"]}]}
        made["on_time"] = bench.indicator("facilities.case_on_time_closure_rate", rows)
    return made


@answers("facility.rework_rate", "facilities.case_rework_rate")
def rework(inputs: Inputs, bench: Bench) -> object:
    """Cases done again among those closed."""
    row = {"reworked": inputs["reworked"], "closed": inputs["closed"]}
    return bench.indicator("facilities.case_rework_rate", {"silver.case_returns": [row]})


def _shares(bench: Bench, parts: dict[str, object], whole: dict[str, object]) -> dict[str, object]:
    rows: dict[str, object] = {"parts": [{"name": name, "amount": amount} for name, amount in parts.items()]}
    found = bench.method("shares", rows | whole, output="shares")
    return {one["name"]: one["share"] for one in found} if isinstance(found, list) else {}


@answers("facility.source_share", "shares")
def source_shares(inputs: Inputs, bench: Bench) -> object:
    """Each source's share of all cases, and their number."""
    sources = inputs.numbers()
    rows = {"parts": [{"name": name, "amount": amount} for name, amount in sources.items()]}
    return _shares(bench, sources, {}) | {"total": bench.method("shares", rows, output="total")}


@answers("hotline.channel_share", "shares")
def channel_shares(inputs: Inputs, bench: Bench) -> object:
    """Each channel's share of the total that is given, which may be more than the channels listed."""
    channels = {name: amount for name, amount in inputs.numbers().items() if name != "total"}
    return _shares(bench, channels, {"whole": inputs["total"]})


@answers("hotline.reconciliation", "livelihood.hotline_handled_by_mode", "livelihood.hotline_handled_by_origin")
def reconciliation(inputs: Inputs, bench: Bench) -> object:
    """The same total two ways."""
    columns = {
        "answered_directly": "direct", "transferred": "transferred", "newly_received": "new",
        "carried_over": "carried_over",
    }  # fmt: skip
    rows = {"silver.hotline_returns": [{column: inputs[name] for column, name in columns.items()}]}
    return {
        "by_mode": bench.indicator("livelihood.hotline_handled_by_mode", rows),
        "by_origin": bench.indicator("livelihood.hotline_handled_by_origin", rows),
    }


@answers("greening.green_cover_rate", "greenery.green_cover_rate")
def green_cover(inputs: Inputs, bench: Bench) -> object:
    """Green cover of the built-up area."""
    row = {"green_cover_ha": inputs["green_cover_ha"], "built_up_km2": inputs["built_up_km2"]}
    return bench.indicator("greenery.green_cover_rate", {"silver.greenery_returns": [row]})


@answers("greening.park_area_per_capita", "greenery.park_area_per_capita")
def park_area(inputs: Inputs, bench: Bench) -> object:
    """Park land per resident, registered and temporary."""
    row = {"park_ha": inputs["park_ha"], "urban_persons": product(inputs.maybe("population_10k"), 10000)}
    return bench.indicator("greenery.park_area_per_capita", {"silver.greenery_returns": [row]})


@answers("sanitation.harmless_treatment_rate", "sanitation.harmless_treatment_rate")
def harmless_treatment(inputs: Inputs, bench: Bench) -> object:
    """Waste treated of waste collected."""
    row = {"treated_t": inputs["treated"], "collected_t": inputs["collected"]}
    return bench.indicator("sanitation.harmless_treatment_rate", {"silver.waste_returns": [row]})


@answers("sanitation.sweep_cover_score", "step_score")
@answers("sanitation.waste_sorting_score", "step_score")
def step_scores(inputs: Inputs, bench: Bench) -> object:
    """Scores of coverage by steps below a target."""
    rule: dict[str, object] = {name: inputs[name] for name in ("target", "step", "deduct")}
    if "partial" in inputs:
        named = inputs.text("partial")
        rule["partial"] = PARTIAL.get(named, named)
    return bench.each("step_score", [{"value": one} for one in inputs.listed("coverage_pct")], rule)


@answers("housing.area_per_capita", "housing.floor_area_per_person")
def floor_area(inputs: Inputs, bench: Bench) -> object:
    """Floor area over persons."""
    row = {"floor_area_m2": inputs["floor_m2"], "persons": inputs["persons"]}
    return bench.indicator("housing.floor_area_per_person", {"silver.housing_returns": [row]})
