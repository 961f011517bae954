"""How well Winnow tells content from boilerplate, on labelled pages, beside rules and tools to beat.

In: a folder with `text/*.jsonl.gz`, a labelled page a line: `id`, `text`, `spans` (main content, in code
points), `ignore` (ranges that are not scored), `site_group` or `site`. Out: a row a data set.

Every page goes through the command line, `winnow clean --format spans`, in one run. A site is the pages of
one data set that share `site_group` (else `site`); a page without either is a site of its own.

Scored by position: a token is main when its middle character lies in a span of kind content or title.
P = |pred & gold| / |pred|, R = |pred & gold| / |gold|; "mean" is over pages, "micro" over all tokens
of a row; "chrome" is the share of the tokens outside the gold that were kept (micro).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Spans = Sequence[tuple[int, int]]

_ROOT = Path(__file__).resolve().parents[1]  # the program that is measured is the one this file belongs to

# What a sentence ends with, brackets and closing quotation marks included.
_ENDINGS = tuple(".!?…\"'”’»)。！？」』")

# Scripts that set no space between words: every character is a token.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")

_SITE_PAGES = 5  # "sites of five pages or more": where learning a site has something to learn from
_DANIEL_SITES = "daniel, sites of 5+"
_RULE_TO_BEAT = "not on site"

# Mean F1 of tools that saw the HTML (Winnow sees flattened text), each on n pages sampled from the set.
_TOOLS = ("trafilatura", "precise", "resiliparse", "readability", "jusText", "boilerpy3")
_PUBLISHED: Mapping[str, tuple[int, tuple[float, ...]]] = {
    "big9": (180, (0.957, 0.961, 0.924, 0.940, 0.892, 0.833)),
    _DANIEL_SITES: (109, (0.825, 0.880, 0.825, 0.911, 0.579, 0.861)),
    "scrapinghub": (181, (0.958, 0.964, 0.929, 0.957, 0.786, 0.837)),
    "wcxb": (110, (0.826, 0.796, 0.775, 0.761, 0.687, 0.662)),
    "fundus": (80, (0.959, 0.955, 0.916, 0.891, 0.806, 0.840)),
    "misinfo": (79, (0.971, 0.962, 0.935, 0.954, 0.864, 0.867)),
    "readability": (55, (0.962, 0.968, 0.954, 0.979, 0.629, 0.775)),
    "ceed": (60, (0.692, 0.567, 0.756, 0.532, 0.410, 0.413)),
    "evan": (57, (0.865, 0.870, 0.784, 0.791, 0.661, 0.650)),
}


@dataclass(frozen=True, slots=True)
class Gold:
    """A labelled page. `site` is unique over all data sets; `group` holds what `--by` can divide rows by."""

    id: str
    dataset: str
    site: str
    text: str
    spans: Spans
    ignore: Spans
    group: Mapping[str, str]


class Score(NamedTuple):
    """Tokens of a page, or of many: in both, in the prediction, in the gold, and all that count."""

    both: int
    predicted: int
    gold: int
    tokens: int

    def measures(self) -> tuple[float, float, float]:
        """Precision, recall and F1; all 1 when there is nothing to find and nothing was found."""
        if not self.predicted and not self.gold:
            return 1.0, 1.0, 1.0
        if not self.both:
            return 0.0, 0.0, 0.0
        precision, recall = self.both / self.predicted, self.both / self.gold
        return precision, recall, 2 * precision * recall / (precision + recall)


def token_middles(text: str) -> NDArray[np.int64]:
    """The middle character of every token of a text."""
    spans = (match.span() for match in _TOKEN.finditer(text))
    return np.fromiter(((start + stop - 1) // 2 for start, stop in spans), dtype=np.int64)


def inside(spans: Spans, length: int) -> NDArray[np.bool_]:
    """For every character of a text whether one of the spans covers it."""
    covered = np.zeros(length, dtype=np.bool_)
    for start, stop in spans:
        covered[start:stop] = True
    return covered


def score_page(text: str, gold: Spans, predicted: Spans, ignore: Spans = ()) -> Score:
    """One page's counts; tokens in `ignore` count neither way."""
    middles = token_middles(text)
    middles = middles[~inside(ignore, len(text))[middles]]
    in_gold, in_predicted = inside(gold, len(text))[middles], inside(predicted, len(text))[middles]
    both = int((in_gold & in_predicted).sum())
    return Score(both, int(in_predicted.sum()), int(in_gold.sum()), len(middles))


def read_labelled(folder: Path, datasets: Iterable[str] = ()) -> Iterator[Gold]:
    """The labelled pages of a folder, set after set. Raises FileNotFoundError when it has none."""
    wanted = set(datasets)
    files = sorted((folder / "text").glob("*.jsonl.gz"))
    files = [file for file in files if not wanted or file.name.removesuffix(".jsonl.gz") in wanted]
    if not files:
        raise FileNotFoundError(f"no labelled pages: {folder / 'text'} holds no such .jsonl.gz")
    for file in files:
        dataset = file.name.removesuffix(".jsonl.gz")
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                page = json.loads(line)
                site = page.get("site_group") or page.get("site") or f"alone {page['id']}"
                yield Gold(
                    id=page["id"],
                    dataset=dataset,
                    site=f"{dataset}: {site}",
                    text=page["text"],
                    spans=page["spans"],
                    ignore=page.get("ignore") or (),
                    group={
                        "site": site,
                        "lang": str(page.get("lang")),
                        "page_type": str(page.get("page_type")),
                        "half": _half(site),
                    },
                )


def _half(site: str) -> str:
    """Sites in two lots, to tune on one and check on the other; by name, so that it never changes."""
    return ("first half", "second half")[hashlib.sha256(site.encode()).digest()[0] % 2]


def lines_of(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, stop, text without space around it) of every line."""
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line), line.strip()
        start += len(line) + 1


def _words(line: str) -> int:
    return len(_TOKEN.findall(line))


def _long(line: str) -> bool:
    return _words(line) >= 10


def _sentence_like(line: str) -> bool:
    """The line rule of C4 (Raffel et al., 2020): five words or more, and punctuation at the end."""
    return _words(line) >= 5 and line.endswith(_ENDINGS)


def text_rules(pages: Sequence[Gold]) -> Mapping[str, Callable[[Gold], Spans]]:
    """The rules to beat, by name. The last knows which lines stand on another page of the same site."""
    on_pages: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for page in pages:
        on_pages[page.site].update({line for _, _, line in lines_of(page.text)})

    def keep(page: Gold, rule: Callable[[str], bool]) -> Spans:
        return [(start, stop) for start, stop, line in lines_of(page.text) if rule(line)]

    def new_sentences(page: Gold) -> Spans:
        seen = on_pages[page.site]
        return keep(page, lambda line: _sentence_like(line) and seen[line] < 2)

    return {
        "keep all": lambda page: [(0, len(page.text))],
        "10+ words": lambda page: keep(page, _long),
        "sentence": lambda page: keep(page, _sentence_like),
        _RULE_TO_BEAT: new_sentences,
    }


def clean_all(pages: Sequence[Gold], *, cold: bool, workers: int) -> tuple[dict[str, Spans], float]:
    """What `winnow clean` keeps of every page, by page id, and the seconds it took, start to end.

    Raises RuntimeError when the command fails, leaves a page out or saw another text than it was given.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder, "pages.jsonl"), Path(folder, "spans.jsonl")
        with given.open("w", encoding="utf-8") as out:
            for page in pages:
                out.write(json.dumps({"id": page.id, "site": page.site, "text": page.text}) + "\n")
        command = [sys.executable, "-m", "webapp.cli", "clean", str(given), "--out", str(found)]
        command += ["--format", "spans", "--workers", str(workers)] + ["--no-learn"] * cold
        began = time.perf_counter()
        done = subprocess.run(command, check=False, cwd=_ROOT)
        seconds = time.perf_counter() - began
        if done.returncode:
            raise RuntimeError(f"winnow clean ended with exit code {done.returncode}")
        kept: dict[str, Spans] = {}
        lengths = {}
        with found.open(encoding="utf-8") as lines:
            for answer in map(json.loads, lines):
                lengths[answer["id"]] = answer["length"]
                kept[answer["id"]] = [
                    (span["start"], span["stop"]) for span in answer["spans"] if span["kind"] in ("content", "title")
                ]
    for page in pages:
        if lengths.get(page.id) != len(page.text):
            raise RuntimeError(f"{page.id}: {len(page.text)} characters in, {lengths.get(page.id)} answered for")
    return kept, seconds


class Row:
    """Running sums of one row of the table, for one way of predicting."""

    def __init__(self) -> None:
        self.pages = 0
        self.means = np.zeros(3)
        self.total = Score(0, 0, 0, 0)

    def add(self, score: Score) -> None:
        """Count one page."""
        self.pages += 1
        self.means += score.measures()
        self.total = Score(*(a + b for a, b in zip(self.total, score, strict=True)))

    @property
    def mean(self) -> tuple[float, float, float]:
        """Precision, recall and F1, each a mean over pages."""
        precision, recall, f1 = self.means / max(1, self.pages)
        return float(precision), float(recall), float(f1)

    @property
    def chrome_kept(self) -> float:
        """The share of the tokens outside the gold that the prediction keeps."""
        outside = self.total.tokens - self.total.gold
        return (self.total.predicted - self.total.both) / max(1, outside)


Table = dict[str, dict[str, Row]]


def tabulate(
    pages: Sequence[Gold],
    ways: Mapping[str, Callable[[Gold], Spans]],
    *,
    by: str | None = None,
    min_pages: int = 0,
) -> Table:
    """Row name -> way -> sums. `min_pages` leaves out the pages of smaller sites."""
    site_pages = Counter(page.site for page in pages)
    table: Table = {}
    for page in pages:
        if site_pages[page.site] < min_pages:
            continue
        names = [f"{page.dataset}, {page.group[by]}" if by else page.dataset]
        if page.dataset == "daniel" and not by and site_pages[page.site] >= _SITE_PAGES:
            names.append(_DANIEL_SITES)
        for way, predict in ways.items():
            score = score_page(page.text, page.spans, predict(page), page.ignore)
            for name in names:
                table.setdefault(name, {}).setdefault(way, Row()).add(score)
    return table


def print_table(table: Table, rules: Iterable[str]) -> None:
    """The table, as text: Winnow in full, then mean F1 of the rules, then of the HTML tools."""
    rules = list(rules)
    width = max(map(len, table), default=0)
    measures = "    P      R      F1  "
    print(
        f"{'':{width + 7}}{'winnow, mean':^21}{'winnow, micro':^21}         "
        f"{'text rules, mean F1':^{12 * len(rules)}}      tools that saw the HTML, mean F1 on n pages"
    )
    print(
        f"{'data set':{width}} pages {measures}{measures}chrome  "
        + " ".join(f"{rule:>11}" for rule in rules)
        + f" {'n':>5} "
        + " ".join(f"{tool:>11}" for tool in _TOOLS)
    )
    for name in sorted(table):
        row = table[name]["winnow"]
        n, published = _PUBLISHED.get(name, (0, ()))
        print(
            f"{name:{width}} {row.pages:>5} "
            + "".join(f"{value:7.3f}" for value in (*row.mean, *row.total.measures(), row.chrome_kept))
            + "   "
            + " ".join(f"{table[name][rule].mean[2]:11.3f}" for rule in rules)
            + f" {n or '':>5} "
            + " ".join(f"{value:11.3f}" for value in published)
        )
    ahead = [name for name, ways in table.items() if ways["winnow"].mean[2] > ways[_RULE_TO_BEAT].mean[2]]
    print(f"\nahead of the rule '{_RULE_TO_BEAT}' in {len(ahead)} of {len(table)} rows")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, clean, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", type=Path, help="the folder that holds text/*.jsonl.gz")
    parser.add_argument("--datasets", default="", help="only these, separated by commas")
    parser.add_argument("--cold", action="store_true", help="learn nothing: every page on its own")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--min-pages", type=int, default=0, help="only pages of sites with so many or more")
    division = parser.add_mutually_exclusive_group()
    division.add_argument("--by", choices=("site", "lang", "page_type"), help="a row for each")
    division.add_argument("--split", choices=("half",), help="a row for each half of the sites")
    options = parser.parse_args(arguments)

    pages = list(read_labelled(options.labelled, filter(None, options.datasets.split(","))))
    kept, seconds = clean_all(pages, cold=options.cold, workers=options.workers)
    rules = text_rules(pages)
    ways: dict[str, Callable[[Gold], Spans]] = {"winnow": lambda page: kept[page.id], **rules}
    print_table(tabulate(pages, ways, by=options.by or options.split, min_pages=options.min_pages), rules)
    megabytes = sum(len(page.text.encode()) for page in pages) / 1e6
    print(
        f"{len(pages)} pages, {megabytes:.1f} MB in {seconds:.1f} s from start to end of the command, "
        f"{options.workers} worker(s): {len(pages) / seconds:.0f} pages/s, {megabytes / seconds:.2f} MB/s"
    )


if __name__ == "__main__":
    main()
