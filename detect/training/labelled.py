"""Labelled pages: reading them, the variants of a page that a model is trained on, and scoring by position.

A labelled folder holds `text/*.jsonl.gz`, a page a line: `id`, `text`, `spans` (main content, in code points),
`ignore` (ranges that are not scored), `site_group` or `site`. A site is the pages of one data set that share
`site_group` (else `site`); a page without either is a site of its own.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Spans = Sequence[tuple[int, int]]

# Scripts that set no space between words: every character is a token.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f\uac00-\ud7af"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")


@dataclass(frozen=True, slots=True)
class Gold:
    """A labelled page. `site` is of one data set, `domain` is the same in all; `group` is what rows are told by."""

    id: str
    dataset: str
    site: str
    domain: str
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
                    domain=page.get("site") or site,
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


def chance(*names: str) -> float:
    """A number of [0, 1) that goes by the names alone: what is drawn with it is drawn the same everywhere."""
    return int.from_bytes(hashlib.sha256("\n".join(names).encode()).digest()[:6], "big") / 2**48


def without_title(page: Gold) -> Gold:
    """The page without its first line, as text comes that was copied from a browser."""
    cut = page.text.find("\n") + 1

    def moved(spans: Spans) -> Spans:
        return [(max(0, start - cut), stop - cut) for start, stop in spans if stop > cut]

    return replace(page, text=page.text[cut:], spans=moved(page.spans), ignore=moved(page.ignore))


def glued(page: Gold, *, all_lines: bool) -> Gold:
    """The page with line breaks turned to spaces: all of them, or those on either side of a line of boilerplate."""
    covered = inside(page.spans, len(page.text))
    ends = [place for place, character in enumerate(page.text) if character == "\n"]
    text = list(page.text)
    main: list[bool] = []
    start = 0
    for end in [*ends, len(page.text)]:
        main.append(bool(covered[start:end].mean() > 0.5) if end > start else bool(main and main[-1]))
        start = end + 1
    for number, end in enumerate(ends):
        if all_lines or not (main[number] and main[number + 1]):
            text[end] = " "
    return replace(page, text="".join(text))
