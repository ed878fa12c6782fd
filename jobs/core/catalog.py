"""The lake's tables under their names in a Spark session: in its memory alone, and for reading only.

Nothing of it is kept: no metastore, no warehouse, and not a file in the lake.
"""

import contextlib
import os
import re
import socket
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs.core.errors import Problem
from jobs.core.lake import Lake
from schemas import profiles

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LAYERS = ("bronze", "claims", "quarantine", "silver", "fused", "indicators", "ops")
READS = re.compile(
    r"Show\w+|Describe\w+|Explain\w*|(Uncache|Cache|Refresh)\w+|Set(Namespace)?Command|SetCatalog\w*|ResetCommand"
    r"|DropTempViewCommand"
)
"""Spark's names of commands that change neither tables nor files."""
STARTS_WITHIN = 60
TEMPORARY = ("LocalTempView", "GlobalTempView")
_REFUSED = "the lake is read-only here"


def keys(lake: Lake) -> list[str]:
    """Every table of the lake, by layer."""
    return [key for layer in LAYERS for key in lake.keys(layer)]


@contextlib.contextmanager
def serving(lake: Lake, scratch: Path, *, to_clients: bool = False) -> Iterator["SparkSession"]:
    """A read-only session of the chosen profile, with every table of the lake; `scratch` is a folder of its own.

    Where Spark's Thrift server gives it `to_clients`, the jars stand on the class path too: Hive, which opens clients'
    sessions, looks for Delta nowhere else.
    """
    from jobs.core import session

    own = {"spark.sql.warehouse.dir": (scratch / "warehouse").as_uri()}
    if to_clients:
        own["spark.driver.extraClassPath"] = profiles.load().spark["spark.jars"].replace(",", os.pathsep)
    spark = session.start("citypulse", own=own)
    try:
        register(spark, lake, keys(lake), scratch)
        yield read_only(spark)
    finally:
        spark.stop()


@contextlib.contextmanager
def thrift(spark: "SparkSession", port: int, scratch: Path) -> Iterator[None]:
    """Spark's Thrift server on a port of this machine alone; each client has a session beside `spark`.

    Raises Problem when it does not start. What Hive would leave in the working directory goes to `scratch`.
    """
    from py4j.protocol import Py4JJavaError

    java: Any = spark.sparkContext._jvm
    java.java.lang.System.setProperty("derby.stream.error.file", str(scratch / "derby.log"))
    places = ("exec.scratchdir", "exec.local.scratchdir", "querylog.location", "downloaded.resources.dir")
    own = {f"hive.{place}": str(scratch / "hive") for place in (*places, "server2.logging.operation.log.location")}
    for name, value in (own | {"hive.server2.thrift.bind.host": "127.0.0.1"}).items():
        spark.conf.set(name, value)
    spark.conf.set("hive.server2.thrift.port", str(port))
    servers = java.org.apache.spark.sql.hive.thriftserver.HiveThriftServer2
    try:
        server = servers.startWithSparkSession(spark._jsparkSession, False)
    except Py4JJavaError as error:
        raise Problem(f"thrift: Spark's server does not start: {error.java_exception.toString()}") from error
    try:
        _wait(port)
        yield
    finally:
        server.stop()


def _wait(port: int) -> None:
    """Until it answers. Raises Problem after STARTS_WITHIN seconds."""
    until = time.monotonic() + STARTS_WITHIN
    while True:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        if time.monotonic() > until:
            raise Problem(f"thrift: Spark's server does not answer at port {port} after {STARTS_WITHIN} s")
        time.sleep(0.05)


def register(spark: "SparkSession", lake: Lake, wanted: Collection[str], scratch: Path) -> None:
    """Give tables of the lake their names, with their columns and comments; `scratch` is where Spark may make folders.

    A table is read where it lies, as it stands whenever it is asked. `CREATE TABLE … LOCATION` would have Spark read
    every table's log, some 0.2 s each; here delta-rs does, and the rest of an entry is that of an empty table.
    """
    java: Any = spark.sparkContext._jvm
    entries, some = spark._jsparkSession.sessionState().catalog(), java.scala.Some
    named = java.org.apache.spark.sql.catalyst.TableIdentifier("_empty", some("default"))
    spark.sql(f"CREATE TABLE default._empty (a INT) USING parquet LOCATION '{(scratch / 'empty').as_uri()}'")
    empty = entries.getTableMetadata(named)
    spark.sql("DROP TABLE default._empty")
    entry, identifier, storage = map(_copier, (empty, empty.identifier(), empty.storage()))
    for layer in sorted({key.split(".")[0] for key in wanted}):
        spark.sql(f"CREATE DATABASE IF NOT EXISTS {layer} LOCATION '{(scratch / layer).as_uri()}'")
    for layer, name in (key.split(".") for key in wanted):
        table = lake.delta(f"{layer}.{name}")
        made = entry(
            identifier=identifier(table=name, database=some(layer)),
            storage=storage(locationUri=some(java.java.net.URI(lake.folder(f"{layer}.{name}").as_uri()))),
            provider=some("delta"),
            schema=java.org.apache.spark.sql.types.DataType.fromJson(table.schema().to_json()),
            comment=some(table.metadata().description or ""),
        )
        entries.createTable(made, True, False)


def _copier(one: Any) -> Callable[..., Any]:
    """Makes copies of a Scala case class with some of its fields changed."""
    names = [one.productElementName(index) for index in range(one.productArity())]
    kept = {name: getattr(one, f"copy$default${index}")() for index, name in enumerate(names, 1)}
    return lambda **changes: one.copy(*(kept | changes).values())


def read_only(spark: "SparkSession") -> "SparkSession":
    """Another session of the same tables that refuses whatever would change a table or a file, by name or by path.

    So do the sessions that are opened beside it, those of a Thrift server's clients among them. Spark asks before it
    runs a statement; where nobody answers, it does not run. This keeps people from mistakes, not from malice: SQL can
    call Java.
    """
    from pyspark import SparkContext
    from pyspark.java_gateway import ensure_callback_server_started

    start: Any = ensure_callback_server_started
    start(SparkContext._gateway)
    spark._jsparkSession.extensions().injectCheckRule(_Checks())
    return spark.newSession()


def failures() -> tuple[type[Exception], ...]:
    """What Spark raises for a statement that it does not run, or not to the end."""
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    return PySparkException, Py4JJavaError


def said(error: Exception) -> str:
    """What it says, in one line."""
    text = str(error).strip()
    refused = re.search(rf"{_REFUSED}: \w+ is refused", text)
    return refused[0] if refused else (text.splitlines() or [type(error).__name__])[0]


class _Check:
    """What Spark calls with every statement's plan."""

    def apply(self, plan: Any) -> None:
        for node in _nodes(plan):
            name = node.getClass().getSimpleName()
            if _changes(node, name):
                raise PermissionError(f"{_REFUSED}: {name} is refused")

    class Java:
        implements = ["scala.Function1"]


class _Checks:
    """The check of a session: every session has the same."""

    def apply(self, session: Any) -> _Check:
        return _Check()

    class Java:
        implements = ["scala.Function1"]


def _nodes(plan: Any) -> Iterator[Any]:
    yield plan
    children = plan.children()
    for index in range(children.size()):
        yield from _nodes(children.apply(index))


def _changes(node: Any, name: str) -> bool:
    from py4j.java_gateway import is_instance_of
    from pyspark import SparkContext

    logical = "org.apache.spark.sql.catalyst.plans.logical"
    if not any(
        is_instance_of(SparkContext._gateway, node, f"{logical}.{one}") for one in ("Command", "ParsedStatement")
    ):
        return False
    if name == "CreateViewCommand":
        return node.viewType().toString() not in TEMPORARY
    return READS.fullmatch(name) is None
