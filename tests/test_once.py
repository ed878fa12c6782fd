"""What workers share is whole, made once, and made anew when its maker was killed."""

import multiprocessing
import os
import signal
from pathlib import Path
from threading import Thread

import pytest

from tests.once import made

FORK = multiprocessing.get_context("fork")


def killed_half_way(folder: Path) -> None:
    (folder / "half").touch()
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_killed_maker_left_is_made_anew_and_nobody_waits_for_it(tmp_path: Path) -> None:
    maker = FORK.Process(target=made, args=(tmp_path / "lake", killed_half_way))
    maker.start()
    maker.join()
    assert maker.exitcode == -signal.SIGKILL
    assert (tmp_path / "lake" / "half").exists()
    folder = made(tmp_path / "lake", lambda to: (to / "whole").touch())
    assert [path.name for path in folder.iterdir()] == ["whole"]


def test_what_failed_is_tried_again_by_whoever_asks_next(tmp_path: Path) -> None:
    def failing(folder: Path) -> None:
        raise ValueError(folder.name)

    for _ in range(2):
        with pytest.raises(ValueError, match="lake"):
            made(tmp_path / "lake", failing)


def test_of_two_that_ask_at_once_one_makes_it_and_both_see_it_whole(tmp_path: Path) -> None:
    """Each opens the lock for itself, so that threads shut each other out as processes do."""
    makes, seen = list[str](), list[list[str]]()

    def make(folder: Path) -> None:
        makes.append("made")
        for name in "abc":
            (folder / name).touch()

    def ask() -> None:
        seen.append(sorted(path.name for path in made(tmp_path / "lake", make).iterdir()))

    askers = [Thread(target=ask) for _ in range(4)]
    for one in askers:
        one.start()
    for one in askers:
        one.join()
    assert (makes, seen) == (["made"], [["a", "b", "c"]] * 4)
