"""What has to do with some places: all that overlaps, from page to page, found without going over a page again and again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

import pytest

from detect import Span
from webapp.regions import Region
from webapp.store import ShownPlace, StoredPassage


class Kept:
    """What a store has of some passages and shown places."""

    def __init__(self, passages: Iterable[StoredPassage], places: Iterable[ShownPlace] = ()) -> None:
        self._passages = list(passages)
        self._places = list(places)

    def passages_on(self, pages: set[int]) -> list[StoredPassage]:
        return [one for one in self._passages if one.a in pages or one.b in pages]

    def shown_on(self, pages: set[int]) -> list[ShownPlace]:
        return [one for one in self._places if one.page in pages]

    def shown_in(self, clusters: set[int]) -> list[ShownPlace]:
        return [one for one in self._places if one.cluster in clusters]


def passage(a: int, a_start: int, b: int, b_start: int, length: int = 10) -> StoredPassage:
    return StoredPassage(a, b, a_start, a_start + length, b_start, b_start + length, 2, 2, 1.0, "exact")


def region(kept: Kept, check: Callable[[], None] = lambda: None, dropped: Iterable[tuple[int, int]] = ()) -> Region:
    return Region(kept, frozenset(dropped), check)  # type: ignore[arg-type]


def chain(length: int) -> Kept:
    """Passages of which each overlaps the next on page 1, each with a page of its own."""
    return Kept(passage(1, 5 * i, 2 + i, 0) for i in range(length))


def test_what_overlaps_is_taken_from_page_to_page_and_what_only_touches_is_left() -> None:
    met = [passage(1, 0, 2, 100), passage(2, 105, 3, 0), passage(3, 8, 4, 0)]
    apart = [passage(1, 10, 5, 0), passage(2, 115, 5, 50), passage(4, 10, 6, 0)]
    found = region(Kept([*met, *apart]))
    found.grow([(1, Span(9, 10))])
    assert sorted(found.passages) == sorted(one.key for one in met)
    assert found.pages == {1, 2, 3, 4}


def test_a_shown_cluster_is_taken_whole_and_leads_on_from_all_its_places() -> None:
    shown = [ShownPlace(7, 1, 0, 10), ShownPlace(7, 9, 40, 50), ShownPlace(8, 9, 60, 70)]
    found = region(Kept([passage(9, 45, 10, 0), passage(9, 65, 10, 90)], shown))
    found.grow([(1, Span(5, 6))])
    assert found.shown == {7: shown[:2]}
    assert list(found.passages) == [(9, 10, 45, 0)]


def test_passages_of_dropped_pairs_are_not_there() -> None:
    found = region(Kept([passage(1, 0, 2, 0), passage(1, 5, 3, 0)]), dropped=[(1, 2)])
    found.grow([(1, Span(0, 10))])
    assert list(found.passages) == [(1, 3, 5, 0)]


def steps(length: int) -> int:
    """The calls that it takes to find a whole chain from its first passage."""
    made = 0

    def counting(*_: object) -> None:
        nonlocal made
        made += 1

    found = region(chain(length))
    sys.setprofile(counting)
    try:
        found.grow([(1, Span(0, 1))])
    finally:
        sys.setprofile(None)
    assert len(found.passages) == length
    return made


def test_a_page_with_four_times_as_many_overlapping_passages_takes_about_four_times_as_long() -> None:
    assert steps(4_000) < 5 * steps(1_000)


def test_a_cancel_is_heard_while_a_region_grows() -> None:
    looks = 0

    def check() -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            raise InterruptedError

    found = region(Kept(passage(page, 0, page + 1, 0) for page in range(1, 20)), check)
    with pytest.raises(InterruptedError):
        found.grow([(1, Span(0, 1))])
    assert len(found.passages) < 5
