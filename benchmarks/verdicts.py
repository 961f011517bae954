"""Labelled pages to what Winnow says of them, without looking at their labels.

Every page goes through the command line, `winnow clean --format spans`, in one run. The command line has no choice of
weights: with other ones, the same learning and labelling is done in this process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self
from unittest import mock

import numpy as np

import detect
from detect import model
from detect.training.examples import FOLDS, fold_of
from detect.training.labelled import Gold

_ROOT = Path(__file__).resolve().parents[1]  # the program that is measured is the one this file belongs to


class Verdict(NamedTuple):
    """What Winnow says of a stretch of a page: whether it is kept, and the chance that it is content."""

    start: int
    stop: int
    kept: bool
    chance: float

    @classmethod
    def of(cls, start: int, stop: int, kind: str, probability: float) -> Self:
        """The verdict of a labelled span, whose `probability` is the chance that its kind is right."""
        kept = kind in ("content", "title")
        return cls(start, stop, kept, probability if kept else 1 - probability)


Verdicts = Mapping[str, Sequence[Verdict]]  # by page id; those of a page cover all of it, in order


def clean_all(pages: Sequence[Gold], *, cold: bool, workers: int) -> Verdicts:
    """What `winnow clean` says of every page.

    Raises RuntimeError when the command fails, leaves a page out or saw another text than it was given.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder, "pages.jsonl"), Path(folder, "spans.jsonl")
        with given.open("w", encoding="utf-8") as out:
            for page in pages:
                out.write(json.dumps({"id": page.id, "site": page.site, "text": page.text}) + "\n")
        command = [sys.executable, "-m", "webapp.cli", "clean", str(given), "--out", str(found)]
        command += ["--format", "spans", "--workers", str(workers)] + ["--no-learn"] * cold
        done = subprocess.run(command, check=False, cwd=_ROOT)
        if done.returncode:
            raise RuntimeError(f"winnow clean ended with exit code {done.returncode}")
        with found.open(encoding="utf-8") as lines:
            answers = {answer["id"]: answer for answer in map(json.loads, lines)}
    for page in pages:
        length = answers[page.id]["length"] if page.id in answers else None
        if length != len(page.text):
            raise RuntimeError(f"{page.id}: {len(page.text)} characters in, {length} answered for")
    return {
        id: [Verdict.of(span["start"], span["stop"], span["kind"], span["probability"]) for span in answer["spans"]]
        for id, answer in answers.items()
    }


def label_all(pages: Sequence[Gold], folder: Path, *, cold: bool, workers: int) -> Verdicts:
    """What the program says of every page when it goes by the weights that were made without the page's site.

    `folder` holds fold-0.npz and so on, as the training leaves them there.
    """
    judges = []
    for fold in range(FOLDS):
        with np.load(folder / f"fold-{fold}.npz") as arrays:
            judges.append(model.unpack(arrays))
    judge_of = {page.id: judges[fold_of(page)] for page in pages}
    given = [detect.Page(page.id, page.text, page.site) for page in pages]
    memory = detect.Memory() if cold else detect.learn(given, workers=workers)
    labels = detect.run(_label, given, workers=workers, shared=(memory, judge_of))
    return {page.id: said for page, said in zip(given, labels, strict=True)}


def _label(shared: tuple[detect.Memory, Mapping[str, model.Model]], page: detect.Page) -> list[Verdict]:
    memory, judge_of = shared
    # Put in place here, page by page: with several workers this runs in processes that load a model of their own.
    with mock.patch.object(model, "load", lambda: judge_of[page.id]):
        labels = detect.label(page, memory)
    return [Verdict.of(label.start, label.stop, label.kind, label.probability) for label in labels]
