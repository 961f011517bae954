"""Pages to those that may be one story with them, near or through others: what has to be looked at when they change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

import detect
from detect import Sketch
from webapp.store import Store

# Two pages of so many words that are one story are a pair worth comparing for certain; of shorter ones, which may not
# have enough windows for that, all are asked about.
_SHORT = 100


class Twins:
    """Pages whose duplicates may be others now: `pages`, and of these the `likely` ones, with their sketches."""

    def __init__(self, store: Store, collection: int, dropped: frozenset[tuple[int, int]]) -> None:
        self._store = store
        self._collection = collection
        self._dropped = dropped
        self.pages: set[int] = set()
        self.likely: dict[int, Sketch] = {}

    def grow(self, pages: Iterable[int]) -> None:
        """Take in these pages, with all that are near them, or are shown as one story with them."""
        front = set(pages)
        while front:
            front = self._store.duplicates_with(front) - self.pages
            self.pages |= front
            sketches = self._sketches_of(front)
            self.likely |= sketches
            front = self._near(sketches)

    def _sketches_of(self, pages: set[int]) -> dict[int, Sketch]:
        """The sketches of those that may be like others."""
        known = self._store.sketches(pages)
        pairs = self._store.compared_pairs(known)
        paired = {page for a, b in pairs.tolist() if (a, b) not in self._dropped for page in (a, b)}
        return {page: sketch for page, sketch in known.items() if page in paired or sketch.words < _SHORT}

    def _near(self, sketches: Mapping[int, Sketch]) -> set[int]:
        """The pages, of those not taken in yet, that one of these may be one story with."""
        having = [np.empty(0, np.uint64), *(detect.bands(sketch) for sketch in sketches.values())]
        owners = np.repeat(np.array(list(sketches), np.int64), [len(few) for few in having[1:]])
        bands = np.concatenate(having)
        order = np.argsort(bands)
        bands, owners = bands[order], owners[order]
        there, others = self._store.with_prints(self._collection, bands)
        firsts, lasts = (np.searchsorted(bands, there, side) for side in ("left", "right"))
        met: dict[int, set[int]] = defaultdict(set)
        for other, first, last in zip(others.tolist(), firsts.tolist(), lasts.tolist(), strict=True):
            if other not in self.pages:
                met[other].update(owners[first:last].tolist())
        known = self._sketches_of(set(met))
        return {
            other
            for other, sketch in known.items()
            if any(detect.are_near(sketch, sketches[page]) for page in met[other])
        }

    def found(
        self, names: Mapping[int, str], runs_of: Callable[[int], NDArray[np.uint64]]
    ) -> list[tuple[int, int, float]]:
        """(page, representative, similarity) of those that are one story; `runs_of` gives a page's runs of words."""
        numbers = {names[page]: page for page in sorted(self.likely)}
        made = [self.likely[page] for page in numbers.values()]
        pages = list(numbers.values())
        groups = detect.duplicates(list(numbers), made, lambda i: runs_of(pages[i]))
        return [
            (numbers[name], numbers[group.representative], alike)
            for group in groups
            for name, alike in zip(group.pages, group.similarities, strict=True)
        ]
