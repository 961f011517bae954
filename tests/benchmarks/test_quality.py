"""The accuracy benchmark counts as it says it does, and runs from labelled pages to a table."""

from __future__ import annotations

import gzip
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

QUALITY = Path(__file__).parents[2] / "benchmarks" / "quality.py"


@pytest.fixture(scope="module")
def quality() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_quality", QUALITY)
    assert spec and spec.loader
    module = sys.modules["benchmark_quality"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


#       0         1         2
#       0123456789012345678901234
TEXT = "Title\nMenu a\nOne two 三四.\nEnd"  # tokens: Title | Menu, a | One, two, 三, 四 | End


def test_a_page_is_scored_as_by_hand(quality):
    # Gold: "One two 三四." Predicted: "a\nOne two". Title is ignored, so 7 tokens count.
    assert quality.score_page(TEXT, gold=[(13, 24)], predicted=[(11, 20)], ignore=[(0, 5)]) == (2, 3, 4, 7)
    precision, recall, f1 = quality.Score(2, 3, 4, 7).measures()
    assert (precision, recall, f1) == pytest.approx((2 / 3, 2 / 4, 4 / 7))


def test_every_character_of_a_script_without_spaces_is_a_token_and_an_underscore_is_a_letter(quality):
    assert list(quality.token_middles("ab 三四 c_d é")) == [0, 3, 4, 7, 10]


def test_a_token_is_main_when_its_middle_character_is_inside(quality):
    assert quality.score_page("abcde", [(2, 3)], [(3, 5)]) == (0, 0, 1, 1)


def test_finding_nothing_where_nothing_is_is_perfect_and_one_sided_emptiness_is_nought(quality):
    assert quality.Score(0, 0, 0, 9).measures() == (1, 1, 1)
    assert quality.Score(0, 3, 0, 9).measures() == (0, 0, 0)
    assert quality.Score(0, 0, 3, 9).measures() == (0, 0, 0)


def test_means_are_over_pages_and_micro_over_tokens(quality):
    row = quality.Row()
    row.add(quality.Score(2, 4, 2, 10))
    row.add(quality.Score(1, 1, 2, 2))
    assert row.mean == pytest.approx(((0.5 + 1) / 2, (1 + 0.5) / 2, 2 / 3))
    assert row.total.measures() == pytest.approx((3 / 5, 3 / 4, 2 / 3))
    assert row.chrome_kept == pytest.approx(2 / 8)


def gold(quality: ModuleType, id: str, text: str, site: str = "set: a.example"):
    return quality.Gold(id, "set", site, text, [], (), {})


def kept(page, spans) -> list[str]:
    return [page.text[start:stop] for start, stop in spans]


def test_the_rules_keep_the_lines_they_are_named_for(quality):
    page = gold(
        quality,
        "1",
        "Home\nFive words end like this.\nFive words end like this\nTo boot.\n"
        "One line that has ten words in it with ease\nThis one is new here.",
    )
    other = gold(quality, "2", "Five words end like this.\nSomething else stands on this one.")
    rules = quality.text_rules([page, other])
    assert kept(page, rules["keep all"](page)) == [page.text]
    assert kept(page, rules["10+ words"](page)) == ["One line that has ten words in it with ease"]
    assert kept(page, rules["sentence"](page)) == ["Five words end like this.", "This one is new here."]
    assert kept(page, rules["not on site"](page)) == ["This one is new here."]


def test_a_line_on_a_page_of_another_site_does_not_count_as_seen(quality):
    line = "Five words end like this."
    pages = [gold(quality, "1", line), gold(quality, "2", line, site="other: a.example")]
    assert kept(pages[0], quality.text_rules(pages)["not on site"](pages[0])) == [line]


@pytest.fixture
def labelled(tmp_path) -> Path:
    """Two sets with one site name between them: twelve pages, each an article between a menu and a footer."""
    (tmp_path / "text").mkdir()
    for dataset in ("north", "south"):
        with gzip.open(tmp_path / "text" / f"{dataset}.jsonl.gz", "wt", encoding="utf-8") as out:
            for number in range(6):
                article = (
                    f"Reporter number {number} walked up to the {dataset} gate, where {number + 3} people were "
                    "waiting in the rain, and asked each of them what they had come to see. Most had no idea."
                )
                text = f"Home | News | Contact us\n{article}\nShare this page"
                start = text.index("Reporter")
                page = {"id": f"{dataset}/{number}", "site": "same.example", "text": text, "lang": "en"}
                page |= {"spans": [[start, start + len(article)]], "ignore": [[0, 4]]}
                out.write(json.dumps(page) + "\n")
    return tmp_path


def test_pages_of_two_sets_are_never_one_site(quality, labelled):
    assert {page.site for page in quality.read_labelled(labelled)} == {"north: same.example", "south: same.example"}


def test_only_the_sets_that_are_asked_for_are_read_and_none_at_all_is_an_error(quality, labelled):
    assert {page.dataset for page in quality.read_labelled(labelled, ["south"])} == {"south"}
    with pytest.raises(FileNotFoundError):
        list(quality.read_labelled(labelled, ["east"]))


@pytest.mark.parametrize("options", [[], ["--cold", "--split", "half"]])
def test_the_benchmark_runs_the_command_and_prints_a_row_for_each(quality, labelled, capsys, options):
    quality.main([str(labelled), *options])
    table = capsys.readouterr().out
    assert "north" in table
    assert "south" in table
    assert "12 pages" in table


def test_rows_can_be_divided_and_sites_of_too_few_pages_left_out(quality, labelled):
    pages = list(quality.read_labelled(labelled))
    rules = quality.text_rules(pages)
    assert list(quality.tabulate(pages, rules, by="lang")) == ["north, en", "south, en"]
    assert not quality.tabulate(pages, rules, min_pages=7)
