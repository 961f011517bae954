"""Labelled and cleaned pages as files: one form for the command line and the app's downloads."""

from __future__ import annotations

import re
import unicodedata
from typing import TypedDict

from detect import Cleaned, Label, Labels, Page, Reason

_DIGITS = 4  # of probabilities and weights: what they are worth, and the same on every machine
# Letters, digits and marks of any script, and what is harmless in a name everywhere.
_UNSAFE = re.compile(r"[^\w.@+=-]+")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
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


class SpansRecord(TypedDict, total=False):
    """One page; `text` only where a form adds it."""

    id: str
    site: str
    length: int
    spans: list[SpanRecord]
    text: str


def spans_record(page: Page, labels: Labels) -> SpansRecord:
    """The labels of a page: offsets are code points of its text, numbers rounded to four digits."""
    return {
        "id": page.id,
        "site": page.site,
        "length": len(page.text),
        "spans": [_span(label) for label in labels],
    }


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
    file: str
    site: str
    length: int
    cuts: list[CutRecord]


class CutRecord(TypedDict):
    """One span that cleaning removed, and the kind that removed it."""

    start: int
    stop: int
    kind: str


def manifest_record(page: Page, file: str, cleaned: Cleaned) -> ManifestRecord:
    """What a manifest says of a page whose cleaned text is in `file`."""
    cuts: list[CutRecord] = [{"start": cut.start, "stop": cut.stop, "kind": cut.kind} for cut in cleaned.cuts]
    return {"id": page.id, "file": file, "site": page.site, "length": len(page.text), "cuts": cuts}


class FileNames:
    """Names for files of pages: from their ids, safe on every system, no two alike in one folder."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def name(self, id: str) -> str:
        """A new name ending in .txt for the page `id`; the same ids in the same order give the same names."""
        stem = _UNSAFE.sub("_", unicodedata.normalize("NFC", id.removesuffix(".txt"))).strip("_. ")
        stem = stem.encode()[:_NAME_BYTES].decode(errors="ignore") or "page"
        if _RESERVED.fullmatch(stem):
            stem = f"_{stem}"
        name = stem
        # Windows and macOS take A.txt and a.txt for one file.
        while (key := name.casefold()) in self._taken:
            self._taken[stem.casefold()] += 1
            name = f"{stem}-{self._taken[stem.casefold()]}"
        self._taken[key] = 1
        return f"{name}.txt"
