"""A page in its three readings, the reason for each mark, what it shares with others, and its cleaned text."""

from __future__ import annotations

from bisect import bisect_right

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp import present, present_marks, present_shared
from webapp.htmx import respond
from webapp.present import READINGS
from webapp.records import NotFound, OpenPage, ReusedSpan
from webapp.views import actions, number, one_of

views = Blueprint("pages", __name__, url_prefix="/pages")


@views.get("/<int:id>")
def show(id: int) -> AnyResponse:
    """A page; to htmx its reading, a further part of it, or the reason for one mark."""
    opened = actions().page(id)
    reused = actions().reused(id)
    if "at" in request.args:
        return redirect(_place(opened, reused, number("at", 0)), 302)
    return _show(opened, reused)


def _show(opened: OpenPage, reused: tuple[ReusedSpan, ...]) -> Response:
    page, labels = opened.page, opened.labels
    reading = one_of(request.args.get("reading"), READINGS)
    index = request.args.get("why", type=int)
    if index is not None and not 0 <= index < len(labels):
        raise NotFound("This page has no such mark. It may have been labelled anew: open the page again.")
    part = number("part", 1 if index is None else present_marks.part_of_label(page, labels, reading, index))
    spans = present_shared.spans_of_page(reused)
    return respond(
        "pages/show.html",
        {"reason": "pages/_reason.html", "reading": "pages/_reading.html", "more": "pages/_more.html"},
        opened=opened,
        reading=reading,
        part=present_marks.part_of_page(page, labels, reading, part, spans),
        bands=present_marks.bands(page, labels, reading),
        legend=present_marks.legend(labels),
        reused=reused,
        shared_characters=present_shared.shared_characters(spans),
        passages={one.number: url_for("reuse.cluster", id=one.cluster) for one in reused},
        parts_of_passages=present_marks.parts_of_spans(page, labels, reading, spans),
        why=None if index is None else present.why(page, labels, index),
        sources=[] if index is None else actions().sources(opened.id, index),
    )


def _place(opened: OpenPage, reused: tuple[ReusedSpan, ...], offset: int) -> str:
    """The address of a place on the page, in code points: of the passage that begins there, else of its mark."""
    page, labels = opened.page, opened.labels
    offset = min(max(offset, 0), max(len(page.text) - 1, 0))
    index = max(bisect_right(labels.bounds.tolist(), offset) - 1, 0)
    passage = next((one.number for one in reused if one.start == offset), None)
    return url_for(
        "pages.show",
        id=opened.id,
        part=present_marks.part_of_label(page, labels, "marked", index) if len(labels) else None,
        _anchor=f"m{index}" if passage is None else f"r{passage}",
    )


@views.get("/<int:id>.txt")
def text(id: int) -> Response:
    """The cleaned text of a page, as a file."""
    name, cleaned = actions().page_text(id)
    response = Response(cleaned, mimetype="text/plain")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
