"""Stock great-expectations on one silver table: a validation of every rule with SUMMARY, as its guide shows it.

Spark is the project's own session, but with the JVM's whole compiler, as in tests/bench/scan.py.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from jobs.core import session
from schemas import load_city
from tests.bench.home import CITY
from tests.bench.p4 import KEY, rules
from tests.bench.scan import WHOLE_COMPILER


def main(lake: Path, out: Path) -> None:
    """Validate the table of a lake; write seconds and, by rule, success and unexpected rows."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    os.environ.update(WHOLE_COMPILER)
    import great_expectations as gx  # slow to import: some ten seconds

    spark = session.start("stock great-expectations", os.environ.get("CITYPULSE_PROFILE", "local"))
    context = gx.get_context(mode="ephemeral")
    table, asked = load_city(CITY).tables[KEY], rules()
    source = context.data_sources.add_spark("lake").add_dataframe_asset("silver")
    spark.range(1).count()
    clock = time.perf_counter()
    frame = spark.read.format("delta").load(str(lake / "silver" / table.name))
    batch = source.add_batch_definition_whole_dataframe("night").get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite("rules", [
        getattr(gx.expectations, "".join(word.capitalize() for word in str(rule.expectation).split("_")))(
            **rule.stored(table), meta={"rule": rule.rule}
        )
        for rule in (*asked.rows, *asked.sets)
    ])  # fmt: skip
    results = batch.validate(suite, result_format="SUMMARY").results
    seconds = time.perf_counter() - clock
    said = {_rule(one): [one.success, one.result.get("unexpected_count")] for one in results}
    out.write_text(json.dumps({"seconds": seconds, "said": said}), "utf-8")
    spark.stop()


def _rule(result: Any) -> str:
    name: str = result.expectation_config.meta["rule"]
    return name


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
