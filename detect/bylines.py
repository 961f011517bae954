"""Pieces of lines to the bylines in them, in many languages: who wrote a page. A leaf of metadata.py."""

from __future__ import annotations

import functools
import re
from typing import Final

from detect.dates import is_calendar_word
from detect.records import Span
from detect.signs import folded
from detect.wordlists import AUTHOR, BY, DAY_NAMES, NAME_WORDS, PUBLISHED, UPDATED, WRITTEN_BY

NAME_CHARACTERS: Final = 120
OPENING_CHARACTERS: Final = 40  # more than any has
# Small words that lead from a name to a date.
_LEADING: Final = "am on at le el il em den op vom last zuletzt"
# What parts the words that lead there: white space, and a few signs.
_SIGN = re.compile(r"[\s,;:.·|/–—-]")
_SIGNS: Final = "".join(filter(_SIGN.match, map(chr, range(0x3001))))
# What names a single word as the writer ("By Reuters"): the others are words of other languages too.
_CERTAIN = re.compile(r"by|von|par|por|(?:\w+ ){1,2}(?:by|von|par|por)", re.IGNORECASE)
_SENTENCE_INSIDE = re.compile(r"[!?。！？؟।]|\.(?<=[^\W\d_]{4}\.)\s")
EASTERN_LETTER = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


@functools.cache
def _firsts() -> tuple[str, ...]:
    words = (phrase.split(" ")[0].removesuffix("(s)") for phrase in _phrases())
    return tuple(sorted({word for word in words if word.isascii()}))


@functools.cache
def _phrases() -> list[str]:
    return [phrase.strip() for phrase in f"{WRITTEN_BY}|{AUTHOR}|{BY}".split("|")]


def byline(segment: str) -> Span | None:
    """The byline in a segment, from its first word to the end of the names."""
    start = len(segment) - len(segment.lstrip(" \t(（【[,"))
    if len(segment) - start > NAME_CHARACTERS or not _begins_like_one(segment, start):
        return None
    stop = len(_without_trailing(segment))
    if segment[:start].strip(" \t,"):
        stop = len(segment[:stop].rstrip(")）】]"))
    return Span(start, stop) if _names_somebody(segment[start:stop]) else None


def _begins_like_one(segment: str, start: int) -> bool:
    """Whether a segment may be a byline by how it begins; no means no."""
    head = segment[start : start + OPENING_CHARACTERS]
    if head.isascii():
        return head.lower().startswith(_firsts()) and bool(_opening().match(segment, start))
    return bool(_opening().match(segment, start) or EASTERN_LETTER.match(segment, start))


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
    return is_name(name) or (loose and name[0].isupper())


@functools.cache
def _opening() -> re.Pattern[str]:
    """What a byline begins with, up to the name."""
    phrases, callings = _alternatives(WRITTEN_BY), _alternatives(AUTHOR)
    return re.compile(rf"(?:(?:{phrases})\b\s?:?|(?:{callings})\s?[:：=＝]|(?:{BY})(?=\s|:)\s?:?)\s*", re.IGNORECASE)


@functools.cache
def announces() -> re.Pattern[str]:
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


def _without_trailing(text: str) -> str:
    """A text without what leads from a name to the date after it, or stands there for nothing."""
    text = text.rstrip(_SIGNS)
    while (last := _SIGN.split(text)[-1]) != text and _caseless(last) in _trailing():
        text = text[: -len(last)].rstrip(_SIGNS)
    return text


@functools.cache
def _trailing() -> frozenset[str]:
    days = [day for day in DAY_NAMES.split() if len(day) > 4]  # a short one may be somebody's name
    return frozenset(map(_caseless, (*_LEADING.split(), *PUBLISHED.split(), *UPDATED.split(), *days)))


def _caseless(word: str) -> str:
    """A word as patterns without case compare it."""
    return word.replace("İ", "i").replace("ı", "i").casefold()


def is_name(text: str) -> bool:
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
