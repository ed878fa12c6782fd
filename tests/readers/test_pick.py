"""Single records of a file are those that reading all of it gives, whatever the format."""

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from jobs import readers
from jobs.readers import csv, parquet
from tests.soak.fuzz import MADE

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "csv": {}, "json": {"records": "$.things"}, "ndjson": {}, "excel": {}, "geojson": {}, "parquet": {},
    "gtfs": {"member": "things.txt"}, "shapefile": {"encoding": "utf-8", "crs": "EPSG:4326"},
    "fhir": {"resource": "Basic", "fields": {"thing": "$.thing", "note": "$.note"}},
}  # fmt: skip
THINGS = [{"thing": f"t{n}", "day": "2025-03-03", "amount": str(n), "note": f"row {n} 漢"} for n in range(40)]


def same(path: Path, form: str, options: Any, wanted: list[int]) -> bool:
    """Whether what is picked is what stands at these records."""
    every = pa.Table.from_batches(list(readers.read(form, path, options)))
    picked = pa.Table.from_batches(list(readers.pick(form, path, options, wanted)))
    expected = every.filter(pa.compute.is_in(every["_record"], pa.array(wanted, pa.int64())))
    return bool(picked.select(expected.column_names).equals(expected))


@pytest.mark.parametrize("form", OPTIONS)
def test_picked_records_are_those_that_stand_there(form: str, tmp_path: Path) -> None:
    reader = readers.find(form)
    try:
        options = reader.Options(**OPTIONS[form])
    except ValueError as error:
        pytest.fail(f"{form}: {error}")
    for suffix, content in MADE[form](THINGS).items():
        (tmp_path / f"file{suffix}").write_bytes(content)
    path = tmp_path / f"file{next(iter(MADE[form](THINGS)))}"
    known = pa.Table.from_batches(list(readers.read(form, path, options)))["_record"].to_pylist()
    for seed in range(5):
        wanted = sorted(Random(seed).sample(known, 7))
        assert same(path, form, options, wanted)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("a;b\r\n1;x\r\n\r\n2;漢\r\n3;z", {"delimiter": ";", "encoding": "gb18030"}),
        ("a,b\r1,x\r2,y\r", {}),
        ("title\na,b\n# none\n1,x\n2,\n1,2,3\n4,y\n", {"skip_rows": 1, "comment": "#"}),
        ("1,x\n2,y\n", {"header": False, "columns": ("a", "b")}),
        ('a,b\n1,"x\ny"\n2,z\n', {}),
        ("\ufeffa,b\n1,x\n2,y\n", {}),
    ],
)
def test_lines_of_delimited_text_are_found_however_they_end(text: str, more: dict[str, Any], tmp_path: Path) -> None:
    path, options = tmp_path / "file.csv", csv.Options(**more)
    path.write_bytes(text.encode(options.encoding))
    known = pa.Table.from_batches(list(readers.read("csv", path, options)))["_record"].to_pylist()
    assert known
    for one in known:
        assert same(path, "csv", options, [one])
    assert same(path, "csv", options, known)


def test_positions_in_bytes_are_read_where_they_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "RANGED_ABOVE", 100)
    monkeypatch.setattr(csv, "RANGE", 60)
    path, options = tmp_path / "file.csv", csv.Options()
    path.write_text("a,b\n" + "".join(f"{n},row {n} 漢\n" for n in range(50)), "utf-8")
    known = pa.Table.from_batches(list(readers.read("csv", path, options)))["_record"].to_pylist()
    assert known[1] > 2
    assert same(path, "csv", options, known[3::7])


def test_only_the_row_groups_with_records_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, options = tmp_path / "file.parquet", parquet.Options()
    pa.parquet.write_table(pa.table({"a": list(range(90))}), path, row_group_size=30)
    read, whole = list[int](), pa.parquet.ParquetFile.read_row_group

    def noted(file: pa.parquet.ParquetFile, at: int) -> pa.Table:
        read.append(at)
        return whole(file, at)

    monkeypatch.setattr(pa.parquet.ParquetFile, "read_row_group", noted)
    picked = pa.Table.from_batches(list(readers.pick("parquet", path, options, [31, 32, 60])))
    assert (picked["a"].to_pylist(), read) == (["30", "31", "59"], [1])
