"""Labelled and cleaned pages, and what pages share, as files: one form for the command line and the app's downloads."""

from __future__ import annotations

import csv
import functools
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict, get_args

import numpy as np

from detect import Cut, Duplicates, Kind, Labels, Metadata, Page, Passage, Place, Span, describe, earliest
from webapp.titles import title_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

MANIFEST = "manifest.jsonl"

DIGITS = 4  # of probabilities and weights: what they are worth, and the same on every machine
# What some system takes for a folder, a device or a wildcard, and what is not seen: controls and marks of direction.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+')
# Windows gives these to devices, whatever their suffix.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
# A spreadsheet takes a cell that begins so for a formula, and would run it; the last two it drops, and looks again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_EDGES = " ._-"  # hidden, an option, or dropped on Windows, where a name begins or ends with them
_NAME_BYTES = 180  # of a file name: file systems take 255, and a number and an ending come behind


class Json(str):
    """A value that is written as JSON already."""


class SpansRecord(TypedDict):
    """One page and its labels.

    `spans` is a list of objects: `start`, `stop`, `kind`, `probability`, `repeat` only when it is true, and `reasons`,
    a list of objects: `name`, `pages` and `of` only when it is about recurrence, and `weight`.
    """

    id: str
    site: str
    length: int
    spans: Json


class PageRecord(SpansRecord):
    """One page with its labels, its cleaned text, and the text of its own that the spans count in.

    `cuts` only where more than boilerplate was cut: spans tell that.
    """

    url: str
    title: str
    date: str | None
    byline: str | None
    text: str
    page_text: str
    cuts: NotRequired[list[CutRecord]]


def spans_record(page: Page, labels: Labels) -> SpansRecord:
    """The labels of a page: offsets are code points of its text, numbers rounded to four digits."""
    return {"id": page.id, "site": page.site, "length": len(page.text), "spans": _spans(labels)}


def page_record(page: Page, labels: Labels, cleaned: str, cuts: Iterable[Cut] | None = None) -> PageRecord:
    """The labels of a page, and all else that is known of it; `cleaned` is its text without its boilerplate.

    `cuts` are written where they are given.
    """
    metadata = describe(page, labels)
    record: PageRecord = {
        **spans_record(page, labels),
        "url": page.url,
        "title": title_of(page, labels),
        "date": text_of(page, metadata.date),
        "byline": text_of(page, metadata.byline),
        "text": cleaned,
        "page_text": page.text,
    }
    if cuts is not None:
        record["cuts"] = [cut_record(cut) for cut in cuts]
    return record


def text_of(page: Page, span: Span | None) -> str | None:
    """The text of a span on one line; None without one."""
    return None if span is None else " ".join(page.text[span.start : span.stop].split())


# Spans as JSON. A page has thousands of reasons: they are written all at once, as rows of bytes.

_REPEAT = '"repeat": true, '
# What stands in a row for the recurrence of its label, and what fills a row up; none of JSON's own texts holds them.
_RECURRENCE, _NOTHING = "\1", "\0"


def _spans(labels: Labels) -> Json:
    """The labels as a list of JSON objects."""
    bounds, kinds = labels.bounds.tolist(), get_args(Kind)
    columns = zip(
        bounds[:-1],
        bounds[1:],
        [kinds[kind] for kind in labels.kinds.tolist()],
        np.rint(labels.probabilities() * 10**DIGITS).astype(np.int64).tolist(),
        labels.repeats.tolist(),
        _reasons(labels),
        strict=True,
    )
    shares = _shares()
    spans = [
        f'{{"start": {start}, "stop": {stop}, "kind": "{kind}", "probability": {shares[probability]}, '
        f'{_REPEAT if repeat else ""}"reasons": [{reasons}]}}'
        for start, stop, kind, probability, repeat, reasons in columns
    ]
    return Json(f"[{', '.join(spans)}]")


def _reasons(labels: Labels) -> Iterable[str]:
    """The reasons of each label as JSON objects, those that weigh most first."""
    order = np.argsort(-np.abs(labels.weights), axis=1, kind="stable")
    weights = np.take_along_axis(labels.weights, order, axis=1)
    there = weights != 0
    counts = there.sum(axis=1)
    if not counts.any():
        return [""] * len(labels)
    spans, signals, weights = there.nonzero()[0], order[there], weights[there]
    # Weights are for boilerplate, reasons speak for the label's own kind.
    signs = (weights < 0) == (labels.kinds == get_args(Kind).index("boilerplate"))[spans]
    first = np.diff(spans, prepend=-1) > 0
    rows = (
        _texts([", ", "\n"])[first.astype(int)],
        _heads(labels, spans, signals),
        _texts(["", "-"])[signs.astype(int)],
        *_decimals(weights),
        _texts(["}"])[np.zeros(len(spans), int)],
    )
    text = np.concatenate(rows, axis=1).tobytes().translate(None, _NOTHING.encode()).decode()
    told = iter(text.split("\n")[1:])
    pages, of = labels.pages.tolist(), labels.of.tolist()
    return [
        next(told).replace(_RECURRENCE, f', "pages": {pages[i]}, "of": {of[i]}') if count else ""
        for i, count in enumerate(counts.tolist())
    ]


def _heads(labels: Labels, spans: NDArray[np.int64], signals: NDArray[np.int64]) -> NDArray[np.uint8]:
    """How each reason begins, up to its weight: a row of characters each."""
    names = [f'{{"name": {json_text(name)}' for name in labels.signals]
    heads = _texts([f'{name}{recurrence}, "weight": ' for recurrence in ("", _RECURRENCE) for name in names])
    always = np.array([name == "recurs" for name in labels.signals])
    where_known = np.array([name == "partly" for name in labels.signals])
    told = always[signals] | (where_known[signals] & (labels.of[spans] != 0))
    return heads[signals + len(names) * told]


def _decimals(weights: NDArray[np.float32]) -> Iterator[NDArray[np.uint8]]:
    """Weights without their sign, rounded, as Python writes them: rows of characters before the point, and from it on.

    A float32 times ten thousand is exact in float64: halves are halves, and rounded to even as Python does.
    """
    whole, part = np.divmod(np.rint(np.abs(weights.astype(np.float64)) * 10**DIGITS).astype(np.int64), 10**DIGITS)
    places = [10**place for place in range(len(str(whole.max())))[::-1]]
    digits = [np.where((whole >= place) | (place == 1), whole // place % 10 + ord("0"), 0) for place in places]
    yield np.stack(digits, axis=1).astype(np.uint8)
    yield _fractions()[part]


@functools.cache
def _fractions() -> NDArray[np.uint8]:
    return _texts([share.removeprefix("0") for share in _shares()[:-1]])


@functools.cache
def _shares() -> list[str]:
    """All numbers from 0 to 1 with four digits, as Python writes them."""
    return [repr(number / 10**DIGITS) for number in range(10**DIGITS + 1)]


def _texts(texts: list[str]) -> NDArray[np.uint8]:
    """ASCII texts as rows of as many bytes, filled up with _NOTHING."""
    rows = np.array([text.encode() for text in texts])
    return rows.view(np.uint8).reshape(len(texts), -1)


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
    """One span that cleaning removed, and why; of reused text, `kept` tells where the copy that stays stands."""

    start: int
    stop: int
    kind: str
    kept: NotRequired[PlaceRecord]


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
        "date": text_of(page, metadata.date),
        "byline": text_of(page, metadata.byline),
        "length": len(page.text),
        "cuts": [cut_record(cut) for cut in cuts],
    }


def cut_record(cut: Cut) -> CutRecord:
    """A cut, and where the copy that stays stands."""
    record: CutRecord = {"start": cut.start, "stop": cut.stop, "kind": cut.kind}
    if cut.kept:
        record["kept"] = _place(cut.kept, {})
    return record


class PlaceRecord(TypedDict):
    """Where a passage stands on a page, in code points of its text; `site` only when it is known."""

    id: str
    start: int
    stop: int
    site: NotRequired[str]


class PassageRecord(TypedDict):
    """Text that two pages share. `first` names the page that came out first, "" when dates do not tell."""

    a: PlaceRecord
    b: PlaceRecord
    similarity: float
    cluster: str
    kind: str
    first: Literal["a", "b", ""]


class DuplicateRecord(TypedDict):
    """One page of a cluster of pages that are one story; `similarity` is that with the cluster's representative."""

    cluster: str
    id: str
    site: str
    representative: bool
    similarity: float


# The columns of both as CSV, where a place of a passage is four of them.
PASSAGE_COLUMNS = (
    *(f"{side}_{part}" for side in "ab" for part in ("id", "start", "stop", "site")),
    *("similarity", "cluster", "kind", "first"),
)
PAGE_COLUMNS = ("cluster", "id", "site", "representative", "similarity")


def passage_record(passage: Passage, sites: Mapping[str, str], dates: Mapping[str, str]) -> PassageRecord:
    """A passage; `sites` and `dates` by page id, for the pages that have them."""
    first = earliest((passage.a, passage.b), dates)
    return {
        "a": _place(passage.a, sites),
        "b": _place(passage.b, sites),
        "similarity": round(passage.similarity, DIGITS),
        "cluster": passage.cluster,
        "kind": passage.kind,
        "first": "" if first is None else "a" if first == passage.a else "b",
    }


def _place(place: Place, sites: Mapping[str, str]) -> PlaceRecord:
    record: PlaceRecord = {"id": place.page, "start": place.start, "stop": place.stop}
    if site := sites.get(place.page):
        record["site"] = site
    return record


def duplicate_records(group: Duplicates, sites: Mapping[str, str]) -> Iterator[DuplicateRecord]:
    """The pages of a cluster, one by one."""
    for id, similarity in zip(group.pages, group.similarities, strict=True):
        yield {
            "cluster": group.id,
            "id": id,
            "site": sites.get(id, ""),
            "representative": id == group.representative,
            "similarity": round(similarity, DIGITS),
        }


def json_line(record: Mapping[str, object]) -> str:
    """A record as one line, with the end of it."""
    pieces: list[str] = []
    for name, value in record.items():
        pieces += [
            ", " if pieces else "{",
            json_text(name),
            ": ",
            value if isinstance(value, Json) else json_text(value),
        ]
    return "".join([*pieces, "}\n"])


def json_text(value: object) -> str:
    """A value as JSON."""
    return json.dumps(value, ensure_ascii=False)


def csv_row(record: Mapping[str, object], columns: Sequence[str]) -> str:
    """A record as one row of CSV, a column empty where the record says nothing."""
    values = flat(record)
    return csv_line(values.get(column, "") for column in columns)


def flat(record: Mapping[str, object]) -> dict[str, object]:
    """A record in columns: the place `a` as `a_id`, `a_start`, `a_stop` and `a_site`."""
    columns: dict[str, object] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            columns |= {f"{name}_{part}": inner for part, inner in value.items()}
        else:
            columns[name] = value
    return columns


def csv_line(values: Iterable[object]) -> str:
    """Values as one row of CSV, true and false as JSON has them; what a spreadsheet would run as a formula is text."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(_cell(value) for value in values)
    return line.getvalue()


def _cell(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


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
