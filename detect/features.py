"""Lines and their recurrence to one row of numbers a line: what the reading of a line goes by.

In: the words, shapes and votes of m lines. Out: a table of m rows, whose columns columns.py names. The same code
makes the rows that the model is trained on and those it judges.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detect import lexicon, lines
from detect.columns import FIRST_PASS, INDEX, NEIGHBOURS, OFFSETS, OWN, REACHES, SECOND_PASS, WINDOW
from detect.lexicon import Lexicon
from detect.recurrence import Recurrence
from detect.settings import DEFAULTS
from detect.words import Words, mix

FIRST_COLUMNS: Final = len(FIRST_PASS)
COLUMNS: Final = len(SECOND_PASS)

# Kernels see numbers, not records and names.
_PROSE: Final = DEFAULTS.prose_words
_RECURS: Final = DEFAULTS.recurs
_NEAR: Final = 10  # lines within which prose counts as near
_COMMON: Final = 3  # lines of a page from which a word is common on it
# What a line takes from a run of prose it stands in, in words: less than a sentence, more when it recurs.
_TOLL, _RECURRING_TOLL = 6.0, 15.0
_PULL = np.array([INDEX[name] for name in NEIGHBOURS], np.int64)
_SHIFTS = np.array(OFFSETS, np.int64)
_POOL = np.array([INDEX[name] for name in WINDOW], np.int64)
_SPANS = np.array(REACHES, np.int64)
_NEIGHBOURS_AT: Final = len(OWN)
_WINDOWS_AT: Final = _NEIGHBOURS_AT + len(NEIGHBOURS) * len(OFFSETS)
_PLACE_AT: Final = INDEX["prose_before"]
_SECOND_AT: Final = len(FIRST_PASS)

_SIZE, _ENDS, _ON2, _TITLED, _TITLE, _LEXICON = (
    INDEX[name] for name in ("size", "ends", "on2", "titled", "title", "lexicon")
)
_RECURRENCE_AT: Final = INDEX["on1"]
_VOCABULARY_AT: Final = INDEX["distinct"]
_PIECE_AT: Final = INDEX["begins"]
_LEXICON_AT: Final = INDEX["lexicon"]
_BELOW, _ABOVE = INDEX["below"], INDEX["above"]
# What a line's words say of those below it fades by so much a line.
_FADE: Final = 0.97


def rows(
    words: Words,
    shapes: NDArray[np.float32],
    keys: NDArray[np.uint64],
    recurrence: Recurrence,
    known: Lexicon,
) -> NDArray[np.float32]:
    """The table (m, COLUMNS) of a page; the columns of the second pass are left at 0 for `beside`.

    `words` with its m lines; `shapes` (m, lines.COLUMNS); `keys` uint64 (m) as shingles.line_keys gives them.
    """
    out = np.zeros((len(shapes), COLUMNS), np.float32)
    if not len(out):
        return out
    _itself(shapes, words.firsts, out)
    _piece(words.points, words.lines, shapes, out)
    out[:, _LEXICON_AT : _LEXICON_AT + lexicon.COLUMNS] = lexicon.told(known, words.hashes, words.firsts, keys)
    _recurs(recurrence.words, recurrence.keys, recurrence.heads, recurrence.of, words.firsts, out)
    prose = _prose(shapes, out)
    _vocabulary(words.hashes, words.firsts, keys, prose, known.rarity, out)
    _around(prose, out)
    _place(prose, shapes, out)
    return out


def beside(table: NDArray[np.float32], odds: NDArray[np.float32], sizes: NDArray[np.float32]) -> None:
    """Fill the columns of the second pass: what the first, `odds` float32 (m) for boilerplate, says around each line.

    `sizes` float32 (m): words of each line.
    """
    if len(table):
        _beside(np.clip(odds, -8, 8), sizes, table)


@njit(cache=True, nogil=True)
def _itself(shapes, firsts, out):  # type: ignore[no-untyped-def]
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
def _numbered(hashes):  # type: ignore[no-untyped-def]
    """A small number for each word, the same for equal ones, and how many numbers there are."""
    size = 16
    while size < 2 * len(hashes):
        size *= 2
    mask = np.uint64(size - 1)
    slots = np.full(size, -1, np.int32)
    ids = np.empty(len(hashes), np.int32)
    heads = np.empty(len(hashes), np.int64)
    count = 0
    for word in range(len(hashes)):
        at = mix(hashes[word]) & mask
        while slots[at] >= 0 and hashes[heads[slots[at]]] != hashes[word]:
            at = (at + np.uint64(1)) & mask
        if slots[at] < 0:
            slots[at] = count
            heads[count] = word
            count += 1
        ids[word] = slots[at]
    return ids, count


@njit(cache=True, nogil=True)
def _vocabulary(hashes, firsts, keys, prose, rarity, out):  # type: ignore[no-untyped-def]
    """What each line's words do elsewhere on the page."""
    m = len(out)
    ids, count = _numbered(hashes)
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
    ids, count = _numbered(keys)
    times = np.zeros(count, np.int32)
    for line in range(len(out)):
        times[ids[line]] += 1
    for line in range(len(out)):
        if keys[line] != 0:
            out[line, _VOCABULARY_AT + 1] = np.log(np.float32(times[ids[line]]))


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
def _beside(odds, sizes, out):  # type: ignore[no-untyped-def]
    m = len(out)
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
