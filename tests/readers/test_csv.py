"""Delimited text: what becomes a record, where it stands, and what is refused."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from jobs.readers import Unreadable, csv
from tests.readers.conftest import columns, read_rows

Write = Callable[[bytes | str], Path]


def test_rows_are_numbered_from_the_header_and_text_is_not_trimmed(write: Write) -> None:
    assert read_rows("csv", write("a,b\n1, x \n2,\n")) == [
        {"a": "1", "b": " x ", "_record": 1},
        {"a": "2", "b": "", "_record": 2},
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quoted", ["", '"z"'])
def test_blank_short_and_long_lines_keep_their_place(write: Write, end: str, quoted: str) -> None:
    lines = ["a,b", "1,x", "", "2", "3,y,z", f"4,{quoted}"]
    assert read_rows("csv", write(end.join(lines) + end)) == [
        {"a": "1", "b": "x", "_record": 1},
        {"a": None, "b": None, "_record": 3, "_malformed": "2"},
        {"a": None, "b": None, "_record": 4, "_malformed": "3,y,z"},
        {"a": "4", "b": "z" if quoted else "", "_record": 5},
    ]


def test_a_quoted_field_may_hold_line_ends_delimiters_and_doubled_quotes(write: Write) -> None:
    assert read_rows("csv", write('a,b\n1,"x,\r\n""y"""\n2,z\n')) == [
        {"a": "1", "b": 'x,\r\n"y"', "_record": 1},
        {"a": "2", "b": "z", "_record": 2},
    ]


def test_a_quote_inside_an_unquoted_field_is_text(write: Write) -> None:
    assert read_rows("csv", write('a,b\n5" screen,x\n')) == [{"a": '5" screen', "b": "x", "_record": 1}]


def test_a_quote_that_is_never_closed_keeps_the_remainder_whole(write: Write) -> None:
    assert read_rows("csv", write('a,b\n1,x\n2,"y\n3,z\n')) == [
        {"a": "1", "b": "x", "_record": 1},
        {"a": None, "b": None, "_record": 2, "_malformed": '2,"y\n3,z'},
    ]


def test_text_behind_a_closing_quote_makes_the_row_malformed_not_guessed(write: Write) -> None:
    assert read_rows("csv", write('a,b\n1,"x"y\n2,z\n')) == [
        {"a": None, "b": None, "_record": 1, "_malformed": '1,"x"y'},
        {"a": "2", "b": "z", "_record": 2},
    ]


def test_a_quoted_field_longer_than_pythons_own_limit_is_read(write: Write) -> None:
    polygon = "((0 0, 1 1))" * 20_000
    assert read_rows("csv", write(f'a,b\n1,"{polygon}"\n'))[0]["b"] == polygon


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gbk", "big5", "shift_jis", "hz"],
)
def test_every_encoding_gives_the_same_text(write: Write, encoding: str) -> None:
    assert read_rows("csv", write("站,量\n中山,1\n".encode(encoding)), encoding=encoding) == [
        {"站": "中山", "量": "1", "_record": 1}
    ]


@pytest.mark.parametrize("encoding", ["cp949", "euc_kr", "utf-8", "utf-16", "johab"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_korean_text_is_read_quoted_or_not(write: Write, encoding: str, quote: str) -> None:
    text = f"이름,값\n{quote}서울{quote},1\n"
    assert read_rows("csv", write(text.encode(encoding)), encoding=encoding) == [
        {"이름": "서울", "값": "1", "_record": 1}
    ]


def test_latin_text_is_read(write: Write) -> None:
    assert read_rows("csv", write("a\ncafé\n".encode("cp1252")), encoding="cp1252")[0]["a"] == "café"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "gb18030"])
def test_a_byte_order_mark_is_no_part_of_the_first_name(write: Write, encoding: str) -> None:
    assert columns("csv", write("\ufeffa,b\n1,2\n".encode(encoding)), encoding=encoding)[:2] == ["a", "b"]


def test_a_byte_order_mark_is_no_part_of_the_first_value(write: Write) -> None:
    options: dict[str, object] = {"header": False, "columns": ["a", "b"]}
    assert read_rows("csv", write("\ufeff1,2\n"), **options) == [{"a": "1", "b": "2", "_record": 1}]


@pytest.mark.parametrize(
    ("content", "encoding", "place"),
    [
        (b"a,b\n1,x\n2,\xff\n", "utf-8", "byte 10"),
        ("a\n서울\n".encode("cp949"), "utf-8", "byte 2"),
        (b"a\nplain\n\xc3\xa9\n", "ascii", "byte 8"),
        (b"a\n1\n\x81\x20\n", "gb18030", "byte 4"),
        ("a\n1\n".encode("utf-16")[:-1], "utf-16", "byte 8"),
        ("a\n1\n".encode("utf-16-le"), "utf-16", "byte 0"),
        (gzip.compress(b"a\n1\n\xff\n", mtime=0), "utf-8", "byte 4"),
    ],
)
def test_wrong_bytes_are_refused_with_their_place(write: Write, content: bytes, encoding: str, place: str) -> None:
    with pytest.raises(Unreadable, match=rf"{place}\b"):
        read_rows("csv", write(content), encoding=encoding)


def test_wrong_bytes_behind_the_first_block_have_their_place_in_the_file(write: Write) -> None:
    good = b"a,b\n" + b"1,\xe4\xb8\xad\n" * 1_500_000
    with pytest.raises(Unreadable, match=f"byte {len(good) + 2} "):
        read_rows("csv", write(good + b"2,\xe4\n"))


def test_gzip_is_known_by_its_bytes_and_may_have_several_members(write: Write) -> None:
    assert read_rows("csv", write(gzip.compress(b"a,b\n1,x\n", mtime=0) + gzip.compress(b"2,y\n", mtime=0)))[1] == {
        "a": "2",
        "b": "y",
        "_record": 2,
    }


def test_a_cut_gzip_is_refused(write: Write) -> None:
    whole = gzip.compress(b"a,b\n" + b"1,x\n" * 1000, mtime=0)
    for cut in (5, len(whole) // 2, len(whole) - 1):
        with pytest.raises(Unreadable, match="truncated gzip"):
            read_rows("csv", write(whole[:cut]))


def test_a_damaged_gzip_is_refused(write: Write) -> None:
    whole = bytearray(gzip.compress(b"a,b\n1,x\n", mtime=0))
    whole[-6] ^= 1
    with pytest.raises(Unreadable, match="damaged gzip"):
        read_rows("csv", write(bytes(whole)))


def test_a_file_without_header_takes_the_declared_names(write: Write) -> None:
    assert read_rows("csv", write("1,x\n\n2,y\n"), header=False, columns=["a", "b"]) == [
        {"a": "1", "b": "x", "_record": 1},
        {"a": "2", "b": "y", "_record": 3},
    ]


@pytest.mark.parametrize("quote", ["", '"'])
def test_lines_above_the_header_and_comments_are_no_records(write: Write, quote: str) -> None:
    text = f"Report\nof May\n# made by hand\n\na;b\n1;{quote}x{quote}\n#,2;y\n3;#z\n"
    assert read_rows("csv", write(text), skip_rows=2, comment="#", delimiter=";") == [
        {"a": "1", "b": "x", "_record": 1},
        {"a": "3", "b": "#z", "_record": 3},
    ]


def test_a_backslash_escapes_where_it_is_declared(write: Write) -> None:
    assert read_rows("csv", write("a,b\n1\\,5,x\n"), escape="\\") == [{"a": "1,5", "b": "x", "_record": 1}]


def test_quotes_are_ordinary_where_none_is_declared(write: Write) -> None:
    assert read_rows("csv", write('a\tb\n"1\tx"\n'), delimiter="\t", quote=None) == [
        {"a": '"1', "b": 'x"', "_record": 1}
    ]


def test_a_delimiter_outside_ascii_is_taken(write: Write) -> None:
    assert read_rows("csv", write("a，b\n1，x\n"), delimiter="，") == [{"a": "1", "b": "x", "_record": 1}]


def test_a_zero_byte_stays_where_it_is(write: Write) -> None:
    for quote in ("", '"'):
        assert read_rows("csv", write(f"a,b\n1\0,{quote}x{quote}\n")) == [{"a": "1\0", "b": "x", "_record": 1}]


def test_repeated_names_are_numbered_without_regard_to_case(write: Write) -> None:
    assert columns("csv", write("id,ID,,id,_record,id_2\n")) == [
        *("id", "ID_2", "column_3", "id_3", "_record_2", "id_2_2"),
        *("_record", "_malformed"),
    ]


def test_a_header_alone_is_a_file_with_no_rows(write: Write) -> None:
    assert read_rows("csv", write("a,b\n")) == []
    assert columns("csv", write("a,b")) == ["a", "b", "_record", "_malformed"]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_refused_unless_it_may_be_empty(write: Write, content: bytes) -> None:
    with pytest.raises(Unreadable, match="empty file"):
        read_rows("csv", write(content))
    assert read_rows("csv", write(content), empty_ok=True) == []
    assert columns("csv", write(content), header=False, columns=["a"]) == ["a", "_record", "_malformed"]


def test_a_header_that_cannot_be_split_is_refused(write: Write) -> None:
    with pytest.raises(Unreadable, match="header that cannot be split"):
        read_rows("csv", write('a,"b\n1,2\n'))


@pytest.mark.parametrize(
    "wrong",
    [
        {"header": False},
        {"columns": ["a"]},
        {"delimiter": ",,"},
        {"delimiter": '"'},
        {"delimiter": "\n"},
        {"encoding": "klingon"},
        {"encoding": "base64"},
        {"seperator": ";"},
    ],
)
def test_options_that_cannot_be_meant_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        csv.Options.model_validate(wrong)
