"""The page says what was found and what was not; plots are drawn; starts of a JVM are counted."""

import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from schemas.city import ROOT
from tests.bench import __main__ as bench
from tests.bench import home, p7_rows, p7_workers, page, plan, plots, report, scenario
from tests.bench.java import Counted
from tests.bench.plot import step_of
from tests.bench.scenario import Aim, Grows, Scenario, Takes
from tests.bench.shown import Shown, changed

FASTER = Aim("times faster", 10, at_least=True)
NIGHT = Aim("seconds of the night", 60, "s", decimals=1)
MEMORY = Aim("memory", 3, "GiB", highest=True)
INVENTED = {
    "p1": Scenario("P1, the night", {"night": NIGHT, "memory": MEMORY}, lambda size, rounds: (), sizes=(600,)),
    "p2": Scenario("P2, a late delivery", {"script": FASTER}, lambda size, rounds: (), sizes=(10, 20)),
}


def measured(scenario: str, size: int, commit: str, **aims: list[float]) -> dict[str, Any]:
    """A result as it is kept: two rounds of ten and twenty seconds on two cores."""
    spent = {"seconds": [10.0, 20.0], "cpu_s": [12.0, 14.0], "peak_bytes": [2**30, 2**31], "others": [0.0, 0.1]}
    machine = {"processor": "any", "cores": 2, "memory_gib": 8, "kernel": "6"}
    return {
        "scenario": scenario, "size": size, "aims": aims, "spent": {"night": spent}, "rows": size, "bytes": 30_000_000,
        "machine": machine, "versions": {}, "commit": commit, "measured_at": "2026-01-01 00:00 UTC",
    }  # fmt: skip


def cells(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()[2:]]


def test_what_was_not_measured_is_said_to_be_so() -> None:
    found = cells(page.targets(INVENTED, [measured("p1", 300, "aaa", night=[50.0, 80.0, 70.0])]))
    assert [row[:6] for row in found] == [
        ["P1", "seconds of the night", "300 rows", "≤ 60 s", "**70.0 s** (50.0 to 80.0, 3 rounds)", "no"],
        ["P1", "memory", "", "≤ 3 GiB", "not measured", ""],
        ["P2", "times faster", "", "≥ 10", "not measured", ""],
    ]


def test_the_newest_figure_of_each_size_stands_beside_the_one_of_the_commit_before() -> None:
    results = [
        measured("p2", 10, "aaa", script=[8.0]), measured("p2", 20, "aaa", script=[9.0]),
        measured("p2", 10, "bbb", script=[11.0]), measured("p2", 10, "bbb", script=[12.0]),
    ]  # fmt: skip
    found = cells(page.targets({"p2": INVENTED["p2"]}, results))
    assert [[row[i] for i in (2, 4, 5, 6, 10)] for row in found] == [
        ["10 rows", "**12.00** (one round)", "yes", "8.00, **33% better**", "bbb"],
        ["20 rows", "**9.00** (one round)", "no", "", "aaa"],
    ]


def test_what_became_worse_is_told_in_bold_only_where_no_round_is_as_before() -> None:
    before, after, near = [60.0, 62.0], [80.0, 90.0], [61.0, 70.0]
    results = [measured("p1", 1, "a", night=before), measured("p1", 1, "b", night=after)]
    now = Shown(NIGHT, {}, near)
    assert cells(page.targets({"p1": INVENTED["p1"]}, results))[0][6] == "61.0 s, **39% worse**"
    assert (changed(Shown(NIGHT, {}, before), now), changed(now, now)) == ("7% worse", "the same")


def test_every_target_that_is_missed_is_spoken_of() -> None:
    results = report.read(ROOT)
    assert page.unexplained(scenario.found(), results) == []
    missed = measured("p8", 3, "a", minutes=[50.0])
    assert page.unexplained(scenario.found(), [*results, missed]) == ["p8"]


def test_what_is_shared_is_planned_once_and_what_cannot_be_asked_is_refused_by_name() -> None:
    takes = Takes(Grows(10, 20), Grows(1, 2), gigabytes=Grows(3), stays=Grows(2), shares="lake")
    big, other = (Scenario(name, {}, lambda size, rounds: (), sizes=(8,), least=4, takes=takes) for name in "AB")
    steps = [plan.Step("a", big, 4, 2), plan.Step("b", other, 8, 1)]
    assert ([one.minutes for one in steps], plan.needed(steps)) == ([20 + 2 * 2, 30 + 3], 3 + 2)
    assert "together some 37 minutes" in plan.told(steps)
    assert plan.refused([*steps, plan.Step("a", big, 3, None)]) == "a needs 4 rows at least, not 3"


@pytest.mark.parametrize("words", [["--rounds", "0"], ["--scenario", "p9"], ["--scale", "nan"], ["--nights", "1"]])
def test_what_cannot_be_asked_ends_in_one_line_and_2(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["bench", *words])
    with pytest.raises(SystemExit) as ended:
        bench.main()
    said = capsys.readouterr()
    assert (ended.value.code, said.out, said.err.count("\n")) == (2, "", 1)


def test_a_scenario_that_fails_keeps_no_other_from_being_measured_and_what_is_used_again_stays(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(size: int, rounds: int) -> tuple[()]:
        raise RuntimeError("it says why")

    asked: list[int] = []

    def notes(size: int, rounds: int) -> tuple[()]:
        asked.append(size)
        return ()

    good = Scenario("P1, good", {}, notes, sizes=(7,))
    steps = [plan.Step("bad", Scenario("P0, bad", {}, fails, sizes=(1,)), 1, 1), plan.Step("good", good, 7, 1)]
    monkeypatch.setattr(home, "HOME", tmp_path)
    for name in ("lake", "deliveries-7"):
        (tmp_path / name).mkdir()
    assert (bench.measured(steps, {}, is_kept=False), asked) == (1, [7])
    assert [path.name for path in tmp_path.iterdir()] == ["deliveries-7"]
    assert capsys.readouterr().err == "bench: bad: it says why\nbench: not measured: bad\n"


def test_rates_are_by_second_and_core_and_a_limit_is_of_the_highest_round() -> None:
    found = cells(page.targets({"p1": INVENTED["p1"]}, [measured("p1", 600, "aaa", memory=[2.0, 3.5])]))
    assert found[1][4:] == ["**3.50 GiB** (2.00 to 3.50, 2 rounds)", "no", "", "2,048", "20", "1.0", "aaa"]


def test_half_of_a_target_is_a_half_whichever_way_it_points() -> None:
    assert (NIGHT.share(30), FASTER.share(20), FASTER.share(5), Aim("free", None).share(5)) == (0.5, 0.5, 2, None)


def test_plots_are_drawn_of_commits_and_where_there_are_several_of_sizes() -> None:
    results = [measured("p2", size, "aaa", script=[8.0]) for size in (10, 1000)]
    drawn = plots.plots(INVENTED, results)
    assert set(drawn) == {"p2-commits", "p2-sizes"}
    circles = [at for at in ET.fromstring(drawn["p2-sizes"]).iter() if at.tag.endswith("circle")]
    assert [float(at.attrib["cx"]) for at in circles[:2]] == sorted(float(at.attrib["cx"]) for at in circles[:2])
    assert float(circles[0].attrib["cy"]) < float(circles[1].attrib["cy"])  # a hundred times the rows, the same time


@pytest.mark.parametrize(("most", "step"), [(1.0, 0.2), (3.3, 1.0), (47, 10), (0.04, 0.01), (5, 1)])
def test_marks_are_few_and_round(most: float, step: float) -> None:
    assert step_of(most) == pytest.approx(step)


def test_a_further_row_that_costs_twice_as_much_is_seen_whatever_a_night_costs_anyway() -> None:
    assert p7_rows.further([1, 5, 20], [30 + 1, 30 + 5, 30 + 20]) == pytest.approx(1)
    assert p7_rows.further([1, 5, 20], [30 + 1, 30 + 5, 30 + 35]) == pytest.approx(2)
    assert p7_rows.further([1, 5, 20], [60.0, 35.0, 50.0]) is None


def test_a_measurement_kept_is_no_change_of_what_is_measured_and_any_other_file_is(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True)

    git("init", "--quiet")
    for name in (report.PAGE, report.RESULTS, "jobs/night.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("first\n")
    git("add", ".")
    git("commit", "--quiet", "--message", "first")
    clean = report.commit(tmp_path)["commit"]
    (tmp_path / report.PAGE).write_text("second\n")
    assert report.commit(tmp_path)["commit"] == clean
    (tmp_path / "jobs/night.py").write_text("second\n")
    assert report.commit(tmp_path)["commit"] == f"{clean} and changes"


def test_two_workers_in_half_the_time_are_as_good_as_can_be() -> None:
    assert p7_workers.efficiency([100.0, 100.0], [50.0, 100.0]) == [1.0, 0.5]


def test_every_scenario_of_the_issue_is_there_with_its_words() -> None:
    found = scenario.found()
    assert {one.title[:2] for one in found.values()} == {f"P{number}" for number in range(1, 9)}
    assert [name for name in found if not (scenario.HERE / f"{name}.md").exists()] == []


def test_a_scale_is_so_many_records_a_night_and_of_the_city_s_positions_a_part_of_them() -> None:
    found = scenario.found()
    asked = bench.parser(found).parse_args(["--scale", "20"])
    sizes = {name: bench.sizes(found[name], asked) for name in ("p1", "p3", "p6")}
    assert sizes == {"p1": [1_000_000], "p3": [770_000], "p6": (365,)}


def test_each_start_of_a_jvm_is_noted_and_the_real_one_runs(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_text("#!/bin/sh\necho ran $1\n")
    real.chmod(0o755)
    counted = Counted(tmp_path / "counted", str(real))
    java = f"{counted.environment['JAVA_HOME']}/bin/java"
    said = [subprocess.run([java, word], capture_output=True, text=True, check=True).stdout for word in ("a", "b")]
    assert (said, counted.taken(), counted.taken()) == (["ran a\n", "ran b\n"], 2, 0)
