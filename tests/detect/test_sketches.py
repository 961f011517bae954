import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from datasketch import MinHash, MinHashLSH

from detect import shingles, sketches, text_signatures, words


def hashes(seed: int, count: int) -> np.ndarray:
    return np.unique(np.random.default_rng(seed).integers(0, 2**64, count, dtype=np.uint64))


@pytest.mark.parametrize("count", [0, 1, 7, 1000])
def test_a_signature_equals_the_one_datasketch_makes(count: int) -> None:
    some = hashes(1, count)
    theirs = MinHash(num_perm=sketches.SLOTS, seed=sketches.SEED, scheme=sketches.SCHEME, hashfunc=int)
    theirs.update_batch([int(value) >> 32 for value in some])
    assert (sketches.signature(some) == theirs.hashvalues).all()
    assert sketches.minhash(some).jaccard(theirs) == 1.0


def test_the_estimate_is_near_the_exact_similarity() -> None:
    both, left, right = hashes(2, 600), hashes(3, 200), hashes(4, 200)
    one, other = np.union1d(both, left), np.union1d(both, right)
    exact = sketches.jaccard(one, other)
    assert exact == pytest.approx(0.6)
    assert sketches.minhash(one).jaccard(sketches.minhash(other)) == pytest.approx(exact, abs=0.15)


def test_candidates_hold_the_alike_and_each_pair_once() -> None:
    base = hashes(5, 500)
    sets = [base, hashes(6, 500), base[:450], hashes(7, 500), base[50:], base[:0]]
    pairs = list(sketches.candidate_pairs(sets))
    assert set(pairs) == {(0, 2), (0, 4), (2, 4)}
    assert len(pairs) == 3


def test_empty_sets_are_alike_to_nothing() -> None:
    empty = np.empty(0, np.uint64)
    assert sketches.jaccard(empty, empty) == 0
    assert not list(sketches.candidate_pairs([empty, empty]))


def test_the_permutations_are_those_that_datasketch_draws() -> None:
    theirs = MinHash(num_perm=sketches.SLOTS, seed=sketches.SEED, scheme=sketches.SCHEME).permutations
    for ours, drawn in zip(sketches.permutations(), theirs, strict=True):
        assert ours.dtype == np.uint32
        assert (ours == drawn).all()


def test_signatures_of_many_sets_are_those_of_each() -> None:
    sets = [hashes(seed, count) for seed, count in enumerate([3, 0, 700, 1])]
    bounds = np.cumsum([0, *map(len, sets)])
    made = sketches.signatures(np.concatenate(sets), bounds)
    assert (made == [sketches.signature(some) for some in sets]).all()
    assert made.dtype == np.uint32
    assert sketches.signatures(sets[1], np.array([0])).shape == (0, sketches.SLOTS)


def test_candidates_are_those_of_datasketchs_index() -> None:
    rng = np.random.default_rng(8)
    sets = [np.unique(hashes(9, 60)[rng.integers(0, 60, rng.integers(0, 9))]) for _ in range(120)]
    index = MinHashLSH(num_perm=sketches.SLOTS, params=(sketches.SLOTS // 2, 2))
    expected = []
    for j, some in enumerate(sets):
        if len(some):
            expected += [(i, j) for i in sorted(index.query(sketches.minhash(some)))]
            index.insert(j, sketches.minhash(some))
    assert expected
    assert list(sketches.candidate_pairs(sets)) == expected


def test_band_keys_are_the_same_where_a_band_is_and_say_which_band_it_is() -> None:
    chance = np.random.default_rng(1)
    one = chance.integers(0, 2**32, 128, dtype=np.uint32)
    other = chance.integers(0, 2**32, 128, dtype=np.uint32)
    other[3:6], other[60:63], other[90] = one[3:6], one[63:66], one[90]
    keys, others = sketches.band_keys(one, 3), sketches.band_keys(other, 3)
    assert len(keys) == 42
    assert np.flatnonzero(keys == others).tolist() == [1]
    assert len(np.intersect1d(keys, others)) == 1


def test_the_engine_starts_and_labels_without_datasketch() -> None:
    program = """
import sys
from detect import Page, find_blocks, label, learn
pages = [Page(str(n), f"Home\\nPage {n} says so much.", "some.example") for n in range(3)]
memory = learn(pages)
find_blocks((page, label(page, memory)) for page in pages)
assert "datasketch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])


def test_signatures_of_texts_are_those_of_their_windows() -> None:
    texts = [
        "",
        "…",
        "four words are few",
        "The ferry left the harbour at nine.\n\nNobody was on board. " * 9,
        "港口今天早上",
    ]
    made = text_signatures(texts, 5)
    assert (made == [sketches.signature(shingles.shingle(words.split(text), 5).hashes) for text in texts]).all()
    assert made.dtype == np.uint32
    assert text_signatures([], 5).shape == (0, sketches.SLOTS)
