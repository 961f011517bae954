"""Older data: brought up to the newest tables, with all that people see of it brought back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa
from invented import wire
from sqlalchemy.engine import Inspector

import detect
from detect import Page
from webapp.actions import Actions
from webapp.config import Config
from webapp.jobs import Worker
from webapp.records import ReuseQuery
from webapp.store import Store, migrations

PAGES = [Page(f"wire {site}", wire(site), site) for site in ("quay.example", "mill.example", "pier.example")]


def shape(inspector: Inspector) -> dict[str, object]:
    """The tables as the database has them, whatever the order of what has none."""
    return {
        table: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)],
            inspector.get_pk_constraint(table)["constrained_columns"],
            sorted((str(key["name"]), key["column_names"]) for key in inspector.get_indexes(table)),
            sorted(str(sorted(key.items(), key=str)) for key in inspector.get_foreign_keys(table)),
        )
        for table in inspector.get_table_names()
    }


def tables_of(version: int) -> str:
    return (Path(__file__).parent / f"version{version}.sql").read_text(encoding="utf-8")


def test_data_of_version_1_is_brought_up_and_its_pages_wait_to_be_compared(
    config: Config, store: Store, tmp_path: Path
) -> None:
    old = tmp_path / "old.sqlite"
    labels = detect.label(Page("a", wire("quay.example")), detect.Memory())
    with sqlite3.connect(old) as database:
        database.executescript(tables_of(1))
        database.execute("INSERT INTO database VALUES (1, 2)")
        database.execute("INSERT INTO collections VALUES (1, 'Coast', 'coast')")
        page = (1, 1, "a", b"a", b"a", "quay.example", "", "", 0, 9, 9, "t", "t", 1, 0.5)
        database.execute(f"INSERT INTO pages VALUES ({', '.join('?' * len(page))})", page)
        database.execute("INSERT INTO page_texts VALUES (1, ?)", (wire("quay.example"),))
        database.execute("INSERT INTO page_labels VALUES (1, 1, 't', 't', 0.5, ?)", (labels.pack(),))
    upgraded = Store(f"sqlite:///{old}")
    assert upgraded.page(1).date == ""
    listed = upgraded.clusters(1, ReuseQuery())
    assert (listed.total, listed.waiting) == (0, 1)
    assert shape(sa.inspect(upgraded._engine)) == shape(sa.inspect(store._engine))
    upgraded.close()
    assert Store(f"sqlite:///{old}").page(1).site == "quay.example"
    assert migrations.VERSION == 3


def fill(database: sqlite3.Connection, table: str, *rows: tuple[object, ...]) -> None:
    database.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


@pytest.fixture
def version_2(config: Config) -> Iterator[sqlite3.Connection]:
    """Data of version 2: three pages that were learned from, labelled and compared, two of them found to share text.

    What is there by the hashes of windows is no use now, and cannot even be read.
    """
    config.data.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(config.data / "winnow.sqlite")
    database.executescript(tables_of(2))
    fill(database, "database", (2, len(PAGES) + 1))
    fill(database, "collections", (1, "Coast", "coast"))
    fill(database, "jobs", (1, 1, "done", "reuse", "", 0, 0, 3, 3, 9, 9, None, "", "", 0.0, 0, 1))
    for number, page in enumerate(PAGES, 1):
        key = b"%d" % number
        labels, size = detect.label(page, detect.Memory()), len(page.text)
        of_page = (page.id, key, key, page.site, "", "", 0, size, size, "title", "title", 1, 0.5, "", key)
        fill(database, "pages", (number, 1, *of_page))
        fill(database, "page_texts", (number, page.text))
        fill(database, "page_memories", (number, b"old"))
        fill(database, "page_labels", (number, 1, "title", "title", 0.5, labels.pack()))
        fill(database, "page_sketches", (number, 1, True, True, "", b"old", b"old"))
        fill(database, "sites", (1, page.site, 1, 0, b"[]", b"old"))
    fill(database, "page_pairs", (1, 2))
    fill(database, "passages", (1, 2, 0, 9, 0, 9, 2, 2, 1.0, "exact", 1))
    fill(database, "clusters", (1, 1, 2, 2, 2, 1.0, "exact", "", "", "", "old"))
    fill(database, "members", *((1, page, 0, 9, 1.0, "exact", page == 1, False) for page in (1, 2)))
    fill(database, "duplicates", (1, 1, 1.0), (2, 1, 1.0))
    fill(database, "comparisons", (1, 1))
    database.commit()
    yield database
    database.close()


OF_WINDOWS = (
    *("page_memories", "page_sketches", "page_prints", "gone_prints", "page_pairs"),
    *("passages", "clusters", "members", "duplicates"),
)


def test_what_version_2_has_by_other_hashes_goes_and_the_job_that_is_queued_brings_all_of_it_back(
    version_2: sqlite3.Connection, store: Store, actions: Actions, work: Callable[[], None], tmp_path: Path
) -> None:
    assert [version_2.execute(f"SELECT count(*) FROM {table}").fetchone() for table in OF_WINDOWS] == [(0,)] * 9
    assert len(store.unlearned(1)) == len(store.unsketched(1)) == len(PAGES)
    new = Store(f"sqlite:///{tmp_path / 'new.sqlite'}")
    assert shape(sa.inspect(store._engine)) == shape(sa.inspect(new._engine))
    first = PAGES[0]
    alone = actions.paste(first.text, first.site, 1)
    assert (alone.learned, actions.shared(alone, 1)) == (0, ())
    work()
    assert (store.unlearned(1), store.unshown(1)) == ([], [])
    pasted = actions.paste(first.text, first.site, 1)
    assert pasted.learned == 1
    assert {one.site for one in actions.shared(pasted, 1)} == {page.site for page in PAGES}
    assert [row.pages for row in actions.reuse(1, ReuseQuery()).rows] == [len(PAGES)]


@pytest.mark.parametrize("stage, jobs", [("reading", 1), ("learning", 1), ("labelling", 2), ("reuse", 2)])
def test_a_job_that_waits_brings_it_back_where_it_has_still_to_learn_and_else_one_behind_it(
    version_2: sqlite3.Connection, config: Config, stage: str, jobs: int
) -> None:
    version_2.execute("UPDATE jobs SET state = 'queued', stage = ?", (stage,))
    version_2.commit()
    store = Store(config.database_url)
    assert version_2.execute("SELECT count(*) FROM jobs WHERE state = 'queued'").fetchone() == (jobs,)
    worker = Worker(config, store, Event())
    while worker.step():
        pass
    done = version_2.execute("SELECT DISTINCT state, pages_done <= pages_total FROM jobs").fetchall()
    assert done == [("done", True)]
    assert (store.unlearned(1), store.unshown(1)) == ([], [])
    assert store.clusters(1, ReuseQuery()).total == 1
    assert store.memory(1, PAGES[0].site, labelled=True).pages(PAGES[0].site) == 1
    store.close()
