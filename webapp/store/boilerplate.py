"""Sites: what was learned of them, how much of them is boilerplate, and their recurring blocks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from detect import Block, Memory, Piece, Settings, Span, Variant
from webapp.records import NotFound, SiteSummary
from webapp.store.collections import name_of
from webapp.store.engine import Database
from webapp.store.schema import BOILERPLATE_SHARE, page_memories, pages, sites

# As many as the engine looks at.
_SAMPLE = Settings().site_pages


class SampledPage(NamedTuple):
    """A page that stands for its site: its number, what the sample is drawn by, and how many bytes its text has."""

    id: int
    key: bytes
    bytes: int


class Boilerplate(Database):
    """What a store does with sites."""

    def sites(self, collection: int) -> list[SiteSummary]:
        """The collection's sites, most pages first. Raises NotFound."""
        with self._read() as connection:
            name_of(connection, collection)
            blocks = sa.select(sites.c.block_count).where(
                sites.c.collection == collection, sites.c.site == pages.c.site
            )
            rows = connection.execute(
                sa.select(  # in the order of SiteSummary
                    pages.c.site,
                    sa.func.count().label("pages"),
                    BOILERPLATE_SHARE,
                    sa.func.coalesce(blocks.scalar_subquery(), 0),
                )
                .where(pages.c.collection == collection)
                .group_by(pages.c.site)
                .order_by(sa.desc("pages"), pages.c.site)
            )
            return [SiteSummary(*row) for row in rows]

    def blocks(self, collection: int, site: str) -> tuple[Block, ...]:
        """The recurring blocks of a site, none before it is labelled. Raises NotFound when it has no page."""
        labelled = sa.select(sites.c.blocks).where(sites.c.collection == collection, sites.c.site == site)
        stored = sa.select(pages.c.id).where(pages.c.collection == collection, pages.c.site == site)
        with self._read() as connection:
            packed = connection.scalar(labelled)
            if packed is None and connection.scalar(stored.limit(1)) is None:
                raise NotFound(f"This collection has no site {site!r}.")
        return () if packed is None else _unpack_blocks(packed)

    def generation(self, collection: int, site: str) -> int:
        """The number of the job that labelled the site last; 0 when none has."""
        of_site = (sites.c.collection == collection, sites.c.site == site)
        with self._read() as connection:
            return connection.scalar(sa.select(sites.c.generation).where(*of_site)) or 0

    def memory(self, collection: int, site: str, *, labelled: bool) -> Memory:
        """What was learned from the sampled pages of a site; from those of the labelled ones, or of all."""
        numbers = [page.id for page in self.sampled(collection, site, labelled=labelled)]
        with self._read() as connection:
            packed = connection.scalars(sa.select(page_memories.c.memory).where(page_memories.c.page.in_(numbers)))
            return Memory.union(Memory.unpack(blob) for blob in packed)

    def sampled(self, collection: int, site: str, *, labelled: bool) -> list[SampledPage]:
        """The pages of a site that stand for it: those with the smallest keys, of the labelled ones or of all."""
        wanted = [pages.c.collection == collection, pages.c.site == site, pages.c.sample_key > b""]
        if labelled:
            wanted.append(pages.c.generation.is_not(None))
        smallest = sa.select(pages.c.id, pages.c.sample_key, pages.c.bytes).where(*wanted).order_by(pages.c.sample_key)
        with self._read() as connection:
            return [SampledPage(*row) for row in connection.execute(smallest.limit(_SAMPLE))]


def pack_blocks(blocks: Sequence[Block]) -> bytes:
    """Blocks as the column of a site holds them."""
    rows = [
        [
            block.id,
            [[piece.text, piece.slot] for piece in block.template],
            block.pages,
            block.of,
            [[name, *span] for name, span in block.examples],
            [[variant.text, variant.pages] for variant in block.variants],
        ]
        for block in blocks
    ]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()


def _unpack_blocks(packed: bytes) -> tuple[Block, ...]:
    return tuple(
        Block(
            id,
            tuple(Piece(*piece) for piece in template),
            pages,
            of,
            tuple((name, Span(*span)) for name, *span in examples),
            tuple(Variant(*variant) for variant in variants),
        )
        for id, template, pages, of, examples, variants in json.loads(packed)
    )
