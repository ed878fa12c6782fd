"""The fast and the exact way, and a file read whole or in ranges, give the same records."""

import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jobs.readers import Span, Unreadable, csv
from jobs.readers import _text as text_of_files

Write = Callable[[bytes | str], Path]

PIECES = [
    "a",
    "bb",
    "",
    " ",
    ",",
    ",",
    ",",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "#",
    "中",
    "é",
    "\0",
    "0.50",
    "\u2028",
    "\x0b",
    "'",
]
texts = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
quoted_texts = st.lists(st.sampled_from([*PIECES, '"', '"']), max_size=60).map("".join)


def both_ways(text: str, options: csv.Options, patch: pytest.MonkeyPatch) -> tuple[list[object], list[object]]:
    fast = [row for batch in csv.table([text] if text else [], options) for row in batch.to_pylist()]
    with patch.context() as patched:
        # The empty text is in every text: each piece seems to hold a quote.
        patched.setattr(csv.Options, "slow_signs", [""])
        exact = [row for batch in csv.table([text] if text else [], options) for row in batch.to_pylist()]
    return fast, exact


@example(text="\r#\n\na", comment="#", width=1)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts, comment=st.sampled_from([None, "#"]), width=st.integers(1, 3))
def test_both_ways_give_the_same_records(
    monkeypatch: pytest.MonkeyPatch, text: str, comment: str | None, width: int
) -> None:
    options = csv.Options(header=False, columns=tuple("abc"[:width]), comment=comment)
    fast, exact = both_ways(text, options, monkeypatch)
    assert fast == exact


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=quoted_texts, size=st.integers(1, 7))
def test_where_a_file_is_cut_into_blocks_makes_no_difference(write: Write, text: str, size: int) -> None:
    options = csv.Options(header=False, columns=("a", "b"))
    whole = [row for batch in csv.table([text] if text else [], options) for row in batch.to_pylist()]
    with write(text).open("rb") as file:
        parts = text_of_files.pieces(text_of_files.stream_blocks(file, size), "utf-8")
        assert [row for batch in csv.table(parts, options) for row in batch.to_pylist()] == whole


@settings(max_examples=150, deadline=None)
@given(text=quoted_texts)
def test_every_character_of_a_file_is_in_some_record_or_is_punctuation(text: str) -> None:
    options = csv.Options(header=False, columns=("a", "b"))
    rows = [row for batch in csv.table([text] if text else [], options) for row in batch.to_pylist()]
    kept = "".join((row["_malformed"] or "") + (row["a"] or "") + (row["b"] or "") for row in rows)
    for sign in ("b", "中", "é", "\0", "5", "#", "\u2028"):
        assert kept.count(sign) == text.count(sign)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "cp949", "ascii"])
@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_ranges_give_the_rows_of_the_whole_file_with_byte_offsets(
    write: Write, monkeypatch: pytest.MonkeyPatch, encoding: str, header: bool, end: str
) -> None:
    sign = "x" if encoding == "ascii" else "中"
    lines = [
        *(["# made", "", "a,b"] if header else []),
        *random.Random(7).choices([f"{sign},1", "", "2", "#", "3,yy"], k=200),
    ]
    content = end.join(lines).encode(encoding)
    path = write(content)
    options = csv.Options(encoding=encoding, comment="#", header=header, columns=() if header else ("a", "b"))
    whole = pa.Table.from_batches(csv.read(path, options)).to_pylist()
    monkeypatch.setattr(csv, "RANGED_ABOVE", 100)
    monkeypatch.setattr(csv, "RANGE", 150)
    ranges = csv.spans(path, options)
    parts = [row for span in ranges for batch in csv.read(path, options, span) for row in batch.to_pylist()]
    assert len(ranges) > 3 or end == "\r"
    assert parts == [row for batch in csv.read(path, options) for row in batch.to_pylist()]
    assert [{**row, "_record": None} for row in parts] == [{**row, "_record": None} for row in whole]
    for row in parts:
        line = row["_malformed"] or f"{row['a']},{row['b']}"
        assert content[row["_record"] :].startswith(line.encode(encoding))


def test_a_range_reads_its_own_bytes_only(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "RANGED_ABOVE", 10)
    monkeypatch.setattr(csv, "RANGE", 8)
    path = write("a,b\n1,x\n2,y\n3,z\n4,w\n")
    ranges = csv.spans(path, csv.Options())
    assert ranges == [Span(4, 16), Span(16, 20)]
    with path.open("r+b") as file:
        file.seek(4)
        file.write(b"\xff" * 12)
    assert [row["b"] for batch in csv.read(path, csv.Options(), ranges[1]) for row in batch.to_pylist()] == ["w"]
    with pytest.raises(Unreadable, match="byte 4 "):
        list(csv.read(path, csv.Options(), ranges[0]))


@pytest.mark.parametrize(
    ("content", "given"),
    [
        (b'a,b\n1,"x"\n' * 20, {}),
        ("a,b\n1,x\n".encode("utf-16") * 20, {"encoding": "utf-16"}),
        (b"\x1f\x8b" + b"a,b\n1,x\n" * 20, {}),
        ("a，b\n1，x\n".encode() * 20, {"delimiter": "，"}),
    ],
)
def test_a_file_that_cannot_be_cut_is_read_whole(
    write: Write, monkeypatch: pytest.MonkeyPatch, content: bytes, given: dict[str, object]
) -> None:
    monkeypatch.setattr(csv, "RANGED_ABOVE", 100)
    assert csv.spans(write(content), csv.Options.model_validate(given)) == []


def test_a_small_file_is_read_whole(write: Write) -> None:
    assert csv.spans(write("a,b\n1,x\n"), csv.Options()) == []


def test_a_big_file_with_an_unreadable_header_is_refused_when_read_not_when_planned(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv, "RANGED_ABOVE", 10)
    path = write(b"a,\xff\n1,x\n2,y\n")
    assert csv.spans(path, csv.Options()) == []
    with pytest.raises(Unreadable, match="byte 2 "):
        list(csv.read(path, csv.Options()))
