"""`winnow learn`: what recurs on the sites of some pages, kept in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from webapp.cli import options
from webapp.cli.batch import learned, load, opened, workers_for
from webapp.cli.terminal import count
from webapp.cli.writing import in_place

if TYPE_CHECKING:
    from detect import SiteFrom


@click.command("learn")
@options.inputs
@click.option("--memory", required=True, type=click.Path(path_type=Path), help="The file to write or to extend.")
@options.site_from
@options.site
@options.workers
def command(inputs: tuple[str, ...], memory: Path, site_from: SiteFrom, site: str, workers: int | None) -> None:
    """Learn what recurs on the sites of the INPUTs, and keep it in a memory file."""
    if memory.is_dir():
        raise click.UsageError(f"--memory {memory} is a folder; name a file")
    known = load(memory) if memory.exists() else None
    with opened(inputs, site_from, site) as batch:
        fresh = learned(batch.read("learning"), workers or workers_for(batch.size()))
    batch.need_pages()
    with in_place(memory) as part:
        part.write_bytes((known + fresh if known else fresh).pack())
    batch.end(f"{count(batch.pages, 'page')} learned and kept in {memory}")
