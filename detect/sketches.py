"""Shingles to MinHash signatures, and pairs of sets that are probably alike, for the exact check to judge.

Broder 1997; the permutations are datasketch's own ("affine32", 128 slots), so a signature made here equals the
one datasketch makes of the same 32-bit hashes and can be handed to any of its indexes.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

# datasketch brings SciPy, a second and a half of start-up: imported where sets are first compared.
if TYPE_CHECKING:
    from datasketch import MinHash, MinHashLSH

SLOTS = 128
SEED = 1
SCHEME = "affine32"
# Slots a band. Sets as alike as twins (Jaccard .8 and more) meet in a band of 6 in 998 of 1,000 cases, and sets that
# only share their site's prose (.4) in 80; loosely alike ones (.4) meet in a band of 2 but for one in 70,000.
NEAR, LOOSE = 6, 2


def signature(hashes: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The MinHash signature (128 slots, uint32) of a set of 64-bit hashes, of which the upper half is used."""
    multipliers, addends = _permutations()
    out = np.full(SLOTS, 0xFFFFFFFF, np.uint32)
    _signature((hashes >> np.uint64(32)).astype(np.uint32), multipliers, addends, out)
    return out


def minhash(hashes: NDArray[np.uint64]) -> MinHash:
    """The same signature as datasketch's object."""
    return as_minhash(signature(hashes))


def as_minhash(made: NDArray[np.uint32]) -> MinHash:
    """A signature made here as datasketch's object."""
    from datasketch import MinHash

    # Without the permutations, datasketch draws its own for each object, which costs more than the signature.
    return MinHash(hashvalues=made, permutations=_permutations(), seed=SEED, scheme=SCHEME)


def new_index(rows: int = NEAR) -> MinHashLSH:
    """An empty index of signatures, in bands of `rows` slots."""
    from datasketch import MinHashLSH

    return MinHashLSH(num_perm=SLOTS, params=(SLOTS // rows, rows))


def candidate_pairs(sets: Sequence[NDArray[np.uint64]], rows: int = LOOSE) -> Iterator[tuple[int, int]]:
    """Positions (i < j) of sets that share a band of `rows` slots, each pair once, in order."""
    lsh = new_index(rows)
    for j, hashes in enumerate(sets):
        if len(hashes):
            sketch = minhash(hashes)
            yield from ((i, j) for i in sorted(lsh.query(sketch)))
            lsh.insert(j, sketch, check_duplication=False)


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


def jaccard(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> float:
    """Exact Jaccard similarity of two sorted arrays without repeats; 0 when both are empty."""
    shared = _intersection(a, b)
    total = len(a) + len(b) - shared
    return shared / total if total else 0.0


@functools.cache
def _permutations() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    from datasketch import MinHash

    multipliers, addends = MinHash(num_perm=SLOTS, seed=SEED, scheme=SCHEME).permutations
    return np.ascontiguousarray(multipliers, np.uint32), np.ascontiguousarray(addends, np.uint32)


@njit(cache=True, nogil=True)
def _signature(hashes, multipliers, addends, out):  # type: ignore[no-untyped-def]
    for value in hashes:
        # MurmurHash3's 32-bit finalizer, which datasketch applies before its permutations.
        value = np.uint32(value ^ (value >> np.uint32(16)))
        value = np.uint32(value * np.uint32(0x85EBCA6B))
        value = np.uint32(value ^ (value >> np.uint32(13)))
        value = np.uint32(value * np.uint32(0xC2B2AE35))
        value = np.uint32(value ^ (value >> np.uint32(16)))
        for slot in range(len(out)):
            out[slot] = min(out[slot], np.uint32(multipliers[slot] * value + addends[slot]))


@njit(cache=True, nogil=True)
def _intersection(a, b):  # type: ignore[no-untyped-def]
    i = j = shared = 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            shared += 1
            i += 1
            j += 1
        elif a[i] < b[j]:
            i += 1
        else:
            j += 1
    return shared
