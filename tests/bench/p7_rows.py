"""P7, rows: the night of P1 at a twentieth, a quarter and the whole of the rows, each in a fresh lake, in turn.

A night has fixed costs: of few rows they are most of it, and time by row falls. How far the work itself is straight is
told by what a further row costs, between the small and the middle size and between the middle and the large one.
"""

from collections.abc import Sequence

from tests.bench import deliveries, measure, p1, report
from tests.bench.home import prepare, say
from tests.bench.scenario import Aim, Grows, Result, Scenario, Takes

PARTS = (20, 4, 1)


def bench(rows: int, rounds: int) -> list[Result]:
    """The scenario, at three sizes. Raises RuntimeError."""
    sizes = [rows // part for part in PARTS]
    folders = {size: prepare(f"deliveries-{size}") for size in sizes}
    for size, folder in folders.items():
        deliveries.write(folder, size)
    spent: dict[int, list[measure.Spent]] = {size: [] for size in sizes}
    steps: dict[int, list[dict[str, float]]] = {size: [] for size in sizes}
    for number in range(1, rounds + 1):
        for size, folder in folders.items():
            cost, took = p1.night(folder)
            spent[size].append(cost)
            steps[size].append(took)
        told = ", ".join(f"{size:,} rows {spent[size][-1].seconds:.1f} s" for size in sizes)
        say(f"P7 round {number}: {told}")
    seconds = [[spent[size][n].seconds for size in sizes] for n in range(rounds)]
    aims = {
        "by row": [(large / sizes[2]) / (small / sizes[0]) for small, _, large in seconds],
        "further": [found for one in seconds if (found := further(sizes, one)) is not None],
    }
    aims = {name: rounds_ for name, rounds_ in aims.items() if rounds_}
    return [
        report.result(
            "p7_rows", size, aims if size == rows else {}, {"night": spent[size]}, rows=size,
            bytes=deliveries.bytes_of(folders[size]), steps=p1.medians(steps[size]),
        )
        for size in sizes
    ]  # fmt: skip


def further(rows: Sequence[int], seconds: Sequence[float]) -> float | None:
    """What a further row costs from the middle size on, over what it costs up to there.

    None where more rows took no longer: what else the machine did was more than they are.
    """
    up_to = (seconds[1] - seconds[0]) / (rows[1] - rows[0])
    beyond = (seconds[2] - seconds[1]) / (rows[2] - rows[1])
    return beyond / up_to if up_to > 0 and beyond > 0 else None


AIMS = {
    "by row": Aim("time by row at the most rows ÷ at a twentieth of them", 1.2),
    "further": Aim("time by further row from a quarter of the rows on ÷ up to there", 1.2),
}
SCENARIO = Scenario(
    "P7, rows", AIMS, bench, sizes=(20_000_000,), least=50_000, rounds=3,
    takes=Takes(before=Grows(0.5, 2), each=Grows(1.2, 5), gigabytes=Grows(0.1, 9), stays=Grows(0, 1.7)),
)  # fmt: skip
