"""Scores by steps below a target: MOHURD 2020 (试行), street sanitation; what a started step costs is ours.

Full marks at or above the target; below it each step costs `deduct`, never below zero.
"""

from collections.abc import Mapping

from jobs.methods import Parameter
from jobs.methods._sql import decimal, number, one_of
from schemas import DeclarationError

INPUTS = {"value": "number"}
PARAMETERS = {
    "target": Parameter("the value that earns full marks"),
    "step": Parameter("how far below the target one step is"),
    "deduct": Parameter("what one step costs"),
    "full_marks": Parameter("the score at the target", default=1),
    "partial": Parameter("a started step counts whole (full_step), not (completed_step) or in part (proportional)",
                         default="full_step"),
}  # fmt: skip


def sql(inputs: Mapping[str, str], parameters: Mapping[str, object], edition: str, output: str) -> str:
    """The score as DOUBLE; NULL for an unknown value. Raises DeclarationError for a step that is not above zero."""
    if decimal(parameters["step"], "step") <= 0:
        raise DeclarationError(f"step {parameters['step']} is not above zero")
    target, step, deduct, full = (number(parameters[k], k) for k in ("target", "step", "deduct", "full_marks"))
    partial = one_of(parameters["partial"], "partial", ("full_step", "completed_step", "proportional"))
    short = f"greatest({target} - {inputs['value']}, 0)"
    completed = f"(({short} - {short} % {step})::DOUBLE / {step}::DOUBLE)::BIGINT"
    started = f"({completed} + CASE WHEN {short} % {step} > 0 THEN 1 ELSE 0 END)"
    lost = {
        "full_step": f"{started} * {deduct}",
        "completed_step": f"{completed} * {deduct}",
        "proportional": f"{short} * {deduct} / {step}",
    }[partial]
    return f"CASE WHEN {inputs['value']} IS NOT NULL THEN greatest(0, {full} - {lost})::DOUBLE END"
