"""Jobs: queueing and ending them, the lease by which a worker holds one, and the checkpoints of its work.

A job labels a site into rows of `page_labels` that carry the job's number as their generation, which nobody
sees until `publish` points the site and its pages at that generation, in one transaction: what is shown of a
site is always whole, and of one memory: where that is still the one of the labels shown, only new pages are labelled.
Everything a job writes goes through `_held`, which refuses a worker
that has lost the job.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from detect import Block, Labels, Page, Unreadable
from webapp.records import STAGES, JobStatus, NotFound, Problem, Stage
from webapp.store.boilerplate import pack_blocks
from webapp.store.collections import add_problems, name_of
from webapp.store.engine import Database, key_of
from webapp.store.pages import NewPage, PageKey, add_pages
from webapp.store.schema import (
    CANCEL,
    JOB_STATUS,
    UNFINISHED,
    collections,
    fold,
    jobs,
    page_labels,
    page_memories,
    pages,
    sites,
    uploads,
)

# Rows that one transaction of `sweep` takes away, so that it never holds up a person.
_SWEEP = 200

_CLAIM = sa.select(jobs, collections.c.name.label("collection_name")).join(collections)

# What a job has that no worker holds.
_NOBODYS: dict[str, Any] = {"owner": "", "lease_until": 0.0, "attempts": 0, "seconds_left": None}


class JobLostError(RuntimeError):
    """The job is no longer this worker's: it was cancelled, deleted, or taken over."""


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
class Learned:
    """What was learned from the stored page with this number: the key that its site's sample is drawn by, and the
    packed memory, empty where the sample does not take it; both where it teaches nothing."""

    page: int
    key: bytes
    memory: bytes


class ChangedSite(NamedTuple):
    """A site with something to do, and what stands for the pages that it was labelled by, None for none or old ones."""

    site: str
    sample: bytes | None


@dataclass(frozen=True, slots=True)
class Labelled:
    """What labelling made of the stored page with this number."""

    id: int
    page: Page
    title: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class Progress:
    """How much a checkpoint adds to what its stage has done."""

    pages: int = 0
    bytes: int = 0
    seconds_left: float | None = None


class Jobs(Database):
    """What a store does with jobs."""

    @contextmanager
    def _held(self, claim: Claim, **values: Any) -> Iterator[Connection]:
        """A transaction in which the job is surely the claim's; it begins with giving the job these values."""
        with self._write() as connection:
            # An update, not a look: it locks the row until the end.
            if not connection.execute(held_by(claim).values({"owner": claim.owner, **values})).rowcount:
                raise JobLostError(f"job {claim.id}")
            yield connection

    # As people see them

    def create_job(
        self,
        collection: int,
        spool: str = "",
        files: Sequence[SpooledFile] = (),
        problems: Iterable[Problem] = (),
        page: NewPage | None = None,
    ) -> JobStatus:
        """A queued job for spooled files, with what is known before it starts: problems, or one page pasted."""
        stage, size = "reading" if files else "learning", sum(file.size for file in files)
        with self._write() as connection:
            name_of(connection, collection)
            add_pages(connection, collection, [page] if page else [])
            add_problems(connection, collection, problems)
            made = sa.insert(jobs).values(collection=collection, stage=stage, spool=spool, bytes_total=size)
            id = key_of(connection.execute(made))
            if files:
                rows = [{"job": id, "number": number, **asdict(file)} for number, file in enumerate(files)]
                connection.execute(sa.insert(uploads), rows)
            return _status(connection, id)

    def job(self, id: int) -> JobStatus:
        """Where a job stands. Raises NotFound."""
        with self._read() as connection:
            return _status(connection, id)

    def cancel(self, id: int) -> JobStatus:
        """End an unfinished job; whoever works on it finds out at its next checkpoint."""
        with self._write() as connection:
            connection.execute(CANCEL.where(jobs.c.id == id))
            return _status(connection, id)

    # As a worker sees them

    def claim(self, owner: str, now: float, lease_until: float) -> Claim | None:
        """The next job to work on, if there is one: queued, or left by a worker whose lease has run out.

        Jobs of one collection are taken one after the other.
        """
        earlier = jobs.alias()
        free = sa.and_(
            sa.or_(jobs.c.state == "queued", sa.and_(jobs.c.state == "running", jobs.c.lease_until < now)),
            ~sa.exists().where(
                earlier.c.collection == jobs.c.collection,
                earlier.c.id < jobs.c.id,
                earlier.c.state.in_(UNFINISHED),
            ),
        )
        with self._read() as connection:  # most of the time there is none, and nobody's write should wait for that
            id = connection.scalar(sa.select(jobs.c.id).where(free).order_by(jobs.c.id).limit(1))
        if id is None:
            return None
        taken = {"state": "running", "owner": owner, "lease_until": lease_until, "attempts": jobs.c.attempts + 1}
        with self._write() as connection:
            if not connection.execute(sa.update(jobs).where(jobs.c.id == id, free).values(taken)).rowcount:
                return None  # to another worker, just now
            row = connection.execute(_CLAIM.where(jobs.c.id == id)).one()
            return Claim(*(getattr(row, field.name) for field in fields(Claim)))

    def renew(self, claim: Claim, lease_until: float) -> bool:
        """Hold the job for longer; False when it is no longer the claim's."""
        with self._write() as connection:
            return bool(connection.execute(held_by(claim).values(lease_until=lease_until)).rowcount)

    def release(self, claim: Claim) -> None:
        """Put the job back as it stands, for whoever comes next."""
        with self._write() as connection:
            connection.execute(held_by(claim).values(state="queued", **_NOBODYS))

    def finish(self, claim: Claim, error: str = "") -> None:
        """End the job: failed with an error, done without. Raises JobLostError."""
        with self._held(claim, state="failed" if error else "done", error=error, **_NOBODYS):
            pass

    def enter(self, claim: Claim, stage: Stage, pages: int, bytes: int) -> None:
        """Begin a stage with this much to do; a stage that was begun before goes on with its counts."""
        begun = {"pages_done": 0, "pages_total": pages, "bytes_done": 0, "bytes_total": bytes, "seconds_left": None}
        with self._held(claim) as connection:
            row = connection.execute(JOB_STATUS.where(jobs.c.id == claim.id)).one()
            if STAGES.index(row.stage) < STAGES.index(stage) or not row.pages_total:
                connection.execute(held_by(claim).values(stage=stage, attempts=0, **begun))

    def name_stage(self, claim: Claim, stage: Stage) -> None:
        """Say what the job is at, and leave its counts."""
        with self._held(claim, stage=stage):
            pass

    def files(self, claim: Claim) -> list[SpooledFile]:
        """The job's files, in the order they came."""
        of_job = sa.select(uploads.c.name, uploads.c.path, uploads.c.size).where(uploads.c.job == claim.id)
        with self._read() as connection:
            return [SpooledFile(*row) for row in connection.execute(of_job.order_by(uploads.c.number))]

    # Checkpoints: what a job has still to do, and what it made, stored together with where to go on

    def store_read(
        self, claim: Claim, entries: Sequence[NewPage | Unreadable], file: int, entry: int, progress: Progress
    ) -> None:
        """Checkpoint of reading: what was read since the last one, and where to go on. Raises JobLostError."""
        with self._held(claim, file=file, entry=entry, **advance(progress)) as connection:
            add_pages(connection, claim.collection, [e for e in entries if isinstance(e, NewPage)])
            unreadable = (Problem(e.source, e.reason) for e in entries if isinstance(e, Unreadable))
            add_problems(connection, claim.collection, unreadable)

    def unlearned(self, collection: int) -> list[PageKey]:
        """The pages that were not learned from yet."""
        return self._keys(pages.c.collection == collection, pages.c.sample_key.is_(None))

    def _keys(self, *wanted: sa.ColumnElement[bool]) -> list[PageKey]:
        keys = sa.select(pages.c.id, pages.c.name, pages.c.bytes).where(*wanted).order_by(pages.c.id)
        with self._read() as connection:
            return [PageKey(*row) for row in connection.execute(keys)]

    def store_learned(
        self, claim: Claim, learned: Sequence[Learned], problems: Iterable[Problem], progress: Progress
    ) -> None:
        """Checkpoint of learning. Raises JobLostError."""
        keyed = sa.update(pages).where(pages.c.id == sa.bindparam("of")).values(sample_key=sa.bindparam("key"))
        memories = [{"page": one.page, "memory": one.memory} for one in learned if one.memory]
        with self._held(claim, **advance(progress)) as connection:
            if learned:
                connection.execute(keyed, [{"of": one.page, "key": one.key} for one in learned])
            if memories:
                connection.execute(sa.insert(page_memories), memories)
            add_problems(connection, claim.collection, problems)

    def changed_sites(self, collection: int) -> list[ChangedSite]:
        """The sites that have pages learned from and not labelled yet, or labelled by an older program; by name."""
        learned = pages.c.sample_key.is_not(None)
        fresh = sa.select(pages.c.site).where(pages.c.collection == collection, pages.c.generation.is_(None), learned)
        here = (pages.c.collection == collection, pages.c.site == sites.c.site, learned)
        stale = sa.select(sites.c.site).where(
            sites.c.collection == collection, sites.c.sample.is_(None), sa.exists().where(*here)
        )
        shown = sa.select(sites.c.sample).where(sites.c.collection == collection, sites.c.site == sa.bindparam("of"))
        with self._read() as connection:
            # Not by the database: how it orders text is a setting of it.
            names = sorted(set(connection.scalars(fresh.distinct())) | set(connection.scalars(stale)))
            return [ChangedSite(name, connection.scalar(shown, {"of": name})) for name in names]

    def site_size(self, collection: int, site: str, *, whole: bool) -> tuple[int, int]:
        """How many pages a site has to be labelled, all that were learned from or the new ones, and their bytes."""
        size = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(pages.c.bytes), 0))
        with self._read() as connection:
            count, total = connection.execute(size.where(*_to_label(collection, site, whole))).one()
            return count, int(total)

    def unlabelled_pages(self, claim: Claim, site: str, *, whole: bool) -> list[PageKey]:
        """Those pages, without the ones that this job has labelled already."""
        by_job = sa.exists().where(page_labels.c.page == pages.c.id, page_labels.c.generation == claim.id)
        return self._keys(*_to_label(claim.collection, site, whole), ~by_job)

    def store_labelled(
        self, claim: Claim, labelled: Sequence[Labelled], problems: Iterable[Problem], progress: Progress
    ) -> None:
        """Checkpoint of labelling; nobody sees these labels before `publish`. Raises JobLostError."""
        rows = [
            {
                "page": one.id,
                "generation": claim.id,
                "title": one.title,
                "folded": fold(one.title, one.page.id, one.page.url),
                "boilerplate": one.labels.share("boilerplate"),
                "labels": one.labels.pack(),
            }
            for one in labelled
        ]
        with self._held(claim, **advance(progress)) as connection:
            if rows:
                connection.execute(sa.insert(page_labels), rows)
            add_problems(connection, claim.collection, problems)

    def labelled(self, claim: Claim, page: int) -> Labels:
        """What this job made of a page, shown or not yet. Raises NoResultFound where it made nothing."""
        by_job = (page_labels.c.page == page, page_labels.c.generation == claim.id)
        with self._read() as connection:
            return Labels.unpack(connection.execute(sa.select(page_labels.c.labels).where(*by_job)).scalar_one())

    def publish(self, claim: Claim, site: str, sample: bytes, blocks: Sequence[Block] | None) -> None:
        """Show what this job made of a site, all at once. Raises JobLostError.

        `sample` stands for the pages that it was labelled by. Without blocks it keeps those it has.
        """
        with self._held(claim, attempts=0) as connection:
            connection.execute(
                sa.update(pages)
                .where(
                    pages.c.collection == claim.collection,
                    pages.c.site == site,
                    page_labels.c.page == pages.c.id,
                    page_labels.c.generation == claim.id,
                )
                .values({name: page_labels.c[name] for name in ("generation", "title", "folded", "boilerplate")})
            )
            here = (sites.c.collection == claim.collection, sites.c.site == site)
            if blocks is None:
                connection.execute(sa.update(sites).where(*here).values(generation=claim.id))
                return
            connection.execute(sa.delete(sites).where(*here))
            shown = {"generation": claim.id, "block_count": len(blocks), "blocks": pack_blocks(blocks)}
            connection.execute(sa.insert(sites).values(collection=claim.collection, site=site, sample=sample, **shown))

    # Housekeeping

    def spools(self) -> set[str]:
        """The spool folders that jobs know."""
        with self._read() as connection:
            return set(connection.scalars(sa.select(jobs.c.spool)))

    def unswept(self) -> tuple[int, str] | None:
        """(job, spool folder) of an ended job that may have left something over."""
        unswept = (jobs.c.state.not_in(UNFINISHED), jobs.c.swept.is_(False))
        ended = sa.select(jobs.c.id, jobs.c.spool).where(*unswept)
        with self._read() as connection:
            row = connection.execute(ended.order_by(jobs.c.id).limit(1)).first()
            return None if row is None else (row.id, row.spool)

    def sweep(self, job: int) -> None:
        """Take away the labels that are shown no more, or never were, and close the book on an ended job."""
        unfinished = sa.select(jobs.c.id).where(jobs.c.state.in_(UNFINISHED))
        its = page_labels.alias()  # what a job leaves is of pages that it has labelled
        with self._read() as connection:  # what is stale stays so: only an unfinished job's labels are ever published
            stale = connection.execute(
                sa.select(page_labels.c.page, page_labels.c.generation)
                .join(its, its.c.page == page_labels.c.page)
                .join(pages, pages.c.id == page_labels.c.page)
                .where(
                    its.c.generation == job,
                    sa.func.coalesce(pages.c.generation, 0) != page_labels.c.generation,
                    page_labels.c.generation.not_in(unfinished),
                )
            ).all()
        gone = (page_labels.c.page == sa.bindparam("of"), page_labels.c.generation == sa.bindparam("by"))
        for first in range(0, len(stale), _SWEEP):
            rows = [{"of": page, "by": generation} for page, generation in stale[first : first + _SWEEP]]
            with self._write() as connection:
                connection.execute(sa.delete(page_labels).where(*gone), rows)
        with self._write() as connection:
            connection.execute(sa.update(jobs).where(jobs.c.id == job).values(swept=True))


def _to_label(collection: int, site: str, whole: bool) -> list[sa.ColumnElement[bool]]:
    wanted = [pages.c.collection == collection, pages.c.site == site, pages.c.sample_key.is_not(None)]
    return wanted if whole else [*wanted, pages.c.generation.is_(None)]


def held_by(claim: Claim) -> sa.Update:
    """An update of the job, if it is still the claim's."""
    return sa.update(jobs).where(jobs.c.id == claim.id, jobs.c.owner == claim.owner, jobs.c.state == "running")


def _status(connection: Connection, id: int) -> JobStatus:
    there = JOB_STATUS.join(collections)
    row = connection.execute(there.where(jobs.c.id == id, collections.c.name_key.is_not(None))).first()
    if row is None:
        raise NotFound("There is no such job. Its collection may have been deleted.")
    return JobStatus(*row)


def advance(progress: Progress) -> dict[str, Any]:
    """The columns that a checkpoint moves."""
    return {
        "attempts": 0,
        "pages_done": jobs.c.pages_done + progress.pages,
        "bytes_done": jobs.c.bytes_done + progress.bytes,
        "seconds_left": progress.seconds_left,
    }
