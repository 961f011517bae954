"""Two versions of a text, word by word: nothing is lost, what is called the same is, and people can read the rest."""

import itertools
import random
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detect import words
from detect.versions import changes

BEFORE = (
    "The minister said on Monday that 40 people had died in the flood. The bridge is closed.\nMore rain is expected.\n"
)

# Few different words make many ways to align them; the others are what a page may hold besides.
FEW = st.lists(st.sampled_from(["a", "b", "A", "c. ", "d", "1", "2", "中", "“x”", "\n"]), max_size=30).map(" ".join)
ANY = st.text(st.sampled_from(list("abcdeAB 12.,“\n\r中ไé\u0301\u00ad")) | st.characters(), max_size=60)
PAIRS = st.tuples(FEW, FEW) | st.tuples(ANY, ANY)


def told(before: str, after: str) -> list[tuple[str, str, str]]:
    """The changes as texts."""
    return [(kind, before[slice(*one)], after[slice(*other)]) for kind, one, other in changes(before, after)]


def plain(text: str) -> list[str]:
    """The words of a text without case and what is not seen."""
    split = words.split(text)
    found = (text[start:stop].casefold() for start, stop in zip(split.starts, split.stops, strict=True))
    return [unicodedata.normalize("NFC", "".join(c for c in one if unicodedata.category(c) != "Cf")) for one in found]


@settings(deadline=None)
@given(PAIRS)
def test_the_changes_tile_both_texts(pair):
    before, after = pair
    found = changes(before, after)
    assert "".join(before[slice(*one.before)] for one in found) == before
    assert "".join(after[slice(*one.after)] for one in found) == after
    for side in ([one.before for one in found], [one.after for one in found]):
        assert all(start <= stop for start, stop in side)
        assert [stop for _, stop in side[:-1]] == [start for start, _ in side[1:]]


@settings(deadline=None)
@given(PAIRS)
@example(("a b c", "a x b y c"))
@example(("***", "a"))
def test_only_what_is_the_same_is_called_so_and_kinds_take_turns(pair):
    kinds = []
    for kind, before, after in told(*pair):
        assert (plain(before) == plain(after)) == (kind == "same")
        assert kind == "same" or (not before, not after) == (kind == "added", kind == "cut")
        kinds.append(kind == "same")
    assert all(one != other for one, other in itertools.pairwise(kinds))


@settings(deadline=None)
@given(PAIRS)
def test_the_earlier_words_and_the_changes_give_the_later_words(pair):
    before, after = pair
    rebuilt = [word for kind, one, other in told(before, after) for word in plain(one if kind == "same" else other)]
    assert rebuilt == plain(after)


@settings(deadline=None)
@given(PAIRS)
def test_no_small_island_stands_between_two_changes_that_are_larger(pair):
    sizes = [max(len(plain(one)), len(plain(other))) for _, one, other in told(*pair)]
    kinds = [one.kind for one in changes(*pair)]
    for i in range(1, len(kinds) - 1):
        assert kinds[i] != "same" or sizes[i] > min(3, sizes[i - 1], sizes[i + 1])


def test_a_word_that_was_changed_stands_alone():
    after = BEFORE.replace("Monday", "Tuesday")
    changed = [one for one in told(BEFORE, after) if one[0] != "same"]
    assert changed == [("changed", "Monday ", "Tuesday ")]


def test_a_number_is_compared_as_it_is():
    changed = [one for one in told(BEFORE, BEFORE.replace("40", "45")) if one[0] != "same"]
    assert changed == [("changed", "40 ", "45 ")]


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.upper(),
        BEFORE.replace(" ", "\n\n"),
        BEFORE.replace(".", " –"),
        BEFORE.replace("flood", "fl\u00adood"),
    ],
)
def test_case_punctuation_and_what_is_not_seen_are_no_change(after):
    assert [one.kind for one in changes(BEFORE, after)] == ["same"]


@pytest.mark.parametrize(("one", "other"), [("cafe", "café"), ("10²", "102"), ("1", "2"), ("resume 1", "resume 01")])
def test_accents_and_digits_are_a_change(one, other):
    assert "changed" in [change.kind for change in changes(one, other)]


def test_an_accent_is_one_however_it_is_written():
    assert [one.kind for one in changes("caf\u00e9", "cafe\u0301")] == ["same"]


def test_a_sentence_that_was_added_is_marked_from_its_own_first_word():
    after = BEFORE.replace("The bridge", "The army came. The bridge")
    assert ("added", "", "The army came. ") in told(BEFORE, after)
    assert ("cut", "The army came. ", "") in told(after, BEFORE)


def test_a_first_sentence_that_was_added_or_cut_stands_at_the_start():
    after = f"The army came. {BEFORE}"
    assert told(BEFORE, after)[0] == ("added", "", "The army came. ")
    assert told(after, BEFORE)[0] == ("cut", "The army came. ", "")


def test_a_line_that_was_added_keeps_its_line_break():
    after = BEFORE.replace("\nMore", "\nMore troops came.\nMore")
    assert ("added", "", "More troops came.\n") in told(BEFORE, after)


def test_an_opening_quotation_mark_goes_with_its_word():
    assert told("He said no twice.", "He said “maybe” no twice.")[1] == ("added", "", "“maybe” ")


def test_a_single_word_between_two_changes_is_part_of_the_change():
    assert told("It was the quick brown fox that ran.", "It was the slow brown cat that ran.")[1] == (
        "changed",
        "quick brown fox ",
        "slow brown cat ",
    )


def test_two_words_between_changes_of_one_word_stay():
    found = told("so red is the sea today", "so blue is the sky today")
    assert [one[0] for one in found] == ["same", "changed", "same", "changed", "same"]


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ("", "", []),
        ("", "a", ["added"]),
        ("a", "", ["cut"]),
        ("a", "b", ["changed"]),
        ("...", "!", ["same"]),
        ("", " ", ["same"]),
        ("...", "a", ["changed"]),
        ("a", "...", ["changed"]),
        ("\ud800", "\ud800 a", ["changed"]),
    ],
)
def test_texts_with_next_to_nothing_in_them(before, after, kinds):
    assert [one.kind for one in changes(before, after)] == kinds


def test_a_text_that_was_moved_is_cut_and_added_and_the_larger_part_is_the_same():
    rng = random.Random(1)
    long, short = ([f"w{rng.randrange(9000)}" for _ in range(n)] for n in (600, 60))
    found = told(" ".join(short + long), " ".join(long + short))
    assert [one[0] for one in found] == ["cut", "same", "added"]


def test_a_long_text_in_which_no_word_stands_once_is_still_aligned():
    rng = random.Random(2)
    before = [f"w{rng.randrange(200)}" for _ in range(30_000)]
    after = list(before)
    after[::50] = ["new"] * len(after[::50])
    found = told(" ".join(before), " ".join(after))
    same = sum(len(one.split()) for kind, one, _ in found if kind == "same")
    assert same == len(before) - len(after[::50])


def random_words(seed: int, count: int, kinds: int) -> str:
    return " ".join(map("w{}".format, random.Random(seed).choices(range(kinds), k=count)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a " * 1_000_000, "a " * 999_000, id="one word"),
        pytest.param("x " + "a " * 1_000_000 + "y", "z " + "a " * 999_000 + "w", id="one word between others"),
        pytest.param(random_words(1, 170_000, 40_000), random_words(2, 170_000, 40_000), id="unrelated"),
        pytest.param(random_words(3, 300_000, 2), random_words(4, 300_000, 2), id="two words"),
        pytest.param("a" + "." * 1_000_000 + "b c", "a" + "." * 1_000_000 + "c", id="points"),
        pytest.param("", random_words(5, 170_000, 40_000), id="nothing before"),
    ],
)
def test_a_megabyte_takes_seconds(before, after):
    changes("a b", "b c")  # the kernels are there
    start = time.process_time()
    found = told(before, after)
    assert time.process_time() - start < 10
    assert "".join(one for _, one, _ in found) == before
    assert "".join(other for _, _, other in found) == after
