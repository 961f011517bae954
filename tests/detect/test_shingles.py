import numpy as np

from detect import shingles, words


def windows(text: str, width: int = 5) -> set[int]:
    return set(shingles.shingle(words.split(text), width).hashes.tolist())


def test_windows_hold_width_words_and_line_breaks_count_as_words() -> None:
    # ⏎ a b c d e ⏎: seven in a row make three windows of five.
    found = shingles.shingle(words.split("a b c d e"), 5)
    assert len(found.hashes) == 3
    assert list(zip(found.firsts.tolist(), found.lasts.tolist(), strict=True)) == [(0, 4), (0, 5), (1, 5)]


def test_a_recurring_line_start_recurs_whatever_follows() -> None:
    one = windows("Also on post.example the ferry sails again")
    other = windows("Also on post.example nobody came to the fair")
    assert len(one & other) == 1


def test_the_order_of_words_counts() -> None:
    assert not windows("one two three four five") & windows("five four three two one")


def test_line_keys_are_equal_for_equal_words_and_zero_without_any() -> None:
    keys = shingles.line_keys(words.split("Home!\nHOME\nNews\n***\n3 comments\n250 comments"))
    assert keys[0] == keys[1] != keys[2]
    assert keys[3] == 0
    assert keys[4] == keys[5]


def test_a_text_without_words_has_no_windows() -> None:
    assert len(shingles.shingle(words.split("... \n ..."), 5).hashes) == 0


def test_hashes_spread_over_all_bits() -> None:
    found = shingles.shingle(words.split(" ".join(f"w{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(600))), 5)
    ones = np.unpackbits(found.hashes.view(np.uint8)).mean()
    assert 0.48 < ones < 0.52
