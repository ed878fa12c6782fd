"""What versions of a definition say of the same periods, also of those in which another version is in force.

Terms of every version are in `fused`, so that it needs no Spark. Nothing is written: what is published is the value by
the version in force.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from jobs import indicators, judgement, release, terms, values
from jobs.core import engine
from jobs.core.engine import literal
from jobs.core.errors import Problem
from jobs.core.lake import Lake, arrow_schema
from jobs.core.ledger import Ledger
from jobs.needs import closure
from jobs.vintages import KEY, VALUES
from schemas import City, Indicator

ALL = "all"
NOT_IN_FORCE = "not_in_force"
"""The reason of a value by a version that is not the one in force at the start of its period."""


def side_by_side(
    city: City, lake: Lake, one: Indicator, where: Sequence[str], until: date | None, asked: Sequence[str]
) -> pa.Table:
    """Rows of `indicators.values` by the versions asked for (or `all`): what was published, up to edition `until`.

    Without `until` they are completed by what each version would say of the periods published under `where`, SQL
    conditions over the columns; those of any indicator, where no night has said anything of this one yet. Raises
    Problem for a version there is none of, and for one whose terms no night has made.
    """
    condition = pc.field("indicator") == one.id
    if until:
        condition &= pc.field("edition") <= until.isoformat()
    published = lake.arrow_where("indicators.values", condition)
    assert published is not None
    known = {version.version: version for version in one.versions}
    chosen = _chosen({*known, *published["definition_version"].to_pylist()}, asked, one.id)
    parts = [published.filter(pc.field("definition_version").isin(chosen))]
    shown = published if published.num_rows else _of_others(lake, one, published.schema)
    if until or not shown.num_rows:
        return parts[0]
    night = date.fromisoformat(pc.max(shown["edition"]).as_py())
    with engine.cursor(threads=2) as connection:
        connection.register("published", shown)
        for version in (known[name] for name in chosen if name in known):
            starts = _unsaid(connection, version, where)
            if starts:
                connection.register("made", said(city, lake, version, starts, night, published))
                key = ", ".join(KEY)
                beside = f"SELECT * FROM published WHERE definition_version = '{version.version}'"
                made = engine.table(connection, f"SELECT m.* FROM made AS m ANTI JOIN ({beside}) USING ({key})")
                parts.append(made.cast(published.schema))
    return pa.concat_tables(parts)


def said(
    city: City, lake: Lake, version: Indicator, starts: Mapping[str, set[date]], biz_date: date, published: pa.Table
) -> pa.Table:
    """The values of periods (kind to first days) by a version, in the columns of `indicators.values`.

    They rest on the terms as the night of `biz_date` left them, are never final, and say `not_in_force`.
    """
    always = version.model_copy(update={"effective_from": date.min, "earlier": ()})
    other = replace(city, indicators={**city.indicators, version.id: always})
    needs = closure(other, {version.id: starts})
    _require_terms(other, lake, needs)
    with engine.connect(threads=2, memory="2GB") as connection:
        indicators.prepare(connection, other, lake, Ledger(lake), biz_date, needs)
        values.compute(connection, other, needs)
        connection.register("history", arrow_schema(VALUES).empty_table())
        judgement.judge(connection, other, biz_date)
        connection.register("published_days", published)
        release.apply(connection, other, biz_date, "published_days")
        made = {
            "status": "CASE WHEN status = 'final' THEN 'provisional' ELSE status END",
            "reasons": f"concat_ws('; ', nullif(reasons, ''), '{NOT_IN_FORCE}')",
            "definition_version": literal(version.version),
        }
        columns = ", ".join(f"{made.get(name, name)} AS {name}" for name in VALUES)
        found = engine.table(connection, f"SELECT {columns} FROM released WHERE indicator = {literal(version.id)}")
    return found.cast(arrow_schema(VALUES))


def _of_others(lake: Lake, one: Indicator, schema: pa.Schema) -> pa.Table:
    """The values of other indicators, as periods for which this one could speak, in a version that it does not have."""
    rows = lake.arrow("indicators.current", schema.names)
    said = {"indicator": one.id, "definition_version": ""}
    for name, text in said.items():
        rows = rows.set_column(schema.get_field_index(name), name, pa.repeat(pa.scalar(text), rows.num_rows))
    return rows


def _require_terms(city: City, lake: Lake, needs: Collection[str]) -> None:
    """Raise Problem for a term that no night has made: without its records a count would be zero."""
    wanted = {
        terms.aggregate(term, city.tables[term.table]).id
        for name in needs
        for version in city.indicators[name].versions
        for term in version.terms.values()
        if not term.looks
    }
    found = lake.arrow_where("fused.terms", pc.field("term").isin(sorted(wanted)), ["term"])
    missing = sorted(wanted - set(found["term"].unique().to_pylist() if found is not None else ()))
    if missing:
        raise Problem(f"no night has made the term {missing[0]!r} yet; the next one will, of every day it touches")


def _chosen(known: Collection[str], asked: Sequence[str], indicator: str) -> list[str]:
    unknown = sorted(set(asked) - {ALL, *known})
    if unknown:
        there = ", ".join(sorted(known))
        raise Problem(f"--definition {', '.join(unknown)}: no version of {indicator}; there is: {there}")
    return sorted(known if ALL in asked else set(asked))


def _unsaid(connection: duckdb.DuckDBPyConnection, version: Indicator, where: Sequence[str]) -> dict[str, set[date]]:
    """Kind of period to the first days of those that are published, but not by this version."""
    rows = connection.sql(f"""
        SELECT DISTINCT period_kind, period_start FROM published WHERE {" AND ".join(where) or "true"}
        EXCEPT SELECT period_kind, period_start FROM published WHERE definition_version = '{version.version}'""")
    out: dict[str, set[date]] = {}
    for kind, start in rows.fetchall():
        if kind in version.periods:
            out.setdefault(kind, set()).add(start)
    return out
