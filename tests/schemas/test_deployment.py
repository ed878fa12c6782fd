"""What `citypulse deploy` writes: the submits that Airflow itself would make, and manifests that Kubernetes allows."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from citypulse.commands.deploy import deploy
from jobs.core.errors import Problem
from schemas import City, DeclarationError, deployment, load_city, profiles
from tests.cluster.manifests import documents, faults

CITY = "lanhai"
AIRFLOW = """
import json, sys
from airflow.providers.apache.spark.hooks.spark_submit import SparkSubmitHook
from schemas import profiles
made = {}
for name in sys.argv[1:]:
    try:
        hook = SparkSubmitHook(conf=profiles.load(name).spark, conn_id=f"spark_{name}")
        made[name] = hook._build_spark_submit_command(profiles.SUBMIT)
    except (NameError, RuntimeError) as error:
        made[name] = str(error)
print(json.dumps(made))
"""


@pytest.fixture(scope="module")
def city() -> City:
    return load_city(CITY)


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The submit command by profile, as Airflow makes it of the connection that is written."""
    names = ("standalone", "yarn", "k8s")
    kept = {key: text for key, text in os.environ.items() if not key.startswith(("AIRFLOW", "CITYPULSE"))}
    kept["AIRFLOW_HOME"] = str(tmp_path_factory.mktemp("airflow"))
    kept |= {f"AIRFLOW_CONN_SPARK_{one.upper()}": deployment.connection(profiles.load(one)) for one in names}
    done = subprocess.run(
        [sys.executable, "-c", AIRFLOW, *names], env=kept, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return made


@pytest.mark.parametrize("name", ["standalone", "yarn"])
def test_the_submits_by_hand_are_those_of_airflow(
    commands: dict[str, Any], city: City, tmp_path: Path, name: str
) -> None:
    profile = profiles.load(name)
    deployment.write(profile, city, tmp_path / "to")
    calls = _called(tmp_path, "2025-03-04")
    submits = [call for call in calls if call[0] == "spark-submit"]
    assert [call[-1] for call in submits] == [",".join(steps) for steps in profile.submits]
    for call in submits:
        mine, theirs = _settings(call, tmp_path), _settings(commands[name], tmp_path)
        assert mine == theirs
        assert mine["--master"] == profile.master
        at = call.index(profiles.SUBMIT)
        assert call[at + 1 : -1] == ["--city", CITY, "--biz-date", "2025-03-04", "--steps"]
    assert [call[1:3] for call in calls[-2:]] == [["run", "edition"], ["run", "verdict"]]


def test_airflow_needs_a_package_more_for_kubernetes_than_the_lock_has(commands: dict[str, Any]) -> None:
    """Why the manifests run the night without Airflow. When this fails, docs/cluster.md is to say otherwise."""
    assert isinstance(commands["k8s"], str)
    assert "kube" in commands["k8s"]


def test_every_manifest_is_one_that_kubernetes_allows(city: City) -> None:
    made = _manifests(city)
    kinds = [one["kind"] for one in made]
    assert kinds == [
        "Namespace", "ServiceAccount", "Role", "RoleBinding", "PersistentVolumeClaim", "ConfigMap", "CronJob"
    ]  # fmt: skip
    assert [fault for one in [*made, _executor(made)] for fault in faults(one)] == []


def test_a_manifest_with_a_mistake_is_found(city: City) -> None:
    made = _manifests(city)
    made[-1]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["container"] = []
    made[2]["rules"][0]["verbs"] = "get"
    del made[3]["roleRef"]
    found = [fault for one in made for fault in faults(one)]
    assert len(found) == 3
    assert "'container' was unexpected" in found[2]


def test_the_night_in_kubernetes_is_the_citys(city: City) -> None:
    job = _manifests(city)[-1]
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert (job["spec"]["schedule"], job["spec"]["timeZone"]) == ("0 5 * * *", city.timezone)
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    assert pod["containers"][0]["resources"]["limits"]["memory"] == "8192Mi"
    said = pod["containers"][0]["args"][-1].replace("$$", "$")  # which Kubernetes writes for a shell
    assert re.fullmatch(
        r'citypulse night --city lanhai --biz-date "\$\(TZ=Asia/Shanghai date -d yesterday \+%F\)"', said
    )


def test_every_pod_has_the_lake_and_the_keys_at_the_places_that_the_driver_names(city: City) -> None:
    made = _manifests(city)
    driver = made[-1]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    named = {one["name"]: one.get("value") for one in driver["containers"][0]["env"]}
    for pod in (driver, _executor(made)["spec"]):
        mounts = {one["mountPath"]: one["name"] for one in pod["containers"][0]["volumeMounts"]}
        volumes = {one["name"]: one for one in pod["volumes"]}
        lake, keys = volumes[mounts[str(named["CITYPULSE_LAKE"])]], volumes[mounts[str(named["CITYPULSE_KEYS"])]]
        assert lake["persistentVolumeClaim"]["claimName"] == made[4]["metadata"]["name"]
        assert keys["secret"]["secretName"] == "citypulse-keys"
    assert profiles.load("k8s").spark["spark.kubernetes.executor.podTemplateFile"] == "/etc/citypulse/executor.yaml"


def test_what_was_never_run_says_so_in_every_file(city: City) -> None:
    for name in ("standalone", "yarn", "k8s"):
        profile = profiles.load(name)
        said = [deployment.UNTRIED in text for text in deployment.files(profile, city).values()]
        assert said == [profile.untried] * len(said)
        assert profile.untried == (name != "standalone")


def test_a_file_where_the_folder_is_to_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(Problem, match="expected a folder, found a file"):
        deploy(CITY, "yarn", tmp_path / "taken")


def test_sizes_are_read_as_spark_writes_them() -> None:
    assert [deployment.mebibytes(size) for size in ("4g", "512m", "1t", "2048k", "1GB")] == [
        4096,
        512,
        1048576,
        2,
        1024,
    ]
    with pytest.raises(DeclarationError, match="'4' is no size; expected a number and k, m, g or t"):
        deployment.mebibytes("4")


def test_the_container_of_an_executor_runs_what_spark_asks_for(tmp_path: Path) -> None:
    """Spark's word is `executor`; the rest is in the environment, Java's options numbered past nine."""
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text('#!/bin/bash\nprintf "%s\\n" "$@"\n')
    java.chmod(0o755)
    given = {
        "JAVA_HOME": str(tmp_path), "PATH": os.environ["PATH"], "SPARK_HOME": "/spark", "SPARK_EXECUTOR_MEMORY": "4g",
        "SPARK_DRIVER_URL": "spark://driver", "SPARK_EXECUTOR_ID": "7", "SPARK_EXECUTOR_CORES": "4",
        "SPARK_APPLICATION_ID": "app", "SPARK_EXECUTOR_POD_IP": "10.0.0.7", "SPARK_RESOURCE_PROFILE_ID": "0",
        "SPARK_EXECUTOR_POD_NAME": "pod-7", "SPARK_JAVA_OPT_10": "-Dlast=a b", "SPARK_JAVA_OPT_2": "-Dfirst",
    }  # fmt: skip
    entry = deployment.TEMPLATES / "entrypoint.sh"
    said = subprocess.run(
        [entry, "executor"], env=given, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert said[:6] == ["-Dfirst", "-Dlast=a b", "-Xms4g", "-Xmx4g", "-cp", "/spark/jars/*"]
    assert said[7:] == [
        "--driver-url", "spark://driver", "--executor-id", "7", "--cores", "4", "--app-id", "app", "--hostname",
        "10.0.0.7", "--resourceProfileId", "0", "--podName", "pod-7",
    ]  # fmt: skip
    other = subprocess.run([entry, "echo", "a command"], env=given, capture_output=True, text=True, check=True)
    assert other.stdout == "a command\n"


def _manifests(city: City) -> list[dict[str, Any]]:
    return documents(deployment.files(profiles.load("k8s"), city)["kubernetes.yaml"])


def _executor(made: list[dict[str, Any]]) -> dict[str, Any]:
    (pod,) = documents(made[5]["data"]["executor.yaml"])
    return pod


def _called(place: Path, day: str) -> list[list[str]]:
    """The commands that submit.sh calls, each with its words."""
    calls = place / "calls"
    for name in ("spark-submit", "citypulse"):
        command = place / "bin" / name
        command.parent.mkdir(exist_ok=True)
        command.write_text(f'#!/bin/bash\n(printf "%s\\n" {name} "$@"; echo --) >>{calls}\n')
        command.chmod(0o755)
    script = re.sub(r"PATH=\S+", f"PATH={place}/bin:$PATH", (place / "to" / "submit.sh").read_text())
    needs = {"CITYPULSE_LAKE": "/lake", "CITYPULSE_KEYS": "/keys", "HADOOP_CONF_DIR": "/hadoop"}
    (place / "to" / "submit.sh").write_text(script)
    subprocess.run([place / "to" / "submit.sh", day], env=os.environ | needs, check=True)
    return [one.strip("\n").split("\n") for one in calls.read_text().split("--\n") if one.strip()]


def _settings(call: list[str], place: Path) -> dict[str, str]:
    """What spark-submit is told before the application, settings by name."""
    words, out = call[1 : call.index(profiles.SUBMIT)], dict[str, str]()
    for name, value in zip(words[::2], words[1::2], strict=True):
        if name == "--conf":
            key, _, text = value.partition("=")
            out[key] = text
        elif name == "--properties-file":
            lines = (place / "to" / "spark.properties").read_text().splitlines()
            out |= dict(line.split("=", 1) for line in lines if not line.startswith("#"))
        elif name != "--name":
            out[name] = value
    return out
