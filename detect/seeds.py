"""Two texts to seeds: pairs of places with a seldom term in common, near to others like them. A leaf of matching.py."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from detect.loops import njit
from detect.terms import Side

# A term that makes more pairs of places than this between the two texts is no seed; its neighbours are.
_PAIRS: Final = 32
# Words between two seeds of one neighbourhood, on each side ...
_REACH: Final = 24
# ... and the surprise, in nats, that a seed and its neighbours have to add up to, a term giving so much at most.
_SEEDED, _SURPRISE = 18.0, 8.0
# Different places that make a neighbourhood.
_PLACES: Final = 3
# Words of a neighbourhood from which it is taken in parts of so many: in a stretch of thousands every word stands
# somewhere, and says nothing. What the parts become is joined again where it meets.
_LONG, _PART = 600, 300


def seeds(a: Side, b: Side, runs: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Places (i, j) of the seeds, both int32 (n), in the order of i; the texts share `runs` runs."""
    pi, pj = _points(a, b, runs)
    kept = _surprise(pi, pj, a.rates) >= _SEEDED
    return pi[kept], pj[kept]


def groups(pi: NDArray[np.int32], pj: NDArray[np.int32]) -> list[NDArray[np.int64]]:
    """The seeds of each neighbourhood with enough places, in the order of i; long ones in parts."""
    roots = _neighbourhoods(pi, pj, len(pi) + pi[-1] + 1)
    ends = np.zeros(len(pi), np.int32)
    ends[roots] = pi  # of equal ones the last is kept
    long = ends[roots] - pi[roots] > _LONG
    if long.any():
        roots = np.where(long, _neighbourhoods(pi, pj, _PART), roots)
    order = np.argsort(roots, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(roots[order])) + 1)
    return [group for group in groups if np.count_nonzero(np.diff(pi[group])) >= _PLACES - 1]


@njit(cache=True, nogil=True)
def _places(numbers, count):  # type: ignore[no-untyped-def]
    """Where each of `count` numbers stands: bounds (count+1) and places, in order."""
    bounds = np.zeros(count + 1, np.int32)
    for number in numbers:
        if number >= 0:
            bounds[number + 1] += 1
    for k in range(count):
        bounds[k + 1] += bounds[k]
    at = bounds[:-1].copy()
    places = np.empty(bounds[count], np.int32)
    for i in range(len(numbers)):
        if numbers[i] >= 0:
            places[at[numbers[i]]] = i
            at[numbers[i]] += 1
    return bounds, places


@njit(cache=True, nogil=True)
def _pairs(own, own_bounds, bounds, i):  # type: ignore[no-untyped-def]
    """The range of the other side's places that word i is paired with: none where its number makes too many pairs."""
    number = own[i]
    if number < 0:
        return 0, 0
    first, last = bounds[number], bounds[number + 1]
    if (own_bounds[number + 1] - own_bounds[number]) * np.int64(last - first) > _PAIRS:
        return 0, 0
    return first, last


@njit(cache=True, nogil=True)
def _points(a, b, runs):  # type: ignore[no-untyped-def]
    """Pairs of places (i, j) that have a seldom term or run in common, in the order of i."""
    shared = len(a.totals)
    terms_a, _ = _places(a.terms, shared)
    terms_b, at_terms = _places(b.terms, shared)
    runs_a, _ = _places(a.runs, runs)
    runs_b, at_runs = _places(b.runs, runs)
    total = 0
    for i in range(len(a.terms)):
        first, last = _pairs(a.runs, runs_a, runs_b, i)
        total += last - first
        first, last = _pairs(a.terms, terms_a, terms_b, i)
        total += last - first
    pi, pj = np.empty(total, np.int32), np.empty(total, np.int32)
    n = 0
    for i in range(len(a.terms)):
        first, last = _pairs(a.runs, runs_a, runs_b, i)
        for k in range(first, last):
            pi[n], pj[n] = i, at_runs[k]
            n += 1
        first, last = _pairs(a.terms, terms_a, terms_b, i)
        for k in range(first, last):
            pi[n], pj[n] = i, at_terms[k]
            n += 1
    return pi, pj


@njit(cache=True, nogil=True)
def _surprise(pi, pj, rates):  # type: ignore[no-untyped-def]
    """How much each point and its neighbours surprise, one neighbour a word of either side, in nats."""
    n = len(pi)
    surprise = np.empty(n)
    for p in range(n):
        surprise[p] = min(-np.log(1 - np.exp(-rates[pi[p]] * 2 * _REACH)), _SURPRISE)
    total = surprise.copy()
    for p in range(n):
        last = pi[p]
        q = p + 1
        while q < n and pi[q] <= pi[p] + _REACH:
            if pi[q] != last and pj[q] != pj[p] and abs(pj[q] - pj[p]) <= _REACH:
                total[p] += surprise[q]
                total[q] += surprise[p]
                last = pi[q]
            q += 1
    return total


@njit(cache=True, nogil=True)
def _root(parents, p):  # type: ignore[no-untyped-def]
    while parents[p] != p:
        parents[p] = parents[parents[p]]
        p = parents[p]
    return p


@njit(cache=True, nogil=True)
def _neighbourhoods(pi, pj, part):  # type: ignore[no-untyped-def]
    """For every seed the first one of its neighbourhood, which has its place in one part of so many words."""
    parents = np.arange(len(pi))
    for p in range(len(pi)):
        q = p + 1
        while q < len(pi) and pi[q] <= pi[p] + _REACH:
            if abs(pj[q] - pj[p]) <= _REACH and pi[q] // part == pi[p] // part:
                x, y = _root(parents, p), _root(parents, q)
                parents[max(x, y)] = min(x, y)
            q += 1
    for p in range(len(pi)):
        parents[p] = _root(parents, p)
    return parents
