"""Running over processes: the same results in the same order as in one, and no hang when one dies."""

import itertools
import os
import threading
from typing import NamedTuple

import pytest

from detect.engine import WorkerDiedError, run


def multiply(factor: int, item: int) -> int:
    return factor * item


def refuse_seven(_: None, item: int) -> int:
    if item == 7:
        raise ValueError("seven")
    return item


def refuse_with_a_lock(_: None, item: int) -> int:
    raise ValueError("seven", threading.Lock())


class Numbered(NamedTuple):
    number: int
    load: bytes


def die_at_seven(_: None, item: Numbered) -> int:
    if item.number == 7:
        os._exit(3)
    return item.number


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_items(workers):
    assert list(run(multiply, range(100), workers=workers, shared=3)) == [3 * item for item in range(100)]


def test_no_items_give_no_results():
    assert list(run(multiply, [], workers=2, shared=3)) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_what_the_function_raises_is_raised(workers):
    with pytest.raises(ValueError, match="seven"):
        list(run(refuse_seven, range(10), workers=workers))


def test_what_is_raised_in_a_process_says_where_even_if_it_cannot_be_posted():
    with pytest.raises(ValueError, match="seven") as raised:
        list(run(refuse_seven, range(10), workers=2))
    assert "in refuse_seven" in raised.value.__notes__[0]
    with pytest.raises(RuntimeError, match="in refuse_with_a_lock"):
        list(run(refuse_with_a_lock, range(10), workers=2))


@pytest.mark.parametrize("size", [1, 300_000])
def test_a_process_that_dies_is_named_and_nothing_hangs(size):
    with pytest.raises(WorkerDiedError, match="fewer workers"):
        list(run(die_at_seven, (Numbered(number, bytes(size)) for number in range(200)), workers=2))


@pytest.mark.parametrize("workers", [1, 2])
def test_input_is_taken_as_it_is_needed(workers):
    items = itertools.count(1)
    results = run(multiply, items, workers=workers, shared=1)
    assert next(results) == 1
    assert next(items) < 200
    results.close()


def test_no_workers_at_all_is_an_error():
    with pytest.raises(ValueError, match="at least 1"):
        run(multiply, [1], workers=0, shared=1)
