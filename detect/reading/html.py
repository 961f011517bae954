"""HTML to text: the title, then the whole page as it stands, one block a line. Nothing is judged.

In: HTML as text. Out: its text and the address it gives for itself. Deep nesting, endless attributes and
nested lists (which a flattener indents, quadratically) are told before a tree is built.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from detect.reading.limits import Limits

_LOOKS_LIKE_HTML = re.compile(
    r"\ufeff?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*){0,5}"
    r"<(?:!doctype\s+html|(?:html|head|body|title|meta|link|base|script|style|div|p|article|section|main|header|nav"
    r"|table|ul|ol|h[1-6]|span|center|font|form|iframe|noscript)(?=[\s/>]))",
    re.IGNORECASE | re.DOTALL,
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{1,100}?encoding\s*=\s*["']([\w.:-]{1,40})|<meta[^>]{1,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""",
    re.IGNORECASE,
)
# Browsers look for a declaration in the first 1,024 bytes; pages with long comments put it a little later.
_DECLARED_WITHIN = 4096

_TAG = re.compile(r"<(?:(!--|[!?])|(/?)([a-zA-Z][^\s/>]*))")
_REST_OF_TAG = re.compile(r"""(?:[^>=]++|=\s*(?:"[^"]*"|'[^']*')?)*+>""")
_COMMENT = "!--"
# "<!-->" is a whole comment: its end may share the dashes of its beginning.
_COMMENT_ENDS = {_COMMENT: re.compile(r"--!?>"), "!": re.compile(">"), "?": re.compile(">")}
_RAW = frozenset(("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"))
# Inside these a parser does not read script and style as raw text.
_NOT_RAW_INSIDE = frozenset(("svg", "math", "select"))
_VOID = frozenset(
    """area base basefont bgsound br col embed frame hr img input keygen link meta param source
    track wbr""".split()  # noqa: SIM905
)
# Opening one of these closes an open one of the second kind: their end tags may be left out.
_CLOSES = {
    "p": ("p",),
    "li": ("li",),
    "dd": ("dd", "dt"),
    "dt": ("dd", "dt"),
    "tr": ("td", "th", "tr"),
    "td": ("td", "th"),
    "th": ("td", "th"),
    "option": ("option",),
}
_INLINE = frozenset(
    """a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q rb rp rt
    ruby s samp small span strike strong sub sup time tt u var wbr""".split()  # noqa: SIM905
)
_CELLS = frozenset(("td", "th"))
_SHOWN_RAW = frozenset(("title", "textarea", "xmp"))
_QUOTED = re.compile(r"""=\s*(?:"[^"]*"|'[^']*')""")
_SPACES = re.compile(r"\s+")
# A flattener indents list items by their depth, which 8,000 nested lists turn into gigabytes of spaces,
# and joins the options of a list to one word.
_UNEVEN = re.compile(r"<(/?)(?:(ul|ol|menu|dir)|(li)|option)(?=[\s/>])", re.IGNORECASE)


class Flat(NamedTuple):
    """What an HTML page says: its text, and its own absolute address ("" when it gives none)."""

    text: str
    url: str


class _Tag(NamedTuple):
    start: int
    end: int  # of the tag itself
    stop: int  # of its raw text and end tag too, when it is a script, style, ...
    name: str  # lower case; _COMMENT for a comment or declaration
    closing: bool


def looks_like_html(text: str) -> bool:
    """True when `text` begins as an HTML page or as a block of one does."""
    return _LOOKS_LIKE_HTML.match(text) is not None


def declared_charset(data: bytes) -> str:
    """The encoding that a page's own `<meta>` or XML declaration names, "" for none."""
    match = _DECLARED.search(data[:_DECLARED_WITHIN])
    return (match[1] or match[2]).decode("ascii") if match else ""


def flatten(html: str, limits: Limits) -> Flat:
    """The text of an HTML page. A page too deep for a tree is read tag by tag: no text of it is lost."""
    if not _fits_a_tree(html, limits):
        return Flat(_lines("", _flatten_by_tags(html)), "")
    tree = HTMLTree.parse(_UNEVEN.sub(_even, html))
    text = extract_plain_text(tree, preserve_formatting=True, main_content=False, list_bullets=False, form_fields=True)
    return Flat(_lines(tree.title or "", text), _own_address(tree))


def _even(tag: re.Match[str]) -> str:
    """Lists as plain blocks and their items as items without a bullet; a space before an option."""
    if tag[2] or tag[3]:
        return f"<{tag[1]}{'section' if tag[2] else 'dd'}"
    return tag[0] if tag[1] else " " + tag[0]


def _lines(title: str, text: str) -> str:
    """One block a line: white space is one space, between the cells of a table one tab; no blank lines."""
    lines = (_line(line) for line in text.split("\n"))
    return "\n".join(line for line in (" ".join(title.split()), *lines) if line)


def _line(line: str) -> str:
    if "\t" not in line:
        return " ".join(line.split())
    cells = (" ".join(cell.split()) for cell in line.split("\t"))
    return "\t".join(cell for cell in cells if cell)


def _own_address(tree: HTMLTree) -> str:
    root = tree.document
    for selector, attribute in (("link[rel~=canonical i]", "href"), ('meta[property="og:url"]', "content")):
        for element in root.query_selector_all(selector) if root else ():
            address = (element.getattr(attribute) or "").strip()
            if _is_absolute(address):
                return address
    return ""


def _is_absolute(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(address.split()) == 1


def _fits_a_tree(html: str, limits: Limits) -> bool:
    """False when elements may nest deeper than `html_depth`, or a tag beside its values is over `tag_chars`.

    An end tag counts only when it closes the innermost open element: on a careless page this sees more
    depth than there is, never less than a parser that ignores or repairs the tag differently would build.
    """
    open_elements: list[str] = []
    for tag in _tags(html, open_elements):
        if tag.end - tag.start > limits.tag_chars and tag.name != _COMMENT:
            bare = _QUOTED.sub("", html[tag.start : tag.end])
            if len(bare) > limits.tag_chars:
                return False
        _step(open_elements, tag)
        if len(open_elements) > limits.html_depth:
            return False
    return True


def _step(open_elements: list[str], tag: _Tag) -> None:
    if tag.closing:
        if open_elements and open_elements[-1] == tag.name:
            open_elements.pop()
    elif tag.name != _COMMENT and tag.name not in _VOID and tag.name not in _RAW:
        closed = _CLOSES.get(tag.name, ())
        while open_elements and open_elements[-1] in closed:
            open_elements.pop()
        open_elements.append(tag.name)


def _tags(html: str, open_elements: list[str]) -> Iterator[_Tag]:
    """The tags and comments of `html` in order, in linear time; an unfinished one takes the rest."""
    at = 0
    while match := _TAG.search(html, at):
        if match[1]:
            name, end = _COMMENT, _COMMENT_ENDS[match[1]].search(html, match.start() + 2)
        else:
            name, end = match[3].lower(), _REST_OF_TAG.match(html, match.end())
        after = at = end.end() if end else len(html)
        if name in _RAW and not match[2] and _NOT_RAW_INSIDE.isdisjoint(open_elements):
            at = _end_of_raw(html, name, after)
        yield _Tag(match.start(), after, at, name, bool(match[2]))


def _end_of_raw(html: str, name: str, at: int) -> int:
    end = re.compile(rf"</{name}(?=[\s/>])[^>]*>?", re.IGNORECASE).search(html, at)
    return end.end() if end else len(html)


def _flatten_by_tags(html: str) -> str:
    """The text between tags: block tags begin a line, cells keep apart, scripts and comments are left out."""
    pieces: list[str] = []
    last = 0
    for tag in _tags(html, []):
        pieces += (_SPACES.sub(" ", html[last : tag.start]), _in_place_of(tag, html))
        last = tag.stop
    pieces.append(_SPACES.sub(" ", html[last:]))
    return entities.unescape("".join(pieces))


def _in_place_of(tag: _Tag, html: str) -> str:
    """The white space that a tag stands for, and the text of a raw element where it is shown."""
    if tag.name in _SHOWN_RAW:
        inner, _, _ = html[tag.end : tag.stop].rpartition("</")
        return f"\n{_SPACES.sub(' ', inner)}\n"
    if tag.name in _CELLS:
        return "\t"
    return "" if tag.name == _COMMENT or tag.name in _INLINE else "\n"
