"""Percentiles, distinct counts and rows: what needs every value of a period and place, from lists in fused terms."""

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from decimal import Decimal
from fractions import Fraction

import duckdb

from jobs import merged, states
from jobs.formula import Ratio
from jobs.grid import UNPLACED
from schemas import Term

NONE = """SELECT 0 AS part, '' AS level, '' AS place, '' AS period, '' AS segment, NULL::HUGEINT AS below,
    NULL::HUGEINT AS above, NULL::HUGEINT AS portion WHERE false"""
EACH = f"value::DECIMAL(38,0) * {Decimal(1).scaleb(-states.SCALE):f}::DECIMAL(9,9)"
COPIES = f"list_resize([{EACH}], count, {EACH})"
"""A value of a tally as often as it was counted."""
KEY = "term, period_kind, back, family, level, place, period, segment"
LISTS = ("tallies", "elements", "hashes", "kept")
EMPTY = {
    "in_order": "'' AS list, 0::HUGEINT AS value, 0::HUGEINT AS upto", "counted": "'' AS entity, 0::HUGEINT AS members",
    "gathered": "'' AS entity, [record] AS records, NULL::DECIMAL(38,9)[] AS bag FROM kept",
}  # fmt: skip
"""What is shown of each relation that is made of them, in its types."""
NOWHERE = "SELECT " + ", ".join(f"{'0' if name == 'back' else repr('')} AS {name}" for name in KEY.split(", "))


def base(connection: duckdb.DuckDBPyConnection) -> None:
    """Make LISTS as relations: the lists of `terms`, one row an element."""
    keys = '"table", term, day, hour, valid_from, valid_to, level, place_id'
    spread = " UNION ALL ".join(
        f"SELECT {keys}, '{name}' AS list, unnest({name}) AS e FROM terms WHERE len({name}) > 0"
        for name in states.TALLIES
    )
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE tallies AS
        SELECT {keys}, list, replace(e.value::VARCHAR, '.', '')::HUGEINT AS value, e.count AS count FROM ({spread});
        CREATE OR REPLACE TEMP TABLE elements AS
        SELECT {keys}, unnest(members) AS member FROM terms WHERE len(members) > 0;
        CREATE OR REPLACE TEMP TABLE hashes AS
        SELECT {keys}, unnest(sketch) AS hash FROM terms WHERE len(sketch) > 0;
        CREATE OR REPLACE TEMP TABLE kept AS
        SELECT {keys}, unnest(records) AS record FROM terms WHERE len(records) > 0""")


def merge(connection: duckdb.DuckDBPyConnection, asked: Sequence[tuple[int, Term]]) -> None:
    """Make `ranked` (of each percentile's part the two values it lies between), `counted` (distinct counts) and
    `gathered` (the records of rows, or the values of their one column); `asked` are the parts with their terms."""
    filled = {name for name in LISTS if connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchall()}
    made = {"in_order": _in_order(filled), "counted": _counted(filled), "gathered": _gathered(filled)}
    for name, parts in made.items():
        none = f"({NOWHERE}, {EMPTY[name]} LIMIT 0)"
        found = " UNION ALL ".join((none, *parts))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM ({found}) ORDER BY term, back")
    alike: dict[tuple[str, str, bool], list[int]] = defaultdict(list)
    for part, term in asked:
        if term.kind == "percentile":
            alike[str(term.p), str(term.type), term.exact].append(part)
    percentiles = [_percentile(found, *one) for one, found in alike.items()]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE ranked AS {' UNION ALL '.join(percentiles or [NONE])}")


def _in_order(filled: Set[str]) -> Iterator[str]:
    """Of each tally's values how often those up to it were counted."""
    if "tallies" in filled:
        yield f"""
            SELECT {KEY}, list, value, sum(sum(count)) OVER (PARTITION BY {KEY}, list ORDER BY value) AS upto
            FROM ({_in_places("tallies", ("list", "value", "count"))}) GROUP BY {KEY}, list, value"""


def _counted(filled: Set[str]) -> Iterator[str]:
    """Distinct members, or as many as the lowest hashes of all say that there are."""
    if "elements" in filled:
        yield f"""
            SELECT {KEY}, '' AS entity, count(DISTINCT member)::HUGEINT AS members
            FROM ({_in_places("elements", ("member",))}) GROUP BY {KEY}"""
    if "hashes" in filled:
        yield f"""
            SELECT {KEY}, '' AS entity, CASE WHEN count(*) < {states.SKETCH} THEN count(*)::HUGEINT ELSE
                ({states.SKETCH - 1}::HUGEINT * {2**states.HASH_BITS} + max(hash) // 2) // max(hash) END AS members
            FROM (SELECT DISTINCT {KEY}, hash FROM ({_in_places("hashes", ("hash",))})
                QUALIFY row_number() OVER (PARTITION BY {KEY} ORDER BY hash) <= {states.SKETCH})
            GROUP BY {KEY}"""


def _gathered(filled: Set[str]) -> Iterator[str]:
    """The records of rows, or the values of their one column."""
    if "kept" in filled:
        yield f"""
            SELECT {KEY}, '' AS entity, list(record ORDER BY record) AS records, NULL AS bag
            FROM ({_in_places("kept", ("record",))}) GROUP BY {KEY}"""
    if "tallies" in filled:
        yield f"""
            SELECT {KEY}, '' AS entity, NULL AS records, flatten(list({COPIES} ORDER BY value)) AS bag
            FROM ({_in_places("tallies", ("list", "value", "count"))}) JOIN
                (SELECT DISTINCT term, period_kind, back FROM used WHERE kind = 'rows') USING (term, period_kind, back)
            WHERE list = 'items' GROUP BY {KEY}"""


def _in_places(source: str, shown: Sequence[str]) -> str:
    """The elements in each place, period and segment they count in; of a register those that stand on its last day."""
    named = ", ".join(shown)
    return f"""
        SELECT {KEY.replace("back", "0 AS back")}, {named} FROM ({merged.standing(source, shown)})
        UNION ALL
        SELECT a.term, a.period_kind, a.back, a.family, u.to_level AS level, u.to_id AS place, l.period, l.segment,
            {named}
        FROM {source} AS d
        JOIN (SELECT DISTINCT term, period_kind, back, family FROM asks WHERE entity = '' AND NOT is_register) AS a
            USING (term)
        JOIN looks AS l ON l.period_kind = a.period_kind AND l.back = a.back AND l.family = a.family AND l.day = d.day
            AND (l.hour IS NULL OR l.hour = d.hour)
        JOIN speaks AS s ON s.term = d.term AND s.entity = '' AND s.day = d.day AND s.from_level = d.level
        JOIN up AS u ON u.from_level = d.level AND u.to_level = s.to_level
            AND u.from_id = coalesce(d.place_id, '{UNPLACED}')"""


def _percentile(parts: Sequence[int], share: str, type_: str, exact_: bool) -> str:
    """SQL for `below` and `above`, the values a percentile lies between, and `portion` of the way (over its parts).

    `nearest_rank` is the ⌈pn⌉-th value; `linear` interpolates at 1 + (n − 1)p.
    """
    p = Fraction(share)
    name = "items" if exact_ else "buckets"
    if type_ == "nearest_rank":
        rank = f"((n * {p.numerator} + {p.denominator - 1}) // {p.denominator})"
        first, second, portion = rank, rank, "0"
    else:
        first = f"(1 + ((n - 1) * {p.numerator}) // {p.denominator})"
        second, portion = f"least(n, {first} + 1)", f"(((n - 1) * {p.numerator}) % {p.denominator})"
    return f"""
        SELECT part, level, place, period, segment, min(value) FILTER (WHERE upto >= {first}) AS below,
            min(value) FILTER (WHERE upto >= {second}) AS above, any_value({portion})::HUGEINT AS portion
        FROM (SELECT r.*, u.part,
                max(upto) OVER (PARTITION BY u.part, {", ".join("r." + key for key in KEY.split(", "))}) AS n
            FROM in_order AS r JOIN used AS u USING (term, period_kind, back)
            WHERE r.list = '{name}' AND u.part IN ({", ".join(map(str, parts))}))
        GROUP BY part, {KEY}"""


def exact(term: Term, alias: str) -> Ratio:
    """A percentile as a fraction, from `below`, `above` and `portion`."""
    parts = 1 if term.type == "nearest_rank" else Fraction(str(term.p)).denominator
    over = f"({alias}.below * {parts} + ({alias}.above - {alias}.below) * {alias}.portion)"
    return Ratio(over, f"{parts * 10**states.SCALE}::HUGEINT")
