"""Collections: making, listing and deleting them, and the problems that were met in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from webapp.records import CollectionSummary, JobStatus, NotFound, Problem
from webapp.store.engine import Database, key_of
from webapp.store.schema import (
    BOILERPLATE_SHARE,
    CANCEL,
    JOB_STATUS,
    UNFINISHED,
    collections,
    digest,
    fold,
    jobs,
    page_prints,
    pages,
    problems,
)

# Pages that one transaction of `purge` takes away, so that it never holds up a person.
_PURGE = 200
_PURGE_PRINTS = 20_000


class NameTakenError(ValueError):
    """There is a collection of that name."""


class Collections(Database):
    """What a store does with collections."""

    def create_collection(self, name: str) -> int:
        """A new collection's number. Raises NameTakenError."""
        try:
            with self._write() as connection:
                return key_of(connection.execute(sa.insert(collections).values(name=name, name_key=fold(name))))
        except IntegrityError as error:
            raise NameTakenError(name) from error

    def delete_collection(self, id: int) -> list[str]:
        """Hide a collection and end its jobs; gives the spool folders to remove. `purge` takes the rows away."""
        with self._write() as connection:
            name_of(connection, id)
            connection.execute(sa.update(collections).where(collections.c.id == id).values(name_key=None))
            connection.execute(CANCEL.where(jobs.c.collection == id))
            spools = connection.scalars(sa.select(jobs.c.spool).where(jobs.c.collection == id))
            return [spool for spool in spools if spool]

    def collection_name(self, id: int) -> str:
        """A collection's name. Raises NotFound."""
        with self._read() as connection:
            return name_of(connection, id)

    def collections(self) -> list[CollectionSummary]:
        """Summaries by name."""
        with self._read() as connection:
            return _summaries(connection)

    def collection(self, id: int) -> CollectionSummary:
        """The summary of one collection. Raises NotFound."""
        with self._read() as connection:
            name_of(connection, id)
            return _summaries(connection, collections.c.id == id)[0]

    def problems(self, collection: int) -> list[Problem]:
        """The collection's problems, in the order they were met. Raises NotFound."""
        with self._read() as connection:
            name_of(connection, collection)
            of_it = sa.select(problems.c.source, problems.c.reason).where(problems.c.collection == collection)
            return [Problem(*row) for row in connection.execute(of_it.order_by(problems.c.id))]

    def purge(self) -> bool:
        """Take away some rows of a deleted collection; whether there was one."""
        with self._read() as connection:
            collection = connection.scalar(sa.select(collections.c.id).where(collections.c.name_key.is_(None)).limit(1))
        if collection is None:
            return False
        with self._write() as connection:
            if _purge_prints(connection, collection):
                return True
            ids = connection.scalars(sa.select(pages.c.id).where(pages.c.collection == collection).limit(_PURGE)).all()
            connection.execute(sa.delete(pages).where(pages.c.id.in_(ids)))
            if not ids:
                connection.execute(sa.delete(collections).where(collections.c.id == collection))
        if not ids:
            self._give_back()
        return True


def _purge_prints(connection: Connection, collection: int) -> bool:
    """Take away some prints of a collection; whether there were any. They are not found by their page."""
    of_it = page_prints.c.collection == collection
    prints = sa.select(page_prints.c.print).where(of_it).order_by(page_prints.c.print)
    first = connection.scalar(prints.limit(1))
    if first is not None:
        last = connection.scalar(prints.offset(_PURGE_PRINTS).limit(1))
        some = [] if last is None else [page_prints.c.print <= last]
        connection.execute(sa.delete(page_prints).where(of_it, *some))
    return first is not None


def name_of(connection: Connection, collection: int) -> str:
    """The collection's name. Raises NotFound when there is none, or it is deleted."""
    there = (collections.c.id == collection, collections.c.name_key.is_not(None))
    name = connection.scalar(sa.select(collections.c.name).where(*there))
    if name is None:
        raise NotFound("There is no such collection. It may have been deleted.")
    return name


def _summaries(connection: Connection, *which: sa.ColumnElement[bool]) -> list[CollectionSummary]:
    unfinished = JOB_STATUS.where(jobs.c.state.in_(UNFINISHED)).order_by(jobs.c.id.desc())
    first_jobs = {row.collection: JobStatus(*row) for row in connection.execute(unfinished)}
    rows = connection.execute(
        sa.select(  # in the order of CollectionSummary
            collections.c.id,
            collections.c.name,
            sa.func.count(pages.c.id),
            sa.func.count(pages.c.site.distinct()),
            sa.func.coalesce(sa.func.sum(pages.c.size), 0),
            BOILERPLATE_SHARE,
            sa.func.count(pages.c.id) - sa.func.count(pages.c.generation),
        )
        .outerjoin_from(collections, pages, pages.c.collection == collections.c.id)
        .where(collections.c.name_key.is_not(None), *which)
        .group_by(collections.c.id)
        .order_by(collections.c.name_key)
    )
    return [replace(CollectionSummary(*row), job=first_jobs.get(row.id)) for row in rows]


def add_problems(connection: Connection, collection: int, met: Iterable[Problem]) -> None:
    """Store the problems that are not known yet: a page labelled again may fail again."""
    fresh = {digest(problem.source, problem.reason): problem for problem in met}
    known = known_values(connection, collection, problems.c.digest, fresh.keys())
    rows = [
        {"collection": collection, "digest": key, **asdict(problem)}
        for key, problem in fresh.items()
        if key not in known
    ]
    if rows:
        connection.execute(sa.insert(problems), rows)


def known_values(connection: Connection, collection: int, column: sa.Column[Any], values: Collection[Any]) -> set[Any]:
    """Those of the values that a row of the collection has already in this column."""
    of_collection = column.table.c.collection == collection
    return set(connection.scalars(sa.select(column).where(of_collection, column.in_(values))))
