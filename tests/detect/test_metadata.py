"""The date and the byline of a page: found near its headline, in many languages, and never inside prose."""

import re
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import Labels, Memory, Metadata, Page, Span, bylines, describe, label, nearby
from detect.records import KINDS
from detect.signs import ALL, DATES

PROSE = "The first night ferry in three years left the harbour with forty passengers, two dogs and a piano on board."
LATER = "Its horn was heard as far as the mill, and the whole street went to the window to see it pass by."
MARKS = {"T": "title", "C": "content", "B": "boilerplate"}


def marked(*lines: str) -> tuple[Page, Labels]:
    """A page of these lines, with a label each; a line's first letter says its kind, as in MARKS."""
    texts = [line[2:] + "\n" for line in lines]
    n = len(texts)
    none = np.zeros(n, np.int32)
    labels = Labels(
        ("base",),
        np.cumsum([0, *map(len, texts)], dtype=np.int64),
        np.array([KINDS.index(MARKS[line[0]]) for line in lines], np.uint8),
        np.zeros(n, np.float32),
        np.zeros((n, 1), np.float32),
        none,
        none,
        np.zeros(n, np.bool_),
    )
    return Page("p", "".join(texts)), labels


def told(*lines: str) -> tuple[str | None, str | None]:
    """The texts of the date and the byline of a page of these lines."""
    page, labels = marked(*lines)
    found = describe(page, labels)
    date, byline = (span and page.text[span.start : span.stop] for span in (found.date, found.byline))
    return date, byline


def around(*lines: str) -> tuple[str | None, str | None]:
    """The same with these lines between a headline and a text."""
    return told("B Home", "B Sport", "T Night ferry returns", *lines, f"C {PROSE}", f"C {LATER}", "B Imprint")


@pytest.mark.parametrize(
    "date",
    [
        "3 Nov, 2020 12:22",
        "15 oct 2024 - 08:22",
        "November 3, 2020 at 3:04 PM GMT",
        "Nov. 3rd, 2020",
        "2020-11-03T12:22:00Z",
        "13.01.2025",
        "17. Dezember 2024, 12:17 Uhr",
        "3 novembre 2020 à 12h22",
        "3 de noviembre de 2020",
        "4 Febbraio 2025 - 14:41",
        "3 de dezembro de 2020 às 10h05",
        "3 listopada 2020, 12:22",
        "3. prosince 2020",
        "3 ноября 2020, 12:22",
        "3 листопада 2020",
        "3 Νοεμβρίου 2020",
        "3 Kasım 2020 14:05",
        "23 okt 2025 kl 10.23",
        "3. marraskuuta 2020 klo 12.22",
        "2020. november 3. 12:22",
        "3 نوفمبر 2020",
        "٣ نوفمبر ٢٠٢٠",
        "3 नवंबर 2020",
        "3 พฤศจิกายน 2563",
        "3 tháng 11, 2020",
        "2025年1月13日",
        "2025年1月13日 12:22",
        "2020년 11월 3일 12:22",
        "12:22, 3 November 2020",
        "18:40, 5 Jan",
        "2 hours ago",
        "vor 2 Stunden",
        "il y a 2 heures",
        "2 часа назад",
        "2時間前",
        "Heute, 12:37 Uhr",
    ],
)
def test_a_date_is_found_in_the_forms_of_many_languages(date: str) -> None:
    assert around(f"B {date}") == (date, None)


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("Published 3 November 2020 12:22 | Updated 4 November 2020 09:00", "3 November 2020 12:22"),
        ("Updated 4 November 2020 09:00 | Published 3 November 2020", "3 November 2020"),
        ("Publié le 3 novembre 2020 à 12h22 - Mis à jour le 4 novembre 2020", "3 novembre 2020 à 12h22"),
        ("3 Nov 2020, updated 4 Nov 2020", "3 Nov 2020"),
        ("Stand: 04.11.2020 09:00 Uhr, veröffentlicht: 03.11.2020 12:22 Uhr", "03.11.2020 12:22 Uhr"),
        ("更新：2025年1月14日　公開：2025年1月13日", "2025年1月13日"),
        ("Tuesday, 3 November 2020 · 5 min read", "3 November 2020"),
        ("News | Harbour | 3 November 2020 | Share", "3 November 2020"),
    ],
)
def test_of_two_dates_the_one_on_which_the_page_came_out_is_taken(line: str, date: str) -> None:
    assert around(f"B {line}")[0] == date


def test_what_a_date_is_may_stand_in_the_line_above_it() -> None:
    assert around("B Updated", "B 4 November 2020", "B Published", "B 3 November 2020")[0] == "3 November 2020"


def test_a_full_date_is_taken_before_how_long_ago_it_was() -> None:
    assert around("B 2 hours ago", "B 3 November 2020")[0] == "3 November 2020"


@pytest.mark.parametrize(
    "line",
    [
        "C The pier was opened on 3 May 1988 by the mayor of the day, who fell in.",
        "C Der Rat hatte am 3. November 2020 beschlossen, den Dienst einzustellen.",
        "C Le conseil a décidé le 3 novembre 2020 de fermer le port, dit le maire.",
        "C 町議会は2020年11月3日に港を閉めることを決めたと町長が語った。",
        "B The Harbour Post was founded on 3 May 1988 and has been printed on the Ropewalk ever since.",
        "B 3 stories you may have missed",
        "B Score 10 out of 12",
        "B Version 192.168.13.01",
    ],
)
def test_a_date_inside_prose_and_a_number_that_is_none_are_no_date(line: str) -> None:
    assert around(line) == (None, None)


def test_a_page_without_date_or_byline_has_none() -> None:
    page, labels = marked("B Home", "T Night ferry returns", f"C {PROSE}")
    assert describe(page, labels) == Metadata(Span(5, 24), None, None)


def test_a_date_near_the_headline_goes_before_one_after_the_text() -> None:
    after = f"C {PROSE}", f"C {LATER}", "B 5 November 2020"
    assert told("T Night ferry returns", "B 3 November 2020", *after)[0] == "3 November 2020"
    assert told("B 2 November 2020", "T Night ferry returns", *after)[0] == "2 November 2020"
    assert told("T Night ferry returns", *after)[0] == "5 November 2020"


def test_a_date_far_from_the_headline_and_the_text_is_not_taken() -> None:
    far = [f"B Entry {number}" for number in "abcdefghijklmnopqrstuvwxyz"]
    assert told("B 3 November 2020", *far, "T Night ferry returns", f"C {PROSE}", *far, "B 4 November 2020")[0] is None


def test_without_a_headline_the_line_nearest_above_the_text_is_taken() -> None:
    lines = "B 1 May 2026", "B Home", "B By Jane Doe", "B 3 November 2020", f"C {PROSE}"
    assert told(*lines) == ("3 November 2020", "By Jane Doe")


@pytest.mark.parametrize(
    "byline",
    [
        "By Jane Doe",
        "By JANE DOE and John Roe, Harbour Post",
        "By Reuters",
        "By Jane Doe for the Harbour Post",
        "Written by Jane Doe",
        "Words: The village correspondents",
        "Von Jana Beispiel und Karl Muster, dpa",
        "Text: Jana Beispiel",
        "Par Jeanne Dupont",
        "Por Juana Pérez",
        "di Maria Rossi",
        "Av Anna Svensson",
        "Door Jan van der Berg",
        "By April Jones",
        "Autor: Jan Kowalski",
        "Автор: Иван Петров",
        "Текст: Мария Иванова",
        "Του Γιάννη Παπαδόπουλου",
        "بقلم: أحمد علي",
        "लेखक: मोहन कुमार",
        "โดย สมชาย ใจดี",
        "文/王小明",
        "記者王小明／台北報導",
        "作者：王小明",
        "取材・文＝山田花子",
        "홍길동 기자",
    ],
)
def test_a_byline_is_found_in_many_languages(byline: str) -> None:
    assert around(f"B {byline}") == (None, byline)


@pytest.mark.parametrize(
    ("line", "date", "byline"),
    [
        ("By Jane Doe, 3 November 2020", "3 November 2020", "By Jane Doe"),
        ("3 November 2020 | By Jane Doe | 5 min read", "3 November 2020", "By Jane Doe"),
        ("By Jane Doe Published 3 Nov 2020 12:22", "3 Nov 2020 12:22", "By Jane Doe"),
        ("Von Jana Beispiel am 3. November 2020", "3. November 2020", "Von Jana Beispiel"),
        ("By Jane Doe - jane@post.example - 3 Nov 2020", "3 Nov 2020", "By Jane Doe"),
        ("（記者王小明／台北報導）2025年1月13日", "2025年1月13日", "記者王小明／台北報導"),
    ],
)
def test_a_byline_that_shares_its_line_is_given_without_the_date(line: str, date: str, byline: str) -> None:
    assert around(f"B {line}") == (date, byline)


def test_a_byline_may_take_two_lines() -> None:
    assert around("B By", "B Jane Doe", "B 3 November 2020") == ("3 November 2020", "By\nJane Doe")


@pytest.mark.parametrize(
    "line",
    [
        "C By 2030 the harbour will be closed to all ships",
        "C By Monday the ferry had sailed again.",
        "B By the numbers",
        "C Von hier aus sieht man die Insel",
        "B Door Handles",
        "C 记者从港口获悉",
        "B Photo by Jane Doe",
        "B Text: A A A",
    ],
)
def test_a_line_that_only_begins_like_a_byline_is_none(line: str) -> None:
    assert around(line)[1] is None


def test_the_title_is_the_span_that_is_labelled_so_without_white_space() -> None:
    page, labels = marked("B Home", "T   Night ferry returns  ", f"C {PROSE}")
    title = describe(page, labels).title
    assert title is not None
    assert page.text[title.start : title.stop] == "Night ferry returns"


def test_it_goes_by_the_labels_of_the_engine() -> None:
    lines = (
        "Night ferry returns | Harbour Post",
        "Home",
        "Sport",
        "Night ferry returns",
        "By Jane Doe",
        "3 Nov, 2020 12:22",
    )
    page = Page("p", "\n".join([*lines, PROSE, LATER, PROSE.replace("first", "second"), "Imprint", "Privacy policy"]))
    found = describe(page, label(page, Memory()))
    assert [span and page.text[span.start : span.stop] for span in (found.title, found.date, found.byline)] == list(
        lines[3:4] + lines[5:6] + lines[4:5]
    )


def test_comments_that_are_kept_do_not_move_the_end_of_the_text() -> None:
    after = ["Published 5 November 2020", "2 comments"]
    for name, text in (
        ("Old Salt", "I was on the first crossing and it was wonderful."),
        ("Mary", "Let us hope it lasts."),
    ):
        after += [name, "7 Nov 2020 13:05", text, "Reply", "Like", "Report"]
    page = Page("p", "\n".join(["Night ferry returns", "Home", "Night ferry returns", PROSE, LATER, *after, "Imprint"]))
    for keep_comments in (False, True):
        date = describe(page, label(page, Memory(), keep_comments=keep_comments)).date
        assert date is not None
        assert page.text[date.start : date.stop] == "5 November 2020"


pieces = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["3 Nov 2020 ", "By Jane ", "Von ", "12:22 ", "２０２０年１月 ", "²", "\ud800", "\u2028", "\x00", ". ", "\n"]
    ),
    st.sampled_from(["٣ نوفمبر ٢٠٢٠", "99/99/9999", "文/", "記者", "by", "T ", "(", "İ", "ﬁ ", "᾿Ι "]),
)


@given(st.lists(st.tuples(st.sampled_from("TCB"), st.lists(pieces, max_size=8).map("".join)), max_size=12))
@settings(max_examples=200, deadline=None)
def test_no_text_makes_it_fail_and_its_spans_lie_on_the_page(some: list[tuple[str, str]]) -> None:
    page, labels = marked(*(f"{kind} {text}" for kind, text in some))
    for span in (describe(page, labels).title, describe(page, labels).date, describe(page, labels).byline):
        assert span is None or (0 <= span.start < span.stop <= len(page.text))


WORDS_OF_BYLINES = """
By by BY Von VON Par par Di Author: Autor: AUTHOR(S): Written_by Written WRITTEN Posted Text: Words: Story Reporter
Écrit ÉCRIT Автор: АВТОР: Γράφει ο 作者 記者 文/山田太郎 記者王小明 글: written by Jane Doe DOE Reuters Smith, and
3 Nov 2020 3.5.2020 12:22 2 hours ago Photo of the ferry me@post.com | » – - / • ( （ Bİ DI Dı ſtory
"""
words_of_bylines = st.sampled_from(WORDS_OF_BYLINES.split())
breaks = st.sampled_from([" ", " ", " ", "", "  ", "\t", "\n", "\u2028", "\u00a0", ", ", ": "])
line_of_bylines = st.lists(st.tuples(words_of_bylines, breaks), max_size=7).map(
    lambda some: "".join(word + space for word, space in some)
)


def all_lines(points, offset, bounds, kinds, zones, zone, *tables):
    """What the kernel makes of labels, as if every line had every sign."""
    text = points.tobytes().decode("utf-32-le", "surrogatepass")
    rows = []
    backwards = range(zones[1][1] - 1, zones[1][0] - 1, -1)
    for index, further in [*((index, 0) for index in range(*zones[0])), *((index, 1) for index in backwards)]:
        start = int(bounds[index]) - offset
        for line in re.split("[\n\v\f\r\x85\u2028\u2029]", text[start : int(bounds[index + 1]) - offset]):
            if line.strip():
                at = offset + start + len(line) - len(line.lstrip())
                seen = ALL if re.search(r"\d", line) else ALL & ~DATES
                rows.append([zone + further, at, at + len(line.strip()), kinds[index] == 0, seen])
            start += len(line) + 1
    return np.array(rows)


@given(st.lists(st.tuples(st.sampled_from("TCBB"), line_of_bylines), max_size=8))
@settings(max_examples=500, deadline=None)
def test_a_first_look_hides_no_byline(some: list[tuple[str, str]]) -> None:
    page, labels = marked(*(f"{kind} {text}" for kind, text in some))
    found = describe(page, labels)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearby, "_rows", all_lines)
        patch.setattr(bylines, "_begins_like_one", lambda segment, start: True)
        assert describe(page, labels) == found


@pytest.mark.parametrize("filler", ["word ", "3 Nov 2020 By Jane Doe ", "1", "1.1.", " "])
def test_a_page_of_one_line_takes_no_longer_than_a_short_one(filler: str) -> None:
    for kind in "TCB":
        page, labels = marked(f"{kind} {filler * (20_000_000 // len(filler))}")
        start = time.perf_counter()
        describe(page, labels)
        assert time.perf_counter() - start < 0.2
