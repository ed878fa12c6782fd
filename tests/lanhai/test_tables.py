"""Every table of a lake says itself what it and its columns are, in both languages, as Delta's own metadata has it."""

import json
import re

import pytest

from jobs import layouts
from jobs.core import catalog
from jobs.core.lake import Lake
from schemas import load_city
from tests.lanhai.conftest import CITY

pytestmark = pytest.mark.slow
BOTH = re.compile(r"[^|]*[\u4e00-\u9fff].* \| .*[A-Za-z]", re.DOTALL)


def test_every_table_and_column_of_the_lake_is_described_as_its_layout_says(three_nights: Lake) -> None:
    """Read from the table's log, as any reader of Delta does. Of a field of a file its name as delivered is told."""
    declared = layouts.of(load_city(CITY))
    mute, other = [], []
    for key in catalog.keys(three_nights):
        table = three_nights.delta(key)
        columns = {
            one["name"]: one["metadata"].get("comment", "") for one in json.loads(table.schema().to_json())["fields"]
        }
        mute += [key] if not BOTH.match(table.metadata().description or "") else []
        mute += [f"{key}.{name}" for name, said in columns.items() if not BOTH.match(said)]
        known = declared[key]
        other += [key] if table.metadata().description != known.description else []
        other += [
            f"{key}.{name}" for name, said in columns.items() if name in known.comments and said != known.comments[name]
        ]
    assert (mute, other) == ([], [])
