"""From what a site's pages contributed to what recurs there: votes a hash, one a group of near-duplicate pages.

A page that is nearly another (crawled twice, or under twenty addresses) shares one vote with it, or its article
would count as boilerplate. Twins are found by MinHash of their prose, and judged by exact Jaccard similarity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detect import sketches
from detect.loops import njit
from detect.sampling import SPARE_BITS, Contribution, kept_hashes
from detect.settings import DEFAULTS

Hashes = NDArray[np.uint64]

_HASH_BITS = 64 - SPARE_BITS
# At least: what a bucket does not tell of a hash has to go into 32 bits.
_BUCKET_BITS = _HASH_BITS - 32
# Marks the vote of a _Tally's entry that more than one vote has; the rest of it is its row in `votes` and `counts`.
_SHARED = np.uint32(1 << 31)
# How alike two pages of prose are that share a vote, in their prose and in all they have, and two without prose.
_LEVELS = (DEFAULTS.twin_prose, DEFAULTS.twin_text, DEFAULTS.twin_bare)
# The estimate of likeness is off by .04 once in three: what it puts so far below is not worth an exact look.
_SLACK = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """What the rest of a site says of one page's hashes: `counts` int32, as long as they are, and of how many `of`.

    `own` is True where the page, or one that is nearly it, was learned and so has a vote itself.
    """

    counts: NDArray[np.int32]
    of: int
    own: bool


@dataclass(frozen=True, slots=True, eq=False)
class Recurrence:
    """What other pages of the site say of a page of n words and m lines.

    `words` int32 (n), `keys` and `heads` int32 (m): votes for each word, for each whole line, and for how each line
    begins; `of`: how many could vote, 0 when nothing is known; `own`: the page's own vote is among the learned ones.
    """

    words: NDArray[np.int32]
    keys: NDArray[np.int32]
    heads: NDArray[np.int32]
    of: int
    own: bool


class SiteIndex:
    """The derived counts of one site: of `pages`, in an order that decides which of several twins leads them."""

    def __init__(self, pages: Sequence[Contribution]) -> None:
        self._ids = [page.page_id for page in pages]
        self._pages = _Pages.of(pages)
        self._leaders = _lead(*self._pages.arrays(), _LEVELS)
        self._leader_of = dict(zip((page.key for page in pages), self._leaders.tolist(), strict=True))
        self._leading, numbers = np.unique(self._leaders, return_inverse=True)
        self._tally = _Tally.of(self._pages, numbers)

    @property
    def pages(self) -> int:
        """How many pages the site has."""
        return len(self._ids)

    @property
    def votes(self) -> int:
        """How many votes the site has: its pages, near-duplicates counted once."""
        return len(self._leading)

    @property
    def size(self) -> int:
        """Bytes of memory it takes."""
        return self._pages.size + self._tally.size

    def vote_of(self, key: bytes) -> int | None:
        """The vote of the learned page with this key; None for one that is not among them."""
        return self._leader_of.get(key)

    def twins_of(self, page: Contribution) -> int | None:
        """The vote of the learned pages that `page` is nearly; None for one that is new."""
        one = _Pages.of([page])
        found = _nearest(0, *one.arrays(), self._leading, *self._pages.arrays(), _LEVELS)
        return found if found >= 0 else None

    def ask(self, leader: int | None, queried: Hashes) -> Votes:
        """How many votes have each of `queried`, other than the asking page's own, which is `leader`.

        Fewer than two votes in all say nothing: of is then 0.
        """
        of = self.votes - (leader is not None)
        if self.votes < DEFAULTS.recurs or of == 0:
            return Votes(np.zeros(len(queried), np.int32), 0, False)
        own = -1 if leader is None else int(np.searchsorted(self._leading, leader))
        return Votes(self._tally.ask(queried, own), of, leader is not None)

    def pages_with(self, hashes: Hashes, but: bytes, limit: int) -> list[str]:
        """Ids of at most `limit` pages that have the most of `hashes`, one of each vote, never the page `but`."""
        wanted = np.unique(kept_hashes(hashes))
        found = []
        for leader in self._leading.tolist():
            if leader != self._leader_of.get(but):
                shared = sketches.shared(wanted, self._pages.hashes_of(leader))
                if shared:
                    found.append((-shared, leader))
        return [self._ids[leader] for _, leader in sorted(found)[:limit]]


@dataclass(frozen=True, slots=True, eq=False)
class _Pages:
    """What n pages contributed, joined: page i has hashes[bounds[i]:bounds[i+1]], and those of them in prose likewise.

    Pages of prose are compared by it, the others by all they have: `signatures` are of that.
    """

    hashes: Hashes
    bounds: NDArray[np.int64]
    prose: Hashes
    prose_bounds: NDArray[np.int64]
    signatures: NDArray[np.uint32]

    @classmethod
    def of(cls, pages: Sequence[Contribution]) -> _Pages:
        """Those of some pages."""
        hashes = np.concatenate([np.empty(0, np.uint64), *(page.hashes for page in pages)])
        inside = np.concatenate([np.empty(0, np.bool_), *(page.prose for page in pages)])
        bounds = np.cumsum([0, *(len(page.hashes) for page in pages)])
        prose = hashes[inside]
        prose_bounds = np.concatenate(([0], np.cumsum(inside)))[bounds]
        made = sketches.signatures(prose, prose_bounds)
        bare = np.flatnonzero(np.diff(prose_bounds) == 0)
        for page in bare.tolist():
            made[page] = sketches.signature(pages[page].hashes)
        return cls(hashes, bounds, prose, prose_bounds, made)

    def arrays(self) -> tuple[Hashes, NDArray[np.int64], Hashes, NDArray[np.int64], NDArray[np.uint32]]:
        """As the kernels take them."""
        return self.hashes, self.bounds, self.prose, self.prose_bounds, self.signatures

    def hashes_of(self, page: int) -> Hashes:
        """Those of one page."""
        return self.hashes[self.bounds[page] : self.bounds[page + 1]]

    @property
    def size(self) -> int:
        """Bytes of memory it takes."""
        return self.hashes.nbytes + self.prose.nbytes + self.signatures.nbytes


@dataclass(frozen=True, slots=True, eq=False)
class _Tally:
    """Which votes have each hash of a site, in buckets by the hash's upper bits.

    Bucket i is [starts[i], starts[i+1]) of `entries` (uint64, ascending): in the upper half what the bucket does not
    tell of a hash, in the lower the number of the one vote that has it, or _SHARED and a row of `votes` (a bit a vote,
    uint64 words) and `counts`.
    """

    bits: int
    starts: NDArray[np.int32]
    entries: NDArray[np.uint64]
    votes: NDArray[np.uint64]
    counts: NDArray[np.int32]

    @classmethod
    def of(cls, pages: _Pages, numbers: NDArray[np.int64]) -> _Tally:
        """That of pages whose votes have these numbers."""
        total = len(pages.hashes)
        bits = max(_BUCKET_BITS, (total // 4).bit_length())
        starts, entries = _scatter(pages.hashes, pages.bounds, numbers, bits)
        rows = _sort_buckets(starts, entries)
        votes, counts = np.zeros((rows, len(numbers) // 64 + 1), np.uint64), np.zeros(rows, np.int32)
        length = _join_equal(starts, entries, votes, counts)
        return cls(bits, starts, entries[:length].copy(), votes, counts)

    def ask(self, queried: Hashes, own: int) -> NDArray[np.int32]:
        """How many votes other than `own` (-1: none) have each of `queried`."""
        out = np.zeros(len(queried), np.int32)
        _ask(self.bits, self.starts, self.entries, self.votes, self.counts, queried, own, out)
        return out

    @property
    def size(self) -> int:
        """Bytes of memory it takes."""
        return sum(part.nbytes for part in (self.starts, self.entries, self.votes, self.counts))


# Near-duplicate pages. A sample is so small that every page is held against every leader.


@njit(cache=True, nogil=True)
def _lead(hashes, bounds, prose, prose_bounds, signatures, levels):  # type: ignore[no-untyped-def]
    """For each page the first page that it is nearly a copy of, or itself, int64.

    Likeness is to the leader itself, so that a chain of pages each a little unlike the next does not end as one vote.
    """
    out = np.empty(len(signatures), np.int64)
    leaders = np.empty(len(signatures), np.int64)
    count = 0
    own = (hashes, bounds, prose, prose_bounds, signatures)
    for page in range(len(out)):
        out[page] = _nearest(page, *own, leaders[:count], *own, levels)
        if out[page] < 0:
            out[page] = leaders[count] = page
            count += 1
    return out


@njit(cache=True, nogil=True)
def _nearest(  # type: ignore[no-untyped-def]
    page, hashes, bounds, prose, prose_bounds, signatures,
    leaders, their_hashes, their_bounds, their_prose, their_prose_bounds, their_signatures, levels,
):  # fmt: skip
    """The leader that the page is nearest to, of those it is nearly; the first of several, -1 when it is new."""
    twin_prose, twin_text, twin_bare = levels
    own = hashes[bounds[page] : bounds[page + 1]]
    own_prose = prose[prose_bounds[page] : prose_bounds[page + 1]]
    found, best = -1, 0.0
    for leader in leaders:
        other = their_hashes[their_bounds[leader] : their_bounds[leader + 1]]
        other_prose = their_prose[their_prose_bounds[leader] : their_prose_bounds[leader + 1]]
        if (len(own_prose) > 0) != (len(other_prose) > 0) or len(own) == 0:
            continue
        agree = 0
        for slot in range(signatures.shape[1]):
            agree += signatures[page, slot] == their_signatures[leader, slot]
        least = twin_prose if len(own_prose) else twin_bare
        if agree < (least - _SLACK) * signatures.shape[1]:
            continue
        likeness = sketches.jaccard(own, other)
        if len(own_prose):
            alike = likeness >= twin_text and sketches.jaccard(own_prose, other_prose) >= twin_prose
        else:
            alike = likeness >= twin_bare
        if alike and likeness > best:
            found, best = leader, likeness
    return found


# Which votes have a hash


@njit(cache=True, nogil=True)
def _scatter(hashes, bounds, numbers, bits):  # type: ignore[no-untyped-def]
    """The hashes of all pages by bucket, each with its page's vote."""
    starts = np.zeros((1 << bits) + 1, np.int32)
    for value in hashes:
        starts[np.int64(value >> np.uint64(64 - bits)) + 1] += 1
    for bucket in range(1 << bits):
        starts[bucket + 1] += starts[bucket]
    entries = np.empty(len(hashes), np.uint64)
    free = starts[:-1].copy()
    for page in range(len(numbers)):
        for at in range(bounds[page], bounds[page + 1]):
            its = np.int64(hashes[at] >> np.uint64(64 - bits))
            entries[free[its]] = _rest(hashes[at], bits) | np.uint64(numbers[page])
            free[its] += 1
    return starts, entries


@njit(cache=True, nogil=True, inline="always")
def _rest(value, bits):  # type: ignore[no-untyped-def]
    """What the bucket does not tell of a hash, in the upper half."""
    return ((value << np.uint64(bits)) >> np.uint64(SPARE_BITS + bits)) << np.uint64(32)


@njit(cache=True, nogil=True)
def _sort_buckets(starts, entries):  # type: ignore[no-untyped-def]
    """Sort each bucket, in place; returns how many hashes two votes and more have."""
    shared = 0
    for bucket in range(len(starts) - 1):
        first, stop = starts[bucket], starts[bucket + 1]
        for at in range(first + 1, stop):
            entry, to = entries[at], at
            while to > first and entries[to - 1] > entry:
                entries[to] = entries[to - 1]
                to -= 1
            entries[to] = entry
        fresh = True
        for at in range(first + 1, stop):
            same = entries[at] >> np.uint64(32) == entries[at - 1] >> np.uint64(32)
            fresh = fresh or not same
            if fresh and same and entries[at] != entries[at - 1]:
                shared += 1
                fresh = False
    return shared


@njit(cache=True, nogil=True)
def _join_equal(starts, entries, votes, counts):  # type: ignore[no-untyped-def]
    """Leave one entry a hash, in place, and fill the rows of those that votes share; returns how many are left."""
    to = at = row = 0
    for bucket in range(len(starts) - 1):
        stop = starts[bucket + 1]
        starts[bucket] = to
        while at < stop:
            entry, following = entries[at], at + 1
            while following < stop and entries[following] >> np.uint64(32) == entry >> np.uint64(32):
                following += 1
            if entries[following - 1] != entry:  # in order, so the last one is the vote furthest from the first
                for one in entries[at:following]:
                    vote = np.uint32(one)
                    bit = np.uint64(1) << np.uint64(vote & 63)
                    counts[row] += votes[row, vote >> 6] & bit == 0
                    votes[row, vote >> 6] |= bit
                entry = entry >> np.uint64(32) << np.uint64(32) | np.uint64(_SHARED) | np.uint64(row)
                row += 1
            entries[to] = entry
            to += 1
            at = following
    starts[-1] = to
    return to


@njit(cache=True, nogil=True)
def _ask(bits, starts, entries, votes, counts, queried, own, out):  # type: ignore[no-untyped-def]
    for i in range(len(queried)):
        bucket, rest = np.int64(queried[i] >> np.uint64(64 - bits)), _rest(queried[i], bits)
        at, stop = starts[bucket], starts[bucket + 1]
        while at < stop and entries[at] < rest:
            at += 1
        if at == stop or entries[at] - rest > np.uint64(0xFFFFFFFF):
            continue
        who = np.uint32(entries[at])
        if who & _SHARED:
            row = np.int64(who & ~_SHARED)
            out[i] = counts[row]
            if own >= 0:
                out[i] -= np.int32((votes[row, own >> 6] >> np.uint64(own & 63)) & np.uint64(1))
        else:
            out[i] = np.int64(who) != own
