"""What indicators are measured by: one scan of the vehicle positions, ten sums by place and hour, nothing else.

`python -m tests.bench.scan spark|duckdb LAKE OUT` reads the table silver.vehicle_positions of a lake: Spark with the
project's own session, but the JVM's whole compiler, from Delta into a Delta table OUT/scan; DuckDB from its parquet
files into OUT/scan/scan.parquet.
The query is the same text. OUT/spent.json says how long the session took to start, and the rest.
"""

import json
import os
import sys
import time
from pathlib import Path

TABLE = "silver/vehicle_positions"
SUMS = {
    "reports": "1",
    "speeds": "CASE WHEN speed_kmh IS NOT NULL THEN 1 ELSE 0 END",
    "fast": "CASE WHEN speed_kmh > 80 THEN 1 ELSE 0 END",
    "occupied": "CASE WHEN is_occupied THEN 1 ELSE 0 END",
    "speed": "speed_kmh::DOUBLE",
    "speed_squares": "speed_kmh::DOUBLE * speed_kmh::DOUBLE",
    "speed_occupied": "CASE WHEN is_occupied THEN speed_kmh::DOUBLE END",
    "heading": "heading_deg::DOUBLE",
    "lon": "lon_deg::DOUBLE",
    "lat": "lat_deg::DOUBLE",
}
"""Ten sums, of doubles, since Spark adds wide decimals slowly."""
ROUNDING = 1e-9
"""How far two sums of the same n doubles may be apart, by their size: n / 2**53, and no place has 9 million an hour."""
WHOLE_COMPILER = {"_JAVA_OPTIONS": "-XX:TieredStopAtLevel=4"}
"""The project's profile compiles little, because its JVM has little to do; a scan by Spark itself is slow that way."""
QUERY = (
    "SELECT place_level AS level, place_id, date_trunc('hour', observed_utc) AS hour, "
    + ", ".join(f"sum({sql}) AS {name}" for name, sql in SUMS.items())
    + " FROM positions GROUP BY ALL"
)


def main() -> None:
    """Runs the scan."""
    engine, lake, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    session = {"spark": by_spark, "duckdb": by_duckdb}[engine](lake, out / "scan")
    (out / "spent.json").write_text(json.dumps({"session": session}), "utf-8")


def by_spark(lake: Path, out: Path) -> float:
    """Seconds to start the session."""
    from jobs.core.session import start

    os.environ.update(WHOLE_COMPILER)
    clock = time.perf_counter()
    spark = start("citypulse bench scan")
    session = time.perf_counter() - clock
    spark.read.format("delta").load(str(lake / TABLE)).createOrReplaceTempView("positions")
    spark.sql(QUERY).write.format("delta").save(str(out))
    spark.stop()
    return session


def by_duckdb(lake: Path, out: Path) -> float:
    """No session."""
    import duckdb
    from deltalake import DeltaTable

    out.mkdir(parents=True)
    files = DeltaTable(str(lake / TABLE)).file_uris()
    with duckdb.connect(config={"threads": os.cpu_count() or 1}) as connection:
        connection.execute("SET TimeZone='UTC'; SET enable_progress_bar=false")
        connection.read_parquet(files).create_view("positions")
        connection.execute(f"COPY ({QUERY}) TO '{out / 'scan.parquet'}'")
    return 0.0


if __name__ == "__main__":
    main()
