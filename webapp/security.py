"""What keeps other sites out of an app that listens on this machine: headers, and who may ask for what.

A page elsewhere can make a browser post to 127.0.0.1, and a name can be made to point there (DNS rebinding):
the first is told by `Sec-Fetch-Site` and `Origin` besides the token in every form, the second by `Host`.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, request
from flask_wtf.csrf import CSRFProtect

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask, hosts: Collection[str]) -> None:
    """Guards every request; `hosts` are the names this server answers to, besides localhost and bare addresses."""
    names = {"localhost", *(host.lower() for host in hosts)}

    @app.before_request
    def check_host() -> None:
        name = _host_name(request)
        if name not in names and not _is_address(name):
            abort(
                400,
                "This server does not answer to that name. Open it at its address in numbers, such as http://127.0.0.1.",
            )

    @app.before_request
    def check_origin() -> None:
        if request.method not in _READS and not _same_site(request):
            abort(403, "This came from another site, and only Winnow's own pages may change anything.")

    CSRFProtect(app)

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if request.endpoint not in ("static", "htmx") and not response.cache_control:
            response.cache_control.no_cache = True
        return response


def _host_name(asked: Request) -> str:
    """The `Host` of a request, without the port."""
    host = asked.headers.get("Host", "").lower()
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _is_address(name: str) -> bool:
    """Whether a host is an address and no name: what rebinding can never look like."""
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _same_site(asked: Request) -> bool:
    """Whether a browser says that this came from a page of ours; a program that says nothing still needs a token."""
    site = asked.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = asked.headers.get("Origin")
    # "null" tells nothing: it is what our own forms send under Referrer-Policy: no-referrer.
    return origin in (None, "null") or urlsplit(origin or "").netloc.lower() == asked.host.lower()
