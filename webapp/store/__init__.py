"""Every SQL statement: SQLAlchemy Core on SQLite in the data folder, or on PostgreSQL by URL; one file a noun."""

from webapp.store.boilerplate import Boilerplate
from webapp.store.collections import Collections, NameTakenError
from webapp.store.jobs import Claim, JobLostError, Jobs, Labelled, Progress, SpooledFile
from webapp.store.migrations import NewerDataError
from webapp.store.pages import NewPage, PageKey, Pages, StoredPage

__all__ = [
    "Claim",
    "JobLostError",
    "Labelled",
    "NameTakenError",
    "NewPage",
    "NewerDataError",
    "PageKey",
    "Progress",
    "SpooledFile",
    "Store",
    "StoredPage",
]


class Store(Collections, Pages, Boilerplate, Jobs):
    """All that is kept, behind one database URL. Safe to share between threads; each process opens its own."""
