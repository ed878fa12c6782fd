"""Promises tried many times: `python -m tests.soak`, or `make soak`."""

from typing import Protocol


class Tell(Protocol):
    """Takes lines to show."""

    def __call__(self, text: str, /) -> None: ...
