"""Text that stands on several pages to the copies that can go: one is always kept, and every cut says where."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal

from detect.records import Cluster, Cut, Passage, Place
from detect.settings import DEFAULTS
from detect.versions import changes
from detect.words import LINE_BREAKS

Keep = Literal["representative", "earliest"]

# Where a sentence or a line ends: its full stop with what closes it, before a blank or in a script without them.
_END: Final = re.compile(r"(?:[.!?…؟]+[\"'”’»)\]]*(?=\s|$)|[。！？]+[」』”’）]*|(?<=\n)|$)\s*")


def extra_copies(
    passages: Sequence[Passage], clusters: Sequence[Cluster], text_of: Callable[[str], str], keep: Keep
) -> dict[str, tuple[Cut, ...]]:
    """For each page the cuts that leave one copy of a passage, whole sentences and lines of it, in order.

    The representative of a cluster is kept, or the place on the page that came out first where that is known. Only
    sentences that stand in the kept copy word for word are cut, and no quotation. What is kept for one cluster is cut
    for no other, and what is cut is kept for none, so a copy of everything that is cut stays.
    """
    kept: dict[str, list[Place]] = defaultdict(list)
    cut: dict[str, list[Cut]] = defaultdict(list)
    told: dict[str, list[Passage]] = defaultdict(list)
    for one in passages:
        if one.kind == "exact" and one.similarity >= DEFAULTS.same_text:
            told[one.cluster].append(one)
    for cluster in clusters:
        first = cluster.earliest if keep == "earliest" and cluster.earliest else cluster.representative
        for here, there in _copies(told[cluster.id], first):
            if any(_meet(here, other) for other in cut[here.page]) or any(
                _meet(there, one) for one in kept[there.page]
            ):
                continue
            for same in _same(text_of(here.page), here, text_of(there.page), there):
                made = _sentences(text_of(there.page), same)
                if made is not None and not any(_meet(made, other) for other in cut[there.page]):
                    cut[there.page].append(Cut(made.start, made.stop, "reused", here))
                    kept[here.page].append(here)
    return {page: tuple(sorted(cuts)) for page, cuts in cut.items() if cuts}


def _copies(passages: Sequence[Passage], first: Place) -> Iterator[tuple[Place, Place]]:
    """Each passage that the kept place has a part in: where it stands there, and where its copy is."""
    for one in passages:
        for here, there in ((one.a, one.b), (one.b, one.a)):
            if here.page == first.page and _meet(here, first):
                yield here, there


def _same(kept: str, here: Place, text: str, there: Place) -> Iterator[Place]:
    """The stretches of a copy that the kept place has word for word."""
    for change in changes(kept[here.start : here.stop], text[there.start : there.stop]):
        if change.kind == "same":
            yield Place(there.page, there.start + change.after.start, there.start + change.after.stop)


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
