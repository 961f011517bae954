"""Lines to what readers wrote under a page's text: the comments, for those who want to keep them.

A section of comments is opened by a short line that announces it ("12 comments"), or it is told by its rhythm: name,
date, prose, "Reply", again and again. What stands in it and reads like prose is a comment where it keeps the rhythm.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detect import lines
from detect.dates import dates
from detect.recurrence import Recurrence
from detect.settings import DEFAULTS
from detect.wordlists import COMMENT_FORMS, COMMENTS, NOT_COMMENTS, REPLY
from detect.words import ALONE, Words, split

# Words of a line that can announce something, and of one that only offers to reply.
_HEADING_WORDS, _REPLY_WORDS = 8, 6
# Words before or after the phrase that announces: "12 comments on …", "All the comments".
_WORDS_BEFORE, _WORDS_AFTER = 3, 1
# Words of a line that holds a comment's date, and code points of it.
_DATE_WORDS, _DATE_CHARACTERS = 12, 120
# Lines in a row without prose, date or reply after which a section has ended: a forum says less of a member.
_QUIET: Final = 12
# Lines between two comments' replies, at most.
_APART: Final = 60
# Lines that are no prose in the middle of one comment: a link, a quotation.
_INSIDE: Final = 2
# Lines of one section that are looked at, and how many times that may be in vain: a page may be of headings alone.
_LONGEST, _TRIES = 20_000, 20
_PHRASES = {"comments": COMMENTS, "reply": REPLY, "other": NOT_COMMENTS, "form": COMMENT_FORMS}


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """What each of m lines is, bool (m): has a word; reads like prose; ends like a sentence; offers a reply; announces
    comments, or something else; is short enough for a date.
    """

    text: str
    bounds: NDArray[np.int64]
    worded: NDArray[np.bool_]
    prose: NDArray[np.bool_]
    ends: NDArray[np.bool_]
    replies: NDArray[np.bool_]
    headings: NDArray[np.bool_]
    closing: NDArray[np.bool_]
    short: NDArray[np.bool_]
    asked: dict[int, bool] = field(default_factory=dict)

    def dated(self, line: int) -> bool:
        """Whether a short line holds a date, or how long ago something was; looked for when first asked."""
        if line not in self.asked:
            start, stop = int(self.bounds[line]), int(self.bounds[line + 1])
            head = self.text[start : min(stop, start + _DATE_CHARACTERS)]
            self.asked[line] = bool(self.short[line]) and bool(dates(head))
        return self.asked[line]


@dataclass(frozen=True, slots=True)
class _Run:
    """Lines [start, stop) of prose in a row, whether one of them ends a sentence, and what stands between them and the
    prose above: a date, a reply.
    """

    start: int
    stop: int
    ends: bool
    signs: frozenset[str]


def written(
    text: str,
    words: Words,
    shapes: NDArray[np.float32],
    keys: NDArray[np.uint64],
    recurrence: Recurrence,
    odds: NDArray[np.float32],
) -> NDArray[np.bool_]:
    """Which of the m lines of a page readers wrote as comments, bool (m).

    `words` with the m lines of `text`; `shapes` (m, lines.COLUMNS); `keys` uint64 (m) as shingles.line_keys
    gives them; `odds` float32 (m) for boilerplate.
    """
    out = np.zeros(len(shapes), np.bool_)
    if not len(out):
        return out
    page = _read(text, words, shapes, _stands_often(keys) | (recurrence.keys >= DEFAULTS.recurs))
    done, tries = 0, _TRIES
    for start, announced in _starts(page, _body(odds, shapes[:, lines.SIZE])):
        if start < done or not tries:
            continue
        kept = _in_rhythm(_runs(page, start), announced)
        for run in kept:
            out[run.start : run.stop] = page.prose[run.start : run.stop]
        done = kept[-1].stop if kept else done
        tries -= not kept
    return out


def _read(text: str, words: Words, shapes: NDArray[np.float32], often: NDArray[np.bool_]) -> _Lines:
    size, ends = shapes[:, lines.SIZE], shapes[:, lines.ENDS] > 0
    holds = {name: _places(words, name) for name in _PHRASES}
    label = (size <= _HEADING_WORDS) & (~ends | (shapes[:, lines.QUESTION] > 0))
    headings = _lines_of(words, _at_the_edge(words, holds["comments"])) & label
    replies = _lines_of(words, holds["reply"]) & (size <= _REPLY_WORDS) & ~ends & ~headings
    closing = _lines_of(words, _at_the_edge(words, holds["other"])) & label
    furniture = _lines_of(words, holds["form"]) | replies | headings | closing | often
    return _Lines(
        text,
        words.lines,
        size > 0,
        _reads(shapes) & ~furniture,
        ends | (shapes[:, lines.SPACED] < 0.5),  # scripts without spaces may have no mark for it
        replies,
        headings,
        closing | (shapes[:, lines.COPYRIGHT] > 0),
        (size <= _DATE_WORDS) & (size > 0),
    )


def _stands_often(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Lines that the page has three times and more: what stands under every comment is none."""
    _, number, times = np.unique(keys, return_inverse=True, return_counts=True)
    return times[number] > 2


def _reads(shapes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Lines that read like what people write: they end like a sentence, or are held together by small words."""
    size, function = shapes[:, lines.SIZE], shapes[:, lines.FUNCTION]
    loose = (((size >= 6) & (function >= 0.15)) | (size >= 12)) & (shapes[:, lines.CAPITALS] < 0.5)
    sentence = (size >= 2) & ((shapes[:, lines.ENDS] > 0) | loose)
    furniture = (shapes[:, lines.CUED] > 0.34) | (shapes[:, lines.DATED] > 0) | (shapes[:, lines.COPYRIGHT] > 0)
    return sentence & ~furniture & (shapes[:, lines.SEPARATORS] <= 0.2 * size)


# Phrases


@functools.cache
def _phrases(name: str) -> tuple[tuple[int, ...], ...]:
    """The phrases of a list as hashes of their words."""
    found = (split(phrase.strip()).hashes.tolist() for phrase in _PHRASES[name].split("|"))
    return tuple(sorted({tuple(hashes) for hashes in found if hashes}))


def _places(words: Words, name: str) -> NDArray[np.int64]:
    """Where phrases of a list stand, as (first, last) words, int64 (n, 2); never over the end of a line."""
    phrases = _phrases(name)
    begins = np.unique(np.array([phrase[0] for phrase in phrases], np.uint64))
    at = np.minimum(np.searchsorted(begins, words.hashes), len(begins) - 1)
    candidates = np.flatnonzero(begins[at] == words.hashes)
    found = [np.empty((0, 2), np.int64)]
    for phrase in phrases:
        first = candidates[words.hashes[candidates] == np.uint64(phrase[0])]
        for offset, value in enumerate(phrase[1:], 1):
            first = first[first + offset < len(words.hashes)]
            first = first[words.hashes[first + offset] == np.uint64(value)]
        found.append(np.stack((first, first + len(phrase) - 1), axis=1))
    pairs = np.concatenate(found)
    return pairs[_line_of(words, pairs[:, 0]) == _line_of(words, pairs[:, 1])]


def _line_of(words: Words, word: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.searchsorted(words.firsts, word, "right") - 1


def _lines_of(words: Words, pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    out = np.zeros(len(words.lines) - 1, np.bool_)
    out[_line_of(words, pairs[:, 0])] = True
    return out


def _at_the_edge(words: Words, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those phrases that a line begins or ends with, but for a word or two: amid others they announce nothing."""
    line = _line_of(words, pairs[:, 0])
    first, last = pairs[:, 0] - words.firsts[line], words.firsts[line + 1] - 1 - pairs[:, 1]
    alone = words.flags[pairs[:, 0]] & ALONE > 0  # in scripts without spaces, words cannot be counted
    return pairs[(first < _WORDS_BEFORE) | (last <= _WORDS_AFTER) | alone]


# Sections


def _body(odds: NDArray[np.float32], sizes: NDArray[np.float32]) -> tuple[int, int]:
    """The run of lines that holds the most content for the least of the rest: the page's text."""
    worth = sizes * (1 / (1 + np.exp(np.clip(odds.astype(np.float64), -30, 30))) - 0.5)
    sums = np.concatenate(([0.0], np.cumsum(worth)))
    lowest = np.minimum.accumulate(sums)
    stop = int(np.argmax(sums - lowest))
    return int(np.argmin(sums[: stop + 1])), stop


def _starts(page: _Lines, body: tuple[int, int]) -> Iterator[tuple[int, bool]]:
    """Where sections begin, in order, and whether a line announces them."""
    found = [(int(line) + 1, True) for line in np.flatnonzero(page.headings) if line >= body[1]]
    found += [(line, False) for line in _rhythms(page)]
    return iter(sorted(found, key=lambda one: (one[0], not one[1])))


def _rhythms(page: _Lines) -> Iterator[int]:
    """The first line of each section in which replies are offered after one piece of prose and another."""
    replies = np.flatnonzero(page.replies)
    prose = np.concatenate(([0], np.cumsum(page.prose)))
    beats = [int(replies[0])] if len(replies) else []
    for before, reply in itertools.pairwise(replies):
        near = reply - before <= _APART
        if near and prose[reply] > prose[before]:
            beats.append(int(reply))
        elif not near:
            yield from _beginning(page, beats)
            beats = [int(reply)]
    yield from _beginning(page, beats)


def _beginning(page: _Lines, beats: list[int]) -> Iterator[int]:
    """The line after the prose that stands above the first comment; nothing where there are no two beats."""
    if len(beats) < 2:
        return
    m = len(page.prose)
    leads = sum(int(page.prose[min(m - 1, beat + 1)]) - int(page.prose[max(0, beat - 1)]) for beat in beats)
    line = beats[0] - 1
    nearest = max(-1, line - _QUIET)
    while leads <= 0 and line > nearest and not page.prose[line]:
        line -= 1
    while leads <= 0 and line >= 0 and page.prose[line]:
        line -= 1
    nearest = max(-1, line - _QUIET)
    while line > nearest and not (page.prose[line] or page.headings[line] or page.closing[line]):
        line -= 1
    yield line + 1


def _runs(page: _Lines, start: int) -> list[_Run]:
    """The runs of prose of the section that begins at line `start`; the last is of no line, for what follows."""
    runs: list[_Run] = []
    signs: set[str] = set()
    quiet = 0
    line, last = start, min(len(page.prose), start + _LONGEST)
    while line < last and quiet <= _QUIET and not page.closing[line]:
        if page.prose[line]:
            first = line
            while line < last and (page.prose[line] or not page.worded[line]):
                line += 1
            ends = bool(page.ends[first:line].any())
            if runs and not signs and first - runs[-1].stop <= _INSIDE:
                before = runs.pop()
                runs.append(_Run(before.start, line, before.ends or ends, before.signs))
            else:
                runs.append(_Run(first, line, ends, frozenset(signs)))
            signs, quiet = set(), 0
            continue
        found = _signs(page, line)
        signs |= found
        quiet = 0 if found else quiet + int(page.worded[line])
        line += 1
    return [*runs, _Run(line, line, False, frozenset(signs))]


def _signs(page: _Lines, line: int) -> set[str]:
    signs = set()
    if page.replies[line]:
        signs.add("reply")
    if page.dated(line):
        signs.add("date")
    return signs


def _in_rhythm(runs: list[_Run], announced: bool) -> list[_Run]:
    """The runs that have the sign which most of them have, on the side where the first has it: a date, else a reply.

    One comment alone is told only where comments are announced and it has both. Where few end like a sentence, it is
    a list of headlines.
    """
    pairs = list(itertools.pairwise(runs))  # a run's own signs stand above it, those below are the next one's
    for sign in ("date", "reply"):
        above = [run for run, _ in pairs if sign in run.signs]
        below = [run for run, after in pairs if sign in after.signs]
        kept = above if pairs and sign in pairs[0][0].signs else below
        single = announced and len(pairs) == 1 and len(pairs[0][0].signs | pairs[0][1].signs) == 2
        ended = sum(run.ends for run in kept)
        if (len(kept) >= 2 or single) and 2 * len(kept) >= len(pairs) and 2 * ended >= len(kept):
            return kept
    return []
