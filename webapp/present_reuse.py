"""What pages share, to what a template prints: versions word by word, dates on a line, and two pages side by
side.

Nothing here makes HTML: text is cut into bits, and the templates escape them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import detect
from detect import PassageKind, Span
from webapp.records import (
    Member,
    OpenCluster,
    OpenPair,
    PairPassage,
    PairSide,
    screen_of,
)

KIND_NAMES: dict[PassageKind, str] = {"exact": "Exact", "reworded": "Reworded", "quotation": "Quotation"}
KIND_MEANINGS: dict[PassageKind, str] = {
    "exact": "the same words in the same order, but for one in ten at most",
    "reworded": "words were changed, added, left out or moved",
    "quotation": "one of the pages has it in quotation marks or says whose words they are",
}

VERSIONS = 20  # of a cluster on one screen: each is read word by word against the first
PAIR_PASSAGES = 30  # of two pages on one screen
GROUPS = 30  # of near-duplicate pages on one screen

CONTEXT = 300  # characters shown before and after a passage
# Text that is the same on both sides is folded when it is longer than this; so much of it stays at each end.
_LONG, _EDGE = 420, 140
# A fold holds its text up to this length; a longer one leads to the page. Two pages of a megabyte stay a light answer.
_FOLD = 6_000
_PASSAGE = 3_000  # of one passage of a pair: both pages are read side by side
_FIRST = 6_000  # of the text that versions are compared with, shown before it is folded
# Longer texts than this are shown, and not compared word by word: it would take seconds.
_COMPARED = 200_000

HUES = 5  # colours that passages take turns with

BitKind = Literal["same", "cut", "added", "context", "boilerplate", "fold"]


@dataclass(frozen=True, slots=True)
class Bit:
    """A stretch of text that is shown in one way; `at` is where it begins on its page, in code points.

    A "fold" stands for `characters` that are not shown at once; its text is empty when it is too long to come along.
    """

    kind: BitKind
    text: str
    at: int
    characters: int = 0


def bits_of(kind: BitKind, text: str, at: int, most: int = _LONG, *, fold: int = _FOLD) -> Iterator[Bit]:
    """The text as one bit, or with its middle folded when it is longer than `most`."""
    if len(text) <= most + _EDGE:
        if text:
            yield Bit(kind, text, at)
        return
    head = _at_a_word(text, most - _EDGE)
    tail = _at_a_word(text, len(text) - _EDGE)
    yield Bit(kind, text[:head], at)
    yield _fold(text, at, head, tail, fold)
    yield Bit(kind, text[tail:], at + tail)


def _fold(text: str, at: int, start: int, stop: int, most: int = _FOLD) -> Bit:
    inside = text[start:stop] if stop - start <= most else ""
    return Bit("fold", inside, at + start, stop - start)


def _at_a_word(text: str, offset: int) -> int:
    """Just after the white space before an offset, if there is any near."""
    for i in range(offset, max(offset - 40, 0), -1):
        if text[i - 1].isspace():
            return i
    return offset


# Versions of a cluster


@dataclass(frozen=True, slots=True)
class Version:
    """A member of a cluster: `number` from 1 in the cluster's order. `bits` are what it cut, added and left of the
    text that it is compared with; empty for that one, and where not a word differs (`same`)."""

    number: int
    member: Member
    bits: tuple[Bit, ...]
    same: bool
    compared: bool = True


def first_version(cluster: OpenCluster) -> tuple[int, Member]:
    """What the others are compared with: the member that came out first, else the representative; and its number."""
    chosen = next((i for i, one in enumerate(cluster.members) if one.earliest), None)
    if chosen is None:
        chosen = next((i for i, one in enumerate(cluster.members) if one.representative), 0)
    return chosen + 1, cluster.members[chosen]


def first_bits(member: Member, *, whole: bool = False) -> tuple[Bit, ...]:
    """The text that the others are compared with; folded when it is long, unless the `whole` is wanted."""
    most = len(member.text) if whole else _FIRST
    return tuple(bits_of("same", member.text, member.start, most, fold=10 * _FOLD))


def versions(cluster: OpenCluster, number: int = 1, size: int = VERSIONS) -> tuple[tuple[Version, ...], int]:
    """Screen `number` of the cluster's members, and how many screens there are."""
    begin, _, last = screen_of(len(cluster.members), number, size)
    base_number, base = first_version(cluster)
    chosen = enumerate(cluster.members[begin : begin + size], begin + 1)
    return tuple(_version(i, one, base, i == base_number) for i, one in chosen), last


def _version(number: int, member: Member, base: Member, is_base: bool) -> Version:
    if is_base or member.text == base.text:
        return Version(number, member, (), not is_base)
    if max(len(member.text), len(base.text)) > _COMPARED:
        return Version(number, member, tuple(bits_of("same", member.text, member.start)), False, compared=False)
    bits: list[Bit] = []
    differs = False
    for change in detect.changes(base.text, member.text):
        after = member.text[change.after.start : change.after.stop]
        if change.kind == "same":
            bits += bits_of("same", after, member.start + change.after.start)
            continue
        differs = True
        if before := base.text[change.before.start : change.before.stop]:
            bits += bits_of("cut", _apart(before, change, base.text, bits, after), base.start + change.before.start)
        if after:
            bits += bits_of("added", after, member.start + change.after.start)
    return Version(number, member, tuple(bits) if differs else (), not differs)


def _apart(cut: str, change: detect.Change, text: str, shown: Sequence[Bit], after: str) -> str:
    """What was cut, with a space to what stands beside it now where there was one in the earlier text: the words
    around it are shown as the later text has them, and that may end there."""
    start, stop = change.before
    if start and text[start - 1].isspace() and shown and not shown[-1].text[-1:].isspace():
        cut = f" {cut}"
    if stop == len(text) and after and not cut[-1].isspace():
        cut = f"{cut} "
    return cut


# Dates on a line

_LANES = 12
_APART = 2.6  # hundredths of the line that two marks of a lane keep between them


@dataclass(frozen=True, slots=True)
class Dot:
    """A member on the line: `x` in hundredths of its length, `lane` from 0 at the bottom."""

    number: int
    x: float
    lane: int
    member: Member


@dataclass(frozen=True, slots=True)
class Timeline:
    """Members by date from left to right, and how many have none. `lanes` is the height in use; where a day has more
    members than that, `crowded` of them are left out."""

    dots: tuple[Dot, ...]
    first: str
    last: str
    undated: int
    lanes: int
    crowded: int = 0


def timeline(cluster: OpenCluster) -> Timeline:
    """The members of a cluster on a line from the first date to the last."""
    dated = sorted(
        ((moment, i, one) for i, one in enumerate(cluster.members, 1) if (moment := _moment(one.date)) is not None),
        key=lambda entry: entry[:2],
    )
    undated = len(cluster.members) - len(dated)
    if not dated:
        return Timeline((), "", "", undated, 0)
    begin = dated[0][0]
    length = (dated[-1][0] - begin).total_seconds()
    ends = [-_APART] * _LANES
    dots = []
    for moment, i, one in dated:
        x = 2 + 96 * ((moment - begin).total_seconds() / length if length else 0.5)
        lane = next((lane for lane, end in enumerate(ends) if x >= end + _APART), None)
        if lane is not None:
            ends[lane] = x
            dots.append(Dot(i, round(x, 2), lane, one))
    last = dated[-1][2].date if length else ""
    lanes = max(dot.lane for dot in dots) + 1
    return Timeline(tuple(dots), day(dated[0][2].date), day(last), undated, lanes, len(dated) - len(dots))


def _moment(text: str) -> datetime | None:
    """A date or a date with time, as written there: of time zones nothing is known."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def day(text: str) -> str:
    """A date as people write it: "3 May 2016"; as it stands when it is none."""
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        return text
    return f"{found.day} {found:%b %Y}"


# Two pages side by side


@dataclass(frozen=True, slots=True)
class Side:
    """A passage on one of two pages, with what stands around it; `skipped` characters of the page before that."""

    before: tuple[Bit, ...]
    text: tuple[Bit, ...]
    after: tuple[Bit, ...]
    gap: Bit | None
    span: Span


@dataclass(frozen=True, slots=True)
class Row:
    """A passage that two pages share, on both; `hue` from 1 is its colour, `kind` and the rest as in the passage."""

    passage: PairPassage
    hue: int
    a: Side
    b: Side


@dataclass(frozen=True, slots=True)
class PairScreen:
    """Some of the passages of two pages: screen `number` of `last`; what of page a follows the last of all, folded."""

    rows: tuple[Row, ...]
    number: int
    last: int
    rest_a: Bit | None
    rest_b: Bit | None


def pair_screen(pair: OpenPair, number: int = 1, size: int = PAIR_PASSAGES, context: int = CONTEXT) -> PairScreen:
    """Screen `number` of what two pages share, each passage with its context on both pages."""
    begin, number, last = screen_of(len(pair.passages), number, size)
    around_a = _around([one.a for one in pair.passages], pair.a.text, context)
    around_b = _around([one.b for one in pair.passages], pair.b.text, context)
    rows = []
    for passage in pair.passages[begin : begin + size]:
        text_a, text_b = _beside(pair, passage)
        a = _side(pair.a, passage.a, around_a[passage.a], text_a)
        b = _side(pair.b, passage.b, around_b[passage.b], text_b)
        rows.append(Row(passage, (passage.number - 1) % HUES + 1, a, b))
    ends = number == last
    return PairScreen(
        tuple(rows),
        number,
        last,
        _rest(pair.a, around_a.values()) if ends else None,
        _rest(pair.b, around_b.values()) if ends else None,
    )


def _around(spans: Sequence[Span], text: str, context: int) -> dict[Span, tuple[int, int, int]]:
    """For each passage of a page where the context before it begins, where that after it stops, and where the one of
    the passage before stopped. Contexts never overlap, whatever order the passages are shown in."""
    found = {}
    ordered = sorted(set(spans))
    shown = 0
    for i, span in enumerate(ordered):
        following = ordered[i + 1].start if i + 1 < len(ordered) else len(text)
        begin, stop = span.start - context, span.stop + context
        begin = max(_at_a_word(text, begin), shown) if begin > shown else shown
        stop = _at_a_word(text, stop) if stop < following else following
        found[span] = (min(begin, span.start), max(stop, span.stop), min(shown, span.start))
        shown = max(stop, span.stop, shown)
    return found


def _side(side: PairSide, span: Span, around: tuple[int, int, int], text: tuple[Bit, ...]) -> Side:
    begin, stop, shown = around
    return Side(
        tuple(_context(side, begin, span.start)),
        text,
        tuple(_context(side, span.stop, stop)),
        _fold(side.text[shown:begin], shown, 0, begin - shown) if side.text[shown:begin].strip() else None,
        span,
    )


def _rest(side: PairSide, around: Iterable[tuple[int, int, int]]) -> Bit | None:
    """What of a page stands after all its passages and their context."""
    stop = max((one[1] for one in around), default=0)
    return _fold(side.text[stop:], stop, 0, len(side.text) - stop) if side.text[stop:].strip() else None


def _context(side: PairSide, start: int, stop: int) -> Iterator[Bit]:
    """Text around a passage, cut where boilerplate begins and ends."""
    at = start
    for span in side.boilerplate:
        if span.stop <= at:
            continue
        if span.start >= stop:
            break
        if span.start > at:
            yield Bit("context", side.text[at : span.start], at)
            at = span.start
        end = min(span.stop, stop)
        yield Bit("boilerplate", side.text[at:end], at)
        at = end
    if at < stop:
        yield Bit("context", side.text[at:stop], at)


def _beside(pair: OpenPair, passage: PairPassage) -> tuple[tuple[Bit, ...], tuple[Bit, ...]]:
    """The text of a passage on both pages: what only one of them has is "cut" on a, "added" on b."""
    text_a = pair.a.text[passage.a.start : passage.a.stop]
    text_b = pair.b.text[passage.b.start : passage.b.stop]
    if text_a == text_b or max(len(text_a), len(text_b)) > _COMPARED:
        return tuple(bits_of("same", text_a, passage.a.start, _PASSAGE)), tuple(
            bits_of("same", text_b, passage.b.start, _PASSAGE)
        )
    bits_a: list[Bit] = []
    bits_b: list[Bit] = []
    for change in detect.changes(text_a, text_b):
        before = text_a[change.before.start : change.before.stop]
        after = text_b[change.after.start : change.after.stop]
        bits_a += bits_of(
            "same" if change.kind == "same" else "cut", before, passage.a.start + change.before.start, _PASSAGE
        )
        bits_b += bits_of(
            "same" if change.kind == "same" else "added", after, passage.b.start + change.after.start, _PASSAGE
        )
    return tuple(bits_a), tuple(bits_b)
