"""What has been learned, as a value: a ledger of what each page of each site contributes.

Merging is a union and forgetting is removal, so learning in any order, twice, or in parts gives one Memory; all
counts are derived from the ledger (recurrence.py). In a file, a site's hashes stand once and its pages point at
them; equal memories are equal bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from detect.recurrence import SiteIndex
from detect.settings import DEFAULTS

_MAGIC = b"winnow memory 1\n"
_DIGEST = 16
# The settings that shape what a page contributes.
_MADE_WITH = {"shingle_width": DEFAULTS.shingle_width, "prose_words": DEFAULTS.prose_words}


class MemoryFileError(ValueError):
    """The bytes are not a memory this program can use; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Contribution:
    """What one page gives to its site's memory.

    `hashes` uint64, sorted, no repeats: its shingles and line keys; `prose` bool, as long: those that stand inside
    lines of prose. `key` (16 bytes) identifies page id and text together, so that a changed page is another entry.
    """

    key: bytes
    page_id: str
    hashes: NDArray[np.uint64]
    prose: NDArray[np.bool_]


Ledger = Mapping[str, Mapping[bytes, Contribution]]


class Memory:
    """An immutable set of contributions a site. `a + b` is their union, `a - b` forgets what b holds."""

    __slots__ = ("_indexes", "_ledger")

    def __init__(self, ledger: Ledger | None = None) -> None:
        kept = {site: MappingProxyType(dict(pages)) for site, pages in (ledger or {}).items() if pages}
        self._ledger: Ledger = MappingProxyType(dict(sorted(kept.items())))
        self._indexes: dict[str, SiteIndex] = {}

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites learned, sorted."""
        return tuple(self._ledger)

    def pages(self, site: str) -> int:
        """How many pages of `site` were learned."""
        return len(self._ledger.get(site, ()))

    def index(self, site: str) -> SiteIndex:
        """The counts of `site`, derived on first use and kept; empty for a site that was never learned."""
        if site not in self._indexes:
            pages = self._ledger.get(site, {})
            ordered = [pages[key] for key in sorted(pages)]
            self._indexes[site] = SiteIndex(
                [page.key for page in ordered],
                [page.page_id for page in ordered],
                [page.hashes for page in ordered],
                [page.hashes[page.prose] for page in ordered],
            )
        return self._indexes[site]

    @staticmethod
    def union(memories: Iterable[Memory]) -> Memory:
        """All that any of `memories` holds."""
        ledger: dict[str, dict[bytes, Contribution]] = {}
        for memory in memories:
            for site, pages in memory._ledger.items():
                ledger.setdefault(site, {}).update(pages)
        return Memory(ledger)

    def __add__(self, other: Memory) -> Memory:
        return Memory.union((self, other))

    def __sub__(self, other: Memory) -> Memory:
        return Memory(
            {
                site: {key: page for key, page in pages.items() if key not in other._ledger.get(site, {})}
                for site, pages in self._ledger.items()
            }
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Memory) and {s: set(p) for s, p in self._ledger.items()} == {
            s: set(p) for s, p in other._ledger.items()
        }

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return bool(self._ledger)

    def __reduce__(self) -> tuple[object, tuple[bytes]]:
        return Memory.unpack, (self.pack(),)

    def pack(self) -> bytes:
        """This memory as bytes; equal memories give equal bytes."""
        heads, parts = [], []
        for site, pages in self._ledger.items():
            ordered = [pages[key] for key in sorted(pages)]
            vocabulary = np.unique(np.concatenate([page.hashes for page in ordered]))
            parts.append(vocabulary.astype("<u8").tobytes())
            for page in ordered:
                parts.append(np.searchsorted(vocabulary, page.hashes).astype("<u4").tobytes())
                parts.append(np.packbits(page.prose).tobytes())
            entries = [[page.key.hex(), page.page_id, len(page.hashes)] for page in ordered]
            heads.append({"site": site, "hashes": len(vocabulary), "pages": entries})
        head = json.dumps({"made_with": _MADE_WITH, "sites": heads}, separators=(",", ":")).encode()
        body = b"".join([_MAGIC, len(head).to_bytes(8, "little"), head, *parts])
        return body + hashlib.blake2b(body, digest_size=_DIGEST).digest()

    @classmethod
    def unpack(cls, blob: bytes) -> Memory:
        """The memory that `pack` wrote.

        Raises MemoryFileError when the bytes are of another kind or format, damaged, cut short, or made with
        other settings.
        """
        if not blob.startswith(_MAGIC):
            raise MemoryFileError(
                "this is not a Winnow memory of format 1: make it again from the pages with `winnow learn`"
            )
        body = blob[:-_DIGEST]
        if hashlib.blake2b(body, digest_size=_DIGEST).digest() != blob[-_DIGEST:]:
            raise MemoryFileError("this memory is damaged or cut short: restore it, or learn its pages again")
        start = len(_MAGIC) + 8
        stop = start + int.from_bytes(body[start - 8 : start], "little")
        head = json.loads(body[start:stop])
        if head["made_with"] != _MADE_WITH:
            raise MemoryFileError(
                f"this memory was made with {head['made_with']}, this program has {_MADE_WITH}: learn again"
            )
        return cls(_ledger_of(head["sites"], body, stop))

    def save(self, path: Path) -> None:
        """Write `pack()` to `path`, complete or not at all. Raises OSError as the file system does."""
        beside = path.with_name(path.name + ".part")
        beside.write_bytes(self.pack())
        beside.replace(path)

    @classmethod
    def load(cls, path: Path) -> Memory:
        """The memory in the file `path`. Raises MemoryFileError (naming the file) and OSError."""
        try:
            return cls.unpack(path.read_bytes())
        except MemoryFileError as error:
            raise MemoryFileError(f"{path}: {error}") from error


def _ledger_of(heads: list[dict], body: bytes, at: int) -> Ledger:
    ledger: dict[str, dict[bytes, Contribution]] = {}
    for head in heads:
        vocabulary = np.frombuffer(body, "<u8", head["hashes"], at)
        at += 8 * len(vocabulary)
        pages = ledger[head["site"]] = {}
        for key, page_id, count in head["pages"]:
            hashes = vocabulary[np.frombuffer(body, "<u4", count, at)]
            at += 4 * count
            packed = np.frombuffer(body, np.uint8, (count + 7) // 8, at)
            at += len(packed)
            prose = np.unpackbits(packed, count=count).astype(np.bool_)
            pages[bytes.fromhex(key)] = Contribution(bytes.fromhex(key), page_id, hashes, prose)
    return ledger
