"""The boilerplate of a site: what was learned, each block once. And the sites of a collection."""

from __future__ import annotations

from flask import Blueprint, Response, request

from webapp.htmx import respond
from webapp.views import actions

views = Blueprint("boilerplate", __name__, url_prefix="/collections/<int:id>")


@views.get("/sites")
def sites(id: int) -> Response:
    """The sites of a collection."""
    return respond("boilerplate/sites.html", {}, collection=actions().collection(id), sites=actions().sites(id))


@views.get("/boilerplate")
def blocks(id: int) -> Response:
    """The recurring blocks of one site; the site stands in the address, since its name can be any text."""
    site = request.args.get("site")
    if site is None:
        return sites(id)
    collection = actions().collection(id)
    found = actions().blocks(id, site)
    names = {name for block in found for name, _ in block.examples}
    return respond(
        "boilerplate/blocks.html",
        {},
        collection=collection,
        site=site,
        blocks=found,
        examples={row.name: row for row in actions().named(id, names)},
    )
