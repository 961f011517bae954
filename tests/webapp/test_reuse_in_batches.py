"""Pages that come in batches: what is shown in the end is what all of them give at once, and the rest is left alone."""

from __future__ import annotations

import json
import random
import sqlite3
from collections import defaultdict
from collections.abc import Callable

import numpy as np
import pytest
import sqlalchemy as sa
from invented import upload

from detect import Page
from webapp.actions import Actions
from webapp.config import Config
from webapp.records import PageQuery
from webapp.store import Store, prints_of

Work = Callable[[], None]

SITES = ("quay.example", "harbour.example", "mill.example")


class Press:
    """Writes invented pages: of stories that many carry, whole, shortened or in part in other words."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        syllables = [first + then for first in "bcdfglmnprst" for then in "aeiou"]
        self.words = ["".join(self.chance.choices(syllables, k=self.chance.randint(1, 4))) for _ in range(900)]
        self.wires = [[self.paragraph() for _ in range(self.chance.randint(1, 4))] for _ in range(5)]
        self.quotations = [f"“{self.paragraph()}”" for _ in range(2)]

    def paragraph(self) -> str:
        """Some sentences that nobody has written before."""
        count = self.chance.randint(2, 4)
        return " ".join(f"{' '.join(self.chance.choices(self.words, k=14)).capitalize()}." for _ in range(count))

    def page(self, number: int) -> Page:
        """A page of a site, with or without a story that others carry; names come in no order."""
        chance, site = self.chance, self.chance.choice(SITES)
        body = [self.paragraph() for _ in range(chance.randint(0, 3))]
        if chance.random() < 0.7:
            wire = list(chance.choice(self.wires))
            if chance.random() < 0.4 and len(wire) > 1:
                del wire[chance.randrange(len(wire))]
            if chance.random() < 0.4:
                words = wire[0].split()
                wire[0] = " ".join(chance.choice(self.words) if chance.random() < 0.15 else word for word in words)
            body = wire if chance.random() < 0.5 else [*body, *wire]
        if chance.random() < 0.3:
            body.insert(0, chance.choice(self.quotations))
        above, below = f"Home News Weather Letters to {site} Sign in", f"Copyright {site}. All rights reserved."
        date = f"2021-03-{chance.randint(1, 28):02}" if chance.random() < 0.8 else ""
        name = f"{chance.randrange(10**6):06} {number}"
        return Page(name, "\n".join([above, *(body or [self.paragraph()[:90]]), below]), site, date=date)


@pytest.fixture
def add(actions: Actions, work: Work) -> Callable[[int, list[Page]], None]:
    """Uploads pages to a collection and does the work."""
    names = ("id", "site", "text", "date")

    def uploaded(collection: int, pages: list[Page]) -> None:
        lines = "\n".join(json.dumps({name: getattr(page, name) for name in names}) for page in pages)
        actions.upload(collection, [upload("pages.jsonl", lines.encode())])
        work()

    return uploaded


Add = Callable[[int, list[Page]], None]

_SHOWN = {
    "pairs": "SELECT p.name, q.name FROM page_pairs JOIN {a} JOIN {b}",
    "duplicates": "SELECT p.name, q.name, similarity FROM duplicates d"
    " JOIN pages p ON p.id = d.page AND p.collection = :of JOIN pages q ON q.id = representative",
    "labels": "SELECT name, labels FROM page_labels l"
    " JOIN pages p ON p.id = l.page AND p.generation = l.generation AND p.collection = :of",
    "blocks": "SELECT site, blocks FROM sites WHERE collection = :of",
}


def shown(config: Config, collection: int) -> dict[str, list[object]]:
    """All that is shown of a collection's pages, without the numbers that things were given on the way."""
    sides = {"a": "pages p ON p.id = a AND p.collection = :of", "b": "pages q ON q.id = b"}
    with sqlite3.connect(config.data / "winnow.sqlite") as database:

        def rows(query: str) -> list[tuple[object, ...]]:
            return database.execute(query.format(**sides), {"of": collection}).fetchall()

        members = defaultdict(list)
        places = "name, start, stop, m.similarity, m.kind, representative, earliest"
        for cluster, *place in rows(
            f"SELECT cluster, {places} FROM members m JOIN {sides['a'].replace('= a', '= page')}"
        ):
            members[cluster].append(tuple(place))
        about = "pages, sites, words, similarity, kind, first_date, last_date, first_site, excerpt"
        listed = rows(f"SELECT id, {about} FROM clusters WHERE collection = :of")
        where = "p.name, q.name, a_start, a_stop, b_start, b_stop, a_words, b_words, similarity, kind"
        passages = rows(f"SELECT cluster, {where} FROM passages JOIN {{a}} JOIN {{b}}")
        return {
            "clusters": sorted((sorted(members[id]), about) for id, *about in listed),
            "passages": sorted((one, sorted(members[cluster])) for cluster, *one in passages),
            **{name: sorted(rows(query)) for name, query in _SHOWN.items()},
        }


@pytest.mark.parametrize("seed", range(3))
def test_a_base_and_more_show_what_all_pages_at_once_show(
    actions: Actions, add: Add, config: Config, seed: int
) -> None:
    press = Press(seed)
    pages = [press.page(number) for number in range(45)]
    at_once = actions.create_collection("at once").id
    add(at_once, pages)
    expected = shown(config, at_once)
    assert all(expected.values())
    for sizes in ((30, 15), (10, 1, 3, 25, 6)):
        collection = actions.create_collection(str(sizes)).id
        rest = random.Random(seed).sample(pages, len(pages))
        for size in sizes:
            add(collection, rest[:size])
            rest = rest[size:]
        assert shown(config, collection) == expected


def test_the_prints_of_a_collection_are_those_of_its_sketches_when_the_work_is_done(
    actions: Actions, add: Add, store: Store, config: Config
) -> None:
    press = Press(7)
    collection = actions.create_collection("Coast").id
    for size in (20, 4, 6):
        add(collection, [press.page(number) for number in range(size)])
        with sqlite3.connect(config.data / "winnow.sqlite") as database:
            stored = set(database.execute("SELECT print, page FROM page_prints"))
            sketches = store.sketches(page for (page,) in database.execute("SELECT page FROM page_sketches"))
            assert database.execute("SELECT * FROM gone_prints").fetchall() == []
        assert len(sketches) >= size
        expected = {
            (one, page) for page, sketch in sketches.items() for one in prints_of(sketch).view(np.int64).tolist()
        }
        assert stored == expected
        assert store.unshown(collection) == []


def test_pages_that_have_nothing_to_do_with_a_batch_are_not_even_opened(
    actions: Actions, add: Add, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = actions.create_collection("Coast").id
    near, far = Press(1), Press(2)
    wire = [near.paragraph() for _ in range(3)]
    other = [far.paragraph() for _ in range(3)]
    add(
        collection,
        [
            *(Page(f"far {n}", "\n".join(other), f"far{n}.example") for n in range(4)),
            Page("near", "\n".join(wire), "near.example"),
        ],
    )
    touched: set[int] = set()
    for name in ("open", "page"):
        original = getattr(store, name)
        monkeypatch.setattr(store, name, lambda id, original=original: (touched.add(id), original(id))[1])
    sketches = store.sketches
    monkeypatch.setattr(store, "sketches", lambda ids: (known := sketches(ids), touched.update(known))[0])
    add(collection, [Page("new", "\n".join(wire), "new.example")])
    assert {row.name for row in store.pages(collection, PageQuery()).rows if row.id in touched} == {"near", "new"}


def test_finding_what_a_batch_changes_scans_no_table_of_pages(
    actions: Actions, add: Add, store: Store, config: Config
) -> None:
    press = Press(3)
    collection = actions.create_collection("Coast").id
    add(collection, [press.page(number) for number in range(20)])
    asked: dict[str, tuple[object, ...]] = {}

    def note(_c: object, _cursor: object, statement: str, given: list[tuple[object, ...]], *more: object) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            asked[statement] = given[0] if more[-1] else given

    sa.event.listen(store._engine, "before_cursor_execute", note)
    add(collection, [press.page(number) for number in range(20, 25)])
    sa.event.remove(store._engine, "before_cursor_execute", note)
    few = ("jobs", "uploads", "database", "collections", "CONSTANT", "(")
    with sqlite3.connect(config.data / "winnow.sqlite") as database:
        plans = [database.execute(f"EXPLAIN QUERY PLAN {it}", given).fetchall() for it, given in asked.items()]
    steps = [step[-1] for plan in plans for step in plan]
    assert len(steps) > 30
    assert [
        step for step in steps if step.startswith("SCAN") and not step.startswith(tuple(f"SCAN {x}" for x in few))
    ] == []
