import pytest

from detect import lines, words


def shape(line: str, column: int) -> float:
    return float(lines.shapes(words.split(line))[0, column])


@pytest.mark.parametrize(
    ("line", "ends"),
    [
        ("The ferry sailed.", 1),
        ("“Did it sail?”", 1),
        ("It sailed (at last!)  \n", 1),
        ("船が出た。」", 1),
        ("Did it sail؟", 1),
        ("The ferry sailed", 0),
        ("The ferry. Again", 0),
        ("Sport |", 0),
        ("12.30", 0),
    ],
)
def test_a_sentence_end_may_be_followed_by_closers_only(line: str, ends: int) -> None:
    assert shape(line, lines.ENDS) == ends


def test_sentence_ends_inside_count_and_the_last_does_not() -> None:
    assert shape("It sailed. It came back! Did it? Yes.", lines.INNER) == 3
    assert shape('It sailed. "Did it?" They asked.', lines.INNER) == 2
    assert shape("Version 1.2.3 of example.com", lines.INNER) == 0


def test_characters_of_unspaced_scripts_count_as_parts_of_words() -> None:
    assert shape("three words here", lines.SIZE) == 3
    assert shape("船が出た", lines.SIZE) == pytest.approx(4 * lines.PART_WORD)
    assert shape("船が出た", lines.SPACED) == 0


def test_shares_are_of_the_words_of_the_line() -> None:
    assert shape("The Ferry of Aldmoor", lines.CAPITALS) == pytest.approx(3 / 4)
    assert shape("the ferry of aldmoor", lines.FUNCTION) == pytest.approx(2 / 4)
    assert shape("share this ferry", lines.CUED) == pytest.approx(1 / 3)
    assert shape("7 of 9", lines.NUMBERS) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("line", "dated"),
    [
        ("14 May, 2021 08:05", 1),
        ("0:00", 1),
        ("2021-05-14", 1),
        ("5. května 2021 v 14:20", 1),
        ("May we come in", 0),
        ("He came with 3 friends", 0),
        ("On 14 May 2021 the ferry was taken out of service for good, and nobody was sorry about that", 0),
    ],
)
def test_a_date_line_is_a_short_one_with_a_date_or_time(line: str, dated: int) -> None:
    assert shape(line, lines.DATED) == dated


def test_separators_are_marks_and_gaps() -> None:
    assert shape("Home | News | Sport", lines.SEPARATORS) == 2
    assert shape("Home\tNews   Sport", lines.SEPARATORS) == 2
    assert shape("A sentence, with commas.", lines.SEPARATORS) == 0


def test_a_line_says_the_same_on_any_page() -> None:
    alone = lines.shapes(words.split("Share this story | 3 comments"))
    among = lines.shapes(words.split("Home\nShare this story | 3 comments\nNews. More.\n"))
    assert (alone[0] == among[1]).all()
