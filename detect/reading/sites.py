"""Which site a page is of: what it says itself, its address, or the folder it lies in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tldextract import TLDExtract

SiteFrom = Literal["auto", "url", "folder", "none"]


@dataclass(frozen=True, slots=True)
class SiteRule:
    """How a page gets its site: `site_from` says what to look at, `fallback` serves when it tells nothing.

    "auto" looks at the page's own `site`, its `url`, then its folder; "url" and "folder" at that alone;
    "none" gives "" for every page.
    """

    site_from: SiteFrom = "auto"
    fallback: str = ""

    def site(self, *, given: str = "", url: str = "", folder: str = "") -> str:
        """The site of a page that says `given` itself, has this `url` and lies in this site's `folder`."""
        if self.site_from == "none":
            return ""
        if self.site_from == "url":
            return registered_domain(url) or self.fallback
        if self.site_from == "folder":
            return folder or self.fallback
        return given or registered_domain(url) or folder or self.fallback


def registered_domain(url: str) -> str:
    """The registered domain ("news.example.co.uk/a" -> "example.co.uk"); "" for no address.

    Under a suffix that is not public, the last two labels; an IP address and a suffix alone stay as they are.
    """
    try:
        host = urlsplit(url if "//" in url else "//" + url).hostname or ""
    except ValueError:
        return ""
    return _registered(host) or _last_two(host)


def folder_site(path: str) -> str:
    """The site that a file's folders tell: the first named like a domain, else the one it lies in.

    Only names are looked at, nothing is opened, so ".." and drive letters are as harmless as any word.
    """
    folders = [part for part in path.replace("\\", "/").split("/")[:-1] if part.strip(". ")]
    for folder in folders:
        if domain := _registered(folder.lower()):
            return domain
    return folders[-1] if folders else ""


@lru_cache(maxsize=10_000)
def _registered(host: str) -> str:
    return _extractor()(host).top_domain_under_public_suffix if "." in host else ""


def _last_two(host: str) -> str:
    labels = host.rstrip(".").split(".")
    if len(labels) < 3 or labels[-1].isdigit() or _extractor()(host).suffix:  # only an IP address ends in a number
        return host
    return ".".join(labels[-2:])


@cache
def _extractor() -> TLDExtract:
    from tldextract import TLDExtract  # late: it brings an HTTP client along, and many pages name their site

    # Without these two it would fetch the newest list from the net and write it into the home folder.
    return TLDExtract(suffix_list_urls=(), cache_dir=None)
