"""What Spark's own code makes of the profile k8s and its template: a pod that Kubernetes allows and our image runs."""

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest

from jobs.core import session
from schemas import deployment, profiles
from tests.cluster import standalone
from tests.cluster.manifests import faults


@pytest.fixture(scope="module")
def pod() -> dict[str, Any]:
    profile = profiles.load("k8s")
    environment = os.environ | session.environment(profile) | {"PYSPARK_PYTHON": sys.executable}
    environment["SPARK_SUBMIT_OPTS"] = standalone.QUICK
    done = subprocess.run(
        [sys.executable, "-m", "tests.cluster.pod", "k8s"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return made


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
