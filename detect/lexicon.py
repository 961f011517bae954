"""What words say: log-odds for boilerplate of each word, pair of words and whole line, and how rare a word is.

A linear model over hashed n-grams (Weinberger et al., "Feature hashing for large scale multitask learning", 2009):
single words, pairs, the first and last word as pairs with the line's edge, and the line as a whole. The tables are
trained (training/), only n-grams seen on several sites have a weight, and no word can be read back from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detect.loops import njit
from detect.words import mix

BITS: Final = 17
RARITY_BITS: Final = 16
_STEP = np.uint64(0x9E3779B97F4A7C15)
_EDGE = np.uint64(0xD6E8FEB86659FD93)
_LINE = np.uint64(0xC2B2AE3D27D4EB4F)

# Columns of the table that `tell` fills.
TOTAL, FURNITURE, STORY, BELOW, ABOVE = range(5)
COLUMNS: Final = 5
# What the weights are about: the line itself, the lines below it, the lines above it.
SUBJECTS: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """`weights` int8 (2**BITS, SUBJECTS) in `steps` of log-odds; `biases` log-odds; both float32 (SUBJECTS).

    `rarity` uint8 (2**RARITY_BITS): 32 times the natural logarithm of how many pages there are to each with the word.
    """

    weights: NDArray[np.int8]
    steps: NDArray[np.float32]
    biases: NDArray[np.float32]
    rarity: NDArray[np.uint8]


def tell(
    lexicon: Lexicon,
    hashes: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    keys: NDArray[np.uint64],
    out: NDArray[np.float32],
) -> None:
    """Fill `out` (m, COLUMNS), all 0, for m lines: log-odds for boilerplate and its two sides, and of what stands below
    and above; a line of no word is left at 0."""
    _tell(lexicon.weights, lexicon.steps, lexicon.biases, hashes, firsts, keys, out)


def grams(
    hashes: NDArray[np.uint64], firsts: NDArray[np.int64], keys: NDArray[np.uint64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The buckets of the n-grams of m lines, uint32, and where each line's begin, int64 (m+1)."""
    sizes = np.diff(firsts)
    bounds = np.concatenate(([0], np.cumsum(np.where(sizes > 0, 2 * sizes + 2, 0))))
    out = np.empty(bounds[-1], np.uint32)
    _grams(hashes, firsts, keys, bounds, out)
    return out, bounds


@njit(cache=True, nogil=True, inline="always")
def _bucket(value):  # type: ignore[no-untyped-def]
    return value >> np.uint64(64 - BITS)


@njit(cache=True, nogil=True, inline="always")
def _pair(before, after):  # type: ignore[no-untyped-def]
    return mix(before * _STEP + after)


@njit(cache=True, nogil=True)
def _tell(weights, steps, biases, hashes, firsts, keys, out):  # type: ignore[no-untyped-def]
    for line in range(len(out)):
        first, last = firsts[line], firsts[line + 1]
        if first == last:
            continue
        told = _add(weights, _bucket(_pair(_LINE, keys[line])), (0, 0, 0, 0))
        before = _EDGE
        for word in range(first, last):
            told = _add(weights, _bucket(hashes[word]), told)
            told = _add(weights, _bucket(_pair(before, hashes[word])), told)
            before = hashes[word]
        furniture, story, below, above = _add(weights, _bucket(_pair(before, _EDGE)), told)
        scale = 1 / np.sqrt(np.float32(2 * (last - first) + 2))
        out[line, TOTAL] = biases[0] + (furniture + story) * scale * steps[0]
        out[line, FURNITURE] = furniture * scale * steps[0]
        out[line, STORY] = story * scale * steps[0]
        out[line, BELOW] = biases[1] + below * scale * steps[1]
        out[line, ABOVE] = biases[2] + above * scale * steps[2]


@njit(cache=True, nogil=True, inline="always")
def _add(weights, bucket, told):  # type: ignore[no-untyped-def]
    """What was told for boilerplate, against it, of below and of above, with what one n-gram tells."""
    one = np.int64(weights[bucket, 0])
    return (
        told[0] + max(one, 0),
        told[1] + min(one, 0),
        told[2] + np.int64(weights[bucket, 1]),
        told[3] + np.int64(weights[bucket, 2]),
    )


@njit(cache=True, nogil=True)
def _grams(hashes, firsts, keys, bounds, out):  # type: ignore[no-untyped-def]
    for line in range(len(firsts) - 1):
        at = bounds[line]
        if at == bounds[line + 1]:
            continue
        before = _EDGE
        for word in range(firsts[line], firsts[line + 1]):
            out[at] = _bucket(hashes[word])
            out[at + 1] = _bucket(_pair(before, hashes[word]))
            before = hashes[word]
            at += 2
        out[at] = _bucket(_pair(before, _EDGE))
        out[at + 1] = _bucket(_pair(_LINE, keys[line]))
