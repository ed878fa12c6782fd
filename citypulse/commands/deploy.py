"""`citypulse deploy`: what a cluster has to be told of a city's nights."""

from pathlib import Path
from typing import Annotated

import typer

from citypulse.options import CityName
from jobs.core.errors import Problem
from schemas import load_city


def add(app: typer.Typer) -> None:
    """The command."""
    app.command()(deploy)


def deploy(
    city: CityName,
    profile: Annotated[str, typer.Option("--profile", help="a file of conf/profiles")],
    to: Annotated[Path, typer.Option("--to", help="a folder for the files")],
) -> None:
    """Write what a cluster has to be told: Spark's settings, a night's submits, Airflow's connection, manifests."""
    from schemas import deployment, profiles

    if to.exists() and not to.is_dir():
        raise Problem(f"--to {to}: expected a folder, found a file")
    chosen = profiles.load(profile)
    for path in deployment.write(chosen, load_city(city), to):
        print(path)
    if chosen.untried:
        print(f"profile {profile}: {deployment.UNTRIED}")
