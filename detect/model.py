"""Rows to log-odds of boilerplate, as a sum of named signals; two passes: the line, then what stands beside it.

An additive scorecard: logistic regression's form, so that a label's reasons add up to its probability. The
weights are set by hand, near a regression on labelled pages of half the sites, and rounded; recurrence weighs more
than the regression gave it, since evidence from the site itself should outvote the look of a line.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from detect import columns as col
from detect.columns import SIGNALS

BASE: Final = 1.3

# Log-odds for boilerplate of each column, and the signal under which it is told to people.
_WEIGHTS: Final = (
    (col.RECURS, "recurs", 1.2),
    (col.WIDELY, "recurs", 1.6),
    (col.KEY, "recurs", 1.0),
    (col.HEAD, "recurs", 3.0),
    (col.SHORT, "length", -0.1),
    (col.MIDDLING, "length", -0.4),
    (col.LONG, "length", -0.2),
    (col.SENTENCE, "sentence", -0.3),
    (col.SENTENCE_LONG, "sentence", -0.7),
    (col.INNER, "sentence", -0.2),
    (col.COMMAS, "prose", -0.5),
    (col.CAPITALS, "prose", 1.2),
    (col.FUNCTION, "prose", -0.8),
    (col.SEPARATORS, "list", 0.8),
    (col.LISTED, "list", 1.0),
    (col.CUED, "phrase", 2.0),
    (col.CUED_SHORT, "phrase", 1.6),
    (col.DATED, "date", 1.0),
    (col.AGAIN, "again", 0.8),
    (col.PROSE_NEAR, "neighbours", -0.1),
    (col.PROSE_ABOVE, "neighbours", -0.8),
    (col.PROSE_BELOW, "neighbours", -0.3),
    (col.ENCLOSED, "neighbours", -0.3),
    (col.BODY, "neighbours", -1.5),
    (col.BEFORE, "place", 0.8),
    (col.AFTER, "place", 0.5),
    (col.LATE, "place", 1.8),
    (col.TITLED, "headline", -1.3),
)

# The second pass: how much a line leans to the lines beside it (weight 1) and one further (1/2).
SMOOTHING: Final = 0.5

_RECURS, _PARTLY = SIGNALS.index("recurs"), SIGNALS.index("partly")


def weigh(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log-odds for boilerplate (lines, len(SIGNALS)) of each line by signal; a line's sum is its verdict."""
    weights = np.zeros((len(rows), len(SIGNALS)), np.float32)
    weights[:, 0] = BASE
    for column, signal, weight in _WEIGHTS:
        weights[:, SIGNALS.index(signal)] += rows[:, column] * np.float32(weight)
    partly = (rows[:, col.RECURS] < 0.5) & (weights[:, _RECURS] != 0)
    weights[partly, _PARTLY] = weights[partly, _RECURS]
    weights[partly, _RECURS] = 0
    lean = np.tanh(weights.sum(axis=1) / 2)
    beside = np.pad(lean, 2)
    around = (beside[1:-3] + beside[3:-1] + (beside[:-4] + beside[4:]) / 2) / 3
    weights[:, SIGNALS.index("neighbours")] += np.float32(SMOOTHING) * around
    return weights
