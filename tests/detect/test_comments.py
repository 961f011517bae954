"""What readers wrote under a page's text: boilerplate, and content for those who ask for it."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from detect import Memory, Page, clean, comments, label, learn, lines, words
from detect.recurrence import Recurrence
from detect.shingles import line_keys

ARTICLE = [
    "The first night ferry in three years left the harbour on Monday with forty passengers, two dogs and a piano.",
    "“We had almost forgotten the sound of the horn,” said Ilse Marrow, who has sold bread at the pier since 1988.",
    "The council had stopped the service when the old ship failed its inspection, and the search took longer than planned.",
]
ENGLISH = [
    "I was on the first crossing and it was wonderful. The crew had hot tea for everyone.",
    "Let us hope it lasts longer than the last one did.",
    "Great news!",
]
GERMAN = [
    "Endlich, darauf haben wir lange gewartet. Hoffentlich bleibt der Preis so niedrig.",
    "Mein Großvater hat noch auf der alten Fähre gearbeitet, er würde sich freuen.",
]
JAPANESE = [
    "やっと再開されてうれしいです。来週家族で乗ってみます。",
    "値段がもう少し安ければ毎日使うのにと思いました。",
]
RUSSIAN = [
    "Наконец-то, мы так долго этого ждали. Надеюсь, что цена останется такой же низкой.",
    "Мой дед ещё работал на старом пароме, он был бы рад.",
]
FOOT = ["Contact us", "Terms of use", "Privacy policy", "© 2020 Harbour Post. All rights reserved."]


def page_of(*lines_: str) -> Page:
    head = [
        "Night ferry to Brackwater returns | Harbour Post",
        "Home",
        "News",
        "Sport",
        "Night ferry to Brackwater returns",
    ]
    return Page("p", "\n".join([*head, "By Jane Doe", "3 Nov, 2020 12:22", *ARTICLE, "Share", "Tweet", *lines_]))


def section(texts: list[str], reply: str, date: str = "3 Nov, 2020 13:05") -> list[str]:
    """Comments as they stand on a page: name, date, text, and the offer to reply."""
    return [line for i, text in enumerate(texts) for line in (f"Salt{i}", date, text, *([reply] if reply else []))]


def comments_of(page: Page) -> list[str]:
    """The lines of a page that are comments, where its article is content and all else rather boilerplate."""
    split = words.split(page.text)
    texts = [page.text[start:stop].strip() for start, stop in itertools.pairwise(split.lines)]
    none = np.zeros(len(texts), np.int32)
    votes = Recurrence(words=np.zeros(len(split.hashes), np.int32), keys=none, heads=none, of=0, own=0)
    odds = np.array([-2 if text in ARTICLE else 1 for text in texts], np.float32)
    found = comments.written(page.text, split, lines.shapes(split), line_keys(split), votes, odds)
    return [texts[line] for line in np.flatnonzero(found)]


def kept(page: Page, *, keep_comments: bool = True) -> list[str]:
    """The lines of a page that are content for being comments."""
    labels = label(page, Memory(), keep_comments=keep_comments)
    return [
        page.text[one.start : one.stop].strip()
        for one in labels
        if one.kind == "content" and any(reason.name == "comments" for reason in one.reasons)
    ]


def content_of(page: Page) -> list[str]:
    return clean(page, label(page, Memory(), keep_comments=True)).text.split("\n")


@pytest.mark.parametrize(
    ("heading", "texts", "reply", "date", "other"),
    [
        ("3 comments", ENGLISH, "Reply", "3 Nov, 2020 13:05", "Related stories"),
        ("Comments (3)", ENGLISH, "", "2 hours ago", "You might also want to read"),
        (
            "3 thoughts on “Night ferry to Brackwater returns”",
            ENGLISH,
            "Reply",
            "3 Nov, 2020 13:05",
            "More from this site",
        ),
        ("Leave a reply", ENGLISH, "Reply", "3 Nov, 2020 13:05", "Related stories"),
        ("2 Kommentare", GERMAN, "Antworten", "vor 3 Stunden", "Das könnte Sie auch interessieren"),
        ("コメント（2件）", JAPANESE, "返信", "2025年1月13日 13:05", "関連記事"),
        ("Комментарии", RUSSIAN, "Ответить", "3 ноября 2020, 13:05", "Читайте также"),
    ],
)
def test_comments_under_a_heading_are_found_in_many_languages(heading, texts, reply, date, other) -> None:
    teasers = ["Bakers of the island prepare for winter", "Pier to be repaired before spring, says the council."]
    page = page_of(heading, *section(texts, reply, date), other, *teasers, *FOOT)
    assert comments_of(page) == texts
    assert set(kept(page)) <= set(texts) <= set(content_of(page))


@pytest.mark.parametrize(
    ("texts", "reply"), [(ENGLISH, "Reply"), (GERMAN, "Antworten"), (JAPANESE, "返信"), (RUSSIAN, "Ответить")]
)
def test_comments_without_a_heading_are_told_by_their_rhythm(texts, reply) -> None:
    page = page_of(*section(texts, reply), *FOOT)
    assert comments_of(page) == texts
    assert set(kept(page)) <= set(texts) <= set(content_of(page))


def test_one_offer_to_reply_is_no_rhythm() -> None:
    assert comments_of(page_of(*section(ENGLISH[:1], "Reply"), *FOOT)) == []


def test_the_posts_of_a_thread_are_content() -> None:
    posts = [
        "I took the boat out of the shed last week and now the engine does not even turn over. The battery is new.",
        "Check the ground cable first. On mine it was so corroded that no current got through at all.",
        "It was the ground cable indeed. Thank you, you saved me a lot of money!",
    ]
    thread = ["Engine will not start after winter - Boat Owners Forum", "Members", "Log in", "Engine will not start"]
    for number, post in enumerate(posts):
        thread += ["salty_dog", "Joined: May 2015", f"Posts: {number}", "3 Nov 2020, 12:22", post, "Quote", "Reply"]
    page = Page("t", "\n".join([*thread, "Similar threads", "Which anchor for mud", *FOOT]))
    assert comments_of(page) == posts
    assert set(posts) <= set(content_of(page))


def test_with_the_setting_off_nothing_changes() -> None:
    page = page_of("3 comments", *section(ENGLISH, "Reply"), *FOOT)
    assert label(page, Memory(), keep_comments=False) == label(page, Memory())
    assert kept(page, keep_comments=False) == []


def test_with_the_setting_on_nothing_changes_but_the_comments() -> None:
    page = page_of("3 comments", *section(ENGLISH, "Reply"), *FOOT)
    off = {one.span: one for one in label(page, Memory())}
    for one in label(page, Memory(), keep_comments=True):
        text = page.text[one.start : one.stop].strip()
        assert text in ENGLISH or one == off[one.span]


def test_a_page_without_comments_is_the_same_with_the_setting() -> None:
    page = page_of("Related stories", "Bakers of the island prepare for winter", *FOOT)
    assert label(page, Memory(), keep_comments=True) == label(page, Memory())


def test_the_reasons_of_a_comment_add_up_to_its_probability() -> None:
    for one in label(page_of("3 comments", *section(ENGLISH, "Reply"), *FOOT), Memory(), keep_comments=True):
        total = sum(reason.weight for reason in one.reasons)
        assert one.probability == pytest.approx(1 / (1 + np.exp(-total)))
        if any(reason.name == "comments" for reason in one.reasons):
            assert one.kind == "content" and one.probability > 0.8


def test_the_form_the_rules_and_the_foot_of_the_page_are_no_comments() -> None:
    form = [
        "Leave a reply",
        "Your email address will not be published. Required fields are marked *",
        "Save my name, email, and website in this browser for the next time I comment.",
        "This site uses Akismet to reduce spam.",
        "About this paper",
        "The Harbour Post is written and printed on the Ropewalk by people who have never been to sea.",
    ]
    assert comments_of(page_of("3 comments", *section(ENGLISH, "Reply"), *form, *FOOT)) == ENGLISH


def test_what_recurs_on_the_site_is_no_comment(make_page, make_article) -> None:
    rules = "We ask you to be kind to one another, and to the editor who has to read all this."
    pages = []
    for seed in range(8):
        own = make_article(seed + 100)[:2]
        pages.append(make_page(seed, body=[*make_article(seed), "Comments", *section([rules, *own], "Reply")]))
    labels = label(pages[0], learn(pages), keep_comments=True)
    told = [pages[0].text[one.start : one.stop] for one in labels if any(r.name == "comments" for r in one.reasons)]
    assert [text.strip() for text in told if rules in text] == []
    assert len(told) == 2


def test_a_link_to_the_comments_above_the_text_opens_nothing() -> None:
    head = [
        "Night ferry returns",
        "12 comments",
        "By Jane Doe",
        "3 Nov, 2020 12:22",
        "The night ferry is back at last.",
    ]
    assert comments_of(Page("p", "\n".join([*head, *ARTICLE, *FOOT]))) == []


@pytest.mark.parametrize(
    "text", ["", "\n", "Reply", "Reply\nReply\nReply", "Comments\n", "\ud800\nReply\n\ud800", "12 comments"]
)
def test_a_page_of_next_to_nothing_has_no_comments(text) -> None:
    assert comments_of(Page("p", text)) == []


@pytest.mark.parametrize(
    "block",
    ["Reply\n", "Old Salt\n3 Nov 2020\nIt was wonderful, I was there.\nReply\n", "12 comments\nIt was. 3 Nov\n"],
)
def test_a_page_of_any_length_takes_time_in_line_with_it(block: str) -> None:
    comments_of(Page("p", block * 10))
    start = time.perf_counter()
    comments_of(Page("p", block * (2_000_000 // len(block))))
    assert time.perf_counter() - start < 8
