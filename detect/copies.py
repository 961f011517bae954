"""Text that stands on several pages to the copies that can go: one is always kept, and every cut says where."""

from __future__ import annotations

import bisect
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from detect import when
from detect.records import Cluster, Cut, Passage, Place, Span
from detect.settings import DEFAULTS
from detect.versions import changes
from detect.words import LINE_BREAKS

Keep = Literal["representative", "earliest"]

_JOINT: Final = "\n"  # what keeps words apart where boilerplate between them is left out

# Where a sentence or a line ends: its full stop with what closes it, before a blank or in a script without them.
_END: Final = re.compile(r"(?:(?<![.!?…؟])[.!?…؟]++[\"'”’»)\]]*+(?=\s|$)|[。！？]+[」』”’）]*|(?<=\n)|$)\s*")


class Content(NamedTuple):
    """A page's text, and where what takes part of it begins and ends, in turn: whatever else it has may be cut."""

    text: str
    edges: Sequence[int]


def extra_copies(
    passages: Sequence[Passage],
    clusters: Sequence[Cluster],
    content_of: Callable[[str], Content],
    keep: Keep,
    dates: Mapping[str, str],
) -> dict[str, tuple[Cut, ...]]:
    """For each page the cuts that leave one copy of a passage, whole sentences and lines of it, in order.

    The representative of a cluster is kept, or the place on the page that came out first by `dates`, where these tell;
    of pages that may all have been first, the representative if it is one of them, else the first by id. Only
    sentences that stand word for word in the content of the kept copy are cut, and no quotation. What is kept for one
    cluster is cut for no other, and what is cut is kept for none, so a copy of everything that is cut stays.
    """
    kept: dict[str, list[Place]] = defaultdict(list)
    cut: dict[str, list[Cut]] = defaultdict(list)
    told: dict[str, list[Passage]] = defaultdict(list)
    for one in passages:
        if one.kind == "exact" and one.similarity >= DEFAULTS.same_text:
            told[one.cluster].append(one)
    for cluster in clusters:
        first = _earliest(cluster, dates) if keep == "earliest" else cluster.representative
        for here, there in _copies(told[cluster.id], first):
            if any(_meet(here, other) for other in cut[here.page]) or any(
                _meet(there, one) for one in kept[there.page]
            ):
                continue
            for same in _same(content_of(here.page), here, content_of(there.page), there):
                made = _sentences(content_of(there.page).text, same)
                if made is not None and not any(_meet(made, other) for other in cut[there.page]):
                    cut[there.page].append(Cut(made.start, made.stop, "reused", here))
                    kept[here.page].append(here)
    return {page: tuple(sorted(cuts)) for page, cuts in cut.items() if cuts}


def _earliest(cluster: Cluster, dates: Mapping[str, str]) -> Place:
    firsts = when.firsts({place.page for place in cluster.members}, dates)
    if not firsts or cluster.representative.page in firsts:
        return cluster.representative
    return next(place for place in cluster.members if place.page in firsts)


def _copies(passages: Sequence[Passage], first: Place) -> Iterator[tuple[Place, Place]]:
    """Each passage that the kept place has a part in: where it stands there, and where its copy is."""
    for one in passages:
        for here, there in ((one.a, one.b), (one.b, one.a)):
            if here.page == first.page and _meet(here, first):
                yield here, there


def _same(kept: Content, here: Place, copy: Content, there: Place) -> Iterator[Place]:
    """The stretches of a copy that the kept place has word for word, of the content of either."""
    runs = _runs(copy, there)
    for change in changes(_joined(kept.text, _runs(kept, here)), _joined(copy.text, runs)):
        at = 0
        for run in runs if change.kind == "same" else ():
            first, last = max(change.after.start - at, 0), min(change.after.stop - at, run.stop - run.start)
            if first < last:
                yield Place(there.page, run.start + first, run.start + last)
            at += run.stop - run.start + len(_JOINT)


def _runs(content: Content, place: Place) -> list[Span]:
    """The parts of a place that take part."""
    first = bisect.bisect_right(content.edges, place.start) // 2 * 2
    last = (bisect.bisect_left(content.edges, place.stop) + 1) // 2 * 2
    inside = content.edges[first:last]
    pairs = zip(inside[::2], inside[1::2], strict=True)
    return [Span(max(start, place.start), min(stop, place.stop)) for start, stop in pairs]


def _joined(text: str, runs: Sequence[Span]) -> str:
    return _JOINT.join(text[run.start : run.stop] for run in runs)


def _meet(one: Place | Cut, other: Place | Cut) -> bool:
    return one.start < other.stop and other.start < one.stop


def _sentences(text: str, place: Place) -> Place | None:
    """The whole sentences and lines of a place; None where there is none."""
    start = place.start
    if start and not _begins(text, start):
        start = next((end.end() for end in _END.finditer(text, start, place.stop) if end.end() > start), place.stop)
    stop = place.stop
    while stop < len(text) and text[stop] in " \t":
        stop += 1
    if stop < len(text) and ord(text[stop]) not in LINE_BREAKS and not _begins(text, stop):
        stop = max(
            (end.end() for end in _END.finditer(text, start, place.stop) if end.end() < place.stop), default=start
        )
    return Place(place.page, start, stop) if start < stop else None


def _begins(text: str, at: int) -> bool:
    """Whether a sentence or a line begins at `at`."""
    before = text[max(0, at - 20) : at]
    return bool(before) and ("\n" in before[len(before.rstrip()) :] or re.search(_ENDED, before) is not None)


_ENDED: Final = r"[.!?…؟][\"'”’»)\]]*\s+$|[。！？][」』”’）]*\s*$"
