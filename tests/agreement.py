"""Whether a published value is the answer of the key."""

import math


def agree(value: float | None, truth: float | None, is_near: bool) -> bool:
    """Equal; where the published value was rounded more than once (`near` in the key), to nine digits."""
    if is_near and value is not None and truth is not None:
        return math.isclose(value, truth, rel_tol=1e-9, abs_tol=1e-12)
    return value == truth
