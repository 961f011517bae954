"""Two versions of a text to what the later one cut, added or changed, word by word.

Patience diff (Bram Cohen): words that stand once on each side are anchors; as many of them as are in one order on
both sides divide the texts, and what lies between two anchors is divided again. Where no word stands once, the longest
common subsequence decides (Wagner and Fischer, "The string-to-string correction problem", 1974), in a table of bounded
size; where that is too small, runs of words are anchors, and where no run stands once either, it is one change. Then
the result is made readable: small islands go under in the changes around them, and a sentence that was added or cut is
marked from its own first word on.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detect import words
from detect.loops import njit
from detect.records import Span

# Words that both versions have between two changes are part of one change when they are no more than this, and no more
# than each of the two changes has on its longer side: what is read there is one new wording, not three.
_ISLAND: Final = 3
# Words that a cut or an addition may be moved to begin with a sentence or a line.
_SLIDE: Final = 100

# Words of a run that is an anchor.
_RUN: Final = 5
# Cells of a table of common subsequences, of two bytes.
_CELLS: Final = 1_000_000
# How often a stretch is divided by anchors inside anchors: each time reads it once.
_DEPTH: Final = 24

_LINE_ENDS: Final = re.compile(r"[\n\r\v\f\x85\u2028\u2029]")
_SENTENCE_ENDS: Final = re.compile(r"[.!?…।؟]\S{0,3}\s|[。！？]")


class Change(NamedTuple):
    """A stretch of two versions, in code points: `before` of the earlier text, empty where "added"; `after` of the
    later one, empty where "cut"."""

    kind: Literal["same", "added", "cut", "changed"]
    before: Span
    after: Span


class _Stretch(NamedTuple):
    """Words [a, b) of the earlier text against words [c, d) of the later one."""

    same: bool
    a: int
    b: int
    c: int
    d: int

    @property
    def size(self) -> int:
        """Words of the longer side."""
        return max(self.b - self.a, self.d - self.c)


class _Text(NamedTuple):
    """A text and its n words: where they start and stop, and which word each is, numbered as in the other text."""

    text: str
    starts: list[int]
    stops: list[int]
    ids: NDArray[np.int32]

    def edge(self, word: int) -> int:
        """Where the text is cut before a word: after white space, so that a quotation mark goes with its word."""
        if word == 0:
            return 0
        if word == len(self.starts):
            return len(self.text)
        at = self.starts[word]
        while at > self.stops[word - 1] and not self.text[at - 1].isspace():
            at -= 1
        return at if at > self.stops[word - 1] else self.starts[word]

    def begins(self, word: int) -> int:
        """What begins with a word: 2 a line or the text, 1 a sentence, 0 neither."""
        if word == 0 or word == len(self.starts):
            return 2
        gap = self.stops[word - 1], self.starts[word]
        return 2 if _LINE_ENDS.search(self.text, *gap) else 1 if _SENTENCE_ENDS.search(self.text, *gap) else 0


def changes(before: str, after: str) -> tuple[Change, ...]:
    """What became of `before` in `after`, in order; all `before` together are the earlier text, all `after` the later.

    "same" is equal word for word, numbers included, up to case, punctuation and white space. Between two changes
    it is longer than three words, or than one of the changes. Two texts without a character give nothing.
    """
    numbers: dict[str, int] = {}
    earlier, later = _numbered(before, numbers), _numbered(after, numbers)
    if not earlier.starts or not later.starts:
        return _of_no_words(earlier, later)
    match = _matched(earlier.ids, later.ids)
    stretches = _slid(_without_islands(_stretches(match, len(later.ids))), earlier, later)
    return tuple(_change(one, earlier, later) for one in stretches)


def _numbered(text: str, numbers: dict[str, int]) -> _Text:
    """The words of a text; `numbers` gives each word its number and learns those that it does not know."""
    split = words.split(text)
    starts, stops = split.starts.tolist(), split.stops.tolist()
    seen: dict[str, int] = {}
    ids = np.empty(len(starts), np.int32)
    for i, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        word = text[start:stop]
        if word not in seen:
            seen[word] = numbers.setdefault(_plain(word), len(numbers))
        ids[i] = seen[word]
    return _Text(text, starts, stops, ids)


def _plain(word: str) -> str:
    """A word as it is compared: without case and characters that are not seen. The hashes of words.py mask numbers."""
    if word.isascii():
        return word.casefold()
    visible = "".join(character for character in word.casefold() if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFC", visible)


def _of_no_words(earlier: _Text, later: _Text) -> tuple[Change, ...]:
    """The one change where a text has no words."""
    one = Span(0, len(earlier.text)), Span(0, len(later.text))
    if not earlier.text and not later.text:
        return ()
    if not earlier.starts and not later.starts:
        return (Change("same", *one),)
    return (Change("added" if not earlier.text else "cut" if not later.text else "changed", *one),)


def _change(one: _Stretch, earlier: _Text, later: _Text) -> Change:
    before = Span(earlier.edge(one.a), earlier.edge(one.b))
    after = Span(later.edge(one.c), later.edge(one.d))
    if one.same:
        return Change("same", before, after)
    return Change("added" if one.a == one.b else "cut" if one.c == one.d else "changed", before, after)


# Making it readable


def _stretches(match: NDArray[np.int32], later: int) -> list[_Stretch]:
    """What is the same and what is not, in turn. `match` int32 (n): the later word of each earlier one, or -1."""
    kept = np.flatnonzero(match >= 0)
    breaks = np.flatnonzero((np.diff(kept) != 1) | (np.diff(match[kept]) != 1)) + 1
    firsts = np.concatenate(([0], breaks)) if len(kept) else breaks
    lengths = np.diff(np.append(firsts, len(kept)))
    made: list[_Stretch] = []
    a = c = 0
    rows = zip(kept[firsts].tolist(), match[kept[firsts]].tolist(), lengths.tolist(), strict=True)
    for first, beside, length in (*rows, (len(match), later, 0)):
        if first > a or beside > c:
            made.append(_Stretch(False, a, first, c, beside))
        a, c = first + length, beside + length
        if length:
            made.append(_Stretch(True, first, a, beside, c))
    return made


def _without_islands(stretches: list[_Stretch]) -> list[_Stretch]:
    """The same with the small islands part of one change with what is around them."""
    made: list[_Stretch] = []
    for one in stretches:
        made.append(one)
        while not one.same and len(made) > 2 and made[-2].size <= min(_ISLAND, made[-3].size, made[-1].size):
            one = _Stretch(False, made[-3].a, made[-1].b, made[-3].c, made[-1].d)
            made[-3:] = [one]
    return made


def _slid(stretches: list[_Stretch], earlier: _Text, later: _Text) -> list[_Stretch]:
    """The same with what was only added or cut moved to the front, where it then begins with a sentence or a line."""
    made: list[_Stretch] = []
    back = 0
    for one in stretches:
        if one.same:
            one = one._replace(a=one.a - back, c=one.c - back)
            back = 0
        elif made and (one.a == one.b or one.c == one.d):
            room = made[-1].size - (_ISLAND + 1 if len(made) > 1 else 0)
            side, start, stop = (later, one.c, one.d) if one.a == one.b else (earlier, one.a, one.b)
            back = _steps(side, start, stop, min(room, _SLIDE))
            one = _Stretch(False, *(edge - back for edge in one[1:]))
            made[-1] = made[-1]._replace(b=one.a, d=one.c)
            if not made[-1].size:
                made.pop()
        made.append(one)
    if back:
        made.append(_Stretch(True, made[-1].b, made[-1].b + back, made[-1].d, made[-1].d + back))
    return made


def _steps(side: _Text, start: int, stop: int, room: int) -> int:
    """How many words the stretch [start, stop) of one side is best moved to the front, `room` at most."""
    best, steps = side.begins(start) + side.begins(stop), 0
    for back in range(1, room + 1):
        if side.ids[start - back] != side.ids[stop - back]:
            break
        worth = side.begins(start - back) + side.begins(stop - back)
        if worth > best:
            best, steps = worth, back
    return steps


# Finding the words that are the same


def _matched(one: NDArray[np.int32], other: NDArray[np.int32]) -> NDArray[np.int32]:
    """For each word of `one` the place of the same word in `other`, or -1; places rise."""
    match = np.full(len(one), -1, np.int32)
    if not _align(one, other, one[:0], other[:0], match):
        match[:] = -1
        _align(one, other, *_runs(one, other), match)
    return match


def _runs(one: NDArray[np.int32], other: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The run of words that begins at each word of each side, but the last four, as a number of its own."""
    sides = [one.astype(np.int64), other.astype(np.int64)]
    for length in range(1, _RUN):
        longer = [run[:-1] << 32 | side[length:] for run, side in zip(sides, (one, other), strict=True)]
        numbers = np.unique(np.concatenate(longer), return_inverse=True)[1]
        sides = [numbers[: len(longer[0])], numbers[len(longer[0]) :]]
    return sides[0].astype(np.int32), sides[1].astype(np.int32)


@njit(cache=True, nogil=True)
def _align(one, other, runs, other_runs, match):  # type: ignore[no-untyped-def]
    """Fill `match`; False where a stretch was left out because it is too large and nothing divides it."""
    kinds = max(one.max(), other.max()) + 1
    if len(runs) > 0 and len(other_runs) > 0:
        kinds = max(kinds, runs.max() + 1, other_runs.max() + 1)
    counts, place = np.zeros((2, kinds), np.int32), np.empty(kinds, np.int32)
    whole = True
    waiting = [(0, len(one), 0, len(other), 0)]
    while len(waiting) > 0:
        a, b, c, d, depth = waiting.pop()
        a, b, c, d = _trim(one, other, a, b, c, d, match)
        if a == b or c == d:
            continue
        fits = (b - a) * (d - c) <= _CELLS
        anchors = np.empty((0, 2), np.int32)
        if depth < _DEPTH:
            anchors = _anchors(one[a:b], other[c:d], counts, place)
            if len(anchors) == 0 and not fits:
                anchors = _anchors(runs[a : max(a, b - _RUN + 1)], other_runs[c : max(c, d - _RUN + 1)], counts, place)
        if len(anchors) > 0:
            first, second = a, c
            for k in range(len(anchors)):
                i, j = a + anchors[k, 0], c + anchors[k, 1]
                match[i] = j
                waiting.append((first, i, second, j, depth + 1))
                first, second = i + 1, j + 1
            waiting.append((first, b, second, d, depth + 1))
        elif fits:
            _longest(one, other, a, b, c, d, match)
        else:
            whole = False
    return whole


@njit(cache=True, nogil=True)
def _trim(one, other, a, b, c, d, match):  # type: ignore[no-untyped-def]
    """Match what one[a:b] and other[c:d] begin and end with alike; the edges of what is left."""
    while a < b and c < d and one[a] == other[c]:
        match[a] = c
        a, c = a + 1, c + 1
    while a < b and c < d and one[b - 1] == other[d - 1]:
        b, d = b - 1, d - 1
        match[b] = d
    return a, b, c, d


@njit(cache=True, nogil=True)
def _anchors(one, other, counts, place):  # type: ignore[no-untyped-def]
    """Where what stands once in `one` and once in `other` stands in both, as many as are in one order: int32 (n, 2).

    `counts` is zero before and after.
    """
    for i in one:
        counts[0, i] += 1
    for j in range(len(other)):
        counts[1, other[j]] += 1
        place[other[j]] = j
    alone = np.empty((min(len(one), len(other)), 2), np.int32)
    n = 0
    for i in range(len(one)):
        if counts[0, one[i]] == 1 and counts[1, one[i]] == 1:
            alone[n, 0], alone[n, 1] = i, place[one[i]]
            n += 1
    for i in one:
        counts[0, i] = 0
    for j in other:
        counts[1, j] = 0
    return _rising(alone[:n])


@njit(cache=True, nogil=True)
def _rising(pairs):  # type: ignore[no-untyped-def]
    """The most rows whose second number rises (Schensted, 1961); `tops` has the lowest end of a run of each length."""
    n = len(pairs)
    tops, before = np.empty(n, np.int32), np.empty(n, np.int32)
    length = 0
    for k in range(n):
        low, high = 0, length
        while low < high:
            middle = (low + high) // 2
            if pairs[tops[middle], 1] < pairs[k, 1]:
                low = middle + 1
            else:
                high = middle
        before[k] = tops[low - 1] if low > 0 else -1
        tops[low] = k
        length = max(length, low + 1)
    found = np.empty((length, 2), np.int32)
    k = tops[length - 1] if length > 0 else -1
    for row in range(length - 1, -1, -1):
        found[row] = pairs[k]
        k = before[k]
    return found


@njit(cache=True, nogil=True)
def _longest(one, other, a, b, c, d, match):  # type: ignore[no-untyped-def]
    """Match the longest common subsequence of one[a:b] and other[c:d].

    `table` has its length for the last p and the last q words, in two bytes: the shorter side of a million cells is
    1,000 words at most.
    """
    n, m = b - a, d - c
    own, others = one[a:b][::-1].copy(), other[c:d][::-1].copy()
    table = np.zeros((n + 1, m + 1), np.uint16)
    for p in range(n):
        word, above, row, best = own[p], table[p], table[p + 1], np.int64(0)
        for q in range(m):  # no branch: a processor cannot foresee which words are equal
            best = max(best, np.int64(above[q + 1]), np.int64(above[q]) + np.int64(word == others[q]))
            row[q + 1] = best
    p, q = n, m
    while p > 0 and q > 0:
        if own[p - 1] == others[q - 1]:
            match[b - p] = d - q
            p, q = p - 1, q - 1
        elif table[p - 1, q] >= table[p, q - 1]:
            p -= 1
        else:
            q -= 1
