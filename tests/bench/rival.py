"""What one engineer would write instead: a DuckDB script that makes the night's silver rows and values.

`python -m tests.bench.rival OUT DELIVERIES...` reads the same files as the night, of several folders in the order in
which they were delivered, and writes, as parquet,

- `bronze/`: every record as text with its file and position, malformed lines whole,
- `silver/`, `rejected/`: typed rows with their flags, each key once, placed; what was rejected, with its rules,
- `terms.parquet`, `values.parquet`: partial aggregates by place and hour, and the values of both indicators,
- `counts.json`: how many records were what.

It shares no code with the night. Files are worked on side by side; DuckDB does the row work, numpy the datum, shapely's
R-tree the places. It has no ledger, no reruns, no late deliveries, no trust, no pages: the time to beat, not the job.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa

from tests.bench.rival_places import CITY, UNPLACED, Places, delivered, to_wgs84

FIELDS = ("vehicle_no", "gps_time", "lng", "lat", "speed", "direction", "status", "line")


def main() -> None:
    """Runs the whole script."""
    out, *deliveries = map(Path, sys.argv[1:])
    for layer in ("bronze", "silver", "rejected"):
        (out / layer).mkdir(parents=True, exist_ok=True)
    cores = os.cpu_count() or 1
    connection = duckdb.connect(config={"threads": cores})
    connection.execute("SET TimeZone='UTC'; SET enable_progress_bar=false")
    places = Places(deliveries[0] / "planning")
    connection.register("members", places.members())
    files = delivered(deliveries)
    connection.execute(CLAIMS)
    with ThreadPoolExecutor(cores) as pool:
        counts = list(pool.map(lambda stem: take(connection.cursor(), stem, files[stem], places, out), files))
    totals = {name: sum(one[name] for one in counts) for name in ("records", "malformed")}
    totals |= settle(connection, out)
    aggregate(connection, out)
    (out / "counts.json").write_text(json.dumps(totals, indent=1, sort_keys=True), "utf-8")


def take(connection: duckdb.DuckDBPyConnection, stem: str, file: Path, places: Places, out: Path) -> dict[str, int]:
    """One file: every record to bronze, what is rejected to its own file, the rest typed and placed into `claims`."""
    connection.execute(f"CREATE TEMP TABLE raw AS {PARQUET if file.suffix == '.parquet' else CSV}", [str(file)])
    target = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    connection.execute(
        f"""COPY (SELECT '{stem}' AS file, record, malformed,
        {", ".join(f"CASE WHEN malformed IS NULL THEN {name} END AS {name}" for name in FIELDS)} FROM raw)
        TO '{out}/bronze/{stem}.parquet' {target}"""
    )
    connection.execute(TYPED)
    points = connection.sql("SELECT lng, lat FROM typed").to_arrow_table()
    lon, lat = to_wgs84(*(points[name].to_numpy(zero_copy_only=False) for name in ("lng", "lat")))
    located = {"lon": pa.array(lon, from_pandas=True), "lat": pa.array(lat, from_pandas=True)}
    connection.register("located", pa.table(located | places.locate(lon, lat)))
    connection.execute(JUDGED)
    connection.execute(f"""
        COPY (SELECT '{stem}' AS file, record, broken AS rules, raw.* EXCLUDE (record, malformed), malformed
            FROM judged JOIN raw USING (record) WHERE broken IS NOT NULL
            UNION ALL BY NAME SELECT '{stem}' AS file, record, 'malformed' AS rules, malformed FROM raw WHERE
            malformed IS NOT NULL)
        TO '{out}/rejected/{stem}.parquet' {target}""")
    connection.execute(f"INSERT INTO claims SELECT '{stem}', * EXCLUDE (broken) FROM judged WHERE broken IS NULL")
    (counted,) = connection.sql("SELECT count(*), count(malformed) FROM raw").fetchall()
    return {"records": counted[0], "malformed": counted[1]}


CSV = f"""SELECT row_number() OVER () AS record, CASE WHEN len(f) <> 8 THEN line END AS malformed,
    {", ".join(f"f[{i}] AS {name}" for i, name in enumerate(FIELDS, start=1))}
    FROM (SELECT line, string_split(line, ',') AS f FROM read_csv(?, delim = '\x01', quote = '', escape = '',
        header = true, columns = {{'line': 'VARCHAR'}}, auto_detect = false, strict_mode = false))"""
PARQUET = f"""SELECT file_row_number + 1 AS record, NULL::VARCHAR AS malformed, {", ".join(FIELDS)}
    FROM read_parquet(?, file_row_number = true)"""
CLAIMS = """CREATE TABLE claims (file VARCHAR, record BIGINT, vehicle_id VARCHAR, observed_utc TIMESTAMP,
observed_date DATE,
    observed_minute SMALLINT, observed_offset_min SMALLINT, lon_deg DECIMAL(9,6), lat_deg DECIMAL(9,6), speed_kmh
    DECIMAL(6,1),
    heading_deg INTEGER, is_occupied BOOLEAN, line_id VARCHAR, street VARCHAR, grid VARCHAR, flags VARCHAR)"""
TYPED = """CREATE TEMP TABLE typed AS SELECT record, nullif(vehicle_no, '') AS vehicle_id,
    CASE WHEN length(gps_time) = 19 THEN try_strptime(gps_time, '%Y-%m-%d %H:%M:%S') END AS wall, gps_time,
    TRY_CAST(nullif(lng, '') AS DECIMAL(9,6))::DOUBLE AS lng, TRY_CAST(nullif(lat, '') AS DECIMAL(9,6))::DOUBLE AS lat,
    nullif(speed, '') AS speed, TRY_CAST(nullif(speed, '') AS DECIMAL(6,1)) AS speed_kmh, nullif(direction, '') AS
    direction,
    CASE WHEN regexp_full_match(direction, '[+-]?[0-9]+') THEN TRY_CAST(direction AS INTEGER) END AS heading_deg,
    CASE status WHEN '1' THEN true WHEN '0' THEN false END AS is_occupied, nullif(line, '') AS line_id
    FROM raw WHERE malformed IS NULL"""
JUDGED = """CREATE TEMP TABLE judged AS SELECT record, vehicle_id, wall - INTERVAL 8 HOUR AS observed_utc, wall::DATE
AS observed_date,
    (hour(wall) * 60 + minute(wall))::SMALLINT AS observed_minute, 480::SMALLINT AS observed_offset_min,
    CASE WHEN x BETWEEN -180 AND 180 THEN x END AS lon_deg, CASE WHEN y BETWEEN -90 AND 90 THEN y END AS lat_deg,
    CASE WHEN speed_kmh BETWEEN 0 AND 200 THEN speed_kmh END AS speed_kmh,
    CASE WHEN heading_deg BETWEEN 0 AND 360 THEN heading_deg END AS heading_deg, is_occupied, line_id, street, grid,
    CASE WHEN wall IS NULL OR vehicle_id IS NULL THEN concat_ws(',', CASE WHEN wall IS NULL THEN 'required:observed'
    END,
        CASE WHEN vehicle_id IS NULL THEN 'required:vehicle_id' END) END AS broken,
    nullif(concat_ws(',', CASE WHEN gps_time <> '' AND wall IS NULL THEN 'type:observed' END,
        CASE WHEN speed IS NOT NULL AND speed_kmh IS NULL THEN 'type:speed_kmh' END,
        CASE WHEN direction IS NOT NULL AND heading_deg IS NULL THEN 'type:heading_deg' END,
        CASE WHEN x NOT BETWEEN -180 AND 180 THEN 'range:lon_deg' END, CASE WHEN y NOT BETWEEN -90 AND 90 THEN
        'range:lat_deg' END,
        CASE WHEN speed_kmh NOT BETWEEN 0 AND 200 THEN 'range:speed_kmh' END,
        CASE WHEN heading_deg NOT BETWEEN 0 AND 360 THEN 'range:heading_deg' END,
        CASE WHEN x IS NULL OR y IS NULL THEN 'position_known' END,
        CASE WHEN x = 0 AND y = 0 THEN 'not_null_island' END), '') AS flags
    FROM (SELECT typed.*, TRY_CAST(lon AS DECIMAL(9,6)) AS x, TRY_CAST(located.lat AS DECIMAL(9,6)) AS y, street, grid
        FROM typed POSITIONAL JOIN located)"""


def settle(connection: duckdb.DuckDBPyConnection, out: Path) -> dict[str, int]:
    """Each key once, the last word of the last file; what says the same again is a duplicate."""
    said = "speed_kmh, heading_deg, is_occupied, line_id, lon_deg, lat_deg, street, grid"
    connection.execute(f"""
        CREATE TEMP TABLE hits AS SELECT vehicle_id, observed_utc FROM claims GROUP BY ALL HAVING count(*) > 1;
        CREATE TEMP TABLE again AS SELECT rowid AS id, first_value(rowid) OVER w AS winner,
            row({said}) IS NOT DISTINCT FROM first_value(row({said})) OVER w AS same
            FROM claims SEMI JOIN hits USING (vehicle_id, observed_utc)
            WINDOW w AS (PARTITION BY vehicle_id, observed_utc ORDER BY file DESC, record DESC);
        CREATE VIEW won AS SELECT * FROM claims ANTI JOIN (SELECT id FROM again WHERE id <> winner) AS lost ON
        claims.rowid = lost.id;
        COPY (SELECT * FROM won) TO '{out}/silver' (FORMAT parquet, PARTITION_BY (observed_date),
        WRITE_PARTITION_COLUMNS,
            OVERWRITE, COMPRESSION zstd, COMPRESSION_LEVEL 1)""")
    (claimed,), (lost,) = (
        connection.sql(sql).fetchall()
        for sql in (
            "SELECT count(*) FROM claims",
            "SELECT count(*) FILTER (same), count(*) FILTER (NOT same) FROM again WHERE id <> winner",
        )
    )
    rejected = connection.sql(f"SELECT count(*) FROM '{out}/rejected/*.parquet'").fetchall()[0][0]
    return {
        "accepted": claimed[0] - lost[0] - lost[1],
        "duplicates": lost[0],
        "superseded": lost[1],
        "rejected": rejected,
    }


def aggregate(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Terms by street or cell and hour, then both indicators at every level, by hour and by day."""
    connection.execute(f"""
        CREATE TEMP TABLE terms AS SELECT 'street' AS level, street AS place, observed_date AS day, observed_minute
        // 60 AS hour,
            count(*) AS n, count(speed_kmh) AS speeds, sum(speed_kmh) AS total FROM won GROUP BY ALL
        UNION ALL SELECT 'grid', grid, observed_date, observed_minute // 60, count(*), count(speed_kmh), sum(speed_kmh)
            FROM won GROUP BY ALL;
        COPY terms TO '{out}/terms.parquet'""")
    connection.execute(f"""
        CREATE TEMP TABLE wide AS
        WITH placed AS (
            SELECT level, coalesce(place, '{UNPLACED}') AS place, * EXCLUDE (level, place) FROM terms
            UNION ALL SELECT 'district', coalesce(left(place, 6), '{UNPLACED}'), * EXCLUDE (level, place) FROM terms
            WHERE level = 'street'
            UNION ALL SELECT 'city', '{CITY}', * EXCLUDE (level, place) FROM terms WHERE level = 'street'),
        periods AS (SELECT day, unnest([NULL] || range(24)) AS hour FROM (SELECT DISTINCT day FROM terms)),
        summed AS (SELECT level, place, day, hour, sum(n)::BIGINT AS n, sum(speeds)::BIGINT AS speeds, (sum(total) *
        10)::BIGINT AS tenths
            FROM placed GROUP BY GROUPING SETS ((level, place, day, hour), (level, place, day)))
        SELECT m.level, m.place, p.day, p.hour, coalesce(n, 0) AS n, coalesce(speeds, 0) AS speeds, tenths
        FROM members AS m CROSS JOIN periods AS p LEFT JOIN summed AS s
        ON s.level = m.level AND s.place = m.place AND s.day = p.day AND s.hour IS NOT DISTINCT FROM p.hour;
        COPY (
            SELECT 'transport.vehicle_positions' AS indicator, level, place, CASE WHEN hour IS NULL THEN 'day' ELSE
            'hour' END AS period_kind,
                day || coalesce(printf('T%02d', hour), '') AS period, n::DOUBLE AS value, n AS n_records FROM wide
            UNION ALL SELECT 'transport.vehicle_speed_kmh', level, place, CASE WHEN hour IS NULL THEN 'day' ELSE
            'hour' END,
                day || coalesce(printf('T%02d', hour), ''), tenths / (10 * nullif(speeds, 0)), speeds FROM wide
            ORDER BY ALL) TO '{out}/values.parquet'""")


if __name__ == "__main__":
    main()
