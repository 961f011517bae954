"""`winnow learn`: what recurs on the sites of some pages, kept in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from webapp.cli import options
from webapp.cli.batch import learned, load, opened, workers_for
from webapp.cli.terminal import count, named_errors, say
from webapp.cli.writing import in_place

if TYPE_CHECKING:
    from detect import SiteFrom


@click.command("learn")
@options.inputs
@click.option("--memory", required=True, type=click.Path(path_type=Path), help="The file to write or to extend.")
@click.option("--forget", is_flag=True, help="Take the pages out of the memory instead, as they were when learned.")
@options.site_from
@options.site
@options.workers
def command(
    inputs: tuple[str, ...], memory: Path, forget: bool, site_from: SiteFrom, site: str, workers: int | None
) -> None:
    """Learn what recurs on the sites of the INPUTs, and keep it in a memory file."""
    if memory.is_dir():
        raise click.UsageError(f"--memory {memory} is a folder; name a file")
    if forget and not memory.exists():
        raise click.UsageError(f"--forget takes pages out of a memory, and there is no file {memory}")
    known = load(memory) if memory.exists() else None
    with opened(inputs, site_from, site) as batch:
        with named_errors():
            if known is not None and forget:
                made = known.without(batch.read("forgetting"))
            else:
                fresh = learned(batch.read("learning"), workers or workers_for(batch.size()))
                made = known + fresh if known else fresh
        batch.need_pages()
    with named_errors(), in_place(memory) as part:
        made.save(part)
        short = made.short_sites if forget else ()
    for name in short:
        say(
            f"{name}: only {count(made.pages(name), 'page')} of it are left to go by;"
            " to have more, learn its pages again into a new memory file"
        )
    batch.end(
        f"{count(batch.pages, 'page')} " + (f"forgotten by {memory}" if forget else f"learned and kept in {memory}")
    )
