"""Lists of pairs of pages: JSON lines {"a": id, "b": id}."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from pathlib import Path
from typing import NamedTuple

import click


class Pair(NamedTuple):
    """Two ids, and the line that has them."""

    line: int
    a: str
    b: str


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file, blank lines passed over. Raises click's error, with the line, for whatever is no pair."""
    try:
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        raise click.ClickException(f"--pairs {path} cannot be read: {error.strerror or error}") from None
    pairs = [_pair(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not pairs:
        raise click.ClickException(f"--pairs {path} has no pair in it")
    return pairs


def _pair(path: Path, number: int, line: bytes) -> Pair:
    try:
        # A number is an id as it is written, as it is where pages are read.
        row = json.loads(line.decode(), parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        row = None
    ids = (row.get("a"), row.get("b")) if isinstance(row, dict) else ()
    match ids:
        case (str(a), str(b)) if a.strip() and b.strip():
            return Pair(number, a.strip(), b.strip())
    raise click.ClickException(f'{path}:{number}: this is no pair of ids, as in {{"a": "news/1", "b": "news/2"}}')


def check_ids(path: Path, pairs: list[Pair], ids: Container[str]) -> None:
    """Raise click's error for the first pair that names a page which is not there."""
    for pair in pairs:
        for id in pair[1:]:
            if id not in ids:
                raise click.ClickException(f"{path}:{pair.line}: no page has the id {id!r}; nothing was written")


def ids_of(pairs: list[Pair]) -> Iterator[str]:
    """Every id that the pairs name, as often as they do."""
    return (id for pair in pairs for id in pair[1:])
