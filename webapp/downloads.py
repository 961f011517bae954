"""What people take with them: cleaned pages as a stream of bytes, the same for the same collection."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile

import detect
from detect import Labels, Passage, Place
from webapp.export import (
    MANIFEST,
    PASSAGE_COLUMNS,
    FileNames,
    PassageRecord,
    PlaceRecord,
    csv_line,
    csv_row,
    json_line,
    manifest_record,
    page_record,
    passage_record,
)
from webapp.store import PassageRow, PassageSide, StoredPage

Entry = tuple[StoredPage, Labels | None]

_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold: the same pages are the same bytes on any day
_MODE = 0o644 << 16
_REUSE_COLUMNS = (*PASSAGE_COLUMNS, "a_date", "b_date", "a_text", "b_text")
_IN_MEMORY = 16_000_000  # bytes of a manifest, with the cuts of all pages, before it goes to a temporary file


def zip_bytes(entries: Iterable[Entry]) -> Iterator[bytes]:
    """A .zip with the cleaned text of a page a file, `site/name.txt`, and `manifest.jsonl`, one page a line.

    A page without labels has a line in the manifest and no file.
    """
    sink, names = _Sink(), FileNames()
    with SpooledTemporaryFile(_IN_MEMORY) as manifest, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for stored, labels in entries:
            if labels is None:
                record = manifest_record(stored.page, None)
            else:
                cleaned, path = detect.clean(stored.page, labels), names.path(stored.page.id, stored.page.site)
                record = manifest_record(stored.page, labels, cleaned.cuts, path)
                archive.writestr(_member(path), cleaned.text.encode())
            manifest.write(json_line(record).encode())
            yield from sink.take()
        last = _member(MANIFEST)
        last.file_size = manifest.tell()  # a zip of over 2 GB is written in another form, from the start
        manifest.seek(0)
        with archive.open(last, "w") as member:
            shutil.copyfileobj(manifest, member)
    yield from sink.take()


def jsonl_bytes(entries: Iterable[Entry]) -> Iterator[bytes]:
    """One JSON object a labelled page: its spans, its cleaned text, and its own."""
    for stored, labels in entries:
        if labels is not None:
            yield json_line(page_record(stored.page, labels, detect.clean(stored.page, labels).text)).encode()


def _member(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # it would say which system made it
    entry.external_attr = _MODE
    return entry


class _SharedPlace(PlaceRecord):
    """Where a passage stands on a stored page, when that came out, and the text there."""

    date: str
    text: str


class _SharedRecord(PassageRecord):
    """A passage as the app has it: what the command line writes, and the dates and texts."""

    a: _SharedPlace  # type: ignore[misc]
    b: _SharedPlace  # type: ignore[misc]


def reuse_jsonl_bytes(rows: Iterable[PassageRow]) -> Iterator[bytes]:
    """One JSON object a passage."""
    for row in rows:
        yield json_line(_shared_record(row)).encode()


def reuse_csv_bytes(rows: Iterable[PassageRow]) -> Iterator[bytes]:
    """A header, then a passage a row, each on one line: its texts have spaces where they have line breaks."""
    yield csv_line(_REUSE_COLUMNS).encode()
    for row in rows:
        record = _shared_record(row)
        for side in (record["a"], record["b"]):
            side["text"] = " ".join(side["text"].split())
        yield csv_row(record, _REUSE_COLUMNS).encode()


def _shared_record(row: PassageRow) -> _SharedRecord:
    a, b = (Place(side.id, side.start, side.stop) for side in (row.a, row.b))
    passage = Passage(a, b, row.similarity, row.kind, "" if row.cluster is None else str(row.cluster))
    sides = (row.a, row.b)
    record = passage_record(passage, {one.id: one.site for one in sides}, {one.id: one.date for one in sides})
    return {**record, "a": _shared_place(record["a"], row.a), "b": _shared_place(record["b"], row.b)}


def _shared_place(place: PlaceRecord, side: PassageSide) -> _SharedPlace:
    return {**place, "date": side.date, "text": side.text}


class _Sink(io.RawIOBase):
    """A file that only grows, and is taken away piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type]
        self._pieces.append(piece)
        return len(piece)

    def take(self) -> Iterator[bytes]:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        if pieces:
            yield b"".join(pieces)
