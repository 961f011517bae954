"""Chunks of items over processes: the same results in the same order as in one process.

What is shared reaches a process once, when it starts. Only a few chunks are under way at a time, so input and
results may be larger than memory. Stopped early, the processes end at once, with what they were at.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from detect.engine.serial import Item, Result, Shared

_AHEAD = 3  # chunks under way for each process: one at work, one waiting, one being fetched


class WorkerDiedError(RuntimeError):
    """A process ended without giving its results: killed, or out of memory. Fewer workers need less of it."""


def run_pool(
    function: Callable[[Shared, Item], Result], items: Iterable[Item], shared: Shared, workers: int, together: int
) -> Iterator[Result]:
    """`function(shared, item)` of every item, in order; the function has to be importable by its name.

    What the function raises is raised here. Raises WorkerDiedError when a process ends early.
    """
    team = _Team(pickle.dumps((function, shared), pickle.HIGHEST_PROTOCOL))
    # A thread a process, to wait for it. concurrent.futures has processes of its own, but they finish what they are at
    # when the work is stopped, and up to Python 3.11.4 one that dies can leave the others hanging.
    threads = ThreadPoolExecutor(workers, "worker")
    try:
        yield from _in_order(threads, team, iter(items), workers * _AHEAD, together)
    finally:
        team.end()
        threads.shutdown(wait=True, cancel_futures=True)


def _in_order(
    threads: ThreadPoolExecutor, team: _Team, items: Iterator[Any], ahead: int, together: int
) -> Iterator[Any]:
    pending: deque[Future[list[Any]]] = deque()
    chunks = iter(lambda: list(islice(items, together)), [])
    for chunk in chunks:
        pending.append(threads.submit(team.work, chunk))
        if len(pending) >= ahead:
            yield from pending.popleft().result()
    while pending:
        yield from pending.popleft().result()


class _Team:
    """The processes of one call of run_pool, started as they are needed."""

    def __init__(self, task: bytes) -> None:
        self._task = task
        self._all: list[_Worker] = []
        self._idle: list[_Worker] = []
        self._lock = threading.Lock()
        self._ended = False

    def work(self, chunk: list[Any]) -> list[Any]:
        """The results of a chunk; in any thread, and in no more threads at a time than there should be processes."""
        worker = self._take()
        results = worker.work(chunk)
        self._idle.append(worker)
        return results

    def _take(self) -> _Worker:
        with self._lock:
            if self._ended:
                raise WorkerDiedError("the work was ended")
            if not self._idle:
                self._all.append(worker := _Worker(self._task))
                return worker
            return self._idle.pop()

    def end(self) -> None:
        """End every process, and start no other."""
        with self._lock:
            self._ended = True
            for worker in self._all:
                worker.kill()
            for worker in self._all:
                worker.join()


class _Worker:
    """A process, and the pipe to it."""

    def __init__(self, task: bytes) -> None:
        # Spawned, not forked: a fork copies the locks of other threads as they happen to be held.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), name="winnow worker", daemon=True)
        # Ctrl-C reaches every process. This one never hears of it, not even while it imports: the parent ends it.
        # What keeps track of resources is started beforehand: its start lets this thread hear signals again.
        resource_tracker.ensure_running()
        if hasattr(signal, "pthread_sigmask"):  # not on Windows
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self._process.start()
        theirs.close()
        self._task: bytes | None = task

    def work(self, chunk: list[Any]) -> list[Any]:
        """The results of a chunk, in the process. Raises what the function raises, and WorkerDiedError."""
        try:
            if self._task is not None:
                self._pipe.send_bytes(self._task)
                self._task = None
            self._pipe.send(chunk)
            outcome = self._pipe.recv()
        except (EOFError, OSError):
            raise WorkerDiedError(
                "a worker process died before its pages were done; try again with fewer workers"
            ) from None
        if isinstance(outcome, _Raised):
            raise outcome.error
        return outcome

    def kill(self) -> None:
        """End the process, whatever it is at."""
        self._process.kill()

    def join(self) -> None:
        """Wait until it is gone."""
        self._process.join()


@dataclass(frozen=True)
class _Raised:
    """What the function raised."""

    error: Exception


def _serve(pipe: Connection) -> None:
    """The process: a task, then chunk after chunk."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where it could not be kept away beforehand
    threading.Thread(target=_end_with_parent, daemon=True).start()
    function, shared = pickle.loads(pipe.recv_bytes())
    while True:
        chunk = pipe.recv()
        pipe.send_bytes(_outcome(function, shared, chunk))


def _outcome(function: Callable[[Any, Any], Any], shared: object, chunk: list[Any]) -> bytes:
    try:
        return pickle.dumps([function(shared, item) for item in chunk], pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        told = traceback.format_exc()
        error.add_note(f"In a worker process:\n{told}")
        try:
            packed = pickle.dumps(_Raised(error), pickle.HIGHEST_PROTOCOL)
            pickle.loads(packed)
            return packed
        except Exception:  # it holds what cannot be posted, or be made again there
            return pickle.dumps(_Raised(RuntimeError(told)))


def _end_with_parent() -> None:
    # A parent that is killed cannot tell its workers to stop, and they would wait for ever.
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)
