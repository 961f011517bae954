"""Labels to cleaned text, and the list of every cut. What is kept stands as it stood; nothing is rewritten."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from detect.records import KINDS, Cleaned, Cut, Labels, Page


def clean(page: Page, labels: Labels, copies: Sequence[Cut] = ()) -> Cleaned:
    """The text of `page` without its boilerplate, and without `copies` of text that is kept elsewhere.

    Raises ValueError where `labels` are not of this text.
    """
    if labels.bounds[-1] != len(page.text):
        raise ValueError(f"these labels are of a text of {labels.bounds[-1]} characters, not {len(page.text)}")
    cuts = _boilerplate(labels)
    for copy in copies:
        cuts += [copy._replace(start=start, stop=stop) for start, stop in _between(cuts, copy.start, copy.stop)]
        cuts.sort()
    edges = [0, *itertools.chain.from_iterable((cut.start, cut.stop) for cut in cuts), len(page.text)]
    kept = (page.text[start:stop] for start, stop in zip(edges[::2], edges[1::2], strict=True))
    return Cleaned("".join(kept), tuple(cuts))


def _boilerplate(labels: Labels) -> list[Cut]:
    """The runs of boilerplate, in order."""
    edges = labels.edges(labels.kinds == KINDS.index("boilerplate")).tolist()
    return [Cut(start, stop, "boilerplate") for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def _between(cuts: Sequence[Cut], start: int, stop: int) -> Iterator[tuple[int, int]]:
    """The parts of [start, stop) that are in none of the cuts, which are in order."""
    for cut in cuts:
        if start < cut.start and cut.start < stop:
            yield start, cut.start
        start = max(start, cut.stop) if cut.start < stop else start
    if start < stop:
        yield start, stop
