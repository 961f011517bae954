"""Two texts to the passages they share: seed, extend, merge, verify. One setting for copies and for rewritten text.

Seeds (seeds.py) that lie near one another on both sides are one neighbourhood; each becomes the stretch that is most
likely to have been carried over (stretches.py), by chances estimated from itself. So the gap rule is the pair's own:
a word that is missing weighs against an exact copy as much as seven stray ones speak for it, against a translation
as much as one does. The steps are those of Sanchez-Perez et al., "A winning approach to text alignment" (PAN 2014),
on words instead of sentences.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detect.loops import njit
from detect.seeds import groups, seeds
from detect.settings import DEFAULTS
from detect.stretches import Scratch, stretch
from detect.terms import Side, Terms, sides

# Two passages this many words apart on both sides are one, where they are loose; less the more exact they are.
_GAP: Final = 60.0
# Share of a passage that stronger ones already have on one side: the text is told once however often it stands there.
_TOLD: Final = 0.5
# Share of words carried over, and in order, under which a passage is loose.
_LOOSE: Final = 0.6


class Match(NamedTuple):
    """Words [a, b) of one text and [c, d) of the other. `evidence` in nats, of the weaker side; `order` is the share
    of words carried over in order, 0 to 1; `similarity` the share of both sides' words that the other side has."""

    a: int
    b: int
    c: int
    d: int
    evidence: float
    order: float
    similarity: float


def match(one: Terms, other: Terms, least: int = DEFAULTS.passage_words) -> list[Match]:
    """The passages of `least` words and more that two texts share, in the order of the first.

    What stands in one text several times is told once: no passage lies mostly in a stronger one on either side. Who
    asks for shorter passages than usual takes less evidence.
    """
    evidence = DEFAULTS.passage_evidence * min(1.0, least / DEFAULTS.passage_words)
    a, b, runs = sides(one, other)
    if not len(a.totals):
        return []
    kept = _merged(_told_once(_align(a, b, runs, evidence)))
    long = (kept[:, 1] - kept[:, 0] >= least) & (kept[:, 3] - kept[:, 2] >= least)
    kept = _not_loose_beside_exact(kept[long])
    kept = kept[np.lexsort((kept[:, 2], kept[:, 0]))]
    return [
        Match(a0, a1, b0, b1, float(row[4]), float(row[5]), _similarity(a, b, a0, a1, b0, b1))
        for row in kept
        for a0, a1, b0, b1 in [row[:4].astype(int).tolist()]
    ]


def _told_once(found: NDArray[np.float64]) -> NDArray[np.float64]:
    """The strongest first, without those that lie mostly in one of them on either side: the same text once more."""
    return _apart(found[np.lexsort((found[:, 2], found[:, 0], -found[:, 4]))])


@njit(cache=True, nogil=True)
def _apart(found):  # type: ignore[no-untyped-def]
    kept = np.empty_like(found)
    n = 0
    for row in found:
        again = False
        for k in range(n):
            other = kept[k]
            before = min(row[1], other[1]) - max(row[0], other[0])
            behind = min(row[3], other[3]) - max(row[2], other[2])
            if before > _TOLD * (row[1] - row[0]) or behind > _TOLD * (row[3] - row[2]):
                again = True
                break
        if not again:
            kept[n] = row
            n += 1
    return kept[:n]


def _merged(found: NDArray[np.float64]) -> NDArray[np.float64]:
    """Passages that overlap, or follow closely on one another, on both sides, joined; in no order."""
    return _joined(found[np.lexsort((found[:, 2], found[:, 0]))])


@njit(cache=True, nogil=True)
def _joined(found):  # type: ignore[no-untyped-def]
    kept = np.empty_like(found)
    n = 0
    for given in found:
        row = given.copy()
        k = n - 1
        while k >= 0:
            other = kept[k]
            before = max(row[0], other[0]) - min(row[1], other[1])
            behind = max(row[2], other[2]) - min(row[3], other[3])
            gap = _GAP * (1 - max(row[5], other[5]))
            if before > gap or behind > gap:
                k -= 1
                continue
            row[0], row[1] = min(row[0], other[0]), max(row[1], other[1])
            row[2], row[3] = min(row[2], other[2]), max(row[3], other[3])
            row[4], row[5] = row[4] + other[4], min(row[5], other[5])
            kept[k : n - 1] = kept[k + 1 : n].copy()
            n -= 1
            k = n - 1  # what it has become may be near to those it was not near to
        kept[n] = row
        n += 1
    return kept[:n]


def _not_loose_beside_exact(kept: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where one text copies from the other, what merely sounds like it is a common subject unless it is strong."""
    if not len(kept) or kept[:, 5].max() < DEFAULTS.exact:
        return kept
    return kept[(kept[:, 5] >= _LOOSE) | (kept[:, 4] >= DEFAULTS.loose_evidence)]


@njit(cache=True, nogil=True)
def _similarity(a, b, a0, a1, b0, b1):  # type: ignore[no-untyped-def]
    """Dice's coefficient over the words as a multiset."""
    left = np.zeros(len(a.totals), np.int32)
    for i in range(a0, a1):
        if a.terms[i] >= 0:
            left[a.terms[i]] += 1
    both = 0
    for j in range(b0, b1):
        term = b.terms[j]
        if term >= 0 and left[term] > 0:
            left[term] -= 1
            both += 1
    return 2 * both / (a1 - a0 + b1 - b0)


def _align(a: Side, b: Side, runs: int, evidence: float) -> NDArray[np.float64]:
    """Rows of a, b, c, d, evidence, order: what each neighbourhood of seeds becomes, then what is left of it."""
    pi, pj = seeds(a, b, runs)
    scratch = Scratch(
        np.zeros(len(a.totals), np.int32),
        np.zeros(len(a.totals), np.int32),
        np.zeros(runs, np.int32),
        np.full(runs, -1, np.int32),
    )
    found: list[NDArray[np.float64]] = []
    while len(pi):
        left = np.zeros(len(pi), np.bool_)
        for group in groups(pi, pj):
            i, j = pi[group], pj[group]
            row = stretch(a, b, int(i[0]), int(i[-1]) + 1, int(j.min()), int(j.max()) + 1, scratch)
            if row[4] < evidence or row[0] >= row[1] or row[2] >= row[3]:
                continue
            found.append(row)
            outside = (i < row[0]) | (i >= row[1]) | (j < row[2]) | (j >= row[3])
            if not outside.all():
                left[group] = outside
        pi, pj = pi[left], pj[left]
    return np.array(found).reshape(-1, 6)
