"""What goes between the app's back and its front: frozen records, and the errors a person can act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Literal

from detect import Labels, Page, PassageKind, Span

State = Literal["queued", "running", "done", "failed", "cancelled"]
Stage = Literal["reading", "learning", "labelling", "blocks", "reuse"]
STAGES: tuple[Stage, ...] = ("reading", "learning", "labelling", "blocks", "reuse")
Sort = Literal["title", "site", "size", "boilerplate"]
ExportFormat = Literal["zip", "jsonl"]
ReuseSort = Literal["pages", "sites", "words", "date"]
ReuseFormat = Literal["csv", "jsonl"]

PAGES_A_LIST = 50  # rows of one list page: two screens, and still a small fragment


def screen_of(total: int, number: int, size: int = PAGES_A_LIST) -> tuple[int, int, int]:
    """Of a list cut into screens: the row that screen `number` begins with, the number of it or of the nearest that
    there is, and how many there are."""
    last = max(1, -(-total // size))
    number = min(max(1, number), last)
    return (number - 1) * size, number, last


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


# Text that pages share. Dates are ISO 8601, "2016-05-03" or "2016-05-03T10:00", "" where none is known.


@dataclass(frozen=True, slots=True)
class ReuseQuery:
    """Which clusters of a collection to list.

    `across` asks for those on more than one site, `site` for those on this one; `words` and `similarity` (0 to 1) are
    the least they have; `kind` "" is every kind.
    """

    across: bool = False
    site: str = ""
    words: int = 0
    similarity: float = 0.0
    kind: PassageKind | Literal[""] = ""
    sort: ReuseSort = "pages"
    descending: bool = True
    number: int = 1


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """A cluster as a list shows it.

    `words` are those of the representative, and `excerpt` is how that begins; `similarity` is the lowest of a member
    with it; `kind` is the most common of its members'. `first_site` is where it came out first, "" where dates do not
    tell.
    """

    id: int
    pages: int
    sites: int
    words: int
    similarity: float
    kind: PassageKind
    first_date: str
    last_date: str
    first_site: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class ClusterList:
    """Page `number` of `last` (both from 1) of a list of `total` clusters.

    `waiting` counts labelled pages that no job has compared yet: what they share is not in the list.
    """

    rows: tuple[ClusterRow, ...]
    total: int
    number: int
    last: int
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A place of a cluster: code points [start, stop) of the page with this number, and the text there.

    `similarity` and `kind` tell how it stands to the representative.
    """

    page: int
    name: str
    title: str
    site: str
    date: str
    start: int
    stop: int
    text: str
    similarity: float
    kind: PassageKind
    representative: bool
    earliest: bool


@dataclass(frozen=True, slots=True)
class OpenCluster:
    """A cluster with all its members, by date, those without one last."""

    id: int
    collection: int
    collection_name: str
    members: tuple[Member, ...]
    kind: PassageKind
    words: int


@dataclass(frozen=True, slots=True)
class PairSide:
    """One of two pages beside each other; `boilerplate` took no part when they were compared."""

    page: int
    title: str
    site: str
    date: str
    text: str
    boilerplate: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class PairPassage:
    """What two pages share: `number` from 1 in the order of the first; `cluster` is None while it has none."""

    number: int
    a: Span
    b: Span
    similarity: float
    kind: PassageKind
    cluster: int | None


@dataclass(frozen=True, slots=True)
class OpenPair:
    """Two pages and what they share; `earlier` is the one that came out first, "" where dates do not tell."""

    collection: int
    collection_name: str
    a: PairSide
    b: PairSide
    passages: tuple[PairPassage, ...]
    earlier: Literal["a", "b", ""]


@dataclass(frozen=True, slots=True)
class ReusedSpan:
    """Text of a page that others share, `number` from 1 in the order of the page; one may lie within another.

    `pages` and `sites` count the others of its cluster. Of them `other` is the one to look at first: the earliest,
    else the one most like it; `others_first` where that one is known to have come out before this page.
    """

    number: int
    start: int
    stop: int
    cluster: int
    kind: PassageKind
    pages: int
    sites: int
    other: int
    other_title: str
    other_site: str
    other_date: str
    others_first: bool


@dataclass(frozen=True, slots=True)
class SiteNode:
    """A site that shares text with others: its pages in the collection, and the clusters across sites it is in."""

    site: str
    pages: int
    shared: int


@dataclass(frozen=True, slots=True)
class SiteLink:
    """Two sites, `a` before `b` by name: the clusters both are in, their words, and how many were first on each."""

    a: str
    b: str
    clusters: int
    words: int
    a_first: int
    b_first: int


@dataclass(frozen=True, slots=True)
class SiteGraph:
    """Which sites of a collection share text: by name, and the links that stand for most clusters first."""

    nodes: tuple[SiteNode, ...]
    links: tuple[SiteLink, ...]


@dataclass(frozen=True, slots=True)
class SharedPage:
    """A stored page that shares text with a pasted one, which is `a` in its passages.

    `words` are those of the pasted text that are shared, `share` is their part of all its content words.
    """

    collection: int
    collection_name: str
    page: int
    title: str
    site: str
    date: str
    passages: tuple[PairPassage, ...]
    words: int
    share: float


@dataclass(frozen=True, slots=True)
class DuplicatePage:
    """A page of a group that is nearly its representative; `similarity` says how nearly, 1 for itself."""

    page: int
    title: str
    site: str
    date: str
    similarity: float


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Pages that are one story, by date, those without one last; `representative` is the number of one of them."""

    pages: tuple[DuplicatePage, ...]
    representative: int
