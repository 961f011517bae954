"""Text that stands on several pages stays on one of them, and goes from the others in whole sentences."""

import itertools
import random
import time
from dataclasses import replace

import pytest
import stories
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import (
    Cluster,
    Content,
    Cut,
    Keep,
    Memory,
    Page,
    Passage,
    Place,
    clean,
    clusters,
    extra_copies,
    find_reuse,
    label,
)

OPENINGS = ["Gulls slept.", "Nobody noticed!", "It rained again?", "Nine o'clock.", "A dog barked."]


def copies(
    pages: list[Page], keep: Keep = "representative", memory: Memory | None = None
) -> dict[str, tuple[Cut, ...]]:
    found = find_reuse(pages, memory)
    by_id = {page.id: page.text for page in pages}
    return extra_copies(
        found.passages, found.clusters, lambda page: Content(by_id[page], found.content[page]), keep, found.dates
    )


def carrying(name: str, text: str, seed: int, date: str = "") -> Page:
    """A page with the text as a paragraph between others of its own."""
    before, after = stories.invented(seed, 3), stories.invented(seed + 50, 3)
    return Page(name, f"{before} {OPENINGS[seed % 5]}\n{text}\n{OPENINGS[(seed + 2) % 5]} {after}\n", date=date)


def test_a_story_on_five_pages_stays_on_one_and_every_cut_says_where() -> None:
    pages = [carrying(f"p{n}", stories.CLOCK, n) for n in range(5)]
    cuts = copies(pages)
    assert len(cuts) == 4
    (kept_on,) = {page.id for page in pages} - set(cuts)
    home = next(page.text for page in pages if page.id == kept_on)
    for page in pages:
        for cut in cuts.get(page.id, ()):
            assert page.text[cut.start : cut.stop].strip() == stories.CLOCK
            assert (cut.kind, cut.kept) == (
                "reused",
                Place(kept_on, home.index(stories.CLOCK), home.index(stories.CLOCK) + len(stories.CLOCK)),
            )


def test_the_earliest_is_kept_where_it_is_asked_for_and_known_and_else_the_representative() -> None:
    longer = f"{stories.CLOCK} {stories.paragraphs(stories.LIBRARY)[0]}"
    dated = [
        carrying("a", longer, 1, "2020-03-03"),
        carrying("b", longer, 2, "2020-03-02"),
        carrying("c", stories.CLOCK, 3, "2020-03-01"),
    ]
    assert set(copies(dated)) >= {"c"}
    assert set(copies(dated, "earliest")) == {"a", "b"}
    undated = [dated[0], dated[1], carrying("c", stories.CLOCK, 3)]
    assert copies(undated, "earliest") == copies(undated)


def test_no_quotation_and_nothing_reworded_is_cut() -> None:
    quoting = [
        Page(
            f"q{n}",
            f"{stories.invented(n, 5)} {OPENINGS[n]} “{stories.QUOTATION}” {OPENINGS[n + 1]} {stories.invented(n + 9, 5)}",
        )
        for n in range(3)
    ]
    reworded = [carrying("r1", stories.ORCHARD, 20), carrying("r2", stories.replaced(stories.ORCHARD, 0.25), 21)]
    found = find_reuse([*quoting, *reworded], None)
    assert {one.kind for one in found.passages} == {"quotation", "reworded"}
    assert len(found.clusters) == 2
    assert copies([*quoting, *reworded]) == {}


def test_an_exact_copy_with_too_many_other_words_stays() -> None:
    """Nearly all the words of what is cut have to stand in what is kept."""
    text = stories.BRIDGE_NORTH.split()
    changed = " ".join("velvet" if i % 9 == 3 else word for i, word in enumerate(text))
    pages = [carrying("a", " ".join(text), 1), carrying("b", changed, 2)]
    (passage,) = find_reuse(pages, None).passages
    assert (passage.kind, passage.similarity) == ("exact", pytest.approx(0.89, abs=0.0099))
    assert copies(pages) == {}


@pytest.mark.parametrize(("first", "last"), [(0, 60), (5, 80), (13, 70), (30, 110), (57, 149)])
def test_cuts_begin_and_end_with_sentences_though_the_copy_does_not(first, last) -> None:
    words = stories.CLOCK.replace("\n\n", " ").split()
    part = " ".join(words[first:last])
    pages = [
        carrying("whole", " ".join(words), 1),
        Page("part", f"{stories.invented(30, 2)} Moths, then, {part} yonder, moths. {stories.invented(31, 2)}"),
    ]
    assert len(find_reuse(pages, None).passages) == 1
    cuts = copies(pages)
    text = pages[1].text
    for page, cut in ((page, cut) for page, each in cuts.items() for cut in each):
        text = {one.id: one.text for one in pages}[page]
        before, removed = text[: cut.start].rstrip(), text[cut.start : cut.stop].rstrip()
        assert before.endswith((".", "!", "?")) or before == ""
        assert removed.endswith((".", "!", "?"))
        assert set(stories.sentences(removed)) <= set(stories.sentences(" ".join(words)))
        assert "oths" not in removed


def test_part_of_one_sentence_is_never_cut() -> None:
    sentence = "Shops closed early and trains were never missed and visitors wondered at noon why everyone got up from lunch at once while the baker and the sexton and both of the dentists kept on looking at their watches"
    pages = [
        Page(
            name,
            f"{stories.invented(n, 3)} {first} as they say {sentence}, {last} they add. {stories.invented(n + 5, 3)}",
        )
        for n, (name, first, last) in enumerate([("a", "Perhaps", "moreover"), ("b", "Surely", "besides")])
    ]
    assert len(find_reuse(pages, None).passages) == 1
    assert copies(pages) == {}


def test_lines_without_full_stops_are_cut_as_lines() -> None:
    lines = "\n".join(stories.invented(40 + n, 1).rstrip(".") for n in range(4))
    pages = [carrying("a", lines, 1), carrying("b", lines, 2)]
    cuts = copies(pages)
    assert len(cuts) == 1
    ((page, (cut,)),) = cuts.items()
    text = next(one.text for one in pages if one.id == page)
    assert text[cut.start : cut.stop].strip("\n") == lines
    assert text[cut.start - 1] == "\n"


def test_sentences_in_a_script_without_spaces_are_whole() -> None:
    one = Page("a", f"{stories.LIBRARY}\n{stories.CHINESE}\n{stories.ORCHARD}")
    other = Page("b", f"今天下雨。{stories.CHINESE}明天晴。\n{stories.FERRY}")
    (page, cuts), *rest = copies([one, other]).items()
    assert rest == []
    text = {"a": one.text, "b": other.text}[page]
    assert [text[cut.start : cut.stop].strip() for cut in cuts] == [stories.CHINESE]


def test_the_page_with_its_copies_cut_and_the_cuts_are_the_whole_page() -> None:
    pages = [
        carrying(f"p{n}", f"{stories.CLOCK}\n{stories.LIBRARY}" if n % 2 else stories.LIBRARY, n) for n in range(4)
    ]
    pages = [
        Page(
            page.id,
            f"Home\nNews\nShare\nTweet\n{page.text}\nShare this\nPrivacy policy\n© 2021 The Post. All rights reserved.",
        )
        for page in pages
    ]
    memory = Memory()
    cuts = copies(pages, memory=memory)
    assert len(cuts) == 3
    for page in pages:
        cleaned = clean(page, label(page, memory), cuts.get(page.id, ()))
        assert tiled(page.text, cleaned.text, cleaned.cuts)
        assert {cut.kind for cut in cleaned.cuts} == ({"boilerplate", "reused"} if page.id in cuts else {"boilerplate"})
    texts = [clean(page, label(page, memory), cuts.get(page.id, ())).text for page in pages]
    for story in (stories.CLOCK, stories.LIBRARY):
        assert sum(story in text for text in texts) == 1


def tiled(text: str, kept: str, cuts: tuple[Cut, ...]) -> bool:
    """Whether what is kept and the cuts, put together in order, are the text, and no cut is empty."""
    out, at, left = [], 0, kept
    for cut in cuts:
        if not at <= cut.start < cut.stop <= len(text):
            return False
        out += [left[: cut.start - at], text[cut.start : cut.stop]]
        left, at = left[cut.start - at :], cut.stop
    return "".join(out) + left == text and len(kept) == len(text) - sum(cut.stop - cut.start for cut in cuts)


# Whatever is on the pages, what is kept is kept


def meet(one: Place | Cut, other: Place | Cut) -> bool:
    return one.start < other.stop and other.start < one.stop


SENTENCES = [*stories.sentences(stories.CLOCK)[:5], *stories.sentences(stories.LIBRARY)[:5], stories.CHINESE]
BODIES = st.lists(st.integers(0, len(SENTENCES) - 1), max_size=9)


@settings(deadline=None, max_examples=100)
@given(st.lists(BODIES, min_size=2, max_size=5), st.sampled_from(["representative", "earliest"]), st.booleans())
def test_the_place_that_a_cut_names_is_in_no_cut(bodies, keep, dated) -> None:
    pages = [
        Page(
            f"p{n}",
            f"{stories.invented(n, 2)} {OPENINGS[n]}\n{' '.join(SENTENCES[i] for i in body)}\n{OPENINGS[n - 1]} {stories.invented(n + 50, 2)}",
            date=f"2020-03-0{1 + n * 3 % 5}" if dated else "",
        )
        for n, body in enumerate(bodies)
    ]
    cuts = copies(pages, keep)
    for page, each in cuts.items():
        assert list(each) == sorted(each)
        for cut in each:
            assert cut.start < cut.stop
            assert cut.kept.page != page
            assert not any(meet(cut.kept, other) for other in cuts.get(cut.kept.page, ()))
        assert not any(meet(one, other) for one, other in itertools.combinations(each, 2))


def test_a_sentence_that_only_the_copy_has_stays() -> None:
    first, second, *rest = stories.paragraphs(stories.CLOCK)
    added = "\n\n".join([first, f"He had meant it as a present too. {second}", *rest])
    pages = [carrying("a", f"{stories.CLOCK} {stories.QUOTATION}", 1), carrying("b", f"{added} {stories.QUOTATION}", 2)]
    dated = [replace(page, date=f"2020-03-0{n}") for n, page in enumerate(pages, 1)]
    cuts = copies(dated, "earliest")
    assert set(cuts) == {"b"}
    left = without(pages[1].text, cuts["b"])
    assert "He had meant it as a present too." in left
    assert stories.QUOTATION not in left


def without(text: str, cuts: tuple[Cut, ...]) -> str:
    for cut in reversed(cuts):
        text = text[: cut.start] + text[cut.stop :]
    return text


ENDS = st.integers(0, 10)
PLACES = st.builds(
    lambda page, start, length: Place(f"p{page}", start * 30, (start + length) * 30),
    st.integers(0, 4),
    ENDS,
    st.integers(1, 6),
)
PASSAGES = st.lists(
    st.tuples(PLACES, PLACES).filter(lambda one: one[0].page != one[1].page),
    min_size=1,
    max_size=10,
    unique_by=lambda one: frozenset(one[:2]),
).map(lambda found: [Passage(*sorted((a, b)), 1.0, "exact") for a, b in found])
LINES = "\n".join(f"{n:02} stands here as a line. Now {n:02}" for n in range(20))


@settings(deadline=None, max_examples=200)
@given(PASSAGES, st.permutations([f"p{n}" for n in range(5)]))
def test_whatever_the_passages_are_what_is_kept_is_in_no_cut(passages, order) -> None:
    dates = {page: f"2020-03-0{n + 1}" for n, page in enumerate(order)}
    named, found = clusters(passages, dates)
    for keep in ("representative", "earliest"):
        cuts = extra_copies(named, found, lambda page: Content(LINES, (0, len(LINES))), keep, {})
        for each in cuts.values():
            for cut in each:
                assert not any(meet(cut.kept, other) for other in cuts.get(cut.kept.page, ()))
                assert LINES[: cut.start].rstrip(" ").endswith((".", "\n")) or cut.start == 0
                assert cut.stop == len(LINES) or LINES[: cut.stop].rstrip(" ").endswith((".", "\n"))


def test_what_is_boilerplate_on_the_page_that_keeps_is_cut_from_no_other() -> None:
    first, second, *rest = stories.paragraphs(stories.CLOCK)
    text = "\n\n".join([first, stories.ORCHARD.split("\n")[0], second, *rest])
    pages = [carrying("a", text, 1, "2020-03-01"), carrying("b", text, 2, "2020-03-02")]
    odd = pages[0].text.index("Apple growers")
    there = pages[1].text.index("Apple growers")
    found = find_reuse(pages, None)
    content = {
        "a": Content(pages[0].text, (0, odd, pages[0].text.index(second), len(pages[0].text))),
        "b": Content(pages[1].text, (0, len(pages[1].text))),
    }
    cuts = extra_copies(found.passages, found.clusters, content.__getitem__, "earliest", found.dates)
    assert set(cuts) == {"b"}
    left = without(pages[1].text, cuts["b"])
    assert "Apple growers" in left and not any(cut.start <= there < cut.stop for cut in cuts["b"])
    assert first not in left and second not in left


def test_of_pages_that_came_out_first_together_one_is_kept_and_no_later_one() -> None:
    dates = ("2020-03-02", "2020-03-01", "2020-03-01")
    pages = [carrying(f"p{n}", stories.CLOCK, n, date) for n, date in enumerate(dates)]
    cuts = copies(pages, "earliest")
    assert len(cuts) == 2 and "p0" in cuts
    assert {cut.kept.page for each in cuts.values() for cut in each if cut.kept} < {"p1", "p2"}


def test_a_run_of_full_stops_costs_its_length_and_no_more() -> None:
    """Ten times the marks take about ten times as long, and never a hundred times."""

    def seconds(marks: int) -> float:
        pages = [carrying("a", f"{stories.CLOCK} {'.' * marks}x {stories.LIBRARY}", 1)]
        pages.append(carrying("b", pages[0].text, 2))
        began = time.process_time()
        assert len(copies(pages)) == 1
        return time.process_time() - began

    seconds(10)
    assert seconds(200_000) < 40 * max(seconds(20_000), 0.02)


def test_no_passages_are_no_cuts() -> None:
    assert extra_copies([], [], {}.__getitem__, "representative", {}) == {}
    lone = Cluster("1", Place("a", 0, 10), (Place("a", 0, 10), Place("b", 0, 10)), None, 1.0)
    assert extra_copies([], [lone], {}.__getitem__, "representative", {}) == {}


def test_the_order_of_pages_does_not_matter() -> None:
    pages = [carrying(f"p{n}", f"{SENTENCES[0]} {stories.CLOCK if n < 3 else stories.ORCHARD}", n) for n in range(5)]
    cuts = copies(pages)
    assert len(cuts) == 3
    assert all(copies(random.Random(seed).sample(pages, 5)) == cuts for seed in range(3))
