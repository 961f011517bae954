"""`winnow serve`: the app, on this machine."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("serve")
@click.option("--host", help="The address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="[default: 8000]")
@click.option("--data", type=click.Path(path_type=Path), help="The folder that holds everything that is kept.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def command(host: str | None, port: int | None, data: Path | None, no_browser: bool) -> None:
    """Open the app."""
    from webapp.config import ConfigError
    from webapp.server import serve
    from webapp.store import NewerDataError

    try:
        serve(host=host, port=port, data=data, open_browser=not no_browser)
    except (ConfigError, NewerDataError) as error:
        raise click.ClickException(str(error)) from None
