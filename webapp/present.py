"""Records to what a template prints: text cut into marked lines, the strip of bands, and reasons in words.

Nothing here makes HTML: text is cut into pieces, and the templates escape them.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from detect import Cut, Kind, Label, Labels, Page, Reason, Span, clean
from webapp.records import PAGES_A_LIST, PageList

Reading = Literal["marked", "cleaned", "removed"]
READINGS: tuple[Reading, ...] = get_args(Reading)
READING_NAMES: dict[Reading, str] = {"marked": "Marked", "cleaned": "Cleaned", "removed": "Removed only"}

KIND_NAMES: dict[Kind, str] = {"content": "Content", "title": "Title", "boilerplate": "Boilerplate"}
_KINDS: tuple[Kind, ...] = get_args(Kind)

# Code points of text in one response: 200,000 show in under .2 s, a page of 20 million in one piece never does.
PART = 200_000

# Bands the strip can tell apart: it is some 800 pixels high on a desk, and a band needs two of them.
SLICES = 400

# A reason that turns the odds by less than this is among the small things.
SMALL = 1.2

# The signals that say where else a text stands. Where it stands somewhere, they are never small: people come for them.
_RECURRENCE = ("recurs", "partly")


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of one line that has one label: what a person can point at. `first` on the label's first piece."""

    index: int
    kind: Kind
    text: str
    first: bool


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """One line as it is shown; `kind` is "mixed" when its marks differ, `apart` when blank lines stood before it."""

    marks: tuple[Mark, ...]
    kind: str
    apart: bool


@dataclass(frozen=True, slots=True)
class PartOfPage:
    """As much of a page as one response carries: part `number` (from 1) of `last`."""

    lines: tuple[MarkedLine, ...]
    number: int
    last: int


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of the strip, in thousandths of the page; `index` is the label it jumps to, `part` where that is."""

    kind: Kind
    top: float
    height: float
    index: int
    part: int


@dataclass(frozen=True, slots=True)
class LegendRow:
    """How many marks have a kind, and its share of the page's characters, 0 to 1."""

    kind: Kind
    marks: int
    share: float


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


def part_of_page(page: Page, labels: Labels, reading: Reading, number: int = 1) -> PartOfPage:
    """Part `number` of the page in a reading; the nearest part there is when there is no such part."""
    parts = _parts(page.text, _shown(page, labels, reading))
    number = min(max(number, 1), len(parts))
    lines = tuple(_lines(page.text, labels, parts[number - 1]))
    return PartOfPage(lines, number, len(parts))


def part_of_label(page: Page, labels: Labels, reading: Reading, index: int) -> int:
    """The number of the part that a label begins in."""
    return _part_at(_part_ends(page, labels, reading), labels, index)


def _part_ends(page: Page, labels: Labels, reading: Reading) -> list[int]:
    """Where each part of a reading stops, in code points of the page."""
    return [spans[-1].stop for spans in _parts(page.text, _shown(page, labels, reading)) if spans]


def _part_at(ends: Sequence[int], labels: Labels, index: int) -> int:
    return min(bisect_right(ends, int(labels.bounds[index])), max(len(ends) - 1, 0)) + 1


def _shown(page: Page, labels: Labels, reading: Reading) -> list[Span]:
    """The spans of the page that a reading shows."""
    if reading == "marked":
        return [Span(0, len(page.text))]
    cuts = clean(page, labels).cuts
    if reading == "removed":
        return _joined(cuts)
    starts = [0, *(cut.stop for cut in cuts)]
    stops = [*(cut.start for cut in cuts), len(page.text)]
    return [Span(start, stop) for start, stop in zip(starts, stops, strict=True) if start < stop]


def _joined(cuts: Sequence[Cut]) -> list[Span]:
    """The spans of the cuts; cuts that touch are one."""
    spans: list[Span] = []
    for cut in cuts:
        if spans and spans[-1].stop == cut.start:
            spans[-1] = Span(spans[-1].start, cut.stop)
        else:
            spans.append(Span(cut.start, cut.stop))
    return spans


def _parts(text: str, spans: Sequence[Span]) -> list[list[Span]]:
    """The spans, cut at line ends into runs of about PART code points; at least one run, which may be empty."""
    parts: list[list[Span]] = [[]]
    room = PART
    for start, stop in spans:
        while start < stop:
            if room <= 0:
                parts.append([])
                room = PART
            end = text.find("\n", start + room, stop) + 1 if stop - start > room else stop
            end = end or stop
            parts[-1].append(Span(start, end))
            room -= end - start
            start = end
    return parts


def _lines(text: str, labels: Labels, spans: Sequence[Span]) -> Iterator[MarkedLine]:
    """The lines of these spans that have anything to see, cut where labels meet."""
    bounds: list[int] = labels.bounds.tolist()
    kinds = [_KINDS[kind] for kind in labels.kinds]
    named = -1  # the last label that a mark was made of
    for span in spans:
        start, apart = span.start, True
        while start < span.stop:
            found = text.find("\n", start, span.stop)
            stop = found if found >= 0 else span.stop
            marks = []
            index = bisect_right(bounds, start) - 1
            while index < len(kinds) and bounds[index] < stop:
                piece = text[max(bounds[index], start) : min(bounds[index + 1], stop)]
                if piece.strip():
                    marks.append(Mark(index, kinds[index], piece.rstrip("\r"), index != named))
                    named = index
                index += 1
            if marks:
                whole = len({mark.kind for mark in marks}) == 1
                yield MarkedLine(tuple(marks), marks[0].kind if whole else "mixed", apart)
            apart = not marks
            start = stop + 1


def bands(page: Page, labels: Labels, reading: Reading) -> tuple[Band, ...]:
    """The whole page as bands of kind, top to bottom; empty for an empty page."""
    size = len(page.text)
    if not size:
        return ()
    edges = np.linspace(0, size, min(SLICES, size) + 1)
    lengths = np.diff(labels.bounds)
    held = np.array(
        [
            np.diff(np.interp(edges, labels.bounds, np.concatenate([[0], np.cumsum(lengths * (labels.kinds == kind))])))
            for kind in range(len(_KINDS))
        ]
    )
    slices = held.argmax(axis=0)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(slices)) + 1])
    stops = np.concatenate([starts[1:], [len(slices)]])
    ends = _part_ends(page, labels, reading)
    made = []
    for first, stop in zip(starts, stops, strict=True):
        index = min(int(np.searchsorted(labels.bounds, edges[first], side="right")) - 1, len(labels) - 1)
        # A slice begins anywhere in its first label: go on to the first of the band's kind that can be seen.
        while labels.kinds[index] != slices[first] and index + 1 < len(labels):
            index += 1
        part = _part_at(ends, labels, index)
        top, bottom = edges[first] / size * 1000, edges[stop] / size * 1000
        made.append(Band(_KINDS[slices[first]], round(top, 1), round(bottom - top, 1), index, part))
    return tuple(made)


def legend(labels: Labels) -> tuple[LegendRow, ...]:
    """A row for each kind, content first."""
    counts = np.bincount(labels.kinds, minlength=len(_KINDS))
    return tuple(LegendRow(kind, int(counts[i]), labels.share(kind)) for i, kind in enumerate(_KINDS))


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
    """Where the text stands. The engine counts the page itself where it was learned, and copies of a page once."""
    of_site = f" of {site}" if site else " read with it"
    if not reason.of:
        return f"No other page{of_site} is known" if site else "No other page of its site is known"
    if not reason.pages:
        return f"On no other page{of_site}"
    stands = "Some of its words stand on" if reason.name == "partly" else "On"
    if reason.of == 1:
        return f"{stands} the one other page{of_site}"
    return f"{stands} {reason.pages:,} of the {reason.of:,} different pages{of_site}"


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


def rows_shown(pages: PageList) -> str:
    """Which rows of how many a list shows: "Rows 1 to 50 of 55"."""
    before = (pages.number - 1) * PAGES_A_LIST
    return f"Rows {before + 1:,} to {before + len(pages.rows):,} of {pages.total:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: "1 page", "1,204 pages"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
