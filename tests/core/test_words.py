"""Every table and column of every city is described in Chinese and English, with its unit, by its layout."""

import re

import pytest

from jobs import layouts, reference
from schemas import City, cities, load_city

CHINESE, LATIN, UNIT = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]"), re.compile(r"\[([^\]]+)\]$")


@pytest.fixture(scope="module", params=cities())
def city(request: pytest.FixtureRequest) -> City:
    return load_city(request.param)


def both(text: str) -> bool:
    """`中文 | English`."""
    zh, bar, en = text.partition(" | ")
    return bool(bar and CHINESE.search(zh) and LATIN.search(en))


def test_every_table_and_column_has_words_in_both_languages(city: City) -> None:
    found = layouts.of(city)
    assert [key for key, one in found.items() if not both(one.description)] == []
    assert [f"{key}.{name}" for key, one in found.items() for name in one.columns if not both(one.comments[name])] == []


def test_a_declared_unit_stands_in_the_comment_wherever_the_column_is_kept(city: City) -> None:
    found = layouts.of(city)
    for key, table in city.tables.items():
        for name, column in table.columns.items():
            for layer in ("silver", "claims"):
                said = UNIT.search(found[f"{layer}.{table.name}"].comments.get(name, ""))
                assert column.type == "event_time" or (said and said[1]) == column.unit, (key, name)


def test_the_reference_has_what_the_tables_say(city: City) -> None:
    page = reference.lake([city])
    for key, one in layouts.of(city).items():
        layer = key.split(".")[0]
        if layer not in reference.BY_CONTRACT:
            assert f"\n## {key}\n\n{one.description} · cities {city.id}\n" in page
            for name, kind in one.columns.items():
                assert f"\n| `{name}` | {kind} | " + one.comments[name].replace("|", "\\|") in page, (key, name)


def test_a_column_that_nobody_described_is_found() -> None:
    """The test above bites: words are looked up, and there are none for a name that is nowhere."""
    from jobs.core.lake import Layout, described

    made = described("ops.steps", Layout({"seconds": "double", "nowhere": "string"}))
    assert made.comments == {"seconds": "历时 | Duration [s]", "nowhere": ""}
