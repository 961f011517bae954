"""Where a command writes: refused beforehand where it would do harm, put in place only when it is whole."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import click

STDOUT = Path("-")


def check_file(out: Path, form: str) -> None:
    """Refuse what is there and no file to write over."""
    if out != STDOUT and out.exists() and not out.is_file():
        raise click.UsageError(f"--out {out} is no ordinary file, and --format {form} writes one")


def check_apart(out: Path, read: Sequence[Path], option: str = "--out") -> None:
    """Refuse before any work to write over or into what is read."""
    if out == STDOUT:
        return
    target = out.resolve()
    for path in (one.resolve() for one in read):
        if target == path or target in path.parents or (path in target.parents and path.is_dir()):
            raise click.UsageError(f"{option} {out} would write over or into {path}, which is read; name another place")


def place(out: Path) -> str:
    """What a person calls it."""
    return "standard output" if out == STDOUT else str(out)


def to_stdout(lines: Iterable[bytes]) -> None:
    """Write lines to standard output, all of them, or end with a message."""
    try:
        sys.stdout.buffer.writelines(lines)
        sys.stdout.buffer.flush()
    except OSError as error:
        # What is left in the buffer would fail once more as the program ends, with a message of Python's.
        with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        raise click.ClickException(f"standard output cannot be written: {error.strerror or error}") from None


@contextmanager
def in_place(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to, moved there when all went well and removed when not."""
    from detect import put_in_place, settle_folder

    path = path.resolve()  # a link stays a link to what is written
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if part.is_dir():  # of a run that was killed
            shutil.rmtree(part)
        yield part
        if part.is_dir():
            settle_folder(part)
        if part.is_dir() and path.exists():
            path.rmdir()  # an empty one: Windows does not move a folder onto another
        put_in_place(part, path)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        if part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
        elif part.exists():
            part.unlink()


def write_record(path: Path, told: object) -> None:
    """Write JSON to a file that --resume goes by: whole or not at all."""
    from detect import put_in_place

    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(told), "utf-8")
    put_in_place(part, path)


@contextmanager
def in_folder_beside(path: Path) -> Iterator[Path]:
    """A folder beside `path`, on the same disk, that is gone when all is done."""
    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            yield Path(folder)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror or error}") from None


@contextmanager
def in_temporary_folder() -> Iterator[Path]:
    """A folder where the system keeps what is temporary, that is gone when all is done."""
    try:
        with tempfile.TemporaryDirectory(prefix="winnow-") as folder:
            yield Path(folder)
    except OSError as error:
        raise click.ClickException(
            f"the temporary folder cannot be written: {error.strerror or error}; TMPDIR names another"
        ) from None
