"""Bytes to text: the encoding told by BOM, declaration or content; what is not valid replaced and counted."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import NamedTuple

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

from detect.reading.limits import RefusedError

REPLACEMENT = "\ufffd"

# The longer marks first: UTF-32's begins with UTF-16's.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = (
    (b"%PDF-", "a PDF file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a picture, sound or film"),
    (b"PK\x03\x04", "a zip file or an office document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"\x1f\x8b", "a gzip file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstandard file"),
    (b"7z\xbc\xaf", "a 7-Zip file"),
    (b"Rar!", "a RAR file"),
    (b"PAR1", "a Parquet file"),
    (b"PARE", "an encrypted Parquet file"),
    (b"SQLite format 3\0", "a database"),
    (b"\x7fELF", "a program"),
)
# Control characters that text does not have. A few are a slip to be replaced; many are not text at all.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b")) + b"\x7f"
_CONTROLS_FORGIVEN = 8
_CONTROLS_SHARE = 0.02
_SAMPLE = 65_536

# A NUL ends a text early in databases, and half a surrogate pair cannot be written as UTF-8 at all.
_UNSAFE = re.compile("[\0\ud800-\udfff]")


class Decoded(NamedTuple):
    """Text, and how many places of it are U+FFFD in place of something that was not valid."""

    text: str
    replaced: int


def decode(data: bytes, *declared: str) -> Decoded:
    """The text of `data`, whose encoding may be named: the first of `declared` that is known counts.

    Raises RefusedError for binary.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decode_as(data[len(mark) :], encoding)
    if kind := _binary(data):
        raise RefusedError(
            f"this is {kind}, not text: give the text, HTML, JSON lines, Parquet or WARC, or a .zip or .gz of them"
        )
    return _decode_as(data, _encoding(data, declared))


def decode_utf8(data: bytes) -> Decoded:
    """The text of `data` in UTF-8 and nothing else."""
    return _decode_as(data, "utf-8")


def make_safe(text: str) -> Decoded:
    """`text` with every NUL and lone surrogate replaced, one for one, so that offsets stay."""
    return Decoded(text, 0) if _is_safe(text) else Decoded(*_UNSAFE.subn(REPLACEMENT, text))


def safe_text(text: str) -> Decoded:
    """`make_safe` of what was decoded from valid UTF-8, where NUL alone is to be replaced."""
    return Decoded(text, 0) if "\0" not in text else make_safe(text)


def _is_safe(text: str) -> bool:
    """The same as that `_UNSAFE` finds nothing, five times as fast: nearly all text is safe."""
    try:
        return "\0" not in text and (text.isascii() or bool(text.encode()))
    except UnicodeEncodeError:
        return False


def _decode_as(data: bytes, encoding: str) -> Decoded:
    try:
        text, replaced = data.decode(encoding), 0
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        # U+FFFD that somebody wrote validly is theirs, not ours.
        replaced = text.count(REPLACEMENT) - data.decode(encoding, "ignore").count(REPLACEMENT)
    safe = make_safe(text)
    return Decoded(safe.text, replaced + safe.replaced)


def _encoding(data: bytes, declared: Sequence[str]) -> str:
    for name in filter(None, declared):
        if known := map_encoding_to_html5(name, fallback_utf8=False):
            # A declaration that could be read byte by byte cannot be true of an encoding in wide units.
            return "utf-8" if known.startswith(("utf-16", "utf-32")) else str(known)
    if _mostly_utf8(data):
        return "utf-8"
    found = detect_encoding(data) or "utf-8"
    try:
        codecs.lookup(found)
    except LookupError:
        return "utf-8"
    return str(found)


def _mostly_utf8(data: bytes) -> bool:
    """Valid, or with fewer bad places than good characters beyond ASCII."""
    text = data.decode("utf-8", "replace")
    replaced = text.count(REPLACEMENT)
    if not replaced:
        return True
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return beyond_ascii - replaced > replaced


def _binary(data: bytes) -> str:
    """What kind of binary file `data` is, "" when it can be text."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return "a binary file" if controls > max(_CONTROLS_FORGIVEN, _CONTROLS_SHARE * len(sample)) else ""
