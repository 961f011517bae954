"""A stretch of two texts to where it begins and ends on both: by likelihood, then straight. A leaf of matching.py.

Given that a stretch was carried over, each of its words stands in the other stretch with some chance; given that it
was not, with the chance of the word itself in a text of that length. The chances of carrying a word, and of carrying
it in order, are estimated from the stretch as it stands (expectation and maximisation); its ends are where the sum
of the log-likelihood ratios is largest (Kadane); a gap ends it where the sum drops too far (the X-drop of Altschul
et al., "Gapped BLAST", 1997). Both sides take turns until nothing moves.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detect.loops import njit
from detect.settings import DEFAULTS
from detect.terms import RUN

# Log-likelihood that a gap may cost: nine words missing in an exact copy, thirty and more where half are carried over.
_DROP: Final = DEFAULTS.passage_drop
# What an estimate may come to: nothing is carried over without one slip in thirty, or worth telling under a tenth.
_MOST, _LEAST = 0.97, 0.1
# Chance that a run of three words stands in an unrelated stretch, given that its words do.
_BY_CHANCE: Final = 0.02
# Words of the other text, outside the stretch, that weigh as much as what is known of a term beforehand.
_TRUST: Final = 1500.0
# Turns, in case two ends chase one another.
_ROUNDS: Final = 8
# Words in order, one gained for each that is equal and three lost for each that is not, until six are lost.
_SLIP, _SLIPS = -3.0, 6.0
# Share of words carried over in order from which a stretch is made straight; share of its shorter side that one
# straight run has to cover for the stretch to be that run; log-likelihood of a word that such a run adds at its ends.
_ORDERED, _STRAIGHT, _ADDED = 0.6, 0.75, 5.0
# Words in runs beside the straight one that it may lose by that: more are a part of it that is shifted.
_REST: Final = 10
# Places of one run that are tried.
_TRIED: Final = 32


class Scratch(NamedTuple):
    """Counters that are zero (`heads`: -1) between two uses: shared terms on the other side and on this one, shared
    runs, and the last place of each run."""

    there: NDArray[np.int32]
    here: NDArray[np.int32]
    runs: NDArray[np.int32]
    heads: NDArray[np.int32]


class _Chance(NamedTuple):
    """The chances that a word is carried over, and that it is in order when it is; the length of the other stretch,
    and of what lies outside it."""

    carried: float
    ordered: float
    length: int
    outside: int


@njit(cache=True, nogil=True)
def stretch(a, b, a0, a1, b0, b1, scratch):  # type: ignore[no-untyped-def]
    """What words [a0, a1) of one text and [b0, b1) of the other become: a row of a, b, c, d, evidence, order."""
    # Begun strictly, from what is densest: begun loosely, a copy keeps what happens to stand beside it.
    one = (0.8, 0.5)
    other = (0.8, 0.5)
    of_a = of_b = 0.0
    for turn in range(_ROUNDS):
        a2, a3, one, of_a = _extend(a, b, a0, a1, b0, b1, one, turn > 0, scratch)
        b2, b3, other, of_b = _extend(b, a, b0, b1, a2, a3, other, turn > 0, scratch)
        still = a2 == a0 and a3 == a1 and b2 == b0 and b3 == b1
        a0, a1, b0, b1 = a2, a3, b2, b3
        if still and turn > 1:
            break
    order = np.sqrt(one[0] * one[1] * other[0] * other[1])
    if order >= _ORDERED * _ORDERED and min(one[1], other[1]) >= _ORDERED:
        was_a, was_b = a1 - a0, b1 - b0
        a0, a1, b0, b1 = _straighten(a, b, a0, a1, b0, b1, scratch)
        of_a += _ADDED * max(0, a1 - a0 - was_a)
        of_b += _ADDED * max(0, b1 - b0 - was_b)
    if _ends_alike(a, b, a1, b1):
        a1, b1 = a1 + 1, b1 + 1
    return np.array([a0, a1, b0, b1, min(of_a, of_b), order])


@njit(cache=True, nogil=True)
def _ends_alike(a, b, i, j):  # type: ignore[no-untyped-def]
    """Whether the words i and j are one though their terms are not: the term of a character that is a word of its own
    looks one ahead, and may differ where a copy ends."""
    if i >= len(a.exact) or j >= len(b.exact) or a.exact[i] != b.exact[j]:
        return False
    return a.terms[i] < 0 or a.terms[i] != b.terms[j]


@njit(cache=True, nogil=True)
def _extend(own, other, lo, hi, there_lo, there_hi, chances, estimate, scratch):  # type: ignore[no-untyped-def]
    """The best stretch of `own` around [lo, hi), given the other's: its ends, its chances, its log-likelihood."""
    _count(other.terms, there_lo, there_hi, scratch.there, 1)
    _count(other.runs, there_lo, there_hi - RUN + 1, scratch.runs, 1)
    _count(own.terms, lo, hi, scratch.here, 1)
    length = there_hi - there_lo
    chance = _Chance(chances[0], chances[1], length, len(other.terms) - length)
    if estimate:
        chance = _estimated(own, other, lo, hi, chance, scratch)
    core_lo, core_hi, total = _best(own, other, lo, hi, chance, scratch)
    _count(own.terms, lo, core_lo, scratch.here, -1)
    _count(own.terms, core_hi, hi, scratch.here, -1)
    new_hi, gained = _grow(own, other, core_hi, 1, chance, scratch)
    total += gained
    new_lo, gained = _grow(own, other, core_lo - 1, -1, chance, scratch)
    total += gained
    _count(own.terms, new_lo + 1, new_hi, scratch.here, -1)
    _count(other.terms, there_lo, there_hi, scratch.there, -1)
    _count(other.runs, there_lo, there_hi - RUN + 1, scratch.runs, -1)
    return new_lo + 1, new_hi, (chance.carried, chance.ordered), total


@njit(cache=True, nogil=True)
def _count(numbers, first, last, counters, by):  # type: ignore[no-untyped-def]
    for i in range(first, last):
        if numbers[i] >= 0:
            counters[numbers[i]] += by


@njit(cache=True, nogil=True)
def _estimated(own, other, lo, hi, chance, scratch):  # type: ignore[no-untyped-def]
    """One step of expectation and maximisation over the stretch."""
    carried = ordered = 0.0
    for i in range(lo, hi):
        term = own.terms[i]
        if term < 0 or scratch.there[term] == 0:
            continue
        run = _in_run(own, i, scratch)
        here, by_chance = _likelihoods(own, other, i, run, chance, scratch)
        share = min(1.0, scratch.there[term] / scratch.here[term]) * here / (here + (1 - chance.carried) * by_chance)
        carried += share
        ordered += share * run
    return _Chance(
        min(max((carried + 1) / (hi - lo + 2), _LEAST), _MOST),
        min(max((ordered + 1) / (carried + 2), _BY_CHANCE), _MOST),
        chance.length,
        chance.outside,
    )


@njit(cache=True, nogil=True)
def _in_run(own, i, scratch):  # type: ignore[no-untyped-def]
    """Whether word i is part of a run that the other stretch has."""
    for first in range(max(0, i - RUN + 1), i + 1):
        run = own.runs[first]
        if run >= 0 and scratch.runs[run] > 0:
            return True
    return False


@njit(cache=True, nogil=True)
def _likelihoods(own, other, i, run, chance, scratch):  # type: ignore[no-untyped-def]
    """The likelihood that word i was carried over as it stands there, and that it stands there by chance."""
    term = own.terms[i]
    rate = (other.totals[term] - scratch.there[term] + _TRUST * own.rates[i]) / (chance.outside + _TRUST)
    by_chance = min(max(1 - np.exp(-rate * chance.length), 1e-5), 0.98)
    if run:
        return chance.carried * chance.ordered, by_chance * _BY_CHANCE
    return chance.carried * (1 - chance.ordered), by_chance * (1 - _BY_CHANCE)


@njit(cache=True, nogil=True)
def _gain(own, other, i, share, chance, scratch):  # type: ignore[no-untyped-def]
    """What word i adds to the log-likelihood, when `share` of its like have a partner on the other side."""
    missing = np.log(1 - chance.carried)
    if share <= 0:
        return missing
    here, by_chance = _likelihoods(own, other, i, _in_run(own, i, scratch), chance, scratch)
    return share * np.log((here + (1 - chance.carried) * by_chance) / by_chance) + (1 - share) * missing


@njit(cache=True, nogil=True)
def _best(own, other, lo, hi, chance, scratch):  # type: ignore[no-untyped-def]
    """The part of [lo, hi) that gains most, without a drop inside."""
    best_lo, best_hi, best = lo, min(lo + 1, hi), -1e9
    total = top = 0.0
    start = lo
    for i in range(lo, hi):
        if total <= 0 or total < top - _DROP:
            total = top = 0.0
            start = i
        term = own.terms[i]
        share = min(1.0, scratch.there[term] / scratch.here[term]) if term >= 0 else 0.0
        total += _gain(own, other, i, share, chance, scratch)
        top = max(top, total)
        if total > best:
            best_lo, best_hi, best = start, i + 1, total
    return best_lo, best_hi, best


@njit(cache=True, nogil=True)
def _grow(own, other, i, step, chance, scratch):  # type: ignore[no-untyped-def]
    """How far a stretch grows from word i on, a step at a time, until what it gains drops too far from its best.

    Each word needs a partner of its own on the other side. Counts the words taken, and only these."""
    edge = i
    total = best = 0.0
    while 0 <= i < len(own.terms) and total > best - _DROP:
        term = own.terms[i]
        free = 1.0 if term >= 0 and scratch.here[term] < scratch.there[term] else 0.0
        total += _gain(own, other, i, free, chance, scratch)
        if term >= 0:
            scratch.here[term] += 1
        i += step
        if total > best:
            best, edge = total, i
    if step > 0:
        _count(own.terms, edge, i, scratch.here, -1)
    else:
        _count(own.terms, i + 1, edge + 1, scratch.here, -1)
    return edge, best


# Straightening: an exact copy is one run, and begins and ends where it does.


@njit(cache=True, nogil=True)
def _straighten(a, b, a0, a1, b0, b1, scratch):  # type: ignore[no-untyped-def]
    """The box cut to the one straight run that makes nearly all of it, if there is one, and that run's ends."""
    shift, votes = _shift(a, b, a0, a1, b0, b1, scratch.heads)
    if votes > 0:
        first, last = _straight(a.exact, b.exact, max(a0, b0 - shift), min(a1, b1 - shift), shift)
        mostly = last - first >= _STRAIGHT * min(a1 - a0, b1 - b0)
        if mostly and not _goes_on(a, b, a0, a1, b0, b1, first, last, shift, scratch.runs):
            a0, a1, b0, b1 = first, last, first + shift, last + shift
    a1, b1 = _settled(a, b, a0, a1, b0, b1)
    more, gained = _equal(a.exact, b.exact, a1, b1, 1)
    if gained >= RUN or (gained == more > 0 and not (a.last[a1 - 1] and b.last[b1 - 1])):
        a1, b1 = a1 + more, b1 + more
    less, gained = _equal(a.exact, b.exact, a0 - 1, b0 - 1, -1)
    if gained >= RUN or (gained == less > 0 and not (a.last[a0 - 1] and b.last[b0 - 1])):
        a0, b0 = a0 - less, b0 - less
    return a0, a1, b0, b1


@njit(cache=True, nogil=True)
def _goes_on(a, b, a0, a1, b0, b1, first, last, shift, runs):  # type: ignore[no-untyped-def]
    """Whether what the box has beside its straight run is copied too, only shifted: half of it in runs, and enough."""
    _count(b.runs, b0, first + shift - RUN + 1, runs, 1)
    _count(b.runs, last + shift, b1 - RUN + 1, runs, 1)
    copied = 0
    for i in range(a0, a1):
        copied += (i < first or i >= last) and a.runs[i] >= 0 and runs[a.runs[i]] > 0
    _count(b.runs, b0, first + shift - RUN + 1, runs, -1)
    _count(b.runs, last + shift, b1 - RUN + 1, runs, -1)
    beside = min(a1 - a0, b1 - b0) - (last - first)
    return copied > _REST and 2 * copied > beside


@njit(cache=True, nogil=True)
def _settled(a, b, a0, a1, b0, b1):  # type: ignore[no-untyped-def]
    """The ends without one or two words of the next sentence or line that both texts happen to begin with."""
    for over in range(1, RUN):
        if a1 - over > a0 and b1 - over > b0 and a.last[a1 - 1 - over] and b.last[b1 - 1 - over]:
            return a1 - over, b1 - over
    return a1, b1


@njit(cache=True, nogil=True)
def _shift(a, b, a0, a1, b0, b1, heads):  # type: ignore[no-untyped-def]
    """By how many words most runs of the box are shifted, and how many are."""
    nexts = np.empty(max(b1 - b0, 1), np.int32)
    for j in range(b1 - RUN, b0 - 1, -1):
        if b.runs[j] >= 0:
            nexts[j - b0] = heads[b.runs[j]]
            heads[b.runs[j]] = j
    votes = np.zeros(a1 - a0 + b1 - b0 + 1, np.int32)
    most = shift = 0
    for i in range(a0, a1 - RUN + 1):
        j = heads[a.runs[i]] if a.runs[i] >= 0 else -1
        tried = 0
        while j >= 0 and tried < _TRIED:
            at = j - i - b0 + a1
            votes[at] += 1
            if votes[at] > most:
                most, shift = votes[at], j - i
            j = nexts[j - b0]
            tried += 1
    for j in range(b0, b1 - RUN + 1):
        if b.runs[j] >= 0:
            heads[b.runs[j]] = -1
    return shift, most


@njit(cache=True, nogil=True)
def _straight(one, other, lo, hi, shift):  # type: ignore[no-untyped-def]
    """The part of [lo, hi) that is most nearly equal word for word."""
    best_lo = best_hi = start = lo
    total = top = best = 0.0
    for i in range(lo, hi):
        if total <= 0 or total < top - _SLIPS:
            total = top = 0.0
            start = i
        total += 1.0 if one[i] == other[i + shift] else _SLIP
        top = max(top, total)
        if total > best:
            best_lo, best_hi, best = start, i + 1, total
    return best_lo, best_hi


@njit(cache=True, nogil=True)
def _equal(one, other, i, j, step):  # type: ignore[no-untyped-def]
    """How many words from i and j on go on being equal, a slip forgiven, and how much they gain."""
    total = best = 0.0
    taken = tried = 0
    while 0 <= i < len(one) and 0 <= j < len(other) and total > best - _SLIPS:
        total += 1.0 if one[i] == other[j] else _SLIP
        tried += 1
        i += step
        j += step
        if total > best:
            best, taken = total, tried
    return taken, best
