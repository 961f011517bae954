"""The forms that `winnow clean` writes: what is made of a page in a worker, and the file or folder it becomes."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pyarrow as pa

from detect import Cut, Labels, Page, clean
from webapp.export import MANIFEST, FileNames, json_line, manifest_record, page_record, spans_record
from webapp.parquet import PAGES, PageColumns, page_columns, page_table, page_writer

if TYPE_CHECKING:
    from webapp.export import ManifestRecord

Made = TypeVar("Made")


class Form(ABC, Generic[Made]):
    """`copies` are the copies to cut from a page; None where none were looked for."""

    # Whether what is written says why each label is what it is.
    reasons = False
    columns: pa.Schema

    @abstractmethod
    def make(self, page: Page, labels: Labels, copies: Sequence[Cut] | None) -> tuple[Made, int]:
        """What is written of a page, and how many code points that is."""

    @abstractmethod
    def table(self, made: Sequence[Made]) -> pa.Table:
        """The same of some pages in columns."""

    @abstractmethod
    def write(self, tables: Iterable[pa.Table], out: Path) -> None:
        """Write all of it to a new file or folder."""


class Lines(Form[str]):
    """JSON lines."""

    columns = pa.schema({"line": pa.string()})
    reasons = True

    def __init__(self, texts: bool) -> None:
        self._texts = texts

    def make(self, page: Page, labels: Labels, copies: Sequence[Cut] | None) -> tuple[str, int]:
        """A line: the labels, and both texts where these are wanted."""
        if self._texts:
            cleaned = clean(page, labels, copies or ())
            line = json_line(page_record(page, labels, cleaned.text, None if copies is None else cleaned.cuts))
        else:
            line = json_line(spans_record(page, labels))
        return line, len(line)

    def table(self, made: Sequence[str]) -> pa.Table:
        """One column."""
        return pa.table({"line": made}, self.columns)

    def lines(self, tables: Iterable[pa.Table]) -> Iterator[bytes]:
        """The lines, in UTF-8."""
        return (line.as_buffer().to_pybytes() for table in tables for line in table["line"])

    def write(self, tables: Iterable[pa.Table], out: Path) -> None:
        """Write a file."""
        with out.open("wb") as file:
            file.writelines(self.lines(tables))


class Files(Form["tuple[str, ManifestRecord]"]):
    """A folder with a text file a page, and a manifest."""

    columns = pa.schema({"text": pa.string(), "manifest": pa.string()})

    def make(self, page: Page, labels: Labels, copies: Sequence[Cut] | None) -> tuple[tuple[str, ManifestRecord], int]:
        """The text, and the line of the manifest but for the name of the file."""
        cleaned = clean(page, labels, copies or ())
        return (cleaned.text, manifest_record(page, labels, cleaned.cuts)), len(page.text)

    def table(self, made: Sequence[tuple[str, ManifestRecord]]) -> pa.Table:
        """Two columns."""
        columns = {"text": [text for text, _ in made], "manifest": [json.dumps(record) for _, record in made]}
        return pa.table(columns, self.columns)

    def write(self, tables: Iterable[pa.Table], out: Path) -> None:
        """Write a folder."""
        out.mkdir()
        names = FileNames()
        with (out / MANIFEST).open("w", encoding="utf-8", newline="\n") as manifest:
            for table in tables:
                for text, told in zip(table["text"], table["manifest"].to_pylist(), strict=True):
                    record: dict[str, Any] = json.loads(told)
                    path = out / names.path(record["id"], record["site"])
                    path.parent.mkdir(exist_ok=True)
                    path.write_bytes(text.as_buffer())
                    manifest.write(json_line({**record, "file": path.relative_to(out).as_posix()}))


class Columns(Form[PageColumns]):
    """A Parquet file."""

    columns = PAGES

    def make(self, page: Page, labels: Labels, copies: Sequence[Cut] | None) -> tuple[PageColumns, int]:
        """The labels and both texts, in columns."""
        cleaned = clean(page, labels, copies or ())
        cuts = None if copies is None else cleaned.cuts
        return page_columns(page, labels, cleaned.text, cuts), 2 * len(page.text)

    def table(self, made: Sequence[PageColumns]) -> pa.Table:
        """The columns of the file."""
        return page_table(made)

    def write(self, tables: Iterable[pa.Table], out: Path) -> None:
        """Write a file."""
        with page_writer(out) as pages:
            for table in tables:
                pages.write(table)


FORMS: dict[str, Form[Any]] = {
    "text": Files(),
    "jsonl": Lines(texts=True),
    "spans": Lines(texts=False),
    "parquet": Columns(),
}
