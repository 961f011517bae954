"""Labelled pages to lines with targets: each page with its site known, with nothing known, with line breaks lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detect.memory import Memory
from detect.pipeline import Lined, learn, line_up
from detect.records import Page
from detect.training.labelled import Gold, chance, glued, inside, token_middles, without_title

FOLDS = 5


def fold_of(page: Gold) -> int:
    """The fold of a page's site, the same in every data set."""
    return int(chance(page.domain, "fold") * FOLDS)


# What is made of a page, and how much each counts beside the page as it is with its site known.
VARIANTS = {"known": 1.0, "cold": 0.6, "copied": 0.4, "glued": 0.4, "partly glued": 0.4}


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One variant of a labelled page: its m lines, and of each how many scored tokens it has and how many are main.

    `tokens`, `main` int32 (m).
    """

    page: Gold
    variant: str
    fold: int
    lined: Lined
    tokens: NDArray[np.int32]
    main: NDArray[np.int32]


def examples(pages: Sequence[Gold]) -> list[Example]:
    """Variants of all pages, pages of one site together. Not every page has all of them, to save time."""
    of_site: dict[str, list[Gold]] = defaultdict(list)
    for page in sorted(pages, key=lambda page: (page.domain, page.site, page.id)):
        of_site[page.site].append(page)
    return [example for site in of_site.values() for example in _of_site(site)]


def _of_site(pages: list[Gold]) -> Iterator[Example]:
    memory = learn(Page(page.id, page.text, page.site) for page in pages)
    for page in pages:
        yield _example(page, "known", memory)
        draw = chance(page.id, "variant")
        if len(pages) > 1:
            yield _example(page, "cold", Memory())
        if draw < 0.5:
            yield _example(without_title(page), "copied", Memory() if draw < 0.3 else memory)
        if draw > 0.65:
            yield _example(glued(page, all_lines=True), "glued", Memory())
        if 0.3 < draw <= 0.65:
            yield _example(glued(page, all_lines=False), "partly glued", Memory())


def _example(page: Gold, variant: str, memory: Memory) -> Example:
    lined = line_up(Page(page.id, page.text, page.site), memory)
    middles = token_middles(page.text)
    middles = middles[~inside(page.ignore, len(page.text))[middles]]
    line_of = np.searchsorted(lined.words.lines, middles, "right") - 1
    count = len(lined.shapes)
    main = inside(page.spans, len(page.text))[middles]
    return Example(
        page,
        variant,
        fold_of(page),
        lined,
        np.bincount(line_of, minlength=count).astype(np.int32),
        np.bincount(line_of, weights=main, minlength=count).astype(np.int32),
    )
