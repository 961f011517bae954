"""What people come for, in a real browser: paste, upload, watch, look, read a reason, download."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from webapp.samples import sample_archive

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]

ARTICLE = """Home | News | Weather | Letters | Sign in

The harbour gate stays shut another week

The harbour gate will stay shut for another week, the council said on Monday, because the new hinge does not fit.

"We measured it twice and ordered it once," said the harbour master, who has been asked to measure it again.

Share this story on your favourite network

© 2024 The Harbour Post. All rights reserved."""


def assert_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def assert_narrow_enough(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def wait_for_sample(page: Page) -> None:
    """Opens the sample collection when its job has ended."""
    page.goto("/collections")
    page.get_by_role("link", name=re.compile("Sample")).click()
    expect(page.locator("#list, a.button:has-text('Look at the pages')").first).to_be_visible(timeout=120_000)
    page.goto("/collections/1")
    expect(page.locator("#job")).to_have_count(0, timeout=120_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_main_job(visit: Visit, scheme: str, tmp_path: Path) -> None:
    page = visit(color_scheme=scheme, accept_downloads=True, reduced_motion="reduce")

    page.goto("/")
    assert_accessible(page)
    page.get_by_label("Page text").fill(ARTICLE)  # nothing is pressed: the marks come by themselves
    expect(page.locator("#pasted a.mark.boilerplate", has_text="Share this story")).to_be_visible()
    page.locator("a.mark", has_text="We measured it twice").click()
    expect(page.locator("#reason .verdict")).to_contain_text("Content")
    assert_accessible(page)

    page.goto("/collections")
    assert_accessible(page)
    page.get_by_label("New collection").fill(f"Two newsrooms, {scheme}")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="Upload pages")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Files").set_input_files(
        [
            {"name": "news.zip", "mimeType": "application/zip", "buffer": sample_archive()},
            {"name": "broken.zip", "mimeType": "application/zip", "buffer": b"PK\x03\x04 and nothing more"},
        ]
    )
    page.get_by_role("button", name="Upload").click()

    expect(page.locator("#job")).to_be_visible()
    assert_accessible(page)
    expect(page.get_by_text("Done.")).to_be_visible(timeout=120_000)  # the page itself was not loaded anew
    assert_accessible(page)
    page.get_by_role("link", name="1 file could not be read").click()
    expect(page.get_by_role("rowheader", name="broken.zip")).to_be_visible()
    assert_accessible(page)

    page.go_back()
    page.get_by_role("link", name="Look at the pages").click()
    assert_accessible(page)
    page.get_by_label("Search").press_sequentially("the")
    expect(page).to_have_url(re.compile("search=the"))
    page.get_by_role("link", name="Boilerplate", exact=True).click()
    expect(page).to_have_url(re.compile("sort=boilerplate&order=down"))
    page.locator("tbody th a").first.click()
    expect(page.locator(".text .line").first).to_be_visible()
    assert_accessible(page)

    page.locator("a.mark.boilerplate", has_text="All rights reserved").first.click()
    reason = page.locator("#reason")
    expect(reason.locator(".verdict")).to_contain_text("Boilerplate")
    expect(reason).to_contain_text(re.compile(r"On \d+ of \d+ different pages of"))
    expect(reason.locator(".sources a")).to_have_count(3)
    expect(page).to_have_url(re.compile(r"why=\d+"))
    assert_accessible(page)

    for name in ("Cleaned", "Removed only", "Marked"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.locator(f".readings a[aria-current]:has-text('{name}')")).to_be_visible()
        assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Cleaned text (.txt)").click()
    saved = tmp_path / "page.txt"
    download.value.save_as(saved)
    assert "All rights reserved" not in saved.read_text(encoding="utf-8")
    assert len(saved.read_text(encoding="utf-8")) > 500

    page.locator(".facts a").first.click()
    expect(page.locator(".block").first).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="All sites").click()
    assert_accessible(page)
    page.goto("/nowhere")
    assert_accessible(page)


def test_everything_works_without_javascript(visit: Visit) -> None:
    page = visit(java_script_enabled=False)
    wait_for_sample(page)
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="Cleaned", exact=True).click()
    assert "reading=cleaned" in page.url
    page.get_by_role("link", name="Marked", exact=True).click()
    page.locator("a.mark.boilerplate").first.click()
    expect(page.locator("#reason .verdict")).to_contain_text("Boilerplate")

    page.goto("/")
    page.get_by_label("Page text").fill(ARTICLE)
    page.get_by_role("button", name="Mark the page").click()
    page.locator("a.mark", has_text="Share this story").click()
    expect(page.locator("#reason .why:target .verdict")).to_contain_text("Boilerplate")


def test_the_text_is_one_tab_stop_and_arrow_keys_go_on_from_there(visit: Visit) -> None:
    page = visit()
    wait_for_sample(page)
    page.locator("tbody th a").first.click()
    assert page.locator('a.mark[tabindex="0"]').count() == 1
    page.locator('a.mark[tabindex="0"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("a.mark:focus")).to_have_attribute("id", "m2")
    expect(page.locator("#reason .verdict")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("a.mark:focus")).to_have_count(0)


def test_the_strip_is_no_higher_than_the_text(visit: Visit) -> None:
    page = visit()
    page.goto("/")
    page.get_by_label("Page text").fill("One line of text that ends here.")
    strip, text = (page.locator(selector).bounding_box() for selector in (".strip", "#pasted .text"))
    assert strip is not None and text is not None
    assert 0 < strip["height"] <= text["height"]


def test_adding_to_no_collection_keeps_the_paste_and_goes_to_the_choice(visit: Visit) -> None:
    page = visit(viewport={"width": 360, "height": 740})
    page.goto("/")
    page.get_by_label("Page text").fill(ARTICLE)
    page.get_by_role("button", name="Add to the collection").click()
    expect(page.get_by_label("Collection")).to_be_focused()
    expect(page.locator("#missing")).to_be_in_viewport()
    expect(page.get_by_label("Page text")).to_have_value(ARTICLE)
    assert_accessible(page)
    assert_narrow_enough(page)


def test_the_strip_jumps_to_where_its_band_is(visit: Visit) -> None:
    page = visit(viewport={"width": 1200, "height": 500})
    wait_for_sample(page)
    page.locator("tbody th a").first.click()
    page.locator(".strip a").last.click()
    assert page.evaluate("window.scrollY") > 300


def test_a_folder_keeps_the_names_of_its_folders(visit: Visit, tmp_path: Path) -> None:
    for site in ("harbour.example", "valley.example"):
        (tmp_path / "crawl" / site).mkdir(parents=True)
        (tmp_path / "crawl" / site / "page.txt").write_text(ARTICLE, encoding="utf-8")
    page = visit()
    page.goto("/collections")
    page.get_by_label("New collection").fill("A folder")
    page.get_by_role("button", name="Create").click()
    page.get_by_label("A folder").set_input_files(tmp_path / "crawl")
    expect(page.locator("#chosen")).to_contain_text("2 files")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Done. 2 pages of 2 sites")).to_be_visible(timeout=120_000)


def test_no_screen_is_wider_than_a_phone(visit: Visit) -> None:
    page = visit(viewport={"width": 360, "height": 740}, has_touch=True)
    wait_for_sample(page)
    for path in ("/", "/collections", "/collections/1", "/collections/1/upload", "/collections/1/sites", "/jobs/1"):
        page.goto(path)
        assert_narrow_enough(page)
    page.goto("/collections/1/sites")
    page.locator("tbody th a").first.click()
    assert_narrow_enough(page)
    page.goto("/collections/1")
    page.locator("tbody th a").first.click()
    page.locator("a.mark").nth(3).click()
    expect(page.locator("#reason .verdict")).to_be_in_viewport()
    assert_narrow_enough(page)


def test_a_server_that_is_gone_is_said(visit: Visit) -> None:
    page = visit()
    page.goto("/")
    page.context.set_offline(True)
    page.get_by_label("Page text").fill(ARTICLE)
    expect(page.get_by_role("alert")).to_contain_text("Is it still running?")
    page.context.set_offline(False)
    page.get_by_label("Page text").fill(ARTICLE + "\n\nMore.")
    expect(page.locator("a.mark").first).to_be_visible()
    expect(page.get_by_role("alert")).to_be_empty()
