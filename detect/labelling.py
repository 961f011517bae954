"""Log-odds and recurrence to labels that tile the page: kinds, the headline, repetitions; and reasons when asked."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detect import lines
from detect.columns import INDEX, SIGNALS
from detect.loops import njit
from detect.records import KINDS, Labels
from detect.recurrence import Recurrence
from detect.settings import DEFAULTS
from detect.words import Words, numbered

# Kernels see numbers, not records and names.
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
_SURE_PAGES, _HEADED_WORDS, _PROSE = DEFAULTS.sure_pages, DEFAULTS.headed_words, DEFAULTS.prose_words
_KEEP, _UNCLEAR, _DOUBT = DEFAULTS.keep, DEFAULTS.unclear, DEFAULTS.doubt


class _Page(NamedTuple):
    """What the kernels see of a page of m lines."""

    points: NDArray[np.uint32]
    hashes: NDArray[np.uint64]
    bounds: NDArray[np.int64]
    firsts: NDArray[np.int64]
    shapes: NDArray[np.float32]
    keys: NDArray[np.uint64]
    rows: NDArray[np.float32]
    votes: NDArray[np.int32]
    whole: NDArray[np.int32]
    heads: NDArray[np.int32]
    of: int


class _Verdict(NamedTuple):
    """What becomes of m lines: `odds` float32, `kinds` uint8, `repeats` bool; `settled`, in order, the lines whose odds
    something other than the model decides, `by` which signal, and `to` what odds at least or at most."""

    odds: NDArray[np.float32]
    kinds: NDArray[np.uint8]
    repeats: NDArray[np.bool_]
    settled: NDArray[np.int32]
    by: NDArray[np.int32]
    to: NDArray[np.float32]


def label(
    words: Words,
    shapes: NDArray[np.float32],
    keys: NDArray[np.uint64],
    rows: NDArray[np.float32],
    odds: NDArray[np.float32],
    recurrence: Recurrence,
    weights: NDArray[np.float32] | None = None,
    written: NDArray[np.bool_] | None = None,
) -> Labels:
    """The labels of a page of m lines, with reasons where there are `weights`.

    `words` with its m lines; `shapes` (m, lines.COLUMNS); `keys` uint64 (m) as shingles.line_keys gives them; `rows`
    (m, features.COLUMNS); `odds` float32 (m) for boilerplate; `weights` (m, len(SIGNALS)), which add up to them and are
    changed here; `written` bool (m): comments of readers that are content.
    """
    page = _Page(
        words.points,
        words.hashes,
        words.lines,
        words.firsts,
        shapes,
        keys,
        rows,
        recurrence.words,
        recurrence.keys,
        recurrence.heads,
        recurrence.of,
    )
    verdict = _Verdict(*_judge(page, odds, np.zeros(len(keys), np.bool_) if written is None else written))
    pages = _pages_with(page, recurrence.own)
    if weights is not None:
        _explain(weights, page, verdict, pages)
    of = np.full(len(pages), recurrence.of + recurrence.own, np.int32)
    told = np.empty((len(keys), 0), np.float32) if weights is None else weights
    signals = SIGNALS if told.shape[1] else ()
    whole = Labels(signals, words.lines.copy(), verdict.kinds, verdict.odds, told, pages, of, verdict.repeats)
    return _joined(whole, shapes, rows)


def decide(odds: NDArray[np.float32], sizes: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The kind of each of m lines, uint8: content where its chance is above the page's own threshold.

    `odds` float32 (m) for boilerplate, calibrated; `sizes` float32 (m), words. On a page where little is sure, the
    threshold is the one with the best F1 to be expected of what is kept (Lewis, "Evaluating and optimizing autonomous
    text classification systems", 1995), so that no page with a word comes out empty.
    """
    return _decide(np.ascontiguousarray(odds), np.ascontiguousarray(sizes))


def _explain(weights: NDArray[np.float32], page: _Page, verdict: _Verdict, pages: NDArray[np.int32]) -> None:
    """Make the weights tell of what decided, line by line."""
    # No evidence is silence: of what is not known, or not there, the page has the say.
    if page.of == 0:
        _hand_over(weights, _RECURS, _PAGE)
    if np.count_nonzero(page.shapes[:, lines.SIZE]) < 2:
        _hand_over(weights, _NEIGHBOURS, _PAGE)
    for line, signal, odds in zip(verdict.settled.tolist(), verdict.by.tolist(), verdict.to.tolist(), strict=True):
        weights[line, signal] += odds - weights[line].sum()
    _hand_over(weights, _RECURS, _PARTLY, (page.whole == 0) & (pages > 0))


def _hand_over(weights: NDArray[np.float32], giver: int, taker: int, some: NDArray[np.bool_] | None = None) -> None:
    """Give the weight of one signal to another, for some lines or for all."""
    chosen = slice(None) if some is None else some
    weights[chosen, taker] += weights[chosen, giver]
    weights[chosen, giver] = 0


def _joined(labels: Labels, shapes: NDArray[np.float32], rows: NDArray[np.float32]) -> Labels:
    """Labels of pieces of one line that are alike in kind, repetition and pages as one: its odds and weights are their
    means by words.
    """
    starts = _opening(rows, labels.kinds, labels.repeats, labels.pages)
    if len(starts) == len(labels):
        return labels
    odds, weights = _means(labels.odds, labels.weights, shapes, starts)
    bounds = np.append(labels.bounds[starts], labels.bounds[-1])
    told = (values[starts] for values in (labels.pages, labels.of, labels.repeats))
    return Labels(labels.signals, bounds, labels.kinds[starts], odds, weights, *told)


@njit(cache=True, nogil=True)
def _opening(rows, kinds, repeats, pages):  # type: ignore[no-untyped-def]
    """The pieces that do not go on with the label of the piece before them."""
    starts = np.empty(len(kinds), np.int64)
    count = 0
    for i in range(len(kinds)):
        same = i > 0 and kinds[i] == kinds[i - 1] and repeats[i] == repeats[i - 1] and pages[i] == pages[i - 1]
        if not same or rows[i, _BEGINS] > 0:
            starts[count] = i
            count += 1
    return starts[:count]


@njit(cache=True, nogil=True)
def _means(odds, weights, shapes, starts):  # type: ignore[no-untyped-def]
    """The means, by words, of the pieces from each start to the next; a piece without words weighs a little."""
    odd, weight = np.zeros(len(starts), np.float32), np.zeros((len(starts), weights.shape[1]), np.float32)
    for i in range(len(starts)):
        stop = starts[i + 1] if i + 1 < len(starts) else len(odds)
        whole = np.float32(0)
        for piece in range(starts[i], stop):
            size = max(shapes[piece, lines.SIZE], np.float32(0.1))
            whole += size
            odd[i] += odds[piece] * size
            for signal in range(weights.shape[1]):
                weight[i, signal] += weights[piece, signal] * size
        odd[i] /= whole
        for signal in range(weights.shape[1]):
            weight[i, signal] /= whole
    return odd, weight


@njit(cache=True, nogil=True)
def _judge(page, given, written):  # type: ignore[no-untyped-def]
    """The fields of a _Verdict."""
    m = len(given)
    odds = given.copy()
    settled = (np.empty(4 * m, np.int32), np.empty(4 * m, np.int32), np.empty(4 * m, np.float32))
    count = 0
    for line in range(m):
        if _surely_recurs(page, line):
            count = _settle(odds, line, _RECURS, _SURE, settled, count)
    kinds = _decide(odds, page.shapes[:, lines.SIZE])
    ids, different = numbered(page.keys)
    for line in _refrains(page.keys, kinds, ids, different):
        count = _settle(odds, line, _ONCE_MORE, -_BARELY, settled, count)
        kinds[line] = _CONTENT
    repeats = _repeats(page.shapes, ids, different)
    title = _find_title(page, kinds)
    if title >= 0:
        count = _settle(odds, title, _HEADLINE, -_SURE, settled, count)
        kinds[title] = _TITLE
        for line in _echoes(page, title, kinds):
            count = _settle(odds, line, _ECHO, _SURE, settled, count)
            kinds[line] = _BOILERPLATE
            repeats[line] = True
    for line in range(m):
        if written[line] and kinds[line] != _TITLE:
            count = _settle(odds, line, _COMMENTS, -_SURE, settled, count)
            kinds[line] = _CONTENT
    return odds, kinds, repeats, settled[0][:count], settled[1][:count], settled[2][:count]


@njit(cache=True, nogil=True)
def _settle(odds, line, signal, least, settled, count):  # type: ignore[no-untyped-def]
    """Take the line's odds to `least` at least (or at most, when negative), and note it; how many are noted."""
    if (least > 0 and odds[line] < least) or (least < 0 and odds[line] > least):
        odds[line] = least
        settled[0][count], settled[1][count], settled[2][count] = line, signal, least
        count += 1
    return count


@njit(cache=True, nogil=True)
def _surely_recurs(page, line):  # type: ignore[no-untyped-def]
    """Whether a line recurs in a way that leaves nothing to weigh, though text may stand all around it.

    A line that begins as a line of a quarter of the other pages does ("Also on example.com ..."), and sentences inside
    a line that a quarter of them have, whole, unless they quote somebody: a famous quotation is no boilerplate.
    """
    if page.of < _SURE_PAGES:
        return False
    least = max(_SURE_PAGES, page.of // 4)
    if page.heads[line] >= least and page.shapes[line, lines.SIZE] <= _HEADED_WORDS:
        return True
    begins, stops = page.rows[line, _BEGINS] > 0, page.rows[line, _STOPS] > 0
    opened = begins or line == 0 or page.shapes[line - 1, lines.ENDS] > 0
    if not opened or not (stops or page.shapes[line, lines.ENDS] > 0) or (begins and stops):
        return False
    first, last = page.firsts[line], page.firsts[line + 1]
    for word in range(first, last):
        if page.votes[word] < least:
            return False
    for at in range(page.bounds[line], page.bounds[line + 1]):
        for mark in _QUOTES:
            if page.points[at] == mark:
                return False
    return last > first


@njit(cache=True, nogil=True)
def _refrains(keys, kinds, ids, different):  # type: ignore[no-untyped-def]
    """Lines of boilerplate right under content that are content most of the times they stand on the page, thrice and
    more: the end of a song or a table."""
    times, content = np.zeros(different, np.int32), np.zeros(different, np.int32)
    for line in range(len(ids)):
        times[ids[line]] += 1
        content[ids[line]] += kinds[line] == _CONTENT
    kept = np.zeros(len(ids), np.bool_)
    for line in range(1, len(ids)):
        one = ids[line]
        if kinds[line] == _BOILERPLATE and keys[line] != 0 and times[one] >= _REFRAIN and 2 * content[one] > times[one]:
            kept[line] = kinds[line - 1] == _CONTENT or kept[line - 1]
    return np.flatnonzero(kept)


@njit(cache=True, nogil=True)
def _decide(odds, sizes):  # type: ignore[no-untyped-def]
    chances = 1 / (1 + np.exp(odds.astype(np.float64)))
    threshold = _threshold(chances, sizes)
    kinds = np.empty(len(odds), np.uint8)
    for line in range(len(odds)):
        kinds[line] = _CONTENT if chances[line] >= threshold else _BOILERPLATE
    return kinds


@njit(cache=True, nogil=True)
def _threshold(chances, sizes):  # type: ignore[no-untyped-def]
    words = expected = most = 0.0
    for line in range(len(chances)):
        words += sizes[line]
        expected += sizes[line] * chances[line]
        if sizes[line] > 0:
            most = max(most, chances[line])
    if words == 0:
        return _KEEP
    best = here = kept = right = 0.0
    for line in np.argsort(-chances, kind="mergesort"):
        kept += sizes[line]
        right += sizes[line] * chances[line]
        score = 2 * right / (kept + expected)
        if score > best:
            best, here = score, chances[line]
    return min(_KEEP if here >= _UNCLEAR else max(here, _DOUBT), most)


@njit(cache=True, nogil=True)
def _repeats(shapes, ids, different):  # type: ignore[no-untyped-def]
    """Lines of three words and more that stood higher on the page already."""
    seen = np.zeros(different, np.bool_)
    repeats = np.zeros(len(ids), np.bool_)
    for line in range(len(ids)):
        repeats[line] = seen[ids[line]] and shapes[line, lines.SIZE] >= 3
        seen[ids[line]] = True
    return repeats


@njit(cache=True, nogil=True)
def _find_title(page, kinds):  # type: ignore[no-untyped-def]
    """The line of the page's headline, or -1: above the text, and told by the first line or by standing twice."""
    body = _body(page, kinds)
    worded = 0
    while worded < body and page.shapes[worded, lines.SIZE] == 0:
        worded += 1
    best, most = -1, 0.5
    for line in range(max(0, body - _HEADLINE_LINES), body):
        evidence = _headline(page, line, body, line == worded)
        if evidence > most:
            best, most = line, evidence
    # Of two equal lines one above the other, the first is the headline.
    for line in range(max(0, best - 2), best):
        if page.keys[line] == page.keys[best]:
            return line
    return best


@njit(cache=True, nogil=True)
def _headline(page, line, body, first):  # type: ignore[no-untyped-def]
    """How much speaks for a line being the headline of the text that begins at the line `body`; 0 if it cannot be."""
    shape, row, keys = page.shapes[line], page.rows[line], page.keys
    size, titled = shape[lines.SIZE], row[_TITLED]
    twice = False
    for near in range(max(0, line - 2), min(len(keys), line + 3)):
        twice |= near != line and keys[near] == keys[line]
    # Other pages may list this one's headline; the first line, or a second one beside it, tells whose it is.
    own = row[_ON2] < 0.5 or titled > 0.8 or twice
    furniture = shape[lines.DATED] > 0 or shape[lines.CUED] > 0.3 or 2 * page.whole[line] > max(1, page.of)
    if not 2 <= size <= _HEADLINE_WORDS or not own or furniture:
        return 0.0
    # The first line is a headline in itself only where the text follows closely.
    evidence = max(0.0, 1 - (body - line) / 10) if first else np.float64(titled)
    if shape[lines.CAPITALS] > 0.6 and shape[lines.FUNCTION] < 0.25:
        evidence -= 0.5  # a row of names is a menu
    if size >= 4:
        evidence += 0.3 + max(0.0, 0.3 - 0.1 * (body - line - 1))
    evidence += 0.6 * (row[_AGAIN] > 0) - 0.3 * (body - line) / _HEADLINE_LINES
    return evidence - min(1.0, 5 * shape[lines.SEPARATORS] / size)


@njit(cache=True, nogil=True)
def _body(page, kinds):  # type: ignore[no-untyped-def]
    """The line where the page's text begins: its first content of ten words, new and ended like a sentence; else of
    four; 0 where there is none."""
    for size in (_PROSE, 4):
        for line in range(len(kinds)):
            shape = page.shapes[line]
            new = kinds[line] == _CONTENT and shape[lines.ENDS] > 0 and page.rows[line, _ON2] < 0.5
            if new and shape[lines.SIZE] >= size:
                return line
    return 0


@njit(cache=True, nogil=True)
def _echoes(page, title, kinds):  # type: ignore[no-untyped-def]
    """The lines that say the headline again: the same line, or one near the top with it and the site's name.

    Further down only what is boilerplate in itself: a song may be called like its refrain.
    """
    said = np.zeros(len(kinds), np.bool_)
    for line in range(len(kinds)):
        if line != title and page.keys[line] == page.keys[title]:
            said[line] = line <= title + _ECHO_LINES or kinds[line] == _BOILERPLATE
    first = 0
    while page.firsts[first + 1] == page.firsts[first]:
        first += 1
    if first != title and not said[first]:
        wanted = page.hashes[page.firsts[title] : page.firsts[title + 1]]
        there = page.hashes[page.firsts[first] : page.firsts[first + 1]]
        held = 0
        for word in wanted if len(there) <= len(wanted) + 8 else wanted[:0]:
            held += int(np.any(there == word))
        said[first] = held >= 0.9 * len(wanted)
    return np.flatnonzero(said)


@njit(cache=True, nogil=True)
def _pages_with(page, own):  # type: ignore[no-untyped-def]
    """How many pages of the site have each line, int32: all of it, else how it begins, else half its words, else any.

    The page itself is counted where it was learned; 0 where no other page has the line.
    """
    pages = np.zeros(len(page.whole), np.int32)
    for line in range(len(pages)):
        votes = page.whole[line] if page.whole[line] > 0 else page.heads[line]
        here = page.votes[page.firsts[line] : page.firsts[line + 1]]
        if votes == 0 and len(here) and here.max() > 0:
            ranked = np.sort(here)
            votes = int(ranked[len(here) // 2] if ranked[len(here) // 2] > 0 else ranked[-1])
        pages[line] = votes + own if votes > 0 else 0
    return pages
