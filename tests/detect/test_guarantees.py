"""What Winnow promises of every page, whatever is in it."""

import random
import time
import unicodedata

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import Memory, Page, clean, label, learn

# Characters that have made other programs cut in the wrong place.
AWKWARD = [
    "e\u0301",
    "👨‍👩‍👧",
    "🏳️‍🌈",
    "🇩🇪",
    "👍🏽",
    "1\ufe0f\u20e3",
    "क्षि",
    "กำ",
    "ສວັດດີ",
    "한국어",
    "漢字。",
    "العربية",
    "\u0600١٢",
    "x\u200dy",
    "\u00ad",
    "\u2028",
    "\r\n",
    "\x00",
    "\ud800",
    "z̸̢͍",
]
pieces = st.one_of(
    st.sampled_from(AWKWARD),
    st.sampled_from(["Like this story? Send it on to somebody you know! ", "Home\n", "0:00\n", " ", "\n", ". "]),
    st.text(max_size=12),
    st.sampled_from(["the harbour was closed by the council of Aldmoor because a bridge fell. "]),
)
texts = st.lists(pieces, max_size=40).map("".join)
sites = st.lists(texts, min_size=1, max_size=6)


def pages_of(texts: list[str]) -> list[Page]:
    return [Page(str(number), text, "awkward.example") for number, text in enumerate(texts)]


@given(sites)
@settings(max_examples=150, deadline=None)
def test_labels_tile_every_page_and_their_texts_joined_are_the_page(some: list[str]) -> None:
    pages = pages_of(some)
    memory = learn(pages)
    for page in pages:
        labels = label(page, memory)
        assert "".join(page.text[one.start : one.stop] for one in labels) == page.text
        assert all(one.start < one.stop for one in labels)
        assert [one.start for one in labels][1:] == [one.stop for one in labels][:-1]


@given(sites)
@settings(max_examples=100, deadline=None)
def test_cleaned_text_and_cuts_together_are_the_page(some: list[str]) -> None:
    pages = pages_of(some)
    memory = learn(pages)
    for page in pages:
        cleaned = clean(page, label(page, memory))
        rebuilt, kept = "", cleaned.text
        for cut in cleaned.cuts:
            need = cut.start - len(rebuilt)
            rebuilt, kept = rebuilt + kept[:need] + page.text[cut.start : cut.stop], kept[need:]
        assert rebuilt + kept == page.text


@given(sites)
@settings(max_examples=100, deadline=None)
def test_the_reasons_of_a_label_add_up_to_its_probability(some: list[str]) -> None:
    pages = pages_of(some)
    memory = learn(pages)
    for one in label(pages[0], memory):
        odds = sum(reason.weight for reason in one.reasons)
        assert one.probability == pytest.approx(1 / (1 + 2.718281828459045**-odds), abs=1e-6)
        # Content is kept in doubt where nothing on the page is surer; nothing is cut in doubt.
        assert one.kind == "content" or one.probability >= 0.5 - 1e-6


@given(sites, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_pages_and_their_batches_change_nothing(some: list[str], rng: random.Random) -> None:
    pages = pages_of(some)
    expected = [label(page, learn(pages)).pack() for page in pages]
    shuffled = rng.sample(pages, len(pages))
    middle = rng.randrange(len(pages) + 1)
    memory = learn(shuffled[middle:]) + learn(shuffled[:middle])
    assert memory.pack() == learn(pages).pack()
    labelled = {page.id: label(page, memory).pack() for page in shuffled}
    assert [labelled[page.id] for page in pages] == expected


@given(sites, sites)
@settings(max_examples=60, deadline=None)
def test_learning_and_forgetting_leaves_the_bytes_of_never_having_learned(some: list[str], more: list[str]) -> None:
    pages = pages_of(some)
    others = [Page(f"other {page.id}", page.text, page.site) for page in pages_of(more)]
    assert (learn(pages) + learn(others) - learn(others)).pack() == learn(pages).pack()


@given(texts, st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_a_page_alone_on_its_site_is_never_judged_by_recurrence(text: str, times: int) -> None:
    memory = Memory.union([learn([Page("one", text, "alone.example")])] * times)
    for one in label(Page("one", text, "alone.example"), memory):
        assert "recurs" not in {reason.name for reason in one.reasons}


def inline_page(number: int, glue: str, rng: random.Random) -> Page:
    """A paragraph with a recurring piece in its middle, `glue` before and after it."""
    words = [
        "naïve",
        "co-op",
        "e\u0301tude",
        "👍🏽ok",
        "क्षि",
        "กำ",
        "漢字",
        "don’t",
        "x1",
        "Straße",
        "🇩🇪",
        "1\ufe0f\u20e3",
    ]
    before = " ".join(rng.choice(words) for _ in range(12))
    after = " ".join(rng.choice(words) for _ in range(12))
    piece = "Read also what our harbour desk wrote about this"
    return Page(str(number), f"{before}{glue}{piece}{glue}{after}.", "glue.example")


@pytest.mark.parametrize(
    "glue", [" ", ". ", "。", "\u3000", " 👨‍👩‍👧 ", "—", "“", "\u200d ", " \u0301", "\u200d", "", "กำ", "漢"]
)
def test_no_cut_falls_inside_a_word_or_a_cluster(glue: str) -> None:
    rng = random.Random(glue)
    pages = [inline_page(number, glue, rng) for number in range(8)]
    memory = learn(pages)
    for page in pages:
        clusters = {match.start() for match in regex.finditer(r"\X", page.text)} | {len(page.text)}
        for one in label(page, memory):
            assert one.start in clusters
            before, after = page.text[one.start - 1 : one.start], page.text[one.start : one.start + 1]
            assert not (is_word(before) and is_word(after)), (page.text[: one.start], page.text[one.start :])


@pytest.mark.parametrize("joint", ["'", "’", ".", "-", "/", ":", "_", "·", "@", ","])
def test_no_cut_falls_inside_what_people_call_a_word(make_article, joint: str) -> None:
    pages = []
    for seed in range(8):
        before, after = make_article(seed, 2)
        ending, beginning = after.split()[1], before.split()[1]
        piece = f"{beginning}{joint}also read what our desk wrote of this at example{joint}{ending}"
        pages.append(Page(str(seed), f"{before} {piece} {after}", "joint.example"))
    memory = learn(pages)
    for page in pages:
        for one in label(page, memory):
            around = page.text[max(0, one.start - 1) : one.start + 1]
            assert one.start == 0 or " " in around or "\n" in around, page.text[one.start - 20 : one.start + 20]


def is_word(character: str) -> bool:
    return bool(character) and unicodedata.category(character)[0] in "LNM"


def test_a_recurring_piece_is_cut_out_of_the_middle_of_a_paragraph(inserted) -> None:
    memory = learn(inserted)
    for page in inserted:
        gone = [page.text[one.start : one.stop] for one in label(page, memory) if one.kind == "boilerplate"]
        assert gone == ["Read also what our harbour desk wrote about this. "]


def test_offsets_count_code_points() -> None:
    text = (
        "👍🏽 Home\n"
        + "The 👨‍👩‍👧 harbour was closed, said the council, because the old bridge fell into the river again.\n" * 3
    )
    bounds = [one.stop for one in label(Page("emoji", text), Memory())]
    assert bounds[0] == text.index("\n") + 1
    assert bounds[-1] == len(text)


def test_an_article_under_twenty_addresses_stays_content(make_page, make_article, site) -> None:
    body = make_article(999)
    copies = [make_page(seed, body=body, number=seed) for seed in range(500, 520)]
    for pages in (copies, copies + site):
        memory = learn(pages)
        for page in copies:
            kept = clean(page, label(page, memory)).text
            assert all(paragraph in kept for paragraph in body)


def test_identical_pages_under_twenty_addresses_stay_content(make_page, make_article) -> None:
    page = make_page(3)
    copies = [Page(f"address {number}", page.text, page.site) for number in range(20)]
    kept = clean(copies[0], label(copies[0], learn(copies))).text
    assert all(paragraph in kept for paragraph in make_article(3))


def test_earlier_calls_change_nothing(site) -> None:
    memory = learn(site)
    fresh = [label(page, learn(site)).pack() for page in site]
    for page in reversed(site):
        label(page, memory)
    assert [label(page, memory).pack() for page in site] == fresh


def test_a_learned_site_keeps_the_articles_and_nothing_else(site, make_article) -> None:
    memory = learn(site)
    for seed, page in enumerate(site):
        kept = clean(page, label(page, memory)).text
        assert all(paragraph in kept for paragraph in make_article(seed))
        for furniture in ("Sign in to your account", "Like this story?", "All rights reserved", "comments"):
            assert furniture not in kept


def test_a_page_without_a_word_is_labelled_and_an_empty_one_has_no_labels() -> None:
    assert len(label(Page("empty", ""), Memory())) == 0
    assert clean(Page("empty", ""), label(Page("empty", ""), Memory())).text == ""
    assert [one.span for one in label(Page("marks", "*** 👍\n---\n"), Memory())][-1].stop == 10


def test_a_page_of_one_short_line_is_not_taken_away() -> None:
    page = Page("short", "Ferry closed")
    assert clean(page, label(page, Memory())).text == "Ferry closed"


def test_a_quarter_of_a_million_lines_of_one_word_take_no_longer_a_line_than_few() -> None:
    def seconds(lines: int) -> float:
        page = Page("lines", "word\n" * lines)
        label(page, Memory())
        began = time.perf_counter()
        label(page, Memory())
        return time.perf_counter() - began

    assert seconds(240_000) < 40 * seconds(24_000)  # quadratic time would be a hundredfold


def test_a_million_times_one_word_is_one_page() -> None:
    page = Page("million", "word " * 1_000_000, "m.example")
    labels = label(page, learn([page]))
    assert labels.bounds[-1] == 5_000_000
