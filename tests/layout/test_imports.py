"""Who may import whom: dags -> schemas <- quality <- jobs <- citypulse."""

import subprocess
import sys

from tests.layout.tree import PACKAGES, ROOT, imports, modules, words

MAY_IMPORT = {
    "schemas": {"schemas"},
    "quality": {"quality", "schemas"},
    "jobs": {"jobs", "quality", "schemas"},
    "citypulse": {"citypulse", "jobs", "quality", "schemas"},
    "dags": {"schemas"},
    "conf": {"schemas"},
}
HEAVY = {"delta", "deltalake", "duckdb", "great_expectations", "pandas", "polars", "pyarrow", "pyspark"}
PANDAS = {"applyInPandas", "df", "fetchdf", "mapInPandas", "pandas_udf", "toPandas", "to_pandas"}
TABLE_WRITERS = {"create_write_transaction", "insertInto", "saveAsTable", "writeTo", "write_deltalake"}
EVERYTHING = """
import importlib, pkgutil, sys
for package in sys.argv[1].split(','):
    root = importlib.import_module(package)
    for one in pkgutil.walk_packages(root.__path__, package + '.'):
        importlib.import_module(one.name)
print(' '.join(sorted({name.split('.')[0] for name in sys.modules} & set(sys.argv[2].split(',')))))
"""


def test_imports_go_one_way() -> None:
    wrong = [
        f"{where} imports {imported}"
        for folder, allowed in MAY_IMPORT.items()
        for where, tree in modules(folder)
        for imported in imports(tree)
        if imported.split(".")[0] in {*PACKAGES, "conf", "tests"} - allowed
    ]
    assert wrong == []


def test_schemas_and_dags_name_no_heavy_library() -> None:
    wrong = [
        f"{where} imports {imported}"
        for where, tree in modules("schemas", "dags")
        for imported in imports(tree)
        if imported.split(".")[0] in HEAVY
    ]
    assert wrong == []


def test_importing_all_of_schemas_loads_no_heavy_library() -> None:
    done = subprocess.run(
        [sys.executable, "-c", EVERYTHING, "schemas", ",".join(HEAVY)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_airflow_is_an_extra_that_only_the_dags_and_the_demo_know() -> None:
    knows = {
        where for where, tree in modules(*PACKAGES) for imported in imports(tree) if imported.startswith("airflow")
    }
    assert {where for where in knows if not where.startswith("dags/")} == {"citypulse/demo.py"}


def test_nothing_uses_pandas_but_what_gives_it_to_analysts() -> None:
    using = [
        where
        for where, tree in modules()
        if any(imported.split(".")[0] == "pandas" for imported in imports(tree)) or PANDAS & words(tree)
    ]
    assert using == ["citypulse/reading.py"]


def test_only_the_core_writes_tables() -> None:
    wrong = [
        f"{where} uses {word}"
        for where, tree in modules("jobs", "quality", "citypulse")
        if not where.startswith("jobs/core/")
        for word in sorted(TABLE_WRITERS & words(tree))
    ]
    assert wrong == []


def test_only_schemas_reads_declarations() -> None:
    wrong = [
        where
        for where, tree in modules(*PACKAGES)
        if not where.startswith("schemas/") and any(imported.split(".")[0] == "yaml" for imported in imports(tree))
    ]
    assert wrong == []
