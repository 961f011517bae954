"""Repetition that is no boilerplate stays: refrains, rows, standing sentences, legal pages, carried stories, quotations.

And boilerplate that does not stand on every page goes all the same.
"""

from collections.abc import Callable, Iterable

import pytest

from detect import Memory, Page, label, learn
from detect.records import Kind

REFRAIN = [
    "Oh row me home, the lamps are low",
    "Row me home where the cold winds blow",
    "The night is long and the tide is slow",
    "Row me home, my dear, row me home",
]
VERSES = [
    [
        "I left my coat on the harbour wall",
        "I left my heart at the dancers' hall",
        "And nobody came when I tried to call",
        "But the gulls on the broken pier",
    ],
    [
        "My mother sold bread by the customs door",
        "My father was lost with the other four",
        "And I swept the sand from the kitchen floor",
        "For the better part of a year",
    ],
    [
        "You said you would write when the ice was gone",
        "You said that a promise would see us on",
        "But the letters stopped with the second swan",
        "And the ferryman shook his head",
    ],
    [
        "So hand me the rope and hand me the light",
        "There is nothing to keep me awake tonight",
        "But a song that we sang when the moon was bright",
        "And a word that was never said",
    ],
]
SONG = [line for verse in VERSES for line in (*verse, *REFRAIN)]

TERMS = """These terms of use govern your use of the website of the Aldmoor Post and of every service that we offer on it. By opening an account you accept them.
1. Who we are
The website is published by the Aldmoor Post Cooperative, a society registered in Aldmoor. You can write to us at the address that is given at the end of this page.
2. Your account
You may open one account, and you must give your own name. You are responsible for everything that is done with it, and you must tell us at once if you believe that somebody else is using it.
3. What you may do with our texts
Our texts, photographs and drawings are protected by copyright. You may read them, print them for yourself and link to them; you may not publish them elsewhere without our written permission.
4. What you send to us
When you send us a letter, a photograph or a comment, you keep all your rights in it. You allow us to publish it on the website and in print, free of charge and as long as we wish.
5. Conduct
You may not use the website to insult or to threaten others, to advertise goods, or to collect the addresses of other readers. We may remove what breaks these rules, and close the account it came from.
6. Liability
We take care that what we publish is right, but we do not promise that it is complete or free of mistakes. We are liable for damage that we cause on purpose or by gross negligence, and for nothing else.
7. Privacy
We keep only those data about you that we need to run your account. The privacy policy says which these are, how long we keep them, and how you can have them deleted.
8. Changes
We may change these terms. We will tell you of any change four weeks before it takes effect, and you may close your account if you do not agree with it.
9. Law and courts
The law of Aldmoor applies to these terms. The courts of Aldmoor decide disputes, unless you live elsewhere and the law of your country lets you choose your own.""".splitlines()


def kinds_of(page: Page, memory: Memory, part: str) -> set[Kind]:
    """The kinds that the characters of `part` have, white space at its ends apart; it stands on the page."""
    found: set[Kind] = set()
    labels = list(label(page, memory))
    start = page.text.find(part)
    assert start >= 0, part
    while start >= 0:
        stop = start + len(part)
        found |= {one.kind for one in labels if one.start < stop and one.stop > start}
        start = page.text.find(part, stop)
    return found


def lost(page: Page, memory: Memory, parts: Iterable[str]) -> list[str]:
    """Those of `parts` that are boilerplate, all or some of them."""
    return [part for part in parts if "boilerplate" in kinds_of(page, memory, part)]


def kept(page: Page, memory: Memory, parts: Iterable[str]) -> list[str]:
    """Those of `parts` that are not boilerplate, all or some of them."""
    return [part for part in parts if kinds_of(page, memory, part) != {"boilerplate"}]


def alone(*lines: str) -> Page:
    """A page around some lines, of a site that nothing is known of."""
    furniture = ["Home", "News", "Songs and tables", "Sign in"]
    ending = ["Share this page", "About us", "Privacy policy", "© 2021 The Aldmoor Post. All rights reserved."]
    return Page("alone", "\n".join([*furniture, *lines, *ending]))


def headed(headline: str, page: Page) -> Page:
    """The page under another headline."""
    return Page(page.id, page.text.replace(page.text.split(" | ")[0], headline), page.site)


@pytest.mark.parametrize("known", [False, True], ids=["alone", "among articles of its site"])
def test_a_refrain_is_content_each_time_it_is_sung(known: bool, make_page, site: list[Page]) -> None:
    if known:
        page = headed("Row Me Home", make_page(50, body=SONG))
        memory = learn([*site, page])
    else:
        page, memory = alone("Row Me Home", *SONG), Memory()
    assert SONG.count(REFRAIN[0]) == 4
    assert lost(page, memory, SONG) == []


SONGS = {
    "Turn, Wheel": (
        ["Turn, wheel, turn for me", "Turn the river into the sea"],
        ["The mill is still and the wheat is down", "There is never a light in the sleeping town"],
        ["The miller is deaf and his donkey lame", "And nobody living recalls his name"],
        ["I gave him a sack and he gave me a stone", "I carried it seven miles home alone"],
    ),
    "One More Dance": (
        ["One more dance before the day", "One more dance and I go away"],
        ["She wore a ribbon of cherry red", "And danced till the fiddler went off to bed"],
        ["He came with a coat that was not his own", "And shoes that were worn to the heel and bone"],
        ["The candles are short and the cider is gone", "The boat with the mail will be leaving at dawn"],
    ),
    "Seven Hills": (
        ["Up and over and down once more", "Who will be waiting behind the door"],
        ["There are seven hills on the road to you", "And I climbed them all in a single shoe"],
        ["The first one was clover, the second was clay", "The third had a shepherd who showed me the way"],
        ["The last was the lowest, and there I could see", "That nobody ever was waiting for me"],
    ),
    "Baker's Morning": (
        ["Knead it and roll it and bake it brown", "Feed the king and feed the clown"],
        ["Old Tom the baker has burned his bread", "He dreamed of the sea and he slept instead"],
        ["His daughter went out with the flour in her hair", "To borrow an oven from over the square"],
        ["By seven the street had a smell of its own", "And Tom had a crust that was harder than stone"],
    ),
    "A Penny": (
        ["Clink, clink, into the well", "Never you ask and I never tell"],
        ["A penny for luck and a penny for rain", "A penny to bring me my brother again"],
        ["The bucket came up with a frog and a spoon", "A button of brass and a piece of the moon"],
        ["I spent all my silver, I spent all my gold", "And nothing came up but the water, cold"],
    ),
}


def test_a_refrain_is_content_on_a_site_of_songs() -> None:
    pages = []
    for name, (refrain, *verses) in SONGS.items():
        around = alone(name, *refrain, *(line for verse in verses for line in (*verse, *refrain)))
        pages.append(Page(name, around.text, "songs.example"))
    memory = learn(pages)
    for page, song in zip(pages, SONGS.values(), strict=True):
        assert page.text.count(song[0][0]) == 4
        assert lost(page, memory, [line for part in song for line in part]) == []


TIDES = [
    "The harbour office has published the tides of this week, and skippers should note that the night of Thursday is a spring tide.",
    *(
        row
        for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
        for row in (
            day,
            "06:12 high water 3.1 m",
            "12:30 low water 0.9 m",
            "18:40 high water 3.2 m",
            "Bridge closed to all boats",
        )
    ),
    "Boats that draw more than two metres have to wait outside the pier when the water is low, said the master of the harbour.",
]


@pytest.mark.parametrize("known", [False, True], ids=["alone", "among articles of its site"])
def test_rows_that_repeat_in_a_table_are_content(known: bool, make_page, site: list[Page]) -> None:
    if known:
        page = headed("Tides of the week", make_page(51, body=TIDES))
        memory = learn([*site, page])
    else:
        page, memory = alone("Tides of the week", *TIDES), Memory()
    assert lost(page, memory, TIDES) == []


def test_a_standing_first_sentence_does_not_drag_its_paragraph_along(make_page, make_article) -> None:
    standing = "Welcome back to Letters from the Pier, our weekly look at life by the water."
    bodies = [make_article(seed) for seed in range(20)]
    pages = [make_page(seed, body=[f"{standing} {body[0]}", *body[1:]]) for seed, body in enumerate(bodies)]
    memory = learn(pages)
    for page, body in zip(pages, bodies, strict=True):
        assert lost(page, memory, body) == []


def test_a_page_of_legal_text_is_content_where_other_pages_have_a_legal_line(make_page, make_article) -> None:
    legal = "By using this website you accept our terms of use and our privacy policy."
    pages = []
    for seed in range(15):
        page = make_page(seed)
        pages.append(Page(page.id, f"{page.text}\n{legal}", page.site))
    page = headed("Terms of use", make_page(60, body=TERMS))
    page = Page(page.id, f"{page.text}\n{legal}", page.site)
    memory = learn([*pages, page])
    assert lost(page, memory, [part for part in TERMS if len(part) > 60]) == []
    assert kept(page, memory, [legal]) == []


def test_headings_of_a_legal_text_are_content(make_page, site: list[Page]) -> None:
    page = headed("Terms of use", make_page(60, body=TERMS))
    assert lost(page, learn([*site, page]), [part for part in TERMS if len(part) <= 60]) == []


SITES = {
    "post": (["Home", "News", "Sport"], ["Share this story", "© 2021 The Post. All rights reserved."]),
    "herald": (["The Herald", "Sections", "Log in"], ["Subscribe to our newsletter", "Contact | Privacy | Jobs"]),
    "wire": (["Wire", "World | Business | Weather", "Search"], ["Follow us", "Terms of use", "Back to top"]),
    "valley": (["Valley Voice", "Menu", "Register"], ["Related stories", "Most read", "Advertise with us"]),
    "bay": (["Bay Today", "Front page", "Events"], ["Leave a comment", "All content © Bay Today"]),
}
CARRIED = [
    "The last lighthouse keeper of the northern coast climbed down for good on Friday, after thirty-one years on the rock.",
    "“I shall miss the birds more than the people,” said Hanne Brook, who is sixty-four and has never owned a car.",
    "The lamp has worked without hands since spring, when the coast office put in a motor that is watched from the mainland.",
    "Mrs Brook will live with her sister in Aldmoor, in a house that stands, as she points out, without any view of the sea.",
    "The office has not decided what will become of her rooms, but it has received more than two hundred letters about them.",
]


def carrying(site: str, body: list[str], number: int) -> Page:
    above, below = SITES[site]
    return Page(f"{site}/{number}", "\n".join([*above, *body, *below]), f"{site}.example")


@pytest.mark.parametrize("together", [True, False], ids=["learned together", "each with its own pages"])
def test_a_story_that_five_sites_carry_is_content_on_all_of_them(together: bool, make_article) -> None:
    pages = {
        site: [carrying(site, CARRIED, 0)] + [carrying(site, make_article(100 * i + j), j + 1) for j in range(7)]
        for i, site in enumerate(SITES)
    }
    everything = learn(page for some in pages.values() for page in some)
    for some in pages.values():
        memory = everything if together else learn(some)
        assert lost(some[0], memory, CARRIED) == []


def test_a_story_that_five_sites_carry_is_content_where_it_is_all_they_have() -> None:
    pages = [carrying(site, CARRIED, 0) for site in SITES]
    memory = learn(pages)
    for page in pages:
        assert lost(page, memory, CARRIED) == []


QUOTATION = "“A harbour is a promise that the sea has not yet broken”"


@pytest.fixture
def quoting(make_page: Callable[..., Page], make_article: Callable[..., list[str]]) -> list[tuple[Page, str, str]]:
    """Forty pages, each with a paragraph that has the quotation inside; what stands before it there, and after it."""
    pages = []
    for seed in range(40):
        body = make_article(seed)
        place = 1 + seed % 3
        first, _, rest = body[place].partition(". ")
        body[place] = f"{first}. It was Ada Verrin who said {QUOTATION}, long ago. {rest}"
        pages.append((make_page(seed, body=body), f"{first}.", rest))
    return pages


def test_a_paragraph_around_a_famous_quotation_is_content(quoting: list[tuple[Page, str, str]]) -> None:
    memory = learn(page for page, _, _ in quoting)
    for page, before, after in quoting:
        assert lost(page, memory, [before, after]) == []


def test_a_famous_quotation_inside_a_paragraph_is_content(quoting: list[tuple[Page, str, str]]) -> None:
    memory = learn(page for page, _, _ in quoting)
    gone = [page.id for page, _, _ in quoting if lost(page, memory, [QUOTATION])]
    assert gone == []


def test_a_quotation_on_some_pages_is_content(quoting: list[tuple[Page, str, str]], make_page) -> None:
    some = quoting[:5]
    memory = learn([*(page for page, _, _ in some), *(make_page(seed) for seed in range(100, 135))])
    for page, before, after in some:
        assert lost(page, memory, [before, QUOTATION, after]) == []


def test_boilerplate_that_changed_half_way_is_boilerplate_in_both_halves(make_page, make_article) -> None:
    winter = "Sign up for our winter letter and never miss a ferry again"
    summer = "Regatta week is here: book your seat on the stand"
    pages = []
    for seed in range(24):
        page = make_page(seed)
        pages.append(Page(page.id, f"{winter if seed < 12 else summer}\n{page.text}", page.site))
    memory = learn(pages)
    for number, page in enumerate(pages):
        assert kept(page, memory, [winter if number < 12 else summer]) == []
        assert lost(page, memory, make_article(number)) == []


def test_a_footer_that_changed_half_way_is_boilerplate_in_both_halves(make_page) -> None:
    old = (
        "The Post is printed by the Aldmoor Post Cooperative, Mill Street 4, and is delivered on six days of the week."
    )
    new = "The Post is a member of the Northern Press Union and follows its code; complaints go to the ombudsman in Aldmoor."
    pages = []
    for seed in range(24):
        page = make_page(seed)
        pages.append(Page(page.id, f"{page.text}\n{old if seed < 12 else new}", page.site))
    memory = learn(pages)
    for number, page in enumerate(pages):
        assert kept(page, memory, [old if number < 12 else new]) == []


SECTION = [
    "More from the harbour desk",
    "Tides, ferries and fishing: write to us at the old customs house if you know something that we should know.",
    "Harbour letters are sent every Thursday",
]


def test_boilerplate_of_a_section_is_boilerplate_on_its_pages(make_page, make_article) -> None:
    pages = []
    for seed in range(40):
        page = make_page(seed)
        more = "".join(f"\n{line}" for line in SECTION) if seed % 10 == 3 else ""
        pages.append(Page(page.id, page.text + more, page.site))
    memory = learn(pages)
    for number in (3, 13, 23, 33):
        assert kept(pages[number], memory, SECTION) == []
        assert lost(pages[number], memory, make_article(number)) == []
