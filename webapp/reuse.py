"""What a person can see of text that pages share: clusters, pairs of pages, sites, duplicates, what a paste shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Literal

import numpy as np

import detect
from detect import Labels, Passage, Place, Prepared, Sketch, Span
from webapp import downloads
from webapp.comparing import words_in
from webapp.export import safe_name
from webapp.records import (
    ClusterList,
    DuplicateGroup,
    Invalid,
    NotFound,
    OpenCluster,
    OpenPair,
    PairPassage,
    PairSide,
    Pasted,
    ReusedSpan,
    ReuseFormat,
    ReuseQuery,
    SharedPage,
    SiteGraph,
)
from webapp.store import Neighbour, Store, StoredPage, StoredPassage

# Pages of a collection that a paste is compared with: more than anybody reads through, in about a second.
_CLOSE_LOOKS = 100

# A name that no stored page has: a page is not compared with one of its own name.
_PASTE = "\0paste"


class Reuse:
    """The actions on shared text, on one store. Safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def reuse(self, collection: int, query: ReuseQuery) -> ClusterList:
        """One page of the collection's clusters; a number beyond the last gives the last. Raises NotFound."""
        return self._store.clusters(collection, query)

    def cluster(self, id: int) -> OpenCluster:
        """A cluster with its members. Raises NotFound."""
        return self._store.cluster(id)

    def site_graph(self, collection: int) -> SiteGraph:
        """Which sites of a collection share text. Raises NotFound."""
        return self._store.site_graph(collection)

    def duplicates(self, collection: int) -> tuple[DuplicateGroup, ...]:
        """The pages that are one story, the largest group first. Raises NotFound."""
        return self._store.duplicates(collection)

    def reused(self, page: int) -> tuple[ReusedSpan, ...]:
        """What a page has that others share, from its start on, the longer first; none for an unknown page."""
        clusters: dict[int, list[Neighbour]] = defaultdict(list)
        for place in self._store.neighbours_in_clusters(page):
            clusters[place.cluster].append(place)
        spans = [
            _reused(own, [one for one in places if one.page != page])
            for places in clusters.values()
            for own in places
            if own.page == page
        ]
        spans.sort(key=lambda span: (span.start, -span.stop, span.cluster))
        return tuple(replace(span, number=number) for number, span in enumerate(spans, 1))

    # Pairs

    def pair(self, a: int, b: int) -> OpenPair:
        """Two pages of a collection beside each other, compared now if they were not yet.

        Raises NotFound, and Invalid for a page and itself or pages of two collections.
        """
        if a == b:
            raise Invalid("Choose two different pages: a page shares everything with itself.")
        sides = (self._store.open(a), self._store.open(b))
        (one, _), (other, _) = sides
        if one.collection != other.collection:
            raise Invalid("These pages are in different collections. Choose two of one collection.")
        dates = [detect.date_of(stored.page, labels) for stored, labels in sides]
        return OpenPair(
            one.collection,
            one.collection_name,
            _side(*sides[0], dates[0]),
            _side(*sides[1], dates[1]),
            self._pair_passages(*sides),
            _earlier(dates),
        )

    def _pair_passages(
        self, one: tuple[StoredPage, Labels | None], other: tuple[StoredPage, Labels | None]
    ) -> tuple[PairPassage, ...]:
        """What two pages share, in the order of the first."""
        first, second = sorted((one[0], other[0]), key=lambda stored: stored.page.id)
        found = self._store.pair_passages(first.id, second.id)
        if found is not None:
            return _numbered(map(_stored, found), swapped=first.id != one[0].id)
        shared = detect.compare(detect.prepare(one[0].page, one[1]), detect.prepare(other[0].page, other[1]))
        return _numbered(map(_fresh, shared), swapped=first.id != one[0].id)

    # Pastes

    def shared(self, pasted: Pasted, collection: int | None = None) -> tuple[SharedPage, ...]:
        """The stored pages that share text with a pasted one, those with most of it first; None asks all collections.

        Raises NotFound.
        """
        prepared = detect.prepare(replace(pasted.page, id=_PASTE), pasted.labels)
        name = "" if collection is None else self._store.collection_name(collection)
        asked = (
            [(one.id, one.name) for one in self._store.collections()] if collection is None else [(collection, name)]
        )
        found = [page for id, name in asked for page in self._shared_in(id, name, prepared)]
        return tuple(sorted(found, key=lambda one: (-one.words, one.collection_name, one.page)))

    def _shared_in(self, collection: int, name: str, pasted: Prepared) -> Iterator[SharedPage]:
        numbers = self._likely(collection, pasted.sketch())
        dates = self._store.dates(numbers)
        for number in numbers:
            try:
                stored, labels = self._store.open(number)
            except NotFound:  # deleted just now
                continue
            found = _numbered(map(_fresh, detect.compare(pasted, detect.prepare(stored.page, labels))), swapped=False)
            if found:
                words = sum(words_in(pasted, span) for span in _joined(one.a for one in found))
                share = words / len(pasted.terms.starts)
                date = dates.get(number, "")
                yield SharedPage(collection, name, number, stored.title, stored.page.site, date, found, words, share)

    def _likely(self, collection: int, sketch: Sketch) -> list[int]:
        """The numbers of the pages worth comparing with this one: at most _CLOSE_LOOKS, the likeliest first."""
        _, met = self._store.with_prints(collection, sketch.prints)
        numbers, counts = np.unique(met, return_counts=True)
        likeliest = numbers[np.argsort(-counts, kind="stable")][:_CLOSE_LOOKS].tolist()
        known = self._store.sketches(likeliest)
        # One by one: a window that many pages have stands for the first few of them among those it is asked of.
        return [page for page in likeliest if page in known and len(detect.candidates([sketch], [known[page]]))]

    # Downloads

    def export_reuse(self, collection: int, format: ReuseFormat) -> tuple[str, Iterator[bytes]]:
        """A file name and the passages of a collection, a line each, as one stream of bytes. Raises NotFound."""
        name = safe_name(self._store.collection_name(collection), "collection")
        return f"{name}-reuse.{format}", self._export_reuse(collection, format)

    def _export_reuse(self, collection: int, format: ReuseFormat) -> Iterator[bytes]:
        write = downloads.reuse_csv_bytes if format == "csv" else downloads.reuse_jsonl_bytes
        with closing(self._store.passage_rows(collection)) as rows:
            yield from write(rows)


# Passages of two pages, from the side of the one that is asked about


_Found = tuple[Span, Span, Passage | StoredPassage]


def _fresh(one: Passage) -> _Found:
    return Span(one.a.start, one.a.stop), Span(one.b.start, one.b.stop), one


def _stored(one: StoredPassage) -> _Found:
    return Span(one.a_start, one.a_stop), Span(one.b_start, one.b_stop), one


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The spans, in order, as what they cover together."""
    joined: list[Span] = []
    for span in spans:
        if joined and span.start <= joined[-1].stop:
            span = Span(joined[-1].start, max(joined.pop().stop, span.stop))
        joined.append(span)
    return joined


def _numbered(found: Iterable[_Found], swapped: bool) -> tuple[PairPassage, ...]:
    """The passages in the order of the page asked about, which is their b when `swapped`."""
    turned = sorted(((b, a, one) if swapped else (a, b, one) for a, b, one in found), key=lambda found: found[:2])
    return tuple(
        PairPassage(number, a, b, one.similarity, one.kind, one.cluster if isinstance(one, StoredPassage) else None)
        for number, (a, b, one) in enumerate(turned, 1)
    )


def _side(stored: StoredPage, labels: Labels | None, date: str) -> PairSide:
    cuts = () if labels is None else detect.clean(stored.page, labels).cuts
    quiet = tuple(Span(cut.start, cut.stop) for cut in cuts)
    return PairSide(stored.id, stored.title, stored.page.site, date, stored.page.text, quiet)


def _earlier(dates: Sequence[str]) -> Literal["a", "b", ""]:
    first = detect.earliest([Place("a", 0, 0), Place("b", 0, 0)], dict(zip("ab", dates, strict=True)))
    return "" if first is None else "a" if first.page == "a" else "b"


def _reused(own: Neighbour, others: Sequence[Neighbour]) -> ReusedSpan:
    """A place of a page, with the places of other pages in its cluster."""
    other = min(others, key=lambda one: (not one.earliest, -one.similarity, one.page))
    return ReusedSpan(
        number=0,
        start=own.start,
        stop=own.stop,
        cluster=own.cluster,
        kind=own.kind,
        pages=len({one.page for one in others}),
        sites=len({one.site for one in others}),
        other=other.page,
        other_title=other.title,
        other_site=other.site,
        other_date=other.date,
        others_first=_earlier((own.date, other.date)) == "b",
    )
