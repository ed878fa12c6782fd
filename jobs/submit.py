"""What spark-submit runs: some steps of a night in one session."""

import argparse
import os
import sys
from datetime import date
from pathlib import Path


def main() -> int:
    """Exit code 0 done, 1 a critical failure, 2 the request cannot be met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", required=True)
    parser.add_argument("--biz-date", required=True, type=date.fromisoformat)
    parser.add_argument("--steps", required=True, help="comma-separated")
    asked = parser.parse_args()
    from jobs import deadline, night
    from jobs.core.cost import process_began
    from jobs.core.errors import CriticalFailure, Problem
    from jobs.core.lake import Lake
    from schemas import DeclarationError, load_city

    try:
        one = night.Night(load_city(asked.city), Lake.of(asked.city), asked.biz_date)
        limit = deadline.of(one.city, one.biz_date, deadline.now())
        night.run(one, asked.steps.split(","), lambda text: print(text, flush=True), process_began(), limit)
    except (Problem, DeclarationError) as error:
        print(f"citypulse: {error}", file=sys.stderr)
        return 2
    except CriticalFailure as error:
        print(f"citypulse: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(
        code
    )  # a process that used pyspark and deltalake together may abort at interpreter exit, after the work is done
