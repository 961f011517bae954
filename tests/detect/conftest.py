"""Invented sites for the engine's tests: pages of one template, each with an article of its own."""

import random
from collections.abc import Callable

import pytest

from detect import Page

# Made of syllables, so that two sentences share five words in a row only when one was copied.
SYLLABLES = ["bar", "cor", "dun", "fel", "gam", "hol", "jor", "kel", "lim", "mar", "nor", "pel", "quil", "ros", "sel"]
WORDS = [first + second + third for first in SYLLABLES for second in SYLLABLES for third in ("", "a", "en")]


def sentence(rng: random.Random) -> str:
    """A sentence of about twenty words that no other seed is likely to make."""
    one = iter(rng.sample(WORDS, 12))
    return (
        f"The {next(one)} of {next(one).title()} {next(one)} a {next(one)} in {next(one).title()}, "
        f"{next(one)} that {rng.randrange(2, 90)} {next(one)} were {next(one)} by the {next(one)} and {next(one)} "
        f"{next(one)} {next(one)}."
    )


def article(seed: int, paragraphs: int = 5) -> list[str]:
    """Paragraphs of three sentences."""
    rng = random.Random(seed)
    return [" ".join(sentence(rng) for _ in range(3)) for _ in range(paragraphs)]


def page_of(seed: int, site: str = "post.example", body: list[str] | None = None, number: int | None = None) -> Page:
    """One page of the site's template around an article."""
    rng = random.Random(seed * 7919 + 1)
    headline = f"{rng.choice(WORDS).title()} {rng.choice(WORDS)} {rng.choice(WORDS)} near {rng.choice(WORDS).title()}"
    lines = [
        f"{headline} | The Post",
        "Home",
        "News",
        "Sport",
        "Sign in to your account",
        headline,
        f"{rng.randrange(1, 28)} Nov, 2020 {rng.randrange(10, 24)}:{rng.randrange(10, 60)}",
        *(body if body is not None else article(seed)),
        "Like this story? Send it on to somebody you know!",
        f"{rng.randrange(2, 300)} comments",
        "You might also want to read",
        *(f"{rng.choice(WORDS).title()} {rng.choice(WORDS)} {rng.choice(WORDS)} {rng.choice(WORDS)}" for _ in range(3)),
        f"© 2020 {site} Publishing. All rights reserved.",
    ]
    return Page(f"{site}/{seed if number is None else number}", "\n".join(lines), site)


@pytest.fixture
def make_page() -> Callable[..., Page]:
    return page_of


@pytest.fixture
def make_article() -> Callable[..., list[str]]:
    return article


@pytest.fixture
def make_headline() -> Callable[[int], str]:
    return lambda seed: " ".join(random.Random(seed).sample(WORDS, 9))


@pytest.fixture
def site() -> list[Page]:
    """Twelve pages of one site."""
    return [page_of(seed) for seed in range(12)]


@pytest.fixture
def inserted() -> list[Page]:
    """Ten pages of one site, each with the same sentence in the middle of a paragraph of its own."""
    pages = []
    for seed in range(10):
        first, second, third = article(seed, 3)
        glued = f"{second} Read also what our harbour desk wrote about this. {third}"
        pages.append(Page(str(seed), f"{first}\n{glued}\n{article(seed + 100, 1)[0]}", "glue.example"))
    return pages
