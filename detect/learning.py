"""A page to what it contributes to what its site is known by."""

from __future__ import annotations

import numpy as np

from detect import lines, shingles, words
from detect.loops import njit
from detect.records import Page
from detect.sampling import SPARE_BITS, Contribution
from detect.settings import DEFAULTS

# Kernels see numbers, not records and names.
_PROSE_WORDS, _WIDTH = DEFAULTS.prose_words, DEFAULTS.shingle_width
_KEPT = ~np.uint64((1 << SPARE_BITS) - 1)


def contribute(page: Page) -> Contribution | None:
    """What `page` gives to its site's memory. A page without a site, or without a word, teaches nothing."""
    if not page.site:
        return None
    made = contribution_of(page, words.split(page.text))
    return made if len(made.hashes) else None


def contribution_of(page: Page, split: words.Words) -> Contribution:
    """The same, from the page's words where they are at hand already."""
    # Put in order once: whether a window is in prose goes into the bits that do not count.
    return Contribution(page.key, page.id, *_distinct(_in_order(_marked(split, lines.punctuation()))))


@njit(cache=True, nogil=True)
def _marked(split, marks):  # type: ignore[no-untyped-def]
    """The kept bits of all windows and of the keys that are not 0; the lowest bit is set where a window lies whole in
    one line of prose."""
    m = len(split.lines) - 1
    stream = np.empty(len(split.hashes) + m + 1, np.uint64)
    length = shingles.interleave(split.hashes, split.firsts, stream)
    out = np.empty(length + m, np.uint64)
    count = max(0, length - _WIDTH + 1)
    shingles.windows(stream[:length], _WIDTH, 0, out[:count])
    for i in range(count):
        out[i] &= _KEPT
    at = 0  # of the line break before the line
    for line in range(m):
        size = split.firsts[line + 1] - split.firsts[line]
        if size == 0:
            continue
        if size >= _WIDTH and lines.is_prose(split, line, marks, _PROSE_WORDS):
            for i in range(at + 1, at + 2 + size - _WIDTH):
                out[i] |= np.uint64(1)
        at += size + 1
        out[count] = shingles.line_key(split.hashes, split.firsts[line], split.firsts[line + 1]) & _KEPT
        count += 1
    return out[:count]


@njit(cache=True, nogil=True)
def _in_order(marked):  # type: ignore[no-untyped-def]
    """Hashes, ascending: each to the place that its upper bits tell, and from there a step or two."""
    bits = 1
    while 1 << bits < len(marked):
        bits += 1
    shift = np.uint64(64 - bits)
    free = np.zeros((1 << bits) + 1, np.int64)
    for value in marked:
        free[np.int64(value >> shift) + 1] += 1
    for bucket in range(1 << bits):
        free[bucket + 1] += free[bucket]
    out = np.empty_like(marked)
    for value in marked:
        its = np.int64(value >> shift)
        out[free[its]] = value
        free[its] += 1
    for at in range(1, len(out)):
        value, to = out[at], at
        while to > 0 and out[to - 1] > value:
            out[to] = out[to - 1]
            to -= 1
        out[to] = value
    return out


@njit(cache=True, nogil=True)
def _distinct(marked):  # type: ignore[no-untyped-def]
    """The distinct ones of `marked`, which are in order, and their marks."""
    hashes, prose = np.empty_like(marked), np.empty(len(marked), np.bool_)
    length = 0
    for value in marked:
        mark = value & np.uint64(1) != 0
        value ^= np.uint64(mark)
        if length and hashes[length - 1] == value:
            prose[length - 1] |= mark
        else:
            hashes[length], prose[length] = value, mark
            length += 1
    return hashes[:length].copy(), prose[:length].copy()
