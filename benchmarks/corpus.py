"""A crawl that never was: pages of many invented sites, as text with gold spans and as HTML, in any number.

In: a seed and a number of pages. Out: the pages one by one, or a Parquet file with the columns id, site, url, date and
text, and on demand html and spans (start, stop, kind; code points of text). Page i is the same however many pages come
after it, and no more is held than what is known of one group of sites.

    python benchmarks/corpus.py OUT.parquet --pages N [--seed S] [--html] [--spans]

A group is 200 sites of 2,000, 1,000, 667 ... 10 pages, mixed as a crawler meets them.
"""

from __future__ import annotations

import argparse
import datetime
import functools
import html
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from invented_sites import Piece, Site, Story, new_site
from invented_words import RECIPES, language
from numpy.random import Generator
from numpy.typing import NDArray
from pyarrow import parquet

LARGEST, SITES = 2_000, 200  # pages of a group's largest site, and how many sites it has
CARRIED = 0.08  # of pages have a story that another site came out with
_AGAIN = 0.3  # of these, a story that was carried before
_TRIES = 6  # to find one of another site
_ROWS = 2_000  # pages in a row group
_FIRST_DAY = datetime.date(2019, 1, 1)
_PAGE, _STORY, _SITE, _GROUP = range(4)  # what chance is drawn for


@dataclass(frozen=True, slots=True)
class Made:
    """One page. `spans` (start, stop, kind) cover all but the breaks between kinds; `html` is the page marked up."""

    id: str
    site: str
    url: str
    date: str
    text: str
    spans: tuple[tuple[int, int, str], ...]
    pieces: tuple[Piece, ...]

    @property
    def html(self) -> str:
        """The same page as HTML."""
        title = next(piece.text for piece in self.pieces if piece.kind == "title")
        sections = itertools.groupby(self.pieces, lambda piece: (piece.section, piece.element == "li"))
        body = "\n".join(_section(name, listed, tuple(pieces)) for (name, listed), pieces in sections)
        head = f'<meta charset="utf-8"><title>{html.escape(title)}</title>\n{_furniture(self.site)}'
        return f"<!DOCTYPE html>\n<html><head>{head}</head>\n<body>\n{body}\n</body></html>\n"


class Group(NamedTuple):
    """The sites of some pages in a row; for each page, by its place, its site and the place of the page whose story it
    carries, which is its own where it carries no other's.
    """

    hosts: tuple[str, ...]
    languages: tuple[str, ...]
    site_of: NDArray[np.int64]
    story_of: NDArray[np.int64]


def main() -> None:
    """Write the crawl that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--pages", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--html", action="store_true")
    parser.add_argument("--spans", action="store_true")
    arguments = parser.parse_args()
    write(arguments.out, pages(arguments.pages, arguments.seed), html=arguments.html, spans=arguments.spans)


def pages(count: int, seed: int = 1) -> Iterator[Made]:
    """The first `count` pages of the crawl of this seed."""
    for number in range(count):
        yield page(number, seed)


def page(number: int, seed: int) -> Made:
    """One page of the crawl, by its number."""
    at, place = divmod(number, _group_size())
    group = _group(seed, at)
    site = _site(seed, at, int(group.site_of[place]))
    source = int(group.story_of[place])
    story = _story(seed, at * _group_size() + source, site.language.name)
    chance = np.random.default_rng((seed, _PAGE, number))
    if source != place:
        story = _carried(story, chance)
    made = tuple(site.pieces(story, chance))
    text, spans = _set(made)
    return Made(f"{number:08}", site.host, f"https://{site.host}/{story.date}/{number}", story.date, text, spans, made)


def sizes() -> list[int]:
    """Pages of each site of a group, the largest first."""
    return [round(LARGEST / rank) for rank in range(1, SITES + 1)]


@functools.cache
def _group_size() -> int:
    return sum(sizes())


@functools.lru_cache(maxsize=2)
def _group(seed: int, at: int) -> Group:
    chance = np.random.default_rng((seed, _GROUP, at))
    hosts = tuple(
        f"{language('latin-1').headline(chance, (1, 2)).lower()}-{at}-{site}.example" for site in range(SITES)
    )
    names = _languages()
    site_of = chance.permutation(np.repeat(np.arange(SITES), sizes()))
    return Group(hosts, names, site_of, _stories(site_of, names, chance))


def _languages() -> tuple[str, ...]:
    """The language of each site, so that the pages of each come as near to its share as they can."""
    names, had, total = [], dict.fromkeys(RECIPES, 0.0), 0
    for size in sizes():
        total += size
        name = max(had, key=lambda name: RECIPES[name].share * total - had[name])
        had[name] += size
        names.append(name)
    return tuple(names)


def _stories(site_of: NDArray[np.int64], names: Sequence[str], chance: Generator) -> NDArray[np.int64]:
    """The place of the page that came out with each page's story: itself, or an earlier one of another site."""
    story_of = np.empty_like(site_of)
    first: dict[str, list[int]] = {name: [] for name in RECIPES}
    again: dict[str, list[int]] = {name: [] for name in RECIPES}
    draws = chance.random((len(site_of), 2 + _TRIES))
    for place, (carries, repeats, *tries) in enumerate(draws.tolist()):
        name, site = names[site_of[place]], site_of[place]
        known = again[name] if again[name] and repeats < _AGAIN else first[name]
        drawn = (known[int(which * len(known))] for which in tries if known and carries < CARRIED)
        source = next((other for other in drawn if site_of[other] != site), place)
        story_of[place] = source
        (first if source == place else again)[name].append(source)
    return story_of


@functools.lru_cache(maxsize=2 * SITES)
def _site(seed: int, at: int, site: int) -> Site:
    group = _group(seed, at)
    chance = np.random.default_rng((seed, _SITE, at, site))
    return new_site(group.hosts[site], language(group.languages[site]), chance)


def _story(seed: int, number: int, name: str) -> Story:
    chance = np.random.default_rng((seed, _STORY, number))
    tongue = language(name)
    count = min(max(int(chance.lognormal(3.15, 0.65)), 3), 200)
    sentences = tongue.sentences(chance, count)
    ends = np.cumsum(chance.integers(2, 6, count))
    bounds = [0, *ends[ends < count].tolist(), count]
    gap = " " if tongue.space else ""
    paragraphs = [gap.join(sentences[a:b]).rstrip() for a, b in itertools.pairwise(bounds)]
    date = _FIRST_DAY + datetime.timedelta(int(chance.integers(2_000)))
    return Story(tongue.headline(chance), paragraphs, date.isoformat(), tongue.headline(chance, (2, 4)))


def _carried(story: Story, chance: Generator) -> Story:
    """The story as another site carries it: a few days later, and half of them cut a little."""
    date = datetime.date.fromisoformat(story.date) + datetime.timedelta(int(chance.integers(4)))
    paragraphs = list(story.paragraphs)
    if len(paragraphs) > 2 and chance.random() < 0.5:
        del paragraphs[int(chance.integers(1, len(paragraphs)))]
    return story._replace(date=date.isoformat(), paragraphs=paragraphs)


def _set(pieces: Sequence[Piece]) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    """The pieces as one text, and the runs of each kind in it."""
    parts: list[str] = []
    spans: list[tuple[int, int, str]] = []
    at = 0
    for piece in pieces:
        if at:
            parts.append(piece.before)
            at += len(piece.before)
        parts.append(piece.text)
        start = spans.pop()[0] if spans and spans[-1][2] == piece.kind else at
        at += len(piece.text)
        spans.append((start, at, piece.kind))
    return "".join(parts), tuple(spans)


@functools.cache
def _furniture(site: str) -> str:
    """What stands in the head of a site's pages: styles and data for scripts, about 40 kB, as on a page of news."""
    chance = random.Random(site)
    names = [f"{chance.choice('abcdefgh')}-{chance.randrange(10**6):x}" for _ in range(400)]
    rules = (
        f".{name}{{margin:{len(name)}px;padding:{i % 9}px;color:#{i * 4099 % 0xFFFFFF:06x}}}"
        for i, name in enumerate(names)
    )
    data = ",".join(
        f'"{name}":{{"slot":{i},"bid":"{name}/{i * 7919}","sizes":[[{i},250],[728,90]]}}'
        for i, name in enumerate(names)
    )
    return f"<style>{''.join(rules)}</style>\n<script>window.page={{{data}}};</script>"


def _section(name: str, listed: bool, pieces: Sequence[Piece]) -> str:
    """Pieces as elements, each inside two others that are there for looks."""
    inner = "\n".join(_element(piece, i, listed) for i, piece in enumerate(pieces))
    body = f"<ul>\n{inner}\n</ul>" if listed else inner
    return f'<{name} class="section section--{name}" data-module="{name}-module">\n{body}\n</{name}>'


def _element(piece: Piece, number: int, listed: bool) -> str:
    element = f"<{piece.element}>{html.escape(piece.text)}</{piece.element}>"
    if listed:  # a list holds nothing but its items
        return element
    looks = f'class="block block--{piece.element} block--{number}" data-position="{number}"'
    return f'<div {looks}><div class="block__inner block__inner--wide">{element}</div></div>'


def write(out: Path, made: Iterator[Made], *, html: bool = False, spans: bool = False) -> None:
    """Put pages into a Parquet file, complete or not at all, a row group at a time."""
    names = ["id", "site", "url", "date", "text", *["html"] * html]
    fields = [pa.field(name, pa.string()) for name in names]
    if spans:
        span = pa.struct([("start", pa.int32()), ("stop", pa.int32()), ("kind", pa.string())])
        fields.append(pa.field("spans", pa.list_(span)))
    schema = pa.schema(fields)
    part = out.with_name(out.name + ".part")
    with parquet.ParquetWriter(part, schema, compression="zstd", compression_level=1) as writer:
        while rows := list(itertools.islice(made, _ROWS)):
            columns = [[getattr(row, name) for row in rows] for name in names]
            if spans:
                columns.append(
                    [[dict(zip(("start", "stop", "kind"), span, strict=True)) for span in row.spans] for row in rows]
                )
            writer.write_table(pa.table(columns, schema=schema))
    part.replace(out)


if __name__ == "__main__":
    main()
