"""Examples to a model, and to what models of other sites say of each of them.

What a step says of a site that a later step learns from was made without that site: the lexicon's columns and the first
pass's odds come, fold by fold, from the sites of the other folds (stacked generalization, Wolpert 1992).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detect import context, features, lexicon, lines
from detect.columns import INDEX, OWN
from detect.columns import SECOND as SECOND_COLUMNS
from detect.lexicon import Lexicon
from detect.model import Forest, Model
from detect.shingles import line_keys
from detect.training import trees, words
from detect.training.examples import FOLDS, VARIANTS, Example
from detect.training.trees import Plan
from detect.wordlists import FURNITURE
from detect.words import split

# The second pass sees no context but what the first says of it, and grows small trees with many rows a leaf: with
# all columns it learned pages by heart, and was no better than the first.
FIRST = Plan(range(features.FIRST_COLUMNS), rounds=200, depth=6, least_rows=100)
SECOND = Plan([INDEX[name] for name in (*OWN, *SECOND_COLUMNS)], rounds=100, depth=5, least_rows=300)
# Rows a forest is fitted on: those that weigh little are drawn, and weigh more for it.
ROWS = 900_000
_REACH = 10  # lines that a line's words speak of
_WRITTEN = 5.0  # what a written line of furniture counts, in lines of pages

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """All lines of all examples, one example after another.

    `rows` float32 (n, features.COLUMNS); `targets` float32 (n): share of boilerplate; `weights` float32 (n);
    `folds` int8 (n); `bounds` int64: the lines of example i are [bounds[i], bounds[i+1]).
    """

    rows: NDArray[np.float32]
    targets: NDArray[np.float32]
    weights: NDArray[np.float32]
    folds: NDArray[np.int8]
    bounds: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """The model, for each fold the model fitted without its sites, and for every line what that of its fold says.

    `odds` float32: calibrated log-odds for boilerplate.
    """

    model: Model
    unseen: list[Model]
    odds: NDArray[np.float32]


def fit(examples: Sequence[Example], say: Say) -> Fitted:
    """Fit lexicon, first and second pass, and calibrate."""
    weights = line_weights(examples)
    lexicons = fit_lexicons(examples, weights)
    say("lexicon fitted")
    table = tabulate(examples, weights, lexicons)
    say(f"{len(table.rows):,} rows of {features.COLUMNS} columns")
    first, odds = _fit_pass(table, FIRST, say)
    for example, start, stop in zip(examples, table.bounds, table.bounds[1:], strict=False):
        context.beside(table.rows[start:stop], odds[start:stop], example.lined.shapes[:, lines.SIZE])
    second, odds = _fit_pass(table, SECOND, say)
    scale, shift = _calibrate(odds, table)
    *unseen, whole = [Model(*parts, scale, shift) for parts in zip(lexicons, first, second, strict=True)]
    return Fitted(whole, unseen, odds * np.float32(scale) + np.float32(shift))


def line_weights(examples: Sequence[Example]) -> list[NDArray[np.float32]]:
    """What each line counts: tokens as a share of its page's; a set counts by the root of its pages, and a site less
    than its pages do, so that no page, site or set dominates."""
    sets = Counter(one.page.dataset for one in examples if one.variant == "known")
    sites = Counter(one.page.site for one in examples if one.variant == "known")

    def weigh(one: Example) -> NDArray[np.float32]:
        share = one.tokens / max(1, one.tokens.sum())
        return (share * VARIANTS[one.variant] / sets[one.page.dataset] ** 0.5 / sites[one.page.site] ** 0.25).astype(
            np.float32
        )

    return [weigh(one) for one in examples]


def fit_lexicons(examples: Sequence[Example], weights: Sequence[NDArray[np.float32]]) -> list[Lexicon]:
    """A lexicon for each fold, made of the pages of the others, and last the one of all pages."""
    known = [(one, weight) for one, weight in zip(examples, weights, strict=True) if one.variant == "known"]
    rarity = words.rarities([one.lined.words.hashes for one, _ in known])
    made = []
    for fold in range(FOLDS + 1):
        some = [(one, weight) for one, weight in known if one.fold != fold]
        made.append(_lexicon([one for one, _ in some], [weight for _, weight in some], rarity))
    return made


def _lexicon(known: list[Example], weights: list[NDArray[np.float32]], rarity: NDArray[np.uint8]) -> Lexicon:
    numbers: dict[str, int] = {}
    gathered = _furniture(float(np.mean([weight.mean() for weight in weights])))
    for one, weight in zip(known, weights, strict=True):
        site = np.full(len(weight), numbers.setdefault(one.page.domain, len(numbers)), np.int32)
        grams, ends = lexicon.grams(one.lined.words.hashes, one.lined.words.firsts, one.lined.keys)
        gathered.append((grams, np.diff(ends), site, *_subjects(one, weight)))
    buckets, sizes, sites, targets, shares = zip(*gathered, strict=True)
    return words.fit(
        np.concatenate(buckets),
        np.concatenate(([0], np.cumsum(np.concatenate(sizes)))),
        np.concatenate(sites),
        np.concatenate(targets, axis=1),
        np.concatenate(shares, axis=1),
        rarity,
    )


def _furniture(weight: float) -> list[tuple[NDArray, ...]]:
    """The written lines of furniture, as if the sites that a word needs to count had each of them."""
    read = split(FURNITURE.strip())
    grams, ends = lexicon.grams(read.hashes, read.firsts, line_keys(read))
    count = len(ends) - 1
    shares = np.zeros((lexicon.SUBJECTS, count), np.float32)
    shares[0] = weight * _WRITTEN
    boilerplate = np.ones_like(shares)
    return [
        (grams, np.diff(ends), np.full(count, -2 - site, np.int32), boilerplate, shares)
        for site in range(words.LEAST_SITES)
    ]


def _subjects(one: Example, weight: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The share of boilerplate in each line, in the lines below it and above it, and what each counts."""
    m = len(one.tokens)
    tokens = np.concatenate(([0], np.cumsum(one.tokens)))
    main = np.concatenate(([0], np.cumsum(one.main)))
    line = np.arange(m)
    ranges = (
        (line, line + 1),
        (line + 1, np.minimum(m, line + 1 + _REACH)),
        (np.maximum(0, line - _REACH), line),
    )
    counts = np.stack([tokens[stop] - tokens[start] for start, stop in ranges])
    targets = np.stack([main[stop] - main[start] for start, stop in ranges])
    alike = np.where(counts[1:] > 0, weight.sum() / max(1, m), 0)
    return (1 - targets / np.maximum(1, counts)).astype(np.float32), np.vstack((weight, alike)).astype(np.float32)


def tabulate(examples: Sequence[Example], weights: Sequence[NDArray[np.float32]], lexicons: Sequence[Lexicon]) -> Table:
    """The rows of all lines, each made with the lexicon of its fold."""
    bounds = np.concatenate(([0], np.cumsum([len(one.tokens) for one in examples])))
    rows = np.empty((bounds[-1], features.COLUMNS), np.float32)
    for one, start, stop in zip(examples, bounds, bounds[1:], strict=False):
        lined = one.lined
        rows[start:stop] = features.rows(lined.words, lined.shapes, lined.keys, lined.recurrence, lexicons[one.fold])
    return Table(
        rows,
        np.concatenate([1 - one.main / np.maximum(1, one.tokens) for one in examples]).astype(np.float32),
        np.concatenate(weights),
        np.concatenate([np.full(len(one.tokens), one.fold, np.int8) for one in examples]),
        bounds,
    )


def _fit_pass(table: Table, plan: Plan, say: Say) -> tuple[list[Forest], NDArray[np.float32]]:
    """A forest for each fold, made of the others, and last one of all; and what that of its fold says of every line."""
    odds = np.zeros(len(table.rows), np.float32)
    forests = []
    for fold in range(FOLDS):
        forest = _fit_forest(table, table.folds != fold, plan)
        forests.append(forest)
        asked = np.flatnonzero(table.folds == fold)
        for some in np.array_split(asked, max(1, len(asked) // 20_000)):
            odds[some] = forest.judge(table.rows[some])
        say(f"fold {fold + 1} of {FOLDS} fitted")
    return [*forests, _fit_forest(table, np.ones(len(table.rows), np.bool_), plan)], odds


def _fit_forest(table: Table, wanted: NDArray[np.bool_], plan: Plan) -> Forest:
    weights = np.where(wanted, table.weights, 0).astype(np.float64)
    chance = np.minimum(1, weights * (ROWS / weights.sum()))
    drawn = np.flatnonzero(np.random.default_rng(1).random(len(chance)) < chance)
    return trees.fit(table.rows[drawn], table.targets[drawn], (weights / np.maximum(chance, 1e-12))[drawn], plan)


def _calibrate(odds: NDArray[np.float32], table: Table) -> tuple[float, float]:
    """Scale and shift that make log-odds chances: Platt scaling by Newton's method on the weighted lines."""
    scale, shift = 1.0, 0.0
    used = table.weights > 0
    x, t, w = odds[used].astype(np.float64), table.targets[used], table.weights[used] / table.weights[used].sum()
    for _ in range(20):
        chance = 1 / (1 + np.exp(-(scale * x + shift)))
        slope, bend = w * (chance - t), w * chance * (1 - chance)
        gradient = np.array([(slope * x).sum(), slope.sum()])
        hessian = np.array([[(bend * x * x).sum(), (bend * x).sum()], [(bend * x).sum(), bend.sum()]])
        scale, shift = np.array([scale, shift]) - np.linalg.solve(hessian, gradient)
    return float(scale), float(shift)
