"""`winnow reuse` over a Spark cluster: pages by site to be learned and labelled, windows by window to find pairs, and
pairs side by side to be compared; clusters are made here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from webapp.cli.batch import Batch
from webapp.cli.on_spark import Failed, Input, Pages, partitions_for, recall, tasks_of, together, told_row
from webapp.cli.pairs import check_ids, ids_of
from webapp.cli.sharing import Asked, need, one_an_id, say_both, taken_as_known
from webapp.cli.terminal import in_words, named_errors

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from detect import Memory, Page, Passage, Prepared, Unreadable

# Where a page was: in --against alone, there and in the INPUTs, in these alone; or Winnow stumbled over it.
KNOWN: Final = 0
BOTH: Final = 1
NEW: Final = 2
LOST: Final = 3
# The number of a page that stays begins with where it was.
_SIDE: Final = 1 << 60
# What is sent of a page to whom it is compared with.
_SENT: Final = ("id", "text", "site", "date", "edges")


class Found(NamedTuple):
    """What pages share: passages with their clusters, sites and dates by page id, and of how many pages that is."""

    passages: Sequence[Passage]
    sites: dict[str, str]
    dates: dict[str, str]
    pages: int


def reuse_on_spark(batch: Batch, other: Batch, master: str, asked: Asked) -> Found:
    """What the pages of `batch` share with one another, or with those of `other` where it has any.

    `batch` is told what became of both.
    """
    import detect

    tasks, size = tasks_of(batch)
    known, more = tasks_of(other)
    batch.failed |= other.failed
    with named_errors(), detect.spark_session(master, partitions_for(size + more)) as session:
        read = detect.read_pages(session, [*tasks, *known], Input.read)
        pages = detect.by_id(read, OneAnId(detect.first_of(len(tasks))))
        with detect.kept(detect.by_site(pages, Bind.of(asked), _books())) as books:
            recall(batch, detect.told_in(books, together))
            batch.need_pages()
            compared = _counted(books, asked, bool(other.paths))
            pairs = _pairs(session, books, asked, bool(other.paths))
            found = detect.beside(pairs, books, _SENT, Compare(asked.min_words), _passages())
    return _clustered(found, compared)


def _counted(books: Any, asked: Asked, against: bool) -> int:
    """How many pages are compared; those that are on both sides count as two, as they do here."""
    import detect

    sides = Counter(detect.counts_in(books, "side"))
    if asked.pairs is None:
        need(sides[NEW] + sides[BOTH], sides[KNOWN] + sides[BOTH], against)
    if sides[BOTH]:
        say_both(sides[BOTH])
    return sides[KNOWN] + 2 * sides[BOTH] + sides[NEW]


def _pairs(session: Any, books: Any, asked: Asked, against: bool) -> Any:
    """The pairs of ids to compare: those that were asked for, or else the likely ones."""
    import detect

    if asked.pairs is None or asked.pair_file is None:
        least = detect.evidence(asked.min_words)
        return detect.meeting(books, "prints", ("id", "side"), Meet(against), least)
    sides = dict(detect.rows_in(books, ("id", "side")))
    check_ids(asked.pair_file, asked.pairs, sides)
    wanted = {(min(one.a, one.b), max(one.a, one.b)) for one in asked.pairs}
    return detect.these_pairs(session, [pair for pair in sorted(wanted) if LOST not in map(sides.get, pair)])


# What tasks do


@dataclass(frozen=True)
class OneAnId:
    """Leaves of the pages with one id the one that is compared, its side in its number, and tells what became of the
    others; from the number `first` on they are those of --against."""

    first: int

    def __call__(self, pages: Pages) -> Iterator[tuple[int, Page | Unreadable]]:
        """The page that stays, and the others."""
        from detect import Unreadable

        at = pages[0][0]
        lost: list[Unreadable] = []

        def tell(source: str, reason: str) -> None:
            lost.append(Unreadable(source, reason))

        new = one_an_id((page for number, page in pages if number < self.first), tell)
        known = one_an_id((page for number, page in pages if number >= self.first), tell)
        taken_as_known(new, known, tell)
        side = BOTH if new and known else KNOWN if known else NEW
        yield from ((side * _SIDE + at, page) for page in (known or new).values())
        yield from ((at, one) for one in lost)


@dataclass(frozen=True)
class Bind:
    """Makes a row of each page of whole sites, with what takes part and its windows; with `only`, of these ids alone.
    And a row that tells what became of all."""

    memory: Memory | None
    learns: bool
    only: frozenset[str] | None

    @classmethod
    def of(cls, asked: Asked) -> Bind:
        """As it was asked."""
        only = frozenset(ids_of(asked.pairs)) if asked.pairs is not None else None
        return cls(asked.memory, asked.learns, only)

    def __call__(self, pages: Pages, failed: Failed) -> Iterator[pa.Table]:
        """The rows."""
        import pyarrow as pa

        from detect import batched, learn_sites

        memory = self.memory
        if memory is not None and self.learns:
            memory = memory + learn_sites(
                ((page.site, page.key) for _, page in pages), lambda: (page for _, page in pages)
            )
        lost: list[tuple[int, str, str]] = []
        wanted = ((at, page) for at, page in pages if self.only is None or page.id in self.only)
        books = (_book(memory, *divmod(at, _SIDE), page, lost) for at, page in wanted)
        for some in batched(books, lambda row: len(row["text"])):
            yield pa.Table.from_pylist(some, _books())
        yield told_row(pages, failed, lost)


def _book(memory: Memory | None, side: int, at: int, page: Page, lost: list[tuple[int, str, str]]) -> dict[str, Any]:
    """The row of a page; of one that the engine stumbles over an empty one, and `lost` has why."""
    from detect import MemoryFileError, bind

    try:
        book = bind(memory, page)
    except (MemoryFileError, OSError, MemoryError):  # of the machine, not of the page
        raise
    except Exception as error:
        lost.append((at, page.source, f"it could not be compared ({in_words(error)})"))
        return {"side": LOST, "id": page.id, "text": "", "site": "", "date": "", "edges": [], "prints": []}
    row = {"side": side, "id": page.id, "text": page.text, "site": page.site, "date": book.date}
    return {**row, "edges": book.edges, "prints": book.sketch.prints.view("i8")}


@dataclass(frozen=True)
class Meet:
    """The pairs of pages that some windows make, of the rows of all pages that have these: by the rule that holds here,
    with the pages in the order that they have here. With `against`, one of two is there."""

    against: bool

    def __call__(self, table: pa.Table) -> pa.Table:
        """The pairs, each with how many windows it has in common."""
        import pyarrow as pa

        from detect import meetings

        ids, sides, owners = _in_order(table)
        rows = np.argsort(owners, kind="stable")
        windows = table["key"].to_numpy()
        pairs, times = meetings(windows[rows], owners[rows], int(np.count_nonzero(sides == KNOWN)))
        if self.against:
            asked = (sides[pairs] != NEW).any(axis=1)
            pairs, times = pairs[asked], times[asked]
        return pa.table({"a": ids.take(pairs[:, 0]), "b": ids.take(pairs[:, 1]), "times": times.astype(np.int64)})


def _in_order(table: pa.Table) -> tuple[pa.Array, NDArray[np.int8], NDArray[np.int32]]:
    """The ids of the pages that have rows, in order, those of --against alone first; their sides; whose each row is."""
    import pyarrow as pa

    coded = table["id"].dictionary_encode().combine_chunks()
    codes, ids = coded.indices.to_numpy(), coded.dictionary
    sides = np.empty(len(ids), np.int8)
    sides[codes] = table["side"].to_numpy()
    keys = pa.table({"asked": (sides != KNOWN).astype(np.int8), "id": ids})
    order = keys.append_column("at", [range(len(ids))]).sort_by([("asked", "ascending"), ("id", "ascending")])
    places = order["at"].to_numpy()
    ranks = np.empty(len(ids), np.int32)
    ranks[places] = np.arange(len(ids), dtype=np.int32)
    return ids.take(places), sides[places], ranks[codes]


@dataclass(frozen=True)
class Compare:
    """Compares a page with others, and makes a row of each passage."""

    min_words: int

    def __call__(self, rows: Iterator[dict[str, Any]]) -> Iterator[pa.RecordBatch]:
        """The passages of the first row's page with the others."""
        import pyarrow as pa

        from detect import compare

        own = next(rows)
        one = _ready(own)
        found = [
            _passage(passage, {own["id"]: own, row["id"]: row})
            for row in rows
            for passage in compare(one, _ready(row), self.min_words)
        ]
        yield pa.RecordBatch.from_pylist(found, _passages())


def _ready(row: dict[str, Any]) -> Prepared:
    from detect import Page, prepare_stretches

    return prepare_stretches(Page(row["id"], row["text"]), np.array(row["edges"], np.int64))


def _passage(passage: Passage, rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {"similarity": passage.similarity, "kind": passage.kind}
    for side, place in (("a", passage.a), ("b", passage.b)):
        made |= {f"{side}_{name}": value for name, value in zip(("id", "start", "stop"), place, strict=True)}
        made |= {f"{side}_{name}": rows[place.page][name] for name in ("site", "date")}
    return made


# What is made here


def _clustered(table: pa.Table, pages: int) -> Found:
    """The passages that were found in all the tasks, in their clusters."""
    from detect import Passage, Place, clusters

    passages: list[Passage] = []
    sites: dict[str, str] = {}
    dates: dict[str, str] = {}
    for row in table.to_pylist():
        places = [Place(row[f"{side}_id"], row[f"{side}_start"], row[f"{side}_stop"]) for side in "ab"]
        passages.append(Passage(places[0], places[1], row["similarity"], row["kind"]))
        sites |= {row[f"{side}_id"]: row[f"{side}_site"] for side in "ab"}
        dates |= {row[f"{side}_id"]: row[f"{side}_date"] for side in "ab" if row[f"{side}_date"]}
    named, _ = clusters(passages, dates)
    return Found(named, sites, dates, pages)


def _books() -> pa.Schema:
    """The columns of a page made ready: `edges` are where what takes part begins and ends, `prints` its windows."""
    import pyarrow as pa

    texts = dict.fromkeys(("id", "text", "site", "date"), pa.string())
    return pa.schema({"side": pa.int8(), **texts, **dict.fromkeys(("edges", "prints"), pa.list_(pa.int64()))})


def _passages() -> pa.Schema:
    import pyarrow as pa

    place = {"id": pa.string(), "start": pa.int64(), "stop": pa.int64(), "site": pa.string(), "date": pa.string()}
    sides = {f"{side}_{name}": kind for side in "ab" for name, kind in place.items()}
    return pa.schema({**sides, "similarity": pa.float64(), "kind": pa.string()})
