"""Commands, a module each: its `add(app)` puts them on the command line. Nothing lists them."""

import importlib
import pkgutil

import typer


def add(app: typer.Typer) -> None:
    """Every module of this folder, in the order of their names."""
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{name}").add(app)
