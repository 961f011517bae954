"""The inputs of a command as pages: read as often as it takes, with what failed named and counted."""

from __future__ import annotations

import functools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from webapp.cli.terminal import count, ends_well, named_errors, progress, say

if TYPE_CHECKING:
    from detect import File, Memory, Page, SiteFrom, Unreadable

# Starting a process costs about as long as the work on this many bytes, twice.
_WORTH_A_PROCESS = 20_000_000
_BAR = 16  # pages for which the bar moves once: moving it costs as much as reading a short page
_PAGES = (".txt", ".html", ".htm")


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
        from detect import Page

        total, size = self.pages or None, 0
        self.pages = self.replaced = self.homeless = 0
        with progress(doing, total) as bar:
            for found in self._found():
                if not isinstance(found, Page):
                    self.fail(found.source, found.reason)
                    continue
                self.pages += 1
                self.replaced += found.replaced
                self.homeless += not found.site
                yield found
                size += len(found.text) if found.text.isascii() else len(found.text.encode())
                if self.pages % _BAR == 0:
                    bar.set_postfix_str(f"{size / 1e6:.1f} MB", refresh=False)
                    bar.update(_BAR)

    def _found(self) -> Iterator[Page | Unreadable]:
        for path in self.paths:
            yield from read_input(path, self.site_from, self.site or self._collection(path), self.names)

    def files(self) -> Iterator[tuple[File, str]]:
        """Every file in order, with the site of its pages where nothing else tells it; what is no file is named."""
        from detect import Unreadable, list_files

        for path in self.paths:
            for found in list_files([path]):
                if isinstance(found, Unreadable):
                    self.fail(found.source, found.reason)
                else:
                    yield found, self.site or self._collection(path)

    def _collection(self, path: Path) -> str:
        """What an input is called as a whole: a folder or a packed file by its name, a page by its folder's."""
        if path in self.names:  # standard input, spooled
            return ""
        whole = path.resolve()
        name = whole.parent.name if path.suffix.lower() in _PAGES and path.is_file() else whole.stem
        return name.encode("utf-8", "replace").decode("utf-8")

    def fail(self, source: str, reason: str) -> None:
        """Name a page or file that failed, once however often it is read."""
        if (source, reason) not in self.failed:
            self.failed[source, reason] = None
            say(f"{source}: {reason}")

    def told(self) -> dict[str, Any]:
        """What became of the inputs, as JSON has it."""
        return {
            "pages": self.pages,
            "replaced": self.replaced,
            "homeless": self.homeless,
            "failed": [list(one) for one in self.failed],
        }

    def recall(self, told: dict[str, Any]) -> None:
        """Take over what an earlier run was told, and name what failed there once more."""
        self.pages, self.replaced, self.homeless = told["pages"], told["replaced"], told["homeless"]
        for source, reason in told["failed"]:
            self.fail(source, reason)

    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.stat().st_size for path in self.paths for file in files_in(path))

    def need_pages(self) -> None:
        """Stop, before anything is put in place, when the inputs gave no page at all."""
        if not self.pages:
            raise click.ClickException("none of the inputs gave a page; nothing was written")

    def end(self, outcome: str) -> None:
        """Say what was done, and leave: 0 only when nothing failed."""
        if self.replaced:
            say(f"{count(self.replaced, 'place')} of invalid text replaced by \ufffd")
        if self.homeless and self.site_from != "none":
            say(f"{count(self.homeless, 'page')} of no known site, which nothing is learned about: see --site")
        failed = len({source for source, _ in self.failed})
        say(outcome + (f"; {failed:,} failed" if failed else ""))
        sys.exit(1 if self.failed else 0)


@contextmanager
def opened(inputs: tuple[str, ...], site_from: SiteFrom, site: str) -> Iterator[Batch]:
    """The inputs, with standard input kept in a temporary file: it is read twice, and comes but once."""
    _say_if_new()
    with ends_well(), ExitStack() as stack:
        spool = _spooled(stack) if "-" in inputs else None
        paths = [spool if spool and name == "-" else Path(name) for name in inputs]
        yield Batch(paths, {spool: "stdin"} if spool else {}, site_from, site)


def _spooled(stack: ExitStack) -> Path:
    """Standard input as a file, which is gone when the stack is closed."""
    try:
        spool = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="winnow-"))) / "stdin"
        with spool.open("wb") as kept:
            shutil.copyfileobj(sys.stdin.buffer, kept)
    except OSError as error:
        raise click.ClickException(
            f"standard input cannot be kept in a temporary file: {error.strerror or error}; TMPDIR names another folder"
        ) from None
    return spool


@functools.cache  # a command that opens its inputs twice says it once
def _say_if_new() -> None:
    """On a terminal, why nothing is to be seen for a while the first time."""
    from detect import is_new

    if sys.stderr.isatty() and is_new():
        say("Getting ready: the first run compiles the engine, for a minute or so …")


def read_input(
    path: Path | File, site_from: SiteFrom, site: str, names: Mapping[Path, str] | None = None
) -> Iterator[Page | Unreadable]:
    """What an input gives, or a file of it; `site` is that of pages of which nothing else tells it."""
    from detect import Limits, read

    # These are the person's own files on the person's own disk: only what one page may be is limited.
    limits = replace(Limits(), file_bytes=sys.maxsize, expanded_bytes=sys.maxsize)
    return read([path], site_from=site_from, fallback_site=site, limits=limits, names=names)


def files_in(path: Path) -> Iterator[Path]:
    """The files of an input."""
    found = path.rglob("*") if path.is_dir() else [path]
    return (file for file in found if file.is_file())


def workers_for(size: int) -> int:
    """One process a processor, but no more than so many bytes are worth."""
    return max(1, min(os.cpu_count() or 1, size // _WORTH_A_PROCESS))


def told_of(file: Path) -> list[object]:
    """What tells a file from what it was before."""
    about = file.stat()
    return [str(file.resolve()), about.st_size, about.st_mtime_ns]


def load(path: Path) -> Memory:
    """The memory in a file, or an error that names it."""
    from detect import Memory, MemoryFileError

    try:
        return Memory.load(path)
    except OSError as error:
        raise click.ClickException(f"the memory file {path} cannot be read: {error.strerror or error}") from None
    except MemoryFileError as error:
        raise click.ClickException(f"the memory file {path} cannot be used: {error}") from None


def learned(pages: Iterable[Page], workers: int) -> Memory:
    """What the pages teach."""
    import detect

    with named_errors():
        return detect.learn(pages, workers=workers)
