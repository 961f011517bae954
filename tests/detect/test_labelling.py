import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from detect import Memory, Page, features, label, labelling, learn, lexicon, lines, pieces, shingles, words
from detect.columns import SIGNALS
from detect.lexicon import Lexicon
from detect.records import KINDS, Labels
from detect.recurrence import Recurrence
from detect.settings import DEFAULTS

CONTENT, BOILERPLATE = KINDS.index("content"), KINDS.index("boilerplate")

odds_of_lines = st.floats(-12, 12, width=32)
sizes_of_lines = st.sampled_from([0, 1, 3, 12, 80, 0.3])
some_lines = st.lists(st.tuples(odds_of_lines, sizes_of_lines), min_size=1, max_size=40)


def decide(some: list[tuple[float, float]]) -> np.ndarray:
    odds, sizes = np.array(some, np.float32).reshape(-1, 2).T
    return labelling.decide(odds, sizes)


def odds(chance: float) -> float:
    """The log-odds for boilerplate of a line whose chance of content this is."""
    return float(np.log((1 - chance) / chance))


def chances(some: list[tuple[float, float]]) -> np.ndarray:
    """The chance of content of each line."""
    return 1 / (1 + np.exp(np.array([one for one, _ in some], np.float64)))


def kept(some: list[tuple[float, float]]) -> list[bool]:
    """Whether each line, given by its chance of content and its words, is content."""
    return (decide([(odds(chance), size) for chance, size in some]) == CONTENT).tolist()


@given(some_lines)
@settings(deadline=None)
def test_no_page_with_a_word_comes_out_empty(some: list[tuple[float, float]]) -> None:
    assume(any(size > 0 for _, size in some))
    assert (decide(some) == CONTENT).any()


@pytest.mark.parametrize("surely", [8.0, 40.0, 200.0])
def test_the_surest_line_of_a_page_of_boilerplate_is_kept(surely: float) -> None:
    assert decide([(surely, 1), (surely - 1, 4), (surely, 1)]).tolist() == [BOILERPLATE, CONTENT, BOILERPLATE]


def test_a_page_of_no_line_and_a_page_of_no_word_are_decided() -> None:
    assert decide([]).tolist() == []
    assert len(decide([(-3.0, 0), (3.0, 0)])) == 2


CLEAR = [(0.99, 30)] * 30 + [(0.01, 4)] * 30


def test_a_clear_page_keeps_what_has_the_chance_that_is_asked_for() -> None:
    assert kept([*CLEAR, (DEFAULTS.keep + 0.01, 10)]) == [True] * 30 + [False] * 30 + [True]
    assert kept([*CLEAR, (DEFAULTS.keep - 0.01, 10)]) == [True] * 30 + [False] * 30 + [False]


def test_a_page_where_little_is_sure_asks_for_less() -> None:
    unsure = [(0.3, 30)] * 10 + [(0.25, 10)] * 10 + [(0.05, 4)] * 10
    assert kept(unsure) == [True] * 20 + [False] * 10
    assert kept([*unsure, *CLEAR])[:20] == [False] * 20


@given(some_lines)
def test_what_has_the_chance_that_is_asked_for_is_content_on_any_page(some: list[tuple[float, float]]) -> None:
    for (_, size), chance, kind in zip(some, chances(some), decide(some), strict=True):
        if size and chance > DEFAULTS.keep + 1e-6:
            assert kind == CONTENT


def test_what_is_asked_for_is_no_more_than_a_half() -> None:
    assert DEFAULTS.doubt < DEFAULTS.unclear < DEFAULTS.keep <= 0.5


@given(some_lines)
def test_what_is_under_the_floor_of_doubt_is_kept_only_where_nothing_is_surer(some: list[tuple[float, float]]) -> None:
    kinds, likely = decide(some), chances(some)
    most = max((chance for chance, (_, size) in zip(likely, some, strict=True) if size), default=0)
    for (_, size), chance, kind in zip(some, likely, kinds, strict=True):
        if size and kind == CONTENT:
            assert chance >= min(DEFAULTS.doubt, most) - 1e-9


@given(some_lines)
def test_no_line_is_dropped_for_a_less_likely_one(some: list[tuple[float, float]]) -> None:
    worded = [one for one in some if one[1]]
    kinds, likely = decide(worded), chances(worded)
    if (kinds == CONTENT).any() and (kinds == BOILERPLATE).any():
        assert likely[kinds == CONTENT].min() > likely[kinds == BOILERPLATE].max()


@given(some_lines, st.lists(sizes_of_lines, max_size=60), st.floats(8, 40))
@settings(max_examples=200)
def test_more_of_what_is_surely_boilerplate_changes_nothing_else(
    some: list[tuple[float, float]], sizes: list[float], surely: float
) -> None:
    assume(max(chances(some)[[size > 0 for _, size in some]], default=0) > 0.9)
    more = [(surely, size) for size in sizes if size]
    likely = chances(some)
    before, after = decide(some), decide(some + more)
    sure = (likely > DEFAULTS.keep) & np.array([size > 0 for _, size in some])
    assert (after[: len(some)][sure] == before[sure]).all()
    assert (after[len(some) :] == BOILERPLATE).all()


@given(some_lines, st.lists(sizes_of_lines, max_size=60))
def test_what_is_no_content_at_all_leaves_the_threshold_where_it_was(
    some: list[tuple[float, float]], sizes: list[float]
) -> None:
    assume(any(size > 0 for _, size in some))
    more = [(60.0, size) for size in sizes if size]
    assert (decide(some + more)[: len(some)] == decide(some)).all()


@given(some_lines, st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_nothing(some: list[tuple[float, float]], rng) -> None:
    worded = [one for one in some if one[1]]
    order = list(range(len(worded)))
    rng.shuffle(order)
    assert decide([worded[i] for i in order]).tolist() == decide(worded)[order].tolist()


SENTENCES = [
    f"The {thing} of the {place} was opened again on Monday by a keeper who had waited for three long winters."
    for thing in ("pier", "mill", "fort", "bell", "lock", "barn")
    for place in ("island", "valley", "harbour")
]
FLAT = Lexicon(
    np.zeros((1 << lexicon.BITS, lexicon.SUBJECTS), np.int8),
    np.ones(lexicon.SUBJECTS, np.float32),
    np.zeros(lexicon.SUBJECTS, np.float32),
    np.full(1 << lexicon.RARITY_BITS, 32, np.uint8),
)


def labelled(text: str, weights: np.ndarray | None = None, seed: int = 0) -> tuple[Labels, words.Words, np.ndarray]:
    """The labels of a page whose pieces weigh what is given, or what chance gives; its pieces; and the weights."""
    split = pieces.sentences(words.split(text))
    m = len(split.lines) - 1
    shapes, keys = lines.shapes(split), shingles.line_keys(split)
    none = np.zeros(m, np.int32)
    recurrence = Recurrence(np.zeros(len(split.hashes), np.int32), none, none, 0, False)
    rows = features.rows(split, shapes, keys, recurrence, FLAT)
    if weights is None:
        weights = np.random.default_rng(seed).normal(size=(m, len(SIGNALS))).astype(np.float32)
    given_weights = weights.copy()
    odds = weights.sum(axis=1)
    return labelling.label(split, shapes, keys, rows, odds, recurrence, weights), split, given_weights


LONG = "\n".join(["Home", " ".join(SENTENCES), "News", " ".join(SENTENCES[:7])])


@pytest.mark.parametrize("seed", range(8))
def test_the_reasons_of_joined_pieces_add_up(seed: int) -> None:
    labels, split, _ = labelled(LONG, seed=seed)
    assert len(labels) < len(split.lines) - 1  # some were joined
    for one in labels:
        total = sum(reason.weight for reason in one.reasons)
        assert one.probability == pytest.approx(1 / (1 + np.exp(-total)), abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_joined_pieces_tile_the_page_and_their_line(seed: int) -> None:
    labels, split, _ = labelled(LONG, seed=seed)
    assert "".join(LONG[one.start : one.stop] for one in labels) == LONG
    assert set(labels.bounds.tolist()) <= set(split.lines.tolist())
    assert {LONG.index(line) for line in LONG.split("\n")} <= set(labels.bounds.tolist())


def test_pieces_of_one_line_and_kind_are_one_label_that_weighs_their_mean_by_words() -> None:
    text = " ".join(SENTENCES[:7])
    split = pieces.sentences(words.split(text))
    m = len(split.lines) - 1
    assert m == 7
    weights = np.full((m, len(SIGNALS)), 0.1, np.float32)
    weights[:, 0] = -np.arange(3, 3 + m)
    weights[:, SIGNALS.index("recurs")] = 0  # handed on where no other page is known
    labels, _, given_weights = labelled(text, weights)
    sizes = np.diff(split.firsts)
    assert len(labels) == 1
    assert labels.weights[0] == pytest.approx((given_weights * sizes[:, None]).sum(axis=0) / sizes.sum(), abs=1e-5)


def test_pieces_of_other_kinds_stay_apart() -> None:
    text = " ".join(SENTENCES[:7])
    weights = np.zeros((7, len(SIGNALS)), np.float32)
    weights[:, 0] = [-3, -3, 3, 3, -3, -3, -3]
    labels, split, _ = labelled(text, weights)
    assert [one.kind for one in labels] == ["content", "boilerplate", "content"]
    assert labels.bounds.tolist() == split.lines[[0, 2, 4, 7]].tolist()


def test_lines_of_one_kind_stay_two_labels() -> None:
    labels, _, _ = labelled("Home\nNews\nSport", np.full((3, len(SIGNALS)), 0.2, np.float32))
    assert len(labels) == 3


MARKS = st.lists(st.sampled_from(["***", "Home", SENTENCES[0], "—", "News of the day", " ".join(SENTENCES[:7])]))


@given(MARKS, st.integers(0, 99))
@settings(deadline=None)
def test_only_content_is_less_likely_than_a_half(some: list[str], seed: int) -> None:
    labels, _, _ = labelled("\n".join(some), seed=seed)
    for one in labels:
        assert one.kind == "content" or one.probability >= 0.5 - 1e-6, one


def test_a_refrain_is_kept_only_right_under_content() -> None:
    keys = np.array([1, 2, 1, 2, 1, 2, 9, 1, 2], np.uint64)
    kinds = np.array([CONTENT] * 6 + [BOILERPLATE] * 3, np.uint8)
    ids, different = words.numbered(keys)
    assert labelling._refrains(keys, kinds, ids, different).tolist() == []
    kinds[6] = CONTENT
    assert labelling._refrains(keys, kinds, ids, different).tolist() == [7, 8]


@pytest.mark.parametrize("seed", range(8))
def test_without_reasons_the_labels_are_the_same(seed: int) -> None:
    memory = learn([Page(f"p{n}", f"{LONG}\n{SENTENCES[n]}", "site") for n in range(4)])
    page = Page("new", "\n".join([SENTENCES[seed], LONG, "Share this", SENTENCES[seed], "Home", "News"]), "site")
    told, bare = label(page, memory), label(page, memory, reasons=False)
    assert bare.signals == () and all(one.reasons == () for one in bare)
    for name in ("bounds", "kinds", "odds", "pages", "of", "repeats"):
        assert getattr(bare, name).tolist() == getattr(told, name).tolist()
    assert told.weights.sum(axis=1) == pytest.approx(told.odds, abs=1e-4)


def test_a_line_alone_on_its_page_is_not_judged_by_what_stands_around_it() -> None:
    page = Page("one", "\n\nThe pier was opened again on Monday, and people came from all over the island.\n")
    for one in label(page, Memory()):
        assert "neighbours" not in {reason.name for reason in one.reasons}
