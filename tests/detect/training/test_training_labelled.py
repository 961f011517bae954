import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect.training.labelled import Gold, chance, glued, inside, read_labelled, score_page, without_title

TEXT = "Pier opens\nHome\nThe pier was opened.\nIt rained.\nShare this"
MAIN = ((16, 47),)  # "The pier was opened.\nIt rained."


def gold(text: str = TEXT, spans: Sequence[tuple[int, int]] = MAIN, ignore: Sequence[tuple[int, int]] = ()) -> Gold:
    return Gold("one", "set", "set: post.example", "post.example", text, spans, ignore, {})


def told(page: Gold) -> list[str]:
    return [page.text[start:stop] for start, stop in page.spans]


def test_the_sample_is_what_it_says() -> None:
    assert told(gold()) == ["The pier was opened.\nIt rained."]


def test_without_its_first_line_a_page_has_its_spans_where_their_text_went() -> None:
    page = without_title(gold(spans=[(16, 36), (37, 47)], ignore=[(11, 15)]))
    assert page.text == "Home\nThe pier was opened.\nIt rained.\nShare this"
    assert list(page.spans) == [(5, 25), (26, 36)]
    assert list(page.ignore) == [(0, 4)]


def test_what_lay_in_the_first_line_goes_with_it_and_what_lay_across_is_cut() -> None:
    assert list(without_title(gold(spans=[(0, 10)])).spans) == []
    assert list(without_title(gold(spans=[(0, 11)])).spans) == []
    assert told(without_title(gold(spans=[(5, 20)]))) == ["Home\nThe "]


def test_a_page_of_one_line_keeps_it() -> None:
    page = without_title(gold("The pier was opened.", [(4, 8)]))
    assert page.text == "The pier was opened."
    assert told(page) == ["pier"]


def test_a_page_glued_together_has_its_spans_where_they_were() -> None:
    page = glued(gold(), all_lines=True)
    assert page.text == "Pier opens Home The pier was opened. It rained. Share this"
    assert told(page) == ["The pier was opened. It rained."]


def test_a_page_partly_glued_keeps_the_breaks_inside_its_text() -> None:
    page = glued(gold(), all_lines=False)
    assert page.text == "Pier opens Home The pier was opened.\nIt rained. Share this"
    assert told(page) == ["The pier was opened.\nIt rained."]


def test_a_line_is_of_the_text_where_more_than_half_of_it_is() -> None:
    text = "The pier\nwas opened\nagain today"
    assert glued(gold(text, [(0, 8), (9, 15), (20, 31)]), all_lines=False).text == text
    assert glued(gold(text, [(0, 8), (9, 14), (20, 31)]), all_lines=False).text == text.replace("\n", " ")


def test_blank_lines_inside_the_text_are_no_boilerplate() -> None:
    text = "Home\n\nThe pier was opened.\n\nIt rained.\n\nShare this"
    assert "opened.\n\nIt rained." in glued(gold(text, [(6, 38)]), all_lines=False).text


@given(st.text(st.sampled_from("ab \n")), st.data())
def test_gluing_changes_nothing_but_line_breaks(text: str, data: st.DataObject) -> None:
    ends = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    page = gold(text, list(zip(ends[::2], ends[1::2], strict=False)))
    for all_lines in (True, False):
        made = glued(page, all_lines=all_lines)
        assert made.text.replace("\n", " ") == text.replace("\n", " ")
        assert made.spans == page.spans
    assert "\n" not in glued(page, all_lines=True).text


@given(st.text(st.sampled_from("ab\n"), min_size=1), st.data())
def test_without_its_first_line_a_page_has_the_same_characters_marked(text: str, data: st.DataObject) -> None:
    ends = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    page = gold(text, [(start, stop) for start, stop in zip(ends[::2], ends[1::2], strict=False) if start < stop])
    made = without_title(page)
    cut = len(text) - len(made.text)
    assert inside(made.spans, len(made.text)).tolist() == inside(page.spans, len(text))[cut:].tolist()


def test_a_draw_goes_by_the_names_alone_and_is_even() -> None:
    draws = [chance(str(number), "fold") for number in range(2000)]
    assert draws == [chance(str(number), "fold") for number in range(2000)]
    assert all(0 <= one < 1 for one in draws)
    assert sum(one < 0.3 for one in draws) == pytest.approx(600, abs=80)
    assert chance("a", "b") != chance("ab")


def test_the_score_of_a_page_counts_tokens_by_their_middle_and_leaves_out_what_is_ignored() -> None:
    text = "one two three four"
    assert score_page(text, [(0, 7)], [(4, 13)]) == (1, 2, 2, 4)
    assert score_page(text, [(0, 7)], [(4, 13)], ignore=[(14, 18)]) == (1, 2, 2, 3)
    assert score_page("船が出た", [(0, 2)], [(1, 4)]) == (1, 3, 2, 4)
    assert score_page("", [], []).measures() == (1, 1, 1)


def test_labelled_pages_are_read_from_their_files(tmp_path: Path) -> None:
    pages = [
        {"id": "a", "text": "One.", "spans": [[0, 4]], "site_group": "blog", "site": "post.example", "lang": "en"},
        {"id": "b", "text": "Two.", "spans": [], "site": None, "ignore": [[0, 1]]},
    ]
    (tmp_path / "text").mkdir()
    with gzip.open(tmp_path / "text" / "small.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(page) + "\n" for page in pages)
    one, other = read_labelled(tmp_path)
    assert (one.site, one.domain, one.dataset) == ("small: blog", "post.example", "small")
    assert (other.site, other.domain) == ("small: alone b", "alone b")
    assert [list(span) for span in other.ignore] == [[0, 1]]
    with pytest.raises(FileNotFoundError, match="no labelled pages"):
        list(read_labelled(tmp_path, ["other"]))
