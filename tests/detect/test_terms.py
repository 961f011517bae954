"""Words to terms: inflected words are one term, numbers are not, and every word keeps the way back to its page."""

import unicodedata

import numpy as np
import pytest
import stories
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detect import model, terms, words
from detect.terms import RUN, Terms, sides

FEW = st.lists(st.sampled_from(["pier", "piers", "ferry", "1974", "渡", "口", "the", "\n", "…"]), max_size=30).map(
    " ".join
)


def of(text: str, part: list[bool] | None = None) -> Terms:
    """The terms of a text, all of its words or those of `part`."""
    split = words.split(text)
    taking = np.ones(len(split.starts), np.bool_) if part is None else np.array(part, np.bool_)
    return terms.terms(split, taking, model.load().lexicon.rarity)


def same_term(one: str, other: str) -> bool:
    return of(one).keys.tolist() == of(other).keys.tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [("hammered", "hammering"), ("volunteered", "volunteering"), ("bridges", "bridged"), ("Рыбаками", "рыбаках")],
)
def test_words_that_differ_in_their_endings_are_one_term_and_not_one_word(one, other) -> None:
    a, b = of(one), of(other)
    assert same_term(one, other)
    assert a.exact.tolist() != b.exact.tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cat", "cats"),
        ("carrot", "carriage"),
        ("Bundesregierung", "Bundesgericht"),
        ("1974", "1975"),
        ("20000001", "20000002"),
        ("A1234567", "A1234568"),
    ],
)
def test_short_words_other_words_and_other_numbers_are_other_terms(one, other) -> None:
    assert not same_term(one, other)
    assert of(one).exact.tolist() != of(other).exact.tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Harbour", "HARBOUR"),
        ("ΦΟΥΡΝΟΣ", "φούρνος"),
        ("caf\u00e9", "cafe\u0301"),
        ("har\u00adbour", "harbour"),
        ("Ｈａｒｂｏｕｒ", "harbour"),
        ("Тёплом", "ТЕПЛОМ"),
    ],
)
def test_case_accents_width_and_what_is_not_seen_make_no_other_word(one, other) -> None:
    assert of(one).exact.tolist() == of(other).exact.tolist()
    assert same_term(one, other)


def test_characters_that_are_words_of_their_own_are_compared_in_pairs() -> None:
    one, other = of("河水想念"), of("想念河水")
    shared = set(one.keys.tolist()) & set(other.keys.tolist())
    # 河水 and 想念 are in both; 水想 and 念河 are not, and the last character stands alone.
    assert len(shared) == 2
    assert not set(of("河水").keys.tolist()[:1]) & set(of("水河").keys.tolist())
    assert len(one.ids) == 4


def test_a_pair_of_characters_is_rarer_than_either_and_a_rare_word_rarer_than_a_common_one() -> None:
    for pair in ("渡口", "大家", "ขน"):
        paired, *_ = of(pair).rates[of(pair).ids]
        assert paired < min(of(pair[0]).rates[0], of(pair[1]).rates[0])
    assert of("the").rates[0] > 20 * of("noctule").rates[0]


def test_only_the_words_that_take_part_are_terms_and_stand_where_they_stood() -> None:
    text = "Home News The boiler burst. Share"
    some = of(text, [False, False, True, True, True, False])
    assert [text[start:stop] for start, stop in zip(some.starts, some.stops, strict=True)] == ["The", "boiler", "burst"]
    assert text[some.starts[0] : some.ends[-1]] == "The boiler burst."


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("She waved.", "waved."),
        ("“She waved.” Then", "waved.”"),
        ("She waved?!) Then", "waved?!)"),
        ("她挥手。」 然后", "手。」"),
        ("She waved – then", "waved"),
        ("She waved . Then", "waved"),
        ("She waved (then)", "waved"),
        ("She waved\nThen", "waved"),
        ("She waved...... Then", "waved..."),
    ],
)
def test_a_word_ends_with_what_closes_it_and_not_with_what_opens_the_next(text, end) -> None:
    some = of(text)
    last = next(i for i, stop in enumerate(some.stops) if text[:stop].endswith(("waved", "手")))
    assert text[some.starts[last] : some.ends[last]] == end


@pytest.mark.parametrize("text", ["", "...", "one", "one two"])
def test_a_text_of_fewer_words_than_a_run_has_none(text) -> None:
    some = of(text)
    assert len(some.starts) == len(text.strip(".").split())
    assert len(some.run_keys) == len(some.run_ids) == 0


def test_a_run_is_three_words_in_order_as_they_are() -> None:
    assert RUN == 3
    assert of("one two three").run_keys.tolist() == of("One, two: THREE").run_keys.tolist()
    for other in ("three two one", "one two threes", "one two four"):
        assert of("one two three").run_keys.tolist() != of(other).run_keys.tolist()
    assert len(set(of("carry it over carried it over").run_ids.tolist())) == 4


@settings(deadline=None)
@given(FEW)
def test_terms_count_their_words(text) -> None:
    some = of(text)
    assert some.keys.tolist() == sorted(set(some.keys.tolist()))
    assert np.bincount(some.ids, minlength=len(some.keys)).tolist() == some.counts.tolist()
    assert len(some.run_ids) == max(len(some.ids) - RUN + 1, 0)
    assert len(some.exact) == len(some.ids)
    assert (some.starts < some.stops).all()
    assert (some.stops <= some.ends).all()
    assert (some.ends[:-1] <= some.starts[1:]).all()


@settings(deadline=None)
@given(FEW, FEW)
@example("pier ferry", "")
def test_two_texts_number_what_they_share_alike_and_nothing_else(one, other) -> None:
    left, right = of(one), of(other)
    a, b, runs = sides(left, right)
    keys, keys_there = left.keys[left.ids].tolist(), right.keys[right.ids].tolist()
    assert [number >= 0 for number in a.terms] == [key in keys_there for key in keys]
    pairs = {
        (key == there, a.terms[i] == b.terms[j])
        for i, key in enumerate(keys)
        for j, there in enumerate(keys_there)
        if a.terms[i] >= 0
    }
    assert pairs <= {(True, True), (False, False)}
    assert a.totals.tolist() == [keys.count(key) for key in sorted(set(keys) & set(keys_there))]
    both = set(left.run_keys.tolist()) & set(right.run_keys.tolist())
    assert runs == len(both)
    assert (
        {number for number in a.runs.tolist() if number >= 0}
        == set(range(runs))
        == {n for n in b.runs.tolist() if n >= 0}
    )
    assert len(a.runs) == len(keys)
    assert (a.runs[-2:] == -1).all()


@pytest.mark.parametrize("text", [stories.GREEK, stories.RUSSIAN], ids=["Greek", "Russian"])
def test_a_text_in_capitals_without_accents_has_the_same_words(text) -> None:
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).upper()
    assert bare != text.upper()
    assert of(bare).exact.tolist() == of(text).exact.tolist()
    assert of(bare).run_keys.tolist() == of(text).run_keys.tolist()
