"""Shingles to MinHash signatures, and pairs of sets that are probably alike, for the exact check to judge.

Broder 1997; the permutations are datasketch's own ("affine32", 128 slots), so a signature made here equals the
one datasketch makes of the same 32-bit hashes and can be handed to any of its indexes.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detect import shingles, words
from detect.loops import njit

# datasketch brings SciPy, a second and a half of start-up: only who asks for its objects waits for it.
if TYPE_CHECKING:
    from datasketch import MinHash

SLOTS = 128
SEED = 1
SCHEME = "affine32"


def signature(hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The MinHash signature (128 slots, uint32) of a set of 64-bit hashes, of which the upper half is used."""
    return signatures(hashes, np.array([0, len(hashes)]))[0]


def signatures(hashes: NDArray[np.uint64], bounds: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Those of n sets at once, uint32 (n, 128): set i is hashes[bounds[i]:bounds[i+1]], `bounds` int64 (n+1)."""
    out = np.empty((len(bounds) - 1, SLOTS), np.uint32)
    _signatures(hashes, bounds, *permutations(), out)
    return out


def text_signatures(texts: Iterable[str], width: int) -> NDArray[np.uint32]:
    """The signatures of n texts, uint32 (n, 128): of their windows of `width` words (shingles.shingle)."""
    table, drawn = words.joint_table(), permutations()
    made = [_text_signature(words.points_of(text), table, width, *drawn) for text in texts]
    return np.array(made, np.uint32).reshape(-1, SLOTS)


def minhash(hashes: NDArray[np.uint64]) -> MinHash:
    """The same signature as datasketch's object."""
    return as_minhash(signature(hashes))


def as_minhash(made: NDArray[np.uint32]) -> MinHash:
    """A signature made here as datasketch's object."""
    from datasketch import MinHash

    # Without the permutations, datasketch draws its own for each object, which costs more than the signature.
    return MinHash(hashvalues=made, permutations=permutations(), seed=SEED, scheme=SCHEME)


def candidate_pairs(sets: Sequence[NDArray[np.uint64]]) -> Iterator[tuple[int, int]]:
    """Positions (i < j) of sets that share a band of two slots, each pair once, in order of j.

    Loosely alike sets (Jaccard .4) do, but for one pair in 70,000.
    """
    some = [position for position, hashes in enumerate(sets) if len(hashes)]
    bounds = np.cumsum([0, *(len(sets[position]) for position in some)])
    bands = signatures(np.concatenate([np.empty(0, np.uint64), *(sets[i] for i in some)]), bounds).view(np.uint64)
    met = [_meeting(bands, band, np.argsort(bands[:, band], kind="stable")) for band in range(bands.shape[1])]
    for pair in np.sort(np.concatenate(met)):
        yield some[pair & 0xFFFFFFFF], some[pair >> 32]


def band_keys(signature: NDArray[np.uint32], rows: int) -> NDArray[np.uint64]:
    """A hash for each band of `rows` slots, uint64: two signatures have one in common where they have a band, and else
    but by chance."""
    bands = signature[: SLOTS // rows * rows].astype(np.uint64).reshape(-1, rows)
    keys = np.arange(1, len(bands) + 1, dtype=np.uint64)
    for slot in bands.T:
        keys = (keys ^ slot) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys


class Bands:
    """Signatures by what they have in bands of `rows` slots, to find those that are like another.

    What very many share in a band says nothing of it: sets that are alike share rarer bands as well.
    """

    _COMMON = 200

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._numbers: list[int] = []
        self._signatures = np.empty((64, SLOTS), np.uint32)
        self._bands: list[dict[bytes, list[int]]] = [defaultdict(list) for _ in range(SLOTS // rows)]

    def add(self, number: int, signature: NDArray[np.uint32]) -> None:
        """Put a signature in, under a number."""
        at = len(self._numbers)
        if at == len(self._signatures):
            self._signatures = np.concatenate((self._signatures, np.empty_like(self._signatures)))
        self._signatures[at] = signature
        self._numbers.append(number)
        for band, key in zip(self._bands, self._keys(signature), strict=True):
            band[key].append(at)

    def likest(self, signature: NDArray[np.uint32], least: float, limit: int) -> list[int]:
        """The numbers of those, `limit` at most and the likest first, that agree in a share of `least` of the slots."""
        met: set[int] = set()
        for band, key in zip(self._bands, self._keys(signature), strict=True):
            there = band.get(key, ())
            if len(there) <= self._COMMON:
                met.update(there)
        places = np.array(sorted(met), np.int64)
        agree = np.count_nonzero(self._signatures[places] == signature, axis=1)
        order = np.argsort(-agree, kind="stable")[:limit]
        return [self._numbers[places[k]] for k in order if agree[k] >= least * SLOTS]

    def _keys(self, signature: NDArray[np.uint32]) -> list[bytes]:
        data, size = signature.tobytes(), 4 * self._rows
        return [data[at : at + size] for at in range(0, len(self._bands) * size, size)]


@njit(cache=True, nogil=True)
def jaccard(a, b):  # type: ignore[no-untyped-def]
    """Exact Jaccard similarity of two sorted arrays without repeats; 0 when both are empty."""
    both = shared(a, b)
    total = len(a) + len(b) - both
    return both / total if total else 0.0


@functools.cache
def permutations() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Multipliers and addends of the slots, as datasketch 2.0 draws them for this scheme and seed."""
    drawn = np.random.RandomState(SEED)
    multipliers = drawn.randint(0, 1 << 31, SLOTS, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return multipliers, drawn.randint(0, 1 << 32, SLOTS, dtype=np.uint32)


@njit(cache=True, nogil=True)
def _text_signature(points, table, width, multipliers, addends):  # type: ignore[no-untyped-def]
    """That of one text, without the arrays of words and windows that nobody asked for."""
    n = len(points)
    hashes, starts, stops = np.empty(n, np.uint64), np.empty(n, np.int64), np.empty(n, np.int64)
    flags, lines, firsts = np.empty(n, np.uint8), np.empty(n + 2, np.int64), np.empty(n + 2, np.int64)
    count, m = words.fill(points, table, hashes, starts, stops, flags, lines, firsts)
    stream = np.empty(count + m + 1, np.uint64)
    length = shingles.interleave(hashes[:count], firsts[: m + 1], stream)
    windows = np.empty(max(0, length - width + 1), np.uint64)
    shingles.windows(stream[:length], width, 0, windows)
    out = np.empty(len(multipliers), np.uint32)
    _sign(windows, multipliers, addends, out)
    return out


@njit(cache=True, nogil=True)
def _signatures(hashes, bounds, multipliers, addends, out):  # type: ignore[no-untyped-def]
    for i in range(len(out)):
        _sign(hashes[bounds[i] : bounds[i + 1]], multipliers, addends, out[i])


@njit(cache=True, nogil=True)
def _sign(hashes, multipliers, addends, out):  # type: ignore[no-untyped-def]
    mixed = np.empty(len(hashes), np.uint32)
    for at in range(len(mixed)):
        mixed[at] = _murmur(np.uint32(hashes[at] >> np.uint64(32)))
    # Four slots a pass, their minima in registers: with the slots inside, each would be stored for each hash.
    for slot in range(0, len(multipliers), 4):
        a = b = c = d = np.uint32(0xFFFFFFFF)
        for value in mixed:
            a = min(a, np.uint32(multipliers[slot] * value + addends[slot]))
            b = min(b, np.uint32(multipliers[slot + 1] * value + addends[slot + 1]))
            c = min(c, np.uint32(multipliers[slot + 2] * value + addends[slot + 2]))
            d = min(d, np.uint32(multipliers[slot + 3] * value + addends[slot + 3]))
        out[slot], out[slot + 1], out[slot + 2], out[slot + 3] = a, b, c, d


@njit(cache=True, nogil=True)
def _murmur(value):  # type: ignore[no-untyped-def]
    """MurmurHash3's 32-bit finalizer, which datasketch applies before its permutations."""
    value = np.uint32(value ^ (value >> np.uint32(16)))
    value = np.uint32(value * np.uint32(0x85EBCA6B))
    value = np.uint32(value ^ (value >> np.uint32(13)))
    value = np.uint32(value * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


@njit(cache=True, nogil=True)
def _meeting(bands, band, order):  # type: ignore[no-untyped-def]
    """The pairs that meet in a band and in none before it, as j << 32 | i; `order` sorts the sets by the band."""
    found = []
    start = 0
    for stop in range(1, len(order) + 1):
        if stop < len(order) and bands[order[stop], band] == bands[order[start], band]:
            continue
        for y in range(start + 1, stop):
            for x in range(start, y):
                before = 0
                while bands[order[x], before] != bands[order[y], before]:
                    before += 1
                if before == band:
                    found.append(order[y] << 32 | order[x])
        start = stop
    return np.array(found, np.int64) if len(found) else np.empty(0, np.int64)


@njit(cache=True, nogil=True)
def shared(a, b):  # type: ignore[no-untyped-def]
    """How many values two sorted arrays without repeats have in common."""
    i = j = both = 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            both += 1
            i += 1
            j += 1
        elif a[i] < b[j]:
            i += 1
        else:
            j += 1
    return both
