from detect import Memory, Page, label, learn, sources_of

PASTED = """arrow left-iconarrow right-iconbell-iconcalendar-iconcamera-iconchevron up-iconclose-iconedit-iconfb-icongear-icon
14 May, 2021 08:05

Night ferry to Brackwater returns after three winters, and the island’s bakers are ready for it

Night ferry to Brackwater returns after three winters, and the island’s bakers are ready for it

The first night ferry in three years left the harbour on Monday with forty passengers, two dogs and a piano. It is the only crossing after eight in the evening.

“We had almost forgotten the sound of the horn,” said Ilse Marrow, who has sold bread at the pier since 1988. “Then it came, and the whole street went to the window.”

The council had stopped the service when the old ship failed its inspection, and the search for another took longer than anyone had planned, because the pier is short and the tide is not.

Did you enjoy this story? Share it with a friend!

Podcasts
0:00
21:40
0:00
33:02"""


def kinds(page: Page, memory: Memory) -> list[tuple[str, str]]:
    return [(one.kind, page.text[one.start : one.stop].strip()[:20]) for one in label(page, memory)]


def test_a_pasted_page_is_told_apart_with_nothing_learned() -> None:
    assert [kind for kind, _ in kinds(Page("paste", PASTED), Memory())] == (
        ["boilerplate"] * 2 + ["title", "boilerplate"] + ["content"] * 3 + ["boilerplate"] * 6
    )


def test_the_headline_is_kept_once_and_its_repetition_marked() -> None:
    labels = label(Page("paste", PASTED), Memory())
    assert [one.repeat for one in labels][2:4] == [False, True]


def test_the_headline_of_flattened_html_is_the_one_above_the_text(site) -> None:
    memory = learn(site)
    for page in site:
        titles = [page.text[one.start : one.stop].strip() for one in label(page, memory) if one.kind == "title"]
        assert titles == [page.text.split(" | ")[0]]


def test_sources_of_a_mark_are_other_pages_that_have_it(site) -> None:
    memory = learn(site)
    page = site[0]
    mark = next(one for one in label(page, memory) if page.text[one.start :].startswith("Like this"))
    sources = sources_of(page, mark, memory)
    assert len(sources) == 3
    assert page.id not in sources
    assert set(sources) <= {other.id for other in site}


def test_sources_name_the_pages_that_have_a_rare_line(site) -> None:
    note = "\nOpinions are those of the writer alone, not ours."
    marked = [Page(page.id, page.text + note, page.site) for page in site[:3]]
    memory = learn(marked + site[3:])
    mark = list(label(marked[0], memory))[-1]
    assert set(sources_of(marked[0], mark, memory)) == {marked[1].id, marked[2].id}


def test_a_line_with_a_slot_is_learned_by_how_it_begins(make_page, make_article, make_headline) -> None:
    pages = []
    for seed in range(8):
        body = make_article(seed)
        body.insert(2, f"Also on post.example {make_headline(seed)}")
        pages.append(make_page(seed, body=body))
    memory = learn(pages)
    for page in pages:
        mark = next(one for one in label(page, memory) if page.text[one.start :].startswith("Also on"))
        assert mark.kind == "boilerplate"


def test_workers_learn_what_one_learns(site) -> None:
    assert learn(site, workers=2).pack() == learn(site).pack()
