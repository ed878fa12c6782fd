"""A further set of worked examples: other numbers for the same method keys and shapes.

Each expected value is worked out beside its case from the formula's text, in fractions or floats, never from the code
that is tested.
"""

import importlib
import inspect
import json
import pkgutil
from functools import cache
from pathlib import Path

Case = tuple[str, object, object, float]
"""Method key, inputs, expected, tolerance."""
EXACT, FLOAT = 0, 1e-9


@cache
def every_case() -> tuple[Case, ...]:
    """The cases of every public function in tests/oracle/further."""
    package = importlib.import_module("tests.oracle.further")
    out: list[Case] = []
    for one in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{one.name}")
        for name, function in inspect.getmembers(module, inspect.isgeneratorfunction):
            if not name.startswith("_"):
                out += function()
    return tuple(out)


def written(path: Path) -> Path:
    """The set as a file of worked examples."""
    cases = [
        {"id": f"F-{i:03}", "indicator": key, "inputs": inputs, "expected": expected, "tolerance": tolerance}
        for i, (key, inputs, expected, tolerance) in enumerate(every_case(), 1)
    ]
    path.write_text(json.dumps(cases, ensure_ascii=False, default=float), "utf-8")
    return path
