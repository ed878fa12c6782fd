"""The town is there for every test of this folder."""

from tests.desk.town import town

__all__ = ["town"]
