"""Page or fragment: the one place that knows who asks, and the only file that reads or writes HX- headers."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response, make_response, render_template
from flask_htmx import HTMX

_htmx = HTMX()


def init_app(app: Flask) -> None:
    """Ties the extension to the application."""
    _htmx.init_app(app)


def wants_fragment() -> bool:
    """True when htmx asks for a piece of a page; going back in the history asks for the whole."""
    return bool(_htmx) and not _htmx.boosted and not _htmx.history_restore_request


def respond(page: str, fragments: Mapping[str, str], status: int = 200, **context: object) -> Response:
    """The template `page`, or, to htmx, that of the one element it asked to replace.

    `fragments` maps the id of an element to the template that renders it alone.
    """
    template = fragments.get(_htmx.target or "", page) if wants_fragment() else page
    response = make_response(render_template(template, **context), status)
    response.vary.update(("HX-Request", "HX-Target"))
    # Going back must show the page: a browser that kept the fragment under the same address would show that.
    response.cache_control.no_store = template != page
    return response
