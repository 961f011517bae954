"""Pages to what they share: one page an id, and what the engine stumbles over left out and named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from webapp.cli.batch import Batch
from webapp.cli.pairs import Pair, ids_of
from webapp.cli.terminal import count, in_words, named_errors, progress, say

if TYPE_CHECKING:
    from tqdm import tqdm

    from detect import Memory, Page, Reuse


class Asked(NamedTuple):
    """How pages are to be compared: with None for `memory` all text takes part; `learns` says whether the pages add to
    it. `pairs` are those of `pair_file`, None where the likely ones are wanted."""

    memory: Memory | None
    learns: bool
    min_words: int
    pair_file: Path | None
    pairs: list[Pair] | None


@dataclass(frozen=True)
class Comparison:
    """Pages by id, each id once; `known` are those that the others are compared with, where there are any."""

    new: Mapping[str, Page]
    known: Mapping[str, Page]
    memory: Memory | None
    min_words: int
    pairs: tuple[tuple[str, str], ...] | None = None

    def of(self, pairs: Iterable[Pair]) -> Comparison:
        """The same of these pairs alone."""
        pairs = list(pairs)
        everyone = {**self.known, **self.new}
        new = {id: everyone[id] for id in dict.fromkeys(ids_of(pairs))}
        return replace(self, new=new, known={}, pairs=tuple((pair.a, pair.b) for pair in pairs))

    def without(self, ids: set[str]) -> Comparison:
        """The same as if these pages were not there."""
        new, known = ({id: page for id, page in side.items() if id not in ids} for side in (self.new, self.known))
        pairs = self.pairs and tuple(pair for pair in self.pairs if not ids & set(pair))
        return replace(self, new=new, known=known, pairs=pairs)


def one_an_id(found: Iterable[Page], tell: Callable[[str, str], object]) -> dict[str, Page]:
    """The pages by id. Of those that have one id and not one text the longest stays.

    `tell` is told the source of each of the others, and why it has to go.
    """
    pages: dict[str, Page] = {}
    for page in found:
        there = pages.setdefault(page.id, page)
        lost, kept = sorted((there, page), key=_rank)
        if lost.text != kept.text:
            tell(lost.source, taken(lost, kept))
        pages[page.id] = kept
    return pages


def _rank(page: Page) -> tuple[int, str, str, str, str, str]:
    return len(page.text), page.text, page.site, page.url, page.date, page.source


def taken(lost: Page, kept: Page) -> str:
    """Why one page is not compared: the other has its id."""
    return (
        f"{kept.source} has its id {lost.id!r}, not its text, and is compared instead: give each page an id of its own"
    )


def taken_as_known(new: dict[str, Page], known: Mapping[str, Page], tell: Callable[[str, str], object]) -> int:
    """Take the pages of `new` that are `known` too as those; how many these are. One with another text has to go, and
    `tell` is told its source, and why."""
    both = sorted(new.keys() & known.keys())
    for id in both:
        if new[id].text == known[id].text:
            new[id] = known[id]
        else:
            tell(new[id].source, taken(new[id], known[id]))
            del new[id]
    return len(new.keys() & known.keys())


def say_both(pages: int) -> None:
    """Say that so many pages of the INPUTs are taken as known."""
    say(f"{count(pages, 'page')} of the INPUTs found in --against too, and taken as one of those")


def need(new: int, known: int, against: bool) -> None:
    """Stop, before anything is written, where one side has no page at all."""
    if not new:
        raise click.ClickException("none of the inputs gave a page; nothing was written")
    if against and not known:  # without this check, the inputs would be compared with each other
        raise click.ClickException("nothing in --against gave a page; nothing was written")


def compared(asked: Comparison, batch: Batch, workers: int) -> tuple[Comparison, Reuse]:
    """What the pages share. A page that the engine stumbles over is named and left out: what was compared comes too."""
    import detect

    try:
        with named_errors():
            return asked, _found(asked, workers)
    except (click.ClickException, MemoryError):
        raise
    except Exception as error:  # a page that the engine stumbles over is no reason to lose the others: which one is it?
        pages = {**asked.known, **asked.new}
        with named_errors():
            reasons = detect.run(_stumble, pages.values(), workers=workers, shared=asked.memory)
            stumbled = {id: reason for id, reason in zip(pages, reasons, strict=True) if reason}
        if not stumbled:
            raise click.ClickException(f"the pages could not be compared ({in_words(error)})") from error
    for id, reason in stumbled.items():
        batch.fail(pages[id].source, f"it could not be compared ({reason})")
    left = asked.without(set(stumbled))
    need(len(left.new), len(left.known), bool(asked.known))
    return compared(left, batch, workers)


def _stumble(memory: Memory | None, page: Page) -> str:
    """Why the engine cannot prepare a page; "" where it can."""
    import detect

    try:
        labels = detect.label(page, memory) if memory is not None else None
        detect.prepare(page, labels).sketch()
        detect.date_of(page, labels)
    except Exception as error:
        return in_words(error)
    return ""


def _found(asked: Comparison, workers: int) -> Reuse:
    import detect

    with progress("preparing", len(asked.new) + len(asked.known)) as bar:
        return detect.find_reuse(
            counted(asked.new.values(), bar, then="comparing"),
            asked.memory,
            against=counted(asked.known.values(), bar) if asked.known else None,
            pairs=asked.pairs,
            min_words=asked.min_words,
            workers=workers,
        )


def counted(pages: Iterable[Page], bar: tqdm[Any], then: str = "") -> Iterator[Page]:
    """The pages, counted as they are taken; after the last one the bar says what is done `then`."""
    for page in pages:
        yield page
        bar.update()
    if then:
        bar.set_description(then)
