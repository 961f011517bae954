"""What Winnow's whole clean of a page is made of: how one core's time is divided among the stages.

In: a Parquet file of pages and how many of them to take. Out: a line of JSON, for each stage its milliseconds a page
while learning and while labelling and cleaning. Every stage's function is called through a clock that stands still for
the stage around it, so the times add up to the whole; what no stage claims is "everything else".
"""

from __future__ import annotations

import contextlib
import itertools
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

# The program that is measured is the one this file belongs to, whichever one is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from detect import cleaning, context, features, labelling, learning, lines, pieces, pipeline, shingles, words
from detect.engine import parts
from detect.memory import Memory
from detect.model import Forest, Model
from detect.reading import read
from detect.records import Page
from detect.recurrence import SiteIndex
from webapp import parquet as columns

READ, PARTS, REST = "read Parquet", "pages to disk and back", "everything else"
# The functions of each stage, by where they are looked up.
STAGES: dict[str, tuple[tuple[object, str], ...]] = {
    "words": ((words, "split"),),
    "shingles": ((shingles, "shingle"), (shingles, "line_keys")),
    "line shapes": ((lines, "shapes"),),
    "what a page contributes": ((learning, "contribution_of"),),
    "index of a site": ((Memory, "index"),),
    "near-duplicate pages": ((SiteIndex, "vote_of"), (SiteIndex, "twins_of")),
    "recurrence": ((SiteIndex, "ask"),),
    "pieces": tuple((pieces, name) for name in ("cover", "heads", "cut", "sentences")),
    "features": ((features, "rows"), (context, "beside")),
    "model passes": ((Forest, "judge"), (Model, "judge")),
    "labelling": ((labelling, "label"),),
    "cleaning": ((cleaning, "clean"),),
    "title, date and byline": ((columns, "describe"), (columns, "title_of")),
    "write Parquet": tuple((columns, name) for name in ("page_columns", "page_table"))
    + tuple((columns.PageWriter, name) for name in ("write", "flush")),
}


class Clock:
    """Seconds of each stage, without those of the stages it calls."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._stack = [REST]
        self._since = time.perf_counter()

    def enter(self, stage: str) -> None:
        """From now on time is this stage's."""
        self._tell()
        self._stack.append(stage)

    def leave(self) -> None:
        """From now on it is again the stage's that was interrupted."""
        self._tell()
        self._stack.pop()

    def _tell(self) -> None:
        now = time.perf_counter()
        self.seconds[self._stack[-1]] += now - self._since
        self._since = now

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, with the time it takes counted as the stage's."""

        def call(*given: Any, **named: Any) -> Any:
            self.enter(stage)
            try:
                return function(*given, **named)
            finally:
                self.leave()

        return call


def main() -> None:
    """Say how the time for some pages is divided."""
    pages, count = Path(sys.argv[1]), int(sys.argv[2])
    divided(pages, min(count, 50))  # compiled and loaded by then
    learnt, cleaned = divided(pages, count)
    stages = [READ, PARTS, *STAGES, REST]
    print(json.dumps([[stage, 1e3 * learnt[stage] / count, 1e3 * cleaned[stage] / count] for stage in stages]))


def divided(pages: Path, count: int) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Seconds of each stage while the first `count` pages are learned, and while they are labelled and cleaned."""
    with tempfile.TemporaryDirectory() as folder:
        return _divided(pages, count, Path(folder))


def _divided(pages: Path, count: int, folder: Path) -> tuple[Mapping[str, float], Mapping[str, float]]:
    with clocked() as clock:
        clock.enter(PARTS)
        parts.spread(itertools.islice(_found(read([pages]), READ, clock), count), folder, 1)
        clock.leave()
        memory = pipeline.learn_sites(parts.keys_in(parts.part_path(folder, 0)), lambda: _pages(folder, clock))
    learnt = clock.seconds
    with clocked() as clock, columns.page_writer(folder / "cleaned.parquet") as out:
        made = []
        for page in _pages(folder, clock):
            labels = pipeline.label(page, memory, reasons=False)
            made.append(columns.page_columns(page, labels, cleaning.clean(page, labels).text))
        out.write(columns.page_table(made))
    return learnt, clock.seconds


@contextlib.contextmanager
def clocked() -> Iterator[Clock]:
    """A clock that runs while the stages are called through it."""
    clock = Clock()
    with contextlib.ExitStack() as stack:
        for stage, functions in STAGES.items():
            for place, name in functions:
                raw = vars(place)[name]
                timed = clock.timed(stage, getattr(place, name) if isinstance(raw, staticmethod) else raw)
                kept = staticmethod(timed) if isinstance(raw, staticmethod) else timed
                stack.enter_context(mock.patch.object(place, name, kept))
        clock.enter(REST)
        yield clock
        clock.leave()


def _pages(folder: Path, clock: Clock) -> Iterator[Page]:
    return _found((page for _, page in parts.read_part(parts.part_path(folder, 0))), PARTS, clock)


def _found(pages: Iterator[Any], stage: str, clock: Clock) -> Iterator[Page]:
    """The pages, with the time it takes to get each counted as a stage's."""
    while True:
        clock.enter(stage)
        page = next(pages, None)
        clock.leave()
        if page is None:
            return
        if isinstance(page, Page):
            yield page


if __name__ == "__main__":
    main()
