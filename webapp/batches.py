"""What the stages of a job have in common: batches, how long the rest takes, how an error is told."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from webapp.store import PageKey, Progress

# A batch ends at either: about a second of work, which is what a crash costs.
BATCH_PAGES = 100
BATCH_BYTES = 1_000_000

# Seconds of work before a rate is worth telling.
_PACE_FROM = 1.0


def is_full(pages: int, size: int) -> bool:
    """Whether a batch of so many pages and bytes ends here."""
    return pages >= BATCH_PAGES or size >= BATCH_BYTES


def batches(keys: Sequence[PageKey]) -> Iterator[list[PageKey]]:
    """Runs of pages, each a batch."""
    batch: list[PageKey] = []
    size = 0
    for key in keys:
        batch.append(key)
        size += key.bytes
        if is_full(len(batch), size):
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def progress(batch: Sequence[PageKey], pace: Pace) -> Progress:
    """What a batch that is done adds."""
    size = sum(key.bytes for key in batch)
    return Progress(len(batch), size, pace.step(size))


class Pace:
    """How many seconds the rest of a stage takes at the rate so far."""

    def __init__(self, left: int) -> None:
        self._left = left
        self._done = 0
        self._began = time.monotonic()

    def skip(self, size: int) -> None:
        """So many bytes were done before."""
        self._left -= size

    def step(self, size: int) -> float | None:
        """So many bytes are done now; the seconds left, None while it is too early to tell."""
        self._left -= size
        self._done += size
        elapsed = time.monotonic() - self._began
        if elapsed < _PACE_FROM or not self._done:
            return None
        return max(0.0, elapsed * self._left / self._done)


def in_words(error: Exception) -> str:
    """An error that nobody foresaw, as it is told."""
    return f"{type(error).__name__}: {str(error)[:200]}"
