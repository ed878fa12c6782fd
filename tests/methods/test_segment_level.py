"""Level of a road segment."""

from tests.methods.made import made


def test_the_upper_bound_belongs_to_the_worse_level() -> None:
    levels = ["严重拥堵", "中度拥堵", "轻度拥堵", "基本畅通", "畅通"]
    for road, bounds in {"快速路": (20, 35, 50, 65), "主干路": (15, 20, 30, 40), "支路": (10, 15, 25, 35)}.items():
        assert [made("segment_level", road_class=road, speed_kmh=v) for v in bounds] == levels[:4]
        assert [made("segment_level", road_class=road, speed_kmh=v + 0.1) for v in bounds] == levels[1:]


def test_an_unknown_speed_or_class_has_no_level() -> None:
    assert made("segment_level", road_class="快速路", speed_kmh=None) is None
    assert made("segment_level", road_class="田埂", speed_kmh=5) is None
