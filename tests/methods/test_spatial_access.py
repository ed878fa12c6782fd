"""Supply per head within reach."""

from collections.abc import Mapping

import pytest

from schemas import DeclarationError
from tests.methods.made import made

DEMAND = [{"id": "a", "people": 100}, {"id": "b", "people": 50}]
SUPPLY = [{"id": "x", "capacity": 15}, {"id": "y", "capacity": 20}]
COSTS = [
    {"demand": i, "supply": j, "cost": c}
    for i, j, c in (("a", "x", 5), ("b", "x", 30), ("b", "y", 30.5), ("a", "y", 99))
]


def reached(settings: Mapping[str, object], demand: object = DEMAND, supply: object = SUPPLY) -> dict[str, float]:
    rows = made("spatial_access", set_=settings, demand=demand, supply=supply, costs=COSTS)
    return {row["id"]: row["access"] for row in rows}


def test_the_farthest_cost_is_within_reach() -> None:
    assert reached({"weight": "binary", "max_cost": 30}) == {"a": 0.1, "b": 0.1}
    assert reached({"weight": "binary", "max_cost": 29.9}) == {"a": 0.15, "b": 0}


def test_all_supply_is_handed_out_where_each_has_demand_within_reach() -> None:
    for settings in ({"weight": "binary"}, {"weight": "gravity"}, {"weight": "gravity", "steps_of_catchment": 3}):
        access = reached(settings)
        assert access["a"] * 100 + access["b"] * 50 == pytest.approx(35)


def test_in_three_steps_a_near_choice_takes_demand_from_a_far_one() -> None:
    two, three = (reached({"weight": "gravity", "steps_of_catchment": n}) for n in (2, 3))
    assert three["a"] < two["a"]
    assert three["b"] > two["b"]


def test_supply_nobody_can_use_is_not_divided_by_nobody() -> None:
    assert reached({"weight": "binary", "max_cost": 5}, demand=[{"id": "b", "people": 50}]) == {"b": 0}
    assert reached({"weight": "binary"}, demand=[{"id": "a", "people": 0}]) == {"a": 0}


def test_more_steps_than_three_are_refused() -> None:
    with pytest.raises(DeclarationError, match="steps_of_catchment 4: there is 2 and 3"):
        reached({"weight": "binary", "steps_of_catchment": 4})
