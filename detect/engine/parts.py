"""Pages to parts on disk, all pages of a site in one; and what was made of the parts, back in the order of the pages.

So a crawl of any size is worked on a part at a time. A file is whole under its name or not there; memory holds a
batch a part. The format is Arrow's stream, as it is: packing text costs more than it saves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Generic, TypeVar

import numpy as np
import pyarrow as pa

from detect.durable import put_in_place
from detect.records import Page

Row = TypeVar("Row")

# The columns of a page: `at` is its number in the order they came in.
PAGES: Final = pa.schema(
    {"at": pa.int64(), **dict.fromkeys(("id", "text", "site", "url", "source"), pa.string())}
    | {"replaced": pa.int32(), "date": pa.string(), "key": pa.binary()}
)
_FIELDS: Final = PAGES.names[1:-1]
# Code points of text that are written together: a part's share of the memory, as often as there are parts.
_BATCH: Final = 500_000
# Bytes of a part: small enough to have many for the workers, and to show how far they are.
_PART: Final = 1_000_000
# Parts at most: each is an open file while pages are spread.
_MOST: Final = 200


def parts_for(size: int) -> int:
    """How many parts pages of `size` bytes are worth."""
    return min(max(1, size // _PART), _MOST)


def part_of(page: Page, parts: int) -> int:
    """The part that a page belongs to: that of its site; a page without one is as good in any."""
    told = page.site or page.id
    digest = hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") % parts


def part_path(folder: Path, part: int) -> Path:
    """The file of a part."""
    return folder / f"{part:04}.arrow"


def spread(pages: Iterable[Page], folder: Path, parts: int) -> int:
    """Write the pages into the files of `parts` parts in `folder`, in the order they come; how many there were."""
    count = 0
    writers = [Rows(part_path(folder, part), PAGES, pages_table) for part in range(parts)]
    for row in enumerate(pages):
        writers[part_of(row[1], parts)].add(row, len(row[1].text))
        count += 1
    for writer in writers:
        writer.close()
    return count


def pages_table(rows: Sequence[tuple[int, Page]]) -> pa.Table:
    """The columns of PAGES, of numbered pages."""
    columns = {name: [getattr(page, name) for _, page in rows] for name in PAGES.names[1:]}
    return pa.table({"at": [at for at, _ in rows]} | columns, PAGES)


def read_part(path: Path) -> Iterator[tuple[int, Page]]:
    """The pages of a part with their numbers, in order. It can be read as often as it takes."""
    with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as batches:
        for batch in batches:
            yield from pages_in(batch)


def pages_in(batch: pa.RecordBatch) -> Iterator[tuple[int, Page]]:
    """The numbered pages that are in columns of PAGES."""
    columns = [batch.column(name).to_pylist() for name in PAGES.names]
    for at, *fields, key in zip(*columns, strict=True):
        yield at, Page(*fields).with_key(key)


def keys_in(path: Path) -> Iterator[tuple[str, bytes]]:
    """The site and the key of each page of a part."""
    wanted = pa.ipc.IpcReadOptions(included_fields=[PAGES.get_field_index(name) for name in ("site", "key")])
    with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file, options=wanted) as batches:
        for batch in batches:
            yield from zip(batch.column("site").to_pylist(), batch.column("key").to_pylist(), strict=True)


def batched(rows: Iterable[Row], size: Callable[[Row], int], together: int = _BATCH) -> Iterator[list[Row]]:
    """The rows in lists of `together` code points, or worth writing together; `size` is that of a row."""
    held: list[Row] = []
    total = 0
    for row in rows:
        held.append(row)
        total += size(row)
        if total >= together:
            yield held
            held, total = [], 0
    if held:
        yield held


class Rows(Generic[Row]):
    """Writes rows to a file that is there when it is closed; `table` makes columns of them, `at` the first of these."""

    def __init__(self, path: Path, schema: pa.Schema, table: Callable[[list[Row]], pa.Table]) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._table = table
        self._file = pa.OSFile(str(self._part), "wb")
        self._writer = pa.ipc.new_stream(self._file, schema)
        self._rows: list[Row] = []
        self._size = 0

    def add(self, row: Row, size: int) -> None:
        """Add a row of `size` code points."""
        self._rows.append(row)
        self._size += size
        if self._size >= _BATCH:
            self._flush()

    def close(self) -> None:
        """Write what is held, and put the file in its place."""
        self._flush()
        self._writer.close()
        self._file.close()
        put_in_place(self._part, self._path)

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(self._table(self._rows))
            self._rows, self._size = [], 0


def in_order(paths: Sequence[Path]) -> Iterator[pa.Table]:
    """The rows of files whose `at` rises in each, as tables in which it rises over all."""
    readers = [reader for reader in map(_Reader, paths) if reader.held]
    while readers:
        horizon = min(reader.last for reader in readers)
        table = pa.Table.from_batches([reader.take(horizon) for reader in readers if reader.next <= horizon])
        yield table.sort_by("at")
        readers = [reader for reader in readers if reader.held]


class _Reader:
    """One file, a batch of it at a time; while one is held, `next` and `last` are its first and last `at`."""

    def __init__(self, path: Path) -> None:
        self._batches = iter(pa.ipc.open_stream(pa.OSFile(str(path))))
        self.held: pa.RecordBatch | None = None
        self._hold(0)

    def _hold(self, start: int) -> None:
        """Hold what is left of the batch from `start` on, else the next one."""
        if self.held is None or start == len(self.held):
            self.held = next(self._batches, None)
        else:
            self.held = self.held.slice(start)
        if self.held is not None:
            self._at = self.held.column("at").to_numpy()
            self.next, self.last = int(self._at[0]), int(self._at[-1])

    def take(self, horizon: int) -> pa.RecordBatch:
        """The rows held up to `horizon`, which is no more than the last of them; they are not held any more."""
        assert self.held is not None, "a reader without rows is left out"
        count = int(np.searchsorted(self._at, horizon, "right"))
        taken = self.held.slice(0, count)
        self._hold(count)
        return taken
