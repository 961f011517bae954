from __future__ import annotations

import functools
import json
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from invented import archive, rows, story, upload, wire
from sqlalchemy import Connection

import detect
from detect import Page
from webapp import batches, comparing, jobs
from webapp import config as configuration
from webapp.actions import Actions
from webapp.config import Config
from webapp.records import JobStatus, PageQuery
from webapp.store import Claim, Store

_HERE = Path(__file__).parent
_ENVIRON = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(_HERE.parents[1]), os.environ.get("PYTHONPATH", "")]),
}


def fill(actions: Actions) -> tuple[int, JobStatus]:
    """A collection and its job: two files with three sites, a file that is nothing, an id that stands twice, and a
    story that four sites carry."""
    collection = actions.create_collection("Coast").id
    carried = {"quay.example": 3, "harbour.example": 3, "mill.example": 3, "pier.example": 1}
    wired = [{"id": f"wire {site}", "site": site, "text": wire(site, length)} for site, length in carried.items()]
    again = json.dumps({"id": "0", "site": "harbour.example", "text": "Another text of the same id."}).encode()
    job = actions.upload(
        collection,
        [
            upload("crawl.zip", archive({"harbour.example": 7, "quay.example": 4})),
            upload("rows.jsonl", rows("harbour.example", 8)),
            upload("again.jsonl", again + b"\n" + rows("mill.example", 1)),
            upload("empty.txt", b""),
            upload("wire.jsonl", "\n".join(map(json.dumps, wired)).encode()),
        ],
    )
    return collection, job


def everything(config: Config) -> dict[str, list[Any]]:
    """Every row of every table, without what tells time or names a folder at random."""
    database = sqlite3.connect(config.data / "winnow.sqlite")
    database.row_factory = sqlite3.Row
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    random = {"spool", "path", "lease_until", "owner"}
    return {
        table: sorted(
            (
                tuple((key, row[key]) for key in row.keys() if key not in random)  # noqa: SIM118 - a Row's
                for row in database.execute(f"SELECT * FROM {table}")
            ),
            key=repr,
        )
        for table in tables
    }


def downloads(actions: Actions, collection: int) -> tuple[bytes, bytes]:
    return tuple(b"".join(actions.export(collection, kind)[1]) for kind in ("zip", "jsonl"))  # type: ignore[return-value]


@pytest.fixture
def undisturbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, list[Any]], tuple[bytes, bytes]]:
    """What a job leaves that nothing disturbs."""
    monkeypatch.setattr(batches, "BATCH_PAGES", 3)
    monkeypatch.setattr(comparing, "BATCH_PAIRS", 2)
    config = configuration.load(data=tmp_path / "undisturbed", environ={})
    store = Store(config.database_url)
    actions = Actions(config, store)
    collection, _ = fill(actions)
    worker = jobs.Worker(config, store, threading.Event())
    while worker.step():
        pass
    left = everything(config)
    assert all(left[table] for table in ("passages", "clusters", "members", "duplicates"))
    return left, downloads(actions, collection)


class Killed(BaseException):
    """Stands for the end of the process."""


def test_a_job_reads_learns_labels_and_publishes(actions: Actions, work: Callable[[], None], config: Config) -> None:
    collection, job = fill(actions)
    assert (job.state, job.stage, job.ended) == ("queued", "reading", False)
    assert actions.collection(collection).job == job
    work()
    done = actions.job(job.id)
    assert (done.state, done.error, done.seconds_left) == ("done", "", None)
    assert (done.pages_done, done.bytes_done) == (done.pages_total, done.bytes_total)
    summary = actions.collection(collection)
    assert (summary.pages, summary.sites, summary.waiting, summary.job) == (25, 4, 0, None)
    assert summary.boilerplate is not None
    assert 0 < summary.boilerplate < 1
    problems = {problem.source for problem in actions.problems(collection)}
    assert problems == {"crawl.zip/broken.zip", "rows.jsonl:9", "again.jsonl:3", "empty.txt"}
    assert [(site.site, site.pages) for site in actions.sites(collection)] == [
        ("harbour.example", 17),
        ("quay.example", 5),
        ("mill.example", 2),
        ("pier.example", 1),
    ]
    assert not any(config.spool.iterdir())


def test_labels_are_those_of_the_whole_site_in_whatever_order_and_uploads_it_came(
    actions: Actions, work: Callable[[], None]
) -> None:
    pages = [json.dumps({"id": str(n), "site": "quay.example", "text": story(n, "quay.example")}) for n in range(6)]
    at_once = actions.create_collection("at once").id
    actions.upload(at_once, [upload("all.jsonl", "\n".join(pages).encode())])
    in_parts = actions.create_collection("in parts").id
    for n in (5, 2, 0, 4, 1, 3):
        actions.upload(in_parts, [upload(f"{n}.jsonl", pages[n].encode())])
    work()
    memory = detect.learn([Page(str(n), story(n, "quay.example"), "quay.example") for n in range(6)])
    for collection in (at_once, in_parts):
        for row in actions.pages(collection, PageQuery()).rows:
            opened = actions.page(row.id)
            assert opened.labelled
            assert opened.labels == detect.label(opened.page, memory)
    assert actions.blocks(at_once, "quay.example") == actions.blocks(in_parts, "quay.example")


CHECKPOINTS = (
    *("store_read", "enter", "store_learned", "store_labelled", "name_stage", "publish"),
    *("store_sketches", "store_compared", "store_prints", "show_reuse", "finish"),
)


@pytest.mark.parametrize("seed", range(12))
def test_a_job_stopped_short_at_any_checkpoints_ends_as_if_undisturbed(
    config: Config,
    store: Store,
    actions: Actions,
    monkeypatch: pytest.MonkeyPatch,
    undisturbed: tuple[dict[str, list[Any]], tuple[bytes, bytes]],
    seed: int,
) -> None:
    monkeypatch.setattr(jobs, "LEASE", -1.0)  # runs out at once
    monkeypatch.setattr(jobs, "ATTEMPTS", 1000)
    chance = random.Random(seed)
    collection, _ = fill(actions)

    def disturbed(checkpoint: Callable[..., None], claim: Claim, *rest: Any) -> None:
        if chance.random() < 0.15:
            raise Killed
        checkpoint(claim, *rest)
        if chance.random() < 0.15:
            raise Killed

    for name in CHECKPOINTS:
        monkeypatch.setattr(store, name, functools.partial(disturbed, getattr(store, name)))
    kills = 0
    while True:
        try:
            while jobs.Worker(config, store, threading.Event()).step():
                pass
            break
        except Killed:
            kills += 1
    assert kills > 3
    assert everything(config) == undisturbed[0]
    assert downloads(actions, collection) == undisturbed[1]


class KilledStore(Store):
    """A store that kills its process (`kill -9`) in a transaction of one of its checkpoints, or right after it."""

    def __init__(self, url: str, moment: tuple[str, int, str]) -> None:
        super().__init__(url)
        self._method, self._left, self._when = moment

    @contextmanager
    def _held(self, claim: Claim, **values: Any) -> Iterator[Connection]:
        caller = sys._getframe(2).f_code.co_name  # past contextlib
        self._left -= caller == self._method
        now = caller == self._method and not self._left
        with super()._held(claim, **values) as connection:
            yield connection
            if now and self._when == "inside":
                os.kill(os.getpid(), signal.SIGKILL)
        if now:
            os.kill(os.getpid(), signal.SIGKILL)


def work_until_killed(config: Config, moment: tuple[str, int, str]) -> None:
    """A worker process; without a hit it ends when nothing is left to do."""
    jobs.LEASE, jobs.HEARTBEAT = 0.3, 0.1
    store = KilledStore(config.database_url, moment)
    worker = jobs.Worker(config, store, threading.Event())
    while worker.step() or any(each.job for each in store.collections()):
        time.sleep(0.01)
    os._exit(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork: a started interpreter would import for seconds")
def test_real_kills_in_every_stage_end_as_if_undisturbed(
    config: Config,
    store: Store,
    actions: Actions,
    undisturbed: tuple[dict[str, list[Any]], tuple[bytes, bytes]],
) -> None:
    collection, _ = fill(actions)
    store.close()  # a forked process must not share a connection
    for moment in (
        ("store_read", 3, "inside"),
        ("store_read", 1, "after"),
        ("store_learned", 2, "inside"),
        ("enter", 1, "after"),
        ("store_labelled", 4, "inside"),
        ("name_stage", 1, "after"),
        ("publish", 1, "inside"),
        ("publish", 1, "after"),
        ("store_sketches", 2, "inside"),
        ("store_sketches", 1, "after"),
        ("store_compared", 2, "inside"),
        ("store_compared", 1, "after"),
        ("store_prints", 1, "inside"),
        ("store_prints", 1, "after"),
        ("show_reuse", 1, "inside"),
        ("show_reuse", 1, "after"),
        ("finish", 1, "inside"),
        ("", 0, ""),
    ):
        worker = multiprocessing.get_context("fork").Process(target=work_until_killed, args=(config, moment))
        worker.start()
        worker.join(60)
        assert worker.exitcode == (-signal.SIGKILL if moment[0] else 0), moment
    assert everything(config) == undisturbed[0]
    assert downloads(actions, collection) == undisturbed[1]


def cancel_at(
    store: Store, actions: Actions, monkeypatch: pytest.MonkeyPatch, method: str, time_: int, job: int
) -> None:
    """Cancels the job right after a checkpoint."""
    original = getattr(store, method)
    calls = 0

    def cancelling(*given: Any) -> None:
        nonlocal calls
        original(*given)
        calls += 1
        if calls == time_:
            actions.cancel(job)

    monkeypatch.setattr(store, method, cancelling)
    monkeypatch.setattr(batches, "BATCH_PAGES", 3)


def test_cancelled_while_reading_what_was_read_stays_and_the_next_job_labels_it(
    actions: Actions, store: Store, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch, config: Config
) -> None:
    collection, job = fill(actions)
    cancel_at(store, actions, monkeypatch, "store_read", 2, job.id)
    work()
    assert actions.job(job.id).state == "cancelled"
    summary = actions.collection(collection)
    assert (summary.pages, summary.waiting, summary.job, summary.boilerplate) == (6, 6, None, None)
    assert not any(config.spool.iterdir())
    opened = actions.page(actions.pages(collection, PageQuery()).rows[0].id)
    assert not opened.labelled
    assert opened.labels == detect.label(opened.page, detect.Memory())
    rest = actions.label_rest(collection)
    work()
    assert actions.job(rest.id).state == "done"
    assert actions.collection(collection).waiting == 0


def test_cancelled_while_labelling_a_site_is_as_it_was_before(
    actions: Actions, store: Store, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch, config: Config
) -> None:
    collection = actions.create_collection("Coast").id
    actions.upload(collection, [upload("first.jsonl", rows("quay.example", 5))])
    work()
    before = {row.id: actions.page(row.id) for row in actions.pages(collection, PageQuery()).rows}
    blocks = actions.blocks(collection, "quay.example")
    job = actions.upload(collection, [upload("second.zip", archive({"quay.example": 9, "harbour.example": 3}))])
    cancel_at(store, actions, monkeypatch, "store_labelled", 3, job.id)
    work()
    assert actions.job(job.id).state == "cancelled"
    assert actions.collection(collection).waiting == 9
    for id, opened in before.items():
        again = actions.page(id)
        assert (again.labels, again.labelled, again.title) == (opened.labels, True, opened.title)
    assert actions.blocks(collection, "quay.example") == blocks
    with sqlite3.connect(config.data / "winnow.sqlite") as database:  # 5 and the 3 of the site that was done
        assert database.execute("SELECT count(*) FROM page_labels").fetchone() == (8,)


def test_a_page_that_no_sample_takes_is_not_learned_from_and_what_was_learned_is_the_same(
    actions: Actions, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    pages = by_key([Page(str(n), story(n, "quay.example"), "quay.example") for n in range(75)])
    looked_at = detect.Settings().site_pages
    learned = []
    learn = detect.learn

    def counting(given: list[Page]) -> detect.Memory:
        learned.extend(page.id for page in given)
        return learn(given)

    monkeypatch.setattr(detect, "learn", counting)
    collection = actions.create_collection("Coast").id
    actions.upload(collection, [upload("sooner.jsonl", b"\n".join(map(as_row, pages[: looked_at + 3])))])
    work()
    actions.upload(collection, [upload("later.jsonl", b"\n".join(map(as_row, pages[looked_at + 3 :])))])
    work()
    assert learned == [page.id for page in pages[:looked_at]]
    memory = store.memory(collection, "quay.example", labelled=True)
    assert memory == learn(pages[:looked_at])
    assert told_by_page(actions, collection) == {page.id: detect.label(page, learn(pages)) for page in pages}


def as_row(page: Page) -> bytes:
    return json.dumps({"id": page.id, "site": page.site, "text": page.text}).encode()


def by_key(pages: list[Page]) -> list[Page]:
    return sorted(pages, key=lambda page: detect.learn([page]).keys(page.site))


def told_by_page(actions: Actions, collection: int) -> dict[str, detect.Labels]:
    listed = (actions.pages(collection, PageQuery(number=number)).rows for number in (1, 2))
    return {row.name: actions.page(row.id).labels for rows in listed for row in rows}


@pytest.mark.parametrize("few_are_new", [True, False])
def test_only_new_pages_are_labelled_while_the_pages_that_stand_for_a_site_are_the_same(
    actions: Actions, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch, few_are_new: bool
) -> None:
    pages = by_key([Page(str(n), story(n, "quay.example"), "quay.example") for n in range(75)])
    looked_at = detect.Settings().site_pages
    later = pages[looked_at + 3 :] if few_are_new else pages[:3]
    sooner = [page for page in pages if page not in later]
    collection = actions.create_collection("Coast").id
    actions.upload(collection, [upload("sooner.jsonl", b"\n".join(map(as_row, sooner)))])
    work()
    blocks = actions.blocks(collection, "quay.example")
    assert blocks[0].of == looked_at
    labelled = []
    label = detect.label

    def counting(page: Page, memory: detect.Memory) -> detect.Labels:
        labelled.append(page.id)
        return label(page, memory)

    monkeypatch.setattr(detect, "label", counting)
    job = actions.upload(collection, [upload("later.jsonl", b"\n".join(map(as_row, later)))])
    work()
    assert sorted(labelled) == sorted(page.id for page in (later if few_are_new else pages))
    assert actions.job(job.id).state == "done"
    assert actions.collection(collection).waiting == 0
    memory = detect.learn(pages)
    assert told_by_page(actions, collection) == {page.id: label(page, memory) for page in pages}
    if few_are_new:
        assert actions.blocks(collection, "quay.example") == blocks
    assert actions.blocks(collection, "quay.example")[0].of == looked_at


def test_what_an_older_program_learned_is_learned_and_labelled_again_by_the_next_job(
    actions: Actions, work: Callable[[], None], config: Config
) -> None:
    collection, _ = fill(actions)
    work()
    tables = ("page_memories", "page_labels", "sites", "pages", "members")

    def left() -> dict[str, list[Any]]:
        rows = everything(config)
        unnumbered = {"generation", "cluster", "shown"}
        return {table: [[one for one in row if one[0] not in unnumbered] for row in rows[table]] for table in tables}

    before = left()
    with sqlite3.connect(config.data / "winnow.sqlite") as database:
        database.executescript(
            "DELETE FROM page_memories; UPDATE pages SET sample_key = NULL; UPDATE sites SET sample = NULL;"
        )
    actions.label_rest(collection)
    work()
    assert left() == before


def test_a_page_that_the_engine_stumbles_over_is_told_and_kept_whole_and_the_others_go_on(
    actions: Actions, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    label, learn = detect.label, detect.learn

    def label_but_one(page: Page, memory: detect.Memory) -> detect.Labels:
        if page.id == "2":
            raise ZeroDivisionError("no words")
        return label(page, memory)

    def learn_but_one(pages: list[Page]) -> detect.Memory:
        if pages[0].id == "3":
            raise RecursionError("too deep")
        return learn(pages)

    monkeypatch.setattr(detect, "label", label_but_one)
    monkeypatch.setattr(detect, "learn", learn_but_one)
    collection = actions.create_collection("Coast").id
    job = actions.upload(collection, [upload("rows.jsonl", rows("quay.example", 5))])
    work()
    assert actions.job(job.id).state == "done"
    told = {problem.source: problem.reason for problem in actions.problems(collection)}
    assert "ZeroDivisionError" in told["rows.jsonl:3"]
    assert "RecursionError" in told["rows.jsonl:4"]
    opened = {row.name: actions.page(row.id) for row in actions.pages(collection, PageQuery()).rows}
    assert all(page.labelled for page in opened.values())
    assert actions.page_text(opened["2"].id)[1] == opened["2"].page.text


@pytest.mark.parametrize(
    ("verb", "stage"),
    [("read", "reading"), ("learn", "learning"), ("label", "labelling"), ("find_blocks", "blocks")],
)
def test_a_job_that_keeps_killing_its_worker_is_given_up(
    actions: Actions, store: Store, config: Config, monkeypatch: pytest.MonkeyPatch, verb: str, stage: str
) -> None:
    def die(*given: object, **named: object) -> None:
        raise Killed

    monkeypatch.setattr(detect, verb, die)
    monkeypatch.setattr(jobs, "LEASE", -1.0)
    _, job = fill(actions)
    deaths = 0
    while not actions.job(job.id).ended:
        try:
            jobs.Worker(config, store, threading.Event()).step()
        except Killed:
            deaths += 1
    assert deaths in (jobs.ATTEMPTS, jobs.ATTEMPTS + 1)  # the first go may have stored something before
    assert actions.job(job.id).state == "failed"
    assert stage in actions.job(job.id).error


def test_a_worker_told_to_stop_puts_its_job_back(
    actions: Actions, store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    original = detect.learn
    monkeypatch.setattr(detect, "learn", lambda pages: (stop.set(), original(pages))[1])
    _, job = fill(actions)
    jobs.Worker(config, store, stop).run()
    assert (actions.job(job.id).state, actions.job(job.id).stage) == ("queued", "learning")


def wait_for(true: Callable[[], bool], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_a_killed_worker_is_started_again_and_stops_when_told(actions: Actions, config: Config) -> None:
    handle = jobs.start_worker(config)
    try:
        first = handle.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: handle.pid != first)
        _, job = fill(actions)
        wait_for(lambda: actions.job(job.id).state == "done")
        second = handle.pid
        assert second is not None
    finally:
        handle.stop()
    assert not alive(second)


def test_no_worker_outlives_a_killed_server(config: Config) -> None:
    server = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time, pathlib; from webapp import config, jobs\n"
            "handle = jobs.start_worker(config.load(data=pathlib.Path(sys.argv[1]), environ={}))\n"
            "print(handle.pid, flush=True); time.sleep(60)",
            str(config.data),
        ],
        env=_ENVIRON,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    worker = int(server.stdout.readline())
    time.sleep(1.5)  # so that it is well at work
    assert alive(worker)
    server.kill()
    server.wait()
    wait_for(lambda: not alive(worker), seconds=10)
