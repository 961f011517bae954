"""Cleaned pages, and what pages share, as Parquet: columns that are called as the fields of JSON lines are.

A page's reasons are not in it: they would be most of the file, and JSON lines have them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from detect import Cut, Kind, Labels, Page, describe
from webapp.export import DIGITS, cut_record, flat, text_of
from webapp.titles import title_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SPAN = pa.struct(
    {
        "start": pa.int64(),
        "stop": pa.int64(),
        "kind": pa.string(),
        "probability": pa.float32(),
        "repeat": pa.bool_(),
    }
)
_PLACE = pa.struct({"id": pa.string(), "start": pa.int64(), "stop": pa.int64()})
_CUT = pa.struct({"start": pa.int64(), "stop": pa.int64(), "kind": pa.string(), "kept": _PLACE})
_TEXTS = ("url", "title", "date", "byline", "text", "page_text")
PAGES = pa.schema(
    {
        "id": pa.string(),
        "site": pa.string(),
        "length": pa.int64(),
        "spans": pa.list_(_SPAN),
        **dict.fromkeys(_TEXTS, pa.string()),
        "cuts": pa.list_(_CUT),
    }
)
# Of pages that differ, these alone say the same thing again and again.
_REPEATED = ["site", "spans.list.element.kind", "cuts.list.element.kind"]
# Where the least and the greatest of a row group help to find a page; of texts they only fill the file.
_SORTED = ["id", "site", "url", "date", "length"]
# Code points of both texts of the pages in a row group, 30 to 130 MB: readers take a group at a time, and hold it.
_GROUP_CHARS = 32_000_000
_NUMBERS = {"start": pa.int64(), "stop": pa.int64(), "similarity": pa.float64(), "representative": pa.bool_()}


class PageColumns(NamedTuple):
    """What is written of one page, small to send from a process to another.

    `bounds` int64 (n+1), `kinds` uint8 (n), `probabilities` float32 (n), `repeats` bool (n), as in `Labels`. `cuts` is
    None where no copies were looked for.
    """

    id: str
    site: str
    url: str
    title: str
    date: str | None
    byline: str | None
    text: str
    page_text: str
    bounds: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    repeats: NDArray[np.bool_]
    cuts: tuple[Cut, ...] | None


def page_columns(page: Page, labels: Labels, cleaned: str, cuts: Iterable[Cut] | None = None) -> PageColumns:
    """What `webapp.export.page_record` says of a page, without the reasons."""
    metadata = describe(page, labels)
    return PageColumns(
        id=page.id,
        site=page.site,
        url=page.url,
        title=title_of(page, labels),
        date=text_of(page, metadata.date),
        byline=text_of(page, metadata.byline),
        text=cleaned,
        page_text=page.text,
        bounds=labels.bounds,
        kinds=labels.kinds,
        probabilities=labels.probabilities().round(DIGITS).astype(np.float32),
        repeats=labels.repeats,
        cuts=None if cuts is None else tuple(cuts),
    )


class PageWriter:
    """Writes pages to a Parquet file, a row group at a time. The same pages in the same order give the same bytes."""

    def __init__(self, file: pq.ParquetWriter) -> None:
        self._file = file
        self._held: list[pa.Table] = []
        self._chars = 0

    def write(self, pages: pa.Table) -> None:
        """Add pages: the columns of PAGES."""
        chars = pc.add(pc.utf8_length(pages["text"]), pages["length"])
        ends = self._chars + np.cumsum(chars.to_numpy().astype(np.int64))
        while len(pages):
            count = int(np.searchsorted(ends, _GROUP_CHARS)) + 1
            self._held.append(pages.slice(0, count))
            if count > len(pages):
                self._chars = int(ends[-1])
                return
            self.flush()
            pages, ends = pages.slice(count), ends[count:] - ends[count - 1]

    def flush(self) -> None:
        """Write the pages that are held, as a row group."""
        if self._held:
            self._file.write_table(pa.concat_tables(self._held).combine_chunks())
            self._held, self._chars = [], 0


@contextmanager
def page_writer(path: Path) -> Iterator[PageWriter]:
    """A writer of pages to a new file, which is whole when this ends without an error."""
    with pq.ParquetWriter(path, PAGES, compression="zstd", use_dictionary=_REPEATED, write_statistics=_SORTED) as file:
        writer = PageWriter(file)
        yield writer
        writer.flush()


def page_table(pages: Sequence[PageColumns]) -> pa.Table:
    """The columns of PAGES, of some pages."""
    columns: dict[str, Any] = {name: [getattr(page, name) for page in pages] for name in ("id", "site", *_TEXTS)}
    columns["length"] = [len(page.page_text) for page in pages]
    columns["spans"] = _spans(pages)
    cuts = (None if page.cuts is None else [cut_record(cut) for cut in page.cuts] for page in pages)
    columns["cuts"] = list(cuts)
    return pa.table(columns, PAGES)


def _spans(pages: Sequence[PageColumns]) -> pa.ListArray:
    """The labels of all pages, without an object for each."""
    kinds = pa.DictionaryArray.from_arrays(np.concatenate([page.kinds for page in pages]), list(get_args(Kind)))
    values = (
        np.concatenate([page.bounds[:-1] for page in pages]),
        np.concatenate([page.bounds[1:] for page in pages]),
        kinds.cast(pa.string()),
        np.concatenate([page.probabilities for page in pages]),
        np.concatenate([page.repeats for page in pages]),
    )
    arrays = [pa.array(value, field.type) for value, field in zip(values, _SPAN, strict=True)]
    ends = np.cumsum([len(page.kinds) for page in pages])
    offsets = pa.array(np.concatenate(([0], ends)), pa.int32())
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(arrays, fields=list(_SPAN)))


def write_rows(path: Path, rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> None:
    """Write what pages share, a row each, in the columns that CSV has; null where a row says nothing."""
    schema = pa.schema({name: _NUMBERS.get(name.rpartition("_")[2], pa.string()) for name in columns})
    pq.write_table(pa.Table.from_pylist([flat(row) for row in rows], schema), path, compression="zstd")
