"""Ranges of text to those that are nearly the same: an index that looks at a few of many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from detect.records import Place
from detect.settings import DEFAULTS


def same_place(one: Place, other: Place) -> bool:
    """Whether two ranges of one page are one place of a cluster: by the Jaccard similarity of the two."""
    both = min(one.stop, other.stop) - max(one.start, other.start)
    return both > 0 and both / (max(one.stop, other.stop) - min(one.start, other.start)) >= DEFAULTS.same_place


class Places:
    """Places of any pages. Those that are nearly one are nearly as long and start close by, so each lies in a cell by
    its page, the magnitude of its length, and its start in steps of that."""

    def __init__(self) -> None:
        self._cells: dict[tuple[str, int, int], list[Place]] = defaultdict(list)

    def add(self, place: Place) -> None:
        """Put one in."""
        magnitude = (place.stop - place.start).bit_length()
        self._cells[place.page, magnitude, place.start >> magnitude].append(place)

    def like(self, place: Place) -> Iterator[Place]:
        """The places that are nearly this one, in no order."""
        length = place.stop - place.start
        shortest, longest = int(length * DEFAULTS.same_place), int(length / DEFAULTS.same_place) + 1
        for magnitude in range(shortest.bit_length(), longest.bit_length() + 1):
            first, last = (place.start - longest) >> magnitude, place.stop >> magnitude
            for step in range(first, last + 1):
                for one in self._cells.get((place.page, magnitude, step), ()):
                    if same_place(one, place):
                        yield one
