"""Every SQL statement: SQLAlchemy Core on SQLite in the data folder, or on PostgreSQL by URL; one file a noun."""

from webapp.store.boilerplate import Boilerplate, SampledPage
from webapp.store.collections import Collections, NameTakenError
from webapp.store.comparing import (
    Comparing,
    KnownPage,
    PassageKey,
    Shown,
    ShownCluster,
    ShownPlace,
    Sketched,
    StoredMember,
    StoredPassage,
    prints_of,
)
from webapp.store.jobs import ChangedSite, Claim, JobLostError, Labelled, Learned, Progress, SpooledFile
from webapp.store.migrations import NewerDataError
from webapp.store.pages import NewPage, PageKey, Pages, StoredPage
from webapp.store.reuse import Neighbour, PassageRow, PassageSide, Reuse

__all__ = [
    "ChangedSite",
    "Claim",
    "JobLostError",
    "KnownPage",
    "Labelled",
    "Learned",
    "NameTakenError",
    "Neighbour",
    "NewPage",
    "NewerDataError",
    "PageKey",
    "PassageKey",
    "PassageRow",
    "PassageSide",
    "Progress",
    "SampledPage",
    "Shown",
    "ShownCluster",
    "ShownPlace",
    "Sketched",
    "SpooledFile",
    "Store",
    "StoredMember",
    "StoredPage",
    "StoredPassage",
    "prints_of",
]


class Store(Collections, Pages, Boilerplate, Reuse, Comparing):
    """All that is kept, behind one database URL. Safe to share between threads; each process opens its own."""
