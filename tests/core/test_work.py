"""How items are dealt to tasks, and what a task knows of the driver's settings."""

import os

import pytest

from jobs.core import work
from jobs.core.work import _with
from tests import inline


def settings(_: object) -> dict[str, str]:
    return {name: text for name, text in os.environ.items() if name.startswith("CITYPULSE_")}


def test_a_task_knows_the_settings_of_its_driver_and_none_of_an_earlier_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in settings(None):
        monkeypatch.delenv(name)
    monkeypatch.setenv("CITYPULSE_CONF", "of/an/earlier/night")
    monkeypatch.setenv("CITYPULSE_KEYS", "old")
    assert _with({"CITYPULSE_KEYS": "new"}, settings, None) == {"CITYPULSE_KEYS": "new"}


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 100])
def test_results_come_in_the_order_of_the_items_however_they_are_dealt(count: int) -> None:
    assert work.run(inline.session, "squares", lambda one: one * one, range(count), str) == [
        one * one for one in range(count)
    ]


def test_a_commit_that_fails_ends_the_step() -> None:
    def commit(key: str) -> None:
        if key == "silver.trips":
            raise OSError(key)

    with pytest.raises(OSError, match="silver.trips"):
        work.together(commit, ["silver.places", "silver.trips", "silver.weather"])
