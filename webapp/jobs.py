"""Durable jobs: queued -> running -> done | failed | cancelled, worked on in a process of their own.

Here are the threads and processes; stages.py does the work, from checkpoint to checkpoint. A worker holds a job
by a lease that its heartbeat renews; when it stops, the lease runs out and the next worker takes the job up.

Cancelling stops the work at once: pages already read stay, sites already published stay as they are, and what
was labelled of an unpublished site is dropped. The pages that are left without labels wait for the
collection's next job, as do those that are not compared; what they share is shown when all of them are.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from webapp.batches import in_words
from webapp.config import Config
from webapp.records import Stage
from webapp.stages import Run, remove_spool
from webapp.store import Claim, JobLostError, Store

log = logging.getLogger("winnow.jobs")

# Seconds a job stays its worker's without a sign of life: what a restart after a crash waits at most. Five
# heartbeats, so that one that comes late (a large page holds the interpreter for seconds) costs nothing.
LEASE = 10.0
HEARTBEAT = 2.0

# Seconds between two looks for work: what a person waits before an upload begins to move.
POLL = 0.3

# Times a job is taken up without reaching a checkpoint, after which its input is taken to be what kills it.
ATTEMPTS = 3

# Seconds between restarts of a worker that dies: doubled each time up to the last, begun anew after a quiet while.
_FIRST_PAUSE, _LAST_PAUSE = 1.0, 60.0

# What a job is at in each stage, as it is told.
_AT: dict[Stage, str] = {
    "reading": "reading",
    "learning": "learning",
    "labelling": "labelling",
    "blocks": "finding blocks",
    "reuse": "looking for reuse",
}

_STOP_WAIT = 5.0  # seconds a worker has to reach the end of a page when the server stops


class _StopError(Exception):
    """The server is stopping: the job goes back to the queue as its last checkpoint has it."""


class Worker:
    """Takes jobs from the store, one at a time, until told to stop."""

    def __init__(self, config: Config, store: Store, stop: threading.Event) -> None:
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
        job, spool = ended
        remove_spool(self._config, spool)
        self._store.sweep(job)
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
                    Run(self._config, self._store, claim, lambda: self._check(claim, lost)).all()
                    self._store.finish(claim)
        except JobLostError:
            log.info("job %d was cancelled or taken over", claim.id)
        except _StopError:
            self._store.release(claim)
        except Exception as error:
            log.exception("job %d failed", claim.id)
            with suppress(JobLostError):  # cancelled as it failed
                self._store.finish(claim, f"Winnow stumbled over this job ({in_words(error)}).")
        return True

    def _check(self, claim: Claim, lost: threading.Event) -> None:
        """Raises when the work should end here."""
        if lost.is_set():
            raise JobLostError(f"job {claim.id}")
        if self._stop.is_set():
            raise _StopError

    def _gave_up(self, claim: Claim) -> str:
        where = ""
        if claim.stage == "reading":
            files = self._store.files(claim)
            where = f" in {files[claim.file].name}" if claim.file < len(files) else ""
        return (
            f"The work ended {ATTEMPTS} times at the same place, while {_AT[claim.stage]}{where}. The machine may be"
            " short of memory; what was read up to there is kept."
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


# Processes


class WorkerHandle:
    """A worker process, started again when it dies. `stop` ends it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._context = multiprocessing.get_context("spawn")
        # Closed, this tells a worker to stop. An Event of processes would wait for one that was killed as it waited.
        self._theirs, self._ours = self._context.Pipe(duplex=False)
        self._stopping = threading.Event()
        self._until = 0.0  # when it has had the time to stop
        self._process = self._start()
        self._thread = threading.Thread(target=self._supervise, name="worker supervisor", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The worker's process number."""
        return self._process.pid

    def ask_to_stop(self) -> None:
        """Have the worker put the job it is at back to the queue, from where it goes on next time, and end."""
        if not self._stopping.is_set():
            self._until = time.monotonic() + _STOP_WAIT
        self._stopping.set()
        self._ours.close()

    def stop(self) -> None:
        """End the worker: as it was asked to, or at once if that takes too long."""
        self.ask_to_stop()
        self._thread.join()
        self._process.join(max(0.0, self._until - time.monotonic()))
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _start(self) -> SpawnProcess:
        process = self._context.Process(
            target=_work, args=(self._config, self._theirs), name="winnow worker", daemon=True
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


def _work(config: Config, server: Connection) -> None:
    """The worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then stops us in good order
    stop = threading.Event()
    threading.Thread(target=_end_with_parent, name="parent watch", daemon=True).start()
    threading.Thread(target=_set_when_closed, args=(server, stop), name="stop watch", daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(5)  # a person who pastes goes first
    store = Store(config.database_url)
    _remove_strays(config, store)
    Worker(config, store, stop).run()


def _set_when_closed(server: Connection, stop: threading.Event) -> None:
    with suppress(OSError):
        server.poll(None)
    stop.set()


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
