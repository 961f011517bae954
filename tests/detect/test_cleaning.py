import pytest

from detect import Memory, Page, clean, label
from detect.records import Labels


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
