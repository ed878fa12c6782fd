"""Worked examples of population: a census or a yearly return is one row of a register."""

from jobs.oracles import Bench, Inputs, answers

AGES = {
    "age0_14": "age_0_14",
    "age15_59": "age_15_59",
    "age60p": "age_60_plus",
    "age65p": "age_65_plus",
    "total": "persons",
}
SHARES = {"p0_14": "share_0_14", "p15_59": "share_15_59", "p60p": "share_60_plus", "p65p": "share_65_plus"}


def _structure(inputs: Inputs) -> dict[str, list[dict[str, object]]]:
    return {"silver.population_structure": [{AGES[name]: value for name, value in inputs.items() if name in AGES}]}


@answers("population.age_shares", *(f"population.{name}" for name in SHARES.values()))
def age_shares(inputs: Inputs, bench: Bench) -> object:
    """Age groups of a census."""
    rows = _structure(inputs)
    return {short: bench.indicator(f"population.{name}", rows) for short, name in SHARES.items()}


@answers(
    "population.dependency_ratio",
    "population.dependency_ratio",
    "population.child_dependency_ratio",
    "population.old_age_dependency_ratio",
)
def dependency(inputs: Inputs, bench: Bench) -> object:
    """The young and the old per hundred between."""
    rows = _structure(inputs)
    return {
        "total": bench.indicator("population.dependency_ratio", rows),
        "child": bench.indicator("population.child_dependency_ratio", rows),
        "old": bench.indicator("population.old_age_dependency_ratio", rows),
    }


@answers("population.urbanisation_rate", "population.urbanisation_rate")
def urbanisation(inputs: Inputs, bench: Bench) -> object:
    """Urban among urban and rural residents."""
    row = {"urban": inputs["urban"], "rural": inputs["rural"]}
    return bench.indicator("population.urbanisation_rate", {"silver.population_structure": [row]})


@answers("population.change", "population.change_rate")
def change(inputs: Inputs, bench: Bench) -> object:
    """Growth over what there was before."""
    row = {"persons": inputs["now"], "increase": inputs["increase"]}
    return bench.indicator("population.change_rate", {"silver.population_changes": [row]})


@answers("population.net_migration_rate", "population.net_migration_rate")
def net_migration(inputs: Inputs, bench: Bench) -> object:
    """Moved in less moved out."""
    row = {"moved_in": inputs["in"], "moved_out": inputs["out"], "mid_year_persons": inputs["mid_year_population"]}
    return bench.indicator("population.net_migration_rate", {"silver.population_changes": [row]})


@answers("population.floating_identity", "population.floating_persons", "population.separated_persons")
def floating(inputs: Inputs, bench: Bench) -> object:
    """流动人口 and 人户分离人口."""
    row = {
        "from_other_provinces": inputs["inter_province"], "from_this_province": inputs["intra_province"],
        "within_city_districts": inputs["within_city_districts"],
    }  # fmt: skip
    rows = {"silver.population_separated": [row]}
    return {
        "floating": bench.indicator("population.floating_persons", rows),
        "separated": bench.indicator("population.separated_persons", rows),
    }


@answers("population.day_night_ratio", "population.day_night_ratio")
def day_night_ratio(inputs: Inputs, bench: Bench) -> object:
    """Who is there by day came in; who sleeps there went out."""
    row = {"night_persons": inputs["night"], "commute_in": inputs["day"], "commute_out": inputs["night"]}
    return bench.indicator("population.day_night_ratio", {"silver.commuting": [row]})


@answers("population.day_population", "population.day_population", "population.day_night_ratio")
def day_population(inputs: Inputs, bench: Bench) -> object:
    """Residents and commuters."""
    row = {
        "night_persons": inputs["resident"], "commute_in": inputs["commute_in"], "commute_out": inputs["commute_out"],
    }  # fmt: skip
    rows = {"silver.commuting": [row]}
    return {
        "day": bench.indicator("population.day_population", rows),
        "ratio": bench.indicator("population.day_night_ratio", rows),
    }


@answers("population.density", "population.density")
def density(inputs: Inputs, bench: Bench) -> object:
    """Persons over land area."""
    tables = {
        "silver.population": [{"persons": inputs["pop"]}],
        "silver.land_areas": [{"area_kind": "inhabited", "land_km2": inputs["km2"]}],
    }
    return bench.indicator("population.density", tables)
