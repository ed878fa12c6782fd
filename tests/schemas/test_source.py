"""What a source says about its columns and its files."""

import unicodedata
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from jobs.fields import canonical
from jobs.readers import Unreadable
from schemas.source import Source, Unpivot

GIVEN: dict[str, Any] = {
    "name": "counts", "publisher": "someone", "department": "planning_bureau", "licence": "CC0",
    "description": "counts", "files": "counts/*.csv", "reader": {"format": "csv"}, "delivery": "append",
    "arrives": {"every": "day"}, "timezone": "Asia/Seoul", "into": "silver.weather",
    "columns": {"station_id": "station"},
}  # fmt: skip


def source(**more: Any) -> Source:
    return Source.model_validate({**GIVEN, **more})


def chunk(**columns: list[str | None]) -> pa.Table:
    rows = len(next(iter(columns.values())))
    texts = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    return pa.table({**texts, "_record": list(range(rows)), "_malformed": pa.nulls(rows, pa.string())})


def test_columns_that_fit_become_records_and_the_first_group_is_the_key() -> None:
    unpivot = Unpivot(name="hour", value="riders", matching="([0-9]{2})시 승차")
    assert unpivot.keys(["역", "07시 승차", "07시 하차", "18시 승차", "18시 승차율"], ()) == {
        "07시 승차": "07", "18시 승차": "18",
    }  # fmt: skip


def test_without_a_group_the_name_is_the_key_and_named_fields_keep_their_meaning() -> None:
    assert Unpivot(name="station", value="v", matching=".+").keys(["date", "A", "B"], {"date"}) == {"A": "A", "B": "B"}


@pytest.mark.parametrize("given", [{}, {"columns": {"A": "a"}, "matching": ".+"}, {"matching": "("}])
def test_an_unpivot_has_one_way_and_a_sound_expression(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Unpivot(name="station", value="v", **given)


def test_a_file_without_a_column_that_fits_is_refused() -> None:
    one = source(fields={"station": ["station"]}, unpivot={"name": "hour", "value": "v", "matching": "[0-9]+"})
    with pytest.raises(Unreadable, match="a column whose name fits \\[0-9\\]\\+"):
        canonical(one, chunk(station=["a"], noon=["1"]))


def test_two_spellings_in_one_file_are_one_field_where_only_one_is_filled() -> None:
    one = source(fields={"station": ["역명", "역"]})
    read = canonical(one, chunk(역명=["a", "", None], n=["1", "2", "3"], 역=[None, "b", ""]))
    assert read["station"].to_pylist() == ["a", "b", None]
    assert read.column_names == ["station", "n", "_record", "_malformed"]


def test_two_spellings_filled_in_one_record_are_refused_not_chosen_from() -> None:
    one = source(fields={"station": ["역명", "역"]})
    with pytest.raises(Unreadable, match="two values of station, one of them under 역"):
        canonical(one, chunk(역명=["a"], 역=["b"]))


def test_a_field_may_bear_the_name_that_another_field_has_in_the_file() -> None:
    one = source(fields={"name": ["full_name"], "station": ["name"]})
    read = canonical(one, chunk(name=["S1"], full_name=["North"]))
    assert (read["station"].to_pylist(), read["name"].to_pylist()) == (["S1"], ["North"])


def test_an_optional_column_is_not_taken_for_a_key() -> None:
    unpivot = {"name": "hour", "value": "v", "matching": ".+"}
    one = source(fields={"station": ["station"]}, optional=["remark"], unpivot=unpivot)
    assert Unpivot.model_validate(unpivot).keys(["station", "remark", "07"], one.named) == {"07": "07"}


def test_a_path_of_decomposed_letters_is_the_same_path() -> None:
    one = source(files="São/역별_{day:%Y%m%d}.csv")
    found = one.match(unicodedata.normalize("NFD", "São/역별_20250402.csv"))
    assert found is not None
    assert found.scope == "2025-04-02"


@pytest.mark.parametrize(
    ("files", "said"), [("a_{data}.csv", "{data}"), ("a_{day:%d-%b}.csv", "%b"), ("a_{day", "{day")]
)
def test_a_placeholder_nobody_fills_is_refused(files: str, said: str) -> None:
    with pytest.raises(ValidationError, match="is unknown; allowed: {delivered}, {day}, {month}") as refused:
        source(files=files)
    assert said in str(refused.value)
