"""P1 from parquet: its night and its rivals, where positions are delivered as parquet.

The source is declared anew, in a conf folder of the benchmark's own: format and file name alone are other.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

import yaml

from schemas.city import ROOT
from tests.bench import p1
from tests.bench.home import CITY, HOME
from tests.bench.scenario import Result

SOURCE = "sources/vehicle_gps.yaml"


def bench(rows: int, rounds: int) -> Sequence[Result]:
    """The scenario, compared and measured. Raises Unequal, RuntimeError."""
    with declared():
        return p1.bench(rows, rounds, "parquet", "p1_parquet")


@contextmanager
def declared() -> Iterator[None]:
    """The city with its positions as parquet, for every command that is run meanwhile."""
    conf = HOME / "conf"
    shutil.rmtree(conf, ignore_errors=True)
    shutil.copytree(ROOT / "conf" / "cities" / CITY, conf / "cities" / CITY)
    source = conf / "cities" / CITY / SOURCE
    told = yaml.safe_load(source.read_text("utf-8"))
    told |= {"reader": {"format": "parquet"}, "files": told["files"].replace(".csv", ".parquet")}
    source.write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), "utf-8")
    with patch.dict(os.environ, {"CITYPULSE_CONF": str(conf)}):
        yield


AIMS = {name: replace(aim, what=f"{aim.what}, from parquet") for name, aim in p1.AIMS.items()}
SCENARIO = replace(p1.SCENARIO, title="P1 from parquet, the same night", aims=AIMS, bench=bench)
