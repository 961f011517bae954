"""A page in its three readings, the reason for each mark, and its cleaned text."""

from __future__ import annotations

from flask import Blueprint, Response, request

from webapp import present
from webapp.htmx import respond
from webapp.present import READINGS
from webapp.records import NotFound
from webapp.views import actions, number, one_of

views = Blueprint("pages", __name__, url_prefix="/pages")


@views.get("/<int:id>")
def show(id: int) -> Response:
    """A page; to htmx its reading, a further part of it, or the reason for one mark."""
    opened = actions().page(id)
    page, labels = opened.page, opened.labels
    reading = one_of(request.args.get("reading"), READINGS)
    index = request.args.get("why", type=int)
    if index is not None and not 0 <= index < len(labels):
        raise NotFound("This page has no such mark. It may have been labelled anew: open the page again.")
    part = number("part", 1 if index is None else present.part_of_label(page, labels, reading, index))
    return respond(
        "pages/show.html",
        {"reason": "pages/_reason.html", "reading": "pages/_reading.html", "more": "pages/_more.html"},
        opened=opened,
        reading=reading,
        part=present.part_of_page(page, labels, reading, part),
        bands=present.bands(page, labels, reading),
        legend=present.legend(labels),
        why=None if index is None else present.why(page, labels, index),
        sources=[] if index is None else actions().sources(id, index),
    )


@views.get("/<int:id>.txt")
def text(id: int) -> Response:
    """The cleaned text of a page, as a file."""
    name, cleaned = actions().page_text(id)
    response = Response(cleaned, mimetype="text/plain")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
