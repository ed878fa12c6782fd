"""A city's own thresholds: in place of the definition's, in order, and of an indicator that exists."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from schemas import DeclarationError, load_city
from schemas.alerting import Alerts

TEXT = 'alerts:\n  levels:\n    {name}: {{yellow: "> {yellow}", red: "> {red}"}}\n'


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own = load_city("nyc").folder
    folder = tmp_path / "cities" / "nyc"
    folder.mkdir(parents=True)
    for path in own.iterdir():
        if path.name != "city.yaml":
            (folder / path.name).symlink_to(path)
    (folder / "city.yaml").write_text((own / "city.yaml").read_text("utf-8"), "utf-8")
    monkeypatch.setenv("CITYPULSE_CONF", str(tmp_path))
    return folder / "city.yaml"


def test_a_citys_thresholds_stand_in_place_of_the_definitions(conf: Path) -> None:
    own = TEXT.format(name="environment.pm25_daily_mean", yellow=75, red=150)
    conf.write_text(conf.read_text("utf-8") + own, "utf-8")
    city = load_city("nyc")
    found = city.file.alerts.of(city.declared["environment.pm25_daily_mean"])
    assert [(colour, str(limit)) for colour, limit in found] == [("yellow", "> 75"), ("red", "> 150")]
    others = city.declared["medical.ambulance_calls_ears_c1"]
    assert [(colour, str(limit)) for colour, limit in city.file.alerts.of(others)] == [("yellow", ">= 1")]


@pytest.mark.parametrize(
    ("name", "yellow", "why"),
    [
        ("environment.pm2", 75, "there is no such indicator"),
        ("environment.pm25_daily_mean", 200, "lies beyond red"),
        ("environment.pm25_daily_mean", -50, "outside valid_range"),
        ("transport.road_speed_kmh", 20, "contradicts direction"),
    ],
)
def test_thresholds_without_sense_are_refused_by_file_and_line(conf: Path, name: str, yellow: int, why: str) -> None:
    before = conf.read_text("utf-8")
    conf.write_text(before + TEXT.format(name=name, yellow=yellow, red=150), "utf-8")
    with pytest.raises(DeclarationError, match=why) as error:
        load_city("nyc")
    assert str(error.value).startswith(f"{conf}:{len(before.splitlines()) + 3}: {name}")


def test_a_margin_is_a_share_and_patience_at_least_a_day() -> None:
    for wrong in ({"margin": 1}, {"lowers_after": 0}, {"levels": {"a.b": {"green": "> 1"}}}):
        with pytest.raises(ValidationError):
            Alerts.model_validate(wrong)
