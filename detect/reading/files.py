"""Files, folders and streams to pages: which reader a name or the content asks for, what went wrong where."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from detect.reading.archives import BROKEN, Budget, broken, unpack_gzip, zip_members
from detect.reading.html import declared_charset, flatten, looks_like_html
from detect.reading.limits import Limits, PageTooLarge, RefusedError, check_page, in_words
from detect.reading.parquet import group_sizes, read_parquet
from detect.reading.sites import SiteRule, folder_site
from detect.reading.tables import BadRow, Row, looks_like_rows, read_rows
from detect.reading.text import decode, make_safe
from detect.reading.warc import read_warc
from detect.records import Page, Unreadable

Family = Literal["text", "html", "rows", "parquet", "warc", "zip", "gzip"]

_FAMILIES: Mapping[str, Family] = {
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".jsonl": "rows",
    ".ndjson": "rows",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".warc": "warc",
    ".wet": "warc",
    ".zip": "zip",
    ".gz": "gzip",
}
_PEEK = 262_144  # bytes looked at to tell what a file without a telling name is
_DRAIN = 1_000_000
# How a file begins that is no text: told without a suffix.
_MARKS: Mapping[bytes, Family] = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gzip",
    b"PAR1": "parquet",
    b"PARE": "parquet",
    b"WARC/": "warc",
}
# The readers of files that hold many pages, one after another.
_TABLES: Mapping[Family, Callable[[io.BufferedReader, Place], Iterator[Row | BadRow]]] = {
    "rows": lambda stream, place: read_rows(stream, place.budget.limits),
    "parquet": lambda stream, place: read_parquet(stream, place.budget, place.groups),
    "warc": lambda stream, place: read_warc(stream, place.budget),
}
_HIDDEN_NAMES = frozenset(
    (
        *("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"),
        *(".git", ".hg", ".svn"),
        *("_SUCCESS", "_metadata", "_common_metadata"),
    )
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for everything that one call reads."""

    sites: SiteRule
    limits: Limits


@dataclass(frozen=True, slots=True)
class Place:
    """Where bytes come from.

    `source` is what a person calls it, `name` tells its family of files, `folder` is the site that its
    folders tell; it lies `depth` archives deep, in a file that may unpack to `budget`. Of a Parquet file `groups` are
    the row groups to read, None for all.
    """

    source: str
    name: str
    folder: str
    budget: Budget
    depth: int = 0
    groups: range | None = None

    def member(self, name: str) -> Place:
        """The place of the file `name` inside the archive that is here."""
        folder = folder_site(name) or self.folder
        source = make_safe(f"{self.source}/{name}").text
        return replace(self, source=source, name=name, folder=folder, depth=self.depth + 1)

    def unpacked(self) -> Place:
        """The place of what the .gz file here holds."""
        name = self.name[:-3] if self.name.lower().endswith(".gz") else self.name
        return replace(self, name=name, depth=self.depth + 1)


@dataclass(frozen=True, slots=True)
class File:
    """A file that was found: where it is, what a person calls it, and the site that its folders tell. Where `groups` is
    given, it is these row groups of a Parquet file alone."""

    path: Path
    name: str
    folder: str
    groups: range | None = None


def read_path(path: Path, name: str, rules: Rules) -> Iterator[Page | Unreadable]:
    """The pages of one file or folder that people call `name`."""
    for found in list_path(path, name):
        yield from [found] if isinstance(found, Unreadable) else read_file(found, rules)


def list_path(path: Path, name: str) -> Iterator[File | Unreadable]:
    """The files that `read_path` reads, in its order; none is opened."""
    folder = folder_site(name) if name != path.as_posix() else ""
    name = make_safe(name).text
    try:
        if path.is_dir():
            yield from _list_folder(path, name)
        elif path.exists():
            yield File(path, name, folder)
        else:
            yield Unreadable(name, "there is no such file")
    except (OSError, ValueError) as error:
        yield Unreadable(name, broken(error))


def read_file(file: File, rules: Rules) -> Iterator[Page | Unreadable]:
    """The pages of one file."""
    try:
        yield from _read_file(file, rules)
    except (OSError, ValueError) as error:
        yield Unreadable(file.name, broken(error))


def split_file(file: File, size: int) -> Iterator[tuple[File, int]]:
    """A file as parts of about `size` bytes, which give in turn what it gives, each with how many bytes it has.

    Parquet is split between its row groups; any other file is one part.
    """
    try:
        whole = file.path.stat().st_size
    except OSError:  # told when it is read
        whole = 0
    suffix = PurePosixPath(file.name).suffix.lower()
    sizes = group_sizes(file.path) if whole > size and _FAMILIES.get(suffix) == "parquet" else []
    if not sizes:
        yield file, whole
        return
    first = held = 0
    for group, more in enumerate(sizes):
        if held and held + more > size:
            yield replace(file, groups=range(first, group)), held
            first, held = group, 0
        held += more
    yield replace(file, groups=range(first, len(sizes))), held


def page_from_text(text: str, page: Page, limits: Limits) -> Page:
    """`page` with `text` as its own, flattened when it is HTML. Raises PageTooLarge."""
    if looks_like_html(text):
        return _html_page(text, page, limits)
    check_page(text, limits)
    safe = make_safe(text)
    return replace(page, text=safe.text, replaced=page.replaced + safe.replaced)


def _list_folder(path: Path, name: str) -> Iterator[File | Unreadable]:
    name = name.rstrip("/")
    unlisted: list[OSError] = []
    found = [
        Path(folder, file).relative_to(path)
        for folder, _, files in os.walk(path, onerror=unlisted.append)
        for file in files
    ]
    for relative in sorted(found, key=lambda relative: relative.parts):
        if not _is_hidden(relative.as_posix()):
            inside = make_safe(relative.as_posix()).text
            yield File(path / relative, f"{name}/{inside}", folder_site(inside))
    yield from (Unreadable(make_safe(str(error.filename)).text, broken(error)) for error in unlisted)


def _read_file(file: File, rules: Rules) -> Iterator[Page | Unreadable]:
    path, name, limit = file.path, file.name, rules.limits.file_bytes
    try:
        if not path.is_file():  # a pipe or a device may never end
            yield Unreadable(name, "this is not an ordinary file")
        elif (size := path.stat().st_size) > limit:
            yield Unreadable(name, f"the file has {in_words(size)}, and one file may have {in_words(limit)}")
        else:
            with io.BufferedReader(path.open("rb", buffering=0), _PEEK) as stream:
                place = Place(name, name, file.folder, Budget(rules.limits), groups=file.groups)
                yield from _read_stream(stream, place, rules)
    except OSError as error:
        yield Unreadable(name, broken(error))


def _is_hidden(name: str) -> bool:
    """True for what a system, a version control or a cluster left beside the pages."""
    parts = name.replace("\\", "/").split("/")
    return any(part in _HIDDEN_NAMES or part.startswith("._") for part in parts) or _is_checksum(parts[-1])


def _is_checksum(name: str) -> bool:
    """True for what Spark and Hadoop lay beside each file they write."""
    return name.startswith(".") and name.endswith(".crc")


def _read_stream(stream: io.BufferedReader[Any], place: Place, rules: Rules) -> Iterator[Page | Unreadable]:
    try:
        family = _family(stream, place.name)
        if family in ("zip", "gzip") and place.depth >= rules.limits.nesting:
            raise RefusedError(f"archives are read {rules.limits.nesting} deep, and this one lies deeper")
        if family == "zip":
            yield from _read_zip(stream, place, rules)
        elif family == "gzip":
            yield from _read_stream(unpack_gzip(stream, place.budget), place.unpacked(), rules)
        elif family in _TABLES:
            yield from _read_table(_TABLES[family](stream, place), place, rules)
        else:
            yield _read_page(stream, family, place, rules)
    except RefusedError as error:
        yield Unreadable(place.source, str(error))
    except BROKEN as error:
        yield Unreadable(place.source, broken(error))


def _family(stream: io.BufferedReader, name: str) -> Family:
    """What the name says, and where it says nothing, the content."""
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if suffix in _FAMILIES:
        return _FAMILIES[suffix]
    head = stream.peek(_PEEK)[:_PEEK]
    for mark, family in _MARKS.items():
        if not suffix and head.startswith(mark):
            return family
    text = decode(head, declared_charset(head)).text
    if looks_like_rows(text):
        return "rows"
    if suffix == ".json":
        raise RefusedError("this JSON is not one object a line: write each page as an object on a line of its own")
    return "html" if looks_like_html(text) else "text"


def _read_zip(stream: io.BufferedReader, place: Place, rules: Rules) -> Iterator[Page | Unreadable]:
    with zip_members(stream, place.budget) as members:
        for member in members:
            if _is_hidden(member.name):
                continue
            inside = place.member(member.name)
            if member.reason:
                yield Unreadable(inside.source, member.reason)
                continue
            try:
                opened = member.open()
            except RefusedError as error:
                yield Unreadable(inside.source, str(error))
                continue
            with opened:
                yield from _read_stream(opened, inside, rules)


def _read_table(rows: Iterator[Row | BadRow], place: Place, rules: Rules) -> Iterator[Page | Unreadable]:
    for row in rows:
        source = f"{place.source}:{row.number}"
        if isinstance(row, BadRow):
            yield Unreadable(source, row.reason)
            continue
        try:
            yield _row_page(row, source, place.folder, rules)
        except RefusedError as error:
            yield Unreadable(source, str(error))


def _row_page(row: Row, source: str, folder: str, rules: Rules) -> Page:
    site = rules.sites.site(given=row.site, url=row.url, folder=folder)
    page = Page(row.id or source, row.text, site, row.url, source, row.replaced, row.date)
    if not row.html:
        check_page(row.text, rules.limits)
        return page
    page = _html_page(row.text, page, rules.limits)  # it may tell its address
    return replace(page, site=rules.sites.site(given=row.site, url=page.url, folder=folder))


def _read_page(stream: io.BufferedReader, family: Family, place: Place, rules: Rules) -> Page:
    data = _whole(stream, rules.limits)
    decoded = decode(data, declared_charset(data) if family == "html" else "")
    page = Page(place.source, decoded.text, source=place.source, replaced=decoded.replaced)
    if family == "html":
        page = _html_page(decoded.text, page, rules.limits)
    if not page.text.strip():
        raise RefusedError("there is no text in it")
    check_page(page.text, rules.limits)
    return replace(page, site=rules.sites.site(url=page.url, folder=place.folder))


def _html_page(html: str, page: Page, limits: Limits) -> Page:
    if len(html) > limits.page_bytes:
        raise PageTooLarge(
            f"the HTML has {len(html):,} characters, and one page's may have {limits.page_bytes:,}: split it"
        )
    safe = make_safe(html)
    flat = flatten(safe.text, limits)
    check_page(flat.text, limits)
    return replace(page, text=flat.text, url=page.url or flat.url, replaced=page.replaced + safe.replaced)


def _whole(stream: io.BufferedReader, limits: Limits) -> bytes:
    """All that is left of `stream`. Raises PageTooLarge, without holding it, over the limit."""
    data = stream.read(limits.page_bytes + 1)
    if len(data) <= limits.page_bytes:
        return data
    size = stream.seek(0, io.SEEK_END) if stream.seekable() else len(data) + _drain(stream)
    raise PageTooLarge(
        f"the page has {in_words(size)}, and one page may have {in_words(limits.page_bytes)}: "
        "split it, or give many pages as JSON lines or Parquet"
    )


def _drain(stream: io.BufferedReader) -> int:
    size = 0
    while data := stream.read(_DRAIN):
        size += len(data)
    return size
