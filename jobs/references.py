"""Other indicators' values as terms: at an earlier period, over trailing days, across the places inside a place.

Exact where the other's numerator and denominator are kept; else its DOUBLE, and further arithmetic is that of DOUBLE,
each operation rounded once, sums in the order of days. Lists for methods hold nine digits after the point.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from jobs.core import engine
from jobs.core.engine import listed, literal
from jobs.formula import Ratio
from jobs.merged import CELL
from jobs.needs import Need
from jobs.periods import looked_at
from jobs.scope import SCOPES, Scope
from schemas import City, Indicator, Term
from schemas.arithmetic import divisors

WHOLE = ("count", "sum", "min", "max", "last", "first", "distinct", "moments")
LISTS = ("series", "bag")
ENDED = ("sum", "mean", "max", "min")
"""What is taken that has a low and a high end."""
WHENS = ("previous", "same_day_last_week", "year_ago")
LOOKED_AT = "value, over, under, coverage, n_records, low, high, lost, unplaced, days_known"
SAID = "value, NULL, NULL, coverage, n_records, low, high, 0, 0, NULL"
"""The same of a value that an earlier edition published."""


def is_exact(city: City, term: Term) -> bool:
    """Whether a term that is another indicator's value is a fraction."""
    if term.level is not None:
        return False
    other = city.indicators[term.table]
    if not all(fractions(city, version) for version in other.versions):
        return False
    if term.trailing:
        return term.take in ("sum", "mean") and all(_is_whole(city, version) for version in other.versions)
    return True


def fractions(city: City, one: Indicator) -> bool:
    """Whether an indicator's values are fractions of whole numbers: a formula over exact terms, by place."""
    if one.value is None or one.entity is not None or one.rollup is not None:
        return False
    return all(look.table != one.id and is_exact(city, look) for look in one.looks)


def _is_whole(city: City, one: Indicator) -> bool:
    """Whether all values have the same denominator, so that their numerators add up."""
    if one.value is None or divisors(one.value):
        return False
    return all(term.kind in WHOLE for term in one.terms.values())


def register(connection: duckdb.DuckDBPyConnection, needs: Mapping[str, Need]) -> None:
    """Make `before` (when, period, before): the periods that the needed periods look back at."""
    starts: dict[str, set[date]] = {}
    for kind, found in (pair for need in needs.values() for pair in need.starts.items()):
        starts.setdefault(kind, set()).update(found)
    hours = []
    if "hour" in starts:
        hours = connection.sql("SELECT day, text FROM hours ORDER BY hour").to_arrow_table().to_pylist()
    rows = [
        (when, *pair)
        for when in WHENS
        for kind in sorted(starts)
        for pair in looked_at(kind, sorted(starts[kind]), when, hours)
    ]
    engine.register(connection, "before", dict.fromkeys(("when_", "period", "before"), pa.string()), rows)


def other(scope: Scope, term: Term) -> str:
    """Another indicator's value: level, place, period, segment, value (or list), over, under, coverage, n.

    It is of every kind of period. Its own value of an earlier one, where tonight makes none, is what earlier editions
    said last.
    """
    if term.trailing:
        return _trailing(scope, term)
    if term.level:
        return _across(scope, term)
    mine = f"indicator = {literal(term.table)}"
    shown = "level, place, segment, value, over, under, coverage, n_records AS n, low, high, lost, unplaced AS u_n"
    shown += ", days_known"
    if term.when == "same":
        return f"SELECT period, {shown} FROM computed WHERE {mine}"
    made = f"SELECT {CELL}, {LOOKED_AT} FROM computed WHERE {mine}"
    if term.table == scope.one.id:
        said = f"SELECT {CELL}, {SAID} FROM told WHERE {mine}"
        made = f"{made} UNION ALL {said} AND ({CELL}) NOT IN (SELECT ({CELL}) FROM computed WHERE {mine})"
    return f"""
        SELECT b.period, {shown} FROM ({made}) AS c
        JOIN before AS b ON b.before = c.period AND b.when_ = {literal(term.when)}"""


def _trailing(scope: Scope, term: Term) -> str:
    """Taken over the days up to the period's last; unknown where fewer than required are known.

    Only days of which there is a value are joined: of the others a list has NULL, and a sum's end what is valid, times
    their number.
    """
    assert term.trailing is not None
    days, required = term.trailing.days, term.trailing.required
    said = nine_digits("value", "over", "under")
    taken = {
        "sum": "list_sum(list(value ORDER BY nth))",
        "mean": "list_sum(list(value ORDER BY nth)) / count(value)",
        "max": "max(value)",
        "min": "min(value)",
        "series": f"list({said} ORDER BY nth)",
        "bag": f"list_sort(list({said}) FILTER (WHERE value IS NOT NULL))",
    }[term.take or ""]
    low, high = (_end(scope, term, end, "nth", days) for end in ("low", "high"))
    under = "any_value(under)" + (" * count(value)" if term.take == "mean" else "")
    whole = f"list_transform(range({days}), lambda i: taken[list_position(nths, i)])"
    return f"""
        SELECT {CELL}, CASE WHEN is_known THEN {whole if term.take == "series" else "taken"} END AS value,
            CASE WHEN is_known THEN over END AS over, CASE WHEN is_known THEN under END AS under,
            coverage, n, low, high, lost, u_n, days_known
        FROM (
            SELECT c.level, c.place, s.period, s.segment, {taken} AS taken, list(nth ORDER BY nth) AS nths,
                count(value) >= {required} AS is_known, sum(over) AS over, {under} AS under,
                list_sum(list(coalesce(coverage, 0) ORDER BY nth)) / {days} AS coverage, sum(n_records) AS n,
                {low} AS low, {high} AS high, max(lost) AS lost, max(unplaced) AS u_n, count(n_records) AS days_known
            FROM {scope.spans(SCOPES)} AS s JOIN (
                SELECT level, place, segment, period_start AS day, {LOOKED_AT} FROM computed
                WHERE indicator = {literal(term.table)} AND period_kind = 'day' AND level IN ({listed(scope.levels)})
            ) AS c ON c.segment = s.segment AND c.day BETWEEN s.period_end - {days - 1} AND s.period_end,
            LATERAL (SELECT c.day - s.period_end + {days - 1} AS nth)
            GROUP BY c.level, c.place, s.period, s.segment HAVING count(n_records) > 0)"""


def _across(scope: Scope, term: Term) -> str:
    """Taken over the places of a level inside each place; its unplaced part is no place."""
    taken = {
        "min": "min(c.value)",
        "max": "max(c.value)",
        "bag": f"list_sort(list({nine_digits('c.value', 'c.over', 'c.under')}) FILTER (WHERE c.value IS NOT NULL))",
    }.get(term.take or "", "list(c.said ORDER BY c.place)")
    low, high = (_end(scope, term, end, "c.place", 1) for end in ("low", "high"))
    return f"""
        SELECT i.level, i.place, c.period, c.segment, {taken} AS value, NULL::HUGEINT AS over, NULL::HUGEINT AS under,
            list_sum(list(coalesce(c.coverage, 0) ORDER BY c.place)) / any_value(i.parts) AS coverage,
            sum(c.n_records) AS n, {low} AS low, {high} AS high, max(c.lost) AS lost, max(c.unplaced) AS u_n,
            max(c.days_known) AS days_known
        FROM (SELECT DISTINCT to_level AS level, to_id AS place, from_id,
                count(DISTINCT from_id) OVER (PARTITION BY to_level, to_id) AS parts
            FROM up WHERE from_level = {literal(term.level)} AND from_id <> 'unplaced'
            AND to_level IN ({listed(scope.levels)})) AS i
        JOIN ({_inside(scope, term)}) AS c ON c.place = i.from_id
        GROUP BY i.level, i.place, c.period, c.segment"""


def _inside(scope: Scope, term: Term) -> str:
    """What is known of each place of a level: another indicator's value, or what several say (`said`).

    A row is as well covered as the worst of its values.
    """
    here = f"level = {literal(term.level)}"
    if term.kind == "indicator":
        return f"SELECT * FROM computed WHERE {here} AND indicator = {literal(term.table)}"
    names = [look.table for look in term.looks]
    covered = ", ".join(
        f"coalesce(any_value(coverage) FILTER (WHERE indicator = {literal(name)}), 0)" for name in names
    )
    fields = ", ".join(f"{literal(field)}: {_field(term, said)}" for field, said in term.fields.items())
    return f"""
        SELECT place, period, segment, {{{fields}}} AS said, least({covered}) AS coverage, max(n_records) AS n_records,
            max(lost) AS lost, max(unplaced) AS unplaced, max(days_known) AS days_known,
            NULL::DOUBLE AS low, NULL::DOUBLE AS high
        FROM computed WHERE {here} AND indicator IN ({listed(names)}) GROUP BY place, period, segment"""


def _field(term: Term, said: Sequence[str]) -> str:
    """A field of a row: an indicator's value there, or the place it lies in; several are a list."""
    made = [_value_there(name) if "." in name else _place_above(term, name) for name in said]
    return made[0] if len(made) == 1 else f"[{', '.join(made)}]"


def _value_there(name: str) -> str:
    return f"any_value({nine_digits('value', 'over', 'under')}) FILTER (WHERE indicator = {literal(name)})"


def _place_above(term: Term, level: str) -> str:
    """The place of a level that a place lies in; NULL where it lies in none."""
    return f"""(SELECT any_value(nullif(above.to_id, 'unplaced')) FROM up AS above WHERE above.from_id = place
        AND above.from_level = {literal(term.level)} AND above.to_level = {literal(level)})"""


def _end(scope: Scope, term: Term, end: str, order: str, days: int) -> str:
    """The low or high end of what is taken of so many rows; where the other is silent, or there is no row, it can be
    anything valid. Lists have no ends.
    """
    if term.take not in ENDED:
        return "NULL::DOUBLE"
    valid = scope.city.indicators[term.table].valid_range
    far = f"{float(valid[end == 'high'])!r}::DOUBLE" if valid else "NULL::DOUBLE"
    each = f"coalesce({end}, {far})"
    missing = f"CASE WHEN count(*) < {days} THEN {far} END"
    summed = f"list_sum(list({each} ORDER BY {order})) + coalesce(({days} - count(*)) * {missing}, 0)"
    taken = {
        "sum": summed,
        "mean": f"({summed}) / {days}",
        "max": f"greatest(max({each}), {missing})",
        "min": f"least(min({each}), {missing})",
    }
    return taken[term.take]


def nine_digits(value: str, over: str, under: str) -> str:
    """A value as DECIMAL(38,9): of its fraction, cut off after nine digits, where there is one."""
    return f"coalesce({Ratio(over, under).nine_digits()}, ({value})::DECIMAL(38,9))"


def ratio(alias: str) -> Ratio:
    """The fraction of another indicator's value."""
    return Ratio(f"{alias}.over", f"{alias}.under")
