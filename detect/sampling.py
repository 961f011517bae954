"""Which pages of a site are looked at: those with the smallest keys, so that neither order nor batches matter.

A page's key is a uniform number made of its id and text. Of every page that a site was given, a Sample keeps those
whose keys are at most a cutoff; a union takes the lower cutoff. So samples merge exactly, whatever they were made of
and in whatever grouping, and stay small: a bottom-k sketch (Cohen and Kaplan, "Summarizing data using bottom-k
sketches", 2007).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from detect.settings import DEFAULTS

Kept = TypeVar("Kept")

# Of a hash the upper 40 bits count: that two of the 100,000 of a site's sample and the 2,000 of a page are one by
# chance happens on one page in 5,000, and they are stored in 5 bytes.
SPARE_BITS = 24


@dataclass(frozen=True, slots=True, eq=False)
class Contribution:
    """What one page gives to its site's memory.

    `hashes` uint64 whose lower 24 bits are 0, sorted, no repeats: its shingles and line keys; `prose` bool, as long:
    those that stand inside lines of prose. `key` is that of the page, `page_id` its id.
    """

    key: bytes
    page_id: str
    hashes: NDArray[np.uint64]
    prose: NDArray[np.bool_]


def kept_hashes(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The part of 64-bit hashes that counts, in its place."""
    return hashes >> np.uint64(SPARE_BITS) << np.uint64(SPARE_BITS)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Of the pages that a site was given, all whose key is at most `cutoff` (None: all), in the order of their keys.

    Twice as many are kept as are looked at, so that as many can be forgotten before it shows.
    """

    pages: tuple[Contribution, ...]
    cutoff: bytes | None = None

    @property
    def looked_at(self) -> tuple[Contribution, ...]:
        """The pages that the site's counts are of."""
        return self.pages[: DEFAULTS.site_pages]

    @property
    def is_known(self) -> bool:
        """Whether anything is known of the site: a page, or that not all of its pages are."""
        return bool(self.pages) or self.cutoff is not None

    @property
    def is_short(self) -> bool:
        """Whether fewer are looked at than would be, had what was forgotten never been learned."""
        return self.cutoff is not None and len(self.pages) < DEFAULTS.site_pages

    def without(self, keys: Collection[bytes]) -> Sample:
        """This sample after forgetting the pages of these keys."""
        return Sample(tuple(page for page in self.pages if page.key not in keys), self.cutoff)

    def minus(self, other: Sample) -> Sample:
        """This sample after forgetting the pages of another. What that one no longer knows of is not known here."""
        left = GrowingSample()
        left.add(Sample((), other.cutoff))
        left.add(self.without({page.key for page in other.pages}))
        return left.sample()

    def is_same(self, other: Sample) -> bool:
        """Whether both are of the same pages."""
        return self.cutoff == other.cutoff and [p.key for p in self.pages] == [p.key for p in other.pages]


class Smallest(Generic[Kept]):
    """Of what comes by key, that with the smallest keys: as many as a sample holds, and never more than twice that."""

    def __init__(self) -> None:
        self.kept: dict[bytes, Kept] = {}
        self.cutoff: bytes | None = None  # what is above it is not taken

    def takes(self, key: bytes) -> bool:
        """Whether what has this key would be kept; False is for good, whatever else comes."""
        return self.cutoff is None or key <= self.cutoff

    def add(self, key: bytes, one: Kept) -> None:
        """Take in what has a key that it takes."""
        self.kept[key] = one
        if len(self.kept) >= 4 * DEFAULTS.site_pages:
            self.shrink()

    def shrink(self) -> None:
        """Leave no more than a sample holds."""
        most = 2 * DEFAULTS.site_pages
        if len(self.kept) > most:
            self.cut(sorted(self.kept)[most - 1])

    def cut(self, cutoff: bytes) -> None:
        """Leave what has a key of at most `cutoff`, and take nothing above it any more."""
        self.cutoff = cutoff
        self.kept = {key: one for key, one in self.kept.items() if key <= cutoff}


class GrowingSample:
    """The union of samples, added one after another; never holds more than twice what is kept in the end."""

    def __init__(self) -> None:
        self._pages: Smallest[Contribution] = Smallest()

    @property
    def has_cutoff(self) -> bool:
        """Whether there are pages that it does not take."""
        return self._pages.cutoff is not None

    def takes(self, key: bytes) -> bool:
        """Whether a page of this key would be kept."""
        return self._pages.takes(key)

    def add(self, sample: Sample) -> None:
        """Take in what another holds."""
        if sample.cutoff is not None and self.takes(sample.cutoff):
            self._pages.cut(sample.cutoff)
        for page in sample.pages:
            self.add_page(page)

    def add_page(self, page: Contribution) -> None:
        """Take in one page."""
        if self.takes(page.key):
            self._pages.add(page.key, page)

    def sample(self) -> Sample:
        """All that was taken in, as one sample."""
        self._pages.shrink()
        kept = self._pages.kept
        return Sample(tuple(kept[key] for key in sorted(kept)), self._pages.cutoff)


def union(samples: Iterable[Sample]) -> Sample:
    """All that any of `samples`, of one site, holds."""
    grown = GrowingSample()
    for sample in samples:
        grown.add(sample)
    return grown.sample()
