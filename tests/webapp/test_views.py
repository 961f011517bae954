"""The screens, through the HTTP interface, on a real store."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask
from invented import archive, story
from visitor import Visitor

from webapp import create_app, present
from webapp.config import Config

SITE = "harbour.example"


@pytest.fixture
def app(config: Config) -> Flask:
    return create_app(config)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


@pytest.fixture
def filled(visitor: Visitor, work: Callable[[], None]) -> Visitor:
    """A visitor with one collection of two sites, learned."""
    visitor.post("/collections", name="News")
    visitor.upload(1, {"news.zip": archive({SITE: 9, "valley.example": 4})})
    work()
    return visitor


# Paste


def test_a_pasted_page_is_marked_without_javascript(visitor: Visitor) -> None:
    answer = visitor.post("/", text=story(1, SITE))
    assert answer.status == 200
    assert "<html" in answer.html
    marks = answer.texts("a.mark")
    assert "Boilerplate: Home | News | Weather | Letters to harbour.example | Sign in" in marks
    assert any(mark.startswith("Content: Nobody asked for more") for mark in marks)
    assert answer.texts("textarea") == [" ".join(story(1, SITE).split())]


def test_htmx_gets_only_what_is_below_the_box(visitor: Visitor) -> None:
    answer = visitor.post("/", target="pasted", text=story(1, SITE))
    assert answer.html.lstrip().startswith('<div id="pasted">')
    assert "<html" not in answer.html
    assert answer.response.headers["Cache-Control"] == "no-store"


def test_every_mark_of_a_paste_leads_to_its_reason(visitor: Visitor) -> None:
    answer = visitor.post("/", text=story(1, SITE))
    targets = {href.removeprefix("#") for href in answer.values("a.mark", "href")}
    assert targets
    assert targets <= set(answer.values(".why", "id"))


def test_htmx_asks_for_the_reason_of_one_mark_of_a_paste(visitor: Visitor) -> None:
    answer = visitor.post("/", target="reason", text=story(1, SITE), why="0")
    assert answer.html.lstrip().startswith("<aside")
    assert answer.texts(".verdict")[0].startswith("Boilerplate")
    assert visitor.post("/", target="reason", text="Now shorter.", why="5").status == 404


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_an_empty_paste_is_told_so(visitor: Visitor, text: str) -> None:
    sent = visitor.post("/", text=text)
    typed = visitor.post("/", target="pasted", text=text)
    assert sent.status == 422
    assert typed.status == 200
    assert "no text yet" in sent.words
    assert "no text yet" in typed.words


def test_markup_in_a_paste_stays_text(visitor: Visitor) -> None:
    answer = visitor.post(
        "/", text="1 < 2 & \"this\" is no </a><script>alert('tag')</script> that anything runs.", reading="marked"
    )
    assert "<script>alert" not in answer.html


def test_a_paste_reads_in_three_ways(visitor: Visitor) -> None:
    cleaned = visitor.post("/", text=story(1, SITE), reading="cleaned")
    removed = visitor.post("/", text=story(1, SITE), reading="removed")
    assert "Sign in" not in " ".join(cleaned.texts(".line"))
    assert "Nobody asked" in " ".join(cleaned.texts(".line"))
    assert "Sign in" in " ".join(removed.texts(".line"))
    assert "Nobody asked" not in " ".join(removed.texts(".line"))


def test_a_paste_of_a_megabyte_comes_in_parts(visitor: Visitor) -> None:
    text = "A sentence that goes on until it ends here.\n" * 25_000
    first = visitor.post("/", target="pasted", text=text)
    assert len(first.html) < 1_500_000
    assert first.values("#more button", "value") == ["2"]
    second = visitor.post("/", target="more", text=text, part="2")
    assert second.values("#more button", "value") == ["3"]


def test_a_paste_can_be_added_to_a_collection(visitor: Visitor, work: Callable[[], None]) -> None:
    visitor.post("/collections", name="Kept")
    visitor.post("/add", text=story(3, SITE), site=SITE, collection="1")
    work()
    assert visitor.get("/collections/1").texts("tbody .under") == [f"{SITE}, {present.size(len(story(3, SITE)))}"]


def test_adding_a_paste_to_no_collection_says_so_beside_the_choice_and_keeps_the_paste(visitor: Visitor) -> None:
    answer = visitor.post("/add", text="Some text.", site=SITE)
    assert answer.status == 422
    assert "Choose the collection" in answer.texts("#missing")[0]
    assert answer.values("#collection", "aria-describedby") == ["missing"]
    assert answer.texts("textarea") == ["Some text."]
    assert answer.values("#site", "value") == [SITE]
    assert answer.texts("a.mark")


def test_adding_an_empty_paste_keeps_the_screen(visitor: Visitor) -> None:
    visitor.post("/collections", name="Kept")
    answer = visitor.post("/add", text=" ", site=SITE, collection="1")
    assert answer.status == 422
    assert "no text yet" in answer.words
    assert answer.values("#site", "value") == [SITE]
    assert answer.values("#collection option[selected]", "value") == ["1"]


def test_htmx_is_told_to_choose_a_collection_and_swaps_nothing_of_the_form(visitor: Visitor) -> None:
    answer = visitor.post("/add", target="pasted", text="Some text.")
    assert answer.status == 422
    assert answer.html.startswith('<p class="message">')
    assert "Choose the collection" in answer.words


def test_a_paste_of_a_site_that_nothing_was_learned_of_says_so(filled: Visitor) -> None:
    known = filled.post("/", target="pasted", text=story(1, SITE), site=SITE, collection="1")
    unknown = filled.post("/", target="pasted", text=story(1, SITE), site="nosuch.example", collection="1")
    without = filled.post("/", target="pasted", text=story(1, SITE), site=SITE)
    nothing = filled.post("/", target="pasted", text=story(1, SITE))
    assert "judged by itself" not in known.words
    assert "No learned pages of nosuch.example in this collection: judged by itself." in unknown.words
    assert "No collection is chosen: judged by itself." in without.words
    assert "judged by itself" not in nothing.words


# Collections


def test_the_first_screen_of_collections_says_what_to_do(visitor: Visitor) -> None:
    answer = visitor.get("/collections")
    assert "Make the first one" in answer.words
    made = visitor.post("/collections", name="News")
    assert "Upload pages" in made.texts("h1")
    assert "There are no pages here yet" in visitor.get("/collections/1").words


def test_two_collections_cannot_have_one_name(visitor: Visitor) -> None:
    visitor.post("/collections", name="News")
    answer = visitor.post("/collections", name="News")
    assert answer.status == 422
    assert "already" in answer.words


def test_the_upload_form_shows_its_limits(visitor: Visitor, config: Config) -> None:
    visitor.post("/collections", name="News")
    words = visitor.get("/collections/1/upload").words
    assert present.file_size(config.upload_bytes) in words
    assert "5,000,000 characters" in words


def test_an_upload_without_files_says_so(visitor: Visitor) -> None:
    visitor.post("/collections", name="News")
    answer = visitor.post("/collections/1/upload", files=(io.BytesIO(b""), ""))
    assert answer.status == 422


def test_dropped_folders_keep_their_names(visitor: Visitor, work: Callable[[], None]) -> None:
    visitor.post("/collections", name="News")
    names = ["harbour.example/1.txt", "harbour.example/2.txt"]
    files = {"1.txt": story(1, SITE).encode(), "2.txt": story(2, SITE).encode()}
    visitor.upload(1, files, names=json.dumps(names))
    work()
    assert visitor.get("/collections/1/sites").texts("tbody th") == [SITE]


@pytest.mark.parametrize("names", ["not json", '["one"]', "[1, 2]", '{"a": 1}'])
def test_names_that_do_not_fit_the_files_are_left_aside(visitor: Visitor, work: Callable[[], None], names: str) -> None:
    visitor.post("/collections", name="News")
    visitor.upload(1, {"a.txt": story(1, SITE).encode(), "b.txt": story(2, SITE).encode()}, names=names)
    work()
    assert len(visitor.get("/collections/1").texts("tbody tr")) == 2


def test_a_file_that_cannot_be_read_is_listed_and_the_others_go_on(filled: Visitor) -> None:
    assert "1 file could not be read" in filled.get("/collections/1").words
    assert filled.get("/collections/1/problems").texts("tbody th") == ["news.zip/broken.zip"]
    assert filled.get("/collections/1").texts("#list [role=status]") == ["13 pages"]


def test_a_list_in_two_says_which_rows_it_shows(visitor: Visitor, work: Callable[[], None]) -> None:
    visitor.post("/collections", name="News")
    visitor.upload(1, {f"{number}.txt": f"Page {number} says so.".encode() for number in range(55)})
    work()
    first, second = (visitor.get(f"/collections/1?number={number}") for number in (1, 2))
    assert first.texts("#list [role=status]") == ["Rows 1 to 50 of 55"]
    assert second.texts("#list [role=status]") == ["Rows 51 to 55 of 55"]
    assert (first.texts("a[rel=next]"), second.texts("a[rel=prev]")) == (["Next"], ["Previous"])


def test_the_list_of_pages_is_searched_and_sorted_by_its_address(filled: Visitor) -> None:
    assert len(filled.get("/collections/1?site=valley.example").texts("tbody tr")) == 4
    assert filled.get("/collections/1?search=no+such+words").texts("tbody tr") == []
    up = filled.get("/collections/1?sort=site").texts("tbody .under")
    down = filled.get("/collections/1?sort=site&order=down").texts("tbody .under")
    assert up[0].startswith(SITE)
    assert down[0].startswith("valley.example")
    assert filled.get("/collections/1?sort=site&order=down").values("th[aria-sort]", "aria-sort") == ["descending"]


def test_nonsense_in_the_address_of_a_list_is_read_as_the_default(filled: Visitor) -> None:
    answer = filled.get("/collections/1?sort=colour&number=minus&order=9")
    assert answer.status == 200
    assert len(answer.texts("tbody tr")) == 13


def test_a_collection_is_deleted_only_when_it_is_posted(filled: Visitor) -> None:
    assert "for good" in filled.get("/collections/1/delete").words
    assert filled.get("/collections/1").status == 200
    filled.post("/collections/1/delete")
    assert filled.get("/collections/1").status == 404


# Jobs


def test_a_job_asks_for_itself_until_it_has_ended(visitor: Visitor, work: Callable[[], None]) -> None:
    visitor.post("/collections", name="News")
    waiting = visitor.upload(1, {"news.zip": archive({SITE: 3})})
    assert waiting.values("#job", "hx-trigger") == ["every 1s"]
    assert waiting.values("noscript meta", "content") == ["3"] or "http-equiv" in waiting.html
    work()
    ended = visitor.get("/jobs/1", target="job")
    assert ended.html.count('id="job"') == 1
    assert "hx-trigger" not in ended.html
    assert "3 pages of 1 site" in ended.words


def test_a_cancelled_job_says_so_and_can_go_on(visitor: Visitor) -> None:
    visitor.post("/collections", name="News")
    visitor.upload(1, {"news.zip": archive({SITE: 3})})
    answer = visitor.post("/jobs/1/cancel")
    assert "Cancelled" in answer.words


# Pages


def test_a_page_reads_in_three_ways_by_its_address(filled: Visitor) -> None:
    marked, cleaned, removed = (filled.get(f"/pages/1?reading={name}") for name in present.READINGS)
    assert len(marked.texts(".line")) > len(cleaned.texts(".line")) > 0
    assert all(mark.startswith("Boilerplate: ") for mark in removed.texts("a.mark"))
    assert not any(mark.startswith("Boilerplate: ") for mark in cleaned.texts("a.mark"))
    assert [nav.texts(".readings a[aria-current]") for nav in (marked, cleaned, removed)] == [
        ["Marked"],
        ["Cleaned"],
        ["Removed only"],
    ]


def test_what_the_cleaned_reading_shows_is_what_is_downloaded(filled: Visitor) -> None:
    shown = filled.get("/pages/1?reading=cleaned").texts("a.mark")
    lines = "".join(text.split(": ", 1)[1] for text in shown)
    downloaded = filled.client.get("/pages/1.txt")
    assert downloaded.mimetype == "text/plain"
    assert "attachment" in downloaded.headers["Content-Disposition"]
    assert "".join(lines.split()) == "".join(downloaded.text.split())


def test_the_reason_of_recurring_text_names_pages_to_look_at(filled: Visitor) -> None:
    page = filled.get("/pages/1")
    footer = next(
        index
        for index, text in zip(page.values("a.mark[id]", "id"), page.texts("a.mark[id]"), strict=True)
        if "Copyright" in text
    )
    answer = filled.get(f"/pages/1?why={footer.removeprefix('m')}", target="reason")
    assert answer.html.lstrip().startswith("<aside")
    assert f"different pages of {SITE}" in answer.words
    assert len(answer.values(".sources a", "href")) == 3
    assert "/pages/1" not in answer.values(".sources a", "href")


def test_a_reason_is_read_without_javascript_too(filled: Visitor) -> None:
    answer = filled.get("/pages/1?why=0")
    assert "<html" in answer.html
    assert answer.texts("#reason .verdict")
    assert answer.values("a.mark[aria-current]", "id") == ["m0"]


def test_a_reason_for_no_mark_is_not_found(filled: Visitor) -> None:
    assert filled.get("/pages/1?why=100000").status == 404
    assert filled.get("/pages/1?why=-1").status == 404


def test_a_page_names_the_one_before_and_the_one_after(filled: Visitor) -> None:
    answer = filled.get("/pages/2")
    assert len(answer.values("a[rel=next]", "href") + answer.values("a[rel=prev]", "href")) == 2


# Boilerplate


def test_each_recurring_block_of_a_site_stands_once_with_its_pages(filled: Visitor) -> None:
    assert filled.get("/collections/1/sites").texts("tbody th") == [SITE, "valley.example"]
    answer = filled.get(f"/collections/1/boilerplate?site={SITE}")
    blocks = answer.texts(".template")
    assert sum("Copyright harbour.example" in block for block in blocks) == 1
    assert "on 9 of 9 pages" in answer.words
    assert answer.values(".examples a", "href")


def test_an_unknown_site_is_not_found(filled: Visitor) -> None:
    assert filled.get("/collections/1/boilerplate?site=nowhere.example").status == 404


# Downloads


def test_the_cleaned_collection_comes_as_a_zip_and_as_lines(filled: Visitor) -> None:
    packed = filled.client.get("/collections/1/cleaned.zip")
    with zipfile.ZipFile(io.BytesIO(packed.data)) as members:
        assert len([name for name in members.namelist() if name.endswith(".txt")]) == 13
    lines = filled.client.get("/collections/1/cleaned.jsonl").text.splitlines()
    assert len(lines) == 13
    assert {"id", "text", "spans"} <= set(json.loads(lines[0]))


def test_every_static_address_changes_with_its_file(visitor: Visitor) -> None:
    page = visitor.get("/")
    addresses = page.values("script", "src") + page.values("link", "href")
    assert len(addresses) == 4
    for address in addresses:
        assert "?v=" in address
        answer = visitor.client.get(address)
        assert answer.status_code == 200
        assert "max-age=31536000" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("address", ["/pages/{}", "/collections/{}", "/collections/{}/upload", "/jobs/{}"])
def test_a_number_too_large_for_any_row_is_a_page_that_is_not_there(app, address):
    assert app.test_client().get(address.format(10**23)).status_code == 404


def test_boilerplate_of_no_site_is_the_list_of_sites(filled):
    assert filled.get("/collections/1/boilerplate").words == filled.get("/collections/1/sites").words
