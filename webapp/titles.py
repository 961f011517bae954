"""What a page is called in a list: one short line of its own text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from detect import Kind, Labels, Page

TITLE_CHARS = 120  # what one row of a list holds at reading size, and three times a usual headline


def title_of(page: Page, labels: Labels | None = None) -> str:
    """The page's title, else its first line of content, else its first line, cut at a word; its id without text."""
    line = ""
    if labels is not None:
        line = _first_line(page, labels, "title") or _first_line(page, labels, "content")
    return _cut(line or next(_lines(page.text), "") or page.id)


def _first_line(page: Page, labels: Labels, kind: Kind) -> str:
    """The first line with text among the labels of a kind."""
    for index in (labels.kinds == get_args(Kind).index(kind)).nonzero()[0]:
        start, stop = int(labels.bounds[index]), int(labels.bounds[index + 1])
        if line := next(_lines(page.text[start:stop]), ""):
            return line
    return ""


def _lines(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):  # not splitlines(): a page may be one of a million lines
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        if line := " ".join(text[start:stop].split()):
            yield line
        start = stop + 1


def _cut(line: str) -> str:
    if len(line) <= TITLE_CHARS:
        return line
    head = line[: TITLE_CHARS - 1]
    at_word = head[: head.rfind(" ")] if " " in head else head
    return at_word.rstrip() + "…"
