"""Profiles: what a profile leaves out comes from what it extends, and nothing half-declared gets as far as Spark."""

from pathlib import Path

import pytest

from schemas import DeclarationError, profiles

LAYERS = (("bronze", "silver", "quality", "fused", "indicators"),)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A conf folder of its own; the repository's profiles lie under it."""
    monkeypatch.setenv("CITYPULSE_CONF", str(tmp_path))
    (tmp_path / "profiles").mkdir()
    return tmp_path / "profiles"


def test_locally_the_night_is_one_submit_and_delta_reads_its_log_in_one_task() -> None:
    local = profiles.load("local")
    assert local.submits == LAYERS
    assert local.spark["spark.databricks.delta.snapshotPartitions"] == "1"
    assert local.spark["spark.ui.enabled"] == "false"
    assert local.spark["spark.sql.session.timeZone"] == "UTC"


def test_on_a_cluster_every_step_is_a_submit_of_its_own() -> None:
    for name in ("standalone", "yarn", "k8s"):
        assert profiles.load(name).submits == tuple((step,) for step in profiles.STEPS)


def test_the_jars_are_named_one_by_one_and_nothing_is_resolved_at_start() -> None:
    for name in profiles.names():
        if name != "base":
            spark = profiles.load(name).spark
            assert "spark.jars.packages" not in spark
            assert all(Path(jar).is_file() for jar in spark["spark.jars"].split(","))


def test_the_environment_chooses_the_profile_and_local_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CITYPULSE_PROFILE", raising=False)
    assert profiles.load().name == "local"
    monkeypatch.setenv("CITYPULSE_PROFILE", "ci")
    assert profiles.load().name == "ci"


def test_every_night_keeps_an_event_log_unless_its_profile_says_otherwise(folder: Path) -> None:
    (folder / "quiet.yaml").write_text("extends: ci\nevents: false")
    assert [profiles.load(name).events for name in ("local", "yarn", "quiet")] == [True, True, False]


def test_a_profile_is_laid_over_what_it_extends(folder: Path) -> None:
    (folder / "small.yaml").write_text(
        "extends: ci\nparallel: 1\nspark: {spark.driver.memory: 512m, spark.speculation: true}"
    )
    small, ci = profiles.load("small"), profiles.load("ci")
    assert (small.master, small.submits, small.parallel) == (ci.master, ci.submits, 1)
    assert small.spark == ci.spark | {"spark.driver.memory": "512m", "spark.speculation": "true"}


def test_a_name_that_is_not_configured_is_answered_with_those_that_are(folder: Path) -> None:
    with pytest.raises(DeclarationError, match="'lokal' is not configured; there is: base, ci, k8s, local"):
        profiles.load("lokal")


def test_a_circle_is_refused(folder: Path) -> None:
    (folder / "a.yaml").write_text("extends: b")
    (folder / "b.yaml").write_text("extends: a")
    with pytest.raises(DeclarationError, match="'a' extends itself"):
        profiles.load("a")


def test_a_profile_without_a_master_is_refused(folder: Path) -> None:
    (folder / "nowhere.yaml").write_text("extends: base")
    with pytest.raises(DeclarationError, match="profile nowhere: master, submits or parallel is neither"):
        profiles.load("nowhere")


def test_jars_that_are_not_there_are_answered_with_what_fetches_them(folder: Path) -> None:
    (folder / "bare.yaml").write_text("extends: local\nspark: {spark.jars: nothing-here/*.jar}")
    with pytest.raises(DeclarationError, match="no jars at nothing-here.*make setup"):
        profiles.load("bare")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("masters: x", "bad.yaml:1: unknown key 'masters'"),
        ("submits: [[bronze, silver]]", "each step once and in order"),
        ("submits: [[silver, bronze, quality, fused, indicators]]", "each step once and in order"),
        ("submits: [[bronze, silver, quality, fused, indicators], []]", "an empty submit"),
        ("submits: [[bronze, silver, quality, fused, indicator]]", "bad.yaml:1: submits"),
        ("parallel: 0", "bad.yaml:1: parallel"),
    ],
)
def test_a_profile_with_a_mistake_is_refused_by_file_and_line(folder: Path, text: str, said: str) -> None:
    (folder / "bad.yaml").write_text(text)
    with pytest.raises(DeclarationError, match=said):
        profiles.load("bad")
