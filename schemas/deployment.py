"""What a cluster has to be told of a city's nights, written from a profile: `citypulse deploy`."""

import json
import re
import shlex
from datetime import timedelta
from pathlib import Path
from string import Template
from textwrap import indent

from schemas import nights
from schemas.city import ROOT, City
from schemas.declared import DeclarationError
from schemas.profiles import SUBMIT, Profile

KUBERNETES = "k8s://"
TEMPLATES = ROOT / "conf" / "kubernetes"
UNTRIED = "generated and checked, but not run yet on such a cluster"
UNITS = {"k": 1 / 1024, "m": 1.0, "g": 1024.0, "t": 1024.0 * 1024}
LONGEST = timedelta(hours=22, minutes=30)
"""How long a night may go on: past its deadline, when the edition is there, but not into the next night."""
NEEDS = {"yarn": ': "${HADOOP_CONF_DIR:?the folder that says where the Hadoop cluster is}"\n'}
"""What the shell must be told beside the profile, by master."""
NIGHT = """#!/usr/bin/env bash
# The profile {profile}{untried}
# One night of {city} by hand, with the submits that Airflow makes: submit.sh BIZ_DATE
set -euo pipefail
night=${{1:?a business date, as 2025-03-04}}
here=$(cd "$(dirname "$0")" && pwd)
cd {root}
: "${{CITYPULSE_LAKE:?a folder that every node has at the same path}}" "${{CITYPULSE_KEYS:?and the one of the keys}}"
{needs}export CITYPULSE_PROFILE={profile} PATH={root}/.venv/bin:$PATH
for steps in {steps}; do
  spark-submit --master {master} --deploy-mode client --properties-file "$here/spark.properties" \\
    {submit} --city {city} --biz-date "$night" --steps "$steps" || true  # the verdict says what failed
done
citypulse run edition --city {city} --biz-date "$night"
citypulse run verdict --city {city} --biz-date "$night"
"""


def files(profile: Profile, city: City) -> dict[str, str]:
    """The files by name: Spark's settings, the submits, Airflow's connection, and manifests where there is Kubernetes.

    Raises DeclarationError where the profile lacks what they need.
    """
    out = {
        "spark.properties": properties(profile),
        "submit.sh": _submits(profile, city),
        "airflow.env": _airflow(profile),
    }
    return out | (_manifests(profile, city) if profile.master.startswith(KUBERNETES) else {})


def connection(profile: Profile, master: str | None = None) -> str:
    """Airflow's connection to the profile's cluster, or to another master of its kind, as AIRFLOW_CONN_… takes it."""
    extra = {"deploy-mode": "client"}
    if namespace := profile.spark.get("spark.kubernetes.namespace"):
        extra["namespace"] = namespace
    return json.dumps({"conn_type": "spark", "host": master or profile.master, "extra": extra})


def properties(profile: Profile) -> str:
    """Spark's settings as `spark-submit --properties-file` reads them."""
    lines = [f"{key}={value}".replace("\\", "\\\\") for key, value in profile.spark.items()]
    return "\n".join([f"# The profile {profile.name}{_untried(profile)}", *lines]) + "\n"


def _submits(profile: Profile, city: City) -> str:
    return NIGHT.format(
        city=city.id, profile=profile.name, untried=_untried(profile), root=shlex.quote(str(ROOT)),
        needs=NEEDS.get(profile.master, ""), steps=" ".join(",".join(steps) for steps in profile.submits),
        master=shlex.quote(profile.master), submit=shlex.quote(SUBMIT),
    )  # fmt: skip


def _airflow(profile: Profile) -> str:
    return (
        f"# What Airflow is told beside CITYPULSE_LAKE and CITYPULSE_KEYS{_untried(profile)}\n"
        f"CITYPULSE_PROFILE={profile.name}\nCITYPULSE_SCHEDULE=1\n"
        f"AIRFLOW_CONN_SPARK_DEFAULT='{connection(profile)}'\n"
    )


def _manifests(profile: Profile, city: City) -> dict[str, str]:
    executor = (TEMPLATES / "executor.yaml").read_text("utf-8")
    asked = {
        name: _setting(profile, f"spark.{name}") for name in ("kubernetes.namespace", "kubernetes.container.image")
    }
    given = {
        "city": city.id, "name": city.id.replace("_", "-"), "zone": city.timezone, "profile": profile.name,
        "namespace": asked["kubernetes.namespace"], "image": asked["kubernetes.container.image"],
        "cron": nights.daily(city), "seconds": int(LONGEST.total_seconds()),
        "memory": round(2 * mebibytes(_setting(profile, "spark.driver.memory"))),
        "executor": indent(executor.rstrip(), "    "),
    }  # fmt: skip
    night = Template((TEMPLATES / "night.yaml").read_text("utf-8")).substitute(given)
    return {"kubernetes.yaml": f"# The profile {profile.name}{_untried(profile)}\n{night}"}


def _setting(profile: Profile, name: str) -> str:
    if name not in profile.spark:
        raise DeclarationError(f"profile {profile.name}: {name} is not there; the manifests need it")
    return profile.spark[name]


def mebibytes(size: str) -> float:
    """A size as Spark writes it (`4g`, `512m`) in MiB. Raises DeclarationError."""
    found = re.fullmatch(r"(\d+)([kmgt])b?", size.lower())
    if found is None:
        raise DeclarationError(f"{size!r} is no size; expected a number and k, m, g or t, as 4g")
    return int(found[1]) * UNITS[found[2]]


def _untried(profile: Profile) -> str:
    return f": {UNTRIED}" if profile.untried else ""


def write(profile: Profile, city: City, to: Path) -> list[Path]:
    """Write the files into a folder. Raises DeclarationError."""
    made = files(profile, city)
    to.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (to / name).write_text(text, "utf-8")
    (to / "submit.sh").chmod(0o755)
    return [to / name for name in made]
