"""The one corridor that orders the stages: page -> words -> shingles -> recurrence -> rows -> log-odds -> labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detect import blocks, engine, features, labelling, learning, lines, model, pieces, shingles, words
from detect.memory import Contribution, Memory
from detect.records import Block, Label, Labels, Page
from detect.recurrence import Recurrence
from detect.settings import DEFAULTS


def learn(pages: Iterable[Page], *, workers: int = 1) -> Memory:
    """What `pages` teach, in any order. A page without a site teaches nothing.

    Raises what `engine.run` raises when a worker dies.
    """
    return Memory.union(engine.run(_learn_page, pages, workers=workers, shared=None))


def _learn_page(shared: None, page: Page) -> Memory:
    return learning.learn_page(page)


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """A page read as far as its own text goes."""

    words: words.Words
    windows: shingles.Shingles
    shapes: NDArray[np.float32]
    contribution: Contribution


def _read(page: Page) -> _Read:
    split = words.split(page.text)
    windows = shingles.shingle(split, DEFAULTS.shingle_width)
    shapes = lines.shapes(split)
    return _Read(split, windows, shapes, learning.contribution_of(page, split, windows, shapes))


def label(page: Page, memory: Memory) -> Labels:
    """The labels of `page`, judged by itself and by what `memory` holds of its site."""
    read = _read(page)
    known = memory.index(page.site)
    own = read.contribution
    vote = known.vote_of(own.key, own.hashes, own.hashes[own.prose])
    votes = known.ask(vote, read.windows.hashes)
    covered = pieces.cover(votes.counts, read.windows.firsts, read.windows.lasts, read.words.firsts)
    split = pieces.cut(read.words, covered)
    keys = shingles.line_keys(split)
    recurrence = Recurrence(
        words=covered,
        keys=known.ask(vote, keys).counts,
        heads=pieces.heads(votes.counts, read.windows.firsts, read.windows.lasts, split.firsts, DEFAULTS.shingle_width),
        of=votes.of,
        own=votes.own,
    )
    shapes = read.shapes if split is read.words else lines.shapes(split)
    rows = features.rows(shapes, split.hashes, split.firsts, _again(keys), recurrence)
    return labelling.label(split, shapes, keys, rows, model.weigh(rows), recurrence)


def sources_of(page: Page, label: Label, memory: Memory, limit: int = 3) -> tuple[str, ...]:
    """Ids of at most `limit` other learned pages of the site that have the text of `label`, most of it first."""
    read = _read(page)
    first, last = np.searchsorted(read.words.starts, (label.start, label.stop))
    inside = (read.windows.firsts >= first) & (read.windows.lasts <= last)
    line = np.searchsorted(read.words.lines, label.start, "right") - 1
    whole = read.words.lines[line] == label.start
    wanted = np.concatenate((read.windows.hashes[inside], read.windows.keys[line : line + int(whole)]))
    return tuple(memory.index(page.site).pages_with(wanted, read.contribution.key, limit))


def find_blocks(pages: Iterable[Page], memory: Memory) -> tuple[Block, ...]:
    """The recurring blocks of `pages`, all of one site, most frequent first."""
    return blocks.find_blocks((page, label(page, memory)) for page in pages)


def _again(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which lines stand more than once; lines without words never do."""
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return (counts[inverse] > 1) & (keys != 0)
