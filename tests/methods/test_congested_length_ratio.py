"""Share of congested length."""

from tests.methods.made import made


def share(*rows: tuple[str, float | None, float | None]) -> object:
    return made(
        "congested_length_ratio", segments=[{"road_class": c, "length": km, "speed_kmh": v} for c, km, v in rows]
    )


def test_only_the_worst_level_counts_by_the_table_of_its_class() -> None:
    assert share(("快速路", 1, 20), ("主干路", 3, 20)) == 0.25


def test_segments_of_unknown_speed_length_or_class_are_in_neither_length() -> None:
    assert share(("快速路", 1, 20), ("快速路", 5, None), ("田埂", 9, 1), ("主干路", None, 5)) == 1
    assert share() is share(("快速路", 5, None)) is None
    assert share(("快速路", 5, 90)) == 0
