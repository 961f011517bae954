"""Which passages two texts share: to the character where one copies, with sensible bounds where it rewords."""

import itertools
import random
import time
import unicodedata

import numpy as np
import pytest
import stories
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import Page, Passage, compare, matching, model, prepare, seeds, stretches, terms, words
from detect.terms import Side, sides

# What stands just before and after a text on two pages: no word of one is at the same place on the other.
BESIDE = [("Gulls slept yesterday.", "More tomorrow."), ("Nobody noticed!", "Dear readers, wait.")]


def shared(one: str, other: str, min_words: int = 30) -> tuple[Passage, ...]:
    """The passages of two texts, all of which takes part."""
    return compare(prepare(Page("a", one), None), prepare(Page("b", other), None), min_words)


def told(one: str, other: str, min_words: int = 30) -> list[tuple[str, str, str]]:
    """The kind of each passage, and its words on both sides."""
    found = shared(one, other, min_words)
    return [(each.kind, one[each.a.start : each.a.stop], other[each.b.start : each.b.stop]) for each in found]


def around(text: str, page: int) -> str:
    """A text on one page or another, between texts that stand nowhere else."""
    before, after = BESIDE[page]
    return f"{stories.invented(10 * page + 1, 4)} {before}\n{text}\n{after} {stories.invented(10 * page + 2, 4)}"


def scattered(start: int, stop: int, there_start: int, there_stop: int) -> int:
    """By how many characters two ranges differ."""
    return abs(start - there_start) + abs(stop - there_stop)


def side_pair(one: str, other: str) -> tuple[Side, Side, int]:
    return sides(prepare(Page("a", one), None).terms, prepare(Page("b", other), None).terms)


CHANGED = {
    "the same": str,
    "other line breaks": lambda text: text.replace("\n\n", "\r\n").replace(", ", ",\n"),
    "on one line": lambda text: text.replace("\n\n", " "),
    "capitals": str.upper,
    "no punctuation": lambda text: text[:-1].replace(",", "").replace(";", "").replace("'", "") + text[-1],
    "double spaces": lambda text: text.replace(" ", "  "),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "soft hyphens": lambda text: text.replace("e", "e\u00ad").replace("\u00ad ", " "),
    "combining marks": lambda text: unicodedata.normalize("NFD", text.replace("a", "á").replace("o", "ö")),
    "quotation marks": lambda text: text.replace(", ", "”, “"),
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
@pytest.mark.parametrize("story", [stories.ORCHARD, stories.CLOCK], ids=["orchard", "clock"])
def test_an_exact_copy_begins_and_ends_with_its_words_and_what_closes_them(story, change) -> None:
    copy = change(story)
    assert told(around(story, 0), around(copy, 1)) == [("exact", story, copy)]


@pytest.mark.parametrize("story", [stories.FERRY, *stories.ENGLISH[1:]], ids=lambda text: text[:12])
def test_a_copy_of_some_sentences_is_those_sentences(story) -> None:
    for first in range(len(stories.sentences(story)) - 3):
        copy = " ".join(stories.sentences(story)[first : first + 4])
        whole = story.replace("\n\n", " ")
        if len(copy.split()) >= 30:
            assert told(around(whole, 0), around(copy, 1)) == [("exact", copy, copy)]


def test_a_copy_that_ends_in_a_common_word_ends_with_it() -> None:
    assert stories.FERRY.endswith("asked her to.")
    assert told(stories.FERRY, stories.FERRY) == [("exact", stories.FERRY, stories.FERRY)]


def test_a_copy_of_just_the_words_asked_for_is_told() -> None:
    copy = " ".join(stories.BRIDGE_SOUTH.split()[79:109])
    assert copy.endswith("up to")
    assert told(around(copy, 0), around(copy, 1)) == [("exact", copy, copy)]


def test_punctuation_that_closes_on_one_side_alone_belongs_there_alone() -> None:
    copy = stories.QUOTATION.removesuffix(".")
    found = told(around(f"“{copy}.”", 0), around(f"{copy}, it says", 1))
    assert [texts for _, *texts in found] == [[f"{copy}.”", f"{copy},"]]


@pytest.mark.parametrize("one", range(6))
def test_unrelated_texts_share_nothing_even_of_one_subject(one) -> None:
    for other in range(one):
        assert told(stories.ENGLISH[one], stories.ENGLISH[other]) == []
        assert told(stories.ENGLISH[one] * 3, stories.ENGLISH[other] * 2) == []


def test_the_two_texts_of_one_subject_are_of_one_subject() -> None:
    north, south = (set(text.lower().split()) for text in (stories.BRIDGE_NORTH, stories.BRIDGE_SOUTH))
    assert {"bridge", "cars", "wait", "may", "two"} <= north & south
    assert len(north & south) > 25


@pytest.mark.parametrize("story", stories.ENGLISH, ids=lambda text: text[:12])
@pytest.mark.parametrize(
    "reword",
    [lambda text: stories.replaced(text, 0.3), stories.shuffled_inside_sentences],
    ids=["replaced", "shuffled"],
)
def test_reworded_text_is_one_passage_about_as_long_as_the_text(story, reword) -> None:
    one, copy = around(story, 0), reword(story)
    other = around(copy, 1)
    (found,) = shared(one, other)
    assert found.kind == "reworded"
    # Three words off at each end, at most, on either side.
    for place, whole, part in ((found.a, one, story), (found.b, other, copy)):
        start = whole.index(part)
        assert abs(place.start - start) < 25
        assert abs(place.stop - start - len(part)) < 25


def test_similarity_is_the_share_of_words_that_both_places_have() -> None:
    (same,) = shared(around(stories.CLOCK, 0), around(stories.CLOCK, 1))
    (shuffled,) = shared(stories.CLOCK, stories.shuffled_inside_sentences(stories.CLOCK))
    (some,) = shared(stories.CLOCK, stories.replaced(stories.CLOCK, 0.3))
    assert same.similarity == shuffled.similarity == 1
    kept = sum(word in stories.CLOCK.split() for word in stories.replaced(stories.CLOCK, 0.3).split())
    assert some.similarity == pytest.approx(kept / len(stories.CLOCK.split()), abs=0.03)


def test_one_word_in_ten_may_differ_in_an_exact_copy_and_one_in_three_may_not() -> None:
    text = stories.CLOCK.split()
    few = " ".join("velvet" if i % 20 == 9 else word for i, word in enumerate(text))
    many = " ".join("velvet" if i % 3 == 1 else word for i, word in enumerate(text))
    assert [kind for kind, *_ in told(stories.CLOCK, few)] == ["exact"]
    assert [kind for kind, *_ in told(stories.CLOCK, many)] == ["reworded"]


@pytest.mark.parametrize("words_between", [40, 200])
def test_an_exact_copy_tolerates_no_gap(words_between) -> None:
    first, second = stories.paragraphs(stories.LIBRARY)[:2]
    between = " ".join(stories.invented(21, 20).split()[:words_between]) + "."
    one, other = around(f"{first}\n\n{between}\n\n{second}", 0), f"{first}\n\n{second}"
    assert told(one, other) == [("exact", first, first), ("exact", second, second)]


def test_a_sentence_of_three_words_put_into_a_copy_does_not_split_it() -> None:
    first, second = stories.paragraphs(stories.LIBRARY)[:2]
    assert told(f"{first} Nobody had noticed.\n{second}", f"{first}\n{second}") == [
        ("exact", f"{first} Nobody had noticed.\n{second}", f"{first}\n{second}")
    ]


@pytest.mark.parametrize(
    "story",
    [
        stories.FERRY,
        stories.LIBRARY,
        stories.ORCHARD,
        stories.BRIDGE_SOUTH,
        stories.CLOCK,
        stories.BRIDGE_NORTH,
    ],
    ids=lambda text: text[:12],
)
def test_two_words_put_between_two_paragraphs_lose_neither(story) -> None:
    first, *rest = stories.paragraphs(story)
    found = told(story, "\n\n".join([f"{first} Moths sing.", *rest]))
    assert sum(len(one) for _, one, _ in found) > 0.98 * len(story)


def test_paragraphs_in_another_order_are_found_each() -> None:
    parts = stories.paragraphs(stories.BRIDGE_SOUTH)
    other = "\n\n".join(parts[i] for i in (3, 1, 4, 0, 2))
    found = told(stories.BRIDGE_SOUTH, other)
    assert [one for _, one, _ in found] == parts
    assert all(kind == "exact" and one == there for kind, one, there in found)


def test_text_that_stands_twice_on_one_page_is_told_once() -> None:
    twice = f"{stories.CLOCK}\n\n{stories.invented(3)}\n\n{stories.CLOCK}"
    assert told(twice, around(stories.CLOCK, 0)) == [("exact", stories.CLOCK, stories.CLOCK)]
    assert len(told(around(stories.CLOCK, 0), twice)) == 1


def test_text_that_stands_twice_on_both_pages_is_told_at_both_places() -> None:
    one = f"{stories.CLOCK}\n\n{stories.invented(3)}\n\n{stories.CLOCK}"
    other = f"{stories.CLOCK}\n\n{stories.invented(4)}\n\n{stories.CLOCK}"
    assert told(one, other) == [("exact", stories.CLOCK, stories.CLOCK)] * 2


def test_passages_shorter_than_asked_are_not_told_and_shorter_ones_are_when_asked_for() -> None:
    copy = " ".join(stories.CLOCK.split()[:24])
    one, other = around(copy, 0), around(copy, 1)
    assert told(one, other) == []
    assert told(one, other, 25) == []
    assert told(one, other, 15) == [("exact", copy, copy)]


def test_a_weak_likeness_beside_an_exact_copy_is_a_common_subject() -> None:
    exact, loose = stories.CLOCK, " ".join(stories.sentences(stories.LIBRARY)[:3])
    reworded = stories.replaced(loose, 0.5, 3)
    alone = told(loose, reworded)
    beside = told(f"{exact}\n\n{stories.invented(31)}\n\n{loose}", f"{reworded}\n\n{stories.invented(32)}\n\n{exact}")
    assert [kind for kind, *_ in alone] == ["reworded"]
    assert beside == [("exact", exact, exact)]


def test_a_page_shares_nothing_with_itself_and_the_order_of_two_pages_does_not_matter() -> None:
    one = prepare(Page("a", around(stories.CLOCK, 0)), None)
    other = prepare(Page("b", around(stories.replaced(stories.CLOCK, 0.3), 1)), None)
    assert compare(one, one) == ()
    assert compare(one, other) == compare(other, one) != ()


# Texts of every size and script


WORDS = stories.invented(7, 9000).split()
BLOCKS = [WORDS[i : i + 60] for i in range(0, len(WORDS), 60)]
HUGE = " ".join(WORDS)


def test_a_long_text_is_found_whole_in_its_copy() -> None:
    assert len(HUGE) > 850_000
    assert told(HUGE, HUGE) == [("exact", HUGE, HUGE)]


def test_a_long_text_is_found_whole_when_every_tenth_word_is_another() -> None:
    other = " ".join("velvet" if i % 10 == 9 else word for i, word in enumerate(WORDS[:-1])) + " " + WORDS[-1]
    (found,) = shared(HUGE, other)
    assert scattered(found.a.start, found.a.stop, 0, len(HUGE)) < 25
    assert scattered(found.b.start, found.b.stop, 0, len(other)) < 25


def test_the_blocks_of_a_long_text_are_found_in_any_order() -> None:
    shuffled = random.Random(1).sample(BLOCKS, len(BLOCKS))
    other = " ".join(itertools.chain.from_iterable(shuffled))
    found = shared(HUGE, other)
    # Two blocks that changed places with one another may be one passage.
    assert sum(HUGE[one.a.start : one.a.stop] != other[one.b.start : one.b.stop] for one in found) < 5
    covered = sum(one.a.stop - one.a.start for one in found)
    assert covered > 0.99 * len(HUGE)
    # Some blocks that followed one another still do.
    assert 0.98 * len(BLOCKS) < len(found) <= len(BLOCKS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("", ""),
        ("", stories.CLOCK),
        ("…\n!", "…\n!"),
        ("tide", "tide"),
        ("tide " * 29, "tide " * 29),
        ("tide " * 1_000_000, "tide " * 1_000_000),
        ("tide " * 1_000_000, "tide " * 40),
        ("tide ebb " * 200_000, "tide ebb " * 200_000),
        ("tide ebb " * 200_000, stories.FERRY),
        ("潮" * 300_000, "潮" * 300_000),
        ("12 " * 100_000, "12 " * 100_000),
    ],
    ids=[
        "empty",
        "empty beside a story",
        "no words",
        "one word",
        "29 times",
        "a million times",
        "a million and forty",
        "two in turns",
        "two and a story",
        "one character",
        "a number",
    ],
)
def test_what_says_nothing_is_no_passage_however_long(one, other) -> None:
    assert told(one, other) == []
    assert told(other, one) == []


@pytest.mark.parametrize("filler", ["tide ", "tide ebb ", "潮"], ids=["one word", "two words", "a character"])
def test_a_story_is_found_between_words_that_say_nothing(filler) -> None:
    one, other = f"{filler * 50_000}\n{stories.CLOCK}\n{filler * 50_000}", around(stories.CLOCK, 0)
    assert told(one, other) == [("exact", stories.CLOCK, stories.CLOCK)]


@pytest.mark.parametrize("language", ["RUSSIAN", "GREEK", "ARABIC", "CHINESE", "JAPANESE", "THAI"])
def test_a_copy_in_another_language_is_found_to_the_character(language) -> None:
    text = getattr(stories, language)
    one, other = around(text, 0), f"{stories.LIBRARY}\n{text}\n{stories.ORCHARD}"
    assert told(one, other) == [("exact", text, text)]


@pytest.mark.parametrize("language", ["RUSSIAN", "GREEK", "ARABIC", "CHINESE", "JAPANESE", "THAI"])
def test_half_a_text_in_another_language_is_found_as_that_half(language) -> None:
    text = getattr(stories, language)
    cut = stories.half(text)
    found = told(text, f"{stories.LIBRARY}\n{cut}\n{stories.ORCHARD}")
    assert found == [("exact", cut, cut)]


@pytest.mark.parametrize("text", [stories.GREEK, stories.RUSSIAN], ids=["Greek", "Russian"])
def test_capitals_without_accents_are_the_same_words(text) -> None:
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).upper()
    assert told(around(text, 0), around(bare, 1)) == [("exact", text, bare)]


def test_texts_in_two_languages_share_nothing() -> None:
    texts = [
        stories.RUSSIAN,
        stories.GREEK,
        stories.ARABIC,
        stories.CHINESE,
        stories.JAPANESE,
        stories.THAI,
        stories.CLOCK,
    ]
    assert [told(one, other, 10) for one, other in itertools.combinations(texts, 2)] == [[]] * 21


# What holds of any two texts


SENTENCES = [
    *stories.sentences(stories.CLOCK),
    *stories.sentences(stories.RUSSIAN),
    stories.CHINESE,
    "tide ebb tide",
    "\n\n",
    "“",
]
TEXTS = st.lists(
    st.sampled_from(SENTENCES) | st.integers(0, 30).map(lambda seed: stories.invented(seed, 1)), max_size=14
).map(" ".join)


@settings(deadline=None, max_examples=150)
@given(TEXTS, TEXTS, st.sampled_from([8, 15, 30]))
def test_passages_lie_on_their_pages_are_long_enough_and_are_not_told_twice(one, other, least) -> None:
    left, right = prepare(Page("a", one), None).terms, prepare(Page("b", other), None).terms
    found = matching.match(left, right, least)
    for each in found:
        assert 0 <= each.a <= each.b - least
        assert each.b <= len(left.starts)
        assert 0 <= each.c <= each.d - least
        assert each.d <= len(right.starts)
        assert 0 < each.similarity <= 1
        assert 0 <= each.order <= 1
        assert each.evidence > 0
    assert [each.a for each in found] == sorted(each.a for each in found)
    for first, second in itertools.combinations(found, 2):
        for (start, stop), (low, high) in (
            ((first.a, first.b), (second.a, second.b)),
            ((first.c, first.d), (second.c, second.d)),
        ):
            assert min(stop, high) - max(start, low) <= min(stop - start, high - low) / 2


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 1000), st.integers(28, 90), st.integers(0, 60), st.integers(0, 60))
def test_any_exact_run_is_found_whatever_stands_around_it(seed, length, before, after) -> None:
    copy = " ".join(stories.invented(seed, 8).split()[:length])
    one = " ".join(
        [*stories.invented(seed + 5000, 6).split()[:before], copy, *stories.invented(seed + 6000, 6).split()[:after]]
    )
    other = f"{stories.invented(seed + 7000, 2)} {copy} {stories.invented(seed + 8000, 2)}"
    (found,) = shared(one, other, 26)
    assert found.kind == "exact"
    # By chance a common word beside it may be the same on both sides, or one at its end may say nothing.
    assert scattered(found.a.start, found.a.stop, one.index(copy), one.index(copy) + len(copy)) < 25


@settings(deadline=None, max_examples=60)
@given(TEXTS, TEXTS)
def test_every_seed_is_a_place_on_each_side_with_something_in_common(one, other) -> None:
    a, b, runs = side_pair(one, other)
    if not len(a.totals):
        return
    for i, j in zip(*seeds.seeds(a, b, runs), strict=True):
        assert a.terms[i] == b.terms[j] >= 0 or a.runs[i] == b.runs[j] >= 0


def test_what_stands_in_many_places_of_both_texts_is_no_seed() -> None:
    often = " ".join(f"pipistrelle {stories.invented(seed, 1)}" for seed in range(6))
    again = " ".join(f"pipistrelle {stories.invented(seed, 1)}" for seed in range(20, 26))
    a, b, runs = side_pair(f"{often}. {stories.CLOCK}", f"{again}. {stories.CLOCK}")
    pi, _ = seeds.seeds(a, b, runs)
    text = f"{often}. {stories.CLOCK}".lower().split()
    assert len(pi) > 100
    assert "pipistrelle" not in {text[i] for i in pi.tolist()}


def test_neighbourhoods_of_seeds_are_apart_and_none_is_longer_than_a_part() -> None:
    one = f"{stories.CLOCK} {stories.invented(1, 4)} {stories.LIBRARY}"
    other = f"{stories.CLOCK} {stories.invented(2, 4)} {stories.LIBRARY}"
    a, b, runs = side_pair(one, other)
    pi, pj = seeds.seeds(a, b, runs)
    first, second = seeds.groups(pi, pj)
    assert pi[first].max() < len(stories.CLOCK.split()) < pi[second].min()
    a, b, runs = side_pair(HUGE[:60_000], HUGE[:60_000])
    pi, pj = seeds.seeds(a, b, runs)
    parts = seeds.groups(pi, pj)
    assert len(parts) > 15
    assert max(pi[part].max() - pi[part].min() for part in parts) < 300


@settings(deadline=None, max_examples=80)
@given(TEXTS, TEXTS, st.data())
def test_a_stretch_gives_its_counters_back_as_they_were(one, other, data) -> None:
    a, b, runs = side_pair(one, other)
    if not len(a.totals):
        return
    a0 = data.draw(st.integers(0, len(a.terms) - 1))
    b0 = data.draw(st.integers(0, len(b.terms) - 1))
    a1, b1 = data.draw(st.integers(a0 + 1, len(a.terms))), data.draw(st.integers(b0 + 1, len(b.terms)))
    zeros = [np.zeros(count, np.int32) for count in (len(a.totals), len(a.totals), runs)]
    scratch = stretches.Scratch(*zeros, np.full(runs, -1, np.int32))
    row = stretches.stretch(a, b, a0, a1, b0, b1, scratch)
    assert not any(counter.any() for counter in scratch[:3])
    assert (scratch.heads == -1).all()
    assert 0 <= row[0] < row[1] <= len(a.terms)
    assert 0 <= row[2] < row[3] <= len(b.terms)


def test_words_that_do_not_take_part_are_in_no_passage_and_do_not_part_one() -> None:
    text = f"{stories.CLOCK} Subscribe now! {stories.LIBRARY}"
    split = words.split(text)
    start, stop = text.index("Subscribe"), text.index(stories.LIBRARY)
    part = (split.starts < start) | (split.starts >= stop)
    left = terms.terms(split, part, model.load().lexicon.rarity)
    right = prepare(Page("b", f"{stories.CLOCK} {stories.LIBRARY}"), None).terms
    (found,) = matching.match(left, right)
    assert (found.order, found.similarity) == (pytest.approx(0.94, abs=0.05), 1)
    assert (left.starts[found.a], left.ends[found.b - 1]) == (0, len(text))


def test_two_passages_may_begin_at_one_place_of_one_page_and_never_of_both() -> None:
    found = shared(*stories.copied_and_retold())
    assert [one.kind for one in found] == ["exact", "reworded"]
    assert found[0].a.start == found[1].a.start and found[0].b.stop < found[1].b.start


def test_stretches_are_never_empty_however_short_passages_may_be() -> None:
    rng = random.Random(5)
    vocabulary = [f"w{n}" for n in range(30)]
    for _ in range(150):
        lines = [" ".join(rng.choices(vocabulary, k=rng.randrange(1, 7))) + "." for _ in range(40)]
        one, other = ("\n".join(rng.sample(lines, 30)) for _ in range(2))
        for passage in shared(one, other, 5):
            assert passage.a.start < passage.a.stop and passage.b.start < passage.b.stop


def test_two_books_of_the_same_sentences_in_another_order_take_time_by_their_length() -> None:
    def seconds(sentences: int) -> float:
        told = [stories.invented(seed, 3) for seed in range(sentences)]
        one = [f"{text} {stories.invented(50_000 + seed, 4)}" for seed, text in enumerate(told)]
        other = [f"{text} {stories.invented(90_000 + seed, 4)}" for seed, text in enumerate(told)]
        random.Random(1).shuffle(other)
        texts = prepare(Page("a", " ".join(one)), None), prepare(Page("b", " ".join(other)), None)
        began = time.process_time()
        assert len(compare(*texts)) > 0.8 * sentences
        return time.process_time() - began

    seconds(5)
    assert seconds(1_600) < 24 * seconds(200)
