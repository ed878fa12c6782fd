"""What a session is told, by whom, and what it says of a JVM that is not there any more."""

import re
import sys
from typing import TYPE_CHECKING

import pytest

from jobs.core import session
from jobs.core.session import _unless_lost
from schemas import profiles
from schemas.city import ROOT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_the_tests_and_the_demo_run_with_the_same_tuned_profile(spark: "SparkSession") -> None:
    """The demo submits its nights with every setting of the profile that conf/airflow.env names."""
    said = (ROOT / "conf" / "airflow.env").read_text("utf-8")
    named = re.search(r"^CITYPULSE_PROFILE=\$\{CITYPULSE_PROFILE:-(\w+)\}$", said, re.MULTILINE)
    assert named is not None
    demo, ours = profiles.load(named[1]), spark.sparkContext.getConf()
    assert spark.sparkContext.master == demo.master
    options = "spark.driver.extraJavaOptions"  # Spark puts options of its own before these
    assert {key: ours.get(key) for key in demo.spark if key != options} == {
        key: value for key, value in demo.spark.items() if key != options
    }
    assert str(ours.get(options)).endswith(demo.spark[options])


def test_a_session_has_the_master_of_its_profile_unless_spark_submit_was_told_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Settings given to the builder win over those of the submit: the profile's master over Airflow's connection."""
    standalone = profiles.load("standalone")
    for name in (session.SUBMITTED, "CITYPULSE_MASTER"):
        monkeypatch.delenv(name, raising=False)
    assert session.settings(standalone) == standalone.spark | {"spark.master": "spark://spark-master:7077"}
    monkeypatch.setenv("CITYPULSE_MASTER", "spark://other:7077")
    assert session.settings(standalone)["spark.master"] == "spark://other:7077"
    monkeypatch.setenv(session.SUBMITTED, "40000")
    assert session.settings(standalone) == {}


def test_workers_run_the_interpreter_of_the_profile_and_the_driver_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPARK_LOCAL_HOSTNAME", raising=False)
    there, here = session.environment(profiles.load("standalone")), session.environment(profiles.load("local"))
    assert there["PYSPARK_PYTHON"] == "/opt/citypulse/environment/bin/python"
    assert here["PYSPARK_PYTHON"] == there["PYSPARK_DRIVER_PYTHON"] == here["PYSPARK_DRIVER_PYTHON"] == sys.executable
    assert "SPARK_LOCAL_HOSTNAME" not in there  # or executors of other nodes would look for the driver on their own
    assert here["SPARK_LOCAL_HOSTNAME"] == "localhost"


def test_the_end_of_the_jvm_is_not_told_twice_and_anything_else_is() -> None:
    told: list[object] = []
    tell = _unless_lost(lambda request, address: told.append(request))
    for error in (EOFError(), ConnectionResetError(), ValueError()):
        try:
            raise error
        except Exception:
            tell(error, "here")
    assert [type(one) for one in told] == [ValueError]
