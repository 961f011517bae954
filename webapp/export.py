"""Labelled and cleaned pages as files: one form for the command line and the app's downloads."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import TypedDict

from detect import Cut, Label, Labels, Metadata, Page, Reason, Span, describe
from webapp.titles import title_of

MANIFEST = "manifest.jsonl"

_DIGITS = 4  # of probabilities and weights: what they are worth, and the same on every machine
# What some system takes for a folder, a device or a wildcard, and what is not seen: controls and marks of direction.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+')
# Windows gives these to devices, whatever their suffix.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_EDGES = " ._-"  # hidden, an option, or dropped on Windows, where a name begins or ends with them
_NAME_BYTES = 180  # of a file name: file systems take 255, and a number and an ending come behind


class ReasonRecord(TypedDict, total=False):
    """One reason; `pages` and `of` only when it is about recurrence."""

    name: str
    pages: int
    of: int
    weight: float


class SpanRecord(TypedDict, total=False):
    """One labelled span, in code points; `repeat` only when it is true."""

    start: int
    stop: int
    kind: str
    probability: float
    repeat: bool
    reasons: list[ReasonRecord]


class SpansRecord(TypedDict):
    """One page and its labels."""

    id: str
    site: str
    length: int
    spans: list[SpanRecord]


class PageRecord(SpansRecord):
    """One page with its labels, its cleaned text, and the text of its own that the spans count in."""

    url: str
    title: str
    date: str | None
    byline: str | None
    text: str
    page_text: str


def spans_record(page: Page, labels: Labels) -> SpansRecord:
    """The labels of a page: offsets are code points of its text, numbers rounded to four digits."""
    return {
        "id": page.id,
        "site": page.site,
        "length": len(page.text),
        "spans": [_span(label) for label in labels],
    }


def page_record(page: Page, labels: Labels, cleaned: str) -> PageRecord:
    """The labels of a page, and all else that is known of it; `cleaned` is its text without its boilerplate."""
    metadata = describe(page, labels)
    return {
        **spans_record(page, labels),
        "url": page.url,
        "title": title_of(page, labels),
        "date": _text_of(page, metadata.date),
        "byline": _text_of(page, metadata.byline),
        "text": cleaned,
        "page_text": page.text,
    }


def _text_of(page: Page, span: Span | None) -> str | None:
    """The text of a span on one line; None without one."""
    return None if span is None else " ".join(page.text[span.start : span.stop].split())


def _span(label: Label) -> SpanRecord:
    record: SpanRecord = {
        "start": label.start,
        "stop": label.stop,
        "kind": label.kind,
        "probability": round(label.probability, _DIGITS),
    }
    if label.repeat:
        record["repeat"] = True
    record["reasons"] = [_reason(reason) for reason in label.reasons]
    return record


def _reason(reason: Reason) -> ReasonRecord:
    record: ReasonRecord = {"name": reason.name}
    if reason.of or reason.name == "recurs":
        record["pages"], record["of"] = reason.pages, reason.of
    record["weight"] = round(reason.weight, _DIGITS)
    return record


class ManifestRecord(TypedDict):
    """One page of a folder or zip of cleaned texts: its file there, and what was cut, in code points of the page."""

    id: str
    file: str | None
    site: str
    url: str
    source: str
    title: str
    date: str | None
    byline: str | None
    length: int
    cuts: list[CutRecord]


class CutRecord(TypedDict):
    """One span that cleaning removed, and the kind that removed it."""

    start: int
    stop: int
    kind: str


def manifest_record(
    page: Page, labels: Labels | None, cuts: Iterable[Cut] = (), file: str | None = None
) -> ManifestRecord:
    """What a manifest says of a page whose cleaned text is in `file`; None without labels, when there is no file."""
    metadata = Metadata() if labels is None else describe(page, labels)
    return {
        "id": page.id,
        "file": file,
        "site": page.site,
        "url": page.url,
        "source": page.source,
        "title": title_of(page, labels),
        "date": _text_of(page, metadata.date),
        "byline": _text_of(page, metadata.byline),
        "length": len(page.text),
        "cuts": [{"start": cut.start, "stop": cut.stop, "kind": cut.kind} for cut in cuts],
    }


def json_line(record: object) -> str:
    """A record as one line, with the end of it."""
    return json.dumps(record, ensure_ascii=False) + "\n"


def safe_name(name: str, fallback: str) -> str:
    """`name` as every system takes it for a file or a folder; `fallback` when nothing of it is left."""
    safe = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip(_EDGES)
    safe = safe.encode()[:_NAME_BYTES].decode(errors="ignore").rstrip(_EDGES) or fallback
    return f"_{safe}" if _DEVICES.fullmatch(safe) else safe


def page_name(id: str) -> str:
    """A file name for the page, without its ending: the last part of an id that looks like a path."""
    parts = [part for part in id.replace("\\", "/").split("/") if part.strip(_EDGES)]
    return safe_name(parts[-1].removesuffix(".txt") if parts else "", "page")


class FileNames:
    """Paths for files of pages, `site/name.txt`, without a site `name.txt`: safe on every system, no two alike."""

    def __init__(self) -> None:
        self._taken = {MANIFEST: 1}
        self._folders = {"": ""}

    def path(self, id: str, site: str) -> str:
        """A new path for a page; the same pages in the same order are given the same paths."""
        if site not in self._folders:
            self._folders[site] = self._free(safe_name(site, "site")) + "/"
        return self._free(self._folders[site] + page_name(id), ".txt")

    def _free(self, wanted: str, ending: str = "") -> str:
        free = wanted + ending
        first = free.casefold()  # Windows and macOS take A.txt and a.txt for one file
        while free.casefold() in self._taken:
            self._taken[first] += 1
            free = f"{wanted}-{self._taken[first]}{ending}"
        self._taken[free.casefold()] = 1
        return free
