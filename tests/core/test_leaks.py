"""The search for what must not be in clear finds it wherever it may stand."""

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs import leaks
from jobs.leaks import Sought

PHONE, NAME, NUMBER = "199-0012-3456", "欧阳测试", "330102199003071230"


def as_parquet(path: Path) -> None:
    pq.write_table(pa.table({"a": [1], "b": [[f"x {PHONE}"]]}), path)


def as_dictionary(path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([NUMBER.replace("X", "x")]).dictionary_encode()}), path)


def as_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet.xml", f"<t>{NAME}</t>")


def as_zstd(path: Path) -> None:
    with pa.output_stream(str(path), compression="zstd") as stream:
        stream.write(NAME.encode())


def as_cut(path: Path) -> None:
    """An event log of a session that was killed: what was said, then the end of a frame that never came."""
    with pa.output_stream(str(path), compression="zstd") as stream:
        said = Random(1).randbytes(100_000).hex().encode()
        stream.write(said + NAME.encode() + said[::-1])
    path.write_bytes(path.read_bytes()[:-50_000])
    assert NAME.encode() not in path.read_bytes()


WAYS: list[tuple[str, Callable[[Path], object]]] = [
    ("a.parquet", as_parquet),
    ("b.parquet", as_dictionary),
    ("half.parquet", lambda path: path.write_bytes(b"PAR1 " + NUMBER.encode())),
    ("book.xlsx", as_zip),
    ("events.zstd", as_zstd),
    ("killed.zstd", as_cut),
    ("page.html.gz", lambda path: path.write_bytes(gzip.compress(NUMBER.encode()))),
    ("cut.csv.gz", lambda path: path.write_bytes(gzip.compress(f"{NUMBER}\n".encode() * 9)[:-12])),
    ("log", lambda path: path.write_text(f"tel {PHONE.replace('-', '')}!")),
    ("escaped.json", lambda path: path.write_text(json.dumps([NAME]))),
    ("gb.csv", lambda path: path.write_bytes(f"来电,{NAME}".encode("gb18030"))),
    (f"{NUMBER}.txt", lambda path: path.write_text("")),
]


@pytest.mark.parametrize(("name", "write"), WAYS, ids=[name for name, _ in WAYS])
def test_it_is_found_and_not_repeated(tmp_path: Path, name: str, write: Callable[[Path], object]) -> None:
    write(tmp_path / name)
    what = Sought({PHONE: "phone", NAME: "name"}, {NUMBER.encode(): "citizen_id"})
    found = list(leaks.find(what, [tmp_path]))
    assert {(one.path.name, one.count) for one in found} == {(name, 1)}
    assert not any(word in one.part for one in found for word in (PHONE, NAME, NUMBER))


def test_what_lies_across_two_chunks_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaks, "CHUNK", 1000)
    (tmp_path / "log").write_text("x" * 995 + PHONE + "x" * 2000)
    assert [one.kind for one in leaks.find(Sought({PHONE: "phone"}), [tmp_path])] == ["phone"]


def test_an_encrypted_original_is_left_alone_and_a_clean_folder_is_clean(tmp_path: Path) -> None:
    (tmp_path / "a.csv.aessiv").write_text(NAME)
    (tmp_path / "b.csv").write_text("19900123450 is another's, and 20250303")
    assert list(leaks.find(Sought({PHONE: "phone", NAME: "name"}, {b"19900123459": "phone"}), [tmp_path])) == []
