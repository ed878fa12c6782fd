"""`citypulse thrift`: Spark's own Thrift server over the lake's tables, for BI tools on this machine."""

import socket
import tempfile
import threading
from pathlib import Path
from typing import Annotated

import typer

from citypulse.options import CityName, lake_of
from jobs.core.errors import Problem


def add(app: typer.Typer) -> None:
    """Put it on the command line."""
    app.command()(thrift)


def thrift(
    city: CityName, port: Annotated[int, typer.Option("--port", help="0 takes any that is free")] = 10000
) -> None:
    """Serve every table to BI tools on this machine alone, over JDBC and ODBC, read-only, until interrupted."""
    from jobs.core import catalog

    _, lake = lake_of(city)
    port = free(port)
    with (
        tempfile.TemporaryDirectory() as folder,
        catalog.serving(lake, Path(folder), to_clients=True) as spark,
        catalog.thrift(spark, port, Path(folder)),
    ):
        print(f"{city}: jdbc:hive2://127.0.0.1:{port}/silver · any user name · end it with ctrl-c", flush=True)
        threading.Event().wait()


def free(port: int) -> int:
    """The port, or any that is free for 0. Raises Problem where it is taken, before Spark is started for nothing."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise Problem(f"--port {port}: {error}; give another one, or 0 for any that is free") from None
        return int(tried.getsockname()[1])
