"""What a row of numbers about a line holds, column by column, and the signals under which people are told of them."""

from typing import Final

RECURS: Final = 0  # share of words that recur on other pages
WIDELY: Final = 1  # share of words that recur on a quarter of the other pages
KEY: Final = 2  # the whole line stands on other pages
HEAD: Final = 3  # the line begins as a line of a quarter of the other pages does, three at least
SHORT: Final = 4  # 1 to 3 words
MIDDLING: Final = 5  # 4 to 9 words
LONG: Final = 6  # log2 of words over 10, at most 4
SENTENCE: Final = 7  # ends like a sentence
SENTENCE_LONG: Final = 8  # the same, of ten words and more
INNER: Final = 9  # holds a sentence end inside
COMMAS: Final = 10  # commas a word, times ten, at most 1
SEPARATORS: Final = 11  # separators a word, times five, at most 1
CAPITALS: Final = 12  # share of capitalised words, of three words and more
FUNCTION: Final = 13  # share of function words, of four words and more
CUED: Final = 14  # share of words that page furniture uses
CUED_SHORT: Final = 15  # five times that, at most 1, in lines under 12 words
DATED: Final = 16  # a date or time
AGAIN: Final = 17  # stands more than once on this page
PROSE_NEAR: Final = 18  # log of the words of new prose within 3 lines
PROSE_ABOVE: Final = 19  # nearness of new prose above: 1 beside it, falling by a third a line
PROSE_BELOW: Final = 20  # the same below
ENCLOSED: Final = 21  # the smaller of the last two
BEFORE: Final = 22  # no new prose above, some below
AFTER: Final = 23  # the reverse
LATE: Final = 24  # share of the page's new prose that stands above
BODY: Final = 25  # new prose within 10 lines, as a share of the most that any such window has
TITLED: Final = 26  # share of the words that stand in the page's first line too, of three words and more
LISTED: Final = 27  # ten words and more, hardly a function word among them, and no sentence end
COLUMNS: Final = 28

# In the order of the weights of a label. "partly": less than half of the line recurs.
# "alone": the page has nothing that reads better.
SIGNALS: Final = (
    "base",
    "recurs",
    "partly",
    "length",
    "sentence",
    "prose",
    "list",
    "phrase",
    "date",
    "again",
    "neighbours",
    "place",
    "headline",
    "alone",
)
