"""Whether a passage is quoted where it stands: in quotation marks, or said to be somebody's words. A leaf of reuse."""

from __future__ import annotations

import functools
import re
from typing import Final

from detect.wordlists import SAID

# A quotation is opened, and not closed again, in this many characters before it; longer ones repeat their marks.
_BEFORE: Final = 400
_MARKS: Final = re.compile('["“”„‟«»‹›「」『』]')
_ALWAYS_OPENS, _ALWAYS_CLOSES = "「『„", "」』"
_OPENS_BETWEEN = "«‹"  # with spaces on both sides, as in French
# Characters beside a passage in which somebody is said to have said it.
_BESIDE: Final = 80


def is_quoted(text: str, start: int, stop: int) -> bool:
    """Whether text[start:stop] is quoted on this page."""
    return _in_marks(text, start, stop) or _attributed(text, start, stop)


def _in_marks(text: str, start: int, stop: int) -> bool:
    """Whether a mark opens before the passage, or at its first character, and one closes at its end or after it."""
    last = -1
    for mark in _MARKS.finditer(text, max(0, start - _BEFORE), start + 1):
        last = mark.start()
    if last < 0 or "\n\n" in text[last:start] or not _opens(text, last):
        return False
    closing = _MARKS.search(text, stop - 1, stop + _BEFORE)
    return closing is not None and not _opens(text, closing.start())


def _opens(text: str, at: int) -> bool:
    """Whether the mark opens a quotation: languages turn their marks differently, but all open after a space."""
    if text[at] in _ALWAYS_OPENS + _ALWAYS_CLOSES:
        return text[at] in _ALWAYS_OPENS
    after_space = at == 0 or text[at - 1].isspace() or text[at - 1] in "([{—–-:"
    following = text[at + 1 : at + 2]
    if following.isspace():
        return after_space and text[at] in _OPENS_BETWEEN
    return after_space and following not in tuple(".,;:!?)]}")


def _attributed(text: str, start: int, stop: int) -> bool:
    """Whether the words before it end in "said:", or those after it begin with ", said"."""
    before, after = text[max(0, start - _BESIDE) : start], text[stop : stop + _BESIDE]
    return bool(_before().search(before) or _after().match(after))


@functools.cache
def _before() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_said()})\b[^.!?\n]{{0,40}}:\s*[\"“„«‹「『'’]?\s*$", re.IGNORECASE)


@functools.cache
def _after() -> re.Pattern[str]:
    return re.compile(rf"[\"”»›」』'’]?\s?(?:,|—|–|-)\s?(?:[^.,!?\n]{{0,30}}\s)?(?:{_said()})\b", re.IGNORECASE)


def _said() -> str:
    return "|".join(re.escape(word) for word in sorted(SAID.split(), key=len, reverse=True))
