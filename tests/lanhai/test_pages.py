"""The pages of the demo city's last edition, in a browser without a network."""

import pytest

from jobs.core.lake import Lake
from schemas import load_city
from tests.publish import audited
from tests.publish.headless import BINARY, Chromium

LAST = "2025-03-05"


@pytest.mark.skipif(BINARY is None, reason="chromium is not installed (Debian: apt-get install chromium)")
def test_every_page_opens_and_says_what_the_edition_says(
    three_nights: Lake, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with Chromium(tmp_path_factory.mktemp("profile")) as browser:
        audited.edition(browser, three_nights.folder("editions") / LAST, load_city("lanhai"))
