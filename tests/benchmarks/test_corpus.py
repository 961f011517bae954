"""The generated crawl is the same for everyone, says truly what is content, and looks like a crawl."""

from __future__ import annotations

import html
import importlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from pyarrow import parquet

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def corpus() -> Iterator[ModuleType]:
    """The generator as it is when it is run as a script: with its own folder on the path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        yield importlib.import_module("corpus")


@pytest.fixture(scope="module")
def crawl(corpus) -> list:
    return list(corpus.pages(1_500, seed=7))


def test_a_page_is_the_same_however_many_come_after_it_and_whichever_were_made_before(corpus, crawl):
    assert [page.text for page in corpus.pages(20, seed=7)] == [page.text for page in crawl[:20]]
    assert corpus.page(1_234, seed=7) == crawl[1_234]


def test_another_seed_is_another_crawl(corpus, crawl):
    assert not {page.text for page in corpus.pages(20, seed=8)} & {page.text for page in crawl}


def test_spans_cover_a_page_but_for_the_breaks_between_kinds_and_are_what_they_say(crawl):
    for page in crawl:
        ends = [0, *itertools.chain.from_iterable((start, stop) for start, stop, _ in page.spans), len(page.text)]
        between = [page.text[a:b] for a, b in zip(ends[::2], ends[1::2], strict=True)]
        assert not "".join(between).strip()
        for kind in ("content", "title", "boilerplate"):
            said = "".join(page.text[start:stop] for start, stop, name in page.spans if name == kind)
            made = "".join(piece.text for piece in page.pieces if piece.kind == kind)
            assert "".join(said.split()) == "".join(made.split())


def test_the_html_of_a_page_has_the_same_text_in_the_same_order(crawl):
    for page in crawl[:100]:
        at = page.html.index("<body>")
        for piece in page.pieces:
            at = page.html.index(f"<{piece.element}>{html.escape(piece.text)}</{piece.element}>", at)


def test_pages_of_a_site_are_apart_from_one_another(crawl):
    neighbours = sum(a.site == b.site for a, b in itertools.pairwise(crawl))
    assert neighbours < len(crawl) / 10


def test_a_site_has_furniture_of_its_own_on_most_of_its_pages(crawl):
    lines_of = defaultdict(Counter)
    for page in crawl:
        lines_of[page.site].update({piece.text for piece in page.pieces if piece.kind == "boilerplate"})
    count = Counter(page.site for page in crawl)
    for (one, pages), (other, _) in itertools.pairwise(count.most_common(10)):
        often = {line for line, found in lines_of[one].items() if found > 0.7 * pages}
        assert len(often) >= 5
        assert len(often - set(lines_of[other])) > len(often) / 2


def test_stories_are_carried_by_other_sites_in_the_share_that_is_said(crawl):
    first, carried = {}, 0
    for page in crawl:
        opening = next(page.text[start:stop] for start, stop, kind in page.spans if kind == "title")
        if opening in first:
            assert first[opening].site != page.site
            carried += 1
        first.setdefault(opening, page)
    assert 0.06 < carried / len(crawl) < 0.10


def test_a_group_of_sites_has_every_language_in_its_share_and_sites_of_ten_to_two_thousand_pages(corpus):
    sizes, names = corpus.sizes(), corpus._languages()
    assert (max(sizes), min(sizes)) == (2_000, 10)
    for name, recipe in corpus.RECIPES.items():
        share = sum(size for size, of in zip(sizes, names, strict=True) if of == name) / sum(sizes)
        assert share == pytest.approx(recipe.share, abs=0.04)


def test_a_page_has_about_five_kilobytes(crawl):
    assert 4_500 < sum(len(page.text.encode()) for page in crawl) / len(crawl) < 5_500


def test_a_file_has_the_pages_in_row_groups_and_what_was_asked_for(corpus, crawl, tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "_ROWS", 40)
    corpus.write(tmp_path / "plain.parquet", iter(crawl[:100]))
    corpus.write(tmp_path / "full.parquet", iter(crawl[:100]), html=True, spans=True)
    plain, full = (parquet.ParquetFile(tmp_path / f"{name}.parquet") for name in ("plain", "full"))
    assert plain.schema_arrow.names == ["id", "site", "url", "date", "text"]
    assert plain.num_row_groups == 3
    assert full.read().column("text").to_pylist() == [page.text for page in crawl[:100]]
    last = full.read().to_pylist()[99]
    assert last["html"] == crawl[99].html
    assert [tuple(span.values()) for span in last["spans"]] == list(crawl[99].spans)
