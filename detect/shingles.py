"""Words to shingles: the hashed windows of k words that recur where text recurs, and whole-line keys.

Broder, "On the resemblance and containment of documents" (1997), section 2. A line break counts as a word of
its own here: "⏎ Also on example ." recurs though what follows it changes, and a run of short menu lines is one
text. Lines too short for a window of their own are known by their key.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detect.loops import njit
from detect.words import Words, mix

_BREAK_HASH = np.uint64(0xA0761D6478BD642F)
_STEP = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, eq=False)
class Shingles:
    """The s windows of one text, in order.

    `hashes` uint64 (s); `firsts`, `lasts` int64 (s): the words of window i are [firsts[i], lasts[i]), fewer than k
    where it holds line breaks.
    """

    hashes: NDArray[np.uint64]
    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]


def shingle(words: Words, width: int) -> Shingles:
    """All windows of `width` words and line breaks. A text of no words has none."""
    n, m = len(words.hashes), len(words.lines) - 1
    stream = np.empty(n + m + 1, np.uint64)
    firsts = np.empty(n + m + 2, np.int64)
    length = interleave(words.hashes, words.firsts, stream)
    _first_words(words.firsts, firsts)
    count = max(0, length - width + 1)
    hashes = np.empty(count, np.uint64)
    windows(stream[:length], width, 0, hashes)
    return Shingles(hashes, firsts[:count], firsts[width : width + count])


def line_keys(words: Words) -> NDArray[np.uint64]:
    """A key for each of m lines, uint64 (m): equal for lines of equal words, 0 for lines of none."""
    keys = np.empty(len(words.lines) - 1, np.uint64)
    _line_keys(words.hashes, words.firsts, keys)
    return keys


@njit(cache=True, nogil=True)
def interleave(hashes, line_firsts, stream):  # type: ignore[no-untyped-def]
    """Fill `stream` with the words and a break around each line that has any; returns its length, 0 without words."""
    if len(hashes) == 0:
        return 0
    stream[0] = _BREAK_HASH
    at = 1
    for line in range(len(line_firsts) - 1):
        if line_firsts[line] == line_firsts[line + 1]:
            continue
        for word in range(line_firsts[line], line_firsts[line + 1]):
            stream[at] = hashes[word]
            at += 1
        stream[at] = _BREAK_HASH
        at += 1
    return at


@njit(cache=True, nogil=True)
def _first_words(line_firsts, firsts):  # type: ignore[no-untyped-def]
    """Fill `firsts` with the first word at or after each place of the stream, its end included."""
    firsts[0] = 0
    at = 1
    for line in range(len(line_firsts) - 1):
        if line_firsts[line] == line_firsts[line + 1]:
            continue
        for word in range(line_firsts[line], line_firsts[line + 1] + 1):
            firsts[at] = word
            at += 1
    firsts[at] = line_firsts[-1]


@njit(cache=True, nogil=True)
def windows(stream, width, kind, out):  # type: ignore[no-untyped-def]
    """Fill `out` with the hashes of the windows of `width` words that begin at each; two kinds meet by chance only."""
    for i in range(len(out)):
        value = np.uint64(kind)
        for j in range(width):
            value = (value + stream[i + j]) * _STEP
        out[i] = mix(value)


@njit(cache=True, nogil=True)
def _line_keys(hashes, line_firsts, out):  # type: ignore[no-untyped-def]
    for line in range(len(out)):
        out[line] = line_key(hashes, line_firsts[line], line_firsts[line + 1])


@njit(cache=True, nogil=True)
def line_key(hashes, first, last):  # type: ignore[no-untyped-def]
    """The key of a line of words [first, last)."""
    value = np.uint64(0)
    for word in range(first, last):
        value = mix((value + hashes[word]) * _STEP + np.uint64(1))
    return value
