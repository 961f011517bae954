import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect import words
from detect.words import word_hash


def texts_of(text: str) -> list[str]:
    split = words.split(text)
    return [text[start:stop] for start, stop in zip(split.starts, split.stops, strict=True)]


def lines_of(text: str) -> list[str]:
    split = words.split(text)
    return [text[start:stop] for start, stop in zip(split.lines, split.lines[1:], strict=False)]


def test_words_are_runs_of_letters_and_digits() -> None:
    assert texts_of("Héllo, wörld: 12:22 (x1)!") == ["Héllo", "wörld", "12", "22", "x1"]


def test_characters_of_unspaced_scripts_are_words_with_their_marks() -> None:
    assert texts_of("日本 เวลานี้ 한국어") == ["日", "本", "เ", "ว", "ล", "า", "นี้", "한국어"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HARBOUR", "harbour"),
        ("café", "cafe\u0301"),
        ("Ｆｕｌｌ", "full"),
        ("co\u00adop", "coop"),
        ("7", "12345"),
        ("a1", "a999"),
        ("ΆΝΕΜΟΣ", "άνεμος"),
        ("٣", "3"),
    ],
)
def test_words_that_people_read_alike_have_one_hash(one: str, other: str) -> None:
    assert word_hash(one) == word_hash(other)


@pytest.mark.parametrize(("one", "other"), [("cat", "act"), ("a1", "1a"), ("ab", "a"), ("म", "मि")])
def test_words_that_differ_have_hashes_that_differ(one: str, other: str) -> None:
    assert word_hash(one) != word_hash(other)


def test_hashes_are_the_same_in_every_process() -> None:
    # Written down once: a memory that was saved last year must match today's pages.
    assert word_hash("harbour") == 10561218634392613993
    assert word_hash("2020") == 10076350285264667026


def test_word_hash_refuses_what_is_not_one_word() -> None:
    with pytest.raises(ValueError, match="2 words"):
        word_hash("two words")


def test_blank_lines_and_line_ends_belong_to_the_line_above() -> None:
    assert lines_of("one\r\n\r\n  \n  two\u2028three\n") == ["one\r\n\r\n  \n", "  two\u2028", "three\n"]


@given(st.text())
def test_lines_tile_the_text_and_words_lie_in_them(text: str) -> None:
    split = words.split(text)
    assert "".join(lines_of(text)) == text
    line_of_word = np.repeat(np.arange(len(split.lines) - 1), np.diff(split.firsts))
    assert (split.starts >= split.lines[line_of_word]).all()
    assert (split.stops <= split.lines[line_of_word + 1]).all()


@given(st.text())
def test_a_word_begins_with_a_letter_or_digit_and_none_is_lost(text: str) -> None:
    split = words.split(text)
    inside = np.zeros(len(text), bool)
    for start, stop in zip(split.starts, split.stops, strict=True):
        inside[start:stop] = True
    for character, covered in zip(text, inside, strict=True):
        if unicodedata.category(character) in ("Lu", "Ll", "Nd"):
            assert covered


def test_a_lone_surrogate_is_a_separator() -> None:
    assert texts_of("a\ud800b") == ["a", "b"]


def test_the_engine_is_new_until_its_loops_were_compiled_once(tmp_path: Path) -> None:
    ask = [sys.executable, "-c", "from detect import is_new; print(is_new())"]
    told = [
        subprocess.run(ask, env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}, capture_output=True, text=True).stdout
        for _ in range(2)
    ]
    assert told == ["True\n", "False\n"]
