import numpy as np

from detect import columns as col
from detect import features, lines, model, shingles, words
from detect.recurrence import Recurrence

PROSE = "The old pier was opened again on Monday, and people came from all over the island to see it."


def rows(text: str, recurring: set[int] = frozenset(), of: int = 10) -> np.ndarray:
    """The rows of a page; the lines numbered in `recurring` stand on all other pages."""
    split = words.split(text)
    keys = np.array([of if line in recurring else 0 for line in range(len(split.lines) - 1)], np.int32)
    known = Recurrence(np.repeat(keys, np.diff(split.firsts)), keys, np.zeros_like(keys), of, own=True)
    line_keys = shingles.line_keys(split)
    again = np.array([list(line_keys).count(key) > 1 for key in line_keys])
    return features.rows(lines.shapes(split), split.hashes, split.firsts, again, known)


def odds(text: str, recurring: set[int] = frozenset()) -> np.ndarray:
    return model.weigh(rows(text, recurring)).sum(axis=1)


def test_every_column_is_finite_whatever_the_page() -> None:
    for text in ("", "\n\n", "...", "word", PROSE, "\n".join([PROSE] * 50), "a\n" * 500):
        assert np.isfinite(rows(text)).all()


def test_prose_that_recurs_is_not_new_prose() -> None:
    text = f"{PROSE}\nHome\n{PROSE.replace('pier', 'fort')}"
    assert rows(text)[1, col.ENCLOSED] == 1
    assert rows(text, {0})[1, col.PROSE_ABOVE] == 0
    assert rows(text, {0})[1, col.BEFORE] == 1


def test_the_nearer_the_prose_the_more_it_counts() -> None:
    near = rows("\n".join([PROSE, *["Home"] * 5]))[:, col.PROSE_ABOVE]
    assert near[1] == 1
    assert (np.diff(near[1:]) < 0).all()


def test_what_recurs_leans_to_boilerplate() -> None:
    text = "\n".join([PROSE, "Read what the harbour desk wrote about this on Sunday.", PROSE.replace("pier", "fort")])
    assert odds(text)[1] < 0 < odds(text, {1})[1]


def test_prose_leans_to_content_and_a_menu_does_not() -> None:
    text = "\n".join(["Home", "News", "Sport", *[PROSE.replace("pier", name) for name in ("pier", "fort", "mill")]])
    verdicts = odds(text)
    assert (verdicts[3:] < 0).all()
    assert verdicts[:3].min() > verdicts[3:].max()


def test_a_line_leans_to_its_neighbours() -> None:
    among_prose = odds("\n".join([PROSE, "A short line", PROSE.replace("pier", "fort")]))[1]
    among_links = odds("\n".join(["Home", "A short line", "News"]))[1]
    assert among_prose < among_links


def test_a_page_without_lines_has_no_odds() -> None:
    assert len(odds("")) == 0
