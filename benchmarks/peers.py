"""Winnow and the tools beside it, each at the same work: what speed.py runs in a process of its own.

In: the name of a work and of a tool, a Parquet file of pages, one of a few pages to warm up on, and a folder to write
to. Out: a line of JSON, with the pages and the bytes of their text, and the seconds the measured part took: CPU (of
all threads and child processes, user and system) and wall. Imports, compilers and models come before it, in a run over
the few pages; so does loading, where a tool is given texts and not a file.

A tool gets what it is made for, in one thread where it can be told so. Words of the tools that leave splitting to
their user are str.split(): in scripts without spaces that is a clause, and less work than Winnow does on it. Tools that
learn lines learn less than Winnow, which learns every window of words.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.util
import json
import resource
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from pyarrow import parquet

# The program that is measured is the one this file belongs to, whichever one is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

SLOTS = 128
_WINDOW = 5  # words
_BATCH = 1_000  # pages a call, for tools that take many at once

Run = Callable[[Any], object]


@dataclass(frozen=True)
class Tool:
    """A tool at one work. `make(folder)` gives what is measured, `load(pages, folder)` what that is called with.

    `needs` is the module that has to be there; `sample` the pages that a slow tool gets, None for all.
    """

    name: str
    make: Callable[[Path], Run]
    load: Callable[[Path, Path], Any]
    needs: str = "detect"
    sample: int | None = None
    html: bool = False
    note: str = ""

    @property
    def is_there(self) -> bool:
        """False when what it needs is not installed."""
        return importlib.util.find_spec(self.needs) is not None


def main() -> None:
    """Do the work that the command line names, and say what it took."""
    work, name = sys.argv[1:3]
    pages, few, folder = (Path(argument) for argument in sys.argv[3:])
    tool = next(tool for tool in WORKS[work] if tool.name == name)
    print(json.dumps(measure(tool, pages, few, folder)))


def measure(tool: Tool, pages: Path, few: Path, folder: Path) -> dict[str, float]:
    """What `tool` takes for all `pages` once it has done a few."""
    run, start, given = tool.make(folder), tool.load(few, folder), tool.load(pages, folder)
    run(start)
    cpu, began = _cpu(), time.perf_counter()
    run(given)
    cpu, wall = _cpu() - cpu, time.perf_counter() - began
    sizes = [len(text.encode()) for batch in batches(pages) for text in batch]
    return {"pages": len(sizes), "bytes": sum(sizes), "cpu": cpu, "wall": wall}


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


# What tools are given


def batches(pages: Path, column: str = "text") -> Iterator[list[str]]:
    """A column of a Parquet file as strings, some rows at a time."""
    # Without these two, it would hold all that is asked for, in the process whose memory is measured.
    with parquet.ParquetFile(pages, pre_buffer=False, buffer_size=1_000_000) as file:
        for batch in file.iter_batches(_BATCH, columns=[column]):
            yield batch.column(0).to_pylist()


def _file(pages: Path, folder: Path) -> Path:
    return pages


def _texts(pages: Path, folder: Path) -> list[str]:
    return [text for batch in batches(pages) for text in batch]


def _html(pages: Path, folder: Path) -> list[str]:
    return [text for batch in batches(pages, "html") for text in batch]


def _documents(pages: Path, folder: Path) -> list[object]:
    document = importlib.import_module("datatrove.data").Document
    return [document(text=text, id=str(i)) for i, text in enumerate(_texts(pages, folder))]


def _rows(pages: Path, folder: Path) -> Path:
    """The pages as JSON lines, in a folder of the name that dolma asks for."""
    out = folder / "documents" / f"{pages.stem}.jsonl"
    out.parent.mkdir(exist_ok=True)
    with parquet.ParquetFile(pages) as file, out.open("w", encoding="utf-8") as lines:
        for batch in file.iter_batches(_BATCH, columns=["id", "site", "url", "date", "text"]):
            lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in batch.to_pylist())
    return out


# Winnow


def _winnow_learn(folder: Path) -> Run:
    def run(source: Path) -> None:
        memory = folder / "memory"
        memory.unlink(missing_ok=True)
        _command("learn", source, "--memory", memory, "--workers", 1)

    return run


def _winnow_clean(folder: Path, workers: int = 1) -> Run:
    out = folder / "cleaned.parquet"
    return lambda source: _command("clean", source, "--out", out, "--format", "parquet", "--workers", workers)


def _command(*arguments: object) -> None:
    """`winnow` with these arguments, in this process: what it imported and compiled before is there already.

    Raises RuntimeError when it fails.
    """
    from webapp.cli import main as winnow

    try:
        winnow([str(argument) for argument in arguments], standalone_mode=False)
    except SystemExit as ended:
        if ended.code:
            raise RuntimeError(f"winnow {arguments[0]} ended with exit code {ended.code}") from ended


def _winnow_signatures(folder: Path) -> Run:
    from detect import text_signatures

    return lambda texts: text_signatures(texts, _WINDOW)


# Signatures


def _windows(text: str) -> list[str]:
    split = text.split()
    return [" ".join(split[i : i + _WINDOW]) for i in range(len(split) - _WINDOW + 1)]


def _datasketch(folder: Path) -> Run:
    minhash = importlib.import_module("datasketch").MinHash

    def run(texts: Sequence[str]) -> None:
        for text in texts:
            minhash(SLOTS).update_batch([window.encode() for window in _windows(text)])

    return run


def _gaoya(folder: Path) -> Run:
    minhash = importlib.import_module("gaoya").minhash

    def run(texts: Sequence[str]) -> None:
        index = minhash.MinHashStringIndex(32, 0.5, SLOTS // 4, 4, None, "word", True, (_WINDOW, _WINDOW))
        for number, text in enumerate(texts):
            index.insert_document(number, text)

    return run


def _rensa(folder: Path) -> Run:
    minhash = importlib.import_module("rensa").RMinHash

    def run(texts: Sequence[str]) -> None:
        for start in range(0, len(texts), _BATCH):
            windows = [_windows(text) for text in texts[start : start + _BATCH]]
            minhash.digest_matrix_from_token_sets(windows, SLOTS, 1)

    return run


def _datatrove_signatures(folder: Path) -> Run:
    stage = importlib.import_module("datatrove.pipeline.dedup.minhash")
    config = stage.MinhashConfig(n_grams=_WINDOW, num_buckets=SLOTS // 8, hashes_per_bucket=8)
    return lambda documents: stage.MinhashDedupSignature(str(folder / "signatures"), config).run(iter(documents))


# Learning what recurs

_COUNT_LINES = """
    COPY (
        SELECT site, line, count(DISTINCT id) AS pages
        FROM (SELECT site, id, hash(unnest(string_split(text, chr(10)))) AS line FROM read_parquet('{pages}'))
        GROUP BY site, line HAVING count(DISTINCT id) >= 2
    ) TO '{out}' (FORMAT parquet)
"""


def _duckdb(folder: Path) -> Run:
    connection = importlib.import_module("duckdb").connect()
    connection.execute("SET threads = 1")
    return lambda pages: connection.execute(_COUNT_LINES.format(pages=pages, out=folder / "lines.parquet"))


def _line_hashes(folder: Path) -> Run:
    """Wenzek et al., "CCNet" (2020), section 3.1: normalised lines by the first 64 bits of their SHA-1."""
    marks = {i: None for i in range(sys.maxunicode) if unicodedata.category(chr(i)).startswith("P")}
    table = str.maketrans("0123456789", "0" * 10) | marks

    def run(pages: Path) -> None:
        digests = bytearray()
        for text in (text for batch in batches(pages) for text in batch):
            for line in text.split("\n"):
                if plain := line.strip().lower().translate(table):
                    digests += hashlib.sha1(plain.encode()).digest()[:8]
        hashes, counts = np.unique(np.frombuffer(digests, np.uint64), return_counts=True)
        np.save(folder / "hashes.npy", hashes[counts >= 2])

    return run


def _dolma(folder: Path) -> Run:
    module = _native("dolma")

    def run(source: Path) -> None:
        (folder / "filter").unlink(missing_ok=True)
        paragraphs = {"attribute_name": "seen", "paragraph_separator": "\n"}
        partitions = {"num_partitions": 1, "partition_index": 0, "file_partition": False, "document_dir": "documents"}
        sizes = {"size_in_bytes": 0, "estimated_doc_count": 10_000_000, "desired_false_positive_rate": 1e-4}
        config = {
            "documents": [str(source)],
            "dedupe": {"name": "seen", "paragraphs": paragraphs, "skip_empty": True, "min_length": 0, "min_words": 0}
            | partitions,
            "bloom_filter": {"file": str(folder / "filter"), "read_only": False} | sizes,
            "work_dir": {"input": str(folder / "in"), "output": str(folder / "out")},
            "processes": 1,
            "compression": {"input": None, "output": None},
            "is_s3_volume": False,
        }
        (folder / "attributes" / "seen" / source.name).unlink(missing_ok=True)  # what is there is not made again
        module.deduper_entrypoint(json.dumps(config))

    return run


def _native(package: str) -> ModuleType:
    """The compiled module of a package, without what else the package imports."""
    found = importlib.util.find_spec(package)
    assert found and found.submodule_search_locations, "the tool was looked for before"
    spec = importlib.machinery.PathFinder.find_spec(package, list(found.submodule_search_locations))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _datatrove_sentences(folder: Path) -> Run:
    stages = importlib.import_module("datatrove.pipeline.dedup.sentence_dedup")
    config, made = stages.SentDedupConfig(), str(folder / "sentences")

    def run(documents: Sequence[object]) -> None:
        stages.SentenceDedupSignature(made, config=config).run(iter(documents))
        stages.SentenceFindDedups(made, str(folder / "found"), config=config).run()

    return run


# Cleaning pages


def _justext(folder: Path) -> Run:
    module = importlib.import_module("justext")
    stop_words = module.get_stoplist("English")
    return lambda pages: [module.justext(page, stop_words) for page in pages]


def _trafilatura(folder: Path) -> Run:
    extract = importlib.import_module("trafilatura").extract
    return lambda pages: [extract(page) for page in pages]


_BY_HTML = "reads HTML, which is made before; MB are of text all the same"
_NO_READING = "in memory; reading not counted"

# Winnow is the first of each work, or what all else is compared with.
WORKS: dict[str, tuple[Tool, ...]] = {
    "signatures": (
        Tool("Winnow", _winnow_signatures, _texts),
        Tool("datasketch", _datasketch, _texts, "datasketch"),
        Tool("gaoya", _gaoya, _texts, "gaoya", note="indexes them too"),
        Tool("rensa", _rensa, _texts, "rensa"),
        Tool("datatrove", _datatrove_signatures, _documents, "datatrove", 500, note="writes and sorts them too"),
    ),
    "learn": (
        Tool("Winnow", _winnow_learn, _file),
        Tool("DuckDB", _duckdb, _file, "duckdb", note="pages a site that have a line, exactly"),
        Tool("line hashes", _line_hashes, _file, "numpy", note="as CCNet makes them, in Python"),
        Tool("dolma", _dolma, _rows, "dolma", note="Bloom filter of lines, from JSON lines"),
        Tool("datatrove", _datatrove_sentences, _documents, "datatrove", 500, note=_NO_READING),
    ),
    "clean": (
        Tool("Winnow", _winnow_clean, _file, note="learns first, and writes labels and text"),
        Tool("jusText", _justext, _html, "justext", 500, html=True, note=_BY_HTML),
        Tool("trafilatura", _trafilatura, _html, "trafilatura", 500, html=True, note=_BY_HTML),
    ),
    "workers": tuple(
        Tool(f"{count} worker{'s' * (count > 1)}", functools.partial(_winnow_clean, workers=count), _file)
        for count in (1, 2)
    ),
    "sizes": (Tool("Winnow", _winnow_clean, _file),),
}


if __name__ == "__main__":
    main()
