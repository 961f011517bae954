"""What a page shares with others, to the passages that its reading marks: of a stored page, and of a pasted one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detect import Span
from webapp.present_marks import SharedSpan
from webapp.records import ReusedSpan, SharedPage


def spans_of_page(reused: Sequence[ReusedSpan]) -> tuple[SharedSpan, ...]:
    """The passages of a stored page, as its reading marks them."""
    return tuple(SharedSpan(one.number, one.start, one.stop) for one in reused)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a pasted page that saved pages share: its mark, and the numbers of these pages."""

    span: SharedSpan
    pages: tuple[int, ...]


def stretches(shared: Sequence[SharedPage]) -> tuple[Stretch, ...]:
    """Where a pasted page shares text with saved ones, numbered from 1 in order. Spans that have most of their text
    in common with that of the first such page are one stretch, which holds them all."""
    firsts: list[Span] = []
    found: list[tuple[Span, list[int]]] = []
    for page in shared:
        for passage in page.passages:
            i = next((i for i, first in enumerate(firsts) if _mostly_one(first, passage.a)), None)
            if i is None:
                firsts.append(passage.a)
                found.append((passage.a, [page.page]))
            else:
                span, pages = found[i]
                found[i] = Span(min(span.start, passage.a.start), max(span.stop, passage.a.stop)), [*pages, page.page]
    found.sort(key=lambda entry: (entry[0].start, -entry[0].stop))
    return tuple(Stretch(SharedSpan(i, *span), tuple(pages)) for i, (span, pages) in enumerate(found, 1))


def _mostly_one(one: Span, other: Span) -> bool:
    """Whether two spans have more than half of the longer in common."""
    common = min(one.stop, other.stop) - max(one.start, other.start)
    return 2 * common > max(one.stop - one.start, other.stop - other.start)


def numbers_in(page: SharedPage, found: Sequence[Stretch]) -> tuple[int, ...]:
    """The numbers of the stretches that a saved page shares."""
    return tuple(one.span.number for one in found if page.page in one.pages)


def shared_characters(spans: Sequence[SharedSpan]) -> int:
    """How many characters of a page are in some passage."""
    total, end = 0, 0
    for span in sorted(spans, key=lambda span: span.start):
        total += max(span.stop - max(span.start, end), 0)
        end = max(end, span.stop)
    return total
