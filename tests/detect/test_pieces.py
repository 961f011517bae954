import random
import unicodedata

import numpy as np
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import pieces, shingles, words
from detect.settings import DEFAULTS

PIECE = "Read also what our harbour desk wrote"
TEXT = f"one two three four five six. {PIECE}. seven eight nine ten eleven twelve thirteen"


def covered(text: str, piece: str, votes: int = 10) -> tuple[words.Words, np.ndarray]:
    """The words of `text`, and votes for those of `piece`."""
    split = words.split(text)
    start = text.index(piece)
    inside = (split.starts >= start) & (split.stops <= start + len(piece))
    return split, np.where(inside, votes, 0).astype(np.int32)


def cut(text: str, piece: str, votes: int = 10) -> list[str]:
    split = pieces.cut(*covered(text, piece, votes))
    return [text[start:stop] for start, stop in zip(split.lines, split.lines[1:], strict=False)]


def test_a_line_is_cut_where_recurring_text_begins_and_ends() -> None:
    assert cut(TEXT, PIECE) == [
        "one two three four five six. ",
        f"{PIECE}. ",
        "seven eight nine ten eleven twelve thirteen",
    ]


def test_words_and_pieces_stay_in_step() -> None:
    split = pieces.cut(*covered(TEXT, PIECE))
    assert split.firsts.tolist() == [0, 6, 13, 20]


@pytest.mark.parametrize(
    ("text", "piece", "votes"),
    [
        (TEXT, PIECE, DEFAULTS.inline_votes - 1),
        (TEXT, "Read also what our", 10),
        (f"{PIECE} one two three", PIECE, 10),
        (PIECE, PIECE, 10),
        (TEXT.replace(" ", ""), PIECE.replace(" ", ""), 10),
    ],
    ids=["few votes", "short piece", "line with a slot", "whole line", "one word"],
)
def test_other_lines_stay_whole(text: str, piece: str, votes: int) -> None:
    assert cut(text, piece, votes) == [text]


def test_a_word_that_recurs_by_chance_beside_a_piece_stays_with_its_sentence() -> None:
    split, votes = covered(TEXT, PIECE, 40)
    votes[13] = 4  # "seven": four of forty pages go on with it
    assert TEXT[pieces.cut(split, votes).lines[2] :].startswith("seven")


def test_opening_quotes_go_with_what_they_open() -> None:
    text = TEXT.replace(PIECE, f"“{PIECE}”")
    assert cut(text, PIECE)[1].startswith("“Read")


def test_in_scripts_without_spaces_a_cut_stands_only_at_a_mark() -> None:
    piece = "本社の記者がこの記事を書いた"
    text = f"船は朝の港を出て島へ向かったと市長が述べた。{piece}、乗客は四十人で天気もよく波は静かだった"
    assert cut(text, piece)[1:] == [f"{piece}、", "乗客は四十人で天気もよく波は静かだった"]
    assert cut(text.replace("。", "").replace("、", ""), piece) == [text.replace("。", "").replace("、", "")]


def test_a_window_speaks_for_whole_lines_and_for_three_words_of_one() -> None:
    split = words.split("2020\nThe ferry of the island sails\nHome")
    windows = shingles.shingle(split, 5)
    for i in range(len(windows.hashes)):
        votes = np.zeros(len(windows.hashes), np.int32)
        votes[i] = 7
        told = pieces.cover(votes, windows.firsts, windows.lasts, split.firsts)
        inside = np.arange(len(split.hashes))
        inside = inside[(inside >= windows.firsts[i]) & (inside < windows.lasts[i])]
        for line, (first, last) in enumerate(zip(split.firsts, split.firsts[1:], strict=False)):
            held = ((inside >= first) & (inside < last)).sum()
            speaks = held >= 3 or held == last - first
            assert (told[first:last] > 0).sum() == (held if speaks else 0), (i, line)


def paragraph(*inside: str, sentences: int = 8) -> str:
    """One line of prose too long for a paragraph; what is given stands in its middle."""
    made = [
        f"The ferry of the {place} left at dawn with forty people, two dogs and an old piano that nobody had asked for."
        for place in ("island", "valley", "harbour", "mill", "fort", "lake", "marsh", "bay", "town", "pier")
    ]
    half = sentences // 2
    return " ".join([*made[:half], *inside, *made[half:sentences]])


def sentences_of(text: str) -> list[str]:
    split = pieces.sentences(words.split(text))
    return [text[start:stop] for start, stop in zip(split.lines, split.lines[1:], strict=False)]


def test_a_long_line_of_prose_is_cut_after_its_sentences_only() -> None:
    text = paragraph("Did it sail? It did! “So it did,” said the mate. And so on…", "12 sheep stayed behind.")
    assert sentences_of(text) == regex.split(r"(?<=[.?!…] )(?=[A-Z0-9“])", text)


@pytest.mark.parametrize(
    "sentence",
    [
        "The U.S. Navy and the U.K. Treasury paid 3.14 million for it.",
        "It was named after J. Smith and A. B. Tanner of Aldmoor.",
        "They took many things, e.g. small boats, ropes etc. and left.",
        "He wrote to pier.example.com and to me@pier.example about it.",
        "The 4 p.m. boat and the 7.30 boat were both late.",
        "Well ... she did not know that at all.",
    ],
)
def test_a_mark_that_ends_no_sentence_cuts_nothing(sentence: str) -> None:
    assert f"{sentence} " in sentences_of(paragraph(sentence))


def test_closing_and_opening_quotes_stay_with_their_sentences() -> None:
    told = sentences_of(paragraph("“Did it sail?” “It did.” (So they say.) Nobody saw it."))
    assert [one for one in told if "ferry" not in one] == [
        "“Did it sail?” ",
        "“It did.” ",
        "(So they say.) ",
        "Nobody saw it. ",
    ]


def of_words(count: int) -> str:
    """Prose of exactly so many words, in sentences of ten."""
    ten = "The old ferry sailed out again to the small island"
    text = " ".join(f"{ten}." for _ in range(count // 10))
    return " ".join([text, *["aye"] * (count % 10)]).strip()


def test_a_paragraph_stays_whole_and_one_word_more_does_not() -> None:
    assert len(sentences_of(of_words(DEFAULTS.long_line))) == 1
    assert len(sentences_of(of_words(DEFAULTS.long_line + 1))) > 1


def test_only_the_line_that_is_too_long_is_cut() -> None:
    text = f"Home. News. Sport.\n{paragraph()}\nThe end. It was."
    told = sentences_of(text)
    assert told[0] == "Home. News. Sport.\n"
    assert told[-1] == "The end. It was."
    assert len(told) == 2 + 8
    assert told[-2].endswith(".\n")


def test_words_that_are_not_cut_are_the_very_same() -> None:
    split = words.split(paragraph(sentences=3))
    assert pieces.sentences(split) is split


def test_text_without_sentences_is_cut_in_runs() -> None:
    rng = random.Random(3)
    names = ["harbour", "bridge", "ferry", "island", "piano", "winter", "keeper", "mill", "council", "bell"]
    told = sentences_of(" ".join(rng.choice(names) for _ in range(400)))
    sizes = [len(one.split()) for one in told]
    assert sum(sizes) == 400
    assert set(sizes[:-1]) == {DEFAULTS.run}
    assert sizes[-1] <= DEFAULTS.long_sentence


def test_a_run_ends_before_a_capital_that_follows_none() -> None:
    headlines = [
        "Harbour bridge falls again",
        "Mayor of Aldmoor opens mill",
        "Ferry to the island late",
        "Old bell rings",
    ]
    told = sentences_of(" ".join(headlines * 20))
    assert len(told) > 20
    starts = {one.split()[0] for one in headlines} | {"Aldmoor"}
    assert {one.split()[0] for one in told} <= starts


def test_chinese_is_cut_at_its_full_stops() -> None:
    one = "夜船在星期一早上又开了，岛上的人都去看它。"
    other = "“我们几乎忘了汽笛的声音”，卖面包的女人说！"
    text = (one + other) * 6
    assert sentences_of(text) == [one, other] * 6


def test_a_chinese_paragraph_is_counted_by_half_its_characters() -> None:
    text = "夜船在星期一早上又开了。" * ((2 * DEFAULTS.long_line) // 11)
    assert len(words.split(text).hashes) <= 2 * DEFAULTS.long_line
    assert len(sentences_of(text)) == 1
    assert len(sentences_of(text * 2)) > 1


def test_a_script_without_capitals_is_cut_after_its_full_stops() -> None:
    one = "عادت العبارة الليلية إلى الجزيرة بعد ثلاثة فصول شتاء. "
    assert sentences_of(one * 15) == [one] * 15
    hindi = "रात की नाव तीन सर्दियों के बाद द्वीप पर लौट आई। "
    assert sentences_of(hindi * 15) == [hindi] * 15


LONG = [
    "The ferry left at dawn. ",
    "U.S. Navy ",
    "harbour bridge island ",
    "don’t ",
    "e\u0301tude ",
    "👨‍👩‍👧 ok ",
    "क्षि ",
    "กำแพงเมือง",
    "漢字。",
    "船が出た",
    "العربية. ",
    "x1.5-e/mail@a.b ",
    "…",
    "। ",
    "\u0600١٢ ",
    "\u200d",
    "\u0301",
    "Mill ",
    "\n",
]


@given(st.lists(st.sampled_from(LONG), max_size=12), st.integers(1, 40))
@settings(deadline=None)
def test_pieces_tile_the_text_and_no_word_or_cluster_is_cut(some: list[str], times: int) -> None:
    text = "".join(some) * times
    split, before = pieces.sentences(words.split(text)), words.split(text)
    told = sentences_of(text)
    assert "".join(told) == text
    assert all(told)
    assert set(before.lines.tolist()) <= set(split.lines.tolist())
    assert set(before.firsts.tolist()) <= set(split.firsts.tolist())
    of_piece = np.repeat(np.arange(len(told)), np.diff(split.firsts))
    assert (split.starts >= split.lines[of_piece]).all()
    assert (split.stops <= split.lines[of_piece + 1]).all()
    clusters = {match.start() for match in regex.finditer(r"\X", text)} | {len(text)}
    for cut in set(split.lines.tolist()) - set(before.lines.tolist()):
        assert cut in clusters, (text[:cut], text[cut:])
        around = text[cut - 1 : cut + 1]
        assert not all(unicodedata.category(one)[0] in "LNM" for one in around), around


@given(st.lists(st.sampled_from(LONG), max_size=12), st.integers(1, 40))
@settings(deadline=None)
def test_cutting_what_was_cut_changes_nothing_of_the_words(some: list[str], times: int) -> None:
    text = "".join(some) * times
    split, before = pieces.sentences(words.split(text)), words.split(text)
    for name in ("hashes", "starts", "stops", "flags", "points"):
        assert (getattr(split, name) == getattr(before, name)).all()
    assert split.firsts[-1] == len(split.hashes)
    assert (np.diff(split.firsts) >= 0).all()


def test_a_line_of_a_million_words_is_cut_in_the_blink_of_an_eye() -> None:
    split = pieces.sentences(words.split("word " * 1_000_000))
    assert len(split.lines) > 1_000_000 / DEFAULTS.run - DEFAULTS.long_sentence
    assert len(pieces.sentences(words.split("word" + ",word" * 1_000_000)).lines) == 2


def test_a_run_without_a_place_to_cut_ends_where_its_line_does() -> None:
    text = "one two three four five six seven eight nine unique-aa-bb-cc-dd-ee-ff-gg"
    split, votes = covered(text, "aa-bb-cc-dd-ee-ff-gg")
    classes, _, _ = words.tables()
    place = (split.points, classes, pieces._OPENERS, split.starts, split.stops)
    last = len(split.hashes)
    start, stop, after = pieces._run(place, votes, 3, last - 7, 0, last)
    assert start <= stop <= after == last
    assert cut(text, "aa-bb-cc-dd-ee-ff-gg") == [text]
