"""Labelled pages of one site to its recurring blocks, as people would list them: fixed words, slots, variants.

Lines that say the same (numbers apart) are one wording. Wordings join in a family when their word pairs are alike
(MinHash finds the pairs, exact Jaccard similarity decides) or when they begin alike and go on differently. Families
that follow one another on nearly all their pages are one block.
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detect import shingles, sketches, words
from detect.records import KINDS, Block, Labels, Page, Piece, Span, Variant
from detect.settings import DEFAULTS

_EXAMPLES = 3
_VARIANTS = 20
_SLOT_CHARACTERS = 60


@dataclass(slots=True)
class _Wording:
    """Lines of equal words, numbers masked, that are their page's first (`rank` 0), second, ... of these words.

    The rank keeps a menu apart from the footer that repeats some of it. `places` are (page position, line of that
    page's labels); `head` stands for how a long line begins, empty for a short one.
    """

    key: int
    rank: int
    text: str
    pairs: NDArray[np.uint64]
    head: bytes
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
    # A block that a page has twice makes two equal templates, with one id: the one on more pages stays.
    blocks = [_block(chain, pages) for chain in _chains(families, wordings, len(pages))]
    found = {block.id: block for block in sorted(blocks, key=lambda block: block.pages)}.values()
    kept = [block for block in found if block.pages >= DEFAULTS.recurs and _says_something(block)]
    return tuple(sorted(kept, key=lambda block: (-block.pages, block.examples, block.id)))


def _says_something(block: Block) -> bool:
    """Whether any word is always there, or all that varies is numbers: a slot for any headline is no block."""
    fixed = any(piece.text.strip() for piece in block.template if not piece.slot)
    slots = [words.split(piece.text).flags & words.NUMBER > 0 for piece in block.template if piece.slot]
    return fixed or all(numbers.mean() >= 0.5 for numbers in slots)


def _wordings(pages: Sequence[_Labelled]) -> list[_Wording]:
    """Every wording of a recurring line of boilerplate, in the order of first sight."""
    found: dict[tuple[int, int], _Wording] = {}
    for position, one in enumerate(pages):
        bounds = one.labels.bounds
        split = words.split(one.page.text)
        split = dataclasses.replace(split, lines=bounds, firsts=np.searchsorted(split.starts, bounds))
        keys = shingles.line_keys(split)
        recurring = (one.labels.kinds == KINDS.index("boilerplate")) & (one.labels.pages > 0) & (keys != 0)
        ranks: Counter[int] = Counter()
        for line in np.flatnonzero(recurring).tolist():
            key = int(keys[line])
            rank = ranks[key]
            ranks[key] += 1
            if (key, rank) not in found:
                inside = split.hashes[split.firsts[line] : split.firsts[line + 1]]
                found[key, rank] = _Wording(key, rank, one.text(line), _pairs(inside), _head(inside))
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


def _families(wordings: Sequence[_Wording]) -> dict[int, list[int]]:
    """Positions of wordings, by the position of the most frequent wording of their family.

    Each wording joins the best family whose most frequent wording is like it: likeness to another member is not
    enough, or headlines would chain together through what each shares with the next.
    """
    alike: dict[int, list[int]] = defaultdict(list)
    for i, j in sketches.candidate_pairs([wording.pairs for wording in wordings], sketches.LOOSE):
        if wordings[i].rank == wordings[j].rank:
            alike[i].append(j)
            alike[j].append(i)
    families: dict[int, list[int]] = {}
    by_head: dict[tuple[bytes, int], int] = {}
    heads = _shared_heads(wordings)
    for i in sorted(range(len(wordings)), key=lambda i: (-wordings[i].pages, wordings[i].key, wordings[i].rank)):
        near = [(sketches.jaccard(wordings[i].pairs, wordings[j].pairs), -j) for j in alike[i] if j in families]
        likeness, j = max(near, default=(0.0, 0))
        head = (wordings[i].head, wordings[i].rank)
        if likeness >= DEFAULTS.variant_pairs:
            families[-j].append(i)
        elif head in by_head:
            families[by_head[head]].append(i)
        else:
            families[i] = [i]
            if head in heads:
                by_head[head] = i
    return families


def _shared_heads(wordings: Sequence[_Wording]) -> set[tuple[bytes, int]]:
    """The ways to begin a long line that stand on more pages than chance and a copy would have them."""
    pages: dict[tuple[bytes, int], set[int]] = defaultdict(set)
    for wording in wordings:
        if wording.head:
            pages[wording.head, wording.rank].update(page for page, _ in wording.places)
    return {head for head, found in pages.items() if len(found) > DEFAULTS.recurs}


def _chains(families: dict[int, list[int]], wordings: Sequence[_Wording], pages: int) -> list[list[list[_Wording]]]:
    """Families in the order in which they follow one another, one list a block."""
    lines: list[dict[int, int]] = [{} for _ in range(pages)]
    counts: Counter[int] = Counter()
    for name, members in families.items():
        for i in members:
            for page, line in wordings[i].places:
                lines[page][line] = name
                counts[name] += 1
    after: Counter[tuple[int, int]] = Counter()
    for page_lines in lines:
        for line, name in page_lines.items():
            if line + 1 in page_lines:
                after[name, page_lines[line + 1]] += 1
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
            chain.append([wordings[i] for i in families[here]])
            here = following.get(here)
        if chain:
            chains.append(chain)
    return chains


def _block(chain: list[list[_Wording]], pages: Sequence[_Labelled]) -> Block:
    """The block that a chain of families makes."""
    texts: dict[int, list[str]] = defaultdict(list)
    spans: dict[int, Span] = {}
    masked: dict[int, list[int]] = defaultdict(list)
    template: list[Piece] = []
    for family in chain:
        places = sorted((page, line, wording) for wording in family for page, line in wording.places)
        for page, line, wording in _first_a_page(places):
            texts[page].append(pages[page].text(line))
            masked[page].append(wording.key)
            bounds = pages[page].labels.bounds
            start = spans[page].start if page in spans else int(bounds[line])
            spans[page] = Span(
                min(start, int(bounds[line])), max(spans.get(page, Span(0, 0)).stop, int(bounds[line + 1]))
            )
        template += [Piece("\n")] * bool(template) + _template(family)
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


def _template(family: Sequence[_Wording]) -> list[Piece]:
    """The words that all wordings of a family have, in order, and slots for what differs; numbers are slots."""
    ranked = sorted(family, key=lambda wording: (-wording.pages, wording.key))
    model = words.split(ranked[0].text)
    fixed = model.flags & words.NUMBER == 0
    for other in ranked[1 : _VARIANTS + 1]:
        theirs = words.split(other.text).hashes.tolist()
        matcher = difflib.SequenceMatcher(None, model.hashes.tolist(), theirs, autojunk=False)
        shared = np.zeros(len(fixed), np.bool_)
        for start, _, size in matcher.get_matching_blocks():
            shared[start : start + size] = True
        fixed &= shared
    spans = zip(model.starts.tolist(), model.stops.tolist(), strict=True)
    return _pieces(ranked[0].text, list(spans), fixed.tolist())


def _pieces(text: str, spans: Sequence[tuple[int, int]], fixed: Sequence[bool]) -> list[Piece]:
    """`text` cut where fixed words and slots meet; marks between two slots belong to the slot. Digits read 0."""
    pieces: list[Piece] = []
    at, i = 0, 0
    while i < len(spans):
        j = i
        while j + 1 < len(spans) and fixed[j + 1] == fixed[i]:
            j += 1
        if not fixed[i]:
            if spans[i][0] > at:
                pieces.append(Piece(text[at : spans[i][0]]))
            sample = re.sub(r"\d", "0", text[spans[i][0] : spans[j][1]])
            short = sample if len(sample) <= _SLOT_CHARACTERS else sample[:_SLOT_CHARACTERS].rsplit(" ", 1)[0] + " …"
            pieces.append(Piece(short, slot=True))
            at = spans[j][1]
        i = j + 1
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return pieces
