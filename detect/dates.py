"""Text to the dates and times that are written in it, in the forms of many languages, and to what they say."""

from __future__ import annotations

import functools
import re
from typing import Final, NamedTuple

from detect.signs import (
    AGES,
    DATED,
    DATES,
    JOINED,
    NAMED,
    NAMING,
    NUMBER,
    SPANS,
    THANG,
    TODAYS,
    UNSPACED,
    YEAR,
    folded,
    month_beginnings,
    signs,
)
from detect.wordlists import AGO, MONTHS, MORE_MONTH_NAMES, SINCE, TODAY, UNITS

# How much a date says, the most first: day, month and year; day and month; how long ago.
FULL, DAY, SINCE_THEN = range(3)

_D: Final = r"(?P<d>\d{1,2})"
_M: Final = r"(?P<m>\d{1,2})"
_Y: Final = r"(?P<y>\d{4})(?!\d)"
# A day or a year that begins a date is not the rest of a longer number. The engine looks for a digit far faster than
# for a place with nothing of a number before it, so what stands before is asked after the first digit.
_FIRST_D: Final = r"(?P<d>\d(?<![\d.,:/-]\d)\d?)"
_FIRST_Y: Final = r"(?P<y>\d(?<![\d.,:/-]\d)\d{3})(?!\d)"
_NAME: Final = r"(?P<w>[^\s\d_.,/()|•·:;–—-]{2,14})"
# The same up to its end, where what comes next cannot be in a name: nothing is gained by trying less of it.
_WHOLE_NAME: Final = rf"{_NAME[:-1]}+)"
_TH: Final = r"(?:\s?(?:st|nd|rd|th|er|η|º|ª|°)|\.|-?го)?"
_GAP: Final = r"[\s,./-]{1,3}"
_OF: Final = r"(?:(?:de|del|of|do|den|של)\s|d[’'])?"
# Forms of dates, each with the signs that a text has to have for it.
# Long runs of white space are no part of a date: what repeats here is bounded, so that every search is linear.
_PATTERNS: Final = (
    (FULL, DATED | YEAR, rf"{_FIRST_Y}(?P<s>-|/|\.\s?){_M}(?P=s){_D}(?!\d)"),
    (FULL, JOINED | YEAR, rf"{_FIRST_D}(?P<s>\.\s?|/|-|\s/\s){_M}(?P=s){_Y}"),
    (FULL, UNSPACED | YEAR, rf"(?P<y>\d(?<!\d\d)\d{{3}})(?!\d)\s?[年년]\s?{_M}\s?[月월]\s?{_D}\s?[日號号일]"),
    (FULL, THANG | YEAR, rf"{_FIRST_D}\s?tháng\s?{_M}[,\s]{{1,2}}(?:năm\s)?{_Y}"),
    (FULL, NAMED | YEAR, rf"{_FIRST_D}{_TH}{_GAP}{_OF}{_WHOLE_NAME}\.?{_GAP}{_OF}{_Y}"),
    (FULL, NAMING | YEAR, rf"(?<![^\W_]){_WHOLE_NAME}\.?\s{{1,2}}{_D}(?:st|nd|rd|th)?[,.]?\s{{1,2}}{_OF}{_Y}"),
    (FULL, NAMED | YEAR, rf"{_FIRST_Y}[.,]?\s{_WHOLE_NAME}\.?\s{_D}(?!\d)\.?"),
    (DAY, JOINED, rf"(?P<d>\d(?<![^\W_]\d)(?<![\d.,:/-]\d)\d?)(?P<s>[./]){_M}(?P=s)\d{{2}}(?![\d.,/])"),
    (DAY, UNSPACED, rf"(?P<m>\d(?<![\d.,:/-]\d)\d?)\s?[月월]\s?{_D}\s?[日號号일]"),
    (DAY, JOINED, rf"{_FIRST_D}\.{_M}\.(?=,?\s{{1,2}}\d{{1,2}}:\d\d)"),
    (DAY, NAMED, rf"{_FIRST_D}{_TH}[\s-]{_OF}{_NAME}\.?(?![^\W_])"),
    (DAY, NAMING, rf"(?<![^\W_]){_WHOLE_NAME}\.?\s{{1,2}}{_D}(?:st|nd|rd|th)?(?![\w:])"),
    (SINCE_THEN, AGES, rf"(?<![^\W_])(?:\d{{1,2}}|an?)\s?[^\W\d_]{{1,12}}\.?\s(?:{AGO})(?![^\W_])"),
    (
        SINCE_THEN,
        SPANS,
        rf"(?<![^\W_])(?:{SINCE})\s(?:\d{{1,2}}|einer|einem|une?|una?|uma?)\s?(?:{UNITS})[^\W\d_]{{0,8}}",
    ),
    (SINCE_THEN, UNSPACED, r"\d(?<!\d\d)\d?\s?(?:分钟|分鐘|分|小时|小時|時間|天|日|시간|분|일)\s?(?:之?前|전)"),
)
_FULL_SIGNS: Final = YEAR | JOINED | DATED | UNSPACED | THANG | NAMED | NAMING
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
_TO_TIME: Final = 20  # code points from a date to the first digit of its time, and more
_DIGIT = re.compile(r"\d")
_TIME_BEFORE: Final = rf"(?<!\d)(?:{_CLOCK}){_ZONE}[\s,|•·–—-]{{1,3}}$"

# How the names of each month begin, January first: as much, without accents, as tells it from all other months.
_MONTH_STEMS: Final = (
    "jan ian gen ene led sij sty tam oca янв яну јан січ ιαν ينا ינו בינו जनव มกร",
    "feb fev uno vel lut hel sub фев феб лют φεβ فبر פבר בפבר फर กมภ",
    "mar maa bre ozu мар бер μαρ مار מרץ במרץ मार มนา",
    "apr avr abr dub tra kwi huh nis апр кві απρ ابر אפר באפר अपर เมษ",
    "mai may maj mag mei kve svi tou мая маи мај тра μαι ماي מאי במאי मई พฤษ",
    "jun juin iun giu cervn lipn cze kes haz июн юни јун чер ιουν يون יונ ביונ जन มถน",
    "jul juil iul lug cerve srpnj lipc hei tem июл юли јул лип ιουλ يول יול ביול जल กรก",
    "aug aou ago agu srpna kol sie elo авг сер αυγ اغس אוג באוג अग สงห",
    "sep set sze zar ruj wrz syy eyl сен сеп вер σεπ سبت ספט בספט सित กนย",
    "oct okt ott out rij paz lok eki окт жов οκτ اكت אוק באוק अक ตลา",
    "nov noi stu listopadu marr kas ноя ное нов лис νοε نوف נוב בנוב नव พฤศ",
    "dec dez dic des gru pro jou ara дек дец гру δεκ ديس דצמ בדצמ दिस ธนว",
)
# Names in Polish, where no dot follows the day, that are or begin like another month's in Croatian, where one does.
_UNDOTTED: Final = (("listopada", 11), ("lipca", 7))

# The parts of a time of day, for reading it.
_MORNING, _AFTERNOON = "上午|午前|오전", "下午|午後|오후"
_HALVES: Final = (
    rf"(?P<early>{_MORNING}|a\.?\s?m\b|π\.?\s?μ\b|ص(?!\w))|(?P<late>{_AFTERNOON}|p\.?\s?m\b|μ\.?\s?μ\b|م(?!\w))"
)
_TIME: Final = (
    r"(?P<hour>\d{1,2})"
    r"(?:(?:[:.h]|\s[:h]\s)(?P<minute>[0-5]\d)|\s?[時时시点點]\s?(?:(?P<minutes>[0-5]?\d)\s?[分분])?)?"
    rf"(?P<second>:[0-5]\d)?(?:\.\d{{1,6}})?(?:\s?(?:{_HALVES})\.?)?"
    r"\s?\(?(?P<utc>(?:GMT|UTC|Z)(?![^\W_]))?\)?"
    r"(?:\s?(?P<sign>[+-])(?P<hours>\d{1,2})(?P<colon>:?)(?P<rest>[0-5]\d)?(?![\d:]))?"
)
_A_DAY, _FARTHEST_ZONE = 24 * 60, 14 * 60  # minutes
_THAI_AHEAD: Final = 543  # years


class Dated(NamedTuple):
    """A date in a text, with its time of day where it has one: half-open range of code points."""

    start: int
    stop: int
    form: int
    clock: bool


_Found = tuple[Dated, "re.Match[str] | None"]


def dates(text: str, seen: int | None = None) -> list[Dated]:
    """The dates in `text`, in order, never overlapping; where two readings meet, the one that says most.

    `seen` are the signs in the text, where they are known.
    """
    return [one for one, _ in _found(text, signs(text) if seen is None else seen)]


def iso(text: str) -> str:
    """The first full date of `text` as "YYYY-MM-DD", with a time of day as "YYYY-MM-DDTHH:MM"; "" where there is none.

    Nothing is guessed. A date that begins with its year goes on with the month; after a month's name or with dots the
    day comes first, if it can. With "/" or "-" which is which has to follow from the numbers: 13/05/2016 and
    05/05/2016 are read, 03/05/2016 gives "". So do a day that no calendar has and a month that is two in two languages.

    A time whose distance from UTC is given in numbers, or that is in UTC or GMT, is told in UTC, and the day with it;
    any other is told as it is written.
    """
    for one, match in _found(text, signs(text)):
        if match is not None and one.form == FULL:
            day = _day(match)
            minutes = _minutes(text, one, match) if day and one.clock else None
            return _written(day, minutes) if day else ""
    return ""


def calendar_day(year: int, month: int, day: int) -> str:
    """A day as "YYYY-MM-DD"; "" where the calendar has none such."""
    return f"{year:04}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= _days_in(year, month) else ""


def _found(text: str, seen: int) -> list[_Found]:
    """The dates in `text` as `dates` gives them, each with its match, None for a day such as "today"."""
    if not (seen & DATES and seen & NUMBER):
        return []
    taken = bytearray(len(text))
    found = _take(text, _patterns(seen & _FULL_SIGNS, True), taken) if seen & YEAR else []
    if found:
        # Beside a full date there is no other, most often.
        seen = _beside(text, [one for one, _ in found], seen)
    if seen & DATES:
        found += _take(text, _patterns(seen & DATES, False), taken)
    if seen & TODAYS:
        found += [(one, None) for one in _days_of_today(text) if 1 not in taken[one.start : one.stop]]
    if len(found) < 2:
        return found
    found.sort(key=lambda pair: pair[0])
    # The time of one date may reach into the next.
    return [pair for i, pair in enumerate(found) if not i or found[i - 1][0].stop <= pair[0].start]


def _beside(text: str, found: list[Dated], seen: int) -> int:
    """The signs in what some dates leave of a text with the signs `seen`."""
    rest = _without(text, found)
    # Without a number there are no signs but those that may be of words alone.
    return signs(rest) if seen & (AGES | SPANS) or _DIGIT.search(rest) else 0


def _take(text: str, patterns: list[tuple[int, re.Pattern[str]]], taken: bytearray) -> list[_Found]:
    """The dates of some forms in what is not taken, which becomes so: a byte for each code point, 1 where it is."""
    found: list[_Found] = []
    for form, pattern in patterns:
        for match in pattern.finditer(text):
            if 1 in taken[match.start() : match.end()]:
                continue
            made = _timed(text, match.start(), match.end(), form)
            if _is_date(match, made):
                found.append((made, match))
                taken[made.start : made.stop] = b"\1" * (made.stop - made.start)
    return found


def _without(text: str, found: list[Dated]) -> str:
    """A text with a space in place of each of some dates."""
    pieces, at = [], 0
    for one in sorted(found):
        pieces += [text[at : one.start], " "]
        at = max(at, one.stop)
    return "".join([*pieces, text[at:]])


@functools.cache
def _patterns(seen: int, full: bool) -> list[tuple[int, re.Pattern[str]]]:
    """The forms of dates that a text with these signs can have, full ones or others."""
    return [
        (form, _compiled(pattern))
        for form, needed, pattern in _PATTERNS
        if (form == FULL) == full and seen & needed == needed
    ]


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _is_date(match: re.Match[str], made: Dated) -> bool:
    """Whether the numbers and the name of a match can be those of a date."""
    if made.form == SINCE_THEN:
        return True
    parts = match.groupdict()
    day, month, year = int(parts["d"]), int(parts.get("m") or 1), int(parts.get("y") or 2000)
    possible = 1 <= min(day, month) <= 12 and max(day, month) <= 31
    if not possible or not (1800 <= year < 2100 or 2450 <= year < 2600):  # Thai years are 543 ahead
        return False
    return parts.get("w") is None or _is_month(parts["w"], plain=made.form == FULL or made.clock)


def _is_month(word: str, plain: bool) -> bool:
    """Whether a word is a month's name or begins one; without a year or time beside it, a short one wants a capital."""
    bare = folded(word)
    if bare not in month_beginnings():
        return False
    return plain or word[0].isupper() or len(bare) > 4 or word[0].upper() == word[0].lower()


def is_calendar_word(word: str) -> bool:
    """Whether a word is the name of a month or a day, or another word of dates."""
    return folded(word) in _calendar()


@functools.cache
def _calendar() -> frozenset[str]:
    return frozenset(folded(word) for word in (MONTHS + MORE_MONTH_NAMES).split())


def _timed(text: str, start: int, stop: int, form: int) -> Dated:
    """A date with the time of day that stands right after it, else right before it."""
    after, before = _times()
    if _DIGIT.search(text, stop, stop + _TO_TIME) and (match := after.match(text, stop)):
        return Dated(start, match.end(), form, True)
    reach = max(0, start - 30)
    ahead = text[reach:start]
    if _DIGIT.search(ahead) and (match := before.search(ahead)):
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


# What a date says


def _day(match: re.Match[str]) -> tuple[int, int, int] | None:
    """Year, month and day of a full date; None where they are in doubt, or no such day is in the calendar."""
    parts = match.groupdict()
    year, day = int(parts["y"]), int(parts["d"])
    year -= _THAI_AHEAD if year >= 2450 else 0
    month = int(parts["m"]) if parts.get("m") else _month(match)
    readings = [(year, month, day)]
    sign = parts.get("s") or ""
    if sign and match.start("d") < match.start("m"):
        readings.append((year, day, month))
    possible = [reading for reading in readings if calendar_day(*reading)]
    in_doubt = len(set(possible)) > 1 and "." not in sign
    return possible[0] if possible and not in_doubt else None


def _month(match: re.Match[str]) -> int:
    """The number of the month that a date names, 1 to 12; 0 where it may be one or another."""
    word, stems = folded(match["w"]), _months_by_stem()
    told = next((stems[word[:n]] for n in range(len(word), 0, -1) if word[:n] in stems), 0)
    if not told and not match.string.startswith(".", match.end("d")):
        told = next((number for name, number in _UNDOTTED if name.startswith(word)), 0)
    return told


@functools.cache
def _months_by_stem() -> dict[str, int]:
    return {stem: number for number, stems in enumerate(_MONTH_STEMS, 1) for stem in stems.split()}


def _minutes(text: str, one: Dated, match: re.Match[str]) -> int | None:
    """The time of day of a date in minutes after its midnight; None where it cannot be read.

    In UTC where that is told, and then it may be negative, or more than a day.
    """
    start = match.end() if one.stop > match.end() else one.start
    number = _DIGIT.search(text, start)
    time = number and _time().match(text, number.start())
    if not number or not time:
        return None
    hour, ahead = int(time["hour"]), text[start : number.start()]
    if hour < 12 and (time["late"] or re.search(_AFTERNOON, ahead)):
        hour += 12
    elif hour == 12 and (time["early"] or re.search(_MORNING, ahead)):
        hour = 0
    exact = bool(time["second"]) or text[start : number.start()] in ("T", "t")
    minutes = hour * 60 + int(time["minute"] or time["minutes"] or 0)
    return minutes - _zone(time, exact) if hour < 24 else None


@functools.cache
def _time() -> re.Pattern[str]:
    return re.compile(_TIME, re.IGNORECASE)


def _zone(time: re.Match[str], exact: bool) -> int:
    """How many minutes a time of day is ahead of UTC; 0 where that is not told in numbers.

    After a time without seconds, "-11:00" is when something ends.
    """
    if not time["sign"]:
        return 0
    if not (
        time["utc"]
        or (exact and len(time["hours"]) == 2)
        or (time["rest"] and (time["sign"], time["colon"]) != ("-", ":"))
    ):
        return 0
    minutes = int(time["hours"]) * 60 + int(time["rest"] or 0)
    return 0 if minutes > _FARTHEST_ZONE else minutes if time["sign"] == "+" else -minutes


def _written(day: tuple[int, int, int], minutes: int | None) -> str:
    """A day, and the minutes after its midnight, which may lie on the day before or after, in ISO 8601."""
    if minutes is None:
        return calendar_day(*day)
    beside, minute = divmod(minutes, _A_DAY)
    return f"{calendar_day(*_day_beside(*day, beside))}T{minute // 60:02}:{minute % 60:02}"


def _day_beside(year: int, month: int, day: int, by: int) -> tuple[int, int, int]:
    """The day before (-1), the day itself (0) or the day after (1)."""
    day += by
    if day < 1:
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        return year, month, _days_in(year, month)
    if day > _days_in(year, month):
        return (year, month + 1, 1) if month < 12 else (year + 1, 1, 1)
    return year, month, day


def _days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31
