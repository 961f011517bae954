"""Cuts a line where recurring text begins or ends inside it, so that each piece can be judged for itself.

Most lines stay whole. Cuts fall between words, never inside one or inside a character cluster: after white
space, else after a mark; in scripts without spaces only where a mark stands.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detect.loops import njit
from detect.settings import DEFAULTS
from detect.words import ALONE, CAPITAL, LONE, NUMBER, SEPARATOR, Words, tables

# Words of a line that a window has to hold to speak for them.
_ENOUGH = 3
# Words by which a cut moves inward to the end of a sentence.
_SNAP = 3
_PARTING = np.array(sorted(ord(mark) for mark in "|—…“”«»"), np.uint32)
_OPENERS = np.array(sorted(ord(mark) for mark in "\"'“‘«([{『「《〈¿¡„‚‹"), np.uint32)


def cover(
    window_votes: NDArray[np.int32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    line_firsts: NDArray[np.int64],
) -> NDArray[np.int32]:
    """For each word of m lines, the most votes of any window that holds it, int32.

    A window over a line break speaks for the words beside it only where it holds a whole line, or three words of it:
    "2020 ⏎ The" recurs, and says nothing about what "The" begins.
    """
    out = np.zeros(line_firsts[-1], np.int32)
    _cover(window_votes, firsts, lasts, line_firsts, out)
    return out


def heads(
    window_votes: NDArray[np.int32],
    firsts: NDArray[np.int64],
    lasts: NDArray[np.int64],
    line_firsts: NDArray[np.int64],
    width: int,
) -> NDArray[np.int32]:
    """For each of m lines, the votes of the window of the line break before it and its first width-1 words."""
    out = np.zeros(len(line_firsts) - 1, np.int32)
    _heads(window_votes, firsts, lasts, line_firsts, width, out)
    return out


def cut(words: Words, covered: NDArray[np.int32]) -> Words:
    """The same words with lines cut into pieces; `lines` and `firsts` are then those of the pieces."""
    classes, _, _ = tables()
    starts, stops = words.starts, words.stops
    place = (words.points, classes, _OPENERS, starts, stops)
    limits = (DEFAULTS.inline_votes, DEFAULTS.inline_words, DEFAULTS.inline_rest)
    bounds = np.empty(len(words.lines) + 2 * len(starts), np.int64)
    firsts = np.empty(len(bounds), np.int64)
    count = _cut(place, limits, covered, words.lines, words.firsts, bounds, firsts)
    return _cut_at(words, bounds[: count + 1], firsts[: count + 1])


def sentences(words: Words) -> Words:
    """The same words with lines too long to be a paragraph cut into sentences, and run-on text into short runs.

    Text whose line breaks were lost has pages in one line: its pieces have to be judged one by one.
    """
    classes, _, _ = tables()
    place = (words.points, classes, _OPENERS, words.starts, words.stops)
    limits = (DEFAULTS.long_line, DEFAULTS.long_sentence, DEFAULTS.run)
    bounds = np.empty(len(words.lines) + len(words.starts), np.int64)
    firsts = np.empty(len(bounds), np.int64)
    count = _sentences(place, limits, words.flags, words.lines, words.firsts, bounds, firsts)
    return _cut_at(words, bounds[: count + 1], firsts[: count + 1])


def _cut_at(words: Words, bounds: NDArray[np.int64], firsts: NDArray[np.int64]) -> Words:
    """The same words with these lines; the very same where nothing was cut."""
    return words if len(bounds) == len(words.lines) else words._replace(lines=bounds, firsts=firsts)


@njit(cache=True, nogil=True)
def _sentences(place, limits, flags, lines, firsts, bounds, heads):  # type: ignore[no-untyped-def]
    """Fill the bounds of the pieces and their first words; returns how many pieces there are."""
    long_line, long_sentence, run = limits
    bounds[0] = heads[0] = 0
    count = 0
    for line in range(len(firsts) - 1):
        first, last = firsts[line], firsts[line + 1]
        start = first
        # A character that is a word of its own is about half of one.
        scale = 2 if first < last and flags[(first + last) // 2] & ALONE else 1
        while last - first > scale * long_line and start < last:
            stop = start + 1
            far = start + scale * long_sentence
            while stop < last and stop <= far and not _parts(place, flags, stop):
                stop += 1
            if stop > far:
                stop = _run_end(place, flags, start, last, scale * run)
            if stop < last:
                count += 1
                bounds[count] = _between(place, stop)
                heads[count] = stop
            start = stop
        count += 1
        bounds[count] = lines[line + 1]
        heads[count] = last
    return count


@njit(cache=True, nogil=True)
def _parts(place, flags, word):  # type: ignore[no-untyped-def]
    """Whether a sentence ends before `word` and another begins with it."""
    points, _, _, starts, stops = place
    ended = False
    for i in range(stops[word - 1], starts[word]):
        point = points[i]
        if point == 0x3002 or point == 0xFF01 or point == 0xFF1F or point == 0x964 or point == 0x6D4:
            return _between(place, word) >= 0
        ended = ended or point == 46 or point == 33 or point == 63 or point == 0x2026 or point == 0x61F
    # "U.S. forces", "J. Smith": a letter before the mark is no sentence's last word; a small letter begins none.
    return (
        ended
        and stops[word - 1] - starts[word - 1] > 1
        and (flags[word] & (CAPITAL | NUMBER | ALONE) or points[starts[word]] > 0x58F)
        and _between(place, word) >= 0
    )


@njit(cache=True, nogil=True)
def _run_end(place, flags, start, last, run):  # type: ignore[no-untyped-def]
    """Where a run of words without a sentence's end is cut: before the last capital that follows none, else late."""
    stop = min(last, start + run)
    for word in range(stop if stop < last else stop - 1, start + run // 2, -1):
        if flags[word - 1] & CAPITAL or not flags[word] & CAPITAL:
            continue
        if _between(place, word) >= 0:
            return word
    while stop < last and _between(place, stop) < 0:
        stop += 1
    return stop


@njit(cache=True, nogil=True)
def _cover(votes, firsts, lasts, line_firsts, out):  # type: ignore[no-untyped-def]
    line = 0
    for i in range(len(votes)):
        while line_firsts[line + 1] <= firsts[i]:
            line += 1
        if votes[i] == 0:
            continue
        at, start = line, firsts[i]
        while start < lasts[i]:
            stop = min(lasts[i], line_firsts[at + 1])
            if stop - start >= _ENOUGH or stop - start == line_firsts[at + 1] - line_firsts[at]:
                for word in range(start, stop):
                    out[word] = max(out[word], votes[i])
            start = stop
            at += 1


@njit(cache=True, nogil=True)
def _heads(votes, firsts, lasts, line_firsts, width, out):  # type: ignore[no-untyped-def]
    line = 0
    for i in range(len(votes)):
        while line < len(out) - 1 and line_firsts[line + 1] <= firsts[i]:
            line += 1
        begins = firsts[i] == line_firsts[line] and lasts[i] - firsts[i] == width - 1
        if begins and lasts[i] <= line_firsts[line + 1]:
            out[line] = max(out[line], votes[i])


@njit(cache=True, nogil=True)
def _cut(place, limits, covered, lines, firsts, bounds, heads):  # type: ignore[no-untyped-def]
    """Fill the bounds of the pieces and their first words; returns how many pieces there are."""
    least, length, rest = limits
    bounds[0] = heads[0] = 0
    count = 0
    for line in range(len(firsts) - 1):
        first, last = firsts[line], firsts[line + 1]
        word = first
        while word < last:
            if covered[word] < least:
                word += 1
                continue
            start, stop, word = _run(place, covered, least, word, first, last)
            # A word or two between a run and the line's end, or another run, are no piece of their own.
            if start - heads[count] < _ENOUGH:
                start = heads[count]
            if last - stop < _ENOUGH:
                stop = last
            if stop - start < length or (last - first) - (stop - start) < rest:
                continue
            if start > heads[count]:
                count += 1
                bounds[count] = _between(place, start)
                heads[count] = start
            if stop < last:
                count += 1
                bounds[count] = _between(place, stop)
                heads[count] = stop
        count += 1
        bounds[count] = lines[line + 1]
        heads[count] = last
    return count


@njit(cache=True, nogil=True)
def _run(place, covered, least, start, first, last):  # type: ignore[no-untyped-def]
    """The recurring run that begins at word `start`, drawn in to where it may be cut, and where to look on."""
    stop, top = start, 0
    while stop < last and covered[stop] >= least:
        top = max(top, covered[stop])
        stop += 1
    after = stop
    # A word that stands there by chance on a few pages is not part of what stands there on most.
    while start < stop and (covered[start] * 4 < top or (start > first and _between(place, start) < 0)):
        start += 1
    while stop > start and (covered[stop - 1] * 4 < top or (stop < last and _between(place, stop) < 0)):
        stop -= 1
    # "... with a friend! The" recurs where many go on with "The": the sentence ends before.
    for nearer in range(min(_SNAP, stop - start)):
        if stop < last and _ends_sentence(place, stop - nearer):
            stop -= nearer
            break
    for nearer in range(min(_SNAP, stop - start)):
        if start > first and _ends_sentence(place, start + nearer):
            start += nearer
            break
    return start, stop, after


@njit(cache=True, nogil=True)
def _ends_sentence(place, word):  # type: ignore[no-untyped-def]
    """Whether a sentence ends right before `word`, where there is also a place to cut."""
    points, _, _, starts, stops = place
    for i in range(stops[word - 1], starts[word]):
        if points[i] == 46 or points[i] == 33 or points[i] == 63 or points[i] == 0x3002:
            return _between(place, word) >= 0
    return False


@njit(cache=True, nogil=True)
def _between(place, word):  # type: ignore[no-untyped-def]
    """Where to cut before `word`: after the last white space, else where its marks begin; -1 if in neither place."""
    points, classes, openers, starts, stops = place
    start, stop = starts[word], stops[word - 1]
    for at in range(start, stop, -1):
        point = points[at - 1]
        blank = point == 32 or point == 9 or point == 0xA0 or point == 0x3000
        if blank and (at == start or classes[points[at]] == SEPARATOR):
            return at
    if start == stop or classes[points[start - 1]] != SEPARATOR:
        return -1
    # "don't", "example.com", "e-mail" and "3.14" are one word to people: without white space a cut wants a mark that
    # stands between words only, or a script that writes no spaces.
    parts = classes[points[start]] == LONE or classes[points[starts[word - 1]]] == LONE
    for i in range(stop, start):
        parts = parts or _PARTING[min(np.searchsorted(_PARTING, points[i]), len(_PARTING) - 1)] == points[i]
    if not parts:
        return -1
    at = start
    while at > stop and openers[min(np.searchsorted(openers, points[at - 1]), len(openers) - 1)] == points[at - 1]:
        at -= 1
    return at
