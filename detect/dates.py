"""Text to the dates and times that are written in it, in the forms of many languages. A leaf of metadata.py."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final, NamedTuple

from detect.wordlists import AGO, MONTH_NAMES, MONTHS, MORE_MONTH_NAMES, SINCE, TODAY, UNITS

# How much a date says, the most first: day, month and year; day and month; how long ago.
FULL, DAY, SINCE_THEN = range(3)

_D: Final = r"(?P<d>\d{1,2})"
_M: Final = r"(?P<m>\d{1,2})"
_Y: Final = r"(?P<y>\d{4})(?!\d)"
_NAME: Final = r"(?P<w>[^\s\d_.,/()|•·:;–—-]{2,14})"
_FREE: Final = r"(?<![\d.,:/-])"  # not the rest of a longer number
_TH: Final = r"(?:\s?(?:st|nd|rd|th|er|η|º|ª|°)|\.|-?го)?"
_GAP: Final = r"[\s,./-]{1,3}"
_OF: Final = r"(?:(?:de|del|of|do|den|של)\s|d[’'])?"
# Long runs of white space are no part of a date: what repeats here is bounded, so that every search is linear.
_PATTERNS: Final = (
    (FULL, rf"{_FREE}{_Y}(?P<s>-|/|\.\s?){_M}(?P=s){_D}(?!\d)"),
    (FULL, rf"{_FREE}{_D}(?P<s>\.\s?|/|-|\s/\s){_M}(?P=s){_Y}"),
    (FULL, rf"(?<!\d){_Y}\s?[年년]\s?{_M}\s?[月월]\s?{_D}\s?[日號号일]"),
    (FULL, rf"{_FREE}{_D}\s?tháng\s?{_M}[,\s]{{1,2}}(?:năm\s)?{_Y}"),
    (FULL, rf"{_FREE}{_D}{_TH}{_GAP}{_OF}{_NAME}\.?{_GAP}{_OF}{_Y}"),
    (FULL, rf"(?<![^\W_]){_NAME}\.?\s{{1,2}}{_D}(?:st|nd|rd|th)?[,.]?\s{{1,2}}{_OF}{_Y}"),
    (FULL, rf"{_FREE}{_Y}[.,]?\s{_NAME}\.?\s{_D}(?!\d)\.?"),
    (DAY, rf"(?<![^\W_]){_FREE}{_D}(?P<s>[./]){_M}(?P=s)\d{{2}}(?![\d.,/])"),
    (DAY, rf"{_FREE}{_M}\s?[月월]\s?{_D}\s?[日號号일]"),
    (DAY, rf"{_FREE}{_D}\.{_M}\.(?=,?\s{{1,2}}\d{{1,2}}:\d\d)"),
    (DAY, rf"{_FREE}{_D}{_TH}[\s-]{_OF}{_NAME}\.?(?![^\W_])"),
    (DAY, rf"(?<![^\W_]){_NAME}\.?\s{{1,2}}{_D}(?:st|nd|rd|th)?(?![\w:])"),
    (SINCE_THEN, rf"(?<![^\W_])(?:\d{{1,2}}|an?)\s?[^\W\d_]{{1,12}}\.?\s(?:{AGO})(?![^\W_])"),
    (SINCE_THEN, rf"(?<![^\W_])(?:{SINCE})\s(?:\d{{1,2}}|einer|einem|une?|una?|uma?)\s?(?:{UNITS})[^\W\d_]{{0,8}}"),
    (SINCE_THEN, r"(?<!\d)\d{1,2}\s?(?:分钟|分鐘|分|小时|小時|時間|天|日|시간|분|일)\s?(?:之?前|전)"),
)
_CLOCK: Final = r"(?:[01]?\d|2[0-3])(?:[:.h]|\s[:h]\s)[0-5]\d(?!\d)(?::[0-5]\d)?(?:\.\d{1,6})?"
_ASIAN_CLOCK: Final = r"(?:[01]?\d|2[0-3])\s?[時时시点點]\s?(?:[0-5]?\d\s?[分분])?"
_ZONE: Final = (
    r"(?:\s?(?:[ap]\.?m\b\.?|uhr\b|hrs?\b|h\b|น\.))?(?:\s?\(?(?:GMT|UTC|[ECMP][SD]?T|CEST|BST|IST|JST|MSK|Z)\b\)?)?"
    r"(?:\s?[+-]\d\d:?\d\d)?"
)
_AT: Final = r"at|um|à|alle(?: ore)?|ore|a las|às|kl\.?|klo|o|om|в|о|ve|saat|στις|pukul|godz\.?|lúc|오전|오후"
_TIME_AFTER: Final = (
    rf"(?:T|[\s,|•·.–—@-]{{0,4}})(?:(?:{_AT})\s)?(?:[上下]午|午[前後])?\s?"
    rf"(?:{_CLOCK}|{_ASIAN_CLOCK}|(?<=[\s,])\d{{1,2}}\s?(?=[ap]\.?m\b)){_ZONE}"
)
_DIGIT = re.compile(r"\d")
_TIME_BEFORE: Final = rf"(?<!\d)(?:{_CLOCK}){_ZONE}[\s,|•·–—-]{{1,3}}$"


class Dated(NamedTuple):
    """A date in a text, with its time of day where it has one: half-open range of code points."""

    start: int
    stop: int
    form: int
    clock: bool


def dates(text: str) -> list[Dated]:
    """The dates in `text`, in order, never overlapping; where two readings meet, the one that says most."""
    if not _DIGIT.search(text):
        return []
    found: list[Dated] = []
    for form, pattern in _patterns():
        for match in pattern.finditer(text):
            if not any(match.start() < one.stop and one.start < match.end() for one in found):
                made = _timed(text, match.start(), match.end(), form)
                found += [made] if _is_date(match, made) else []
    found += [one for one in _days_of_today(text) if not any(one.start < o.stop and o.start < one.stop for o in found)]
    found.sort()
    # The time of one date may reach into the next.
    return [one for i, one in enumerate(found) if not i or found[i - 1].stop <= one.start]


@functools.cache
def _patterns() -> list[tuple[int, re.Pattern[str]]]:
    return [(form, re.compile(pattern, re.IGNORECASE)) for form, pattern in _PATTERNS]


def _is_date(match: re.Match[str], made: Dated) -> bool:
    """Whether the numbers and the name of a match can be those of a date."""
    if made.form == SINCE_THEN:
        return True
    parts = match.groupdict()
    day = int(parts["d"])
    month = int(parts["m"]) if parts.get("m") else 1
    year = int(parts["y"]) if parts.get("y") else 2000
    possible = 1 <= min(day, month) <= 12 and max(day, month) <= 31
    if not possible or not (1800 <= year < 2100 or 2450 <= year < 2600):  # Thai years are 543 ahead
        return False
    return parts.get("w") is None or _is_month(parts["w"], plain=made.form == FULL or made.clock)


def _is_month(word: str, plain: bool) -> bool:
    """Whether a word is a month's name or begins one; without a year or time beside it, a short one wants a capital."""
    bare = folded(word)
    if bare not in _month_beginnings():
        return False
    return plain or word[0].isupper() or len(bare) > 4 or word[0].upper() == word[0].lower()


@functools.cache
def _month_beginnings() -> frozenset[str]:
    names = {folded(word) for word in (MONTH_NAMES + MORE_MONTH_NAMES).split()}
    return frozenset(name[:length] for name in names for length in range(min(3, len(name)), len(name) + 1))


def is_calendar_word(word: str) -> bool:
    """Whether a word is the name of a month or a day, or another word of dates."""
    return folded(word) in _calendar()


@functools.cache
def _calendar() -> frozenset[str]:
    return frozenset(folded(word) for word in (MONTHS + MORE_MONTH_NAMES).split())


def folded(word: str) -> str:
    """A word without case and accents, as names of months and days are compared."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if unicodedata.category(c) != "Mn")


def _timed(text: str, start: int, stop: int, form: int) -> Dated:
    """A date with the time of day that stands right after it, else right before it."""
    after, before = _times()
    if match := after.match(text, stop):
        return Dated(start, match.end(), form, True)
    reach = max(0, start - 30)
    if match := before.search(text[reach:start]):
        return Dated(reach + match.start(), stop, form, True)
    return Dated(start, stop, form, False)


@functools.cache
def _times() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(_TIME_AFTER, re.IGNORECASE), re.compile(_TIME_BEFORE, re.IGNORECASE)


def _days_of_today(text: str) -> list[Dated]:
    """Days that are named by when they are read, with a time of day: "Today, 12:30"."""
    made = (_timed(text, match.start(), match.end(), SINCE_THEN) for match in _today().finditer(text))
    return [one for one in made if one.clock]


@functools.cache
def _today() -> re.Pattern[str]:
    return re.compile(r"(?<![^\W_])(?:" + "|".join(map(re.escape, TODAY.split())) + ")", re.IGNORECASE)
