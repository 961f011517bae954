import numpy as np
import pytest
from datasketch import MinHash

from detect import sketches


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
