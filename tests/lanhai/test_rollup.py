"""Roll-up equals direct computation: every indicator, level, kind of period and segment, to the last decimal."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from jobs import fused, indicators, plan, states, values
from jobs.core import engine
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from jobs.needs import Needs, closure, levels_of
from jobs.scan import terms_of_rows
from schemas import City, Indicator
from tests.lanhai import rolled
from tests.lanhai.direct import UNPLACED
from tests.lanhai.values import Cell, Direct

Said = Mapping[str, Mapping[Cell, float | None]]
SAMPLED = 100
"""How many cells of an indicator, a level and a kind of period are looked at; of most there are fewer."""
BUSY = "T08"
"""The hour of each day whose parts are added up."""
TOLERATED = {"distinct": 4 / (states.SKETCH - 2) ** 0.5, "percentile": 0.005}
"""How far off an estimate may be: four standard errors of a sketch, half of the last digit that buckets keep."""
LAST = rolled.FIRST + timedelta(days=rolled.NIGHTS - 1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Iterator[tuple[City, Lake]]:
    folder = tmp_path_factory.mktemp("rolled")
    with pytest.MonkeyPatch.context() as patch:
        rolled.configured(folder / "conf")
        patch.setenv("CITYPULSE_CONF", str(folder / "conf"))
        yield rolled.night(folder)


@pytest.fixture(scope="module")
def city(made: tuple[City, Lake]) -> City:
    return made[0]


@pytest.fixture(scope="module")
def lake(made: tuple[City, Lake]) -> Lake:
    return made[1]


@pytest.fixture(scope="module")
def direct(city: City, lake: Lake) -> Direct:
    return Direct(city, lake)


@pytest.fixture(scope="module")
def said(lake: Lake) -> Said:
    """What is published, by indicator and cell, in the order of cells."""
    out: dict[str, dict[Cell, float | None]] = defaultdict(dict)
    columns = ("indicator", "level", "place", "period_kind", "period", "segment", "value")
    rows = lake.arrow("indicators.current", columns).sort_by([(column, "ascending") for column in columns[:-1]])
    for key, level, place, kind, period, segment, value in zip(*(rows[c].to_pylist() for c in columns), strict=True):
        out[key][Cell(level, place, kind, period, segment)] = value
    return out


def estimated(one: Indicator) -> set[str]:
    return {term.kind for term in one.terms.values() if not term.exact}


def sampled(cells: Mapping[Cell, float | None], key: str) -> list[Cell]:
    """At most SAMPLED cells of each level and kind of period, what is unplaced and what is known among them."""
    groups: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    random = Random(key)
    for cell in cells:
        groups[cell.level, cell.kind].append(cell)
    out: list[Cell] = []
    for mine in groups.values():
        random.shuffle(mine)
        mine.sort(key=lambda cell: (cell.place != UNPLACED, cells[cell] is None))
        unplaced = sum(cell.place == UNPLACED for cell in mine)
        picked = mine[: min(unplaced, SAMPLED // 5)] + mine[unplaced:]
        known = sum(cells[cell] is not None for cell in picked)
        out += picked[: max(SAMPLED * 4 // 5, SAMPLED - known)] + picked[known : known + SAMPLED // 5]
    return list(dict.fromkeys(out))


def agree(one: Indicator, value: float | None, truth: float | None) -> bool:
    """Equal to the last decimal; of an estimate, within its stated error."""
    if value is None or truth is None or not estimated(one):
        return value == truth
    most: float = sum(TOLERATED[kind] for kind in estimated(one))
    return abs(value - truth) <= most * abs(truth)


def test_every_value_is_the_one_straight_from_silver(city: City, said: Said, direct: Direct) -> None:
    wrong, met, known = [], Counter[tuple[str, str, str]](), Counter[str]()
    for key, one in city.indicators.items():
        cells = sampled(said[key], key)
        direct.prepare(key, cells)
        for cell in cells:
            value, truth = said[key][cell], direct.value(key, cell)
            met[key, cell.level, cell.kind] += 1
            known[key] += value is not None
            if not agree(one, value, truth):
                wrong.append((key, cell, value, truth))
    assert wrong == [], f"{len(wrong)} of {met.total()}: {Counter(key for key, *_ in wrong)}"
    never = {key for key in city.tables if not direct.silver.lake.exists(key)}
    assert never == {f"silver.{name}" for name in rolled.NEVER}
    rests = {key for key, one in city.indicators.items() if not one.tables or set(one.tables) - never}
    kinds = {(key, kind) for key, _, kind in met if key in rests}
    assert kinds == {(key, kind) for key in rests for kind in city.indicators[key].periods}
    unknown = {key for key in city.indicators if not known[key]}
    assert unknown == {"general.trips_on_last_year"} | {
        key for key, one in city.indicators.items() if never & set(one.tables)
    }


def test_nothing_that_silver_says_is_left_out(city: City, said: Said, direct: Direct) -> None:
    """Every place, period and segment with a record of any term has a row."""
    lost = []
    for key, one in city.indicators.items():
        published = {*levels_of(city, one), *([one.entity.kind] if one.entity else [])}
        own = [] if one.entity or one.trailing else one.terms.values()
        moving = [t for t in own if not t.looks and city.tables[t.table].kind != "register"]
        for term in moving:
            ask = direct.ask(one, term)
            for (look, level, place), row in direct.rows_of(ask).items():
                wanted = level in published and look.kind in one.periods and direct.is_published(one, look)
                cell = Cell(level, place, *look[:3])
                if wanted and row[0] and direct.known_days(term.table, level, look) and cell not in said[key]:
                    lost.append((key, cell))
    assert lost == []


def test_the_parts_of_a_place_add_up_to_it_with_what_is_unplaced(city: City, said: Said, direct: Direct) -> None:
    """Of what adds up over places: the places of each level inside one, and its unplaced part, are the whole."""
    checked = Counter[str]()
    for key, one in city.indicators.items():
        if city.meaning(one).place != ("sum",) or estimated(one) or one.entity or one.rollup:
            continue
        for chain in city.file.hierarchies:
            for below, above in pairwise(chain):
                checked[key] += added_up(key, said[key], direct, below, above)
    assert set(checked) >= {"transport.taxi_trips", "population.residents", "general.positions", "general.closed"}
    idle = {key for key, count in checked.items() if not count and len(levels_of(city, city.indicators[key])) > 1}
    assert idle == {"general.trips_on_last_year"}


def added_up(key: str, said: Mapping[Cell, float | None], direct: Direct, below: str, above: str) -> int:
    """How many places were compared with the sum of their parts; exact, so that no order of adding matters."""
    sums: dict[Cell, Fraction] = defaultdict(Fraction)
    for cell, value in said.items():
        if cell.level == below and (cell.kind != "hour" or cell.period[10:13] == BUSY):
            parent = next((place for level, place in direct.silver.above[cell[:2]] if level == above), None)
            number = direct.number(key, cell)
            assert parent is not None
            assert direct.value(key, cell) == value, (key, cell)
            sums[cell._replace(level=above, place=parent)] += Fraction(number or 0)
    compared = [cell for cell in sums if said.get(cell) is not None]
    for cell in compared:
        total = sums[cell]
        assert total.numerator / total.denominator == said[cell], (key, cell)
    return len(compared)


def computed(city: City, lake: Lake, needs: Needs, terms: pa.Table | None) -> dict[tuple[object, ...], object]:
    """The values made of terms: those of the lake, or others."""
    with engine.connect(threads=2, memory="2GB") as connection:
        indicators.prepare(connection, city, lake, Ledger(lake), LAST, needs)
        if terms is not None:
            connection.execute("DROP TABLE terms")
            connection.register("terms", terms)
        values.compute(connection, city, needs)
        rows = connection.sql(
            "SELECT indicator, level, place, period_kind, period, segment, value FROM computed"
        ).fetchall()
    return {row[:6]: row[6] for row in rows}


def pieces(city: City, lake: Lake, key: str, random: Random) -> list[pa.Table]:
    """A table's terms made in three lots of its records, drawn without regard to days, hours and places."""
    rows = lake.arrow(key)
    lot = pa.array([random.randrange(3) for _ in range(rows.num_rows)])
    out = []
    for number in range(3):
        with engine.cursor() as connection:
            connection.register("rows", rows.filter(pc.equal(lot, number)))
            listed = sorted(set(rows["_day"].to_pylist()))
            out.append(terms_of_rows(connection, city, key, listed))
    return out


def test_estimates_are_the_same_bits_in_whatever_order_their_parts_are_merged(city: City, lake: Lake) -> None:
    random = Random(5)
    mine = {key: one for key, one in city.indicators.items() if estimated(one)}
    assert {kind for one in mine.values() for kind in estimated(one)} == set(TOLERATED)
    tables = sorted({key for one in mine.values() for key in one.tables})
    parts = [part for key in tables for part in pieces(city, lake, key, random)]
    there = lake.arrow("fused.terms")
    is_mine = pc.and_(pc.is_in(there["table"], pa.array(tables)), pc.invert(pc.starts_with(there["term"], "slots")))
    kept = pa.concat_tables([part.filter(pc.invert(pc.starts_with(part["term"], "slots"))) for part in parts])
    order = list(range(kept.num_rows))
    random.shuffle(order)
    shuffled = kept.take(pa.array(order))
    merged = [fused.merge(one) for one in (parts, parts[::-1], [shuffled.slice(0, 999), shuffled.slice(999)])]
    assert merged[0].equals(merged[1])
    assert merged[2].equals(fused.merge([there.filter(is_mine).select(merged[2].column_names).cast(merged[2].schema)]))
    affected = plan.affected(city, Ledger(lake), LAST)
    needs = closure(city, {key: one for key, one in affected.items() if key in mine})
    unmerged = pa.concat_tables(
        [there.filter(pc.invert(is_mine)), shuffled.select(there.column_names).cast(there.schema)]
    )
    assert computed(city, lake, needs, unmerged) == computed(city, lake, needs, None)
