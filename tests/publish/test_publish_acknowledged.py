"""A department's word on an alert, from its delivered file to what the bulletin is given."""

import re
from datetime import date, datetime
from pathlib import Path
from shutil import copytree
from zoneinfo import ZoneInfo

import pytest

from jobs import landing, showing
from jobs.core.lake import Lake
from jobs.core.ledger import Ledger
from schemas import load_city
from schemas.city import ROOT
from tests import inline

DAY, ZONE = date(2025, 3, 5), ZoneInfo("Europe/Berlin")
SOURCE = """publisher: {zh: 办公室, en: Office}
department: office
licence: invented for tests, CC0
description: {zh: 回执, en: Acknowledgements}
files: "acknowledged/*.csv"
reader: {format: csv}
delivery: append
arrives: {every: irregular}
timezone: Europe/Berlin
into: silver.alert_acknowledgements
place: {level: city}
"""
SAID = """日期,指标,地点代码,级别,状态,部门,说明
2025-03-05,general.mini_rides,mini,黄,处置中,能源局,已派两组检修
2025-03-04,general.mini_rides,mini,黄,已知悉,能源局,
2025-03-05,general.mini_rides,d1,紫,已知悉,能源局,no such level
2025-01-31,general.mini_rides,mini,红,已办结,能源局,before the days shown
2025-03-06,general.mini_rides,mini,蓝,已知悉,能源局,after the night
"""


def as_documented() -> str:
    """The fields and columns that docs/operations.md tells a city to declare."""
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    found = re.search(r"```yaml\n(fields: .*?acknowledged_date:.*?)```", page, re.DOTALL)
    assert found
    return found[1]


def test_what_a_department_says_of_an_alert_reaches_the_bulletin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf = copytree(ROOT / "tests" / "soak" / "conf", tmp_path / "conf")
    monkeypatch.setenv("CITYPULSE_CONF", str(conf))
    monkeypatch.setenv("CITYPULSE_KEYS", str(tmp_path / "keys"))
    of_city = conf / "cities" / "mini" / "city.yaml"
    departments = "departments:\n  data_bureau: {zh: 数据局, en: Data}\n"
    of_city.write_text(of_city.read_text("utf-8").replace("departments:\n", departments), "utf-8")
    (conf / "cities" / "mini" / "sources" / "acknowledged.yaml").write_text(SOURCE + as_documented(), "utf-8")
    sent = tmp_path / "in" / "acknowledged" / "2025-03-05.csv"
    sent.parent.mkdir(parents=True)
    sent.write_text(SAID, "utf-8")
    city, lake = load_city("mini"), Lake(tmp_path / "lake", "mini")
    landing.land(city, lake, tmp_path / "in", datetime(2025, 3, 6, 1, tzinfo=ZONE))
    inline.night(city, lake, DAY)
    told = showing.gather(city, lake, Ledger(lake), DAY).acknowledgements
    assert [
        (one["day"], one["place"], one["colour"], one["state"], one["department"], one["note"]) for one in told
    ] == [
        ("2025-03-04", "mini", "yellow", "seen", "能源局", None),
        ("2025-03-05", "mini", "yellow", "acting", "能源局", "已派两组检修"),
    ]
