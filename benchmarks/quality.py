"""How well Winnow tells content from boilerplate, on labelled pages, beside rules and tools to beat.

In: a folder of labelled pages (detect/training/labelled.py says what they look like). Out: a row a data set, and how
far the probabilities can be taken at their word.

Scored by position: a token is main when its middle character lies in a span of kind content or title.
P = |pred & gold| / |pred|, R = |pred & gold| / |gold|; "mean" is over pages, "micro" over all tokens
of a row; "chrome" is the share of the tokens outside the gold that were kept (micro).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# The program that is measured is the one this file belongs to, whichever one is installed.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from verdicts import Verdicts, clean_all, label_all

from detect.training.labelled import (
    Gold,
    Score,
    Spans,
    glued,
    inside,
    read_labelled,
    score_page,
    token_middles,
    without_title,
)

_CARD = Path(__file__).resolve().parents[1] / "detect" / "weights.md"

# What a sentence ends with, brackets and closing quotation marks included.
_ENDINGS = tuple(".!?…\"'”’»)。！？」』")

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

# What is done to the pages, and to their spans with them, before they are labelled.
_VARIANTS: Mapping[str, Callable[[Gold], Gold]] = {
    "as-is": lambda page: page,
    "copied": without_title,
    "glued": lambda page: glued(page, all_lines=True),
    "partly-glued": lambda page: glued(page, all_lines=False),
}

_BINS = 10  # of the chance of content

_FLATTERY = (
    "Figures on pages that a model was trained on flatter it. Those of the shipped one on sites that it had not seen "
    f"(cross-validated by site) are in {_CARD.parent.name}/{_CARD.name}."
)


def lines_of(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, stop, text without space around it) of every line."""
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line), line.strip()
        start += len(line) + 1


def _words(line: str) -> int:
    return len(token_middles(line))


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


Rows = Mapping[str, Sequence[Gold]]
Scores = Mapping[str, Mapping[str, Score]]  # way of predicting -> page id -> score
Table = dict[str, dict[str, Row]]


def rows_of(pages: Sequence[Gold], *, by: str | None = None, min_pages: int = 0) -> Rows:
    """The pages of each row, by its name. `min_pages` leaves out the pages of smaller sites."""
    site_pages = Counter(page.site for page in pages)
    rows: defaultdict[str, list[Gold]] = defaultdict(list)
    for page in pages:
        if site_pages[page.site] < min_pages:
            continue
        rows[f"{page.dataset}, {page.group[by]}" if by else page.dataset].append(page)
        if page.dataset == "daniel" and not by and site_pages[page.site] >= _SITE_PAGES:
            rows[_DANIEL_SITES].append(page)
    return rows


def score_all(pages: Iterable[Gold], ways: Mapping[str, Callable[[Gold], Spans]]) -> Scores:
    """The score of every page for every way of predicting."""
    pages = list(pages)
    return {
        way: {page.id: score_page(page.text, page.spans, predict(page), page.ignore) for page in pages}
        for way, predict in ways.items()
    }


def tabulate(rows: Rows, scores: Scores) -> Table:
    """Row name -> way -> sums."""
    table: Table = {}
    for name, pages in rows.items():
        table[name] = {way: Row() for way in scores}
        for way, row in table[name].items():
            for page in pages:
                row.add(scores[way][page.id])
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


class Calibration(NamedTuple):
    """By bin of the chance of content, float64 (_BINS) each, in pages: what falls into it, what is said to be content
    of that, and what is. Every page counts alike, its tokens equal parts of it."""

    share: NDArray[np.float64]
    said: NDArray[np.float64]
    true: NDArray[np.float64]

    @property
    def error(self) -> float:
        """The expected calibration error: how far what is said is from what is true, in the mean over all tokens."""
        return float(np.abs(self.said - self.true).sum() / max(1, self.share.sum()))


def calibrate(pages: Iterable[Gold], verdicts: Verdicts) -> Calibration:
    """How the chances that were said compare with the gold, over the tokens that are scored."""
    sums = np.zeros((3, _BINS))
    for page in pages:
        middles = token_middles(page.text)
        middles = middles[~inside(page.ignore, len(page.text))[middles]]
        if not len(middles):
            continue
        starts = [verdict.start for verdict in verdicts[page.id]]
        chances = np.array([verdict.chance for verdict in verdicts[page.id]])
        said = chances[np.searchsorted(starts, middles, "right") - 1]
        bins = np.minimum(_BINS - 1, (said * _BINS).astype(np.int64))
        for total, part in zip(sums, (None, said, inside(page.spans, len(page.text))[middles]), strict=True):
            total += np.bincount(bins, part, _BINS) / len(middles)
    return Calibration(*sums)


def print_calibration(found: Calibration) -> None:
    """A line a bin: the chance of content as it was said and as it is, and the share of the tokens it is about."""
    print("\nchance of content, over tokens, every page counting alike\n      bin    said    true   share")
    whole = found.share.sum()
    for number, (share, said, true) in enumerate(zip(*found, strict=True)):
        values = f"{said / share:8.3f}{true / share:8.3f}{share / whole:8.3f}" if share else "       -       -   0.000"
        print(f"{number / _BINS:.1f} to {(number + 1) / _BINS:.1f}{values}")
    print(f"expected calibration error {found.error:.3f}")


def print_worst(rows: Rows, scores: Mapping[str, Score], count: int) -> None:
    """The `count` pages of each row with the lowest F1, the lowest first."""
    for name in sorted(rows):
        print(f"\nworst of {name}: id, site, language/type, F1, tokens of the gold, tokens kept")
        for page in sorted(rows[name], key=lambda page: (scores[page.id].measures()[2], page.id))[:count]:
            score, group = scores[page.id], page.group
            kind = f"{group['lang']}/{group['page_type']}"
            print(f"{page.id}  {group['site']}  {kind}  {score.measures()[2]:.3f}  {score.gold}  {score.predicted}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", type=Path, help="the folder that holds text/*.jsonl.gz")
    parser.add_argument("--datasets", default="", help="only these, separated by commas")
    parser.add_argument("--variant", choices=_VARIANTS, default="as-is", help="what is done to the pages first")
    parser.add_argument("--cold", action="store_true", help="learn nothing: every page on its own")
    parser.add_argument("--folds", type=Path, metavar="DIR", help="judge each page by a model fitted without its site")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--min-pages", type=int, default=0, help="only pages of sites with so many or more")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="name the N worst pages of each row")
    division = parser.add_mutually_exclusive_group()
    division.add_argument("--by", choices=("site", "lang", "page_type"), help="a row for each")
    division.add_argument("--split", choices=("half",), help="a row for each half of the sites")
    return parser


def pages_of(options: argparse.Namespace) -> Iterator[Gold]:
    """The labelled pages that the options ask for, as they are to be labelled."""
    for page in read_labelled(options.labelled, filter(None, options.datasets.split(","))):
        yield _VARIANTS[options.variant](page)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, label, score, print."""
    options = _parser().parse_args(arguments)
    pages = list(pages_of(options))
    began = time.perf_counter()
    if options.folds:
        verdicts = label_all(pages, options.folds, cold=options.cold, workers=options.workers)
    else:
        verdicts = clean_all(pages, cold=options.cold, workers=options.workers)
    seconds = time.perf_counter() - began
    report(pages, verdicts, by=options.by or options.split, min_pages=options.min_pages, worst=options.worst)
    megabytes = sum(len(page.text.encode()) for page in pages) / 1e6
    print(
        f"\n{len(pages)} pages, {megabytes:.1f} MB in {seconds:.1f} s from start to end of the "
        f"{'labelling' if options.folds else 'command'}, {options.workers} worker(s): "
        f"{len(pages) / seconds:.0f} pages/s, {megabytes / seconds:.2f} MB/s"
    )
    if _CARD.exists() and not options.folds:
        print(_FLATTERY)


def report(pages: Sequence[Gold], verdicts: Verdicts, *, by: str | None, min_pages: int, worst: int) -> None:
    """Score the pages, and print all that does not depend on how long it took."""
    rows = rows_of(pages, by=by, min_pages=min_pages)
    shown = {page.id: page for row in rows.values() for page in row}.values()
    rules = text_rules(pages)

    def winnow(page: Gold) -> Spans:
        return [(verdict.start, verdict.stop) for verdict in verdicts[page.id] if verdict.kept]

    scores = score_all(shown, {"winnow": winnow, **rules})
    print_table(tabulate(rows, scores), rules)
    print_calibration(calibrate(shown, verdicts))
    if worst:
        print_worst(rows, scores["winnow"], worst)


if __name__ == "__main__":
    main()
