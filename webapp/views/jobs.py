"""A job: how far it is, and stopping it. Its fragment asks for itself again until the job has ended."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp.htmx import respond
from webapp.views import actions

views = Blueprint("jobs", __name__, url_prefix="/jobs")


@views.get("/<int:id>")
def show(id: int) -> Response:
    """Where the job stands."""
    job = actions().job(id)
    return respond(
        "jobs/show.html",
        {"job": "jobs/_job.html"},
        job=job,
        collection=actions().collection(job.collection),
        problems=len(actions().problems(job.collection)) if job.ended else 0,
    )


@views.post("/<int:id>/cancel")
def cancel(id: int) -> AnyResponse:
    """Stops the job; what was read stays."""
    actions().cancel(id)
    return redirect(url_for("jobs.show", id=id), 303)
