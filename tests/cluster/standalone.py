"""A Spark standalone cluster on loopback: a master and workers of one core, started from the installed pyspark.

The pyspark of PyPI has no scripts that start and stop daemons; `spark-class` runs their classes. Everything that is
started here is ended here, by its process id, whatever happens in between.
"""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyspark

from jobs.core import package
from jobs.core.errors import Problem
from tests.below import below, command

HERE = "127.0.0.1"
CLASSES = {"master": "org.apache.spark.deploy.master.Master", "worker": "org.apache.spark.deploy.worker.Worker"}
EXECUTOR = "CoarseGrainedExecutorBackend"
STARTS_WITHIN = 300.0
QUICK = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
"""What short-lived daemons need of a JVM."""
MEMORY = "1g"
"""What a worker offers."""


class Failed(Exception):
    """The cluster did not do what it was asked, in one line."""


@dataclass
class Cluster:
    """Processes of a master and its workers, by name. Each has its log, and a worker its executors, below `home`."""

    home: Path
    port: int
    web: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def master(self) -> str:
        """What a submit calls the cluster."""
        return f"spark://{HERE}:{self.port}"

    def says(self) -> dict[str, Any]:
        """What the master knows: its workers and applications."""
        said: dict[str, Any] = asked(f"http://{HERE}:{self.web}/json/")
        return said

    def workers(self) -> Iterator[str]:
        """The workers that were started."""
        return (name for name in self.processes if name != "master")

    def executors(self, worker: str) -> dict[str, int]:
        """The process of each executor that a worker has started, by the executor's id."""
        pids = below(self.processes[worker].pid, EXECUTOR)
        return {found: pid for pid in pids if (found := _option(command(pid), "--executor-id"))}

    def start(self, name: str, *words: str) -> None:
        """Start a daemon, which knows nothing of the caller's Python path or settings."""
        environment = {key: text for key, text in os.environ.items() if not key.startswith(("PYTHON", "CITYPULSE"))}
        home = str(Path(pyspark.__file__).parent)
        environment |= {"SPARK_HOME": home, "SPARK_LOCAL_HOSTNAME": HERE}
        environment |= {"SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": QUICK}
        environment.pop("SPARK_CONF_DIR", None)
        with (self.home / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [f"{home}/bin/spark-class", CLASSES[name.split("-")[0]], "--host", HERE, *words],
                env=environment, cwd=self.home, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def kill(self, worker: str) -> list[str]:
        """End a worker as a machine ends that loses its power; the commands of the processes that went with it."""
        first = self.processes[worker].pid
        gone = [first, *below(first)]
        commands = [command(pid) for pid in gone]
        for pid in gone:
            _kill(pid)
        self.processes[worker].wait()
        return commands

    def stop(self) -> None:
        """End what is left, and what that has started."""
        for process in self.processes.values():
            end(process)


@contextmanager
def running(home: Path, workers: int) -> Iterator[Cluster]:
    """A cluster whose workers are ready, as long as the context lasts. Raises Failed when it does not start."""
    home.mkdir(parents=True, exist_ok=True)
    port, web = _free(2)
    cluster = Cluster(home, port, web)
    try:
        cluster.start("master", "--port", str(cluster.port), "--webui-port", str(cluster.web))
        _until(lambda: cluster.says()["status"] == "ALIVE", cluster, "master")
        for number in range(1, workers + 1):
            name = f"worker-{number}"
            place = ["--work-dir", str(home / name), "--webui-port", "0", "--port", "0"]
            cluster.start(name, *place, "--cores", "1", "--memory", MEMORY, cluster.master)
        _until(lambda: cluster.says()["aliveworkers"] == workers, cluster, f"worker-{workers}")
        yield cluster
    finally:
        cluster.stop()


def equip(node: Path) -> None:
    """What a node is given, packed of this code where it is not yet, and its packages unpacked into a folder."""
    try:
        package.require_current(f"{package.CODE},{package.PACKAGES}")
    except Problem:
        package.main()
    node.mkdir(parents=True)
    subprocess.run(["tar", "-xf", package.PACKAGES, "-C", node], check=True)


def end(process: subprocess.Popen[Any]) -> None:
    """End a process that was started here and all below it."""
    while process.poll() is None:
        for pid in [*reversed(list(below(process.pid))), process.pid]:
            _kill(pid)
        process.wait()


def asked(url: str) -> Any:
    """The JSON at an address on loopback. Raises OSError when nothing answers."""
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


def _until(done: Callable[[], bool], cluster: Cluster, name: str) -> None:
    limit = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < limit and cluster.processes[name].poll() is None:
        try:
            if done():
                return
        except (OSError, KeyError, ValueError):  # it does not answer yet
            pass
        time.sleep(0.1)
    raise Failed(f"the {name} does not start: {cluster.home / name}.log says why")


def _option(line: str, name: str) -> str | None:
    words = line.split()
    return words[words.index(name) + 1] if name in words[:-1] else None


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _free(count: int) -> list[int]:
    """Ports that nobody listens at."""
    sockets = [socket.create_server((HERE, 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
