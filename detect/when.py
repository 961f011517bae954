"""A page to when it came out: what was told with it, what its address says, what it says itself, its name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final
from urllib.parse import urlsplit

from detect.dates import calendar_day, iso
from detect.records import Page

# Before 1990 there were no pages; other numbers of eight digits count articles.
_YEAR: Final = r"(?P<y>199\d|20\d\d)"
_DASHED: Final = rf"(?<!\d){_YEAR}-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)"
# /2016/05/03/, /2016-05-03-, /20160503/. A number that only begins a name ("/2016/05/12-things") is no day.
_IN_PATH: Final = (
    re.compile(rf"/{_YEAR}/(?P<m>\d{{1,2}})/(?P<d>\d{{1,2}})(?=/|$)"),
    re.compile(_DASHED),
    re.compile(rf"/{_YEAR}(?P<m>\d\d)(?P<d>\d\d)(?=/)"),
)
# Eight digits inside a longer number, or one of base 16, are no date.
_IN_NAME: Final = (
    re.compile(_DASHED),
    re.compile(rf"(?<![\da-fA-F]){_YEAR}(?P<m>\d\d)(?P<d>\d\d)(?![\da-fA-F])"),
)


def date_of(page: Page, heading: str = "") -> str:
    """When `page` came out: "YYYY-MM-DD", or "YYYY-MM-DDTHH:MM" where its time of day is known, else "".

    The first that tells a day of the calendar counts: the date that was told with the page, the path of its address,
    `heading`, which is the text that the page itself gives as its date, its id, its source.
    """
    return (
        iso(page.date)
        or _first_day(_path(page.url), _IN_PATH)
        or iso(heading)
        or _first_day(page.id, _IN_NAME)
        or _first_day(page.source, _IN_NAME)
    )


def firsts(pages: Collection[str], dates: Mapping[str, str]) -> list[str]:
    """The pages that may have come out before all others; none where a page has no date."""
    if not all(dates.get(page) for page in pages):
        return []
    first = min(dates[page] for page in pages)
    # "2026-05-03" says less than "2026-05-03T10:00": neither is known to be the earlier.
    return [page for page in pages if dates[page].startswith(first) or first.startswith(dates[page])]


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _first_day(text: str, patterns: tuple[re.Pattern[str], ...]) -> str:
    """The first day of the calendar that the patterns find, those of the first pattern before all others; else ""."""
    found = (
        calendar_day(int(match["y"]), int(match["m"]), int(match["d"]))
        for pattern in patterns
        for match in pattern.finditer(text)
    )
    return next(filter(None, found), "")
