"""Delivered files, damaged: what some reporters said in some hours is taken out, or some records are lost.

A reporter that is taken out leaves no record; of the hospitals' ledger, whose rows are printed for all, empty
cells. Nothing else in a file changes.
"""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq

from jobs.sample.draw import Random
from schemas import City

Kept = Callable[[str, int], bool]
"""Whether what a reporter (or the record of that number) said in an hour stays."""
FIGURES = range(5, 9)


@dataclass(frozen=True)
class Csv:
    """A delimited file: which columns hold the reporter and the hour (and where in its text); records else."""

    encoding: str = "utf-8"
    delimiter: str = ","
    reporter: str | None = None
    hour: tuple[str, slice] | None = None

    def keep(self, path: Path, kept: Kept) -> None:
        rows = list(
            csv.reader(io.StringIO(path.read_bytes().decode(self.encoding), newline=""), delimiter=self.delimiter)
        )
        head, body = rows[0], rows[1:]
        who = head.index(self.reporter) if self.reporter else None
        when = (head.index(self.hour[0]), self.hour[1]) if self.hour else None
        stays = [
            row for n, row in enumerate(body)
            if kept(row[who] if who is not None else str(n), int(row[when[0]][when[1]]) if when else 0)
        ]  # fmt: skip
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.delimiter, lineterminator="\r\n").writerows([head, *stays])
        path.write_bytes(text.getvalue().encode(self.encoding))


class Json:
    """The air quality file."""

    def keep(self, path: Path, kept: Kept) -> None:
        document = json.loads(path.read_text("utf-8"))
        document["data"] = [row for row in document["data"] if kept(row["StationCode"], int(row["TimePoint"][11:13]))]
        path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")


class Parquet:
    """The loop detectors' file."""

    def keep(self, path: Path, kept: Kept) -> None:
        table = pq.read_table(path, partitioning=None)
        pairs = zip(table["sensor_id"].to_pylist(), table["measured_at"].to_pylist(), strict=True)
        pq.write_table(table.filter([kept(sensor, int(str(at)[11:13])) for sensor, at in pairs]), path)


class Ledger:
    """The hospitals' ledger: the figures of its newest day, which the next night's ledger says again."""

    def keep(self, path: Path, kept: Kept) -> None:
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        days = [row for row in range(1, sheet.max_row + 1) if isinstance(sheet.cell(row, 1).value, date)]
        for row in range(days[-1], sheet.max_row + 1):
            code = sheet.cell(row, 2).value
            if isinstance(code, str) and code.startswith("H") and not kept(code, 0):
                for column in FIGURES:
                    sheet.cell(row, column).value = None
        book.save(path)


WAYS: dict[str, Csv | Json | Parquet | Ledger] = {
    "air_hourly": Json(),
    "road_sensors": Parquet(),
    "hospital_ledger": Ledger(),
    "water_pressure": Csv(delimiter=";", reporter="gauge", hour=("read_at", slice(11, 13))),
    "weather_stations": Csv(reporter="区站号", hour=("时次", slice(None))),
    "taxi_trips": Csv(),
    "power_outages": Csv(),
    "hotline_cases": Csv(encoding="gb18030"),
}
COUNTED = ("taxi_trips", "power_outages", "hotline_cases")
"""Sources beside which a control count is delivered: they lose records, not reporters."""


def hurt(city: City, folder: Path, source: str, rng: Random) -> None:
    """Damage a source's files of a night: some reporters for the day or some hours, or some records, one at least."""
    way = WAYS[source]
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        if city.sources[source].match(path.relative_to(folder).as_posix()):
            kept = _kept(source, rng)
            way.keep(path, kept)
            while all(kept.known.values()):
                kept = _kept(source, rng)
                way.keep(path, kept)


def _kept(source: str, rng: Random) -> "Drawn":
    """A plan of damage: who (or which record) is silent is decided once for each, in the order asked."""
    share, by_hour = float(rng.uniform(0.02, 0.45)), bool(rng.random() < 0.5)
    return Drawn(rng, share, by_hour and source not in (*COUNTED, "hospital_ledger"))


@dataclass
class Drawn:
    """Each reporter, or each of its hours, is silent with the same chance."""

    rng: Random
    share: float
    by_hour: bool
    known: dict[tuple[str, int], bool] = field(default_factory=dict)

    def __call__(self, reporter: str, hour: int) -> bool:
        key = (reporter, hour if self.by_hour else 0)
        if key not in self.known:
            self.known[key] = bool(self.rng.random() >= self.share)
        return self.known[key]
