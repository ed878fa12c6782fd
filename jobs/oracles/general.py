"""Worked examples across elements: inequality, roll-ups, data quality, identifiers, anomalies."""

from jobs.core.errors import Problem
from jobs.oracles import Bench, Inputs, answers
from schemas import catalogue

BY_UNIT = {"%": (0, 100), "‰": (0, 1000), "1": (0, 1)}


@answers("equity.gini", "gini")
def gini(inputs: Inputs, bench: Bench) -> object:
    """Over areas."""
    return bench.method("gini", {"values": inputs.listed("x")})


@answers("equity.theil_t", "theil")
def theil(inputs: Inputs, bench: Bench) -> object:
    """Over areas."""
    return bench.method("theil", {"values": inputs.listed("x")})


@answers("equity.hoover", "hoover")
def hoover(inputs: Inputs, bench: Bench) -> object:
    """Over areas."""
    return bench.method("hoover", {"values": inputs.listed("x")})


@answers("equity.lorenz", "lorenz")
def lorenz(inputs: Inputs, bench: Bench) -> object:
    """Over areas."""
    return bench.method("lorenz", {"values": inputs.listed("x")})


@answers("equity.gini_weighted", "gini_weighted")
def gini_weighted(inputs: Inputs, bench: Bench) -> object:
    """Rates of areas, and their people."""
    return bench.method("gini_weighted", {"rows": _side_by_side(inputs, rate="rate", population="population")})


@answers("equity.theil_decomposition", "theil_decomposition")
def theil_decomposition(inputs: Inputs, bench: Bench) -> object:
    """Areas, and the region of each."""
    rows = {"rows": _side_by_side(inputs, value="x", group="group")}
    return {
        output: bench.method("theil_decomposition", rows, output=output) for output in ("total", "between", "within")
    }


def _side_by_side(inputs: Inputs, **fields: str) -> list[dict[str, object]]:
    """Lists of one length as rows."""
    lists = [inputs.listed(name) for name in fields.values()]
    if len({len(one) for one in lists}) > 1:
        raise Problem(f"{inputs.where}: {' and '.join(fields.values())} are of different lengths")
    return [dict(zip(fields, one, strict=True)) for one in zip(*lists, strict=True)]


@answers("equity.atkinson", "atkinson")
def atkinson(inputs: Inputs, bench: Bench) -> object:
    """For each aversion asked."""
    values, asked = {"values": inputs.listed("x")}, inputs["epsilon"]
    if not isinstance(asked, list):
        return bench.method("atkinson", values, {"epsilon": asked})
    return {str(one): bench.method("atkinson", values, {"epsilon": one}) for one in asked}


@answers("equity.coefficient_of_variation", "coefficient_of_variation")
def variation(inputs: Inputs, bench: Bench) -> object:
    """With both divisors."""
    values = {"values": inputs.listed("x")}
    made = {"mean": bench.method("coefficient_of_variation", values, output="mean")}
    for ddof, name in ((0, "pop"), (1, "sample")):
        for output, short in (("deviation", "std"), ("cv", "cv")):
            made[f"{short}_{name}"] = bench.method("coefficient_of_variation", values, {"ddof": ddof}, output=output)
    return made


@answers("equity.urban_rural_ratio", "general.urban_rural_service_ratio")
def urban_rural(inputs: Inputs, bench: Bench) -> object:
    """Service per head in town over that in the country."""
    row = {
        "urban_amount": inputs["urban"], "urban_persons": 1, "rural_amount": inputs["rural"], "rural_persons": 1,
    }  # fmt: skip
    return bench.indicator("general.urban_rural_service_ratio", {"silver.service_spending": [row]})


@answers("rollup.ratio_vs_mean", "ratio_of_sums")
def rollup(inputs: Inputs, bench: Bench) -> object:
    """A ratio over several districts, and the mean of theirs."""
    rows = {"rows": [{"over": one["num"], "under": one["den"]} for one in inputs.objects("districts")]}
    return {output: bench.method("ratio_of_sums", rows, output=output) for output in ("rollup", "mean_of_rates")}


@answers("rollup.distinct", "distinct_count")
def distinct(inputs: Inputs, bench: Bench) -> object:
    """Members of several parts."""
    parts = [part for part, members in inputs.items() if isinstance(members, list)]
    rows = {"rows": [{"part": part, "member": member} for part in parts for member in inputs.listed(part)]}
    return {output: bench.method("distinct_count", rows, output=output) for output in ("distinct", "sum_of_parts")}


@answers("dq.completeness", "completeness")
def completeness(inputs: Inputs, bench: Bench) -> object:
    """Of each column, and of records."""
    columns = [str(name) for name in inputs.listed("columns")]
    records = {"records": [{"values": list(row.values())} for row in inputs.tuples("rows", *columns)]}
    rule = {"empty_is_missing": inputs["empty_string_is_missing"]} if "empty_string_is_missing" in inputs else {}
    by_column = bench.method("completeness", records, rule, output="columns")
    shares = by_column if isinstance(by_column, list) else [None] * len(columns)
    return dict(zip(columns, shares, strict=True)) | {"record": bench.method("completeness", records, rule)}


@answers("dq.ratio_measure", "quality_ratio")
def ratio_measure(inputs: Inputs, bench: Bench) -> object:
    """A/B in per cent."""
    return bench.method("quality_ratio", {"counted": inputs["A"], "checked": inputs["B"]}, output="percent")


@answers("dq.referential_consistency", "quality_ratio")
def consistency(inputs: Inputs, bench: Bench) -> object:
    """1 − violations/checked."""
    counts = {"counted": inputs["violations"], "checked": inputs["checked"]}
    return bench.method("quality_ratio", counts, output="complement")


@answers("dq.range_check", "range_check")
def range_check(inputs: Inputs, bench: Bench) -> object:
    """By the valid range of the indicator of that name, or else of its unit."""
    name, unit = inputs.text("indicator"), inputs.text("unit")
    declared = [one.valid_range for one in catalogue().indicators.values() if one.name.zh == name and one.unit == unit]
    low, high = next((one for one in declared if one), BY_UNIT.get(unit, (None, None)))
    if low is None:
        raise Problem(f"{inputs.where}: no indicator {name!r} in {unit!r}, and no range of that unit")
    limits = {"low": low, "high": high}
    value = {"value": inputs["value"]}
    return {output: bench.method("range_check", value, limits, output=output) for output in ("valid", "rule")}


@answers("identity.citizen_id_check", "identifier")
def citizen_ids(inputs: Inputs, bench: Bench) -> object:
    """GB 11643."""
    return bench.each("identifier", [{"text": one} for one in inputs.listed("ids")], output="citizen_id")


@answers("identity.uscc_check", "identifier")
def organisation_codes(inputs: Inputs, bench: Bench) -> object:
    """GB 32100."""
    return bench.each("identifier", [{"text": one} for one in inputs.listed("codes")], output="uscc")


@answers("anomaly.tabular_cusum", "cusum")
def tabular_cusum(inputs: Inputs, bench: Bench) -> object:
    """Both sums of every day, and whether one ever signalled."""
    rule = {"target": inputs["target"], "slack": inputs["K"], "limit": inputs["H"]}
    rule |= {"head_start": inputs["head_start"]} if "head_start" in inputs else {}
    asked = {"c_plus": "upper_path", "c_minus": "lower_path", "signal": "signal"}
    days = {"series": inputs.listed("x")}
    return {name: bench.method("cusum", days, rule, output=output) for name, output in asked.items()}


@answers("anomaly.cusum_fir", "cusum")
def cusum_with_head_start(inputs: Inputs, bench: Bench) -> object:
    """The upper sum of standardised values, without and with a head start."""
    made: dict[str, object] = {}
    for name, start in (("no_fir", 0), ("fir", inputs["head_start"])):
        rule = {"slack": inputs["k"], "limit": inputs["h"], "head_start": start, "sides": "upper"}
        days = {"series": inputs.listed("z")}
        made[name] = bench.method("cusum", days, rule, output="upper_path")
        made[f"first_signal_{name}"] = bench.method("cusum", days, rule, output="first_signal")
    return made
