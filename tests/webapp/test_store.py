from __future__ import annotations

import sqlite3
import threading
import time

import pytest
import sqlalchemy as sa

from detect import Block, Page, Piece, Span, Variant
from webapp.config import Config
from webapp.records import NotFound, PageQuery
from webapp.store import (
    Claim,
    JobLostError,
    Learned,
    NameTakenError,
    NewerDataError,
    NewPage,
    Progress,
    Store,
    migrations,
)


def add(store: Store, collection: int, *pages: Page) -> Claim:
    """Stores pages as a job's reading does; gives the job."""
    store.create_job(collection)
    claim = store.claim("worker", time.time(), time.time() + 60)
    assert claim is not None
    store.store_read(claim, [NewPage(page, page.text.split("\n")[0]) for page in pages], 0, 0, Progress())
    return claim


def names(store: Store, collection: int, query: PageQuery | None = None) -> list[str]:
    return [row.name for row in store.pages(collection, query or PageQuery()).rows]


def test_the_same_page_again_is_there_once_and_another_text_of_its_id_stands_beside_it(store: Store) -> None:
    one = store.create_collection("one")
    add(store, one, Page("a", "first"), Page("a", "second"), Page("a", "first"), Page("a (2)", "third"))
    add_more = [Page("a", "second"), Page("a", "fourth"), Page("b", "first")]
    store.cancel(1)
    add(store, one, *add_more)
    assert {row.name: row.title for row in store.pages(one, PageQuery()).rows} == {
        "a": "first",
        "a (2)": "second",
        "a (2) (2)": "third",
        "a (3)": "fourth",
        "b": "first",
    }


def test_page_numbers_are_never_given_twice(store: Store) -> None:
    one = store.create_collection("one")
    add(store, one, Page("a", "x"), Page("b", "y"))
    store.delete_collection(one)
    while store.purge():
        pass
    two = store.create_collection("one")
    add(store, two, Page("a", "x"))
    assert [row.id for row in store.pages(two, PageQuery()).rows] == [3]


def test_a_name_is_taken_whatever_its_capitals_until_its_collection_is_deleted(store: Store) -> None:
    first = store.create_collection("Été")
    with pytest.raises(NameTakenError):
        store.create_collection("ÉTÉ")
    store.delete_collection(first)
    assert store.create_collection("ÉTÉ") != first


def test_nothing_of_a_deleted_collection_is_found_and_purging_leaves_no_row(store: Store, config: Config) -> None:
    one = store.create_collection("one")
    claim = add(store, one, *(Page(str(number), "x" * 5000) for number in range(450)))
    number = store.pages(one, PageQuery()).rows[0].id
    store.store_learned(claim, [Learned(number, b"key", b"memory")], [], Progress())
    store.delete_collection(one)
    for find in (
        lambda: store.page(number),
        lambda: store.job(claim.id),
        lambda: store.pages(one, PageQuery()),
        lambda: store.sites(one),
        lambda: store.problems(one),
        lambda: store.delete_collection(one),
        lambda: store.create_job(one),
    ):
        with pytest.raises(NotFound):
            find()
    assert store.collections() == []
    while store.purge():
        pass
    with sqlite3.connect(config.data / "winnow.sqlite") as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if table not in ("database", "sqlite_sequence"):
                assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
        assert database.execute("PRAGMA freelist_count").fetchone() == (0,)


def test_search_finds_in_titles_names_and_addresses_whatever_the_capitals(store: Store) -> None:
    one = store.create_collection("one")
    add(
        store,
        one,
        Page("a", "Straße 100%\nquay"),
        Page("b", "Ærø", url="https://quay.example/50_a"),
        Page("Quay-c", "other"),
    )
    assert names(store, one, PageQuery(search="STRASSE")) == ["a"]
    assert names(store, one, PageQuery(search="ærø 50_A")) == ["b"]
    assert names(store, one, PageQuery(search="quay")) == ["Quay-c", "b"]
    assert names(store, one, PageQuery(search="%")) == ["a"]
    assert names(store, one, PageQuery(search="_")) == ["b"]
    assert names(store, one, PageQuery(search="\\")) == []


def test_a_list_is_cut_into_pages_and_a_number_beyond_them_gives_the_last(store: Store) -> None:
    one = store.create_collection("one")
    add(store, one, *(Page(f"{number:03}", "x" * number, site="s") for number in range(120)))
    by_size = PageQuery(sort="size", descending=True, number=99)
    found = store.pages(one, by_size)
    assert (found.total, found.number, found.last, len(found.rows)) == (120, 3, 3, 20)
    assert found.rows[-1].size == 0
    assert store.pages(one, PageQuery(number=-3)).number == 1
    assert store.pages(one, PageQuery(site="t")).total == 0


def test_a_claimed_job_is_nobody_elses_until_its_lease_runs_out(store: Store) -> None:
    one = store.create_collection("one")
    job = store.create_job(one)
    first = store.claim("first", now=100.0, lease_until=110.0)
    assert first is not None
    assert first.id == job.id
    assert store.claim("second", now=105.0, lease_until=115.0) is None
    assert store.renew(first, lease_until=120.0)
    assert store.claim("second", now=115.0, lease_until=125.0) is None
    second = store.claim("second", now=121.0, lease_until=131.0)
    assert second is not None
    assert second.attempts == 2
    assert not store.renew(first, lease_until=140.0)
    with pytest.raises(JobLostError):
        store.store_read(first, [NewPage(Page("a", "x"), "x")], 0, 1, Progress())
    assert names(store, one) == []


def test_jobs_of_one_collection_wait_for_each_other_and_others_do_not(store: Store) -> None:
    one, two = store.create_collection("one"), store.create_collection("two")
    first, second, other = store.create_job(one), store.create_job(one), store.create_job(two)
    taken = [store.claim(str(n), 0.0, 10.0) for n in range(3)]
    assert [claim.id if claim else None for claim in taken] == [first.id, other.id, None]
    assert taken[0] is not None
    store.finish(taken[0])
    after = store.claim("next", 0.0, 10.0)
    assert after is not None
    assert after.id == second.id


def test_a_writer_waits_for_another_instead_of_failing(store: Store, config: Config) -> None:
    one = store.create_collection("one")
    failed = []

    def write(store: Store) -> None:
        try:
            for _ in range(50):
                store.create_job(one)
        except Exception as error:
            failed.append(error)

    others = [Store(config.database_url) for _ in range(4)]
    threads = [threading.Thread(target=write, args=(each,)) for each in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in others:
        each.close()
    assert failed == []
    assert store.create_job(one).id == 201


def test_a_list_never_reads_the_texts(store: Store) -> None:
    one = store.create_collection("one")
    add(store, one, Page("a", "x" * 1000, site="s"))
    seen: list[str] = []
    sa.event.listen(store._engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    store.pages(one, PageQuery())
    store.sites(one)
    store.collections()
    assert seen
    assert not any(table in statement for statement in seen for table in ("page_texts", "page_labels"))


def test_blocks_come_back_as_they_were_stored(store: Store) -> None:
    one = store.create_collection("one")
    claim = add(store, one, Page("a", "x", site="s"))
    block = Block(
        "b1",
        (Piece("Also on "), Piece("é\n", slot=True)),
        2,
        5,
        (("a", Span(0, 1)),),
        (Variant("Also on", 1),),
    )
    assert store.blocks(one, "s") == ()
    store.publish(claim, "s", b"sample", [block])
    assert store.blocks(one, "s") == (block,)
    assert store.sites(one)[0].blocks == 1
    with pytest.raises(NotFound):
        store.blocks(one, "t")


def test_data_of_a_newer_program_is_refused_and_left_alone(store: Store, config: Config) -> None:
    store.create_collection("one")
    path = config.data / "winnow.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("UPDATE database SET version = 99")
    with pytest.raises(NewerDataError, match="Update Winnow"):
        Store(config.database_url)
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT version FROM database").fetchone() == (99,)


def test_older_tables_go_through_every_step_they_lack_in_order() -> None:
    done: list[int] = []
    steps = [lambda connection, number=number: done.append(number) for number in (2, 3, 4)]
    with sa.create_engine("sqlite://").begin() as connection:
        assert migrations.upgrade(connection, 2, steps) == 4
    assert done == [3, 4]


def test_three_thousand_texts_of_one_id_are_named_without_trying_every_number(store: Store) -> None:
    one = store.create_collection("one")
    claim = add(store, one, Page("x (3)", "in the way"))
    began = time.perf_counter()
    for first in range(0, 3_000, 100):
        batch = [NewPage(Page("x", str(number)), "x") for number in range(first, first + 100)]
        store.store_read(claim, batch, 0, 0, Progress())
    assert time.perf_counter() - began < 15
    assert store.pages(one, PageQuery()).total == 3_001
    assert store.named(one, ["x", "x (2)", "x (3)", "x (4)"])[2].title == "in the way"


def test_what_is_told_of_a_collection_and_its_sites_is_counted_without_a_look_at_its_pages(store: Store) -> None:
    one = store.create_collection("one")
    add(store, one, Page("a", "x", site="s"))
    seen: list[tuple[str, tuple[object, ...]]] = []
    sa.event.listen(store._engine, "before_cursor_execute", lambda *given: seen.append((given[2], given[3])))
    store.collection(one)
    store.sites(one)
    asked = [(statement, given) for statement, given in seen if " pages" in statement]
    with store._engine.begin() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {it}", given).all() for it, given in asked]
    told = [step[-1] for plan in plans for step in plan if " pages " in step[-1]]
    assert len(told) == 2
    assert all("COVERING INDEX pages_counted" in step for step in told)


def test_looking_for_work_does_not_read_the_pages_that_are_done(store: Store) -> None:
    one = store.create_collection("one")
    add(store, one, Page("a", "x", site="s"))
    seen: list[tuple[str, tuple[object, ...]]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: tuple[object, ...], *_: object) -> None:
        seen.append((statement, parameters))

    sa.event.listen(store._engine, "before_cursor_execute", note)
    store.unlearned(one)
    store.changed_sites(one)
    store.sampled(one, "s", labelled=True)
    sa.event.remove(store._engine, "before_cursor_execute", note)
    asked = [(statement, given) for statement, given in seen if " pages" in statement]
    with store._engine.begin() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {it}", given).all() for it, given in asked]
    told = [step[-1] for plan in plans for step in plan if " pages " in step[-1]]
    assert len(told) == 4
    assert all(name in step for step, name in zip(told, ("unlearned", "unlabelled", "sampled", "sampled"), strict=True))
