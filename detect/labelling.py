"""Log-odds and recurrence to labels that tile the page: kinds, reasons, the headline, repetitions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detect import columns as col
from detect import lines
from detect.columns import SIGNALS
from detect.records import KINDS, Labels
from detect.recurrence import Recurrence
from detect.settings import DEFAULTS
from detect.words import Words

_CONTENT, _TITLE, _BOILERPLATE = (KINDS.index(kind) for kind in ("content", "title", "boilerplate"))
_HEADLINE, _ALONE, _AGAIN = (SIGNALS.index(name) for name in ("headline", "alone", "again"))

# Log-odds at which a line that is decided by what it is on the page (its headline, that headline once more)
# stands at least: sure, but less so than a block that the whole site has.
_SURE = 2.0
# A page on which every new line looks like boilerplate keeps the best of them, and those nearly as good.
_KEPT = 0.1
_NEARLY = 1.0
# A headline stands at most this many lines above the text, and has at most this many words.
_HEADLINE_LINES = 30
_HEADLINE_WORDS = 40


def label(
    words: Words,
    shapes: NDArray[np.float32],
    keys: NDArray[np.uint64],
    rows: NDArray[np.float32],
    weights: NDArray[np.float32],
    recurrence: Recurrence,
) -> Labels:
    """The labels of a page of m lines.

    `words` with its m lines; `shapes` (m, lines.COLUMNS); `keys` uint64 (m) as shingles.shingle gives them; `rows`
    (m, columns.COLUMNS); `weights` (m, len(SIGNALS)), changed here where the page as a whole decides.
    """
    _keep_the_best(rows, weights)
    verdicts = weights.sum(axis=1)
    kinds = np.where(verdicts < 0, _CONTENT, _BOILERPLATE).astype(np.uint8)
    repeats = _repeats(keys, shapes)
    title = _find_title(shapes, rows, keys, kinds, recurrence)
    if title is not None:
        _settle(weights, title, _HEADLINE, -_SURE)
        kinds[title] = _TITLE
        for line in _echoes(words, keys, title):
            _settle(weights, line, _AGAIN, _SURE)
            kinds[line] = _BOILERPLATE
            repeats[line] = True
    pages = _pages_with(words, recurrence)
    of = np.full(len(pages), recurrence.of + recurrence.own, np.int32)
    return Labels(SIGNALS, words.lines.copy(), kinds, weights, pages, of, repeats)


def _settle(weights: NDArray[np.float32], line: int, signal: int, odds: float) -> None:
    """Give `signal` the weight that takes the line's sum to `odds` at least (or at most, when negative)."""
    total = weights[line].sum()
    if (odds > 0 and total < odds) or (odds < 0 and total > odds):
        weights[line, signal] += odds - total


def _keep_the_best(rows: NDArray[np.float32], weights: NDArray[np.float32]) -> None:
    """Never take all of a page that other pages do not have: what reads best on it is its content."""
    verdicts = weights.sum(axis=1)
    new = rows[:, col.RECURS] < 0.5
    if not new.any() or (verdicts < 0).any():
        return
    lowest = verdicts[new].min()
    kept = new & (verdicts < lowest + _NEARLY)
    weights[kept, _ALONE] -= verdicts[kept] + np.float32(_KEPT)


def _repeats(keys: NDArray[np.uint64], shapes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Lines of three words and more that stood higher on the page already."""
    repeats = np.ones(len(keys), np.bool_)
    repeats[np.unique(keys, return_index=True)[1]] = False
    return repeats & (shapes[:, lines.SIZE] >= 3)


def _find_title(
    shapes: NDArray[np.float32],
    rows: NDArray[np.float32],
    keys: NDArray[np.uint64],
    kinds: NDArray[np.uint8],
    recurrence: Recurrence,
) -> int | None:
    """The line of the page's headline, or None: above the text, and told by the first line or by standing twice."""
    body = _body(shapes, rows, kinds)
    if body is None:
        return None
    worded = int(np.flatnonzero(shapes[:, lines.SIZE] > 0)[0])
    best, most = None, 0.5
    for line in range(max(0, body - _HEADLINE_LINES), body):
        size, row = shapes[line, lines.SIZE], rows[line]
        twice = keys[line] in keys[max(0, line - 2) : line] or keys[line] in keys[line + 1 : line + 3]
        # Other pages may list this one's headline; the first line, or a second one beside it, tells whose it is.
        own = row[col.RECURS] < 0.5 or row[col.TITLED] > 0.8 or twice
        furniture = row[col.DATED] or row[col.CUED] > 0.3 or 2 * recurrence.keys[line] > max(1, recurrence.of)
        if not 2 <= size <= _HEADLINE_WORDS or not own or furniture:
            continue
        # The first line is a headline in itself only where the text follows closely.
        evidence = row[col.TITLED] if line != worded else max(0.0, 1 - (body - line) / 10)
        if row[col.CAPITALS] > 0.6 and row[col.FUNCTION] < 0.25:
            evidence -= 0.5  # a row of names is a menu
        if size >= 4:
            evidence += 0.3 + max(0.0, 0.3 - 0.1 * (body - line - 1))
        evidence += 0.6 * row[col.AGAIN] - 0.3 * (body - line) / _HEADLINE_LINES
        evidence -= row[col.SEPARATORS]
        if evidence > most:
            best, most = line, evidence
    if best is None:
        return None
    # Of two equal lines one above the other, the first is the headline.
    near = [line for line in range(max(0, best - 2), best) if keys[line] == keys[best]]
    return near[0] if near else best


def _body(shapes: NDArray[np.float32], rows: NDArray[np.float32], kinds: NDArray[np.uint8]) -> int | None:
    """The line where the page's text begins: its first content of ten words, new and ended like a sentence."""
    prose = (kinds == _CONTENT) & (shapes[:, lines.ENDS] > 0) & (rows[:, col.RECURS] < 0.5)
    for size in (DEFAULTS.prose_words, 4):
        found = np.flatnonzero(prose & (shapes[:, lines.SIZE] >= size))
        if len(found):
            return int(found[0])
    return None


def _echoes(words: Words, keys: NDArray[np.uint64], title: int) -> list[int]:
    """The lines that say the headline again: the same line, or one near the top with it and the site's name."""
    same = [int(line) for line in np.flatnonzero(keys == keys[title]) if line != title]
    first = int(np.flatnonzero(np.diff(words.firsts) > 0)[0])
    if first == title or first in same:
        return same
    wanted = words.hashes[words.firsts[title] : words.firsts[title + 1]]
    there = words.hashes[words.firsts[first] : words.firsts[first + 1]]
    holds = np.isin(wanted, there).mean() >= 0.9 and len(there) <= len(wanted) + 8
    return [first, *same] if holds else same


def _pages_with(words: Words, recurrence: Recurrence) -> NDArray[np.int32]:
    """How many pages of the site have each line, int32: all of it, else how it begins, else half its words, else any.

    The page itself is counted where it was learned; 0 where no other page has the line.
    """
    pages = np.where(recurrence.keys > 0, recurrence.keys, recurrence.heads)
    for line in np.flatnonzero(pages == 0):
        votes = np.sort(recurrence.words[words.firsts[line] : words.firsts[line + 1]])
        if len(votes):
            pages[line] = votes[len(votes) // 2] or votes[-1]
    return np.where(pages > 0, pages + recurrence.own, 0).astype(np.int32)
