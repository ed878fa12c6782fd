"""Floating catchments."""

from collections.abc import Iterator

from tests.oracle.cases import FLOAT, Case

PEOPLE, BEDS = {"a": 120, "b": 80, "c": 33}, {"x": 12, "y": 40}
COST = {("a", "x"): 5.0, ("a", "y"): 31.0, ("b", "x"): 12.0, ("b", "y"): 30.0, ("c", "y"): 8.0, ("c", "x"): 90.0}
COSTS = [[i, j, cost] for (i, j), cost in COST.items()]


def _worked(weight: dict[tuple[str, str], float], reach: float) -> dict[str, float]:
    """Both steps for weights that are given."""
    near = {pair: w for pair, w in weight.items() if COST[pair] <= reach}
    ratio = {}
    for j, beds in BEDS.items():
        called = sum(PEOPLE[i] * w for (i, k), w in near.items() if k == j)
        if called:
            ratio[j] = beds / called
    return {i: sum(ratio[j] * w for (k, j), w in near.items() if k == i and j in ratio) for i in PEOPLE}


def _step(cost: float) -> float:
    return next((w for bound, w in ((10, 1), (20, 0.5), (31, 0.1)) if cost <= bound), 0)


def access() -> Iterator[Case]:
    """Weights first, reach afterwards."""
    base = {"population": PEOPLE, "supply": BEDS, "cost_od": COSTS}
    one = dict.fromkeys(COST, 1.0)
    yield "medical.spatial_access.binary", base | {"method": "binary_max12"}, _worked(one, 12), FLOAT
    yield "medical.spatial_access.binary", base | {"method": "binary_max30"}, _worked(one, 30), FLOAT

    stepped = {pair: _step(d) for pair, d in COST.items()}
    yield (
        "medical.spatial_access.e2sfca",
        base | {"method": "e2sfca_step_10:1_20:.5_31:.1"},
        _worked(stepped, 1e9),
        FLOAT,
    )
    power = {pair: d**-1.5 for pair, d in COST.items()}
    yield "medical.spatial_access.gravity", base | {"method": "gravity_pow-1.5_max45"}, _worked(power, 45), FLOAT
    third = {pair: d**-1 for pair, d in COST.items()}
    summed = {i: sum(w for (k, _), w in third.items() if k == i) for i in PEOPLE}
    chosen = {pair: w * w / summed[pair[0]] for pair, w in third.items()}
    yield "medical.spatial_access.3sfca", base | {"method": "3sfca_gravity_max31"}, _worked(chosen, 31), FLOAT
    unreached = base | {"supply": {"x": 12}, "cost_od": COSTS[:1], "method": "binary_max60"}
    yield "medical.spatial_access.binary", unreached, {"a": 0.1, "b": 0, "c": 0}, FLOAT
    yield (
        "medical.spatial_access.gravity_weight",
        {"scale": 10, "alpha": -1.5, "min_dist": 2, "cost": [0, 2, 5, 40]},
        [0.2**-1.5, 0.2**-1.5, 0.5**-1.5, 4**-1.5],
        FLOAT,
    )
    yield (
        "medical.spatial_access.step_weight",
        {"steps": {"15": 0.9, "5": 1}, "cost": [5, 5.1, 15, 15.1, None]},
        [1, 0.9, 0.9, 0, None],
        FLOAT,
    )
