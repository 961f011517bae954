"""What has been learned, as a value: for each site a sample of its pages (sampling.py), in memory or in files.

Merging is a union and forgetting is removal, so learning in any order, twice, or in parts gives one Memory, and equal
memories are equal bytes; all counts are derived from the samples (recurrence.py). What stands in files stays there
until its site is asked for.
"""

from __future__ import annotations

import io
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from detect import memory_file, sampling
from detect.durable import put_in_place
from detect.memory_file import Block, MemoryFileError, StoredSites, Writable
from detect.records import Page
from detect.recurrence import SiteIndex
from detect.sampling import Contribution, GrowingSample, Sample

__all__ = ["GrowingMemory", "Memory", "MemoryFileError"]

# Bytes of the counts of sites that are kept ready, those last asked for.
_ROOM = 500_000_000


class _Source(Protocol):
    """Sites that are looked up when they are asked for. Picklable."""

    @property
    def sites(self) -> Iterable[str]: ...

    def sample(self, site: str) -> Sample | None: ...

    def block(self, site: str) -> Block | None:
        """The sample as a file has it, for who only writes it into another; None also where that costs as much."""
        ...


class Memory:
    """An immutable sample of pages for each site. `a + b` is their union, `a - b` forgets what b holds.

    Safe to share between threads. What comes from a file (`load`) raises MemoryFileError where it turns out to be
    damaged when a site is asked for.
    """

    __slots__ = ("_held", "_indexes", "_lock", "_samples", "_sources")

    def __init__(self, samples: Mapping[str, Sample] | None = None, sources: Iterable[_Source] = ()) -> None:
        self._samples = {site: sample for site, sample in sorted((samples or {}).items()) if sample.is_known}
        self._sources = tuple(sources)
        self._indexes: OrderedDict[str, SiteIndex] = OrderedDict()
        self._held = 0  # bytes of those
        self._lock = threading.Lock()

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites learned, sorted."""
        return tuple(sorted(set(self._samples).union(*(source.sites for source in self._sources))))

    @property
    def short_sites(self) -> tuple[str, ...]:
        """Sites of which so many pages were forgotten that fewer are looked at than the site has: learn them anew.

        Reads all that is known of every site.
        """
        return tuple(site for site, sample in self._each() if sample.is_short)

    def pages(self, site: str) -> int:
        """How many pages of `site` are looked at: all that were learned, or a sample of Settings.site_pages."""
        return self.index(site).pages

    def keys(self, site: str) -> tuple[bytes, ...]:
        """The keys of the pages of `site` that are kept, ascending; 16 bytes that stand for a page's id and text."""
        return tuple(page.key for page in self.sample(site).pages)

    def index(self, site: str) -> SiteIndex:
        """The counts of `site`, derived from its sample when they are asked for; empty when it was never learned."""
        with self._lock:
            if site in self._indexes:
                self._indexes.move_to_end(site)
                return self._indexes[site]
            index = SiteIndex(self.sample(site).looked_at)
            if index.pages:
                self._indexes[site] = index
                self._held += index.size
            while self._held > _ROOM and len(self._indexes) > 1:
                self._held -= self._indexes.popitem(last=False)[1].size
        return index

    def sample(self, site: str) -> Sample:
        """What is kept of `site`."""
        return self._sample(site, self._sources)

    def _sample(self, site: str, sources: Iterable[_Source]) -> Sample:
        there = [self._samples.get(site), *(source.sample(site) for source in sources)]
        known = [sample for sample in there if sample is not None]
        return known[0] if len(known) == 1 else sampling.union(known)

    def _each(self) -> Iterator[tuple[str, Sample]]:
        return ((site, self.sample(site)) for site in self.sites)

    def _to_write(self) -> Iterator[tuple[str, Sample | Block]]:
        """Every sample, as it stands in the one file that has it where only one has."""
        owners: defaultdict[str, list[_Source]] = defaultdict(list)
        for source in self._sources:
            for site in source.sites:
                owners[site].append(source)
        for site in sorted(owners.keys() | self._samples.keys()):
            known = owners.get(site, [])
            block = known[0].block(site) if len(known) == 1 and site not in self._samples else None
            yield site, self._sample(site, known) if block is None else block

    @staticmethod
    def union(memories: Iterable[Memory]) -> Memory:
        """All that any of `memories` holds."""
        grown = GrowingMemory()
        for memory in memories:
            grown.add(memory)
        return grown.memory()

    def __add__(self, other: Memory) -> Memory:
        return Memory.union((self, other))

    def __sub__(self, other: Memory) -> Memory:
        known = set(self.sites)
        return self._with({site: self.sample(site).minus(sample) for site, sample in other._each() if site in known})

    def without(self, pages: Iterable[Page]) -> Memory:
        """This memory after forgetting `pages`, as their id and text are now. Those never learned change nothing."""
        keys: defaultdict[str, set[bytes]] = defaultdict(set)
        for page in pages:
            keys[page.site].add(page.key)
        known = keys.keys() & set(self.sites)
        return self._with({site: self.sample(site).without(keys[site]) for site in known})

    def _with(self, samples: Mapping[str, Sample]) -> Memory:
        """This memory with other samples of some of its sites."""
        if not self._sources:
            return Memory({**self._samples, **samples})
        return Memory(samples, (_Rest(self, frozenset(samples)),))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Memory) or self.sites != other.sites:
            return False
        return all(sample.is_same(other.sample(site)) for site, sample in self._each())

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return bool(self.sites)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _unpickled, (_packed(self._samples.items()), self._sources)

    def pack(self) -> bytes:
        """This memory as bytes; equal memories give equal bytes."""
        return _packed(self._to_write())

    @classmethod
    def unpack(cls, blob: bytes) -> Memory:
        """The memory that `pack` wrote.

        Raises MemoryFileError when the bytes are of another kind or format, damaged, cut short, or made with
        other settings.
        """
        stored = StoredSites(blob)
        return cls({site: sample for site in stored.sites if (sample := stored.sample(site))})

    def write(self, out: Writable) -> None:
        """Write `pack()`, a site at a time: what was learned of a crawl need never be in memory whole."""
        memory_file.write(out, self._to_write())

    def save(self, path: Path) -> None:
        """Write `pack()` to `path`, complete or not at all. Raises OSError as the file system does."""
        beside = path.with_name(path.name + ".part")
        try:
            with beside.open("wb") as out:
                self.write(out)
            put_in_place(beside, path)
        finally:
            beside.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path) -> Memory:
        """The memory in the file `path`, of which a site is read when it is asked for. The file has to stay.

        Raises MemoryFileError (naming the file) and OSError.
        """
        return cls(sources=(StoredSites(path),))


class _Rest:
    """A memory without some of its sites."""

    def __init__(self, memory: Memory, without: frozenset[str]) -> None:
        self._memory = memory
        self._without = without

    @property
    def sites(self) -> Iterable[str]:
        return [site for site in self._memory.sites if site not in self._without]

    def sample(self, site: str) -> Sample | None:
        return None if site in self._without else self._memory.sample(site)

    def block(self, site: str) -> Block | None:
        return None


class GrowingMemory:
    """The union of memories and pages, added one after another; holds no more than a sample of each site."""

    def __init__(self) -> None:
        self._sites: defaultdict[str, GrowingSample] = defaultdict(GrowingSample)
        self._sources: list[_Source] = []

    def takes(self, page: Page) -> bool:
        """Whether `page` would be kept; where its site has more pages already than are looked at, few are."""
        known = self._sites.get(page.site)
        return known is None or not known.has_cutoff or known.takes(page.key)

    def add(self, memory: Memory) -> None:
        """Take in what a memory holds."""
        self._sources += memory._sources
        for site, sample in memory._samples.items():
            self._sites[site].add(sample)

    def add_page(self, site: str, page: Contribution) -> None:
        """Take in what one page contributes."""
        self._sites[site].add_page(page)

    def memory(self) -> Memory:
        """All that was taken in."""
        return Memory({site: grown.sample() for site, grown in self._sites.items()}, self._sources)


def _packed(samples: Iterable[tuple[str, Sample | Block]]) -> bytes:
    out = io.BytesIO()
    memory_file.write(out, samples)
    return out.getvalue()


def _unpickled(samples: bytes, sources: tuple[_Source, ...]) -> Memory:
    return Memory(Memory.unpack(samples)._samples, sources)
