"""The one corridor that orders the stages: page -> words -> shingles -> recurrence -> rows -> log-odds -> labels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

import numpy as np
from numpy.typing import NDArray

from detect import (
    comments,
    context,
    engine,
    features,
    labelling,
    learning,
    lines,
    matching,
    metadata,
    model,
    pieces,
    quotations,
    reuse,
    shingles,
    terms,
    when,
    words,
)
from detect.memory import GrowingMemory, Memory
from detect.records import (
    KINDS,
    Duplicates,
    Label,
    Labels,
    Page,
    Passage,
    PassageKind,
    Place,
    Reuse,
    Sketch,
)
from detect.recurrence import Recurrence
from detect.sampling import Contribution, Sample, Smallest
from detect.settings import DEFAULTS

# Sites of which pages that teach nothing are told, those met first: each takes 25 kB at most.
_FILTERED = 10_000
# Words of the pages that are kept ready while many are compared.
_ROOM = 4_000_000


def learn(pages: Iterable[Page], *, workers: int = 1) -> Memory:
    """What `pages` teach, in any order. A page without a site teaches nothing.

    Raises what `engine.run` raises when a worker dies.
    """
    grown = GrowingMemory()
    # Of a large site most pages are not kept, and need not be read.
    wanted = (page for page in pages if grown.takes(page))
    for site, made in engine.run(_learn_page, wanted, workers=workers, shared=None):
        if made is not None:
            grown.add_page(site, made)
    return grown.memory()


def teaching(pages: Iterable[Page]) -> Iterator[Page]:
    """Those of `pages` without which `learn` learns the same of all: those that no sample would keep are left out."""
    keys: dict[str, Smallest[None]] = {}

    def may_teach(page: Page) -> bool:
        if page.site not in keys:
            if len(keys) == _FILTERED:
                return True
            keys[page.site] = Smallest()
        taken = keys[page.site].takes(page.key)
        if taken:
            keys[page.site].add(page.key, None)
        return taken

    return (page for page in pages if page.site and words.any_in(page.text) and may_teach(page))


def learn_sites(known: Iterable[tuple[str, bytes]], pages: Callable[[], Iterable[Page]]) -> Memory:
    """What pages of whole sites teach, for who labels by it and forgets it: of each site no more pages are learned than
    are looked at. `known` are the site and the key of each, `pages` gives them as often as it is called.
    """
    keys: defaultdict[str, set[bytes]] = defaultdict(set)
    for site, key in known:
        if site:
            keys[site].add(key)
    chosen = {site: set(nsmallest(DEFAULTS.site_pages, each)) for site, each in keys.items()}
    made: defaultdict[str, dict[bytes, Contribution]] = defaultdict(dict)
    for page in pages():
        if page.site and (key := page.key) in chosen[page.site] and key not in made[page.site]:
            contribution = learning.contribute(page)
            if contribution is None:  # a page without a word is not looked at: another one is
                return learn(pages())
            made[page.site][key] = contribution
    cutoffs = {site: max(each) if len(each) < len(keys[site]) else None for site, each in made.items()}
    return Memory({site: Sample(tuple(made[site][key] for key in sorted(made[site])), cutoffs[site]) for site in made})


def _learn_page(shared: None, page: Page) -> tuple[str, Contribution | None]:
    return page.site, learning.contribute(page)


@dataclass(frozen=True, slots=True, eq=False)
class Lined:
    """A page cut into m lines as they are judged, with what its site says of them."""

    words: words.Words
    shapes: NDArray[np.float32]
    keys: NDArray[np.uint64]
    recurrence: Recurrence


def line_up(page: Page, memory: Memory) -> Lined:
    """The lines of `page`: cut where recurring text begins and ends, and into sentences where they are too long."""
    known = memory.index(page.site)
    if not known.pages:
        return _line_up_alone(page)
    whole = words.split(page.text)
    windows = shingles.shingle(whole, DEFAULTS.shingle_width)
    vote = known.vote_of(page.key)
    if vote is None:
        vote = known.twins_of(learning.contribution_of(page, whole))
    votes = known.ask(vote, windows.hashes)
    covered = pieces.cover(votes.counts, windows.firsts, windows.lasts, whole.firsts)
    split = pieces.sentences(pieces.cut(whole, covered))
    keys = shingles.line_keys(split)
    recurrence = Recurrence(
        words=covered,
        keys=known.ask(vote, keys).counts,
        heads=pieces.heads(votes.counts, windows.firsts, windows.lasts, split.firsts, DEFAULTS.shingle_width),
        of=votes.of,
        own=votes.own,
    )
    return Lined(split, lines.shapes(split), keys, recurrence)


def _line_up_alone(page: Page) -> Lined:
    """The same for a page of a site that nothing is known of."""
    split = pieces.sentences(words.split(page.text))
    keys = shingles.line_keys(split)
    none = np.zeros(len(keys), np.int32)
    recurrence = Recurrence(np.zeros(len(split.hashes), np.int32), none, none, of=0, own=False)
    return Lined(split, lines.shapes(split), keys, recurrence)


def label(page: Page, memory: Memory, *, keep_comments: bool = False, reasons: bool = True) -> Labels:
    """The labels of `page`, judged by itself and by what `memory` holds of its site.

    Comments of readers are boilerplate; with `keep_comments` they are content. Without `reasons` the labels have none,
    are otherwise the same, and cost half.
    """
    lined = line_up(page, memory)
    judge = model.load()
    rows = features.rows(lined.words, lined.shapes, lined.keys, lined.recurrence, judge.lexicon)
    context.beside(rows, judge.first.judge(rows), lined.shapes[:, lines.SIZE])
    odds = judge.judge(rows)
    weights = judge.weigh(rows) if reasons else None
    written = None
    if keep_comments:
        written = comments.written(page.text, lined.words, lined.shapes, lined.keys, lined.recurrence, odds)
    return labelling.label(lined.words, lined.shapes, lined.keys, rows, odds, lined.recurrence, weights, written)


def sources_of(page: Page, label: Label, memory: Memory, limit: int = 3) -> tuple[str, ...]:
    """Ids of at most `limit` other learned pages of the site that have the text of `label`, most of it first."""
    split = words.split(page.text)
    windows = shingles.shingle(split, DEFAULTS.shingle_width)
    first, last = np.searchsorted(split.starts, (label.start, label.stop))
    inside = (windows.firsts >= first) & (windows.lasts <= last)
    line = np.searchsorted(split.lines, label.start, "right") - 1
    whole = split.lines[line] == label.start
    wanted = np.concatenate((windows.hashes[inside], shingles.line_keys(split)[line : line + int(whole)]))
    return tuple(memory.index(page.site).pages_with(wanted, page.key, limit))


# Text that pages share


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A page made ready to be compared: its content in terms."""

    page: Page
    terms: terms.Terms

    def sketch(self) -> Sketch:
        """What is kept to find the pages that share text with it."""
        return reuse.sketch(self.terms)


def prepare(page: Page, labels: Labels | None) -> Prepared:
    """`page` made ready to be compared; only what is content by its `labels` takes part, and what is not said twice.

    Without labels all of it does.
    """
    return prepare_stretches(page, _taking_part(page, labels))


def _taking_part(page: Page, labels: Labels | None) -> NDArray[np.int64]:
    """Where what takes part begins and ends, in turn."""
    if labels is None or not len(labels):
        return np.array([0, len(page.text)])
    return labels.edges((labels.kinds != KINDS.index("boilerplate")) & ~labels.repeats)


def prepare_stretches(page: Page, edges: NDArray[np.int64]) -> Prepared:
    """`page` made ready to be compared; what takes part begins and ends at `edges` (int64), in turn."""
    split = words.split(page.text)
    part = np.searchsorted(edges, split.starts, "right") % 2 == 1
    return Prepared(page, terms.terms(split, part, model.load().lexicon.rarity))


def date_of(page: Page, labels: Labels | None) -> str:
    """When `page` came out, ISO 8601, by what was told with it, its address, what it says, or its id; "" if unknown."""
    span = metadata.describe(page, labels).date if labels is not None else None
    return when.date_of(page, page.text[span.start : span.stop] if span else "")


def compare(one: Prepared, other: Prepared, min_words: int = DEFAULTS.passage_words) -> tuple[Passage, ...]:
    """The passages of `min_words` words and more that two pages share; of a page and itself none.

    None lies mostly in a stronger one, and no two begin at the same places. Which page is given first makes no
    difference.
    """
    a, b = sorted((one, other), key=lambda side: side.page.id)
    if a.page.id == b.page.id:
        return ()
    return tuple(_passage(a, b, found) for found in matching.match(a.terms, b.terms, min_words))


def _passage(a: Prepared, b: Prepared, found: matching.Match) -> Passage:
    place_a, place_b = _place(a, found.a, found.b), _place(b, found.c, found.d)
    kind: PassageKind = "exact" if found.order >= DEFAULTS.exact else "reworded"
    if _is_quotation(a, found.b - found.a, place_a) or _is_quotation(b, found.d - found.c, place_b):
        kind = "quotation"
    return Passage(place_a, place_b, found.similarity, kind)


def _place(side: Prepared, first: int, last: int) -> Place:
    return Place(side.page.id, int(side.terms.starts[first]), int(side.terms.ends[last - 1]))


def _is_quotation(side: Prepared, length: int, place: Place) -> bool:
    """Quoted there, and no more than half of the page: who carries a whole speech carries it."""
    return 2 * length <= len(side.terms.starts) and quotations.is_quoted(side.page.text, place.start, place.stop)


def find_reuse(
    pages: Iterable[Page],
    memory: Memory | None,
    *,
    against: Iterable[Page] | None = None,
    pairs: Iterable[tuple[str, str]] | None = None,
    min_words: int = DEFAULTS.passage_words,
    workers: int = 1,
) -> Reuse:
    """What `pages` share with one another, in any order the same; with `against` only what they share with those.

    Boilerplate, by what `memory` holds of the sites, takes no part; with None everything does. With `pairs` of ids
    exactly these pages are compared. Raises ValueError where two pages have one id and not one text, or a pair names
    no page; what `engine.run` raises when a worker dies.
    """
    there = _shelve(against or (), memory, workers)
    asked: set[str] = set()
    here = _shelve(_unbound(pages, there, asked), memory, workers)
    books = dict(sorted((there | here).items(), key=lambda item: (item[0] in asked, item[0])))
    shelf = _Books(list(books.values()), min_words)
    if pairs is None:
        wanted = _likely(shelf, len(books) - len(asked), None if against is None else there.keys())
    else:
        wanted = _chosen(shelf, list(pairs))
    compared = engine.run(_compare_on_shelf, wanted, workers=workers, shared=shelf)
    dates = {one.page.id: one.date for one in shelf.books if one.date}
    passages, found = reuse.clusters((passage for few in compared for passage in few), dates)
    inside = {place.page for cluster in found for place in cluster.members}
    content = {id: tuple(books[id].edges.tolist()) for id in sorted(inside)}
    return Reuse(passages, found, shelf.duplicates(), len(wanted), dates, content)


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """A page on the shelf: where what takes part begins and ends, its sketch and date."""

    page: Page
    edges: NDArray[np.int64]
    sketch: Sketch
    date: str


def _shelve(pages: Iterable[Page], memory: Memory | None, workers: int) -> dict[str, Book]:
    """A book for each page, by id and in the order of ids."""
    books: dict[str, Book] = {}
    for book in engine.run(bind, pages, workers=workers, shared=memory):
        if _is_new(book.page, books):
            books[book.page.id] = book
    return dict(sorted(books.items()))


def _unbound(pages: Iterable[Page], books: Mapping[str, Book], asked: set[str]) -> Iterator[Page]:
    """The pages of which there is no book yet; the ids of all of them go into `asked`."""
    for page in pages:
        asked.add(page.id)
        if _is_new(page, books):
            yield page


def _is_new(page: Page, books: Mapping[str, Book]) -> bool:
    """False for a page that is there already, read twice. Raises ValueError where another page has its id."""
    there = books.get(page.id)
    if there is not None and there.page.text != page.text:
        raise ValueError(f"two pages have the id {page.id!r} and not the same text: give each an id of its own")
    return there is None


def bind(memory: Memory | None, page: Page) -> Book:
    """The book of a page: boilerplate, by what `memory` holds of its site, takes no part; with None everything does."""
    labels = label(page, memory) if memory is not None else None
    edges = _taking_part(page, labels)
    return Book(page, edges, prepare_stretches(page, edges).sketch(), date_of(page, labels))


class Shelf(ABC):
    """Pages ready to be compared, by number; the last ones are kept, of `room` words in all, of 60 bytes each."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._ready: OrderedDict[int, Prepared] = OrderedDict()
        self._words = 0

    @abstractmethod
    def make(self, number: int) -> Prepared:
        """The page of this number, made ready."""

    def __getitem__(self, number: int) -> Prepared:
        if number in self._ready:
            self._ready.move_to_end(number)
            return self._ready[number]
        made = self._ready[number] = self.make(number)
        self._words += len(made.terms.starts)
        while self._words > self._room and len(self._ready) > 2:
            _, oldest = self._ready.popitem(last=False)
            self._words -= len(oldest.terms.starts)
        return made


class _Books(Shelf):
    """A shelf of books, by their place."""

    def __init__(self, books: Sequence[Book], min_words: int) -> None:
        super().__init__(_ROOM)
        self.books = books
        self.min_words = min_words

    def make(self, number: int) -> Prepared:
        return prepare_stretches(self.books[number].page, self.books[number].edges)

    def duplicates(self) -> tuple[Duplicates, ...]:
        """The pages that are one story."""
        ids = [book.page.id for book in self.books]
        return reuse.duplicates(ids, [book.sketch for book in self.books], lambda i: self[i].terms.run_keys)


def _compare_on_shelf(shelf: _Books, pair: tuple[int, int]) -> tuple[Passage, ...]:
    return compare(shelf[pair[0]], shelf[pair[1]], shelf.min_words)


def _likely(shelf: _Books, known: int, there: Collection[str] | None) -> list[tuple[int, int]]:
    """The pairs worth comparing, of which one is not among the first `known` books, and the other is `there`."""
    made = [book.sketch for book in shelf.books]
    pairs = reuse.candidates(made[known:], made[:known], shelf.min_words)
    if there is not None:
        is_there = np.array([book.page.id in there for book in shelf.books], np.bool_)
        i, j = pairs.T
        pairs = pairs[is_there[i] | (is_there[j] & (i >= known))]
    return [(i, j) for i, j in pairs.tolist()]


def _chosen(shelf: _Books, pairs: Iterable[tuple[str, str]]) -> list[tuple[int, int]]:
    at = {book.page.id: i for i, book in enumerate(shelf.books)}
    for id in (id for pair in pairs for id in pair):
        if id not in at:
            raise ValueError(f"no page has the id {id!r}, which is in the list of pairs")
    return sorted({(min(at[a], at[b]), max(at[a], at[b])) for a, b in pairs})
