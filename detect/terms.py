"""Words to terms: what two texts are compared by when one may have reworded the other. A leaf of matching.py.

A term is the beginning of a word, so that "reporting" and "reported" are one; in scripts written without spaces it is
a pair of characters, since one alone says nothing. Beside the terms stand the words as they are, numbers unmasked,
and every run of three of them: what only copying keeps.
"""

from __future__ import annotations

import functools
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detect import words
from detect.lexicon import RARITY_BITS
from detect.loops import njit
from detect.shingles import windows
from detect.words import ALONE, DIGIT, LINE_BREAKS, Words, mix

# Letters of a word that its term keeps: endings go, most stems stay. Of a word of ten letters and more it keeps more,
# so that "Bundesregierung" and "Bundesgericht" are two.
_STEM, _LONG_STEM, _LONG = 6, 8, 10
# Words of a run that copying keeps.
RUN: Final = 3
_RUNS: Final = 1  # their kind among windows of words
# Words of the pages that the rarity of words was counted on: turns "one page in n has it" into a rate a word.
_PAGE_WORDS: Final = 700.0
_MOST_A_PAGE: Final = 17.0
_STEP = np.uint64(0x9E3779B97F4A7C15)
# What ends a sentence or a line; what closes a sentence or a quotation and belongs to the word before it.
_ENDING: Final = np.array(sorted({*map(ord, ".!?…؟。！？"), *LINE_BREAKS}), np.uint32)
_CLOSING: Final = np.array(sorted(map(ord, ".,;:!?…)]}\"'”’»›。、！？」』）】")), np.uint32)


class Terms(NamedTuple):
    """The n words of a page that take part, in order; offsets are code points of the whole page.

    `starts`, `stops`, `ends` int32 (n): where a word stands; `ends` with the punctuation that closes it. `last` bool
    (n): a sentence or a line ends between a word and the next. `exact`
    uint64 (n): the word, folded, numbers as they are. `keys` uint64 (u), sorted: the terms; `ids` int32 (n): which
    of them a word has; `counts` int32 (u); `rates` float64 (u): how often a term is to be expected a word.
    `run_keys` uint64 (v), sorted, and `run_ids` int32 (n-2 or 0): the same for the runs that begin at each word.
    """

    starts: NDArray[np.int32]
    stops: NDArray[np.int32]
    ends: NDArray[np.int32]
    last: NDArray[np.bool_]
    exact: NDArray[np.uint64]
    keys: NDArray[np.uint64]
    ids: NDArray[np.int32]
    counts: NDArray[np.int32]
    rates: NDArray[np.float64]
    run_keys: NDArray[np.uint64]
    run_ids: NDArray[np.int32]


def terms(split: Words, taking_part: NDArray[np.bool_], rarity: NDArray[np.uint8]) -> Terms:
    """The terms of the words of a text that take part (bool, n); `rarity` as in lexicon.Lexicon."""
    classes, folds, _ = words.tables()
    starts, stops, flags = split.starts[taking_part], split.stops[taking_part], split.flags[taking_part]
    n = len(starts)
    exact, stems = np.empty(n, np.uint64), np.empty(n, np.uint64)
    _hash(split.points, classes, folds, starts, stops, exact, stems)
    rates = _rates()[rarity[split.hashes[taking_part] >> np.uint64(64 - RARITY_BITS)]]
    _pair(flags, exact, stems, rates)
    runs = np.empty(max(n - RUN + 1, 0), np.uint64)
    windows(exact, RUN, _RUNS, runs)
    keys, first, ids, counts = np.unique(stems, return_index=True, return_inverse=True, return_counts=True)
    run_keys, run_ids = np.unique(runs, return_inverse=True)
    ends = np.empty(n, np.int32)
    last = np.zeros(n, np.bool_)
    _close(split.points, starts, stops, ends, last)
    return Terms(
        starts.astype(np.int32),
        stops.astype(np.int32),
        ends,
        last,
        exact,
        keys,
        ids.astype(np.int32),
        counts.astype(np.int32),
        rates[first],
        run_keys,
        run_ids.astype(np.int32),
    )


@functools.cache
def _rates() -> NDArray[np.float64]:
    """How often a word of each rarity (0 to 255) is to be expected a word: as it would fall on pages by chance."""
    share = np.minimum(np.exp(-np.arange(256) / 32), 1 - 1e-8)
    return np.minimum(-np.log(1 - share), _MOST_A_PAGE) / _PAGE_WORDS


@njit(cache=True, nogil=True)
def _hash(points, classes, folds, starts, stops, exact, stems):  # type: ignore[no-untyped-def]
    """FNV-1a of each word, whole and of its first letters (digits all count), finished as in words.py."""
    offset, prime = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
    for word in range(len(starts)):
        whole = offset
        stem = offset
        length = 0
        for at in range(starts[word], stops[word]):
            length += folds[points[at]] != 0
        kept = _STEM if length < _LONG else _LONG_STEM
        letters = 0
        for at in range(starts[word], stops[word]):
            fold = folds[points[at]]
            if fold == 0:
                continue
            whole = (whole ^ np.uint64(fold)) * prime
            if letters < kept or classes[points[at]] == DIGIT:
                stem = (stem ^ np.uint64(fold)) * prime
            letters += 1
        exact[word] = mix(whole)
        stems[word] = mix(stem)


@njit(cache=True, nogil=True)
def _pair(flags, exact, stems, rates):  # type: ignore[no-untyped-def]
    """Characters that are words of their own become pairs; a pair is about as rare as both."""
    for word in range(len(flags) - 1):
        if flags[word] & ALONE and flags[word + 1] & ALONE:
            stems[word] = mix(exact[word] * _STEP + exact[word + 1])
            rates[word] = min(rates[word], rates[word + 1], 50 * rates[word] * rates[word + 1])


@njit(cache=True, nogil=True)
def _close(points, starts, stops, ends, last):  # type: ignore[no-untyped-def]
    """Fill `ends` and `last`."""
    for word in range(len(stops)):
        at = stops[word]
        while at < len(points) and at < stops[word] + 3 and _is_one(_CLOSING, points[at]):
            at += 1
        ends[word] = at
        following = starts[word + 1] if word + 1 < len(starts) else len(points)
        for at in range(stops[word], following):
            if _is_one(_ENDING, points[at]):
                last[word] = True
                break


@njit(cache=True, nogil=True)
def _is_one(some, point):  # type: ignore[no-untyped-def]
    i = np.searchsorted(some, point)
    return i < len(some) and some[i] == point


class Side(NamedTuple):
    """One of two texts, n words: `terms` and `runs` int32 (n), numbers shared with the other text, -1 for what
    the other lacks; `rates` float64 (n); `exact` uint64 (n); `last` bool (n); `totals` int32 (shared terms)."""

    terms: NDArray[np.int32]
    runs: NDArray[np.int32]
    rates: NDArray[np.float64]
    exact: NDArray[np.uint64]
    last: NDArray[np.bool_]
    totals: NDArray[np.int32]


def sides(one: Terms, other: Terms) -> tuple[Side, Side, int]:
    """Both texts with what they share numbered alike, and how many runs they share."""
    shared, in_one, in_other = _shared(one.keys, other.keys)
    runs, runs_one, runs_other = _shared(one.run_keys, other.run_keys)
    return _side(one, in_one, runs_one, shared), _side(other, in_other, runs_other, shared), runs


def _side(own: Terms, terms: NDArray[np.int32], runs: NDArray[np.int32], shared: int) -> Side:
    totals = np.zeros(shared, np.int32)
    totals[terms[terms >= 0]] = own.counts[terms >= 0]
    run_of = np.full(len(own.ids), -1, np.int32)
    run_of[: len(own.run_ids)] = runs[own.run_ids]
    return Side(terms[own.ids], run_of, own.rates[own.ids], own.exact, own.last, totals)


def _shared(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> tuple[int, NDArray[np.int32], NDArray[np.int32]]:
    """How many of two sorted sets' members both have, and the number of each member among them, or -1."""
    in_one, in_other = np.full(len(one), -1, np.int32), np.full(len(other), -1, np.int32)
    return _number_shared(one, other, in_one, in_other), in_one, in_other


@njit(cache=True, nogil=True)
def _number_shared(one, other, in_one, in_other):  # type: ignore[no-untyped-def]
    i = j = n = 0
    while i < len(one) and j < len(other):
        if one[i] == other[j]:
            in_one[i] = in_other[j] = n
            n += 1
            i += 1
            j += 1
        elif one[i] < other[j]:
            i += 1
        else:
            j += 1
    return n
