from detect import Block, Page, find_blocks, label, learn


def shown(block: Block) -> str:
    return "".join(f"⟨{piece.text}⟩" if piece.slot else piece.text for piece in block.template)


def blocks_of(pages: list[Page]) -> list[Block]:
    memory = learn(pages)
    return list(find_blocks((page, label(page, memory)) for page in pages))


def test_each_block_is_listed_once_with_its_pages(site) -> None:
    blocks = blocks_of(site)
    menus = [block for block in blocks if "Sign in to your account" in shown(block)]
    assert [shown(block) for block in menus] == ["Home\nNews\nSport\nSign in to your account"]
    assert (menus[0].pages, menus[0].of) == (12, 12)
    assert len({shown(block) for block in blocks}) == len(blocks)


def test_numbers_and_dates_are_slots(make_page) -> None:
    months = ["Jan", "Feb", "Mar", "Apr"]
    pages = [
        Page(str(seed), make_page(seed).text.replace("Nov,", f"{months[seed % 4]},"), "post.example")
        for seed in range(12)
    ]
    templates = {shown(block) for block in blocks_of(pages)}
    assert "⟨00⟩ comments" in " ".join(templates).replace("⟨000⟩", "⟨00⟩").replace("⟨0⟩", "⟨00⟩")
    dates = [template for template in templates if template.count("00:00")]
    assert len(dates) == 1
    assert dates[0].startswith("⟨") and dates[0].endswith("⟩")


def test_a_line_that_goes_on_differently_is_fixed_words_and_a_slot(make_page, make_article, make_headline) -> None:
    pages = []
    for seed in range(8):
        body = make_article(seed)
        body.insert(2, f"Also on post.example {make_headline(seed)}")
        pages.append(make_page(seed, body=body))
    slots = [block for block in blocks_of(pages) if shown(block).startswith("Also on post.example ⟨")]
    assert [block.pages for block in slots] == [8]


def test_variants_of_a_block_are_one_block(make_page) -> None:
    icons = ["bell icon", "camera icon", "close icon", "edit icon", "gear icon", "heart icon", "lock icon", "mail icon"]
    pages = []
    for seed in range(12):
        listed = icons if seed % 3 else icons[:4] + icons[5:]
        pages.append(Page(str(seed), " ".join(listed) + "\n" + make_page(seed).text, "post.example"))
    lists = [block for block in blocks_of(pages) if "camera icon" in shown(block)]
    assert len(lists) == 1
    assert lists[0].pages == 12
    assert [(variant.text, variant.pages) for variant in lists[0].variants] == [(" ".join(icons[:4] + icons[5:]), 4)]


def test_examples_say_where_the_block_stands(site) -> None:
    texts = {page.id: page.text for page in site}
    for block in blocks_of(site):
        assert 1 <= len(block.examples) <= 3
        for page_id, span in block.examples:
            first = block.template[0]
            if not first.slot:
                assert texts[page_id][span.start : span.stop].startswith(first.text.split("\n")[0])


def test_the_order_of_pages_changes_nothing(site) -> None:
    assert blocks_of(site) == blocks_of(list(reversed(site)))


def test_articles_are_no_blocks(site, make_article) -> None:
    listed = " ".join(shown(block) for block in blocks_of(site))
    assert not any(paragraph[:30] in listed for seed in range(12) for paragraph in make_article(seed))


def test_what_varies_under_a_line_is_a_slot_of_it(make_page, make_headline) -> None:
    pages = []
    for seed in range(12):
        teasers = "\n".join(f"{make_headline((seed * 2 + number) % 12)}" for number in range(3))
        pages.append(
            Page(str(seed), f"{make_page(seed).text}\nMost read today\n{teasers}\nHarbour tides and times", "p.example")
        )
    blocks = blocks_of(pages)
    teased = [block for block in blocks if "Most read today" in shown(block)]
    assert [shown(block).split("\n")[-1][0] for block in teased] == ["⟨"]
    assert teased[0].pages == 12
    assert not any(
        make_headline(number) in shown(block).split("Most read")[0] for block in blocks for number in range(6)
    )


def test_a_headline_inside_a_line_does_not_draw_the_line_to_other_headlines(
    make_page, make_article, make_headline
) -> None:
    pages = []
    for seed in range(8):
        body = make_article(seed)
        body.insert(2, f"Also on post.example {make_headline(seed)}")
        page = make_page(seed, body=body)
        pages.append(
            Page(page.id, f"{page.text}\n{make_headline((seed + 1) % 8)}\n{make_headline((seed + 2) % 8)}", page.site)
        )
    slots = [block for block in blocks_of(pages) if shown(block).startswith("Also on post.example ⟨")]
    assert [block.pages for block in slots] == [8]


def test_a_date_and_a_time_are_two_things(make_page) -> None:
    pages = [
        Page(page.id, f"{page.text}\n0:00\n25:1{seed % 9}", page.site)
        for seed in range(12)
        for page in [make_page(seed)]
    ]
    templates = [line for block in blocks_of(pages) for line in shown(block).split("\n")]
    assert any("Nov" in line for line in templates)
    assert "⟨0:00⟩" in templates
