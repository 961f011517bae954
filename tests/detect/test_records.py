"""The nouns that go to bytes and back."""

import numpy as np
import pytest
import stories
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import Page, Sketch, candidates, prepare


def same(one: Sketch, other: Sketch) -> bool:
    return (
        one.words == other.words
        and one.prints.tolist() == other.prints.tolist()
        and one.signature.tolist() == other.signature.tolist()
    )


@settings(deadline=None)
@given(
    st.sets(st.integers(0, 2**64 - 1), max_size=9),
    st.lists(st.integers(0, 2**32 - 1), min_size=128, max_size=128),
    st.integers(0, 2**40),
)
def test_a_sketch_comes_back_from_its_bytes(prints, signature, words) -> None:
    made = Sketch(np.array(sorted(prints), np.uint64), np.array(signature, np.uint32), words)
    back = Sketch.unpack(made.pack())
    assert same(back, made)
    assert back.pack() == made.pack()
    assert len(made.pack()) == 520 + 8 * len(prints)


def test_pages_are_found_by_their_sketches_after_a_trip_through_bytes() -> None:
    texts = [stories.CLOCK, stories.LIBRARY, f"{stories.CLOCK} {stories.invented(1)}", ""]
    made = [prepare(Page(str(n), text), None).sketch() for n, text in enumerate(texts)]
    back = [Sketch.unpack(one.pack()) for one in made]
    assert candidates(back).tolist() == candidates(made).tolist() == [[0, 2]]
    assert candidates(back[2:], made[:2]).tolist() == [[0, 2]]


def test_equal_texts_have_equal_bytes_and_others_have_not() -> None:
    clock, again, library = (
        prepare(Page(name, text), None).sketch().pack()
        for name, text in (("a", stories.CLOCK), ("b", stories.CLOCK.upper()), ("c", stories.LIBRARY))
    )
    assert clock == again != library


@pytest.mark.parametrize("size", [0, 8, 519, 521, 525])
def test_what_is_no_sketch_is_refused(size) -> None:
    with pytest.raises(ValueError, match=f"{size} bytes"):
        Sketch.unpack(bytes(size))
    assert Sketch.unpack(bytes(520)).words == 0
