"""`citypulse serve`: the editions of a city over loopback HTTP, for a browser on this machine."""

import json
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from citypulse.options import CityName, lake_of
from jobs.core.errors import Problem

if TYPE_CHECKING:
    from citypulse.serving import Why
    from jobs.behind.vintage import Vintage
    from jobs.core.lake import Lake
    from schemas import City


def add(app: typer.Typer) -> None:
    """Put it on the command line."""
    app.command()(serve)


def serve(city: CityName, port: Annotated[int, typer.Option("--port", help="0 takes any that is free")] = 8000) -> None:
    """Show the editions on this machine alone, until interrupted; `/` lists them, `/2025-03-04/` is one."""
    from citypulse import serving

    one, lake = lake_of(city)
    found = serving.editions(lake.root / "editions")
    if not found:
        raise Problem(f"{city}: no edition in {lake.root / 'editions'} yet; citypulse night makes one")
    try:
        server = serving.server(lake.root / "editions", one.file.name.zh, port, behind(one, lake))
    except (OSError, OverflowError) as error:
        raise Problem(f"--port {port}: {error}; give another one, or 0 for any that is free") from None
    with server:
        print(
            f"{city}: {len(found)} editions at http://127.0.0.1:{server.server_port}/ · end it with ctrl-c", flush=True
        )
        server.serve_forever()


def behind(city: "City", lake: "Lake") -> "Why":
    """What `citypulse why` says of a value of an edition; one question at a time, and editions are kept open."""
    from datetime import date

    from jobs import why
    from jobs.behind import cell, vintage

    known: dict[str, Vintage] = {}
    one_at_a_time = threading.Lock()

    def answer(edition: str, indicator: str, place: str, period: str) -> Mapping[str, object]:
        with one_at_a_time:
            try:
                if edition not in known:
                    known[edition] = vintage.of(city, lake, date.fromisoformat(edition))
                found = why.answer(known[edition], *cell.find(known[edition], indicator, place, period))
            except Problem as problem:
                return {"problem": str(problem)}
        plain: Mapping[str, object] = json.loads(json.dumps(found.data(), default=str))
        return plain

    return answer
