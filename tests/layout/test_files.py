"""What stands in the repository's files, and how long they are."""

import ast
import re
import warnings

from tests.layout.tree import modules, nodes, texts

MACHINE_PATH = re.compile(r"(?<![\w.:*])/(?:root|home|work|Users|farm)/")
REGISTRIES = re.compile(
    r"\b(?:" + "|".join(re.escape(".".join(host)) for host in [
        ("pypi", "org"), ("pythonhosted", "org"), ("repo1", "maven", "org"), ("repo", "maven", "apache", "org"),
        ("registry", "npmjs", "org"), ("deb", "debian", "org"),
    ]) + r")\b"
)  # fmt: skip
SUPPRESSION = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma:\s*no cover)|pytest\.mark\.xfail|pytest\.xfail\(")
WITH_REASON = re.compile(
    r"#\s*(?:noqa:\s*[A-Z]+\d+|type:\s*ignore\[[\w-]+(?:,\s*[\w-]+)*\]|pragma:\s*no cover)\s*(?:#|-|—)\s*\S+"
)
SUPPRESSIONS_AT_MOST = 6
LONGEST = {"dags": 40, "contract": 60, "module": 250, "function": 40}


def test_no_file_knows_a_machine() -> None:
    wrong = [f"{where}: {hit[0]}" for where, text in texts() for hit in MACHINE_PATH.finditer(text)]
    assert wrong == []


def test_no_file_names_a_package_registry() -> None:
    wrong = [f"{where}: {hit[0]}" for where, text in texts() for hit in REGISTRIES.finditer(text)]
    assert wrong == []


def test_every_suppression_has_a_code_and_a_reason_and_there_are_few() -> None:
    found = [
        (f"{where}:{number}", line)
        for where, text in texts()
        if where.endswith(".py") and where != "tests/layout/test_files.py"
        for number, line in enumerate(text.splitlines(), start=1)
        if SUPPRESSION.search(line)
    ]
    bare = [where for where, line in found if "xfail" not in line and not WITH_REASON.search(line)]
    bare += [where for where, line in found if "xfail" in line and "reason=" not in line]
    assert bare == []
    assert len(found) <= SUPPRESSIONS_AT_MOST, [where for where, _ in found]


def test_dag_files_are_short() -> None:
    long = [where for where, text in texts("dags") if where.endswith(".py") and _lines(text) > LONGEST["dags"]]
    assert long == []


def test_what_is_longer_than_agreed_is_reported() -> None:
    """A longer one is a reason to look, not to split blindly: it is said, and fails only when twice as long."""
    sizes = [(where, "module", _lines(text)) for where, text in texts() if _is_module(where)]
    sizes += [(where, "contract", _lines(text)) for where, text in texts("schemas") if where.endswith(".yaml")]
    sizes += [
        (f"{where}:{one.name}", "function", _length(one)) for where, tree in modules() for one in _functions(tree)
    ]
    long = [f"{where} has {size} lines" for where, kind, size in sizes if size > LONGEST[kind]]
    if long:
        warnings.warn("longer than agreed: " + "; ".join(long), stacklevel=1)
    assert [f"{where} has {size} lines" for where, kind, size in sizes if size > 2 * LONGEST[kind]] == []


def _is_module(where: str) -> bool:
    return where.endswith(".py") and not where.startswith("tests/")


def _lines(text: str) -> int:
    return text.count("\n")


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in nodes(tree) if isinstance(node, ast.FunctionDef)]


def _length(function: ast.FunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1
