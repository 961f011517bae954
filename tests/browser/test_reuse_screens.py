"""Text that pages share, in a real browser: find it, read what changed, go through two pages, take a report away."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]

STORY = (
    "The lighthouse at Carrow Head was lit again on Sunday, nine years after the county had sold the lamp for scrap,"
    " and some four hundred people walked out along the wall in the rain to see it turn. The mayor lit it with a match"
    " that her grandmother had kept in a tin since the last night, and it took three tries before the wick would burn.",
    "Its keeper, who had been a schoolteacher until the spring, said the lens had been found under sacks in a barn"
    " beyond the river, and that the farmer had asked for nothing but a ride up the stairs.",
    "The pilots will steer by it from Monday; the bishop wanted the bells rung as well, and the council has asked for"
    " a report on what the current costs before it decides about a second night.",
)
LATER = (STORY[0].replace("nine years", "almost ten years"), STORY[1], STORY[2] + " Nobody has seen the report.")
SYLLABLES = ("ba", "ko", "ri", "mu", "ta", "le", "no", "sa", "vi", "du", "pe", "go")


def own_words(site: str, sentences: int) -> str:
    """Sentences in words that no other site has."""
    chance = random.Random(site)
    words = ["".join(chance.choices(SYLLABLES, k=3)) + site[0] for _ in range(sentences * 12)]
    return " ".join(f"The {' '.join(words[n : n + 12])} was seen." for n in range(0, len(words), 12))


def site_page(site: str, story: tuple[str, ...]) -> str:
    """The story on a page of a site, with a long stretch of the site's own after its first paragraph."""
    return "\n".join(
        [
            f"Home | News | Tides | Letters to {site} | Sign in",
            f"Carrow light is lit, says {site}",
            story[0],
            own_words(site, 30),
            *story[1:],
            own_words(site[::-1], 4),
            f"Copyright {site}. All rights reserved.",
        ]
    )


def pages() -> bytes:
    rows = [
        {"id": "a", "site": "carrow.example", "text": site_page("carrow.example", STORY), "date": "2022-10-03"},
        {"id": "b", "site": "inland.example", "text": site_page("inland.example", LATER), "date": "2022-10-05"},
        {"id": "c", "site": "upriver.example", "text": site_page("upriver.example", STORY), "date": "2022-10-09"},
    ]
    return "\n".join(map(json.dumps, rows)).encode()


def open_reuse(page: Page) -> None:
    """Goes to the shared passages of a collection of three pages, which is made when it is not there yet."""
    page.goto("/collections")
    link = page.get_by_role("link", name="Lighthouse")
    if not link.count():
        page.get_by_label("New collection").fill("Lighthouse")
        page.get_by_role("button", name="Create").click()
        page.get_by_label("Files").set_input_files(
            [{"name": "pages.jsonl", "mimeType": "application/x-ndjson", "buffer": pages()}]
        )
        page.get_by_role("button", name="Upload").click()
        expect(page.get_by_text("Done.")).to_be_visible(timeout=120_000)
        page.get_by_role("link", name="Look at the pages").click()
    else:
        link.click()
    page.get_by_role("link", name="Reuse", exact=True).click()
    expect(page.locator("#list tbody tr").first).to_be_visible()


def open_cluster(page: Page) -> None:
    open_reuse(page)
    page.locator("#list tbody th a", has_text="lighthouse").first.click()
    expect(page.locator(".versions > li").first).to_be_visible()


def open_pair(page: Page) -> None:
    open_cluster(page)
    page.get_by_role("link", name="Both pages side by side").first.click()
    expect(page.locator(".pair")).to_be_visible()


def assert_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(
    "look",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": {"width": 360, "height": 740}}],
    ids=["light", "dark", "phone"],
)
def test_every_screen_about_reuse_can_be_used_by_all(visit: Visit, look: dict[str, object]) -> None:
    page = visit(reduced_motion="reduce", **look)

    def check() -> None:
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url

    open_reuse(page)
    check()
    address = page.url
    page.get_by_role("link", name="Which sites share").click()
    expect(page.locator(".graph circle")).to_have_count(3)
    check()
    page.goto(f"{address}/duplicates")
    check()
    open_cluster(page)
    check()
    page.locator(".version-title a").first.click()
    expect(page.locator("#shared li").first).to_be_attached()
    check()
    open_pair(page)
    page.keyboard.press("n")
    check()


def test_filters_stand_in_the_address_and_survive_a_reload(visit: Visit) -> None:
    page = visit()
    open_reuse(page)
    page.get_by_label("Across sites only").check()
    page.get_by_label("Words").fill("20")
    expect(page).to_have_url(re.compile(r"words=20.*across=1"))
    page.get_by_role("link", name="Words", exact=True).click()
    expect(page).to_have_url(re.compile(r"across=1.*words=20.*sort=words"))
    rows = page.locator("#list tbody th").all_inner_texts()
    page.reload()
    expect(page.get_by_label("Across sites only")).to_be_checked()
    expect(page.get_by_label("Words")).to_have_value("20")
    assert page.locator("#list tbody th").all_inner_texts() == rows
    page.get_by_label("Words").fill("9000")
    expect(page.get_by_text("No passage is like that.")).to_be_visible()


def test_a_cluster_marks_each_word_that_was_changed(visit: Visit) -> None:
    page = visit()
    open_cluster(page)
    expect(page.locator(".versions del", has_text="nine")).to_have_css("text-decoration-line", "line-through")
    expect(page.locator(".versions ins", has_text="almost ten")).to_have_css("text-decoration-line", "underline")
    expect(page.locator(".versions ins", has_text="lighthouse")).to_have_count(0)


def test_n_and_p_go_from_passage_to_passage_and_both_pages_scroll_as_one(visit: Visit) -> None:
    page = visit(viewport={"width": 1200, "height": 420})
    open_pair(page)
    assert page.locator(".passage").count() >= 4
    for key, number in (("n", 1), ("n", 2), ("p", 1), ("n", 2)):
        page.keyboard.press(key)
        row = page.locator(f"#p{number}")
        expect(row).to_be_focused()
        tops = [page.locator(f"#{side}{number}").bounding_box() for side in ("a", "b")]
        assert tops[0] and tops[1]
        assert tops[0]["y"] == pytest.approx(tops[1]["y"], abs=1)
        expect(page.locator(f"#a{number}")).to_be_in_viewport()
    assert page.evaluate("window.scrollY") > 0
    page.get_by_role("button", name="Previous").click()
    expect(page.locator("#where")).to_have_text(re.compile("Passage 1 of"))
    page.locator("#a1 .passage-number").click()
    expect(page).to_have_url(re.compile("#b1$"))


def test_on_a_phone_the_pages_of_a_pair_stand_one_below_the_other(visit: Visit) -> None:
    page = visit(viewport={"width": 360, "height": 740})
    open_pair(page)
    a, b = (page.locator(f"#{side}1").bounding_box() for side in ("a", "b"))
    assert a and b
    assert b["y"] >= a["y"] + a["height"]
    assert a["width"] > 300


def test_a_reading_marks_shared_text_by_a_double_line_and_a_number_that_leads_on(visit: Visit) -> None:
    page = visit()
    open_cluster(page)
    page.locator(".version-title a").first.click()
    expect(page).to_have_url(re.compile(r"#r\d+$"))
    mark = page.locator("a.mark.shared", has_text="lit again on Sunday")
    expect(mark).to_have_css("text-decoration-style", "double")
    assert page.locator('.text a[tabindex="0"]').count() == 1
    page.locator('.text a[tabindex="0"]').focus()
    for _ in range(60):
        page.keyboard.press("ArrowDown")
        if page.locator("a.passage-number:focus").count():
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="One passage")).to_be_visible()


def test_a_paste_shows_the_saved_pages_that_share_it_while_a_person_types(visit: Visit) -> None:
    page = visit()
    open_reuse(page)
    page.goto("/")
    page.get_by_label("Page text").fill("\n\n".join(["Something new was said today.", *LATER]))
    listed = page.locator("#shared li")
    expect(listed).to_have_count(3)
    expect(listed.first).to_contain_text("in Lighthouse")
    expect(page.locator("a.mark.shared", has_text="lit again on Sunday")).to_be_visible()
    assert_accessible(page)
    listed.first.locator("div > a").click()
    expect(page.locator("a.mark.shared").first).to_be_visible()


@pytest.mark.parametrize("open_screen", [open_cluster, open_pair])
def test_a_report_opens_from_disk_without_network_and_refers_to_nothing(
    visit: Visit, tmp_path: Path, open_screen: Callable[[Page], None]
) -> None:
    page = visit(accept_downloads=True)
    open_screen(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Report (.html)").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    assert saved.suffix == ".html"

    reader = page.context.browser.new_context(offline=True, java_script_enabled=False)  # type: ignore[union-attr]
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    report = reader.new_page()
    report.goto(saved.as_uri())
    expect(report.get_by_role("heading", name="What the marks mean")).to_be_visible()
    expect(report.get_by_text("lit again on Sunday").first).to_be_visible()
    assert asked == [saved.as_uri()]
    assert report.evaluate("document.querySelectorAll('[src], [href], script').length") == 0
    reader.close()

    reader = page.context.browser.new_context()  # type: ignore[union-attr]
    report = reader.new_page()
    report.goto(saved.as_uri())
    assert_accessible(report)
    reader.close()


def test_the_screens_about_reuse_work_without_javascript(visit: Visit) -> None:
    open_reuse(visit())
    page = visit(java_script_enabled=False)
    open_reuse(page)
    page.get_by_label("Words").fill("20")
    page.get_by_role("button", name="Filter").click()
    assert "words=20" in page.url
    open_pair(page)
    page.locator("#b1 .passage-number").click()
    assert page.url.endswith("#a1")
    expect(page.locator("#steps")).to_be_hidden()
