"""Zip and gzip: the files inside, streamed. Nothing is written to disk under a name, so no name can harm.

What is unpacked is counted while it streams (`Meter`), whatever the archive says of its sizes.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple

from detect.reading.limits import Limits, RefusedError, in_words

_IN_MEMORY = 16_000_000  # bytes of an archive inside an archive before it goes to an unnamed temporary file
_CHUNK = 262_144
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
# One central directory entry: 46 bytes and its name. Above this mean the directory itself is the attack.
_ENTRY_BYTES = 256
_LOCAL_HEADER = 30
# What damaged packed data raises, all of it told by `broken`. RuntimeError includes NotImplementedError.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    struct.error,
    RuntimeError,
    IndexError,
)


class Budget:
    """What one given file may still unpack to, shared by all that is inside it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.expanded = 0

    def spend(self, size: int) -> None:
        """Count `size` unpacked bytes. Raises RefusedError when that is too many."""
        self.expanded += size
        if self.expanded > self.limits.expanded_bytes:
            raise RefusedError(
                f"it unpacks to more than {in_words(self.limits.expanded_bytes)}, the limit for one file: "
                "split it into smaller files"
            )


class Meter(io.RawIOBase):
    """A stream that counts what it unpacks and refuses to go on past the budget or an absurd ratio."""

    def __init__(self, inner: IO[bytes], budget: Budget, packed: Callable[[], int]) -> None:
        self._inner, self._budget, self._packed = inner, budget, packed
        self._given = 0
        self._failure: Exception | None = None

    def readable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """Bytes given so far."""
        return self._given

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` as far as the stream goes. A failure waits until what came before it is given."""
        if self._failure:
            raise self._failure
        view, filled = memoryview(buffer), 0
        try:
            while filled < len(view) and (data := self._inner.read1(len(view) - filled)):  # type: ignore[attr-defined]
                view[filled : filled + len(data)] = data
                filled += len(data)
        except BROKEN as error:
            self._failure = error
        self._count(filled)
        if self._failure and not filled:
            raise self._failure
        return filled

    def _count(self, size: int) -> None:
        self._given += size
        self._budget.spend(size)
        limits = self._budget.limits
        if self._given > limits.ratio_from and self._given > limits.ratio * max(1, self._packed()):
            raise RefusedError(
                f"it unpacks to more than {limits.ratio} times its size, as no text does: reading stopped"
            )


class Member(NamedTuple):
    """One file of an archive: its name there, and how to open it; `reason` when it cannot be opened."""

    name: str
    open: Callable[[], io.BufferedReader]
    reason: str = ""


def unpack_gzip(stream: IO[bytes], budget: Budget) -> io.BufferedReader:
    """The unpacked bytes of a gzip file. Reading them raises EOFError where the file is cut short."""
    inner = gzip.GzipFile(fileobj=stream, mode="rb")
    return io.BufferedReader(Meter(inner, budget, stream.tell), _CHUNK)  # type: ignore[arg-type]


@contextmanager
def zip_members(stream: IO[bytes], budget: Budget) -> Iterator[Iterator[Member]]:
    """The members of a zip file in its own order. Raises RefusedError for a broken one or a trap."""
    with seekable(stream) as whole, _open_zip(whole, budget.limits) as archive:
        _check_entries(archive, budget.limits)
        yield (_member(archive, info, budget) for info in archive.infolist() if not info.is_dir())


@contextmanager
def seekable(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """`stream` itself where any part of it can be read, else a copy in which it can."""
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        yield stream if stream.seekable() else _copy(stream, spool)


def broken(error: Exception) -> str:
    """What a failure in the middle of an archive or file means for the person who gave it."""
    if isinstance(error, EOFError):
        return "the file ends in the middle of its packed data, and the rest is missing: pack it or download it again"
    if isinstance(error, (zipfile.BadZipFile, zlib.error, gzip.BadGzipFile)):
        return "the packed data is damaged, or is not what the name says: pack it or download it again"
    if isinstance(error, PermissionError):
        return "you are not allowed to read it: change its permissions"
    if isinstance(error, OSError):
        return (
            f"it cannot be read ({error.strerror or 'the disk or the connection to it failed'}): copy it and try again"
        )
    return "it is damaged, or packed in a way that is not known here: make it again"


def _copy(stream: IO[bytes], spool: SpooledTemporaryFile[bytes]) -> IO[bytes]:
    while data := stream.read(_CHUNK):
        spool.write(data)
    spool.seek(0)
    return spool


def _open_zip(stream: IO[bytes], limits: Limits) -> zipfile.ZipFile:
    if _directory_bytes(stream) > limits.members * _ENTRY_BYTES:
        raise RefusedError(f"the zip lists more than {limits.members:,} files, the limit for one archive: split it")
    try:
        return zipfile.ZipFile(stream)
    except BROKEN:
        raise RefusedError("this is not a whole zip file (cut short, or of another kind): make it again") from None


def _directory_bytes(stream: IO[bytes]) -> int:
    """The size that the end of a zip file gives for its list of files: seen before the list is loaded."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - 65_557 - 76))
    tail = stream.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 16:
        return 0
    (small,) = struct.unpack_from("<L", tail, end + 12)
    if end >= 76 and tail[end - 20 : end - 16] == b"PK\x06\x07":  # zip64: its record stands before its locator
        (large,) = struct.unpack_from("<Q", tail, end - 76 + 40)
        return int(large)
    return int(small)


def _check_entries(archive: zipfile.ZipFile, limits: Limits) -> None:
    entries = archive.infolist()
    if len(entries) > limits.members:
        raise RefusedError(f"the zip has {len(entries):,} files, and one archive may have {limits.members:,}: split it")
    taken = 0
    for info in sorted(entries, key=lambda info: info.header_offset):
        if info.header_offset < taken:
            raise RefusedError("files in this zip overlap, as only a zip made to do harm has them: it was not read")
        taken = info.header_offset + _LOCAL_HEADER + info.compress_size


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> Member:
    def unpack() -> io.BufferedReader:
        try:
            inner = archive.open(info)
        except BROKEN as error:
            raise RefusedError(broken(error)) from None
        return io.BufferedReader(Meter(inner, budget, lambda: info.compress_size), _CHUNK)

    return Member(info.filename, unpack, _not_openable(info))


def _not_openable(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _ENCRYPTED:
        return "it is locked with a password: give it unlocked"
    if info.compress_type not in _METHODS:
        return "it is packed in an unusual way: make the zip again with the ordinary (deflate) packing"
    return ""
