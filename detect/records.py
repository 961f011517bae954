"""The nouns of the engine: what goes between its stages and out of its face. All frozen.

Offsets everywhere are code points of `Page.text`, never bytes and never UTF-16 units.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

Kind = Literal["content", "title", "boilerplate"]
KINDS: tuple[Kind, ...] = ("content", "title", "boilerplate")


class Span(NamedTuple):
    """Half-open range of code points [start, stop) in `Page.text`."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of text as it was read.

    `site` is "" when nothing told it. `source` is the file it came from, as a person would name it
    ("pages.zip/news/1.html"). `replaced` counts what was not valid text and now stands as U+FFFD. `date` is when the
    page came out, ISO 8601, where something told it: "2016-05-03" or "2016-05-03T10:00".
    """

    id: str
    text: str
    site: str = ""
    url: str = ""
    source: str = ""
    replaced: int = 0
    date: str = ""
    _key: bytes = field(default=b"", init=False, repr=False, compare=False)

    @property
    def key(self) -> bytes:
        """16 bytes that stand for the id and the text together: a changed page is another one. Made once."""
        if not self._key:
            told = f"{len(self.id)}\n{self.id}\n{self.text}".encode("utf-8", "surrogatepass")
            object.__setattr__(self, "_key", hashlib.blake2b(told, digest_size=16).digest())
        return self._key

    def with_key(self, key: bytes) -> Page:
        """This page, whose key was made before."""
        object.__setattr__(self, "_key", key)
        return self


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file, or one line or member of it, that gave no page; `reason` says what to do about it."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that spoke for or against a label.

    `weight` is in log-odds, positive when it speaks for the label's own kind: a label's probability is
    the logistic function of the sum of its reasons' weights. `pages` of `of` pages of the site have the text, this
    page among them where it was learned, copies of a page counted once; both 0 when recurrence has no part in it.
    """

    name: str
    weight: float
    pages: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Label:
    """What a span of the page is, how sure that is, and why.

    `probability` is the chance that the kind is right; under a half for content that is kept because nothing on the
    page is surer.

    `repeat` marks text that already stood higher on the same page.
    """

    start: int
    stop: int
    kind: Kind
    probability: float
    reasons: tuple[Reason, ...]
    repeat: bool = False

    @property
    def span(self) -> Span:
        """The range of the page this label speaks of."""
        return Span(self.start, self.stop)


@dataclass(frozen=True, slots=True, eq=False)
class Labels(Sequence[Label]):
    """All labels of one page, in order; they tile it: the first starts at 0, each starts where the last stopped.

    Held as arrays of n labels, so that a page of any length costs no Python object a line:
    `bounds` int64 (n+1), `kinds` uint8 (n, index into KINDS), `odds` float32 (n, log-odds for boilerplate), `weights`
    float32 (n, signals; what each adds to these, up to rounding), `pages` and `of` int32 (n), `repeats` bool (n).
    `signals` names the columns of `weights`; there are none where no reasons were asked for.
    """

    signals: tuple[str, ...]
    bounds: NDArray[np.int64]
    kinds: NDArray[np.uint8]
    odds: NDArray[np.float32]
    weights: NDArray[np.float32]
    pages: NDArray[np.int32]
    of: NDArray[np.int32]
    repeats: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.kinds)

    @overload
    def __getitem__(self, index: int) -> Label: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Label]: ...
    def __getitem__(self, index: int | slice) -> Label | Sequence[Label]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        i = range(len(self))[index]
        kind = KINDS[self.kinds[i]]
        sign = 1.0 if kind == "boilerplate" else -1.0
        reasons = tuple(
            Reason(name, sign * float(weight), *self._recurrence(name, i))
            for name, weight in zip(self.signals, self.weights[i], strict=True)
            if weight
        )
        probability = float(1 / (1 + np.exp(-sign * float(self.odds[i]))))
        ranked = tuple(sorted(reasons, key=lambda reason: -abs(reason.weight)))
        start, stop = int(self.bounds[i]), int(self.bounds[i + 1])
        return Label(start, stop, kind, probability, ranked, bool(self.repeats[i]))

    def _recurrence(self, name: str, i: int) -> tuple[int, int]:
        return (int(self.pages[i]), int(self.of[i])) if name in ("recurs", "partly") else (0, 0)

    def __iter__(self) -> Iterator[Label]:
        return (self[i] for i in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Labels) and self.pack() == other.pack()

    def share(self, kind: Kind) -> float:
        """The part of the page's code points that has this kind, 0 to 1; 0 for an empty page."""
        lengths = np.diff(self.bounds)
        total = int(lengths.sum())
        return float(lengths[self.kinds == KINDS.index(kind)].sum() / total) if total else 0.0

    def probabilities(self) -> NDArray[np.float64]:
        """How sure each label is (n): its `Label.probability`."""
        odds = self.odds.astype(np.float64)
        odds[self.kinds == KINDS.index("boilerplate")] *= -1
        return 1 / (1 + np.exp(odds))

    def edges(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Where the text of the chosen labels (bool, n) begins and ends, in turn; labels that touch are one stretch."""
        within = np.zeros(len(chosen) + 2, np.bool_)
        within[1:-1] = chosen
        return self.bounds[np.flatnonzero(within[1:] != within[:-1])]

    def pack(self) -> bytes:
        """These labels as bytes, the same for equal labels: the number of labels and the signals, then the arrays."""
        head = f"{len(self)} {' '.join(self.signals)}\n".encode()
        return head + b"".join(getattr(self, name).astype(kind).tobytes() for name, kind in _ARRAYS)

    @classmethod
    def unpack(cls, blob: bytes) -> Labels:
        """The labels that `pack` wrote. Raises ValueError for anything else."""
        head, _, body = blob.partition(b"\n")
        count, *signals = head.decode().split()
        n, at, arrays = int(count), 0, {}
        for name, kind in _ARRAYS:
            shape = {"bounds": (n + 1,), "weights": (n, len(signals))}.get(name, (n,))
            arrays[name] = np.frombuffer(body, kind, int(np.prod(shape)), at).reshape(shape)
            at += arrays[name].nbytes
        if at != len(body):
            raise ValueError(f"labels of {at} bytes were expected, not {len(body)}")
        return cls(tuple(signals), **arrays)


# Little-endian wherever they were written. The widest first, so that each array stands on its own boundary.
_ARRAYS = (
    ("bounds", "<i8"),
    ("odds", "<f4"),
    ("weights", "<f4"),
    ("pages", "<i4"),
    ("of", "<i4"),
    ("kinds", "u1"),
    ("repeats", "?"),
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where a page says what it is called, when it came out and who wrote it; None where it does not."""

    title: Span | None = None
    date: Span | None = None
    byline: Span | None = None


class Place(NamedTuple):
    """Code points [start, stop) of the text of the page with this id."""

    page: str
    start: int
    stop: int


class Cut(NamedTuple):
    """A span that cleaning removed, and why: it is boilerplate, or another copy of text that stands at `kept`."""

    start: int
    stop: int
    kind: Literal["boilerplate", "reused"]
    kept: Place | None = None


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A page's text without its cuts. `text` and the cuts' text together are the whole page."""

    text: str
    cuts: tuple[Cut, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a block's template: words that are always there, or a slot with the first values seen in it."""

    text: str
    slot: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """One wording of a block, as it stands on `pages` pages."""

    text: str
    pages: int


@dataclass(frozen=True, slots=True)
class Block:
    """A recurring piece of a site's boilerplate, as people see it.

    `template` reads as the block does, slots included; `pages` of `of` pages of the site have it;
    `examples` are (page id, span there), at most three, of different pages; `variants` are the other wordings,
    most frequent first.
    """

    id: str
    template: tuple[Piece, ...]
    pages: int
    of: int
    examples: tuple[tuple[str, Span], ...]
    variants: tuple[Variant, ...] = ()


PassageKind = Literal["exact", "reworded", "quotation"]


@dataclass(frozen=True, slots=True)
class Passage:
    """Text that two pages share, as it stands on each; `a` is the page whose id comes first.

    `similarity` is the share of the words of both places that the other has, 0 to 1. `kind` is "quotation" where a
    page has it in quotation marks or says whose words they are, else "exact" or "reworded". `cluster` is the id of
    its cluster, "" while it has none.
    """

    a: Place
    b: Place
    similarity: float
    kind: PassageKind
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A passage with all the places it stands at: every one of them shares it with the representative itself, never
    only through a third.

    `members` by page id; `earliest` is the place on the page that came out first, None where dates do not tell;
    `similarity` is the lowest of a member with the representative.
    """

    id: str
    representative: Place
    members: tuple[Place, ...]
    earliest: Place | None
    similarity: float


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Pages that are one story: each is nearly the representative, `similarities` beside `pages` say how nearly
    (Jaccard similarity of their runs of three content words, 1 for the representative). Ids in order."""

    id: str
    representative: str
    pages: tuple[str, ...]
    similarities: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """What is kept of a page to find the pages that share text with it.

    `prints` uint64, sorted: the chosen windows of its content words; `signature` uint32 (128): MinHash of its runs of
    three; `words`: how many content words it has.
    """

    prints: NDArray[np.uint64]
    signature: NDArray[np.uint32]
    words: int

    def pack(self) -> bytes:
        """This sketch as bytes, the same for equal sketches."""
        return (
            self.words.to_bytes(8, "little")
            + self.signature.astype("<u4").tobytes()
            + self.prints.astype("<u8").tobytes()
        )

    @classmethod
    def unpack(cls, blob: bytes) -> Sketch:
        """The sketch that `pack` wrote. Raises ValueError for anything else."""
        if len(blob) < 520 or len(blob) % 8:
            raise ValueError(f"{len(blob)} bytes are no sketch")
        signature = np.frombuffer(blob, "<u4", 128, 8)
        return cls(np.frombuffer(blob, "<u8", offset=520), signature, int.from_bytes(blob[:8], "little"))


@dataclass(frozen=True, slots=True)
class Reuse:
    """What pages share: passages by their places, clusters and duplicates the largest first; `aligned` tells how many
    pairs of pages were looked at closely, `dates` when the pages came out that say so, ISO 8601 by id. `content` has of
    the pages in clusters where what took part begins and ends, in turn."""

    passages: tuple[Passage, ...]
    clusters: tuple[Cluster, ...]
    duplicates: tuple[Duplicates, ...]
    aligned: int
    dates: Mapping[str, str]
    content: Mapping[str, tuple[int, ...]]
