"""Commands that only answer start without pandas: Arrow looks for it whatever is asked, a third of a second."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder

ANSWERS = frozenset({"cities", "sql", "values", "why"})
"""Commands whose rows are never pandas'."""


def start(words: Sequence[str]) -> None:
    """Keep pandas from being found where the command is one of them."""
    if words and words[0] in ANSWERS:
        sys.meta_path.insert(0, _WithoutPandas())


class _WithoutPandas(MetaPathFinder):
    """Whoever would use pandas if it is there finds that it is not."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Nothing of other modules. Raises ModuleNotFoundError for pandas."""
        if fullname == "pandas":
            raise ModuleNotFoundError("no command that only answers uses pandas", name=fullname)
