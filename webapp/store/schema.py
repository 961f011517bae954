"""The tables, and the expressions on them that more than one file asks for.

What is large (text, memories, labels) has tables of its own, so that a list of pages never loads it. These are
the tables of the newest version; migrations.py brings older ones there.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from webapp.records import JobStatus, State

UNFINISHED: tuple[State, ...] = ("queued", "running")

tables = sa.MetaData()


def _parent(name: str) -> sa.ForeignKey:
    return sa.ForeignKey(name, ondelete="CASCADE")


def _page_key() -> sa.Column[int]:
    """The page that a row of a table beside `pages` is about."""
    return sa.Column("page", sa.Integer, _parent("pages.id"), primary_key=True, autoincrement=False)


def _only_where(index: sa.Index, condition: sa.ColumnElement[bool]) -> None:
    """Leave out of an index the rows that do not meet a condition."""
    for dialect in ("sqlite", "postgresql"):
        index.dialect_options[dialect]["where"] = condition


def _each(kind: type[sa.types.TypeEngine[Any]], *names: str, default: object = None) -> list[sa.Column[Any]]:
    """A column for each name, never NULL."""
    return [sa.Column(name, kind, nullable=False, default=default) for name in names]


database = sa.Table(
    "database",
    tables,
    sa.Column("version", sa.Integer, nullable=False),
    # Our own count instead of the database's sequence: a number that a killed transaction took is taken
    # again, so a resumed job gives its pages the numbers an undisturbed one would, and a deleted page's is
    # never reused.
    sa.Column("next_page", sa.Integer, nullable=False),
)
collections = sa.Table(
    "collections",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    # The name as two people would find it the same; NULL once deleted, when the name is free again.
    sa.Column("name_key", sa.Text, unique=True),
    sqlite_autoincrement=True,
)
jobs = sa.Table(
    "jobs",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("collection", sa.Integer, _parent("collections.id"), nullable=False, index=True),
    sa.Column("state", sa.Text, nullable=False, index=True, default="queued"),
    *_each(sa.Text, "stage", "spool"),  # the folder of its files in the data folder, "" without any
    # The checkpoint of reading: the file, and how many pages and problems of it are stored.
    *_each(sa.Integer, "file", "entry", "pages_done", "pages_total", default=0),
    *_each(sa.BigInteger, "bytes_done", "bytes_total", default=0),
    sa.Column("seconds_left", sa.Float),
    *_each(sa.Text, "error", "owner", default=""),
    sa.Column("lease_until", sa.Float, nullable=False, default=0.0),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),  # goes at it since its last checkpoint
    sa.Column("swept", sa.Boolean, nullable=False, default=False),  # nothing is left over from it
    sqlite_autoincrement=True,
)
uploads = sa.Table(
    "uploads",
    tables,
    sa.Column("job", sa.Integer, _parent("jobs.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    *_each(sa.Text, "name", "path"),
    sa.Column("size", sa.BigInteger, nullable=False),
)
pages = sa.Table(
    "pages",
    tables,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("collection", sa.Integer, _parent("collections.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("asked", sa.LargeBinary, nullable=False),  # digest of the id it came with
    sa.Column("digest", sa.LargeBinary, nullable=False),  # of that id and its text
    *_each(sa.Text, "site", "url", "source"),
    *_each(sa.Integer, "replaced", "size", "bytes"),
    *_each(sa.Text, "title", "folded"),  # folded: title, name and address, for search and order
    sa.Column("generation", sa.Integer),  # of the labels that are shown; NULL while there are none
    sa.Column("boilerplate", sa.Float),
    sa.Column("date", sa.Text, nullable=False, server_default=""),  # as it came with the page
    # What a site's sample is drawn by; NULL before the page is learned from, empty where it teaches nothing.
    sa.Column("sample_key", sa.LargeBinary),
    # Of the labels by which what it shares with others is shown; NULL while that is not, or not all of it.
    sa.Column("shown", sa.Integer),
    sa.UniqueConstraint("collection", "name"),
    sa.UniqueConstraint("collection", "digest"),
    sa.Index("pages_asked", "collection", "asked"),
    sa.Index("pages_in_order", "collection", "id"),
    sa.Index("pages_of_site", "collection", "site", "id"),
    sa.Index("pages_sampled", "collection", "site", "sample_key"),
    # All that is told of a whole collection and of its sites, so that no page is looked at for it.
    sa.Index("pages_counted", "collection", "site", "size", "boilerplate", "generation"),
)
# The few pages that there is work to do for, of however many.
_only_where(sa.Index("pages_unlearned", pages.c.collection, pages.c.id), pages.c.sample_key.is_(None))
# Whatever is asked of these stands in the index, or SQLite might as well take the one of all pages of a site.
_waiting = sa.Index("pages_unlabelled", pages.c.collection, pages.c.site, pages.c.sample_key, pages.c.generation)
_only_where(_waiting, pages.c.generation.is_(None))
# A labelled page of which what it shares is not shown as it is now.
UNSHOWN = sa.and_(pages.c.generation.is_not(None), pages.c.shown.is_distinct_from(pages.c.generation))
_only_where(sa.Index("pages_unshown", pages.c.collection, pages.c.id), UNSHOWN)
page_texts = sa.Table("page_texts", tables, _page_key(), *_each(sa.Text, "text"))
page_memories = sa.Table("page_memories", tables, _page_key(), *_each(sa.LargeBinary, "memory"))
page_labels = sa.Table(
    "page_labels",
    tables,
    _page_key(),
    sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False, index=True),
    *_each(sa.Text, "title", "folded"),
    *_each(sa.Float, "boilerplate"),
    *_each(sa.LargeBinary, "labels"),
)
sites = sa.Table(
    "sites",
    tables,
    sa.Column("collection", sa.Integer, _parent("collections.id"), primary_key=True, autoincrement=False),
    sa.Column("site", sa.Text, primary_key=True),
    *_each(sa.Integer, "generation", "block_count"),
    *_each(sa.LargeBinary, "blocks"),
    sa.Column("sample", sa.LargeBinary),  # stands for the pages it was labelled by; NULL: by an older program
)
# What is kept of a labelled page to find what it shares with others.
page_sketches = sa.Table(
    "page_sketches",
    tables,
    _page_key(),
    sa.Column("generation", sa.Integer, nullable=False),  # of the labels that it was made by
    sa.Column("compared", sa.Boolean, nullable=False),  # every pair that it is in and that is worth it
    *_each(sa.Text, "date"),
    *_each(sa.LargeBinary, "part", "sketch"),  # part: digest of the words that take part, and of where they stand
)
# The prints of compared pages: chosen windows of their words, bands of their signatures. They are put in just before
# what the pages share is shown; where a job is cancelled there, it is not shown yet.
page_prints = sa.Table(
    "page_prints",
    tables,
    sa.Column("collection", sa.Integer, _parent("collections.id"), primary_key=True, autoincrement=False),
    sa.Column("print", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("page", sa.Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
# The windows that a page had when what it shares was shown last, and has no more.
gone_prints = sa.Table(
    "gone_prints",
    tables,
    sa.Column("collection", sa.Integer, _parent("collections.id"), primary_key=True, autoincrement=False),
    sa.Column("print", sa.BigInteger, primary_key=True, autoincrement=False),
)
# The pairs of pages that were compared; `a` is the one whose name comes first.
page_pairs = sa.Table(
    "page_pairs",
    tables,
    sa.Column("a", sa.Integer, _parent("pages.id"), primary_key=True, autoincrement=False),
    sa.Column("b", sa.Integer, _parent("pages.id"), primary_key=True, autoincrement=False, index=True),
)
# Two passages of two pages may start at one place of one of them, never of both.
_PASSAGE_KEY = ("a", "b", "a_start", "b_start")
passages = sa.Table(
    "passages",
    tables,
    *(
        sa.Column(name, sa.Integer, primary_key=name in _PASSAGE_KEY, nullable=False, autoincrement=False)
        for name in ("a", "b", "a_start", "a_stop", "b_start", "b_stop", "a_words", "b_words")
    ),
    *_each(sa.Float, "similarity"),
    *_each(sa.Text, "kind"),
    sa.Column("cluster", sa.Integer),
    sa.ForeignKeyConstraint(["a", "b"], ["page_pairs.a", "page_pairs.b"], ondelete="CASCADE"),
)
clusters = sa.Table(
    "clusters",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("collection", sa.Integer, _parent("collections.id"), nullable=False, index=True),
    *_each(sa.Integer, "pages", "sites", "words"),
    *_each(sa.Float, "similarity"),
    *_each(sa.Text, "kind", "first_date", "last_date", "first_site"),
    *_each(sa.Text, "excerpt", default=""),
    sqlite_autoincrement=True,  # an address of a cluster that is gone must not show another
)
members = sa.Table(
    "members",
    tables,
    sa.Column("cluster", sa.Integer, _parent("clusters.id"), primary_key=True, autoincrement=False),
    sa.Column("page", sa.Integer, _parent("pages.id"), primary_key=True, autoincrement=False, index=True),
    *(sa.Column(name, sa.Integer, primary_key=True, autoincrement=False) for name in ("start", "stop")),
    *_each(sa.Float, "similarity"),
    *_each(sa.Text, "kind"),
    *_each(sa.Boolean, "representative", "earliest"),
)
# Pages that are nearly another, and those others, which are nearly themselves.
duplicates = sa.Table(
    "duplicates",
    tables,
    _page_key(),
    sa.Column("representative", sa.Integer, _parent("pages.id"), nullable=False, index=True),
    *_each(sa.Float, "similarity"),
)
problems = sa.Table(
    "problems",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("collection", sa.Integer, _parent("collections.id"), nullable=False),
    *_each(sa.Text, "source", "reason"),
    sa.Column("digest", sa.LargeBinary, nullable=False),  # of source and reason
    sa.UniqueConstraint("collection", "digest"),
    sqlite_autoincrement=True,
)

# Its columns are the fields of JobStatus, in their order.
JOB_STATUS = sa.select(*(jobs.c[field.name] for field in fields(JobStatus)))

CANCEL = sa.update(jobs).where(jobs.c.state.in_(UNFINISHED)).values(state="cancelled", owner="", seconds_left=None)

# The share of boilerplate in the characters of labelled pages; NULL without any.
_labelled = sa.func.sum(sa.case((pages.c.generation.is_not(None), pages.c.size), else_=0))
BOILERPLATE_SHARE = sa.func.sum(pages.c.boilerplate * pages.c.size) / sa.func.nullif(_labelled, 0)


def digest(*texts: str) -> bytes:
    """What stands for some texts where only their being the same matters."""
    whole = hashlib.sha256()
    for text in texts:
        whole.update(hashlib.sha256(text.encode()).digest())
    return whole.digest()


def fold(*texts: str) -> str:
    """Texts as a search or a name finds them, whatever their capitals."""
    return unicodedata.normalize("NFKC", "\n".join(texts)).casefold()
