"""How many other pages are said to have a text."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import Page, label, learn
from detect.recurrence import SiteIndex
from detect.sampling import SPARE_BITS, Contribution


def told(page: Page, pages: list[Page], start: str) -> tuple[int, int]:
    """(pages, of) of the reason "recurs" of the line that begins with `start`."""
    for one in label(page, learn(pages)):
        if page.text[one.start : one.stop].startswith(start):
            return next(((r.pages, r.of) for r in one.reasons if r.name == "recurs"), (0, 0))
    raise AssertionError(f"no line begins with {start!r}")


def test_a_learned_page_counts_itself_among_the_pages(site) -> None:
    assert told(site[0], site, "Like this story?") == (12, 12)


def test_a_new_page_is_told_how_many_learned_pages_have_the_line(site, make_page) -> None:
    assert told(make_page(77), site, "Like this story?") == (12, 12)


def test_pages_crawled_twice_share_a_vote(site, make_page, make_article) -> None:
    again = [make_page(700 + seed, body=make_article(seed), number=700 + seed) for seed in range(12)]
    assert told(site[0], site + again, "Like this story?") == (12, 12)


def test_a_new_copy_of_a_learned_page_does_not_testify_against_itself(site, make_page, make_article) -> None:
    copy = make_page(800, body=make_article(4), number=800)
    first = make_article(4)[0]
    assert told(copy, site, first[:40])[0] == 0


def test_a_line_of_some_pages_is_counted_on_those(site) -> None:
    marked = [
        Page(page.id, page.text + "\nOpinions are those of the writer alone, not ours.", page.site) for page in site[:4]
    ]
    assert told(marked[0], marked + site[4:], "Opinions are") == (4, 12)


def test_sites_do_not_testify_about_each_other(site, make_page) -> None:
    stranger = make_page(5, site="stranger.example")
    assert told(stranger, [*site, stranger], "Like this story?") == (0, 0)


def test_a_paragraph_that_a_recurring_sentence_opens_is_not_said_to_recur(inserted, make_article) -> None:
    memory = learn(inserted)
    for seed, page in enumerate(inserted):
        own = page.text.index(make_article(seed, 3)[2])
        for one in label(page, memory):
            if one.start <= own + 100 < one.stop:
                assert ("recurs", True) not in {(reason.name, reason.pages > 0) for reason in one.reasons}, one


pages_of_hashes = st.lists(st.sets(st.integers(1, 40), max_size=30), max_size=70)


@given(pages_of_hashes, st.integers(0, 2**40 - 41))
@settings(max_examples=60, deadline=None)
def test_counts_are_those_of_a_plain_count_however_the_hashes_lie(numbers: list[set[int]], beside: int) -> None:
    hashes = [np.array(sorted(beside + n for n in page), np.uint64) << np.uint64(SPARE_BITS) for page in numbers]
    pages = [Contribution(bytes([n]), str(n), some, np.zeros(len(some), np.bool_)) for n, some in enumerate(hashes)]
    index = SiteIndex(pages)
    leader_of = [index.vote_of(page.key) for page in pages]
    voices: dict[int, set[int]] = {}
    for page, leader in zip(numbers, leader_of, strict=True):
        assert leader is not None
        voices.setdefault(leader, set()).update(page)
    assert index.votes == len(voices)
    counts = Counter(n for voice in voices.values() for n in voice)
    asked = np.arange(beside, beside + 42, dtype=np.uint64) << np.uint64(SPARE_BITS) | np.uint64(5)
    for leader in [None, *voices]:
        told = index.ask(leader, asked)
        if index.votes < 2:
            assert told.of == 0
            continue
        own = voices[leader] if leader is not None else set()
        assert told.counts.tolist() == [counts[n] - (n in own) for n in range(42)]
        assert told.of == len(voices) - (leader is not None)
