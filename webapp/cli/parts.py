"""What a worker makes of one part of the pages: learned together, since it has whole sites, then cleaned one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from webapp.cli.terminal import in_words
from webapp.cli.writing import write_record

if TYPE_CHECKING:
    from detect import Cut, Memory, Page
    from webapp.cli.clean import Copies
    from webapp.cli.work import Part

# Code points of pages that are looked at together.
_TOGETHER = 4_000_000


class Cleaning(NamedTuple):
    """What every page is cleaned by: what is known of sites beforehand, whether the pages teach more, the form they are
    written in, and the copies to cut from them, None where none were looked for."""

    memory: Memory
    learns: bool
    form: str
    keep_comments: bool
    copies: Copies | None


class Outcome(NamedTuple):
    """A page of whole sites as it is written: its number, what its form makes of it, and of how many code points; or
    the `error` that kept it from being cleaned."""

    at: int
    source: str
    made: Any = None
    size: int = 0
    error: str = ""


def cleaned(
    by: Cleaning, keys: Iterable[tuple[str, bytes]], pages: Callable[[], Iterable[tuple[int, Page]]]
) -> Iterator[Outcome]:
    """The pages of whole sites, learned together, then cleaned one by one; `pages` gives them as often as it is asked,
    `keys` the site and the key of each.

    A page that the engine stumbles over is told, and the others go on.
    """
    from detect import batched, learn_sites

    memory = by.memory
    if by.learns:
        memory = memory + learn_sites(keys, lambda: (page for _, page in pages()))
    for some in batched(pages(), lambda row: len(row[1].text), _TOGETHER):
        # Site by site, so that what is known of one stays in the processor's cache; given out as they came.
        done = [_cleaned(by, memory, *row) for row in sorted(some, key=lambda row: row[1].site)]
        yield from sorted(done, key=lambda one: one.at)


def _cleaned(by: Cleaning, memory: Memory, at: int, page: Page) -> Outcome:
    from detect import MemoryFileError, label
    from webapp.cli.forms import FORMS

    form = FORMS[by.form]
    try:
        # Which lines are comments that are kept only the reasons tell, and no date is looked for in those.
        reasons = form.reasons or by.keep_comments
        labels = label(page, memory, keep_comments=by.keep_comments, reasons=reasons)
        copies: Sequence[Cut] | None = None if by.copies is None else by.copies.cuts.get(page.key, ())
        return Outcome(at, page.source, *form.make(page, labels, copies))
    except (MemoryFileError, OSError, MemoryError):  # of the machine, not of the page
        raise
    except Exception as error:
        return Outcome(at, page.source, error=f"it could not be cleaned ({in_words(error)})")


def clean_part(by: Cleaning, part: Part) -> int:
    """Clean the pages of a part; the file is there when all are. Those that failed are told in a file beside it."""
    import pyarrow as pa

    from detect import Rows, keys_in, read_part
    from webapp.cli.forms import FORMS

    form = FORMS[by.form]

    def table(rows: Sequence[Outcome]) -> pa.Table:
        return form.table([one.made for one in rows]).add_column(0, "at", [[one.at for one in rows]])

    rows = Rows(part.made, form.columns.insert(0, pa.field("at", pa.int64())), table)
    failed, pages = [], 0
    for one in cleaned(by, keys_in(part.pages), lambda: read_part(part.pages)):
        pages += 1
        if one.error:
            failed.append((one.at, one.source, one.error))
        else:
            rows.add(one, one.size)
    write_record(_failures(part.made), failed)
    rows.close()
    return pages


def learn_part(shared: None, part: Part) -> int:
    """Learn the pages of a part; the memory file is there when all are."""
    from detect import learn, read_part

    pages = 0

    def counted() -> Iterator[Page]:
        nonlocal pages
        for _, page in read_part(part.pages):
            pages += 1
            yield page

    learn(counted()).save(part.made)
    return pages


def failures(made: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """The source of each page that could not be cleaned, and why, in the order of the pages."""
    told = sorted(tuple(one) for path in made for one in json.loads(_failures(path).read_text("utf-8")))
    return ((source, reason) for _, source, reason in told)


def _failures(made: Path) -> Path:
    return made.with_suffix(".failed.json")
