"""Winnow's engine: raw page text in; labelled spans with reasons, blocks and cleaned text out.

    pages = [page for page in read([Path("crawl.zip")]) if isinstance(page, Page)]
    memory = learn(pages)
    for page in pages:
        labels = label(page, memory)
        print(clean(page, labels).text)

The verbs are pure: the same pages give the same answer in any order, after any earlier call, in any batches.
"""

from detect.cleaning import clean
from detect.engine import WorkerDiedError, run
from detect.memory import Memory, MemoryFileError
from detect.metadata import describe
from detect.pipeline import find_blocks, label, learn, sources_of
from detect.reading import Limits, PageTooLarge, RefusedError, SiteFrom, read, read_text
from detect.records import (
    Block,
    Cleaned,
    Cut,
    Kind,
    Label,
    Labels,
    Metadata,
    Page,
    Piece,
    Reason,
    Span,
    Unreadable,
    Variant,
)
from detect.settings import Settings

__all__ = [
    "Block",
    "Cleaned",
    "Cut",
    "Kind",
    "Label",
    "Labels",
    "Limits",
    "Memory",
    "MemoryFileError",
    "Metadata",
    "Page",
    "PageTooLarge",
    "Piece",
    "Reason",
    "RefusedError",
    "Settings",
    "SiteFrom",
    "Span",
    "Unreadable",
    "Variant",
    "WorkerDiedError",
    "clean",
    "describe",
    "find_blocks",
    "label",
    "learn",
    "read",
    "read_text",
    "run",
    "sources_of",
]
