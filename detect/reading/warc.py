"""WARC and WET: what a crawler kept, a record after another; those that are pages of text.

A page is an answer with status 200 in HTML or plain text, or a text that was made of one (`conversion`, in .wet files).
Requests, redirects, pictures and whatever else a crawl holds are passed over. The page's id is the record's own, which
no other record has; an address may come again and again. Memory holds one page at a time.

ISO 28500:2017, and https://iipc.github.io/warc-specifications/.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, NoReturn, Protocol

from fastwarc.stream_io import BrotliReader, ZstdReader
from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from detect.reading.archives import Budget
from detect.reading.html import declared_charset
from detect.reading.limits import Limits, PageTooLarge, RefusedError, in_words
from detect.reading.tables import BadRow, Row
from detect.reading.text import Decoded, decode, decode_utf8, make_safe

_HTML = frozenset(("text/html", "application/xhtml+xml"))
_PLAIN = "text/plain"
_OK = 200
# Browsers take headers of 256 kB; cookies and security policies do fill tens of them.
_HEADER_BYTES = 262_144
_PIECE = 65_536
_CHUNK_HEAD = re.compile(rb"(?:\r?\n)?([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")


class _Body(NamedTuple):
    """The text of a page as bytes: whether they are HTML, and the encoding that the server named, "" for none."""

    data: bytes
    html: bool
    charset: str


class _Reader(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


def read_warc(stream: io.BufferedReader, budget: Budget) -> Iterator[Row | BadRow]:
    """The pages of a WARC file in order. Raises RefusedError where it is damaged, cut short, or has no page at all."""
    number = found = 0
    for record in _records(stream):
        number += 1
        try:
            row = _row(number, record, budget)
        except PageTooLarge as error:
            row = BadRow(number, str(error))
        if row:
            found += 1
            yield row
    if not found:
        raise RefusedError(
            f"no page is among its records ({number:,}): an answer with status 200 in HTML or plain text, "
            "or a text made of one"
        )


def _records(stream: io.BufferedReader) -> Iterator[WarcRecord]:
    """The records, each as long as the next is not asked for. Raises RefusedError where no record can be made out."""
    if not stream.peek(5).startswith(b"WARC/"):
        raise RefusedError("this is no WARC file, whatever its name says: give it the name of what it is")
    pieces: Any = _Pieces(stream)  # no whole file, but all of one that reading from front to back asks for
    archive = iter(ArchiveIterator(pieces, parse_http=False, stream_detect=False, max_header_len=_HEADER_BYTES))
    number = 1
    while True:
        try:
            record = next(archive, None)
        except OSError as error:
            if not _is_fastwarcs(error):
                raise
            _refuse(number)
        if record is None:
            return
        if not (record.headers.get("Content-Length") or "").strip().isdecimal():
            _refuse(number)
        yield record
        number += 1


class _Pieces:
    """A stream that gives what it has before it fails: `BufferedReader.read` loses that when the next piece fails."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        return self._stream.read1(size)

    def tell(self) -> int:
        return self._stream.tell()


def _is_fastwarcs(error: OSError) -> bool:
    """True for what the records themselves are to blame for, not the disk and not what they are packed in."""
    return type(error) is OSError and error.errno is None


def _refuse(number: int) -> NoReturn:
    raise RefusedError(f"from record {number:,} on the file is cut short or damaged: download it or make it again")


def _row(number: int, record: WarcRecord, budget: Budget) -> Row | BadRow | None:
    """The page of a record; None where it is none."""
    try:
        body = _body(record, budget)
    except _CutShortError:
        _refuse(number)
    if body is None or not body.data.strip():
        return None
    try:
        text = _text(body)
    except RefusedError as error:
        return BadRow(number, str(error))
    identity, url = (_header(record, name) for name in ("WARC-Record-ID", "WARC-Target-URI"))
    # WARC-Date is when the page was fetched: no date of the page, which may be ten years older.
    return Row(number, identity, text.text, body.html, url, "", text.replaced, "")


class _CutShortError(Exception):
    """The file ends before the record does."""


def _body(record: WarcRecord, budget: Budget) -> _Body | None:
    if record.record_type == WarcRecordType.conversion and _kind(_header(record, "Content-Type")) == _PLAIN:
        return _Body(_rest(record, budget.limits), False, "utf-8")
    if record.record_type == WarcRecordType.response and record.is_http and _is_page(record):
        data = _decoded(_rest(record, budget.limits), record, budget)
        return _Body(data, _kind(record.http_content_type or "") in _HTML, (record.http_charset or "").strip("\"' "))
    _pass_over(record)
    return None


def _header(record: WarcRecord, name: str) -> str:
    """What a record's header says, without the angle brackets that stand around an address there; "" for nothing."""
    return make_safe(record.headers.get(name) or "").text.strip().removeprefix("<").removesuffix(">")


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _is_page(record: WarcRecord) -> bool:
    try:
        record.parse_http(max_header_len=_HEADER_BYTES)
    except OSError as error:
        if not _is_fastwarcs(error):
            raise
        record.consume()
        raise PageTooLarge(f"the headers of the answer are longer than {in_words(_HEADER_BYTES)}") from None
    kind = _kind(record.http_content_type or "")
    return record.http_headers.status_code == _OK and (kind in _HTML or kind == _PLAIN)


def _rest(record: WarcRecord, limits: Limits) -> bytes:
    """What is left of a record. Raises PageTooLarge, without holding it, when that is too much."""
    if record.content_length > limits.page_bytes:
        _pass_over(record)
        raise _too_large(record.content_length, limits)
    data = record.reader.read(limits.page_bytes)
    if len(data) < record.content_length:
        raise _CutShortError
    return data


def _too_large(size: int, limits: Limits) -> PageTooLarge:
    return PageTooLarge(f"the page has {in_words(size)} or more, and one page may have {in_words(limits.page_bytes)}")


def _pass_over(record: WarcRecord) -> None:
    if record.consume() < record.content_length:
        raise _CutShortError


# How a server packs what it sends


def _decoded(data: bytes, record: WarcRecord, budget: Budget) -> bytes:
    """The body of an answer as it was before it was sent. Many crawlers keep it so, under the headers of what was sent:
    what cannot be unpacked is taken as it stands.
    """
    most = budget.limits.page_bytes
    codings = [*_codings(record, "Content-Encoding"), *_codings(record, "Transfer-Encoding")]
    for coding in reversed(codings):
        if unpack := _UNPACK.get(coding):
            data = unpack(data, most + 1) or data
            budget.spend(len(data))
        if len(data) > most:
            raise _too_large(len(data), budget.limits)
    return data


def _codings(record: WarcRecord, name: str) -> list[str]:
    """The codings in the order in which they were laid on."""
    return [coding.strip().lower() for value in record.http_headers.get_multiple(name) for coding in value.split(",")]


def _join_chunks(data: bytes) -> bytes:
    """The chunks of an answer, without their sizes, the last one as far as it goes; nothing where there are none."""
    pieces, at = [], 0
    while at < len(data):
        head = _CHUNK_HEAD.match(data, at)
        if head is None:
            return b""
        at = head.end() + int(head[1], 16)
        pieces.append(data[head.end() : at])
        if not pieces[-1]:
            break
    return b"".join(pieces)


def _read_up_to(reader: _Reader, most: int) -> bytes:
    """As much as can be read: a crawler cuts long answers off."""
    pieces: list[bytes] = []
    left = most
    try:
        while left > 0 and (piece := reader.read(min(_PIECE, left))):
            pieces.append(piece)
            left -= len(piece)
    except OSError:
        pass
    return b"".join(pieces)


def _inflate(data: bytes, most: int, *forms: int) -> bytes:
    for form in forms:
        try:
            return zlib.decompressobj(form).decompress(data, most)
        except zlib.error:
            continue
    return b""


_GZIP, _ZLIB, _BARE = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
_UNPACK: Mapping[str, Callable[[bytes, int], bytes]] = {
    "chunked": lambda data, most: _join_chunks(data),
    "gzip": lambda data, most: _inflate(data, most, _GZIP),
    "x-gzip": lambda data, most: _inflate(data, most, _GZIP),
    "deflate": lambda data, most: _inflate(data, most, _ZLIB, _BARE),  # some servers leave the header out
    "br": lambda data, most: _read_up_to(BrotliReader(io.BytesIO(data)), most),
    "zstd": lambda data, most: _read_up_to(ZstdReader(io.BytesIO(data)), most),
}


def _text(body: _Body) -> Decoded:
    if body.charset == "utf-8" and not body.html:
        return decode_utf8(body.data)
    return decode(body.data, body.charset, declared_charset(body.data) if body.html else "")
