"""`winnow clean`: pages without their boilerplate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

from webapp.cli import options
from webapp.cli.batch import Batch, learned, load, opened, told_of, workers_for
from webapp.cli.on_spark import LOCAL, Engine, check, clean_on_spark
from webapp.cli.parts import Cleaning, clean_part, failures
from webapp.cli.sharing import Comparison, compared, one_an_id
from webapp.cli.terminal import count, say
from webapp.cli.work import Work, working
from webapp.cli.writing import STDOUT, check_apart, check_file, in_place, place, to_stdout

if TYPE_CHECKING:
    import pyarrow as pa

    from detect import Cut, Keep, Memory, SiteFrom

FormName = Literal["text", "jsonl", "spans", "parquet"]


@click.command("clean")
@options.inputs
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    help="The file or folder to write; - for standard output (spans, jsonl). With --engine spark a folder.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "jsonl", "spans", "parquet"]),
    help="text: a folder, a file a page. spans: the labels, a page a line. jsonl: these and both texts. parquet: as "
    "jsonl, in columns, without the reasons. Without it: jsonl or parquet where --out ends so, jsonl for -, else text.",
)
@options.memories
@options.no_learn
@click.option(
    "--one-copy",
    type=click.Choice(["representative", "earliest"]),
    help="Keep one copy of a passage that pages share: that of its cluster's representative, or of the page that came "
    "out first. All pages are held in memory.",
)
@click.option("--keep-comments", is_flag=True, help="Keep what readers wrote under a page's text.")
@options.site_from
@options.site
@options.workers
@options.resume
@options.engine
@options.master
def command(
    inputs: tuple[str, ...],
    out: Path,
    form: FormName | None,
    memories: tuple[Path, ...],
    no_learn: bool,
    one_copy: Keep | None,
    keep_comments: bool,
    site_from: SiteFrom,
    site: str,
    workers: int | None,
    resume: bool,
    engine: Engine,
    master: str | None,
) -> None:
    """Learn from the INPUTs together, label every page, and write it without its boilerplate.

    An INPUT is a file (.txt, .html, .jsonl, .parquet, .warc, .wet; .gz or .zip of these), a folder of them, or - for
    standard input.
    """
    from detect import Memory

    form = form or _form_of(out)
    check(
        engine,
        master,
        {
            "--format text": form == "text",
            "--out -": out == STDOUT,
            "--one-copy": bool(one_copy),
            "--resume": resume,
            "--workers": workers is not None,
        },
        inputs,
    )
    _check_out(out, form, engine)
    if one_copy and form == "spans":
        raise click.UsageError(
            "--format spans writes labels, and --one-copy changes none: choose text, jsonl or parquet"
        )
    check_apart(out, [*(Path(name) for name in inputs if name != "-"), *memories])
    # A task on a cluster has another working folder.
    known = Memory.union([load(path if engine == "local" else path.resolve()) for path in memories])
    asked: dict[str, object] = {"form": form, "learn": not no_learn, "one_copy": one_copy, "comments": keep_comments}
    asked |= {"site_from": site_from, "site": site, "memories": [told_of(path) for path in memories]}
    if engine == "spark":
        with opened(inputs, site_from, site) as batch:
            written = clean_on_spark(
                batch, master or LOCAL, Cleaning(known, not no_learn, form, keep_comments, None), out
            )
        batch.end(f"{count(written, 'page')} written to {place(out)}")
    with opened(inputs, site_from, site) as batch, working(out, batch, asked, resume) as work:
        workers = workers or workers_for(batch.size())
        work.spread(batch.read("reading"), batch)
        copies = _extra_copies(work, batch, known, not no_learn, one_copy, workers) if one_copy else None
        cleaning = Cleaning(known, not no_learn, form, keep_comments, copies)
        made = work.make(clean_part, cleaning, "cleaning", batch.pages, workers)
        for source, reason in failures(made):
            batch.fail(source, reason + (copies.lost_with(source) if copies else ""))
        written = _write(out, form, made)
        work.end()
    batch.end(f"{count(written, 'page')} written to {place(out)}")


def _write(out: Path, form: FormName, made: Sequence[Path]) -> int:
    """Write what was made of the parts, in the order of the pages; at the end it is all there under its name, and after
    a failure nothing is. How many pages that are."""
    from detect import in_order
    from webapp.cli.forms import FORMS, Lines

    written = 0

    def tables() -> Iterator[pa.Table]:
        nonlocal written
        for table in in_order(made):
            written += len(table)
            yield table.drop_columns("at")

    what = FORMS[form]
    if out == STDOUT:
        assert isinstance(what, Lines), "other forms were refused"
        to_stdout(what.lines(tables()))
    else:
        with in_place(out) as part:
            what.write(tables(), part)
    return written


class Copies(NamedTuple):
    """The copies to cut, by the key of their page (its id and text), and the sources of the pages that keep one."""

    cuts: dict[bytes, tuple[Cut, ...]]
    keepers: frozenset[str]

    def lost_with(self, source: str) -> str:
        """What to add to the reason why a page could not be written."""
        if source not in self.keepers:
            return ""
        return ", and text was cut from other pages because it stands there: run again without --one-copy"


def _extra_copies(work: Work, batch: Batch, known: Memory, learns: bool, keep: Keep, workers: int) -> Copies:
    from detect import Content, Settings, extra_copies

    pages = one_an_id(work.read(), lambda source, reason: say(f"{source}: {reason}"))
    memory = known + learned(pages.values(), workers) if learns else known
    done, found = compared(Comparison(pages, {}, memory, Settings().passage_words), batch, workers)

    def content_of(id: str) -> Content:
        return Content(done.new[id].text, found.content[id])

    cuts = extra_copies(found.passages, found.clusters, content_of, keep, found.dates)
    keepers = {pages[cut.kept.page].source for few in cuts.values() for cut in few if cut.kept}
    return Copies({pages[id].key: few for id, few in cuts.items()}, frozenset(keepers))


def _form_of(out: Path) -> FormName:
    """The form that the name of the output asks for."""
    if out == STDOUT or out.suffix.lower() in (".jsonl", ".ndjson"):
        return "jsonl"
    return "parquet" if out.suffix.lower() in (".parquet", ".pq") else "text"


def _check_out(out: Path, form: FormName, engine: Engine) -> None:
    """Refuse before any work what could only fail after it, or would overwrite what is not ours."""
    if form == "parquet" and out == STDOUT:
        raise click.UsageError("--format parquet writes a file: name it, or choose jsonl or spans for --out -")
    if form != "text" and engine == "local":
        check_file(out, form)
    elif out == STDOUT:
        raise click.UsageError("--format text writes a folder: name it, or choose jsonl or spans for --out -")
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise click.UsageError(f"--out {out} is there and not an empty folder; name a new one")
