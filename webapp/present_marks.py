"""A page's labels to what its reading shows: text cut into marked lines, the strip of bands, the legend.

Labels tile a page. Passages that it shares with others lie across them, and may lie within one another: a mark ends
where its label ends, and where a passage begins or ends. Only content and titles are shared, so boilerplate inside a
passage carries no number.

Nothing here makes HTML: text is cut into pieces, and the templates escape them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from detect import Cut, Kind, Labels, Page, Span, clean
from webapp.present import Reading

_KINDS: tuple[Kind, ...] = get_args(Kind)

# Code points of text in one response: 200,000 show in under .2 s, a page of 20 million in one piece never does.
PART = 200_000

# Bands the strip can tell apart: it is some 800 pixels high on a desk, and a band needs two of them.
SLICES = 400


@dataclass(frozen=True, slots=True)
class SharedSpan:
    """Text of the page that other pages have too: code points [start, stop), and the number it is shown with."""

    number: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of one line that has one label: what a person can point at. `first` on the label's first piece.

    `shared` are the numbers of the passages it belongs to, and `opening` those of them that were not shared by the
    piece before it: their numbers are shown in front of it. `anchors` are those that are met for the first time.
    """

    index: int
    kind: Kind
    text: str
    first: bool
    shared: tuple[int, ...] = ()
    opening: tuple[int, ...] = ()
    anchors: frozenset[int] = frozenset()


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


def part_of_page(
    page: Page, labels: Labels, reading: Reading, number: int = 1, shared: Sequence[SharedSpan] = ()
) -> PartOfPage:
    """Part `number` of the page in a reading; the nearest part there is when there is no such part.

    `shared` are the passages that other pages have, in the order they begin.
    """
    parts = _parts(page.text, _shown(page, labels, reading))
    number = min(max(number, 1), len(parts))
    lines = tuple(_lines(page.text, labels, parts[number - 1], shared))
    return PartOfPage(lines, number, len(parts))


def part_of_label(page: Page, labels: Labels, reading: Reading, index: int) -> int:
    """The number of the part that a label begins in."""
    return _part_at(_part_ends(page, labels, reading), int(labels.bounds[index]))


def parts_of_spans(page: Page, labels: Labels, reading: Reading, shared: Sequence[SharedSpan]) -> dict[int, int]:
    """The number of the part that each passage begins in, by the passage's number."""
    ends = _part_ends(page, labels, reading) if shared else []
    return {span.number: _part_at(ends, span.start) for span in shared}


def _part_ends(page: Page, labels: Labels, reading: Reading) -> list[int]:
    """Where each part of a reading stops, in code points of the page."""
    return [spans[-1].stop for spans in _parts(page.text, _shown(page, labels, reading)) if spans]


def _part_at(ends: Sequence[int], offset: int) -> int:
    return min(bisect_right(ends, offset), max(len(ends) - 1, 0)) + 1


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


def _lines(text: str, labels: Labels, spans: Sequence[Span], shared: Sequence[SharedSpan]) -> Iterator[MarkedLine]:
    """The lines of these spans that have anything to see, cut where labels meet and where passages begin or end."""
    bounds: list[int] = labels.bounds.tolist()
    kinds = [_KINDS[kind] for kind in labels.kinds]
    at = _passages(shared)
    named = -1  # the last label that a mark was made of
    before: tuple[int, ...] = ()  # the passages of the last mark
    # A passage that began in an earlier part has its anchor there, and both parts may stand on one screen.
    met = {span.number for span in shared if spans and span.start < spans[0].start}
    for span in spans:
        start, apart = span.start, True
        while start < span.stop:
            found = text.find("\n", start, span.stop)
            stop = found if found >= 0 else span.stop
            marks = []
            index = bisect_right(bounds, start) - 1
            while index < len(kinds) and bounds[index] < stop:
                for first, last, numbers in at(max(bounds[index], start), min(bounds[index + 1], stop)):
                    piece = text[first:last]
                    if not piece.strip():
                        continue
                    numbers = () if kinds[index] == "boilerplate" else numbers
                    opening = tuple(number for number in numbers if number not in before)
                    anchors = frozenset(opening) - met
                    met |= anchors
                    before = numbers
                    marks.append(
                        Mark(index, kinds[index], piece.rstrip("\r"), index != named, numbers, opening, anchors)
                    )
                    named = index
                index += 1
            if marks:
                whole = len({mark.kind for mark in marks}) == 1
                yield MarkedLine(tuple(marks), marks[0].kind if whole else "mixed", apart)
            apart = not marks
            start = stop + 1


_Pieces = Callable[[int, int], Iterator[tuple[int, int, tuple[int, ...]]]]


def _passages(shared: Sequence[SharedSpan]) -> _Pieces:
    """What cuts a stretch [start, stop) into pieces (start, stop, numbers of the passages there)."""
    edges = sorted({edge for span in shared for edge in (span.start, span.stop)})
    inside: list[list[int]] = [[] for _ in edges]  # the passages from each edge to the next
    for span in shared:
        for i in range(bisect_left(edges, span.start), bisect_left(edges, span.stop)):
            inside[i].append(span.number)
    numbers = [tuple(sorted(one)) for one in inside]

    def pieces(start: int, stop: int) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        i = bisect_right(edges, start) - 1
        while start < stop:
            end = min(edges[i + 1], stop) if i + 1 < len(edges) else stop
            yield start, end, numbers[i] if i >= 0 else ()
            start, i = end, i + 1

    return pieces


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
        part = _part_at(ends, int(labels.bounds[index]))
        top, bottom = edges[first] / size * 1000, edges[stop] / size * 1000
        made.append(Band(_KINDS[slices[first]], round(top, 1), round(bottom - top, 1), index, part))
    return tuple(made)


def legend(labels: Labels) -> tuple[LegendRow, ...]:
    """A row for each kind, content first."""
    counts = np.bincount(labels.kinds, minlength=len(_KINDS))
    return tuple(LegendRow(kind, int(counts[i]), labels.share(kind)) for i, kind in enumerate(_KINDS))
