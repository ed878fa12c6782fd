"""What Spark's own code makes of the profile k8s and its template: a pod that Kubernetes allows and our image runs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobs.core import session
from schemas import deployment, profiles
from tests.cluster import standalone
from tests.cluster.manifests import faults

NAMES = ("standalone", "two_workers", "yarn", "k8s")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Spark makes of the profile k8s, and of each cluster's settings as they are written."""
    folder = tmp_path_factory.mktemp("settings")
    for name in NAMES:
        (folder / name).write_text(deployment.properties(profiles.load(name)))
    environment = os.environ | session.environment(profiles.load("k8s")) | {"PYSPARK_PYTHON": sys.executable}
    done = subprocess.run(
        [sys.executable, "-m", "tests.cluster.pod", *(str(folder / name) for name in NAMES)],
        env=environment | {"SPARK_SUBMIT_OPTS": standalone.QUICK}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return made


@pytest.fixture(scope="module")
def pod(said: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = said["pod"]
    return made


def test_spark_reads_the_settings_that_the_profile_declares(said: dict[str, Any]) -> None:
    read = {Path(file).name: settings for file, settings in said["settings"].items()}
    assert read == {name: profiles.load(name).spark for name in NAMES}


def test_kubernetes_allows_it(pod: dict[str, Any]) -> None:
    assert list(faults(pod)) == []


def test_it_has_the_image_memory_and_cores_of_the_profile_and_the_folders_of_the_template(pod: dict[str, Any]) -> None:
    (container,) = pod["spec"]["containers"]
    assert container["image"] == profiles.load("k8s").spark["spark.kubernetes.container.image"]
    assert container["resources"] == {
        "limits": {"memory": "9216Mi"}, "requests": {"memory": "9216Mi", "cpu": "4"}
    }  # fmt: skip
    assert {"/citypulse/lake", "/citypulse/keys"} <= {one["mountPath"] for one in container["volumeMounts"]}
    assert pod["spec"]["securityContext"]["runAsNonRoot"] is True


def test_our_entrypoint_uses_what_spark_puts_into_its_environment(pod: dict[str, Any]) -> None:
    (container,) = pod["spec"]["containers"]
    given = {one["name"] for one in container["env"]}
    entry = (deployment.TEMPLATES / "entrypoint.sh").read_text("utf-8")
    of_the_image = {"SPARK_HOME"}
    assert container["args"] == ["executor"]
    assert set(re.findall(r"\$\{?(SPARK_[A-Z_]+)", entry)) - of_the_image <= given
    assert {name for name in given if name.startswith("SPARK_JAVA_OPT_")}
