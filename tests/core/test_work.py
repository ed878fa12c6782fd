"""What a task knows of the driver's settings."""

import os

import pytest

from jobs.core.work import _with


def settings(_: object) -> dict[str, str]:
    return {name: text for name, text in os.environ.items() if name.startswith("CITYPULSE_")}


def test_a_task_knows_the_settings_of_its_driver_and_none_of_an_earlier_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in settings(None):
        monkeypatch.delenv(name)
    monkeypatch.setenv("CITYPULSE_CONF", "of/an/earlier/night")
    monkeypatch.setenv("CITYPULSE_KEYS", "old")
    assert _with({"CITYPULSE_KEYS": "new"}, settings, None) == {"CITYPULSE_KEYS": "new"}
