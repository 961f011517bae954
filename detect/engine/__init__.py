"""Where the stages run: in this process or over several, with the same results in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from detect.engine.pool import WorkerDiedError, run_pool
from detect.engine.serial import Item, Result, Shared, run_serial
from detect.engine.settling import settle_folder

__all__ = ["WorkerDiedError", "run", "settle_folder"]


def run(
    function: Callable[[Shared, Item], Result],
    items: Iterable[Item],
    *,
    workers: int = 1,
    shared: Shared = None,  # type: ignore[assignment]
    together: int = 16,
) -> Iterator[Result]:
    """`function(shared, item)` of every item, in the order of the items.

    With more than one worker the function, what is shared, the items and the results have to be picklable; so many
    items go to a worker `together` that it works longer than the post takes.
    """
    if workers < 1:
        raise ValueError(f"workers has to be at least 1, not {workers}")
    return run_serial(function, items, shared) if workers == 1 else run_pool(function, items, shared, workers, together)
