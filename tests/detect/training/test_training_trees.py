import dataclasses

import numpy as np
import pytest

lightgbm = pytest.importorskip("lightgbm")

from detect.columns import MODEL_SIGNALS, SECOND_PASS  # noqa: E402
from detect.training import trees  # noqa: E402
from detect.training.trees import Plan  # noqa: E402

COLUMNS = len(SECOND_PASS)
ALL = Plan(range(COLUMNS), rounds=12, depth=6, least_rows=5)
# More threads than cores that are free take far longer.
PARAMETERS = {**trees.PARAMETERS, "max_depth": 6, "num_leaves": 40, "min_data_in_leaf": 5, "num_threads": 1}


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(trees.PARAMETERS, "num_threads", 1)


def table(seed: int, count: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    """Rows as they come, and targets that some of their columns decide."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, COLUMNS)).astype(np.float32)
    rows[:, 0] = np.log1p(rng.integers(0, 40, count))
    rows[:, 1] = rng.integers(0, 2, count)
    rows[:, 5] = rng.choice(np.array([0, 0.1, 1 / 3, 2 / 3, 0.7, 1], np.float32), count)
    odds = 2 * rows[:, 1] - rows[:, 0] + 3 * (rows[:, 5] > 0.5) + rows[:, 7] * rows[:, 9]
    return rows, (1 / (1 + np.exp(-odds))).astype(np.float32)


def booster(seed: int, rounds: int = 25) -> "lightgbm.Booster":
    rows, targets = table(seed)
    return lightgbm.train(PARAMETERS, lightgbm.Dataset(rows, targets, params=PARAMETERS), rounds)


@pytest.mark.parametrize("seed", range(3))
def test_the_arrays_say_what_lightgbm_says_of_any_row(seed: int) -> None:
    made = booster(seed)
    forest = trees.forest_of(made.dump_model()["tree_info"], ALL)
    for rows in (table(seed)[0], table(seed + 50)[0], 100 * table(seed + 60)[0]):
        assert forest.weigh(rows).sum(axis=1) == pytest.approx(made.predict(rows, raw_score=True), abs=1e-5)


def test_rows_on_a_threshold_and_right_beside_it_go_where_lightgbm_sends_them() -> None:
    made = booster(4)
    forest = trees.forest_of(made.dump_model()["tree_info"], ALL)
    base = table(4)[0][:1]
    nodes = np.argwhere(np.isfinite(forest.thresholds))
    assert len(nodes) > 200
    for tree, node in nodes[::7]:
        threshold = forest.thresholds[tree, node]
        rows = np.repeat(base, 3, axis=0)
        rows[:, forest.columns[tree, node]] = [
            threshold,
            np.nextafter(threshold, np.float32(-np.inf)),
            np.nextafter(threshold, np.float32(np.inf)),
        ]
        assert forest.weigh(rows).sum(axis=1) == pytest.approx(made.predict(rows, raw_score=True), abs=1e-5)


def test_a_threshold_is_rounded_so_that_no_float_changes_sides() -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate((rng.normal(size=500), [0.1, 1 / 3, 1e-9, -0.7, 16777217.0, 0.5, 0.0]))
    rounded = trees._rounded_down(values)
    assert rounded.dtype == np.float32
    near = values.astype(np.float32)
    for row in (near, np.nextafter(near, np.float32(-np.inf)), np.nextafter(near, np.float32(np.inf))):
        assert ((row <= rounded) == (row.astype(np.float64) <= values)).all()


def test_what_the_signals_add_at_a_leaf_is_the_value_of_the_leaf() -> None:
    told = booster(2).dump_model()["tree_info"]
    values = []

    def leaves(node: dict) -> None:
        if "split_feature" not in node:
            values.append(node["leaf_value"])
            return
        leaves(node["left_child"])
        leaves(node["right_child"])

    for tree in told:
        leaves(tree["tree_structure"])
    forest = trees.forest_of(told, ALL)
    reached = forest.parts[forest.parts.any(axis=2)]
    assert reached.sum(axis=1) == pytest.approx(values, abs=1e-5)


def test_a_column_that_no_tree_asks_moves_nothing() -> None:
    rows, targets = table(6)
    rows[:, [i for i, signal in enumerate(SECOND_PASS.values()) if signal == "recurs"]] = 0
    data = lightgbm.Dataset(rows, targets, params=PARAMETERS)
    forest = trees.forest_of(lightgbm.train(PARAMETERS, data, 10).dump_model()["tree_info"], ALL)
    assert (forest.parts[:, :, MODEL_SIGNALS.index("recurs")] == 0).all()
    assert (forest.parts[:, :, MODEL_SIGNALS.index("length")] != 0).any()


def leaf(value: float, weight: float) -> dict:
    return {"leaf_value": value, "leaf_weight": weight}


def split(column: int, threshold: float, left: dict, right: dict, by: str = "<=") -> dict:
    return {
        "split_feature": column,
        "threshold": threshold,
        "decision_type": by,
        "left_child": left,
        "right_child": right,
    }


def test_a_step_counts_for_the_column_that_was_asked() -> None:
    # Means by weight: below the split by "ends" (1*2 + 4*1) / 3, of the whole tree (-2*4 + 1*2 + 4*1) / 7.
    size, ends = (list(SECOND_PASS).index(name) for name in ("size", "ends"))
    tree = split(size, 1.5, leaf(-2, 4), split(ends, 0.5, leaf(1, 2), leaf(4, 1)))
    forest = trees.forest_of([{"tree_structure": tree}], dataclasses.replace(ALL, depth=2))
    told = [
        {name: float(value) for name, value in zip(MODEL_SIGNALS, part, strict=True) if value}
        for part in forest.parts[0]
    ]
    top, right = (-8 + 2 + 4) / 7, (2 + 4) / 3
    assert told[0] == pytest.approx({"base": top, "length": -2 - top})
    assert told[1] == {}  # no row comes here
    assert told[2] == pytest.approx({"base": top, "length": right - top, "sentence": 1 - right})
    assert told[3] == pytest.approx({"base": top, "length": right - top, "sentence": 4 - right})


def test_a_tree_that_is_one_leaf_says_the_same_of_every_row() -> None:
    forest = trees.forest_of([{"tree_structure": {"leaf_value": 0.25}}, {"tree_structure": leaf(-1, 3)}], ALL)
    assert (forest.weigh(np.zeros((2, COLUMNS), np.float32)).sum(axis=1) == -0.75).all()


def test_where_there_is_nothing_to_tell_apart_lightgbm_says_its_mean() -> None:
    rows, _ = table(3)
    data = lightgbm.Dataset(rows, np.full(len(rows), 0.25, np.float32), params=PARAMETERS)
    made = lightgbm.train(PARAMETERS, data, 5)
    forest = trees.forest_of(made.dump_model()["tree_info"], ALL)
    assert forest.weigh(rows).sum(axis=1) == pytest.approx(made.predict(rows, raw_score=True), abs=1e-5)


def test_a_split_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="=="):
        trees.forest_of([{"tree_structure": split(0, 1.0, leaf(1, 1), leaf(2, 1), by="==")}], ALL)


def test_a_plan_is_kept_to() -> None:
    rows, targets = table(8)
    forest = trees.fit(rows, targets, np.ones(len(rows), np.float32), Plan([1, 5, 9, 7, 0], 8, 3, 40))
    assert forest.columns.shape == (8, 7)
    parting = forest.columns[np.isfinite(forest.thresholds)]
    assert set(parting.tolist()) <= {1, 5, 9, 7, 0}
    signals = {list(SECOND_PASS.values())[column] for column in parting} | {"base"}
    moved = {name for name, part in zip(MODEL_SIGNALS, np.moveaxis(forest.parts, 2, 0), strict=True) if part.any()}
    assert moved <= signals


def test_trees_over_some_columns_ask_those_by_their_own_numbers() -> None:
    rows, targets = table(8)
    plan = dataclasses.replace(ALL, columns=[9, 7, 5, 1, 0])
    made = lightgbm.train(PARAMETERS, lightgbm.Dataset(rows[:, plan.columns], targets, params=PARAMETERS), 12)
    forest = trees.forest_of(made.dump_model()["tree_info"], plan)
    said = made.predict(rows[:, plan.columns], raw_score=True)
    assert forest.weigh(rows).sum(axis=1) == pytest.approx(said, abs=1e-5)


def test_the_same_rows_give_the_same_trees() -> None:
    rows, targets = table(9)
    one, other = (trees.fit(rows, targets, np.ones(len(rows), np.float32), ALL) for _ in range(2))
    for name in one.__slots__:
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
