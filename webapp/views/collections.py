"""Collections: the list, making and deleting one, uploading into it, and taking its cleaned text away."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flask import Blueprint, Response, current_app, redirect, request, stream_with_context, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp.htmx import respond
from webapp.records import ExportFormat, Invalid, PageQuery, Sort, Upload
from webapp.views import actions, number, one_of

views = Blueprint("collections", __name__, url_prefix="/collections")

_SORTS: tuple[Sort, ...] = ("title", "site", "size", "boilerplate")
_TYPES: dict[ExportFormat, str] = {"zip": "application/zip", "jsonl": "application/x-ndjson"}


@views.get("")
def index() -> Response:
    """All collections."""
    return respond("collections/index.html", {}, collections=actions().collections())


@views.post("")
def create() -> AnyResponse:
    """Makes a collection and goes to its upload form."""
    made = actions().create_collection(request.form.get("name", "").strip())
    return redirect(url_for("collections.upload_form", id=made.id), 303)


@views.get("/<int:id>")
def show(id: int) -> Response:
    """The pages of a collection: searched, sorted and cut into lists by the server."""
    query = PageQuery(
        search=request.args.get("search", "").strip(),
        site=request.args.get("site", ""),
        sort=one_of(request.args.get("sort"), _SORTS),
        descending=request.args.get("order") == "down",
        number=max(number("number"), 1),
    )
    return respond(
        "collections/show.html",
        {"list": "collections/_list.html"},
        collection=actions().collection(id),
        sites=actions().sites(id),
        problems=len(actions().problems(id)),
        pages=actions().pages(id, query),
        query=query,
    )


@views.get("/<int:id>/upload")
def upload_form(id: int) -> Response:
    """The form for files and folders, with its limits."""
    return respond(
        "collections/upload.html",
        {},
        collection=actions().collection(id),
        limits=actions().limits,
        upload_bytes=current_app.config["MAX_CONTENT_LENGTH"],
        upload_files=current_app.config["MAX_FORM_PARTS"],
    )


@views.post("/<int:id>/upload")
def upload(id: int) -> AnyResponse:
    """Takes the files and starts the job that reads them."""
    uploads = list(_uploads())
    if not uploads:
        raise Invalid("No file was chosen. Choose files or a folder, then upload.")
    job = actions().upload(id, uploads)
    return redirect(url_for("jobs.show", id=job.id), 303)


def _uploads() -> Iterator[Upload]:
    """The files of the form. Dropped folders reach a form as bare files, so their names come beside them."""
    files = [file for file in request.files.getlist("files") if file.filename]
    try:
        names = json.loads(request.form.get("names") or "[]")
    except ValueError:
        names = []
    if not (isinstance(names, list) and len(names) == len(files) and all(isinstance(name, str) for name in names)):
        names = [file.filename for file in files]
    for file, name in zip(files, names, strict=True):
        yield Upload(name, file.stream)  # type: ignore[arg-type]


@views.post("/<int:id>/label")
def label_rest(id: int) -> AnyResponse:
    """Goes on with the pages that a stopped job left without labels."""
    job = actions().label_rest(id)
    return redirect(url_for("jobs.show", id=job.id), 303)


@views.get("/<int:id>/problems")
def problems(id: int) -> Response:
    """The files that gave no page, and why."""
    return respond(
        "collections/problems.html", {}, collection=actions().collection(id), problems=actions().problems(id)
    )


@views.get("/<int:id>/delete")
def confirm_delete(id: int) -> Response:
    """Asks before a collection goes."""
    return respond("collections/delete.html", {}, collection=actions().collection(id))


@views.post("/<int:id>/delete")
def delete(id: int) -> AnyResponse:
    """Deletes a collection with all that is in it."""
    actions().delete_collection(id)
    return redirect(url_for("collections.index"), 303)


@views.get("/<int:id>/cleaned.<any(zip, jsonl):format>")
def export(id: int, format: ExportFormat) -> Response:
    """The cleaned text of a collection, streamed."""
    name, chunks = actions().export(id, format)
    response = Response(stream_with_context(chunks), mimetype=_TYPES[format])
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
