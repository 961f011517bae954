"""Labels to the lines near a headline and a text that may hold a date or a byline.

Looked at are a few lines around the headline and around the text, so that a page of any length costs the same but for
the search for them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detect import signs
from detect.loops import njit
from detect.records import KINDS, Labels
from detect.signs import (
    CUED,
    DATES,
    OPENED,
    is_alphanumeric,
    line_end,
    line_signs,
    new_circle,
    stripped,
)
from detect.words import points_of

_CONTENT, _TITLE = KINDS.index("content"), KINDS.index("title")
# Code points from which a label of content is text, not a stray line above it.
_TEXT: Final = 60
# Labels that are looked at: below the headline as far as the text may be, some lines into the text, above, and after.
_BELOW, _INTO, _ABOVE, _AFTER = 40, 8, 12, 8
# Code points of the head and the tail of a line that is longer than both, and of the head of a paragraph.
_PART, _HEAD = 300, 120
# Code points in which the edge of a word is looked for.
_EDGE: Final = 30
# Code points of the line above that may say what a date is.
ABOVE_CHARACTERS: Final = 40


# Columns of the table of lines that may hold a date or a byline: the zone, 0 below the headline, 1 above it, 2 after
# the text; the code points [start, stop) of the line, or as much of it as is looked at, without space around it; 1 for
# content; its signs. A sign that says what a date is may stand in the line above.
_ZONE, _START, _STOP, _IS_CONTENT, _SIGNS, _COLUMNS = range(6)


class Zones(NamedTuple):
    """Where to look: the label that is the headline, -1 where there is none, and the labels that are near, each as the
    first of them and what comes after the last. `bounds` and `kinds` are those of the labels.
    """

    title: int
    above: tuple[int, int]
    below: tuple[int, int]
    after: tuple[int, int]
    bounds: NDArray[np.int64]
    kinds: NDArray[np.uint8]


def zones(labels: Labels) -> Zones:
    """The headline and the labels near it and near the text."""
    # Copies: of arrays that cannot be written to, as some are, the kernels would have to be compiled once more.
    bounds, kinds = labels.bounds.copy(), labels.kinds.copy()
    title, above, below, after = _zones(bounds, kinds, _comments(labels))
    return Zones(title, above, below, after, bounds, kinds)


def around(text: str, near: Zones) -> list[list[int]]:
    """The lines that may hold a date or a byline below the headline, and then from label to label upwards above it."""
    (top, last), (first, stop) = near.above, near.below
    return _lines(text, near, min(top, first), max(last, stop), 0)


def after(text: str, near: Zones) -> list[list[int]]:
    """The lines after the text that may hold a date or a byline."""
    return _lines(text, near, *near.after, 2)


def _lines(text: str, near: Zones, first: int, stop: int, zone: int) -> list[list[int]]:
    """The lines of the zones from `zone` on, which are in the labels from `first` to before `stop`."""
    if first >= stop:
        return []
    bounds = near.bounds
    offset = max(int(bounds[first]) - ABOVE_CHARACTERS, 0)
    points = points_of(text[offset : int(bounds[stop])])
    zones = (near.below, near.above) if zone == 0 else (near.after, (0, 0))
    rows: list[list[int]] = _rows(points, offset, bounds, near.kinds, zones, zone, *signs.tables()).tolist()
    return rows


def _comments(labels: Labels) -> NDArray[np.bool_]:
    """Labels of comments that are kept: the text ends before them, and their dates are not the page's."""
    if "comments" not in labels.signals:
        return np.zeros(len(labels), np.bool_)
    return labels.weights[:, labels.signals.index("comments")] != 0


@njit(cache=True, nogil=True)
def _zones(bounds, kinds, comments):  # type: ignore[no-untyped-def]
    """The title and the zones of `Zones`."""
    n = len(kinds)
    title = 0
    while title < n and kinds[title] != _TITLE:
        title += 1
    title = title if title < n else -1
    below = title + 1
    text = below
    while text < n and (kinds[text] != _CONTENT or comments[text] or bounds[text + 1] - bounds[text] < _TEXT):
        text += 1
    text = below if text == n else min(text, below + _BELOW)
    # Without a headline, what stands nearest above the text is nearest to where one would be.
    top, first = (title, below) if title >= 0 else (text, text)
    last = n
    while last > 0 and (kinds[last - 1] != _CONTENT or comments[last - 1]):
        last -= 1
    last = last if last > 0 else n
    into = max(min(text + _INTO, last), first)
    after = max(last - 2, into)
    return (
        title,
        (max(top - _ABOVE, 0), top),
        (first, into),
        (after, max(min(last + _AFTER, n), after)),
    )


@njit(cache=True, nogil=True)
def _rows(points, offset, bounds, kinds, zones, zone, table, slots, lists):  # type: ignore[no-untyped-def]
    """The table (lines, _COLUMNS) of two zones from `zone` on: the first from its first label on, the second backwards.

    `points` begin at `offset`.
    """
    (first, stop), (top, last) = zones
    labels = stop - first + last - top
    # Each line but the last of what is looked at of a label, which are two at most, is a sign and a line break.
    rows = np.empty((min(len(points), labels * (2 * _PART + _EDGE)) // 2 + 2 * labels, _COLUMNS), np.int64)
    recent = new_circle()
    count = 0
    for index in range(first, stop):
        count = _add(points, offset, bounds, kinds, index, zone, rows, count, table, slots, lists, recent)
    for index in range(last - 1, top - 1, -1):
        count = _add(points, offset, bounds, kinds, index, zone + 1, rows, count, table, slots, lists, recent)
    return rows[:count]


@njit(cache=True, nogil=True)
def _add(points, offset, bounds, kinds, index, zone, rows, count, table, slots, lists, recent):  # type: ignore[no-untyped-def]
    """Add the lines of a label to the `count` that there are; returns how many there are then."""
    content = kinds[index] == _CONTENT
    start, end = bounds[index] - offset, min(bounds[index + 1] - offset, len(points))
    before = count
    if content and end - start > 2 * _HEAD:
        count = _cut(points, start, _edge(points, start + _HEAD, table), rows, count, table, slots, lists, recent)
    elif end - start > 2 * _PART:
        count = _cut(points, start, _edge(points, start + _PART, table), rows, count, table, slots, lists, recent)
        count = _cut(points, _edge(points, end - _PART, table), end, rows, count, table, slots, lists, recent)
    else:
        count = _cut(points, start, end, rows, count, table, slots, lists, recent)
    for row in range(before, count):
        rows[row, _ZONE] = zone
        rows[row, _START] += offset
        rows[row, _STOP] += offset
        rows[row, _IS_CONTENT] = content
    return count


@njit(cache=True, nogil=True)
def _edge(points, at, table):  # type: ignore[no-untyped-def]
    """The nearest place before `at`, if one is near, that is not inside a word or a number."""
    for place in range(at, at - _EDGE, -1):
        if not (is_alphanumeric(points[place - 1], table) and is_alphanumeric(points[place], table)):
            return place
    return at


@njit(cache=True, nogil=True)
def _cut(points, start, stop, rows, count, table, slots, lists, recent):  # type: ignore[no-untyped-def]
    """Add the lines of [start, stop) that have signs of a date or a byline; returns how many there are then."""
    while start < stop:
        end, plain = line_end(points, start, stop, table)
        first, last = stripped(points, start, end, table)
        found = line_signs(points, first, last, plain, table, slots, lists, recent)
        if found & (DATES | OPENED):
            above = line_signs(points, max(first - ABOVE_CHARACTERS, 0), first, False, table, slots, lists, recent)
            rows[count, _START] = first
            rows[count, _STOP] = last
            rows[count, _SIGNS] = found | (above & CUED)
            count += 1
        start = end + 1
    return count
