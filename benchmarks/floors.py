"""What this machine can do at best, to hold the other figures against: reading memory, hashing, decoding Parquet.

In: a Parquet file of pages. Out: a line of JSON, for each floor its name and MB (1e6 bytes) a CPU-second, the best of
five runs.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pyarrow import parquet

_ROOM = 1_000_000_000  # bytes of memory read
_HASHED = 200_000_000
_RUNS = 5


def main() -> None:
    """Say what each floor is."""
    pages = Path(sys.argv[1])
    memory = np.ones(_ROOM // 8, np.uint64)
    some = memory[: _HASHED // 8].tobytes()
    floors: list[tuple[str, Callable[[], int]]] = [
        ("memory read (numpy sum)", lambda: _of(memory.nbytes, memory.sum())),
        ("CRC-32 (zlib)", lambda: _of(len(some), zlib.crc32(some))),
        ("BLAKE2b (hashlib)", lambda: _of(len(some), hashlib.blake2b(some).digest())),
        ("text column of the Parquet file", lambda: sum(column.nbytes for column in _columns(pages))),
        (
            "the same as Python strings",
            lambda: sum(_of(column.nbytes, column.to_pylist()) for column in _columns(pages)),
        ),
    ]
    print(json.dumps([[name, best(run)] for name, run in floors]))


def _of(size: int, done: object) -> int:
    """The bytes that something was done with."""
    return size


def best(run: Callable[[], int]) -> float:
    """MB a CPU-second of the fastest of some runs; `run` gives the bytes it went through."""
    rates = []
    for _ in range(_RUNS):
        began = time.process_time()
        size = run()
        rates.append(size / 1e6 / max(time.process_time() - began, 1e-9))
    return max(rates)


def _columns(pages: Path) -> Iterator[Any]:
    with parquet.ParquetFile(pages) as file:
        for number in range(file.num_row_groups):
            yield file.read_row_group(number, columns=["text"], use_threads=False).column("text")


if __name__ == "__main__":
    main()
