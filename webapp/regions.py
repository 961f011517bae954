"""Places on pages to all that belongs together with them: the passages whose clusters may be others now.

A cluster is made of passages, and two passages have to do with each other only where their places overlap on a page. So
what changes with some passages is found by going from place to place, and the rest of the collection is left alone.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator

from detect import Span
from webapp.store import PassageKey, ShownPlace, Store, StoredPassage

_Place = tuple[int, Span]


class Region:
    """Passages, and the clusters that are shown in their places, whole. Of pairs that are `dropped` there is none."""

    def __init__(self, store: Store, dropped: frozenset[tuple[int, int]]) -> None:
        self._store = store
        self._dropped = dropped
        self._reached: dict[int, _Spans] = defaultdict(_Spans)
        self._passages_on: dict[int, set[StoredPassage]] = {}
        self._shown_on: dict[int, set[ShownPlace]] = {}
        self.passages: dict[PassageKey, StoredPassage] = {}
        self.shown: dict[int, list[ShownPlace]] = {}

    @property
    def pages(self) -> set[int]:
        """The pages that its passages stand on."""
        return {page for one in self.passages.values() for page in (one.a, one.b)}

    def grow(self, places: Iterable[_Place]) -> None:
        """Take in all that has to do with these places."""
        waiting = set(places)
        while waiting:
            pages = {page for page, _ in waiting}
            self._look_at(pages)
            for page, span in waiting:
                self._reached[page].add(span)
            passages = [one for page in pages for one in self._met(page)]
            clusters = {one.cluster for page in pages for one in self._shown_met(page)} - self.shown.keys()
            waiting = {place for one in passages for place in places_of(one)}
            waiting |= {(one.page, Span(one.start, one.stop)) for one in self._take(clusters)}
            waiting = {(page, span) for page, span in waiting if not self._reached[page].has(span)}

    def _look_at(self, pages: set[int]) -> None:
        unseen = pages - self._passages_on.keys()
        for page in unseen:
            self._passages_on[page], self._shown_on[page] = set(), set()
        for one in self._store.passages_on(unseen) if unseen else ():
            if (one.a, one.b) not in self._dropped:
                for page in {one.a, one.b} & unseen:
                    self._passages_on[page].add(one)
        for place in self._store.shown_on(unseen) if unseen else ():
            self._shown_on[place.page].add(place)

    def _met(self, page: int) -> Iterator[StoredPassage]:
        """The passages on a page that are met now, each once."""
        for one in list(self._passages_on[page]):
            if any(there == page and self._reached[page].meets(span) for there, span in places_of(one)):
                self._passages_on[page].discard(one)
                if one.key not in self.passages:
                    self.passages[one.key] = one
                    yield one

    def _shown_met(self, page: int) -> Iterator[ShownPlace]:
        for one in list(self._shown_on[page]):
            if self._reached[page].meets(Span(one.start, one.stop)):
                self._shown_on[page].discard(one)
                yield one

    def _take(self, clusters: set[int]) -> list[ShownPlace]:
        """Take in these clusters; gives their places."""
        places = self._store.shown_in(clusters) if clusters else []
        for one in places:
            self.shown.setdefault(one.cluster, []).append(one)
        return places


def places_of(one: StoredPassage) -> tuple[_Place, _Place]:
    """Where a passage stands."""
    return (one.a, Span(one.a_start, one.a_stop)), (one.b, Span(one.b_start, one.b_stop))


class _Spans:
    """What some spans of a page cover together."""

    def __init__(self) -> None:
        self._joined: list[Span] = []

    def add(self, span: Span) -> None:
        """Put one in."""
        first, last = self._met(span)
        met = self._joined[first:last]
        start, stop = min([span.start, *(one.start for one in met)]), max([span.stop, *(one.stop for one in met)])
        self._joined[first:last] = [Span(start, stop)]

    def meets(self, span: Span) -> bool:
        """Whether something of a span is covered."""
        first, last = self._met(span)
        return first < last

    def has(self, span: Span) -> bool:
        """Whether all of it is."""
        first, last = self._met(span)
        return any(one.start <= span.start and span.stop <= one.stop for one in self._joined[first:last])

    def _met(self, span: Span) -> tuple[int, int]:
        first = bisect.bisect_right(self._joined, span.start, key=lambda one: one.stop)
        return first, bisect.bisect_left(self._joined, span.stop, lo=first, key=lambda one: one.start)
