"""What people take with them: cleaned pages as a stream of bytes, the same for the same collection."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator

import detect
from detect import Labels
from webapp.export import spans_record
from webapp.store import StoredPage

Entry = tuple[StoredPage, Labels | None]

_NAME_CHARS = 100  # of 255 bytes that file systems take, with room for the suffix and for four-byte characters
_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold: the same pages are the same bytes on any day
_MODE = 0o644 << 16

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]+')
# Windows gives these to devices, whatever their suffix.
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?$")


def file_name(name: str, fallback: str = "page") -> str:
    """`name` as a file name that every system takes: no folders, nothing invisible, not too long."""
    safe = _UNSAFE.sub("_", name).strip(" ._")
    while len(safe.encode()) > 2 * _NAME_CHARS or len(safe) > _NAME_CHARS:
        safe = safe[:-1]
    safe = safe.rstrip(" ._") or fallback
    return f"_{safe}" if _DEVICES.match(safe) else safe


def zip_bytes(entries: Iterable[Entry]) -> Iterator[bytes]:
    """A .zip with the cleaned text of a page a file, `site/name.txt`, and `manifest.jsonl`, one page a line.

    A page without labels has a line in the manifest and no file.
    """
    sink = _Sink()
    manifest: list[str] = []
    names = _Names()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for stored, labels in entries:
            path = None
            if labels is not None:
                path = names.free(file_name(stored.page.site, "site"), file_name(stored.page.id))
                _add(archive, path, detect.clean(stored.page, labels).text)
            manifest.append(_line(_manifest_record(stored, labels, path)))
            yield from sink.take()
        _add(archive, "manifest.jsonl", "".join(manifest))
    yield from sink.take()


def jsonl_bytes(entries: Iterable[Entry]) -> Iterator[bytes]:
    """One JSON object a labelled page: its spans, and its cleaned text."""
    for stored, labels in entries:
        if labels is not None:
            record = spans_record(stored.page, labels)
            record["text"] = detect.clean(stored.page, labels).text
            yield _line(record).encode()


def _manifest_record(stored: StoredPage, labels: Labels | None, path: str | None) -> dict[str, object]:
    page = stored.page
    return {
        "id": page.id,
        "file": path,
        "site": page.site,
        "url": page.url,
        "source": page.source,
        "title": stored.title,
        "length": len(page.text),
        "boilerplate": None if labels is None else round(labels.share("boilerplate"), 4),
    }


def _line(record: object) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"


def _add(archive: zipfile.ZipFile, path: str, text: str) -> None:
    entry = zipfile.ZipInfo(path, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # it would say which system made it
    entry.external_attr = _MODE
    archive.writestr(entry, text.encode())


class _Names:
    """Paths inside one archive, none twice; capitals do not tell files apart on every system."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def free(self, folder: str, name: str) -> str:
        path = f"{folder}/{name.removesuffix('.txt')}"
        free, number = path, self._taken.get(path.casefold(), 0)
        while free.casefold() in self._taken:
            number += 1
            free = f"{path} ({number + 1})"
        self._taken[path.casefold()] = number
        self._taken[free.casefold()] = 0
        return free + ".txt"


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
