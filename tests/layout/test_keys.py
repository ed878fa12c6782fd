"""One key, one path; two languages; and files that say the same thing in two places say the same."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from schemas import cities, load_city, profiles
from tests.layout.tree import ROOT, files, name

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]")


def test_every_rule_file_is_about_a_table_of_that_name() -> None:
    rules = [path for path in files() if re.search(r"quality/silver/\w+\.yaml$", name(path))]
    missing = [name(path) for path in rules if not _contracts(path)]
    assert missing == []


def test_every_contract_and_indicator_speaks_both_languages() -> None:
    mute = [
        f"{name(path)}: {where}"
        for path in files()
        if re.search(r"(schemas|cities/\w+)/(silver|indicators|schemas/silver)/.*\.yaml$", name(path))
        for where, words in _spoken(yaml.load(path.read_text("utf-8"), yaml.CSafeLoader), "")
        if not (isinstance(words, dict) and CHINESE.search(str(words.get("zh"))) and LATIN.search(str(words.get("en"))))
    ]
    assert mute == []


def test_every_column_is_described() -> None:
    missing = [
        f"{name(path)}: {column}"
        for path in files()
        if re.search(r"schemas/silver/\w+\.yaml$", name(path))
        for column, said in yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)["columns"].items()
        if "description" not in said
    ]
    assert missing == []


def test_every_configured_city_loads() -> None:
    assert cities()
    for city in cities():
        assert load_city(city).id == city


def test_every_profile_is_complete_but_the_one_they_extend() -> None:
    assert [profiles.load(one).name for one in profiles.names() if one != "base"] == [
        "ci",
        "k8s",
        "local",
        "standalone",
        "two_workers",
        "yarn",
    ]


def test_the_spark_connection_of_the_demo_is_the_local_profile() -> None:
    text = (ROOT / "conf" / "airflow.env").read_text("utf-8")
    said = re.search(r"^AIRFLOW_CONN_SPARK_DEFAULT='(.*)'$", text, re.MULTILINE)
    assert said is not None
    assert json.loads(said[1])["host"] == profiles.load("local").master


def test_the_jars_that_are_checked_are_those_of_the_pom() -> None:
    pom = (ROOT / "pom.xml").read_text("utf-8").replace("${delta.version}", _tag(ROOT / "pom.xml", "delta.version"))
    wanted = re.findall(r"<artifactId>([\w.-]+)</artifactId><version>([\w.-]+)</version>\s*<exclusions>", pom)
    checked = [line.split()[1] for line in (ROOT / "jars.sha256").read_text("utf-8").splitlines()]
    assert sorted(checked) == sorted(f"jars/{artifact}-{version}.jar" for artifact, version in wanted)


def test_the_lock_pins_every_package_by_hash_and_spark_once() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8").replace("\\\n", "")
    pins = [line.split() for line in lock.splitlines() if line and not line.lstrip().startswith("#")]
    assert [pin[0] for pin in pins if "==" not in pin[0] or not any(part.startswith("--hash=") for part in pin)] == []
    versions = dict(pin[0].split("==") for pin in pins)
    assert versions["pyspark"] == versions["pyspark-client"]


def test_make_alone_lists_every_target() -> None:
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[0].split()
    assert [target for target in targets if f"make {target} " not in shown] == []


def _contracts(rules: Path) -> list[Path]:
    """The contracts a rule file can be about: the common one, or (for a city's own rules) the city's."""
    own = rules.parents[2] / "schemas" / "silver" / rules.name
    return [path for path in (ROOT / "schemas" / "silver" / rules.name, own) if path.is_file()]


def _spoken(node: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Every text of a declaration that people read, with its place."""
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        is_column = isinstance(value, dict) and "type" in value
        if key in ("description", "name", "question", "does_not_say", "why") and where != ".standard" and not is_column:
            yield f"{where}.{key}", value
        else:
            yield from _spoken(value, f"{where}.{key}")


def _tag(path: Path, tag: str) -> str:
    found = re.search(rf"<{re.escape(tag)}>(.*?)</", path.read_text("utf-8"))
    assert found is not None
    return found[1]
