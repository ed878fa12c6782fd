"""JSON documents, JSON lines and FHIR bulk export."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from jobs.readers import Unreadable, fhir, json, ndjson
from tests.readers.conftest import columns, read_rows

Write = Callable[[bytes | str], Path]


def test_numbers_stay_as_written_and_nested_values_are_json(write: Write) -> None:
    text = (
        '[{"a": 1.10, "b": {"x": [1e3, true, null, "中\\n"]}, "c": true, "d": null, "e": "", "f": 12345678901234567}]'
    )
    assert read_rows("json", write(text)) == [
        {
            "a": "1.10",
            "b": '{"x":[1e3,true,null,"中\\n"]}',
            "c": "true",
            "d": None,
            "e": "",
            "f": "12345678901234567",
            "_record": 1,
        }
    ]


def test_columns_are_all_keys_there_are_in_order_of_appearance(write: Write) -> None:
    assert read_rows("json", write('[{"b": 1}, {"a": 2, "b": 3}]')) == [
        {"b": "1", "a": None, "_record": 1},
        {"b": "3", "a": "2", "_record": 2},
    ]


def test_a_path_leads_to_the_records_and_only_declared_fields_are_taken(write: Write) -> None:
    text = '{"answer": {"the data": [{"id": 7, "who": {"phone": "139"}, "at": [{"x": 1}]}], "total": 1}}'
    fields = {"id": "$.id", "x": "$.at[0].x", "none": "$.at[1].x"}
    assert read_rows("json", write(text), records="$.answer['the data']", fields=fields) == [
        {"id": "7", "x": "1", "none": None, "_record": 1}
    ]


def test_one_object_at_the_path_is_one_record(write: Write) -> None:
    assert read_rows("json", write('{"now": {"t": 3}}'), records="$.now") == [{"t": "3", "_record": 1}]


def test_an_element_that_is_no_object_is_kept_whole(write: Write) -> None:
    assert read_rows("json", write('[{"a": 1}, [1, 2]]'))[1] == {"a": None, "_record": 2, "_malformed": "[1,2]"}


@pytest.mark.parametrize("text", ["", "[{]", '[{"a": 1}', '{"a": [{}]}', "3", '[{"a": "\\ud800"}]', "[" * 100_000])
def test_what_is_not_an_array_of_records_is_refused(write: Write, text: str) -> None:
    with pytest.raises(Unreadable):
        read_rows("json", write(text))


def test_a_forgotten_path_is_told_with_the_keys_there_are(write: Write) -> None:
    with pytest.raises(Unreadable, match=r"an object with total, data, expected records at \$"):
        read_rows("json", write('{"total": 1, "data": [{}]}'))


def test_no_records_is_no_rows(write: Write) -> None:
    assert read_rows("json", write("[]")) == []
    assert columns("json", write("[]"), fields={"a": "$.a"}) == ["a", "_record", "_malformed"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_encodings_and_gzip_are_read_as_in_csv(write: Write, encoding: str) -> None:
    record = '{"站": "中山 😀"}'
    expected = [{"站": "中山 😀", "_record": 1}]
    assert read_rows("json", write(gzip.compress(f"[{record}]".encode(encoding))), encoding=encoding) == expected
    assert read_rows("ndjson", write(f"{record}\n".encode(encoding)), encoding=encoding) == expected


def test_a_line_that_is_no_object_is_kept_whole_in_its_place(write: Write) -> None:
    text = '{"a": 1}\r\n\r\n{"a": 2\n[3]\n{"b": "\u2028"}\n{"a": "\\ud800"}'
    assert read_rows("ndjson", write(text)) == [
        {"a": "1", "b": None, "_record": 1},
        {"a": None, "b": None, "_record": 3, "_malformed": '{"a": 2'},
        {"a": None, "b": None, "_record": 4, "_malformed": "[3]"},
        {"a": None, "b": "\u2028", "_record": 5},
        {"a": None, "b": None, "_record": 6, "_malformed": '{"a": "\\ud800"}'},
    ]


def test_a_line_may_wrap_its_record(write: Write) -> None:
    assert read_rows("ndjson", write('{"d": {"a": 1}}\n'), records="$.d", fields={"n": "$.a"}) == [
        {"n": "1", "_record": 1}
    ]


def test_all_batches_of_a_file_have_the_same_columns(write: Write) -> None:
    assert columns("ndjson", write('{"a": 1}\n' * 50_001 + '{"b": 1}\n')) == ["a", "b", "_record", "_malformed"]


@pytest.mark.parametrize("path", ["a.b", "$a", "$.a[", "$.a[*]", "$..a", ""])
def test_a_path_that_cannot_be_meant_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="is not a path"):
        json.Options(records=path)
    with pytest.raises(ValidationError, match="is not a path"):
        ndjson.Options(fields={"a": path})


ENCOUNTER = (
    '{"resourceType":"Encounter","id":"e1","class":{"code":"EMER"},'
    '"subject":{"reference":"Patient/7","display":"A. B."},"period":{"start":"2025-03-01T08:00:00+08:00"}}'
)


def test_only_the_declared_elements_of_a_resource_are_taken(write: Write) -> None:
    fields = {"id": "$.id", "class": "$.class.code", "patient": "$.subject.reference", "end": "$.period.end"}
    assert read_rows("fhir", write(ENCOUNTER + "\n"), resource="Encounter", fields=fields) == [
        {"id": "e1", "class": "EMER", "patient": "Patient/7", "end": None, "_record": 1}
    ]


def test_another_resource_type_is_malformed(write: Write) -> None:
    patient = '{"resourceType":"Patient","id":"7"}'
    rows = read_rows("fhir", write(f"{patient}\n{ENCOUNTER}\n"), resource="Encounter", fields={"id": "$.id"})
    assert rows == [{"id": None, "_record": 1, "_malformed": patient}, {"id": "e1", "_record": 2}]


def test_a_fhir_source_without_fields_is_refused() -> None:
    with pytest.raises(ValidationError):
        fhir.Options.model_validate({"resource": "Encounter", "fields": {}})
