import numpy as np
import pytest

from detect import lexicon, shingles, words
from detect.lexicon import BITS, RARITY_BITS, SUBJECTS, Lexicon
from detect.training import words as training

SITES = 8
FURNITURE = "share this story"
STORY = "the goat sat"


def lines_of_sites(seed: int = 0) -> tuple[list[str], list[int], list[float]]:
    """Lines of a few sites, the site of each, and whether it is boilerplate.

    "share this story" is boilerplate and "the goat sat" is not, everywhere; "only on two" is boilerplate, on the first
    two sites.
    """
    rng = np.random.default_rng(seed)
    some: list[str] = []
    sites: list[int] = []
    targets: list[float] = []
    for site in range(SITES):
        here = [(FURNITURE, 1.0), (STORY, 0.0)] * 6 + [("only on two", 1.0)] * (6 if site < 2 else 0)
        for number in rng.permutation(len(here)):
            line, target = here[number]
            some.append(line)
            sites.append(site)
            targets.append(target)
    return some, sites, targets


def fitted(least_sites: int | None = None, **change: np.ndarray) -> tuple[Lexicon, list[str]]:
    some, sites, targets = lines_of_sites()
    split = words.split("\n".join(some))
    buckets, bounds = lexicon.grams(split.hashes, split.firsts, shingles.line_keys(split))
    given = {
        "sites": np.array(sites, np.int32),
        "targets": np.tile(np.array(targets, np.float32), (SUBJECTS, 1)),
        "weights": np.ones((SUBJECTS, len(some)), np.float32),
        "rarity": np.full(1 << RARITY_BITS, 32, np.uint8),
    } | change
    return training.fit(buckets, bounds, **given), some


def buckets_of(line: str) -> set[int]:
    split = words.split(line)
    return set(lexicon.grams(split.hashes, split.firsts, shingles.line_keys(split))[0].tolist())


def told(known: Lexicon, line: str) -> np.ndarray:
    split = words.split(line)
    out = np.zeros((1, lexicon.COLUMNS), np.float32)
    lexicon.tell(known, split.hashes, split.firsts, shingles.line_keys(split), out)
    return out[0]


def test_an_n_gram_of_too_few_sites_has_no_weight() -> None:
    known, _ = fitted()
    rare = buckets_of("only on two") - buckets_of(FURNITURE) - buckets_of(STORY)
    assert len(rare) == 8
    assert (known.weights[sorted(rare)] == 0).all()
    assert (known.weights[sorted(buckets_of(FURNITURE))] != 0).all()
    seen = buckets_of("only on two") | buckets_of(FURNITURE) | buckets_of(STORY)
    assert (np.delete(known.weights, sorted(seen), axis=0) == 0).all()


def test_sites_are_counted_not_lines() -> None:
    least = training.LEAST_SITES
    for sites, weighs in ((least - 1, False), (least, True)):
        number = np.array([min(site, sites - 1) for site in lines_of_sites()[1]], np.int32)
        known, _ = fitted(sites=number)
        assert bool((known.weights[sorted(buckets_of(FURNITURE))] != 0).all()) is weighs


def test_what_the_lines_say_is_learned() -> None:
    known, _ = fitted()
    assert told(known, FURNITURE)[lexicon.TOTAL] > 1
    assert told(known, STORY)[lexicon.TOTAL] < -1


def test_each_subject_is_learned_for_itself() -> None:
    some, _, targets = lines_of_sites()
    about = np.stack([targets, 1 - np.array(targets), np.full(len(some), 0.5)]).astype(np.float32)
    known, _ = fitted(targets=about)
    furniture = told(known, FURNITURE)
    assert furniture[lexicon.TOTAL] > 1
    assert furniture[lexicon.BELOW] < -1
    assert furniture[lexicon.ABOVE] == pytest.approx(0, abs=0.3)


def test_lines_that_weigh_nothing_teach_nothing() -> None:
    some, _, targets = lines_of_sites()
    weights = np.ones((SUBJECTS, len(some)), np.float32)
    weights[:, [line == FURNITURE for line in some]] = 0
    wrong = np.array([1 - t if line == FURNITURE else t for line, t in zip(some, targets, strict=True)], np.float32)
    one, _ = fitted(weights=weights)
    other, _ = fitted(weights=weights, targets=np.tile(wrong, (SUBJECTS, 1)))
    assert one.weights.tobytes() == other.weights.tobytes()


def test_the_same_lines_give_the_same_bytes() -> None:
    one, other = fitted()[0], fitted()[0]
    for name in one.__slots__:
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name


def test_weights_fit_their_bytes() -> None:
    known, _ = fitted()
    assert known.weights.dtype == np.int8
    assert known.weights.shape == (1 << BITS, SUBJECTS)
    assert known.steps == pytest.approx([training.LIMIT / 127] * SUBJECTS)
    assert np.isfinite(known.biases).all()


def test_the_fewer_pages_have_a_word_the_rarer_it_is() -> None:
    pages = [words.split(text).hashes for text in ["the pier", "the goat", "the goat sat", "the the the"]]
    rarity = training.rarities(pages)

    def of(word: str) -> int:
        return int(rarity[words.word_hash(word) >> (64 - RARITY_BITS)])

    assert of("the") < of("goat") < of("pier") == of("sat") < of("unheard")
    assert of("pier") == round(32 * np.log(5 / 2))
    assert rarity.min() >= 1
