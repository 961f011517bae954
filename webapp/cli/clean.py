"""`winnow clean`: pages without their boilerplate."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, NamedTuple

import click

from webapp.cli import options
from webapp.cli.batch import Batch, learned, load, opened, workers_for
from webapp.cli.sharing import Comparison, compared, one_an_id
from webapp.cli.terminal import count, named_errors, say
from webapp.cli.writing import STDOUT, check_apart, check_file, in_place, place

if TYPE_CHECKING:
    from detect import Cut, Keep, Memory, Page, SiteFrom
    from webapp.export import ManifestRecord

    # A page, and the copies to cut from it; None where none are looked for.
    Given = tuple[Page, Sequence[Cut] | None]

Form = Literal["text", "jsonl", "spans"]


@click.command("clean")
@options.inputs
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="The file or folder to write; - for standard output (spans, jsonl).",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "jsonl", "spans"]),
    default="text",
    show_default=True,
    help="text: a folder, a file a page. spans: the labels, a page a line. jsonl: these and both texts.",
)
@options.memories
@options.no_learn
@click.option(
    "--one-copy",
    type=click.Choice(["representative", "earliest"]),
    help="Keep one copy of a passage that pages share: that of its cluster's representative, or of the page that came "
    "out first. All pages are held in memory.",
)
@click.option("--keep-comments", is_flag=True, help="Keep what readers wrote under a page's text.")
@options.site_from
@options.site
@options.workers
def command(
    inputs: tuple[str, ...],
    out: Path,
    form: Form,
    memories: tuple[Path, ...],
    no_learn: bool,
    one_copy: Keep | None,
    keep_comments: bool,
    site_from: SiteFrom,
    site: str,
    workers: int | None,
) -> None:
    """Learn from the INPUTs together, label every page, and write it without its boilerplate.

    An INPUT is a file (.txt, .html, .jsonl, .zip, .gz), a folder of them, or - for standard input.
    """
    from detect import Memory

    _check_out(out, form)
    if one_copy and form == "spans":
        raise click.UsageError("--format spans writes labels, and --one-copy changes none: choose text or jsonl")
    check_apart(out, [*(Path(name) for name in inputs if name != "-"), *memories])
    known = Memory.union([load(path) for path in memories])
    with opened(inputs, site_from, site) as batch:
        workers = workers or workers_for(batch.size())
        if not no_learn:
            known = known + learned(batch.read("learning"), workers)
        copies = _extra_copies(batch, known, one_copy, workers) if one_copy else None
        with _writing(out, form) as write:
            _clean_each(batch, Cleaning(known, form, keep_comments), copies, workers, write)
            batch.need_pages()
    batch.end(f"{count(batch.pages, 'page')} written to {place(out)}")


class Cleaning(NamedTuple):
    """What every page is cleaned by, and the form it is written in."""

    memory: Memory
    form: Form
    keep_comments: bool = False


class Done(NamedTuple):
    """A page as a worker gives it back: `line` as JSON, or for a file of its own its `text` and `manifest`."""

    source: str
    line: str = ""
    text: str = ""
    manifest: ManifestRecord | None = None
    error: str = ""


Write = Callable[[Done], object]


def _clean_page(by: Cleaning, given: Given) -> Done:
    page, copies = given
    try:
        return _done(page, copies, by)
    except Exception as error:  # a page that the engine stumbles over is no reason to lose the others
        return Done(page.source, error=f"it could not be cleaned ({type(error).__name__}: {error})")


def _done(page: Page, copies: Sequence[Cut] | None, by: Cleaning) -> Done:
    from detect import clean, label
    from webapp.export import json_line, manifest_record, page_record, spans_record

    labels = label(page, by.memory, keep_comments=by.keep_comments)
    if by.form == "spans":
        return Done(page.source, json_line(spans_record(page, labels)))
    cleaned = clean(page, labels, copies or ())
    if by.form == "jsonl":
        cuts = None if copies is None else cleaned.cuts
        return Done(page.source, json_line(page_record(page, labels, cleaned.text, cuts)))
    return Done(page.source, text=cleaned.text, manifest=manifest_record(page, labels, cleaned.cuts))


def _clean_each(batch: Batch, by: Cleaning, copies: Copies | None, workers: int, write: Write) -> None:
    import detect

    with named_errors():
        pages = ((page, None if copies is None else copies.of(page)) for page in batch.read("cleaning"))
        for done in detect.run(_clean_page, pages, workers=workers, shared=by):
            if done.error:
                batch.fail(done.source, done.error + (copies.lost_with(done.source) if copies else ""))
                batch.pages -= 1
            else:
                write(done)


class Copies(NamedTuple):
    """The pages that were compared, and the copies to cut from each, by id; the sources of the pages that keep one."""

    pages: dict[str, Page]
    cuts: dict[str, tuple[Cut, ...]]
    keepers: frozenset[str] = frozenset()

    def lost_with(self, source: str) -> str:
        """What to add to the reason why a page could not be written."""
        if source not in self.keepers:
            return ""
        return ", and text was cut from other pages because it stands there: run again without --one-copy"

    def of(self, page: Page) -> tuple[Cut, ...]:
        """What to cut from a page; nothing from one that has the id of another."""
        compared = self.pages.get(page.id)
        return self.cuts.get(page.id, ()) if compared and compared.text == page.text else ()


def _extra_copies(batch: Batch, memory: Memory, keep: Keep, workers: int) -> Copies:
    from detect import Content, Settings, extra_copies

    pages = one_an_id(batch, lambda source, reason: say(f"{source}: {reason}"))
    if not pages:
        return Copies({}, {})
    done, found = compared(Comparison(pages, {}, memory, Settings().passage_words), batch, workers)

    def content_of(id: str) -> Content:
        return Content(done.new[id].text, found.content[id])

    cuts = extra_copies(found.passages, found.clusters, content_of, keep)
    keepers = {pages[cut.kept.page].source for few in cuts.values() for cut in few if cut.kept}
    return Copies(pages, cuts, frozenset(keepers))


def _check_out(out: Path, form: Form) -> None:
    """Refuse before any work what could only fail after it, or would overwrite what is not ours."""
    if form != "text":
        check_file(out, form)
    elif out == STDOUT:
        raise click.UsageError("--format text writes a folder: name it, or choose jsonl or spans for --out -")
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise click.UsageError(f"--out {out} is there and not an empty folder; name a new one")


@contextmanager
def _writing(out: Path, form: Form) -> Iterator[Write]:
    """Where pages are written to; at the end it is all there under its name, and after a failure nothing is."""
    from webapp.export import MANIFEST

    if out == STDOUT:
        stdout = sys.stdout.buffer
        yield lambda done: stdout.write(done.line.encode())
        return
    with in_place(out) as part:
        if form == "text":
            part.mkdir()
            with (part / MANIFEST).open("w", encoding="utf-8", newline="\n") as manifest:
                yield _into_folder(part, manifest)
        else:
            with part.open("w", encoding="utf-8", newline="\n") as lines:
                yield lambda done: lines.write(done.line)


def _into_folder(folder: Path, manifest: IO[str]) -> Write:
    from webapp.export import FileNames, json_line

    names = FileNames()

    def write(done: Done) -> None:
        assert done.manifest is not None, "pages that go into a folder come with their manifest line"
        path = names.path(done.manifest["id"], done.manifest["site"])
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(done.text.encode())
        manifest.write(json_line({**done.manifest, "file": path}))

    return write
