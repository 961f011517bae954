"""From what a site's pages contributed to what recurs there: votes a hash, one a group of near-duplicate pages.

A page that is nearly another (crawled twice, or under twenty addresses) shares one vote with it, or its article
would count as boilerplate. Twins are found by MinHash of their prose, and judged by exact Jaccard similarity.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detect import sketches
from detect.settings import DEFAULTS

if TYPE_CHECKING:
    from datasketch import MinHashLSH

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
    """The derived counts of one site. All sequences go by page, in the order of `keys`."""

    def __init__(
        self,
        keys: Sequence[bytes],
        page_ids: Sequence[str],
        hashes: Sequence[Hashes],
        prose: Sequence[Hashes],
    ) -> None:
        self._keys = {key: position for position, key in enumerate(keys)}
        self._page_ids = page_ids
        self._hashes = hashes
        self._prose = prose
        self._groups = self._find_twins()
        self._members: dict[int, list[int]] = {}
        for position in range(len(keys)):
            self._members.setdefault(self._groups.find(position), []).append(position)
        voters = [self._voices(group) for group in self._members]
        joined = np.concatenate(voters) if voters else np.empty(0, np.uint64)
        self._vocabulary, counts = np.unique(joined, return_counts=True)
        self._counts = counts.astype(np.int32)

    @property
    def votes(self) -> int:
        """How many votes the site has: its pages, near-duplicates counted once."""
        return len(self._members)

    def ask(self, key: bytes, hashes: Hashes, prose: Hashes, queried: Hashes) -> Votes:
        """How many votes other than the page's own have each of `queried`.

        The page is given by its `key`, its `hashes` and the `prose` among them; its own vote is that of the
        learned pages it is, or is nearly. Fewer than two votes in all say nothing: of is then 0.
        """
        group = self._group_of(key, hashes, prose)
        of = self.votes - (group is not None)
        if self.votes < DEFAULTS.recurs or of == 0:
            return Votes(np.zeros(len(queried), np.int32), 0, False)
        counts = _lookup(self._vocabulary, self._counts, queried)
        if group is not None:
            own = self._voices(group)
            counts -= _lookup(own, np.ones(len(own), np.int32), queried)
        return Votes(counts, of, group is not None)

    def pages_with(self, hashes: Hashes, but: bytes, limit: int) -> list[str]:
        """Ids of at most `limit` pages that have the most of `hashes`, one of each vote, never the page `but`."""
        wanted = np.unique(hashes)
        own = self._groups.find(self._keys[but]) if but in self._keys else -1
        found = []
        for group, members in self._members.items():
            if group != own:
                position = members[0]
                shared = int(np.isin(wanted, self._hashes[position], assume_unique=True).sum())
                if shared:
                    found.append((-shared, position))
        return [self._page_ids[position] for _, position in sorted(found)[:limit]]

    def _voices(self, group: int) -> Hashes:
        """The hashes that any page of a group has."""
        members = self._members[group]
        if len(members) == 1:
            return self._hashes[members[0]]
        return np.unique(np.concatenate([self._hashes[member] for member in members]))

    def _find_twins(self) -> sketches.Groups:
        groups = sketches.Groups(len(self._hashes))
        for sets in (self._prose, self._bare):
            for i, j in sketches.candidate_pairs(sets):
                if groups.find(i) != groups.find(j) and self._are_twins(
                    self._hashes[i], self._prose[i], self._hashes[j], self._prose[j]
                ):
                    groups.join(i, j)
        return groups

    @property
    def _bare(self) -> list[Hashes]:
        """The text of pages without prose, nothing for the others."""
        return [h if not len(p) else h[:0] for h, p in zip(self._hashes, self._prose, strict=True)]

    @staticmethod
    def _are_twins(hashes: Hashes, prose: Hashes, other: Hashes, other_prose: Hashes) -> bool:
        if not len(prose) and not len(other_prose):
            return sketches.jaccard(hashes, other) >= DEFAULTS.twin_bare
        return (
            sketches.jaccard(prose, other_prose) >= DEFAULTS.twin_prose
            and sketches.jaccard(hashes, other) >= DEFAULTS.twin_text
        )

    @functools.cached_property
    def _searchable(self) -> tuple[MinHashLSH, MinHashLSH]:
        return sketches.index(self._prose), sketches.index(self._bare)

    def _group_of(self, key: bytes, hashes: Hashes, prose: Hashes) -> int | None:
        """The group whose vote is the page's own: where it was learned, else the nearest twin's; None if new."""
        if key in self._keys:
            return self._groups.find(self._keys[key])
        wanted = prose if len(prose) else hashes
        if not len(wanted):
            return None
        near = self._searchable[0 if len(prose) else 1].query(sketches.minhash(wanted))
        twins = [i for i in near if self._are_twins(hashes, prose, self._hashes[i], self._prose[i])]
        best = max(twins, key=lambda i: (sketches.jaccard(hashes, self._hashes[i]), -i), default=None)
        return None if best is None else self._groups.find(best)


@njit(cache=True, nogil=True)
def _lookup(vocabulary, counts, queried):  # type: ignore[no-untyped-def]
    """The count of each queried hash, 0 where `vocabulary` (sorted) lacks it; int32."""
    out = np.zeros(len(queried), np.int32)
    for i, at in enumerate(np.searchsorted(vocabulary, queried)):
        if at < len(vocabulary) and vocabulary[at] == queried[i]:
            out[i] = counts[at]
    return out
