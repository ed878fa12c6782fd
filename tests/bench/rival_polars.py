"""What another engineer would write instead: the script of tests/bench/rival.py in Polars, with the same files out.

`python -m tests.bench.rival_polars OUT DELIVERIES...`; what is written, and what it has not, is said there.
"""

import json
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import polars as pl

from tests.bench.rival_places import CITY, UNPLACED, Places, delivered, to_wgs84

FIELDS = ("vehicle_no", "gps_time", "lng", "lat", "speed", "direction", "status", "line")
KEYS = ["vehicle_id", "observed_utc"]
SAID = ["speed_kmh", "heading_deg", "is_occupied", "line_id", "lon_deg", "lat_deg", "street", "grid"]
DEGREES, SPEED = pl.Decimal(9, 6), pl.Decimal(6, 1)


class Taken(NamedTuple):
    """What became of a file: its claims, and how many records it has, are malformed and are rejected."""

    claims: pl.DataFrame
    records: int
    malformed: int
    rejected: int


def main() -> None:
    """Runs the whole script."""
    out, *deliveries = map(Path, sys.argv[1:])
    for layer in ("bronze", "silver", "rejected"):
        (out / layer).mkdir(parents=True, exist_ok=True)
    places, files = Places(deliveries[0] / "planning"), delivered(deliveries)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        taken = list(pool.map(lambda stem: take(stem, files[stem], places, out), files))
    totals = {name: sum(getattr(one, name) for one in taken) for name in ("records", "malformed", "rejected")}
    claims = pl.concat([one.claims for one in taken], rechunk=False).with_row_index("id")
    del taken
    won, lost = settle(claims, out)
    (out / "counts.json").write_text(json.dumps(totals | lost, indent=1, sort_keys=True), "utf-8")
    aggregate(won, places, out)


def take(stem: str, file: Path, places: Places, out: Path) -> Taken:
    """One file: every record to bronze, what is rejected to its own file, the rest typed and placed."""
    raw = read(file).with_row_index("record", 1)
    raw = raw.select(pl.lit(stem).alias("file"), pl.col("record").cast(pl.Int64), "malformed", *FIELDS)
    write(raw, out / "bronze" / f"{stem}.parquet")
    judged = judge(raw.filter(pl.col("malformed").is_null()), places)
    broken = judged.filter(pl.col("broken").is_not_null()).select("record", pl.col("broken").alias("rules"))
    torn = raw.filter(pl.col("malformed").is_not_null()).with_columns(rules=pl.lit("malformed"))
    rejected = pl.concat([raw.join(broken, on="record"), torn.select(*raw.columns, "rules")])
    write(rejected, out / "rejected" / f"{stem}.parquet")
    claims = judged.filter(pl.col("broken").is_null()).drop("broken")
    return Taken(claims, len(raw), len(torn), len(rejected))


def read(file: Path) -> pl.DataFrame:
    """Every record in order; a line that has not every field is malformed."""
    if file.suffix == ".parquet":
        return pl.read_parquet(file).with_columns(malformed=pl.lit(None, pl.String))
    lines = pl.read_csv(file, separator="\x01", quote_char=None, new_columns=["line"], infer_schema=False)
    fields = pl.col("line").str.split_exact(",", len(FIELDS) - 1).struct.rename_fields(FIELDS)
    whole = pl.col("line").str.count_matches(",", literal=True) == len(FIELDS) - 1
    return lines.select(pl.when(~whole).then("line").alias("malformed"), pl.when(whole).then(fields).struct.unnest())


def judge(raw: pl.DataFrame, places: Places) -> pl.DataFrame:
    """Records typed, in WGS84 and placed; `broken` says which are not to be used, `flags` what is wrong in others."""
    time, speed, direction = pl.col("gps_time"), pl.col("speed"), pl.col("direction")
    typed = raw.select(
        "file", "record", "gps_time", "speed", "direction",
        vehicle_id=known("vehicle_no"),
        wall=pl.when(time.str.len_bytes() == 19).then(time.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)),
        lng=pl.col("lng").cast(DEGREES, strict=False).cast(pl.Float64),
        lat=pl.col("lat").cast(DEGREES, strict=False).cast(pl.Float64),
        speed_kmh=speed.cast(SPEED, strict=False),
        heading_deg=pl.when(direction.str.contains(r"^[+-]?[0-9]+$")).then(direction.cast(pl.Int32, strict=False)),
        is_occupied=pl.col("status").replace_strict({"1": True, "0": False}, default=None, return_dtype=pl.Boolean),
        line_id=known("line"),
    )  # fmt: skip
    lon, lat = to_wgs84(typed["lng"].to_numpy(), typed["lat"].to_numpy())
    located = {name: pl.Series(values, nan_to_null=True) for name, values in (("x", lon), ("y", lat))}
    located |= {level: pl.Series(pl.from_arrow(found)) for level, found in places.locate(lon, lat).items()}
    typed = typed.with_columns(**located).with_columns(pl.col("x", "y").round(6).cast(DEGREES, strict=False))
    x, y, wall, heading = (pl.col(name) for name in ("x", "y", "wall", "heading_deg"))
    return typed.select(
        "file", "record", "vehicle_id",
        observed_utc=wall - pl.duration(hours=8),
        observed_date=wall.dt.date(),
        observed_minute=(wall.dt.hour().cast(pl.Int16) * 60 + wall.dt.minute()).cast(pl.Int16),
        observed_offset_min=pl.lit(480, pl.Int16),
        lon_deg=pl.when(x.is_between(-180, 180)).then(x), lat_deg=pl.when(y.is_between(-90, 90)).then(y),
        speed_kmh=pl.when(pl.col("speed_kmh").is_between(0, 200)).then("speed_kmh"),
        heading_deg=pl.when(heading.is_between(0, 360)).then(heading),
        is_occupied="is_occupied", line_id="line_id", street="street", grid="grid",
        broken=said({"required:observed": wall.is_null(), "required:vehicle_id": pl.col("vehicle_id").is_null()}),
        flags=said({
            "type:observed": (time != "") & wall.is_null(),
            "type:speed_kmh": (speed != "") & pl.col("speed_kmh").is_null(),
            "type:heading_deg": (direction != "") & heading.is_null(),
            "range:lon_deg": ~x.is_between(-180, 180), "range:lat_deg": ~y.is_between(-90, 90),
            "range:speed_kmh": ~pl.col("speed_kmh").is_between(0, 200),
            "range:heading_deg": ~heading.is_between(0, 360),
            "position_known": x.is_null() | y.is_null(), "not_null_island": (x == 0) & (y == 0),
        }),
    )  # fmt: skip


def known(name: str) -> pl.Expr:
    """A text, where there is one."""
    return pl.when(pl.col(name) != "").then(name)


def said(rules: dict[str, pl.Expr]) -> pl.Expr:
    """The names of the rules that hold, where any does."""
    names = [pl.when(holds).then(pl.lit(name)) for name, holds in rules.items()]
    text = pl.concat_str(names, separator=",", ignore_nulls=True)
    return pl.when(text != "").then(text)


def settle(claims: pl.DataFrame, out: Path) -> tuple[pl.DataFrame, dict[str, int]]:
    """Each key once, the last word of the last file; what says the same again is a duplicate."""
    again = claims.filter(claims.select(KEYS).is_duplicated()).sort("id", descending=True)
    winners = again.unique(KEYS, keep="first", maintain_order=True).select(*KEYS, "id", *SAID)
    both = again.join(winners, on=KEYS, suffix="_won", nulls_equal=True).filter(pl.col("id") != pl.col("id_won"))
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_won")) for name in SAID)
    lost = both.select("id", same=same)
    won = claims.join(lost, on="id", how="anti").drop("id")
    for (day,), part in won.partition_by("observed_date", as_dict=True).items():
        (out / "silver" / f"observed_date={day}").mkdir()
        write(part, out / "silver" / f"observed_date={day}" / "part.parquet")
    duplicates = int(lost["same"].sum())
    return won, {"accepted": len(won), "duplicates": duplicates, "superseded": len(lost) - duplicates}


def aggregate(won: pl.DataFrame, places: Places, out: Path) -> None:
    """Terms by street or cell and hour, then both indicators at every level, by hour and by day."""
    hour, states = pl.col("observed_minute") // 60, {"n": pl.len().cast(pl.Int64)}
    aggregates = states | {"speeds": pl.col("speed_kmh").count().cast(pl.Int64), "total": pl.col("speed_kmh").sum()}
    terms = pl.concat(
        won.group_by(pl.lit(level).alias("level"), pl.col(level).alias("place"), day="observed_date", hour=hour)
        .agg(**aggregates) for level in ("street", "grid")
    )  # fmt: skip
    write(terms, out / "terms.parquet")
    streets = terms.filter(pl.col("level") == "street")
    district = streets.with_columns(level=pl.lit("district"), place=pl.col("place").str.head(6))
    placed = pl.concat([terms, district]).with_columns(pl.col("place").fill_null(UNPLACED))
    placed = pl.concat([placed, streets.with_columns(level=pl.lit("city"), place=pl.lit(CITY))])
    sums = [pl.col("n").sum(), pl.col("speeds").sum(), pl.col("total").sum()]
    by_hour = placed.group_by("level", "place", "day", "hour").agg(sums)
    by_day = placed.group_by("level", "place", "day").agg(sums).with_columns(hour=pl.lit(None, by_hour.schema["hour"]))
    summed = pl.concat([by_hour, by_day.select(by_hour.columns)])
    hours = pl.DataFrame({"hour": [None, *range(24)]}, schema={"hour": by_hour.schema["hour"]})
    every = pl.DataFrame(pl.from_arrow(places.members())).join(terms.select("day").unique(), how="cross")
    wide = every.join(hours, how="cross").join(
        summed, on=["level", "place", "day", "hour"], how="left", nulls_equal=True
    )
    write(pl.concat([positions(wide), speeds(wide)]).sort(pl.all()), out / "values.parquet")


def positions(wide: pl.DataFrame) -> pl.DataFrame:
    """How many reports there were: none is zero."""
    n = pl.col("n").fill_null(0)
    return wide.select(*named("transport.vehicle_positions"), value=n.cast(pl.Float64), n_records=n)


def speeds(wide: pl.DataFrame) -> pl.DataFrame:
    """Their mean speed, from whole tenths."""
    count = pl.col("speeds").fill_null(0)
    tenths = (pl.col("total") * 10).cast(pl.Int64)
    value = pl.when(count > 0).then(tenths / (10 * count))
    return wide.select(*named("transport.vehicle_speed_kmh"), value=value, n_records=count)


def named(indicator: str) -> Sequence[pl.Expr]:
    """What a value is of."""
    hour = pl.col("hour")
    at = pl.format("T{}", hour.cast(pl.String).str.zfill(2))
    kind = pl.when(hour.is_null()).then(pl.lit("day")).otherwise(pl.lit("hour"))
    period = pl.concat_str(pl.col("day").cast(pl.String), pl.when(hour.is_not_null()).then(at), ignore_nulls=True)
    return [
        pl.lit(indicator).alias("indicator"), pl.col("level"), pl.col("place"), kind.alias("period_kind"),
        period.alias("period"),
    ]  # fmt: skip


def write(rows: pl.DataFrame, path: Path) -> None:
    """A parquet file."""
    rows.write_parquet(path, compression="zstd", compression_level=1)


if __name__ == "__main__":
    main()
