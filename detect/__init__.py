"""Winnow's engine: raw page text in; labelled spans with reasons, blocks and cleaned text out.

    pages = [page for page in read([Path("crawl.zip")]) if isinstance(page, Page)]
    memory = learn(pages)
    for page in pages:
        labels = label(page, memory)
        print(clean(page, labels).text)

The verbs are pure: the same pages give the same answer in any order, after any earlier call, in any batches.
"""

from typing import TYPE_CHECKING

from detect.blocks import find_blocks
from detect.cleaning import clean
from detect.copies import Content, Keep, extra_copies
from detect.durable import put_in_place
from detect.engine import WorkerDiedError, run, settle_folder
from detect.memory import Memory, MemoryFileError
from detect.metadata import describe
from detect.pipeline import (
    Prepared,
    Shelf,
    bind,
    compare,
    date_of,
    find_reuse,
    label,
    learn,
    learn_sites,
    prepare,
    prepare_stretches,
    sources_of,
    teaching,
)
from detect.places import Places
from detect.reading import File, Limits, PageTooLarge, RefusedError, SiteFrom, list_files, read, read_text, split_file
from detect.records import (
    Block,
    Cleaned,
    Cluster,
    Cut,
    Duplicates,
    Kind,
    Label,
    Labels,
    Metadata,
    Page,
    Passage,
    PassageKind,
    Piece,
    Place,
    Reason,
    Reuse,
    Sketch,
    Span,
    Unreadable,
    Variant,
)
from detect.reuse import are_near, bands, candidates, clusters, duplicates, earliest, evidence, meetings, shifted
from detect.settings import Settings
from detect.sketches import text_signatures
from detect.versions import Change, changes
from detect.words import is_new

# What needs Arrow, which takes a fifth of a second to import: only who asks for it waits.
if TYPE_CHECKING:
    from detect.engine.parts import Rows, batched, in_order, keys_in, pages_in, part_path, parts_for, read_part, spread
    from detect.engine.spark import (
        TOLD,
        SparkFailedError,
        SparkMissingError,
        beside,
        by_id,
        by_site,
        counts_in,
        first_of,
        kept,
        meeting,
        read_pages,
        rows_in,
        spark_session,
        these_pairs,
        told_in,
        write_parts,
    )

_PARTS = ("Rows", "batched", "in_order", "keys_in", "pages_in", "part_path", "parts_for", "read_part", "spread")
_SPARK = (
    *("TOLD", "SparkFailedError", "SparkMissingError", "spark_session", "first_of", "read_pages", "by_id"),
    *("by_site", "kept", "told_in", "counts_in", "rows_in", "these_pairs", "meeting", "beside", "write_parts"),
)


def __getattr__(name: str) -> object:
    if name not in (*_PARTS, *_SPARK):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("detect.engine.parts" if name in _PARTS else "detect.engine.spark"), name)


__all__ = [
    "TOLD",
    "Block",
    "Change",
    "Cleaned",
    "Cluster",
    "Content",
    "Cut",
    "Duplicates",
    "File",
    "Keep",
    "Kind",
    "Label",
    "Labels",
    "Limits",
    "Memory",
    "MemoryFileError",
    "Metadata",
    "Page",
    "PageTooLarge",
    "Passage",
    "PassageKind",
    "Piece",
    "Place",
    "Places",
    "Prepared",
    "Reason",
    "RefusedError",
    "Reuse",
    "Rows",
    "Settings",
    "Shelf",
    "SiteFrom",
    "Sketch",
    "Span",
    "SparkFailedError",
    "SparkMissingError",
    "Unreadable",
    "Variant",
    "WorkerDiedError",
    "are_near",
    "bands",
    "batched",
    "beside",
    "bind",
    "by_id",
    "by_site",
    "candidates",
    "changes",
    "clean",
    "clusters",
    "compare",
    "counts_in",
    "date_of",
    "describe",
    "duplicates",
    "earliest",
    "evidence",
    "extra_copies",
    "find_blocks",
    "find_reuse",
    "first_of",
    "in_order",
    "is_new",
    "kept",
    "keys_in",
    "label",
    "learn",
    "learn_sites",
    "list_files",
    "meeting",
    "meetings",
    "pages_in",
    "part_path",
    "parts_for",
    "prepare",
    "prepare_stretches",
    "put_in_place",
    "read",
    "read_pages",
    "read_part",
    "read_text",
    "rows_in",
    "run",
    "settle_folder",
    "shifted",
    "sources_of",
    "spark_session",
    "split_file",
    "spread",
    "teaching",
    "text_signatures",
    "these_pairs",
    "told_in",
    "write_parts",
]
