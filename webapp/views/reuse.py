"""What pages share: the clusters of a collection, one cluster, two pages side by side, the sites, and the downloads."""

from __future__ import annotations

from datetime import date
from typing import get_args

from flask import Blueprint, Response, make_response, render_template, request, stream_with_context

from detect import PassageKind
from webapp import present_reuse, present_sites
from webapp.export import safe_name
from webapp.htmx import respond
from webapp.records import ReuseFormat, ReuseQuery, ReuseSort, screen_of
from webapp.views import actions, number, one_of

views = Blueprint("reuse", __name__)

_SORTS: tuple[ReuseSort, ...] = get_args(ReuseSort)
_KINDS: tuple[PassageKind, ...] = get_args(PassageKind)
_TYPES: dict[ReuseFormat, str] = {"csv": "text/csv", "jsonl": "application/x-ndjson"}
_REPORT_VERSIONS = 500  # of a cluster in a report: it is one file, and it is read


@views.get("/collections/<int:id>/reuse")
def show(id: int) -> Response:
    """The clusters of a collection: filtered, sorted and cut into lists by the server."""
    query = ReuseQuery(
        across=request.args.get("across") == "1",
        site=request.args.get("site", ""),
        words=max(number("words", 0), 0),
        similarity=min(max(number("alike", 0), 0), 100) / 100,
        kind=next((kind for kind in _KINDS if kind == request.args.get("kind")), ""),
        sort=one_of(request.args.get("sort"), _SORTS),
        descending=request.args.get("order") != "up",
        number=max(number("number"), 1),
    )
    return respond(
        "reuse/show.html",
        {"list": "reuse/_list.html"},
        collection=actions().collection(id),
        sites=actions().sites(id),
        found=actions().reuse(id, query),
        query=query,
        kinds=_KINDS,
    )


@views.get("/collections/<int:id>/reuse/sites")
def sites(id: int) -> Response:
    """Which sites share text with which, as a picture and as a table."""
    graph = actions().site_graph(id)
    return respond(
        "reuse/sites.html",
        {},
        collection=actions().collection(id),
        graph=graph,
        circle=present_sites.circle(graph),
        direction=present_sites.direction,
    )


@views.get("/collections/<int:id>/reuse/duplicates")
def duplicates(id: int) -> Response:
    """Pages that are nearly one page."""
    groups = actions().duplicates(id)
    begin, shown, last = screen_of(len(groups), number("number"), present_reuse.GROUPS)
    return respond(
        "reuse/duplicates.html",
        {},
        collection=actions().collection(id),
        total=len(groups),
        groups=groups[begin : begin + present_reuse.GROUPS],
        begin=begin,
        number=shown,
        last=last,
    )


@views.get("/collections/<int:id>/reuse.<any(csv, jsonl):format>")
def export(id: int, format: ReuseFormat) -> Response:
    """All passages of a collection, one a row, streamed."""
    name, chunks = actions().export_reuse(id, format)
    response = Response(stream_with_context(chunks), mimetype=_TYPES[format])
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@views.get("/reuse/<int:id>")
def cluster(id: int) -> Response:
    """A cluster: who has it and when, and what each made of the first text."""
    opened = actions().cluster(id)
    shown, last = present_reuse.versions(opened, number("number"))
    first_number, first = present_reuse.first_version(opened)
    return respond(
        "reuse/cluster.html",
        {},
        cluster=opened,
        timeline=present_reuse.timeline(opened),
        first=first,
        first_number=first_number,
        first_bits=present_reuse.first_bits(first),
        versions=shown,
        number=min(max(number("number"), 1), last),
        last=last,
    )


@views.get("/reuse/<int:id>.html")
def cluster_report(id: int) -> Response:
    """A cluster as one file that needs nothing else."""
    opened = actions().cluster(id)
    shown, _ = present_reuse.versions(opened, size=_REPORT_VERSIONS)
    first_number, first = present_reuse.first_version(opened)
    return _report(
        "reuse/report_cluster.html",
        f"passage {id}",
        cluster=opened,
        first=first,
        first_number=first_number,
        first_bits=present_reuse.first_bits(first, whole=True),
        versions=shown,
    )


@views.get("/reuse/pair/<int:a>/<int:b>")
def pair(a: int, b: int) -> Response:
    """Two pages side by side, with what they share."""
    opened = actions().pair(a, b)
    return respond("reuse/pair.html", {}, pair=opened, screen=present_reuse.pair_screen(opened, number("number")))


@views.get("/reuse/pair/<int:a>/<int:b>.html")
def pair_report(a: int, b: int) -> Response:
    """Two pages and what they share as one file that needs nothing else."""
    opened = actions().pair(a, b)
    screen = present_reuse.pair_screen(opened, size=max(len(opened.passages), 1))
    return _report("reuse/report_pair.html", f"pages {a} and {b}", pair=opened, screen=screen)


def _report(template: str, name: str, **context: object) -> Response:
    """A report as a file to keep."""
    made = present_reuse.day(date.today().isoformat())
    response = make_response(render_template(template, made=made, **context))
    response.headers.set("Content-Disposition", "attachment", filename=f"{safe_name(name, 'report')}.html")
    return response
