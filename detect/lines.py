"""The shape of each line in itself: how much it holds, how it ends, what stands in it. One row of numbers a line.

No recurrence and no neighbours here: whatever this file says of a line would be the same on any page.
"""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detect.loops import njit
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
_END, _CLOSER, _COMMA, _SEPARATOR, _PLAIN, _QUOTE, _BRACKET, _BLANK, _RARE = (1 << bit for bit in range(9))
# The lists that a word may be on, and the size of their table.
_FUNCTION_WORD, _CUE, _MONTH = 1, 2, 4
_LIST_BITS: Final = 12


def shapes(words: Words) -> NDArray[np.float32]:
    """The table (lines, COLUMNS) of the lines of a page."""
    out = np.zeros((len(words.lines) - 1, COLUMNS), np.float32)
    _shapes(words, punctuation(), *_lists(), out)
    return out


@functools.cache
def punctuation() -> NDArray[np.uint16]:
    """What each code point below 0x10000 is, in bits; 0 for letters and digits."""
    table = np.zeros(0x10000, np.uint16)
    table[0x2001:0x2C00] = _RARE
    table[[ord("@"), 0xA9]] = _RARE
    table[[9, 10, 13, 32, 0xA0, 0x3000]] = _BLANK
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
def _lists() -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """The word lists as one open-addressing table: the hash in each slot, 0 where it is empty, and its lists."""
    slots = np.zeros(1 << _LIST_BITS, np.uint64)
    listed = np.zeros(len(slots), np.uint8)
    for text, bit in ((FUNCTION_WORDS, _FUNCTION_WORD), (CUES, _CUE), (MONTHS, _MONTH)):
        for value in split(text).hashes.tolist():
            at = value >> (64 - _LIST_BITS)
            while slots[at] and slots[at] != value:
                at = (at + 1) % len(slots)
            slots[at] = value
            listed[at] |= bit
    return slots, listed


@njit(cache=True, nogil=True, inline="always")
def _listed(slots, listed, value):  # type: ignore[no-untyped-def]
    """The lists that a word is on; 0 for none."""
    at = value >> np.uint64(64 - _LIST_BITS)
    while slots[at] != 0:
        if slots[at] == value:
            return listed[at]
        at = (at + np.uint64(1)) & np.uint64(len(slots) - 1)
    return np.uint8(0)


@njit(cache=True, nogil=True)
def _shapes(words, marks, slots, lists, out):  # type: ignore[no-untyped-def]
    for line in range(len(out)):
        row = out[line]
        if words.firsts[line] < words.firsts[line + 1]:
            _count_words(words, words.firsts[line], words.firsts[line + 1], slots, lists, row)
        _punctuate(words.points, words.lines[line], words.lines[line + 1], marks, row)


@njit(cache=True, nogil=True)
def is_prose(words, line, marks, least):  # type: ignore[no-untyped-def]
    """Whether a line has `least` words and ends like a sentence, without the rest of its shape; `marks` is
    `punctuation()`."""
    size = np.float32(0)
    for word in range(words.firsts[line], words.firsts[line + 1]):
        size += _size(words, word)
    if size < least:
        return False
    at = words.lines[line + 1] - 1
    while at >= words.lines[line]:
        bits = marks[words.points[at]] if words.points[at] < 0x10000 else np.uint16(0)
        if bits & _END or not bits & (_BLANK | _CLOSER):
            return bits & _END != 0
        at -= 1
    return False


@njit(cache=True, nogil=True, inline="always")
def _size(words, word):  # type: ignore[no-untyped-def]
    """How much of a word a word is."""
    if not words.flags[word] & ALONE:
        return np.float32(1)
    return np.float32(PART_WORD_INDIC if words.points[words.starts[word]] < _INDIC_BELOW else PART_WORD)


@njit(cache=True, nogil=True)
def _count_words(words, first, last, slots, lists, row):  # type: ignore[no-untyped-def]
    """Fill the columns that words decide, of a line of words [first, last)."""
    points, starts, stops, flags = words.points, words.starts, words.stops, words.flags
    size = np.float32(0)
    capitals = numbers = spaced = functions = cues = 0
    dated = False
    for word in range(first, last):
        flag = flags[word]
        size += _size(words, word)
        spaced += flag & ALONE == 0
        capitals += flag & CAPITAL != 0
        on = _listed(slots, lists, words.hashes[word])
        functions += on & _FUNCTION_WORD != 0
        cues += on & _CUE != 0
        dated |= on & _MONTH != 0
        if flag & NUMBER:
            numbers += 1
            if word > first and flags[word - 1] & NUMBER and starts[word] - stops[word - 1] == 1:
                between = points[stops[word - 1]]
                dated |= between == 58 or between == 47 or between == 45 or between == 46
    count = np.float32(last - first)
    row[SIZE] = size
    row[CAPITALS] = np.float32(capitals) / count
    row[NUMBERS] = np.float32(numbers) / count
    row[FUNCTION] = np.float32(functions) / count
    row[CUED] = np.float32(cues) / count
    row[SPACED] = np.float32(spaced) / count
    row[DATED] = dated and numbers > 0 and size <= 12
    begin, capital = points[starts[first]], flags[first] & (CAPITAL | ALONE)
    row[NUMBERED] = 48 <= begin <= 57
    row[LOWER] = not capital and row[NUMBERED] == 0 and row[SPACED] > 0.5


@njit(cache=True, nogil=True)
def _punctuate(points, start, stop, punctuation, row):  # type: ignore[no-untyped-def]
    """Fill the columns that marks decide, from one walk over the characters of a line."""
    pending = False  # a sentence end was seen and only closers since
    apart = False  # ... and white space
    gap = marks = characters = separators = addresses = brackets = inner = commas = 0
    rights = False
    before = last = np.uint32(0)
    i = start
    while i < stop:
        point = points[i]
        bits = punctuation[point] if point < 0x10000 else np.uint16(0)
        i += 1
        if bits & _BLANK:
            gap += 4 if point == 9 else 1
            apart = pending
            continue
        if gap > 1 and characters > 0:
            separators += 1
        gap = 0
        characters += 1
        before, last = last, point
        if characters == 1:
            row[QUOTED] = bits & _QUOTE != 0
            row[BULLETED] = bits & _SEPARATOR != 0 or (0x2000 < point < 0x2C00 and not bits & _QUOTE)
        if bits == 0:
            inner += pending and (apart or point >= 0x3000)
            pending = apart = False
            while i < stop:  # most characters are letters after letters
                point = points[i]
                if point < 0x10000 and punctuation[point] != 0:
                    break
                before, last = last, point
                characters += 1
                i += 1
            continue
        if point == 46:
            addresses += i < stop and points[i] > 57 and i - 1 > start and points[i - 2] > 57
        elif point == 58:
            addresses += i < stop and points[i] == 47
        elif bits & _RARE:
            addresses += point == 64
            rights |= point == 0xA9
            marks += 0x2000 < point < 0x2C00 and not bits & _PLAIN
        brackets += bits & _BRACKET != 0
        if bits & _END:
            pending = True
        elif not bits & _CLOSER:
            inner += pending and (apart or point >= 0x3000)
            pending = apart = False
        commas += bits & _COMMA != 0
        separators += bits & _SEPARATOR != 0
    row[CHARACTERS] = characters
    row[SEPARATORS] = separators
    row[ADDRESSES] = addresses
    row[COPYRIGHT] = rights
    row[BRACKETS] = brackets
    row[INNER] = inner
    row[COMMAS] = commas
    row[ENDS] = pending
    row[COLON] = last == 58 or last == 0xFF1A
    row[ELLIPSIS] = last == 0x2026 or (last == 46 and before == 46)
    row[QUESTION] = last == 63 or last == 0xFF1F or last == 0x61F
    if characters > 0:
        row[MARKS] = np.float32(marks / characters)
