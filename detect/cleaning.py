"""Labels to cleaned text, and the list of every cut. What is kept stands as it stood; nothing is rewritten."""

from __future__ import annotations

import itertools

import numpy as np

from detect.records import KINDS, Cleaned, Cut, Labels, Page


def clean(page: Page, labels: Labels) -> Cleaned:
    """The text of `page` without its boilerplate. Raises ValueError where `labels` are not of this text."""
    if labels.bounds[-1] != len(page.text):
        raise ValueError(f"these labels are of a text of {labels.bounds[-1]} characters, not {len(page.text)}")
    boilerplate = labels.kinds == KINDS.index("boilerplate")
    changes = np.flatnonzero(np.diff(boilerplate)) + 1
    edges = [0, *changes.tolist(), len(boilerplate)] if len(boilerplate) else [0]
    kept, cuts = [], []
    for first, last in itertools.pairwise(edges):
        start, stop = int(labels.bounds[first]), int(labels.bounds[last])
        if boilerplate[first]:
            cuts.append(Cut(start, stop, "boilerplate"))
        else:
            kept.append(page.text[start:stop])
    return Cleaned("".join(kept), tuple(cuts))
