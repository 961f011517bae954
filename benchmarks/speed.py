"""How fast Winnow is beside the tools people use for parts of its work, all in one run on one generated crawl.

In: how many pages. Out: a table a work, with the medians of the repeats.

    python benchmarks/speed.py [--pages 20000] [--repeats 3] [--only NAME,...] [--folder DIR] [--markdown]

Works: signatures (128 MinHash slots a page, from text), learn (what recurs, from a Parquet file), clean (the whole:
read, learn, label, cut, write), workers (the same by one and two processes), stages (what the time for it goes into),
floors (what this machine does at best) and, only when named, sizes (clean once over each of --sizes pages).

The tools take turns, A B C A B C, each run in a process of its own. "MB/s" is megabytes (1e6 bytes of UTF-8 text) a
CPU-second, user and system time of all threads and processes, from when a run over 64 pages is done to the end: what it
takes to start, import and compile is in "CPU s in all" only. Memory is the largest resident size of any one process,
with the pages where a tool is given them in memory. A slow tool gets the first pages only, as the table says.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from peers import WORKS, Tool

_HERE = Path(__file__).resolve().parent
_GENERATOR = ("corpus.py", "invented_sites.py", "invented_words.py")
_NAMES = (*(name for name in WORKS if name != "sizes"), "stages", "floors")
_WORDS = ("tool", "note", "clean by", "stage", "floor", "request")  # columns of words
_FEW = 64  # pages to warm up on
_STAGED = 500  # pages of which the stages are told


class Run(NamedTuple):
    """One run: its pages, bytes of text, seconds of the measured part, all CPU seconds and bytes resident at most."""

    pages: float
    bytes: float
    cpu: float
    wall: float
    total: float
    peak: float

    @property
    def rate(self) -> float:
        """MB a CPU-second."""
        return self.bytes / 1e6 / self.cpu


@dataclass
class Row:
    """A tool and its runs so far, or why there are none."""

    tool: Tool
    runs: list[Run] = field(default_factory=list)
    problem: str = ""

    def median(self) -> Run:
        """Each number's own median."""
        return Run(*(statistics.median(numbers) for numbers in zip(*self.runs, strict=True)))


class Table(NamedTuple):
    """A title, the names of the columns, and rows of as many cells."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


class ToolFailedError(RuntimeError):
    """A process ended badly; the message is the last thing it said."""


def main() -> None:
    """Run the works that the command line names, and print their tables as they are done."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", type=_works, default=_NAMES, help=f"of {', '.join((*_NAMES, 'sizes'))}")
    parser.add_argument("--sizes", type=_numbers, default=(20_000, 200_000, 1_000_000))
    parser.add_argument("--folder", type=Path, help="where the crawl is kept from one run to the next")
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    if (load := os.getloadavg()[0]) > 0.5:
        print(f"others are at work here (load {load:.1f}): wall times, and so workers, mean little", file=sys.stderr)
    with _folder(arguments.folder) as folder:
        for name in arguments.only:
            print(printed(_table(name, folder, arguments), arguments.markdown), flush=True)


def _works(names: str) -> list[str]:
    wrong = set(names.split(",")) - {*_NAMES, "sizes"}
    if wrong:
        raise argparse.ArgumentTypeError(f"no work is called {', '.join(sorted(wrong))}")
    return names.split(",")


def _numbers(numbers: str) -> tuple[int, ...]:
    return tuple(int(number) for number in numbers.split(","))


@contextlib.contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="winnow-speed-") as folder:
        yield Path(folder)


def _table(name: str, folder: Path, arguments: argparse.Namespace) -> Table:
    count, repeats = arguments.pages, arguments.repeats
    if name == "stages":
        return stages_table(_told("stages.py", corpus(folder, count), min(count, _STAGED)))
    if name == "floors":
        return floors_table(_told("floors.py", corpus(folder, count)))
    if name == "sizes":
        by_size = {size: rows_of(name, folder, size, 1)[0] for size in arguments.sizes}
        return sizes_table(by_size)
    rows = rows_of(name, folder, count, repeats)
    return workers_table(rows) if name == "workers" else peers_table(name, rows)


# Running


def rows_of(work: str, folder: Path, count: int, repeats: int) -> list[Row]:
    """The tools of a work, each run `repeats` times, in turns."""
    rows = [Row(tool, problem="" if tool.is_there else "not installed") for tool in WORKS[work]]
    for _ in range(repeats):
        for row in rows:
            if not row.problem:
                try:
                    row.runs.append(_run(work, row.tool, folder, count))
                except ToolFailedError as error:
                    row.problem = f"failed: {error}"
    return rows


def _run(work: str, tool: Tool, folder: Path, count: int) -> Run:
    pages = corpus(folder, min(count, tool.sample or count), html=tool.html)
    few = corpus(folder, _FEW, html=tool.html)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        told, used = _process("peers.py", work, tool.name, pages, few, place)
    total = used.ru_utime + used.ru_stime
    return Run(**json.loads(told), total=total, peak=used.ru_maxrss * 1024)


def corpus(folder: Path, count: int, *, html: bool = False) -> Path:
    """The Parquet file of the crawl's first pages, made when it is not there."""
    made_by = zlib.crc32(b"".join((_HERE / name).read_bytes() for name in _GENERATOR))
    path = folder / f"crawl-{made_by:08x}-{count}{'-html' * html}.parquet"
    if not path.exists():
        _process("corpus.py", path, "--pages", count, *["--html"] * html)
    return path


def _told(script: str, *arguments: object) -> Any:
    return json.loads(_process(script, *arguments)[0])


def _process(script: str, *arguments: object) -> tuple[str, Any]:
    """The last line that a script of this folder prints, and what it and its children used (resource.struct_rusage).

    Raises ToolFailedError.
    """
    command = [sys.executable, str(_HERE / script), *map(str, arguments)]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = subprocess.Popen(command, stdout=out, stderr=err, cwd=_HERE.parent)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said = _last_line(err if child.returncode else out)
    if child.returncode:
        raise ToolFailedError(said or f"exit code {child.returncode}")
    return said, used


def _last_line(file: Any) -> str:
    file.seek(0)
    lines = file.read().split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


# Telling


def peers_table(work: str, rows: Sequence[Row]) -> Table:
    """What each tool does a CPU-second, and how many times as much Winnow, the first of them, does."""
    first = rows[0].median() if rows[0].runs else None
    head = ("tool", "MB/s", "lowest-highest", "pages/s", "Winnow is", "CPU s", "CPU s in all", "peak MB", "note")
    return Table(work, head, [_peer_cells(row, first) for row in rows])


def _peer_cells(row: Row, first: Run | None) -> list[str]:
    if row.problem:
        return [row.tool.name, row.problem, *[""] * 7]
    run, rates = row.median(), [run.rate for run in row.runs]
    return [
        row.tool.name,
        f"{run.rate:.1f}",
        f"{min(rates):.1f}-{max(rates):.1f}",
        f"{run.pages / run.cpu:,.0f}",
        _times(first.rate / run.rate) if first else "",
        f"{run.cpu:.2f}",
        f"{run.total:.2f}",
        f"{run.peak / 1e6:,.0f}",
        "; ".join(filter(None, [f"{run.pages:,.0f} pages", row.tool.note])),
    ]


def _times(ratio: float) -> str:
    return f"{ratio:.0f} x" if ratio >= 10 else f"{ratio:.2f} x"


def workers_table(rows: Sequence[Row]) -> Table:
    """How much sooner several processes are done; starting them is in it."""
    first = rows[0].median() if rows[0].runs else None
    head = ("clean by", "wall s", "pages/s", "as fast", "CPU s", "peak MB of one")
    cells = []
    for row in rows:
        if row.problem:
            cells.append([row.tool.name, row.problem, *[""] * 4])
            continue
        run = row.median()
        faster = _times(first.wall / run.wall) if first else ""
        speed = [f"{run.wall:.2f}", f"{run.pages / run.wall:,.0f}", faster]
        cells.append([row.tool.name, *speed, f"{run.cpu:.2f}", f"{run.peak / 1e6:,.0f}"])
    return Table("workers", head, cells)


def sizes_table(by_size: dict[int, Row]) -> Table:
    """What a page costs as the crawl grows."""
    cells = []
    for size, row in by_size.items():
        if row.problem:
            cells.append([f"{size:,}", row.problem, "", "", ""])
            continue
        run = row.median()
        times = [f"{1e3 * run.wall / run.pages:.2f}", f"{1e3 * run.cpu / run.pages:.2f}"]
        cells.append([f"{size:,}", f"{run.wall:.0f}", *times, f"{run.peak / 1e6:,.0f}"])
    return Table("sizes", ("pages", "wall s", "ms a page", "CPU ms a page", "peak MB"), cells)


def stages_table(stages: Sequence[tuple[str, float, float]]) -> Table:
    """Milliseconds a page of each stage, the dearest first, and its share of the whole."""
    whole = sum(learnt + cleaned for _, learnt, cleaned in stages)
    ranked = sorted(stages, key=lambda stage: -(stage[1] + stage[2]))
    rows = [[*_stage_cells(stage), f"{(stage[1] + stage[2]) / whole:.1%}"] for stage in ranked]
    both = ("all", sum(stage[1] for stage in stages), sum(stage[2] for stage in stages))
    return Table(
        "stages", ("stage", "learning, ms a page", "cleaning", "share"), [*rows, [*_stage_cells(both), "100%"]]
    )


def _stage_cells(stage: tuple[str, float, float]) -> list[str]:
    name, learnt, cleaned = stage
    return [name, f"{learnt:.3f}", f"{cleaned:.3f}"]


def floors_table(floors: Sequence[tuple[str, float]]) -> Table:
    """MB a CPU-second of what no program can be faster than."""
    return Table("floors", ("floor", "MB/s"), [[name, f"{rate:,.0f}"] for name, rate in floors])


def printed(table: Table, markdown: bool) -> str:
    """The table as text, words to the left and numbers to the right; or as Markdown."""
    lines = [table.head, *table.rows]
    lefts = [name in _WORDS for name in table.head]
    if markdown:
        ruled = [lines[0], ["---" if left else "---:" for left in lefts], *lines[1:]]
        return f"### {table.title}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in ruled)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = f"{table.title}\n"
    for line in lines:
        cells = zip(line, widths, lefts, strict=True)
        text += (
            "  ".join(cell.ljust(width) if left else cell.rjust(width) for cell, width, left in cells).rstrip() + "\n"
        )
    return text


if __name__ == "__main__":
    main()
