"""Rows to log-odds of boilerplate, as a sum of named signals; two passes: the line, then what stands beside it.

Gradient-boosted trees (Friedman, 2001), trained by training/ and kept as arrays. What a column moves a verdict by is
read off the trees: each step from a node to its child changes the mean of the training rows there, and the change
counts for the column that was asked (Saabas, "Interpreting random forests", 2014). The changes add up to the verdict.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detect.columns import MODEL_SIGNALS, SIGNALS
from detect.lexicon import Lexicon
from detect.loops import njit

WEIGHTS: Final = Path(__file__).with_name("weights.npz")
_TOGETHER: Final = 8  # rows that go through a tree together: enough for their loads to overlap, few to fill up
_PARTS: Final = len(MODEL_SIGNALS)
_PASSES: Final = ("first", "second")
_FIELDS: Final = ("columns", "thresholds", "parts")  # of a forest, as a weights file has them
_BASE, _FIRST, _PAGE = (SIGNALS.index(name) for name in ("base", "first", "page"))


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """t complete binary trees of depth d: the children of node i are 2i+1 and 2i+2, and 2**d leaves follow the nodes.

    A row whose `columns[tree, i]` uint16 is at most `thresholds[tree, i]` float32 goes to the first child, else to the
    second; both (t, 2**d - 1), the threshold of a node that parts nothing is infinite. `parts` float32
    (t, 2**d, len(MODEL_SIGNALS)): what each signal adds at a leaf; a tree's mean is the signal "base".
    """

    columns: NDArray[np.uint16]
    thresholds: NDArray[np.float32]
    parts: NDArray[np.float32]
    values: NDArray[np.float32] = field(init=False)  # (t, 2**d): what a leaf adds in all

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", self.parts.sum(axis=2, dtype=np.float64).astype(np.float32))

    def judge(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """The log-odds of each of m rows: float32 (m)."""
        out = np.zeros(len(rows), np.float32)
        _judge(self.columns, self.thresholds, self.values, rows, out)
        return out

    def weigh(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """What each signal adds to the log-odds of each of m rows: float32 (m, len(SIGNALS))."""
        out = np.zeros((len(rows), len(SIGNALS)), np.float32)
        _weigh(self.columns, self.thresholds, self.parts, rows, out)
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """The two passes, the lexicon their rows are made with, and what makes chances of their sums.

    A sum s of the second pass is `scale` * s + `shift` log-odds (Platt scaling).
    """

    lexicon: Lexicon
    first: Forest
    second: Forest
    scale: float
    shift: float

    def judge(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Calibrated log-odds for boilerplate, float32 (m); `rows` with the columns of both passes."""
        return self.second.judge(rows) * np.float32(self.scale) + np.float32(self.shift)

    def weigh(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """The same by signal, float32 (m, len(SIGNALS)), up to rounding.

        What moved the first pass takes the part of the verdict that goes back to it.
        """
        weights = self.second.weigh(rows) * np.float32(self.scale)
        weights[:, _BASE] += np.float32(self.shift)
        _hand_down(self.first.weigh(rows), weights)
        return weights


@functools.cache
def load() -> Model:
    """The model that ships with the program."""
    with np.load(WEIGHTS) as kept:
        return unpack(kept)


def unpack(kept: dict[str, NDArray]) -> Model:
    """The model of the arrays in a weights file, by their names there."""
    first, second = (Forest(*(kept[f"{name}_{field}"] for field in _FIELDS)) for name in _PASSES)
    scale, shift = (float(value) for value in kept["scaling"])
    return Model(Lexicon(kept["words"], kept["steps"], kept["biases"], kept["rarity"]), first, second, scale, shift)


def pack(model: Model) -> dict[str, NDArray]:
    """The arrays that `unpack` makes `model` of."""
    arrays = {
        "scaling": np.array([model.scale, model.shift]),
        "steps": model.lexicon.steps,
        "biases": model.lexicon.biases,
        "words": model.lexicon.weights,
        "rarity": model.lexicon.rarity,
    }
    for name, forest in zip(_PASSES, (model.first, model.second), strict=True):
        arrays |= {f"{name}_{field}": getattr(forest, field) for field in _FIELDS}
    return arrays


@njit(cache=True, nogil=True)
def _judge(columns, thresholds, values, rows, out):  # type: ignore[no-untyped-def]
    trees, inner = columns.shape
    places = np.zeros(_TOGETHER, np.uint32)
    block = np.zeros(rows.shape[1] * _TOGETHER, np.float32)
    for start in range(0, len(rows), _TOGETHER):
        count = _block(rows, start, block)
        for tree in range(trees):
            _descend(columns[tree], thresholds[tree], block, places)
            told = values[tree]
            for i in range(count):
                out[start + i] += told[places[i] - np.uint32(inner)]


@njit(cache=True, nogil=True)
def _weigh(columns, thresholds, parts, rows, out):  # type: ignore[no-untyped-def]
    trees, inner = columns.shape
    places = np.zeros(_TOGETHER, np.uint32)
    block = np.zeros(rows.shape[1] * _TOGETHER, np.float32)
    for start in range(0, len(rows), _TOGETHER):
        count = _block(rows, start, block)
        for tree in range(trees):
            _descend(columns[tree], thresholds[tree], block, places)
            told = parts[tree]
            for i in range(count):
                leaf = places[i] - np.uint32(inner)
                for signal in range(_PARTS):
                    out[start + i, signal] += told[leaf, signal]


@njit(cache=True, nogil=True)
def _block(rows, start, block):  # type: ignore[no-untyped-def]
    """Put a few rows into the block, column by column; gives how many."""
    count = min(_TOGETHER, len(rows) - start)
    for i in range(count):
        for column in range(rows.shape[1]):
            block[column * _TOGETHER + i] = rows[start + i, column]
    return count


@njit(cache=True, nogil=True, inline="always")
def _descend(asked, limits, block, places):  # type: ignore[no-untyped-def]
    """The leaf of one tree that each row of a block comes to, level by level: no branch to guess, and the rows' loads
    overlap.

    Unsigned numbers: with signed ones every index is first looked at for being negative.
    """
    across = np.uint32(_TOGETHER)
    places[:] = 0
    level = 1
    while level <= len(asked):
        for i in range(_TOGETHER):
            place = places[i]
            beyond = block[np.uint32(asked[place]) * across + np.uint32(i)] > limits[place]
            places[i] = np.uint32(2) * place + np.uint32(1) + np.uint32(beyond)
        level = 2 * level + 1


@njit(cache=True, nogil=True)
def _hand_down(before, weights):  # type: ignore[no-untyped-def]
    """Share the weight of the first pass's verdict among what moved that verdict the same way."""
    for line in range(len(weights)):
        odds = weights[line, _FIRST]
        same = np.float32(0)
        for signal in range(_BASE + 1, weights.shape[1]):
            if before[line, signal] * odds > 0:
                same += before[line, signal]
        if same != 0:
            for signal in range(_BASE + 1, weights.shape[1]):
                if before[line, signal] * odds > 0:
                    weights[line, signal] += odds * before[line, signal] / same
        else:
            weights[line, _PAGE] += odds
        weights[line, _FIRST] = 0
