"""One item after another in this process: the reference that every other way of running must equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Shared = TypeVar("Shared")
Item = TypeVar("Item")
Result = TypeVar("Result")


def run_serial(function: Callable[[Shared, Item], Result], items: Iterable[Item], shared: Shared) -> Iterator[Result]:
    """`function(shared, item)` of every item, in order, each as it is asked for."""
    return (function(shared, item) for item in items)
