"""`citypulse serve`: the editions of a city over loopback HTTP, for a browser on this machine."""

from typing import Annotated

import typer

from citypulse.options import CityName, lake_of
from jobs.core.errors import Problem


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
        server = serving.server(lake.root / "editions", one.file.name.zh, port)
    except (OSError, OverflowError) as error:
        raise Problem(f"--port {port}: {error}; give another one, or 0 for any that is free") from None
    with server:
        print(
            f"{city}: {len(found)} editions at http://127.0.0.1:{server.server_port}/ · end it with ctrl-c", flush=True
        )
        server.serve_forever()
