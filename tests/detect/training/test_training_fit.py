import dataclasses
import random
from collections.abc import Callable

import numpy as np
import pytest

pytest.importorskip("lightgbm")

from detect import Memory, Page, context, features, label, learn, lines, model
from detect.training import fit, trees
from detect.training.card import tell
from detect.training.examples import FOLDS, VARIANTS, Example, examples
from detect.training.labelled import Gold

SITES, PAGES = 12, 4

# Each with a slot, and each to be found on some sites only: the furniture of no two sites is the same.
FURNITURE = [
    "Home | News | Sport | Weather | {} desk",
    "Sign in to {}",
    "Share this with {}",
    "Subscribe to the {} newsletter",
    "Follow {} on the wire",
    "Advertise with {}",
    "Cookies at {}",
    "Read more on {}",
    "About {} and its terms",
    "Contact the {} desk",
]


@pytest.fixture(scope="module")
def make_gold() -> Callable[..., list[Gold]]:
    """The pages of a made-up site: a menu, an article, links and a last line; the site's own selection of them."""

    def made(site: int, article: Callable[..., list[str]], pages: int = PAGES) -> list[Gold]:
        rng = random.Random(f"site {site}")
        name = f"site{site}.example"
        above, below = rng.sample(FURNITURE, 5), rng.sample(FURNITURE, 5)
        gold = []
        for number in range(pages):
            seed = 1000 * site + number
            body = article(seed, random.Random(seed).randrange(3, 7))
            parts = [
                *(line.format(name) for line in above),
                f"{1 + number} May 2021 08:{10 + number}",
                *body,
                *(line.format(name) for line in below),
                f"© 2021 {name}. All rights reserved.",
            ]
            text = "\n".join(parts)
            start, stop = text.index(body[0]), text.index(body[-1]) + len(body[-1])
            gold.append(Gold(f"{name}/{number}", "made", f"made: {name}", name, text, [(start, stop)], (), {}))
        return gold

    return made


def few(patch: pytest.MonkeyPatch) -> None:
    """A small model, fitted fast, on one thread: more threads than cores that are free take far longer."""
    patch.setattr(fit, "FIRST", dataclasses.replace(fit.FIRST, rounds=20, least_rows=20))
    patch.setattr(fit, "SECOND", dataclasses.replace(fit.SECOND, rounds=12, least_rows=20))
    patch.setitem(trees.PARAMETERS, "num_threads", 1)
    patch.setitem(trees.PARAMETERS, "learning_rate", 0.3)


def silent(words: str) -> None:
    """Say nothing of how it goes."""


@pytest.fixture
def made(make_gold, make_article) -> list[Example]:
    return examples([page for site in range(SITES) for page in make_gold(site, make_article)])


@pytest.fixture
def fitted(made: list[Example], monkeypatch: pytest.MonkeyPatch) -> fit.Fitted:
    few(monkeypatch)
    return fit.fit(made, silent)


def test_a_new_page_of_a_new_site_is_labelled_as_its_like_were(
    fitted: fit.Fitted, make_gold, make_article, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "load", lambda: fitted.model)
    gold = make_gold(77, make_article)
    pages = [Page(page.id, page.text, page.site) for page in gold]
    for memory in (learn(pages), Memory()):
        for page, right in zip(pages, gold, strict=True):
            start, stop = right.spans[0]
            for one in label(page, memory):
                inside = start <= one.start < stop
                assert (one.kind == "content") is inside, (page.text[one.start : one.stop], one)


def test_the_same_pages_give_the_same_bytes(
    fitted: fit.Fitted, made: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    few(monkeypatch)
    again = fit.fit(made, silent)
    one, other = model.pack(fitted.model), model.pack(again.model)
    for name in one:
        assert one[name].tobytes() == other[name].tobytes(), name
    assert fitted.odds.tobytes() == again.odds.tobytes()


def test_every_line_is_judged_by_models_that_never_saw_its_site(
    made: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    few(monkeypatch)
    weights = fit.line_weights(made)
    table = fit.tabulate(made, weights, fit.fit_lexicons(made, weights))
    _, odds = fit._fit_pass(table, fit.FIRST, silent)
    fold = int(table.folds[0])
    # Whatever the labels of a fold are, its own odds stay as they are, and those of the others do not.
    turned = np.where(table.folds == fold, 1 - table.targets, table.targets).astype(np.float32)
    _, other = fit._fit_pass(dataclasses.replace(table, targets=turned), fit.FIRST, silent)
    assert (odds[table.folds == fold] == other[table.folds == fold]).all()
    assert (odds[table.folds != fold] != other[table.folds != fold]).any()


def test_the_model_of_a_fold_says_of_its_pages_what_is_told_of_them(fitted: fit.Fitted, made: list[Example]) -> None:
    assert len(fitted.unseen) == FOLDS
    start = 0
    for one in made:
        lined, judge = one.lined, fitted.unseen[one.fold]
        rows = features.rows(lined.words, lined.shapes, lined.keys, lined.recurrence, judge.lexicon)
        context.beside(rows, judge.first.judge(rows), lined.shapes[:, lines.SIZE])
        said = fitted.odds[start : start + len(rows)]
        assert judge.judge(rows) == pytest.approx(said, abs=1e-3)
        start += len(rows)
    assert start == len(fitted.odds)


def test_the_lexicon_of_a_fold_knows_nothing_of_its_sites(made: list[Example]) -> None:
    weights = fit.line_weights(made)
    lexicons = fit.fit_lexicons(made, weights)
    assert len(lexicons) == FOLDS + 1
    for fold in {one.fold for one in made}:
        others = [(one, weight) for one, weight in zip(made, weights, strict=True) if one.fold != fold]
        alone = fit.fit_lexicons([one for one, _ in others], [weight for _, weight in others])
        assert lexicons[fold].weights.tobytes() == alone[-1].weights.tobytes()


def test_the_rows_of_a_page_are_made_with_the_lexicon_of_its_fold(
    made: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    few(monkeypatch)
    tables = []
    tabulate = fit.tabulate
    monkeypatch.setattr(fit, "tabulate", lambda *given: tables.append(tabulate(*given)) or tables[-1])
    fit.fit(made, silent)
    lexicons = fit.fit_lexicons(made, fit.line_weights(made))
    for one, start, stop in zip(made, tables[0].bounds, tables[0].bounds[1:], strict=False):
        lined = one.lined
        rows = features.rows(lined.words, lined.shapes, lined.keys, lined.recurrence, lexicons[one.fold])
        first = slice(0, features.FIRST_COLUMNS)
        assert (tables[0].rows[start:stop, first] == rows[:, first]).all()


def test_all_pages_of_a_domain_are_in_one_fold(made: list[Example]) -> None:
    folds: dict[str, set[int]] = {}
    for one in made:
        folds.setdefault(one.page.domain, set()).add(one.fold)
    assert all(len(fold) == 1 for fold in folds.values())
    assert len(set.union(*folds.values())) > 1


def test_an_example_counts_the_tokens_of_each_line_and_those_of_the_text() -> None:
    text = "Home\nThe pier was opened. Read more\nIt rained.\nShare this"
    page = Gold("a", "made", "made: a", "a.example", text, [(5, 25), (36, 46)], [(47, 52)], {})
    known = next(one for one in examples([page]) if one.variant == "known")
    assert known.tokens.tolist() == [1, 6, 2, 1]
    assert known.main.tolist() == [0, 4, 2, 0]


def test_every_variant_is_made_of_some_pages_and_knows_what_it_should(make_gold, make_article) -> None:
    gold = make_gold(3, make_article, 12)
    made = examples(gold)
    assert {one.variant for one in made} == set(VARIANTS)
    assert [one.page.id for one in made if one.variant == "known"] == sorted(page.id for page in gold)
    for one in made:
        if one.variant == "known":
            assert one.lined.recurrence.of == len(gold) - 1
        if one.variant in ("cold", "glued", "partly glued"):
            assert one.lined.recurrence.of == 0
        assert len(one.tokens) == len(one.main) == len(one.lined.shapes)
        assert (one.main <= one.tokens).all()


def test_the_order_of_pages_does_not_change_the_examples(make_gold, make_article) -> None:
    gold = [page for site in range(3) for page in make_gold(site, make_article)]
    one, other = examples(gold), examples(gold[::-1])
    assert [(a.page.id, a.variant) for a in one] == [(b.page.id, b.variant) for b in other]
    for a, b in zip(one, other, strict=True):
        assert (a.main == b.main).all()
        assert (a.lined.recurrence.words == b.lined.recurrence.words).all()


def test_pages_of_one_variant_and_set_weigh_alike_whatever_their_length(made: list[Example]) -> None:
    weights = fit.line_weights(made)
    for variant in VARIANTS:
        of_pages = [weight.sum() for one, weight in zip(made, weights, strict=True) if one.variant == variant]
        assert of_pages == pytest.approx([of_pages[0]] * len(of_pages), rel=1e-4)


def table_of(odds: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> fit.Table:
    n = len(odds)
    return fit.Table(
        np.zeros((n, 1), np.float32),
        targets.astype(np.float32),
        weights.astype(np.float32),
        np.zeros(n, np.int8),
        np.array([0, n]),
    )


def test_calibrated_chances_are_the_frequencies_of_what_they_speak_of() -> None:
    rng = np.random.default_rng(4)
    true = rng.normal(0.5, 2, 40_000)
    targets = rng.random(len(true)) < 1 / (1 + np.exp(-true))
    said = ((true + 0.8) / 0.6).astype(np.float32)  # too sure, and too much for boilerplate
    scale, shift = fit._calibrate(said, table_of(said, targets, np.ones(len(said))))
    assert (scale, shift) == pytest.approx((0.6, -0.8), abs=0.05)
    chance = 1 / (1 + np.exp(-(scale * said + shift)))
    for low in np.arange(0, 1, 0.1):
        here = (chance >= low) & (chance < low + 0.1)
        assert targets[here].mean() == pytest.approx(chance[here].mean(), abs=0.04)


def test_lines_that_weigh_more_count_for_more_in_the_calibration() -> None:
    odds = np.array([1, 1, -1, -1] * 50, np.float32)
    targets = np.array([1, 0, 0, 1] * 50)
    scale, shift = fit._calibrate(odds, table_of(odds, targets, np.array([3, 1, 3, 1] * 50)))
    assert 1 / (1 + np.exp(-(scale + shift))) == pytest.approx(0.75, abs=1e-3)
    ignored = np.array([1, 1, 1, 0] * 50)
    scale, shift = fit._calibrate(odds, table_of(odds, np.array([1, 0, 0.5, 1] * 50), ignored))
    assert 1 / (1 + np.exp(-(-scale + shift))) == pytest.approx(0.5, abs=1e-3)


def test_the_card_tells_of_every_set_and_variant(fitted: fit.Fitted, made: list[Example]) -> None:
    gold = list({one.page.id: one.page for one in made}.values())
    told = tell(gold, made, fitted)
    assert f"from {SITES * PAGES} labelled pages of {SITES} sites (made {SITES * PAGES})" in told
    assert "| made |" in told
    assert all(f"{name}, pages" in told for name in VARIANTS)
