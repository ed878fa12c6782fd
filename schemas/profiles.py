"""Profiles: where the night runs, with what resources. `conf/profiles/<name>.yaml`, one extending another; no logic."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from schemas.city import ROOT, conf
from schemas.declared import DeclarationError, Declared, Name, read

Step = Literal["bronze", "silver", "quality", "fused", "indicators"]
STEPS: tuple[Step, ...] = get_args(Step)
SUBMIT = str(ROOT / "jobs" / "submit.py")


class ProfileFile(Declared):
    """`conf/profiles/<name>.yaml`; what it leaves out comes from the profile it extends."""

    name: Name
    extends: Name | None = None
    master: str | None = None
    spark: dict[str, str | int | bool] = {}
    submits: tuple[tuple[Step, ...], ...] | None = None
    parallel: Annotated[int, Field(ge=1)] | None = None
    untried: bool | None = None
    events: bool | None = None

    @model_validator(mode="after")
    def _submits_are_the_whole_night(self) -> Self:
        if self.submits is not None and tuple(step for submit in self.submits for step in submit) != STEPS:
            raise ValueError(f"submits holds each step once and in order: {', '.join(STEPS)}")
        if self.submits is not None and not all(self.submits):
            raise ValueError("an empty submit does nothing; leave it out")
        return self


@dataclass(frozen=True)
class Profile:
    """A profile with everything it extends: Spark's settings as text, and how the night is cut into submits."""

    name: str
    master: str
    spark: dict[str, str]
    submits: tuple[tuple[Step, ...], ...]
    parallel: int
    untried: bool
    """No night has been run with it, nor with any that it changes only in size."""
    events: bool
    """Whether a night's session keeps Spark's event log, which `citypulse profile` reads, in the lake."""


def chosen() -> str:
    """The profile that CITYPULSE_PROFILE names, or `local`."""
    return os.environ.get("CITYPULSE_PROFILE") or "local"


def names() -> list[str]:
    """The configured profiles, by file."""
    return sorted(_files())


def _files() -> dict[str, Path]:
    """Profiles of the repository, and over them those of another conf folder that CITYPULSE_CONF names."""
    return {path.stem: path for base in (ROOT / "conf", conf()) for path in (base / "profiles").glob("*.yaml")}


def load(name: str | None = None) -> Profile:
    """The profile `name` (default: the chosen one), what it extends laid under it; jar patterns stand for files.

    Raises DeclarationError for an unknown name, a circle, a profile without master, and jars that are not there.
    """
    wanted = name or chosen()
    chain = _chain(wanted)
    settings = {key: _text(value) for one in reversed(chain) for key, value in one.spark.items()}
    if "spark.jars" in settings:
        settings["spark.jars"] = _jars(settings["spark.jars"])
    master = next((one.master for one in chain if one.master is not None), None)
    submits = next((one.submits for one in chain if one.submits is not None), None)
    parallel = next((one.parallel for one in chain if one.parallel is not None), None)
    if master is None or submits is None or parallel is None:
        raise DeclarationError(f"profile {wanted}: master, submits or parallel is neither in it nor in what it extends")
    untried = next((one.untried for one in chain if one.untried is not None), False)
    events = next((one.events for one in chain if one.events is not None), False)
    return Profile(wanted, master, settings, submits, parallel, untried, events)


def _chain(wanted: str) -> list[ProfileFile]:
    """The profile, then what it extends, and so on."""
    found: list[ProfileFile] = []
    name: str | None = wanted
    while name is not None:
        path = _files().get(name)
        if path is None:
            raise DeclarationError(f"profile {name!r} is not configured; there is: {', '.join(names()) or 'none'}")
        if name in [one.name for one in found]:
            raise DeclarationError(f"{path}:1: profile {name!r} extends itself")
        found.append(read(path, ProfileFile, name=name))
        name = found[-1].extends
    return found


def _text(value: str | int | bool) -> str:
    """A setting as Spark reads it; `{root}` is the repository."""
    return str(value).lower() if isinstance(value, bool) else str(value).replace("{root}", str(ROOT))


def _jars(patterns: str) -> str:
    """Comma-separated jars: a pattern stands for files of the repository, which the driver hands to its executors."""
    files: list[str] = []
    for pattern in patterns.split(","):
        found = sorted(str(path) for path in ROOT.glob(pattern.strip()))
        if not found:
            raise DeclarationError(f"no jars at {pattern.strip()}: run `make setup`, which fetches and checks them")
        files += found
    return ",".join(files)
