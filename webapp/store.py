"""Every SQL statement: SQLAlchemy Core on SQLite in the data folder, or on PostgreSQL by URL.

What is large (text, memories, labels) has tables of its own, so that a list of pages never loads it.

A job labels a site into rows of `page_labels` that carry the job's number as their generation, which nobody
sees until `publish` points the site and its pages at that generation, in one transaction: what is shown of a
site is always whole, and of one memory. Everything a job writes goes through `_held`, which refuses a worker
that has lost the job.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection, event
from sqlalchemy.exc import IntegrityError

from detect import Block, Labels, Page, Piece, Span, Unreadable, Variant
from webapp import migrations
from webapp.records import (
    PAGES_A_LIST,
    STAGES,
    CollectionSummary,
    JobStatus,
    NotFound,
    PageList,
    PageQuery,
    PageRow,
    Problem,
    SiteSummary,
    Stage,
    State,
)

# A writer waits this long for another: the longest writes (publishing a site of 100,000 pages) take some seconds.
_BUSY_MS = 30_000

# Rows that one transaction of housekeeping takes away, so that it never holds up a person.
_SWEEP = 200
_VACUUM_PAGES = 2000  # of 4096 bytes

_UNFINISHED: tuple[State, ...] = ("queued", "running")

_tables = sa.MetaData()
_Big = sa.BigInteger()


def _parent(name: str) -> sa.ForeignKey:
    return sa.ForeignKey(name, ondelete="CASCADE")


_database = sa.Table(
    "database",
    _tables,
    sa.Column("version", sa.Integer, nullable=False),
    # Our own count instead of the database's sequence: a number that a killed transaction took is taken
    # again, so a resumed job gives its pages the numbers an undisturbed one would, and a deleted page's is
    # never reused.
    sa.Column("next_page", sa.Integer, nullable=False),
)
_collections = sa.Table(
    "collections",
    _tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    # The name as two people would find it the same; NULL once deleted, when the name is free again.
    sa.Column("name_key", sa.Text, unique=True),
    sqlite_autoincrement=True,
)
_jobs = sa.Table(
    "jobs",
    _tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("collection", sa.Integer, _parent("collections.id"), nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("spool", sa.Text, nullable=False),  # the folder of its files in the data folder, "" without any
    sa.Column("file", sa.Integer, nullable=False),  # checkpoint of reading: the file, and
    sa.Column("entry", sa.Integer, nullable=False),  # how many pages and problems of it are stored
    sa.Column("pages_done", sa.Integer, nullable=False),
    sa.Column("pages_total", sa.Integer, nullable=False),
    sa.Column("bytes_done", _Big, nullable=False),
    sa.Column("bytes_total", _Big, nullable=False),
    sa.Column("seconds_left", sa.Float),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("lease_until", sa.Float, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),  # how often it was taken up since its last checkpoint
    sa.Column("swept", sa.Boolean, nullable=False),  # nothing is left over from it
    sqlite_autoincrement=True,
)
_uploads = sa.Table(
    "uploads",
    _tables,
    sa.Column("job", sa.Integer, _parent("jobs.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("size", _Big, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)
_pages = sa.Table(
    "pages",
    _tables,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("collection", sa.Integer, _parent("collections.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("asked", sa.LargeBinary, nullable=False),  # digest of the id it came with
    sa.Column("digest", sa.LargeBinary, nullable=False),  # of that id and its text
    sa.Column("site", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("replaced", sa.Integer, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("folded", sa.Text, nullable=False),  # title, name and address, for search and order
    sa.Column("generation", sa.Integer),  # of the labels that are shown; NULL while there are none
    sa.Column("boilerplate", sa.Float),
    sa.UniqueConstraint("collection", "name"),
    sa.UniqueConstraint("collection", "digest"),
    sa.Index("pages_asked", "collection", "asked"),
    sa.Index("pages_in_order", "collection", "id"),
    sa.Index("pages_of_site", "collection", "site", "id"),
)
_texts = sa.Table(
    "page_texts",
    _tables,
    sa.Column("page", sa.Integer, _parent("pages.id"), primary_key=True, autoincrement=False),
    sa.Column("text", sa.Text, nullable=False),
)
_memories = sa.Table(
    "page_memories",
    _tables,
    sa.Column("page", sa.Integer, _parent("pages.id"), primary_key=True, autoincrement=False),
    sa.Column("memory", sa.LargeBinary, nullable=False),
)
_labels = sa.Table(
    "page_labels",
    _tables,
    sa.Column("page", sa.Integer, _parent("pages.id"), primary_key=True, autoincrement=False),
    sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("folded", sa.Text, nullable=False),
    sa.Column("boilerplate", sa.Float, nullable=False),
    sa.Column("labels", sa.LargeBinary, nullable=False),
)
_sites = sa.Table(
    "sites",
    _tables,
    sa.Column("collection", sa.Integer, _parent("collections.id"), primary_key=True, autoincrement=False),
    sa.Column("site", sa.Text, primary_key=True),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("block_count", sa.Integer, nullable=False),
    sa.Column("blocks", sa.LargeBinary, nullable=False),
)
_problems = sa.Table(
    "problems",
    _tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("collection", sa.Integer, _parent("collections.id"), nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),  # of source and reason
    sa.UniqueConstraint("collection", "digest"),
    sqlite_autoincrement=True,
)


_KEY = sa.select(_pages.c.id, _pages.c.name, _pages.c.bytes)
_WHOLE = (
    sa.select(_pages, _texts.c.text, _collections.c.name.label("collection_name"))
    .join(_texts, _texts.c.page == _pages.c.id)
    .join(_collections, _collections.c.id == _pages.c.collection)
    .where(_pages.c.id == sa.bindparam("id"), _collections.c.name_key.is_not(None))
)
_WHOLE_WITH_LABELS = _WHOLE.add_columns(_labels.c.labels).outerjoin(
    _labels, sa.and_(_labels.c.page == _pages.c.id, _labels.c.generation == _pages.c.generation)
)
_ROW = sa.select(_pages.c.id, _pages.c.name, _pages.c.title, _pages.c.site, _pages.c.size, _pages.c.boilerplate)


class JobLostError(RuntimeError):
    """The job is no longer this worker's: it was cancelled, deleted, or taken over."""


class NameTakenError(ValueError):
    """There is a collection of that name."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that a worker holds, with its checkpoint: the stage, and while reading the file and the entry in it."""

    id: int
    collection: int
    collection_name: str
    owner: str
    stage: Stage
    spool: str
    file: int
    entry: int
    attempts: int


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """An uploaded file in the data folder: `name` is what a person calls it, `path` is relative to the folder."""

    name: str
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class NewPage:
    """A page to store, with the title a list shows until it is labelled."""

    page: Page
    title: str


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page and where it stands. `page.id` is its name in the collection."""

    id: int
    collection: int
    collection_name: str
    page: Page
    title: str
    generation: int | None


class PageKey(NamedTuple):
    """A page without its text: its number, its name, and how many bytes its text has."""

    id: int
    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Labelled:
    """What labelling made of the page with this number."""

    page: int
    title: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class Progress:
    """How much a checkpoint adds to what its stage has done."""

    pages: int = 0
    bytes: int = 0
    seconds_left: float | None = None


class Store:
    """The tables behind one database URL. Safe to share between threads; each process opens its own."""

    def __init__(self, url: str) -> None:
        """Open the database, make or upgrade its tables. Raises migrations.NewerDataError."""
        self._engine = sa.create_engine(url)
        self._sqlite = self._engine.dialect.name == "sqlite"
        if self._sqlite:
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        with self._write() as connection:
            if sa.inspect(connection).has_table(_database.name):
                version = connection.scalar(sa.select(_database.c.version)) or 0
                upgraded = migrations.upgrade(connection, version)
                if upgraded != version:
                    connection.execute(sa.update(_database).values(version=upgraded))
            else:
                _tables.create_all(connection)
                connection.execute(sa.insert(_database).values(version=migrations.VERSION, next_page=1))

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def _read(self) -> AbstractContextManager[Connection]:
        return self._engine.begin()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            connection = connection.execution_options(winnow_write=True)
            with connection.begin():
                yield connection

    @contextmanager
    def _held(self, claim: Claim) -> Iterator[Connection]:
        """A transaction in which the job is surely the claim's."""
        with self._write() as connection:
            # An update, not a look: it locks the row until the end.
            if not connection.execute(_of(claim).values(owner=claim.owner)).rowcount:
                raise JobLostError(f"job {claim.id}")
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Read collections as they are at this moment, for as long as that takes, while others write."""
        with self._engine.connect() as connection:
            if not self._sqlite:  # where a transaction sees one moment anyway
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield Snapshot(connection)

    # Collections

    def create_collection(self, name: str) -> int:
        """A new collection's number. Raises NameTakenError."""
        try:
            with self._write() as connection:
                made = connection.execute(sa.insert(_collections).values(name=name, name_key=_fold(name)))
                return _key(made)
        except IntegrityError as error:
            raise NameTakenError(name) from error

    def delete_collection(self, id: int) -> list[str]:
        """Hide a collection and end its jobs; gives the spool folders to remove. `purge` takes the rows away."""
        with self._write() as connection:
            hidden = connection.execute(
                sa.update(_collections)
                .where(_collections.c.id == id, _collections.c.name_key.is_not(None))
                .values(name_key=None)
            )
            if not hidden.rowcount:
                raise NotFound(_NO_COLLECTION)
            connection.execute(
                sa.update(_jobs)
                .where(_jobs.c.collection == id, _jobs.c.state.in_(_UNFINISHED))
                .values(state="cancelled", owner="")
            )
            spools = connection.scalars(sa.select(_jobs.c.spool).where(_jobs.c.collection == id))
            return [spool for spool in spools if spool]

    def collection_name(self, id: int) -> str:
        """A collection's name. Raises NotFound."""
        with self._read() as connection:
            return _collection_name(connection, id)

    def collections(self, only: int | None = None) -> list[CollectionSummary]:
        """Summaries by name; of `only` one collection when it is given."""
        with self._read() as connection:
            wanted = sa.select(_collections.c.id, _collections.c.name).where(_collections.c.name_key.is_not(None))
            if only is not None:
                wanted = wanted.where(_collections.c.id == only)
            names = connection.execute(wanted.order_by(_collections.c.name_key)).all()
            ids = [row.id for row in names]
            counts = {
                row.collection: row
                for row in connection.execute(
                    sa.select(
                        _pages.c.collection,
                        sa.func.count().label("pages"),
                        sa.func.count(_pages.c.site.distinct()).label("sites"),
                        sa.func.sum(_pages.c.size).label("size"),
                        _boilerplate_share().label("share"),
                        sa.func.count(_pages.c.generation).label("labelled"),
                    )
                    .where(_pages.c.collection.in_(ids))
                    .group_by(_pages.c.collection)
                )
            }
            running: dict[int, JobStatus] = {}
            unfinished = sa.select(_jobs).where(_jobs.c.collection.in_(ids), _jobs.c.state.in_(_UNFINISHED))
            for row in connection.execute(unfinished.order_by(_jobs.c.id)):
                running.setdefault(row.collection, _status(row))
        summaries = []
        for id, name in names:
            count = counts.get(id)
            summaries.append(
                CollectionSummary(id, name, job=running.get(id))
                if count is None
                else CollectionSummary(
                    id,
                    name,
                    pages=count.pages,
                    sites=count.sites,
                    characters=int(count.size),
                    boilerplate=count.share,
                    waiting=count.pages - count.labelled,
                    job=running.get(id),
                )
            )
        return summaries

    def problems(self, collection: int) -> list[Problem]:
        """The collection's problems, in the order they were met. Raises NotFound."""
        with self._read() as connection:
            _collection_name(connection, collection)
            rows = connection.execute(
                sa.select(_problems.c.source, _problems.c.reason)
                .where(_problems.c.collection == collection)
                .order_by(_problems.c.id)
            )
            return [Problem(*row) for row in rows]

    # Jobs, as people see them

    def create_job(
        self,
        collection: int,
        spool: str = "",
        files: Sequence[SpooledFile] = (),
        problems: Iterable[Problem] = (),
        page: NewPage | None = None,
    ) -> JobStatus:
        """A queued job for spooled files, with what is known before it starts: problems, or one page pasted."""
        with self._write() as connection:
            _collection_name(connection, collection)
            if page is not None:
                _add_pages(connection, collection, [page])
            _add_problems(connection, collection, problems)
            made = connection.execute(
                sa.insert(_jobs).values(
                    collection=collection,
                    state="queued",
                    stage="reading" if files else "learning",
                    spool=spool,
                    file=0,
                    entry=0,
                    pages_done=0,
                    pages_total=0,
                    bytes_done=0,
                    bytes_total=sum(file.size for file in files),
                    error="",
                    owner="",
                    lease_until=0.0,
                    attempts=0,
                    swept=False,
                )
            )
            id = _key(made)
            if files:
                connection.execute(
                    sa.insert(_uploads),
                    [
                        {
                            "job": id,
                            "number": number,
                            "name": file.name,
                            "path": file.path,
                            "size": file.size,
                            "state": "waiting",
                        }
                        for number, file in enumerate(files)
                    ],
                )
            return _job(connection, id)

    def job(self, id: int) -> JobStatus:
        """Where a job stands. Raises NotFound."""
        with self._read() as connection:
            return _job(connection, id)

    def cancel(self, id: int) -> JobStatus:
        """End an unfinished job; whoever works on it finds out at its next checkpoint."""
        with self._write() as connection:
            connection.execute(
                sa.update(_jobs)
                .where(_jobs.c.id == id, _jobs.c.state.in_(_UNFINISHED))
                .values(state="cancelled", owner="", seconds_left=None)
            )
            return _job(connection, id)

    # Jobs, as a worker sees them

    def claim(self, owner: str, now: float, lease_until: float) -> Claim | None:
        """The next job to work on, if there is one: queued, or left by a worker whose lease has run out.

        Jobs of one collection are taken one after the other.
        """
        earlier = _jobs.alias()
        free = sa.and_(
            sa.or_(_jobs.c.state == "queued", sa.and_(_jobs.c.state == "running", _jobs.c.lease_until < now)),
            ~sa.exists().where(
                earlier.c.collection == _jobs.c.collection,
                earlier.c.id < _jobs.c.id,
                earlier.c.state.in_(_UNFINISHED),
            ),
        )
        with self._read() as connection:  # most of the time there is none, and nobody's write should wait for that
            if connection.scalar(sa.select(_jobs.c.id).where(free).limit(1)) is None:
                return None
        with self._write() as connection:
            row = connection.execute(
                sa.select(_jobs, _collections.c.name.label("collection_name"))
                .join(_collections, _collections.c.id == _jobs.c.collection)
                .where(free)
                .order_by(_jobs.c.id)
                .limit(1)
                .with_for_update()
            ).first()
            if row is None:
                return None
            connection.execute(
                sa.update(_jobs)
                .where(_jobs.c.id == row.id)
                .values(state="running", owner=owner, lease_until=lease_until, attempts=row.attempts + 1)
            )
            return Claim(
                id=row.id,
                collection=row.collection,
                collection_name=row.collection_name,
                owner=owner,
                stage=row.stage,
                spool=row.spool,
                file=row.file,
                entry=row.entry,
                attempts=row.attempts + 1,
            )

    def renew(self, claim: Claim, lease_until: float) -> bool:
        """Hold the job for longer; False when it is no longer the claim's."""
        with self._write() as connection:
            renewed = connection.execute(_of(claim).values(lease_until=lease_until))
            return bool(renewed.rowcount)

    def release(self, claim: Claim) -> None:
        """Put the job back as it stands, for whoever comes next."""
        with self._write() as connection:
            connection.execute(
                _of(claim).values(state="queued", owner="", attempts=0, seconds_left=None, lease_until=0.0)
            )

    def finish(self, claim: Claim, error: str = "") -> None:
        """End the job: failed with an error, done without. Raises JobLostError."""
        with self._held(claim) as connection:
            connection.execute(
                _of(claim).values(
                    state="failed" if error else "done",
                    error=error,
                    owner="",
                    seconds_left=None,
                    lease_until=0.0,
                    attempts=0,
                )
            )

    def enter(self, claim: Claim, stage: Stage, pages: int, bytes: int) -> None:
        """Begin a stage with this much to do; a stage that was begun before goes on with its counts."""
        reached = sa.select(_jobs.c.stage, _jobs.c.pages_total).where(_jobs.c.id == claim.id)
        with self._held(claim) as connection:
            row = connection.execute(reached).one()
            if STAGES.index(row.stage) < STAGES.index(stage) or not row.pages_total:
                connection.execute(
                    _of(claim).values(
                        stage=stage,
                        pages_done=0,
                        pages_total=pages,
                        bytes_done=0,
                        bytes_total=bytes,
                        seconds_left=None,
                        attempts=0,
                    )
                )

    def name_stage(self, claim: Claim, stage: Stage) -> None:
        """Say what the job is at, and leave its counts."""
        with self._held(claim) as connection:
            connection.execute(_of(claim).values(stage=stage))

    def files(self, claim: Claim) -> list[SpooledFile]:
        """The job's files, in the order they came."""
        with self._read() as connection:
            rows = connection.execute(
                sa.select(_uploads.c.name, _uploads.c.path, _uploads.c.size)
                .where(_uploads.c.job == claim.id)
                .order_by(_uploads.c.number)
            )
            return [SpooledFile(*row) for row in rows]

    def store_read(
        self, claim: Claim, entries: Sequence[NewPage | Unreadable], file: int, entry: int, progress: Progress
    ) -> None:
        """Checkpoint of reading: what was read since the last one, and where to go on. Raises JobLostError."""
        with self._held(claim) as connection:
            _add_pages(connection, claim.collection, [e for e in entries if isinstance(e, NewPage)])
            unreadable = (Problem(e.source, e.reason) for e in entries if isinstance(e, Unreadable))
            _add_problems(connection, claim.collection, unreadable)
            connection.execute(
                sa.update(_uploads).where(_uploads.c.job == claim.id, _uploads.c.number < file).values(state="read")
            )
            connection.execute(_of(claim).values(file=file, entry=entry, **_advance(progress)))

    def unlearned(self, collection: int) -> list[PageKey]:
        """The pages that nothing was learned from yet."""
        with self._read() as connection:
            rows = connection.execute(
                _KEY.outerjoin(_memories, _memories.c.page == _pages.c.id)
                .where(_pages.c.collection == collection, _memories.c.page.is_(None))
                .order_by(_pages.c.id)
            )
            return [PageKey(*row) for row in rows]

    def store_learned(
        self,
        claim: Claim,
        memories: Sequence[tuple[int, bytes]],
        problems: Iterable[Problem],
        progress: Progress,
    ) -> None:
        """Checkpoint of learning: (page number, packed memory). Raises JobLostError."""
        with self._held(claim) as connection:
            if memories:
                rows = [{"page": page, "memory": memory} for page, memory in memories]
                connection.execute(sa.insert(_memories), rows)
            _add_problems(connection, claim.collection, problems)
            connection.execute(_of(claim).values(**_advance(progress)))

    def changed_sites(self, collection: int) -> list[tuple[str, int, int]]:
        """(site, pages, bytes) of the sites that have pages learned from and not labelled yet, by name."""
        learned = sa.select(_memories.c.page).where(_memories.c.page == _pages.c.id).exists()
        fresh = (
            sa.select(_pages.c.site)
            .where(_pages.c.collection == collection, _pages.c.generation.is_(None), learned)
            .distinct()
        )
        with self._read() as connection:
            rows = connection.execute(
                sa.select(_pages.c.site, sa.func.count(), sa.func.sum(_pages.c.bytes))
                .where(_pages.c.collection == collection, _pages.c.site.in_(fresh), learned)
                .group_by(_pages.c.site)
            )
            return sorted((site, pages, int(size)) for site, pages, size in rows)

    def learned_pages(self, collection: int, site: str) -> list[PageKey]:
        """The pages of a site that were learned from."""
        with self._read() as connection:
            rows = connection.execute(
                _KEY.join(_memories, _memories.c.page == _pages.c.id)
                .where(_pages.c.collection == collection, _pages.c.site == site)
                .order_by(_pages.c.id)
            )
            return [PageKey(*row) for row in rows]

    def labelled_pages(self, claim: Claim, site: str) -> set[int]:
        """The numbers of the pages of a site that this job has labelled already."""
        with self._read() as connection:
            rows = connection.scalars(
                sa.select(_labels.c.page)
                .join(_pages, _pages.c.id == _labels.c.page)
                .where(
                    _pages.c.collection == claim.collection,
                    _pages.c.site == site,
                    _labels.c.generation == claim.id,
                )
            )
            return set(rows)

    def store_labelled(
        self, claim: Claim, labelled: Sequence[Labelled], problems: Iterable[Problem], progress: Progress
    ) -> None:
        """Checkpoint of labelling; nobody sees these labels before `publish`. Raises JobLostError."""
        with self._held(claim) as connection:
            if labelled:
                names = {
                    row.id: row
                    for row in connection.execute(
                        sa.select(_pages.c.id, _pages.c.name, _pages.c.url).where(
                            _pages.c.id.in_([page.page for page in labelled])
                        )
                    )
                }
                connection.execute(
                    sa.insert(_labels),
                    [
                        {
                            "page": page.page,
                            "generation": claim.id,
                            "title": page.title,
                            "folded": _found_by(page.title, names[page.page].name, names[page.page].url),
                            "boilerplate": page.labels.share("boilerplate"),
                            "labels": page.labels.pack(),
                        }
                        for page in labelled
                    ],
                )
            _add_problems(connection, claim.collection, problems)
            connection.execute(_of(claim).values(**_advance(progress)))

    def publish(self, claim: Claim, site: str, blocks: Sequence[Block]) -> None:
        """Show what this job made of a site, all at once. Raises JobLostError."""
        with self._held(claim) as connection:
            connection.execute(
                sa.update(_pages)
                .where(
                    _pages.c.collection == claim.collection,
                    _pages.c.site == site,
                    _labels.c.page == _pages.c.id,
                    _labels.c.generation == claim.id,
                )
                .values(
                    generation=_labels.c.generation,
                    title=_labels.c.title,
                    folded=_labels.c.folded,
                    boilerplate=_labels.c.boilerplate,
                )
            )
            connection.execute(_of(claim).values(attempts=0))
            of_site = (_sites.c.collection == claim.collection, _sites.c.site == site)
            connection.execute(sa.delete(_sites).where(*of_site))
            connection.execute(
                sa.insert(_sites).values(
                    collection=claim.collection,
                    site=site,
                    generation=claim.id,
                    block_count=len(blocks),
                    blocks=_pack_blocks(blocks),
                )
            )

    # Housekeeping

    def spools(self) -> set[str]:
        """The spool folders that jobs know."""
        with self._read() as connection:
            return set(connection.scalars(sa.select(_jobs.c.spool)))

    def unswept(self) -> tuple[int, int, str] | None:
        """(job, collection, spool folder) of an ended job that may have left something over."""
        with self._read() as connection:
            row = connection.execute(
                sa.select(_jobs.c.id, _jobs.c.collection, _jobs.c.spool)
                .where(_jobs.c.state.not_in(_UNFINISHED), _jobs.c.swept.is_(False))
                .order_by(_jobs.c.id)
                .limit(1)
            ).first()
            return None if row is None else (row.id, row.collection, row.spool)

    def sweep(self, job: int, collection: int) -> None:
        """Take away the labels that are shown no more, or never were, and close the book on an ended job."""
        unfinished = sa.select(_jobs.c.id).where(_jobs.c.state.in_(_UNFINISHED))
        after = 0
        while True:
            with self._write() as connection:
                stale = connection.execute(
                    sa.select(_labels.c.page, _labels.c.generation)
                    .join(_pages, _pages.c.id == _labels.c.page)
                    .where(
                        _pages.c.collection == collection,
                        _labels.c.page > after,
                        sa.func.coalesce(_pages.c.generation, 0) != _labels.c.generation,
                        _labels.c.generation.not_in(unfinished),
                    )
                    .order_by(_labels.c.page)
                    .limit(_SWEEP)
                ).all()
                for page, generation in stale:
                    row = (_labels.c.page == page, _labels.c.generation == generation)
                    connection.execute(sa.delete(_labels).where(*row))
                    after = page - 1  # the same page may have another
                if len(stale) < _SWEEP:
                    connection.execute(sa.update(_jobs).where(_jobs.c.id == job).values(swept=True))
                    return

    def purge(self) -> bool:
        """Take away some rows of a deleted collection; whether there was one."""
        with self._read() as connection:
            gone = sa.select(_collections.c.id).where(_collections.c.name_key.is_(None)).limit(1)
            collection = connection.scalar(gone)
        if collection is None:
            return False
        with self._write() as connection:
            of_it = sa.select(_pages.c.id).where(_pages.c.collection == collection).limit(_SWEEP)
            ids = connection.scalars(of_it).all()
            connection.execute(sa.delete(_pages).where(_pages.c.id.in_(ids)))
            if not ids:
                connection.execute(sa.delete(_collections).where(_collections.c.id == collection))
        if not ids and self._sqlite:
            self._give_back()
        return True

    def _give_back(self) -> None:
        """Return the room of deleted rows to the disk, a little at a time: it holds up writers."""
        with self._engine.connect() as connection:
            sqlite = connection.connection.driver_connection
            assert sqlite is not None
            free, before = sqlite.execute("PRAGMA freelist_count").fetchone()[0], None
            while free and free != before:  # a file that somebody else made may not shrink
                # Only a script runs this to its end: it frees one page a step, and execute() takes one step.
                sqlite.executescript(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})")
                free, before = sqlite.execute("PRAGMA freelist_count").fetchone()[0], free

    # Pages

    def pages(self, collection: int, query: PageQuery) -> PageList:
        """One page of a list. Raises NotFound."""
        wanted = [_pages.c.collection == collection]
        if query.site:
            wanted.append(_pages.c.site == query.site)
        if words := _fold(query.search).split():
            wanted += [_pages.c.folded.contains(word, autoescape=True) for word in words]
        key: sa.ColumnElement[Any] = {
            "title": _pages.c.folded,
            "site": _pages.c.site,
            "size": _pages.c.size,
            # The two databases disagree on where NULL stands.
            "boilerplate": sa.func.coalesce(_pages.c.boilerplate, -1.0),
        }[query.sort]
        order = [key.desc(), _pages.c.id.desc()] if query.descending else [key, _pages.c.id]
        with self._read() as connection:
            _collection_name(connection, collection)
            total = connection.scalar(sa.select(sa.func.count()).select_from(_pages).where(*wanted)) or 0
            last = max(1, -(-total // PAGES_A_LIST))
            number = min(max(1, query.number), last)
            rows = connection.execute(
                _ROW.where(*wanted).order_by(*order).limit(PAGES_A_LIST).offset((number - 1) * PAGES_A_LIST)
            )
            return PageList(tuple(PageRow(*row) for row in rows), total, number, last)

    def named(self, collection: int, names: Sequence[str]) -> list[PageRow]:
        """The collection's pages of these names, in that order; unknown names are left out."""
        with self._read() as connection:
            rows = connection.execute(_ROW.where(_pages.c.collection == collection, _pages.c.name.in_(names)))
            found = {row.name: PageRow(*row) for row in rows}
        return [found[name] for name in names if name in found]

    def page(self, id: int) -> StoredPage:
        """A page with its text. Raises NotFound."""
        with self._read() as connection:
            return _stored_page(_only(connection, _WHOLE, id))

    def open(self, id: int) -> tuple[StoredPage, Labels | None]:
        """A page and the labels that are shown of it, None while there are none. Raises NotFound."""
        with self._read() as connection:
            return _open_page(connection, id)

    def neighbours(self, page: StoredPage) -> tuple[int | None, int | None]:
        """The numbers of the pages before and after this one in its collection."""
        of_collection = _pages.c.collection == page.collection
        with self._read() as connection:
            before = sa.select(sa.func.max(_pages.c.id)).where(of_collection, _pages.c.id < page.id)
            after = sa.select(sa.func.min(_pages.c.id)).where(of_collection, _pages.c.id > page.id)
            return connection.scalar(before), connection.scalar(after)

    # Sites

    def sites(self, collection: int) -> list[SiteSummary]:
        """The collection's sites, most pages first. Raises NotFound."""
        with self._read() as connection:
            _collection_name(connection, collection)
            counts = sa.select(_sites.c.site, _sites.c.block_count).where(_sites.c.collection == collection)
            blocks = {row.site: row.block_count for row in connection.execute(counts)}
            rows = connection.execute(
                sa.select(_pages.c.site, sa.func.count().label("pages"), _boilerplate_share())
                .where(_pages.c.collection == collection)
                .group_by(_pages.c.site)
                .order_by(sa.desc("pages"), _pages.c.site)
            )
            return [SiteSummary(site, pages, share, blocks.get(site, 0)) for site, pages, share in rows]

    def blocks(self, collection: int, site: str) -> tuple[Block, ...]:
        """The recurring blocks of a site, none before it is labelled. Raises NotFound when it has no page."""
        with self._read() as connection:
            packed = connection.scalar(
                sa.select(_sites.c.blocks).where(_sites.c.collection == collection, _sites.c.site == site)
            )
            if packed is not None:
                return _unpack_blocks(packed)
            of_site = (_pages.c.collection == collection, _pages.c.site == site)
            if connection.scalar(sa.select(_pages.c.id).where(*of_site).limit(1)) is None:
                raise NotFound(f"This collection has no site {site!r}.")
            return ()

    def generation(self, collection: int, site: str) -> int:
        """The number of the job that labelled the site last; 0 when none has."""
        with self._read() as connection:
            return (
                connection.scalar(
                    sa.select(_sites.c.generation).where(_sites.c.collection == collection, _sites.c.site == site)
                )
                or 0
            )

    def memories(self, collection: int, site: str, *, labelled: bool) -> Iterator[bytes]:
        """The packed memory of each page of a site; only of pages that are labelled, or of all learned from."""
        wanted = [_pages.c.collection == collection, _pages.c.site == site]
        if labelled:
            wanted.append(_pages.c.generation.is_not(None))
        with self._read() as connection:
            yield from connection.execution_options(yield_per=500).scalars(
                sa.select(_memories.c.memory).join(_pages, _pages.c.id == _memories.c.page).where(*wanted)
            )


class Snapshot:
    """Collections as they were at one moment."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pages(self, collection: int) -> Iterator[tuple[StoredPage, Labels | None]]:
        """A collection's pages in order, with their labels if they have any; one at a time in memory."""
        ids = self._connection.scalars(
            sa.select(_pages.c.id).where(_pages.c.collection == collection).order_by(_pages.c.id)
        ).all()
        return (_open_page(self._connection, id) for id in ids)


# Rows to records


_NO_COLLECTION = "There is no such collection. It may have been deleted."


def _key(result: sa.CursorResult[Any]) -> int:
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def _collection_name(connection: Connection, id: int) -> str:
    name = connection.scalar(
        sa.select(_collections.c.name).where(_collections.c.id == id, _collections.c.name_key.is_not(None))
    )
    if name is None:
        raise NotFound(_NO_COLLECTION)
    return name


def _job(connection: Connection, id: int) -> JobStatus:
    row = connection.execute(
        sa.select(_jobs)
        .join(_collections, _collections.c.id == _jobs.c.collection)
        .where(_jobs.c.id == id, _collections.c.name_key.is_not(None))
    ).first()
    if row is None:
        raise NotFound("There is no such job. Its collection may have been deleted.")
    return _status(row)


def _status(row: sa.Row[Any]) -> JobStatus:
    return JobStatus(
        id=row.id,
        collection=row.collection,
        state=row.state,
        stage=row.stage,
        pages_done=row.pages_done,
        pages_total=row.pages_total,
        bytes_done=row.bytes_done,
        bytes_total=row.bytes_total,
        seconds_left=row.seconds_left,
        error=row.error,
    )


def _only(connection: Connection, wanted: sa.Select[Any], id: int) -> sa.Row[Any]:
    row = connection.execute(wanted, {"id": id}).first()
    if row is None:
        raise NotFound("There is no such page. It may have been deleted.")
    return row


def _stored_page(row: sa.Row[Any]) -> StoredPage:
    page = Page(row.name, row.text, row.site, row.url, row.source, row.replaced)
    return StoredPage(row.id, row.collection, row.collection_name, page, row.title, row.generation)


def _open_page(connection: Connection, id: int) -> tuple[StoredPage, Labels | None]:
    row = _only(connection, _WHOLE_WITH_LABELS, id)
    return _stored_page(row), None if row.labels is None else Labels.unpack(row.labels)


def _boilerplate_share() -> sa.ColumnElement[Any]:
    """The share of boilerplate in the characters of labelled pages; NULL without any."""
    labelled = sa.case((_pages.c.generation.is_not(None), _pages.c.size), else_=0)
    boilerplate = sa.func.sum(_pages.c.boilerplate * _pages.c.size)
    return boilerplate / sa.func.nullif(sa.func.sum(labelled), 0)


# Writing


def _of(claim: Claim) -> sa.Update:
    """An update of the job, if it is still the claim's."""
    return sa.update(_jobs).where(_jobs.c.id == claim.id, _jobs.c.owner == claim.owner, _jobs.c.state == "running")


def _advance(progress: Progress) -> dict[str, Any]:
    """The columns that a checkpoint moves."""
    return {
        "attempts": 0,
        "pages_done": _jobs.c.pages_done + progress.pages,
        "bytes_done": _jobs.c.bytes_done + progress.bytes,
        "seconds_left": progress.seconds_left,
    }


def _add_pages(connection: Connection, collection: int, pages: Sequence[NewPage]) -> None:
    """Store pages in order: one that is there already (same id, same text) once, one id with other text beside it."""
    if not pages:
        return
    names = _Names(connection, collection, [new.page.id for new in pages])
    digests = [_digest(new.page.id, new.page.text) for new in pages]
    known = _present(connection, collection, _pages.c.digest, digests)
    fresh = []
    for new, digest in zip(pages, digests, strict=True):
        if digest not in known:
            known.add(digest)
            fresh.append((new, digest, names.free(new.page.id)))
    if not fresh:
        return
    # The update first: it locks the row, so that nobody else is given the same numbers.
    connection.execute(sa.update(_database).values(next_page=_database.c.next_page + len(fresh)))
    first = (connection.scalar(sa.select(_database.c.next_page)) or 0) - len(fresh)
    connection.execute(
        sa.insert(_pages),
        [
            {
                "id": id,
                "collection": collection,
                "name": name,
                "asked": _digest(new.page.id),
                "digest": digest,
                "site": new.page.site,
                "url": new.page.url,
                "source": new.page.source,
                "replaced": new.page.replaced,
                "size": len(new.page.text),
                "bytes": len(new.page.text.encode()),
                "title": new.title,
                "folded": _found_by(new.title, name, new.page.url),
            }
            for id, (new, digest, name) in enumerate(fresh, first)
        ],
    )
    texts = [{"page": id, "text": new.page.text} for id, (new, _, _) in enumerate(fresh, first)]
    connection.execute(sa.insert(_texts), texts)


def _present(connection: Connection, collection: int, column: sa.Column[Any], values: Collection[Any]) -> set[Any]:
    """Those of the values that a row of the collection has already in this column."""
    of_collection = column.table.c.collection == collection
    return set(connection.scalars(sa.select(column).where(of_collection, column.in_(values))))


class _Names:
    """The names that new pages get: the id they come with, and from the second text of one id on "id (2)" ..."""

    def __init__(self, connection: Connection, collection: int, ids: Sequence[str]) -> None:
        self._connection = connection
        self._collection = collection
        self._taken = _present(connection, collection, _pages.c.name, ids)
        # How many pages came with each id: a million pages of one id must not each try all numbers from 2.
        asked = connection.execute(
            sa.select(_pages.c.asked, sa.func.count().label("pages"))
            .where(_pages.c.collection == collection, _pages.c.asked.in_([_digest(id) for id in ids]))
            .group_by(_pages.c.asked)
        )
        self._asked: dict[bytes, int] = {row.asked: row.pages for row in asked}

    def free(self, id: str) -> str:
        digest = _digest(id)
        number = self._asked.get(digest, 0)
        self._asked[digest] = number + 1
        name = f"{id} ({number + 1})" if number else id
        while name in self._taken or (name != id and self._is_stored(name)):
            number += 1
            name = f"{id} ({number + 1})"
        self._taken.add(name)
        return name

    def _is_stored(self, name: str) -> bool:
        return bool(_present(self._connection, self._collection, _pages.c.name, [name]))


def _add_problems(connection: Connection, collection: int, problems: Iterable[Problem]) -> None:
    """Store the problems that are not known yet: a page labelled again may fail again."""
    fresh = {_digest(problem.source, problem.reason): problem for problem in problems}
    known = _present(connection, collection, _problems.c.digest, fresh.keys())
    rows = [
        {"collection": collection, "source": problem.source, "reason": problem.reason, "digest": digest}
        for digest, problem in fresh.items()
        if digest not in known
    ]
    if rows:
        connection.execute(sa.insert(_problems), rows)


def _digest(*texts: str) -> bytes:
    whole = hashlib.sha256()
    for text in texts:
        whole.update(hashlib.sha256(text.encode()).digest())
    return whole.digest()


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _found_by(title: str, name: str, url: str) -> str:
    return _fold(f"{title}\n{name}\n{url}")


def _pack_blocks(blocks: Sequence[Block]) -> bytes:
    rows = [
        [
            block.id,
            [[piece.text, piece.slot] for piece in block.template],
            block.pages,
            block.of,
            [[name, *span] for name, span in block.examples],
            [[variant.text, variant.pages] for variant in block.variants],
        ]
        for block in blocks
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def _unpack_blocks(packed: bytes) -> tuple[Block, ...]:
    return tuple(
        Block(
            id,
            tuple(Piece(text, slot) for text, slot in template),
            pages,
            of,
            tuple((name, Span(start, stop)) for name, start, stop in examples),
            tuple(Variant(text, count) for text, count in variants),
        )
        for id, template, pages, of, examples, variants in json.loads(packed)
    )


# SQLite


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own transactions cannot begin as writers: see _begin_sqlite
    for pragma in (
        f"busy_timeout={_BUSY_MS}",
        "auto_vacuum=INCREMENTAL",  # before the first table, or it does nothing
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turns writer fails at once when another wrote in between; one that begins as a writer waits.
    mode: Literal["IMMEDIATE", "DEFERRED"]
    mode = "IMMEDIATE" if connection.get_execution_options().get("winnow_write") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")
