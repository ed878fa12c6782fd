"""The Spark session of a profile. A step is given its session; nothing else makes one."""

import contextlib
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyspark
from pyspark.sql import SparkSession

from jobs.core import events, package
from jobs.core.errors import Problem
from schemas import profiles
from schemas.city import ROOT

JAVA_AT_LEAST = 17
SUBMITTED = "PYSPARK_GATEWAY_PORT"
"""Where spark-submit, which started this process, has its JVM."""


def environment(profile: profiles.Profile) -> dict[str, str]:
    """What Spark needs in the environment: workers do not inherit the virtual environment otherwise."""
    home, workers = str(Path(pyspark.__file__).parent), profile.spark.get("spark.pyspark.python", sys.executable)
    python = {"PYSPARK_PYTHON": workers, "PYSPARK_DRIVER_PYTHON": sys.executable}
    name = os.environ.get("SPARK_LOCAL_HOSTNAME", "localhost")
    alone = {"SPARK_LOCAL_HOSTNAME": name} if profile.master.startswith("local") else {}
    return {"SPARK_HOME": home, "SPARK_CONF_DIR": str(ROOT / "conf" / "spark"), **python, **alone}


def settings(profile: profiles.Profile) -> dict[str, str]:
    """What the session is told. Nothing where spark-submit was: its master, Airflow's connection's, stays."""
    if SUBMITTED in os.environ:
        return {}
    return profile.spark | {"spark.master": os.environ.get("CITYPULSE_MASTER") or profile.master}


def start(
    application: str, profile: str | None = None, logs: Path | None = None, own: Mapping[str, str] | None = None
) -> SparkSession:
    """A session with the profile's settings. Raises Problem when Java, the jars or what nodes are sent is missing.

    `logs` is where its event log goes, if the profile has it keep one; `own` are settings of this session alone.
    """
    if SUBMITTED not in os.environ:
        require_java()
    for name in ("py4j", "root", "SQLQueryContextLogger"):  # what py4j and pyspark log, partly by the root, they raise
        logging.getLogger(name).setLevel(logging.CRITICAL)
    chosen = profiles.load(profile)
    package.require_current(chosen.spark.get(package.ARCHIVES, ""))
    os.environ.update(environment(chosen))
    builder = SparkSession.builder.appName(application)
    for key, value in (settings(chosen) | events.settings(chosen, logs) | dict(own or {})).items():
        builder = builder.config(key, value)
    with _jvm_apart():
        session = builder.getOrCreate()
    server = session.sparkContext._accumulatorServer
    vars(server)["handle_error"] = _unless_lost(server.handle_error)
    return session


def told(session: SparkSession, root: Path) -> dict[str, str | None]:
    """What is known of a session from its start on: when its JVM began, and which event log is its own.

    `events` is the folder of that log, within `root` where it lies there; None where none is kept.
    """
    context = session.sparkContext
    java: Any = context._jvm
    began = java.java.lang.management.ManagementFactory.getRuntimeMXBean().getStartTime()
    conf = context.getConf()
    folder = conf.get(events.FOLDER) if conf.get(events.ENABLED) == "true" else None
    return {
        "application": context.applicationId,
        "jvm_began_at": datetime.fromtimestamp(began / 1000, UTC).isoformat(),
        "events": folder and folder.removeprefix(f"{root.as_uri()}/"),
    }


def _unless_lost(told: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """How Spark's own server for counts tells of a failure, but not of the JVM's end: what was asked of it raises."""

    def tell(request: Any, address: Any) -> None:
        if not isinstance(sys.exception(), EOFError | ConnectionError):
            told(request, address)

    return tell


@contextlib.contextmanager
def _jvm_apart() -> Iterator[None]:
    """The JVM started within says what it says to a file of its own, not to the terminal; shown if it cannot start.

    A started JVM's failures reach Python as exceptions; what else it prints is notices about itself.
    """
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        except Exception as error:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
            why = next((line for line in reversed(lines) if "rror" in line), lines[-1] if lines else str(error))
            raise Problem(f"Spark does not start: {why.strip()}") from error
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


def require_java() -> None:
    """Raise Problem naming what was found when there is no Java 17 or newer."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None or not Path(java).exists():
        raise Problem(
            f"Java is not installed (looked at {java or 'PATH'}); "
            f"Spark needs Java {JAVA_AT_LEAST}: install it or set JAVA_HOME"
        )
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    words = (said.stderr or said.stdout).split('"')
    version = words[1] if len(words) > 1 else "unknown"
    major = version.split(".")[1] if version.startswith("1.") else version.split(".")[0]
    if not major.isdigit() or int(major) < JAVA_AT_LEAST:
        raise Problem(
            f"Java {version} is too old ({java}); "
            f"Spark needs Java {JAVA_AT_LEAST} or newer: install it or set JAVA_HOME"
        )
