"""Shared text cut into marks, versions, rows side by side, dates on a line and sites on a circle."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_present import labelled, labels_of

from detect import Labels, Page, Span
from webapp import present_marks, present_reuse, present_shared, present_sites
from webapp.present_marks import SharedSpan
from webapp.records import (
    Member,
    OpenCluster,
    OpenPair,
    PairPassage,
    PairSide,
    SharedPage,
    SiteGraph,
    SiteLink,
    SiteNode,
)

WORDS = st.lists(st.sampled_from(["ox", "cow", "gate", "Ox", "é", "😀", "漢", "a.", "\n"]), max_size=40).map(" ".join)


# Marks


@st.composite
def shared(draw: st.DrawFn) -> tuple[Page, Labels, list[SharedSpan]]:
    page, labels = draw(labelled())
    bounds = st.integers(0, len(page.text))
    pairs = draw(st.lists(st.tuples(bounds, bounds), max_size=5))
    spans = sorted((min(pair), max(pair)) for pair in pairs if pair[0] != pair[1])
    return page, labels, [SharedSpan(number, *span) for number, span in enumerate(spans, 1)]


@given(shared())
def test_passages_cut_marks_and_change_no_text(made: tuple[Page, Labels, list[SharedSpan]]) -> None:
    page, labels, spans = made
    lines = present_marks.part_of_page(page, labels, "marked", 1, spans).lines
    shown = "".join(mark.text for line in lines for mark in line.marks)
    assert "".join(shown.split()) == "".join(page.text.split())


@given(shared())
def test_a_mark_carries_the_numbers_of_exactly_the_passages_that_hold_it(
    made: tuple[Page, Labels, list[SharedSpan]],
) -> None:
    page, labels, spans = made
    held = [set() if label.kind == "boilerplate" else {"x"} for label in labels for _ in range(label.start, label.stop)]
    numbers = [
        tuple(span.number for span in spans if span.start <= at < span.stop) if kind else ()
        for at, kind in enumerate(held)
    ]
    expected = [numbers[at] for at, character in enumerate(page.text) if not character.isspace()]
    lines = present_marks.part_of_page(page, labels, "marked", 1, spans).lines
    told = [mark.shared for line in lines for mark in line.marks for _ in "".join(mark.text.split())]
    assert told == expected


@given(shared())
def test_each_passage_that_can_be_seen_has_one_anchor(made: tuple[Page, Labels, list[SharedSpan]]) -> None:
    page, labels, spans = made
    marks = [mark for line in present_marks.part_of_page(page, labels, "marked", 1, spans).lines for mark in line.marks]
    anchors = [number for mark in marks for number in mark.anchors]
    assert sorted(anchors) == sorted({number for mark in marks for number in mark.shared})
    assert all(mark.anchors <= set(mark.opening) <= set(mark.shared) for mark in marks)


def test_a_passage_that_began_in_an_earlier_part_has_no_second_anchor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(present_marks, "PART", 10)
    page = Page("p", "one two\nthree four\nfive six\n")
    labels = labels_of([0, len(page.text)], [0])
    spans = [SharedSpan(1, 4, 22)]
    parts = [present_marks.part_of_page(page, labels, "marked", number, spans) for number in (1, 2)]
    anchors = [[n for line in part.lines for mark in line.marks for n in mark.anchors] for part in parts]
    openings = [[n for line in part.lines for mark in line.marks for n in mark.opening] for part in parts]
    assert anchors == [[1], []]
    assert openings == [[1], [1]]
    assert present_marks.parts_of_spans(page, labels, "marked", spans) == {1: 1}


# Versions


def member(text: str, date: str = "", *, earliest: bool = False, representative: bool = False, page: int = 1) -> Member:
    return Member(page, "p", "Title", "a.example", date, 7, 7 + len(text), text, 0.9, "exact", representative, earliest)


def cluster(*members: Member) -> OpenCluster:
    return OpenCluster(1, 1, "News", members, "exact", 10)


@settings(deadline=None)  # the first comparison of texts loads what is compiled
@given(WORDS, WORDS)
def test_a_version_is_the_first_text_without_what_is_added_and_itself_without_what_is_cut(
    before: str, after: str
) -> None:
    found, _ = present_reuse.versions(cluster(member(before, earliest=True), member(after)))
    version = found[1]
    if not version.bits:
        assert version.same
        return
    assert "".join(bit.text for bit in version.bits if bit.kind != "cut") == after
    without_added = "".join(bit.text for bit in version.bits if bit.kind != "added")
    assert re.findall(r"\w+", without_added.casefold()) == re.findall(r"\w+", before.casefold())


def test_long_text_that_is_the_same_is_folded_and_nothing_of_it_is_lost() -> None:
    text = " ".join(f"word{n}" for n in range(400))
    found, _ = present_reuse.versions(cluster(member(text, earliest=True), member(f"{text} and more")))
    bits = found[1].bits
    assert [bit.kind for bit in bits] == ["same", "fold", "same", "added"]
    assert "".join(bit.text for bit in bits) == f"{text} and more"
    assert bits[1].at == 7 + len(bits[0].text)


def test_a_fold_of_a_very_long_text_leaves_it_on_its_page() -> None:
    head, fold, tail = present_reuse.bits_of("same", "ox " * 100_000, 5)
    assert fold.text == ""
    assert fold.characters == 300_000 - len(head.text) - len(tail.text)


def test_a_long_cluster_comes_in_screens() -> None:
    many = cluster(*(member(f"text {n}", representative=n == 0) for n in range(45)))
    screens = [present_reuse.versions(many, number) for number in (1, 2, 3, 99)]
    assert [[one.number for one in shown][:1] for shown, _ in screens] == [[1], [21], [41], [41]]
    assert {last for _, last in screens} == {3}


def test_without_an_earliest_the_representative_is_what_the_others_are_compared_with() -> None:
    number, base = present_reuse.first_version(cluster(member("a"), member("b", representative=True)))
    assert (number, base.text) == (2, "b")
    number, base = present_reuse.first_version(cluster(member("a", earliest=True), member("b", representative=True)))
    assert (number, base.text) == (1, "a")


# Dates


def test_dates_stand_in_order_on_the_line_and_what_is_no_date_beside_it() -> None:
    dates = ["2021-04-09", "2021-04-09T08:30", "2021-05-01T10:00:00+02:00", "", "one day"]
    line = present_reuse.timeline(cluster(*(member("x", date) for date in dates)))
    assert [dot.number for dot in line.dots] == [1, 2, 3]
    assert line.dots[0].x < line.dots[1].x < line.dots[2].x
    assert line.undated == 2
    assert (line.first, line.last) == ("9 Apr 2021", "1 May 2021")


def test_marks_of_one_day_lie_above_one_another_and_those_without_room_are_counted() -> None:
    line = present_reuse.timeline(cluster(*(member("x", "2021-04-09") for _ in range(30))))
    assert len({(dot.x, dot.lane) for dot in line.dots}) == len(line.dots) == line.lanes
    assert line.crowded == 30 - len(line.dots) > 0
    assert line.last == ""


# Two pages


@st.composite
def pairs(draw: st.DrawFn) -> OpenPair:
    texts = [draw(st.text(st.sampled_from("ab c\n😀"), min_size=40, max_size=200)) for _ in range(2)]
    count = draw(st.integers(0, 4))
    sides = []
    for text in texts:
        edges = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2 * count, max_size=2 * count)))
        sides.append([Span(*edges[i : i + 2]) for i in range(0, 2 * count, 2)])
    other = draw(st.permutations(sides[1]))
    passages = tuple(
        PairPassage(n, a, b, 0.9, "reworded", None) for n, (a, b) in enumerate(zip(sides[0], other, strict=True), 1)
    )
    one, two = (PairSide(n, "T", "s", "", text, (Span(3, 9), Span(20, 30))) for n, text in enumerate(texts))
    return OpenPair(1, "News", one, two, passages, "")


@settings(deadline=None)
@given(pairs())
def test_what_is_shown_of_two_pages_is_each_page_once_and_in_one_piece(pair: OpenPair) -> None:
    screen = present_reuse.pair_screen(pair, context=10)
    for side, rest, rows in (
        (pair.a, screen.rest_a, [row.a for row in screen.rows]),
        (pair.b, screen.rest_b, [row.b for row in screen.rows]),
    ):
        seen = [0] * len(side.text)
        for row in rows:
            for bit in (*([row.gap] if row.gap else []), *row.before, *row.text, *row.after):
                for at in range(bit.at, bit.at + len(bit.text)):
                    seen[at] += 1
                assert side.text[bit.at : bit.at + len(bit.text)] == bit.text
        for at in range(rest.at, len(side.text)) if rest else ():
            seen[at] += 1
        assert max(seen) <= 1
        assert "".join(c for c, times in zip(side.text, seen, strict=True) if not times).strip() == ""


def test_passages_of_many_come_in_screens_and_only_the_last_has_the_rest() -> None:
    text = "ox cow gate. " * 200
    passages = tuple(
        PairPassage(n + 1, Span(n * 26, n * 26 + 13), Span(n * 26, n * 26 + 13), 1.0, "exact", None) for n in range(70)
    )
    side = PairSide(1, "T", "s", "", text, ())
    pair = OpenPair(1, "News", side, side, passages, "a")
    first, last = present_reuse.pair_screen(pair, 1), present_reuse.pair_screen(pair, 99)
    assert (len(first.rows), first.last, last.number) == (present_reuse.PAIR_PASSAGES, 3, 3)
    assert first.rest_a is None
    assert last.rest_a is not None


# Sites


def graph(count: int) -> SiteGraph:
    names = [f"site{n:02}.example" for n in range(count)]
    links = [SiteLink(a, b, 1 + (a == names[7]), 40, 1, 0) for a in names for b in names if a < b]
    return SiteGraph(tuple(SiteNode(name, 3, count - 1) for name in names), tuple(links))


def test_the_circle_shows_the_strongest_sites_and_numbers_all() -> None:
    circle = present_sites.circle(graph(50))
    assert len(circle.nodes) == present_sites.NODES
    assert circle.left_out == 10
    assert circle.nodes[0].site.site == "site07.example"
    assert sorted(circle.numbers.values()) == list(range(1, 51))
    shown = {node.site.site for node in circle.nodes}
    assert all({line.link.a, line.link.b} <= shown for line in circle.lines)


def test_no_two_sites_of_a_full_circle_lie_on_one_another() -> None:
    nodes = present_sites.circle(graph(present_sites.NODES)).nodes
    for one in nodes:
        for other in nodes:
            apart = ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5
            assert one is other or apart >= one.radius + other.radius


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [(2, 1, "a first in 2, b first in 1"), (1, 0, "a first in 1, not known in 2"), (0, 0, "dates do not tell")],
)
def test_the_direction_between_two_sites_is_told_in_words(a: int, b: int, words: str) -> None:
    assert present_sites.direction(SiteLink("a", "b", 3, 90, a, b)) == words


# Paste


def test_spans_that_saved_pages_have_mostly_in_common_get_one_number() -> None:
    def saved(page: int, *spans: Span) -> SharedPage:
        passages = tuple(PairPassage(n, span, span, 1.0, "exact", None) for n, span in enumerate(spans, 1))
        return SharedPage(1, "News", page, "T", "s", "", passages, 30, 0.5)

    pages = [saved(8, Span(100, 200)), saved(9, Span(105, 210), Span(0, 40)), saved(10, Span(100, 120))]
    found = present_shared.stretches(pages)
    assert [(one.span.number, one.span.start, one.span.stop, one.pages) for one in found] == [
        (1, 0, 40, (9,)),
        (2, 100, 210, (8, 9)),
        (3, 100, 120, (10,)),
    ]
    assert [present_shared.numbers_in(page, found) for page in pages] == [(2,), (1, 2), (3,)]
    assert present_shared.shared_characters([one.span for one in found]) == 150
