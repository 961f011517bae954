"""What the model was made of and how well it does, as the text that stands beside its weights."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from detect import lines
from detect.columns import SECOND_PASS
from detect.labelling import decide
from detect.records import KINDS
from detect.training.examples import FOLDS, VARIANTS, Example
from detect.training.fit import Fitted
from detect.training.labelled import Gold, Score

BINS = 10

_CARD = """# The model of `weights.npz`

Made by `python -m detect.training LABELLED` from {pages:,} labelled pages of {sites:,} sites ({sets}), which do
not ship. It says how likely a line of a page is boilerplate, from {columns} numbers about the line and what stands
around it (named in `columns.py`).

- **Lexicon**: log-odds by hashed words and pairs of words that stand on three sites and more. No text can be read back.
- **First pass**: {first:,} trees of depth {first_depth}.
- **Second pass**: {second:,} trees of depth {second_depth}, over the line's own columns and what the first pass
  says of the lines around it.
- **Weighting**: every page counts alike whatever its length; a set counts by the root of its pages, so that the
  largest does not dominate.
- **Variants**: each page as it is, with its site known and with nothing known; without its first line; with line
  breaks lost.

## Scores

Every page is judged by a lexicon and trees that were not fitted on its site ({folds} folds by registered domain). What
the second pass learns from, the rarity of words and the calibration are shared by the folds, and a few settings
(rounds, depth, thresholds) were chosen on them. Mean over pages, by token position: precision, recall, F1. The headline
is not yet told from the rest here.

{scores}

## Calibration

Chance of content as the model says it, and the share of tokens that are content, pages alike, over `known`.
Expected calibration error {error:.3f}.

{reliability}

## Known weaknesses

- Long prose after the article: readers' comments, boxes about the author, subscription calls, and teasers that come as
  a headline and a sentence read like an article's own text.
- Captions inside an article, of which collections disagree.
- Lists, tables, code and references of an article are lost more often than its prose; front pages and listings are
  uncertain throughout.
- Mostly English, then a dozen European languages, Chinese, Japanese and Arabic; others go by shape and recurrence.
"""


def tell(pages: Sequence[Gold], examples: Sequence[Example], fitted: Fitted) -> str:
    """The card, as Markdown."""
    model = fitted.model
    error, reliability = _reliability(examples, fitted.odds)
    sets = Counter(page.dataset for page in pages)
    return _CARD.format(
        pages=len(pages),
        sites=len({page.domain for page in pages}),
        sets=", ".join(f"{name} {count:,}" for name, count in sorted(sets.items())),
        columns=len(SECOND_PASS),
        first=len(model.first.columns),
        first_depth=model.first.parts.shape[1].bit_length() - 1,
        second=len(model.second.columns),
        second_depth=model.second.parts.shape[1].bit_length() - 1,
        folds=FOLDS,
        scores=_scores(examples, fitted.odds),
        error=error,
        reliability=reliability,
    )


def _of_each(examples: Sequence[Example], odds: NDArray[np.float32]) -> Iterator[tuple[Example, NDArray[np.float32]]]:
    start = 0
    for one in examples:
        yield one, odds[start : start + len(one.tokens)]
        start += len(one.tokens)


def _scores(examples: Sequence[Example], odds: NDArray[np.float32]) -> str:
    """A row a data set, a column a variant."""
    found: dict[tuple[str, str], list[tuple[float, float, float]]] = defaultdict(list)
    for one, said in _of_each(examples, odds):
        kept = decide(said, one.lined.shapes[:, lines.SIZE]) == KINDS.index("content")
        score = Score(
            int(one.main[kept].sum()), int(one.tokens[kept].sum()), int(one.main.sum()), int(one.tokens.sum())
        )
        names = [one.page.dataset]
        if one.page.dataset == "daniel" and one.lined.recurrence.of >= 4:
            names.append("daniel, sites of 5+")
        for name in names:
            found[name, one.variant].append(score.measures())
    head = "| set | " + " | ".join(f"{name}, pages" for name in VARIANTS) + " |\n|---|" + "---|" * len(VARIANTS)
    rows = [
        f"| {name} | " + " | ".join(_cell(found.get((name, variant))) for variant in VARIANTS) + " |"
        for name in sorted({name for name, _ in found})
    ]
    return "\n".join([head, *rows])


def _cell(scores: list[tuple[float, float, float]] | None) -> str:
    if not scores:
        return ""
    precision, recall, f1 = np.mean(scores, axis=0)
    return f"{precision:.3f} {recall:.3f} **{f1:.3f}** ({len(scores)})"


def _reliability(examples: Sequence[Example], odds: NDArray[np.float32]) -> tuple[float, str]:
    weight, said, true = np.zeros(BINS), np.zeros(BINS), np.zeros(BINS)
    for one, here in _of_each(examples, odds):
        if one.variant == "known" and one.tokens.sum():
            chance = 1 / (1 + np.exp(here.astype(np.float64)))
            bins = np.minimum(BINS - 1, (chance * BINS).astype(np.int64))
            share = one.tokens / one.tokens.sum()
            weight += np.bincount(bins, share, BINS)
            said += np.bincount(bins, share * chance, BINS)
            true += np.bincount(bins, one.main / one.tokens.sum(), BINS)
    error = float(np.abs(said - true).sum() / weight.sum())
    rows = ["| said | true | share of tokens |", "|--:|--:|--:|"]
    for i in range(BINS):
        if weight[i]:
            rows.append(f"| {said[i] / weight[i]:.2f} | {true[i] / weight[i]:.2f} | {weight[i] / weight.sum():.3f} |")
    return error, "\n".join(rows)
