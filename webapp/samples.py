"""The sample collection: pages of two invented news sites, for a first look at Winnow.

In: the stories beside this file (`samples/*.toml`) and a seed. Out: pages as a crawler would have left
them, with the menus, dates, counters, players and footers of the page around each article. The same seed
gives the same pages, byte for byte. The sites end in `.example`, which is reserved for examples.
"""

from __future__ import annotations

import io
import random
import re
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detect import Page

SEED = 1871
_STORIES = Path(__file__).parent / "samples"
_FIRST_DAY = datetime(2023, 3, 2, 6, 0)
_SHARED_DAY = 15

# fmt: off
_ICONS = (
    "anchor", "bell-small", "bookmark", "camera", "check", "chevron down", "chevron left",
    "chevron right", "chevron up", "close", "collapse", "download", "envelope", "expand",
    "fish full", "flag", "headphones", "heart", "link", "list", "map pin", "moon", "mute", "pause",
    "play", "printer", "search", "share", "sign in", "star", "sun", "tag", "tide", "waves", "wind",
)
# fmt: on
_WEATHER = (
    "light rain",
    "sunny spells",
    "low cloud",
    "fog on the tops",
    "showers",
    "dry and bright",
    "sleet",
)


@dataclass(frozen=True, slots=True)
class _Story:
    """An article: its headline and what is printed under it."""

    section: str
    headline: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Paper:
    """A site: its stories as they are written, marks and all, and what its pages are furnished with."""

    site: str
    stories: tuple[_Story, ...]
    reporters: tuple[str, ...]
    other_headlines: tuple[str, ...]
    crawled_again: bool
    lay_out: Callable[[_Sheet, random.Random], list[str]]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One page before it is laid out: the article, and what the furniture around it shows that day."""

    story: _Story
    at: datetime
    byline: str
    related: tuple[str, ...]
    comments: int


def sample_pages(seed: int = SEED) -> Iterator[Page]:
    """The pages of the sample collection, one site after the other, each with its site and address."""
    from detect import Page

    for site, name, text in _texts(seed):
        stem = f"{site}/{name}"
        yield Page(id=stem, text=text, site=site, url=f"https://{stem}", source=f"{stem}.txt")


def sample_archive(seed: int = SEED) -> bytes:
    """The same pages as a zip of text files, a folder a site; equal seeds give equal bytes."""
    buffer = io.BytesIO()
    # Stored, not deflated: compressors differ between builds of Python, and these bytes must not.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for site, name, text in _texts(seed):
            member = zipfile.ZipInfo(f"{site}/{name}.txt", date_time=(2023, 4, 30, 0, 0, 0))
            archive.writestr(member, text.encode())
    return buffer.getvalue()


def _texts(seed: int) -> Iterator[tuple[str, str, str]]:
    """(site, name, text) of every page."""
    for paper in _papers():
        chance = random.Random(f"{seed} {paper.site}")
        sheets = list(_sheets(paper, chance))
        for sheet in sheets:
            yield paper.site, _name(sheet.story.headline), "\n".join(paper.lay_out(sheet, chance))
        if paper.crawled_again:
            # The same article some hours later: another counter, other headlines around it.
            first = chance.choice(sheets)
            again = replace(first, related=first.related[::-1], comments=first.comments + 17)
            yield paper.site, f"{_name(first.story.headline)}-2", "\n".join(paper.lay_out(again, chance))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_STORIES / f"{name}.toml").read_text(encoding="utf-8"))


def _papers() -> Iterator[_Paper]:
    """Both papers; the last story of each is the one that they share."""
    shared = _read("shared")
    for name, lay_out in (("harbour", _lay_out_harbour), ("valley", _lay_out_valley)):
        paper = _read(name)
        written = [*paper["story"], {**shared, "headline": shared[name], "text": _edited(shared, name)}]
        yield _Paper(
            site=paper["site"],
            stories=tuple(
                _Story(story["section"], story["headline"], tuple(story["text"].strip().split("\n\n")))
                for story in written
            ),
            reporters=tuple(paper["reporters"]),
            other_headlines=tuple(paper["other_headlines"]),
            crawled_again=paper["crawled_again"],
            lay_out=lay_out,
        )


def _edited(shared: dict[str, Any], name: str) -> str:
    """The story that both papers carry as one of them prints it."""
    text: str = shared["text"]
    for said, says in shared.get(f"{name}_edits", ()):
        text = text.replace(said, says)
    return text


def _sheets(paper: _Paper, chance: random.Random) -> Iterator[_Sheet]:
    """Every story of a paper, set and dated, one a day; the shared one on the same day in both papers."""
    names = _people(chance)
    headlines = [story.headline for story in paper.stories] + list(paper.other_headlines)
    *own, shared = paper.stories
    chance.shuffle(own)
    for day, story in enumerate([*own[:_SHARED_DAY], shared, *own[_SHARED_DAY:]]):
        at = _FIRST_DAY + timedelta(days=day, minutes=chance.randrange(16 * 60))
        related = chance.sample([other for other in headlines if other != story.headline], 9)
        yield _Sheet(
            story=replace(story, paragraphs=_set(story.paragraphs, names, at, chance)),
            at=at,
            byline=chance.choice(paper.reporters),
            related=tuple(related),
            comments=chance.randrange(3, 160),
        )


def _people(chance: random.Random) -> Iterator[tuple[str, str, str]]:
    """(a woman's first name, a man's, a surname) without end; no surname again before all were used."""
    people = _read("people")
    while True:
        for surname in chance.sample(people["surnames"], len(people["surnames"])):
            yield chance.choice(people["women"]), chance.choice(people["men"]), surname


def _set(
    paragraphs: tuple[str, ...],
    names: Iterator[tuple[str, str, str]],
    at: datetime,
    chance: random.Random,
) -> tuple[str, ...]:
    """The paragraphs with every mark set: people, numbers, choices of words, the day before."""
    people: dict[str, tuple[str, str, str]] = {}

    def set_mark(mark: re.Match[str]) -> str:
        inside = mark[1]
        if inside == "day":
            return f"{at - timedelta(days=1):%A}"
        if person := re.fullmatch(r"([wm]\d)(s?)", inside):
            if person[1] not in people:
                people[person[1]] = next(names)
            woman, man, surname = people[person[1]]
            return surname if person[2] else f"{woman if inside[0] == 'w' else man} {surname}"
        if bounds := re.fullmatch(r"(\d+)-(\d+)", inside):
            return str(chance.randint(int(bounds[1]), int(bounds[2])))
        return chance.choice(inside.split("|"))

    return tuple(re.sub(r"\{([^{}]+)\}", set_mark, paragraph) for paragraph in paragraphs)


def _name(headline: str) -> str:
    """What an address calls a headline: its first words, in plain letters."""
    return "-".join(re.findall(r"[a-z0-9]+", headline.lower().replace("’", ""))[:8])


def _lay_out_harbour(sheet: _Sheet, chance: random.Random) -> list[str]:
    """A page of The Harbour Post: an icon list on top, a player and headlines below, air between."""
    story, related = sheet.story, list(sheet.related)
    icons = list(_ICONS)
    if chance.random() < 0.3:
        icons.remove(chance.choice(icons[2:]))
    lines = [
        "".join(f"icon {icon.replace('_', ' ')}" for icon in icons),
        "Home Harbour Fishing News Sport Culture Business Schools Letters Tide tables",
        f"{sheet.at.day} {sheet.at:%b, %Y %H:%M}",
        "",
        story.headline,
        "",
        story.headline,
        "",
        f"By {sheet.byline}",
        "",
    ]
    breaks = set(chance.sample(range(2, len(story.paragraphs)), chance.choice((1, 1, 2))))
    for number, paragraph in enumerate(story.paragraphs, start=1):
        lines += [paragraph, ""]
        if number in breaks:
            lines += [f"Also on harbourpost.example {related.pop()}", ""]
    lines += [
        "Did this make your morning? Pass it along the quay!",
        "",
        f"{sheet.comments} comments",
        "Log in or join to add yours",
        "",
        "Listen",
        *_player(chance),
        *_player(chance),
        "",
        "More from the Post",
        *related[:4],
        "",
        "Most read today",
        *(f"{place}. {headline}" for place, headline in enumerate(related[4:7], start=1)),
        "",
        "We use cookies to remember your harbour and to count our readers. Choose what we may keep.",
        "Accept all Only what is needed Settings",
        "",
        "About us Contact Advertise Corrections Work with us Terms Privacy",
        "© 2016-2023 The Harbour Post, 4 Quay Street, Port Sallow. All rights reserved.",
    ]
    return lines


def _player(chance: random.Random) -> list[str]:
    return ["0:00", f"{chance.randrange(6, 48)}:{chance.randrange(60):02}"]


def _lay_out_valley(sheet: _Sheet, chance: random.Random) -> list[str]:
    """A page of the Valley Courier: a line a menu, a trail of links, a letter offered in passing."""
    story, related = sheet.story, list(sheet.related)
    menu = ("Front page", "News", "Villages", "Farming", "Schools", "Roads", "Business", "Sport", "Notices")
    paragraphs = list(story.paragraphs)
    if chance.random() < 0.4:
        paragraphs[-1] += " Sign up for the Courier’s Saturday letter and never miss a village."
    more = chance.randrange(1, len(paragraphs) - 1)
    paragraphs.insert(more, f"More from the Valley Courier: {related.pop()}")
    words = sum(len(paragraph.split()) for paragraph in paragraphs)
    lines = [
        f"{story.headline} | Valley Courier",
        "Skip to the article",
        f"{sheet.at:%A} {sheet.at.day} {sheet.at:%B %Y}",
        f"Orleyford today: {chance.randrange(2, 17)}°, {chance.choice(_WEATHER)}",
        *menu,
        "Search the Courier",
        f"Front page › {story.section} › {story.headline}",
        story.headline,
        f"Words: {sheet.byline}",
        f"Published {sheet.at.day} {sheet.at:%B %Y}, {sheet.at:%H:%M} · {round(words / 120)} min read",
        f"Share · Print · Save · {chance.randrange(4, 400)} people like this",
        *paragraphs,
        f"Filed under: {story.section}, {chance.choice(('Orleyford', 'Kestle', 'Stanning', 'Haddle'))}",
        "Seen something we should know about? Ring the newsroom, or wave at the van.",
        f"Comments ({sheet.comments})",
        "Be kind. Comments are read by a person before they appear, usually after milking.",
        "You may also like",
    ]
    for headline in related[:5]:
        seen = sheet.at - timedelta(days=chance.randrange(1, 30))
        lines += [headline, f"{seen.day} {seen:%B %Y}"]
    lines += [
        "The Courier comes out every Thursday and costs nine crowns at the usual counters.",
        "Contact us",
        "Place a notice",
        "How we use your data",
        "This site keeps a small file on your device, to know you next time. Fine by me / Tell me more",
        "Printed and published by Wendale Newspapers, The Old Maltings, Orleyford. All rights reserved.",
        "Back to top",
    ]
    # This paper's machine knows no curved quotation marks, so that what both print is not quite the same.
    return [line.translate({0x201C: '"', 0x201D: '"', 0x2019: "'"}) for line in lines]
