"""Many pages to what they share: which pairs to look at closely, which passages are one, which pages are one story.

Pairs come from an inverted index of chosen windows of content words ("winnowing": Schleimer, Wilkerson, Aiken,
2003): any run of _WIDTH + _WINDOW - 1 equal words has a window in common. Clusters are stars (Aslam, Pelekhov, Rus,
"The star clustering algorithm", 2004): every member shares its text with the representative itself, so nothing is
chained through a third. Near-duplicate pages are found by MinHash (Broder 1997) and compared exactly.
"""

from __future__ import annotations

import bisect
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detect import sketches, when
from detect.loops import njit
from detect.places import Places, same_place
from detect.records import Cluster, Duplicates, Passage, Place, Sketch
from detect.settings import DEFAULTS
from detect.shingles import windows
from detect.terms import Terms

# Words of a window, and how many windows in a row have one chosen among them.
_WIDTH: Final = 5
_PRINTS: Final = 2  # their kind among windows of words
_WINDOW: Final = 8
# Windows two pages have to share to be looked at: as many as the shortest passage asked for has for certain when it is
# exact, but no more than three. A fourth would lose a tenth of the passages of thirty words.
_EVIDENCE: Final = 3
# A window that stands on more pages pairs each of them with the first so many: enough for the star that its cluster
# becomes, and a window on a million pages makes three million pairs, not a million squared.
_HUBS: Final = 3
# Slots a band: of pages as alike as duplicates (Jaccard .5) 996 in 1,000 meet.
_ROWS: Final = 3
# Leaders, the likeliest by their signatures, that a page is compared with exactly.
_LIKEST: Final = 8


def sketch(terms: Terms) -> Sketch:
    """What is kept of a page's content to find the pages that share text with it."""
    hashes = np.empty(max(len(terms.exact) - _WIDTH + 1, 0), np.uint64)
    windows(terms.exact, _WIDTH, _PRINTS, hashes)
    return Sketch(np.unique(hashes[_chosen(hashes)]), sketches.signature(terms.run_keys), len(terms.exact))


def candidates(
    new: Sequence[Sketch], known: Sequence[Sketch] = (), min_words: int = DEFAULTS.passage_words
) -> NDArray[np.int64]:
    """Pairs (i, j) of pages worth a closer look for passages of `min_words` words, i < j, int64 (n, 2), in order.

    Pages count through, `known` before `new`; of two known pages nothing is asked.
    """
    everyone = [*known, *new]
    owners = np.repeat(np.arange(len(everyone), dtype=np.int32), [len(one.prints) for one in everyone])
    prints = np.concatenate([np.empty(0, np.uint64), *(one.prints for one in everyone)])
    pairs, _ = meetings(prints, owners, len(known), evidence(min_words))
    return pairs


def evidence(min_words: int) -> int:
    """How many windows two pages have to share to be worth a closer look for passages of `min_words` words."""
    return min(max((min_words - _WIDTH + 1) // _WINDOW, 1), _EVIDENCE)


def meetings(
    prints: NDArray[np.uint64], owners: NDArray[np.int32], known: int = 0, least: int = 1
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Pairs (i, j) of pages that share `least` windows and more, i < j, int64 (n, 2), in order; and how many (n).

    Page `owners[k]` has the window `prints[k]`; owners rise, and each of these windows is there of all pages that have
    it. So windows can be counted apart, some here and some there, and the counts of a pair add up. The first `known`
    pages are not asked about one another.
    """
    if not len(prints):
        return np.empty((0, 2), np.int64), np.empty(0, np.int32)
    order = np.argsort(prints, kind="stable")  # stable: the pages of a window stay in order
    changes = np.flatnonzero(np.diff(prints[order])) + 1
    bounds = np.concatenate(([0], changes, [len(prints)]))
    group = np.empty(len(prints), np.int64)
    group[order] = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    firsts = np.searchsorted(owners, np.arange(owners[-1] + 2))
    pairs, times = _counted(group, firsts, bounds, owners[order], known, least)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return pairs[order], times[order]


def shifted(prints: NDArray[np.uint64], pages: NDArray[np.int64], new: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The pages that a window pairs with others no more, since `new` ones stand before them.

    `pages` by their places, and the windows that they have, n each, sorted by window and then by page.
    """
    starts = np.searchsorted(prints, prints)
    before: NDArray[np.int64] = np.cumsum(new) - new
    place = np.arange(len(prints)) - starts
    sooner = place - (before - before[starts])
    return np.unique(pages[~new & (place >= _HUBS) & (sooner < _HUBS)])


@njit(cache=True, nogil=True)
def _chosen(windows):  # type: ignore[no-untyped-def]
    """Places of the smallest window of every _WINDOW in a row, the rightmost of equal ones; all of a short text's
    smallest."""
    chosen = np.zeros(len(windows), np.bool_)
    best = -1
    for last in range(len(windows)):
        first = max(0, last - _WINDOW + 1)
        if best < first:
            best = first
            for i in range(first, last + 1):
                if windows[i] <= windows[best]:
                    best = i
        elif windows[last] <= windows[best]:
            best = last
        if last - first + 1 == _WINDOW or last == len(windows) - 1:
            chosen[best] = True
    return np.flatnonzero(chosen)


@njit(cache=True, nogil=True)
def _counted(group, firsts, bounds, owners, known, least):  # type: ignore[no-untyped-def]
    """The pairs that share enough windows, counted a page at a time: memory goes with pages, not with pairs."""
    pages = len(firsts) - 1
    shared = np.zeros(pages, np.int32)
    met = np.empty(pages, np.int64)
    out = [(np.int64(0), np.int64(0), np.int32(0)) for _ in range(0)]
    for page in range(known, pages):
        count = 0
        for at in range(firsts[page], firsts[page + 1]):
            start = bounds[group[at]]
            for k in range(start, min(start + _HUBS, bounds[group[at] + 1])):
                other = owners[k]
                if other >= page:
                    break
                if shared[other] == 0:
                    met[count] = other
                    count += 1
                shared[other] += 1
        for k in range(count):
            if shared[met[k]] >= least:
                out.append((met[k], np.int64(page), shared[met[k]]))
            shared[met[k]] = 0
    pairs = np.empty((len(out), 2), np.int64)
    times = np.empty(len(out), np.int32)
    for k in range(len(out)):
        pairs[k, 0], pairs[k, 1], times[k] = out[k]
    return pairs, times


# Clusters


def clusters(passages: Iterable[Passage], dates: Mapping[str, str]) -> tuple[tuple[Passage, ...], tuple[Cluster, ...]]:
    """The passages with their clusters named, and the clusters, the one on most pages first; in any order the same.

    `dates` gives the ISO date of a page that has one.
    """
    found = sorted(set(passages), key=lambda one: (one.a, one.b, -one.similarity, one.kind))
    leaders = _leaders(found)
    links: dict[Place, dict[Place, float]] = defaultdict(dict)
    for one in found:
        a, b = leaders[one.a], leaders[one.b]
        if a != b:
            links[a][b] = links[b][a] = max(one.similarity, links[a].get(b, 0.0))
    _link_inside(found, leaders, links)
    made = [_cluster(center, satellites, dates) for center, satellites in _stars(links)]
    made.sort(key=lambda one: (-len(one.members), one.representative.start - one.representative.stop, one.members))
    made = [replace(one, id=str(number)) for number, one in enumerate(made, 1)]
    at: dict[tuple[Place, Place], str] = {}
    for cluster in reversed(made):  # of two clusters that tell of one pair, the larger one's id stays
        inside = set(cluster.members)
        at |= {(a, b): cluster.id for a in inside for b in links[a] if b in inside}
    named = (replace(one, cluster=at.get((leaders[one.a], leaders[one.b]), "")) for one in found)
    return tuple(named), tuple(made)


def _leaders(passages: Sequence[Passage]) -> dict[Place, Place]:
    """For every place the longest one of its page that is nearly the same: the two overlap by half of what both
    cover. Each is compared with the longest itself, so that places do not drift apart along a page."""
    chosen = Places()
    leaders: dict[Place, Place] = {}
    for place in sorted(set(itertools.chain.from_iterable((one.a, one.b) for one in passages)), key=_longest_first):
        leaders[place] = min(chosen.like(place), key=_longest_first, default=place)
        if leaders[place] == place:
            chosen.add(place)
    return leaders


def _longest_first(place: Place) -> tuple[int, int, str]:
    return place.start - place.stop, place.start, place.page


def _link_inside(
    passages: Sequence[Passage], leaders: Mapping[Place, Place], links: dict[Place, dict[Place, float]]
) -> None:
    """Link the places inside a longer passage that tell of the same part of it: of two pages that are nearly one, each
    shares a quotation with a third, and with the other only as part of the whole."""
    on_page: dict[str, list[Place]] = defaultdict(list)
    for place in sorted(set(leaders.values())):
        on_page[place.page].append(place)
    for one in passages:
        there = _inside(one.b, on_page[one.b.page])
        scale = (one.b.stop - one.b.start) / (one.a.stop - one.a.start)
        for place in _inside(one.a, on_page[one.a.page]) if there else ():
            start = one.b.start + round((place.start - one.a.start) * scale)
            stop = one.b.start + round((place.stop - one.a.start) * scale)
            meant = Place(one.b.page, start, stop)
            for other in there[bisect.bisect(there, (meant.page, 2 * start - stop)) :]:
                if other.start >= stop:
                    break
                if same_place(other, meant):
                    links[place].setdefault(other, one.similarity)
                    links[other].setdefault(place, one.similarity)


def _inside(whole: Place, places: list[Place]) -> list[Place]:
    """The places of a page, in order, that are parts of one, and small enough that another could be too."""
    first = bisect.bisect_left(places, (whole.page, whole.start, 0))
    last = bisect.bisect_left(places, (whole.page, whole.stop, 0))
    return [one for one in places[first:last] if one.stop <= whole.stop and not same_place(one, whole)]


def _stars(links: Mapping[Place, Mapping[Place, float]]) -> Iterator[tuple[Place, dict[Place, float]]]:
    """Centers with their satellites, which cover every link: the place with most links first, the longer of equals."""
    ranked = sorted(links, key=lambda place: (-len(links[place]), place.start - place.stop, place))
    centers: set[Place] = set()
    covered: set[Place] = set()
    for place in ranked:
        if place not in covered:
            centers.add(place)
            covered |= {place, *links[place]}
            yield place, dict(links[place])
    rank = {place: number for number, place in enumerate(ranked)}
    for place in ranked:
        if place not in centers:
            apart = {
                other: alike
                for other, alike in links[place].items()
                if rank[other] > rank[place] and not _share_a_star(place, other, links, centers)
            }
            if apart:
                yield place, apart


def _share_a_star(one: Place, other: Place, links: Mapping[Place, Mapping[Place, float]], centers: set[Place]) -> bool:
    if one in centers or other in centers:
        return True
    return any(place in centers and place in links[other] for place in links[one])


def _cluster(center: Place, satellites: Mapping[Place, float], dates: Mapping[str, str]) -> Cluster:
    members = tuple(sorted([center, *satellites]))
    return Cluster("", center, members, earliest(members, dates), min(satellites.values()))


def earliest(members: Sequence[Place], dates: Mapping[str, str]) -> Place | None:
    """The place on the page that came out before all others; None where a page has no date, or two have the first."""
    firsts = when.firsts({place.page for place in members}, dates)
    return next(place for place in members if place.page == firsts[0]) if len(firsts) == 1 else None


# Near-duplicate pages


def bands(sketch: Sketch) -> NDArray[np.uint64]:
    """Keys of which pages that are one story have one in common; none of a page too short to be looked at."""
    if sketch.words < DEFAULTS.passage_words:
        return np.empty(0, np.uint64)
    return sketches.band_keys(sketch.signature, _ROWS)


def are_near(one: Sketch, other: Sketch) -> bool:
    """Whether two pages that have a band in common are so much alike that they are compared exactly."""
    agree = np.count_nonzero(one.signature == other.signature)
    return bool(agree >= DEFAULTS.duplicate_pages / 2 * sketches.SLOTS)


def duplicates(
    ids: Sequence[str], made: Sequence[Sketch], runs_of: Callable[[int], NDArray[np.uint64]]
) -> tuple[Duplicates, ...]:
    """Pages that are one story, the most pages first; `runs_of` gives a page's runs of three words, sorted.

    The longest page leads; each next one joins the leader that it is most like, if it is like enough by exact
    comparison, or leads itself. So two members may be less alike than that, but each is like its leader.
    """
    leaders = sketches.Bands(_ROWS)
    joined: dict[int, dict[int, float]] = {}
    for page in sorted(range(len(ids)), key=lambda i: (-made[i].words, ids[i])):
        if made[page].words < DEFAULTS.passage_words:
            continue
        likely = leaders.likest(made[page].signature, DEFAULTS.duplicate_pages / 2, _LIKEST)
        alike = [(sketches.jaccard(runs_of(page), runs_of(leader)), leader) for leader in likely]
        best, leader = max(alike, key=lambda one: (one[0], ids[one[1]]), default=(0.0, page))
        if best >= DEFAULTS.duplicate_pages:
            joined[leader][page] = best
        else:
            joined[page] = {}
            leaders.add(page, made[page].signature)
    groups = [_group(ids, leader, others) for leader, others in joined.items() if others]
    groups.sort(key=lambda one: (-len(one.pages), one.representative))
    return tuple(replace(one, id=str(number)) for number, one in enumerate(groups, 1))


def _group(ids: Sequence[str], leader: int, others: Mapping[int, float]) -> Duplicates:
    rows = sorted([(ids[leader], 1.0), *((ids[page], alike) for page, alike in others.items())])
    return Duplicates("", ids[leader], tuple(page for page, _ in rows), tuple(alike for _, alike in rows))
