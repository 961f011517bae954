"""Durable jobs: queued -> running -> done | failed | cancelled, worked on in a process of their own.

A job reads spooled files, learns from each page, then labels each site that has new pages, finds its blocks
and publishes it. After every batch it stores what it made together with where to go on (a checkpoint), so
that whoever takes it up after a `kill -9` ends with the same rows as if nothing had happened. A worker holds
a job by a lease that its heartbeat renews; when it stops, the lease runs out and the next worker takes the
job up.

Cancelling stops the work at once: pages already read stay, sites already published stay as they are, and what
was labelled of an unpublished site is dropped. The pages that are left without labels wait for the
collection's next job.
"""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import os
import shutil
import signal
import threading
import time
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Protocol, get_args

import numpy as np

import detect
from detect import Block, Kind, Labels, Memory, Page, Unreadable
from webapp.config import Config
from webapp.records import STAGES, Problem, Stage
from webapp.store import Claim, JobLostError, Labelled, NewPage, PageKey, Progress, SpooledFile, Store
from webapp.titles import title_of

log = logging.getLogger("winnow.jobs")

# Seconds a job stays its worker's without a sign of life: what a restart after a crash waits at most. Five
# heartbeats, so that one that comes late (a large page holds the interpreter for seconds) costs nothing.
LEASE = 10.0
HEARTBEAT = 2.0

# Seconds between two looks for work: what a person waits before an upload begins to move.
POLL = 0.3

# Times a job is taken up without reaching a checkpoint, after which its input is taken to be what kills it.
ATTEMPTS = 3

# A batch ends at either: about a second of work, which is what a crash costs.
BATCH_PAGES = 100
BATCH_BYTES = 1_000_000

# Pages (and bytes of their text) that a site's blocks are looked for in: recurrence saturates within tens of pages.
BLOCK_PAGES = 200
BLOCK_BYTES = 20_000_000

# Seconds of work before a rate is worth telling.
_PACE_FROM = 1.0

# Seconds between restarts of a worker that dies: doubled each time up to the last, begun anew after a quiet while.
_FIRST_PAUSE, _LAST_PAUSE = 1.0, 60.0

_STOP_WAIT = 5.0  # seconds a worker has to reach the end of a page when the server stops


class Stop(Protocol):
    """What tells a worker to stop: an Event of threads or of processes."""

    def is_set(self) -> bool:
        """Whether it is time."""
        ...

    def wait(self, timeout: float) -> bool:
        """Wait for it, at most this many seconds; whether it is time."""
        ...


class _StopError(Exception):
    """The server is stopping: the job goes back to the queue as its last checkpoint has it."""


class Worker:
    """Takes jobs from the store, one at a time, until told to stop."""

    def __init__(self, config: Config, store: Store, stop: Stop) -> None:
        self._config = config
        self._store = store
        self._stop = stop
        self._owner = uuid.uuid4().hex

    def run(self) -> None:
        """Work until told to stop."""
        while not self._stop.is_set():
            if not self.step():
                self._stop.wait(POLL)

    def step(self) -> bool:
        """Do the next thing there is to do; whether there was any."""
        return self._sweep() or self._work() or self._store.purge()

    def _sweep(self) -> bool:
        ended = self._store.unswept()
        if ended is None:
            return False
        job, collection, spool = ended
        remove_spool(self._config, spool)
        self._store.sweep(job, collection)
        return True

    def _work(self) -> bool:
        claim = self._store.claim(self._owner, time.time(), time.time() + LEASE)
        if claim is None:
            return False
        try:
            with self._heartbeat(claim) as lost:
                if claim.attempts > ATTEMPTS:
                    self._store.finish(claim, self._gave_up(claim))
                else:
                    _Run(self._config, self._store, claim, self._stop, lost).all()
                    self._store.finish(claim)
        except JobLostError:
            log.info("job %d was cancelled or taken over", claim.id)
        except _StopError:
            self._store.release(claim)
        except Exception as error:
            log.exception("job %d failed", claim.id)
            with suppress(JobLostError):  # cancelled as it failed
                self._store.finish(claim, f"Winnow stumbled over this job ({_in_words(error)}).")
        return True

    def _gave_up(self, claim: Claim) -> str:
        where = ""
        if claim.stage == "reading":
            files = self._store.files(claim)
            where = f" in {files[claim.file].name}" if claim.file < len(files) else ""
        return (
            f"The work ended {ATTEMPTS} times at the same place, while {claim.stage}{where}. The machine may be short"
            " of memory; what was read up to there is kept."
        )

    @contextmanager
    def _heartbeat(self, claim: Claim) -> Iterator[threading.Event]:
        """Renews the lease meanwhile; the event is set once the job is no longer ours."""
        lost, over = threading.Event(), threading.Event()

        def beat() -> None:
            while not over.wait(HEARTBEAT):
                try:
                    if not self._store.renew(claim, time.time() + LEASE):
                        lost.set()
                except Exception:  # the next one may get through; if none does, the lease runs out, as it should
                    log.exception("no heartbeat of job %d", claim.id)

        thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
        thread.start()
        try:
            yield lost
        finally:
            over.set()
            thread.join()


class _Run:
    """One go at a job, from its checkpoint on."""

    def __init__(self, config: Config, store: Store, claim: Claim, stop: Stop, lost: threading.Event) -> None:
        self._config = config
        self._store = store
        self._claim = claim
        self._stop = stop
        self._lost = lost

    def all(self) -> None:
        # A stage that is over stays over: a page pasted since then waits for its own job. Were it learned
        # now, a site that is half labelled would be finished with another memory than it was begun with.
        if not self._is_past("reading"):
            self._read()
        remove_spool(self._config, self._claim.spool)
        if not self._is_past("learning"):
            self._learn()
        self._label()

    def _is_past(self, stage: Stage) -> bool:
        return STAGES.index(self._claim.stage) > STAGES.index(stage)

    def _check(self) -> None:
        """Between two pages: raises when the work should end here."""
        if self._lost.is_set():
            raise JobLostError(f"job {self._claim.id}")
        if self._stop.is_set():
            raise _StopError

    # Reading

    def _read(self) -> None:
        files = self._store.files(self._claim)
        pace = _Pace(sum(file.size for file in files[self._claim.file :]))
        batch: list[NewPage | Unreadable] = []
        chars = read = 0
        for number in range(self._claim.file, len(files)):
            gauge = _Gauge(self._config.data / files[number].path, files[number])
            skip = self._claim.entry if number == self._claim.file else 0
            for count, entry in enumerate(self._entries(files[number]), 1):
                self._check()
                step = gauge.step(entry)
                if count <= skip:
                    pace.skip(step)
                    continue
                read += step
                batch.append(NewPage(entry, title_of(entry)) if isinstance(entry, Page) else entry)
                chars += len(entry.text) if isinstance(entry, Page) else 0
                if len(batch) >= BATCH_PAGES or chars >= BATCH_BYTES:
                    self._store_read(batch, number, count, read, pace)
                    batch, chars, read = [], 0, 0
            read += gauge.rest()
        if self._claim.file < len(files):
            self._store_read(batch, len(files), 0, read, pace)

    def _entries(self, file: SpooledFile) -> Iterator[Page | Unreadable]:
        path = self._config.data / file.path
        try:
            yield from detect.read(
                [path],
                names={path: file.name},
                fallback_site=self._claim.collection_name,
                limits=detect.Limits(),
            )
        except Exception as error:
            log.exception("reading %s", file.name)
            yield Unreadable(file.name, f"Winnow stumbled over it ({_in_words(error)}); the rest of it was not read")

    def _store_read(self, batch: list[NewPage | Unreadable], file: int, entry: int, read: int, pace: _Pace) -> None:
        pages = sum(isinstance(one, NewPage) for one in batch)
        self._store.store_read(self._claim, batch, file, entry, Progress(pages, read, pace.step(read)))

    # Learning

    def _learn(self) -> None:
        todo = self._store.unlearned(self._claim.collection)
        total = sum(key.bytes for key in todo)
        self._store.enter(self._claim, "learning", len(todo), total)
        pace = _Pace(total)
        for batch in _batches(todo):
            memories, problems = [], []
            for key in batch:
                self._check()
                page = self._store.page(key.id).page
                try:
                    memory = detect.learn([page])
                except Exception as error:
                    log.exception("learning from %s", page.id)
                    problems.append(_stumbled("learn from", page, error))
                    memory = Memory()
                memories.append((key.id, memory.pack()))
            self._store.store_learned(self._claim, memories, problems, _progress(batch, pace))

    # Labelling

    def _label(self) -> None:
        sites = self._store.changed_sites(self._claim.collection)
        total = sum(size for _, _, size in sites)
        self._store.enter(self._claim, "labelling", sum(pages for _, pages, _ in sites), total)
        pace = _Pace(total)
        for site, pages, _ in sites:
            memory = self._memory(site)
            self._label_site(site, memory, pace)
            blocks: tuple[Block, ...] = ()
            if pages > 1:  # nothing recurs on one page
                self._store.name_stage(self._claim, "blocks")
                blocks = self._blocks(site, memory)
                self._check()
            self._store.publish(self._claim, site, blocks)

    def _memory(self, site: str) -> Memory:
        packed = self._store.memories(self._claim.collection, site, labelled=False)
        return Memory.union(Memory.unpack(blob) for blob in packed)

    def _label_site(self, site: str, memory: Memory, pace: _Pace) -> None:
        done = self._store.labelled_pages(self._claim, site)
        pages = self._store.learned_pages(self._claim.collection, site)
        pace.skip(sum(key.bytes for key in pages if key.id in done))
        for batch in _batches([key for key in pages if key.id not in done]):
            labelled, problems = [], []
            for key in batch:
                self._check()
                page = self._store.page(key.id).page
                try:
                    labels = detect.label(page, memory)
                except Exception as error:
                    log.exception("labelling %s", page.id)
                    problems.append(_stumbled("label", page, error))
                    labels = _all_content(page)
                labelled.append(Labelled(key.id, title_of(page, labels), labels))
            self._store.store_labelled(self._claim, labelled, problems, _progress(batch, pace))

    def _blocks(self, site: str, memory: Memory) -> tuple[Block, ...]:
        sample = self._sample(site)
        try:
            return detect.find_blocks(sample, memory)
        except Exception:
            # The pages are labelled all the same; what is missing is the list of what they have in common.
            log.exception("finding the blocks of %s", site)
            return ()

    def _sample(self, site: str) -> list[Page]:
        """Pages of a site, the same ones however and in whatever order they came."""
        keys = self._store.learned_pages(self._claim.collection, site)
        room = BLOCK_BYTES
        sample: list[Page] = []
        for key in sorted(keys, key=_by_hash)[:BLOCK_PAGES]:
            room -= key.bytes
            if room < 0 and len(sample) > 1:
                break
            sample.append(self._store.page(key.id).page)
        return sample


def _by_hash(key: PageKey) -> bytes:
    return hashlib.sha256(key.name.encode()).digest()


def _batches(keys: list[PageKey]) -> Iterator[list[PageKey]]:
    """Runs of pages that end at BATCH_PAGES or BATCH_BYTES."""
    batch: list[PageKey] = []
    size = 0
    for key in keys:
        batch.append(key)
        size += key.bytes
        if len(batch) >= BATCH_PAGES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _progress(batch: list[PageKey], pace: _Pace) -> Progress:
    size = sum(key.bytes for key in batch)
    return Progress(len(batch), size, pace.step(size))


def _all_content(page: Page) -> Labels:
    """The labels of a page that could not be judged: kept whole, with no reason given and a probability of a half."""
    n = 1 if page.text else 0
    return Labels(
        signals=(),
        bounds=np.array([0, len(page.text)][: n + 1], np.int64),
        kinds=np.full(n, get_args(Kind).index("content"), np.uint8),
        weights=np.zeros((n, 0), np.float32),
        pages=np.zeros(n, np.int32),
        of=np.zeros(n, np.int32),
        repeats=np.zeros(n, np.bool_),
    )


def _stumbled(what: str, page: Page, error: Exception) -> Problem:
    return Problem(
        page.source or page.id,
        f"Winnow stumbled when it tried to {what} this page ({_in_words(error)}); it is kept whole",
    )


def _in_words(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"


class _Pace:
    """How many seconds the rest of a stage takes at the rate so far."""

    def __init__(self, left: int) -> None:
        self._left = left
        self._done = 0
        self._began = time.monotonic()

    def skip(self, size: int) -> None:
        """So many bytes were done before."""
        self._left -= size

    def step(self, size: int) -> float | None:
        """So many bytes are done now; the seconds left, None while it is too early to tell."""
        self._left -= size
        self._done += size
        elapsed = time.monotonic() - self._began
        if elapsed < _PACE_FROM or not self._done:
            return None
        return max(0.0, elapsed * self._left / self._done)


class _Gauge:
    """How far into a file reading is, as well as that can be told from the pages that come out of it.

    In a .zip by the packed sizes of the members met, elsewhere by the text; never more than the file has.
    """

    def __init__(self, path: Path, file: SpooledFile) -> None:
        self._left = file.size
        self._members: dict[str, int] = {}
        try:
            with zipfile.ZipFile(path) as archive:
                self._members = {f"{file.name}/{one.filename}": one.compress_size for one in archive.infolist()}
        except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
            pass

    def step(self, entry: Page | Unreadable) -> int:
        """The bytes of the file that this entry stands for."""
        if self._members:
            member = entry.source if entry.source in self._members else entry.source.rpartition(":")[0]
            size = self._members.pop(member, 0)
        else:
            size = len(entry.text.encode()) if isinstance(entry, Page) else 0
        size = min(size, self._left)
        self._left -= size
        return size

    def rest(self) -> int:
        """The bytes that no entry stood for, at the end of the file."""
        return self._left


def remove_spool(config: Config, spool: str) -> None:
    """Delete the folder of a job's uploaded files, if it is still there."""
    if spool:
        shutil.rmtree(config.spool / spool, ignore_errors=True)


# Processes


class WorkerHandle:
    """A worker process, started again when it dies. `stop` ends it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._context = multiprocessing.get_context("spawn")
        self._stop = self._context.Event()
        self._stopping = threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._supervise, name="worker supervisor", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The worker's process number."""
        return self._process.pid

    def stop(self) -> None:
        """End the worker; the job it is at goes back to the queue and on from its checkpoint next time."""
        self._stopping.set()
        self._stop.set()
        self._thread.join()
        self._process.join(_STOP_WAIT)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _start(self) -> SpawnProcess:
        process = self._context.Process(
            target=_work, args=(self._config, self._stop), name="winnow worker", daemon=True
        )
        process.start()
        return process

    def _supervise(self) -> None:
        pause = _FIRST_PAUSE
        began = time.monotonic()
        while not self._stopping.is_set():
            self._process.join(POLL)
            if self._process.is_alive() or self._stopping.is_set():
                continue
            if time.monotonic() - began > _LAST_PAUSE:
                pause = _FIRST_PAUSE
            log.error("the worker ended with code %s; starting another", self._process.exitcode)
            if not self._stopping.wait(pause):
                pause = min(2 * pause, _LAST_PAUSE)
                began = time.monotonic()
                self._process = self._start()


def start_worker(config: Config) -> WorkerHandle:
    """Start the process that works on jobs; it ends when `stop` is called, or by itself when this process dies."""
    return WorkerHandle(config)


def _work(config: Config, stop: Event) -> None:
    """The worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then stops us in good order
    threading.Thread(target=_end_with_parent, name="parent watch", daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(5)  # a person who pastes goes first
    store = Store(config.database_url)
    _remove_strays(config, store)
    Worker(config, store, stop).run()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # as sudden as the parent's end: the checkpoint is there for this


def _remove_strays(config: Config, store: Store) -> None:
    """Delete spool folders that no job knows: of uploads that a crash cut off."""
    if not config.spool.is_dir():
        return
    known = store.spools()
    for folder in config.spool.iterdir():
        # One that is being written to belongs to an upload in progress.
        if folder.name not in known and time.time() - folder.stat().st_mtime > 24 * 3600:
            shutil.rmtree(folder, ignore_errors=True)
