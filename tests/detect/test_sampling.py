"""Which pages of a site are kept, and that it makes no difference how they were put together."""

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detect import Memory, Page, label, learn, sampling, teaching
from detect.settings import DEFAULTS

LOOKED_AT = 3
PAGES = [Page(str(n), f"Page {'abcdefghijklmnopqrstuvwxyz'[n]} says so much.", "some.example") for n in range(26)]
BY_KEY = sorted(PAGES, key=lambda page: page.key)
some = st.sets(st.sampled_from(range(len(PAGES)))).map(lambda numbers: [PAGES[n] for n in sorted(numbers)])
small = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def few_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "DEFAULTS", replace(DEFAULTS, site_pages=LOOKED_AT))


def keys(pages: list[Page]) -> tuple[bytes, ...]:
    return tuple(sorted(page.key for page in pages))


def test_the_pages_with_the_smallest_keys_are_kept_twice_as_many_as_are_looked_at() -> None:
    memory = learn(PAGES)
    assert memory.keys("some.example") == keys(PAGES)[: 2 * LOOKED_AT]
    assert memory.pages("some.example") == LOOKED_AT
    assert learn(PAGES[:5]).keys("some.example") == keys(PAGES[:5])


@given(some, st.randoms(use_true_random=False))
@small
def test_a_memory_is_the_same_however_its_pages_were_put_together(pages: list[Page], rng: random.Random) -> None:
    expected = learn(pages).pack()
    parts = [learn([page]) for page in [*pages, *rng.choices(pages, k=5)]] if pages else [Memory()]
    while len(parts) > 1:
        rng.shuffle(parts)
        cut = rng.randint(2, len(parts))
        parts = [Memory.union(parts[:cut]), *parts[cut:]]
    assert parts[0].pack() == expected
    assert Memory.unpack(expected) == learn(pages)


@given(some, some, some)
@small
def test_what_is_left_after_forgetting_is_a_sample_of_what_was_not_forgotten(a, b, c) -> None:
    left = {page.id: page for page in a}
    known = learn(a) - learn(b) + learn(c)
    for page in b:
        left.pop(page.id, None)
    left.update({page.id: page for page in c})
    kept, exact = known.keys("some.example"), keys(list(left.values()))
    assert kept == exact[: len(kept)]
    enough = len(kept) >= min(LOOKED_AT, len(exact))
    assert enough or known.short_sites == ("some.example",)


def test_a_site_of_which_too_much_was_forgotten_is_told() -> None:
    memory = learn(PAGES)
    still = memory.without(BY_KEY[:LOOKED_AT])
    assert still.short_sites == ()
    assert still.keys("some.example")[:LOOKED_AT] == learn(BY_KEY[LOOKED_AT:]).keys("some.example")[:LOOKED_AT]
    short = still.without(BY_KEY[LOOKED_AT : LOOKED_AT + 1])
    assert short.short_sites == ("some.example",)
    assert short.pages("some.example") == 2
    assert (short + learn(BY_KEY[10:])).short_sites == ("some.example",)
    nothing = short.without(PAGES)
    assert nothing.keys("some.example") == () and nothing.short_sites == ("some.example",)


def test_forgetting_a_memory_that_no_longer_knows_all_its_pages_claims_nothing_of_those() -> None:
    few, many = BY_KEY[1:20:4], BY_KEY[:19]
    left = learn(few) - learn(many)
    assert left.keys("some.example") == () and left.short_sites == (
        "some.example",
    )  # of those above the cutoff it cannot be told that they were not among the many


def test_a_page_that_is_not_looked_at_is_judged_by_those_that_are(make_page) -> None:
    pages = sorted((make_page(seed) for seed in range(8)), key=lambda page: page.key)
    memory = learn(pages)
    told = {
        (reason.pages, reason.of)
        for page in pages
        for one in label(page, memory)
        for reason in one.reasons
        if reason.name == "recurs" and page.text[one.start :].startswith("Like this story?")
    }
    assert told == {(3, 3)}


def test_pages_that_would_not_be_kept_are_not_read(monkeypatch) -> None:
    read = []
    contribute = sampling.Contribution

    def counting(*given: object) -> sampling.Contribution:
        read.append(given[1])
        return contribute(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("detect.learning.Contribution", counting)
    memory = learn(BY_KEY)
    assert len(read) < 5 * LOOKED_AT
    assert memory.keys("some.example") == keys(PAGES)[: 2 * LOOKED_AT]


@small
@given(st.permutations(PAGES), some)
def test_the_pages_that_teach_are_few_and_teach_what_all_do(pages: list[Page], bare: list[Page]) -> None:
    # Pages without a word have the smallest keys of all, and no part in it.
    wordless = [page for n in range(200) if (page := Page(f"bare {n}", "… —", "some.example")).key < BY_KEY[3].key]
    taught = list(teaching([*wordless[: len(bare)], *pages, *pages]))
    assert learn(taught) == learn(pages)
    assert not {page.id for page in taught} & {page.id for page in wordless}


def test_most_pages_of_a_large_site_do_not_teach() -> None:
    pages = [Page(str(n), f"Page number {n}", "some.example") for n in range(1000)]
    assert len(list(teaching(pages))) < 100
