from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect import context, features, lexicon, lines, pieces, shingles, words
from detect.columns import INDEX, NEIGHBOURS, OFFSETS, REACHES, SECOND, SECOND_PASS, WINDOW
from detect.lexicon import Lexicon
from detect.recurrence import Recurrence

PROSE = "The old pier was opened again on Monday, and people came from all over the island to see it."
MORE = "A keeper of goats from the northern shore brought her whole herd along, which pleased every child there."

# Every word as rare as any other, and no word says anything: what is left is easily worked out by hand.
FLAT = Lexicon(
    np.zeros((1 << lexicon.BITS, lexicon.SUBJECTS), np.int8),
    np.ones(lexicon.SUBJECTS, np.float32),
    np.zeros(lexicon.SUBJECTS, np.float32),
    np.full(1 << lexicon.RARITY_BITS, 32, np.uint8),
)


def told_lexicon() -> Lexicon:
    """A lexicon that says something of every word."""
    rng = np.random.default_rng(5)
    return Lexicon(
        rng.integers(-127, 128, (1 << lexicon.BITS, lexicon.SUBJECTS)).astype(np.int8),
        np.full(lexicon.SUBJECTS, 0.04, np.float32),
        np.array([0.2, -0.1, 0.3], np.float32),
        rng.integers(1, 256, 1 << lexicon.RARITY_BITS).astype(np.uint8),
    )


def rows(text: str, votes: Mapping[int, int] | None = None, of: int = 10, known: Lexicon = FLAT) -> np.ndarray:
    """The rows of a page; `votes` says on how many other pages a line stands, by its number."""
    return rows_of(pieces.sentences(words.split(text)), votes, of, known)


def rows_of(split: words.Words, votes: Mapping[int, int] | None, of: int, known: Lexicon) -> np.ndarray:
    m = len(split.lines) - 1
    keys = np.array([(votes or {}).get(line, 0) for line in range(m)], np.int32)
    recurrence = Recurrence(np.repeat(keys, np.diff(split.firsts)), keys, keys, of, own=True)
    return features.rows(split, lines.shapes(split), shingles.line_keys(split), recurrence, known)


def column(name: str, text: str, votes: Mapping[int, int] | None = None, of: int = 10) -> list[float]:
    return rows(text, votes, of)[:, INDEX[name]].tolist()


PAGES = {
    "empty": "",
    "blank lines": "\n\n \n",
    "dots": "...",
    "one word": "word",
    "one paragraph": PROSE,
    "one paragraph fifty times": "\n".join([PROSE] * 50),
    "five hundred short lines": "a\n" * 500,
    "numbers": "1\n2\n3 4 5\n0:00\n",
    "Thai": "เรือข้ามฟากกลับมาแล้ว\nหน้าแรก\nชาวเกาะดีใจที่ได้เห็นเรืออีกครั้งหลังจากรอมาสามฤดูหนาว",
    "Chinese": "夜船又开了。\n首页\n岛上的居民等了三个冬天，终于又看见渡轮从港口出发，大家都很高兴。",
    "Arabic": "عادت العبارة الليلية إلى الجزيرة بعد ثلاثة فصول شتاء.\nالرئيسية\nهل رأيت السفينة؟",
    "emoji": "👩‍👩‍👧 🏳️‍🌈\n👍🏽👍🏽👍🏽\n🇩🇪 ok",
    "lone surrogates": "a\ud800b\n\ud800\n",
    "a million times one word": "word " * 1_000_000,
}


@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES.keys())
def test_every_column_is_finite_whatever_the_page(text: str) -> None:
    for known in (FLAT, told_lexicon()):
        for votes, of in (({}, 0), ({0: 10}, 10), (dict.fromkeys(range(600), 1), 1)):
            table = rows(text, votes, of, known)
            context.beside(table, np.linspace(-40, 40, len(table), dtype=np.float32), table[:, INDEX["size"]])
            assert table.shape[1] == features.COLUMNS
            assert np.isfinite(table).all()


@given(st.lists(st.sampled_from([PROSE, MORE, "Home", "...", "", "船が出た。", "14 May, 2021 08:05"]), max_size=30))
def test_shares_stay_between_none_and_all(some: list[str]) -> None:
    table = rows("\n".join(some), {0: 4, 2: 10})
    names = ["ends", "function", "capitals", "on1", "on2", "on4", "widely", "wholly", "heading", "distinct", "common"]
    names += ["topic", "near", "echoes", "echoed", "titled", "title", "prose_share", "down", "along", "body", "core"]
    names += ["page_prose", "page_on2"]
    shares = table[:, [INDEX[name] for name in names]]
    assert ((shares >= 0) & (shares <= 1 + 1e-6)).all()


def test_prose_that_recurs_is_not_new_prose() -> None:
    text = "\n".join([PROSE, *["Home"] * 25, MORE])
    assert column("last_prose", text)[1] == pytest.approx(np.log(2))
    assert column("last_prose", text, {0: 10})[1] == 9  # none above
    assert column("next_prose", text, {26: 10})[25] == 9
    assert column("next_prose", text, {0: 10})[25] == pytest.approx(np.log(2))
    assert column("body", text)[0] > 0
    assert column("body", text, {0: 10})[0] == 0
    assert column("core", text, {26: 10})[0] == 1
    assert column("core", text, {0: 10})[0] == 0
    assert column("core", text, {0: 10})[26] == 1


def test_prose_on_one_other_page_is_still_new() -> None:
    text = f"{PROSE}\nHome\n{MORE}"
    assert column("core", text, {0: 1}) == column("core", text)
    assert column("core", text, {0: 2}) != column("core", text)


def test_the_nearer_the_prose_the_smaller_the_way_to_it() -> None:
    below = column("next_prose", "\n".join([*["Home"] * 6, PROSE]))
    assert below[:6] == pytest.approx(np.log1p([6, 5, 4, 3, 2, 1]))
    above = column("last_prose", "\n".join([PROSE, *["Home"] * 6]))
    assert above[1:] == pytest.approx(np.log1p([1, 2, 3, 4, 5, 6]))


def test_words_on_the_way_to_prose_are_those_in_between() -> None:
    text = f"{PROSE}\nHome\nNews of today\n{MORE}"
    assert column("next_words", text)[0] == pytest.approx(np.log1p(4))
    assert column("next_words", text)[1] == pytest.approx(np.log1p(3))
    assert column("last_words", text)[2] == pytest.approx(np.log1p(1))
    assert column("last_words", text)[3] == pytest.approx(np.log1p(4))


STORY = """Harbour bridge fell
The harbour was closed on Monday because its oldest bridge fell into the river.
Harbour bridge
Harbour cats
Home
A harbour without its bridge is still a harbour, said the mayor of the town.
Home"""


def test_topic_is_the_share_of_a_lines_words_that_other_prose_has() -> None:
    topic = column("topic", STORY)
    assert topic[0] == 1
    assert topic[2] == 1
    assert topic[3] == 1 / 2
    assert topic[4] == 0
    # the, harbour, its, bridge, of: of the fourteen words these are in the other paragraph ("the" and "its" too).
    shared = {"the", "harbour", "its", "bridge"}
    first = STORY.split("\n")[1].lower().strip(".").split()
    assert topic[1] == pytest.approx(sum(word in shared for word in first) / len(first))


def test_a_paragraph_is_no_evidence_of_its_own_topic() -> None:
    assert column("topic", f"Home\n{PROSE}\nNews")[1] == 0


def test_words_near_are_those_of_prose_within_ten_lines() -> None:
    text = "\n".join(["Goats"] * 12 + [MORE] + ["Goats"] * 12)
    near, topic = column("near", text), column("topic", text)
    assert near[:12] == [0, 0, *[1] * 10]
    assert near[13:] == [*[1] * 10, 0, 0]
    assert topic[:12] == topic[13:] == [1] * 12


def test_titled_is_told_by_the_first_line() -> None:
    assert column("titled", STORY)[:5] == [0, pytest.approx(3 / 14), 1, 1 / 2, 0]
    assert column("title", STORY)[:5] == pytest.approx([0, 1, 2 / 3, 1 / 3, 0])


def test_the_first_line_with_a_word_is_the_one_that_titles() -> None:
    assert column("titled", f"***\n{STORY}")[1:] == column("titled", STORY)


def test_again_counts_how_often_the_line_stands_on_the_page() -> None:
    assert column("again", STORY) == pytest.approx([0, 0, 0, 0, np.log(2), 0, np.log(2)])


def test_lines_without_a_word_are_no_repetition_of_one_another() -> None:
    assert column("again", "***\nHome\n***\n***") == [0, 0, 0, 0]


def test_a_line_is_echoed_by_the_line_below_and_echoes_the_line_above() -> None:
    text = "Harbour bridge\nHarbour cats\nHome\nHarbour bridge"
    assert column("echoed", text) == [1 / 2, 0, 0, 0]
    assert column("echoes", text) == [0, 1 / 2, 0, 0]


def test_common_is_the_share_of_words_on_three_lines_and_more() -> None:
    text = "Harbour bridge\nHarbour cats\nbridge bridge bridge\nHarbour"
    assert column("common", text) == [1 / 2, 1 / 2, 0, 1]


def test_recurrence_is_told_at_one_two_and_four_pages() -> None:
    table = rows("one\ntwo\nthree\nfour\nfive", {1: 1, 2: 2, 3: 4, 4: 10})
    told = table[:, [INDEX[name] for name in ("on1", "on2", "on4", "widely")]]
    assert told.tolist() == [[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 1], [1, 1, 1, 1], [1, 1, 1, 1]]
    assert table[:, INDEX["whole"]] == pytest.approx(np.log1p([0, 1, 2, 4, 10]))
    assert table[:, INDEX["wholly"]] == pytest.approx([0, 0.1, 0.2, 0.4, 1])


def test_with_nothing_known_no_recurrence_is_told() -> None:
    at = slice(INDEX["on1"], INDEX["known"] + 1)
    assert (rows(STORY, of=0)[:, at] == 0).all()


def test_the_rarer_word_counts_for_more() -> None:
    rarity = FLAT.rarity.copy()
    rarity[words.word_hash("cats") >> (64 - lexicon.RARITY_BITS)] = 96
    known = Lexicon(FLAT.weights, FLAT.steps, FLAT.biases, rarity)
    assert rows(STORY, known=known)[3, INDEX["topic"]] == pytest.approx(32 / (32 + 96))


def test_the_columns_of_a_neighbour_are_its_own() -> None:
    table = rows("\n".join([STORY, PROSE, "14 May, 2021 08:05", "Home"]), {4: 10, 6: 10, 8: 3}, known=told_lexicon())
    m = len(table)
    for offset in OFFSETS:
        for name in NEIGHBOURS:
            told = table[:, INDEX[f"{name}{offset:+d}"]]
            for line in range(m):
                other = line + offset
                assert told[line] == (table[other, INDEX[name]] if 0 <= other < m else -1), (name, offset, line)


def test_a_page_of_one_line_has_no_neighbours() -> None:
    table = rows("Home")
    assert all(table[0, INDEX[f"{name}{offset:+d}"]] == -1 for offset in OFFSETS for name in NEIGHBOURS)


def test_the_lines_around_are_told_by_their_means() -> None:
    text = "\n".join([STORY, PROSE, "14 May, 2021 08:05", "Home", STORY])
    table = rows(text, {4: 10, 6: 10, 8: 3}, known=told_lexicon())
    m = len(table)
    for reach in REACHES:
        for name in WINDOW:
            for line in range(m):
                for side, start, stop in (("above", max(0, line - reach), line), ("below", line + 1, line + 1 + reach)):
                    around = table[start:stop, INDEX[name]]
                    mean = around.mean() if len(around) else -1
                    assert table[line, INDEX[f"{name}_{side}{reach}"]] == pytest.approx(mean, abs=1e-4)


def test_the_prose_around_is_told_in_words() -> None:
    text = f"{PROSE}\nHome\nNews\nSport\n{MORE}"
    size = len(words.split(PROSE).hashes)
    assert column("prose_above3", text) == pytest.approx([0, *[np.log1p(size)] * 3, 0])
    assert column("prose_before", text) == pytest.approx([0, *[np.log1p(size)] * 4])


def test_pieces_of_a_line_know_their_line() -> None:
    split = words.split(f"Home\n{PROSE} {MORE}\nNews")
    middle = split.starts[split.firsts[1] + len(words.split(PROSE).hashes)]
    cut = words.Words(
        split.hashes,
        split.starts,
        split.stops,
        split.flags,
        np.insert(split.lines, 2, middle),
        np.insert(split.firsts, 2, split.firsts[1] + len(words.split(PROSE).hashes)),
        split.points,
    )
    table = rows_of(cut, {}, 0, FLAT)
    both = len(words.split(PROSE).hashes) + len(words.split(MORE).hashes)
    assert table[:, INDEX["begins"]].tolist() == [1, 1, 0, 1]
    assert table[:, INDEX["stops"]].tolist() == [1, 0, 1, 1]
    assert table[:, INDEX["parent"]] == pytest.approx(np.log1p([1, both, both, 1]))


def test_lines_of_one_length_make_a_run() -> None:
    text = f"Home\nNews\nSport\n{PROSE}\nHome"
    assert column("run", text) == pytest.approx(np.log([3, 3, 3, 1, 1]))


def test_lines_are_counted_from_where_the_headline_stands_again() -> None:
    text = "Harbour bridge fell\nHome\nHarbour bridge fell\nNews\nSport"
    assert column("since_title", text) == pytest.approx([-1, -1, 0, np.log(2), np.log(3)])
    assert column("until_title", text) == pytest.approx([np.log(3), np.log(2), 0, -1, -1])


def test_the_core_is_where_the_prose_is_and_the_way_to_it_has_a_side() -> None:
    text = "\n".join(["Home"] * 3 + [PROSE, "Home", MORE] + ["Home"] * 2)
    assert column("core", text) == [0, 0, 0, 1, 1, 1, 0, 0]
    assert column("from_core", text) == pytest.approx(
        [-np.log(4), -np.log(3), -np.log(2), 0, 0, 0, np.log(2), np.log(3)]
    )


def test_the_peak_is_the_first_line_with_the_most_prose_near() -> None:
    peak = column("peak", "\n".join(["Home"] * 30 + [PROSE, MORE] + ["Home"] * 30))
    assert [peak[0], peak[21], peak[31]] == pytest.approx([-np.log1p(21), 0, np.log1p(10)])


def saying(word: str, subject: int) -> Lexicon:
    """A lexicon that knows one word, and what that says of one subject."""
    weights = FLAT.weights.copy()
    weights[words.word_hash(word) >> (64 - lexicon.BITS), subject] = 100
    return Lexicon(weights, FLAT.steps, FLAT.biases, FLAT.rarity)


def test_what_a_line_says_of_those_below_and_above_it_fades_with_every_line() -> None:
    text = "Home\nComments\nNews\nSport\nTides"
    below = rows(text, known=saying("comments", 1))[:, INDEX["opened"]]
    assert below == pytest.approx([0, 0, 50, 50 * 0.97, 50 * 0.97**2])
    above = rows(text, known=saying("sport", 2))[:, INDEX["closed"]]
    assert above == pytest.approx([50 * 0.97**2, 50 * 0.97, 50, 0, 0])


def test_a_page_is_told_by_the_share_of_its_words() -> None:
    text = f"{PROSE}\nHome of news\n{PROSE}"
    size = len(words.split(PROSE).hashes)
    assert column("page_prose", text, {1: 10, 2: 10}) == pytest.approx([size / (2 * size + 3)] * 3)
    assert column("page_on2", text, {1: 10, 2: 10}) == pytest.approx([(size + 3) / (2 * size + 3)] * 3)
    assert column("along", text) == pytest.approx([0, size / (2 * size + 3), (size + 3) / (2 * size + 3)])


def test_rows_leave_the_second_pass_to_itself() -> None:
    assert (rows(STORY, {4: 10})[:, features.FIRST_COLUMNS :] == 0).all()


def test_beside_fills_the_columns_of_the_second_pass_only() -> None:
    table = rows(STORY, {4: 10})
    filled = table.copy()
    context.beside(filled, np.linspace(-3, 3, len(table), dtype=np.float32), table[:, INDEX["size"]])
    changed = np.flatnonzero((filled != table).any(axis=0))
    assert {list(SECOND_PASS)[index] for index in changed} <= set(SECOND)
    assert (filled[:, INDEX["first"]] == np.linspace(-3, 3, len(table), dtype=np.float32)).all()


def test_what_is_kept_before_rises_from_nothing_to_all() -> None:
    text = "\n".join([PROSE, MORE] * 10)
    table = rows(text)
    sizes = np.array([len(words.split(line).hashes) for line in text.split("\n")], np.float32)
    context.beside(table, np.full(len(table), -8, np.float32), sizes)
    share = table[:, INDEX["content_share"]]
    assert share == pytest.approx((np.cumsum(sizes) - sizes) / sizes.sum(), abs=1e-5)
    assert share[0] == 0
    assert (np.diff(share) > 0).all()
    assert (table[:, INDEX["body_in"]] == 1).all()
    assert table[:, INDEX["content_page"]] == pytest.approx(1, abs=1e-3)
    assert table[:, INDEX["next_content"]][:-1] == pytest.approx(np.log(2))


def test_a_page_of_boilerplate_alone_has_no_body() -> None:
    table = rows("\n".join(["Home"] * 20))
    context.beside(table, np.full(20, 8, np.float32), np.ones(20, np.float32))
    assert (table[:, INDEX["body_in"]] == 0).all()
    assert (table[:, INDEX["next_content"]] == 9).all()
    assert table[:, INDEX["content_page"]] == pytest.approx(0, abs=1e-3)


def test_the_second_pass_sees_three_lines_either_way() -> None:
    table = rows("\n".join(["Home"] * 6))
    odds = np.array([1, -2, 3, -4, 5, -6], np.float32)
    context.beside(table, odds, np.ones(6, np.float32))
    for offset in (-3, -2, -1, 1, 2, 3):
        told = table[:, INDEX[f"first{offset:+d}"]]
        assert told.tolist() == [odds[i + offset] if 0 <= i + offset < 6 else 9 for i in range(6)]


def test_rows_do_not_depend_on_earlier_calls() -> None:
    before = rows(STORY, {4: 10}, known=told_lexicon())
    for text in PAGES.values():
        rows(text[:2000], {0: 3}, known=told_lexicon())
    assert (rows(STORY, {4: 10}, known=told_lexicon()) == before).all()


def test_the_same_lines_in_another_order_are_other_neighbours_but_the_same_lines() -> None:
    one, other = rows("Home\nNews of the day\nSport"), rows("Sport\nNews of the day\nHome")
    own = slice(0, INDEX["on1"])
    assert (one[:, own] == other[::-1, own]).all()
