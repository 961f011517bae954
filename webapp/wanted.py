"""Pages that are new to which pairs are worth comparing: those that all sketches of the collection would give at once.

A window pairs each page that has it with the first few of its pages by name (`detect.candidates`). So new pages change
the pairs that they are in, and those of the pages that they push out of such a place, or that get one since a page has
other words now. Of all these pages every window is looked up, with all pages that have it, and the engine is asked of
these windows alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import detect
from detect import Sketch
from webapp.store import KnownPage, Store

_NO_SIGNATURE = np.empty(0, np.uint32)


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """`pairs` of pages, by number, the one whose name comes first first, int64 (n, 2); `known`: the pages in them and
    the new ones, by name. `fresh`: those that may not have been wanted when the collection was shown last. `compared`:
    the pairs of the same pages that were compared before, wanted still or not.
    """

    known: tuple[KnownPage, ...]
    pairs: NDArray[np.int64]
    fresh: NDArray[np.int64]
    compared: NDArray[np.int64]

    @property
    def missing(self) -> NDArray[np.int64]:
        """The pairs that were not compared."""
        return self.pairs[~np.isin(_keys(self.pairs), _keys(self.compared))]

    @property
    def unwanted(self) -> NDArray[np.int64]:
        """The pairs that were compared and would not be any more: other pages stand for them."""
        return self.compared[~np.isin(_keys(self.compared), _keys(self.pairs))]


def wanted(store: Store, collection: int, new: Mapping[int, Sketch]) -> Wanted:
    """The pairs that the new pages change, `new` by number."""
    has = _Postings.of(new)
    gone = store.gone_prints(collection)
    there = _Postings(*store.with_prints(collection, np.concatenate((has.prints, gone)))).without(new)
    has = has.and_also(there).by_name(store)
    moved = {*has.shifted(new), *there.pages[np.isin(there.prints, gone)].tolist()}
    others = _Postings.of(store.sketches(moved))
    unasked = others.prints[~np.isin(others.prints, has.prints)]
    if len(unasked):
        has = has.and_also(_Postings(*store.with_prints(collection, unasked)).without(new)).by_name(store)
    pairs, compared = has.pairs(), store.compared_pairs([*new, *moved])
    pairs, compared = (_of(each, {*new, *moved}, new) for each in (pairs, compared))
    known = store.known_pages({*new, *pairs.ravel().tolist()})
    fresh = pairs if len(gone) else _of(pairs, new, new)
    return Wanted(tuple(sorted(known, key=lambda page: page.name)), pairs, fresh, compared)


def _of(pairs: NDArray[np.int64], first: Iterable[int], either: Iterable[int]) -> NDArray[np.int64]:
    """The pairs whose first page is among some, or any of them among others."""
    a, b = pairs.T
    return pairs[np.isin(a, list(first)) | np.isin(b, list(either))]


def _keys(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number for each pair of page numbers, which are under 2**31."""
    return pairs[:, 0] << 32 | pairs[:, 1]


@dataclass(frozen=True, slots=True, eq=False)
class _Postings:
    """Windows, and a page that has it beside each: uint64 (n), int64 (n). `order`: the pages by name."""

    prints: NDArray[np.uint64]
    pages: NDArray[np.int64]
    order: NDArray[np.int64] | None = None

    @classmethod
    def of(cls, sketches: Mapping[int, Sketch]) -> _Postings:
        """The windows of some pages."""
        prints = [np.empty(0, np.uint64), *(sketch.prints for sketch in sketches.values())]
        sizes = [len(few) for few in prints[1:]]
        return cls(np.concatenate(prints), np.repeat(np.array(list(sketches), np.int64), sizes))

    def without(self, pages: Iterable[int]) -> _Postings:
        """These, but for some pages."""
        others = ~np.isin(self.pages, list(pages))
        return _Postings(self.prints[others], self.pages[others])

    def and_also(self, other: _Postings) -> _Postings:
        """These and others."""
        return _Postings(np.concatenate((self.prints, other.prints)), np.concatenate((self.pages, other.pages)))

    def by_name(self, store: Store) -> _Postings:
        """These, in the order of windows and then of the pages' names."""
        pages = np.unique(self.pages)
        names = store.names(pages.tolist())
        order = np.array(sorted(names, key=names.__getitem__), np.int64)
        rank = np.empty(len(pages), np.int64)
        rank[np.searchsorted(pages, order)] = np.arange(len(order))
        sort = np.lexsort((rank[np.searchsorted(pages, self.pages)], self.prints))
        return _Postings(self.prints[sort], self.pages[sort], order)

    def shifted(self, new: Iterable[int]) -> list[int]:
        """The pages that have lost a place among the first few of a window to new ones."""
        moved: list[int] = detect.shifted(self.prints, self.pages, np.isin(self.pages, list(new))).tolist()
        return moved

    def pairs(self) -> NDArray[np.int64]:
        """The pairs of pages that these windows alone make worth comparing."""
        assert self.order is not None
        sort = np.argsort(self.pages, kind="stable")
        pages, firsts = np.unique(self.pages[sort], return_index=True)
        windows = dict(zip(pages.tolist(), np.split(self.prints[sort], firsts[1:]), strict=True)) if len(pages) else {}
        made = [Sketch(windows[page], _NO_SIGNATURE, 0) for page in self.order.tolist()]
        return self.order[detect.candidates(made)]
