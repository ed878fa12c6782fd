"""Two hundred killed nights: the part `crashes` of the soak."""

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.soak import processes
from tests.soak.crashes import STEPS, Crashed, Trials

KILLS, WITH_SPARK, SEED = 200, 9, 1
Sparked = Sequence[tuple[str, str, processes.Ended, list[str]]]


def run(folder: Path, tell: Callable[[str], None]) -> tuple[str, list[str]]:
    """The section, and the nights that a rerun did not heal."""
    sparked = []
    for one in processes.Town(folder / "processes").tried(WITH_SPARK, SEED):
        sparked.append(one)
        tell(f"with Spark, {one[0]} killed in {one[1]}: {', '.join(one[3]) or 'healed'}")
    crashed = Trials(folder / "forked").run(KILLS, SEED, tell)
    faults = crashed.differ + [f"{whom} in {step}: {wrong}" for whom, step, _, wrong in sparked if wrong]
    faults += [f"{whom} in {step}: said {ended.error!r}" for whom, step, ended, _ in sparked if _is_long(ended)]
    return page(crashed, sparked), faults


def _is_long(ended: processes.Ended) -> bool:
    """More than the one line that says what failed."""
    return len(ended.error.strip().splitlines()) > 1


def page(crashed: Crashed, sparked: Sparked) -> str:
    """The section."""
    healed = crashed.kills - len({one.split(": ")[0] for one in crashed.differ}) + sum(not one[3] for one in sparked)
    rows = [f"| {step} | {crashed.killed[step]} |" for step in (*STEPS, "start") if crashed.killed[step]]
    rows_of_spark = [
        f"| {whom} | {step} | {ended.code} | {'equal' if not wrong else ', '.join(wrong)} |"
        for whom, step, ended, wrong in sparked
    ]
    return f"""# What a killed night leaves

`make soak` (`python -m tests.soak --part crashes`) writes this: the two nights of a town of three tables (the second
one corrects, repeats, is refused a file and lifts a hold) are killed by SIGKILL at seeded instants,
each followed by one plain rerun of `land` and `night`. Then every table is compared with that of an undisturbed night
by the digest of its rows, and the edition by its seal: {healed} of {crashed.kills + len(sparked)} are equal.
`ops.steps` alone differs: it has a row for every attempt.

{crashed.by["call"]} kills strike just before or after a call that changes the disk (commits, files of tasks, renames,
folders, syncs), {crashed.by["clock"]} by the clock, at a share of a step's time; {len(sparked)} strike processes of
`citypulse night` with Spark.

| killed in | nights |
|---|---|
{chr(10).join(rows)}

| with Spark, killed | in | exit code | after the rerun |
|---|---|---|---|
{chr(10).join(rows_of_spark)}

What a night writes stands in `jobs/core/lake.py` alone: a commit is there whole or not at all, and every step puts its
rows in the place of those of the same deliveries or days. A full disk, a read-only lake, a killed JVM and a second
night are in `tests/soak/test_crashes.py`: each ends in one line, and the next run heals.
"""
