"""Whether the night and its rival said the same: what became of each record, rows by content, every value bit by bit.

Of indicators, and of days, that nothing was delivered for the night says that they are unknown; the rival does not
speak of them.
"""

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb

Ask = Callable[..., str]
"""Runs `citypulse` with these arguments and returns what it printed."""
TABLE = "silver.vehicle_positions"
ROW = (
    "vehicle_id, observed_utc, observed_date, observed_minute, observed_offset_min, lon_deg, lat_deg, speed_kmh, "
    "heading_deg, is_occupied, line_id"
)
COUNTS = f"""
    SELECT 'records' AS what, sum(records)::BIGINT AS n FROM ops.ingests WHERE source = 'vehicle_gps'
    UNION ALL SELECT 'malformed', sum(malformed)::BIGINT FROM ops.ingests WHERE source = 'vehicle_gps'
    UNION ALL SELECT 'rejected', sum(rows)::BIGINT FROM ops.accounts WHERE "table" = '{TABLE}' AND part = 'rejected'
    UNION ALL SELECT CASE part WHEN 'duplicate' THEN 'duplicates' ELSE part END, sum(rows)::BIGINT
        FROM (SELECT * FROM ops.settled WHERE "table" = '{TABLE}'
            QUALIFY biz_date = max(biz_date) OVER (PARTITION BY day)) GROUP BY part
    UNION ALL SELECT 'in bronze', count(*) FROM bronze.vehicle_gps
    UNION ALL SELECT 'rejected ' || rules, count(*) FROM quarantine.vehicle_positions GROUP BY rules"""
RIVAL_COUNTS = """
    SELECT 'in bronze' AS what, count(*) AS n FROM '{out}/bronze/*.parquet'
    UNION ALL SELECT 'rejected ' || rules, count(*) FROM '{out}/rejected/*.parquet' GROUP BY rules"""
ROWS = """
    SELECT 'rows' AS what, count(*) AS n, sum(hash({row}, {places})::HUGEINT)::VARCHAR AS content FROM {rows}
    UNION ALL SELECT 'flag ' || flag, count(*), NULL
    FROM (SELECT unnest(string_split({flags}, ',')) AS flag FROM {rows}) GROUP BY flag"""
SAME_VALUES = """
    SELECT indicator, level, place, period_kind, period, n.value AS night, r.value AS rival, n.n_records, r.n_records
    FROM (SELECT * FROM '{night}' WHERE indicator IN (SELECT indicator FROM '{rival}')
        AND left(period, 10) IN (SELECT left(period, 10) FROM '{rival}')) AS n
    FULL JOIN '{rival}' AS r USING (indicator, level, place, period_kind, period)
    WHERE n.indicator IS NULL OR r.indicator IS NULL OR n.value IS DISTINCT FROM r.value
        OR n.n_records IS DISTINCT FROM r.n_records
    ORDER BY ALL LIMIT 5"""
NIGHT_PLACES = "CASE WHEN place_level = 'street' THEN place_id END, place_grid"


class Unequal(Exception):
    """Two that should say the same differ: there is nothing to time."""


def require(unlike: Sequence[str]) -> None:
    """Raise Unequal naming what is not the same, if anything."""
    if unlike:
        raise Unequal("not the same:\n  " + "\n  ".join(unlike))


def differences(ask: Ask, city: str, values: Path, rival: Path) -> list[str]:
    """What the two say differently, in words; `values` is where the night's go."""
    night = _counts(ask, city, COUNTS)
    theirs = json.loads((rival / "counts.json").read_text("utf-8"))
    with duckdb.connect() as connection:
        theirs |= dict(connection.sql(RIVAL_COUNTS.format(out=rival)).fetchall())
        none = dict.fromkeys(theirs, 0)
        out = _unequal(none | {what: n for what, n in night.items() if n is not None}, theirs)
        mine = ROWS.format(row=ROW, places=NIGHT_PLACES, rows=TABLE, flags="_flags")
        same = ROWS.format(row=ROW, places="street, grid", rows=f"'{rival}/silver/*/*.parquet'", flags="flags")
        content = {what: (n, text) for what, n, text in connection.sql(same).fetchall()}
        out += _unequal({one["what"]: (one["n"], one["content"]) for one in _asked(ask, city, mine)}, content)
        ask("values", "--city", city, "--format", "parquet", "--output", str(values))
        unlike = connection.sql(SAME_VALUES.format(night=values, rival=rival / "values.parquet")).fetchall()
        return out + [f"value {row}" for row in unlike]


def count_values(rival: Path) -> int:
    """How many values were compared."""
    with duckdb.connect() as connection:
        return int(connection.sql(f"SELECT count(*) FROM '{rival}/values.parquet'").fetchall()[0][0])


def _counts(ask: Ask, city: str, sql: str) -> dict[str, Any]:
    return {one["what"]: one["n"] for one in _asked(ask, city, sql)}


def _asked(ask: Ask, city: str, sql: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(ask("sql", "--city", city, sql, "--format", "json"))
    return rows


def _unequal(night: dict[str, Any], rival: dict[str, Any]) -> list[str]:
    return [
        f"{what}: the night {night.get(what)}, its rival {rival.get(what)}"
        for what in sorted({*night, *rival})
        if night.get(what) != rival.get(what)
    ]


def asker(command: Sequence[str], cwd: Path, environment: dict[str, str]) -> Ask:
    """`citypulse` in a lake."""

    def ask(*words: str) -> str:
        done = subprocess.run([*command, *words], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"citypulse {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    return ask
