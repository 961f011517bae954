"""The last stage of a job: what the labelled pages of a collection share.

What is shown in the end is what the whole collection gives at once, in whatever order and uploads it came. Only what
new pages change is looked at: the pairs that they make worth comparing (wanted.py), the clusters that meet their
passages (regions.py), the pages that may be one story with them (twins.py). A page whose labels are renewed keeps its
passages as long as the same words take part.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

import detect
from detect import Labels, Page, Passage, Place, Prepared, Sketch, Span
from webapp.batches import Pace, batches, in_words, is_full, progress
from webapp.clusters import clustered
from webapp.records import Problem
from webapp.regions import Region, places_of
from webapp.store import Claim, KnownPage, PageKey, Progress, Shown, Sketched, Store, StoredPassage, prints_of
from webapp.twins import Twins
from webapp.wanted import Wanted, wanted

log = logging.getLogger("winnow.jobs")

# Pairs that are stored together when one page has more: some seconds of work.
BATCH_PAIRS = 500

# Words of the pages that are kept ready: some 100 MB.
_READY = 1_000_000

# The sketch of a page that shares nothing.
_NOTHING = Sketch(np.empty(0, np.uint64), np.full(128, 0xFFFFFFFF, np.uint32), 0)


class ReuseRun:
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
        new = self._store.sketches(key.id for key in self._store.unshown(collection))
        if not new:
            return
        found = wanted(self._store, collection, new)
        self._compare(found.known, found.missing)
        shown = self._shown(found, new)
        self._check()
        self._store_prints(new)  # after it was asked what meets them: a first batch asks an empty index
        self._store.show_reuse(self._claim, shown)

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

    def _compare(self, known: Sequence[KnownPage], missing: NDArray[np.int64]) -> None:
        """Compare pairs (numbers), page by page; a page counts when it is through with its own."""
        batch = _Batch()
        for position, pairs in _by_page(known, _positions(known, missing)):
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

    # What is shown

    def _store_prints(self, new: Mapping[int, Sketch]) -> None:
        prints = [prints_of(sketch) for sketch in new.values()]
        owners = np.repeat(np.array(list(new), np.int64), [len(few) for few in prints])
        self._store.store_prints(self._claim, np.concatenate(prints), owners)

    def _shown(self, found: Wanted, new: Mapping[int, Sketch]) -> Shown:
        dropped = frozenset((a, b) for a, b in found.unwanted.tolist())
        region = self._region(found, new, dropped)
        pages = {page.id: page for page in self._store.known_pages(region.pages)}
        places = [place for cluster in region.shown.values() for place in cluster]
        made = clustered(list(region.passages.values()), pages, places)
        cluster_of = {key: made.cluster_of.get(key) for key in region.passages}
        twins = self._twins(found, new, dropped)
        names = self._store.names(list(twins.likely))
        duplicates = tuple(twins.found(names, self._runs_of))
        return Shown(region.shown, made.clusters, cluster_of, twins.pages, duplicates, found.unwanted)

    def _region(self, found: Wanted, new: Mapping[int, Sketch], dropped: frozenset[tuple[int, int]]) -> Region:
        """What has to do with the passages that came and went, and with what is shown on the new pages."""
        region = Region(self._store, dropped, self._check)
        ends = {*new, *found.pairs.ravel().tolist(), *found.compared.ravel().tolist()}
        region.grow(
            place
            for one in self._store.passages_on(ends)
            if one.cluster is None or one.a in new or one.b in new or (one.a, one.b) in dropped
            for place in places_of(one)
        )
        region.grow((one.page, Span(one.start, one.stop)) for one in self._store.shown_on(new))
        return region

    def _twins(self, found: Wanted, new: Mapping[int, Sketch], dropped: frozenset[tuple[int, int]]) -> Twins:
        """The pages whose duplicates may be others: of a page that has its first pair now, or its last no more, too."""
        twins = Twins(self._store, self._claim.collection, dropped)
        twins.grow({*new, *found.fresh.ravel().tolist(), *found.unwanted.ravel().tolist()})
        return twins

    def _runs_of(self, page: int) -> NDArray[np.uint64]:
        self._check()
        return self._shelf[page].terms.run_keys


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


def _positions(known: Sequence[KnownPage], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The places of pages, by number, among the known ones."""
    numbers = np.array([page.id for page in known], np.int64)
    order = np.argsort(numbers)
    return order[np.searchsorted(numbers, pairs, sorter=order)]


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
