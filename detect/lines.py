"""The shape of each line in itself: how much it holds, how it ends, what stands in it. One row of numbers a line.

No recurrence and no neighbours here: whatever this file says of a line would be the same on any page.
"""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detect.wordlists import CUES, FUNCTION_WORDS, MONTHS
from detect.words import ALONE, CAPITAL, NUMBER, Words, split

# Columns of the table that `shapes` returns; all float32.
SIZE: Final = 0  # words; a character of a script without spaces counts as PART_WORD
CHARACTERS: Final = 1  # visible code points
ENDS: Final = 2  # 1 where the last mark ends a sentence, closing quotes and brackets aside
INNER: Final = 3  # sentence ends inside the line
COMMAS: Final = 4
SEPARATORS: Final = 5  # | • › and their like, and runs of two spaces or a tab inside the line
CAPITALS: Final = 6  # share of words with a capital
NUMBERS: Final = 7  # share of words that are numbers
FUNCTION: Final = 8  # share of words that are function words of some language
CUED: Final = 9  # share of words that page furniture uses: share, cookies, subscribe, copyright
DATED: Final = 10  # 1 where a time, date or month stands among few other words
SPACED: Final = 11  # share of words in scripts written with spaces
MARKS: Final = 12  # visible characters that are neither words nor common punctuation, as a share
COLON: Final = 13  # 1 where the line ends with a colon
ELLIPSIS: Final = 14  # 1 where it ends with dots of omission
QUESTION: Final = 15  # 1 where it ends with a question mark
QUOTED: Final = 16  # 1 where it begins with a quotation mark or a dash
NUMBERED: Final = 17  # 1 where it begins with a digit
LOWER: Final = 18  # 1 where it begins with a small letter
BULLETED: Final = 19  # 1 where it begins with a mark of another kind
ADDRESSES: Final = 20  # @, :// and dots inside words
BRACKETS: Final = 21
COPYRIGHT: Final = 22  # 1 where it holds a copyright sign
COLUMNS: Final = 23

# A Chinese or Japanese word has about 1.7 characters; a Thai one has 3 to 4, vowels and tones apart.
PART_WORD: Final = 0.6
PART_WORD_INDIC: Final = 0.3
_INDIC_BELOW: Final = 0x1800  # Thai, Lao, Myanmar and Khmer stand below it, Han and Kana above

_SENTENCE_ENDS = ".!?…。！？．؟۔।॥։።៕។။"
_CLOSERS = "\"'”’»›」』）)]}】〉》"
_COMMAS = ",，、،;；"
_SEPARATING = "|•·›»▸►→/\\▪■●‣⁃∙◦‹«¦~>"
_ORDINARY = "-:&%()[]{}'\"“”‘’„«»"
_QUOTES = "\"'“”‘’„«»「『‹›‚–—"
_BRACKETS = "()[]{}（）【】「」"
_END, _CLOSER, _COMMA, _SEPARATOR, _PLAIN, _QUOTE, _BRACKET = 1, 2, 4, 8, 16, 32, 64


def shapes(words: Words) -> NDArray[np.float32]:
    """The table (lines, COLUMNS) of the lines of a page."""
    out = np.zeros((len(words.lines) - 1, COLUMNS), np.float32)
    functions, cues, months = _lists()
    _shapes(
        words.points,
        words.hashes,
        words.starts,
        words.stops,
        words.flags,
        words.lines,
        words.firsts,
        _punctuation(),
        functions,
        cues,
        months,
        out,
    )
    return out


@functools.cache
def _punctuation() -> NDArray[np.uint8]:
    table = np.zeros(0x10000, np.uint8)
    for marks, bit in (
        (_SENTENCE_ENDS, _END),
        (_CLOSERS, _CLOSER),
        (_COMMAS, _COMMA),
        (_SEPARATING, _SEPARATOR),
        (_SENTENCE_ENDS + _CLOSERS + _COMMAS + _ORDINARY, _PLAIN),
        (_QUOTES, _QUOTE),
        (_BRACKETS, _BRACKET),
    ):
        for mark in marks:
            table[ord(mark)] |= bit
    return table


@functools.cache
def _lists() -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64]]:
    """The word lists as sorted hashes."""
    functions, cues, months = (np.unique(split(text).hashes) for text in (FUNCTION_WORDS, CUES, MONTHS))
    return functions, cues, months


@njit(cache=True, nogil=True)
def _has(sorted_hashes, value):  # type: ignore[no-untyped-def]
    at = np.searchsorted(sorted_hashes, value)
    return at < len(sorted_hashes) and sorted_hashes[at] == value


@njit(cache=True, nogil=True)
def _shapes(points, hashes, starts, stops, flags, lines, firsts, punctuation, functions, cues, months, out):  # type: ignore[no-untyped-def]
    for line in range(len(lines) - 1):
        row = out[line]
        first, last = firsts[line], firsts[line + 1]
        count = last - first
        dated = False
        for word in range(first, last):
            alone = flags[word] & ALONE
            if not alone:
                row[SIZE] += np.float32(1)
            elif points[starts[word]] < _INDIC_BELOW:
                row[SIZE] += np.float32(PART_WORD_INDIC)
            else:
                row[SIZE] += np.float32(PART_WORD)
            row[CAPITALS] += 1 if flags[word] & CAPITAL else 0
            row[NUMBERS] += 1 if flags[word] & NUMBER else 0
            row[SPACED] += 0 if alone else 1
            row[FUNCTION] += 1 if _has(functions, hashes[word]) else 0
            row[CUED] += 1 if _has(cues, hashes[word]) else 0
            if _has(months, hashes[word]):
                dated = True
            if (
                word > first
                and flags[word] & NUMBER
                and flags[word - 1] & NUMBER
                and starts[word] - stops[word - 1] == 1
            ):
                between = points[stops[word - 1]]
                dated = dated or between == 58 or between == 47 or between == 45 or between == 46
        row[DATED] = 1 if dated and row[NUMBERS] > 0 and row[SIZE] <= 12 else 0
        if count:
            for column in (CAPITALS, NUMBERS, FUNCTION, CUED, SPACED):
                row[column] /= count
            begin, capital = points[starts[first]], flags[first] & (CAPITAL | ALONE)
            row[NUMBERED] = 48 <= begin <= 57
            row[LOWER] = not capital and row[NUMBERED] == 0 and row[SPACED] > 0.5
        _punctuate(points, lines[line], lines[line + 1], punctuation, row)


@njit(cache=True, nogil=True)
def _punctuate(points, start, stop, punctuation, row):  # type: ignore[no-untyped-def]
    """Fill the columns that marks decide, from one walk over the characters of a line."""
    pending = False  # a sentence end was seen and only closers since
    apart = False  # ... and white space
    gap = 0
    marks = 0
    before = last = 0
    for i in range(start, stop):
        point = points[i]
        if point == 32 or point == 9 or point == 10 or point == 13 or point == 0xA0 or point == 0x3000:
            gap += 4 if point == 9 else 1
            apart = pending
            continue
        if gap > 1 and row[CHARACTERS] > 0:
            row[SEPARATORS] += 1
        gap = 0
        row[CHARACTERS] += 1
        bits = punctuation[point] if point < 0x10000 else 0
        if row[CHARACTERS] == 1:
            row[QUOTED] = 1 if bits & _QUOTE else 0
            row[BULLETED] = 1 if bits & _SEPARATOR or (0x2000 < point < 0x2C00 and not bits & _QUOTE) else 0
        joined = i + 1 < stop and points[i + 1] > 57 and i > start and points[i - 1] > 57
        row[ADDRESSES] += (
            point == 64 or (point == 46 and joined) or (point == 58 and i + 1 < stop and points[i + 1] == 47)
        )
        row[COPYRIGHT] = max(row[COPYRIGHT], np.float32(point == 0xA9))
        if bits & _BRACKET:
            row[BRACKETS] += 1
        before, last = last, point
        if bits & _END:
            pending = True
        elif not bits & _CLOSER:
            row[INNER] += pending and (apart or point >= 0x3000)
            pending = apart = False
        if bits & _COMMA:
            row[COMMAS] += 1
        if bits & _SEPARATOR:
            row[SEPARATORS] += 1
        if point > 0x2000 and point < 0x2C00 and not bits & _PLAIN:
            marks += 1
    row[ENDS] = 1 if pending else 0
    row[COLON] = last == 58 or last == 0xFF1A
    row[ELLIPSIS] = last == 0x2026 or (last == 46 and before == 46)
    row[QUESTION] = last == 63 or last == 0xFF1F or last == 0x61F
    if row[CHARACTERS] > 0:
        row[MARKS] = marks / row[CHARACTERS]
