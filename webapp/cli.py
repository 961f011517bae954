"""The command `winnow`: serve the app, or clean and learn from the command line.

The engine and the web framework are imported inside the commands, so that `winnow --help` answers at once.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, NamedTuple

import click

if TYPE_CHECKING:
    from detect import Memory, Page, SiteFrom, Unreadable
    from webapp.export import ManifestRecord

Form = Literal["text", "jsonl", "spans"]

_STDOUT = Path("-")
# Starting a process costs about as long as reading this many bytes.
_WORTH_A_PROCESS = 8_000_000

_inputs = click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
_site_from = click.option(
    "--site-from",
    type=click.Choice(["auto", "url", "folder", "none"]),
    default="auto",
    show_default=True,
    help="What tells a page's site. auto: its own 'site', else its address, else its folder.",
)
_PAGES = (".txt", ".html", ".htm")
_site = click.option(
    "--site",
    default="",
    help="The site of pages of which nothing else tells it; without it, the name of the INPUT or its folder.",
)
_workers = click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes to work with. Without it: one a processor, and one for little input.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="winnow")
def main() -> None:
    """Tell content from boilerplate in the text of web pages, with the reason for every mark."""


@main.command()
@click.option("--host", help="The address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="[default: 8000]")
@click.option("--data", type=click.Path(path_type=Path), help="The folder that holds everything that is kept.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def serve(host: str | None, port: int | None, data: Path | None, no_browser: bool) -> None:
    """Open the app."""
    from webapp.config import ConfigError
    from webapp.server import serve as serve_app
    from webapp.store import NewerDataError

    try:
        serve_app(host=host, port=port, data=data, open_browser=not no_browser)
    except (ConfigError, NewerDataError) as error:
        raise click.ClickException(str(error)) from None


@main.command()
@_inputs
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
@click.option("--memory", "memories", multiple=True, type=click.Path(path_type=Path), help="What was learned before.")
@click.option("--no-learn", is_flag=True, help="Go by the memory files alone; without any, by each page alone.")
@click.option("--keep-comments", is_flag=True, help="Keep what readers wrote under a page's text.")
@_site_from
@_site
@_workers
def clean(
    inputs: tuple[str, ...],
    out: Path,
    form: Form,
    memories: tuple[Path, ...],
    no_learn: bool,
    keep_comments: bool,
    site_from: SiteFrom,
    site: str,
    workers: int | None,
) -> None:
    """Learn from the INPUTs together, label every page, and write it without its boilerplate.

    An INPUT is a file (.txt, .html, .jsonl, .zip, .gz), a folder of them, or - for standard input.
    """
    from detect import Memory

    _check_out(out, form, [Path(name) for name in inputs if name != "-"], memories)
    known = Memory.union([_load(path) for path in memories])
    with _batch(inputs, site_from, site) as batch:
        workers = workers or batch.workers()
        if not no_learn:
            known = known + _learned(batch, workers)
        with _writing(out, form) as write:
            _clean_each(batch, Cleaning(known, form, keep_comments), workers, write)
            batch.need_pages()
    batch.end(f"written to {'standard output' if out == _STDOUT else out}")


@main.command()
@_inputs
@click.option("--memory", required=True, type=click.Path(path_type=Path), help="The file to write or to extend.")
@_site_from
@_site
@_workers
def learn(inputs: tuple[str, ...], memory: Path, site_from: SiteFrom, site: str, workers: int | None) -> None:
    """Learn what recurs on the sites of the INPUTs, and keep it in a memory file."""
    if memory.is_dir():
        raise click.UsageError(f"--memory {memory} is a folder; name a file")
    known = _load(memory) if memory.exists() else None
    with _batch(inputs, site_from, site) as batch:
        learned = _learned(batch, workers or batch.workers())
    batch.need_pages()
    with _in_place(memory) as part:
        part.write_bytes((known + learned if known else learned).pack())
    batch.end(f"learned and kept in {memory}")


# What is read


@dataclass
class Batch:
    """The inputs of one command, and what became of them so far. They can be read more than once."""

    paths: list[Path]
    names: dict[Path, str]
    site_from: SiteFrom
    site: str
    pages: int = 0
    replaced: int = 0
    homeless: int = 0
    failed: dict[tuple[str, str], None] = field(default_factory=dict)

    def read(self, doing: str) -> Iterator[Page]:
        """Every page in order, with a progress bar on a terminal; what gives none is named, the first time."""
        from tqdm import tqdm

        from detect import Page

        total, size = self.pages or None, 0
        self.pages = self.replaced = self.homeless = 0
        with tqdm(desc=doing, total=total, unit=" pages", disable=not sys.stderr.isatty(), leave=False) as bar:
            for found in self._found():
                if not isinstance(found, Page):
                    self.fail(found.source, found.reason)
                    continue
                self.pages += 1
                self.replaced += found.replaced
                self.homeless += not found.site
                yield found
                size += len(found.text.encode())
                bar.set_postfix_str(f"{size / 1e6:.1f} MB", refresh=False)
                bar.update()

    def _found(self) -> Iterator[Page | Unreadable]:
        from detect import Limits, read

        # These are the person's own files on the person's own disk: only what one page may be is limited.
        limits = replace(Limits(), file_bytes=sys.maxsize, expanded_bytes=sys.maxsize)
        for path in self.paths:
            site = self.site or self._collection(path)
            yield from read([path], site_from=self.site_from, fallback_site=site, limits=limits, names=self.names)

    def _collection(self, path: Path) -> str:
        """What an input is called as a whole: a folder or a packed file by its name, a page by its folder's."""
        if path in self.names:  # standard input, spooled
            return ""
        whole = path.resolve()
        return whole.parent.name if path.suffix.lower() in _PAGES and path.is_file() else whole.stem

    def fail(self, source: str, reason: str) -> None:
        """Name a page or file that failed, once however often it is read."""
        if (source, reason) not in self.failed:
            self.failed[source, reason] = None
            _say(f"{source}: {reason}")

    def workers(self) -> int:
        """One process a processor, but no more than the inputs are large enough for."""
        sizes = (file.stat().st_size for path in self.paths for file in _files(path))
        return max(1, min(os.cpu_count() or 1, sum(sizes) // _WORTH_A_PROCESS))

    def need_pages(self) -> None:
        """Stop, before anything is put in place, when the inputs gave no page at all."""
        if not self.pages:
            raise click.ClickException("none of the inputs gave a page; nothing was written")

    def end(self, outcome: str) -> None:
        """Say what was done, and leave: 0 only when nothing failed."""
        if self.replaced:
            _say(f"{_count(self.replaced, 'place')} of invalid text replaced by \ufffd")
        if self.homeless and self.site_from != "none":
            _say(f"{_count(self.homeless, 'page')} of no known site, which nothing is learned about: see --site")
        _say(f"{_count(self.pages, 'page')} {outcome}" + (f"; {len(self.failed):,} failed" if self.failed else ""))
        sys.exit(1 if self.failed else 0)


@contextmanager
def _batch(inputs: tuple[str, ...], site_from: SiteFrom, site: str) -> Iterator[Batch]:
    """The inputs, with standard input kept in a temporary file: it is read twice, and comes but once."""
    with tempfile.TemporaryDirectory(prefix="winnow-") as folder:
        spool = Path(folder) / "stdin"
        if "-" in inputs:
            with spool.open("wb") as kept:
                shutil.copyfileobj(sys.stdin.buffer, kept)
        paths = [spool if name == "-" else Path(name) for name in inputs]
        yield Batch(paths, {spool: "stdin"}, site_from, site)


def _files(path: Path) -> Iterator[Path]:
    found = path.rglob("*") if path.is_dir() else [path]
    return (file for file in found if file.is_file())


def _load(path: Path) -> Memory:
    from detect import Memory, MemoryFileError

    try:
        return Memory.load(path)
    except (OSError, MemoryFileError) as error:
        raise click.ClickException(f"the memory file {path} cannot be used: {error}") from None


def _learned(batch: Batch, workers: int) -> Memory:
    import detect

    with _named_errors():
        return detect.learn(batch.read("learning"), workers=workers)


# What is written


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


def _clean_page(by: Cleaning, page: Page) -> Done:
    try:
        return _done(page, by)
    except Exception as error:  # a page that the engine stumbles over is no reason to lose the others
        return Done(page.source, error=f"it could not be cleaned ({type(error).__name__}: {error})")


def _done(page: Page, by: Cleaning) -> Done:
    from detect import clean, label
    from webapp.export import json_line, manifest_record, page_record, spans_record

    labels = label(page, by.memory, keep_comments=by.keep_comments)
    if by.form == "spans":
        return Done(page.source, json_line(spans_record(page, labels)))
    cleaned = clean(page, labels)
    if by.form == "jsonl":
        return Done(page.source, json_line(page_record(page, labels, cleaned.text)))
    return Done(page.source, text=cleaned.text, manifest=manifest_record(page, labels, cleaned.cuts))


def _clean_each(batch: Batch, by: Cleaning, workers: int, write: Write) -> None:
    import detect

    with _named_errors():
        pages = batch.read("cleaning")
        for done in detect.run(_clean_page, pages, workers=workers, shared=by):
            if done.error:
                batch.fail(done.source, done.error)
                batch.pages -= 1
            else:
                write(done)


def _check_out(out: Path, form: Form, inputs: Sequence[Path], memories: Sequence[Path]) -> None:
    """Refuse before any work what could only fail after it, or would overwrite what is not ours."""
    if out == _STDOUT:
        if form == "text":
            raise click.UsageError("--format text writes a folder: name it, or choose jsonl or spans for --out -")
        return
    if form != "text" and out.exists() and not out.is_file():
        raise click.UsageError(f"--out {out} is no ordinary file, and --format {form} writes one")
    if form == "text" and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise click.UsageError(f"--out {out} is there and not an empty folder; name a new one")
    target = out.resolve()
    for path in (one.resolve() for one in (*inputs, *memories)):
        if target == path or target in path.parents or (path in target.parents and path.is_dir()):
            raise click.UsageError(f"--out {out} would write over or into {path}, which is read; name another place")


@contextmanager
def _writing(out: Path, form: Form) -> Iterator[Write]:
    """Where pages are written to; at the end it is all there under its name, and after a failure nothing is."""
    from webapp.export import MANIFEST

    if out == _STDOUT:
        stdout = sys.stdout.buffer
        yield lambda done: stdout.write(done.line.encode())
        return
    with _in_place(out) as part:
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


@contextmanager
def _in_place(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to, moved there when all went well and removed when not."""
    path = path.resolve()  # a link stays a link to what is written
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        if part.is_dir() and path.exists():
            path.rmdir()  # an empty one: Windows does not move a folder onto another
        part.replace(path)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        elif part.exists():
            part.unlink()


@contextmanager
def _named_errors() -> Iterator[None]:
    import detect

    try:
        yield
    except detect.WorkerDiedError as error:
        raise click.ClickException(str(error)) from None


def _say(message: str) -> None:
    from tqdm import tqdm

    tqdm.write(message, file=sys.stderr)


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


if __name__ == "__main__":
    main()
