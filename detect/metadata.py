"""Labels to metadata: the spans of a page's headline, of the date it came out, and of its byline.

Date and byline lines are boilerplate that people want to keep. They are looked for in a few lines around the headline
and around the text, so that a page of any length costs the same.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detect.dates import Dated, dates, folded, is_calendar_word
from detect.records import KINDS, Labels, Metadata, Page, Span
from detect.wordlists import AUTHOR, BY, DAY_NAMES, NAME_WORDS, PUBLISHED, UPDATED, WRITTEN_BY

_CONTENT, _TITLE = KINDS.index("content"), KINDS.index("title")

# Code points from which a label of content is text, not a stray line above it.
_TEXT: Final = 60
# Labels that are looked at: below the headline as far as the text may be, some lines into the text, above, and after.
_BELOW, _INTO, _ABOVE, _AFTER = 40, 8, 12, 8
# Code points of the head and the tail of a line that is longer than both, and of the head of a paragraph.
_PART, _HEAD = 300, 120
# Words that may stand beside a date in a line that is there for the date; beside a sentence's end it is prose sooner.
_WORDS_BESIDE, _WORDS_IN_CONTENT, _WORDS_IN_SENTENCE = 8, 4, 3
_NAME_CHARACTERS: Final = 120
# Small words that lead from a name to a date.
_LEADING: Final = "am on at le el il em den op vom last zuletzt"
# What names a single word as the writer ("By Reuters"): the others are words of other languages too.
_CERTAIN = re.compile(r"by|von|par|por|(?:\w+ ){1,2}(?:by|von|par|por)", re.IGNORECASE)

_LINE_BREAKS = re.compile(r"[\n\v\f\r\x85\u2028\u2029]+")
_SEPARATOR = re.compile(r"[|•·●▪»›<>—–\t]|\s{2,}|\s[-/]\s|\s[\w.-]{1,64}@\S*")
_OPEN_LEFT = re.compile(r"(?:^|[|•·●▪»›<>—–/\t]|\s-|\s{2})[\s:,]*$")
_OPEN_RIGHT = re.compile(r"^[\s.,]*(?:$|[|•·●▪«‹<>—–/\t(]|-\s)|^\s{2}")
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’»)]?\s*$")
_SENTENCE_INSIDE = re.compile(r"[!?。！？؟।]|[^\W\d_]{4,}\.\s")


class _Part(NamedTuple):
    """A line, or as much of it as is looked at, with its dates: `above` is the short line over it; `text` has no space
    around it.
    """

    start: int
    text: str
    above: str
    content: bool
    dates: list[Dated]


@dataclass(frozen=True, slots=True)
class _Places:
    """The parts of a page where a date or a byline may stand, nearest to the headline first."""

    below: tuple[_Part, ...]
    above: tuple[_Part, ...]
    after: tuple[_Part, ...]

    def __iter__(self) -> Iterator[tuple[int, _Part]]:
        for zone, parts in enumerate((self.below, self.above, self.after)):
            yield from ((zone, part) for part in parts)


def describe(page: Page, labels: Labels) -> Metadata:
    """The headline, date and byline of `page`, each None where there is none to be found; never raises.

    `title` is what `labels` call so. `date` is a date or time near the headline, never one inside prose: one that
    says it is when the page came out before one that says it is of a change, a full date before "2 hours ago".
    `byline` is the line, or the part of a line, that names who wrote the page, with its "By" and without a date.
    """
    places = _places(page, labels)
    return Metadata(_title(page, labels), _find_date(places), _find_byline(page, places))


def _title(page: Page, labels: Labels) -> Span | None:
    found = np.flatnonzero(labels.kinds == _TITLE)
    if not len(found):
        return None
    start, stop = int(labels.bounds[found[0]]), int(labels.bounds[found[0] + 1])
    text = page.text[start:stop]
    start += len(text) - len(text.lstrip())
    return Span(start, start + len(text.strip())) if text.strip() else None


# Where to look


def _places(page: Page, labels: Labels) -> _Places:
    titles = np.flatnonzero(labels.kinds == _TITLE)
    content = (labels.kinds == _CONTENT) & ~_comments(labels)
    texts = np.flatnonzero(content & (np.diff(labels.bounds) >= _TEXT))
    title = int(titles[0]) if len(titles) else None
    texts = texts[texts > title] if title is not None else texts
    below = 0 if title is None else title + 1
    text = min(int(texts[0]), below + _BELOW) if len(texts) else below
    # Without a headline, what stands nearest above the text is nearest to where one would be.
    top = title if title is not None else text
    first = below if title is not None else text
    last = int(np.flatnonzero(content)[-1]) + 1 if content.any() else len(content)
    into = min(text + _INTO, last)
    return _Places(
        tuple(_parts(page, labels, range(first, into))),
        tuple(_parts(page, labels, range(top - 1, top - 1 - _ABOVE, -1))),
        tuple(_parts(page, labels, range(max(last - 2, into, first), last + _AFTER))),
    )


def _comments(labels: Labels) -> NDArray[np.bool_]:
    """Labels of comments that are kept: the text ends before them, and their dates are not the page's."""
    if "comments" not in labels.signals:
        return np.zeros(len(labels), np.bool_)
    return labels.weights[:, labels.signals.index("comments")] != 0


def _parts(page: Page, labels: Labels, indexes: range) -> Iterator[_Part]:
    for index in indexes:
        if 0 <= index < len(labels.kinds):
            start, stop = int(labels.bounds[index]), int(labels.bounds[index + 1])
            content = bool(labels.kinds[index] == _CONTENT)
            if content and stop - start > 2 * _HEAD:
                yield from _lines(page.text, start, _word_edge(page.text, start + _HEAD), content)
            elif stop - start <= 2 * _PART:
                yield from _lines(page.text, start, stop, content)
            else:
                yield from _lines(page.text, start, _word_edge(page.text, start + _PART), content)
                yield from _lines(page.text, _word_edge(page.text, stop - _PART), stop, content)


def _word_edge(text: str, at: int) -> int:
    """The nearest place before `at`, if one is near, that is not inside a word or a number."""
    return next((place for place in range(at, at - 30, -1) if not text[place - 1 : place + 1].isalnum()), at)


def _lines(text: str, start: int, stop: int, content: bool) -> Iterator[_Part]:
    for line in _LINE_BREAKS.split(text[start:stop]):
        stripped = line.strip()
        if stripped:
            at = text.index(stripped, start, stop)
            yield _Part(at, stripped, _line_above(text, at), content, dates(stripped))
            start = at + len(stripped)


def _line_above(text: str, start: int) -> str:
    """The last line before `start` when it is a short one, for what it says of the next: "Published"."""
    window = text[max(0, start - 40) : start]
    lines = _LINE_BREAKS.split(window.rstrip())
    begins = bool(_LINE_BREAKS.search(window[len(window.rstrip()) :]))
    return lines[-1].strip() if begins and (len(lines) > 1 or start <= 40) else ""


# Dates


def _find_date(places: _Places) -> Span | None:
    best: tuple[tuple[bool, int, int, int, int], Span] | None = None
    for order, (zone, part) in enumerate(places):
        for number, date in enumerate(part.dates):
            cue = _cue(part, number)
            if not _stands_apart(part, number, cue):
                continue
            # What stands after the text may be the date of another article, unless it says what it is.
            key = (zone == 2 and cue != 0, date.form, zone, cue, order)
            if best is None or key < best[0]:
                best = key, Span(part.start + date.start, part.start + date.stop)
    return best[1] if best else None


def _cue(part: _Part, number: int) -> int:
    """0: what stands before the date says that the page came out then; 2: that it was changed; 1: neither."""
    words = _left_of(part, number)[-40:]
    if not number and not words.strip(" :"):
        words = part.above
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
    unspaced = len(_UNSPACED.findall(rest))
    words = [word for word in _WORD.findall(_UNSPACED.sub(" ", rest)) if folded(word) not in _day_names()]
    return len(words) + unspaced // 2


def _without_cues(text: str) -> str:
    for cue in _cues():
        text = cue.sub(" ", text)
    return text


@functools.cache
def _day_names() -> frozenset[str]:
    return frozenset(map(folded, DAY_NAMES.split()))


# Bylines


def _find_byline(page: Page, places: _Places) -> Span | None:
    for _, part in places:
        for at, segment in _segments(part):
            byline = _byline(segment)
            if byline is not None:
                return Span(part.start + at + byline.start, part.start + at + byline.stop)
        if _announces().fullmatch(part.text):
            name = _next_line(page.text, part.start + len(part.text))
            if name is not None and _is_name(page.text[name.start : name.stop]):
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


def _byline(segment: str) -> Span | None:
    """The byline in a segment, from its first word to the end of the names."""
    start = len(segment) - len(segment.lstrip(" \t(（【[,"))
    stop = len(_trailing().sub("", segment[: start + _NAME_CHARACTERS].rstrip()))
    if segment[:start].strip(" \t,"):
        stop = len(segment[:stop].rstrip(")）】]"))
    whole = len(segment) - start <= _NAME_CHARACTERS
    return Span(start, stop) if whole and _names_somebody(segment[start:stop]) else None


def _names_somebody(text: str) -> bool:
    """Whether a text opens like a byline and goes on with a name."""
    if _SENTENCE_INSIDE.search(text):
        return False
    opened = _opening().match(text)
    if not opened:
        return bool(_eastern().fullmatch(text))
    name, announced = text[opened.end() :], opened.group().strip()[-1:] in ":："
    words = name.split()
    if len(words) == 1 and not (announced or _CERTAIN.fullmatch(opened.group().strip())):
        return False
    # "Words: The village correspondents"
    loose = announced and 1 < len(words) <= 4 and all(map(str.isalpha, words)) and len(words[0]) > 1
    return _is_name(name) or (loose and name[0].isupper())


@functools.cache
def _opening() -> re.Pattern[str]:
    """What a byline begins with, up to the name."""
    phrases, callings = _alternatives(WRITTEN_BY), _alternatives(AUTHOR)
    return re.compile(rf"(?:(?:{phrases})\b\s?:?|(?:{callings})\s?[:：=＝]|(?:{BY})(?=\s|:)\s?:?)\s*", re.IGNORECASE)


@functools.cache
def _announces() -> re.Pattern[str]:
    """A line that names the line below it as the byline."""
    return re.compile(
        rf"(?:{_alternatives(WRITTEN_BY)}|{_alternatives(AUTHOR)}|{BY}|作者|撰文|記者|记者|執筆)\s?[:：]?",
        re.IGNORECASE,
    )


@functools.cache
def _eastern() -> re.Pattern[str]:
    """Bylines of scripts without spaces, where a name is two to twelve characters."""
    letter = r"\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
    name = rf"[{letter}][{letter}・· 、,]{{1,20}}"
    reporter = "(?:本报|本報|特约|特約)?(?:記者|记者)"
    calling = rf"(?:取材・|構成・|撮影・)?文|作者|撰文|執筆|著者|筆者|{reporter}"
    place = r"(?:\s?[/／╱]\s?\S{1,12})?"
    return re.compile(
        rf"(?:{calling})\s?[:：/／╱＝=・丨]\s?{name}{place}"
        rf"|{reporter}\s?(?![从從在获獲会會发發问問了])[\u3400-\u9fff]{{2,4}}"
        rf"(?:\s?[/／╱、]\s?\S{{1,12}}|\s[\u3400-\u9fff]{{2,6}}|[\u3400-\u9fff]{{2}}(?:報導|报道|報道))?"
        rf"|{name}\s?(?:記者|기자)"
    )


def _alternatives(words: str) -> str:
    return "|".join(re.escape(word) for word in sorted(words.replace("\n", " ").strip().split("|"), key=len)[::-1])


@functools.cache
def _trailing() -> re.Pattern[str]:
    """What leads from a name to the date after it, or stands there for nothing."""
    days = [day for day in DAY_NAMES.split() if len(day) > 4]  # a short one may be somebody's name
    words = "|".join(map(re.escape, (*_LEADING.split(), *PUBLISHED.split(), *UPDATED.split(), *days)))
    return re.compile(rf"(?:[\s,;:.·|/–—-]+(?:(?:{words})(?![^\W_])\s?:?)?)+$", re.IGNORECASE)


def _next_line(text: str, start: int) -> Span | None:
    """The line after `start`, where it is short and follows closely."""
    window = text[start : start + _NAME_CHARACTERS]
    lines = _LINE_BREAKS.split(window.lstrip())
    if not lines[0].strip() or (len(lines) == 1 and start + _NAME_CHARACTERS < len(text)):
        return None
    at = start + len(window) - len(window.lstrip())
    return Span(at, at + len(lines[0].rstrip()))


def _is_name(text: str) -> bool:
    """Whether this reads like the names of people or of a paper: capitals, and few small words between them."""
    head = re.split(r"[,;(（]", text.strip(" :"), maxsplit=1)[0]
    words = [word for word in head.split() if "@" not in word]
    if not 1 <= len(words) <= 10 or len(text.split()) > 14 or any(c.isdigit() for c in head):
        return False
    small = [word for word in words if not _has_capital(word)]
    known = all(folded(word.strip(".,:")) in _name_words() for word in small)
    if not known or len(small) > len(words) / 2:
        return False
    # "By Monday the ferry" names nobody, "By April Jones" does.
    if is_calendar_word(words[0].strip(".,")) and not any(map(_has_capital, words[1:])):
        return False
    return any(sum(c.isalpha() for c in word) > 1 for word in words) and not _SENTENCE_INSIDE.search(text)


def _has_capital(word: str) -> bool:
    """Whether a word begins with a capital, or is in a script that has none."""
    first = next((c for c in word if c.isalpha()), "")
    return bool(first) and (first.isupper() or first.istitle() or first.upper() == first.lower())


@functools.cache
def _name_words() -> frozenset[str]:
    return frozenset(map(folded, NAME_WORDS.split()))
