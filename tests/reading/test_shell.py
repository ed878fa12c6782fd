"""`citypulse shell` and `citypulse thrift`: Spark SQL over tables under their names, and nothing is written."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from citypulse.commands import shell, thrift
from jobs.core import catalog
from jobs.core.errors import Problem
from jobs.core.lake import Lake
from schemas.city import ROOT
from tests.reading.toy import CITY, SECOND, TABLE, lake

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HERE = "{here}"
CHANGES = [
    f"INSERT INTO {TABLE} SELECT * FROM {TABLE}",
    f"DELETE FROM {TABLE}",
    f"UPDATE {TABLE} SET station = 'x'",
    f"MERGE INTO {TABLE} AS a USING {TABLE} AS b ON a.station = b.station WHEN MATCHED THEN DELETE",
    f"FROM {TABLE} INSERT INTO {TABLE} SELECT * INSERT INTO {TABLE} SELECT *",
    f"WITH a AS (SELECT * FROM {TABLE}) INSERT INTO {TABLE} SELECT * FROM a",
    f"DELETE FROM delta.`{HERE}/{CITY}/silver/readings`",
    f"DROP TABLE {TABLE}",
    f"ALTER TABLE {TABLE} ADD COLUMNS (more INT)",
    f"COMMENT ON TABLE {TABLE} IS 'x'",
    f"OPTIMIZE {TABLE}",
    f"VACUUM {TABLE}",
    f"RESTORE TABLE {TABLE} TO VERSION AS OF 0",
    "CREATE TABLE silver.mine (a INT) USING delta",
    f"CREATE TABLE silver.mine USING delta AS SELECT * FROM {TABLE}",
    "CREATE VIEW silver.mine AS SELECT 1 AS a",
    f"INSERT OVERWRITE DIRECTORY '{HERE}/out' USING parquet SELECT * FROM {TABLE}",
    "DROP DATABASE silver CASCADE",
    f"EXECUTE IMMEDIATE 'DELETE FROM {TABLE}'",
    f"BEGIN DELETE FROM {TABLE}; END",
]


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return lake(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="module")
def served(spark: "SparkSession", there: Lake, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[SparkSession]":
    """The session all tests share, with the lake's tables, and beside it the one that reads only."""
    catalog.register(spark, there, catalog.keys(there), tmp_path_factory.mktemp("scratch"))
    yield catalog.read_only(spark)
    spark.sql("DROP DATABASE silver CASCADE")


@pytest.fixture
def command(served: "SparkSession", there: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command finds this lake, and a session that is there."""
    monkeypatch.setenv("CITYPULSE_LAKE", str(there.root.parent))
    monkeypatch.setattr(catalog, "serving", lambda lake, scratch: contextlib.nullcontext(served))


@pytest.mark.usefixtures("command")
def test_tables_answer_under_their_names_with_columns_and_comments(capsys: pytest.CaptureFixture[str]) -> None:
    shell.shell(CITY, f"SHOW TABLES IN silver; SELECT count(*) AS n FROM {TABLE} -- all;\n; USE silver", "csv")
    shell.shell(CITY, f"SELECT station, level_m FROM readings WHERE _day <> '{SECOND}'; DESCRIBE {TABLE}", "csv")
    said = capsys.readouterr().out
    assert '"silver","readings",false' in said
    assert '"n"\n2\n' in said
    assert '"吴淞 O\'Brien",2.100\n' in said
    assert '"level_m","decimal(9,3)","水位 | Water level [m]"' in said


@pytest.mark.parametrize("statement", CHANGES)
def test_nothing_that_changes_a_table_or_a_file_is_run(served: "SparkSession", there: Lake, statement: str) -> None:
    before = sorted(str(path) for path in there.root.parent.rglob("*"))
    with pytest.raises(catalog.failures()) as raised:
        served.sql(statement.replace(HERE, str(there.root.parent)))
    assert "the lake is read-only here" in catalog.said(raised.value)
    assert sorted(str(path) for path in there.root.parent.rglob("*")) == before


@pytest.mark.usefixtures("command")
def test_a_refusal_and_a_mistake_are_each_one_line() -> None:
    with pytest.raises(Problem, match=r"^shell: the lake is read-only here: \w+ is refused$"):
        shell.shell(CITY, f"DELETE FROM {TABLE}", "table")
    with pytest.raises(Problem, match=r"^shell: .TABLE_OR_VIEW_NOT_FOUND.[^\n]*silver.*reading"):
        shell.shell(CITY, "SELECT * FROM silver.reading", "table")
    with pytest.raises(Problem, match=r"^shell: a quote or comment is not closed$"):
        shell.shell(CITY, "SELECT 'x", "table")


def test_views_of_ones_own_are_temporary(served: "SparkSession") -> None:
    served.sql(f"CREATE TEMPORARY VIEW low AS SELECT * FROM {TABLE} WHERE level_m < 3")
    assert served.sql("SELECT count(*) FROM low").collect()[0][0] == 1


@pytest.mark.slow
def test_a_bi_client_sees_tables_columns_and_rows_and_may_not_write(
    spark: "SparkSession", there: Lake, tmp_path: Path
) -> None:
    """The command, and Hive's own JDBC driver, which Spark brings along, over the socket."""
    java: Any = spark.sparkContext._jvm
    with server(there, tmp_path) as url:
        client = java.org.apache.hive.jdbc.HiveDriver().connect(url, java.java.util.Properties())
        about = _rows(client.getMetaData().getColumns(None, "silver", "readings", "%"), "COLUMN_NAME", "REMARKS")
        ask = client.createStatement()
        rows = _rows(ask.executeQuery("SELECT station, level_m FROM readings ORDER BY _day"), "station", "level_m")
        with pytest.raises(Exception, match="the lake is read-only here"):
            ask.execute(f"DELETE FROM {TABLE}")
        client.close()
    assert ("level_m", "水位 | Water level [m]") in about
    assert rows == [("吴淞 O'Brien", "2.100"), ("b", None)]
    assert list(tmp_path.iterdir()) == []


@contextlib.contextmanager
def server(lake: Lake, folder: Path) -> Iterator[str]:
    """`citypulse thrift` in a folder of its own, ended as ctrl-c ends it; where it says that it is."""
    call = [sys.executable, "-c", "from citypulse.cli import main; main()", "thrift", "--city", CITY, "--port", "0"]
    where = os.environ | {"CITYPULSE_LAKE": str(lake.root.parent), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(call, cwd=folder, env=where, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        try:
            yield said.split(" ")[1]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def _rows(result: Any, *columns: str) -> list[tuple[str | None, ...]]:
    found = []
    while result.next():
        found.append(tuple(result.getString(name) for name in columns))
    return found


def test_a_port_that_is_taken_is_said_before_spark_starts() -> None:
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        with pytest.raises(Problem, match=f"--port {port}: .*in use"):
            thrift.free(port)


def test_statements_end_at_semicolons_that_are_not_quoted() -> None:
    text = "SELECT ';' AS a, `b;c` -- d; e\nFROM x /* ; */;\n; SHOW TABLES ; -- the end;"
    assert shell.statements(text) == ["SELECT ';' AS a, `b;c` -- d; e\nFROM x /* ; */", "SHOW TABLES"]


def test_what_is_typed_is_taken_at_its_semicolon_and_a_line_that_was_broken_off_is_forgotten() -> None:
    lines: Iterator[str | type[BaseException]] = iter(["SELECT", KeyboardInterrupt, "SELECT 1", "+ 1;", "quit", "x;"])
    prompts = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        line = next(lines)
        if isinstance(line, str):
            return line
        raise line

    assert list(shell.typed(ask)) == ["SELECT 1\n+ 1;"]
    assert prompts == [shell.PROMPT, shell.MORE, shell.PROMPT, shell.MORE, shell.PROMPT]
