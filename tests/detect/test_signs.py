"""What a line may hold, told from its numbers and words: never less than what the searches would find."""

import re
import time
import unicodedata

import numpy as np
import pytest

from detect import signs as module
from detect.bylines import byline
from detect.signs import AGES, CUED, DATED, DATES, JOINED, NAMED, NAMING, OPENED, SPANS, TODAYS, UNSPACED, YEAR, signs
from detect.wordlists import AGO, AUTHOR, BY, PUBLISHED, SINCE, TODAY, UPDATED, WRITTEN_BY


@pytest.mark.parametrize(
    ("line", "held"),
    [
        ("2020-11-03", DATED | YEAR),
        ("3.11.20", JOINED),
        ("2020年1月", UNSPACED | YEAR),
        ("2016년 5월 3일", UNSPACED | YEAR),
        ("3 rd of May", NAMED),
        ("March 3, 2020", NAMING | YEAR),
        ("2 hours ago", AGES),
        ("vor 2 Stunden", SPANS),
        ("il y a une heure", SPANS),
        ("Heute, 12:37 Uhr", TODAYS),
        ("3 pm today", TODAYS),
        ("By Jane", OPENED),
        ("Home | Written by Jane", OPENED),
        ("3 May by Jane", OPENED | NAMED),
        ("jane@post.example by Jane", OPENED),
        ("文 / 王小明", OPENED),
        ("홍길동 기자", OPENED),
        ("Mis à jour", CUED),
        ("더 많은 등록", CUED),
    ],
)
def test_a_line_has_the_signs_of_what_it_may_hold(line: str, held: int) -> None:
    assert signs(line) & held == held


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Share 192",
        "Version 4.5 of 12 is in",
        "Maybe 12345",
        "Photo by Jane",
        "Text of the day",
        "a 10 in the market",
        "文学",
    ],
)
def test_a_line_that_holds_neither_a_date_nor_a_byline_has_no_sign_of_them(line: str) -> None:
    assert not signs(line) & (DATES | OPENED)


def test_a_code_point_is_a_letter_a_digit_or_a_space_where_patterns_take_it_for_one() -> None:
    table = module.tables()[0]
    for point, entry in enumerate(table[:-1].tolist()):
        kind, character = entry & module._KIND, chr(point)
        assert (kind in (module._LETTER, module._DIGIT)) == character.isalnum()
        assert (kind == module._DIGIT) == character.isdecimal()
        assert (kind in (module._BLANK, module._BREAK)) == character.isspace()
    assert not any(chr(point).isalnum() or chr(point).isspace() for point in range(len(table) - 1, 0x110000))


def test_letters_that_patterns_without_case_take_for_one_another_are_one_letter() -> None:
    table = module.tables()[0]
    words = f"{AGO} {SINCE} {BY} {WRITTEN_BY} {AUTHOR} {TODAY} {PUBLISHED} {UPDATED}"
    characters = "".join(filter(str.isalnum, map(chr, range(len(table) - 1))))
    alike = module._KIND | module._ACCENT | 0xFFFFFFFF << module._FOLD
    for letter in {character for character in words if character.isalpha()}:
        entries = table[[ord(other) for other in re.findall(letter, characters, re.IGNORECASE)]].astype(np.int64)
        assert set((entries & alike).tolist()) == {int(table[ord(letter)]) & alike}


def test_what_is_no_letter_and_stands_in_no_month_is_not_taken_for_a_part_of_one() -> None:
    letters = set("".join(module.month_beginnings()))
    table = module.tables()[0]
    for point in range(len(table) - 1):
        if table[point] & module._KIND == module._OTHER and not 0xD800 <= point < 0xE000:
            folded = module.folded(chr(point))
            assert folded
            assert not letters.issuperset(folded)


def test_a_text_of_any_length_costs_no_more_for_each_of_its_characters() -> None:
    for filler in ("By ", "3 ", "3.", "a ", "May 3 ", "\u0301", "年", "Author  "):
        text = filler * (4_000_000 // len(filler))
        start = time.process_time()
        signs(text)
        assert time.process_time() - start < 2


def test_what_stands_after_a_name_is_looked_at_once() -> None:
    for filler in (". ", "- ", ".", "am  ", ": am :"):
        start = time.process_time()
        byline("By Jane Doe" + (filler * 50)[:100] + "x")
        assert time.process_time() - start < 0.1


@pytest.mark.parametrize(
    ("segment", "name"),
    [
        ("By Jane Doe -- Published: ", "By Jane Doe"),
        ("Von Jana Beispiel, zuletzt am Dienstag", "Von Jana Beispiel"),
        ("By Jane Doe Amos", "By Jane Doe Amos"),
        ("By JANE DOE PUBLİSHED ON", "By JANE DOE"),
    ],
)
def test_a_byline_ends_before_what_leads_to_its_date(segment: str, name: str) -> None:
    found = byline(segment)
    assert found is not None
    assert segment[found.start : found.stop] == name


def test_marks_are_in_no_letters_way() -> None:
    assert signs(unicodedata.normalize("NFD", "3 août 2020")) & NAMED
    assert signs("3 Ma\u200dy") & NAMED == signs("3 Ma y") & NAMED
