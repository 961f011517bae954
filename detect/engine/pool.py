"""Chunks of items over processes: the same results in the same order as in one process.

What is shared reaches a process once, when it starts. Only a few chunks are under way at a time, so input and
results may be larger than memory.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
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
    # Spawned, not forked: a fork copies the locks of other threads as they happen to be held.
    executor = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start,
        initargs=(pickle.dumps((function, shared), pickle.HIGHEST_PROTOCOL),),
    )
    try:
        yield from _in_order(executor, iter(items), workers * _AHEAD, together)
    except BrokenProcessPool as error:
        raise WorkerDiedError(
            "a worker process died before its pages were done; try again with fewer workers"
        ) from error
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _in_order(executor: ProcessPoolExecutor, items: Iterator[Any], ahead: int, together: int) -> Iterator[Any]:
    pending: deque[Future[list[Any]]] = deque()
    chunks = iter(lambda: list(islice(items, together)), [])
    for chunk in chunks:
        pending.append(executor.submit(_work, chunk))
        if len(pending) >= ahead:
            yield from pending.popleft().result()
    while pending:
        yield from pending.popleft().result()


# One process works for one call of run_pool: what it was started with stays with it.
_task: tuple[Callable[[Any, Any], Any], Any] | None = None


def _start(packed: bytes) -> None:
    global _task
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the parent ends the others
    _task = pickle.loads(packed)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A parent that is killed cannot tell its workers to stop, and they would wait for ever.
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _work(chunk: list[Any]) -> list[Any]:
    assert _task is not None, "the process was started by _start"
    function, shared = _task
    return [function(shared, item) for item in chunk]
