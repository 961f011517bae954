"""What pages share, as people see it: clusters and their members, the sites they are on, passages, duplicates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, NamedTuple

import sqlalchemy as sa

from detect import PassageKind
from webapp.records import (
    PAGES_A_LIST,
    ClusterList,
    ClusterRow,
    DuplicateGroup,
    DuplicatePage,
    Member,
    NotFound,
    OpenCluster,
    ReuseQuery,
    SiteGraph,
    SiteLink,
    SiteNode,
    screen_of,
)
from webapp.store.collections import name_of
from webapp.store.comparing import StoredPassage
from webapp.store.engine import Database
from webapp.store.schema import (
    UNSHOWN,
    clusters,
    collections,
    duplicates,
    members,
    page_pairs,
    page_sketches,
    page_texts,
    pages,
    passages,
)

_ROW: sa.Select[Any] = sa.select(  # in the order of ClusterRow
    clusters.c.id,
    clusters.c.pages,
    clusters.c.sites,
    clusters.c.words,
    clusters.c.similarity,
    clusters.c.kind,
    clusters.c.first_date,
    clusters.c.last_date,
    clusters.c.first_site,
    clusters.c.excerpt,
)

_DATE = sa.func.coalesce(page_sketches.c.date, "")


class PassageRow(NamedTuple):
    """A passage to write out: of either side the page, its site and date, the place on it and the text there."""

    a: PassageSide
    b: PassageSide
    similarity: float
    kind: PassageKind
    cluster: int | None


class PassageSide(NamedTuple):
    """One side of a passage."""

    id: str
    site: str
    date: str
    start: int
    stop: int
    text: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A place of a cluster that a page is in, its own or another's."""

    cluster: int
    kind: PassageKind
    page: int
    name: str
    title: str
    site: str
    date: str
    start: int
    stop: int
    similarity: float
    earliest: bool


class Reuse(Database):
    """What a store knows of text that pages share."""

    def clusters(self, collection: int, query: ReuseQuery) -> ClusterList:
        """One page of a list. Raises NotFound."""
        wanted = _wanted(collection, query)
        with self._read() as connection:
            name_of(connection, collection)
            total = connection.scalar(sa.select(sa.func.count()).select_from(clusters).where(*wanted)) or 0
            begin, number, last = screen_of(total, query.number)
            found = _ROW.where(*wanted).order_by(*_order(query))
            rows = connection.execute(found.limit(PAGES_A_LIST).offset(begin))
            listed = tuple(replace(ClusterRow(*row), excerpt=" ".join(row.excerpt.split())) for row in rows)
            return ClusterList(listed, total, number, last, connection.scalar(_waiting(collection)) or 0)

    def cluster(self, id: int) -> OpenCluster:
        """A cluster with its members. Raises NotFound."""
        of_it = sa.select(clusters, collections.c.name).join(collections)
        with self._read() as connection:
            row = connection.execute(of_it.where(clusters.c.id == id, collections.c.name_key.is_not(None))).first()
            if row is None:
                raise NotFound("There is no such passage. Its pages may have been deleted, or have been labelled anew.")
            found = [Member(*member) for member in connection.execute(_MEMBERS.where(members.c.cluster == id))]
        found.sort(key=lambda one: (not one.date, one.date, one.site, one.name, one.start))
        return OpenCluster(row.id, row.collection, row.name, tuple(found), row.kind, row.words)

    def neighbours_in_clusters(self, page: int) -> list[Neighbour]:
        """The places of all clusters that a page is in: its own and those of other pages."""
        its = sa.select(members.c.cluster).where(members.c.page == page)
        with self._read() as connection:
            return [Neighbour(*row) for row in connection.execute(_NEIGHBOURS.where(members.c.cluster.in_(its)))]

    def site_graph(self, collection: int) -> SiteGraph:
        """Which sites share text. Raises NotFound."""
        across = sa.select(members.c.cluster, pages.c.site, clusters.c.words, clusters.c.first_site).distinct()
        joined = across.join_from(members, clusters).join(pages, pages.c.id == members.c.page)
        across_sites = (clusters.c.collection == collection, clusters.c.sites > 1)
        counts = sa.select(pages.c.site, sa.func.count()).where(pages.c.collection == collection)
        with self._read() as connection:
            name_of(connection, collection)
            rows = [tuple(row) for row in connection.execute(joined.where(*across_sites))]
            sizes = {row[0]: row[1] for row in connection.execute(counts.group_by(pages.c.site))}
        return _graph(rows, sizes)

    def duplicates(self, collection: int) -> tuple[DuplicateGroup, ...]:
        """The groups of pages that are one story, the largest first. Raises NotFound."""
        found = (
            sa.select(duplicates.c.representative, pages.c.id, pages.c.title, pages.c.site, _DATE)
            .add_columns(duplicates.c.similarity)
            .join(pages, pages.c.id == duplicates.c.page)
            .outerjoin(page_sketches, page_sketches.c.page == pages.c.id)
            .where(pages.c.collection == collection)
        )
        groups: dict[int, list[DuplicatePage]] = defaultdict(list)
        with self._read() as connection:
            name_of(connection, collection)
            for representative, *row in connection.execute(found):
                groups[representative].append(DuplicatePage(*row))
        by_date = [
            DuplicateGroup(tuple(sorted(group, key=lambda one: (not one.date, one.date, one.page))), representative)
            for representative, group in groups.items()
        ]
        return tuple(sorted(by_date, key=lambda group: (-len(group.pages), group.representative)))

    def pair_passages(self, a: int, b: int) -> list[StoredPassage] | None:
        """What was found between two pages, `a` the one whose name comes first; None when they were not compared."""
        this = (page_pairs.c.a == a, page_pairs.c.b == b)
        found = sa.select(passages).where(passages.c.a == a, passages.c.b == b).order_by(*passages.primary_key)
        with self._read() as connection:
            if connection.scalar(sa.select(page_pairs.c.a).where(*this)) is None:
                return None
            return [StoredPassage(*row) for row in connection.execute(found)]

    def dates(self, numbers: Sequence[int]) -> dict[int, str]:
        """The dates of the pages that are sketched."""
        dated = sa.select(page_sketches.c.page, page_sketches.c.date).where(page_sketches.c.page.in_(numbers))
        with self._read() as connection:
            return {row.page: row.date for row in connection.execute(dated)}

    def passage_rows(self, collection: int) -> Generator[PassageRow]:
        """The passages of a collection, by the pages' numbers and places; one at a time in memory.

        All as they are when the first is asked for. Close it to let go of the database early.
        """
        with self._moment() as connection:
            rows = connection.execution_options(yield_per=100).execute(_passages_of(collection))
            for similarity, kind, cluster, *sides in rows:
                yield PassageRow(PassageSide(*sides[:6]), PassageSide(*sides[6:]), similarity, kind, cluster)


def _text(text: sa.Column[str], start: sa.Column[int], stop: sa.Column[int]) -> sa.ColumnElement[str]:
    return sa.func.substr(text, start + 1, stop - start)


_PLACES = (
    members.join(clusters)
    .join(pages, pages.c.id == members.c.page)
    .outerjoin(page_sketches, page_sketches.c.page == pages.c.id)
)
_MEMBERS = sa.select(  # in the order of Member
    pages.c.id,
    pages.c.name,
    pages.c.title,
    pages.c.site,
    _DATE,
    members.c.start,
    members.c.stop,
    _text(page_texts.c.text, members.c.start, members.c.stop),
    members.c.similarity,
    members.c.kind,
    members.c.representative,
    members.c.earliest,
).select_from(_PLACES.join(page_texts, page_texts.c.page == pages.c.id))
_NEIGHBOURS = sa.select(  # in the order of Neighbour
    members.c.cluster,
    clusters.c.kind,
    pages.c.id,
    pages.c.name,
    pages.c.title,
    pages.c.site,
    _DATE,
    members.c.start,
    members.c.stop,
    members.c.similarity,
    members.c.earliest,
).select_from(_PLACES)


def _waiting(collection: int) -> sa.Select[Any]:
    """How many labelled pages are not in what is shown as they are now."""
    return sa.select(sa.func.count()).select_from(pages).where(pages.c.collection == collection, UNSHOWN)


def _wanted(collection: int, query: ReuseQuery) -> list[sa.ColumnElement[bool]]:
    wanted = [clusters.c.collection == collection]
    if query.across:
        wanted.append(clusters.c.sites > 1)
    if query.site:
        on_site = sa.select(members.c.cluster).join(pages).where(pages.c.site == query.site)
        wanted.append(clusters.c.id.in_(on_site.where(pages.c.collection == collection)))
    if query.kind:
        wanted.append(clusters.c.kind == query.kind)
    return [*wanted, clusters.c.words >= query.words, clusters.c.similarity >= query.similarity]


def _order(query: ReuseQuery) -> list[sa.ColumnElement[Any]]:
    """Undated clusters last either way; of equal ones the wider, then the longer first."""
    key: sa.Column[Any] = clusters.c["first_date" if query.sort == "date" else query.sort]
    undated = [clusters.c.first_date == ""] if query.sort == "date" else []
    ties = [clusters.c.pages.desc(), clusters.c.words.desc(), clusters.c.id]
    return [*undated, key.desc() if query.descending else key, *ties]


def _graph(rows: Sequence[Sequence[Any]], sizes: dict[str, int]) -> SiteGraph:
    """The graph of (cluster, site, words, first site), one for each site of each cluster."""
    sites_of: dict[int, list[str]] = defaultdict(list)
    about = {cluster: (words, first) for cluster, _, words, first in rows}
    for cluster, site, _, _ in rows:
        sites_of[cluster].append(site)
    shared: dict[str, int] = defaultdict(int)
    links: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for cluster, sites in sites_of.items():
        words, first = about[cluster]
        for site in sites:
            shared[site] += 1
        for a, b in combinations(sorted(sites), 2):
            for at, more in enumerate((1, words, first == a, first == b)):
                links[a, b][at] += more
    nodes = tuple(SiteNode(site, sizes.get(site, 0), count) for site, count in sorted(shared.items()))
    ranked = sorted(links.items(), key=lambda one: (-one[1][0], -one[1][1], one[0]))
    return SiteGraph(nodes, tuple(SiteLink(*pair, *counts) for pair, counts in ranked))


def _passages_of(collection: int) -> sa.Select[Any]:
    """The columns of PassageRow: the passage's own, then those of either side."""
    columns: list[sa.ColumnElement[Any]] = []
    joined: Any = passages
    for side in ("a", "b"):
        page, text, sketch = pages.alias(), page_texts.alias(), page_sketches.alias()
        start, stop = passages.c[f"{side}_start"], passages.c[f"{side}_stop"]
        columns += [page.c.name, page.c.site, sa.func.coalesce(sketch.c.date, ""), start, stop]
        columns.append(_text(text.c.text, start, stop))
        joined = joined.join(page, sa.and_(page.c.id == passages.c[side], page.c.collection == collection))
        joined = joined.join(text, text.c.page == page.c.id).outerjoin(sketch, sketch.c.page == page.c.id)
    own = (passages.c.similarity, passages.c.kind, passages.c.cluster)
    return sa.select(*own, *columns).select_from(joined).order_by(*passages.primary_key)
