"""Texts to what they cannot hold: first looks, which spare most of the searches that a page would cost.

Where they are in doubt, they say that it may be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

# What is not ASCII, and counts as if it were: letters for patterns without case, and line breaks.
_LETTERS_LIKE_ASCII: Final = (("ı", "i"), ("İ", "i"), ("ſ", "s"), ("\u212a", "k"))
_LIKE_ASCII: Final = (*_LETTERS_LIKE_ASCII, ("\x85", "\n"), ("\u2028", "\n"), ("\u2029", "\n"))
# What each byte of ASCII becomes in `glance`.
ASCII: Final = bytes(range(128)).decode()
_SEEN = "".join("0" if c.isdigit() else "\n" if c in "\n\v\f\r" else c.lower() if c.isalpha() else " " for c in ASCII)
_SEEN_BYTES = _SEEN.encode().ljust(256)
# What is neither ASCII nor a sign as "©" and "“" are: letters, what may stand for one, and marks on them.
_LETTER = re.compile(r"[\xaa\xb5\xba\xc0-\u1fff\u2070-\u24ff\u2c00-\U0010ffff]")
_FAR = re.compile(r"[\u0600-\u1fff\u2c00-\U0010ffff]")
_WORD = re.compile(r"[^\W\d_]+")


def glance(text: str) -> bytes:
    """A text as a first look sees it, a byte for each code point: letters of ASCII, small; 0 for every digit of ASCII;
    line breaks; and spaces.
    """
    return _like_ascii(text).encode("ascii", "replace").translate(_SEEN_BYTES)


def _like_ascii(text: str) -> str:
    if not text.isascii():
        for letter, like in _LIKE_ASCII:
            text = text.replace(letter, like)
    return text


def has_letters(text: str) -> bool:
    """Whether a text may hold letters that are not of ASCII."""
    return not text.isascii() and bool(_LETTER.search(text))


def is_far(text: str) -> bool:
    """Whether a text may hold digits that are not of ASCII, or letters of scripts from the Arabic to the East Asian."""
    return bool(_FAR.search(text))


def caseless(text: str) -> str:
    """A text as patterns without case compare it."""
    return _like_ascii(text).casefold()


class Phrases:
    """Phrases that patterns look for between other words and without case, for a first look at texts of which most
    have none of them.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        longest = {max(_WORD.findall(caseless(phrase)), key=len) for phrase in phrases}
        self.ascii = frozenset(word.encode() for word in longest if word.isascii())
        self.others = tuple(sorted(word for word in longest if not word.isascii()))

    def may_be_in(self, text: str, seen: bytes) -> bool:
        """Whether one of the phrases may stand in a text; no means no. `seen` is `glance` of the text."""
        return not self.ascii.isdisjoint(seen.replace(b"0", b" ").split()) or (
            has_letters(text) and self.others_in(text)
        )

    def others_in(self, text: str) -> bool:
        """The same of those phrases that are not ASCII, for a text that has such letters."""
        return any(map(caseless(text).__contains__, self.others))
