"""The command line. Exit codes: 0 done, 1 a check or critical step failed, 2 the request cannot be met (says why)."""

import json
import logging
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citypulse import commands, lighter
from citypulse.options import CityName, Day, date_of, lake_of
from citypulse.shown import show
from jobs.core.cost import process_began
from jobs.core.errors import CriticalFailure, Problem, refused
from schemas import DeclarationError, cities, load_city

if TYPE_CHECKING:
    from jobs.night import Night

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="CityPulse (城脉): every number says how good it is, why it moved, and which rows made it.",
)  # fmt: skip
Format = Annotated[str, typer.Option("--format", help="table, csv, json or parquet")]
BY_VERSION = (
    "a version of the indicator's definition, by the date it applies from: every period by it, published or worked out "
    "now; twice, or all, for versions under one another"
)


@app.command("cities")
def list_cities() -> None:
    """What is configured, and the last edition of each."""
    from jobs import said
    from jobs.core.lake import Lake

    for name in cities():
        city, known = load_city(name), said.sealed(Lake.of(name))
        last = f"last edition {known[-1]}" if known else "no edition yet"
        print(
            f"{name:<16}{city.file.name.zh} {city.file.name.en} · {len(city.sources)} sources "
            f"· {len(city.indicators)} indicators · {last}"
        )


@app.command()
def check(city: Annotated[str | None, typer.Option("--city")] = None) -> None:
    """Every declaration, without Spark, in a second or two."""
    from jobs.checking import faults

    failed = 0
    for name in [city] if city else cities():
        try:
            one = load_city(name)
            problems = faults(one)
        except DeclarationError as error:
            problems = str(error).splitlines()
        for problem in problems:
            print(problem, file=sys.stderr)
        failed += len(problems)
        if not problems:
            print(
                f"{name}: {len(one.sources)} sources, {len(one.tables)} tables, "
                f"{len(one.indicators)} indicators: in order"
            )
    if failed:
        raise CriticalFailure(f"check: {failed} fault{'s' if failed > 1 else ''}")


@app.command()
def sample(
    city: CityName, to: Annotated[Path, typer.Option("--to", help="an empty or new folder")],
    nights: int = 3, scale: float = 1.0,
    faults: str = "none", seed: int = 1, first_day: str = "2025-03-03",
) -> None:  # fmt: skip
    """Deliveries of the generated city, and their answer key."""
    from jobs import sample as generator

    if nights < 1 or scale <= 0:
        raise Problem(f"--nights {nights} --scale {scale}: both must be above zero")
    print(generator.write(city, nights, scale, _faults(generator, faults), seed, date_of(first_day, "--first-day"), to))


def _faults(generator: Any, text: str) -> frozenset[str]:
    known = frozenset(generator.FAULTS)
    chosen = known if text == "all" else frozenset(() if text in ("none", "") else text.split(","))
    if chosen - known:
        raise Problem(
            f"--faults {','.join(sorted(chosen - known))}: unknown; allowed: all, none, {', '.join(sorted(known))}"
        )
    return chosen


@app.command()
def land(
    city: CityName, folder: Annotated[Path, typer.Option("--from", help="a folder of delivered files")],
    delivered_at: Annotated[str | None, typer.Option(help="a date or local time; paths that carry one win")] = None,
) -> None:  # fmt: skip
    """Take files into landing."""
    from datetime import UTC, datetime

    from jobs import landing
    from jobs.core.lake import Lake

    one = load_city(city)
    when = landing.delivered_at(delivered_at, one) if delivered_at else datetime.now(UTC)
    result = landing.land(one, Lake.of(city), folder, when)
    parts = [f"{sum(result.new.values())} new deliveries of {len(result.new)} sources"]
    parts += [f"{sum(result.repeats.values())} repeats"] if result.repeats else []
    print(f"{city}: " + ", ".join(parts))
    if result.unmatched:
        more = f" and {len(result.unmatched) - 5} more" if len(result.unmatched) > 5 else ""
        print(
            f"{city}: {len(result.unmatched)} files belong to no source and were left: "
            f"{', '.join(result.unmatched[:5])}{more}"
        )


@app.command()
def quarantine(
    city: CityName, source: Annotated[str | None, typer.Option("--source", help="one source alone")] = None,
    export: Annotated[Path | None, typer.Option("--export", help="a new .xlsx, with the reason at each cell")] = None,
    replay: Annotated[Path | None, typer.Option("--replay", help="that workbook with its records put right")] = None,
    delivered_at: Annotated[str | None, typer.Option(help="when they came back; now, unless told")] = None,
    format_: Format = "table",
) -> None:  # fmt: skip
    """Rejected records on the desk: how many, out to a workbook, and back through the same rules in the next night."""
    from citypulse import counter

    if export is not None and replay is not None:
        raise Problem("--export and --replay: one at a time")
    one, lake = lake_of(city)
    if replay is not None:
        print(counter.replay(one, lake, replay, source, delivered_at))
    elif export is not None:
        print(counter.export(one, lake, export, source))
    else:
        show(counter.listed(one, lake, source), format_, None)


@app.command()
def scan(
    city: CityName,
    planted: Annotated[Path | None, typer.Option("--planted", help="further words that nothing may hold")] = None,
    beside: Annotated[list[Path] | None, typer.Option("--in", help="a folder beside the lake, as of logs")] = None,
) -> None:
    """Look for delivered personal numbers, and the key, in clear: everywhere but in landing's encrypted files."""
    from jobs import leaks
    from jobs.shared import personal

    one, lake = lake_of(city)
    for folder in beside or ():
        if not folder.is_dir():
            raise Problem(f"--in {folder}: no such folder")
    what = leaks.sought(one, lake, leaks.planted(planted) if planted else {})
    found = list(leaks.find(what, [lake.root, *(beside or ())]))
    for leak in found:
        part = f": {leak.part}" if leak.part else ""
        print(f"{personal.masked(str(leak.path))}{part}: {leak.count} {leak.kind} in clear")
    told = f"{len(what.words)} words and {len(what.numbers)} numbers"
    if found:
        raise CriticalFailure(f"scan: {city}: of {told} some are in clear")
    print(f"{city}: none of {told} is in clear")


@app.command()
def erase(
    city: CityName, kind: Annotated[str, typer.Option("--kind", help="citizen_id, credit_code, phone or other")],
    value_file: Annotated[Path, typer.Option("--value-file", help="a file with the identifier in it; - is stdin")],
    apply: Annotated[bool, typer.Option("--apply", help="do it; without, say what would be done")] = False,
) -> None:  # fmt: skip
    """One person's records out of every layer, and what the next night will say differently. It cannot be undone."""
    from citypulse import counter

    one, lake = lake_of(city)
    for line in counter.erase(one, lake, kind, value_file, apply):
        print(line)


@app.command()
def night(
    city: CityName,
    biz_date: Day,
    until: Annotated[str | None, typer.Option("--until", help="stop after this step")] = None,
) -> None:
    """The whole night, without Airflow: in its window an edition at the deadline, and another when all is done."""
    from citypulse import watch
    from jobs import deadline, edition
    from jobs import night as nights

    one = _night(city, biz_date)
    steps = nights.steps(one.city)
    if until is not None:
        if until not in steps:
            raise Problem(f"--until {until!r}: there is: {', '.join(steps)}")
        steps = steps[: steps.index(until) + 1]
    began = process_began()
    limit = deadline.of(one.city, one.biz_date, deadline.now())
    if limit is None or "edition" not in steps:
        return nights.run(one, steps, _tell, began)

    def work(some: Sequence[str], until: deadline.Limit | None) -> int:
        return _code(lambda: nights.run(one, some, _tell, began, until))

    raise typer.Exit(watch.night(limit, edition.folder(one.lake, one.biz_date), steps, work))


@app.command()
def run(step: str, city: CityName, biz_date: Day) -> None:
    """One step: what Airflow calls."""
    from jobs import deadline
    from jobs import night as nights

    one = _night(city, biz_date)
    if step not in (known := nights.steps(one.city)):
        raise Problem(f"step {step!r} is unknown; there is: {', '.join(known)}")
    limit = deadline.of(one.city, one.biz_date, deadline.now())
    nights.run(one, [step], _tell, process_began(), limit)


@app.command()
def maintain(city: CityName) -> None:
    """Put small files together and sweep what nobody needs; every table says the same after. Not beside a night."""
    from jobs import maintenance

    one, lake = lake_of(city)
    said = maintenance.run(one, lake)
    print(f"{city}: " + " · ".join(f"{count:,} {what}" for what, count in said.items()))


@app.command()
def migrate(
    city: CityName, table: Annotated[str | None, typer.Option("--table", help="one table, changed or not")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="do it; without it, only say what would be done")] = False,
) -> None:  # fmt: skip
    """Make tables anew whose contracts changed in a way the night refuses: every delivery is judged again."""
    from jobs import migrating

    one, lake = lake_of(city)
    found = migrating.ahead(one, lake, table)
    for each in found:
        _tell(each.line)
    if not found:
        _tell(f"{city}: every table is as its contract says")
    elif not apply:
        _tell("nothing was changed; --apply does it")
    else:
        migrating.all_of(one, lake, [each.change.table for each in found], _tell)


@app.command()
def values(
    city: CityName, indicator: str | None = None, place: str | None = None, level: str | None = None,
    period: str | None = None,
    segment: str | None = None, as_of: str | None = None,
    definition: Annotated[list[str] | None, typer.Option("--definition", help=BY_VERSION)] = None,
    format_: Format = "table",
    output: Annotated[Path | None, typer.Option("--output", help="where a parquet goes")] = None,
) -> None:  # fmt: skip
    """Published values, now or as edition D said; with --definition as versions of the definition say."""
    from citypulse import asking
    from jobs.core import meter
    from jobs.core.lake import Lake

    one, lake = load_city(city), Lake.of(city)
    rows = asking.values(one, lake, indicator, place, level, period, segment, as_of, definition)
    if rows.num_rows == 0:
        asked = ", ".join(
            f"{k} {v}"
            for k, v in (("indicator", indicator), ("place", place), ("level", level), ("period", period))
            if v
        )
        raise Problem(f"no value of {city} for {asked or 'anything'}; try without one of them")
    show(rows, format_, output)
    meter.note(lake, "values", asking.counted(rows))


@app.command()
def sql(
    city: CityName,
    query: str,
    format_: Format = "table",
    output: Annotated[Path | None, typer.Option("--output")] = None,
) -> None:
    """A read-only query over the lake's tables, without Spark: SELECT … FROM silver.taxi_trips."""
    from citypulse import asking
    from jobs.core import meter

    one, lake = lake_of(city)
    rows = asking.sql(lake, query)
    show(rows, format_, output)
    meter.note(lake, "sql", dict.fromkeys(asking.named(one, lake, query), rows.num_rows))


@app.command()
def oracle(file: Annotated[Path, typer.Argument(metavar="FILE.json", help="a list of cases")]) -> None:
    """Worked examples, answered by the very code that makes published values."""
    from citypulse import asking

    asking.oracle(file, _tell)


@app.command()
def new(kind: str, name: str, city: Annotated[str | None, typer.Option("--city")] = None) -> None:
    """Write the file of a new source, table, indicator or city: `citypulse new source NAME --city C`."""
    from citypulse import scaffold

    for path in scaffold.write(kind, name, city):
        print(path)


@app.command()
def settled(city: CityName, format_: Format = "table") -> None:
    """After how many nights values stopped changing, beside the declared final_after; nothing is applied."""
    from jobs import settling
    from jobs.core.lake import Lake

    show(settling.measured(load_city(city), Lake.of(city)), format_, None)


@app.command("accounts")
def list_accounts(
    city: CityName, source: str | None = None, table: Annotated[str | None, typer.Option("--table")] = None,
    format_: Format = "table",
) -> None:  # fmt: skip
    """What became of every record: offered = accepted + superseded + duplicate + rejected + out of scope."""
    from jobs import accounts
    from jobs.core.ledger import Ledger

    one, lake = lake_of(city)
    for what, name, there in (("--source", source, one.sources), ("--table", table, one.tables)):
        if name is not None and name not in there:
            raise Problem(f"{what} {name!r}: {city} has no such; there is: {', '.join(there)}")
    show(accounts.of_deliveries(Ledger(lake), source, table), format_, None)


@app.command("arrivals")
def list_arrivals(
    city: CityName, biz_date: Day, departments: Annotated[bool, typer.Option("--departments")] = False,
    format_: Format = "table",
) -> None:  # fmt: skip
    """What came that night, and what should have come; with --departments how complete and how punctual each is."""
    from jobs import arrivals

    one = _night(city, biz_date)
    show(arrivals.told(one.lake, one.biz_date, departments), format_, None)


@app.command()
def state(city: CityName, biz_date: Day, format_: Format = "table") -> None:
    """What the night made of each table."""
    from jobs import journal

    one = _night(city, biz_date)
    rows = journal.of_tables(one.lake, one.biz_date)
    if format_ == "json":
        print(json.dumps({row["table"]: {"outcome": row["outcome"], "reason": row["reason"]} for row in rows}))
        return
    for row in rows:
        print(f"{row['table']:<32}{row['outcome']:<8}{row['reason']}")


@app.command()
def steps(city: CityName, biz_date: Day, format_: Format = "table") -> None:
    """How long each step of the night took, and how it ended."""
    from jobs import journal

    one = _night(city, biz_date)
    rows = journal.of_steps(one.lake, one.biz_date)
    if format_ == "json":
        print(json.dumps(rows, default=str))
        return
    for row in rows:
        line = f"{row['attempt']}  {row['step']:<12}{row['outcome']:<9}{row['seconds']:7.1f} s"
        print(line + (f"  {_slack(row['slack_s'])}" if row["slack_s"] is not None else ""))


def _slack(seconds: float) -> str:
    """How far an edition was from its deadline."""
    minutes, rest = divmod(round(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} {'before' if seconds >= 0 else 'after'} its deadline"


def _night(city: str, biz_date: str) -> "Night":
    from jobs.core.lake import Lake
    from jobs.night import Night

    return Night(load_city(city), Lake.of(city), date_of(biz_date, "--biz-date"))


def _tell(text: str) -> None:
    print(text, flush=True)


def _unforeseen(error: Exception) -> int:
    """Words that make no command, and a disk that refuses, are one line too; anything else is a fault of ours."""
    place = os.environ.get("CITYPULSE_LAKE") or "lake"
    disk = refused(error, Path(getattr(error, "filename", None) or place))
    if disk is not None:
        print(f"citypulse: {disk}", file=sys.stderr)
    elif hasattr(error, "format_message"):
        print(f"citypulse: {error.format_message()} (citypulse COMMAND --help)", file=sys.stderr)
    else:
        raise error
    return 2


commands.add(app)


def main() -> None:
    """Run the command line; a bad request and a failure each end in one line."""
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    lighter.start(sys.argv[1:])
    code = _code(lambda: app(standalone_mode=False))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # pyspark and deltalake in one process may abort at interpreter exit, after the work is done


def _code(work: Callable[[], object]) -> int:
    """How work ended."""
    code = 0
    try:
        work()
    except (Problem, DeclarationError) as error:
        print(f"citypulse: {error}", file=sys.stderr)
        code = 2
    except CriticalFailure as error:
        print(f"citypulse: {error}", file=sys.stderr)
        code = 1
    except typer.Exit as error:
        code = error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except Exception as error:
        code = _unforeseen(error)
    return code
