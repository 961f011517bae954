"""What a worker makes of one part of the pages: learned together, since it has whole sites, then cleaned one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from detect import Cut, Memory
    from webapp.cli.clean import Copies
    from webapp.cli.work import Part


class Cleaning(NamedTuple):
    """What every page is cleaned by: what is known of sites beforehand, whether the pages teach more, the form they are
    written in, and the copies to cut from them, None where none were looked for."""

    memory: Memory
    learns: bool
    form: str
    keep_comments: bool
    copies: Copies | None


def clean_part(by: Cleaning, part: Part) -> int:
    """Clean the pages of a part; the file is there when all are. A page that the engine stumbles over is told in a file
    beside it, and the others go on."""
    import pyarrow as pa

    from detect import label, learn, page_key
    from detect.engine.parts import Rows, read_part
    from webapp.cli.forms import FORMS

    form = FORMS[by.form]
    memory = by.memory + learn(page for _, page in read_part(part.pages)) if by.learns else by.memory

    def table(rows: Sequence[tuple[int, object]]) -> pa.Table:
        return form.table([made for _, made in rows]).add_column(0, "at", [[at for at, _ in rows]])

    rows = Rows(part.made, form.columns.insert(0, pa.field("at", pa.int64())), table)
    failed, pages = [], 0
    for at, page in read_part(part.pages):
        pages += 1
        try:
            labels = label(page, memory, keep_comments=by.keep_comments, reasons=form.reasons)
            copies: Sequence[Cut] | None = None if by.copies is None else by.copies.cuts.get(page_key(page), ())
            made, size = form.make(page, labels, copies)
        except Exception as error:
            failed.append((at, page.source, f"it could not be cleaned ({type(error).__name__}: {error})"))
        else:
            rows.add((at, made), size)
    _failures(part.made).write_text(json.dumps(failed), "utf-8")
    rows.close()
    return pages


def failures(made: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """The source of each page that could not be cleaned, and why, in the order of the pages."""
    told = sorted(tuple(one) for path in made for one in json.loads(_failures(path).read_text("utf-8")))
    return ((source, reason) for _, source, reason in told)


def _failures(made: Path) -> Path:
    return made.with_suffix(".failed.json")
