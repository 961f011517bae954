"""The one corridor that orders the stages: page -> words -> shingles -> recurrence -> rows -> log-odds -> labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detect import (
    blocks,
    comments,
    context,
    engine,
    features,
    labelling,
    learning,
    lines,
    model,
    pieces,
    shingles,
    words,
)
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


@dataclass(frozen=True, slots=True, eq=False)
class Lined:
    """A page cut into m lines as they are judged, with what its site says of them."""

    words: words.Words
    shapes: NDArray[np.float32]
    keys: NDArray[np.uint64]
    recurrence: Recurrence


def line_up(page: Page, memory: Memory) -> Lined:
    """The lines of `page`: cut where recurring text begins and ends, and into sentences where they are too long."""
    if not memory.pages(page.site):
        return _line_up_alone(page)
    read = _read(page)
    known = memory.index(page.site)
    own = read.contribution
    vote = known.vote_of(own.key, own.hashes, own.hashes[own.prose])
    votes = known.ask(vote, read.windows.hashes)
    covered = pieces.cover(votes.counts, read.windows.firsts, read.windows.lasts, read.words.firsts)
    split = pieces.sentences(pieces.cut(read.words, covered))
    keys = shingles.line_keys(split)
    recurrence = Recurrence(
        words=covered,
        keys=known.ask(vote, keys).counts,
        heads=pieces.heads(votes.counts, read.windows.firsts, read.windows.lasts, split.firsts, DEFAULTS.shingle_width),
        of=votes.of,
        own=votes.own,
    )
    shapes = read.shapes if split is read.words else lines.shapes(split)
    return Lined(split, shapes, keys, recurrence)


def _line_up_alone(page: Page) -> Lined:
    """The same for a page of a site that nothing is known of."""
    split = pieces.sentences(words.split(page.text))
    keys = shingles.line_keys(split)
    none = np.zeros(len(keys), np.int32)
    recurrence = Recurrence(np.zeros(len(split.hashes), np.int32), none, none, of=0, own=False)
    return Lined(split, lines.shapes(split), keys, recurrence)


def label(page: Page, memory: Memory, *, keep_comments: bool = False) -> Labels:
    """The labels of `page`, judged by itself and by what `memory` holds of its site.

    Comments of readers are boilerplate; with `keep_comments` they are content.
    """
    lined = line_up(page, memory)
    judge = model.load()
    rows = features.rows(lined.words, lined.shapes, lined.keys, lined.recurrence, judge.lexicon)
    before = judge.first.weigh(rows)
    context.beside(rows, before.sum(axis=1), lined.shapes[:, lines.SIZE])
    weights = judge.weigh(rows, before)
    written = None
    if keep_comments:
        odds = weights.sum(axis=1)
        written = comments.written(page.text, lined.words, lined.shapes, lined.keys, lined.recurrence, odds)
    return labelling.label(lined.words, lined.shapes, lined.keys, rows, weights, lined.recurrence, written)


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
