"""What a row of numbers about a line holds, column by column, and the signal under which people are told of each.

A line here is a line of the page, or a piece of one that was cut (pieces.py). Every name stands once, with its
signal; numbers of columns follow from the order.
"""

from __future__ import annotations

from typing import Final

# The line in itself, and on its page and site: name -> signal.
OWN: Final = {
    "size": "length",  # log(1 + words)
    "letters": "length",  # visible characters a word
    "ends": "sentence",  # 1: ends like a sentence
    "inner": "sentence",  # sentence ends inside, a word
    "commas": "prose",  # a word
    "separators": "list",  # a word
    "capitals": "prose",  # share of words with a capital
    "numbers": "date",  # share of words that are numbers
    "function": "prose",  # share of function words
    "cued": "phrase",  # share of words that page furniture uses
    "dated": "date",  # 1: a time, date or month among few other words
    "spaced": "script",  # share of words in scripts with spaces
    "marks": "list",  # share of unusual marks
    "colon": "sentence",  # 1: ends with a colon
    "ellipsis": "sentence",  # 1: ends with dots of omission
    "question": "sentence",  # 1: ends with a question mark
    "quoted": "prose",  # 1: begins with a quotation mark or a dash
    "numbered": "list",  # 1: begins with a digit
    "lower": "prose",  # 1: begins with a small letter
    "bulleted": "list",  # 1: begins with a mark
    "addresses": "phrase",  # @, :// and dots inside words, a word
    "brackets": "list",  # a word
    "copyright": "phrase",  # 1: holds a copyright sign
    "begins": "piece",  # 1: begins where a line of the page does
    "stops": "piece",  # 1: stops where a line of the page does
    "parent": "piece",  # log(1 + words) of the whole line it is a piece of
    "lexicon": "phrase",  # log-odds for boilerplate of its words and pairs of words
    "furniture": "phrase",  # the part of that which speaks for boilerplate
    "story": "phrase",  # the part which speaks against
    "below": "section",  # log-odds by its words that what stands below it is boilerplate: "Comments", "Related"
    "above": "section",  # the same of what stands above it
    "on1": "recurs",  # share of words that stand in the same run of words on one other page
    "on2": "recurs",  # on two
    "on4": "recurs",  # on four
    "widely": "recurs",  # on a quarter of the other pages, two at least
    "depth": "recurs",  # mean over words of log(1 + pages)
    "whole": "recurs",  # log(1 + pages) that have the whole line
    "wholly": "recurs",  # the same as a share of the other pages
    "head": "recurs",  # log(1 + pages) that have a line which begins like it
    "heading": "recurs",  # the same as a share
    "known": "site",  # log(1 + other pages) of the site
    "distinct": "prose",  # share of distinct words
    "again": "again",  # log of how often the line stands on this page
    "common": "topic",  # share of words that stand on three lines of this page and more
    "topic": "topic",  # share of its rare words that stand in other prose lines of the page
    "near": "topic",  # the same, prose within ten lines
    "echoes": "again",  # share of its words that stand in the line above too
    "echoed": "again",  # in the line below
    "titled": "headline",  # share of its words that stand in the page's first line
    "title": "headline",  # share of the first line's words that it has
}

# What is told of one line again for the two lines before and after it.
NEIGHBOURS: Final = (
    "size",
    "ends",
    "function",
    "lexicon",
    "on2",
    "whole",
    "dated",
    "capitals",
    "numbers",
    "topic",
    "again",
    "below",
)
OFFSETS: Final = (-2, -1, 1, 2)

# Means over the lines above and below, 3 and 10 lines far, and log(1 + words) of new prose there.
WINDOW: Final = ("size", "lexicon", "on2", "dated", "ends", "again", "topic", "below", "above")
REACHES: Final = (3, 10)

PLACE: Final = {
    "prose_before": "place",  # log(1 + words) of new prose above
    "prose_after": "place",
    "prose_share": "place",  # share of it above
    "next_prose": "neighbours",  # log(1 + lines) to the next line of new prose below
    "last_prose": "neighbours",  # above
    "next_words": "neighbours",  # log(1 + words) in between
    "last_words": "neighbours",
    "down": "place",  # share of the page's lines above
    "along": "place",  # share of the page's words above
    "from_top": "place",  # log(1 + lines)
    "from_bottom": "place",
    "body": "neighbours",  # new prose within ten lines, as a share of the most any line has
    "peak": "place",  # signed log of lines to where that is
    "core": "neighbours",  # 1: in the run of lines that has the most prose for the least of the rest
    "from_core": "neighbours",  # log(1 + lines) to it; negative above it
    "since_title": "headline",  # log(1 + lines) since a line that repeats the first line; -1 without one
    "until_title": "headline",
    "run": "list",  # log of the lines around it, itself included, that are as short as it
    "opened": "section",  # the most that "below" has come to in the lines above, fading
    "closed": "section",  # the most that "above" comes to in the lines below, fading
    "page_prose": "page",  # share of the page's words that stand in new prose
    "page_lexicon": "page",  # mean of `lexicon`
    "page_on2": "page",  # share of the page's words that recur
}

# What the second pass sees besides: the first pass's log-odds for boilerplate.
SECOND: Final = {
    "first": "first",  # handed down to what moved the first pass: see model.py
    "first-3": "neighbours",
    "first-2": "neighbours",
    "first-1": "neighbours",
    "first+1": "neighbours",
    "first+2": "neighbours",
    "first+3": "neighbours",
    "mean3": "neighbours",  # mean probability of content within 3 lines, by words
    "mean8": "neighbours",
    "mean20": "neighbours",
    "lines8": "neighbours",  # the same by lines
    "content_before": "place",  # log(1 + words of content expected above)
    "content_after": "place",
    "content_share": "place",
    "next_content": "neighbours",  # log(1 + lines) to the next line that is rather content
    "last_content": "neighbours",
    "body_in": "neighbours",  # 1: in the run of lines that holds the most content for the least of the rest
    "body_from": "neighbours",
    "content_page": "page",  # share of the page's words expected to be content
}


def _context() -> dict[str, str]:
    named = {f"{name}{offset:+d}": "neighbours" for offset in OFFSETS for name in NEIGHBOURS}
    for reach in REACHES:
        for side in ("above", "below"):
            named |= {f"{name}_{side}{reach}": "neighbours" for name in (*WINDOW, "prose")}
    return named


FIRST_PASS: Final = OWN | _context() | PLACE
SECOND_PASS: Final = FIRST_PASS | SECOND

INDEX: Final = {name: index for index, name in enumerate(SECOND_PASS)}

# What the trees tell of, in the order of their parts. "base": what is known before looking.
MODEL_SIGNALS: Final = ("base", *dict.fromkeys(SECOND_PASS.values()))

# The order of a label's weights. "partly": "recurs" where the line as a whole does not. "echo": it says the
# headline again. "comments": a reader wrote it, and comments are kept.
SIGNALS: Final = (*MODEL_SIGNALS, "partly", "echo", "comments")
