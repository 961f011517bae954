"""Labelled lines to a lexicon: logistic regression over hashed n-grams, and how many pages have each word.

Learned by AdaGrad (Duchi, Hazan, Singer, 2011) with an L2 penalty, in a fixed order: the same lines give equal bytes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from detect.lexicon import BITS, RARITY_BITS, Lexicon
from detect.loops import njit

# An n-gram of fewer sites says more about a site than about language.
LEAST_SITES: Final = 3
EPOCHS: Final = 4
RATE: Final = 0.3
PENALTY: Final = 2e-5
LIMIT: Final = 5.0  # log-odds; few n-grams come to more, and the steps are finer for it
_RARITY_STEPS: Final = 32  # a natural logarithm


def fit(
    buckets: NDArray[np.uint32],
    bounds: NDArray[np.int64],
    sites: NDArray[np.int32],
    targets: NDArray[np.float32],
    weights: NDArray[np.float32],
    rarity: NDArray[np.uint8],
) -> Lexicon:
    """The lexicon of m lines: the n-grams of each (lexicon.grams), its site by number, and for each subject the share
    of boilerplate, 0 to 1, and what that weighs, both (SUBJECTS, m); lines of one site stand together. `rarity` as
    `rarities` gives it.
    """
    order = np.random.default_rng(1).permutation(len(sites))
    common = _sites_with(buckets, bounds, sites) >= LEAST_SITES
    made = [_descend(buckets, bounds, t, w / w.mean(), order, common) for t, w in zip(targets, weights, strict=True)]
    table = np.clip(np.stack([one for one, _ in made], axis=1), -LIMIT, LIMIT)
    biases = np.array([bias for _, bias in made], np.float32)
    steps = np.full(len(made), LIMIT / 127, np.float32)
    return Lexicon(np.round(table / steps).astype(np.int8), steps, biases, rarity)


def rarities(pages: list[NDArray[np.uint64]]) -> NDArray[np.uint8]:
    """How rare each word is among pages, given by the hashes of their words: uint8 (2**RARITY_BITS)."""
    counts = np.zeros(1 << RARITY_BITS, np.int64)
    for hashes in pages:
        counts[np.unique(hashes >> np.uint64(64 - RARITY_BITS))] += 1
    logs = np.log((len(pages) + 1) / (counts + 1))
    return np.clip(np.round(logs * _RARITY_STEPS), 1, 255).astype(np.uint8)


@njit(cache=True)
def _sites_with(buckets, bounds, sites):  # type: ignore[no-untyped-def]
    counts = np.zeros(1 << BITS, np.int32)
    last = np.full(1 << BITS, -1, np.int32)
    for line in range(len(sites)):
        for bucket in buckets[bounds[line] : bounds[line + 1]]:
            if last[bucket] != sites[line]:
                last[bucket] = sites[line]
                counts[bucket] += 1
    return counts


@njit(cache=True)
def _descend(buckets, bounds, targets, weights, order, common):  # type: ignore[no-untyped-def]
    table = np.zeros(1 << BITS, np.float32)
    squares = np.full(1 << BITS, 1e-3, np.float32)
    bias, bias_squares = np.float32(0), np.float32(1e-3)
    for _ in range(EPOCHS):
        for line in order:
            start, stop = bounds[line], bounds[line + 1]
            if start == stop or weights[line] == 0:
                continue
            scale = np.float32(1 / np.sqrt(stop - start))
            total = np.float32(0)
            for bucket in buckets[start:stop]:
                if common[bucket]:
                    total += table[bucket]
            odds = bias + total * scale
            slope = weights[line] * (1 / (1 + np.exp(-odds)) - targets[line])
            bias_squares += slope * slope
            bias -= RATE * slope / np.sqrt(bias_squares)
            for bucket in buckets[start:stop]:
                if common[bucket]:
                    change = slope * scale + PENALTY * table[bucket]
                    squares[bucket] += change * change
                    table[bucket] -= RATE * change / np.sqrt(squares[bucket])
    return table, bias
