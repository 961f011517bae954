"""The accuracy benchmark counts as it says it does, and runs from labelled pages to a table."""

from __future__ import annotations

import gzip
import importlib
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from detect import lexicon, model
from detect.columns import MODEL_SIGNALS
from detect.training.examples import FOLDS, fold_of
from detect.training.labelled import Gold, Score, read_labelled, score_page, token_middles

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def quality() -> Iterator[ModuleType]:
    """The benchmark as it is when it is run as a script: with its own folder on the path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        yield importlib.import_module("quality")


@pytest.fixture(scope="module")
def verdicts(quality) -> ModuleType:
    return importlib.import_module("verdicts")


#       0         1         2
#       0123456789012345678901234
TEXT = "Title\nMenu a\nOne two 三四.\nEnd"  # tokens: Title | Menu, a | One, two, 三, 四 | End


def test_a_page_is_scored_as_by_hand():
    # Gold: "One two 三四." Predicted: "a\nOne two". Title is ignored, so 7 tokens count.
    assert score_page(TEXT, gold=[(13, 24)], predicted=[(11, 20)], ignore=[(0, 5)]) == (2, 3, 4, 7)
    precision, recall, f1 = Score(2, 3, 4, 7).measures()
    assert (precision, recall, f1) == pytest.approx((2 / 3, 2 / 4, 4 / 7))


def test_every_character_of_a_script_without_spaces_is_a_token_and_an_underscore_is_a_letter():
    assert list(token_middles("ab 三四 c_d é")) == [0, 3, 4, 7, 10]


def test_a_token_is_main_when_its_middle_character_is_inside():
    assert score_page("abcde", [(2, 3)], [(3, 5)]) == (0, 0, 1, 1)


def test_finding_nothing_where_nothing_is_is_perfect_and_one_sided_emptiness_is_nought():
    assert Score(0, 0, 0, 9).measures() == (1, 1, 1)
    assert Score(0, 3, 0, 9).measures() == (0, 0, 0)
    assert Score(0, 0, 3, 9).measures() == (0, 0, 0)


def test_means_are_over_pages_and_micro_over_tokens(quality):
    row = quality.Row()
    row.add(Score(2, 4, 2, 10))
    row.add(Score(1, 1, 2, 2))
    assert row.mean == pytest.approx(((0.5 + 1) / 2, (1 + 0.5) / 2, 2 / 3))
    assert row.total.measures() == pytest.approx((3 / 5, 3 / 4, 2 / 3))
    assert row.chrome_kept == pytest.approx(2 / 8)


def gold(id: str, text: str, site: str = "set: a.example", spans=(), ignore=()) -> Gold:
    group = {"site": site.removeprefix("set: "), "lang": "en", "page_type": "article"}
    return Gold(id, "set", site, group["site"], text, spans, ignore, group)


def kept(page, spans) -> list[str]:
    return [page.text[start:stop] for start, stop in spans]


def test_the_rules_keep_the_lines_they_are_named_for(quality):
    page = gold(
        "1",
        "Home\nFive words end like this.\nFive words end like this\nTo boot.\n"
        "One line that has ten words in it with ease\nThis one is new here.",
    )
    other = gold("2", "Five words end like this.\nSomething else stands on this one.")
    rules = quality.text_rules([page, other])
    assert kept(page, rules["keep all"](page)) == [page.text]
    assert kept(page, rules["10+ words"](page)) == ["One line that has ten words in it with ease"]
    assert kept(page, rules["sentence"](page)) == ["Five words end like this.", "This one is new here."]
    assert kept(page, rules["not on site"](page)) == ["This one is new here."]


def test_a_line_on_a_page_of_another_site_does_not_count_as_seen(quality):
    line = "Five words end like this."
    pages = [gold("1", line), gold("2", line, site="other: a.example")]
    assert kept(pages[0], quality.text_rules(pages)["not on site"](pages[0])) == [line]


def write(folder: Path, dataset: str, pages: Sequence[dict]) -> None:
    (folder / "text").mkdir(exist_ok=True)
    with gzip.open(folder / "text" / f"{dataset}.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(page) + "\n" for page in pages)


@pytest.fixture
def labelled(tmp_path) -> Path:
    """Two sets with one site name between them: twelve pages, each an article between a menu and a footer."""
    for dataset in ("north", "south"):
        pages = []
        for number in range(6):
            article = (
                f"Reporter number {number} walked up to the {dataset} gate, where {number + 3} people were "
                "waiting in the rain, and asked each of them what they had come to see. Most had no idea."
            )
            text = f"Home | News | Contact us\n{article}\nShare this page"
            start = text.index("Reporter")
            page = {"id": f"{dataset}/{number}", "site": "same.example", "text": text, "lang": "en"}
            pages.append(page | {"spans": [[start, start + len(article)]], "ignore": [[0, 4]]})
        write(tmp_path, dataset, pages)
    return tmp_path


def test_pages_of_two_sets_are_never_one_site(labelled):
    assert {page.site for page in read_labelled(labelled)} == {"north: same.example", "south: same.example"}


def test_only_the_sets_that_are_asked_for_are_read_and_none_at_all_is_an_error(labelled):
    assert {page.dataset for page in read_labelled(labelled, ["south"])} == {"south"}
    with pytest.raises(FileNotFoundError):
        list(read_labelled(labelled, ["east"]))


@pytest.mark.parametrize("options", [[], ["--cold", "--split", "half"]])
def test_the_benchmark_runs_the_command_and_prints_a_row_for_each(quality, labelled, capsys, options):
    quality.main([str(labelled), *options])
    table = capsys.readouterr().out
    assert "north" in table
    assert "south" in table
    assert "12 pages" in table
    assert "expected calibration error" in table


def test_rows_can_be_divided_and_sites_of_too_few_pages_left_out(quality, labelled):
    pages = list(read_labelled(labelled))
    scores = quality.score_all(pages, quality.text_rules(pages))
    assert list(quality.tabulate(quality.rows_of(pages, by="lang"), scores)) == ["north, en", "south, en"]
    assert not quality.tabulate(quality.rows_of(pages, min_pages=7), scores)


def test_a_row_of_the_larger_sites_of_daniel_stands_beside_all_of_them(quality, tmp_path):
    sites = ["large.example"] * 5 + ["small.example"] * 4
    write(tmp_path, "daniel", [{"id": str(i), "site": site, "text": "a", "spans": []} for i, site in enumerate(sites)])
    rows = quality.rows_of(list(read_labelled(tmp_path)))
    assert {name: len(pages) for name, pages in rows.items()} == {"daniel": 9, "daniel, sites of 5+": 5}


# Variants

#             0         1         2         3         4         5
#             012345678901234567890123456789012345678901234567890
ARTICLE_AMID = "Home page\nOne two three.\nFour five six.\nShare this"


@pytest.fixture
def labeller(quality, verdicts, monkeypatch) -> list[Gold]:
    """Winnow stood in for by one who finds the article by its words; the pages that it was given."""
    given: list[Gold] = []

    def find(pages, **_):
        given.extend(pages)
        found = {}
        for page in pages:
            start, stop = page.text.index("One"), page.text.index("six.") + 4
            spans = [(0, start, "boilerplate"), (start, stop, "content"), (stop, len(page.text), "boilerplate")]
            found[page.id] = [verdicts.Verdict.of(*span, 0.9) for span in spans if span[1] > span[0]]
        return found

    monkeypatch.setattr(quality, "clean_all", find)
    return given


@pytest.mark.parametrize(
    ("variant", "text", "spans"),
    [
        ("as-is", ARTICLE_AMID, [(10, 39)]),
        ("copied", "One two three.\nFour five six.\nShare this", [(0, 29)]),
        ("glued", "Home page One two three. Four five six. Share this", [(10, 39)]),
        ("partly-glued", "Home page One two three.\nFour five six. Share this", [(10, 39)]),
    ],
)
def test_pages_are_labelled_and_scored_as_the_variant_makes_them(
    quality, labeller, tmp_path, capsys, variant, text, spans
):
    write(tmp_path, "set", [{"id": "1", "site": "a.example", "text": ARTICLE_AMID, "spans": [[10, 39]]}])
    quality.main([str(tmp_path), "--variant", variant])
    assert [(page.text, [tuple(span) for span in page.spans]) for page in labeller] == [(text, spans)]
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("set"))
    assert row.split()[1:5] == ["1", "1.000", "1.000", "1.000"]


def test_pages_are_not_changed_unless_it_is_asked_for(quality, labeller, tmp_path):
    write(tmp_path, "set", [{"id": "1", "text": ARTICLE_AMID, "spans": [[10, 39]]}])
    quality.main([str(tmp_path)])
    assert [page.text for page in labeller] == [ARTICLE_AMID]


# Calibration


def test_the_chance_of_content_follows_from_the_kind_and_how_likely_it_is_right(verdicts):
    said = [verdicts.Verdict.of(0, 1, *span) for span in (("content", 0.3), ("title", 0.9), ("boilerplate", 0.8))]
    assert [verdict.kept for verdict in said] == [True, True, False]
    assert [verdict.chance for verdict in said] == pytest.approx([0.3, 0.9, 0.2])


@pytest.fixture
def calibration(quality, verdicts):
    """Of seven scored tokens of one page, two are said to be content at .12 and are not, four at .95 and are, one at
    .41 and is not. Of two of another, both are said to be at .95, and one is. A third has none that is scored."""
    pages = [
        gold("1", TEXT, spans=[(13, 24)], ignore=[(0, 5)]),
        gold("2", "x y", spans=[(0, 1)]),
        gold("3", "no one", ignore=[(0, 6)]),
    ]
    said = {
        "1": [
            verdicts.Verdict(0, 13, False, 0.12),
            verdicts.Verdict(13, 24, True, 0.95),
            verdicts.Verdict(24, 28, True, 0.41),
        ],
        "2": [verdicts.Verdict(0, 3, True, 0.95)],
        "3": [verdicts.Verdict(0, 6, False, 0.5)],
    }
    return quality.calibrate(pages, said)


def test_every_page_counts_alike_in_the_bins_of_the_chance_of_content(calibration):
    assert calibration.share == pytest.approx([0, 2 / 7, 0, 0, 1 / 7, 0, 0, 0, 0, 4 / 7 + 1])
    assert calibration.said == pytest.approx([0, 0.24 / 7, 0, 0, 0.41 / 7, 0, 0, 0, 0, 0.95 * 11 / 7])
    assert calibration.true == pytest.approx([0, 0, 0, 0, 0, 0, 0, 0, 0, 4 / 7 + 1 / 2])


def test_the_calibration_error_is_the_mean_distance_of_said_and_true(calibration):
    # (.24 / 7 + .41 / 7 + |.95 * 11 / 7 - 15 / 14|) / 2 pages
    assert calibration.error == pytest.approx(0.257143, abs=1e-6)


def test_the_reliability_table_has_a_line_a_bin(quality, calibration, capsys):
    quality.print_calibration(calibration)
    lines = capsys.readouterr().out.splitlines()
    bins = [line.split() for line in lines if " to " in line]
    assert len(bins) == 10
    assert bins[0] == ["0.0", "to", "0.1", "-", "-", "0.000"]
    assert bins[1] == ["0.1", "to", "0.2", "0.120", "0.000", "0.143"]
    assert bins[9] == ["0.9", "to", "1.0", "0.950", "0.682", "0.786"]
    assert lines[-1] == "expected calibration error 0.257"


@pytest.mark.parametrize(("chance", "bin"), [(0.0, 0), (0.099, 0), (0.1, 1), (0.95, 9), (1.0, 9)])
def test_a_chance_falls_into_the_bin_it_begins_and_certainty_into_the_last(quality, verdicts, chance, bin):
    found = quality.calibrate([gold("1", "word")], {"1": [verdicts.Verdict(0, 4, True, chance)]})
    assert list(np.flatnonzero(found.share)) == [bin]


def test_a_token_takes_the_chance_of_the_span_that_begins_with_it(quality, verdicts):
    said = [verdicts.Verdict(0, 2, True, 0.95), verdicts.Verdict(2, 3, False, 0.15)]
    found = quality.calibrate([gold("1", "x y", spans=[(2, 3)])], {"1": said})
    assert found.share[[1, 9]] == pytest.approx([0.5, 0.5])
    assert found.true[[1, 9]] == pytest.approx([0.5, 0])


# The worst pages


def test_the_worst_pages_of_each_row_are_named_with_what_they_are(quality, capsys):
    pages = {id: gold(id, "") for id in "abcd"}
    scores = {"a": Score(1, 1, 1, 9), "b": Score(1, 2, 4, 9), "c": Score(0, 5, 3, 9), "d": Score(0, 0, 2, 9)}
    quality.print_worst({"set": list(pages.values()), "one": [pages["a"]]}, scores, 3)
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert [line for line in lines if not line.startswith("worst of")] == [
        "a  a.example  en/article  1.000  1  1",
        "c  a.example  en/article  0.000  3  5",
        "d  a.example  en/article  0.000  2  0",
        "b  a.example  en/article  0.333  4  2",
    ]
    assert [line.split(":")[0] for line in lines if line.startswith("worst of")] == ["worst of one", "worst of set"]


@pytest.mark.parametrize("count", [0, 1])
def test_worst_pages_are_printed_when_they_are_asked_for(quality, labeller, tmp_path, capsys, count):
    write(tmp_path, "set", [{"id": f"set/{i}", "text": ARTICLE_AMID, "spans": [[i, 39]]} for i in (9, 0)])
    quality.main([str(tmp_path), "--worst", str(count)])
    # The second page's gold has the two words of the menu too: 8 tokens, of which 6 are kept.
    worst = [line for line in capsys.readouterr().out.splitlines() if line.startswith("set/")]
    assert worst == ["set/0  alone set/0  None/None  0.857  8  6"][:count]


# Where the model comes from


@pytest.mark.parametrize("there", [True, False])
def test_the_last_line_says_that_pages_trained_on_flatter_where_there_is_a_card(
    quality, labeller, tmp_path, capsys, monkeypatch, there
):
    write(tmp_path, "set", [{"id": "1", "text": ARTICLE_AMID, "spans": [[10, 39]]}])
    card = tmp_path / "weights.md"
    if there:
        card.touch()
    monkeypatch.setattr(quality, "_CARD", card)
    quality.main([str(tmp_path)])
    last = capsys.readouterr().out.splitlines()[-1]
    assert ("flatter" in last) == there
    assert ("detect/weights.md" in last) == there


def one_leaf(chance: float) -> model.Model:
    """A model that gives every line the same chance of content."""

    def tree(odds: float) -> model.Forest:
        parts = np.zeros((1, 1, len(MODEL_SIGNALS)), np.float32)
        parts[0, 0, MODEL_SIGNALS.index("base")] = odds
        return model.Forest(np.empty((1, 0), np.uint16), np.empty((1, 0), np.float32), parts)

    words = lexicon.Lexicon(
        np.zeros((1 << lexicon.BITS, lexicon.SUBJECTS), np.int8),
        np.ones(lexicon.SUBJECTS, np.float32),
        np.zeros(lexicon.SUBJECTS, np.float32),
        np.ones(1 << lexicon.RARITY_BITS, np.uint8),
    )
    return model.Model(words, tree(0), tree(-math.log(chance / (1 - chance))), 1.0, 0.0)


@pytest.fixture
def folds(tmp_path) -> Path:
    """Models of folds, by which every line is content; the chance tells the fold."""
    for fold in range(FOLDS):
        np.savez(tmp_path / f"fold-{fold}.npz", **model.pack(one_leaf(0.6 + fold / 20)))
    return tmp_path


@pytest.mark.parametrize("cold", [True, False])
def test_each_page_is_labelled_by_the_model_of_its_fold_and_by_the_shipped_one_afterwards(
    verdicts, labelled, folds, cold
):
    pages, shipped = list(read_labelled(labelled)), model.load
    found = verdicts.label_all(pages, folds, cold=cold, workers=1)
    assert list(found) == [page.id for page in pages]
    for page in pages:
        assert {(one.kept, round(one.chance, 3)) for one in found[page.id]} == {(True, 0.6 + fold_of(page) / 20)}
        assert found[page.id][-1].stop == len(page.text)
    assert model.load is shipped


def test_the_models_of_folds_show_in_the_table(quality, labelled, folds, capsys):
    quality.main([str(labelled), "--datasets", "north", "--folds", str(folds)])
    lines = capsys.readouterr().out.splitlines()
    row = next(line for line in lines if line.startswith("north")).split()
    assert row[3] == "1.000"  # recall: all is kept
    assert row[8] == "1.000"  # and so is all the rest of the page
    assert "flatter" not in lines[-1]


@pytest.mark.parametrize("cold", [True, False])
def test_the_shipped_weights_give_what_the_command_gives_when_they_are_named(verdicts, labelled, tmp_path, cold):
    for fold in range(FOLDS):
        (tmp_path / f"fold-{fold}.npz").write_bytes(model.WEIGHTS.read_bytes())
    pages = list(read_labelled(labelled))
    here = verdicts.label_all(pages, tmp_path, cold=cold, workers=1)
    there = verdicts.clean_all(pages, cold=cold, workers=1)
    assert here.keys() == there.keys()
    for id, said in here.items():
        assert [one[:3] for one in said] == [one[:3] for one in there[id]]
        assert [one.chance for one in said] == pytest.approx([one.chance for one in there[id]], abs=1e-4)
