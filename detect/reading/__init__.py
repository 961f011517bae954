"""Bytes to Pages: text, HTML, JSON lines, Parquet, WARC, and .zip and .gz of them.

`read` takes whatever it is given and never raises: what gives no page is an `Unreadable` with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from detect.reading.files import Rules, page_from_text, read_path
from detect.reading.limits import Limits, PageTooLarge, RefusedError
from detect.reading.sites import SiteFrom, SiteRule, registered_domain
from detect.reading.text import make_safe
from detect.records import Page, Unreadable

__all__ = ["Limits", "PageTooLarge", "RefusedError", "SiteFrom", "read", "read_text"]


def read(
    paths: Iterable[Path],
    *,
    site_from: SiteFrom = "auto",
    fallback_site: str = "",
    limits: Limits | None = None,
    names: Mapping[Path, str] | None = None,
) -> Iterator[Page | Unreadable]:
    """The pages of files and folders, in the order given; a folder's and an archive's in a fixed order.

    `names` says what a person calls a file whose path on disk is another. Memory holds one page or line at a
    time. Nothing about the input raises: a missing file, too, is an Unreadable.
    """
    rules = Rules(SiteRule(site_from, fallback_site), limits or Limits())
    for path in paths:
        yield from read_path(path, (names or {}).get(path, path.as_posix()), rules)


def read_text(
    text: str,
    *,
    id: str,
    site: str = "",
    url: str = "",
    source: str = "",
    limits: Limits | None = None,
) -> Page:
    """A page from text that somebody pasted, flattened when it is HTML; its site as given or by its address.

    NUL and lone surrogates become U+FFFD, one for one. Raises PageTooLarge.
    """
    page = page_from_text(text, Page(make_safe(id).text, "", url=url, source=source), limits or Limits())
    named = make_safe(site).text.strip() or registered_domain(page.url)
    return replace(page, site=named)
