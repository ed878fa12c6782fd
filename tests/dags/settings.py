"""The environment of the demo's Airflow, as a shell reads it from conf/airflow.env."""

import subprocess

from schemas.city import ROOT

SCRIPT = "set -a; . conf/airflow.env; exec env -0"


def of_demo() -> dict[str, str]:
    """The caller's environment with the demo's Airflow in it; its folders are the demo's own."""
    said = subprocess.run(["bash", "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return dict(line.split("=", 1) for line in said.split("\0") if line)
