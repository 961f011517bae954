import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import learning, lines, shingles, words
from detect.records import Page
from detect.sampling import kept_hashes
from detect.settings import DEFAULTS

# Sentences and furniture, in scripts with spaces and without, and what ends a line oddly.
LONG = ("The ferry left the harbour at nine and nobody was on board", "港口今天早上九点开出了一艘没有人的船")
SHORT = (
    "word ",
    "ก",
    " ",
    ".",
    "!”",
    "。",
    "»)",
    "…",
    "\n",
    "\n\n",
    "\u2028",
    "3:20",
    "\u00a0",
    "@",
    "\U0001f600",
    ". \n",
)
PIECES = st.sampled_from((*LONG, *SHORT))
TEXTS = st.lists(PIECES, max_size=40).map("".join)


@settings(deadline=None)
@given(TEXTS)
def test_the_hashes_of_a_page_are_its_windows_and_line_keys_and_those_of_prose_are_told(text: str) -> None:
    split = words.split(text)
    windows, shapes = shingles.shingle(split, DEFAULTS.shingle_width), lines.shapes(split)
    long = shapes[:, lines.SIZE] >= DEFAULTS.prose_words
    prose_lines = np.flatnonzero(long & (shapes[:, lines.ENDS] > 0)).tolist()
    inside = np.zeros(len(windows.hashes), np.bool_)
    for line in prose_lines:
        whole = windows.lasts - windows.firsts == DEFAULTS.shingle_width
        inside |= whole & (windows.firsts >= split.firsts[line]) & (windows.lasts <= split.firsts[line + 1])
    keys = shingles.line_keys(split)
    keys = keys[keys != 0]
    wanted = np.unique(kept_hashes(np.concatenate((windows.hashes, keys))))
    made = learning.contribution_of(Page("a", text, "s"), split)
    assert made.hashes.tolist() == wanted.tolist()
    assert made.prose.tolist() == np.isin(wanted, kept_hashes(windows.hashes[inside])).tolist()


def test_a_page_without_a_site_or_a_word_teaches_nothing() -> None:
    assert learning.contribute(Page("a", "Some words of text.")) is None
    assert learning.contribute(Page("a", "… \n —", "s")) is None
