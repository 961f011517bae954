"""A page to what it contributes to what its site is known by."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detect import lines, shingles, words
from detect.records import Page
from detect.sampling import SPARE_BITS, Contribution, page_key
from detect.settings import DEFAULTS


def contribute(page: Page) -> Contribution | None:
    """What `page` gives to its site's memory. A page without a site, or without a word, teaches nothing."""
    if not page.site:
        return None
    split = words.split(page.text)
    made = contribution_of(page, split, shingles.shingle(split, DEFAULTS.shingle_width), lines.shapes(split))
    return made if len(made.hashes) else None


def contribution_of(
    page: Page, split: words.Words, windows: shingles.Shingles, shapes: NDArray[np.float32]
) -> Contribution:
    """The same, from the page's words, windows and line shapes where they are at hand already."""
    prose_lines = (shapes[:, lines.SIZE] >= DEFAULTS.prose_words) & (shapes[:, lines.ENDS] > 0)
    inside = _inside_prose(windows.firsts, windows.lasts, split.firsts, prose_lines, DEFAULTS.shingle_width)
    # Sorted once: whether a window is in prose goes into the bits that do not count.
    marked = np.sort(_marked(windows.hashes, inside, windows.keys))
    hashes, prose = np.empty_like(marked), np.empty(len(marked), np.bool_)
    length = _distinct(marked, hashes, prose)
    return Contribution(page_key(page), page.id, hashes[:length].copy(), prose[:length].copy())


@njit(cache=True, nogil=True)
def _inside_prose(firsts, lasts, line_firsts, prose_lines, width):  # type: ignore[no-untyped-def]
    """Which windows lie whole in one line of prose: no line break among their words."""
    out = np.zeros(len(firsts), np.bool_)
    line = 0
    for i in range(len(firsts)):
        while line < len(prose_lines) and line_firsts[line + 1] <= firsts[i]:
            line += 1
        if line < len(prose_lines) and prose_lines[line]:
            out[i] = lasts[i] - firsts[i] == width and lasts[i] <= line_firsts[line + 1]
    return out


@njit(cache=True, nogil=True)
def _marked(hashes, inside, keys):  # type: ignore[no-untyped-def]
    """The kept bits of all hashes, and of the keys that are not 0; the lowest bit is set where `inside` is."""
    kept = ~np.uint64((1 << SPARE_BITS) - 1)
    out = np.empty(len(hashes) + len(keys), np.uint64)
    for i in range(len(hashes)):
        out[i] = hashes[i] & kept | np.uint64(inside[i])
    length = len(hashes)
    for key in keys:
        if key != 0:
            out[length] = key & kept
            length += 1
    return out[:length]


@njit(cache=True, nogil=True)
def _distinct(marked, hashes, prose):  # type: ignore[no-untyped-def]
    """Fill `hashes` with the distinct ones of `marked` (sorted) and `prose` with their marks; returns how many."""
    length = 0
    for value in marked:
        mark = value & np.uint64(1) != 0
        value ^= np.uint64(mark)
        if length and hashes[length - 1] == value:
            prose[length - 1] |= mark
        else:
            hashes[length], prose[length] = value, mark
            length += 1
    return length
