"""Checkpoints of the stage that finds what pages share.

The state is what an undisturbed run would have so far, whoever wrote it: the sketches of labelled pages, the pairs that
were compared, their passages. It stays when a job is cancelled, and the next goes on from it. What people see of it
(clusters, their members, duplicates) is put in its place by `show_reuse`, in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Connection

from detect import PassageKind, Sketch
from webapp.records import Problem
from webapp.store.collections import add_problems
from webapp.store.jobs import Claim, Jobs, Progress, advance, held_by
from webapp.store.pages import PageKey
from webapp.store.schema import (
    clusters,
    comparisons,
    duplicates,
    jobs,
    members,
    page_pairs,
    page_sketches,
    page_texts,
    pages,
    passages,
)

EXCERPT = 200  # code points of a cluster's text that a list shows


@dataclass(frozen=True, slots=True)
class Sketched:
    """What is kept of the page with this number; `part` stands for the words that take part, and their places."""

    page: int
    part: bytes
    date: str
    sketch: Sketch


@dataclass(frozen=True, slots=True)
class KnownPage:
    """A page of which there is a sketch."""

    id: int
    name: str
    site: str
    bytes: int
    date: str
    compared: bool
    sketch: Sketch


# What tells the passages of a collection apart: their pages, and where they start on each. Two may start at one place
# of one page: a sentence copied here, and there put in other words with what follows.
PassageKey = tuple[int, int, int, int]


class StoredPassage(NamedTuple):
    """A passage as it is stored: the numbers of its pages, where it stands on them, and how many words it has there."""

    a: int
    b: int
    a_start: int
    a_stop: int
    b_start: int
    b_stop: int
    a_words: int
    b_words: int
    similarity: float
    kind: PassageKind
    cluster: int | None = None


class StoredMember(NamedTuple):
    """A place of a cluster as it is stored."""

    page: int
    start: int
    stop: int
    similarity: float
    kind: PassageKind
    representative: bool
    earliest: bool


@dataclass(frozen=True, slots=True)
class ShownCluster:
    """A cluster to show: `id` is the number that it keeps, None for a new one."""

    id: int | None
    pages: int
    sites: int
    words: int
    similarity: float
    kind: PassageKind
    first_date: str
    last_date: str
    first_site: str
    members: tuple[StoredMember, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """All that is to be shown of what a collection's pages share.

    `cluster_of` tells which of the clusters a passage, by its key, belongs to. `duplicates` are (page,
    representative, similarity). `unwanted` are pairs of pages that are not worth comparing any more.
    """

    clusters: tuple[ShownCluster, ...]
    cluster_of: Mapping[PassageKey, int]
    duplicates: tuple[tuple[int, int, float], ...]
    unwanted: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 2), np.int64))


class Comparing(Jobs):
    """What a store does for the stage that finds what pages share."""

    def unsketched(self, collection: int) -> list[PageKey]:
        """The labelled pages that have no sketch by the labels that are shown."""
        return self._labelled(collection, _OLD)

    def unshown(self, collection: int) -> list[PageKey]:
        """The labelled pages that are not in what is shown of the collection as they are now."""
        return self._labelled(collection, UNSHOWN)

    def _labelled(self, collection: int, wanted: sa.ColumnElement[bool]) -> list[PageKey]:
        keys = sa.select(pages.c.id, pages.c.name, pages.c.bytes).outerjoin(page_sketches)
        of_collection = (pages.c.collection == collection, pages.c.generation.is_not(None))
        with self._read() as connection:
            return [
                PageKey(*row) for row in connection.execute(keys.where(*of_collection, wanted).order_by(pages.c.id))
            ]

    def store_sketches(
        self, claim: Claim, sketched: Sequence[Sketched], problems: Iterable[Problem], progress: Progress
    ) -> None:
        """Checkpoint of sketching. A page of which another part takes part now loses its passages; one of which all is
        as it was has been done by this. Raises JobLostError."""
        with self._held(claim) as connection:
            same = _same_part(connection, sketched)
            other = [one for one in sketched if one.page not in same]
            numbers = [one.page for one in other]
            connection.execute(sa.delete(page_pairs).where(_either(numbers)))
            connection.execute(sa.delete(page_sketches).where(page_sketches.c.page.in_(numbers)))
            if other:
                connection.execute(sa.insert(page_sketches), [_row(one) for one in other])
            _redate(connection, [one for one in sketched if one.page in same])
            by = sa.select(pages.c.generation).where(pages.c.id == page_sketches.c.page).scalar_subquery()
            everyone = page_sketches.c.page.in_([one.page for one in sketched])
            connection.execute(sa.update(page_sketches).where(everyone).values(generation=by))
            settled = sum(same.get(one.page) == (one.date, True) for one in sketched)
            connection.execute(held_by(claim).values(advance(replace(progress, pages=settled))))
            add_problems(connection, claim.collection, problems)

    def sketched_pages(self, collection: int) -> list[KnownPage]:
        """The pages that have a sketch, in the order of their numbers."""
        known = sa.select(
            pages.c.id,
            pages.c.name,
            pages.c.site,
            pages.c.bytes,
            page_sketches.c.date,
            page_sketches.c.compared,
            page_sketches.c.sketch,
        )
        with self._read() as connection:
            rows = connection.execution_options(yield_per=500).execute(
                known.join(page_sketches).where(pages.c.collection == collection).order_by(pages.c.id)
            )
            return [KnownPage(*row[:-1], Sketch.unpack(row.sketch)) for row in rows]

    def compared_pairs(self, collection: int) -> NDArray[np.int64]:
        """The pairs of pages that were compared, by number, int64 (n, 2)."""
        pairs = sa.select(page_pairs).join(pages, pages.c.id == page_pairs.c.a).where(pages.c.collection == collection)
        with self._read() as connection:
            rows = connection.execution_options(yield_per=10_000).execute(pairs)
            flat = np.fromiter((number for row in rows for number in row), np.int64)
        return flat.reshape(-1, 2)

    def store_compared(
        self,
        claim: Claim,
        pairs: Sequence[tuple[int, int]],
        found: Sequence[StoredPassage],
        done: Sequence[int],
        problems: Iterable[Problem],
        progress: Progress,
    ) -> None:
        """Checkpoint of comparing: pairs with the passages found in them, and the pages that are through with all of
        theirs. Raises JobLostError."""
        with self._held(claim, **advance(progress)) as connection:
            if pairs:
                connection.execute(sa.insert(page_pairs), [{"a": a, "b": b} for a, b in pairs])
            if found:
                connection.execute(sa.insert(passages), [one._asdict() for one in found])
            through = page_sketches.c.page.in_(done)
            connection.execute(sa.update(page_sketches).where(through).values(compared=True))
            add_problems(connection, claim.collection, problems)

    def passages(self, collection: int) -> list[StoredPassage]:
        """All that was found between pages of the collection."""
        found = sa.select(passages).join(pages, pages.c.id == passages.c.a).where(pages.c.collection == collection)
        with self._read() as connection:
            return [StoredPassage(*row) for row in connection.execution_options(yield_per=1_000).execute(found)]

    def shown_places(self, collection: int) -> list[tuple[int, int, int, int]]:
        """(cluster, page, start, stop) of the clusters that are shown."""
        places = sa.select(members.c.cluster, members.c.page, members.c.start, members.c.stop).join(clusters)
        with self._read() as connection:
            return [tuple(row) for row in connection.execute(places.where(clusters.c.collection == collection))]

    def show_reuse(self, claim: Claim, shown: Shown) -> None:
        """Show what this job found in the collection, all at once. Raises JobLostError."""
        through = {"pages_done": jobs.c.pages_total, "bytes_done": jobs.c.bytes_total, "attempts": 0}
        with self._held(claim, **through) as connection:
            gone = (page_pairs.c.a == sa.bindparam("one"), page_pairs.c.b == sa.bindparam("other"))
            if len(shown.unwanted):
                rows = [{"one": a, "other": b} for a, b in shown.unwanted.tolist()]
                connection.execute(sa.delete(page_pairs).where(*gone), rows)
            ids = _put_clusters(connection, claim.collection, shown.clusters)
            _name_passages(connection, claim.collection, {key: ids[i] for key, i in shown.cluster_of.items()})
            _put_duplicates(connection, claim.collection, shown.duplicates)
            there = page_sketches.c.page.in_(sa.select(pages.c.id).where(pages.c.collection == claim.collection))
            connection.execute(sa.update(page_sketches).where(there).values(shown=True))
            connection.execute(sa.delete(comparisons).where(comparisons.c.collection == claim.collection))
            made = {"collection": claim.collection, "generation": claim.id}
            connection.execute(sa.insert(comparisons).values(made))


# A page whose sketch is missing, or was made by labels that are not shown any more.
_OLD = page_sketches.c.generation.is_distinct_from(pages.c.generation)
# A page that is not in what is shown as it is now.
UNSHOWN = sa.or_(_OLD, page_sketches.c.shown.is_(False))


def _either(numbers: Sequence[int]) -> sa.ColumnElement[bool]:
    return sa.or_(page_pairs.c.a.in_(numbers), page_pairs.c.b.in_(numbers))


def _row(one: Sketched) -> dict[str, Any]:
    return {
        "page": one.page,
        "generation": 0,  # set for all of them at once
        "compared": False,
        "shown": False,
        "date": one.date,
        "part": one.part,
        "sketch": one.sketch.pack(),
    }


def _same_part(connection: Connection, sketched: Sequence[Sketched]) -> dict[int, tuple[str, bool]]:
    """(date, whether it is shown) of the pages of which the same takes part as before."""
    parts = {one.page: one.part for one in sketched}
    before = connection.execute(sa.select(page_sketches).where(page_sketches.c.page.in_(parts)))
    return {row.page: (row.date, row.shown) for row in before if row.part == parts[row.page]}


def _redate(connection: Connection, sketched: Sequence[Sketched]) -> None:
    dated = sa.update(page_sketches).where(
        page_sketches.c.page == sa.bindparam("of"), page_sketches.c.date != sa.bindparam("new")
    )
    if sketched:
        rows = [{"of": one.page, "new": one.date} for one in sketched]
        connection.execute(dated.values(date=sa.bindparam("new"), shown=False), rows)


def _put_clusters(connection: Connection, collection: int, found: Sequence[ShownCluster]) -> list[int]:
    """Put these clusters in the place of all there are; gives their numbers."""
    connection.execute(sa.delete(clusters).where(clusters.c.collection == collection))
    # Those that keep their number first, or a new one might be given it.
    order = sorted(range(len(found)), key=lambda i: (found[i].id is None, found[i].id or i))
    ids = dict.fromkeys(order, 0)
    for i in order:
        columns = {name: value for name, value in asdict(found[i]).items() if name != "members" and value is not None}
        key = connection.execute(sa.insert(clusters).values(collection=collection, **columns)).inserted_primary_key
        assert key is not None
        ids[i] = int(key[0])
    rows = [{"cluster": ids[i], **member._asdict()} for i in order for member in found[i].members]
    if rows:
        connection.execute(sa.insert(members), rows)
    excerpt = (
        sa.select(sa.func.substr(page_texts.c.text, members.c.start + 1, _least(members.c.stop - members.c.start)))
        .join(members, members.c.page == page_texts.c.page)
        .where(members.c.cluster == clusters.c.id, members.c.representative)
    )
    written = sa.update(clusters).where(clusters.c.collection == collection)
    connection.execute(written.values(excerpt=excerpt.scalar_subquery()))
    return [ids[i] for i in range(len(found))]


def _least(length: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.case((length < EXCERPT, length), else_=EXCERPT)


def _name_passages(connection: Connection, collection: int, wanted: Mapping[PassageKey, int]) -> None:
    """Give passages the number of their cluster, where it is another than they have."""
    of_collection = pages.c.collection == collection
    names = [column.name for column in passages.primary_key]
    stored = sa.select(*(passages.c[name] for name in names), passages.c.cluster)
    there = connection.execute(stored.join(pages, pages.c.id == passages.c.a).where(of_collection)).all()
    keys = [(tuple(key), cluster) for *key, cluster in there]
    rows = [
        {"new": wanted.get(key)} | {f"its_{name}": value for name, value in zip(names, key, strict=True)}
        for key, cluster in keys
        if cluster != wanted.get(key)
    ]
    this = [passages.c[name] == sa.bindparam(f"its_{name}") for name in names]
    if rows:
        connection.execute(sa.update(passages).where(*this).values(cluster=sa.bindparam("new")), rows)


def _put_duplicates(connection: Connection, collection: int, found: Sequence[tuple[int, int, float]]) -> None:
    of_collection = sa.select(pages.c.id).where(pages.c.collection == collection)
    connection.execute(sa.delete(duplicates).where(duplicates.c.page.in_(of_collection)))
    if found:
        rows = [{"page": page, "representative": first, "similarity": alike} for page, first, alike in found]
        connection.execute(sa.insert(duplicates), rows)
