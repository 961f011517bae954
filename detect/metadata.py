"""Labels to metadata: the spans of a page's headline, of the date it came out, and of its byline.

Date and byline lines are boilerplate that people want to keep. They are looked for in a few lines around the headline
and around the text, so that a page of any length costs the same.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Container, Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detect import bylines
from detect.dates import FULL, Dated, dates, folded
from detect.glance import Phrases, glance, has_letters, is_far
from detect.records import KINDS, Labels, Metadata, Page, Span
from detect.wordlists import DAY_NAMES, PUBLISHED, UPDATED

_CONTENT, _TITLE = KINDS.index("content"), KINDS.index("title")

# Code points from which a label of content is text, not a stray line above it.
_TEXT: Final = 60
# Labels that are looked at: below the headline as far as the text may be, some lines into the text, above, and after.
_BELOW, _INTO, _ABOVE, _AFTER = 40, 8, 12, 8
# Code points of the head and the tail of a line that is longer than both, and of the head of a paragraph.
_PART, _HEAD = 300, 120
# Words that may stand beside a date in a line that is there for the date; beside a sentence's end it is prose sooner.
_WORDS_BESIDE, _WORDS_IN_CONTENT, _WORDS_IN_SENTENCE = 8, 4, 3

_LINE_BREAKS = re.compile(r"[\n\v\f\r\x85\u2028\u2029]+")
_SEPARATOR = re.compile(r"[|•·●▪»›<>—–\t]|\s{2,}|\s[-/]\s|\s[\w.-]{1,64}@\S*")
_OPEN_LEFT = re.compile(r"(?:^|[|•·●▪»›<>—–/\t]|\s-|\s{2})[\s:,]*$")
_OPEN_RIGHT = re.compile(r"^[\s.,]*(?:$|[|•·●▪«‹<>—–/\t(]|-\s)|^\s{2}")
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’»)]?\s*$")


class _Part(NamedTuple):
    """A line, or as much of it as is looked at, with its dates; `text` has no space around it, `named` says whether
    it may hold a byline.
    """

    start: int
    text: str
    content: bool
    dates: list[Dated]
    named: bool


# How good a date is, the lowest first; and where the best of several stands.
_Rank = tuple[bool, int, int, int]
_Best = tuple[_Rank, Span]


def describe(page: Page, labels: Labels) -> Metadata:
    """The headline, date and byline of `page`, each None where there is none to be found; never raises.

    `title` is what `labels` call so. `date` is a date or time near the headline, never one inside prose: one that
    says it is when the page came out before one that says it is of a change, a full date before "2 hours ago".
    `byline` is the line, or the part of a line, that names who wrote the page, with its "By" and without a date.
    """
    titles = np.flatnonzero(labels.kinds == _TITLE)
    title = int(titles[0]) if len(titles) else None
    best: _Best | None = None
    byline: Span | None = None
    for zone, near in enumerate(_zones(labels, title)):
        # Further away no date is better than a full one.
        dated = best is None or best[0][1] != FULL
        if not dated and byline:
            break
        parts = _parts(page, labels, near, dated, byline is None)
        best = _best_date(page, parts, zone, best)
        byline = byline or _find_byline(page, parts)
    return Metadata(_title(page, labels, title), best[1] if best else None, byline)


def _title(page: Page, labels: Labels, title: int | None) -> Span | None:
    if title is None:
        return None
    start, stop = int(labels.bounds[title]), int(labels.bounds[title + 1])
    text = page.text[start:stop]
    start += len(text) - len(text.lstrip())
    return Span(start, start + len(text.strip())) if text.strip() else None


# Where to look


def _zones(labels: Labels, title: int | None) -> tuple[range, range, range]:
    """The labels near which a date or a byline may stand, nearest to the headline first: below, above, and after."""
    content = (labels.kinds == _CONTENT) & ~_comments(labels)
    below = 0 if title is None else title + 1
    lengths = labels.bounds[below + 1 :] - labels.bounds[below:-1]
    texts = (content[below:] & (lengths >= _TEXT)).nonzero()[0]
    text = below + min(int(texts[0]), _BELOW) if len(texts) else below
    # Without a headline, what stands nearest above the text is nearest to where one would be.
    top = title if title is not None else text
    first = below if title is not None else text
    kept = content.nonzero()[0]
    last = int(kept[-1]) + 1 if len(kept) else len(content)
    into = min(text + _INTO, last)
    return (
        range(first, into),
        range(top - 1, max(top - 1 - _ABOVE, -1), -1),
        range(max(last - 2, into, first), min(last + _AFTER, len(content))),
    )


def _comments(labels: Labels) -> NDArray[np.bool_]:
    """Labels of comments that are kept: the text ends before them, and their dates are not the page's."""
    if "comments" not in labels.signals:
        return np.zeros(len(labels), np.bool_)
    return labels.weights[:, labels.signals.index("comments")] != 0


def _parts(page: Page, labels: Labels, indexes: range, dated: bool, named: bool) -> list[_Part]:
    """The lines of some labels, in order, that have a date, where those are wanted, or that may hold a byline."""
    pieces = [(start, text, content) for start, text, content in _pieces(page.text, labels, indexes) if text]
    whole = "\n".join([text for _, text, _ in pieces])
    seen, far = glance(whole), has_letters(whole) and is_far(whole)
    lines = seen.split(b"\n")
    names = _named(whole, seen, len(lines)) if named else ()
    parts: list[_Part] = []
    number = 0
    for start, text, content in pieces:
        stop = start + len(text)
        while start < stop:
            line = lines[number]
            if number in names or (dated and (far or b"0" in line)):
                parts += _part(page.text[start : start + len(line)], start, content, number in names)
            start += len(line) + 1
            number += 1
    return parts


def _named(text: str, seen: bytes, lines: int) -> Container[int]:
    """The numbers of the lines of a text that may hold words that bylines begin with; `seen` is `glance` of it."""
    openings = bylines.openings()
    if has_letters(text) and (openings.others_in(text) or bylines.EASTERN_LETTER.search(text)):
        return range(lines)
    named = set()
    for word in openings.ascii.intersection(seen.replace(b"0", b" ").split()):
        at = seen.find(word)
        while at >= 0:
            named.add(seen.count(b"\n", 0, at))
            at = seen.find(word, at + 1)
    return named


def _part(line: str, start: int, content: bool, named: bool) -> list[_Part]:
    """A line, if it has a date or may hold a byline."""
    text = line.strip()
    found = dates(text)
    named = named and bylines.may_name(text, bool(found))
    at = start + len(line) - len(line.lstrip())
    return [_Part(at, text, content, found, named)] if found or named else []


def _pieces(text: str, labels: Labels, indexes: range) -> Iterator[tuple[int, str, bool]]:
    """What is looked at of some labels: where it starts, its text without space at the end, if it is content."""
    if not indexes:
        return
    low = min(indexes[0], indexes[-1])
    bounds = labels.bounds[low : low + len(indexes) + 1].tolist()
    kinds = labels.kinds[low : low + len(indexes)].tolist()
    for index in indexes:
        start, stop, content = bounds[index - low], bounds[index - low + 1], kinds[index - low] == _CONTENT
        if content and stop - start > 2 * _HEAD:
            stop = _word_edge(text, start + _HEAD)
        elif stop - start > 2 * _PART:
            yield start, text[start : _word_edge(text, start + _PART)].rstrip(), content
            start = _word_edge(text, stop - _PART)
        yield start, text[start:stop].rstrip(), content


def _word_edge(text: str, at: int) -> int:
    """The nearest place before `at`, if one is near, that is not inside a word or a number."""
    return next((place for place in range(at, at - 30, -1) if not text[place - 1 : place + 1].isalnum()), at)


def _line_above(text: str, start: int) -> str:
    """The last line before `start` when it is a short one, for what it says of the next: "Published"."""
    window = text[max(0, start - 40) : start]
    lines = _LINE_BREAKS.split(window.rstrip())
    begins = bool(_LINE_BREAKS.search(window[len(window.rstrip()) :]))
    return lines[-1].strip() if begins and (len(lines) > 1 or start <= 40) else ""


# Dates


def _best_date(page: Page, parts: list[_Part], zone: int, best: _Best | None) -> _Best | None:
    """The best date of a zone, or `best` of the zones before it; of dates that are as good the first."""
    for part in parts:
        for number, date in enumerate(part.dates):
            if best and best[0] <= (False, date.form, zone, 0):
                continue
            cue = _cue(page, part, number)
            # What stands after the text may be the date of another article, unless it says what it is.
            rank = (zone == 2 and cue != 0, date.form, zone, cue)
            if (best is None or rank < best[0]) and _stands_apart(part, number, cue):
                best = rank, Span(part.start + date.start, part.start + date.stop)
    return best


def _cue(page: Page, part: _Part, number: int) -> int:
    """0: what stands before the date says that the page came out then; 2: that it was changed; 1: neither."""
    words = _left_of(part, number)[-40:]
    if not number and not words.strip(" :"):
        words = _line_above(page.text, part.start)
    published, updated = _cues()
    if not _cue_words().may_be_in(words, glance(words)):
        return 1
    if updated.search(words):
        return 2
    return 0 if published.search(words) else 1


@functools.cache
def _cue_words() -> Phrases:
    return Phrases([*PUBLISHED.split(), *UPDATED.split()])


def _left_of(part: _Part, number: int) -> str:
    """What stands between a date and the date before it, else the beginning of the line."""
    start = part.dates[number - 1].stop if number else 0
    return part.text[start : part.dates[number].start]


@functools.cache
def _cues() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(_whole_words(PUBLISHED), re.IGNORECASE), re.compile(_whole_words(UPDATED), re.IGNORECASE)


def _whole_words(words: str) -> str:
    """A pattern of these words; in scripts without spaces they may go on ("更新日")."""
    listed = [re.escape(word) + ("" if _UNSPACED.search(word) else r"(?![^\W\d_])") for word in words.split()]
    return r"(?<![^\W_])(?:" + "|".join(listed) + ")"


def _stands_apart(part: _Part, number: int, cue: int) -> bool:
    """Whether a date is a piece of information of its own, not a part of a sentence."""
    date, left = part.dates[number], _left_of(part, number)
    beside = _words_beside(part)
    ends = bool(_SENTENCE_END.search(part.text))
    if beside <= (_WORDS_IN_SENTENCE if ends else _WORDS_IN_CONTENT):
        return True
    if part.content:
        # The text may have lost its line breaks: then its first line begins with what stood above it.
        return date.clock and not number and not left.strip() and beside > _WORDS_BESIDE
    if beside <= _WORDS_BESIDE:
        return not ends
    opened = cue == 0 or bool(_OPEN_LEFT.search(_without_cues(left)))
    return opened and (date.clock or bool(_OPEN_RIGHT.search(part.text[date.stop :])))


def _words_beside(part: _Part) -> int:
    """How many words of a part are neither dates nor what announces them; two characters without spaces are one."""
    rest, stop = "", 0
    for date in part.dates:
        rest += part.text[stop : date.start] + " "
        stop = date.stop
    rest = _without_cues(rest + part.text[stop:])
    unspaced = 0
    if not rest.isascii():
        rest, unspaced = _UNSPACED.subn(" ", rest)
    return sum(folded(word) not in _day_names() for word in _WORD.findall(rest)) + unspaced // 2


def _without_cues(text: str) -> str:
    if _cue_words().may_be_in(text, glance(text)):
        for cue in _cues():
            text = cue.sub(" ", text)
    return text


@functools.cache
def _day_names() -> frozenset[str]:
    return frozenset(map(folded, DAY_NAMES.split()))


# Bylines


def _find_byline(page: Page, parts: list[_Part]) -> Span | None:
    for part in parts:
        if not part.named:
            continue
        for at, segment in _segments(part):
            found = bylines.byline(segment)
            if found is not None:
                return Span(part.start + at + found.start, part.start + at + found.stop)
        if len(part.text) <= bylines.OPENING_CHARACTERS and bylines.announces().fullmatch(part.text):
            name = _next_line(page.text, part.start + len(part.text))
            if name is not None and bylines.is_name(page.text[name.start : name.stop]):
                return Span(part.start, name.stop)
    return None


def _segments(part: _Part) -> Iterator[tuple[int, str]]:
    """The pieces of a line between its dates, separators and e-mail addresses, with where they begin."""
    stops = [(date.start, date.stop) for date in part.dates]
    stops += [match.span() for match in _SEPARATOR.finditer(part.text)]
    at = 0
    for start, stop in [*sorted(stops), (len(part.text), len(part.text))]:
        if start > at and part.text[at:start].strip():
            yield at, part.text[at:start]
        at = max(at, stop)


def _next_line(text: str, start: int) -> Span | None:
    """The line after `start`, where it is short and follows closely."""
    window = text[start : start + bylines.NAME_CHARACTERS]
    lines = _LINE_BREAKS.split(window.lstrip())
    if not lines[0].strip() or (len(lines) == 1 and start + bylines.NAME_CHARACTERS < len(text)):
        return None
    at = start + len(window) - len(window.lstrip())
    return Span(at, at + len(lines[0].rstrip()))
