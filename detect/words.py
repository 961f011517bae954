"""Text to words: comparable 64-bit hashes, each with the way back to its characters, and the page's lines.

A word is a run of letters, digits and their marks; in scripts written without spaces (Han, Kana, Thai, Lao,
Khmer, Myanmar) every character is a word. Hashes fold case, width, and Latin, Greek and Cyrillic accents, and
mask numbers: every run of digits reads as one 0, so that dates, times and counters recur.

Hash: FNV-1a over folded code points, finished with the mixer of splitmix64 (Steele, Lea, Flood 2014).
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detect.loops import njit

SEPARATOR, LETTER, DIGIT, LONE, EXTEND, BREAK = range(6)
CAPITAL, NUMBER, ALONE = 1, 2, 4

# Planes 0 and 1 are looked up one by one; above them only ideographs (planes 2, 3) and selectors (14) are assigned.
_LISTED = 0x20000
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),
    (0x3040, 0x30FF),  # Kana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),  # Han
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9D),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)
# Letters by category, but part of the character before them (Unicode Standard Annex 29, SpacingMark).
_ATTACHED = (0x0E33, 0x0EB3, 0xFF9E, 0xFF9F)
# Format characters that begin a character cluster (Annex 29, Prepend): a cut before the digit would split it.
_PREPENDED = (*range(0x0600, 0x0606), 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD)
# The bits of the table that the kernel reads: class, capital, and from where on what a character folds to stands.
_KIND, _CAPITAL, _FOLD = 7, 8, 4
_PLAIN = re.compile("[0-9A-Za-z]")  # surely a word, or part of one
LINE_BREAKS = (0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029)


class Words(NamedTuple):
    """The n words and m lines of one text; offsets are code points.

    `hashes` uint64 (n); `starts`, `stops` int64 (n); `flags` uint8 (n, sum of CAPITAL, NUMBER, ALONE);
    `lines` int64 (m+1): line i is [lines[i], lines[i+1]) with its line break and blank lines after it;
    `firsts` int64 (m+1): words of line i are [firsts[i], firsts[i+1]); `points` uint32: the code points.
    """

    hashes: NDArray[np.uint64]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    flags: NDArray[np.uint8]
    lines: NDArray[np.int64]
    firsts: NDArray[np.int64]
    points: NDArray[np.uint32]


def split(text: str) -> Words:
    """The words and lines of `text`. Lone surrogates are separators, never an error."""
    points = points_of(text)
    n = len(points)
    hashes = np.empty(n, np.uint64)
    starts = np.empty(n, np.int64)
    stops = np.empty(n, np.int64)
    flags = np.empty(n, np.uint8)
    lines = np.empty(n + 2, np.int64)
    firsts = np.empty(n + 2, np.int64)
    words, count = fill(points, joint_table(), hashes, starts, stops, flags, lines, firsts)
    return Words(
        hashes[:words],
        starts[:words],
        stops[:words],
        flags[:words],
        lines[: count + 1],
        firsts[: count + 1],
        points,
    )


def points_of(text: str) -> NDArray[np.uint32]:
    """The code points of `text`."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def any_in(text: str) -> bool:
    """Whether `text` has a word."""
    return _PLAIN.search(text) is not None or len(split(text).hashes) > 0


def is_new() -> bool:
    """Whether the engine's inner loops are yet to be compiled: nobody used it on this machine before."""
    split("")
    return bool(fill.stats.cache_misses)


def word_hash(word: str) -> int:
    """The hash of one word as `split` makes it. Raises ValueError where `word` is not exactly one word."""
    words = split(word)
    if len(words.hashes) != 1:
        raise ValueError(f"{word!r} is {len(words.hashes)} words, not one")
    return int(words.hashes[0])


@functools.cache
def tables() -> tuple[NDArray[np.uint8], NDArray[np.uint32], NDArray[np.bool_]]:
    """For every code point: its class, what it folds to (0: nothing), and whether it is a capital."""
    characters = [chr(point) for point in range(_LISTED)]
    categories = np.array([unicodedata.category(character) for character in characters])
    classes = np.zeros(0x110000, np.uint8)
    listed = classes[:_LISTED]
    listed[np.isin(categories, ("Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "No"))] = LETTER
    listed[categories == "Nd"] = DIGIT
    for first, last in _UNSPACED:
        block = classes[first : last + 1]
        block[(block == LETTER) | (first >= _LISTED)] = LONE
    listed[np.isin(categories, ("Mn", "Mc", "Me", "Cf"))] = EXTEND
    listed[0x1F3FB:0x1F400] = EXTEND  # emoji skin tones
    classes[0xE0000:0xE1000] = EXTEND
    classes[list(_ATTACHED)] = EXTEND
    classes[list(_PREPENDED)] = LETTER
    classes[list(LINE_BREAKS)] = BREAK
    folds = np.arange(0x110000, dtype=np.uint32)
    folds[:_LISTED] = [_fold(character) for character in characters]
    silent = (categories == "Cf") | (categories == "Me") | np.isin(np.arange(_LISTED), np.arange(0x300, 0x370))
    folds[:_LISTED][silent & (listed == EXTEND)] = 0
    folds[list(_PREPENDED)] = 0
    folds[0xE0000:0xE1000] = 0
    capitals = np.zeros(0x110000, np.bool_)
    capitals[:_LISTED] = np.isin(categories, ("Lu", "Lt"))
    return classes, folds, capitals


@functools.cache
def joint_table() -> NDArray[np.uint32]:
    """The same of a code point in one number: its class, whether it is a capital, what it folds to."""
    classes, folds, capitals = tables()
    return classes | capitals * np.uint32(_CAPITAL) | folds << np.uint32(_FOLD)


def _fold(character: str) -> int:
    """What one character compares as: without case and width; base letter in Latin, Greek and Cyrillic."""
    folded = character.casefold()
    wide = unicodedata.normalize("NFKC", folded if len(folded) == 1 else character)
    if len(wide) != 1:
        return ord(character)
    parts = unicodedata.normalize("NFD", wide.casefold() if len(wide.casefold()) == 1 else wide)
    accented = len(parts) > 1 and all("\u0300" <= part <= "\u036f" for part in parts[1:])
    return ord(parts[0]) if accented or len(parts) == 1 else ord(wide)


@njit(cache=True, nogil=True)
def mix(value: np.uint64) -> np.uint64:
    """Finalizer of splitmix64: every input bit reaches every output bit."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit(cache=True, nogil=True)
def fill(points, table, hashes, starts, stops, flags, lines, firsts):  # type: ignore[no-untyped-def]
    """Fill the arrays of `Words`; returns how many words and lines there are."""
    offset, prime = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
    n = len(points)
    words = 0
    count = 0
    lines[0] = 0
    firsts[0] = 0
    after_break = 0  # where the next line begins, once something visible follows the line break
    inside = False
    value = offset
    flag = np.uint8(0)
    previous = np.uint32(SEPARATOR)
    i = 0
    while i < n:
        entry = table[points[i]]
        kind = entry & np.uint32(_KIND)
        if kind == BREAK:
            after_break = i + 1
        elif after_break > 0 and not _blank(points[i]):
            count += 1
            lines[count] = after_break
            firsts[count] = words + (1 if inside else 0)
            after_break = 0
        i += 1
        if kind == EXTEND:
            if inside and entry >> np.uint32(_FOLD):
                value = (value ^ np.uint64(entry >> np.uint32(_FOLD))) * prime
            continue
        joins = kind == LETTER or kind == DIGIT
        if inside and not (joins and previous != LONE):
            hashes[words] = mix(value)
            stops[words] = i - 1
            flags[words] = flag
            words += 1
            inside = False
        previous = kind
        if not joins and kind != LONE:
            continue
        if not inside:
            inside = True
            value = offset
            starts[words] = i - 1
            flag = np.uint8(CAPITAL if entry & np.uint32(_CAPITAL) else 0)
            if kind == DIGIT:
                flag |= np.uint8(NUMBER)
            elif kind == LONE:
                flag |= np.uint8(ALONE)
        if kind == DIGIT:
            value = (value ^ np.uint64(48)) * prime
            while i < n and table[points[i]] & np.uint32(_KIND) == DIGIT:  # a run of digits reads as one 0
                i += 1
            continue
        if entry >> np.uint32(_FOLD):
            value = (value ^ np.uint64(entry >> np.uint32(_FOLD))) * prime
        if kind == LETTER:
            flag &= ~np.uint8(NUMBER)
            while i < n:  # most characters are letters after letters
                entry = table[points[i]]
                if entry & np.uint32(_KIND) != LETTER:
                    break
                if entry >> np.uint32(_FOLD):
                    value = (value ^ np.uint64(entry >> np.uint32(_FOLD))) * prime
                i += 1
    if inside:
        hashes[words] = mix(value)
        stops[words] = n
        flags[words] = flag
        words += 1
    if n > 0:
        count += 1
        lines[count] = n
        firsts[count] = words
    return words, count


@njit(cache=True, nogil=True)
def _blank(point: int) -> bool:
    return point == 32 or point == 9 or point == 0xA0 or point == 0x3000 or point == 0xFEFF or 0x2000 <= point <= 0x200B


@njit(cache=True, nogil=True)
def numbered(hashes):  # type: ignore[no-untyped-def]
    """A small number for each word or line by its hash or key, the same for equal ones; how many numbers there are."""
    size = 16
    while size < 2 * len(hashes):
        size *= 2
    mask = np.uint64(size - 1)
    slots = np.full(size, -1, np.int32)
    ids = np.empty(len(hashes), np.int32)
    heads = np.empty(len(hashes), np.int64)
    count = 0
    for word in range(len(hashes)):
        at = hashes[word] & mask
        while slots[at] >= 0 and hashes[heads[slots[at]]] != hashes[word]:
            at = (at + np.uint64(1)) & mask
        if slots[at] < 0:
            slots[at] = count
            heads[count] = word
            count += 1
        ids[word] = slots[at]
    return ids, count
