"""What a person is told while a command works: lines and a bar on standard error, never in what is written."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from tqdm import tqdm


def progress(doing: str, total: int | None) -> tqdm[Any]:
    """A bar that counts pages, on a terminal; elsewhere one that says nothing."""
    from tqdm import tqdm

    return tqdm(desc=doing, total=total, unit=" pages", disable=not sys.stderr.isatty(), leave=False)


def say(message: str) -> None:
    """A line on standard error, above any bar."""
    from tqdm import tqdm

    tqdm.write(message, file=sys.stderr)


def count(number: int, thing: str) -> str:
    """ "1 page", "2 pages", "1,000 pages"."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def in_words(error: Exception) -> str:
    """What kind of error it is, and what it says."""
    return f"{type(error).__name__}: {error}"


@contextmanager
def named_errors() -> Iterator[None]:
    """What the engine raises for the machine's sake or a file's, as a message and not as a traceback."""
    import detect

    try:
        yield
    except (detect.WorkerDiedError, detect.MemoryFileError, detect.SparkFailedError, detect.SparkMissingError) as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def ends_well() -> Iterator[None]:
    """Asked to end meanwhile, end as on Ctrl-C: what is temporary is removed, and it is said how to go on."""

    def end(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # asked twice, end whatever this one is at
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # only the main thread hears of signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)  # None: not one of Python's
