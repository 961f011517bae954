"""The stages of a job: reading spooled files, learning from each page, then for each site labels, blocks, publishing,
and last what the pages share (comparing.py).

After every batch a stage stores what it made together with where to go on (a checkpoint), so that whoever takes
the job up after a `kill -9` ends with the same rows as if nothing had happened.
"""

from __future__ import annotations

import bisect
import hashlib
import logging
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeVar, get_args

import numpy as np

import detect
from detect import Block, Kind, Labels, Memory, Page, Unreadable
from webapp.batches import Pace, batches, in_words, is_full, progress
from webapp.comparing import ReuseRun
from webapp.config import Config
from webapp.records import STAGES, Problem, Stage
from webapp.store import ChangedSite, Claim, Labelled, Learned, NewPage, PageKey, Progress, SpooledFile, Store
from webapp.titles import title_of

log = logging.getLogger("winnow.jobs")

T = TypeVar("T")

# Bytes of the text of pages that a site's blocks are looked for in.
BLOCK_BYTES = 20_000_000

# Pages that stand for a site.
_SAMPLE = detect.Settings().site_pages


class _Site(NamedTuple):
    """What there is to do for a site: label so many pages and bytes, the whole site or the new pages only; `sample`
    stands for the pages that it is labelled by."""

    name: str
    sample: bytes
    whole: bool
    pages: int
    bytes: int


class Run:
    """One go at a job, from its checkpoint on. `check`, called between two pages, raises to end the work there."""

    def __init__(self, config: Config, store: Store, claim: Claim, check: Callable[[], None]) -> None:
        self._config = config
        self._store = store
        self._claim = claim
        self._check = check

    def all(self) -> None:
        """Every stage that is not over yet."""
        # A stage that is over stays over: a page pasted since then waits for its own job. Were it learned
        # now, a site that is half labelled would be finished with another memory than it was begun with.
        if not self._is_past("reading"):
            self._read()
        remove_spool(self._config, self._claim.spool)
        if not self._is_past("learning"):
            self._learn()
        if not self._is_past("blocks"):
            self._label()
        ReuseRun(self._store, self._claim, self._check).all()

    def _is_past(self, stage: Stage) -> bool:
        return STAGES.index(self._claim.stage) > STAGES.index(stage)

    # Reading

    def _read(self) -> None:
        files = self._store.files(self._claim)
        pace = Pace(sum(file.size for file in files[self._claim.file :]))
        batch: list[NewPage | Unreadable] = []
        chars = read = 0
        for number in range(self._claim.file, len(files)):
            gauge = _Gauge(self._config.data / files[number].path, files[number])
            skip = self._claim.entry if number == self._claim.file else 0
            for count, entry in enumerate(self._entries(files[number]), 1):
                self._check()
                step = gauge.step(entry)
                if count <= skip:
                    pace.skip(step)
                    continue
                read += step
                batch.append(NewPage(entry, title_of(entry)) if isinstance(entry, Page) else entry)
                chars += len(entry.text) if isinstance(entry, Page) else 0
                if is_full(len(batch), chars):
                    self._store_read(batch, number, count, read, pace)
                    batch, chars, read = [], 0, 0
            read += gauge.rest()
        if self._claim.file < len(files):
            self._store_read(batch, len(files), 0, read, pace)

    def _entries(self, file: SpooledFile) -> Iterator[Page | Unreadable]:
        path = self._config.data / file.path
        try:
            yield from detect.read(
                [path],
                names={path: file.name},
                fallback_site=self._claim.collection_name,
                limits=detect.Limits(),
            )
        except Exception as error:
            log.exception("reading %s", file.name)
            yield Unreadable(file.name, f"Winnow stumbled over it ({in_words(error)}); the rest of it was not read")

    def _store_read(self, batch: list[NewPage | Unreadable], file: int, entry: int, read: int, pace: Pace) -> None:
        pages = sum(isinstance(one, NewPage) for one in batch)
        self._store.store_read(self._claim, batch, file, entry, Progress(pages, read, pace.step(read)))

    # Learning

    def _learn(self) -> None:
        todo = self._store.unlearned(self._claim.collection)
        total = sum(key.bytes for key in todo)
        self._store.enter(self._claim, "learning", len(todo), total)
        pace = Pace(total)
        samples = _Samples(self._store, self._claim.collection)
        for batch in batches(todo):
            made, problems = self._each(batch, "learn from", samples.learn, lambda page: (b"", b""))
            learned = [Learned(id, *taught) for id, _, taught in made]
            self._store.store_learned(self._claim, learned, problems, progress(batch, pace))

    def _each(
        self, batch: list[PageKey], what: str, verb: Callable[[Page], T], instead: Callable[[Page], T]
    ) -> tuple[list[tuple[int, Page, T]], list[Problem]]:
        """What the verb makes of each page, under its number; of one that the engine stumbles over, a problem too."""
        made, problems = [], []
        for key in batch:
            self._check()
            page = self._store.page(key.id)
            try:
                result = verb(page)
            except Exception as error:
                log.exception("trying to %s %s", what, page.id)
                told = f"Winnow stumbled when it tried to {what} this page ({in_words(error)}); it is kept whole"
                problems.append(Problem(page.source or page.id, told))
                result = instead(page)
            made.append((key.id, page, result))
        return made, problems

    # Labelling

    def _label(self) -> None:
        sites = [self._plan(changed) for changed in self._store.changed_sites(self._claim.collection)]
        total = sum(site.bytes for site in sites)
        self._store.enter(self._claim, "labelling", sum(site.pages for site in sites), total)
        pace = Pace(total)
        for site in sites:
            memory = self._store.memory(self._claim.collection, site.name, labelled=False)
            self._label_site(site, memory, pace)
            blocks: tuple[Block, ...] | None = None
            if site.whole:
                self._store.name_stage(self._claim, "blocks")
                blocks = self._blocks(site.name)
                self._check()
            self._store.publish(self._claim, site.name, site.sample, blocks)

    def _plan(self, changed: ChangedSite) -> _Site:
        """What there is to do for a site. Labels by the pages that stand for it now are as they would be made anew."""
        keys = [page.key for page in self._store.sampled(self._claim.collection, changed.site, labelled=False)]
        sample = hashlib.sha256(b"".join(keys)).digest()
        whole = sample != changed.sample
        size = self._store.site_size(self._claim.collection, changed.site, whole=whole)
        return _Site(changed.site, sample, whole, *size)

    def _label_site(self, site: _Site, memory: Memory, pace: Pace) -> None:
        pages = self._store.unlabelled_pages(self._claim, site.name, whole=site.whole)
        pace.skip(site.bytes - sum(key.bytes for key in pages))
        for batch in batches(pages):
            made, problems = self._each(batch, "label", lambda page: detect.label(page, memory), _all_content)
            labelled = [Labelled(id, page, title_of(page, labels), labels) for id, page, labels in made]
            self._store.store_labelled(self._claim, labelled, problems, progress(batch, pace))

    def _blocks(self, site: str) -> tuple[Block, ...]:
        sample = self._sample(site)
        if len(sample) < 2:  # nothing recurs on one page
            return ()
        try:
            return detect.find_blocks(sample)
        except Exception:
            # The pages are labelled all the same; what is missing is the list of what they have in common.
            log.exception("finding the blocks of %s", site)
            return ()

    def _sample(self, site: str) -> list[tuple[Page, Labels]]:
        """The pages that stand for a site with what this job labelled them, as many as there is room for."""
        room = BLOCK_BYTES
        sample: list[tuple[Page, Labels]] = []
        for page in self._store.sampled(self._claim.collection, site, labelled=False):
            room -= page.bytes
            if room < 0 and len(sample) > 1:
                break
            sample.append((self._store.page(page.id), self._store.labelled(self._claim, page.id)))
        return sample


class _Samples:
    """The keys of the pages that stand for each site of a collection so far: no other is learned from."""

    def __init__(self, store: Store, collection: int) -> None:
        self._store = store
        self._collection = collection
        self._keys: dict[str, list[bytes]] = {}

    def learn(self, page: Page) -> tuple[bytes, bytes]:
        """The key of a page and what it teaches, packed: nothing where the sample does not take it, and no key either
        where there is nothing to learn."""
        keys = self._of(page.site)
        key = page.key
        if len(keys) == _SAMPLE and key > keys[-1]:  # for good: pages are added to a site, and never taken away
            return key, b""
        memory = detect.learn([page])
        if not memory:
            return b"", b""
        bisect.insort(keys, key)
        del keys[_SAMPLE:]
        return key, memory.pack()

    def _of(self, site: str) -> list[bytes]:
        if site not in self._keys:
            self._keys[site] = [page.key for page in self._store.sampled(self._collection, site, labelled=False)]
        return self._keys[site]


def _all_content(page: Page) -> Labels:
    """The labels of a page that could not be judged: kept whole, with no reason given and a probability of a half."""
    n = 1 if page.text else 0
    return Labels(
        signals=(),
        bounds=np.array([0, len(page.text)][: n + 1], np.int64),
        kinds=np.full(n, get_args(Kind).index("content"), np.uint8),
        odds=np.zeros(n, np.float32),
        weights=np.zeros((n, 0), np.float32),
        pages=np.zeros(n, np.int32),
        of=np.zeros(n, np.int32),
        repeats=np.zeros(n, np.bool_),
    )


class _Gauge:
    """How far into a file reading is, as well as that can be told from the pages that come out of it.

    In a .zip by the packed sizes of the members met, elsewhere by the text; never more than the file has.
    """

    def __init__(self, path: Path, file: SpooledFile) -> None:
        self._left = file.size
        self._members: dict[str, int] = {}
        with suppress(OSError, ValueError, NotImplementedError, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
            self._members = {f"{file.name}/{one.filename}": one.compress_size for one in archive.infolist()}

    def step(self, entry: Page | Unreadable) -> int:
        """The bytes of the file that this entry stands for."""
        if self._members:
            member = entry.source if entry.source in self._members else entry.source.rpartition(":")[0]
            size = self._members.pop(member, 0)
        else:
            size = len(entry.text.encode()) if isinstance(entry, Page) else 0
        size = min(size, self._left)
        self._left -= size
        return size

    def rest(self) -> int:
        """The bytes that no entry stood for, at the end of the file."""
        return self._left


def remove_spool(config: Config, spool: str) -> None:
    """Delete the folder of a job's uploaded files, if it is still there."""
    if spool:
        shutil.rmtree(config.spool / spool, ignore_errors=True)
