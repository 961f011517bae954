"""What is known of sites as bytes, a block a site, so that one can be read without the others.

    magic | block of each site, in order | directory | length and digest of the directory

A block: cutoff, number of pages; for each page its key, how long its id is and how many hashes it has; the ids; the
hashes, 5 bytes each; a bit a hash for prose. The directory: the settings it was made with; where each block begins, its
digest, where each name begins; the names. Numbers are little-endian. Names are sorted, and searched as they stand.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from detect.loops import njit
from detect.sampling import Contribution, Sample
from detect.settings import DEFAULTS

_MAGIC = b"winnow memory 3\n"
_DIGEST = 16
_FOOT = 8 + _DIGEST
_HASH = 5
# The settings that shape what a page contributes, and which pages are kept.
_SHAPING = ("shingle_width", "prose_words", "site_pages")

_DAMAGED = "this memory is damaged or cut short: restore it, or learn its pages again"
_OTHER_KIND = "this is not a Winnow memory of format 3: make it again from the pages with `winnow learn`"


class MemoryFileError(ValueError):
    """The bytes are not a memory this program can use; the message says why."""


class Block(NamedTuple):
    """What is known of a site, as it is written, and its digest."""

    data: bytes
    digest: bytes

    @classmethod
    def of(cls, data: bytes) -> Block:
        """That of bytes."""
        return cls(data, _digest(data))


class Writable(Protocol):
    """What bytes are written to."""

    def write(self, data: bytes, /) -> int:
        """Write all of `data`."""
        ...


def write(out: Writable, samples: Iterable[tuple[str, Sample | Block]]) -> None:
    """Write the samples of sites, each as it comes, or its block as another file has it; their names have to ascend.

    Raises ValueError where they do not.
    """
    at = out.write(_MAGIC)
    starts = [at]
    digests: list[bytes] = []
    names: list[bytes] = []
    for site, sample in samples:
        name = site.encode("utf-8", "surrogatepass")
        if names and name <= names[-1]:
            raise ValueError(f"the site {site!r} comes after one that it should stand before")
        block = sample if isinstance(sample, Block) else Block.of(_pack(sample))
        at += out.write(block.data)
        starts.append(at)
        digests.append(block.digest)
        names.append(name)
    directory = _directory(starts, digests, names)
    out.write(directory + len(directory).to_bytes(8, "little") + _digest(directory))


def _directory(starts: list[int], digests: list[bytes], names: list[bytes]) -> bytes:
    made_with = json.dumps(_made_with(), separators=(",", ":")).encode()
    lengths = np.array([len(made_with), len(names)], "<u8").tobytes()
    bounds = np.cumsum([0, *map(len, names)]).astype("<u8").tobytes()
    return b"".join([lengths, made_with, np.array(starts, "<u8").tobytes(), *digests, bounds, *names])


def _made_with() -> dict[str, int]:
    return {name: getattr(DEFAULTS, name) for name in _SHAPING}


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()


def _pack(sample: Sample) -> bytes:
    pages = sample.pages
    ids = [page.page_id.encode("utf-8", "surrogatepass") for page in pages]
    hashes = np.concatenate([np.empty(0, np.uint64), *(page.hashes for page in pages)])
    prose = np.concatenate([np.empty(0, np.bool_), *(page.prose for page in pages)])
    return b"".join(
        [
            bytes([sample.cutoff is not None]) + (sample.cutoff or bytes(16)),
            len(pages).to_bytes(4, "little"),
            *(page.key for page in pages),
            np.array([len(id) for id in ids], "<u4").tobytes(),
            np.array([len(page.hashes) for page in pages], "<u4").tobytes(),
            *ids,
            _upper(hashes).tobytes(),
            np.packbits(prose).tobytes(),
        ]
    )


@njit(cache=True, nogil=True)
def _upper(hashes):  # type: ignore[no-untyped-def]
    """The upper bytes of each hash, those that count, the least of them first."""
    out = np.empty(len(hashes) * _HASH, np.uint8)
    for i in range(len(hashes)):
        for byte in range(_HASH):
            out[i * _HASH + byte] = hashes[i] >> np.uint64(8 * (8 - _HASH + byte))
    return out


def _unpack(block: bytes) -> Sample:
    n = int.from_bytes(block[17:21], "little")
    at = 21 + 16 * n
    keys = [block[21 + 16 * i : 37 + 16 * i] for i in range(n)]
    lengths = np.frombuffer(block, "<u4", 2 * n, at).astype(np.int64)
    ends = at + 8 * n + np.cumsum(lengths[:n])
    at = int(ends[-1]) if n else at
    count = int(lengths[n:].sum())
    hashes = np.zeros((count, 8), np.uint8)
    hashes[:, 8 - _HASH :] = np.frombuffer(block, np.uint8, _HASH * count, at).reshape(-1, _HASH)
    prose = np.unpackbits(np.frombuffer(block, np.uint8, offset=at + _HASH * count), count=count).astype(np.bool_)
    parts = np.cumsum(lengths[n:])[:-1]
    each = np.split(hashes.view("<u8").ravel().astype(np.uint64, copy=False), parts), np.split(prose, parts)
    ids = [
        block[end - length : end].decode("utf-8", "surrogatepass")
        for end, length in zip(ends.tolist(), lengths[:n].tolist(), strict=True)
    ]
    pages = tuple(Contribution(*page) for page in zip(keys, ids, *each, strict=True)) if n else ()
    return Sample(pages, block[1:17] if block[0] else None)


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """Where the block of each site is, its digest, and the names of the sites, n of them.

    `starts` (n+1) of the blocks and `bounds` (n+1) of the names in `names`; `digests` holds 16 bytes a block.
    """

    starts: NDArray[np.uint64]
    digests: bytes
    bounds: NDArray[np.uint64]
    names: bytes

    def name(self, number: int) -> bytes:
        """The name of a site."""
        return self.names[int(self.bounds[number]) : int(self.bounds[number + 1])]

    def find(self, site: str) -> int | None:
        """The number of a site."""
        name, sites = site.encode("utf-8", "surrogatepass"), range(len(self.bounds) - 1)
        number = bisect_left(sites, name, key=self.name)
        return number if number < len(sites) and self.name(number) == name else None


class StoredSites:
    """Sites as `write` left them, in a file or in bytes; only the directory is read before a site is asked for.

    Raises MemoryFileError (naming the file) when the bytes are of another kind or format, damaged, cut short, or made
    with other settings, and OSError; asking for a site does too.
    """

    def __init__(self, whole: Path | bytes, digest: bytes | None = None) -> None:
        """Open them. With a `digest` (of the directory) only those that have this very one."""
        self._whole = whole
        try:
            self._directory, self._stamp = self._open(digest)
        except (IndexError, OverflowError, json.JSONDecodeError) as error:
            raise self._error(_DAMAGED) from error

    def __reduce__(self) -> tuple[object, tuple[Path | bytes, bytes]]:
        # By its path: whoever is sent it, in another process, opens the file for itself.
        return StoredSites, (self._whole, self._stamp)

    @property
    def sites(self) -> list[str]:
        """The names, sorted."""
        names = (self._directory.name(number) for number in range(len(self._directory.bounds) - 1))
        return [name.decode("utf-8", "surrogatepass") for name in names]

    def sample(self, site: str) -> Sample | None:
        """What is kept of a site, None where it is not known."""
        block = self.block(site)
        return None if block is None else _unpack(block.data)

    def block(self, site: str) -> Block | None:
        """The same as it is written."""
        number = self._directory.find(site)
        if number is None:
            return None
        block = Block.of(self._read(*self._directory.starts[number : number + 2].tolist()))
        if block.digest != self._directory.digests[_DIGEST * number : _DIGEST * (number + 1)]:
            raise self._error(_DAMAGED)
        return block

    def _open(self, wanted: bytes | None) -> tuple[Directory, bytes]:
        size = len(self._whole) if isinstance(self._whole, bytes) else self._whole.stat().st_size
        if self._read(0, len(_MAGIC)) != _MAGIC:
            raise self._error(_OTHER_KIND)
        foot = self._read(max(0, size - _FOOT), size)
        length, digest = int.from_bytes(foot[:8], "little"), foot[8:]
        start = size - _FOOT - length
        directory = self._read(start, start + length) if start >= len(_MAGIC) else b""
        if _digest(directory) != digest:
            raise self._error(_DAMAGED)
        if wanted not in (None, digest):
            raise self._error("this memory was changed while it was being used: start again")
        told, count = np.frombuffer(directory, "<u8", 2).tolist()
        made_with = json.loads(directory[16 : 16 + told])
        if made_with != _made_with():
            raise self._error(f"this memory was made with {made_with}, this program has {_made_with()}: learn again")
        at = 16 + told
        starts = np.frombuffer(directory, "<u8", count + 1, at)
        digests = directory[at + 8 * (count + 1) :][: _DIGEST * count]
        at += 8 * (count + 1) + len(digests)
        bounds = np.frombuffer(directory, "<u8", count + 1, at)
        return Directory(starts, digests, bounds, directory[at + 8 * (count + 1) :]), digest

    def _read(self, start: int, stop: int) -> bytes:
        if isinstance(self._whole, bytes):
            return self._whole[start:stop]
        # Opened for each block: no handle to be left behind, shared by threads, or lost on the way to a process.
        with self._whole.open("rb") as file:
            file.seek(start)
            return file.read(stop - start)

    def _error(self, message: str) -> MemoryFileError:
        return MemoryFileError(message if isinstance(self._whole, bytes) else f"{self._whole}: {message}")
