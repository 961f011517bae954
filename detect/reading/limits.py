"""What reading refuses, each number once, with its unit and its reason."""

from __future__ import annotations

from dataclasses import dataclass

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much Winnow takes in at once. What is over a limit is told with its size, and the rest goes on."""

    page_chars: int = 5_000_000
    """Characters of one page's text: above any book; a page of this size still opens in a browser."""

    page_bytes: int = 20_000_000
    """Bytes of a file or member that is one page: four a character, the most that UTF-8 uses."""

    line_bytes: int = 32_000_000
    """Bytes of one JSON line: six a character, as when all of it is written as escapes."""

    file_bytes: int = 500_000_000
    """Bytes of one file as it is given, still packed: what a browser uploads in reasonable time."""

    expanded_bytes: int = 4_000_000_000
    """Bytes that one file may unpack to, everything inside it together: eight times the file."""

    ratio: int = 300
    """Bytes unpacked for each packed byte: text packs 3 to 20 times, a bomb about 1,000 times."""

    ratio_from: int = 16_000_000
    """Bytes unpacked before `ratio` counts: a small file of one repeated page is harmless."""

    members: int = 200_000
    """Files in one archive: their list is held in memory while the archive is read."""

    nesting: int = 3
    """Archives inside archives: a zip of zips of .gz pages is still read."""

    html_depth: int = 512
    """Open elements around a piece of HTML: browsers stop nesting here too."""

    tag_chars: int = 4_000
    """Characters of an HTML tag beside its quoted values: hundreds of attributes; they cost their square."""


class RefusedError(ValueError):
    """This input gives no page; the message says why, in words for the person who gave it."""


class PageTooLarge(RefusedError):  # noqa: N818 - it reads as what happened
    """A page is over `Limits.page_chars` or `Limits.page_bytes`; the message says its size and the limit."""


def in_words(size: int) -> str:
    """A number of bytes as people write it: 104857600 -> "104.9 MB"."""
    value = float(size)
    for unit in _UNITS:
        if value < 1000 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"


def check_page(text: str, limits: Limits) -> None:
    """Raise PageTooLarge when `text` is longer than a page may be."""
    if len(text) > limits.page_chars:
        raise PageTooLarge(
            f"the page has {len(text):,} characters, and one page may have {limits.page_chars:,}: "
            "split it into smaller pages"
        )
