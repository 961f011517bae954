"""Lines and their recurrence to one row of numbers a line: what the reading of a line goes by.

In: the shapes of m lines (lines.py) and the votes of other pages for their words and keys. Out: a table of m rows
and COLUMNS columns. The same code serves whoever sets the weights and whoever uses them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detect import lines
from detect.settings import DEFAULTS

RECURS: Final = 0  # share of words that recur on other pages
WIDELY: Final = 1  # share of words that recur on a quarter of the other pages
KEY: Final = 2  # the whole line stands on other pages
HEAD: Final = 3  # the line begins as a line of a quarter of the other pages does, three at least
SHORT: Final = 4  # 1 to 3 words
MIDDLING: Final = 5  # 4 to 9 words
LONG: Final = 6  # log2 of words over 10, at most 4
SENTENCE: Final = 7  # ends like a sentence
SENTENCE_LONG: Final = 8  # the same, of ten words and more
INNER: Final = 9  # holds a sentence end inside
COMMAS: Final = 10  # commas a word, times ten, at most 1
SEPARATORS: Final = 11  # separators a word, times five, at most 1
CAPITALS: Final = 12  # share of capitalised words, of three words and more
FUNCTION: Final = 13  # share of function words, of four words and more
CUED: Final = 14  # share of words that page furniture uses
CUED_SHORT: Final = 15  # five times that, at most 1, in lines under 12 words
DATED: Final = 16  # a date or time
AGAIN: Final = 17  # stands more than once on this page
PROSE_NEAR: Final = 18  # log of the words of new prose within 3 lines
PROSE_ABOVE: Final = 19  # nearness of new prose above: 1 beside it, falling by a third a line
PROSE_BELOW: Final = 20  # the same below
ENCLOSED: Final = 21  # the smaller of the last two
BEFORE: Final = 22  # no new prose above, some below
AFTER: Final = 23  # the reverse
LATE: Final = 24  # share of the page's new prose that stands above
BODY: Final = 25  # new prose within 10 lines, as a share of the most that any such window has
TITLED: Final = 26  # share of the words that stand in the page's first line too, of three words and more
LISTED: Final = 27  # ten words and more, hardly a function word among them, and no sentence end
COLUMNS: Final = 28

# New prose: a line of this many words that ends like a sentence, most of which recurs nowhere.
PROSE_WORDS: Final = 10
# Sentences of the languages in the word lists have 25-55% function words; names and menu entries in a row, under 10%.
_FEW: Final = 0.12
# On 92 of 92 such lines of three labelled collections the rest of the line, too, was boilerplate; of the lines that
# begin as two other pages do, half were not.
_HEADS: Final = 3
_FADE: Final = np.float32(2 / 3)


@dataclass(frozen=True, slots=True, eq=False)
class Recurrence:
    """What other pages of the site say of a page of n words and m lines.

    `words` int32 (n), `keys` and `heads` int32 (m): votes for each word, for each whole line, and for how each line
    begins; `of`: how many could vote, 0 when nothing is known; `own`: the page's own vote is among the learned ones.
    """

    words: NDArray[np.int32]
    keys: NDArray[np.int32]
    heads: NDArray[np.int32]
    of: int
    own: bool


def rows(
    shapes: NDArray[np.float32],
    hashes: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    again: NDArray[np.bool_],
    recurrence: Recurrence,
) -> NDArray[np.float32]:
    """The table (m, COLUMNS) of a page.

    `shapes` (m, lines.COLUMNS); `hashes` uint64 (n): the words; `firsts` int64 (m+1): first word of each line;
    `again` bool (m): the line stands more than once on the page.
    """
    out = np.zeros((len(shapes), COLUMNS), np.float32)
    _recurrence(recurrence.words, recurrence.keys, recurrence.heads, recurrence.of, DEFAULTS.recurs, firsts, out)
    _alone(shapes, firsts, again, out)
    prose = (shapes[:, lines.SIZE] >= PROSE_WORDS) & (shapes[:, lines.ENDS] > 0) & (out[:, RECURS] < 0.5)
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
            row[RECURS] += words[word] >= least
            row[WIDELY] += words[word] >= wide
        row[RECURS] = 1 if keys[line] >= least else row[RECURS] / count
        row[WIDELY] = 1 if keys[line] >= wide else row[WIDELY] / count
        row[KEY] = keys[line] >= least
        row[HEAD] = heads[line] >= max(wide, _HEADS)


@njit(cache=True, nogil=True)
def _alone(shapes, firsts, again, out):  # type: ignore[no-untyped-def]
    for line in range(len(shapes)):
        shape, row = shapes[line], out[line]
        count = firsts[line + 1] - firsts[line]
        size = shape[lines.SIZE]
        ends = shape[lines.ENDS] > 0
        row[SHORT] = 0 < size < 4
        row[MIDDLING] = 4 <= size < 10
        row[LONG] = min(4.0, np.log2(size / 10)) if size > 10 else 0
        row[SENTENCE] = ends
        row[SENTENCE_LONG] = ends and size >= PROSE_WORDS
        row[INNER] = shape[lines.INNER] > 0
        row[COMMAS] = min(1.0, 10 * shape[lines.COMMAS] / size) if size > 0 else 0
        row[SEPARATORS] = min(1.0, 5 * shape[lines.SEPARATORS] / size) if size > 0 else 0
        row[CAPITALS] = shape[lines.CAPITALS] if count >= 3 else 0
        row[FUNCTION] = shape[lines.FUNCTION] if count >= 4 else 0
        row[CUED] = shape[lines.CUED]
        row[CUED_SHORT] = min(1.0, 5 * shape[lines.CUED]) if size < 12 else 0
        row[DATED] = shape[lines.DATED]
        row[AGAIN] = again[line]
        spaced = shape[lines.SPACED] > 0.5
        row[LISTED] = size >= PROSE_WORDS and spaced and not ends and shape[lines.FUNCTION] < _FEW


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
        row[PROSE_NEAR] = np.log1p(above[min(m, line + 4)] - above[max(0, line - 3)] - prose[line])
        row[BODY] = above[min(m, line + 11)] - above[max(0, line - 10)]
        row[BEFORE] = above[line] == 0
        row[AFTER] = above[line + 1] == total
        row[LATE] = above[line] / total
        row[PROSE_ABOVE] = near
        near = np.float32(1) if prose[line] > 0 else near * _FADE
        most = max(most, row[BODY])
    near = np.float32(0)
    for line in range(m - 1, -1, -1):
        row = out[line]
        row[PROSE_BELOW] = near
        row[ENCLOSED] = min(row[PROSE_ABOVE], near)
        row[BODY] /= most
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
            out[line, TITLED] += at < len(title) and title[at] == hashes[word]
        out[line, TITLED] /= count
