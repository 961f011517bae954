"""Bytes to Pages: text, HTML, JSON lines, Parquet, WARC, and .zip and .gz of them.

`read` takes whatever it is given and never raises: what gives no page is an `Unreadable` with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from detect.reading.files import File, Rules, list_path, page_from_text, read_file, read_path, split_file
from detect.reading.limits import Limits, PageTooLarge, RefusedError
from detect.reading.sites import SiteFrom, SiteRule, registered_domain
from detect.reading.text import make_safe
from detect.records import Page, Unreadable

__all__ = [
    "File",
    "Limits",
    "PageTooLarge",
    "RefusedError",
    "SiteFrom",
    "list_files",
    "read",
    "read_text",
    "split_file",
]


def read(
    paths: Iterable[Path | File],
    *,
    site_from: SiteFrom = "auto",
    fallback_site: str = "",
    limits: Limits | None = None,
    names: Mapping[Path, str] | None = None,
) -> Iterator[Page | Unreadable]:
    """The pages of files and folders, in the order given; a folder's and an archive's in a fixed order.

    What `list_files` found of a folder gives, file by file, what the folder gives.

    `names` says what a person calls a file whose path on disk is another. Memory holds one page or line at a
    time. Nothing about the input raises: a missing file, too, is an Unreadable.
    """
    rules = Rules(SiteRule(site_from, fallback_site), limits or Limits())
    for path in paths:
        if isinstance(path, File):
            yield from read_file(path, rules)
        else:
            yield from read_path(path, (names or {}).get(path, path.as_posix()), rules)


def list_files(paths: Iterable[Path]) -> Iterator[File | Unreadable]:
    """The files that `read` reads of these files and folders, in its order, so that they can be read apart."""
    return (found for path in paths for found in list_path(path, path.as_posix()))


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
