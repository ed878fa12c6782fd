"""Mergeable states of terms: how each is made from rows, and how parts of it become one, in whatever order they come.

Every state is open: numbers, timestamps and lists that any reader understands. An estimate says how far off it may be.
"""

from collections.abc import Sequence
from decimal import Decimal

from jobs import terms
from jobs.core.engine import literal, quoted
from jobs.shared import rowsql
from schemas import Column, Table

SCALE = 9
FINE = 12
"""Digits after the point of sums, and of sums of products."""
SKETCH = 1024
"""How many of the lowest hashes a distinct estimate keeps: its standard error is 1/√(SKETCH − 2), some 3.1 %."""
DIGITS = 3
"""Significant digits of a value in `buckets`: a percentile read off them is at most 0.5 % off (half of 1 in 100)."""
HASH_BITS = 63
ROWS = 9
"""A sum is over fewer than 10^ROWS rows."""
MOST_DIGITS = 38
EXACT, PRODUCT = f"decimal(38,{SCALE})", f"decimal(38,{FINE})"
TALLY = f"array<struct<value:{EXACT},count:bigint>>"
TYPES = {
    "n": "bigint",
    **dict.fromkeys(("total", "low", "high", "last"), EXACT),
    "last_at": "timestamp",
    "first": EXACT,
    "first_at": "timestamp",
    "squares": PRODUCT,
    "weighted": PRODUCT,
    "weight": EXACT,
    "items": TALLY,
    "buckets": TALLY,
    "members": "array<string>",
    "sketch": "array<bigint>",
    "records": "array<string>",
    "hours": "bigint",
}
WORDS = {
    "n": "记录数 | Records",
    "total": "合计 Σx | Sum Σx",
    "low": "最小值 | Lowest value",
    "high": "最大值 | Highest value",
    "last": "最后一个值 | Last value",
    "last_at": "最后一个值的时间 | Time of the last value",
    "first": "第一个值 | First value",
    "first_at": "第一个值的时间 | Time of the first value",
    "squares": "平方和 Σx² | Sum of squares Σx²",
    "weighted": "加权和 Σwx；时长占比为状态成立的秒数 | Weighted sum Σwx; of a share of time: seconds in the state",
    "weight": "权重和 Σw；时长占比为已知的秒数 | Sum of weights Σw; of a share of time: seconds known",
    "items": "各值及其个数 | Every value with its count",
    "buckets": f"取 {DIGITS} 位有效数字的各值及其个数 | Values to {DIGITS} significant digits with their counts",
    "members": "出现过的不同的值 | The distinct values",
    "sketch": f"不同值的 {SKETCH} 个最小 63 位散列 | The {SKETCH} lowest 63-bit hashes of the distinct values",
    "records": "各记录的所选列，JSON 数组，按列名排列 | Columns of each record, a JSON array by column name",
    "hours": "第 i 位：当天第 i 时有上报 | Bit i: something was reported in hour i of the day",
}
MERGED = {
    "n": "sum(n)::BIGINT",
    "total": "sum(total)",
    "low": "min(low)",
    "high": "max(high)",
    "last": "arg_max(last, (last_at, last))",
    "last_at": "max(last_at)",
    "first": "arg_min(first, (first_at, first))",
    "first_at": "min(first_at)",
    "squares": "sum(squares)",
    "weighted": "sum(weighted)",
    "weight": "sum(weight)",
    "members": "list_sort(list_distinct(flatten(list(members))))",
    "sketch": f"list_sort(list_distinct(flatten(list(sketch))))[:{SKETCH}]",
    "records": "list_sort(flatten(list(records)))",
    "hours": "bit_or(hours)",
}
"""SQL aggregates that make one state of several; tallies are added up value by value (`merged`)."""
TALLIES = ("items", "buckets")
UNIT = f"('1' || repeat('0', greatest(length(u::VARCHAR) - {DIGITS}, 0)))::HUGEINT"
SIGNIFICANT = f"""
    CREATE OR REPLACE TEMP MACRO unscaled(x) AS replace(x::VARCHAR, '.', '')::HUGEINT;
    CREATE OR REPLACE TEMP MACRO rounded_to(u, unit) AS ((u + unit // 2) // unit) * unit;
    CREATE OR REPLACE TEMP MACRO significant_of(u) AS rounded_to(u, {UNIT});
    CREATE OR REPLACE TEMP MACRO significant(x) AS CASE WHEN x < 0 THEN -1 ELSE 1 END
        * significant_of(abs(unscaled(x)))::DECIMAL(38,0) * {Decimal(1).scaleb(-SCALE):f}::DECIMAL({SCALE},{SCALE})"""
"""A value to DIGITS significant digits, halves away from zero: integer arithmetic, the same on every machine."""


def digits(column: Column | None) -> tuple[int, int]:
    """Digits before and after the point that a column's values have, from its valid range or else its type."""
    if column is None or not column.is_number:
        return 1, 0
    if column.valid_range is not None and column.on_invalid != "flag":
        return max(len(str(abs(int(bound)))) for bound in column.valid_range), column.scale
    whole = {"int": 10, "bigint": 19}.get(column.type)
    return whole if whole is not None else int(column.type[8:].split(",")[0]) - column.scale, column.scale


def too_wide(table: Table, one: terms.Aggregate) -> str | None:
    """Why a sum could not be kept exactly, if it could not: it may grow by ROWS digits, and 38 is all there is."""
    (whole, scale), (heavy, fine) = (digits(table.columns.get(name or "")) for name in (one.of, one.weight))
    needed = {
        "total": (whole, SCALE, scale),
        "squares": (2 * whole, FINE, 2 * scale),
        "weighted": (whole + heavy, FINE, scale + fine),
    }
    for name in one.columns:
        before, after = digits(table.columns.get(name))
        if after > SCALE or before > MOST_DIGITS - SCALE:
            return f"its column {name} has {before} digits before the point and {after} after; rows keep 29 and {SCALE}"
    for state in one.state:
        before, after, own = needed.get(state, (0, SCALE, 0)) if one.lasts is None else (0, SCALE, 0)
        if own > after:
            return f"its {state} has {own} digits after the point, {after} are kept; round the column in the source"
        if before + ROWS + after > MOST_DIGITS:
            return (
                f"its {state} may need {before + ROWS} digits before the point and {after} after, {MOST_DIGITS} are "
                f"exact; give {table.key_id} a narrower type or valid_range"
            )
    return None


def counts(table: Table, one: terms.Aggregate) -> str:
    """The condition under which a row counts for an aggregate."""
    tests = [f"({rowsql.to_duckdb(one.where, dict(table.stored))})"] if one.where else []
    tests += [f"{quoted(name)} IS NOT NULL" for name in (one.of, one.weight) if name]
    return " AND ".join(tests) or "true"


def made(table: Table, aggregates: Sequence[terms.Aggregate]) -> str:
    """SQL aggregates `a<i>_<state>` over a table's rows, as a select list."""
    out = []
    for index, one in enumerate(aggregates):
        kept = counts(table, one)
        kept = f" FILTER (WHERE {kept})" if kept != "true" else ""
        out.append(f"count(*){kept} AS a{index}_n")
        out += [f"{_made(table, one, state, kept)} AS a{index}_{state}" for state in one.state]
    return ", ".join(out)


def _made(table: Table, one: terms.Aggregate, state: str, kept: str) -> str:
    """One state; a sum is added up in the column's own exact type, then cast."""
    value, at = quoted(one.of or ""), _instant(table, one.at or table.date)
    exact, weight = f"{value}::DECIMAL(38,{SCALE})", quoted(one.weight or "")
    narrow = _narrow(table, one.of) if state in ("squares", "weighted") else ""
    hashed = f"(md5_number_lower({value}::VARCHAR) >> {64 - HASH_BITS})::BIGINT"
    pairs = f"map_entries(histogram({f'significant({exact})' if state == 'buckets' else exact}){kept})"
    tally = f"list_sort(list_transform({pairs}, lambda e: {{'value': e.key, 'count': e.value::BIGINT}}))"
    return {
        "total": f"sum({value}){kept}::{EXACT}",
        "low": f"min({value}){kept}::{EXACT}",
        "high": f"max({value}){kept}::{EXACT}",
        "last": f"arg_max({exact}, ({at}, {value})){kept}",
        "last_at": f"max({at}){kept}",
        "first": f"arg_min({exact}, ({at}, {value})){kept}",
        "first_at": f"min({at}){kept}",
        "squares": f"sum({narrow} * {narrow}){kept}::{PRODUCT}",
        "weighted": f"sum({_narrow(table, one.weight)} * {narrow}){kept}::{PRODUCT}" if one.weight else "",
        "weight": f"sum({weight}){kept}::{EXACT}",
        "items": tally,
        "buckets": tally,
        "members": f"list_sort(list(DISTINCT {value}::VARCHAR){kept})",
        "sketch": f"list_sort(list(DISTINCT {hashed}){kept})[:{SKETCH}]",
        "records": f"list_sort(list({record(one.columns)}){kept})",
    }[state]


def record(columns: Sequence[str]) -> str:
    """A record as text: a JSON array of its columns' values as texts, NULL where one is unknown."""
    return f"to_json([{', '.join(f'{quoted(name)}::VARCHAR' for name in columns)}])::VARCHAR"


def _narrow(table: Table, name: str | None) -> str:
    """A column in a type narrow enough for a product of two to fit."""
    whole, scale = digits(table.columns[name or ""])
    return f"{quoted(name or '')}::DECIMAL({whole + scale},{scale})"


def _instant(table: Table, name: str) -> str:
    return quoted(f"{name}_utc") if table.is_time(name) else f"{quoted(name)}::TIMESTAMP"


def long_row(keys: Sequence[str], table: Table, one: terms.Aggregate, index: int, there: str | None = None) -> str:
    """The rows of the aggregate `a<index>_…` of a relation `wide` whose grid columns are `g_<key>` (and `_day`)."""
    have = ("n", *one.state)
    named = ", ".join(f"g_{name} AS {name}" if name != "_day" else name for name in keys)
    state = ", ".join(f"{f'a{index}_{name}' if name in have else 'NULL'} AS {name}" for name in TYPES)
    return f"""
        SELECT {named}, {literal(table.key_id)} AS "table", {literal(one.id)} AS term, {state}
        FROM wide WHERE {there or f"a{index}_n > 0"}"""


def merged(keys: Sequence[str], source: str) -> str:
    """A query that gives one row of states a key from many; the order of the rows makes no difference."""
    named = ", ".join(quoted(name) for name in keys)
    states = ", ".join(f"{sql} AS {name}" for name, sql in MERGED.items())
    lists = ", ".join(f"flatten(list({name})) AS {name}" for name in TALLIES)
    tallies = " ".join(f"LEFT JOIN ({_tallied(name)}) AS of_{name} USING (_row)" for name in TALLIES)
    chosen = ", ".join(f"of_{name}.{name}" if name in TALLIES else f"g.{name}" for name in TYPES)
    return f"""
        WITH grouped AS MATERIALIZED (
            SELECT {named}, {states}, {lists}, row_number() OVER () AS _row FROM {source} GROUP BY {named})
        SELECT {", ".join(f"g.{quoted(name)}" for name in keys)}, {chosen} FROM grouped AS g {tallies}
        ORDER BY {", ".join(f"g.{quoted(name)}" for name in keys)}"""


def _tallied(name: str) -> str:
    return f"""
        SELECT _row, list({{'value': value, 'count': count}} ORDER BY value) AS {name}
        FROM (SELECT _row, p.value, sum(p.count)::BIGINT AS count
            FROM (SELECT _row, unnest({name}) AS p FROM grouped WHERE len({name}) > 0) GROUP BY ALL)
        GROUP BY _row"""
