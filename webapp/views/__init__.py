"""The screens, one file a noun. A view is: parse, one action, render."""

from __future__ import annotations

from typing import TypeVar, cast

from flask import current_app, request
from werkzeug.routing import IntegerConverter, Map

from webapp.actions import Actions

KEY = "winnow"  # of the actions among the application's extensions
LARGEST = 2**63 - 1  # of the numbers that a database counts rows in
_Choice = TypeVar("_Choice", bound=str)


def actions() -> Actions:
    """What this application can do."""
    return cast(Actions, current_app.extensions[KEY])


class RowNumber(IntegerConverter):
    """A number in an address: a larger one than databases count in is no row's, and the address no page's."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST)


def stored_number(text: str) -> int:
    """A whole number that a database takes as a row's. Raises ValueError."""
    value = int(text)
    if abs(value) > LARGEST:
        raise ValueError(f"{value} is no row's number")
    return value


def number(name: str, default: int = 1) -> int:
    """A whole number from the address; the default when it is none."""
    return request.args.get(name, default, type=stored_number)


def one_of(value: str | None, choices: tuple[_Choice, ...]) -> _Choice:
    """The choice that was named, else the first."""
    return next((choice for choice in choices if choice == value), choices[0])
