"""What is slow to load and often asked for, kept until it is published anew. Safe to share between threads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class AtHand(Generic[Key, Value]):
    """Values by key, those last asked for. `generation` changes when a value has to be loaded anew; of more values
    than `fit` together the oldest go, but never the last one."""

    def __init__(
        self,
        generation: Callable[[Key], int],
        load: Callable[[Key], Value],
        fit: Callable[[Collection[Value]], bool],
    ) -> None:
        self._generation = generation
        self._load = load
        self._fit = fit
        self._kept: OrderedDict[Key, tuple[int, Value]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: Key) -> Value:
        """The value as it was last published."""
        generation = self._generation(key)
        with self._lock:  # held while loading too: ten requests for one large value are one load
            kept = self._kept.get(key)
            if kept is None or kept[0] != generation:
                kept = (generation, self._load(key))
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and not self._fit([value for _, value in self._kept.values()]):
                self._kept.popitem(last=False)
        return kept[1]
