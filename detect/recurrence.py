"""From what a site's pages contributed to what recurs there: votes a hash, one a group of near-duplicate pages.

A page that is nearly another (crawled twice, or under twenty addresses) shares one vote with it, or its article
would count as boilerplate. Twins are found by MinHash of their prose, and judged by exact Jaccard similarity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detect import sketches
from detect.settings import DEFAULTS

Hashes = NDArray[np.uint64]


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
    """The derived counts of one site. All sequences go by page, in the order of `keys`, which decides nothing else
    than which of several twins leads them.
    """

    def __init__(
        self, keys: Sequence[bytes], page_ids: Sequence[str], hashes: Sequence[Hashes], prose: Sequence[Hashes]
    ) -> None:
        self._page_ids = page_ids
        self._hashes = hashes
        self._twins = _Twins()
        self._members: dict[int, list[int]] = {}  # the pages of each vote, by the one that leads them
        self._votes_of: dict[bytes, int] = {}
        for position, key in enumerate(keys):
            leader = self._twins.find(hashes[position], prose[position])
            if leader is None:
                leader = position
                self._twins.add(position, hashes[position], prose[position])
            self._members.setdefault(leader, []).append(position)
            self._votes_of[key] = leader
        # The hashes that any page of a vote has, by the page that leads them.
        self._voices = {leader: self._united(members) for leader, members in self._members.items()}
        joined = np.concatenate([*self._voices.values(), np.empty(0, np.uint64)])
        self._vocabulary, counts = np.unique(joined, return_counts=True)
        self._counts = counts.astype(np.int32)

    @property
    def votes(self) -> int:
        """How many votes the site has: its pages, near-duplicates counted once."""
        return len(self._members)

    def vote_of(self, key: bytes, hashes: Hashes, prose: Hashes) -> int | None:
        """The vote of the learned pages that a page is, or is nearly; None for a new one.

        The page is given by its `key`, its `hashes` and the `prose` among them.
        """
        leader = self._votes_of.get(key)
        return self._twins.find(hashes, prose) if leader is None else leader

    def ask(self, leader: int | None, queried: Hashes) -> Votes:
        """How many votes have each of `queried`, other than the asking page's own, which is `leader`.

        Fewer than two votes in all say nothing: of is then 0.
        """
        of = self.votes - (leader is not None)
        if self.votes < DEFAULTS.recurs or of == 0:
            return Votes(np.zeros(len(queried), np.int32), 0, False)
        counts = _lookup(self._vocabulary, self._counts, queried)
        if leader is not None:
            own = self._voices[leader]
            counts -= _lookup(own, np.ones(len(own), np.int32), queried)
        return Votes(counts, of, leader is not None)

    def pages_with(self, hashes: Hashes, but: bytes, limit: int) -> list[str]:
        """Ids of at most `limit` pages that have the most of `hashes`, one of each vote, never the page `but`."""
        wanted = np.unique(hashes)
        found = []
        for leader in self._members:
            if leader != self._votes_of.get(but):
                shared = int(_lookup(self._hashes[leader], np.ones(len(self._hashes[leader]), np.int32), wanted).sum())
                if shared:
                    found.append((-shared, leader))
        return [self._page_ids[leader] for _, leader in sorted(found)[:limit]]

    def _united(self, members: list[int]) -> Hashes:
        if len(members) == 1:
            return self._hashes[members[0]]
        return np.unique(np.concatenate([self._hashes[member] for member in members]))


class _Twins:
    """Finds, for a page, the leader it is nearly a copy of. Likeness is to the leader itself, so that a chain of pages
    each a little unlike the next does not end as one vote.
    """

    def __init__(self) -> None:
        # Pages of prose are compared by it, the others by all they have.
        self._indexes = (sketches.new_index(), sketches.new_index())
        self._leaders: dict[int, tuple[NDArray[np.uint32], Hashes, Hashes]] = {}

    def add(self, name: int, hashes: Hashes, prose: Hashes) -> None:
        """Make the page a leader under this name."""
        basis = prose if len(prose) else hashes
        if len(basis):
            sketch = sketches.minhash(basis)
            self._indexes[bool(len(prose))].insert(name, sketch, check_duplication=False)
            self._leaders[name] = (sketch.hashvalues, hashes, prose)

    def find(self, hashes: Hashes, prose: Hashes) -> int | None:
        """The leader that the page is nearest to, of those it is nearly; None when it is new."""
        basis = prose if len(prose) else hashes
        if not len(basis):
            return None
        sketch = sketches.minhash(basis)
        near = sorted(self._indexes[bool(len(prose))].query(sketch))
        if not near:
            return None
        # The estimate is off by .04 once in three: what it puts .15 below is not worth an exact look.
        same = np.array([self._leaders[name][0] for name in near]) == sketch.hashvalues
        least = (DEFAULTS.twin_prose if len(prose) else DEFAULTS.twin_bare) - 0.15
        promising = [name for name, share in zip(near, same.mean(axis=1), strict=True) if share >= least]
        likeness = {name: self._likeness(hashes, prose, name) for name in promising}
        best = max(likeness, key=lambda name: (likeness[name], -name), default=None)
        return best if best is not None and likeness[best] > 0 else None

    def _likeness(self, hashes: Hashes, prose: Hashes, name: int) -> float:
        """Jaccard similarity of all the two pages have; 0 where they are not nearly one page."""
        _, other, other_prose = self._leaders[name]
        likeness = sketches.jaccard(hashes, other)
        if not len(prose):
            return likeness if likeness >= DEFAULTS.twin_bare else 0.0
        alike = likeness >= DEFAULTS.twin_text and sketches.jaccard(prose, other_prose) >= DEFAULTS.twin_prose
        return likeness if alike else 0.0


@njit(cache=True, nogil=True)
def _lookup(vocabulary, counts, queried):  # type: ignore[no-untyped-def]
    """The count of each queried hash, 0 where `vocabulary` (sorted) lacks it; int32."""
    out = np.zeros(len(queried), np.int32)
    for i, at in enumerate(np.searchsorted(vocabulary, queried)):
        if at < len(vocabulary) and vocabulary[at] == queried[i]:
            out[i] = counts[at]
    return out
