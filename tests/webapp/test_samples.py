"""The sample collection: believable, the same every time, and told apart by the engine it is to show."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter, defaultdict

import pytest

import detect
from webapp.samples import sample_archive, sample_pages

HARBOUR, VALLEY = "harbourpost.example", "valley-courier.example"


@pytest.fixture(scope="module")
def pages() -> list[detect.Page]:
    return list(sample_pages())


@pytest.fixture(scope="module")
def labels(pages: list[detect.Page]) -> dict[str, detect.Labels]:
    memory = detect.learn(pages)
    return {page.id: detect.label(page, memory) for page in pages}


def of_site(pages: list[detect.Page], site: str) -> list[detect.Page]:
    return [page for page in pages if page.site == site]


def paragraphs(page: detect.Page) -> list[str]:
    """The article's paragraphs: the page's long lines that no template has."""
    furniture = re.compile(r"icon |Also on |More from |©|We use |This site |Printed |Front page |.* \| Valley Courier$")
    return [line for line in page.text.split("\n") if len(line) > 90 and not furniture.match(line)]


def test_the_same_seed_gives_the_same_pages_and_another_seed_others(pages):
    assert list(sample_pages()) == pages
    assert [page.text for page in sample_pages(seed=2)] != [page.text for page in pages]


def test_there_are_about_sixty_pages_of_two_sites_with_ids_of_their_own(pages):
    assert 50 <= len(pages) <= 65
    assert {page.site for page in pages} == {HARBOUR, VALLEY}
    assert len({page.id for page in pages}) == len({page.url for page in pages}) == len(pages)


def test_every_site_is_under_a_top_level_name_reserved_for_examples(pages):
    named = set(re.findall(r"\b[\w-]+\.(?:com|org|net|info|example)\b", "\n".join(page.text for page in pages)))
    assert named | {page.site for page in pages} == {HARBOUR, VALLEY}


def test_the_archive_holds_the_same_texts_in_a_folder_a_site_and_is_the_same_bytes_each_time(pages):
    archive = sample_archive()
    assert archive == sample_archive()
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        texts = {name: opened.read(name).decode() for name in opened.namelist()}
    assert texts == {page.source: page.text for page in pages}
    assert {name.partition("/")[0] for name in texts} == {HARBOUR, VALLEY}


def test_the_archive_is_read_as_the_pages_it_was_made_from(pages, tmp_path):
    (tmp_path / "sample.zip").write_bytes(sample_archive())
    read = [page for page in detect.read([tmp_path / "sample.zip"]) if isinstance(page, detect.Page)]
    assert Counter((page.site, page.text) for page in read) == Counter((page.site, page.text) for page in pages)


def test_no_mark_of_the_grammar_is_left_in_a_page(pages):
    assert not [page.id for page in pages if re.search(r"[{}]", page.text)]


def test_articles_have_five_to_nine_paragraphs_and_share_none_but_where_they_should(pages):
    on = defaultdict(set)
    for page in pages:
        assert 5 <= len(paragraphs(page)) <= 9, page.id
        for paragraph in paragraphs(page):
            on[paragraph].add(page.id)
    shared = {ids for ids in map(frozenset, on.values()) if len(ids) > 1}
    (again,) = (page.id for page in pages if page.id.endswith("-2"))
    assert all(again in ids or {id.partition("/")[0] for id in ids} == {HARBOUR, VALLEY} for ids in shared)


def test_both_sites_carry_one_story_nearly_word_for_word_under_different_headlines(pages):
    one, other = (
        next(page for page in of_site(pages, site) if "Passenger trains will run" in page.text)
        for site in (HARBOUR, VALLEY)
    )
    words = [
        set(" ".join(paragraphs(page)).translate({8220: '"', 8221: '"', 8217: "'"}).split()) for page in (one, other)
    ]
    assert len(words[0] & words[1]) > 0.9 * len(words[0] | words[1])
    assert one.id.partition("/")[2] != other.id.partition("/")[2]


def test_one_page_was_crawled_twice_and_differs_in_its_counter(pages):
    (again,) = (page for page in pages if page.id.endswith("-2"))
    first = next(page for page in pages if page.id == again.id.removesuffix("-2"))
    assert paragraphs(again) == paragraphs(first)
    counters = [re.findall(r"^\d+ comments$", page.text, re.M) for page in (first, again)]
    assert len(counters[0]) == len(counters[1]) == 1
    assert counters[0] != counters[1]


def test_the_icon_list_has_lost_an_item_on_some_pages(pages):
    lists = Counter(page.text.split("\n")[0].count("icon ") for page in of_site(pages, HARBOUR))
    assert len(lists) == 2
    assert max(lists) - min(lists) == 1


def test_every_page_of_a_site_has_that_sites_template(pages):
    for page in of_site(pages, HARBOUR):
        lines = page.text.split("\n")
        assert re.fullmatch(r"\d+ \w{3}, 2023 \d\d:\d\d", lines[2])
        assert lines[4] == lines[6] != ""
        assert lines.count("0:00") == 2
        assert any(line.startswith("Also on harbourpost.example ") for line in lines)
        assert "Did this make your morning? Pass it along the quay!" in lines
    for page in of_site(pages, VALLEY):
        lines = page.text.split("\n")
        assert "" not in lines
        assert sum(line.startswith("More from the Valley Courier: ") for line in lines) == 1
        assert any(re.fullmatch(r"Comments \(\d+\)", line) for line in lines)


def test_every_paragraph_is_content_to_its_end(pages, labels):
    for page in pages:
        kept = detect.clean(page, labels[page.id]).text
        for paragraph in paragraphs(page):
            article, _, _ = paragraph.partition(" Sign up for")
            assert article in kept, (page.id, article)


def boilerplate_share(line: str, pages: list[detect.Page], labels: dict[str, detect.Labels]) -> float:
    """On how many of the places where a line stands all of it is boilerplate, 0 to 1."""
    met = found = 0
    for page in pages:
        for match in re.finditer(line, page.text, re.M):
            met += 1
            found += all(
                label.kind == "boilerplate"
                for label in labels[page.id]
                if label.start < match.end() and label.stop > match.start()
            )
    assert met >= 5, "a line that the pages do not have proves nothing"
    return found / met


@pytest.mark.parametrize(
    "line",
    [
        r"^icon .*",
        r"^Home Harbour .*",
        r"^\d+ \w{3}, 2023 \d\d:\d\d$",
        r"^Did this make your morning\?.*",
        r"^\d+ comments$",
        r"^\d+:\d\d$",
        r"^We use cookies .*",
        r"^© .*",
        r"^Skip to the article$",
        r"^Share · Print .*",
        r"Sign up for the Courier's Saturday letter and never miss a village\.$",
        r"^Comments \(\d+\)$",
        r"^This site keeps a small file .*",
        r"^Back to top$",
    ],
)
def test_the_page_around_the_article_is_boilerplate(line, pages, labels):
    assert boilerplate_share(line, pages, labels) >= 0.95


@pytest.mark.parametrize("line", [r"^Also on harbourpost\.example", r"^More from the Valley Courier:"])
def test_the_links_between_the_paragraphs_are_boilerplate(line, pages, labels):
    assert boilerplate_share(line, pages, labels) >= 0.95


def test_the_headline_of_most_pages_is_their_title_though_other_pages_link_to_it(pages, labels):
    titled = [page for page in pages if any(label.kind == "title" for label in labels[page.id])]
    assert len(titled) >= 0.75 * len(pages)
