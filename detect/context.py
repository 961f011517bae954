"""What stands around each line and where it stands: neighbours, windows, prose, the headline, sections; and what the
first pass says around it.

Every function fills columns of the table that features.py makes, in place; columns.py names them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from detect import lines
from detect.columns import FIRST_PASS, INDEX, NEIGHBOURS, OFFSETS, OWN, REACHES, WINDOW
from detect.loops import njit
from detect.settings import DEFAULTS

# Kernels see numbers, not records and names.
_PROSE: Final = DEFAULTS.prose_words
# What a line takes from a run of prose it stands in, in words: less than a sentence, more when it recurs.
_TOLL, _RECURRING_TOLL = 6.0, 15.0
_PULL = np.array([INDEX[name] for name in NEIGHBOURS], np.int64)
_SHIFTS = np.array(OFFSETS, np.int64)
_POOL = np.array([INDEX[name] for name in WINDOW], np.int64)
_SPANS = np.array(REACHES, np.int64)
_NEIGHBOURS_AT: Final = len(OWN)
_PLACE_AT: Final = INDEX["prose_before"]
_SECOND_AT: Final = len(FIRST_PASS)
_SIZE, _ENDS, _ON2, _TITLED, _TITLE, _LEXICON, _BELOW, _ABOVE = (
    INDEX[name] for name in ("size", "ends", "on2", "titled", "title", "lexicon", "below", "above")
)
# What a line's words say of those below it fades by so much a line.
_FADE: Final = 0.97


def surround(prose: NDArray[np.float32], shapes: NDArray[np.float32], table: NDArray[np.float32]) -> None:
    """Fill the columns of neighbours, windows and place. `prose` float32 (m): words of lines of new prose, else 0."""
    _around(prose, table)
    _place(prose, shapes, table)


def beside(table: NDArray[np.float32], odds: NDArray[np.float32], sizes: NDArray[np.float32]) -> None:
    """Fill the columns of the second pass: what the first, `odds` float32 (m) for boilerplate, says around each line.

    `sizes` float32 (m): words of each line.
    """
    if len(table):
        _beside(odds, sizes, table)


@njit(cache=True, nogil=True)
def _around(prose, out):  # type: ignore[no-untyped-def]
    """What the two lines on either side are, and the lines 3 and 10 far above and below."""
    m, width = len(out), len(_POOL)
    at = _NEIGHBOURS_AT
    for shift in _SHIFTS:
        for line in range(max(0, -shift), min(m, m - shift)):
            for i in range(len(_PULL)):
                out[line, at + i] = out[line + shift, _PULL[i]]
        for line in range(0, min(m, -shift)):
            out[line, at : at + len(_PULL)] = -1
        for line in range(max(0, m - shift), m):
            out[line, at : at + len(_PULL)] = -1
        at += len(_PULL)
    sums = np.zeros((m + 1, width + 1), np.float64)
    for line in range(m):
        for i in range(width):
            sums[line + 1, i] = sums[line, i] + out[line, _POOL[i]]
        sums[line + 1, width] = sums[line, width] + prose[line]
    for reach in _SPANS:
        for side in range(2):
            for line in range(m):
                start = max(0, line - reach) if side == 0 else line + 1
                stop = line if side == 0 else min(m, line + 1 + reach)
                many = max(1, stop - start)
                for i in range(width):
                    out[line, at + i] = (sums[stop, i] - sums[start, i]) / many if stop > start else -1
                out[line, at + width] = np.log1p(sums[stop, width] - sums[start, width]) if stop > start else 0
            at += width + 1


@njit(cache=True, nogil=True)
def _place(prose, shapes, out):  # type: ignore[no-untyped-def]
    """Where on the page each line stands, by lines, by words, by prose and by the headline."""
    m = len(out)
    before = np.zeros(m + 1, np.float64)  # words of new prose in the lines before
    words = np.zeros(m + 1, np.float64)
    lexical = recurring = 0.0
    for line in range(m):
        before[line + 1] = before[line] + prose[line]
        words[line + 1] = words[line] + shapes[line, lines.SIZE]
        lexical += out[line, _LEXICON]
        recurring += out[line, _ON2] * shapes[line, lines.SIZE]
    total, all_words = before[m], max(1.0, words[m])
    most, peak = 0.0, 0
    worth = np.empty(m, np.float64)
    for line in range(m):
        row = out[line, _PLACE_AT:]
        row[11] = before[min(m, line + 11)] - before[max(0, line - 10)]
        if row[11] > most:
            most, peak = row[11], line
        worth[line] = prose[line] if prose[line] > 0 else -(_TOLL + (_RECURRING_TOLL - _TOLL) * out[line, _ON2])
    core_start, core_stop = _best_run(worth)
    _titles(out)
    _runs(out)
    _sections(out)
    for line in range(m):
        row = out[line, _PLACE_AT:]
        row[0] = np.log1p(before[line])
        row[1] = np.log1p(total - before[line + 1])
        row[2] = before[line] / total if total > 0 else 0
        row[7] = line / m
        row[8] = words[line] / all_words
        row[9] = np.log1p(np.float32(line))
        row[10] = np.log1p(np.float32(m - 1 - line))
        row[11] = row[11] / most if most > 0 else 0
        row[12] = np.sign(line - peak) * np.log1p(np.float32(abs(line - peak)))
        row[13] = core_start <= line < core_stop
        row[14] = np.log1p(np.float32(max(0, line + 1 - core_stop))) - np.log1p(np.float32(max(0, core_start - line)))
        row[20] = total / all_words
        row[21] = lexical / m
        row[22] = recurring / all_words
    _distances(prose > 0, words, out, _PLACE_AT + 3, _PLACE_AT + 4, _PLACE_AT + 5)


@njit(cache=True, nogil=True)
def _distances(marked, words, out, below, above, between):  # type: ignore[no-untyped-def]
    """Log of lines to the next marked line below and above; of the words between too where `between` is a column."""
    m = len(out)
    last = -1
    for line in range(m):
        out[line, above] = np.log1p(np.float32(line - last)) if last >= 0 else 9
        if between >= 0:
            out[line, between + 1] = np.log1p(words[line] - words[last + 1]) if last >= 0 else 12
        if marked[line]:
            last = line
    last = -1
    for line in range(m - 1, -1, -1):
        out[line, below] = np.log1p(np.float32(last - line)) if last >= 0 else 9
        if between >= 0:
            out[line, between] = np.log1p(words[last] - words[line + 1]) if last >= 0 else 12
        if marked[line]:
            last = line


@njit(cache=True, nogil=True)
def _best_run(worth):  # type: ignore[no-untyped-def]
    """The run of lines [start, stop) whose worth adds up to most (Kadane's algorithm); empty when none is positive."""
    best = here = 0.0
    start = stop = begin = 0
    for line in range(len(worth)):
        if here <= 0:
            here, begin = 0.0, line
        here += worth[line]
        if here > best:
            best, start, stop = here, begin, line + 1
    return start, stop


@njit(cache=True, nogil=True)
def _titles(out):  # type: ignore[no-untyped-def]
    m = len(out)
    last = -1
    for line in range(m):
        row = out[line]
        if row[_TITLED] > 0.8 and row[_TITLE] > 0.5:
            last = line
        row[_PLACE_AT + 15] = np.log1p(np.float32(line - last)) if last >= 0 else -1
    last = -1
    for line in range(m - 1, -1, -1):
        row = out[line]
        if row[_TITLED] > 0.8 and row[_TITLE] > 0.5:
            last = line
        row[_PLACE_AT + 16] = np.log1p(np.float32(last - line)) if last >= 0 else -1


@njit(cache=True, nogil=True)
def _sections(out):  # type: ignore[no-untyped-def]
    said = 0.0
    for line in range(len(out)):
        out[line, _PLACE_AT + 18] = said
        said = max(said * _FADE, out[line, _BELOW])
    said = 0.0
    for line in range(len(out) - 1, -1, -1):
        out[line, _PLACE_AT + 19] = said
        said = max(said * _FADE, out[line, _ABOVE])


@njit(cache=True, nogil=True)
def _runs(out):  # type: ignore[no-untyped-def]
    """How many lines in a row are short (under ten words, not ended like a sentence), or not."""
    m = len(out)
    limit = np.log1p(np.float32(_PROSE))
    line = 0
    while line < m:
        last = line
        short = out[line, _SIZE] < limit and out[line, _ENDS] == 0
        while last + 1 < m and (out[last + 1, _SIZE] < limit and out[last + 1, _ENDS] == 0) == short:
            last += 1
        for one in range(line, last + 1):
            out[one, _PLACE_AT + 17] = np.log(np.float32(last + 1 - line))
        line = last + 1


@njit(cache=True, nogil=True)
def _beside(given, sizes, out):  # type: ignore[no-untyped-def]
    m = len(out)
    odds = np.minimum(np.maximum(given, np.float32(-8)), np.float32(8))
    words = np.zeros(m + 1, np.float64)
    content = np.zeros(m + 1, np.float64)  # words of content expected before
    chances = np.zeros(m + 1, np.float64)
    worth = np.empty(m, np.float64)
    for line in range(m):
        chance = 1 / (1 + np.exp(odds[line]))
        words[line + 1] = words[line] + sizes[line]
        content[line + 1] = content[line] + sizes[line] * chance
        chances[line + 1] = chances[line] + chance
        worth[line] = sizes[line] * (2 * chance - 1) - (_TOLL * (1 - chance) if chance < 0.5 else 0.0)
    start, stop = _best_run(worth)
    for line in range(m):
        row = out[line, _SECOND_AT:]
        row[0] = odds[line]
        at = 1
        for shift in (-3, -2, -1, 1, 2, 3):
            row[at] = odds[line + shift] if 0 <= line + shift < m else 9
            at += 1
        for i, reach in enumerate((3, 8, 20)):
            low, high = max(0, line - reach), min(m, line + reach + 1)
            row[7 + i] = (content[high] - content[low]) / max(1.0, words[high] - words[low])
        low, high = max(0, line - 8), min(m, line + 9)
        row[10] = (chances[high] - chances[low]) / (high - low)
        row[11] = np.log1p(content[line])
        row[12] = np.log1p(content[m] - content[line + 1])
        row[13] = content[line] / max(1.0, content[m])
        row[16] = start <= line < stop
        row[17] = np.log1p(np.float32(max(0, line + 1 - stop))) - np.log1p(np.float32(max(0, start - line)))
        row[18] = content[m] / max(1.0, words[m])
    _distances(odds < 0, words, out, _SECOND_AT + 14, _SECOND_AT + 15, -1)
