"""LightGBM's trees: fitted on rows, and turned into the arrays that model.py evaluates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from detect.columns import MODEL_SIGNALS, SECOND_PASS
from detect.model import Forest

_SIGNAL_OF = [MODEL_SIGNALS.index(signal) for signal in SECOND_PASS.values()]

PARAMETERS = {
    "objective": "cross_entropy",
    "learning_rate": 0.07,
    "feature_fraction": 0.4,
    "lambda_l2": 5.0,
    "max_bin": 127,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "verbose": -1,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """How a forest is grown: over which columns, how many trees, how deep, with so many rows a leaf at least."""

    columns: Sequence[int]
    rounds: int
    depth: int
    least_rows: int


def fit(rows: NDArray[np.float32], targets: NDArray[np.float32], weights: NDArray[np.float32], plan: Plan) -> Forest:
    """A forest over m rows for `targets` float32 (m), the share of boilerplate, weighted by `weights` (m)."""
    settings = PARAMETERS | {"max_depth": plan.depth, "num_leaves": 2**plan.depth, "min_data_in_leaf": plan.least_rows}
    data = lightgbm.Dataset(rows[:, plan.columns], targets, weight=weights / weights.mean(), params=settings)
    return forest_of(lightgbm.train(settings, data, plan.rounds).dump_model()["tree_info"], plan)


def forest_of(trees: Sequence[dict[str, Any]], plan: Plan) -> Forest:
    """The arrays of the trees that `lightgbm.Booster.dump_model` tells of; its column i is ours `plan.columns[i]`.

    Raises ValueError for other splits than <=.
    """
    inner = 2**plan.depth - 1
    columns = np.zeros((len(trees), inner), np.uint16)
    thresholds = np.full((len(trees), inner), np.inf, np.float64)
    parts = np.zeros((len(trees), inner + 1, len(MODEL_SIGNALS)), np.float64)
    for i, tree in enumerate(trees):
        start = np.zeros(len(MODEL_SIGNALS))
        start[MODEL_SIGNALS.index("base")] = _mean(tree["tree_structure"])
        _grow(tree["tree_structure"], 0, start, plan, columns[i], thresholds[i], parts[i])
    return Forest(columns, _rounded_down(thresholds), parts.astype(np.float32))


def _grow(
    node: dict[str, Any],
    place: int,
    told: NDArray[np.float64],
    plan: Plan,
    columns: NDArray[np.uint16],
    thresholds: NDArray[np.float64],
    parts: NDArray[np.float64],
) -> None:
    """Write a node and all below it from `place` on; `told` is what the signals have added on the way there."""
    inner = len(columns)
    if "split_feature" not in node:
        # Nothing is parted any more: all the places below say the same, and rows come to the first.
        while place < inner:
            place = 2 * place + 1
        parts[place - inner] = told
        return
    if node["decision_type"] != "<=":
        raise ValueError(f"a split by {node['decision_type']!r} cannot be evaluated")
    columns[place], thresholds[place] = plan.columns[node["split_feature"]], node["threshold"]
    for side, child in enumerate((node["left_child"], node["right_child"])):
        moved = told.copy()
        moved[_SIGNAL_OF[columns[place]]] += _mean(child) - _mean(node)
        _grow(child, 2 * place + 1 + side, moved, plan, columns, thresholds, parts)


def _mean(node: dict[str, Any]) -> float:
    """The mean over the training rows of what a tree says below a node."""
    return _sums(node)[0] / _sums(node)[1]


def _sums(node: dict[str, Any]) -> tuple[float, float]:
    if "sums" not in node:
        if "split_feature" in node:
            left, right = _sums(node["left_child"]), _sums(node["right_child"])
            node["sums"] = (left[0] + right[0], left[1] + right[1])
        else:
            weight = node.get("leaf_weight") or 1.0
            node["sums"] = (node["leaf_value"] * weight, weight)
    return node["sums"]


def _rounded_down(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """The greatest float32 at most each value: rows are float32, so every comparison comes out the same."""
    near = values.astype(np.float32)
    return np.where(near > values, np.nextafter(near, np.float32(-np.inf)), near)
