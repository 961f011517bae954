"""The screens about text that pages share, through the HTTP interface, on a real store and a real job."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable

import pytest
from flask import Flask
from invented import WORDS, story, wire
from visitor import Answer, Visitor

from webapp import create_app
from webapp.config import Config

FIRST, LATER, LAST = "quay.example", "mill.example", "pier.example"
EDITED = WORDS[0].replace("a week earlier", "two days later")
ADDED = "The mayor added that nobody had asked the fishermen."


@pytest.fixture
def app(config: Config) -> Flask:
    return create_app(config)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


def pages(last: str = "2021-04-20") -> bytes:
    """A story on three sites: as it came out, edited, and as it was again; and pages that share nothing."""
    later = wire(LATER).replace(WORDS[0], EDITED).replace(WORDS[1], f"{WORDS[1]} {ADDED}")
    rows = [
        {"id": "first", "site": FIRST, "text": wire(FIRST), "date": "2021-04-09"},
        {"id": "later", "site": LATER, "text": later, "date": "2021-04-12"},
        {"id": "last", "site": LAST, "text": wire(LAST), "date": last},
        *({"id": f"{site} {n}", "site": site, "text": story(n, site)} for n, site in enumerate([FIRST, LATER] * 3)),
    ]
    return "\n".join(map(json.dumps, rows)).encode()


@pytest.fixture
def filled(visitor: Visitor, work: Callable[[], None]) -> Visitor:
    """A visitor with one collection whose pages were compared."""
    visitor.post("/collections", name="Coast")
    visitor.upload(1, {"pages.jsonl": pages()})
    work()
    return visitor


def cluster(visitor: Visitor) -> str:
    """The address of the one cluster there is."""
    (address,) = visitor.get("/collections/1/reuse").values("tbody th a", "href")
    return address


def page(visitor: Visitor, site: str) -> int:
    """The number of the page that carries the story on a site."""
    shown = visitor.get(cluster(visitor))
    facts = shown.texts(".versions .facts")
    at = next(i for i, text in enumerate(facts) if text.startswith(site))
    return int(re.findall(r"/pages/(\d+)", shown.values(".versions .version-title a", "href")[at])[0])


def pair(visitor: Visitor, one: str = FIRST, other: str = LATER) -> str:
    return f"/reuse/pair/{page(visitor, one)}/{page(visitor, other)}"


# The list


def test_each_shared_passage_is_one_row_with_its_pages_sites_and_dates(filled: Visitor) -> None:
    answer = filled.get("/collections/1/reuse")
    assert answer.texts("#list [role=status]") == ["1 passage"]
    (row,) = answer.texts("tbody tr")
    assert "The dredger that has kept" in row
    assert answer.texts("tbody td.number")[:2] == ["3", "3"]
    assert "9 Apr 2021" in row
    assert "to 20 Apr 2021" in row
    assert f"first on {FIRST}" in row


@pytest.mark.parametrize(
    ("address", "rows"),
    [
        ("", 1),
        ("?across=1", 1),
        ("?words=50", 1),
        ("?words=5000", 0),
        ("?alike=50", 1),
        ("?alike=100", 0),
        (f"?site={FIRST}", 1),
        ("?site=nowhere.example", 0),
        ("?kind=quotation", 0),
        ("?kind=colour&words=minus&alike=9999999999999999999999&sort=taste&number=0", 1),
    ],
)
def test_the_list_is_filtered_by_its_address(filled: Visitor, address: str, rows: int) -> None:
    answer = filled.get(f"/collections/1/reuse{address}")
    assert answer.status == 200
    assert len(answer.texts("tbody tr")) == rows
    assert ("Show all passages" in answer.words) == (not rows)


def test_a_filter_of_the_address_stands_in_the_form(filled: Visitor) -> None:
    answer = filled.get(f"/collections/1/reuse?across=1&words=40&alike=55&site={LATER}&kind=exact&sort=words&order=up")
    assert answer.values("#words", "value") == ["40"]
    assert answer.values("#alike", "value") == ["55"]
    assert answer.values("#of-site option[selected]", "value") == [LATER]
    assert answer.values("#kind option[selected]", "value") == ["exact"]
    assert answer.html.count('value="1" class="at-once" checked') == 1
    assert answer.values("[name=sort]", "value") == ["words"]
    assert answer.values("[name=order]", "value") == ["up"]


def test_sorting_keeps_the_filters(filled: Visitor) -> None:
    links = filled.get("/collections/1/reuse?across=1&words=40").values("thead a", "href")
    assert len(links) == 4
    assert all("across=1" in link and "words=40" in link for link in links)


def test_htmx_gets_only_the_list_of_passages(filled: Visitor) -> None:
    answer = filled.get("/collections/1/reuse?words=40", target="list")
    assert answer.html.lstrip().startswith('<div id="list">')
    assert "<html" not in answer.html


def test_an_empty_list_says_what_to_do_next(visitor: Visitor, work: Callable[[], None]) -> None:
    visitor.post("/collections", name="Coast")
    assert "Upload some" in visitor.get("/collections/1/reuse").words
    visitor.upload(1, {"one.txt": wire(FIRST).encode()})
    assert "Pages are compared when they are read" in visitor.get("/collections/1/reuse").words
    work()
    assert "No two pages here share a passage" in visitor.get("/collections/1/reuse").words
    assert "No two sites here share" in visitor.get("/collections/1/reuse/sites").words
    assert "No two pages here are nearly one" in visitor.get("/collections/1/reuse/duplicates").words


def test_all_passages_come_as_csv_and_as_lines(filled: Visitor) -> None:
    table = filled.client.get("/collections/1/reuse.csv")
    assert table.mimetype == "text/csv"
    assert "attachment" in table.headers["Content-Disposition"]
    lines = filled.client.get("/collections/1/reuse.jsonl").text.splitlines()
    assert len(table.text.splitlines()) == len(lines) + 1 > 1


# A cluster


def test_a_cluster_shows_every_version_by_date_beside_the_first(filled: Visitor) -> None:
    answer = filled.get(cluster(filled))
    facts = answer.texts(".versions .facts")
    assert [text.split()[0] for text in facts] == [FIRST, LATER, LAST]
    assert "came out first" in facts[0]
    assert "The text that came out first" in answer.texts("h2")
    assert answer.values(".timeline a", "href") == ["#v1", "#v2", "#v3"]
    assert len(answer.texts(".timeline .ring")) == 1
    assert "The same, word for word." in answer.texts(".versions li")[2]


def test_a_version_without_a_date_is_last_and_not_on_the_line(visitor: Visitor, work: Callable[[], None]) -> None:
    visitor.post("/collections", name="Coast")
    visitor.upload(1, {"pages.jsonl": pages(last="")})
    work()
    answer = visitor.get(cluster(visitor))
    assert "no date" in answer.texts(".versions .facts")[2]
    assert len(answer.values(".timeline a", "href")) == 2
    assert "Dates do not tell which version came first" in answer.words
    assert "1 version without a date is not on the line" in answer.words


def test_what_a_later_version_changed_is_marked_word_by_word(filled: Visitor) -> None:
    answer = filled.get(cluster(filled))
    assert any("a week earlier" in text for text in answer.texts(".versions del"))
    added = answer.texts(".versions ins")
    assert any("two days later" in text for text in added)
    assert any(ADDED in text for text in added)
    assert not any("dredger" in text for text in added)


def test_each_version_leads_to_its_page_and_to_both_pages_side_by_side(filled: Visitor) -> None:
    answer = filled.get(cluster(filled))
    pairs = [link for link in answer.values(".versions a", "href") if link.startswith("/reuse/pair/")]
    assert len(pairs) == 2
    assert all(filled.get(link).status == 200 for link in pairs)
    link = answer.values(".versions .version-title a", "href")[0]
    there = filled.client.get(link)
    assert there.status_code == 302
    assert there.headers["Location"].endswith("#r1")
    assert filled.get(link).values("#r1", "href") == [cluster(filled)]


def test_a_cluster_that_is_not_there_is_not_found(filled: Visitor) -> None:
    for address in ("/reuse/99", "/reuse/99.html", "/reuse/pair/98/99", "/reuse/pair/98/99.html"):
        assert filled.get(address).status == 404


# Two pages


def test_a_passage_has_one_number_on_both_pages_and_each_leads_to_the_other(filled: Visitor) -> None:
    answer = filled.get(pair(filled))
    ids = answer.values(".passage", "id")
    assert ids[:2] == ["a1", "b1"]
    assert answer.values(".passage .passage-number", "href")[:2] == ["#b1", "#a1"]
    assert any("two days later" in text for text in answer.texts("#b1 .differs"))
    assert any("a week earlier" in text for text in answer.texts("#a1 .differs"))


def test_boilerplate_around_a_passage_is_shown_quieter(filled: Visitor) -> None:
    assert any("All rights reserved" in text for text in filled.get(pair(filled)).texts(".both .boilerplate"))


def test_two_pages_that_share_nothing_say_so(filled: Visitor) -> None:
    one = page(filled, FIRST)
    others = {int(n) for n in re.findall(r"/pages/(\d+)", filled.get("/collections/1").html)}
    stranger = max(others - {page(filled, site) for site in (FIRST, LATER, LAST)})
    answer = filled.get(f"/reuse/pair/{one}/{stranger}")
    assert answer.status == 200
    assert "share nothing" in answer.words
    assert filled.get(f"/reuse/pair/{one}/{one}").status == 422


def test_two_long_pages_are_a_short_answer_that_leads_on_to_the_rest(
    visitor: Visitor, work: Callable[[], None]
) -> None:
    def filler(name: str) -> str:
        return "\n".join(f"{name} number {n} went by the {name}{n} gate at {n} past, unseen." for n in range(9_000))

    visitor.post("/collections", name="Long")
    shared = "\n".join(WORDS)
    rows = [
        {"id": name, "site": f"{name}.example", "text": f"{filler(name)}\n{shared}\n{filler(name + 'x')}"}
        for name in ("ox", "cow")
    ]
    visitor.upload(1, {"pages.jsonl": "\n".join(map(json.dumps, rows)).encode()})
    work()
    answer = visitor.get("/reuse/pair/1/2")
    assert len(answer.texts(".passage")) == 2
    assert len(answer.html) < 60_000
    assert re.search(r"… \d{3},\d{3} characters, on the page …", answer.words)
    (link, *_) = answer.values("a.fold", "href")
    assert visitor.get(link).status == 200


# Sites and duplicates


def test_the_table_of_sites_says_what_the_picture_shows(filled: Visitor) -> None:
    answer = filled.get("/collections/1/reuse/sites")
    assert len(answer.texts(".graph circle")) == 3
    assert len(answer.texts(".graph line")) == len(answer.texts("table.anywhere tbody tr")) == 3
    assert f"{FIRST} first in 1" in answer.words


def test_pages_that_are_nearly_one_are_listed_in_one_group(filled: Visitor) -> None:
    answer = filled.get("/collections/1/reuse/duplicates")
    assert len(answer.texts(".group")) == 1
    assert len(answer.texts(".group tbody tr")) == 3
    link = next(link for link in answer.values(".group a", "href") if "pair" in link)
    assert filled.get(link).status == 200


# The reading of a page


def test_a_reading_marks_what_is_shared_and_lists_with_whom(filled: Visitor) -> None:
    answer = filled.get(f"/pages/{page(filled, LATER)}")
    marks = answer.texts("a.mark.shared")
    assert any(mark.startswith("Content, shared passage 1: The dredger") for mark in marks)
    assert not any("All rights reserved" in mark for mark in marks)
    assert answer.values("#r1", "href") == [cluster(filled)]
    (entry,) = answer.texts("#shared li")
    assert FIRST in entry
    assert "had it first" in entry
    assert "Shared" in answer.texts(".legend")[0]
    assert filled.get(answer.values("#shared li div > a", "href")[0]).status == 200


def test_every_mark_of_a_shared_page_has_one_anchor_and_its_reason(filled: Visitor) -> None:
    number = page(filled, LATER)
    answer = filled.get(f"/pages/{number}")
    ids = answer.values("a.mark[id]", "id") + answer.values("a.passage-number[id]", "id")
    assert len(ids) == len(set(ids))
    for link in answer.values("a.mark.shared", "href"):
        assert filled.get(f"/pages/{number}{html.unescape(link)}", target="reason").texts(".verdict")


def test_a_page_that_shares_nothing_has_no_list(filled: Visitor) -> None:
    listed = {int(n) for n in re.findall(r"/pages/(\d+)", filled.get("/collections/1").html)}
    stranger = max(listed - {page(filled, site) for site in (FIRST, LATER, LAST)})
    answer = filled.get(f"/pages/{stranger}")
    assert answer.texts("#shared") == answer.texts("a.passage-number") == []
    assert "Shared" not in answer.texts(".legend")[0]


def test_a_further_part_of_a_page_carries_its_passages(visitor: Visitor, work: Callable[[], None]) -> None:
    visitor.post("/collections", name="Long")
    filler = "\n".join(f"Ox number {n} went by the ox{n} gate at {n} past, unseen." for n in range(5_000))
    rows = [
        {"id": "long", "site": "ox.example", "text": f"{filler}\n{wire('ox.example')}"},
        {"id": "short", "site": FIRST, "text": wire(FIRST)},
    ]
    visitor.upload(1, {"pages.jsonl": "\n".join(map(json.dumps, rows)).encode()})
    work()
    first = visitor.get("/pages/1")
    assert first.texts("a.mark.shared") == []
    assert "part=2#r1" in html.unescape(first.values("#shared .passage-number", "href")[0])
    more = visitor.get("/pages/1?part=2", target="more")
    assert more.values("#r1", "href") == [first.values("#shared .facts a", "href")[0]]


def test_the_place_of_a_page_that_is_not_there_is_its_last(filled: Visitor) -> None:
    for at in ("-5", "99999999", "nonsense"):
        assert filled.get(f"/pages/1?at={at}").status == 200


# Paste


def test_a_paste_shows_the_saved_pages_that_share_its_text(filled: Visitor) -> None:
    text = f"Harbour\n\nSomething of our own that nobody else has written yet.\n\n{WORDS[0]}\n\n{WORDS[1]}"
    answer = filled.post("/", target="pasted", text=text)
    assert len(answer.texts("#shared li")) == 3
    assert "in Coast" in answer.texts("#shared li")[0]
    shared = " ".join(answer.texts("a.mark.shared"))
    assert "dredger" in shared
    assert "our own" not in shared
    targets = {link.removeprefix("#") for link in answer.values(".text .passage-number", "href")}
    assert targets
    assert targets <= set(answer.values("#shared li", "id"))
    assert set(answer.values("#shared .passage-number", "href")) <= {
        f"#{id}" for id in answer.values(".text .passage-number", "id")
    }


def test_a_paste_is_compared_with_the_chosen_collection_only(filled: Visitor) -> None:
    filled.post("/collections", name="Empty")
    assert filled.post("/", target="pasted", text=wire("new.example"), collection="1").texts("#shared li")
    assert filled.post("/", target="pasted", text=wire("new.example"), collection="2").texts("#shared li") == []


def test_a_paste_that_nobody_else_has_shows_no_list(filled: Visitor) -> None:
    assert filled.post("/", target="pasted", text="Nobody has ever written this line.").texts("#shared") == []


# Reports


def reports(visitor: Visitor) -> list[Answer]:
    return [visitor.get(f"{cluster(visitor)}.html"), visitor.get(f"{pair(visitor)}.html")]


def test_a_report_is_a_file_that_refers_to_nothing_outside_it(filled: Visitor) -> None:
    for report in reports(filled):
        assert "attachment" in report.response.headers["Content-Disposition"]
        assert not re.search(
            r"<(?:script|link|img|iframe|a)\b|\b(?:src|href|action)=|url\(|@import|https?:", report.html
        )


def test_a_report_says_what_it_is_when_it_was_made_and_what_its_marks_mean(filled: Visitor) -> None:
    for report in reports(filled):
        assert report.texts("title")
        assert re.search(r"Made on \d{1,2} [A-Z][a-z]{2} \d{4}", report.words)
        assert "What the marks mean" in report.words
        assert "code points" in report.words
        assert re.search(r"[Cc]haracters \d+ to \d+", report.words)
    assert "two days later" in " ".join(reports(filled)[0].texts("ins"))


def test_markup_of_a_page_stays_text_on_every_screen_and_in_every_report(
    visitor: Visitor, work: Callable[[], None]
) -> None:
    bad = "<script>alert('tag')</script>"
    visitor.post("/collections", name=f"A {bad}")
    rows = [
        {"id": f"{bad}{n}", "site": f"{bad}{n}", "text": f"{bad} title\n{bad} {WORDS[0]} {bad} {WORDS[n]} {WORDS[2]}"}
        for n in range(2)
    ]
    visitor.upload(1, {"pages.jsonl": "\n".join(map(json.dumps, rows)).encode()})
    work()
    (address,) = visitor.get("/collections/1/reuse").values("tbody th a", "href")
    for at in (
        "/collections/1/reuse",
        "/collections/1/reuse/sites",
        "/collections/1/reuse/duplicates",
        address,
        f"{address}.html",
        "/reuse/pair/1/2",
        "/reuse/pair/1/2.html",
        "/pages/1",
    ):
        answer = visitor.get(at)
        assert answer.status == 200
        assert "<script>alert" not in answer.html
    assert "<script>alert" not in visitor.post("/", text=str(rows[0]["text"])).html


def test_no_screen_about_reuse_carries_a_style_or_a_script_of_its_own(filled: Visitor) -> None:
    for at in ("/collections/1/reuse", "/collections/1/reuse/sites", cluster(filled), pair(filled)):
        answer = filled.get(at)
        assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?! defer src=)", answer.html)


def test_the_list_stays_while_more_pages_are_compared(filled: Visitor) -> None:
    filled.upload(1, {"more.txt": wire("lock.example").encode()})
    answer = filled.get("/collections/1/reuse")
    assert len(answer.texts("tbody tr")) == 1
    assert answer.values("#job", "hx-trigger") == ["every 1s"]
