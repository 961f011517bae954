"""What a person can do. No Flask: the views, the API and the command line all call these."""

from __future__ import annotations

import errno
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import detect
from detect import Labels, Memory, Page
from webapp import downloads
from webapp.at_hand import AtHand
from webapp.config import Config
from webapp.export import page_name, safe_name
from webapp.records import (
    CollectionSummary,
    ExportFormat,
    Invalid,
    JobStatus,
    NotFound,
    OpenPage,
    PageList,
    PageQuery,
    PageRow,
    Pasted,
    Problem,
    SiteSummary,
    TooLarge,
    Upload,
)
from webapp.reuse import Reuse
from webapp.stages import remove_spool
from webapp.store import NameTakenError, NewPage, SpooledFile, Store
from webapp.titles import title_of

NAME_CHARS = 100  # of a collection's name: it stands in a heading, in a list and in file names

# Sites whose memory stays at hand. A person works on one or two at a time; one takes some MB.
_SITES_AT_HAND = 4

_COPY = 2**20  # bytes of an upload in memory at a time
_PASTE_ID = "paste"


class Actions(Reuse):
    """Every action, on one store. Safe to share between threads."""

    def __init__(self, config: Config, store: Store) -> None:
        self.config = config
        self.limits = detect.Limits()
        super().__init__(store)
        self._memories = _memories(store)

    # Paste

    def paste(self, text: str, site: str = "", collection: int | None = None) -> Pasted:
        """Label a text now, with what the collection has learned of the site, or with nothing learned.

        Raises Invalid when there is no text, TooLarge, NotFound.
        """
        page = self._pasted(text, site, collection)
        memory = Memory() if collection is None else self._memories.of((collection, page.site))
        labels = detect.label(page, memory)
        return Pasted(page, labels, title_of(page, labels), memory.pages(page.site))

    def add_paste(self, collection: int, text: str, site: str = "") -> JobStatus:
        """Keep a text as a page of the collection and start the job that learns and labels it.

        Raises Invalid when there is no text, TooLarge, NotFound.
        """
        page = self._pasted(text, site, collection)
        return self._store.create_job(collection, page=NewPage(page, title_of(page)))

    def _pasted(self, text: str, site: str, collection: int | None) -> Page:
        """The page of a pasted text; its site as given, else by its address, else the collection."""
        name = "" if collection is None else self._store.collection_name(collection)
        if not text.strip():
            raise Invalid("There is no text yet. Paste the text of a page.")
        try:
            page = detect.read_text(text, id=_PASTE_ID, site=site, source="pasted", limits=self.limits)
        except ValueError as error:
            kind = TooLarge if len(text) > self.limits.page_chars else Invalid
            raise kind(_sentence(str(error))) from error
        if not page.text.strip():
            raise Invalid("There is no text in this HTML.")
        return page if page.site else replace(page, site=name)

    # Collections

    def collections(self) -> list[CollectionSummary]:
        """All collections, by name."""
        return self._store.collections()

    def collection(self, id: int) -> CollectionSummary:
        """One collection. Raises NotFound."""
        return self._store.collection(id)

    def create_collection(self, name: str) -> CollectionSummary:
        """A new, empty collection. Raises Invalid for an empty, taken or too long name."""
        name = " ".join(_storable(name).split())
        if not name:
            raise Invalid("Give the collection a name.")
        if len(name) > NAME_CHARS:
            raise Invalid(f"This name has {len(name)} characters; a collection's may have {NAME_CHARS}.")
        try:
            return self.collection(self._store.create_collection(name))
        except NameTakenError:
            raise Invalid(f"There is a collection named {name!r} already. Choose another name.") from None

    def delete_collection(self, id: int) -> None:
        """Take a collection away, with its pages, files and jobs. Raises NotFound."""
        for spool in self._store.delete_collection(id):
            remove_spool(self.config, spool)

    def upload(self, collection: int, uploads: Iterable[Upload]) -> JobStatus:
        """Keep files in the data folder and start the job that reads, learns and labels them.

        A file over the limit is listed with the collection's problems, and the others go on; TooLarge is
        raised when none is left, Invalid when none was given.
        """
        self._store.collection_name(collection)
        spool = uuid.uuid4().hex
        files: list[SpooledFile] = []
        problems: list[Problem] = []
        try:
            for upload in uploads:
                if not upload.name:  # what browsers send for a file field that was left empty
                    continue
                name = _storable(upload.name)
                path = self.config.spool / spool / str(len(files))
                size = self._spool(upload, path)
                if size is None:
                    problems.append(Problem(name, self._over_limit()))
                else:
                    files.append(SpooledFile(name, path.relative_to(self.config.data).as_posix(), size))
            if not files and problems:
                raise TooLarge(f"{problems[0].source}: {problems[0].reason}.")
            if not files:
                raise Invalid("Choose at least one file.")
            return self._store.create_job(collection, spool, files, problems)
        except BaseException as error:
            remove_spool(self.config, spool)
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise TooLarge("The disk of the data folder is full. Make room on it and upload again.") from error
            raise

    def _spool(self, upload: Upload, path: Path) -> int | None:
        """Copy an upload to a file; gives its size, None (and no file) when it is over the limit."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        size = 0
        with path.open("wb") as file:
            while (piece := upload.stream.read(_COPY)) and size <= self.limits.file_bytes:
                size += file.write(piece)
        if size > self.limits.file_bytes:
            path.unlink()
            return None
        return size

    def _over_limit(self) -> str:
        return f"the file is over the limit of {self.limits.file_bytes // 10**6} MB: split it"

    def label_rest(self, collection: int) -> JobStatus:
        """Start a job for the pages that a cancelled or failed one left without labels. Raises NotFound."""
        return self._store.create_job(collection)

    def problems(self, collection: int) -> list[Problem]:
        """The files and pages that something went wrong with, in the order they were met. Raises NotFound."""
        return self._store.problems(collection)

    # Jobs

    def job(self, id: int) -> JobStatus:
        """Where a job stands. Raises NotFound."""
        return self._store.job(id)

    def cancel(self, id: int) -> JobStatus:
        """Stop a job. Pages already read stay; nothing happens to a job that has ended. Raises NotFound.

        What is labelled of a site that the job has not finished is dropped: the site stays as it was. Pages
        left without labels are taken up by the collection's next job (`label_rest` starts one).
        """
        return self._store.cancel(id)

    # Pages

    def pages(self, collection: int, query: PageQuery) -> PageList:
        """One page of the collection's list; a number beyond the last gives the last. Raises NotFound."""
        return self._store.pages(collection, query)

    def page(self, id: int) -> OpenPage:
        """A page with its labels. Raises NotFound."""
        stored, labels = self._store.open(id)
        previous, following = self._store.neighbours(stored)
        shown = self._labels(stored.collection, stored.page) if labels is None else labels
        return OpenPage(
            id=stored.id,
            collection=stored.collection,
            collection_name=stored.collection_name,
            page=stored.page,
            labels=shown,
            title=stored.title,
            labelled=labels is not None,
            previous=previous,
            next=following,
        )

    def _labels(self, collection: int, page: Page) -> Labels:
        """The labels of a page that no job has labelled, by what its site has learned so far."""
        return detect.label(page, self._memories.of((collection, page.site)))

    def sources(self, page_id: int, label_index: int) -> list[PageRow]:
        """At most three other pages that have the text of this label. Raises NotFound."""
        opened = self.page(page_id)
        if not 0 <= label_index < len(opened.labels):
            raise NotFound("This page has no such mark.")
        memory = self._memories.of((opened.collection, opened.page.site))
        names = detect.sources_of(opened.page, opened.labels[label_index], memory)
        return self._store.named(opened.collection, names)

    def named(self, collection: int, names: Iterable[str]) -> list[PageRow]:
        """The pages with these names (a block's examples say them), in that order; unknown names are left out."""
        return self._store.named(collection, list(names))

    # Boilerplate

    def sites(self, collection: int) -> list[SiteSummary]:
        """The collection's sites, most pages first. Raises NotFound."""
        return self._store.sites(collection)

    def blocks(self, collection: int, site: str) -> tuple[detect.Block, ...]:
        """The recurring blocks of a site, most frequent first. Raises NotFound for an unknown site."""
        return self._store.blocks(collection, site)

    # Downloads

    def page_text(self, id: int) -> tuple[str, str]:
        """A file name and the page's cleaned text. Raises NotFound."""
        opened = self.page(id)
        return f"{page_name(opened.page.id)}.txt", detect.clean(opened.page, opened.labels).text

    def export(self, collection: int, format: ExportFormat) -> tuple[str, Iterator[bytes]]:
        """A file name and the collection's cleaned pages as one stream of bytes. Raises NotFound.

        Pages that are not labelled yet have no cleaned text: a .zip names them in its manifest, .jsonl leaves
        them out.
        """
        name = safe_name(self._store.collection_name(collection), "collection")
        return f"{name}.{format}", self._export(collection, format)

    def _export(self, collection: int, format: ExportFormat) -> Iterator[bytes]:
        write = downloads.zip_bytes if format == "zip" else downloads.jsonl_bytes
        with closing(self._store.snapshot(collection)) as entries:
            yield from write(entries)


def _memories(store: Store) -> AtHand[tuple[int, str], Memory]:
    """What the sites last asked for, by collection, have learned: what their shown labels were made with."""
    return AtHand(
        lambda key: store.generation(*key),
        lambda key: store.memory(*key, labelled=True),
        lambda memories: len(memories) <= _SITES_AT_HAND,
    )


def _storable(text: str) -> str:
    """`text` without what no database takes: half a surrogate pair, NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
