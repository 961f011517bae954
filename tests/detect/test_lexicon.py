import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import lexicon, shingles, words
from detect.lexicon import ABOVE, BELOW, FURNITURE, STORY, TOTAL, Lexicon

RNG = np.random.default_rng(11)
KNOWN = Lexicon(
    RNG.integers(-127, 128, (1 << lexicon.BITS, lexicon.SUBJECTS)).astype(np.int8),
    np.array([0.039, 0.02, 0.05], np.float32),
    np.array([0.7, -0.4, 0.1], np.float32),
    np.full(1 << lexicon.RARITY_BITS, 32, np.uint8),
)

some_lines = st.lists(
    st.one_of(st.sampled_from(["Home", "Share this story", "***", "船が出た。", "0:00"]), st.text(max_size=20)),
    max_size=8,
)


def told(text: str, known: Lexicon = KNOWN) -> np.ndarray:
    split = words.split(text)
    out = np.zeros((len(split.firsts) - 1, lexicon.COLUMNS), np.float32)
    lexicon.tell(known, split.hashes, split.firsts, shingles.line_keys(split), out)
    return out


def reference(text: str, known: Lexicon = KNOWN) -> list[list[float]]:
    """What `told` says, from the buckets of `grams`, one line and one n-gram at a time."""
    split = words.split(text)
    buckets, bounds = lexicon.grams(split.hashes, split.firsts, shingles.line_keys(split))
    table = []
    for start, stop in itertools.pairwise(bounds.tolist()):
        if start == stop:
            table.append([0.0] * lexicon.COLUMNS)
            continue
        sums = [0.0] * lexicon.COLUMNS
        for bucket in buckets[start:stop]:
            itself, below, above = (int(weight) for weight in known.weights[bucket])
            sums[FURNITURE] += max(itself, 0)
            sums[STORY] += min(itself, 0)
            sums[BELOW] += below
            sums[ABOVE] += above
        scale = 1 / float(stop - start) ** 0.5
        furniture, story = (sums[side] * scale * float(known.steps[0]) for side in (FURNITURE, STORY))
        table.append(
            [
                float(known.biases[0]) + furniture + story,
                furniture,
                story,
                float(known.biases[1]) + sums[BELOW] * scale * float(known.steps[1]),
                float(known.biases[2]) + sums[ABOVE] * scale * float(known.steps[2]),
            ]
        )
    return table


@given(some_lines)
@settings(deadline=None)
def test_what_a_line_says_is_the_sum_of_what_its_n_grams_say(some: list[str]) -> None:
    text = "\n".join(some)
    assert told(text) == pytest.approx(np.array(reference(text)).reshape(-1, lexicon.COLUMNS), abs=1e-3)


def test_a_line_of_no_word_says_nothing() -> None:
    table = told("Home\n***\n—\nNews")
    assert (table[1:3] == 0).all()
    assert (table[[0, 3]] != 0).any(axis=1).all()


def test_a_page_of_no_line_has_no_rows() -> None:
    assert told("").shape == (0, lexicon.COLUMNS)


def test_equal_lines_say_the_same_wherever_they_stand() -> None:
    table = told("Share this story\nHome\nThe pier was opened again.\nShare this STORY!\n***\nShare this story")
    assert (table[0] == table[3]).all()
    assert (table[0] == table[5]).all()


def test_the_order_of_words_matters() -> None:
    assert (told("harbour bridge")[0] != told("bridge harbour")[0]).any()


def test_the_two_sides_and_the_bias_make_the_total() -> None:
    table = told("Share this story\nHome\nThe pier was opened again.")
    assert table[:, TOTAL] == pytest.approx(KNOWN.biases[0] + table[:, FURNITURE] + table[:, STORY], abs=1e-4)
    assert (table[:, FURNITURE] >= 0).all()
    assert (table[:, STORY] <= 0).all()


def test_a_line_of_n_words_has_n_words_n_plus_one_pairs_and_itself() -> None:
    split = words.split("one two three\n***\none")
    buckets, bounds = lexicon.grams(split.hashes, split.firsts, shingles.line_keys(split))
    assert np.diff(bounds).tolist() == [8, 0, 4]
    assert len(buckets) == bounds[-1]
    assert (buckets < 1 << lexicon.BITS).all()
    assert buckets[0] == buckets[8]  # the word "one", and the pair of the line's edge and it
    assert buckets[1] == buckets[9]


def test_weights_at_their_limit_do_not_overflow() -> None:
    full = Lexicon(np.full_like(KNOWN.weights, 127), KNOWN.steps, KNOWN.biases, KNOWN.rarity)
    text = " ".join(f"word{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(600))
    assert told(text, full)[0, TOTAL] == pytest.approx(0.7 + 127 * np.sqrt(1202) * 0.039, rel=1e-4)
