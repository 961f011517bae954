from __future__ import annotations

import csv
import io
import itertools
import json
import random
import sqlite3
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from invented import WORDS, story, upload, wire

import detect
from detect import Page
from webapp import batches
from webapp.actions import Actions
from webapp.comparing import ReuseRun
from webapp.config import Config
from webapp.downloads import reuse_csv_bytes
from webapp.records import Invalid, NotFound, OpenPage, PageQuery, ReuseQuery
from webapp.samples import sample_archive
from webapp.store import PassageRow, PassageSide, Store

Work = Callable[[], None]

_QUOTED = (
    "“The channel has never been as shallow as it is this spring, and I have taken ships over that bar for thirty years"
    " without touching it once, so do not tell me that a little boat will do.”"
)

SITES = ("quay.example", "harbour.example", "mill.example", "pier.example", "lock.example")


def carried(*sites: str, paragraphs: int = 3) -> list[Page]:
    """An agency's story as these sites carry it, the first site first."""
    return [
        Page(f"wire {site}", wire(site, paragraphs), site, date=f"2021-04-{day:02}")
        for day, site in enumerate(sites, 9)
    ]


def around(site: str, first: int, stop: int) -> list[Page]:
    """Pages of a site that share nothing with anybody's but the page around them."""
    return [Page(f"{site} {number}", story(number, site), site) for number in range(first, stop)]


def quoting(site: str, *numbers: int) -> list[Page]:
    """Pages of a site, undated, that tell three stories each, other ones, and the same words of a pilot."""
    pages = []
    for number in numbers:
        first, second, third = (story(number + more, site).split("\n") for more in range(3))
        answer = "Nobody laughed." if number else "Somebody coughed."
        text = "\n".join([*first[:2], *first[3:5], _QUOTED, answer, *second[3:5], *third[3:]])
        pages.append(Page(f"pilot {number}", text, site))
    return pages


def lines(pages: list[Page]) -> bytes:
    """Pages as JSON lines."""
    names = ("id", "site", "text", "date")
    return "\n".join(json.dumps({name: getattr(page, name) for name in names}) for page in pages).encode()


@pytest.fixture
def add(actions: Actions, work: Work) -> Callable[[int, list[Page]], None]:
    """Uploads pages to a collection and does the work."""

    def uploaded(collection: int, pages: list[Page]) -> None:
        actions.upload(collection, [upload("pages.jsonl", lines(pages))])
        work()

    return uploaded


Add = Callable[[int, list[Page]], None]


@pytest.fixture
def coast(actions: Actions, add: Add) -> int:
    """A collection with a story that three sites carry, each with pages of its own."""
    collection = actions.create_collection("Coast").id
    add(collection, [*carried(*SITES[:3]), *around("quay.example", 0, 4), *around("harbour.example", 4, 8)])
    return collection


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The pairs of pages that the engine is asked to compare, as it is asked."""
    pairs: list[tuple[str, str]] = []
    compare = detect.compare

    def counting(one: detect.Prepared, other: detect.Prepared) -> tuple[detect.Passage, ...]:
        a, b = sorted((one.page.id, other.page.id))
        pairs.append((a, b))
        return compare(one, other)

    monkeypatch.setattr(detect, "compare", counting)
    return pairs


def number(actions: Actions, collection: int, name: str) -> int:
    return actions.named(collection, [name])[0].id


def opened(actions: Actions, collection: int) -> list[OpenPage]:
    listed = actions.pages(collection, PageQuery())
    assert listed.last == 1
    return [actions.page(row.id) for row in listed.rows]


def told(actions: Actions, collection: int) -> list[tuple[tuple[object, ...], ...]]:
    """What is shown of the clusters, without their numbers: the members of each."""
    return [
        tuple(
            (one.name, one.start, one.stop, round(one.similarity, 9), one.kind, one.representative, one.earliest)
            for one in actions.cluster(row.id).members
        )
        for row in actions.reuse(collection, ReuseQuery()).rows
    ]


def everything(config: Config, *tables: str) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(config.data / "winnow.sqlite") as database:
        return {table: database.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


# What is found


def test_a_story_on_five_sites_is_found_with_the_places_where_each_has_it_and_is_content_on_all(
    actions: Actions, add: Add
) -> None:
    collection = actions.create_collection("Coast").id
    add(collection, [*carried(*SITES), *(page for n, site in enumerate(SITES) for page in around(site, n, n + 4))])
    (row,) = (row for row in actions.reuse(collection, ReuseQuery(across=True)).rows if row.pages == 5)
    assert (row.sites, row.first_date, row.last_date, row.first_site) == (5, "2021-04-09", "2021-04-13", SITES[0])
    assert row.excerpt.startswith("The dredger that has kept")
    cluster = actions.cluster(row.id)
    assert [member.site for member in cluster.members] == list(SITES)
    assert [member.earliest for member in cluster.members] == [True, False, False, False, False]
    assert sum(member.representative for member in cluster.members) == 1
    for member in cluster.members:
        page = actions.page(member.page)
        assert page.page.text[member.start : member.stop] == member.text
        assert WORDS[0] in member.text
        assert "All rights reserved" not in member.text
        assert WORDS[1] in detect.clean(page.page, page.labels).text


def retold() -> list[Page]:
    """A story, and a page that has its beginning as it is, and further down much of it in other words."""
    rng = random.Random(7)
    words = " ".join(WORDS).split()
    other = [f"velvet{i}" if rng.random() < (0.3 if i < 45 else 0.35) else word for i, word in enumerate(words)]
    between = [line for number in range(4) for line in story(number, SITES[1]).split("\n")[3:5]]
    texts = [words, [" ".join(words[:45]) + ".", *between, " ".join(words[:2] + other[2:])]]
    return [Page("a", " ".join(texts[0]), SITES[0]), Page("b", "\n".join(texts[1]), SITES[1])]


def test_two_passages_that_begin_at_one_place_of_a_page_are_both_kept_and_their_words_count_once(
    actions: Actions, add: Add, config: Config
) -> None:
    collection = actions.create_collection("Coast").id
    one, other = retold()
    add(collection, [one, other])
    found = everything(config, "passages")["passages"]
    assert len(found) == 2
    assert len({row[2] for row in found}) == 1 and len({row[4] for row in found}) == 2
    shared = {page.site: page for page in actions.shared(actions.paste(f"{one.text} Today."), collection)}
    assert [len(shared[site].passages) for site in SITES[:2]] == [1, 2]
    assert 0.5 < shared[SITES[1]].share <= 1


def test_two_stories_under_one_template_share_nothing(actions: Actions, add: Add) -> None:
    collection = actions.create_collection("Coast").id
    add(collection, around("quay.example", 0, 6))
    assert actions.reuse(collection, ReuseQuery()).total == 0
    first, second, *_ = opened(actions, collection)
    assert actions.pair(first.id, second.id).passages == ()


def test_a_page_is_never_matched_with_itself(actions: Actions, coast: int, config: Config) -> None:
    rows = everything(config, "page_pairs", "passages")
    assert rows["passages"]
    assert all(a != b for a, b, *_ in rows["page_pairs"] + rows["passages"])
    page = number(actions, coast, "wire quay.example")
    assert {span.other for span in actions.reused(page)} <= {one.id for one in opened(actions, coast)} - {page}
    with pytest.raises(Invalid, match="two different"):
        actions.pair(page, page)


def test_the_app_finds_what_the_engine_finds_in_whatever_order_and_uploads_pages_came(
    actions: Actions, add: Add
) -> None:
    pages = [
        *carried(*SITES),
        *carried("late.example", paragraphs=1),
        *around("quay.example", 0, 4),
        *around("mill.example", 2, 6),
    ]
    found = detect.find_reuse(pages, detect.learn(pages))
    everyone: list[list[tuple[tuple[object, ...], ...]]] = []
    for order in (pages, pages[::-1], pages[1::2] + pages[::2]):
        for size in (len(pages), 3):
            collection = actions.create_collection(f"Coast {len(everyone)}").id
            for first in range(0, len(pages), size):
                add(collection, order[first : first + size])
            everyone.append(told(actions, collection))
            rows = b"".join(actions.export_reuse(collection, "jsonl")[1]).decode().splitlines()
            assert len(rows) == len(found.passages)
    assert all(each == everyone[0] for each in everyone)
    members = [{(name, start, stop) for name, start, stop, *_ in one} for one in everyone[0]]
    assert members == [{tuple(place) for place in cluster.members} for cluster in found.clusters]
    assert [next(one[0] for one in each if one[5]) for each in everyone[0]] == [
        cluster.representative.page for cluster in found.clusters
    ]


def test_the_sample_has_a_story_and_a_quotation_across_its_sites_and_tells_who_was_first(
    actions: Actions, work: Work
) -> None:
    collection = actions.create_collection("Sample").id
    actions.upload(collection, [upload("sample.zip", sample_archive())])
    work()
    rows = {row.kind: row for row in actions.reuse(collection, ReuseQuery(across=True)).rows}
    assert rows.keys() == {"exact", "quotation"}
    assert all(row.first_site for row in rows.values())
    assert rows["exact"].similarity < 1
    (link,) = actions.site_graph(collection).links
    assert (link.clusters, link.a_first, link.b_first) == (2, 1, 1)


# A batch after another


def test_a_second_batch_compares_no_old_pair_again_and_clusters_keep_their_numbers(
    actions: Actions, add: Add, coast: int, compared: list[tuple[str, str]]
) -> None:
    (before,) = actions.reuse(coast, ReuseQuery()).rows
    old = {one.page.id for one in opened(actions, coast)}
    add(coast, [*carried("pier.example"), *around("lock.example", 8, 12)])
    assert compared
    assert not [pair for pair in compared if set(pair) <= old]
    (after,) = (row for row in actions.reuse(coast, ReuseQuery()).rows if row.id == before.id)
    assert (before.pages, after.pages) == (3, 4)
    compared.clear()
    actions.label_rest(coast)
    add(coast, around("lock.example", 12, 13))
    assert not [pair for pair in compared if "lock.example 12" not in pair]


def test_clusters_keep_their_number_when_pages_with_earlier_names_stand_for_the_old_ones(
    actions: Actions, add: Add
) -> None:
    collection = actions.create_collection("Coast").id
    add(collection, carried("w.example", "x.example", "y.example", "z.example"))
    (before,) = actions.reuse(collection, ReuseQuery()).rows
    add(collection, carried("a.example", "b.example", "c.example", "d.example"))
    (after,) = actions.reuse(collection, ReuseQuery()).rows
    assert (before.id, before.pages) == (after.id, after.pages - 4)


def test_a_page_labelled_anew_is_compared_anew_only_where_other_words_take_part(
    actions: Actions, add: Add, compared: list[tuple[str, str]], config: Config
) -> None:
    collection = actions.create_collection("Coast").id
    add(collection, [*carried("quay.example", "mill.example"), *around("mill.example", 0, 3)])
    (row,) = actions.reuse(collection, ReuseQuery()).rows
    # The site prints the agency's words under every page from now on: they are part of the page around.
    notice = [
        Page(one.id, f"{one.text}\n{wire('')}".replace("Letters to  |", ""), one.site)
        for one in around("quay.example", 0, 6)
    ]
    compared.clear()
    add(collection, notice)
    assert actions.reuse(collection, ReuseQuery()).waiting == 0
    assert all(any("quay" in name for name in pair) for pair in compared)
    assert [row.pages for row in actions.reuse(collection, ReuseQuery()).rows] != [row.pages]
    compared.clear()
    actions.label_rest(collection)
    add(collection, around("mill.example", 3, 6))
    fresh = {f"mill.example {number}" for number in range(3, 6)}
    assert all(fresh & set(pair) for pair in compared)
    sketched = everything(config, "page_sketches")["page_sketches"]
    assert len(sketched) == len(opened(actions, collection))


# Interruptions and stumbling


def test_cancelled_while_comparing_what_was_shown_stays_and_the_next_job_goes_on(
    actions: Actions,
    store: Store,
    work: Work,
    coast: int,
    compared: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = told(actions, coast)
    monkeypatch.setattr(batches, "BATCH_PAGES", 2)
    job = actions.upload(coast, [upload("more.jsonl", lines(carried("a.example", "b.example", "c.example")))])
    original = store.store_compared
    stored: list[tuple[str, str]] = []

    def cancelling(*given: object) -> None:
        original(*given)  # type: ignore[arg-type]
        stored.extend(compared)
        compared.clear()
        actions.cancel(job.id)

    with monkeypatch.context() as once:
        once.setattr(store, "store_compared", cancelling)
        work()
    assert actions.job(job.id).state == "cancelled"
    assert told(actions, coast) == before
    assert actions.collection(coast).waiting == 0
    assert actions.reuse(coast, ReuseQuery()).waiting == 3
    assert stored
    compared.clear()
    rest = actions.label_rest(coast)
    work()
    assert actions.job(rest.id).state == "done"
    assert compared
    assert not set(compared) & set(stored)
    listed = actions.reuse(coast, ReuseQuery())
    assert (listed.waiting, [row.pages for row in listed.rows]) == (0, [6])


def test_a_page_that_the_engine_stumbles_over_is_told_and_the_others_go_on(
    actions: Actions, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, compare = detect.prepare, detect.compare

    def prepare_but_one(page: Page, labels: detect.Labels | None) -> detect.Prepared:
        if page.id == "wire mill.example":
            raise ZeroDivisionError("no words")
        return prepare(page, labels)

    def compare_but_one(one: detect.Prepared, other: detect.Prepared) -> tuple[detect.Passage, ...]:
        if "wire pier.example" in (one.page.id, other.page.id):
            raise RecursionError("too deep")
        return compare(one, other)

    monkeypatch.setattr(detect, "prepare", prepare_but_one)
    monkeypatch.setattr(detect, "compare", compare_but_one)
    collection = actions.create_collection("Coast").id
    add(collection, carried(*SITES))
    reasons = [problem.reason for problem in actions.problems(collection)]
    assert any("ZeroDivisionError" in reason for reason in reasons)
    assert any("RecursionError" in reason for reason in reasons)
    (row,) = actions.reuse(collection, ReuseQuery()).rows
    assert row.pages == 3
    assert actions.reuse(collection, ReuseQuery()).waiting == 0


def test_a_check_between_pages_ends_the_stage(actions: Actions, store: Store, coast: int) -> None:
    store.create_job(coast)
    claim = store.claim("worker", 0.0, 10.0)
    assert claim is not None
    with store._write() as connection:
        connection.execute(sa.text("DELETE FROM page_sketches"))
        connection.execute(sa.text("UPDATE pages SET shown = NULL"))

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        ReuseRun(store, claim, stop).all()


# What is shown


def test_a_deleted_collection_leaves_nothing_of_what_its_pages_shared(
    actions: Actions, work: Work, coast: int, config: Config
) -> None:
    (row,) = actions.reuse(coast, ReuseQuery()).rows
    actions.delete_collection(coast)
    for find in (
        lambda: actions.reuse(coast, ReuseQuery()),
        lambda: actions.cluster(row.id),
        lambda: actions.site_graph(coast),
        lambda: actions.duplicates(coast),
        lambda: actions.export_reuse(coast, "csv"),
    ):
        with pytest.raises(NotFound):
            find()
    work()
    tables = ("page_sketches", "page_prints", "page_pairs", "passages", "clusters", "members", "duplicates")
    assert everything(config, *tables) == {table: [] for table in tables}


def test_a_list_of_clusters_is_narrowed_and_ordered(actions: Actions, add: Add, coast: int) -> None:
    add(coast, [*quoting("lock.example", 0, 3), *around("lock.example", 6, 12)])

    def ids(**query: object) -> list[int]:
        return [row.id for row in actions.reuse(coast, ReuseQuery(**query)).rows]  # type: ignore[arg-type]

    dredger, quotation = ids()
    assert ids(across=True) == ids(site="mill.example") == ids(words=100) == [dredger]
    assert ids(kind="quotation") == ids(site="lock.example") == [quotation]
    assert ids(similarity=1.01) == ids(site="nobody.example") == []
    assert ids(sort="words", descending=False) == [quotation, dredger]
    assert ids(sort="date") == ids(sort="date", descending=False) == [dredger, quotation]  # undated last either way


def test_a_page_says_what_it_shares_with_whom_and_who_was_first(actions: Actions, coast: int) -> None:
    first, later = (number(actions, coast, f"wire {site}") for site in SITES[:2])
    (span,) = actions.reused(later)
    assert (span.number, span.pages, span.sites, span.other, span.others_first) == (1, 2, 2, first, True)
    text = actions.page(later).page.text[span.start : span.stop]
    assert "All rights reserved" not in text
    (span,) = actions.reused(first)
    assert not span.others_first
    assert actions.reused(0) == ()


def test_two_pages_stand_beside_each_other_from_either_side(actions: Actions, coast: int) -> None:
    a, b = (number(actions, coast, f"wire {site}") for site in ("quay.example", "harbour.example"))
    (cluster,) = actions.reuse(coast, ReuseQuery()).rows
    pair, turned = actions.pair(a, b), actions.pair(b, a)
    (one,), (other,) = pair.passages, turned.passages
    assert (one.a, one.b, one.cluster) == (other.b, other.a, cluster.id)
    assert "The dredger that" in pair.a.text[one.a.start : one.a.stop]
    assert (pair.earlier, turned.earlier) == ("a", "b")
    assert any("All rights reserved" in pair.a.text[span.start : span.stop] for span in pair.a.boilerplate)
    assert all(one.stop < other.start for one, other in itertools.pairwise(pair.a.boilerplate))


def test_pages_that_no_job_compared_are_compared_when_asked_for_and_two_collections_never(
    actions: Actions, store: Store, coast: int, add: Add
) -> None:
    a, b = (number(actions, coast, f"wire {site}") for site in ("quay.example", "harbour.example"))
    stored = actions.pair(a, b).passages
    with store._write() as connection:
        connection.execute(sa.text("DELETE FROM page_pairs"))
    fresh = actions.pair(a, b).passages
    assert [(one.a, one.b, one.kind) for one in fresh] == [(one.a, one.b, one.kind) for one in stored]
    assert [one.cluster for one in fresh] == [None]
    other = actions.create_collection("Other").id
    add(other, carried("quay.example"))
    with pytest.raises(Invalid, match="different collections"):
        actions.pair(a, number(actions, other, "wire quay.example"))


def test_the_graph_of_sites_counts_what_they_share(actions: Actions, coast: int) -> None:
    graph = actions.site_graph(coast)
    assert [(node.site, node.pages, node.shared) for node in graph.nodes] == [
        ("harbour.example", 5, 1),
        ("mill.example", 1, 1),
        ("quay.example", 5, 1),
    ]
    assert [(link.a, link.b, link.clusters, link.a_first, link.b_first) for link in graph.links] == [
        ("harbour.example", "mill.example", 1, 0, 0),
        ("harbour.example", "quay.example", 1, 0, 1),
        ("mill.example", "quay.example", 1, 0, 1),
    ]


def test_pages_that_are_one_story_are_a_group_by_date(actions: Actions, coast: int) -> None:
    (group,) = actions.duplicates(coast)
    assert [page.site for page in group.pages] == list(SITES[:3])
    assert group.representative in {page.page for page in group.pages}
    assert all(page.similarity > 0.5 for page in group.pages)


# Pastes


def test_a_paste_finds_every_page_that_has_its_text_whatever_its_own_name(
    actions: Actions, add: Add, work: Work
) -> None:
    collection = actions.create_collection("Coast").id
    sites = [f"{n}.example" for n in range(12)]
    add(collection, [*carried(*sites), *around("quay.example", 0, 6)])
    actions.add_paste(collection, wire("paste.example"), "paste.example")
    work()
    pasted = actions.paste(f"My own words come first, and they are mine alone.\n{wire('blog.example', 2)}")
    found = actions.shared(pasted)
    assert {page.site for page in found} == {*sites, "paste.example"}
    assert {page.collection for page in found} == {collection}
    assert found == actions.shared(pasted, collection)
    first = found[0]
    assert first.date == "" or first.date.startswith("2021-04")
    assert 0.5 < first.share <= 1
    (passage,) = first.passages
    assert "The dredger that" in pasted.page.text[passage.a.start : passage.a.stop]
    assert "The dredger that" in actions.page(first.page).page.text[passage.b.start : passage.b.stop]
    other = actions.create_collection("Other").id
    assert actions.shared(pasted, other) == ()
    add(other, carried("new.example"))
    assert [page.site for page in actions.shared(pasted, other)] == ["new.example"]
    assert actions.shared(actions.paste("Nothing of this was ever printed anywhere."), collection) == ()


# Files


def test_passages_are_written_as_json_lines_and_as_csv(actions: Actions, coast: int) -> None:
    name, stream = actions.export_reuse(coast, "jsonl")
    rows = [json.loads(line) for line in b"".join(stream).decode().splitlines()]
    assert (name, len(rows)) == ("Coast-reuse.jsonl", 3)
    (cluster,) = actions.reuse(coast, ReuseQuery()).rows
    for row in rows:
        for side in (row["a"], row["b"]):
            page = actions.page(number(actions, coast, side["id"]))
            assert side["text"] == page.page.text[side["start"] : side["stop"]]
            assert (side["site"], side["date"]) == (page.page.site, page.page.date)
        assert (row["cluster"], row["kind"]) == (str(cluster.id), "exact")
    name, stream = actions.export_reuse(coast, "csv")
    table = list(csv.DictReader(io.StringIO(b"".join(stream).decode())))
    assert name == "Coast-reuse.csv"
    assert [(row["a_id"], row["b_id"], int(row["a_start"])) for row in table] == [
        (row["a"]["id"], row["b"]["id"], row["a"]["start"]) for row in rows
    ]
    assert table[0]["a_date"] == rows[0]["a"]["date"]


def test_no_cell_is_a_formula_and_every_row_is_a_line() -> None:
    side = PassageSide("=1+1", "-site", "+date", 0, 9, "@one\n\ntwo\r\n\t=three")
    written = b"".join(reuse_csv_bytes([PassageRow(side, side, 0.5, "exact", None)])).decode()
    assert written.count("\n") == 2
    (row,) = csv.DictReader(io.StringIO(written))
    assert (row["a_id"], row["a_site"], row["a_date"], row["a_text"]) == (
        "'=1+1",
        "'-site",
        "'+date",
        "'@one two =three",
    )
