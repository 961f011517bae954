import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import features, lexicon, model
from detect.columns import MODEL_SIGNALS, SIGNALS
from detect.lexicon import Lexicon
from detect.model import Forest, Model

FIRST, BASE, PAGE = (SIGNALS.index(name) for name in ("first", "base", "page"))


def forest_of(columns: list[list[int]], thresholds: list[list[float]], seed: int) -> Forest:
    """A forest of made-up leaves: of each tree what its nodes ask, level by level."""
    trees, inner = np.shape(columns)
    parts = np.random.default_rng(seed).normal(size=(trees, inner + 1, len(MODEL_SIGNALS)))
    return Forest(np.array(columns, np.uint16), np.array(thresholds, np.float32), parts.astype(np.float32))


@st.composite
def forests(draw: st.DrawFn, columns: int = 6) -> Forest:
    inner = 2 ** draw(st.integers(0, 3)) - 1
    trees = draw(st.integers(0, 4))
    asked = st.lists(st.integers(0, columns - 1), min_size=inner, max_size=inner)
    limits = st.lists(st.sampled_from([-1.0, -0.25, 0.0, 0.5, 1.0, np.inf]), min_size=inner, max_size=inner)
    made = forest_of(
        [draw(asked) for _ in range(trees)] or [[0] * inner],
        [draw(limits) for _ in range(trees)] or [[np.inf] * inner],
        draw(st.integers(0, 99)),
    )
    return made if trees else Forest(made.columns[:0], made.thresholds[:0], made.parts[:0])


def walked(forest: Forest, row: np.ndarray) -> np.ndarray:
    """What each signal adds for one row, one tree and one question at a time."""
    total = np.zeros(len(SIGNALS))
    for columns, thresholds, parts in zip(forest.columns, forest.thresholds, forest.parts, strict=True):
        place = 0
        while place < len(columns):
            place = 2 * place + (1 if row[columns[place]] <= thresholds[place] else 2)
        total[: len(MODEL_SIGNALS)] += parts[place - len(columns)]
    return total


def rows_for(columns: int, seed: int, count: int = 9) -> np.ndarray:
    """Rows that lie on thresholds as often as beside them."""
    values = [-1.0, -0.25, 0.0, 0.5, 1.0, 0.25, 3.0, -9.0]
    return np.random.default_rng(seed).choice(values, (count, columns)).astype(np.float32)


@given(forests(), st.integers(0, 99))
@settings(deadline=None)
def test_a_forest_weighs_as_if_walked_tree_by_tree(forest: Forest, seed: int) -> None:
    rows = rows_for(6, seed)
    weights = forest.weigh(rows)
    assert weights.shape == (len(rows), len(SIGNALS))
    for row, weight in zip(rows, weights, strict=True):
        assert weight == pytest.approx(walked(forest, row), abs=1e-4)


def test_every_row_of_a_long_page_is_weighed() -> None:
    forest = forest_of([[0, 1, 2], [3, 4, 5]], [[0.0, 0.5, -0.25], [0.25, 0.0, 1.0]], 1)
    rows = rows_for(6, 7, 101)
    weights = forest.weigh(rows)
    for row, weight in zip(rows, weights, strict=True):
        assert weight == pytest.approx(walked(forest, row), abs=1e-5)
    assert (forest.weigh(rows[64:]) == weights[64:]).all()


def test_a_row_on_the_threshold_goes_to_the_first_child() -> None:
    forest = forest_of([[0]], [[0.5]], 3)
    above = np.nextafter(np.float32(0.5), np.float32(1))
    first, second = forest.weigh(np.array([[0.5], [above]], np.float32))[:, : len(MODEL_SIGNALS)]
    assert (first == forest.parts[0, 0]).all()
    assert (second == forest.parts[0, 1]).all()


def test_a_node_that_parts_nothing_sends_every_row_to_its_first_child() -> None:
    forest = forest_of([[0, 1, 0]], [[np.inf, np.inf, 0.0]], 4)
    rows = np.array([[-1, 0], [1, 9], [3e38, -3e38]], np.float32)
    assert (forest.weigh(rows)[:, : len(MODEL_SIGNALS)] == forest.parts[0, 0]).all()


def test_a_tree_that_is_one_leaf_says_the_same_of_every_row() -> None:
    forest = forest_of([[], []], [[], []], 4)
    weights = forest.weigh(np.array([[-1, 0], [1, 0]], np.float32))[:, : len(MODEL_SIGNALS)]
    assert weights == pytest.approx(np.tile(forest.parts.sum(axis=(0, 1)), (2, 1)), abs=1e-6)


def test_what_a_leaf_says_is_the_sum_of_its_signals() -> None:
    forest = forest_of([[0]], [[0.0]], 6)
    weights = forest.weigh(np.array([[-1], [1]], np.float32))
    assert weights.sum(axis=1) == pytest.approx(forest.parts[0].sum(axis=1), abs=1e-5)


def test_no_row_has_no_weights() -> None:
    assert forest_of([[0]], [[0.0]], 4).weigh(np.empty((0, 1), np.float32)).shape == (0, len(SIGNALS))


def made_up(second: Forest, scale: float = 1.0, shift: float = 0.0) -> Model:
    rng = np.random.default_rng(2)
    known = Lexicon(
        rng.integers(-127, 128, (1 << lexicon.BITS, lexicon.SUBJECTS)).astype(np.int8),
        np.full(lexicon.SUBJECTS, 0.04, np.float32),
        np.zeros(lexicon.SUBJECTS, np.float32),
        rng.integers(1, 256, 1 << lexicon.RARITY_BITS).astype(np.uint8),
    )
    first = forest_of([[1, 0, 2], [3, 4, 5]], [[0.0, 0.5, -0.25], [0.25, 0.0, np.inf]], 8)
    first.parts[:, :, FIRST] = 0  # the first pass asks nothing of itself
    return Model(known, first, second, scale, shift)


@given(forests(), st.integers(0, 99), st.floats(0.2, 3), st.floats(-2, 2))
@settings(deadline=None)
def test_handing_down_the_first_pass_leaves_every_verdict_as_it_was(
    forest: Forest, seed: int, scale: float, shift: float
) -> None:
    made = made_up(forest, scale, shift)
    rows = rows_for(6, seed)
    weights = made.weigh(rows)
    expected = np.float32(scale) * forest.weigh(rows).sum(axis=1) + np.float32(shift)
    assert weights.sum(axis=1) == pytest.approx(expected, abs=1e-3)
    assert (weights[:, FIRST] == 0).all()
    assert made.judge(rows) == pytest.approx(expected, abs=1e-3)


def leaf_of(**parts: float) -> Forest:
    """A tree of one leaf."""
    told = np.zeros((1, 1, len(MODEL_SIGNALS)), np.float32)
    for name, value in parts.items():
        told[0, 0, MODEL_SIGNALS.index(name)] = value
    return Forest(np.empty((1, 0), np.uint16), np.empty((1, 0), np.float32), told)


def handed(first: Forest, second: Forest) -> dict[str, float]:
    made = Model(made_up(second).lexicon, first, second, 1.0, 0.0)
    row = np.zeros((1, features.COLUMNS), np.float32)
    weights = made.weigh(row)[0]
    return {name: float(weight) for name, weight in zip(SIGNALS, weights, strict=True) if weight}


def test_the_first_pass_hands_its_weight_to_what_moved_it_the_same_way() -> None:
    told = handed(leaf_of(length=3, recurs=1, prose=-2), leaf_of(first=2, place=0.5))
    assert told == pytest.approx({"length": 1.5, "recurs": 0.5, "place": 0.5})
    told = handed(leaf_of(length=3, recurs=1, prose=-2), leaf_of(first=-2, place=0.5))
    assert told == pytest.approx({"prose": -2, "place": 0.5})


def test_where_nothing_moved_the_first_pass_the_page_takes_its_weight() -> None:
    assert handed(leaf_of(length=3), leaf_of(first=-2)) == pytest.approx({"page": -2})


def test_a_model_packed_and_unpacked_is_the_same_model() -> None:
    made = made_up(forest_of([[2, 0, 1]], [[0.5, -1.0, np.inf]], 6), 0.9, -0.3)
    file = io.BytesIO()
    np.savez_compressed(file, **model.pack(made))
    file.seek(0)
    with np.load(file) as kept:
        again = model.unpack(kept)
    rows = rows_for(6, 1)
    assert (again.weigh(rows) == made.weigh(rows)).all()
    one, other = model.pack(made), model.pack(again)
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert array.dtype == other[name].dtype
        assert array.tobytes() == other[name].tobytes(), name


@pytest.mark.parametrize(("name", "columns"), [("first", features.FIRST_COLUMNS), ("second", features.COLUMNS)])
def test_the_trees_that_ship_are_whole(name: str, columns: int) -> None:
    forest = getattr(model.load(), name)
    trees, inner = forest.columns.shape
    assert trees > 1
    assert inner & (inner + 1) == 0  # 2**depth - 1
    assert forest.thresholds.shape == (trees, inner)
    assert forest.parts.shape == (trees, inner + 1, len(MODEL_SIGNALS))
    assert (forest.columns.dtype, forest.thresholds.dtype, forest.parts.dtype) == (np.uint16, np.float32, np.float32)
    assert np.isfinite(forest.parts).all()
    assert (forest.columns >= 0).all()
    assert (forest.columns < columns).all()
    assert (forest.thresholds > -np.inf).all()
    # Where a node parts nothing, nothing below it does, and no row comes to its second child.
    for node in range(1, inner):
        below = np.isinf(forest.thresholds[:, (node - 1) // 2])
        assert np.isinf(forest.thresholds[below, node]).all()
    assert np.isfinite(forest.thresholds[:, 0]).all()


def test_the_first_pass_that_ships_knows_nothing_of_itself() -> None:
    first = MODEL_SIGNALS.index("first")
    assert (model.load().first.parts[:, :, first] == 0).all()


def test_the_lexicon_and_the_scaling_that_ship_are_whole() -> None:
    made = model.load()
    assert made.lexicon.weights.shape == (1 << lexicon.BITS, lexicon.SUBJECTS)
    assert made.lexicon.weights.dtype == np.int8
    assert made.lexicon.rarity.shape == (1 << lexicon.RARITY_BITS,)
    assert made.lexicon.rarity.dtype == np.uint8
    assert made.lexicon.rarity.min() > 0
    assert made.lexicon.steps.shape == made.lexicon.biases.shape == (lexicon.SUBJECTS,)
    assert (made.lexicon.steps > 0).all()
    assert made.scale > 0
    assert np.isfinite([made.scale, made.shift, *made.lexicon.steps, *made.lexicon.biases]).all()


def test_the_weights_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    load = np.load
    monkeypatch.setattr(np, "load", lambda path: opened.append(path) or load(path))
    model.load.cache_clear()
    assert model.load() is model.load()
    assert opened == [model.WEIGHTS]
