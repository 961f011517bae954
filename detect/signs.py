"""Lines to what they may hold: the first look at dates and bylines, which spares nearly all the searches for them.

In: code points. Out: a sum of signs for each line. A sign that is not there rules out what cannot be without it; one
that is there only says that a search is worth its time. All is told from the numbers and the words of a line, and from
what stands between them.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detect.loops import njit
from detect.wordlists import (
    AGO,
    AUTHOR,
    BY,
    MONTH_NAMES,
    MORE_MONTH_NAMES,
    PUBLISHED,
    SINCE,
    TODAY,
    UPDATED,
    WRITTEN_BY,
)
from detect.words import LINE_BREAKS, points_of

# A number of four digits; numbers with one mark between and after them, the same with a year first; numbers with a sign
# such as 年; "tháng"; a month after a number, and before one; "2 hours ago"; "vor 2 Stunden"; "Today, 12:30".
YEAR, JOINED, DATED, UNSPACED, THANG, NAMED, NAMING, AGES, SPANS, TODAYS = (1 << bit for bit in range(10))
# Words that bylines begin with, where a byline can begin; words that say what a date is.
OPENED, CUED = 1 << 10, 1 << 11
# A number of any length: beside one of them dates may be in words.
NUMBER: Final = 1 << 12
DAYS: Final = JOINED | DATED | UNSPACED | NAMED | NAMING
DATES: Final = DAYS | THANG | AGES | SPANS | TODAYS
ALL: Final = YEAR | NUMBER | DATES | OPENED | CUED

# What a code point is: the class in three bits, then what else it is, then what it compares as. Marks without width go
# _THROUGH a word; a _MARK ends one, and may yet stand in the name of a month.
_OTHER, _LETTER, _DIGIT, _BLANK, _BREAK, _THROUGH, _MARK = range(7)
_KIND: Final = 7
# A letter with an accent; one that may be several letters of a month; one of a script without spaces; then _SIGNS.
_ACCENT, _ODD, _EAST, _BEFORE, _PEN, _DATE_UNIT, _TIME_UNIT, _HOUR, _TODAY_SIGN = (1 << bit for bit in range(3, 12))
_FOLD: Final = 12
_UNITS: Final = _BEFORE | _DATE_UNIT | _TIME_UNIT | _HOUR
# Above the ideographs of planes 2 and 3 there are only marks.
_FOLDED, _LISTED = 0x20000, 0x40000
_SIGNS: Final = (
    ("前전", _BEFORE),
    ("者자筆文", _PEN),
    ("年년月월", _DATE_UNIT),
    ("分小時时天日號号시분일", _TIME_UNIT),
    ("時时시点點", _HOUR),
    ("今昨오어", _TODAY_SIGN),
)
UNSPACED_RANGES: Final = (
    (0xE00, 0xEFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x3040, 0x30FF),
    (0x3400, 0x9FFF),
)
# Letters that patterns without case take for "i", and that do not fold to it without an accent.
_DOTTED: Final = "ıİ"

# The lists that a word may be on, and the size of their table.
_MONTH, _THANG, _AGO, _SINCE, _SINCE_HEAD, _SINCE_TAIL, _H, _CUE, _BY, _CALLING, _FIRST, _SECOND, _TODAY = (
    1 << bit for bit in range(13)
)
_LIST_BITS: Final = 12
# More that a word may be: a number, one of four digits, one that begins a line or a part of it, one like "an".
_FIGURE, _FOUR, _APART, _LIKE_AN = (1 << bit for bit in range(13, 17))
# Columns of the table of the last words and numbers, and how far off what is not there is.
_STOP, _ON = range(2)
_CIRCLE: Final = (4, 2)
_FAR: Final = 99
# Signs that become others once the whole line is seen: a time of day, a number with 分 or its like, 前, words that
# begin bylines after a date or an address, and an address.
_CLOCK, _AGO_UNIT, _AGO_SIGN, _LOOSE, _LOOSE_TOO = (1 << bit for bit in range(16, 21))
_HYPHEN, _DOT, _SLASH, _COLON, _AT, _A, _E, _M, _P, _U = map(ord, "-./:@aempu")
# What leads from a calling to a name in scripts without spaces.
_LEADING: Final = tuple(map(ord, ":：/／╱＝=・丨"))
# What tells the hash of a word with accents from that of the same without; odd, and as good as any number of 64 bits.
_ACCENTED: Final = 0x9E3779B97F4A7C15
# Code points between a day and its month ("3 rd of May"), and between a number and what says that it is ago.
_TO_MONTH, _TO_AGO = 12, 16


def signs(text: str) -> int:
    """The signs in a text, taken for one line."""
    points = points_of(text)
    # Not new_circle(): what loops of other files call may have come from the disk with them, and gives Python no array.
    return int(line_signs(points, 0, len(points), False, *tables(), np.empty(_CIRCLE, np.int64)))


@njit(cache=True, nogil=True)
def new_circle():  # type: ignore[no-untyped-def]
    """Room for the words and numbers that `line_signs` remembers."""
    return np.empty(_CIRCLE, np.int64)


Tables = tuple[NDArray[np.uint32], NDArray[np.uint64], NDArray[np.uint16]]


@functools.cache
def tables() -> Tables:
    """What `line_signs` looks up: code points, and words as an open-addressing table of hashes and their lists."""
    points = _points()
    slots, lists = np.zeros(1 << _LIST_BITS, np.uint64), np.zeros(1 << _LIST_BITS, np.uint16)
    for word, bit in _listed_words():
        value = _hash_of(word, points, plain=bit == _MONTH, head=bit == _TODAY)
        at = value >> (64 - _LIST_BITS)
        while slots[at] and slots[at] != value:
            at = (at + 1) % len(slots)
        slots[at] = value
        lists[at] |= bit
    return points, slots, lists


# Code points


@functools.lru_cache(4096)
def folded(word: str) -> str:
    """A word without case and accents, as names of months and days are compared."""
    if word.isascii():
        return word.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if unicodedata.category(c) != "Mn")


@functools.cache
def month_beginnings() -> frozenset[str]:
    """The names of months and their beginnings of three letters and more, folded."""
    names = {folded(word) for word in (MONTH_NAMES + MORE_MONTH_NAMES).split()}
    return frozenset(name[:length] for name in names for length in range(min(3, len(name)), len(name) + 1))


def _points() -> NDArray[np.uint32]:
    """What each code point is; the last entry stands for all that are not listed."""
    letters = frozenset("".join(month_beginnings()))
    table = np.zeros(_LISTED + 1, np.uint32)
    table[:_FOLDED] = [_entry(chr(point), letters) for point in range(_FOLDED)]
    table[_FOLDED:_LISTED] = [_LETTER if chr(point).isalnum() else _OTHER for point in range(_FOLDED, _LISTED)]
    table[_LISTED] = _THROUGH
    for characters, bit in _SIGNS:
        table[[ord(character) for character in characters]] |= bit
    for first, last in UNSPACED_RANGES:
        table[first : last + 1] |= _EAST
    return table


def _entry(character: str, letters: frozenset[str]) -> int:
    if unicodedata.category(character) in ("Cn", "Co", "Cs"):
        return _OTHER
    if character.isspace():
        return _BREAK if ord(character) in LINE_BREAKS else _BLANK
    if character.isdecimal():
        return _DIGIT
    fold = "i" if character in _DOTTED else folded.__wrapped__(character)
    if not character.isalnum():
        return _THROUGH if not fold else _MARK if letters.issuperset(fold) else _OTHER
    if len(fold) != 1:
        return _LETTER | _ODD * letters.issuperset(fold) | ord(character) << _FOLD
    accented = character not in _DOTTED and fold != character.casefold()
    return _LETTER | _ACCENT * accented | ord(fold) << _FOLD


# Words


def _listed_words() -> list[tuple[str, int]]:
    """The words that are looked for, each with its list."""
    written, authors = (
        [phrase.split() for phrase in words.replace("(s)", "").split("|")] for words in (WRITTEN_BY, AUTHOR)
    )
    since = [phrase.split() for phrase in SINCE.split("|")]
    lists: list[tuple[int, list[str]]] = [
        (_MONTH, sorted(month_beginnings())),
        (_THANG, ["tháng"]),
        (_AGO, AGO.split("|")),
        (_SINCE, [words[0] for words in since if len(words) == 1]),
        (_SINCE_HEAD, [words[-2] for words in since if len(words) > 1]),
        (_SINCE_TAIL, [words[-1] for words in since if len(words) > 1]),
        (_H, ["h"]),
        (_CUE, [*PUBLISHED.split(), *UPDATED.split()]),
        (_BY, BY.split("|") + [words[0] for words in written if len(words) == 1]),
        (_CALLING, [words[0] for words in authors if len(words) == 1]),
        (_FIRST, [words[0] for words in written + authors if len(words) > 1]),
        (_SECOND, [words[1] for words in written + authors if len(words) > 1]),
        (_TODAY, TODAY.split()),
    ]
    return [(word, bit) for bit, words in lists for word in words]


def _hash_of(word: str, table: NDArray[np.uint32], *, plain: bool, head: bool) -> int:
    """The hash of a word, with its accents unless it is `plain`; of its first three letters alone for its `head`."""
    points = points_of(word)
    _, value, beginning, seen = _word(points, 0, len(points), table)
    if head:
        return int(beginning)
    return int(value) ^ (_ACCENTED if seen & _ACCENT and not plain else 0)


@njit(cache=True, nogil=True, inline="always")
def _what(table, point):  # type: ignore[no-untyped-def]
    return table[min(point, np.uint32(_LISTED))]


@njit(cache=True, nogil=True, inline="always")
def is_alphanumeric(point, table):  # type: ignore[no-untyped-def]
    """Whether a code point is a letter or a digit of some kind."""
    kind = _what(table, point) & np.uint32(_KIND)
    return kind == _LETTER or kind == _DIGIT


@njit(cache=True, nogil=True, inline="always")
def line_end(points, at, stop, table):  # type: ignore[no-untyped-def]
    """Where the line that begins at `at` ends, at a line break or at `stop`, and whether it is a plain one.

    Without a number and an address, a plain line can hold nothing but a byline at one of its beginnings.
    """
    plain = True
    while at < stop:
        entry = _what(table, points[at])
        kind = entry & np.uint32(_KIND)
        if kind == _BREAK:
            break
        plain &= kind != _DIGIT and points[at] != _AT and not entry & np.uint32(_PEN)
        at += 1
    return at, plain


@njit(cache=True, nogil=True, inline="always")
def stripped(points, start, stop, table):  # type: ignore[no-untyped-def]
    """[start, stop) without white space at its ends."""
    while start < stop and _is_blank(table, points[start]):
        start += 1
    while stop > start and _is_blank(table, points[stop - 1]):
        stop -= 1
    return start, stop


@njit(cache=True, nogil=True, inline="always")
def _spread(value):  # type: ignore[no-untyped-def]
    """A hash of which the first bits depend on all letters."""
    return (value ^ (value >> np.uint64(32))) * np.uint64(_ACCENTED)


@njit(cache=True, nogil=True)
def _word(points, at, stop, table):  # type: ignore[no-untyped-def]
    """Of the word that begins at `at`: its end, its hash, that of its first three letters, and what its letters are.

    Marks without width are in a word, but not in its hash. What ends a date in a script without spaces ends a word
    before another script.
    """
    offset, prime = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
    value = head = offset
    count = 0
    seen = last = np.uint32(0)
    while at < stop:
        entry = _what(table, points[at])
        kind = entry & np.uint32(_KIND)
        if last & np.uint32(_UNITS) and not entry & np.uint32(_EAST | _UNITS):
            break
        last = entry
        if kind == _LETTER:
            value = (value ^ np.uint64(entry >> np.uint32(_FOLD))) * prime
            seen |= entry
            count += 1
            if count == 3:
                head = value
        elif kind == _THROUGH or kind == _MARK:
            seen |= np.uint32(_ODD)
        if kind != _LETTER and kind != _THROUGH:
            break
        at += 1
    return at, _spread(value), _spread(head if count > 2 else value), seen


@njit(cache=True, nogil=True, inline="always")
def _lists_of(slots, lists, value):  # type: ignore[no-untyped-def]
    at = value >> np.uint64(64 - _LIST_BITS)
    while slots[at] != 0:
        if slots[at] == value:
            return np.int64(lists[at])
        at = (at + np.uint64(1)) & np.uint64(len(slots) - 1)
    return np.int64(0)


@njit(cache=True, nogil=True)
def line_signs(points, start, stop, plain, table, slots, lists, recent):  # type: ignore[no-untyped-def]
    """The signs of a line, [start, stop) of `points`. `recent` is for the last words and numbers, in a circle.

    Of a `plain` line only whether it may hold a byline.
    """
    signs = 0
    recent[:, _STOP] = start - _FAR
    recent[:, _ON] = 0
    count = 0
    i = start
    while i < stop:
        kind = _what(table, points[i]) & np.uint32(_KIND)
        if kind == _DIGIT:
            signs |= _number_signs(points, i, stop, table, recent, count)
        elif kind == _LETTER or kind == _THROUGH:
            if plain and not _may_open(points, i, start, table, recent, count):
                i = _past_word(points, i, stop, table)
                continue
            signs |= _word_signs(points, i, start, stop, table, slots, lists, recent, count)
        else:
            signs |= _LOOSE_TOO if points[i] == _AT else 0
            i += 1
            continue
        i = recent[count & 3, _STOP]
        count += 1
    if signs & _AGO_UNIT and signs & _AGO_SIGN:
        signs |= UNSPACED
    if signs & _CLOCK and _has_today(points, start, stop, table, slots, lists):
        signs |= TODAYS
    if signs & _LOOSE and (signs & _LOOSE_TOO or (signs & NUMBER and signs & DATES)):
        signs |= OPENED
    return signs & (OPENED if plain else ALL)


@njit(cache=True, nogil=True)
def _has_today(points, start, stop, table, slots, lists):  # type: ignore[no-untyped-def]
    """Whether a word of a line may begin like "today"."""
    at = start
    while at < stop:
        entry = _what(table, points[at])
        kind = entry & np.uint32(_KIND)
        if kind != _LETTER and kind != _THROUGH:
            at += 1
            continue
        after_mark = at > start and _what(table, points[at - 1]) & np.uint32(_KIND) == _MARK
        at, _, head, seen = _word(points, at, stop, table)
        if after_mark or seen & np.uint32(_ODD) or entry & np.uint32(_TODAY_SIGN):
            return True
        if _lists_of(slots, lists, head) & _TODAY:
            return True
    return False


@njit(cache=True, nogil=True, inline="always")
def _may_open(points, at, line, table, recent, count):  # type: ignore[no-untyped-def]
    """Whether a word at `at` may be the first of what a byline begins with, or the second."""
    last = (count - 1) & 3
    return _is_apart(points, at, line, table) or (recent[last, _ON] & _FIRST and at - recent[last, _STOP] == 1)


@njit(cache=True, nogil=True, inline="always")
def _past_word(points, at, stop, table):  # type: ignore[no-untyped-def]
    kind = _LETTER
    while at < stop and (kind == _LETTER or kind == _THROUGH):
        at += 1
        kind = _what(table, points[at]) & np.uint32(_KIND) if at < stop else _OTHER
    return at


@njit(cache=True, nogil=True)
def _number_signs(points, start, stop, table, recent, count):  # type: ignore[no-untyped-def]
    """What a number and what stands beside it say; it becomes one of the `recent`, of which `count` were before it."""
    end = start + 1
    while end < stop and _what(table, points[end]) & np.uint32(_KIND) == _DIGIT:
        end += 1
    last, gap, digits = recent[(count - 1) & 3, _ON], start - recent[(count - 1) & 3, _STOP], end - start
    recent[count & 3, _STOP], recent[count & 3, _ON] = end, _FIGURE | (_FOUR if digits == 4 else 0)
    signs = NUMBER | (YEAR if digits == 4 else 0) | _unit_signs(points, end, stop, table)
    if last & _FIGURE and gap <= 3:
        mark = _mark_between(points, start - gap, start, table)
        if digits == 2 and (mark == _DOT or mark == _COLON):
            signs |= _CLOCK
        if digits <= 2 and _HYPHEN <= mark <= _SLASH and _comes(points, end, stop, table, mark):
            signs |= DATED if last & _FOUR else JOINED
    if last & _MONTH and gap <= 3 and digits <= 2:
        signs |= NAMING
    if last & _THANG:
        signs |= THANG
    if last & _SINCE and gap == 1 and digits <= 2:
        signs |= SPANS
    if last & _H and gap <= 1 and recent[(count - 2) & 3, _ON] & _FIGURE:
        signs |= _CLOCK
    return signs


@njit(cache=True, nogil=True)
def _unit_signs(points, at, stop, table):  # type: ignore[no-untyped-def]
    """What stands after a number that ends at `at`, and after one space: 年 and its like, or "pm"."""
    if at < stop and _is_blank(table, points[at]):
        at += 1
    if at == stop:
        return 0
    after = _what(table, points[at])
    signs = UNSPACED if after & np.uint32(_DATE_UNIT) else 0
    signs |= _AGO_UNIT if after & np.uint32(_TIME_UNIT) else 0
    signs |= _CLOCK if after & np.uint32(_HOUR) else 0
    if points[at] | 32 == _A or points[at] | 32 == _P:
        at += 2 if at + 1 < stop and points[at + 1] == _DOT else 1
        signs |= _CLOCK if at < stop and points[at] | 32 == _M else 0
    return signs


@njit(cache=True, nogil=True, inline="always")
def _is_blank(table, point):  # type: ignore[no-untyped-def]
    kind = _what(table, point) & np.uint32(_KIND)
    return kind == _BLANK or kind == _BREAK


@njit(cache=True, nogil=True)
def _mark_between(points, start, stop, table):  # type: ignore[no-untyped-def]
    """The one mark that stands, but for spaces, in [start, stop); 0 where there is none, or more."""
    mark = np.uint32(0)
    for at in range(start, stop):
        if not _is_blank(table, points[at]):
            if mark:
                return np.uint32(0)
            mark = points[at]
    return mark


@njit(cache=True, nogil=True)
def _comes(points, at, stop, table, mark):  # type: ignore[no-untyped-def]
    """Whether a mark comes at `at`, or after one space there."""
    if at < stop and _is_blank(table, points[at]):
        at += 1
    return at < stop and points[at] == mark


@njit(cache=True, nogil=True, inline="always")
def _word_signs(points, start, line, stop, table, slots, lists, recent, count):  # type: ignore[no-untyped-def]
    """The same of a word in a line that begins at `line`."""
    end, value, _, seen = _word(points, start, stop, table)
    on = _lists_of(slots, lists, value)
    if seen & np.uint32(_ACCENT):
        on = (on & _MONTH) | _lists_of(slots, lists, value ^ np.uint64(_ACCENTED))
    if seen & np.uint32(_ODD) or (start > line and _what(table, points[start - 1]) & np.uint32(_KIND) == _MARK):
        on |= _MONTH | _SINCE | _CUE | _LIKE_AN
    letter = _what(table, points[start]) >> np.uint32(_FOLD)
    on |= _LIKE_AN if letter == _A else 0
    last, gap = recent[(count - 1) & 3, _ON], start - recent[(count - 1) & 3, _STOP]
    if on & _SINCE_TAIL and last & _SINCE_HEAD:
        on |= _SINCE
    signs = CUED if on & _CUE or seen & np.uint32(_EAST) else 0
    signs |= _AGO_SIGN if seen & np.uint32(_BEFORE) else 0
    signs |= SPANS if last & _SINCE and gap == 1 and (letter == _U or letter == _E) else 0
    if on & _MONTH and _is_near(recent, count, 3, _FIGURE, start - _TO_MONTH):
        signs |= NAMED
    if on & _AGO and _is_near(recent, count, 3, _FIGURE | _LIKE_AN, start - _TO_AGO):
        signs |= AGES
    if seen & np.uint32(_PEN) and _has_calling(points, line, start, end, stop, table):
        signs |= OPENED
    if on & (_BY | _CALLING | _FIRST):
        on |= _APART if _is_apart(points, start, line, table) else 0
        if on & _BY or (on & _CALLING and _is_announced(points, end, stop, table)):
            signs |= OPENED if on & _APART else _LOOSE
    if on & _SECOND and last & _FIRST and gap == 1:
        signs |= OPENED if last & _APART else _LOOSE
    recent[count & 3, _STOP], recent[count & 3, _ON] = end, on
    return signs


@njit(cache=True, nogil=True)
def _is_near(recent, count, back, kinds, least):  # type: ignore[no-untyped-def]
    """Whether one of the last `back` words and numbers is of some kinds and ends at `least` or after it."""
    near = False
    for at in range(count - back, count):
        near |= recent[at & 3, _ON] & kinds != 0 and recent[at & 3, _STOP] >= least
    return near


@njit(cache=True, nogil=True)
def _is_announced(points, at, stop, table):  # type: ignore[no-untyped-def]
    """Whether what makes a word a calling comes at `at`: a colon, the "(s)" of "Author(s)", or the end of the line."""
    while at < stop and _is_blank(table, points[at]):
        at += 1
    if at == stop:
        return True
    return points[at] == 58 or points[at] == 0xFF1A or points[at] == 61 or points[at] == 0xFF1D or points[at] == 40


@njit(cache=True, nogil=True, inline="always")
def _is_apart(points, at, line, table):  # type: ignore[no-untyped-def]
    """Whether a word at `at` does not go on from another one: between them is more than one space."""
    if at > line and points[at - 1] == 32:
        at -= 1
    if at == line:
        return True
    return not is_alphanumeric(points[at - 1], table)


@njit(cache=True, nogil=True)
def _has_calling(points, line, start, end, stop, table):  # type: ignore[no-untyped-def]
    """Whether a word of a script without spaces holds a calling: 記者, 作者, 撰文, 文/."""
    for at in range(start, end):
        point, before = points[at], points[at - 1] if at > line else np.uint32(0)
        if point == 0x8005:  # 者
            if before == 0x8A18 or before == 0x8BB0 or before == 0x4F5C or before == 0x8457 or before == 0x7B46:
                return True
        elif point == 0xC790:  # 자
            if before == 0xAE30:
                return True
        elif point == 0x7B46:  # 筆
            if before == 0x57F7:
                return True
        elif point == 0x6587 and (before == 0x64B0 or _slash_comes(points, at + 1, stop, table)):  # 文
            return True
    return False


@njit(cache=True, nogil=True)
def _slash_comes(points, at, stop, table):  # type: ignore[no-untyped-def]
    """Whether what leads from a calling to a name comes at `at`, or after one space there."""
    if at < stop and _is_blank(table, points[at]):
        at += 1
    leads = False
    for mark in _LEADING:
        leads |= at < stop and points[at] == mark
    return leads
