"""Stored passages to the clusters that are shown: which of them keep their number, and what a list says of each."""

from __future__ import annotations

import bisect
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import detect
from detect import Cluster, Passage, PassageKind, Place
from webapp.store import KnownPage, PassageKey, ShownCluster, ShownPlace, StoredMember, StoredPassage

# Members that a cluster has to have in common with what was shown for it to be that cluster: those of one passage.
_IN_COMMON = 2


class Clustered(NamedTuple):
    """The clusters, and which of them a passage, by its key, belongs to."""

    clusters: tuple[ShownCluster, ...]
    cluster_of: dict[PassageKey, int]


def clustered(
    passages: Sequence[StoredPassage],
    pages: Mapping[int, KnownPage],
    shown: Sequence[ShownPlace],
) -> Clustered:
    """The clusters of the passages; `shown` are the places of what was shown before."""
    numbers = {page.name: page.id for page in pages.values()}
    dates = {page.name: page.date for page in pages.values()}
    named, found = detect.clusters([_passage(one, pages) for one in passages], dates)
    position = {cluster.id: i for i, cluster in enumerate(found)}
    words = {place: count for one in passages for place, count in _places(one, pages)}
    between = _between(named)
    ids = _kept_ids(found, numbers, shown)
    made = tuple(
        _shown(cluster, id, _members(cluster, numbers, between), words, pages)
        for cluster, id in zip(found, ids, strict=True)
    )
    cluster_of = {
        (numbers[one.a.page], numbers[one.b.page], one.a.start, one.b.start): position[one.cluster]
        for one in named
        if one.cluster
    }
    return Clustered(made, cluster_of)


def _passage(one: StoredPassage, pages: Mapping[int, KnownPage]) -> Passage:
    a, b = Place(pages[one.a].name, one.a_start, one.a_stop), Place(pages[one.b].name, one.b_start, one.b_stop)
    return Passage(a, b, one.similarity, one.kind)


def _places(one: StoredPassage, pages: Mapping[int, KnownPage]) -> tuple[tuple[Place, int], tuple[Place, int]]:
    passage = _passage(one, pages)
    return (passage.a, one.a_words), (passage.b, one.b_words)


# Members


class _Shared:
    """The passages of two pages, seen from one of them: which of them have a part in a place there."""

    def __init__(self, passages: Iterable[tuple[Place, Place, Passage]]) -> None:
        self._rows = sorted(passages, key=lambda one: one[:2])
        self._starts = [here.start for here, _, _ in self._rows]
        self._reach = list(itertools.accumulate((here.stop for here, _, _ in self._rows), max))

    def around(self, place: Place) -> Iterator[tuple[Place, Place, Passage]]:
        """Those that have: (place on this page, place on the other, passage)."""
        for at in range(bisect.bisect_left(self._starts, place.stop) - 1, -1, -1):
            if self._reach[at] <= place.start:
                break
            yield self._rows[at]


Between = Mapping[tuple[str, str], _Shared]


def _between(passages: Sequence[Passage]) -> Between:
    """The passages of two pages, from the side of either."""
    found: dict[tuple[str, str], list[tuple[Place, Place, Passage]]] = defaultdict(list)
    for one in passages:
        found[one.a.page, one.b.page].append((one.a, one.b, one))
        found[one.b.page, one.a.page].append((one.b, one.a, one))
    return {pages: _Shared(there) for pages, there in found.items()}


def _members(cluster: Cluster, numbers: Mapping[str, int], between: Between) -> tuple[StoredMember, ...]:
    """The places of a cluster, with how each stands to the representative: the representative to itself as most do."""
    links = {place: _link(cluster, place, between) for place in cluster.members if place != cluster.representative}
    links[cluster.representative] = (1.0, _most_common(kind for _, kind in links.values()))
    return tuple(
        StoredMember(
            numbers[place.page],
            place.start,
            place.stop,
            *links[place],
            representative=place == cluster.representative,
            earliest=place == cluster.earliest,
        )
        for place in cluster.members
    )


def _link(cluster: Cluster, place: Place, between: Between) -> tuple[float, PassageKind]:
    """How alike a member and the representative are: by the passage of their two pages that covers both best."""
    shared = between.get((cluster.representative.page, place.page))
    there = shared.around(cluster.representative) if shared else ()
    covering = [(min(_both(a, cluster.representative), _both(b, place)), one) for a, b, one in there]
    best, passage = max(covering, key=lambda one: (one[0], one[1].similarity), default=(0, None))
    if passage is None or not best:
        return cluster.similarity, "reworded"
    return passage.similarity, passage.kind


def _both(one: Place, other: Place) -> int:
    """Code points that two places of a page have in common."""
    return max(0, min(one.stop, other.stop) - max(one.start, other.start))


def _most_common(kinds: Iterable[PassageKind]) -> PassageKind:
    return min(Counter(kinds).items(), key=lambda one: (-one[1], one[0]))[0]


# Numbers


def _kept_ids(found: Sequence[Cluster], numbers: Mapping[str, int], shown: Sequence[ShownPlace]) -> list[int | None]:
    """The number of each cluster: that of the one shown before which it continues, None for a new one.

    Of clusters that became one the oldest goes on, of one that fell apart its largest part.
    """
    before = detect.Places()
    ids_of: dict[Place, set[int]] = defaultdict(set)
    names = {number: name for name, number in numbers.items()}
    for id, page, start, stop in shown:
        if page in names:
            place = Place(names[page], start, stop)
            before.add(place)
            ids_of[place].add(id)
    common: Counter[tuple[int, int]] = Counter()
    for i, cluster in enumerate(found):
        for place in cluster.members:
            ids = set().union(*(ids_of[near] for near in before.like(place)))
            common.update((id, i) for id in ids)
    kept: list[int | None] = [None] * len(found)
    given: set[int] = set()
    for (id, i), count in sorted(common.items(), key=lambda one: (one[0][0], -one[1], one[0][1])):
        if count >= _IN_COMMON and id not in given and kept[i] is None:
            kept[i] = id
            given.add(id)
    return kept


# What a list says


def _shown(
    cluster: Cluster,
    id: int | None,
    members: tuple[StoredMember, ...],
    words: Mapping[Place, int],
    pages: Mapping[int, KnownPage],
) -> ShownCluster:
    known = [pages[number] for number in sorted({member.page for member in members})]
    dates = sorted(page.date for page in known if page.date)
    return ShownCluster(
        id=id,
        pages=len(known),
        sites=len({page.site for page in known}),
        words=words[cluster.representative],
        similarity=cluster.similarity,
        kind=next(member.kind for member in members if member.representative),
        first_date=dates[0] if dates else "",
        last_date=dates[-1] if dates else "",
        first_site=next((pages[member.page].site for member in members if member.earliest), ""),
        members=members,
    )
