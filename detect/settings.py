"""Every number that changes a verdict: its unit, its reason, and where it was measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """What the engine goes by. A Memory remembers those that shaped it and refuses others."""

    # Words and line breaks a window. At 5, with numbers masked, 60-70% of boilerplate words recur on two other
    # pages of their site against .4-2% of content words; 6 words halve the false ones and lose a hundredth.
    shingle_width: int = 5

    # Words from which a line that ends like a sentence counts as prose.
    prose_words: int = 10

    # Jaccard similarity of their prose from which two pages of a site are one page crawled twice, and share a
    # vote. Five shared paragraphs of cookie and footer text beside two of an article reach .7; copies reach .9.
    twin_prose: float = 0.8

    # The same over all their text: copies keep most of the page around them, whatever changed in it.
    twin_text: float = 0.5

    # For pages without any prose (lists, galleries), which are alike in all but a few words when they are copies.
    twin_bare: float = 0.9

    # Pages of a site that are looked at. Learning saturates: on labelled sites of up to 43 pages 32 are as good as
    # all (mean F1 .976 and .977), and where twenty templates were put together as one site of 200 pages, 16 lose
    # .0023, 32 .0020, and 64 .0001.
    site_pages: int = 64

    # Votes of other pages from which text recurs: two, since one page may be a copy or quote that nobody marked.
    recurs: int = 2

    # A piece inside a line is cut out where at least this many other votes have it ...
    inline_votes: int = 3

    # ... and it is at least this many words long: shorter ones are turns of phrase ...
    inline_words: int = 5

    # ... and this many words of the line are left: a recurring line with a slot stays whole.
    inline_rest: int = 10

    # Chance of content from which a line is kept: under a half, since a lost paragraph is worse than a line left over.
    keep: float = 0.43

    # A page whose best F1 to be expected is less than twice this keeps more (labelling.decide), but nothing that has
    # less than the chance of `doubt`. On pages that are clear, lowering the threshold costs more than it brings.
    unclear: float = 0.33
    doubt: float = 0.15

    # Pages, besides a quarter of the site's, that have to begin a line alike, or have a sentence of it, for it to be
    # boilerplate whatever stands around it: of 92 such lines of three labelled collections all were, of those that
    # begin as two other pages do, half. A longer line is a paragraph that a standing phrase opens.
    sure_pages: int = 3
    headed_words: int = 40

    # Words from which a line is too long for one paragraph, and is judged sentence by sentence; a sentence of
    # so many is rather a run of things without a full stop, and is judged in runs of so many words.
    long_line: int = 100
    long_sentence: int = 45
    run: int = 12

    # Jaccard similarity of the word pairs of two lines from which they are variants of one block: one word changed
    # in a line of six leaves .5, a month changed in a date line .43; unrelated lines of a page share under .2.
    variant_pairs: float = 0.4

    # Share of their places at which two lines have to follow one another to be listed as one block.
    chained: float = 0.8

    # Words on each side from which a passage is told. Of shorter exact ones half are names, titles and set phrases
    # (pairs of unrelated web pages); whoever looks for short quotations asks for fewer.
    passage_words: int = 30

    # Log-likelihood, in nats and on the weaker side, that two stretches are one text rather than two of the same
    # subject: of 500 pairs of unrelated pages on like subjects none had 50.
    passage_evidence: float = 55.0

    # The same for a reworded passage of two pages that also share an exact one.
    loose_evidence: float = 200.0

    # Log-likelihood that a gap may cost before the passage ends there: nine words missing in an exact copy, thirty and
    # more where half the words are carried over.
    passage_drop: float = 30.0

    # Share of words that are carried over, and in order, from which a passage is exact: one word in ten may differ.
    exact: float = 0.8

    # Share of the words of both places that the other has, from which one of them can be cut for the other's sake.
    same_text: float = 0.9

    # Jaccard similarity of two ranges of a page from which they are one place of a cluster, and of the runs of three
    # words of two pages from which these are one story: a copy with a fifth of its words changed has .35 of its
    # runs, a copy cut by a third .67; two reports of one event, written apart, have under .05.
    same_place: float = 0.5
    duplicate_pages: float = 0.5


DEFAULTS = Settings()
