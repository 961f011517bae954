"""Whether a passage is quoted where it stands: by marks around it, or by words that say whose it is."""

import pytest
import stories

from detect import Page, compare, prepare
from detect.quotations import is_quoted

SAYING = "Whoever carries water to a burning house soon forgets to tremble"


def quoted(text: str, passage: str = SAYING) -> bool:
    start = text.index(passage)
    return is_quoted(text, start, start + len(passage))


@pytest.mark.parametrize(
    "text",
    [
        f"It is engraved there: “{SAYING}.”",
        f'She wrote on the wall: "{SAYING}".',
        f"Auf dem Stein steht „{SAYING}“ geschrieben.",
        f"Auf dem Stein steht »{SAYING}« geschrieben.",
        f"Sur la pierre : « {SAYING} ».",
        f"Sur la pierre : «{SAYING}».",
        f"石には「{SAYING}」とある。",
        f"“I believe one thing. {SAYING}. So will you.” He left.",
        f'"{SAYING}"',
        f"(“{SAYING}”)",
    ],
)
def test_what_stands_between_marks_that_open_and_close_is_quoted(text) -> None:
    assert quoted(text)


@pytest.mark.parametrize(
    "text",
    [
        SAYING,
        f"“We must go.” {SAYING}. “Now.”",
        f'He said "no" and left. {SAYING}. He said "yes" and came back.',
        f"„Wir gehen.“ {SAYING}. „Jetzt.“",
        f"「行こう」{SAYING}「今」",
        f"“{SAYING}. Nobody closed the mark.",
        f"“A mark that nobody closed. {SAYING}. Then he said “yes” and left.",
        f"{SAYING}.” Nobody opened the mark.",
        f"“An open mark in another paragraph.\n\n{SAYING}. And one that closes.”",
        f"“{'An open mark too far away. ' * 20}{SAYING}.”",
        f'The plank of 12" was wet. {SAYING}. Another of 8" too.',
    ],
)
def test_what_stands_outside_of_marks_is_not_quoted(text) -> None:
    assert not quoted(text)


@pytest.mark.parametrize(
    "text",
    [
        f"The old captain said: {SAYING}.",
        f"As Maud Okafor wrote to her sister: '{SAYING}.'",
        f"{SAYING}, said the captain.",
        f"{SAYING}, the old captain told us.",
        f"Der Kapitän sagte: {SAYING}.",
        f"{SAYING}, explique la capitaine.",
        f"Капитан сказал: {SAYING}.",
        f"{SAYING} — сказал капитан.",
        f"{SAYING}, δήλωσε ο καπετάνιος.",
    ],
)
def test_what_is_said_to_be_somebodys_words_is_quoted_without_marks(text) -> None:
    assert quoted(text)


@pytest.mark.parametrize(
    "text",
    [
        f"Nobody said so. {SAYING}.",
        f"The captain said no. Here it is: {SAYING}.",
        f"Said the notice: closed.\n{SAYING}.",
        f"{SAYING}. The captain said nothing.",
        f"{SAYING}, and then, without a pause or a look at the clock above the door, said goodbye.",
        f"It is aforesaid: {SAYING}.",
    ],
)
def test_saying_far_away_or_about_something_else_quotes_nothing(text) -> None:
    assert not quoted(text)


# Of whole pages


def kinds(one: str, other: str) -> list[str]:
    return [found.kind for found in compare(prepare(Page("a", one), None), prepare(Page("b", other), None))]


def test_one_page_that_quotes_is_enough_and_which_one_does_not_matter() -> None:
    plain = f"{stories.CLOCK} {stories.QUOTATION} Nobody answered. {stories.invented(1)}"
    marked = f"{stories.ORCHARD} It hangs on the wall, “{stories.QUOTATION}” Then tea. {stories.invented(2)}"
    assert kinds(plain, marked) == kinds(marked, plain) == ["quotation"]
    assert kinds(plain, f"{stories.ORCHARD} {stories.QUOTATION} Then tea. {stories.invented(2)}") == ["exact"]


def test_who_carries_a_whole_speech_carries_it() -> None:
    speech = f"“{stories.BRIDGE_NORTH.replace(chr(10) * 2, ' ')}”"
    assert kinds(f"{speech} So she said.", f"The speech: {speech}") == ["exact"]
    assert kinds(f"{stories.ORCHARD} {stories.CLOCK} {speech} {stories.LIBRARY}", f"The speech: {speech}") == [
        "quotation"
    ]


def test_a_reworded_saying_in_marks_is_a_quotation_too() -> None:
    reworded = stories.replaced(stories.QUOTATION, 0.2, 4)
    one = f"{stories.CLOCK} He wrote, “{stories.QUOTATION}” {stories.invented(3)}"
    assert kinds(one, f"{stories.ORCHARD} He wrote, “{reworded}” {stories.invented(4)}") == ["quotation"]
