"""Log-odds and recurrence to labels that tile the page: kinds, reasons, the headline, repetitions."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detect import lines
from detect.columns import INDEX, SIGNALS
from detect.records import KINDS, Labels
from detect.recurrence import Recurrence
from detect.settings import DEFAULTS
from detect.words import Words

_CONTENT, _TITLE, _BOILERPLATE = (KINDS.index(kind) for kind in ("content", "title", "boilerplate"))
_HEADLINE, _ECHO, _COMMENTS, _RECURS, _PARTLY, _PAGE, _ONCE_MORE, _NEIGHBOURS = (
    SIGNALS.index(name) for name in ("headline", "echo", "comments", "recurs", "partly", "page", "again", "neighbours")
)
_ON2, _AGAIN, _TITLED, _BEGINS, _STOPS = (INDEX[name] for name in ("on2", "again", "titled", "begins", "stops"))

# Log-odds at which a line that is decided by what it is on the page (its headline, that headline once more)
# stands at least: sure, but less so than a block that the whole site has.
_SURE = 2.0
# A headline stands at most this many lines above the text, and has at most this many words.
_HEADLINE_LINES = 30
_HEADLINE_WORDS = 40
# A headline is said again right away, or above; lines of a song or a table stand further down.
_ECHO_LINES = 2
_REFRAIN = 3  # times that a line stands on a page from which it may be a refrain
_BARELY = 0.1  # log-odds of a line that others of its words decide for
_QUOTES = np.array([ord(mark) for mark in '"“”„«»「」『』'], np.uint32)


def label(
    words: Words,
    shapes: NDArray[np.float32],
    keys: NDArray[np.uint64],
    rows: NDArray[np.float32],
    weights: NDArray[np.float32],
    recurrence: Recurrence,
    written: NDArray[np.bool_] | None = None,
) -> Labels:
    """The labels of a page of m lines.

    `words` with its m lines; `shapes` (m, lines.COLUMNS); `keys` uint64 (m) as shingles.line_keys gives them; `rows`
    (m, features.COLUMNS); `weights` (m, len(SIGNALS)), changed here for the headline and its echoes; `written`
    bool (m): comments of readers that are content.
    """
    # No evidence is silence: of what is not known, or not there, the page has the say.
    if recurrence.of == 0:
        _hand_over(weights, _RECURS, _PAGE)
    if np.count_nonzero(shapes[:, lines.SIZE]) < 2:
        _hand_over(weights, _NEIGHBOURS, _PAGE)
    if recurrence.of >= DEFAULTS.sure_pages:
        for line in np.flatnonzero(_surely_recurs(words, shapes, rows, recurrence)).tolist():
            _settle(weights, line, _RECURS, _SURE)
    kinds = decide(weights.sum(axis=1), shapes[:, lines.SIZE])
    for line in _refrains(keys, kinds):
        _settle(weights, line, _ONCE_MORE, -_BARELY)
        kinds[line] = _CONTENT
    repeats = _repeats(keys, shapes)
    title = _find_title(shapes, rows, keys, kinds, recurrence)
    if title is not None:
        _settle(weights, title, _HEADLINE, -_SURE)
        kinds[title] = _TITLE
        for line in _echoes(words, keys, title, kinds):
            _settle(weights, line, _ECHO, _SURE)
            kinds[line] = _BOILERPLATE
            repeats[line] = True
    for line in [] if written is None else np.flatnonzero(written & (kinds != _TITLE)).tolist():
        _settle(weights, line, _COMMENTS, -_SURE)
        kinds[line] = _CONTENT
    pages = _pages_with(words, recurrence)
    _hand_over(weights, _RECURS, _PARTLY, (recurrence.keys == 0) & (pages > 0))
    of = np.full(len(pages), recurrence.of + recurrence.own, np.int32)
    return _joined(Labels(SIGNALS, words.lines.copy(), kinds, weights, pages, of, repeats), shapes, rows)


def _surely_recurs(
    words: Words, shapes: NDArray[np.float32], rows: NDArray[np.float32], recurrence: Recurrence
) -> NDArray[np.bool_]:
    """Which lines recur in a way that leaves nothing to weigh, bool (m), though text may stand all around them.

    A line that begins as a line of a quarter of the other pages does ("Also on example.com ..."), and sentences inside
    a line that a quarter of them have, whole, unless they quote somebody: a famous quotation is no boilerplate.
    """
    least = max(DEFAULTS.sure_pages, recurrence.of // 4)
    sizes = shapes[:, lines.SIZE]
    headed = (recurrence.heads >= least) & (sizes <= DEFAULTS.headed_words)
    begins, stops = rows[:, _BEGINS] > 0, rows[:, _STOPS] > 0
    opened = begins | np.concatenate(([True], shapes[:-1, lines.ENDS] > 0))
    sentences = opened & (stops | (shapes[:, lines.ENDS] > 0)) & ~(begins & stops)
    for line in np.flatnonzero(sentences).tolist():
        votes = recurrence.words[words.firsts[line] : words.firsts[line + 1]]
        quotes = np.isin(words.points[words.lines[line] : words.lines[line + 1]], _QUOTES).any()
        sentences[line] = len(votes) > 0 and votes.min() >= least and not quotes
    return headed | sentences


def _refrains(keys: NDArray[np.uint64], kinds: NDArray[np.uint8]) -> list[int]:
    """Lines of boilerplate right under content that are content most of the times they stand on the page, thrice and
    more: the end of a song or a table."""
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    content = np.bincount(inverse, kinds == _CONTENT)
    mostly = (counts >= _REFRAIN) & (2 * content > counts)
    found = np.flatnonzero(mostly[inverse] & (kinds == _BOILERPLATE) & (keys != 0)).tolist()
    kept: list[int] = []
    for line in found:
        if line and (kinds[line - 1] == _CONTENT or (kept and kept[-1] == line - 1)):
            kept.append(line)
    return kept


def decide(odds: NDArray[np.float32], sizes: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The kind of each of m lines, uint8: content where its chance is above the page's own threshold.

    `odds` float32 (m) for boilerplate, calibrated; `sizes` float32 (m), words. On a page where little is sure, the
    threshold is the one with the best F1 to be expected of what is kept (Lewis, "Evaluating and optimizing autonomous
    text classification systems", 1995), so that no page with a word comes out empty.
    """
    kinds = np.full(len(odds), _BOILERPLATE, np.uint8)
    if len(odds):
        chances = 1 / (1 + np.exp(odds.astype(np.float64)))
        kinds[chances >= _threshold(chances, sizes.astype(np.float64))] = _CONTENT
    return kinds


def _threshold(chances: NDArray[np.float64], sizes: NDArray[np.float64]) -> float:
    order = np.argsort(-chances, kind="stable")
    kept = np.cumsum(sizes[order])
    if not kept[-1]:
        return DEFAULTS.keep
    right = np.cumsum((sizes * chances)[order])
    best = float(chances[order][np.argmax(2 * right / (kept + right[-1]))])
    threshold = DEFAULTS.keep if best >= DEFAULTS.unclear else max(best, DEFAULTS.doubt)
    return min(threshold, float(chances[sizes > 0].max()))


def _joined(labels: Labels, shapes: NDArray[np.float32], rows: NDArray[np.float32]) -> Labels:
    """Labels of pieces of one line that are alike in kind, repetition and pages as one: its weights are their mean by
    words.
    """
    opens = rows[:, _BEGINS] > 0
    for told in (labels.kinds, labels.repeats, labels.pages):
        opens[1:] |= told[1:] != told[:-1]
    if opens.all():
        return labels
    starts = np.flatnonzero(opens)
    sizes = np.maximum(shapes[:, lines.SIZE], np.float32(0.1))[:, None]
    weights = np.add.reduceat(labels.weights * sizes, starts) / np.add.reduceat(sizes, starts)
    return Labels(
        labels.signals,
        np.append(labels.bounds[starts], labels.bounds[-1]),
        labels.kinds[starts],
        weights.astype(np.float32),
        labels.pages[starts],
        labels.of[starts],
        labels.repeats[starts],
    )


def _hand_over(weights: NDArray[np.float32], giver: int, taker: int, some: NDArray[np.bool_] | None = None) -> None:
    """Give the weight of one signal to another, for some lines or for all."""
    chosen = slice(None) if some is None else some
    weights[chosen, taker] += weights[chosen, giver]
    weights[chosen, giver] = 0


def _settle(weights: NDArray[np.float32], line: int, signal: int, odds: float) -> None:
    """Give `signal` the weight that takes the line's sum to `odds` at least (or at most, when negative)."""
    total = weights[line].sum()
    if (odds > 0 and total < odds) or (odds < 0 and total > odds):
        weights[line, signal] += odds - total


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
    best: int | None = None
    most = 0.5
    for line in range(max(0, body - _HEADLINE_LINES), body):
        size, shape = shapes[line, lines.SIZE], shapes[line]
        again, titled = rows[line, _AGAIN] > 0, rows[line, _TITLED]
        twice = keys[line] in keys[max(0, line - 2) : line] or keys[line] in keys[line + 1 : line + 3]
        # Other pages may list this one's headline; the first line, or a second one beside it, tells whose it is.
        own = rows[line, _ON2] < 0.5 or titled > 0.8 or twice
        furniture = shape[lines.DATED] or shape[lines.CUED] > 0.3 or 2 * recurrence.keys[line] > max(1, recurrence.of)
        if not 2 <= size <= _HEADLINE_WORDS or not own or furniture:
            continue
        # The first line is a headline in itself only where the text follows closely.
        evidence = titled if line != worded else max(0.0, 1 - (body - line) / 10)
        if shape[lines.CAPITALS] > 0.6 and shape[lines.FUNCTION] < 0.25:
            evidence -= 0.5  # a row of names is a menu
        if size >= 4:
            evidence += 0.3 + max(0.0, 0.3 - 0.1 * (body - line - 1))
        evidence += 0.6 * again - 0.3 * (body - line) / _HEADLINE_LINES
        evidence -= min(1.0, 5 * shape[lines.SEPARATORS] / size)
        if evidence > most:
            best, most = line, evidence
    if best is None:
        return None
    # Of two equal lines one above the other, the first is the headline.
    near = [line for line in range(max(0, best - 2), best) if keys[line] == keys[best]]
    return near[0] if near else best


def _body(shapes: NDArray[np.float32], rows: NDArray[np.float32], kinds: NDArray[np.uint8]) -> int | None:
    """The line where the page's text begins: its first content of ten words, new and ended like a sentence."""
    prose = (kinds == _CONTENT) & (shapes[:, lines.ENDS] > 0) & (rows[:, _ON2] < 0.5)
    for size in (DEFAULTS.prose_words, 4):
        found = np.flatnonzero(prose & (shapes[:, lines.SIZE] >= size))
        if len(found):
            return int(found[0])
    return None


def _echoes(words: Words, keys: NDArray[np.uint64], title: int, kinds: NDArray[np.uint8]) -> list[int]:
    """The lines that say the headline again: the same line, or one near the top with it and the site's name.

    Further down only what is boilerplate in itself: a song may be called like its refrain.
    """
    near = [int(line) for line in np.flatnonzero(keys == keys[title]) if line != title]
    same = [line for line in near if line <= title + _ECHO_LINES or kinds[line] == _BOILERPLATE]
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
    _fill(pages, recurrence.words, words.firsts)
    return np.where(pages > 0, pages + recurrence.own, 0).astype(np.int32)


@njit(cache=True, nogil=True)
def _fill(pages, votes, firsts):  # type: ignore[no-untyped-def]
    for line in range(len(pages)):
        here = votes[firsts[line] : firsts[line + 1]]
        if pages[line] == 0 and len(here) and here.max() > 0:
            ranked = np.sort(here)
            pages[line] = ranked[len(here) // 2] or ranked[-1]
