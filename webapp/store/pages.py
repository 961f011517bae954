"""Pages: storing them under names of their own, listing and searching them, opening one with its labels."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from detect import Labels, Page
from webapp.records import PAGES_A_LIST, NotFound, PageList, PageQuery, PageRow, screen_of
from webapp.store.collections import known_values, name_of
from webapp.store.engine import Database, runs
from webapp.store.schema import collections, database, digest, fold, page_labels, page_texts, pages

_ROW = sa.select(pages.c.id, pages.c.name, pages.c.title, pages.c.site, pages.c.size, pages.c.boilerplate)

_WHOLE = (
    sa.select(pages, page_texts.c.text, collections.c.name.label("collection_name"), page_labels.c.labels)
    .join(page_texts, page_texts.c.page == pages.c.id)
    .join(collections, collections.c.id == pages.c.collection)
    .outerjoin(page_labels, sa.and_(page_labels.c.page == pages.c.id, page_labels.c.generation == pages.c.generation))
    .where(pages.c.id == sa.bindparam("id"), collections.c.name_key.is_not(None))
)


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


class PageKey(NamedTuple):
    """A page without its text: its number, its name, and how many bytes its text has."""

    id: int
    name: str
    bytes: int


class Pages(Database):
    """What a store does with pages."""

    def pages(self, collection: int, query: PageQuery) -> PageList:
        """One page of a list. Raises NotFound."""
        wanted = [pages.c.collection == collection]
        if query.site:
            wanted.append(pages.c.site == query.site)
        wanted += [pages.c.folded.contains(word, autoescape=True) for word in fold(query.search).split()]
        key: sa.ColumnElement[Any] = {
            "title": pages.c.folded,
            "site": pages.c.site,
            "size": pages.c.size,
            # The two databases disagree on where NULL stands.
            "boilerplate": sa.func.coalesce(pages.c.boilerplate, -1.0),
        }[query.sort]
        order = [key.desc(), pages.c.id.desc()] if query.descending else [key, pages.c.id]
        with self._read() as connection:
            name_of(connection, collection)
            total = connection.scalar(sa.select(sa.func.count()).select_from(pages).where(*wanted)) or 0
            begin, number, last = screen_of(total, query.number)
            rows = connection.execute(_ROW.where(*wanted).order_by(*order).limit(PAGES_A_LIST).offset(begin))
            return PageList(tuple(PageRow(*row) for row in rows), total, number, last)

    def named(self, collection: int, names: Sequence[str]) -> list[PageRow]:
        """The collection's pages of these names, in that order; unknown names are left out."""
        with self._read() as connection:
            rows = connection.execute(_ROW.where(pages.c.collection == collection, pages.c.name.in_(names)))
            found = {row.name: PageRow(*row) for row in rows}
        return [found[name] for name in names if name in found]

    def names(self, numbers: Sequence[int]) -> dict[int, str]:
        """The names of these pages, by number."""
        named = sa.select(pages.c.id, pages.c.name)
        with self._read() as connection:
            return {
                id: name for few in runs(numbers) for id, name in connection.execute(named.where(pages.c.id.in_(few)))
            }

    def page(self, id: int) -> Page:
        """A page with its text. Raises NotFound."""
        return self.open(id)[0].page

    def open(self, id: int) -> tuple[StoredPage, Labels | None]:
        """A page and the labels that are shown of it, None while there are none. Raises NotFound."""
        with self._read() as connection:
            return _open(connection, id)

    def neighbours(self, page: StoredPage) -> tuple[int | None, int | None]:
        """The numbers of the pages before and after this one in its collection."""
        of_collection = pages.c.collection == page.collection
        with self._read() as connection:
            before = sa.select(sa.func.max(pages.c.id)).where(of_collection, pages.c.id < page.id)
            after = sa.select(sa.func.min(pages.c.id)).where(of_collection, pages.c.id > page.id)
            return connection.scalar(before), connection.scalar(after)

    def snapshot(self, collection: int) -> Generator[tuple[StoredPage, Labels | None]]:
        """A collection's pages in order, with their labels if they have any; one at a time in memory.

        All as they are when the first is asked for, while others write. Close it to let go of the database early.
        """
        with self._moment() as connection:
            ids = sa.select(pages.c.id).where(pages.c.collection == collection).order_by(pages.c.id)
            for id in connection.scalars(ids).all():
                yield _open(connection, id)


def _open(connection: Connection, id: int) -> tuple[StoredPage, Labels | None]:
    row = connection.execute(_WHOLE, {"id": id}).first()
    if row is None:
        raise NotFound("There is no such page. It may have been deleted.")
    page = Page(row.name, row.text, row.site, row.url, row.source, row.replaced, row.date)
    stored = StoredPage(row.id, row.collection, row.collection_name, page, row.title)
    return stored, None if row.labels is None else Labels.unpack(row.labels)


def add_pages(connection: Connection, collection: int, new_pages: Sequence[NewPage]) -> None:
    """Store pages in order: one that is there already (same id, same text) once, one id with other text beside it."""
    fresh: dict[bytes, NewPage] = {}
    for new in new_pages:
        fresh.setdefault(digest(new.page.id, new.page.text), new)
    for key in known_values(connection, collection, pages.c.digest, fresh.keys()):
        del fresh[key]
    if not fresh:
        return
    names = _free_names(connection, collection, [new.page.id for new in fresh.values()])
    # The update first: it locks the row, so that nobody else is given the same numbers.
    connection.execute(sa.update(database).values(next_page=database.c.next_page + len(fresh)))
    first = connection.execute(sa.select(database.c.next_page)).scalar_one() - len(fresh)
    connection.execute(
        sa.insert(pages),
        [
            {
                "id": id,
                "collection": collection,
                "name": name,
                "asked": digest(new.page.id),
                "digest": key,
                **{column: getattr(new.page, column) for column in ("site", "url", "source", "replaced", "date")},
                "size": len(new.page.text),
                "bytes": len(new.page.text.encode()),
                "title": new.title,
                "folded": fold(new.title, name, new.page.url),
            }
            for id, ((key, new), name) in enumerate(zip(fresh.items(), names, strict=True), first)
        ],
    )
    texts = [{"page": id, "text": new.page.text} for id, new in enumerate(fresh.values(), first)]
    connection.execute(sa.insert(page_texts), texts)


def _free_names(connection: Connection, collection: int, ids: Sequence[str]) -> list[str]:
    """The names that new pages get: the id they come with, and from the second text of one id on "id (2)" ..."""
    keys = {id: digest(id) for id in ids}
    # How many pages came with each id: a million pages of one id must not each try all numbers from 2.
    counts = (
        sa.select(pages.c.asked, sa.func.count().label("pages"))
        .where(pages.c.collection == collection, pages.c.asked.in_(keys.values()))
        .group_by(pages.c.asked)
    )
    asked: dict[bytes, int] = {row.asked: row.pages for row in connection.execute(counts)}
    taken = known_values(connection, collection, pages.c.name, ids)
    names = []
    for id in ids:
        number = asked.get(keys[id], 0)
        asked[keys[id]] = number + 1
        name = f"{id} ({number + 1})" if number else id
        while name in taken or (name != id and known_values(connection, collection, pages.c.name, [name])):
            number += 1
            name = f"{id} ({number + 1})"
        taken.add(name)
        names.append(name)
    return names
