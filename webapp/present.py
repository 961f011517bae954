"""Records to what a template prints: reasons in words, and numbers as people say them.

Nothing here makes HTML: a template escapes every word of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from detect import Kind, Label, Labels, Page, Reason, Span
from webapp.records import PAGES_A_LIST, ClusterList, PageList

Reading = Literal["marked", "cleaned", "removed"]
READINGS: tuple[Reading, ...] = get_args(Reading)
READING_NAMES: dict[Reading, str] = {"marked": "Marked", "cleaned": "Cleaned", "removed": "Removed only"}

KIND_NAMES: dict[Kind, str] = {"content": "Content", "title": "Title", "boilerplate": "Boilerplate"}

# A reason that turns the odds by less than this is among the small things.
SMALL = 1.2

# The signals that say where else a text stands. Where it stands somewhere, they are never small: people come for them.
_RECURRENCE = ("recurs", "partly")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason in words; `strength` is how many times it raises the odds of its side, for the label or against it.

    `starting` for what was known before looking; `small` when it hardly counts.
    """

    words: str
    speaks_for: bool
    strength: str
    starting: bool
    small: bool


@dataclass(frozen=True, slots=True)
class Why:
    """The reason for one mark, as it is read beside the page; `summary` is all of it in one sentence."""

    index: int
    kind: Kind
    summary: str
    percent: str
    excerpt: str
    span: Span
    evidence: tuple[Evidence, ...]
    repeat: bool
    previous: int | None
    next: int | None


def why(page: Page, labels: Labels, index: int) -> Why:
    """The reason for the label at `index`. Raises IndexError when the page has no such label."""
    label = labels[index]
    text = page.text[label.start : label.stop]
    evidence = tuple(_evidence(label, reason, page.site) for reason in label.reasons)
    return Why(
        index=index,
        kind=label.kind,
        summary=_summary(label, evidence),
        percent=percent_sure(label.probability),
        excerpt=shorten(text),
        span=label.span,
        evidence=evidence,
        repeat=label.repeat,
        previous=_visible(page, labels, range(index - 1, -1, -1)),
        next=_visible(page, labels, range(index + 1, len(labels))),
    )


def _visible(page: Page, labels: Labels, indexes: range) -> int | None:
    """The first of these labels with anything to see."""
    bounds = labels.bounds
    return next((i for i in indexes if page.text[bounds[i] : bounds[i + 1]].strip()), None)


def certainty(probability: float) -> str:
    """How sure a label is, in words."""
    if probability >= 0.95:
        return "almost certainly"
    if probability >= 0.8:
        return "probably"
    return "but a close call" if probability >= 0.5 else "kept in doubt"


def percent_sure(probability: float) -> str:
    """A probability as a per cent that never claims to be certain."""
    return "over 99%" if probability > 0.99 else f"{probability:.0%}"


# What each signal of the engine says; a pair where it says one thing for boilerplate and another for content. Each must
# be true of every line that the signal weighs on, whichever way it does: see detect/columns.py.
_WORDS: dict[str, str | tuple[str, str]] = {
    "base": "Before looking: how much of a web page is boilerplate",
    "length": "Its length",
    "sentence": "How it ends, and whether sentences end inside it",
    "prose": "Its mix of small words, capitals and commas",
    "list": "How much it looks like an entry of a list",
    "phrase": ("Its words are rather those of page furniture", "Its words are rather those of text"),
    "date": "Its numbers, dates and times",
    "script": "The script it is written in",
    "piece": "How it stands in its line: all of it, or a part",
    "section": "What it or lines around it announce, such as comments or related pages",
    "site": "How many pages of the site are known",
    "again": "Whether its words stand again on this page",
    "topic": "How many rare words it shares with the page's prose",
    "headline": "What it has in common with the first line of the page",
    "neighbours": ("What stands around it looks like boilerplate", "What stands around it looks like content"),
    "place": "Where on the page it stands",
    "page": "What the page is like as a whole, and what is known of its site",
    "echo": "Says the headline again",
    "comments": "A reader's comment, and comments are kept",
}


def _evidence(label: Label, reason: Reason, site: str) -> Evidence:
    speaks_for = reason.weight >= 0
    factor = min(math.exp(abs(reason.weight)), 999)
    return Evidence(
        words=_words(label, reason, site),
        speaks_for=speaks_for,
        strength=f"×{factor:.1f}" if factor < 9.95 else f"×{factor:.0f}",
        starting=reason.name == "base",
        small=factor < SMALL and not reason.pages,
    )


def _words(label: Label, reason: Reason, site: str) -> str:
    if reason.name in _RECURRENCE:
        return _recurrence(reason, site)
    if reason.name == "headline" and label.kind == "title" and reason.weight >= 0:
        return "Reads like the headline of the text below it"
    words = _WORDS.get(reason.name, reason.name)
    for_boilerplate = (reason.weight >= 0) == (label.kind == "boilerplate")
    return words if isinstance(words, str) else words[not for_boilerplate]


def _recurrence(reason: Reason, site: str) -> str:
    """Where the text stands. The engine counts the page itself where it was learned, and copies of a page once.

    Of a large site it looks at some pages only, so that these are never said to be all.
    """
    of_site = f" of {site}" if site else " read with it"
    if not reason.of:
        return f"No other page{of_site} is known" if site else "No other page of its site is known"
    if not reason.pages:
        return f"On no other page{of_site}" + (" that was looked at" if site else "")
    stands = "Some of its words stand on" if reason.name == "partly" else "On"
    if reason.of == 1:
        return f"{stands} the one other page{of_site}"
    return f"{stands} {reason.pages:,} of {reason.of:,} different pages{of_site}"


def _summary(label: Label, evidence: Sequence[Evidence]) -> str:
    """The verdict and what spoke most for it, at most two things, in one sentence."""
    verdict = f"{KIND_NAMES[label.kind]}, {certainty(label.probability)}"
    spoke = [one for one in evidence if one.speaks_for]
    strongest = [one for one in spoke if not (one.small or one.starting)][:2] or spoke[:1]
    because = "; ".join(one.words[:1].lower() + one.words[1:] for one in strongest)
    return f"{verdict}: {because}." if because else f"{verdict}."


def shorten(text: str, limit: int = 160) -> str:
    """The text on one line, cut at a word when it is longer than `limit` code points."""
    flat = " ".join(text[: limit * 4].split())
    if len(flat) <= limit:
        return flat
    return flat[:limit].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def percent(share: float) -> str:
    """A share of 0 to 1 as text; what is neither none nor all is never shown as none or all."""
    if 0 < share < 0.01:
        return "under 1%"
    if 0.99 < share < 1:
        return "over 99%"
    return f"{share:.0%}"


def size(characters: int) -> str:
    """A count of characters, short."""
    if characters < 1_000:
        return str(characters)
    for amount, unit in ((characters / 1_000, "k"), (characters / 1_000_000, "M")):
        if amount < 999.5 or unit == "M":
            break
    return f"{amount:.1f} {unit}" if amount < 99.95 else f"{amount:.0f} {unit}"


def file_size(count: int) -> str:
    """A number of bytes as people say it."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if amount >= 10 or unit == "bytes" else f"{amount:.1f} {unit}"


def seconds(left: float) -> str:
    """Time left as people say it: never more exact than it can be."""
    if left < 5:
        return "a few seconds"
    if left < 90:
        return f"{round(left / 5) * 5} seconds"
    if left < 5400:
        return f"{round(left / 60)} minutes"
    return f"{left / 3600:.1f} hours"


def rows_shown(pages: PageList | ClusterList) -> str:
    """Which rows of how many a list shows: "Rows 1 to 50 of 55"."""
    before = (pages.number - 1) * PAGES_A_LIST
    return f"Rows {before + 1:,} to {before + len(pages.rows):,} of {pages.total:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: "1 page", "1,204 pages"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
