"""What goes between the app's back and its front: frozen records, and the errors a person can act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Literal

from detect import Labels, Page

State = Literal["queued", "running", "done", "failed", "cancelled"]
Stage = Literal["reading", "learning", "labelling", "blocks"]
STAGES: tuple[Stage, ...] = ("reading", "learning", "labelling", "blocks")
Sort = Literal["title", "site", "size", "boilerplate"]
ExportFormat = Literal["zip", "jsonl"]

PAGES_A_LIST = 50  # rows of one list page: two screens, and still a small fragment


class ActionError(Exception):
    """An action that could not be done; the message says why, and what to do about it."""


class NotFound(ActionError):  # noqa: N818 - the names of the contract read as what happened
    """There is no such collection, page or job (any more)."""


class Invalid(ActionError):  # noqa: N818
    """What was asked for cannot be done as it was given."""


class TooLarge(ActionError):  # noqa: N818
    """More than the limits or the disk allow."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file a person sends; `name` may carry its folder ("news/1.html")."""

    name: str
    stream: BinaryIO


@dataclass(frozen=True, slots=True)
class Pasted:
    """A pasted page, labelled; `site` is in `page.site`, and `learned` counts the pages of it that were learned."""

    page: Page
    labels: Labels
    title: str
    learned: int = 0


@dataclass(frozen=True, slots=True)
class JobStatus:
    """Where a job stands.

    `pages_*` and `bytes_*` count what the current stage has done of its own total; a total of 0 means that it
    is not known yet (pages while reading). Bytes are those of the uploaded files while reading, and UTF-8
    text after it. `seconds_left` is for the current stage, None when there is nothing to go by yet.
    """

    id: int
    collection: int
    state: State
    stage: Stage
    pages_done: int = 0
    pages_total: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    seconds_left: float | None = None
    error: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing about it will change any more."""
        return self.state in ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class CollectionSummary:
    """A collection as a list shows it.

    `boilerplate` is the share of the characters of labelled pages, None when no page is labelled yet.
    `waiting` counts pages that are stored and not labelled yet; `job` is the one that is queued or running.
    """

    id: int
    name: str
    pages: int = 0
    sites: int = 0
    characters: int = 0
    boilerplate: float | None = None
    waiting: int = 0
    job: JobStatus | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A file or page that something went wrong with, as a person would name it, and what to do about it."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which pages of a collection to list. `search` looks in titles, ids and addresses; `site` "" is all sites."""

    search: str = ""
    site: str = ""
    sort: Sort = "title"
    descending: bool = False
    number: int = 1


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page as a list shows it: `id` is the store's number, `name` the id the page came with.

    `size` is in characters; `boilerplate` is a share, None while the page is not labelled.
    """

    id: int
    name: str
    title: str
    site: str
    size: int
    boilerplate: float | None


@dataclass(frozen=True, slots=True)
class PageList:
    """Page `number` of `last` (both from 1) of a list of `total` rows."""

    rows: tuple[PageRow, ...]
    total: int
    number: int
    last: int


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page with its labels.

    `labelled` is False while no job has labelled it: its labels are then made on the spot, from what the
    collection has learned so far, and may still change.
    """

    id: int
    collection: int
    collection_name: str
    page: Page
    labels: Labels
    title: str
    labelled: bool
    previous: int | None
    next: int | None


@dataclass(frozen=True, slots=True)
class SiteSummary:
    """A site of a collection: its pages, the share of its labelled text that is boilerplate, its blocks."""

    site: str
    pages: int
    boilerplate: float | None
    blocks: int
