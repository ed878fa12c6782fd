"""The hospitals' ledger (台账): a workbook people fill in, seven days rolling, restated every night.

Damage stands in the newest day's rows only: the next night's ledger says it right.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from jobs.sample import files
from jobs.sample.faults import Damage
from jobs.sample.ground import Ints
from jobs.sample.names import HOSPITALS, STREETS
from jobs.sample.truth import EVER, Bools, Editions, Measure, Records
from jobs.sample.world import World, compact

SOURCE = "hospital_ledger"
DAYS = 7
FIRST_ROW = 5
"""The sheet row of the first record: two title rows and a header of two rows stand above it."""
LATER_FOUND = 7
HEADER = (
    ("日期", "日期"), ("医疗机构", "编号"), ("医疗机构", "名称"), ("医疗机构", "所在街道"), ("床位（张）", "开放"),
    ("床位（张）", "占用"), ("收治（人）", "入院人数"), ("收治（人）", "死亡人数"), ("备注", "备注"),
)  # fmt: skip
FULL_WIDTH = str.maketrans("0123456789,", "０１２３４５６７８９，")
Row = list[date | str | int | None]


@dataclass(frozen=True)
class _Day:
    """A day's numbers of every hospital."""

    day: date
    open: Ints
    occupied: Ints
    admitted: Ints
    died: Ints


@dataclass
class _Newest:
    """What happens to the newest day's rows in one night's ledger, by hospital."""

    absent: Ints
    odd_beds: Ints
    unreadable: Ints
    readable: Ints


def write(world: World, k: int) -> None:
    """The ledger of night k, and what is true of its newest day (in night 1: of all its days)."""
    today = world.day(k)
    days = [_numbers(world, k - back, k) for back in range(DAYS - 1, -1, -1)]
    damage = world.damage(SOURCE, k, f"medical/ledger/床位收治台账_{compact(today)}.xlsx", len(HOSPITALS))
    newest = _Newest(
        damage.pick("missing_reporters", 1),
        damage.pick("impossible", 1),
        damage.pick("numerals", 1),
        damage.pick("numerals", 2),
    )
    rows = [row for one in days[:-1] for row in _rows(one)] + _damaged(days[-1], newest, damage)
    if k > 1 and _is_revised(world, k - 1):
        damage.note("corrections", None, f"admissions of {world.day(k - 1)} put right at two hospitals", "deliveries")
    if _is_revised(world, k):
        said = "admissions of two hospitals are too low, which nobody can see; the next night puts them right"
        damage.note("corrections", None, said, None, visible=False)
    damage.count = len(rows)
    world.deliver(damage, [files.workbook(_book(today, rows))])
    for one in days if k == 1 else days[-1:]:
        _tell(world, one, k, newest if one is days[-1] else None)


def _is_revised(world: World, k: int) -> bool:
    return world.asks("corrections") and 1 <= k < world.nights


def _numbers(world: World, k: int, night: int) -> _Day:
    """The numbers of day k (0 and below: before the first) as they stand in the ledger of a night."""
    rng, beds = world.rng(SOURCE, k), np.array([one.beds for one in HOSPITALS])
    occupied = (beds * rng.uniform(0.72, 0.99, len(beds))).astype(np.int64)
    admitted, died = rng.poisson(beds * 0.06), rng.poisson(beds * 0.0012)
    if night > k and _is_revised(world, k):
        admitted = admitted + np.where(np.arange(len(beds)) % 4 == 1, LATER_FOUND, 0)
    return _Day(world.day(k), beds, occupied, admitted, died)


def _tell(world: World, one: _Day, k: int, newest: _Newest | None) -> None:
    """What is true of a day first reported in night k, before and after the next night's ledger says it again."""
    none = np.array([], np.int64)
    hurt = newest or _Newest(none, none, none, none)
    is_revised = newest is not None and _is_revised(world, k)
    is_again = newest is not None and k < world.nights
    now = Editions(k, k + 1 if is_again else EVER)
    world.truth.add(_beds(one, _mask(hurt.absent), _mask(hurt.odd_beds)), now, now)
    world.truth.add(_admissions(one, _mask(hurt.absent), _mask(hurt.unreadable)), now, now)
    if is_again:
        said = _numbers(world, k, k + 1) if is_revised else one
        world.truth.add(_beds(said, _mask(none), _mask(none)), Editions(k + 1), Editions(k + 1))
        world.truth.add(_admissions(said, _mask(none), _mask(none)), Editions(k + 1), Editions(k + 1))


def _mask(chosen: Ints) -> Bools:
    out = np.zeros(len(HOSPITALS), bool)
    out[chosen] = True
    return out


def _beds(one: _Day, absent: Bools, rejected: Bools) -> Records:
    street = np.array([hospital.street for hospital in HOSPITALS])
    measures = {"open": Measure(one.open), "occupied": Measure(one.occupied)}
    return Records("hospital_beds", one.day, len(street), measures, street=street, lost=absent | rejected)


def _admissions(one: _Day, absent: Bools, unreadable: Bools) -> Records:
    street = np.array([hospital.street for hospital in HOSPITALS])
    measures = {"admissions": Measure(one.admitted, damaged=unreadable)}
    return Records("hospital_admissions", one.day, len(street), measures, street=street, lost=absent)


def _rows(one: _Day) -> list[Row]:
    """Rows as people fill them in: large numbers with a thousands separator, as text."""
    return [
        [one.day, place.code, place.zh, STREETS[place.street].zh,
         f"{one.open[i]:,}" if one.open[i] > 999 else int(one.open[i]),
         int(one.occupied[i]), int(one.admitted[i]), int(one.died[i]), None]
        for i, place in enumerate(HOSPITALS)
    ]  # fmt: skip


def _damaged(one: _Day, newest: _Newest, damage: Damage) -> list[Row]:
    """The newest day's rows with what is wrong in them; a hospital that did not report has none."""
    rows = _rows(one)
    for i in newest.odd_beds:
        rows[i][5] = int(one.open[i]) * 3
    for i in newest.unreadable:
        rows[i][6] = f"约{one.admitted[i]}"
    for i in newest.readable:
        rows[i][5] = f"{one.occupied[i]:,}".translate(FULL_WIDTH)
        rows[i][6] = f"“{one.admitted[i]}”"
    kept = [i for i in range(len(rows)) if i not in newest.absent]
    above = FIRST_ROW + (DAYS - 1) * len(HOSPITALS)
    at = {i: above + position for position, i in enumerate(kept)}
    for i in newest.absent:
        damage.note("missing_reporters", None, f"{HOSPITALS[i].zh} does not report {one.day}", "quality")
    damage.note(
        "impossible", [at[i] for i in newest.odd_beds], "three times as many beds occupied as open", "quarantine"
    )
    damage.note("numerals", [at[i] for i in newest.unreadable], "admissions as 约n (about n): not a number", "flags")
    damage.note("numerals", [at[i] for i in newest.readable], "full-width digits, a number in quotes: to be read", None)
    return [rows[i] for i in kept]


def _book(today: date, rows: list[Row]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "台账"
    sheet.cell(1, 1, "澜海市医疗机构床位与收治情况台账（滚动七日）")
    sheet.cell(2, 1, f"填报日期：{today + timedelta(days=1)}　　填报单位：各医疗机构　　联系电话：略")
    for row in (1, 2):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(HEADER))
    for column, (over, under) in enumerate(HEADER, start=1):
        sheet.cell(3, column, over)
        sheet.cell(4, column, under if under != over else None)
    for first, last in ((2, 4), (5, 6), (7, 8)):
        sheet.merge_cells(start_row=3, end_row=3, start_column=first, end_column=last)
    for column in (1, 9):
        sheet.merge_cells(start_row=3, end_row=4, start_column=column, end_column=column)
    for number, values in enumerate(rows, start=FIRST_ROW):
        for column, value in enumerate(values, start=1):
            sheet.cell(number, column).value = value
    _merge_dates(sheet, rows)
    below = FIRST_ROW + len(rows)
    sheet.cell(below, 1, "注：占用床位含加床；死亡人数为当日院内死亡。")
    sheet.merge_cells(start_row=below, end_row=below, start_column=1, end_column=len(HEADER))
    return book


def _merge_dates(sheet: Worksheet, rows: list[Row]) -> None:
    """One merged cell for each day's date."""
    starts = [i for i in range(len(rows)) if i == 0 or rows[i][0] != rows[i - 1][0]]
    for start, stop in zip(starts, [*starts[1:], len(rows)], strict=True):
        if stop - start > 1:
            sheet.merge_cells(start_row=FIRST_ROW + start, end_row=FIRST_ROW + stop - 1, start_column=1, end_column=1)
