"""Invented sites: each with a template of its own around whatever story it carries.

In: a language, a host and a source of chance; then a story a page. Out: the pieces of the page, in order, each with
its kind and the element it stands in. The wordings are put together from the lists below, or are sentences of the
site's language; slots hold what changes: dates, counts, times, other headlines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from invented_words import Language
from numpy.random import Generator

_ICONS = (
    "anchor arrow bell book brush calendar cart clip clock cloud compass cross cup disk door ear eye feather fire fork "
    "gear globe hand heart home key lamp leaf lock map mask moon note pen phone pin plug plus ring rocket shield spark "
    "star sun tool torch tray wave wheel"
)
_SECTIONS = (
    "World Region Council Trade Harvest Science Clinic Stage Sport Roads Letters Weather Kitchen Motors Homes Schools "
    "Courts Film Gallery Games Fashion Novels Archive Harbour Mountains Law Faith Garden"
)
_FOUND = ("Liked", "Surprised by", "Moved by", "Grateful for", "Puzzled by")
_THINGS = ("this report", "this article", "our coverage", "what our reporters found", "these lines")
_ASKED = ("Pass it on to", "Send it to", "Read it aloud to", "Forward it to")
_WHOM = ("a neighbour", "somebody you like", "your team", "the family", "an old classmate")
_PURPOSES = ("count visits", "remember your town", "choose advertisements", "keep you signed in", "learn what is read")
_OFFERED = ("the five longest reads", "a note from the editor", "the week in pictures", "what the others missed")
_RIGHTS = ("Nothing here may be copied without our leave", "All rights with the publisher", "Reuse only as licensed")
_DOORS = ("Masthead", "Contact", "Careers", "Accessibility", "Privacy", "Terms", "Corrections", "Advertise", "Help")


class Piece(NamedTuple):
    """A piece of a page: its text, kind, element and the section this is in, and what stands before it."""

    text: str
    kind: str
    section: str
    element: str
    before: str


class Story(NamedTuple):
    """What a page is about; the same story can be carried by several sites."""

    title: str
    paragraphs: Sequence[str]
    date: str
    byline: str


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that a site puts on a page with this `chance`; slots in braces, as Site.pieces fills them."""

    lines: tuple[str, ...]
    section: str
    element: str
    chance: float = 1.0


@dataclass(frozen=True, slots=True)
class Site:
    """A site: its template, and the headlines it links to. `gap` stands between lines."""

    host: str
    language: Language
    above: tuple[Part, ...]
    inside: tuple[Part, ...]
    below: tuple[Part, ...]
    headlines: tuple[str, ...]
    gap: str
    glues: bool

    def pieces(self, story: Story, chance: Generator) -> Iterator[Piece]:
        """The page of a story, piece by piece."""
        slots = self._slots(story, chance)
        yield from self._filled(self.above, slots, chance)
        yield Piece(story.title, "title", "article", "h1", self.gap)
        places = chance.integers(0, len(story.paragraphs), len(self.inside)).tolist()
        for place, paragraph in enumerate(story.paragraphs):
            yield Piece(paragraph, "content", "article", "p", "\n\n")
            if place in places:
                standing = [part for at, part in zip(places, self.inside, strict=True) if at == place]
                for piece in self._filled(standing, slots, chance):
                    yield piece._replace(before=" ") if self.glues else piece
        yield from self._filled(self.below, slots, chance)

    def _slots(self, story: Story, chance: Generator) -> dict[str, object]:
        numbers = chance.integers(0, 3_600, 8).tolist()
        return {
            "date": story.date,
            "title": story.title,
            "byline": story.byline,
            "host": self.host,
            "count": numbers,
            "clock": [f"{number // 60}:{number % 60:02}" for number in numbers],
            "other": [self.headlines[number % len(self.headlines)] for number in numbers],
        }

    def _filled(self, parts: Sequence[Part], slots: dict[str, object], chance: Generator) -> Iterator[Piece]:
        for part, drawn in zip(parts, chance.random(len(parts)).tolist(), strict=True):
            if drawn < part.chance:
                for line in part.lines:
                    text = line.format_map(slots) if "{" in line else line
                    yield Piece(text, "boilerplate", part.section, part.element, self.gap)


class _Wording:
    """Words for a site's furniture: from the lists above in one language, invented in the others."""

    def __init__(self, language: Language, chance: Generator) -> None:
        self._language = language
        self._chance = chance
        self._listed = language.name == "latin-1"

    def some(self, words: Sequence[str], least: int, most: int) -> list[str]:
        """So many of the words, or of a word or two each of the language."""
        count = min(int(self._chance.integers(least, most)), len(words))
        if self._listed:
            return self._chance.choice(words, count, replace=False).tolist()
        return [self._language.headline(self._chance, (1, 3)) for _ in range(count)]

    def one(self, words: Sequence[str]) -> str:
        """One of the words."""
        return self.some(words, 1, 2)[0]

    def line(self, *lists: Sequence[str], form: str) -> str:
        """`form` with one of each list in its braces, or a sentence of the language."""
        if self._listed:
            return form.format(*(str(self._chance.choice(words)) for words in lists))
        return self._language.paragraph(self._chance, 1)

    def likely(self, share: float) -> bool:
        """True on this share of occasions."""
        return bool(self._chance.random() < share)

    def number(self, least: int, most: int) -> int:
        """One from `least` to below `most`."""
        return int(self._chance.integers(least, most))


def new_site(host: str, language: Language, chance: Generator) -> Site:
    """A site with a template of its own."""
    wording = _Wording(language, chance)
    inside = [Part((wording.one(("Also on", "Elsewhere on")) + " {host} {other[0]}",), "aside", "p", 0.6)]
    if wording.likely(0.5):
        inside.append(Part((wording.one(("Advertisement", "Sponsored", "Paid space")),), "aside", "div", 0.8))
    return Site(
        host,
        language,
        tuple(_above(wording)),
        tuple(inside),
        tuple(part for part in _below(wording) if wording.likely(0.8)),
        tuple(language.headline(chance) for _ in range(80)),
        "\n" if wording.likely(0.5) else "\n\n",
        wording.likely(0.3),
    )


def _above(wording: _Wording) -> Iterator[Part]:
    if wording.likely(0.4):
        pattern = ("icon {}", "{}icon", "{}-ico", "i {} fill")[wording.number(0, 4)]
        names = wording.some(_ICONS.split(), 18, 45)
        yield Part((" ".join(pattern.format(name.lower()) for name in names),), "header", "div")
    sections = wording.some(_SECTIONS.split(), 8, 22)
    yield Part(tuple(sections) if wording.likely(0.6) else (" | ".join(sections),), "nav", "li")
    if wording.likely(0.4):
        yield Part((f"{sections[0]} > {sections[1]} > {{title}}",), "header", "div")
    if wording.likely(0.3):
        yield Part((wording.one(("Now", "Just in", "Live")) + ": {other[1]}",), "header", "div", 0.7)
    yield Part(("{date} {clock[0]}",), "header", "time")
    if wording.likely(0.5):
        yield Part(("{title}",), "header", "div")
    if wording.likely(0.7):
        yield Part(("{byline}",), "header", "span")
    shares = wording.some(("Share", "Post", "Mail", "Print", "Save", "Copy link", "Listen"), 3, 6)
    yield Part((" ".join([*shares, "{count[0]}"]),), "header", "div", 0.9)


def _below(wording: _Wording) -> Iterator[Part]:
    yield Part((wording.line(_FOUND, _THINGS, _ASKED, _WHOM, form="{} {}? {} {}!"),), "aside", "p")
    yield Part((" ".join(wording.some(_SECTIONS.split(), 3, 7)),), "aside", "div", 0.7)
    written = wording.line(("readers", "people", "members"), form="{} have written below.")
    yield Part(("{count[1]} " + written,), "aside", "p")
    heading = wording.line(("More from", "Other reports in", "Read next in"), _SECTIONS.split(), form="{} {}")
    yield Part((heading, *(f"{{other[{i}]}}" for i in range(2, wording.number(5, 8)))), "aside", "li")
    if wording.likely(0.5):
        heading = wording.one(("Listen", "Our voices", "To hear"))
        yield Part((heading, "0:00", "{clock[1]}", "0:00", "{clock[2]}"), "aside", "div")
    yield Part((wording.line(_OFFERED, form="Every Friday we send {}. Leave us an address."),), "aside", "p")
    form = "This page and {} others keep small files with you to {} and to {}. You can decline."
    yield Part((wording.line(("12", "140", "712"), _PURPOSES, _PURPOSES, form=form),), "footer", "p", 0.9)
    yield Part(tuple(wording.some(_DOORS, 4, 9)), "footer", "li")
    yield Part((wording.line(_RIGHTS, form="© 2024 {}."),), "footer", "p")
    if wording.likely(0.4):
        kept = [
            wording.line(_THINGS, _PURPOSES, form="Whoever reads {} lets us {}.") for _ in range(wording.number(3, 8))
        ]
        yield Part((" ".join(kept),), "footer", "p")
