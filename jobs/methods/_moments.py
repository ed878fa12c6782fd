"""Mean, standard deviation and coefficient of variation of a list: exact up to the root."""

from jobs.methods._sql import added, let, quotient


def mean(values: str) -> str:
    """The mean of the known elements; NULL where there are none."""
    return quotient(f"list_sum({values})", f"list_count({values})")


def deviation(values: str, ddof: int) -> str:
    """The standard deviation, divided by n − ddof; NULL where that is not above zero. No element may be NULL.

    Deviations are taken as n·x − Σx, exactly, so that equal values have none; their squares are added up in the
    list's order.
    """
    squares = added("m.x", "pow((v * m.n - m.s)::DOUBLE, 2)", of="DOUBLE")
    root = f"CASE WHEN m.n > {ddof} THEN sqrt({squares} / (m.n - {ddof})) / m.n END"
    return let("m", {"x": values, "n": f"len({values})", "s": f"list_sum({values})"}, root)


def variation(values: str, ddof: int) -> str:
    """Standard deviation over mean; NULL where the mean is zero."""
    return quotient(deviation(values, ddof), mean(values))
