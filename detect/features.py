"""Lines and their recurrence to one row of numbers a line: what the reading of a line goes by.

In: the shapes of m lines (lines.py) and the votes of other pages for their words and keys. Out: a table of m rows
and COLUMNS columns. The same code serves whoever sets the weights and whoever uses them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detect import columns as col
from detect import lines
from detect.recurrence import Recurrence
from detect.settings import DEFAULTS

# Sentences of the languages in the word lists have 25-55% function words; names and menu entries in a row, under 10%.
_FEW: Final = 0.12
_PROSE: Final = DEFAULTS.prose_words  # kernels see numbers, not records
# On 92 of 92 such lines of three labelled collections the rest of the line, too, was boilerplate; of the lines that
# begin as two other pages do, half were not.
_HEADS: Final = 3
_FADE: Final = np.float32(2 / 3)


def rows(
    shapes: NDArray[np.float32],
    hashes: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    again: NDArray[np.bool_],
    recurrence: Recurrence,
) -> NDArray[np.float32]:
    """The table (m, col.COLUMNS) of a page.

    `shapes` (m, lines.COLUMNS); `hashes` uint64 (n): the words; `firsts` int64 (m+1): first word of each line;
    `again` bool (m): the line stands more than once on the page.
    """
    out = np.zeros((len(shapes), col.COLUMNS), np.float32)
    _recurrence(recurrence.words, recurrence.keys, recurrence.heads, recurrence.of, DEFAULTS.recurs, firsts, out)
    _alone(shapes, firsts, again, out)
    prose = (shapes[:, lines.SIZE] >= DEFAULTS.prose_words) & (shapes[:, lines.ENDS] > 0) & (out[:, col.RECURS] < 0.5)
    _around(np.where(prose, shapes[:, lines.SIZE], np.float32(0)), out)
    _titled(hashes, firsts, out)
    return out


@njit(cache=True, nogil=True)
def _recurrence(words, keys, heads, of, least, firsts, out):  # type: ignore[no-untyped-def]
    wide = max(least, of // 4)
    for line in range(len(out)):
        row = out[line]
        count = firsts[line + 1] - firsts[line]
        if count == 0:
            continue
        for word in range(firsts[line], firsts[line + 1]):
            row[col.RECURS] += words[word] >= least
            row[col.WIDELY] += words[word] >= wide
        row[col.RECURS] = 1 if keys[line] >= least else row[col.RECURS] / count
        row[col.WIDELY] = 1 if keys[line] >= wide else row[col.WIDELY] / count
        row[col.KEY] = keys[line] >= least
        row[col.HEAD] = heads[line] >= max(wide, _HEADS)


@njit(cache=True, nogil=True)
def _alone(shapes, firsts, again, out):  # type: ignore[no-untyped-def]
    for line in range(len(shapes)):
        shape, row = shapes[line], out[line]
        count = firsts[line + 1] - firsts[line]
        size = shape[lines.SIZE]
        ends = shape[lines.ENDS] > 0
        row[col.SHORT] = 0 < size < 4
        row[col.MIDDLING] = 4 <= size < 10
        row[col.LONG] = min(4.0, np.log2(size / 10)) if size > 10 else 0
        row[col.SENTENCE] = ends
        row[col.SENTENCE_LONG] = ends and size >= _PROSE
        row[col.INNER] = shape[lines.INNER] > 0
        row[col.COMMAS] = min(1.0, 10 * shape[lines.COMMAS] / size) if size > 0 else 0
        row[col.SEPARATORS] = min(1.0, 5 * shape[lines.SEPARATORS] / size) if size > 0 else 0
        row[col.CAPITALS] = shape[lines.CAPITALS] if count >= 3 else 0
        row[col.FUNCTION] = shape[lines.FUNCTION] if count >= 4 else 0
        row[col.CUED] = shape[lines.CUED]
        row[col.CUED_SHORT] = min(1.0, 5 * shape[lines.CUED]) if size < 12 else 0
        row[col.DATED] = shape[lines.DATED]
        row[col.AGAIN] = again[line]
        spaced = shape[lines.SPACED] > 0.5
        row[col.LISTED] = size >= _PROSE and spaced and not ends and shape[lines.FUNCTION] < _FEW


@njit(cache=True, nogil=True)
def _around(prose, out):  # type: ignore[no-untyped-def]
    """Columns of what stands above and below; `prose` holds the words of each line of new prose, else 0."""
    m = len(prose)
    above = np.zeros(m + 1, np.float32)  # words of new prose in the lines before
    for line in range(m):
        above[line + 1] = above[line] + prose[line]
    total = above[m]
    if total == 0:
        return
    most = near = np.float32(0)
    for line in range(m):
        row = out[line]
        row[col.PROSE_NEAR] = np.log1p(above[min(m, line + 4)] - above[max(0, line - 3)] - prose[line])
        row[col.BODY] = above[min(m, line + 11)] - above[max(0, line - 10)]
        row[col.BEFORE] = above[line] == 0
        row[col.AFTER] = above[line + 1] == total
        row[col.LATE] = above[line] / total
        row[col.PROSE_ABOVE] = near
        near = np.float32(1) if prose[line] > 0 else near * _FADE
        most = max(most, row[col.BODY])
    near = np.float32(0)
    for line in range(m - 1, -1, -1):
        row = out[line]
        row[col.PROSE_BELOW] = near
        row[col.ENCLOSED] = min(row[col.PROSE_ABOVE], near)
        row[col.BODY] /= most
        near = np.float32(1) if prose[line] > 0 else near * _FADE


@njit(cache=True, nogil=True)
def _titled(hashes, firsts, out):  # type: ignore[no-untyped-def]
    """What a line has in common with the first line that has words: flattened HTML begins with its title."""
    first = 0
    while first < len(out) and firsts[first] == firsts[first + 1]:
        first += 1
    if first == len(out):
        return
    title = np.sort(hashes[firsts[first] : firsts[first + 1]])
    for line in range(first + 1, len(out)):
        count = firsts[line + 1] - firsts[line]
        if count < 3:
            continue
        for word in range(firsts[line], firsts[line + 1]):
            at = np.searchsorted(title, hashes[word])
            out[line, col.TITLED] += at < len(title) and title[at] == hashes[word]
        out[line, col.TITLED] /= count
