"""`winnow clean` and `winnow learn` over a Spark cluster: as a task here does a part, so does a task there a site."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypedDict

import click

from webapp.cli.batch import Batch, read_input
from webapp.cli.parts import Cleaning, cleaned
from webapp.cli.terminal import named_errors
from webapp.cli.writing import in_place

if TYPE_CHECKING:
    import pyarrow as pa

    from detect import File, Page, SiteFrom, Unreadable

Engine = Literal["local", "spark"]
Pages = Sequence[tuple[int, "Page"]]
Failed = Sequence[tuple[int, "Unreadable"]]

LOCAL = "local[*]"
# Bytes of files that a task reads: small files go together, a larger one is a task by itself, or several if it is
# Parquet.
_READ = 32_000_000
# Bytes of input to a partition of the shuffle, and how many there are at least and at most: Spark puts small ones
# together as it goes, and too many cost its driver more than they are worth.
_SHUFFLED, _FEWEST, _MOST = 16_000_000, 8, 20_000
_SUFFIXES = {"jsonl": ".jsonl", "spans": ".jsonl", "parquet": ".parquet"}


def check(engine: Engine, master: str | None, local: dict[str, bool], inputs: Sequence[str]) -> None:
    """Refuse what goes with the other engine only; `local` says of each option with the local one if it was given."""
    if engine == "local":
        if master is not None:
            raise click.UsageError("--master names a Spark cluster: give --engine spark too")
        return
    for name, given in local.items():
        if given:
            raise click.UsageError(f"{name} is not there with --engine spark: leave it out, or use --engine local")
    if "-" in inputs:
        raise click.UsageError("standard input cannot be read by a cluster: give --engine spark files or folders")


class Input(NamedTuple):
    """A file to read, with what tells the site of its pages."""

    file: File
    site_from: SiteFrom
    site: str

    def read(self) -> Iterator[Page | Unreadable]:
        """What the file gives, as it would give it here."""
        return read_input(self.file, self.site_from, self.site)


def tasks_of(batch: Batch) -> tuple[list[list[Input]], int]:
    """The files of a batch in tasks, in order, and how many bytes these are; what is no file is named as failed."""
    from detect import split_file

    tasks: list[list[Input]] = []
    total = room = 0
    for file, site in batch.files():
        # A task has another working folder.
        for part, size in split_file(replace(file, path=file.path.resolve()), _READ):
            total += size
            if size > room or not tasks:
                tasks.append([])
                room = _READ
            room -= size
            tasks[-1].append(Input(part, batch.site_from, site))
    return tasks, total


def partitions_for(size: int) -> int:
    """How many partitions a shuffle of so many bytes of input has."""
    return min(max(_FEWEST, size // _SHUFFLED), _MOST)


@dataclass(frozen=True)
class Clean:
    """Makes rows of the pages of whole sites, in columns of their form; and one that tells what became of them."""

    by: Cleaning

    def __call__(self, pages: Pages, failed: Failed) -> Iterator[pa.Table]:
        """The rows."""
        from detect import batched
        from webapp.cli.forms import FORMS

        lost: list[tuple[int, str, str]] = []

        def made() -> Iterator[tuple[Any, int]]:
            for one in cleaned(self.by, ((page.site, page.key) for _, page in pages), lambda: pages):
                if one.error:
                    lost.append((one.at, one.source, one.error))
                else:
                    yield one.made, one.size

        for some in batched(made(), lambda row: row[1]):
            yield FORMS[self.by.form].table([row[0] for row in some])
        yield told_row(pages, failed, lost)


@dataclass(frozen=True)
class Write:
    """Writes rows to a file in their form."""

    form: str

    def __call__(self, tables: Iterator[pa.Table], path: Path) -> None:
        """Write the file."""
        from webapp.cli.forms import FORMS

        FORMS[self.form].write(tables, path)


def clean_on_spark(batch: Batch, master: str, by: Cleaning, out: Path) -> int:
    """Clean a batch to the new folder `out`, which is there when all of it is; how many pages are in it."""
    from webapp.cli.forms import FORMS

    form = by.form
    with in_place(out) as folder:
        folder.mkdir()
        return run(batch, master, Clean(by), FORMS[form].columns, Write(form), folder, _SUFFIXES[form])


@dataclass(frozen=True)
class Learn:
    """Makes a row of the pages of whole sites: what they teach; and one that tells what became of them."""

    def __call__(self, pages: Pages, failed: Failed) -> Iterator[pa.Table]:
        """The rows."""
        import pyarrow as pa

        from detect import learn

        memory = learn(page for _, page in pages)
        if memory:
            yield pa.table({"memory": [memory.pack()]}, _memories())
        yield told_row(pages, failed)


def write_memory(tables: Iterator[pa.Table], path: Path) -> None:
    """Write what is in rows of `Learn` to one memory file."""
    from detect import Memory

    packed = (row for table in tables for row in table["memory"].to_pylist())
    Memory.union([Memory.unpack(one) for one in packed]).save(path)


def learn_on_spark(batch: Batch, master: str, folder: Path) -> list[Path]:
    """Learn a batch; the memory files, in `folder`, that are all of it together."""
    run(batch, master, Learn(), _memories(), write_memory, folder, ".memory")
    return sorted(folder.iterdir())


def _memories() -> pa.Schema:
    import pyarrow as pa

    return pa.schema({"memory": pa.binary()})


def run(
    batch: Batch,
    master: str,
    function: Callable[[Pages, Failed], Iterator[pa.Table]],
    schema: pa.Schema,
    write: Callable[[Iterator[pa.Table], Path], None],
    folder: Path,
    suffix: str,
) -> int:
    """Read a batch, have `function` make rows of each site, and `write` them to `folder`; of how many pages they are.

    The batch is told what it had.
    """
    import detect

    tasks, size = tasks_of(batch)
    with named_errors(), detect.spark_session(master, partitions_for(size)) as session:
        sites = detect.by_site(detect.read_pages(session, tasks, Input.read), function, schema)
        told = together(detect.write_parts(sites, folder.resolve(), suffix, schema, write, together))
    what = recall(batch, told)
    batch.need_pages()
    return what["pages"] - what["lost"]


def recall(batch: Batch, told: str) -> Told:
    """Tell a batch what it had, by what all groups told."""
    what: Told = json.loads(told)
    batch.recall({**what, "failed": [(source, reason) for _, source, reason in sorted(what["failed"])]})
    return what


class Told(TypedDict):
    """What became of some pages: how many there were, and were lost in the work; what failed, by its number."""

    pages: int
    replaced: int
    homeless: int
    lost: int
    failed: list[tuple[int, str, str]]


def told_row(pages: Pages, failed: Failed, lost: Sequence[tuple[int, str, str]] = ()) -> pa.Table:
    """A row that tells what became of the pages of a group."""
    import pyarrow as pa

    from detect import TOLD

    what: Told = {
        "pages": len(pages),
        "replaced": sum(page.replaced for _, page in pages),
        "homeless": sum(not page.site for _, page in pages),
        "lost": len(lost),
        "failed": [*((at, one.source, one.reason) for at, one in failed), *lost],
    }
    return pa.table({TOLD: [json.dumps(what)]})


def together(told: Iterable[str]) -> str:
    """What several groups told, as one: there may be more sites than should come back one by one."""
    whole: Told = {"pages": 0, "replaced": 0, "homeless": 0, "lost": 0, "failed": []}
    for one in map(json.loads, told):
        for name in ("pages", "replaced", "homeless", "lost"):
            whole[name] += one[name]
        whole["failed"] += [(at, source, reason) for at, source, reason in one["failed"]]
    return json.dumps(whole)
