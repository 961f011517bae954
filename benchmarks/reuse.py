"""How well and how fast Winnow finds text that pages share.

In: a folder with pan13-train/{docs,gold,pairs}.jsonl.gz, clough_stevenson/{docs,labels}.jsonl and
scoop_news/docs.jsonl. Out: a table a question. The settings were chosen on the pairs of half 0; half 1 is the result.

    python benchmarks/reuse.py quality LABELLED [--half 0|1]
    python benchmarks/reuse.py candidates LABELLED
    python benchmarks/reuse.py stories LABELLED
    python benchmarks/reuse.py scale [PAGES ...]
    python benchmarks/reuse.py pairs LABELLED [--every N] [--out DETECTIONS]

Plagdet as Potthast et al. define it, "An evaluation framework for plagiarism detection" (COLING 2010), macro-averaged.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import math
import random
import resource
import sys
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

# The program that is measured is the one this file belongs to, whichever one is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import detect
from detect import Page, Passage, Place, Prepared


class Case(NamedTuple):
    """Text of one page that stands, perhaps reworded, on another: labelled or found."""

    copy: Place
    source: Place


class Pair(NamedTuple):
    """Two pages to compare, and how text went from one to the other."""

    copy: str
    source: str
    kind: str


class Score(NamedTuple):
    """Plagdet and what it is made of; `found` counts passages."""

    plagdet: float
    precision: float
    recall: float
    granularity: float
    found: int


def main() -> None:
    """Answer the question of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    for name, run in (("quality", quality), ("candidates", candidates), ("stories", stories), ("pairs", pairs)):
        command = commands.add_parser(name)
        command.add_argument("labelled", type=Path)
        command.set_defaults(run=run)
        if name == "quality":
            command.add_argument("--half", type=int, choices=(0, 1), default=1)
        if name == "pairs":
            command.add_argument("--every", type=int, default=80)
            command.add_argument("--out", type=Path)
    command = commands.add_parser("scale")
    command.add_argument("pages", type=int, nargs="*", default=[5_000, 20_000, 80_000])
    command.set_defaults(run=scale)
    arguments = parser.parse_args()
    arguments.run(arguments)


# Passages of pairs


def quality(arguments: argparse.Namespace) -> None:
    """Plagdet of one half of the pairs, by kind of rewording."""
    texts, listed, gold = _pan(arguments.labelled)
    chosen = [pair for pair in listed if _half(pair) == arguments.half]
    found = _compared(texts, chosen)
    print(f"half {arguments.half}: {len(chosen)} pairs")
    print(f"{'kind':30} plagdet  precision  recall  granularity  found  cases")
    for kind in [*sorted({pair.kind for pair in chosen}), ""]:
        some = {(pair.copy, pair.source) for pair in chosen if pair.kind.startswith(kind)}
        cases = [case for pages in some for case in gold.get(pages, ())]
        score = plagdet(cases, [case for pages in some for case in found.get(pages, ())])
        print(
            f"{kind or 'all':30} {score.plagdet:7.4f}  {score.precision:9.4f}  {score.recall:6.4f}  "
            f"{score.granularity:11.4f}  {score.found:5}  {len(cases):5}"
        )


def plagdet(gold: Sequence[Case], found: Sequence[Case]) -> Score:
    """F1 of macro precision and recall over log2(1 + granularity); without cases and findings all is 1."""
    of_gold, of_found = _by_pages(gold), _by_pages(found)
    recalls, met = [], []
    for case in gold:
        hits = [one for one in of_found.get(_pages(case), ()) if _hits(case, one)]
        recalls.append(_covered(case, hits))
        met += [len(hits)] if hits else []
    precisions = [_covered(one, [case for case in of_gold.get(_pages(one), ()) if _hits(case, one)]) for one in found]
    precision = sum(precisions) / len(precisions) if precisions else float(not gold)
    recall = sum(recalls) / len(recalls) if recalls else float(not found)
    granularity = sum(met) / len(met) if met else 1.0
    both = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Score(both / math.log2(1 + granularity), precision, recall, granularity, len(found))


def _pages(case: Case) -> tuple[str, str]:
    return case.copy.page, case.source.page


def _by_pages(cases: Iterable[Case]) -> dict[tuple[str, str], list[Case]]:
    by_pages = defaultdict(list)
    for case in cases:
        by_pages[_pages(case)].append(case)
    return by_pages


def _hits(one: Case, other: Case) -> bool:
    return all(a.start < b.stop and b.start < a.stop for a, b in zip(one, other, strict=True))


def _covered(case: Case, others: Sequence[Case]) -> float:
    """The share of a case's characters, of both sides together, that others cover."""
    covered = total = 0
    for side in (0, 1):
        place = case[side]
        marks = np.zeros(place.stop - place.start, np.bool_)
        for other in others:
            marks[max(0, other[side].start - place.start) : max(0, other[side].stop - place.start)] = True
        covered += int(marks.sum())
        total += len(marks)
    return covered / total if total else 0.0


def _half(pair: Pair) -> int:
    return zlib.crc32((pair.copy + pair.source).encode()) % 2


def _pan(labelled: Path) -> tuple[dict[str, str], list[Pair], dict[tuple[str, str], list[Case]]]:
    folder = labelled / "pan13-train"
    texts = {row["id"]: row["text"] for row in _rows(folder / "docs.jsonl.gz")}
    listed = [Pair(row["susp_id"], row["src_id"], row["kind"]) for row in _rows(folder / "pairs.jsonl.gz")]
    gold = (
        Case(
            Place(row["susp_id"], row["susp_start"], row["susp_end"]),
            Place(row["src_id"], row["src_start"], row["src_end"]),
        )
        for row in _rows(folder / "gold.jsonl.gz")
    )
    return texts, listed, _by_pages(gold)


def _compared(texts: dict[str, str], listed: Iterable[Pair]) -> dict[tuple[str, str], list[Case]]:
    prepared = cache(lambda id: detect.prepare(Page(id, texts[id]), None))
    return {(pair.copy, pair.source): _cases(prepared(pair.copy), prepared(pair.source)) for pair in listed}


def _cases(copy: Prepared, source: Prepared) -> list[Case]:
    return [
        Case(*((one.a, one.b) if one.a.page == copy.page.id else (one.b, one.a)))
        for one in detect.compare(copy, source)
    ]


# Many pages


def candidates(arguments: argparse.Namespace) -> None:
    """All against all: which listed pairs are among those that are looked at closely."""
    texts, listed, _ = _pan(arguments.labelled)
    ids = sorted(texts)
    sketches = [detect.prepare(Page(id, texts[id]), None).sketch() for id in ids]
    met = {frozenset((ids[i], ids[j])) for i, j in detect.candidates(sketches).tolist()}
    print(f"{len(ids)} pages, {len(met)} pairs to align")
    for kind in sorted({pair.kind for pair in listed}):
        some = [frozenset((pair.copy, pair.source)) in met for pair in listed if pair.kind == kind]
        print(f"{kind:30} {sum(some):5} of {len(some)} listed pairs")


def scale(arguments: argparse.Namespace) -> None:
    """Pages a second of the whole search, on generated pages of which a third carry a passage of another."""
    for count in arguments.pages:
        pages = list(_generated(count))
        began = time.perf_counter()
        made = detect.find_reuse(pages, None)
        taken = time.perf_counter() - began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{count:7,} pages  {taken:7.1f} s  {count / taken:7.0f} pages/s  {made.aligned:7,} pairs aligned  "
            f"{len(made.passages):7,} passages  at most {memory:6.0f} MB",
            flush=True,
        )


def _generated(count: int) -> Iterator[Page]:
    """Pages of 200 to 800 invented words that fall as words do; every third carries sixty words of one before it."""
    words = ["".join(syllables) for syllables in itertools.product("bdfgklmnprstvz", "aeiou", "lmnrst", ("a", "o", ""))]
    source = random.Random(1)
    weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(words) * 8)))
    pages: list[list[str]] = []
    for number in range(count):
        ranks = source.choices(range(len(weights)), cum_weights=weights, k=source.randint(200, 800))
        text = [words[rank % len(words)] + (words[rank // len(words)] if rank >= len(words) else "") for rank in ranks]
        if number % 3 == 2:
            other = pages[source.randrange(len(pages))]
            first = source.randrange(len(other) - 60)
            at = source.randrange(len(text))
            text[at:at] = other[first : first + 60]
        if len(pages) < 5_000:  # the sources of later pages
            pages.append(text)
        yield Page(f"{number:06}", " ".join(text))


# Whole pages


def stories(arguments: argparse.Namespace) -> None:
    """Whether the share of a text that passages cover tells rewritten from independent, and one story from another."""
    folder = arguments.labelled / "clough_stevenson"
    prepared = {row["id"]: detect.prepare(Page(row["id"], row["text"]), None) for row in _rows(folder / "docs.jsonl")}
    labels = list(_rows(folder / "labels.jsonl"))
    for least in (30, 20):
        shares = [_containment(prepared[row["susp_id"]], prepared[row["src_id"]], least) for row in labels]
        reused = [share for share, row in zip(shares, labels, strict=True) if row["label"] != "non"]
        own = [share for share, row in zip(shares, labels, strict=True) if row["label"] == "non"]
        print(f"clough_stevenson, passages of {least} words: AUC of containment {_auc(reused, own):.4f}")
    rows = list(_rows(arguments.labelled / "scoop_news" / "docs.jsonl"))
    story = {row["id"]: row["cluster"] for row in rows}
    for what, least in itertools.product(("text", "title and text"), (30, 15)):
        pages = [Page(row["id"], row["text"] if what == "text" else f"{row['title']}\n{row['text']}") for row in rows]
        made = detect.find_reuse(pages, None, min_words=least)
        _print_stories(f"scoop_news, {what}, {least} words", story, made.passages)


def _containment(copy: Prepared, source: Prepared, least: int) -> float:
    """The share of a page's words that stand in passages, each as far as it is alike."""
    covered = 0.0
    for one in detect.compare(copy, source, least):
        place = one.a if one.a.page == copy.page.id else one.b
        first, last = np.searchsorted(copy.terms.starts, (place.start, place.stop))
        covered += (last - first) * one.similarity
    return covered / len(copy.terms.starts) if len(copy.terms.starts) else 0.0


def _auc(more: Sequence[float], less: Sequence[float]) -> float:
    pairs = [(a > b) + (a == b) / 2 for a in more for b in less]
    return sum(pairs) / len(pairs)


def _print_stories(name: str, story: dict[str, str], passages: Iterable[Passage]) -> None:
    met = {frozenset((one.a.page, one.b.page)) for one in passages}
    by_story = defaultdict(list)
    for id, cluster in story.items():
        by_story[cluster].append(id)
    gold = {frozenset(pair) for ids in by_story.values() for pair in itertools.combinations(ids, 2)}
    right = len(met & gold)
    print(f"{name}: {right} of {len(met)} pairs that share text are one story; {len(gold)} pairs are")


# For a race with other tools


def pairs(arguments: argparse.Namespace) -> None:
    """Compare every n-th listed pair, from text to passages, and say how long that took."""
    texts, listed, _ = _pan(arguments.labelled)
    chosen = listed[:: arguments.every]
    _compared(texts, chosen[:1])  # compiled by then, as the others have imported
    began = time.process_time()
    found = _compared(texts, chosen)
    taken = time.process_time() - began
    if arguments.out:
        rows = (case for cases in found.values() for case in cases)
        arguments.out.write_text("".join(json.dumps(_detection(case)) + "\n" for case in rows), encoding="utf-8")
    print(json.dumps({"tool": "winnow", "pairs": len(chosen), "cpu_seconds": round(taken, 3)}))


def _detection(case: Case) -> dict[str, object]:
    return {
        "susp_id": case.copy.page,
        "susp_start": case.copy.start,
        "susp_end": case.copy.stop,
        "src_id": case.source.page,
        "src_start": case.source.start,
        "src_end": case.source.stop,
    }


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    opened: Callable[..., Iterable[str]] = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:  # type: ignore[attr-defined]
        yield from (json.loads(line) for line in lines)


if __name__ == "__main__":
    main()
