"""JSON lines: a page a line, `text` or `html`, with an optional `id`, `url`, `site` and `date`.

A line that is no page is told with its number and the others go on. Memory holds one line at a time. A `date` in
which no date can be read refuses nothing: the page has none.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import IO, NamedTuple

from detect.dates import calendar_day, iso
from detect.reading.limits import Limits, RefusedError, in_words
from detect.reading.text import decode_utf8, make_safe

_FIELDS = ("id", "text", "html", "url", "site")
_LOOKS_LIKE_ROWS = re.compile(r'\ufeff?\s*\{[ \t]*"[^"\n]{1,200}"[ \t]*:')
_PLAIN_DATE = re.compile(
    r"((?:19|20)[0-9]{2})-([0-9]{2})-([0-9]{2})(?:T((?:[01][0-9]|2[0-3]):[0-5][0-9])(?::[0-5][0-9](?:\.[0-9]{1,6})?)?Z)?"
)
_DATE_CHARS = 200  # whatever is longer is a text with dates in it, not a date
_SKIP = 1_000_000  # bytes read at a time over a line that is too long


class Row(NamedTuple):
    """One page of a table: the line, row or record `number`, counted from 1. `html` tells whether `text` is HTML;
    `date` is as `iso` gives it: with a time of day, if it is said in UTC or with an offset, in UTC, else as it is
    written. "" for what the row does not say.
    """

    number: int
    id: str
    text: str
    html: bool
    url: str
    site: str
    replaced: int
    date: str


class BadRow(NamedTuple):
    """A line, row or record that gives no page, and why."""

    number: int
    reason: str


class _Number(str):
    """A JSON number as it is written: an id of 5,000 digits stays what it is."""


def read_rows(stream: IO[bytes], limits: Limits) -> Iterator[Row | BadRow]:
    """The pages of JSON lines in order; blank lines and Winnow's own manifest are passed over. Raises RefusedError
    for UTF-16.
    """
    number = 0
    while data := stream.readline(limits.line_bytes + 1):
        number += 1
        if number == 1:
            data = _without_mark(data)
        try:
            if len(data) > limits.line_bytes:
                raise RefusedError(_too_long(len(data) + _skip_line(stream, data), limits))
            if data.strip() and (row := _row(number, data)):
                yield row
        except RefusedError as error:
            yield BadRow(number, str(error))


@lru_cache(10_000)
def date_in(value: str) -> str:
    """The date that the field `date` tells, "" for none."""
    if plain := _PLAIN_DATE.fullmatch(value):  # what `iso` says too, thirty times as fast
        day = calendar_day(int(plain[1]), int(plain[2]), int(plain[3]))
        return f"{day}T{plain[4]}" if day and plain[4] else day
    return iso(value) if len(value) <= _DATE_CHARS else ""


def looks_like_rows(text: str) -> bool:
    """True when `text` begins with a JSON object that goes on in its line."""
    return _LOOKS_LIKE_ROWS.match(text) is not None


def _without_mark(data: bytes) -> bytes:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise RefusedError("JSON lines are written in UTF-8, and this is UTF-16: save it as UTF-8")
    return data.removeprefix(codecs.BOM_UTF8)


def _skip_line(stream: IO[bytes], read: bytes) -> int:
    """How many more bytes the line has; they are read and dropped."""
    skipped = 0
    while not read.endswith(b"\n") and (read := stream.readline(_SKIP)):
        skipped += len(read)
    return skipped


def _too_long(size: int, limits: Limits) -> str:
    return f"the line has {in_words(size)}, and one page may have {in_words(limits.line_bytes)}: split it"


def _row(number: int, data: bytes) -> Row | None:
    """The page of a line; None for a line of the manifest beside texts that Winnow cleaned."""
    decoded = decode_utf8(data)
    fields = _object(decoded.text)
    name = "html" if _absent(fields.get("text")) else "text"
    if _absent(fields.get(name)):
        if "file" in fields and "cuts" in fields:
            return None
        raise RefusedError('the line has neither "text" nor "html"')
    values = {field: make_safe(_string(fields, field)) for field in (name, "id", "url", "site")}
    replaced = decoded.replaced + sum(value.replaced for value in values.values())
    identity, url, site = (values[field].text.strip() for field in ("id", "url", "site"))
    return Row(number, identity, values[name].text, name == "html", url, site, replaced, _date(fields))


def _object(line: str) -> dict[str, object]:
    try:
        value = json.loads(
            line, parse_int=_Number, parse_float=_Number, parse_constant=_Number, object_pairs_hook=_once_each
        )
    except json.JSONDecodeError as error:
        raise RefusedError(
            f"the line is not JSON from character {error.pos + 1} on: write each page as an object on a line of its own"
        ) from None
    except RecursionError:
        raise RefusedError("the line nests too deeply to be read as JSON") from None
    if not isinstance(value, dict):
        raise RefusedError(f"the line is {_described(value)}, not an object in braces")
    return value


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        for field in _FIELDS:
            if names.count(field) > 1:
                raise RefusedError(
                    f'the line has "{field}" {names.count(field)} times, and which one counts is not said'
                )
    return fields


def _absent(value: object) -> bool:
    """Not there, null, or NaN: what a missing cell becomes when a data frame is written as JSON."""
    return value is None or (isinstance(value, _Number) and value == "NaN")


def _string(fields: dict[str, object], field: str) -> str:
    value = fields.get(field)
    if _absent(value):
        return ""
    if isinstance(value, str) and (field == "id" or not isinstance(value, _Number)):
        return str(value)
    raise RefusedError(f'"{field}" is {_described(value)}, not text in quotes')


def _date(fields: dict[str, object]) -> str:
    value = fields.get("date")
    return date_in(value) if isinstance(value, str) and not isinstance(value, _Number) else ""


def _described(value: object) -> str:
    if isinstance(value, _Number):
        return f"the number {value[:20]}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return "a list" if isinstance(value, list) else "an object" if isinstance(value, dict) else "text"
