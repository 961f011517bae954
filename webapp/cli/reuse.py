"""`winnow reuse`: the passages that pages share, or the pages that are one story."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from webapp.cli import options
from webapp.cli.batch import Batch, learned, load, opened, workers_for
from webapp.cli.on_spark import LOCAL, Engine, check
from webapp.cli.pairs import check_ids, read_pairs
from webapp.cli.sharing import Asked, Comparison, compared, counted, need, one_an_id, say_both, taken_as_known
from webapp.cli.terminal import count, progress
from webapp.cli.writing import STDOUT, check_apart, check_file, in_place, place, to_stdout

if TYPE_CHECKING:
    from detect import Page, Passage, Reuse, SiteFrom
    from webapp.export import DuplicateRecord, PassageRecord

    Row = PassageRecord | DuplicateRecord

Form = Literal["jsonl", "csv", "parquet"]


@click.command("reuse")
@options.inputs
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The file to write; - for standard output.")
@click.option("--against", multiple=True, metavar="PATH", help="Compare the INPUTs with the pages here, and only so.")
@click.option(
    "--pairs",
    "pair_file",
    type=click.Path(path_type=Path),
    help='Compare exactly these pages: a JSON object a line, {"a": ID, "b": ID}.',
)
@click.option("--pages", "whole", is_flag=True, help="Tell whole pages that are one story, not passages.")
@click.option("--min-words", type=click.IntRange(min=5), help="Words of the shortest passage.  [default: 30]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv", "parquet"]),
    default="jsonl",
    show_default=True,
    help="jsonl: a JSON object a line. csv, parquet: the same in columns.",
)
@options.memories
@options.no_learn
@click.option("--keep-boilerplate", is_flag=True, help="Compare all text, menus and notices too, and learn nothing.")
@options.site_from
@options.site
@options.workers
@options.engine
@options.master
def command(
    inputs: tuple[str, ...],
    out: Path,
    against: tuple[str, ...],
    pair_file: Path | None,
    whole: bool,
    min_words: int | None,
    form: Form,
    memories: tuple[Path, ...],
    no_learn: bool,
    keep_boilerplate: bool,
    site_from: SiteFrom,
    site: str,
    workers: int | None,
    engine: Engine,
    master: str | None,
) -> None:
    """Find the passages that pages of the INPUTs share, copied or reworded: one pair of places a line.

    An INPUT is a file (.txt, .html, .jsonl, .parquet, .warc, .wet; .gz or .zip of these), a folder of them, or - for
    standard input. Boilerplate is learned from all pages that are read, and takes no part.
    """
    from detect import Memory, Settings
    from webapp.export import PAGE_COLUMNS, PASSAGE_COLUMNS

    if whole and (pair_file or min_words):
        raise click.UsageError("--pages compares whole pages: leave out --pairs and --min-words")
    if keep_boilerplate and (memories or no_learn):
        raise click.UsageError("--keep-boilerplate learns nothing: leave out --memory and --no-learn")
    if "-" in inputs and "-" in against:
        raise click.UsageError("standard input comes but once: it is an INPUT or --against")
    if form == "parquet" and out == STDOUT:
        raise click.UsageError("--format parquet writes a file: name it, or choose jsonl or csv for --out -")
    local = {"--pages": whole, "--against with --pairs": bool(against and pair_file), "--workers": workers is not None}
    check(engine, master, local, (*inputs, *against))
    check_file(out, form)
    files = [Path(name) for name in (*inputs, *against) if name != "-"]
    check_apart(out, [*files, *memories, *([pair_file] if pair_file else [])])
    pairs = read_pairs(pair_file) if pair_file else None
    # A task on a cluster has another working folder.
    known = Memory.union([load(path if engine == "local" else path.resolve()) for path in memories])
    memory = None if keep_boilerplate else known
    asked = Asked(
        memory, not no_learn and not keep_boilerplate, min_words or Settings().passage_words, pair_file, pairs
    )
    with opened(inputs, site_from, site) as batch, opened(against, site_from, site) as other:
        if engine == "spark":
            rows, pages = _found_there(batch, other, asked, master or LOCAL)
        else:
            rows, pages = _found_here(batch, other, asked, whole, workers)
        _write(out, form, PAGE_COLUMNS if whole else PASSAGE_COLUMNS, rows)
    if keep_boilerplate:
        batch.homeless = 0  # nothing is learned about any page
    thing = "near-duplicate page" if whole else "passage"
    batch.end(f"{count(len(rows), thing)} of {count(pages, 'page')} written to {place(out)}")


def _found_here(batch: Batch, other: Batch, asked: Asked, whole: bool, workers: int | None) -> tuple[list[Row], int]:
    """The rows to write, and of how many pages they are."""
    workers = workers or workers_for(batch.size() + other.size())
    new, known = _gathered(batch, other)
    need(len(new), len(known), bool(other.paths))
    everyone = [*new.values(), *known.values()]
    memory = asked.memory
    if memory is not None and asked.learns:
        with progress("learning", len(everyone)) as bar:
            memory = memory + learned(counted(everyone, bar), workers)
    comparison = Comparison(new, known, memory, asked.min_words)
    if asked.pair_file and asked.pairs:
        check_ids(asked.pair_file, asked.pairs, new.keys() | known.keys())
        comparison = comparison.of(asked.pairs)
    elif whole:
        comparison = replace(comparison, pairs=())
    done, found = compared(comparison, batch, workers)
    rows = _rows_of_pages(done, found) if whole else _rows(found.passages, _sites(done), found.dates)
    return list(rows), len(done.new) + len(done.known)


def _found_there(batch: Batch, other: Batch, asked: Asked, master: str) -> tuple[list[Row], int]:
    """The same on a Spark cluster."""
    from webapp.cli.reuse_on_spark import reuse_on_spark

    found = reuse_on_spark(batch, other, master, asked)
    return list(_rows(found.passages, found.sites, found.dates)), found.pages


def _gathered(batch: Batch, other: Batch) -> tuple[dict[str, Page], dict[str, Page]]:
    """The pages of both, one an id, in any order of the inputs the same ones; `batch` is told what became of them."""
    known = one_an_id(other.read("reading"), other.fail)
    batch.failed |= other.failed
    new = one_an_id(batch.read("reading"), batch.fail)
    batch.replaced += other.replaced
    batch.homeless += other.homeless
    if both := taken_as_known(new, known, batch.fail):
        say_both(both)
    return new, known


# What is written


def _rows(passages: Iterable[Passage], sites: Mapping[str, str], dates: Mapping[str, str]) -> Iterator[Row]:
    from webapp.export import passage_record

    return (passage_record(passage, sites, dates) for passage in passages)


def _rows_of_pages(asked: Comparison, found: Reuse) -> Iterator[Row]:
    """A row a page; with pages to compare with, of the clusters that have pages of both sides."""
    from webapp.export import duplicate_records

    sites = _sites(asked)
    for group in found.duplicates:
        if not asked.known or all(any(id in side for id in group.pages) for side in (asked.new, asked.known)):
            yield from duplicate_records(group, sites)


def _sites(asked: Comparison) -> dict[str, str]:
    return {page.id: page.site for side in (asked.known, asked.new) for page in side.values()}


def _write(out: Path, form: Form, columns: Sequence[str], rows: Iterable[Row]) -> None:
    from webapp.export import csv_line, csv_row, json_line

    if form == "parquet":
        from webapp.parquet import write_rows

        with in_place(out) as part:
            write_rows(part, rows, columns)
        return
    lines = [csv_line(columns), *(csv_row(row, columns) for row in rows)] if form == "csv" else map(json_line, rows)
    if out == STDOUT:
        to_stdout(line.encode() for line in lines)
        return
    with in_place(out) as part, part.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)
