"""A command's work in steps that outlive it: pages spread over parts, what was made of each part, how far it got.

All is kept in a folder beside the output until that is whole. A run that was killed is gone on with from there.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from webapp.cli.batch import Batch, files_in, told_of
from webapp.cli.terminal import named_errors, progress, say
from webapp.cli.writing import STDOUT, in_temporary_folder, write_record

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from detect import Page

# What a run was asked, and what is to be told of its pages once all are spread.
_ASKED, _SPREAD = "asked.json", "pages.json"
_LOCK = "lock"
# Raised when the files of a run change: it cannot be gone on with by a program that writes others.
_LAYOUT = 2


@dataclass(frozen=True)
class Part:
    """The files of one part: that of its pages, and that of what is made of them."""

    pages: Path
    made: Path


@dataclass(frozen=True)
class Work:
    """The folder of a run, and how many parts its pages are spread over."""

    folder: Path
    parts: int

    @property
    def is_worth_keeping(self) -> bool:
        """Whether a run can go on from here."""
        return (self.folder / _SPREAD).exists()

    def spread(self, pages: Iterable[Page], batch: Batch) -> int:
        """Spread pages of a batch over the parts, unless that is done; then the batch is told what it had. How many."""
        from detect import spread

        done = self.folder / _SPREAD
        if done.exists():
            told = json.loads(done.read_text("utf-8"))
            batch.recall(told["batch"])
            return int(told["pages"])
        for name in ("pages", "made"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / name).mkdir()
        count = spread(pages, self.folder / "pages", self.parts)
        batch.need_pages()
        write_record(done, {"pages": count, "batch": batch.told()})
        return count

    def end(self) -> None:
        """All is done: there is nothing to go on with."""
        (self.folder / _SPREAD).unlink()

    @property
    def _parts(self) -> list[Part]:
        from detect import part_path

        pages, made = self.folder / "pages", self.folder / "made"
        return [Part(part_path(pages, number), part_path(made, number)) for number in range(self.parts)]

    def read(self) -> Iterator[Page]:
        """The pages that were spread, in the order they came in."""
        from detect import in_order, pages_in

        for table in in_order([part.pages for part in self._parts]):
            for batch in table.to_batches():
                yield from (page for _, page in pages_in(batch))

    def make(
        self, function: Callable[[Any, Part], int], shared: object, doing: str, pages: int, workers: int
    ) -> list[Path]:
        """What `function` makes of each part, by part, but of those that were made before; it gives a part's pages."""
        import detect

        missing = [part for part in self._parts if not part.made.exists()]
        with named_errors(), progress(doing, pages) as bar:
            for count in detect.run(function, missing, workers=workers, shared=shared, together=1):
                bar.update(count)
        return [part.made for part in self._parts]


@contextmanager
def working(out: Path, batch: Batch, options: Mapping[str, object], resume: bool) -> Iterator[Work]:
    """The work on an output, new or gone on with; its folder is gone when the output is there.

    It stays where pages were spread and the rest failed: killed, out of memory or of disk. Raises ClickException where
    there is nothing to go on with, or another run's work stands in the way.
    """
    from detect import parts_for

    parts = parts_for(batch.size())
    if resume and any(path in batch.names for path in batch.paths):
        raise click.UsageError("standard input does not come twice, so --resume cannot go on with it")
    if out == STDOUT:
        if resume:
            raise click.UsageError("--resume goes on with a file or folder, and --out - is neither")
        with in_temporary_folder() as temporary:
            yield Work(temporary, parts)
        return
    folder = out.resolve().with_name(f".{out.resolve().name}.winnow")
    work = Work(folder, parts)
    ours = False
    try:
        with _alone(folder, out):
            ours = True
            _open(folder, out, _asked(batch, options, work), resume)
            try:
                yield work
            finally:
                if not work.is_worth_keeping:
                    (folder / _ASKED).unlink(missing_ok=True)
    except KeyboardInterrupt:
        if work.is_worth_keeping:
            say(f"stopped; what is done is kept in {folder}: go on with --resume")
        raise
    except OSError as error:
        kept = f"; what is done is kept in {folder}: go on with --resume" if work.is_worth_keeping else ""
        raise click.ClickException(f"{out} cannot be written: {error.strerror or error}{kept}") from None
    finally:
        if ours and not (folder / _ASKED).exists():
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone(folder: Path, out: Path) -> Iterator[None]:
    """No other process works on this output as long as this one does."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / _LOCK
    with lock.open("w") as file:
        try:
            if sys.platform == "win32":
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise click.UsageError(f"a run of {out} is under way in another process: wait for it") from None
        yield


def _asked(batch: Batch, options: Mapping[str, object], work: Work) -> object:
    """What makes another run of it when it is another, as JSON has it; the work's own folder may lie in an input."""
    inputs = [file for path in batch.paths if path not in batch.names for file in files_in(path)]
    files = [file for file in inputs if work.folder not in file.resolve().parents]
    told = [told_of(file) for file in sorted(files)]
    return {
        "program": [version("winnow"), _LAYOUT],
        "options": dict(options),
        "files": told,
        "parts": work.parts,
    }


def _open(folder: Path, out: Path, asked: object, resume: bool) -> None:
    """Make the folder, or see that what it has is of the same run."""
    if not (folder / _ASKED).exists():  # new, or killed before there was anything to go on with
        if resume:
            raise click.UsageError(f"there is no run of {out} to go on with; leave out --resume")
        write_record(folder / _ASKED, asked)
        return
    if not resume:
        raise click.UsageError(
            f"a run of {out} was stopped: go on with it by --resume, or remove {folder} to begin anew"
        )
    if json.loads((folder / _ASKED).read_text("utf-8")) != asked:
        raise click.UsageError(
            f"the run of {out} that was stopped had other inputs or options: give the same, or remove {folder}"
        )
