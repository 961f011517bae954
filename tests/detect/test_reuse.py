"""What many pages share: their stories and quotations, and neither what stands around them nor what others chain."""

import itertools
import random
import time
from collections import Counter

import numpy as np
import pytest
import stories
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import (
    Cluster,
    Memory,
    Page,
    Passage,
    Place,
    Reuse,
    Sketch,
    candidates,
    clusters,
    compare,
    duplicates,
    evidence,
    find_reuse,
    label,
    learn,
    meetings,
    prepare,
    shifted,
)

HEADLINES = [
    "Goat crosses the Orrin alone",
    "Strike: one boat sails",
    "“Fog is weather”",
    "Ferry crews walk out",
    "All quiet on the quay",
]


def syndicated(story: str) -> list[Page]:
    """A story on each of the five sites, under a headline of the site's own."""
    return [
        stories.page_on(site, "story", headline, story)
        for site, headline in zip(stories.AROUND, HEADLINES, strict=True)
    ]


@pytest.fixture(scope="module")
def others() -> list[Page]:
    """Pages of the five sites that share nothing but what stands around them."""
    return [page for site in stories.AROUND for page in stories.other_pages(site)]


@pytest.fixture(scope="module")
def memory(others) -> Memory:
    return learn([*others, *syndicated(stories.LIBRARY)])


def texts(found: Reuse, pages: list[Page]) -> set[str]:
    """All that is told as reuse, as it stands on its pages."""
    by_id = {page.id: page.text for page in pages}
    return {by_id[place.page][place.start : place.stop] for one in found.passages for place in (one.a, one.b)}


def sketch_of(id: str, text: str) -> Sketch:
    return prepare(Page(id, text), None).sketch()


def quoting(number: int, quotation: str = f"“{stories.QUOTATION}”") -> Page:
    """A page of its own with the quotation in the middle, and no word beside it that others have there."""
    before, after = stories.invented(number, 5), stories.invented(number + 200, 5)
    own = stories.invented(number + 400, 1).split()
    text = f"{before} {own[1].title()} {own[3]}: {quotation} {own[4].title()} {own[6]}. {after}"
    return Page(f"site{number:02}.example/1", text, f"site{number:02}.example")


def place_of(page: Page, text: str) -> Place:
    start = page.text.index(text)
    return Place(page.id, start, start + len(text))


# Stories and what stands around them


def test_a_syndicated_story_is_reuse_on_all_five_sites_and_boilerplate_on_none(others, memory) -> None:
    told = syndicated(stories.LIBRARY)
    found = find_reuse([*others, *told], memory)
    (cluster,) = found.clusters
    assert cluster.members == tuple(place_of(page, stories.LIBRARY) for page in told)
    assert {(one.kind, one.similarity, one.cluster) for one in found.passages} == {("exact", 1.0, cluster.id)}
    for page in told:
        place = place_of(page, stories.LIBRARY)
        kinds = {one.kind for one in label(page, memory) if one.start < place.stop and one.stop > place.start}
        assert kinds == {"content"}


def test_what_stands_around_the_pages_of_a_site_is_reuse_only_where_nothing_is_known_of_it(others, memory) -> None:
    assert find_reuse(others, memory).passages == ()
    assert find_reuse(others, memory).aligned == 0
    unknown = find_reuse(others, None)
    assert {len(one.members) for one in unknown.clusters} == {len(others) // len(stories.AROUND)}
    assert len(unknown.clusters) == len(stories.AROUND)


def test_two_stories_under_one_template_share_nothing_but_the_template(memory) -> None:
    site = "corvale.example"
    pages = [
        stories.page_on(site, "one", "A clock", stories.CLOCK),
        stories.page_on(site, "two", "Bats", stories.ORCHARD),
    ]
    assert find_reuse(pages, memory).passages == ()
    below = stories.AROUND[site][1]
    assert any(below in text for text in texts(find_reuse(pages, None), pages))


def test_a_headline_twice_on_a_page_is_no_reuse_and_what_is_said_twice_takes_part_once() -> None:
    headline = "Night ferry returns to Brackwater after three long winters of waiting, and the bakers of the island are ready for it with four kinds of bread and a cake that was named after the captain"
    assert len(headline.split()) >= 30
    twice = [
        Page(f"{n}", f"{headline}\n\n{headline}\n\n{stories.invented(n, 12).replace('. ', '.' + chr(10))}")
        for n in range(3)
    ]
    for page in twice:
        assert [one.repeat for one in label(page, Memory())][:2] == [False, True]
    assert find_reuse(twice[:1], Memory()).passages == ()
    found = find_reuse(twice, Memory())
    assert {(one.a.start, one.b.start) for one in found.passages} == {(0, 0)}
    assert texts(found, twice) == {headline}
    assert texts(find_reuse(twice, None), twice) == {f"{headline}\n\n{headline}"}


def test_a_story_that_stands_twice_on_its_page_takes_part_once() -> None:
    pages = [Page(f"{n}", f"Home\nNews\n{HEADLINES[n]}\n\n{stories.FERRY}\n\n{stories.FERRY}\n") for n in range(2)]
    repeated = [one for one in label(pages[0], Memory()) if one.repeat]
    assert {one.kind for one in repeated} == {"content"}
    (told,) = find_reuse(pages, Memory()).passages
    assert (told.a.stop, told.b.stop) <= tuple(page.text.rindex(stories.FERRY) for page in pages)
    assert [one.a.stop - one.a.start for one in find_reuse(pages, None).passages] > [1.5 * len(stories.FERRY)]


# Quotations


def test_a_famous_quotation_is_one_cluster_of_itself_and_makes_no_pages_alike() -> None:
    assert len(stories.QUOTATION.split()) >= 35
    pages = [quoting(number) for number in range(40)]
    found = find_reuse(pages, None)
    (cluster,) = found.clusters
    assert cluster.members == tuple(place_of(page, f"{stories.QUOTATION}”") for page in pages)
    assert {one.kind for one in found.passages} == {"quotation"}
    assert {one.cluster for one in found.passages} == {cluster.id}
    assert found.duplicates == ()


def test_a_quotation_on_pages_that_carry_one_story_too_is_a_cluster_of_its_own() -> None:
    whole = f"{stories.CLOCK} “{stories.QUOTATION}” {stories.ORCHARD}"
    carriers = [Page(f"carrier{n}", f"{stories.invented(60 + n, 2)}\n{whole}") for n in range(3)]
    found = find_reuse([*carriers, *(quoting(number) for number in range(5))], None)
    assert [len(one.members) for one in found.clusters] == [8, 3]
    quoted, carried = found.clusters
    assert {one.page for one in quoted.members} == {f"carrier{n}" for n in range(3)} | {
        f"site{n:02}.example/1" for n in range(5)
    }
    assert {one.page for one in carried.members} == {"carrier0", "carrier1", "carrier2"}
    (group,) = found.duplicates
    assert group.pages == ("carrier0", "carrier1", "carrier2")


# What may be asked


@pytest.fixture(scope="module")
def mixed() -> list[Page]:
    """Pages that share a story, a quotation and parts of a story, and some that share nothing."""
    chain = [
        Page(f"chain{n}", f"{stories.invented(300 + n, 4)}\n{stories.invented(301 + n, 4)}", date=f"2020-01-0{9 - n}")
        for n in range(5)
    ]
    reworded = Page(
        "reworded", f"{stories.invented(80, 3)}\n{stories.replaced(stories.CLOCK, 0.25)}", date="2020-05-01"
    )
    told = [
        Page(f"clock{n}", f"{stories.CLOCK}\n{stories.invented(70 + n, 3)}", date=f"2020-03-0{n + 1}") for n in range(3)
    ]
    return [
        *chain,
        reworded,
        *told,
        *(quoting(number) for number in range(6)),
        Page("empty", ""),
        Page("alone", stories.FERRY),
    ]


@pytest.fixture(scope="module")
def found(mixed) -> Reuse:
    return find_reuse(mixed, None)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_pages_does_not_matter(seed, mixed, found) -> None:
    assert len(found.clusters) > 4
    assert find_reuse(random.Random(seed).sample(mixed, len(mixed)), None) == found


def test_two_workers_find_what_one_finds(mixed, found) -> None:
    assert find_reuse(mixed, None, workers=2) == found


def test_a_page_given_twice_is_one_page(mixed, found) -> None:
    assert find_reuse([*mixed, *reversed(mixed)], None) == found


def test_no_page_is_matched_with_itself(mixed, found) -> None:
    pairs = find_reuse(mixed, None, pairs=[(page.id, page.id) for page in mixed])
    assert pairs.passages == ()
    assert find_reuse(mixed[:1], None, against=mixed[:1]).passages == ()
    assert all(one.a.page < one.b.page for one in found.passages)
    # Pages held against themselves are held against one another.
    assert find_reuse(mixed, None, against=mixed) == found


def test_two_texts_under_one_id_are_refused_by_name(mixed) -> None:
    other = Page("clock1", "Another text.")
    with pytest.raises(ValueError, match="'clock1'"):
        find_reuse([*mixed, other], None)
    with pytest.raises(ValueError, match="'clock1'"):
        find_reuse([other], None, against=mixed)


def test_a_pair_of_a_page_that_is_not_there_is_refused_by_name(mixed) -> None:
    with pytest.raises(ValueError, match="'nowhere'"):
        find_reuse(mixed, None, pairs=[("clock0", "clock1"), ("clock0", "nowhere")])


def test_against_compares_only_across(mixed, found) -> None:
    known = [page for page in mixed if page.id in ("clock0", "clock1", "chain1", "chain2")]
    new = [page for page in mixed if page not in known]
    across = find_reuse(new, None, against=known)
    ids = {page.id for page in known}
    assert across.passages != ()
    assert all((one.a.page in ids) != (one.b.page in ids) for one in across.passages)
    # What both tell of the same two places is the same but for the number of its cluster.
    whole = {(one.a, one.b) for one in found.passages if (one.a.page in ids) != (one.b.page in ids)}
    assert {(one.a, one.b) for one in across.passages} == whole
    # A page that is on both sides is held against the others of the other side.
    both = find_reuse(mixed, None, against=known)
    assert {(one.a, one.b) for one in both.passages} == {
        (one.a, one.b) for one in found.passages if {one.a.page, one.b.page} & ids
    }
    assert len(both.passages) > len(across.passages)
    # Against nothing is not the same as among themselves.
    assert find_reuse(mixed, None, against=()).passages == ()


def test_pairs_are_compared_exactly_as_asked_even_where_nothing_is_to_be_expected(mixed) -> None:
    asked = [("clock0", "clock1"), ("chain3", "chain2"), ("alone", "clock0"), ("clock1", "clock0")]
    some = find_reuse(mixed, None, pairs=asked)
    assert {(one.a.page, one.b.page) for one in some.passages} == {("clock0", "clock1"), ("chain2", "chain3")}
    assert find_reuse(mixed, None, pairs=[]).passages == ()
    # Too short to be found among many pages; looked at because they were asked for.
    one, other = (
        Page(name, f"{stories.invented(n, 3)} {' '.join(stories.CLOCK.split()[:30])} {stories.invented(n + 1, 3)}")
        for n, name in ((1, "x"), (4, "y"))
    )
    assert len(find_reuse([one, other], None, pairs=[("y", "x")]).passages) == 1


def test_pairs_tell_how_many_were_looked_at(mixed) -> None:
    assert find_reuse(mixed, None, pairs=[("clock0", "clock1"), ("alone", "clock0")]).aligned == 2
    assert find_reuse(mixed[:1], None).aligned == 0


def test_shorter_passages_are_found_by_who_asks_for_them() -> None:
    copy = " ".join(stories.CLOCK.split()[:24])
    pages = [
        Page(
            f"{n}",
            f"{stories.invented(n, 4)} Number {n}: {copy}\n{('Well', 'Soon', 'Later')[n]} {stories.invented(n + 9, 4)}",
        )
        for n in range(3)
    ]
    assert find_reuse(pages, None).passages == ()
    found = find_reuse(pages, None, min_words=15)
    assert texts(found, pages) == {copy}
    assert len(found.clusters) == 1


# Chains


def linked(one: Place, other: Place, passages: list[Passage] | tuple[Passage, ...]) -> bool:
    """Whether a passage says that two places share their text: it is about they, or it holds both."""
    for passage in passages:
        for here, there in ((passage.a, passage.b), (passage.b, passage.a)):
            if (here.page, there.page) != (one.page, other.page):
                continue
            if jaccard(here, one) >= 0.5 and jaccard(there, other) >= 0.5:
                return True
            if holds(here, one) and holds(there, other):
                return True
    return False


def jaccard(one: Place, other: Place) -> float:
    both = len(set(range(one.start, one.stop)) & set(range(other.start, other.stop)))
    return both / (one.stop - one.start + other.stop - other.start - both)


def holds(whole: Place, part: Place) -> bool:
    return whole.start <= part.start and part.stop <= whole.stop


def unlinked(
    found: list[Cluster] | tuple[Cluster, ...], passages: list[Passage] | tuple[Passage, ...]
) -> list[tuple[Place, Place]]:
    return [
        (cluster.representative, member)
        for cluster in found
        for member in cluster.members
        if member != cluster.representative and not linked(cluster.representative, member, passages)
    ]


def chain(share: float, sentences: int = 24, pages: int = 6) -> list[Page]:
    """Pages that each have this share of their sentences from the one before."""
    told = stories.invented(900, sentences * pages).split(". ")
    step = round(sentences * (1 - share))
    return [Page(f"P{n + 1}", ". ".join(told[n * step : n * step + sentences])) for n in range(pages)]


def test_pages_that_share_half_with_the_next_are_not_chained_together() -> None:
    pages = chain(0.5)
    found = find_reuse(pages, None)
    assert sorted(tuple(place.page for place in one.members) for one in found.clusters) == [
        (f"P{n}", f"P{n + 1}") for n in range(1, 6)
    ]
    assert found.duplicates == ()
    assert compare(prepare(pages[0], None), prepare(pages[5], None)) == ()


@pytest.mark.parametrize("share", [0.6, 0.7, 0.8, 0.9])
def test_whatever_a_chain_becomes_every_member_shares_text_with_the_representative_itself(share) -> None:
    pages = {page.id: prepare(page, None) for page in chain(share, pages=8)}
    found = find_reuse([one.page for one in pages.values()], None)
    assert unlinked(found.clusters, found.passages) == []
    for group in found.duplicates:
        for page, alike in zip(group.pages, group.similarities, strict=True):
            runs, those = (set(pages[id].terms.run_keys.tolist()) for id in (page, group.representative))
            assert alike == pytest.approx(len(runs & those) / len(runs | those))
            assert alike >= 0.5
    assert not any({"P1", "P8"} <= set(group.pages) for group in found.duplicates)


def test_links_that_no_star_has_make_one_more() -> None:
    # A triangle beside a hub: the hub has most links, and what two of its satellites share with each other is told too.
    hub, a, b, c, far = (Place(name, 0, 100) for name in ("hub", "a", "b", "c", "far"))
    passages = [Passage(*sorted(pair), 1.0, "exact") for pair in ((hub, a), (hub, b), (hub, c), (a, far))]
    named, found = clusters(passages, {})
    assert [one.members for one in found] == [tuple(sorted((hub, a, b, c))), tuple(sorted((a, far)))]
    assert found[0].representative == hub
    assert {one.cluster for one in named if far not in (one.a, one.b)} == {"1"}
    assert {one.cluster for one in named if far in (one.a, one.b)} == {"2"}


def test_what_two_satellites_of_different_stars_share_is_a_star_of_these_two_alone() -> None:
    links = ["hub1 a", "hub1 x1", "hub1 x2", "hub2 b", "hub2 y1", "hub2 y2", "a b"]
    named, found = clusters(
        [Passage(*(Place(page, 0, 100) for page in sorted(link.split())), 1.0, "exact") for link in links], {}
    )
    assert [" ".join(place.page for place in one.members) for one in found] == ["a hub1 x1 x2", "b hub2 y1 y2", "a b"]
    assert {one.cluster for one in named if (one.a.page, one.b.page) == ("a", "b")} == {"3"}


def test_of_two_places_with_as_many_links_the_longer_represents_them() -> None:
    short, long = Place("a", 0, 100), Place("b", 0, 101)
    assert clusters([Passage(short, long, 1.0, "exact")], {})[1][0].representative == long
    assert clusters([Passage(Place("a", 0, 102), long, 1.0, "exact")], {})[1][0].representative == Place("a", 0, 102)


ENDS = st.integers(0, 12)
PLACES = st.builds(
    lambda page, start, length: Place(f"p{page}", start * 10, (start + length) * 10),
    st.integers(0, 6),
    ENDS,
    st.integers(1, 8),
)
PASSAGES = st.lists(
    st.tuples(PLACES, PLACES, st.sampled_from([0.4, 0.7, 1.0])).filter(lambda one: one[0].page != one[1].page),
    min_size=1,
    max_size=14,
    unique_by=lambda one: frozenset(one[:2]),
).map(lambda found: [Passage(*sorted((a, b)), alike, "exact") for a, b, alike in found])


@settings(deadline=None, max_examples=200)
@given(PASSAGES, st.randoms(use_true_random=False))
def test_clusters_are_stars_that_cover_every_passage_in_any_order(passages, rng) -> None:
    named, found = clusters(passages, {})
    assert unlinked(found, passages) == []
    ids = [one.id for one in found]
    assert ids == [str(number) for number in range(1, len(found) + 1)]
    assert [len(one.members) for one in found] == sorted((len(one.members) for one in found), reverse=True)
    by_id = {one.id: one for one in found}
    assert {(one.a, one.b) for one in named} == {(one.a, one.b) for one in passages}
    for one in named:
        for place in (one.a, one.b):
            assert any(
                jaccard(place, member) >= 0.5 for member in by_id[one.cluster].members if member.page == place.page
            )
    for one in found:
        assert one.representative in one.members
        assert list(one.members) == sorted(set(one.members))
        assert len({place.page for place in one.members}) > 1
    shuffled = rng.sample(passages, len(passages))
    assert clusters(shuffled + shuffled[:1], {}) == (named, found)


def test_places_that_are_nearly_the_same_are_one_place_and_the_longest_tells_it() -> None:
    passages = [
        Passage(Place("a", 0, 100), Place("b", 0, 100), 1.0, "exact"),
        Passage(Place("a", 5, 90), Place("c", 0, 85), 0.8, "exact"),
    ]
    _, (one,) = clusters(passages, {})
    assert one.members == (Place("a", 0, 100), Place("b", 0, 100), Place("c", 0, 85))
    assert (one.representative, one.similarity) == (Place("a", 0, 100), 0.8)
    apart = [passages[0], Passage(Place("a", 60, 100), Place("c", 0, 40), 1.0, "exact")]
    assert [len(one.members) for one in clusters(apart, {})[1]] == [2, 2]


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        ({"a": "2020-03-02", "b": "2020-03-01", "c": "2020-03-03"}, "b"),
        ({"a": "2020-03-02", "b": "2020-03-01"}, None),
        ({"a": "2020-03-01", "b": "2020-03-01", "c": "2020-03-03"}, None),
        ({"a": "2020-03-01", "b": "2020-03-01T10:00", "c": "2020-03-03"}, None),
        ({"a": "2020-03-01T09:00", "b": "2020-03-01T10:00", "c": "2020-03-03"}, "a"),
        ({"a": "2020-03-01", "b": "", "c": "2020-03-03"}, None),
        ({}, None),
    ],
)
def test_the_earliest_is_told_only_where_every_page_has_a_date_and_one_is_surely_first(dates, first) -> None:
    places = {name: Place(name, 0, 100) for name in "abc"}
    _, (one,) = clusters([Passage(places["a"], places[name], 1.0, "exact") for name in "bc"], dates)
    assert one.earliest == places.get(first)


# Which pairs are looked at


def sketches_sharing(prints: int, pages: int, own: int = 20) -> list[Sketch]:
    """Sketches with some prints in common, and others of their own."""
    rng = np.random.default_rng(1)
    shared = rng.integers(0, 2**64, prints, dtype=np.uint64)
    signature = np.zeros(128, np.uint32)
    return [
        Sketch(np.unique(np.concatenate((shared, rng.integers(0, 2**64, own, dtype=np.uint64)))), signature, 200)
        for _ in range(pages)
    ]


def test_text_on_very_many_pages_makes_a_few_pairs_a_page() -> None:
    pairs = candidates(sketches_sharing(5, 2000))
    assert len(pairs) <= 3 * 2000
    # And still a star: each page is paired with the first one.
    assert {0} | set(pairs[pairs[:, 0] == 0, 1].tolist()) == set(range(2000))


@pytest.mark.parametrize(
    ("prints", "min_words", "pairs"),
    [
        (3, 30, 1),
        (2, 30, 0),
        (1, 30, 0),
        (2, 20, 1),
        (1, 20, 0),
        (1, 12, 1),
        (1, 5, 1),
        (0, 5, 0),
        (3, 1000, 1),
        (2, 1000, 0),
    ],
)
def test_as_much_evidence_is_asked_for_as_the_shortest_passage_has(prints, min_words, pairs) -> None:
    assert len(candidates(sketches_sharing(prints, 2), (), min_words)) == pairs


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 10**6), st.integers(0, 70), st.integers(0, 70), st.sampled_from([(28, 30), (20, 20), (12, 12)]))
def test_an_exact_run_is_always_a_candidate(seed, before, after, asked) -> None:
    length, least = asked
    copy = stories.invented(seed, 2).split()[:length]
    one = [*stories.invented(seed + 1, 5).split()[:before], *copy, *stories.invented(seed + 2, 5).split()[:after]]
    other = [*stories.invented(seed + 3, 5).split()[:after], *copy, *stories.invented(seed + 4, 5).split()[:before]]
    made = [sketch_of("a", " ".join(one)), sketch_of("b", " ".join(other))]
    assert candidates(made, (), least).tolist() == [[0, 1]]


def test_pages_shift_where_new_ones_stand_before_them_among_the_first_few() -> None:
    prints = np.array([1] * 6 + [2] * 3 + [3] * 5, np.uint64)
    pages = np.array([10, 11, 12, 13, 14, 15, 20, 21, 22, 30, 31, 32, 33, 34])
    new = np.isin(pages, [11, 12, 20, 34])
    assert shifted(prints, pages, new).tolist() == [13, 14]
    assert shifted(prints, pages, np.zeros(len(pages), np.bool_)).tolist() == []
    assert shifted(prints[:0], pages[:0], new[:0]).tolist() == []


def test_pages_that_share_nothing_or_have_nothing_are_no_candidates() -> None:
    made = [sketch_of(str(n), text) for n, text in enumerate([*stories.ENGLISH, stories.CHINESE, "", "one word", "…"])]
    assert candidates(made).tolist() == []
    assert candidates([]).tolist() == []
    assert candidates(made[-3:], made[-3:]).shape == (0, 2)


def test_pages_that_come_later_are_asked_about_as_if_they_had_come_at_once(mixed) -> None:
    made = [prepare(page, None).sketch() for page in sorted(mixed, key=lambda page: page.id)]
    whole = {tuple(pair) for pair in candidates(made).tolist()}
    assert len(whole) > 8
    for known in (0, 1, 5, len(made) - 1, len(made)):
        late = [tuple(pair) for pair in candidates(made[known:], made[:known]).tolist()]
        assert late == sorted(pair for pair in whole if pair[1] >= known)
        assert all(i < j for i, j in late)


@pytest.mark.parametrize("known", [0, 4])
def test_windows_can_be_counted_apart(mixed, known) -> None:
    made = [prepare(page, None).sketch() for page in sorted(mixed, key=lambda page: page.id)]
    prints = np.concatenate([one.prints for one in made])
    owners = np.repeat(np.arange(len(made), dtype=np.int32), [len(one.prints) for one in made])
    counts: Counter[tuple[int, int]] = Counter()
    for share in [prints % 5 == rest for rest in range(5)]:
        pairs, times = meetings(prints[share], owners[share], known)
        counts.update(dict(zip(map(tuple, pairs.tolist()), times.tolist(), strict=True)))
    enough = sorted(pair for pair, times in counts.items() if times >= evidence(30))
    assert [list(pair) for pair in enough] == candidates(made[known:], made[:known]).tolist()
    assert len(counts) > len(enough) > 1


# Pages that are one story


def group_of(pages: list[Page], memory: Memory | None = None) -> list[tuple[str, tuple[str, ...]]]:
    ready = [prepare(page, label(page, memory) if memory else None) for page in pages]
    made = duplicates([page.id for page in pages], [one.sketch() for one in ready], lambda i: ready[i].terms.run_keys)
    return [(one.representative, one.pages) for one in made]


def test_one_story_within_what_two_sites_put_around_it_is_one_story(memory) -> None:
    pages = syndicated(stories.LIBRARY)
    ids = tuple(page.id for page in pages)
    ((leader, members),) = group_of(pages, memory)
    assert members == ids
    assert leader in ids
    other = stories.page_on("aldmoor.example", "other", "Bats", stories.ORCHARD)
    ((_, members),) = group_of([*pages, other], memory)
    assert members == ids


def test_the_longest_page_leads_and_the_order_of_pages_does_not_matter() -> None:
    short, middle, full = (f"{stories.BRIDGE_NORTH} {stories.invented(3, count)}" for count in (0, 1, 3))
    pages = [
        Page("a", short),
        Page("b", full),
        Page("c", middle),
        Page("d", stories.BRIDGE_SOUTH),
        Page("e", f"{stories.BRIDGE_SOUTH} Yes."),
    ]
    expected = [("b", ("a", "b", "c")), ("e", ("d", "e"))]
    for order in itertools.permutations(pages):
        assert group_of(list(order)) == expected


def test_a_page_that_is_half_a_story_or_too_short_is_no_duplicate() -> None:
    parts = stories.paragraphs(stories.BRIDGE_NORTH)
    assert group_of([Page("a", stories.BRIDGE_NORTH), Page("b", "\n".join(parts[:2]))]) == []
    assert group_of([Page("a", "Nothing to see here today."), Page("b", "Nothing to see here today.")]) == []
    assert group_of([Page("a", stories.BRIDGE_NORTH), Page("b", "\n".join(parts[:4]))]) == [("a", ("a", "b"))]


def test_each_of_many_pages_that_are_half_alike_is_compared_with_a_few_and_the_copy_among_them_found() -> None:
    """Pages of one template have two fifths of their runs in common, every one with every other."""
    template = stories.invented(7, 16)
    pages = [Page(f"{n:04}", f"{template} {stories.invented(1_000 + n, 10)}") for n in range(600)]
    pages.append(Page("copy", pages[77].text + " Again."))
    ready = [prepare(page, None) for page in pages]
    asked: list[int] = []

    def runs_of(number: int) -> np.ndarray:
        asked.append(number)
        return ready[number].terms.run_keys

    (found,) = duplicates([page.id for page in pages], [one.sketch() for one in ready], runs_of)
    assert found.pages == ("0077", "copy")
    assert len(asked) <= 16 * len(pages)


def test_clusters_of_very_many_passages_of_two_pages_take_time_by_their_number() -> None:
    def seconds(count: int) -> float:
        told = [
            Passage(Place("a", 300 * n, 300 * n + 200), Place("b", 300 * n, 300 * n + 200), 1.0, "exact")
            for n in range(count)
        ]
        began = time.process_time()
        assert len(clusters(told, {})[1]) == count
        return time.process_time() - began

    seconds(10)
    assert seconds(8_000) < 40 * seconds(1_000)
