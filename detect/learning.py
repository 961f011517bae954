"""Pages to Memory: what each page contributes to what its site is known by."""

from __future__ import annotations

import hashlib

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detect import lines, shingles, words
from detect.memory import Contribution, Memory
from detect.records import Page
from detect.settings import DEFAULTS


def learn_page(page: Page) -> Memory:
    """The memory of one page. A page without a site, or without a word, teaches nothing."""
    contribution = contribute(page)
    known = page.site and len(contribution.hashes)
    return Memory({page.site: {contribution.key: contribution}} if known else None)


def contribute(page: Page) -> Contribution:
    """What `page` gives to its site's memory."""
    split = words.split(page.text)
    return contribution_of(page, split, shingles.shingle(split, DEFAULTS.shingle_width), lines.shapes(split))


def contribution_of(
    page: Page, split: words.Words, windows: shingles.Shingles, shapes: NDArray[np.float32]
) -> Contribution:
    """The same, from the page's words, windows and line shapes where they are at hand already."""
    prose_lines = (shapes[:, lines.SIZE] >= DEFAULTS.prose_words) & (shapes[:, lines.ENDS] > 0)
    inside = _inside_prose(windows.firsts, windows.lasts, split.firsts, prose_lines, DEFAULTS.shingle_width)
    keys = windows.keys[windows.keys != 0]
    hashes = np.unique(np.concatenate((windows.hashes, keys)))
    prose = np.isin(hashes, windows.hashes[inside])
    return Contribution(page_key(page), page.id, hashes, prose)


def page_key(page: Page) -> bytes:
    """16 bytes that stand for the page's id and text."""
    told = f"{len(page.id)}\n{page.id}\n{page.text}"
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=16).digest()


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
