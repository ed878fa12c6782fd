"""The folder is the list of formats."""

import pickle
from pathlib import Path

import pytest

from jobs import readers
from tests.readers.conftest import read_rows


def test_every_module_of_the_folder_is_a_reader_that_forbids_unknown_options() -> None:
    for name in readers.formats():
        reader = readers.find(name)
        assert callable(reader.read)
        assert reader.RECORD
        assert reader.Options.model_config["extra"] == "forbid"
        assert reader.Options.model_config["frozen"]


def test_an_unknown_format_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(LookupError, match=r"'xml' \(there are: csv, excel, fhir, .*shapefile\)"):
        readers.find("xml")


def test_a_helper_is_no_format() -> None:
    with pytest.raises(LookupError):
        readers.find("_text")


def test_a_refusal_survives_the_way_from_a_worker() -> None:
    error = pickle.loads(pickle.dumps(readers.Unreadable("truncated gzip", "a complete gzip file")))
    assert str(error) == "found truncated gzip, expected a complete gzip file"


@pytest.mark.parametrize("format", readers.formats())
def test_a_file_that_is_gone_is_no_matter_of_its_publisher(format: str, tmp_path: Path) -> None:
    needed: dict[str, dict[str, object]] = {
        "fhir": {"resource": "Encounter", "fields": {"id": "$.id"}},
        "gtfs": {"member": "stops.txt"},
    }
    with pytest.raises(FileNotFoundError):
        read_rows(format, tmp_path / "gone.shp", **needed.get(format, {}))
