"""What Spark's own code makes of our files, in a JVM without a cluster, as JSON: an executor's pod, and settings."""

import json
import sys
from typing import Any

from pyspark.java_gateway import launch_gateway

from schemas import deployment, profiles

OF_A_RUN = {
    "spark.app.name": "citypulse",
    "spark.app.id": "spark-1",
    "spark.driver.host": "10.0.0.1",
    "spark.driver.port": "7078",
    "spark.driver.blockManager.port": "7079",
}
"""What a session adds to a profile."""


def made(jvm: Any, profile: profiles.Profile) -> dict[str, Any]:
    """The pod that Spark would ask Kubernetes for, by a profile's settings and its template."""
    spark, none = jvm.org.apache.spark, jvm.scala.Option.empty()
    template = {"spark.kubernetes.executor.podTemplateFile": str(deployment.TEMPLATES / "executor.yaml")}
    conf = spark.SparkConf(False)
    for key, value in {**profile.spark, "spark.master": profile.master, **OF_A_RUN, **template}.items():
        conf.set(key, value)
    security = spark.SecurityManager(conf, none, getattr(spark.SecurityManager, "$lessinit$greater$default$3")())
    resources = _single(spark.resource, "ResourceProfile").getOrCreateDefaultProfile(conf)
    asked = _single(spark.deploy.k8s, "KubernetesConf").createExecutorConf(conf, "1", "spark-1", none, 0)
    client = jvm.io.fabric8.kubernetes.client.KubernetesClientBuilder().build()
    built = spark.scheduler.cluster.k8s.KubernetesExecutorBuilder().buildFromFeatures(
        asked, security, client, resources
    )
    json_of = jvm.io.fabric8.kubernetes.client.utils.Serialization.asJson
    pod: dict[str, Any] = json.loads(json_of(built.pod().pod()))
    pod["spec"]["containers"] = [json.loads(json_of(built.pod().container()))]
    return pod


def _single(package: Any, name: str) -> Any:
    """A Scala object."""
    return getattr(getattr(package, f"{name}$"), "MODULE$")


def settings(jvm: Any, file: str) -> dict[str, str]:
    """A properties file as spark-submit reads it."""
    found, out = jvm.org.apache.spark.util.Utils.getPropertiesFromFile(file).iterator(), dict[str, str]()
    while found.hasNext():
        pair = found.next()
        out[pair._1()] = pair._2()
    return out


if __name__ == "__main__":
    java = launch_gateway().jvm  # type: ignore[no-untyped-call]  # pyspark gives it no types
    read = {file: settings(java, file) for file in sys.argv[1:]}
    print(json.dumps({"pod": made(java, profiles.load("k8s")), "settings": read}))
