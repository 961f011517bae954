"""Text cut into marks, the strip, and reasons in words."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect import Labels, Page
from detect.columns import SIGNALS
from webapp import present, present_marks
from webapp.present import READINGS, Reading

_SIGNALS = ("base", "recurs")


def labels_of(bounds: list[int], kinds: list[int], pages: int = 0, of: int = 0) -> Labels:
    """Labels with these bounds and kinds (0 content, 1 title, 2 boilerplate); boilerplate is what recurs."""
    n = len(kinds)
    weights = np.array([[0.5, 2.0] if kind == 2 else [0.5, -2.0] for kind in kinds], np.float32).reshape(n, 2)
    return Labels(
        _SIGNALS,
        np.array(bounds, np.int64),
        np.array(kinds, np.uint8),
        weights.sum(axis=1),
        weights,
        np.full(n, pages, np.int32),
        np.full(n, of, np.int32),
        np.zeros(n, np.bool_),
    )


@st.composite
def labelled(draw: st.DrawFn) -> tuple[Page, Labels]:
    text = draw(st.text(st.sampled_from("ab \n\r<é汉😀"), max_size=80))
    inner = draw(st.sets(st.integers(1, len(text) - 1), max_size=12)) if len(text) > 1 else set()
    bounds = sorted({0, *inner, len(text)})
    kinds = draw(st.lists(st.sampled_from([0, 1, 2]), min_size=len(bounds) - 1, max_size=len(bounds) - 1))
    return Page("p", text), labels_of(bounds, kinds)


@given(labelled())
def test_the_marks_of_a_page_hold_all_its_visible_text_in_order(made: tuple[Page, Labels]) -> None:
    page, labels = made
    part = present_marks.part_of_page(page, labels, "marked")
    shown = "".join(mark.text for line in part.lines for mark in line.marks)
    assert "".join(shown.split()) == "".join(page.text.split())


@given(labelled())
def test_no_mark_crosses_a_line_or_a_label(made: tuple[Page, Labels]) -> None:
    page, labels = made
    for line in present_marks.part_of_page(page, labels, "marked").lines:
        for mark in line.marks:
            label = labels[mark.index]
            assert "\n" not in mark.text
            assert mark.kind == label.kind
            assert mark.text in page.text[label.start : label.stop]


@given(labelled())
def test_every_label_that_can_be_seen_has_one_anchor(made: tuple[Page, Labels]) -> None:
    page, labels = made
    anchors = [
        m.index for line in present_marks.part_of_page(page, labels, "marked").lines for m in line.marks if m.first
    ]
    assert anchors == [i for i, label in enumerate(labels) if page.text[label.start : label.stop].strip()]


@given(labelled())
def test_cleaned_and_removed_together_are_the_page(made: tuple[Page, Labels]) -> None:
    page, labels = made
    counts = {
        reading: sum(
            len("".join(mark.text.split()))
            for line in present_marks.part_of_page(page, labels, reading).lines
            for mark in line.marks
        )
        for reading in READINGS
    }
    assert counts["cleaned"] + counts["removed"] == counts["marked"]


@given(labelled())
def test_the_bands_tile_the_strip(made: tuple[Page, Labels]) -> None:
    page, labels = made
    bands = present_marks.bands(page, labels, "marked")
    if not page.text:
        assert bands == ()
        return
    assert bands[0].top == 0
    assert bands[-1].top + bands[-1].height == pytest.approx(1000, abs=0.2)
    for band, after in pairwise(bands):
        assert band.top + band.height == pytest.approx(after.top, abs=0.2)
        assert band.kind != after.kind


def _long(lines: int = 12_000) -> tuple[Page, Labels]:
    line = "x" * 49 + "\n"
    return Page("p", line * lines), labels_of([50 * i for i in range(lines + 1)], [0, 2] * (lines // 2))


@pytest.mark.parametrize("reading", READINGS)
def test_the_parts_of_a_long_page_follow_one_another(reading: Reading) -> None:
    page, labels = _long()
    last = present_marks.part_of_page(page, labels, reading).last
    indexes = [
        mark.index
        for number in range(1, last + 1)
        for line in present_marks.part_of_page(page, labels, reading, number).lines
        for mark in line.marks
    ]
    assert indexes == sorted(set(indexes))
    assert len(indexes) == (12_000 if reading == "marked" else 6_000)


@pytest.mark.parametrize("reading", READINGS)
def test_a_label_is_in_the_part_that_is_named_for_it(reading: Reading) -> None:
    page, labels = _long()
    for index in (1, 5_001, 11_999) if reading == "removed" else (0, 5_000, 11_998):
        number = present_marks.part_of_label(page, labels, reading, index)
        part = present_marks.part_of_page(page, labels, reading, number)
        assert index in {mark.index for line in part.lines for mark in line.marks}


def test_a_part_that_is_not_there_is_the_nearest_that_is() -> None:
    page, labels = _long(12)
    assert present_marks.part_of_page(page, labels, "marked", 99).number == 1
    assert present_marks.part_of_page(page, labels, "marked", -3).number == 1
    assert present_marks.part_of_page(Page("p", ""), labels_of([0], []), "marked").lines == ()


def test_blank_lines_are_space_and_no_lines() -> None:
    page = Page("p", "One.\n\n\nTwo.\nThree.")
    lines = present_marks.part_of_page(page, labels_of([0, 18], [0]), "marked").lines
    assert [(line.marks[0].text, line.apart) for line in lines] == [("One.", True), ("Two.", True), ("Three.", False)]


@pytest.mark.parametrize(
    ("pages", "of", "words"),
    [
        (41, 49, "On 41 of 49 different pages of a.example"),
        (1, 1, "On the one other page of a.example"),
        (0, 12, "On no other page of a.example that was looked at"),
        (0, 0, "No other page of a.example is known"),
    ],
)
def test_recurrence_is_said_in_words(pages: int, of: int, words: str) -> None:
    why = present.why(Page("p", "A menu", "a.example"), labels_of([0, 6], [2], pages, of), 0)
    assert why.evidence[0].words == words
    assert why.evidence[0].speaks_for
    assert why.summary == f"Boilerplate, probably: {words[0].lower()}{words[1:]}."


def weighed(kind: int, **weights: float) -> Labels:
    """One label of "A menu" with these log-odds for boilerplate by signal."""
    rest = labels_of([0, 6], [kind])
    values = np.array([list(weights.values())], np.float32)
    return Labels(
        tuple(weights), rest.bounds, rest.kinds, values.sum(axis=1), values, rest.pages, rest.of, rest.repeats
    )


@pytest.mark.parametrize(
    ("odds", "words"), [(4, "almost certainly"), (2, "probably"), (0.5, "but a close call"), (-0.4, "kept in doubt")]
)
def test_how_sure_a_label_is_is_said_in_words(odds: float, words: str) -> None:
    why = present.why(Page("p", "A menu"), weighed(0, length=-odds), 0)
    assert why.summary.startswith(f"Content, {words}")


@pytest.mark.parametrize(("pages", "small"), [(3, False), (0, True)])
def test_where_else_a_text_stands_is_never_a_small_thing(pages: int, small: bool) -> None:
    rest = labels_of([0, 6], [2], pages, 12)
    values = np.array([[2.0, 0.1]], np.float32)
    odds = values.sum(axis=1)
    labels = Labels(("length", "recurs"), rest.bounds, rest.kinds, odds, values, rest.pages, rest.of, rest.repeats)
    assert present.why(Page("p", "A menu"), labels, 0).evidence[1].small == small


def test_every_signal_of_the_engine_has_words() -> None:
    # What the first pass says is handed down to what moved it.
    label = weighed(2, **{name: 1.0 for name in SIGNALS if name != "first"})
    assert not {one.words for one in present.why(Page("p", "A menu"), label, 0).evidence} & set(SIGNALS)


@pytest.mark.parametrize(
    ("weight", "words"),
    [(1.0, "What stands around it looks like boilerplate"), (-1.0, "What stands around it looks like content")],
)
@pytest.mark.parametrize("kind", [0, 2])
def test_the_words_of_a_reason_follow_its_side_and_not_the_verdict(kind: int, weight: float, words: str) -> None:
    assert present.why(Page("p", "A menu"), weighed(kind, neighbours=weight), 0).evidence[0].words == words


def test_only_a_title_reads_like_a_headline() -> None:
    words = [present.why(Page("p", "A menu"), weighed(kind, headline=-1.0), 0).evidence[0].words for kind in (0, 1, 2)]
    assert [one.startswith("Reads like the headline") for one in words] == [False, True, False]


def test_a_sentence_names_the_two_strongest_reasons_and_no_small_one() -> None:
    why = present.why(
        Page("p", "A menu"), weighed(2, base=1.3, date=1.0, list=2.0, again=0.8, place=0.1, recurs=0.1), 0
    )
    assert why.summary == (
        "Boilerplate, almost certainly: how much it looks like an entry of a list; its numbers, dates and times."
    )
    assert [one.words for one in why.evidence if one.small] == [
        "Where on the page it stands",
        "No other page of its site is known",
    ]


def test_a_reason_without_words_is_shown_by_its_name() -> None:
    labels = labels_of([0, 6], [2])
    unknown = Labels(
        ("base", "moon"),
        labels.bounds,
        labels.kinds,
        labels.odds,
        labels.weights,
        labels.pages,
        labels.of,
        labels.repeats,
    )
    assert "moon" in [evidence.words for evidence in present.why(Page("p", "A menu"), unknown, 0).evidence]


def test_a_reason_leads_over_what_cannot_be_seen() -> None:
    page = Page("p", "One.\n\nTwo.")
    why = present.why(page, labels_of([0, 5, 6, 10], [0, 2, 0]), 0)
    assert (why.previous, why.next) == (None, 2)


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0%"), (0.001, "under 1%"), (0.5, "50%"), (0.999, "over 99%"), (1, "100%")]
)
def test_a_share_is_never_rounded_to_none_or_all(share: float, words: str) -> None:
    assert present.percent(share) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_500, "1.5 kB"), (25_000_000, "25 MB"), (3 * 10**12, "3000 GB")],
)
def test_bytes_are_said_as_people_say_them(count: int, words: str) -> None:
    assert present.file_size(count) == words


@pytest.mark.parametrize(("count", "words"), [(12, "12"), (2_671, "2.7 k"), (150_600, "151 k"), (999_900, "1.0 M")])
def test_characters_are_said_short(count: int, words: str) -> None:
    assert present.size(count) == words


def test_a_plural_knows_its_number() -> None:
    assert present.plural(1, "page") == "1 page"
    assert present.plural(1_204, "page") == "1,204 pages"
