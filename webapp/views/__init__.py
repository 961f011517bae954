"""The screens, one file a noun. A view is: parse, one action, render."""

from __future__ import annotations

from typing import TypeVar, cast

from flask import current_app, request

from webapp.actions import Actions

KEY = "winnow"  # of the actions among the application's extensions
_Choice = TypeVar("_Choice", bound=str)


def actions() -> Actions:
    """What this application can do."""
    return cast(Actions, current_app.extensions[KEY])


def number(name: str, default: int = 1) -> int:
    """A whole number from the address; the default when it is none."""
    return request.args.get(name, default, type=int)


def one_of(value: str | None, choices: tuple[_Choice, ...]) -> _Choice:
    """The choice that was named, else the first."""
    return next((choice for choice in choices if choice == value), choices[0])
