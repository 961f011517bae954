"""Places on pages to all that belongs together with them: the passages whose clusters may be others now.

A cluster is made of passages, and two passages have to do with each other only where their places overlap on a page. So
what changes with some passages is found by going from place to place, and the rest of the collection is left alone.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Callable, Iterable

from detect import Span
from webapp.store import PassageKey, ShownPlace, Store, StoredPassage

_Place = tuple[int, Span]
_Item = tuple[Span, StoredPassage | ShownPlace]


class Region:
    """Passages, and the clusters that are shown in their places, whole. Of pairs that are `dropped` there is none.

    `check`, called for each page that is looked at, raises to end the work there.
    """

    def __init__(self, store: Store, dropped: frozenset[tuple[int, int]], check: Callable[[], None]) -> None:
        self._store = store
        self._dropped = dropped
        self._check = check
        self._heaps_on: dict[int, _Heaps] = {}
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
            self._look_at({page for page, _ in waiting})
            met = [one for page, span in waiting for one in self._heaps_on[page].take(span)]
            passages = [one for one in met if isinstance(one, StoredPassage) and one.key not in self.passages]
            self.passages |= {one.key: one for one in passages}
            clusters = {one.cluster for one in met if isinstance(one, ShownPlace)} - self.shown.keys()
            waiting = {place for one in passages for place in places_of(one)}
            waiting |= {(one.page, Span(one.start, one.stop)) for one in self._take(clusters)}

    def _look_at(self, pages: set[int]) -> None:
        unseen = pages - self._heaps_on.keys()
        there: dict[int, list[_Item]] = defaultdict(list)
        for one in self._store.passages_on(unseen) if unseen else ():
            if (one.a, one.b) not in self._dropped:
                for page, span in places_of(one):
                    there[page].append((span, one))
        for place in self._store.shown_on(unseen) if unseen else ():
            there[place.page].append((Span(place.start, place.stop), place))
        for page in unseen:
            self._check()
            self._heaps_on[page] = _Heaps(there[page])

    def _take(self, clusters: set[int]) -> list[ShownPlace]:
        """Take in these clusters; gives their places."""
        places = self._store.shown_in(clusters) if clusters else []
        for one in places:
            self.shown.setdefault(one.cluster, []).append(one)
        return places


def places_of(one: StoredPassage) -> tuple[_Place, _Place]:
    """Where a passage stands."""
    return (one.a, Span(one.a_start, one.a_stop)), (one.b, Span(one.b_start, one.b_stop))


class _Heaps:
    """What stands on a page, in heaps: what overlaps, with what that overlaps in turn. Whoever meets one of a heap gets
    to all of it, so that a long chain is taken at once, and each heap but once."""

    def __init__(self, there: Iterable[_Item]) -> None:
        self._joined: list[Span] = []  # what each heap covers; apart from one another, in order
        self._heaps: list[list[StoredPassage | ShownPlace]] = []
        for span, one in sorted(there, key=lambda item: item[0]):
            if self._joined and span.start < self._joined[-1].stop:
                last = self._joined[-1]
                self._joined[-1] = Span(last.start, max(last.stop, span.stop))
            else:
                self._joined.append(span)
                self._heaps.append([])
            self._heaps[-1].append(one)

    def take(self, span: Span) -> list[StoredPassage | ShownPlace]:
        """The heaps that something of a span is in, of those that were not taken."""
        first = bisect.bisect_right(self._joined, span.start, key=lambda one: one.stop)
        last = bisect.bisect_left(self._joined, span.stop, lo=first, key=lambda one: one.start)
        met = [one for heap in self._heaps[first:last] for one in heap]
        self._joined[first:last], self._heaps[first:last] = [], []
        return met
