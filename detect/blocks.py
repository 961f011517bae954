"""Labelled pages of one site to its recurring blocks, as people would list them: fixed words, slots, variants.

Lines that say the same (numbers apart) are one wording. Wordings join in a family when their word pairs are alike
(MinHash finds the pairs, exact Jaccard similarity decides) or when they begin alike and go on differently. Families
that follow one another on nearly all their pages are one block.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detect import shingles, sketches, templates, words
from detect.records import KINDS, Block, Labels, Page, Piece, Span, Variant
from detect.settings import DEFAULTS

_EXAMPLES = 3
_VARIANTS = 20
_VALUES = 3  # families that share a place from which it is a slot

# Positions of wordings, most frequent first, by the position of the first.
_Families = dict[int, list[int]]


@dataclass(slots=True)
class _Wording:
    """Lines of equal words, numbers masked, that are their page's first (`rank` 0), second, ... of these words.

    The rank keeps a menu apart from the footer that repeats some of it. `places` are (page position, line of that
    page's labels); `head` stands for how a long line begins, empty for a short one; `size` is its
    words.
    """

    key: int
    rank: int
    text: str
    pairs: NDArray[np.uint64]
    head: bytes
    size: int
    places: list[tuple[int, int]] = field(default_factory=list)

    @property
    def pages(self) -> int:
        return len({page for page, _ in self.places})


@dataclass(frozen=True, slots=True)
class _Labelled:
    page: Page
    labels: Labels

    def text(self, line: int) -> str:
        return self.page.text[self.labels.bounds[line] : self.labels.bounds[line + 1]].strip()


def find_blocks(labelled: Iterable[tuple[Page, Labels]]) -> tuple[Block, ...]:
    """The blocks that stand on two pages or more of these pages of one site, most frequent first."""
    pages = [_Labelled(page, labels) for page, labels in labelled]
    pages.sort(key=lambda one: (one.page.id, one.page.text))
    wordings = _wordings(pages)
    families = _families(wordings)
    stands = _stands(families, wordings, len(pages))
    slots = _slots(families, wordings, stands, pages)
    # A block that a page has twice makes two equal templates, with one id: the one on more pages stays.
    blocks = [_block(chain, families, slots, wordings, pages) for chain in _chains(families, stands)]
    found = {block.id: block for block in sorted(blocks, key=lambda block: block.pages)}.values()
    kept = [block for block in found if block.pages >= DEFAULTS.recurs and _says_something(block)]
    return tuple(sorted(kept, key=lambda block: (-block.pages, block.examples, block.id)))


def _says_something(block: Block) -> bool:
    """Whether any word is always there, or a date or number is: a slot for any headline is no block."""
    fixed = any(piece.text.strip() for piece in block.template if not piece.slot)
    slots = [words.split(piece.text).flags & words.NUMBER > 0 for piece in block.template if piece.slot]
    return fixed or any(len(numbers) and numbers.mean() >= 0.5 for numbers in slots)


def _wordings(pages: Sequence[_Labelled]) -> list[_Wording]:
    """Every wording of a recurring line of boilerplate, in the order of first sight."""
    found: dict[tuple[int, int], _Wording] = {}
    for position, one in enumerate(pages):
        bounds = one.labels.bounds
        split = words.split(one.page.text)
        split = split._replace(lines=bounds, firsts=np.searchsorted(split.starts, bounds))
        keys = shingles.line_keys(split)
        recurring = (one.labels.kinds == KINDS.index("boilerplate")) & (one.labels.pages > 0) & (keys != 0)
        ranks: Counter[int] = Counter()
        for line in np.flatnonzero(recurring).tolist():
            key = int(keys[line])
            rank = ranks[key]
            ranks[key] += 1
            if (key, rank) not in found:
                inside = split.hashes[split.firsts[line] : split.firsts[line + 1]]
                found[key, rank] = _Wording(key, rank, one.text(line), _pairs(inside), _head(inside), len(inside))
            found[key, rank].places.append((position, line))
    return list(found.values())


def _pairs(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The pairs of neighbouring words of a line, its two ends included; sorted, no repeats."""
    ends = np.array([1], np.uint64)
    line = np.concatenate((ends, hashes, ends))
    return np.unique(line[:-1] * np.uint64(0x9E3779B97F4A7C15) ^ line[1:])


def _head(hashes: NDArray[np.uint64]) -> bytes:
    """How a long line begins: its first words, as many as one window has beside the line break."""
    width = DEFAULTS.shingle_width - 1
    return hashes[:width].tobytes() if len(hashes) > 2 * width else b""


def _families(wordings: Sequence[_Wording]) -> _Families:
    """Positions of wordings, by the position of the most frequent wording of their family.

    Each wording joins the best family whose most frequent wording is like it: likeness to another member is not
    enough, or headlines would chain together through what each shares with the next.
    """
    alike: dict[int, list[int]] = defaultdict(list)
    for i, j in sketches.candidate_pairs([wording.pairs for wording in wordings]):
        # A time and a date with a time share all pairs of numbers, and are two things.
        short, long = sorted((wordings[i].size, wordings[j].size))
        if wordings[i].rank == wordings[j].rank and 2 * short >= long:
            alike[i].append(j)
            alike[j].append(i)
    families: _Families = {}
    by_head: dict[tuple[bytes, int], int] = {}
    heads = _shared_heads(wordings)
    plain: set[int] = set()
    for i in sorted(range(len(wordings)), key=lambda i: (-wordings[i].pages, wordings[i].key, wordings[i].rank)):
        head = (wordings[i].head, wordings[i].rank)
        if head in heads:  # "Also on example.com ..." goes with its kind, never with the headline in it
            families.setdefault(by_head.setdefault(head, i), []).append(i)
            continue
        near = [(sketches.jaccard(wordings[i].pairs, wordings[j].pairs), -j) for j in alike[i] if j in plain]
        likeness, j = max(near, default=(0.0, 0))
        if likeness >= DEFAULTS.variant_pairs:
            families[-j].append(i)
        else:
            families[i] = [i]
            plain.add(i)
    return families


def _shared_heads(wordings: Sequence[_Wording]) -> set[tuple[bytes, int]]:
    """The ways to begin a long line that stand on more pages than chance and a copy would have them."""
    pages: dict[tuple[bytes, int], set[int]] = defaultdict(set)
    for wording in wordings:
        if wording.head:
            pages[wording.head, wording.rank].update(page for page, _ in wording.places)
    return {head for head, found in pages.items() if len(found) > DEFAULTS.recurs}


def _stands(families: _Families, wordings: Sequence[_Wording], pages: int) -> list[dict[int, int]]:
    """For each page, the family that stands on each of its recurring lines, top to bottom."""
    lines: list[dict[int, int]] = [{} for _ in range(pages)]
    for name, members in families.items():
        for i in members:
            for page, line in wordings[i].places:
                lines[page][line] = name
    return [dict(sorted(one.items())) for one in lines]


def _slots(
    families: _Families, wordings: Sequence[_Wording], stands: Sequence[dict[int, int]], pages: Sequence[_Labelled]
) -> dict[int, Piece]:
    """What varies under a line that does not: teasers under "Most read", names under a date. Taken out of `families`.

    A family of fewer than half of the pages belongs to the frequent family it stands below, without content between.
    Where three such families share a place and none has half of it, they are values of a slot there.
    """
    spread = {name: {page for i in members for page, _ in wordings[i].places} for name, members in families.items()}
    frequent = {name for name, found in spread.items() if 2 * len(found) >= len(pages)}
    above: dict[int, Counter[int]] = defaultdict(Counter)
    for one, lines in zip(pages, stands, strict=True):
        anchor: int | None = None
        for line, kind in enumerate(one.labels.kinds.tolist()):
            if kind == KINDS.index("content"):
                anchor = None
            elif lines.get(line) in frequent:
                anchor = lines[line]
            elif line in lines and anchor is not None:
                above[lines[line]][anchor] += 1
    values: dict[int, list[int]] = defaultdict(list)
    for name, anchors in above.items():
        values[min(anchors, key=lambda anchor: (-anchors[anchor], anchor))].append(name)
    slots = {}
    for anchor, names in values.items():
        together = set().union(*(spread[name] for name in names))
        if len(names) >= _VALUES and all(2 * len(spread[name]) < len(together) for name in names):
            likeliest = min(names, key=lambda name: (-len(spread[name]), wordings[name].key))
            slots[anchor] = templates.slot(wordings[likeliest].text)
            for name in names:
                del families[name]
    return slots


def _chains(families: _Families, stands: Sequence[dict[int, int]]) -> list[list[int]]:
    """Families in the order in which they follow one another, one list a block."""
    counts = Counter(name for lines in stands for name in lines.values())
    after: Counter[tuple[int, int]] = Counter()
    for lines in stands:
        for line, name in lines.items():
            if name in families and lines.get(line + 1) in families:
                after[name, lines[line + 1]] += 1
    following = {
        first: second
        for (first, second), times in after.items()
        if first != second and times >= DEFAULTS.chained * max(counts[first], counts[second])
    }
    led = set(following.values())
    starts = [family for family in families if family not in led]
    chains = []
    seen: set[int] = set()
    for start in [*starts, *families]:  # the second round is for rings, which have no start
        chain = []
        here: int | None = start
        while here is not None and here not in seen:
            seen.add(here)
            chain.append(here)
            here = following.get(here)
        if chain:
            chains.append(chain)
    return chains


def _block(
    chain: list[int],
    families: _Families,
    slots: dict[int, Piece],
    wordings: Sequence[_Wording],
    pages: Sequence[_Labelled],
) -> Block:
    """The block that a chain of families makes."""
    texts: dict[int, list[str]] = defaultdict(list)
    spans: dict[int, Span] = {}
    masked: dict[int, list[int]] = defaultdict(list)
    template: list[Piece] = []
    for name in chain:
        family = [wordings[i] for i in families[name]]
        places = sorted((page, line, wording) for wording in family for page, line in wording.places)
        for page, line, wording in _first_a_page(places):
            texts[page].append(pages[page].text(line))
            masked[page].append(wording.key)
            bounds = pages[page].labels.bounds
            start = spans[page].start if page in spans else int(bounds[line])
            spans[page] = Span(
                min(start, int(bounds[line])), max(spans.get(page, Span(0, 0)).stop, int(bounds[line + 1]))
            )
        template += [Piece("\n")] * bool(template) + templates.template([one.text for one in family[: _VARIANTS + 1]])
        if name in slots:
            template += [Piece("\n"), slots[name]]
    variants = Counter(tuple(keys) for keys in masked.values())
    first_seen = {tuple(keys): page for page, keys in sorted(masked.items(), reverse=True)}
    ranked = sorted(variants, key=lambda keys: (-variants[keys], first_seen[keys]))
    return Block(
        id=hashlib.blake2b(repr(template).encode(), digest_size=8).hexdigest(),
        template=tuple(template),
        pages=len(spans),
        of=len(pages),
        examples=tuple((pages[page].page.id, spans[page]) for page in sorted(spans)[:_EXAMPLES]),
        variants=tuple(
            Variant("\n".join(texts[first_seen[keys]]), variants[keys]) for keys in ranked[1 : _VARIANTS + 1]
        ),
    )


def _first_a_page(places: Iterable[tuple[int, int, _Wording]]) -> Iterable[tuple[int, int, _Wording]]:
    seen: set[int] = set()
    for place in places:
        if place[0] not in seen:
            seen.add(place[0])
            yield place
