"""Data quality, identifiers and anomalies."""

from collections.abc import Iterator
from fractions import Fraction

from tests.oracle.cases import EXACT, FLOAT, Case


def quality() -> Iterator[Case]:
    """Data quality, identifiers and anomalies."""
    rows = [[1, "", True], [2, "b", None], [None, "c", False]]
    yield (
        "dq.completeness",
        {"columns": ["k", "t", "f"], "rows": rows, "empty_string_is_missing": True},
        {"k": Fraction(2, 3), "t": Fraction(2, 3), "f": Fraction(2, 3), "record": 0},
        1e-12,
    )
    yield (
        "dq.completeness",
        {"columns": ["k", "t", "f"], "rows": rows, "empty_string_is_missing": False},
        {"k": Fraction(2, 3), "t": 1, "record": Fraction(1, 3)},
        1e-12,
    )
    yield "dq.completeness", {"columns": ["k"], "rows": []}, {"k": None, "record": None}, EXACT
    yield "dq.ratio_measure", {"A": 7, "B": 9}, Fraction(700, 9), 1e-12
    yield "dq.referential_consistency", {"violations": 3, "checked": 7}, Fraction(4, 7), 1e-12
    yield "dq.referential_consistency", {"violations": 0, "checked": 0}, None, EXACT
    for name, unit, value, valid, rule in [
        ("供水普及率", "%", 100, True, "0<=x<=100"),
        ("燃气普及率", "%", -0.1, False, "0<=x<=100"),
        ("某项覆盖率", "%", 99.9, True, "0<=x<=100"),
        ("病床使用率", "%", 104, True, "0<=x<=200"),
    ]:
        yield "dq.range_check", {"indicator": name, "unit": unit, "value": value}, {"valid": valid, "rule": rule}, EXACT


def identifiers() -> Iterator[Case]:
    """Check digits."""
    ids = ["11010119900307001" + _citizen("11010119900307001"), "110101199013070015", "1101011990030700", None]
    yield "identity.citizen_id_check", {"ids": ids}, [True, False, False, None], EXACT
    body = "91310000MA1FL1AB2"
    codes = [
        body + _uscc(body),
        body + _uscc(body).translate(str.maketrans("0123456789AB", "BA9876543210")),
        "91I10000MA1FL1AB2X",
    ]
    yield "identity.uscc_check", {"codes": codes}, [True, codes[1] == codes[0], False], EXACT


def anomalies() -> Iterator[Case]:
    """CUSUM."""
    x, target, slack, limit = [10, 14, 15, None, 12, 9, 2, 1], 10, 1.5, 5
    yield (
        "anomaly.tabular_cusum",
        {"x": x, "target": target, "K": slack, "H": limit},
        {"c_plus": [0, 2.5, 6, None, 6.5, 4, 0, 0], "c_minus": [0, 0, 0, None, 0, 0, 6.5, 14], "signal": True},
        FLOAT,
    )
    yield (
        "anomaly.tabular_cusum",
        {"x": [10, 11], "target": 10, "K": 0, "H": 1},
        {"c_plus": [0, 1], "c_minus": [0, 0], "signal": False},
        FLOAT,
    )
    yield (
        "anomaly.cusum_fir",
        {"z": [0.2, 1.2, -3, 2.25], "k": 0.25, "h": 2, "head_start": 1.5},
        {"no_fir": [0, 0.95, 0, 2], "fir": [1.45, 2.4, 0, 2], "first_signal_no_fir": None, "first_signal_fir": 2},
        FLOAT,
    )


def _citizen(body: str) -> str:
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def _uscc(body: str) -> str:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    return alphabet[-sum(alphabet.index(c) * w for c, w in zip(body, weights, strict=True)) % 31]
