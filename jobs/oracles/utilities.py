"""Worked examples of water, power and gas."""

from decimal import Decimal

from jobs.oracles import Bench, Inputs, answers, product


@answers("power.ieee1366", "power.saifi", "power.saidi", "power.caidi")
def interruptions(inputs: Inputs, bench: Bench) -> object:
    """From outages one by one, or from their sums."""
    outages: list[dict[str, object]]
    if "outages_customers_hours" in inputs:
        rows = inputs.tuples("outages_customers_hours", "customers", "hours")
        cases = [Inputs(row, inputs.where) for row in rows]
        outages = [
            {"customers": one["customers"], "customer_min": product(one.maybe("customers"), one.maybe("hours"), 60)}
            for one in cases
        ]
    else:
        minutes = product(inputs.maybe("customer_hours"), 60)
        outages = [{"customers": inputs["customer_interruptions"], "customer_min": minutes}]
    tables = {
        "silver.power_outages": outages,
        "silver.power_customers": [{"customers": inputs["customers_served"]}],
    }
    return {name.upper(): bench.indicator(f"power.{name}", tables) for name in ("saifi", "saidi", "caidi")}


@answers("power.asai", "supply_reliability")
def asai(inputs: Inputs, bench: Bench) -> object:
    """Availability from SAIDI."""
    given = {"outage_hours": inputs["saidi_h"], "period_hours": inputs["period_h"]}
    return bench.method("supply_reliability", given, output="asai")


@answers("power.rs1", "supply_reliability")
def rs1(inputs: Inputs, bench: Bench) -> object:
    """供电可靠率."""
    given = {"outage_hours": inputs["avg_outage_h"], "period_hours": inputs["period_h"]}
    return bench.method("supply_reliability", given, output="rs1")


@answers("power.cemi_n", "power.repeatedly_interrupted_share")
def repeatedly_interrupted(inputs: Inputs, bench: Bench) -> object:
    """Customers with n interruptions or more."""
    tables = {
        "silver.power_interrupted": [{"interruptions": 3, "customers": inputs["customers_ge_n"]}],
        "silver.power_customers": [{"customers": inputs["customers_served"]}],
    }
    return bench.indicator("power.repeatedly_interrupted_share", tables)


@answers("power.major_event_threshold", "major_event_threshold")
def major_events(inputs: Inputs, bench: Bench) -> object:
    """Daily SAIDI by the 2.5 beta method."""
    days = {"daily_saidi": inputs.listed("daily_saidi_min")}
    rule = {"ddof": inputs["ddof"]} if "ddof" in inputs else {}
    asked = {"t_med": "threshold", "alpha": "alpha", "beta": "beta", "n_used": "days_used"}
    return {name: bench.method("major_event_threshold", days, rule, output=output) for name, output in asked.items()}


@answers("gas.loss_rate", "gas.loss_rate")
def gas_loss(inputs: Inputs, bench: Bench) -> object:
    """供销差率."""
    row = {"purchased_m3": inputs["purchased"], "sold_m3": inputs["sold"]}
    return bench.indicator("gas.loss_rate", {"silver.gas_balances": [row]})


@answers("gas.leaks_per_100km", "gas.leaks_per_100km")
def gas_leaks(inputs: Inputs, bench: Bench) -> object:
    """Leaks over the network's length."""
    row = {"leaks": inputs["leaks"], "network_km": inputs["km"]}
    return bench.indicator("gas.leaks_per_100km", {"silver.gas_networks": [row]})


@answers("utility.access_rate", "water.access_rate", "gas.access_rate")
def access(inputs: Inputs, bench: Bench) -> object:
    """Users among registered and temporary residents."""
    row: dict[str, object] = {
        "registered_persons": inputs["registered"],
        "temporary_persons": inputs["temporary"],
    }
    made = {}
    for name in ("water", "gas"):
        if f"{name}_users" in inputs:
            rows = [row | {f"{name}_users": inputs[f"{name}_users"]}]
            made[name] = bench.indicator(f"{name}.access_rate", {"silver.utility_access": rows})
    return made


@answers("water.leak_rate", "water.leakage_rate", "water.basic_leakage_rate", "leakage_grade")
def leakage(inputs: Inputs, bench: Bench) -> object:
    """综合漏损率, 漏损率 and its grade."""
    row: dict[str, object] = {"supplied_m3": inputs["Qs"], "authorised_m3": inputs["Qa"]}
    made: dict[str, object] = {"R_WL": bench.indicator("water.leakage_rate", {"silver.water_balances": [row]})}
    if "Rn" in inputs:
        correction = product(inputs.maybe("Rn"), inputs.maybe("Qs"), Decimal("0.01"))
        rows = [row | {"correction_m3": correction}]
        basic = bench.indicator("water.basic_leakage_rate", {"silver.water_balances": rows})
        exact = None if basic is None else Decimal(str(basic))
        made |= {"R_BL": basic, "grade": bench.method("leakage_grade", {"basic_rate_pct": exact})}
    return made


@answers("water.leak_rate.rollup", "weighted_mean")
def leakage_rollup(inputs: Inputs, bench: Bench) -> object:
    """Rates of cities weighted by what they supply."""
    rows = [{"value": one["R_BL"], "weight": one["Qs"]} for one in inputs.objects("cities")]
    return bench.method("weighted_mean", {"rows": rows})


@answers("water.ili", "infrastructure_leakage_index")
def leakage_index(inputs: Inputs, bench: Bench) -> object:
    """IWA's index, and what is unavoidable."""
    given = {
        "mains_km": inputs["Lm_km"], "connections": inputs["Nc"], "service_pipes_km": inputs["Lp_km"],
        "pressure_m": inputs["P_m"], "losses_l_day": inputs["CARL_L_day"],
    }  # fmt: skip
    asked = {"ILI": "ili", "UARL_L_day": "unavoidable_l_day"}
    return {name: bench.method("infrastructure_leakage_index", given, output=output) for name, output in asked.items()}


@answers("water.interruption_hours_iso37120", "water.interruption_hours")
def water_interruptions(inputs: Inputs, bench: Bench) -> object:
    """Household-hours without water over households."""
    rows = inputs.tuples("interruptions_hours_households", "hours", "households")
    cases = [Inputs(row, inputs.where) for row in rows]
    lost: list[dict[str, object]] = [
        {"household_hours": product(one.maybe("hours"), one.maybe("households"))} for one in cases
    ]
    served: list[dict[str, object]] = [{"households": inputs["households"]}]
    tables = {"silver.water_interruptions": lost, "silver.water_households": served}
    return bench.indicator("water.interruption_hours", tables)


@answers("water.pressure_compliance", "share_within")
def pressure(inputs: Inputs, bench: Bench) -> object:
    """Readings at or above a limit."""
    readings = {"values": inputs.listed("readings_MPa")}
    return bench.method("share_within", readings, {"low": inputs["min_MPa"]}, output="share")


@answers("water.quality_plain_ratio", "water.quality_compliance")
def water_quality(inputs: Inputs, bench: Bench) -> object:
    """Qualified among tested items."""
    row = {"qualified_items": inputs["qualified"], "tested_items": inputs["tested"]}
    return bench.indicator("water.quality_compliance", {"silver.water_quality_tests": [row]})
