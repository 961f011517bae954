"""Bringing the tables of an older program up to date, one ordered step a version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

Step = Callable[[Connection], None]


def _add_reuse(connection: Connection) -> None:
    """Version 2: dates of pages, samples of sites, and what pages share.

    Pages that are there already wait to be compared. They are also learned from again by the next job: what is
    learned of a page has another form now.
    """
    binary = sa.LargeBinary().compile(connection.dialect)
    for statement in (
        "ALTER TABLE pages ADD COLUMN date TEXT DEFAULT '' NOT NULL",
        f"ALTER TABLE pages ADD COLUMN sample_key {binary}",
        f"ALTER TABLE sites ADD COLUMN sample {binary}",
        "CREATE INDEX pages_sampled ON pages (collection, site, sample_key)",
        "CREATE INDEX pages_unlearned ON pages (collection, id) WHERE sample_key IS NULL",
        "CREATE INDEX pages_unlabelled ON pages (collection, site, sample_key, generation) WHERE generation IS NULL",
        "DELETE FROM page_memories",
    ):
        connection.execute(sa.text(statement))
    tables = sa.MetaData()
    for known in ("pages", "collections"):
        sa.Table(known, tables, sa.Column("id", sa.Integer, primary_key=True))

    def key(name: str, parent: str, index: bool | None = None) -> sa.Column[int]:
        there = sa.ForeignKey(f"{parent}.id", ondelete="CASCADE")
        return sa.Column(name, sa.Integer, there, primary_key=True, autoincrement=False, index=index)

    def each(kind: type[sa.types.TypeEngine[Any]], *names: str) -> list[sa.Column[Any]]:
        return [sa.Column(name, kind, nullable=False) for name in names]

    def of(name: str, parent: str) -> sa.Column[int]:
        return sa.Column(
            name, sa.Integer, sa.ForeignKey(f"{parent}.id", ondelete="CASCADE"), nullable=False, index=True
        )

    def numbers(*names: str) -> list[sa.Column[int]]:
        return [sa.Column(name, sa.Integer, primary_key=True, autoincrement=False) for name in names]

    made = [
        sa.Table(
            "page_sketches",
            tables,
            key("page", "pages"),
            *each(sa.Integer, "generation"),
            *each(sa.Boolean, "compared", "shown"),
            *each(sa.Text, "date"),
            *each(sa.LargeBinary, "part", "sketch"),
        ),
        sa.Table("page_pairs", tables, key("a", "pages"), key("b", "pages", index=True)),
        sa.Table(
            "passages",
            tables,
            *numbers("a", "b", "a_start"),
            *each(sa.Integer, "a_stop"),
            *numbers("b_start"),
            *each(sa.Integer, "b_stop", "a_words", "b_words"),
            *each(sa.Float, "similarity"),
            *each(sa.Text, "kind"),
            sa.Column("cluster", sa.Integer),
            sa.ForeignKeyConstraint(["a", "b"], ["page_pairs.a", "page_pairs.b"], ondelete="CASCADE"),
        ),
        sa.Table(
            "clusters",
            tables,
            sa.Column("id", sa.Integer, primary_key=True),
            of("collection", "collections"),
            *each(sa.Integer, "pages", "sites", "words"),
            *each(sa.Float, "similarity"),
            *each(sa.Text, "kind", "first_date", "last_date", "first_site", "excerpt"),
            sqlite_autoincrement=True,
        ),
        sa.Table(
            "members",
            tables,
            key("cluster", "clusters"),
            key("page", "pages", index=True),
            *numbers("start", "stop"),
            *each(sa.Float, "similarity"),
            *each(sa.Text, "kind"),
            *each(sa.Boolean, "representative", "earliest"),
        ),
        sa.Table(
            "duplicates", tables, key("page", "pages"), of("representative", "pages"), *each(sa.Float, "similarity")
        ),
        sa.Table("comparisons", tables, key("collection", "collections"), *each(sa.Integer, "generation")),
    ]
    tables.create_all(connection, tables=made)


def _index_reuse(connection: Connection) -> None:
    """Version 3: prints by which the pages that a new one shares text with are found without a look at all of them.

    Windows have other hashes now, so all pages are learned from, labelled and compared once more: by a job that waits
    already and has that before it, else by one that is queued here.
    """
    for table in ("passages", "page_pairs", "members", "clusters", "duplicates", "page_memories"):
        connection.execute(sa.text(f"DELETE FROM {table}"))
    for statement in (
        "UPDATE pages SET sample_key = NULL",
        "UPDATE sites SET sample = NULL",  # or their labels would stay, and a memory that is at hand with them
        "ALTER TABLE pages ADD COLUMN shown INTEGER",
        "CREATE INDEX ix_page_labels_generation ON page_labels (generation)",
        "CREATE INDEX pages_counted ON pages (collection, site, size, boilerplate, generation)",
        "DROP TABLE comparisons",
        "DROP TABLE page_sketches",  # and made anew below: an older SQLite cannot drop a column
        "UPDATE jobs SET pages_total = 0 WHERE state IN ('queued', 'running')",  # they count anew
        """
        INSERT INTO jobs (collection, state, stage, spool, file, entry, pages_done, pages_total, bytes_done,
            bytes_total, error, owner, lease_until, attempts, swept)
        SELECT id, 'queued', 'learning', '', 0, 0, 0, 0, 0, 0, '', '', 0, 0, FALSE FROM collections
        WHERE name_key IS NOT NULL AND EXISTS (SELECT 1 FROM pages WHERE pages.collection = collections.id)
            AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.collection = collections.id
                AND state IN ('queued', 'running') AND stage IN ('reading', 'learning'))
        """,
    ):
        connection.execute(sa.text(statement))
    tables = sa.MetaData()
    sa.Table("collections", tables, sa.Column("id", sa.Integer, primary_key=True))
    names = ("id", "collection", "generation", "shown")
    pages = sa.Table("pages", tables, *(sa.Column(name, sa.Integer) for name in names))
    unshown = sa.and_(pages.c.generation.is_not(None), pages.c.shown.is_distinct_from(pages.c.generation))
    here = (pages.c.collection, pages.c.id)
    sa.Index("pages_unshown", *here, sqlite_where=unshown, postgresql_where=unshown).create(connection)

    def key(name: str, kind: type[sa.types.TypeEngine[Any]] = sa.Integer, *parent: sa.ForeignKey) -> sa.Column[int]:
        return sa.Column(name, kind, *parent, primary_key=True, autoincrement=False)

    def of() -> sa.Column[int]:
        return key("collection", sa.Integer, sa.ForeignKey("collections.id", ondelete="CASCADE"))

    prints = (of(), key("print", sa.BigInteger), key("page"))
    sa.Table("page_prints", tables, *prints, sqlite_with_rowid=False).create(connection)
    sa.Table(
        "page_sketches",
        tables,
        key("page", sa.Integer, sa.ForeignKey("pages.id", ondelete="CASCADE")),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("compared", sa.Boolean, nullable=False),
        sa.Column("date", sa.Text, nullable=False),
        *(sa.Column(name, sa.LargeBinary, nullable=False) for name in ("part", "sketch")),
    ).create(connection)
    sa.Table("gone_prints", tables, of(), key("print", sa.BigInteger)).create(connection)


# STEPS[n] turns the tables of version n + 1 into those of version n + 2. A step says everything it needs
# itself: the tables in schema.py are always those of the newest version, so a step must not use them.
STEPS: tuple[Step, ...] = (_add_reuse, _index_reuse)

VERSION = 1 + len(STEPS)


class NewerDataError(RuntimeError):
    """The data folder was written by a newer program; its message says what to do."""


def upgrade(connection: Connection, version: int, steps: Sequence[Step] = STEPS) -> int:
    """Run the steps that tables of `version` lack, in order; gives the version they then have.

    Raises NewerDataError when they are newer than the steps know.
    """
    newest = 1 + len(steps)
    if version > newest:
        raise NewerDataError(
            f"This data was written by a newer Winnow (its tables are of version {version}, this program knows"
            f" {newest}). Update Winnow, or start it with another data folder."
        )
    for step in steps[version - 1 :]:
        step(connection)
    return newest
