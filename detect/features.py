"""Lines and their recurrence to one row of numbers a line: what the reading of a line goes by.

In: the words, shapes and votes of m lines. Out: a table of m rows, whose columns columns.py names. The same code
makes the rows that the model is trained on and those it judges.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from detect import context, lexicon, lines
from detect.columns import FIRST_PASS, INDEX, SECOND_PASS
from detect.lexicon import Lexicon
from detect.loops import njit
from detect.recurrence import Recurrence
from detect.settings import DEFAULTS
from detect.words import Words, numbered

FIRST_COLUMNS: Final = len(FIRST_PASS)
COLUMNS: Final = len(SECOND_PASS)

# Kernels see numbers, not records and names.
_PROSE: Final = DEFAULTS.prose_words
_RECURS: Final = DEFAULTS.recurs
_NEAR: Final = 10  # lines within which prose counts as near
_COMMON: Final = 3  # lines of a page from which a word is common on it
_ON2: Final = INDEX["on2"]
_RECURRENCE_AT: Final = INDEX["on1"]
_VOCABULARY_AT: Final = INDEX["distinct"]
_PIECE_AT: Final = INDEX["begins"]
_LEXICON_AT: Final = INDEX["lexicon"]


def rows(
    words: Words,
    shapes: NDArray[np.float32],
    keys: NDArray[np.uint64],
    recurrence: Recurrence,
    known: Lexicon,
) -> NDArray[np.float32]:
    """The table (m, COLUMNS) of a page; the columns of the second pass are left at 0 for context.beside.

    `words` with its m lines; `shapes` (m, lines.COLUMNS); `keys` uint64 (m) as shingles.line_keys gives them.
    """
    out = np.zeros((len(shapes), COLUMNS), np.float32)
    if not len(out):
        return out
    _itself(shapes, words.firsts, out)
    _piece(words.points, words.lines, shapes, out)
    told = out[:, _LEXICON_AT : _LEXICON_AT + lexicon.COLUMNS]
    lexicon.tell(known, words.hashes, words.firsts, keys, told)
    _recurs(recurrence.words, recurrence.keys, recurrence.heads, recurrence.of, words.firsts, out)
    prose = _prose(shapes, out)
    _vocabulary(words.hashes, words.firsts, keys, prose, known.rarity, out)
    context.surround(prose, shapes, out)
    return out


@njit(cache=True, nogil=True)
def _itself(shapes, firsts, out):  # type: ignore[no-untyped-def]
    """The columns that the shape of a line gives, in the order of columns.OWN."""
    for line in range(len(out)):
        shape, row = shapes[line], out[line]
        count = max(1, firsts[line + 1] - firsts[line])
        size = max(np.float32(1), shape[lines.SIZE])
        row[0] = np.log1p(shape[lines.SIZE])
        row[1] = min(30.0, shape[lines.CHARACTERS] / count)
        row[2] = shape[lines.ENDS]
        row[3] = shape[lines.INNER] / size
        row[4] = shape[lines.COMMAS] / size
        row[5] = shape[lines.SEPARATORS] / size
        row[6] = shape[lines.CAPITALS]
        row[7] = shape[lines.NUMBERS]
        row[8] = shape[lines.FUNCTION]
        row[9] = shape[lines.CUED]
        row[10] = shape[lines.DATED]
        row[11] = shape[lines.SPACED]
        row[12] = shape[lines.MARKS]
        row[13] = shape[lines.COLON]
        row[14] = shape[lines.ELLIPSIS]
        row[15] = shape[lines.QUESTION]
        row[16] = shape[lines.QUOTED]
        row[17] = shape[lines.NUMBERED]
        row[18] = shape[lines.LOWER]
        row[19] = shape[lines.BULLETED]
        row[20] = shape[lines.ADDRESSES] / size
        row[21] = shape[lines.BRACKETS] / size
        row[22] = shape[lines.COPYRIGHT]


@njit(cache=True, nogil=True)
def _piece(points, bounds, shapes, out):  # type: ignore[no-untyped-def]
    """Whether a line is a whole line of the page, and how long that is."""
    m = len(out)
    line = 0
    while line < m:
        last = line
        size = np.float32(0)
        while True:
            size += shapes[last, lines.SIZE]
            if last + 1 == m or _broken(points, bounds[last], bounds[last + 1]):
                break
            last += 1
        for piece in range(line, last + 1):
            out[piece, _PIECE_AT] = piece == line
            out[piece, _PIECE_AT + 1] = piece == last
            out[piece, _PIECE_AT + 2] = np.log1p(size)
        line = last + 1


@njit(cache=True, nogil=True)
def _broken(points, start, stop):  # type: ignore[no-untyped-def]
    """Whether a line break stands at the end of [start, stop), among nothing but white space."""
    for i in range(stop - 1, start - 1, -1):
        point = points[i]
        if 10 <= point <= 13 or point == 0x85 or point == 0x2028 or point == 0x2029:
            return True
        if not (point == 32 or point == 9 or point == 0xA0 or point == 0x3000 or 0x2000 <= point <= 0x200B):
            return False
    return False


@njit(cache=True, nogil=True)
def _recurs(words, keys, heads, of, firsts, out):  # type: ignore[no-untyped-def]
    wide = max(_RECURS, of // 4)
    share = np.float32(1 / max(1, of))
    for line in range(len(out)):
        row = out[line, _RECURRENCE_AT:]
        row[9] = np.log1p(np.float32(of))
        count = firsts[line + 1] - firsts[line]
        if count == 0 or of == 0:
            continue
        whole = keys[line]
        for word in range(firsts[line], firsts[line + 1]):
            votes = max(words[word], whole)
            row[0] += votes >= 1
            row[1] += votes >= 2
            row[2] += votes >= 4
            row[3] += votes >= wide
            row[4] += np.log1p(np.float32(votes))
        for column in range(5):
            row[column] /= count
        row[5] = np.log1p(np.float32(whole))
        row[6] = whole * share
        row[7] = np.log1p(np.float32(heads[line]))
        row[8] = heads[line] * share


@njit(cache=True, nogil=True)
def _prose(shapes, out):  # type: ignore[no-untyped-def]
    """The words of each line of new prose, else 0; in scripts that end sentences without a mark, length tells."""
    prose = np.zeros(len(out), np.float32)
    for line in range(len(out)):
        shape = shapes[line]
        ended = shape[lines.ENDS] > 0 or shape[lines.SPACED] < 0.5
        if shape[lines.SIZE] >= _PROSE and ended and out[line, _ON2] < 0.5:
            prose[line] = shape[lines.SIZE]
    return prose


@njit(cache=True, nogil=True)
def _vocabulary(hashes, firsts, keys, prose, rarity, out):  # type: ignore[no-untyped-def]
    """What each line's words do elsewhere on the page."""
    m = len(out)
    ids, count = numbered(hashes)
    lines_with = np.zeros(count, np.int32)
    prose_with = np.zeros(count, np.int32)
    last = np.full(count, -1, np.int32)  # the last line met with the word
    above = np.full(count, -1 - _NEAR, np.int32)  # the last line of prose met with it
    below = np.full(count, m + _NEAR, np.int32)
    after = np.full(count, -2, np.int32)  # the next line with the word
    rare = np.empty(count, np.float32)
    titled = np.zeros(count, np.bool_)
    close = np.zeros(len(hashes), np.bool_)
    title = 0
    while title < m - 1 and firsts[title] == firsts[title + 1]:
        title += 1
    for line in range(m):
        for word in range(firsts[line], firsts[line + 1]):
            out[line, _VOCABULARY_AT + 5] += line > 0 and last[ids[word]] == line - 1
        for word in range(firsts[line], firsts[line + 1]):
            one = ids[word]
            if last[one] != line:
                last[one] = line
                lines_with[one] += 1
                prose_with[one] += prose[line] > 0
                out[line, _VOCABULARY_AT] += 1
            rare[one] = rarity[hashes[word] >> np.uint64(64 - lexicon.RARITY_BITS)]
            titled[one] |= line == title
            close[word] = line - above[one] <= _NEAR
        for word in range(firsts[line], firsts[line + 1]):
            if prose[line] > 0:
                above[ids[word]] = line
    in_title = np.float32(0)
    for one in range(count):
        if titled[one]:
            in_title += rare[one]
    last[:] = -1
    for line in range(m - 1, -1, -1):
        row = out[line, _VOCABULARY_AT:]
        first, stop = firsts[line], firsts[line + 1]
        echoed = np.float32(0)
        total = there = near = shared = covered = common = np.float32(0)
        for word in range(first, stop):
            one = ids[word]
            weight = rare[one]
            total += weight
            there += weight * (prose_with[one] > (prose[line] > 0))
            near += weight * (close[word] or below[one] - line <= _NEAR)
            shared += weight * titled[one]
            common += lines_with[one] >= _COMMON
            echoed += after[one] == line + 1
            if titled[one] and last[one] != line:
                last[one] = line
                covered += weight
        for word in range(first, stop):
            one = ids[word]
            after[one] = line
            if prose[line] > 0:
                below[one] = line
        if stop > first:
            row[6] = echoed / (stop - first)
            row[0] /= stop - first
            row[5] /= stop - first
            row[2] = common / (stop - first)
        if total > 0:
            row[3], row[4] = there / total, near / total
            if line != title:
                row[7] = shared / total
        if in_title > 0 and line != title:
            row[8] = covered / in_title
    _again(keys, out)


@njit(cache=True, nogil=True)
def _again(keys, out):  # type: ignore[no-untyped-def]
    ids, count = numbered(keys)
    times = np.zeros(count, np.int32)
    for line in range(len(out)):
        times[ids[line]] += 1
    for line in range(len(out)):
        if keys[line] != 0:
            out[line, _VOCABULARY_AT + 1] = np.log(np.float32(times[ids[line]]))
