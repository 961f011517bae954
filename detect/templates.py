"""Wordings of one recurring line to its template: the words they share, and slots where they differ."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

import numpy as np

from detect import words
from detect.records import Piece

_SLOT_CHARACTERS = 60
# Words of a line that are aligned with its variants, in a time that grows with their square.
_ALIGNED = 1000


def slot(sample: str) -> Piece:
    """A slot with a sample of what stands in it: digits read 0, and what is long is cut at a word."""
    masked = re.sub(r"\d", "0", sample)
    short = masked if len(masked) <= _SLOT_CHARACTERS else masked[:_SLOT_CHARACTERS].rsplit(" ", 1)[0] + " …"
    return Piece(short, slot=True)


def template(wordings: Sequence[str]) -> list[Piece]:
    """The words that all of one line's `wordings` have, in order, and slots for what differs; numbers are slots.

    Reads as the first of them does, with what varies as it stands there. Raises IndexError when there is none.
    """
    model = words.split(wordings[0])
    fixed = model.flags & words.NUMBER == 0
    ours = model.hashes[:_ALIGNED].tolist()
    for other in wordings[1:]:
        theirs = words.split(other).hashes.tolist()
        matcher = difflib.SequenceMatcher(None, ours, theirs[:_ALIGNED], autojunk=False)
        shared = np.zeros(len(fixed), np.bool_)
        for start, _, size in matcher.get_matching_blocks():
            shared[start : start + size] = True
        fixed &= shared
    spans = zip(model.starts.tolist(), model.stops.tolist(), strict=True)
    return _pieces(wordings[0], list(spans), fixed.tolist())


def _pieces(text: str, spans: Sequence[tuple[int, int]], fixed: Sequence[bool]) -> list[Piece]:
    """`text` cut where fixed words and slots meet; marks between two slots belong to the slot. Digits read 0."""
    pieces: list[Piece] = []
    at, i = 0, 0
    while i < len(spans):
        j = i
        while j + 1 < len(spans) and fixed[j + 1] == fixed[i]:
            j += 1
        if not fixed[i]:
            if spans[i][0] > at:
                pieces.append(Piece(text[at : spans[i][0]]))
            pieces.append(slot(text[spans[i][0] : spans[j][1]]))
            at = spans[j][1]
        i = j + 1
    if at < len(text):
        pieces.append(Piece(text[at:]))
    return pieces
