"""Checkpoints of the stage that finds what pages share.

The state is what an undisturbed run would have so far, whoever wrote it: the sketches of labelled pages, the pairs that
were compared, their passages. It stays when a job is cancelled, and the next goes on from it. What people see of it
(clusters, their members, duplicates) is put in its place by `show_reuse`, in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Connection

import detect
from detect import PassageKind, Sketch
from webapp.records import Problem
from webapp.store.collections import add_problems
from webapp.store.engine import VALUES, insert_new, key_of, runs
from webapp.store.jobs import Claim, Jobs, Progress, advance, held_by
from webapp.store.pages import PageKey
from webapp.store.schema import (
    UNSHOWN,
    clusters,
    duplicates,
    gone_prints,
    jobs,
    members,
    page_pairs,
    page_prints,
    page_sketches,
    page_texts,
    pages,
    passages,
)

EXCERPT = 200  # code points of a cluster's text that a list shows

# Prints that are put in together: under a second of work.
_PRINTS = 50_000


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

    @property
    def key(self) -> PassageKey:
        """What tells it apart."""
        return self.a, self.b, self.a_start, self.b_start


class ShownPlace(NamedTuple):
    """A place of a cluster that is shown."""

    cluster: int
    page: int
    start: int
    stop: int


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
    """What is to be shown of what a collection's pages share, where it is another than before.

    `clusters` stand in the place of those with the numbers `old`; `cluster_of` tells which of them a passage, by its
    key, belongs to. `duplicates` are (page, representative, similarity), in the place of those of `pages`. `unwanted`
    are pairs of pages that are not worth comparing any more.
    """

    old: Collection[int]
    clusters: tuple[ShownCluster, ...]
    cluster_of: Mapping[PassageKey, int | None]
    pages: Collection[int]
    duplicates: tuple[tuple[int, int, float], ...]
    unwanted: NDArray[np.int64]


class Comparing(Jobs):
    """What a store does for the stage that finds what pages share."""

    def unsketched(self, collection: int) -> list[PageKey]:
        """The labelled pages that have no sketch by the labels that are shown."""
        return self._unshown(collection, page_sketches.c.generation.is_distinct_from(pages.c.generation))

    def unshown(self, collection: int) -> list[PageKey]:
        """The labelled pages of which what they share is not shown as they are now."""
        return self._unshown(collection)

    def _unshown(self, collection: int, *wanted: sa.ColumnElement[bool]) -> list[PageKey]:
        keys = sa.select(pages.c.id, pages.c.name, pages.c.bytes)
        if wanted:
            keys = keys.outerjoin(page_sketches)
        of_collection = keys.where(pages.c.collection == collection, UNSHOWN, *wanted)
        with self._read() as connection:
            return [PageKey(*row) for row in connection.execute(of_collection.order_by(pages.c.id))]

    def store_sketches(
        self, claim: Claim, sketched: Sequence[Sketched], problems: Iterable[Problem], progress: Progress
    ) -> None:
        """Checkpoint of sketching. A page of which another part takes part now loses its passages; one of which all is
        as it was has been done by this. Raises JobLostError."""
        with self._held(claim) as connection:
            before = _sketches_before(connection, [one.page for one in sketched])
            other = [one for one in sketched if one.page not in before or before[one.page].part != one.part]
            _let_go(connection, claim.collection, [(before[one.page], one) for one in other if one.page in before])
            if other:
                connection.execute(sa.insert(page_sketches), [_row(one) for one in other])
            numbers = {one.page for one in other}
            _redate(connection, [one for one in sketched if one.page not in numbers])
            by = sa.select(pages.c.generation).where(pages.c.id == page_sketches.c.page).scalar_subquery()
            everyone = page_sketches.c.page.in_([one.page for one in sketched])
            connection.execute(sa.update(page_sketches).where(everyone).values(generation=by))
            dates = {page: row.date for page, row in before.items() if page not in numbers}
            settled = _settle(connection, [one.page for one in sketched if dates.get(one.page) == one.date])
            _unsettle(connection, [one.page for one in sketched if dates.get(one.page) != one.date])
            connection.execute(held_by(claim).values(advance(replace(progress, pages=settled))))
            add_problems(connection, claim.collection, problems)

    def known_pages(self, numbers: Iterable[int]) -> list[KnownPage]:
        """Those of the pages that have a sketch."""
        known = sa.select(pages.c.id, pages.c.name, pages.c.site, pages.c.bytes)
        joined = known.add_columns(page_sketches.c.date, page_sketches.c.compared).join(page_sketches)
        with self._read() as connection:
            return [
                KnownPage(*row)
                for few in runs(sorted(numbers))
                for row in connection.execute(joined.where(pages.c.id.in_(few)))
            ]

    def sketches(self, numbers: Iterable[int]) -> dict[int, Sketch]:
        """The sketches of those of the pages that have one."""
        found = sa.select(page_sketches.c.page, page_sketches.c.sketch)
        with self._read() as connection:
            return {
                page: Sketch.unpack(sketch)
                for few in runs(sorted(numbers))
                for page, sketch in connection.execute(found.where(page_sketches.c.page.in_(few)))
            }

    def with_prints(self, collection: int, prints: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """Those of the prints that compared pages have, and such a page: one beside each.

        What these pages share is shown, but for those of a job that was cancelled just before that. All pages that have
        a print are given, however many: mostly the first few by name would do, but no index has them in that order.
        """
        found = sa.select(page_prints.c.print, page_prints.c.page).where(page_prints.c.collection == collection)
        with self._read() as connection:
            if connection.scalar(found.limit(1)) is None:
                return np.empty(0, np.uint64), np.empty(0, np.int64)
            asked = np.unique(prints.view(np.int64))
            flat = np.fromiter(
                (
                    number
                    for few in np.split(asked, range(VALUES, len(asked), VALUES))
                    for row in connection.execute(found.where(page_prints.c.print.in_(few.tolist())))
                    for number in row
                ),
                np.int64,
            ).reshape(-1, 2)
        return flat[:, 0].copy().view(np.uint64), flat[:, 1].copy()

    def gone_prints(self, collection: int) -> NDArray[np.uint64]:
        """The windows that pages have no more and are shown with."""
        of_it = sa.select(gone_prints.c.print).where(gone_prints.c.collection == collection)
        with self._read() as connection:
            return np.fromiter(connection.scalars(of_it), np.int64).view(np.uint64)

    def compared_pairs(self, numbers: Iterable[int]) -> NDArray[np.int64]:
        """The pairs of pages that were compared of which one is among these, by number, int64 (n, 2)."""
        with self._read() as connection:
            found = {
                tuple(row)
                for few in runs(sorted(numbers))
                for side in (page_pairs.c.a, page_pairs.c.b)
                for row in connection.execute(sa.select(page_pairs).where(side.in_(few)))
            }
        return np.array(sorted(found), np.int64).reshape(-1, 2)

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

    def passages_on(self, numbers: Iterable[int]) -> list[StoredPassage]:
        """What was found between two pages of which one is among these."""
        both = sa.and_(page_pairs.c.a == passages.c.a, page_pairs.c.b == passages.c.b)
        sides = (
            sa.select(passages).where(passages.c.a.in_(sa.bindparam("few", expanding=True))),
            sa.select(passages).join(page_pairs, both).where(page_pairs.c.b.in_(sa.bindparam("few", expanding=True))),
        )
        with self._read() as connection:
            found = {
                StoredPassage(*row)
                for few in runs(sorted(numbers))
                for side in sides
                for row in connection.execute(side, {"few": few})
            }
        return sorted(found, key=lambda one: one.key)

    def shown_on(self, numbers: Iterable[int]) -> list[ShownPlace]:
        """The places of clusters that are shown on these pages."""
        return self._shown_places(members.c.page, numbers)

    def shown_in(self, numbers: Iterable[int]) -> list[ShownPlace]:
        """The places of these clusters."""
        return self._shown_places(members.c.cluster, numbers)

    def _shown_places(self, column: sa.Column[int], numbers: Iterable[int]) -> list[ShownPlace]:
        places = sa.select(members.c.cluster, members.c.page, members.c.start, members.c.stop)
        with self._read() as connection:
            return [
                ShownPlace(*row)
                for few in runs(sorted(numbers))
                for row in connection.execute(places.where(column.in_(few)))
            ]

    def duplicates_with(self, numbers: Iterable[int]) -> set[int]:
        """The pages that are shown as one story with one of these, and these."""
        firsts = sa.select(duplicates.c.representative)
        found = set(numbers)
        with self._read() as connection:
            for few in runs(sorted(found)):
                of_groups = duplicates.c.representative.in_(firsts.where(duplicates.c.page.in_(few)))
                found.update(connection.scalars(sa.select(duplicates.c.page).where(of_groups)))
        return found

    def store_prints(self, claim: Claim, prints: NDArray[np.uint64], numbers: NDArray[np.int64]) -> None:
        """Checkpoint before showing: prints, and a page that has it beside each. Raises JobLostError."""
        # In order, so that each part of a large index is written to once.
        order = np.argsort(prints.view(np.int64), kind="stable")
        for few in np.split(order, range(_PRINTS, len(order), _PRINTS)):
            with self._held(claim) as connection:
                rows = zip(repeat(claim.collection), _signed(prints[few]), numbers[few].tolist())
                insert_new(connection, page_prints, list(rows))

    def show_reuse(self, claim: Claim, shown: Shown) -> None:
        """Show what this job found in the collection, all at once. Raises JobLostError."""
        through = {"pages_done": jobs.c.pages_total, "bytes_done": jobs.c.bytes_total, "attempts": 0}
        with self._held(claim, **through) as connection:
            gone = (page_pairs.c.a == sa.bindparam("one"), page_pairs.c.b == sa.bindparam("other"))
            if len(shown.unwanted):
                rows = [{"one": a, "other": b} for a, b in shown.unwanted.tolist()]
                connection.execute(sa.delete(page_pairs).where(*gone), rows)
            ids = _put_clusters(connection, claim.collection, shown.old, shown.clusters)
            _name_passages(connection, shown.cluster_of, ids)
            _put_duplicates(connection, shown.pages, shown.duplicates)
            connection.execute(sa.delete(gone_prints).where(gone_prints.c.collection == claim.collection))
            sketched = sa.exists().where(
                page_sketches.c.page == pages.c.id, page_sketches.c.generation == pages.c.generation
            )
            here = (pages.c.collection == claim.collection, UNSHOWN, sketched)
            connection.execute(sa.update(pages).where(*here).values(shown=pages.c.generation))


def _sketches_before(connection: Connection, numbers: Sequence[int]) -> dict[int, sa.Row[Any]]:
    return {
        row.page: row for row in connection.execute(sa.select(page_sketches).where(page_sketches.c.page.in_(numbers)))
    }


def _let_go(connection: Connection, collection: int, changed: Sequence[tuple[sa.Row[Any], Sketched]]) -> None:
    """Take away the sketches of pages that have others now, with what was found by them; the windows that they have no
    more are remembered as gone."""
    numbers = [now.page for _, now in changed]
    either = sa.or_(page_pairs.c.a.in_(numbers), page_pairs.c.b.in_(numbers))
    connection.execute(sa.delete(page_pairs).where(either))
    connection.execute(sa.delete(page_sketches).where(page_sketches.c.page.in_(numbers)))
    before = [Sketch.unpack(row.sketch) for row, _ in changed]
    of_it = page_prints.c.collection == collection
    this = (of_it, page_prints.c.print == sa.bindparam("its"), page_prints.c.page == sa.bindparam("of"))
    rows = [
        {"its": one, "of": page} for page, old in zip(numbers, before, strict=True) for one in _signed(prints_of(old))
    ]
    if rows:
        connection.execute(sa.delete(page_prints).where(*this), rows)
    kept = [now.sketch.prints for _, now in changed]
    gone = {one for old, new in zip(before, kept, strict=True) for one in _signed(np.setdiff1d(old.prints, new))}
    insert_new(connection, gone_prints, [(collection, one) for one in sorted(gone)])


def _signed(prints: NDArray[np.uint64]) -> list[int]:
    """Prints as a column holds them."""
    return prints.view(np.int64).tolist()


def prints_of(sketch: Sketch) -> NDArray[np.uint64]:
    """What pages are found by: the chosen windows of one, and the bands of its signature."""
    return np.concatenate((sketch.prints, detect.bands(sketch)))


def _row(one: Sketched) -> dict[str, Any]:
    return {
        "page": one.page,
        "generation": 0,  # set for all of them at once
        "compared": False,
        "date": one.date,
        "part": one.part,
        "sketch": one.sketch.pack(),
    }


def _redate(connection: Connection, sketched: Sequence[Sketched]) -> None:
    dated = sa.update(page_sketches).where(
        page_sketches.c.page == sa.bindparam("of"), page_sketches.c.date != sa.bindparam("new")
    )
    if sketched:
        rows = [{"of": one.page, "new": one.date} for one in sketched]
        connection.execute(dated.values(date=sa.bindparam("new")), rows)


def _settle(connection: Connection, numbers: Sequence[int]) -> int:
    """What was shown of these pages is so by their labels of now, too; how many that were."""
    was_shown = (pages.c.id.in_(numbers), pages.c.shown.is_not(None))
    return connection.execute(sa.update(pages).where(*was_shown).values(shown=pages.c.generation)).rowcount


def _unsettle(connection: Connection, numbers: Sequence[int]) -> None:
    """What is shown of these pages is not so any more."""
    connection.execute(sa.update(pages).where(pages.c.id.in_(numbers)).values(shown=None))


def _put_clusters(
    connection: Connection, collection: int, old: Collection[int], found: Sequence[ShownCluster]
) -> list[int]:
    """Put these clusters in the place of the old ones; gives their numbers."""
    for few in runs(sorted(old)):
        connection.execute(sa.delete(clusters).where(clusters.c.id.in_(few)))
    # Those that keep their number first, or a new one might be given it.
    if kept := [_cluster_row(collection, one) for one in found if one.id is not None]:
        connection.execute(sa.insert(clusters), kept)
    ids = {i: one.id for i, one in enumerate(found) if one.id is not None}
    for i, one in enumerate(found):
        if one.id is None:
            ids[i] = key_of(connection.execute(sa.insert(clusters).values(_cluster_row(collection, one))))
    rows = [{"cluster": ids[i], **member._asdict()} for i, one in enumerate(found) for member in one.members]
    if rows:
        connection.execute(sa.insert(members), rows)
    excerpt = (
        sa.select(sa.func.substr(page_texts.c.text, members.c.start + 1, _least(members.c.stop - members.c.start)))
        .join(members, members.c.page == page_texts.c.page)
        .where(members.c.cluster == clusters.c.id, members.c.representative)
    )
    written = sa.update(clusters).values(excerpt=excerpt.scalar_subquery())
    for few in runs(sorted(ids.values())):
        connection.execute(written.where(clusters.c.id.in_(few)))
    return [ids[i] for i in range(len(found))]


def _cluster_row(collection: int, one: ShownCluster) -> dict[str, Any]:
    columns = {field.name: getattr(one, field.name) for field in fields(one) if field.name != "members"}
    return {"collection": collection} | {name: value for name, value in columns.items() if value is not None}


def _least(length: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    return sa.case((length < EXCERPT, length), else_=EXCERPT)


def _name_passages(connection: Connection, cluster_of: Mapping[PassageKey, int | None], ids: Sequence[int]) -> None:
    """Give passages the number of their cluster, where it is another than they have."""
    names = [column.name for column in passages.primary_key]
    this = [passages.c[name] == sa.bindparam(f"its_{name}") for name in names]
    other = passages.c.cluster.is_distinct_from(sa.bindparam("new"))
    rows = [
        {"new": None if i is None else ids[i]} | {f"its_{name}": value for name, value in zip(names, key, strict=True)}
        for key, i in cluster_of.items()
    ]
    if rows:
        connection.execute(sa.update(passages).where(*this, other).values(cluster=sa.bindparam("new")), rows)


def _put_duplicates(connection: Connection, numbers: Collection[int], found: Sequence[tuple[int, int, float]]) -> None:
    for few in runs(sorted(numbers)):
        connection.execute(sa.delete(duplicates).where(duplicates.c.page.in_(few)))
    if found:
        rows = [{"page": page, "representative": first, "similarity": alike} for page, first, alike in found]
        connection.execute(sa.insert(duplicates), rows)
