"""Labels to metadata: the spans of a page's headline, of the date it came out, and of its byline.

Date and byline lines are boilerplate that people want to keep. They are looked for in a few lines around the headline
and around the text, so that a page of any length costs the same.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from detect import bylines, nearby
from detect.dates import DAY, FULL, SINCE_THEN, Dated, dates
from detect.nearby import Zones
from detect.records import Labels, Metadata, Page, Span
from detect.signs import CUED, DATES, DAYS, OPENED, THANG, UNSPACED_RANGES, YEAR, folded
from detect.wordlists import DAY_NAMES, PUBLISHED, UPDATED

# Words that may stand beside a date in a line that is there for the date; beside a sentence's end it is prose sooner.
_WORDS_BESIDE, _WORDS_IN_CONTENT, _WORDS_IN_SENTENCE = 8, 4, 3

_LINE_BREAKS = re.compile(r"[\n\v\f\r\x85\u2028\u2029]+")
_SEPARATOR = re.compile(r"[|•·●▪»›<>—–\t]|\s(?:\s+|[-/]\s|[\w.-]{1,64}@\S*)")
_OPEN_LEFT = re.compile(r"(?:^|[|•·●▪»›<>—–/\t]|\s-|\s{2})[\s:,]*$")
_OPEN_RIGHT = re.compile(r"^[\s.,]*(?:$|[|•·●▪«‹<>—–/\t(]|-\s)|^\s{2}")
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in UNSPACED_RANGES) + "]")
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’»)]?\s*$")

# How good a date is, the lowest first; and where the best of several stands.
_Rank = tuple[bool, int, int, int]
_Best = tuple[_Rank, Span]


def describe(page: Page, labels: Labels) -> Metadata:
    """The headline, date and byline of `page`, each None where there is none to be found; never raises.

    `title` is what `labels` call so. `date` is a date or time near the headline, never one inside prose: one that
    says it is when the page came out before one that says it is of a change, a full date before "2 hours ago".
    `byline` is the line, or the part of a line, that names who wrote the page, with its "By" and without a date.
    """
    near = nearby.zones(labels)
    best: _Best | None = None
    byline: Span | None = None
    for look in (nearby.around, nearby.after):
        if byline and best and best[0][:2] == (False, FULL):
            break
        for zone, start, stop, content, seen in look(page.text, near):
            dated = bool(seen & DATES) and (best is None or _best_rank(zone, seen) < best[0])
            named = byline is None and bool(seen & OPENED)
            if dated or named:
                text = page.text[start:stop]
                part = _Part(page.text, zone, start, text, bool(content), seen, dates(text, seen))
                best = _best_date(part, best) if dated else best
                byline = byline or (_find_byline(part) if named else None)
    return Metadata(_title(page.text, near), best[1] if best else None, byline)


class _Part(NamedTuple):
    """A line of a page's text, or as much of it as is looked at, with its signs and dates; without space around it."""

    page: str
    zone: int
    start: int
    text: str
    content: bool
    signs: int
    dates: list[Dated]


def _title(text: str, near: Zones) -> Span | None:
    if near.title < 0:
        return None
    start, stop = int(near.bounds[near.title]), int(near.bounds[near.title + 1])
    title = text[start:stop]
    start += len(title) - len(title.lstrip())
    return Span(start, start + len(title.strip())) if title.strip() else None


def _line_above(text: str, start: int) -> str:
    """The last line before `start` when it is a short one, for what it says of the next: "Published"."""
    window = text[max(0, start - nearby.ABOVE_CHARACTERS) : start]
    lines = _LINE_BREAKS.split(window.rstrip())
    begins = bool(_LINE_BREAKS.search(window[len(window.rstrip()) :]))
    return lines[-1].strip() if begins and (len(lines) > 1 or start <= nearby.ABOVE_CHARACTERS) else ""


# Dates


def _best_rank(zone: int, seen: int) -> _Rank:
    """How good a date can be at best in a line of these signs."""
    cue = 0 if seen & CUED else 1
    full = seen & YEAR and seen & (DAYS | THANG)
    form = FULL if full else DAY if seen & DAYS else SINCE_THEN
    return zone == 2 and cue != 0, form, zone, cue


def _best_date(part: _Part, best: _Best | None) -> _Best | None:
    """The best date of a line, or `best` of the lines before it; of dates that are as good the first."""
    for number, date in enumerate(part.dates):
        if best and best[0] <= (False, date.form, part.zone, 0):
            continue
        cue = _cue(part, number)
        # What stands after the text may be the date of another article, unless it says what it is.
        rank = (part.zone == 2 and cue != 0, date.form, part.zone, cue)
        if (best is None or rank < best[0]) and _stands_apart(part, number, cue):
            best = rank, Span(part.start + date.start, part.start + date.stop)
    return best


def _cue(part: _Part, number: int) -> int:
    """0: what stands before the date says that the page came out then; 2: that it was changed; 1: neither."""
    if not part.signs & CUED:
        return 1
    words = _left_of(part, number)[-40:]
    if not number and not words.strip(" :"):
        words = _line_above(part.page, part.start)
    published, updated = _cues()
    if updated.search(words):
        return 2
    return 0 if published.search(words) else 1


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
    date, beside = part.dates[number], _words_beside(part)
    if beside <= _WORDS_IN_SENTENCE:
        return True
    ends = bool(_SENTENCE_END.search(part.text))
    if beside <= _WORDS_IN_CONTENT and not ends:
        return True
    left = _left_of(part, number)
    if part.content:
        # The text may have lost its line breaks: then its first line begins with what stood above it.
        return date.clock and not number and not left.strip() and beside > _WORDS_BESIDE
    if beside <= _WORDS_BESIDE:
        return not ends
    opened = cue == 0 or bool(_OPEN_LEFT.search(_without_cues(left, part.signs)))
    return opened and (date.clock or bool(_OPEN_RIGHT.search(part.text[date.stop :])))


def _words_beside(part: _Part) -> int:
    """How many words of a part are neither dates nor what announces them; two characters without spaces are one."""
    if len(part.dates) == 1 and part.dates[0].stop - part.dates[0].start == len(part.text):
        return 0
    rest, stop = "", 0
    for date in part.dates:
        rest += part.text[stop : date.start] + " "
        stop = date.stop
    rest = _without_cues(rest + part.text[stop:], part.signs)
    if rest.isspace():
        return 0
    unspaced = 0
    if not rest.isascii():
        rest, unspaced = _UNSPACED.subn(" ", rest)
    return sum(folded(word) not in _day_names() for word in _WORD.findall(rest)) + unspaced // 2


def _without_cues(text: str, seen: int) -> str:
    if seen & CUED:
        for cue in _cues():
            text = cue.sub(" ", text)
    return text


@functools.cache
def _day_names() -> frozenset[str]:
    return frozenset(map(folded, DAY_NAMES.split()))


# Bylines


def _find_byline(part: _Part) -> Span | None:
    start = part.start
    for at, segment in _segments(part):
        found = bylines.byline(segment)
        if found is not None:
            return Span(start + at + found.start, start + at + found.stop)
    if len(part.text) <= bylines.OPENING_CHARACTERS and bylines.announces().fullmatch(part.text):
        name = _next_line(part.page, part.start + len(part.text))
        if name is not None and bylines.is_name(part.page[name.start : name.stop]):
            return Span(start, name.stop)
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
