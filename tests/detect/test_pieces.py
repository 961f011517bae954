import numpy as np
import pytest

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
