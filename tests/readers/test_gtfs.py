"""Members of a GTFS zip."""

import zipfile
from pathlib import Path

import pytest

from jobs.readers import Unreadable
from tests.readers.conftest import read_rows

STOPS = '\ufeffstop_id,stop_name,stop_lat\r\nA1,"Main St, North",40.70\r\nA2,,40.71\r\n'


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "feed.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stops.txt", STOPS)
        archive.writestr("inner/routes.txt", "route_id\n7\n")
        archive.writestr("agency.txt", "")
    return tmp_path / "feed.zip"


def test_a_member_is_read_as_csv_with_its_byte_order_mark(feed: Path) -> None:
    assert read_rows("gtfs", feed, member="stops.txt") == [
        {"stop_id": "A1", "stop_name": "Main St, North", "stop_lat": "40.70", "_record": 1},
        {"stop_id": "A2", "stop_name": "", "stop_lat": "40.71", "_record": 2},
    ]


def test_a_member_in_a_folder_is_found(feed: Path) -> None:
    assert read_rows("gtfs", feed, member="routes.txt") == [{"route_id": "7", "_record": 1}]


def test_a_member_that_is_not_there_or_empty_is_refused(feed: Path) -> None:
    with pytest.raises(Unreadable, match=r"a zip of agency\.txt, .*expected one member trips\.txt"):
        read_rows("gtfs", feed, member="trips.txt")
    with pytest.raises(Unreadable, match="empty file"):
        read_rows("gtfs", feed, member="agency.txt")


def test_a_cut_or_damaged_zip_is_refused(feed: Path) -> None:
    whole = feed.read_bytes()
    damaged = bytearray(whole)
    damaged[50] ^= 0xFF
    for content in (b"", whole[:-30], bytes(damaged)):
        feed.write_bytes(content)
        with pytest.raises(Unreadable, match="a damaged zip"):
            read_rows("gtfs", feed, member="stops.txt")
