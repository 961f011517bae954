"""The last stage of a job: what the labelled pages of a collection share.

What is shown in the end is what the whole collection gives at once, in whatever order and uploads it came: which pairs
of pages are worth comparing is asked of all sketches together, and those that were compared before are not compared
again. A page whose labels are renewed keeps its passages as long as the same words take part.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

import detect
from detect import Labels, Page, Passage, Place, Prepared, Sketch, Span
from webapp.batches import Pace, batches, in_words, is_full, progress
from webapp.clusters import clustered
from webapp.records import Problem
from webapp.store import Claim, KnownPage, PageKey, Progress, Shown, Sketched, Store, StoredPassage

log = logging.getLogger("winnow.jobs")

# Pairs that are stored together when one page has more: some seconds of work.
BATCH_PAIRS = 500

# Words of the pages that are kept ready: some 100 MB.
_READY = 1_000_000


# Two pages of so many words that are one story are a pair worth comparing for certain; of shorter ones, which may not
# have enough windows for that, all are asked about.
_SHORT = 100

# The sketch of a page that shares nothing.
_NOTHING = Sketch(np.empty(0, np.uint64), np.full(128, 0xFFFFFFFF, np.uint32), 0)


class Comparison:
    """One go at the stage, from its checkpoint on. `check`, called between two pages, raises to end the work there."""

    def __init__(self, store: Store, claim: Claim, check: Callable[[], None]) -> None:
        self._store = store
        self._claim = claim
        self._check = check
        self._shelf = _Shelf(store)
        self._pace = Pace(0)

    def all(self) -> None:
        """Sketch, compare, show."""
        collection = self._claim.collection
        waiting = self._store.unshown(collection)
        size = sum(key.bytes for key in waiting)
        # A page counts when all its pairs are compared, its bytes when it is sketched and again then.
        self._store.enter(self._claim, "reuse", len(waiting), 2 * size)
        unsketched = self._store.unsketched(collection)
        self._pace = Pace(size + sum(key.bytes for key in unsketched))
        for batch in batches(unsketched):
            self._sketch(batch)
        if not self._store.unshown(collection):
            return
        known = sorted(self._store.sketched_pages(collection), key=lambda page: page.name)
        wanted = detect.candidates([page.sketch for page in known])
        self._compare(known, wanted)
        self._show(known, wanted)

    # Sketches

    def _sketch(self, batch: list[PageKey]) -> None:
        made, problems = [], []
        for key in batch:
            self._check()
            stored, labels = self._store.open(key.id)
            try:
                made.append(_sketched(key.id, stored.page, labels))
            except Exception as error:
                log.exception("trying to sketch %s", stored.page.id)
                problems.append(_problem(stored.page, error))
                made.append(Sketched(key.id, b"", "", _NOTHING))
        self._store.store_sketches(self._claim, made, problems, progress(batch, self._pace))

    # Pairs

    def _compare(self, known: Sequence[KnownPage], wanted: NDArray[np.int64]) -> None:
        """Compare the pairs (positions) that were not, page by page; a page counts when it is through with its own."""
        missing = _missing(known, wanted, self._store.compared_pairs(self._claim.collection))
        batch = _Batch()
        for position, pairs in _by_page(known, missing):
            for i, j in pairs:
                self._check()
                self._compare_pair(known[i].id, known[j].id, batch)
                if len(batch.pairs) >= BATCH_PAIRS:
                    batch = self._store_batch(batch)
            if position is not None:
                batch.pages.append(known[position].id)
                batch.bytes += known[position].bytes
            if is_full(len(batch.pages), batch.bytes):
                batch = self._store_batch(batch)
        if batch.pairs or batch.pages:
            self._store_batch(batch)

    def _compare_pair(self, a: int, b: int, batch: _Batch) -> None:
        batch.pairs.append((a, b))
        try:
            one, other = self._shelf[a], self._shelf[b]
            batch.passages += [_stored(passage, one, other, (a, b)) for passage in detect.compare(one, other)]
        except Exception as error:
            page = self._store.page(b)
            log.exception("trying to compare %s with page %d", page.id, a)
            batch.problems.append(_problem(page, error))

    def _store_batch(self, batch: _Batch) -> _Batch:
        """Store it; gives the next one, empty."""
        done = Progress(len(batch.pages), batch.bytes, self._pace.step(batch.bytes))
        self._store.store_compared(self._claim, batch.pairs, batch.passages, batch.pages, batch.problems, done)
        return _Batch()

    # Clusters

    def _show(self, known: Sequence[KnownPage], wanted: NDArray[np.int64]) -> None:
        collection = self._claim.collection
        unwanted = _unwanted(known, wanted, self._store.compared_pairs(collection))
        dropped = set(map(tuple, unwanted.tolist()))
        passages = [one for one in self._store.passages(collection) if (one.a, one.b) not in dropped]
        pages = {page.id: page for page in known}
        found = clustered(passages, pages, self._store.shown_places(collection))
        paired = set(wanted.ravel().tolist())
        likely = [page for i, page in enumerate(known) if i in paired or page.sketch.words < _SHORT]
        shown = Shown(found.clusters, found.cluster_of, tuple(self._duplicates(likely)), unwanted)
        self._check()
        self._store.show_reuse(self._claim, shown)

    def _duplicates(self, known: Sequence[KnownPage]) -> Iterator[tuple[int, int, float]]:
        def runs_of(i: int) -> NDArray[np.uint64]:
            self._check()
            return self._shelf[known[i].id].terms.run_keys

        numbers = {page.name: page.id for page in known}
        for group in detect.duplicates(list(numbers), [page.sketch for page in known], runs_of):
            for name, alike in zip(group.pages, group.similarities, strict=True):
                yield numbers[name], numbers[group.representative], alike


class _Shelf(detect.Shelf):
    """Stored pages, by their number in the store."""

    def __init__(self, store: Store) -> None:
        super().__init__(_READY)
        self._store = store

    def make(self, number: int) -> Prepared:
        stored, labels = self._store.open(number)
        return detect.prepare(stored.page, labels)


class _Batch:
    """What the next checkpoint stores."""

    def __init__(self) -> None:
        self.pairs: list[tuple[int, int]] = []
        self.passages: list[StoredPassage] = []
        self.pages: list[int] = []
        self.bytes = 0
        self.problems: list[Problem] = []


def words_in(page: Prepared, span: Span) -> int:
    """How many of the words that take part stand in a span."""
    first, last = np.searchsorted(page.terms.starts, (span.start, span.stop))
    return int(last - first)


def _sketched(id: int, page: Page, labels: Labels | None) -> Sketched:
    prepared = detect.prepare(page, labels)
    part = hashlib.sha256()
    for array in (prepared.terms.exact, prepared.terms.starts, prepared.terms.ends):
        part.update(array.tobytes())
    return Sketched(id, part.digest(), detect.date_of(page, labels), prepared.sketch())


def _stored(passage: Passage, one: Prepared, other: Prepared, pair: tuple[int, int]) -> StoredPassage:
    return StoredPassage(
        *pair,
        *_span(passage.a),
        *_span(passage.b),
        words_in(one, _span(passage.a)),
        words_in(other, _span(passage.b)),
        passage.similarity,
        passage.kind,
    )


def _span(place: Place) -> Span:
    return Span(place.start, place.stop)


def _problem(page: Page, error: Exception) -> Problem:
    told = f"Winnow stumbled when it looked for what this page shares with others ({in_words(error)})"
    return Problem(page.source or page.id, f"{told}; its labels are not touched by that")


def _missing(known: Sequence[KnownPage], wanted: NDArray[np.int64], compared: NDArray[np.int64]) -> NDArray[np.int64]:
    """The pairs (positions) of pages (by number) that were not compared."""
    numbers = np.array([page.id for page in known], np.int64)
    return wanted[~np.isin(_keys(numbers[wanted]), _keys(compared))]


def _unwanted(known: Sequence[KnownPage], wanted: NDArray[np.int64], compared: NDArray[np.int64]) -> NDArray[np.int64]:
    """The pairs (numbers) that were compared and would not be any more: newer pages stand for them."""
    numbers = np.array([page.id for page in known], np.int64)
    return compared[~np.isin(_keys(compared), _keys(numbers[wanted]))]


def _keys(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number for each pair of page numbers, which are under 2**31."""
    return pairs[:, 0] << 32 | pairs[:, 1]


def _by_page(
    known: Sequence[KnownPage], pairs: NDArray[np.int64]
) -> Iterator[tuple[int | None, list[tuple[int, int]]]]:
    """The pairs by the last of their two pages that is not through with its own, and every such page, in order.

    First, under None, pairs of pages that are: another page that stood for them has other words now.
    """
    waiting = np.array([not page.compared for page in known], bool)
    owners = np.where(waiting[pairs[:, 1]], pairs[:, 1], np.where(waiting[pairs[:, 0]], pairs[:, 0], -1))
    pairs = pairs[np.argsort(owners, kind="stable")]
    bounds = np.searchsorted(np.sort(owners), np.arange(-1, len(known) + 1))
    for position in range(-1, len(known)):
        own = [(int(i), int(j)) for i, j in pairs[bounds[position + 1] : bounds[position + 2]]]
        if position < 0:
            yield None, own
        elif waiting[position]:
            yield position, own
