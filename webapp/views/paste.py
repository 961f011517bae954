"""Paste: a text box, and the same text told apart below it, with the saved pages that share it.

Nothing is kept unless it is added to a collection.
"""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp import present_shared
from webapp.htmx import respond, wants_fragment
from webapp.present import READINGS, why
from webapp.present_marks import bands, legend, part_of_page
from webapp.records import Invalid, NotFound
from webapp.views import actions, one_of, stored_number

views = Blueprint("paste", __name__)


@views.get("/")
def start() -> Response:
    """The empty text box."""
    return _answer()


@views.post("/")
def mark() -> Response:
    """The text, told apart; to htmx only what is below the box."""
    return _mark()


def _mark(status: int = 200, missing: str = "") -> Response:
    """The text, told apart; `missing` says what its form lacks."""
    try:
        pasted = actions().paste(_text(), request.form.get("site", ""), _collection())
    except Invalid as error:
        # htmx sends while a person types, and an emptied box is no mistake yet.
        return _answer(200 if wants_fragment() else 422, problem=str(error))
    page, labels = pasted.page, pasted.labels
    reading = one_of(request.form.get("reading"), READINGS)
    index = request.form.get("why", type=int)
    if index is not None:
        if not 0 <= index < len(labels):
            raise NotFound("The text has changed since it was marked. Choose the piece again.")
        return _answer(why=why(page, labels, index))
    shared = actions().shared(pasted, _collection())
    found = present_shared.stretches(shared)
    spans = [one.span for one in found]
    part = part_of_page(page, labels, reading, request.form.get("part", 1, type=int), spans)
    marked = {mark.index for line in part.lines for mark in line.marks}
    return _answer(
        status,
        missing=missing,
        pasted=pasted,
        reading=reading,
        part=part,
        shared=[(one, present_shared.numbers_in(one, found)) for one in shared],
        shared_characters=present_shared.shared_characters(spans),
        passages={one.span.number: f"#shared-{one.pages[0]}" for one in found},
        # With htmx a reason is asked for when it is wanted; without it, all of them come along.
        whys=[] if wants_fragment() else [why(page, labels, index) for index in sorted(marked)],
        legend=legend(labels),
        bands=bands(page, labels, reading),
    )


def _answer(status: int = 200, **context: object) -> Response:
    """The screen with what is in its form."""
    return respond(
        "paste/page.html",
        {"pasted": "paste/_pasted.html", "more": "paste/_more.html", "reason": "paste/_reason.html"},
        status,
        collections=[] if wants_fragment() else actions().collections(),
        text=_text(),
        site=request.form.get("site", ""),
        chosen=_collection(),
        **context,
    )


@views.post("/add")
def add() -> AnyResponse:
    """Keeps the text as a page of a collection."""
    collection = _collection()
    if collection is None:
        missing = "Choose the collection to add this page to. If there is none yet, make one under Collections."
        if wants_fragment():
            raise Invalid(missing)
        return _mark(422, missing)
    try:
        job = actions().add_paste(collection, _text(), request.form.get("site", ""))
    except Invalid as error:
        if wants_fragment():
            raise
        return _answer(422, problem=str(error))
    return redirect(url_for("jobs.show", id=job.id), 303)


def _text() -> str:
    """The pasted text; a form sends line ends as the network writes them."""
    return request.form.get("text", "").replace("\r\n", "\n")


def _collection() -> int | None:
    """The collection of the form, or of a link to it."""
    return request.values.get("collection", type=stored_number)
