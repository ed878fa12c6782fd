"""Worked examples of spatial access to medical care; a catchment is written as one word, such as
gravity_pow-1_max61.
"""

import re

from jobs.core.errors import Problem
from jobs.oracles import Bench, Inputs, answers

STEP = re.compile(r"(\d*\.?\d+):(\d*\.?\d+)")
SETTING = re.compile(r"(pow|max|min|scale)(-?\d*\.?\d+)")
NAMES = {"pow": "exponent", "max": "max_cost", "min": "minimum_cost", "scale": "scale"}
WEIGHTS = {"binary": "binary", "2sfca": "binary", "gravity": "gravity", "e2sfca": "step", "step": "step"}


@answers("medical.spatial_access.binary", "spatial_access")
@answers("medical.spatial_access.e2sfca", "spatial_access")
@answers("medical.spatial_access.gravity", "spatial_access")
@answers("medical.spatial_access.3sfca", "spatial_access")
def spatial_access(inputs: Inputs, bench: Bench) -> object:
    """Supply per head of each place with people."""
    given = {
        "demand": [{"id": name, "people": people} for name, people in inputs.inner("population").items()],
        "supply": [{"id": name, "capacity": capacity} for name, capacity in inputs.inner("supply").items()],
        "costs": inputs.tuples("cost_od", "demand", "supply", "cost"),
    }
    found = bench.method("spatial_access", given, catchment(inputs, inputs.text("method")))
    return {one["id"]: one["access"] for one in found} if isinstance(found, list) else {}


def catchment(inputs: Inputs, word: str) -> dict[str, object]:
    """The parameters a catchment's word means: binary_max30, e2sfca_step_10:1_30:.68, 3sfca_gravity_pow-2_max61."""
    made: dict[str, object] = {"weight": "binary", "steps_of_catchment": 3 if word.startswith("3sfca") else 2}
    steps: dict[str, object] = {}
    for part in word.removeprefix("3sfca_").split("_"):
        if hit := STEP.fullmatch(part):
            steps[hit[1]] = hit[2]
        elif hit := SETTING.fullmatch(part):
            made[NAMES[hit[1]]] = hit[2]
        elif part in WEIGHTS:
            made["weight"] = WEIGHTS[part]
        else:
            raise Problem(f"{inputs.where}: method {word!r}: {part!r} is neither a weight, a step nor a setting")
    return made | ({"steps": steps} if steps else {})


@answers("medical.spatial_access.gravity_weight", "distance_weight")
def gravity_weights(inputs: Inputs, bench: Bench) -> object:
    """Weights of costs by a power."""
    rule = {
        "weight": "gravity", "scale": inputs["scale"], "exponent": inputs["alpha"],
        "minimum_cost": inputs.get("min_dist", 0),
    }  # fmt: skip
    return bench.each("distance_weight", [{"cost": one} for one in inputs.listed("cost")], rule)


@answers("medical.spatial_access.step_weight", "distance_weight")
def step_weights(inputs: Inputs, bench: Bench) -> object:
    """Weights of costs by steps."""
    rule = {"weight": "step", "steps": dict(inputs.inner("steps"))}
    return bench.each("distance_weight", [{"cost": one} for one in inputs.listed("cost")], rule)
