import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import Cut, Memory, Page, Place, clean, label
from detect.records import Labels

MENU = "Home\nNews\nShare\nTweet\n"
STORY = "The old pier was opened again on Monday, and people came. " * 4
KEPT = Place("elsewhere", 3, 60)


def test_cuts_that_touch_are_one_cut(site) -> None:
    page = Page("menu", "Home\nNews\nShare\nTweet\n" + "The old pier was opened again on Monday, and people came. " * 4)
    cleaned = clean(page, label(page, Memory()))
    assert [(cut.start, cut.stop) for cut in cleaned.cuts] == [(0, page.text.index("The old"))]
    assert cleaned.text == page.text[page.text.index("The old") :]


def test_labels_of_another_text_are_refused() -> None:
    labels = label(Page("a", "Some text."), Memory())
    with pytest.raises(ValueError, match="10 characters, not 16"):
        clean(Page("b", "Some other text."), labels)


def test_labels_come_back_from_their_bytes() -> None:
    labels = label(Page("a", "Home\nThe old pier was opened again on Monday, and many people came.\n"), Memory())
    assert Labels.unpack(labels.pack()) == labels
    assert Labels.unpack(labels.pack()).pack() == labels.pack()
    assert labels.share("boilerplate") + labels.share("content") + labels.share("title") == 1


def test_copies_are_cut_beside_boilerplate_and_say_where_the_text_is_kept() -> None:
    page = Page("menu", MENU + STORY)
    start = len(MENU)
    copy = Cut(start + 58, start + 116, "reused", KEPT)
    cleaned = clean(page, label(page, Memory()), [copy])
    assert cleaned.cuts == (Cut(0, start, "boilerplate"), copy)
    assert cleaned.text == STORY[:58] + STORY[116:]


def test_what_is_boilerplate_and_a_copy_is_cut_once_as_boilerplate() -> None:
    page = Page("menu", MENU + STORY)
    start = len(MENU)
    labels = label(page, Memory())
    assert clean(page, labels, [Cut(0, start, "reused", KEPT)]) == clean(page, labels)
    assert clean(page, labels, [Cut(5, start + 58, "reused", KEPT)]).cuts == (
        Cut(0, start, "boilerplate"),
        Cut(start, start + 58, "reused", KEPT),
    )


def test_a_copy_around_boilerplate_is_cut_on_both_sides_of_it() -> None:
    text = f"{STORY}\nShare this\nPrivacy policy\nAll rights reserved.\n{STORY}"
    page = Page("middle", text)
    labels = label(page, Memory())
    (middle,) = (cut for cut in clean(page, labels).cuts if "Privacy" in text[cut.start : cut.stop])
    cuts = clean(page, labels, [Cut(58, len(text) - 58, "reused", KEPT)]).cuts
    reused = [(cut.start, cut.stop) for cut in cuts if cut.kind == "reused"]
    assert reused[0] == (58, middle.start)
    assert middle in cuts
    assert all(cut.kept == (KEPT if cut.kind == "reused" else None) for cut in cuts)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 90)), max_size=6))
def test_cuts_tile_the_page_with_what_is_kept_whichever_copies_are_asked_for(asked) -> None:
    page = Page("page", f"{MENU}{STORY}\nShare this\nPrivacy policy\n© 2021 The Post. All rights reserved.\n")
    labels = label(page, Memory())
    copies = [Cut(a, min(a + n, len(page.text)), "reused", KEPT) for a, n in asked if a < len(page.text)]
    cleaned = clean(page, labels, copies)
    assert all(cut.start < cut.stop for cut in cleaned.cuts)
    assert all(one.stop <= other.start for one, other in zip(cleaned.cuts, cleaned.cuts[1:], strict=False))
    cut = {at for one in cleaned.cuts for at in range(one.start, one.stop)}
    assert cut == {at for one in (*clean(page, labels).cuts, *copies) for at in range(one.start, one.stop)}
    assert cleaned.text == "".join(char for at, char in enumerate(page.text) if at not in cut)
    assert [one for one in cleaned.cuts if one.kind == "boilerplate"] == list(clean(page, labels).cuts)
