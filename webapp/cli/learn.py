"""`winnow learn`: what recurs on the sites of some pages, kept in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from webapp.cli import options
from webapp.cli.batch import Batch, load, opened, workers_for
from webapp.cli.on_spark import LOCAL, Engine, check, learn_on_spark
from webapp.cli.parts import learn_part
from webapp.cli.terminal import count, named_errors, say
from webapp.cli.work import working
from webapp.cli.writing import STDOUT, check_apart, in_folder_beside, in_place

if TYPE_CHECKING:
    from detect import Memory, SiteFrom


@click.command("learn")
@options.inputs
@click.option("--memory", required=True, type=click.Path(path_type=Path), help="The file to write or to extend.")
@click.option("--forget", is_flag=True, help="Take the pages out of the memory instead, as they were when learned.")
@options.site_from
@options.site
@options.workers
@options.resume
@options.engine
@options.master
def command(
    inputs: tuple[str, ...],
    memory: Path,
    forget: bool,
    site_from: SiteFrom,
    site: str,
    workers: int | None,
    resume: bool,
    engine: Engine,
    master: str | None,
) -> None:
    """Learn what recurs on the sites of the INPUTs, and keep it in a memory file."""
    from detect import Memory

    local = {"--forget": forget, "--resume": resume, "--workers": workers is not None}
    check(engine, master, local, inputs)
    if memory == STDOUT:
        raise click.UsageError("--memory keeps a file, and cannot be standard output: name a file")
    if memory.is_dir():
        raise click.UsageError(f"--memory {memory} is a folder; name a file")
    check_apart(memory, [Path(name) for name in inputs if name != "-"], "--memory")
    if forget and not memory.exists():
        raise click.UsageError(f"--forget takes pages out of a memory, and there is no file {memory}")
    if forget and resume:
        raise click.UsageError("--forget reads its pages once and leaves nothing to go on with: leave out --resume")
    known = load(memory) if memory.exists() else None
    with opened(inputs, site_from, site) as batch, named_errors():
        if known is not None and forget:
            _forget(known, batch, memory)
        elif engine == "spark":
            with in_folder_beside(memory) as folder:
                fresh = Memory.union([Memory.load(path) for path in learn_on_spark(batch, master or LOCAL, folder)])
                _save(known + fresh if known else fresh, memory)
        else:
            # Not what the memory held: a run that was killed after it had saved would find another one.
            asked = {"site_from": site_from, "site": site}
            with _learned(batch, memory, asked, workers or workers_for(batch.size()), resume) as fresh:
                _save(known + fresh if known else fresh, memory)
    batch.end(
        f"{count(batch.pages, 'page')} " + (f"forgotten by {memory}" if forget else f"learned and kept in {memory}")
    )


@contextmanager
def _learned(batch: Batch, memory: Path, asked: Mapping[str, object], workers: int, resume: bool) -> Iterator[Memory]:
    """What the pages teach, a part of them after another; it is in files that are gone when it was used."""
    from detect import Memory, teaching

    with working(memory, batch, asked, resume) as work:
        spread = work.spread(teaching(batch.read("reading")), batch)
        made = work.make(learn_part, None, "learning", spread, workers)
        yield Memory.union([Memory.load(path) for path in made])
        work.end()


def _forget(known: Memory, batch: Batch, memory: Path) -> None:
    left = known.without(batch.read("forgetting"))
    batch.need_pages()
    short = [(name, left.pages(name)) for name in left.short_sites]  # read from the file that is written over
    _save(left, memory)
    for name, pages in short:
        say(
            f"{name}: only {count(pages, 'page')} of it are left to go by;"
            " to have more, learn its pages again into a new memory file"
        )


def _save(made: Memory, memory: Path) -> None:
    with in_place(memory) as part, part.open("wb") as out:
        made.write(out)
