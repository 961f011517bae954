"""The app: `create_app` builds it. Nothing happens at import, not even that of Flask, which takes half a second."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask, Response

    from webapp.config import Config

# A form other than an upload: 21 MB hold the longest page there may be, at four bytes a character, and its form.
_FORM_BYTES = 21_000_000

# Files in one upload. Werkzeug holds a few kilobytes for each; its own default of 1,000 refuses a site's folder.
_UPLOAD_FILES = 20_000

_YEAR = 365 * 24 * 3600


def create_app(config: Config) -> Flask:
    """The application on this configuration: its store, its actions, its screens. Starts no thread."""
    from flask import Flask

    from webapp import errors, htmx, present, present_reuse, security
    from webapp.actions import Actions
    from webapp.store import Store
    from webapp.views import KEY, RowNumber, boilerplate, collections, jobs, pages, paste, reuse

    house = Path(__file__).parent
    app = Flask(
        __name__,
        template_folder=str(_beside(house, "templates")),
        static_folder=str(_beside(house, "static")),
    )
    app.config.update(
        SECRET_KEY=config.secret_key,
        SESSION_COOKIE_NAME="winnow",  # cookies do not tell ports apart: "session" would be any local app's
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=config.upload_bytes,
        MAX_FORM_MEMORY_SIZE=min(_FORM_BYTES, config.upload_bytes),
        MAX_FORM_PARTS=_UPLOAD_FILES,
        SEND_FILE_MAX_AGE_DEFAULT=_YEAR,  # the address of a static file changes with the file
        WTF_CSRF_TIME_LIMIT=None,  # a form may stay open overnight
        WTF_CSRF_SSL_STRICT=False,  # it reads Referer, which we send none of; security.py reads Origin
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(present=present, present_reuse=present_reuse)
    app.url_map.converters["int"] = RowNumber
    app.before_request(_limit_form)
    security.init_app(app, [config.host_in_address])
    htmx.init_app(app)
    errors.init_app(app)
    _serve_static(app)
    app.extensions[KEY] = Actions(config, Store(config.database_url))
    for screens in (paste, collections, pages, boilerplate, reuse, jobs):
        app.register_blueprint(screens.views)
    return app


def _beside(house: Path, name: str) -> Path:
    """A folder of templates or static files: inside the package in a wheel, beside it in a checkout."""
    inside = house / name
    return inside if inside.is_dir() else house.parent / name


def _limit_form() -> None:
    """Holds every form but an upload to what fits in memory; first of all, since the next check reads the form."""
    from flask import current_app, request

    if request.endpoint != "collections.upload":
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]


def _serve_static(app: Flask) -> None:
    """Serves htmx from its installed package, and gives every static address the hash of what it serves."""
    from flask import send_from_directory

    library = Path(str(files("js_lib_htmx") / "static" / "htmx"))
    versions: dict[str, str] = {}

    @app.get("/static/htmx.min.js")
    def htmx() -> Response:
        return send_from_directory(library, "htmx.min.js", mimetype="text/javascript")

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "htmx":
            values["v"] = versions.setdefault("htmx", _hash(library / "htmx.min.js"))
        elif endpoint == "static" and app.static_folder:
            name = values["filename"]
            path = Path(app.static_folder) / name
            values["v"] = _hash(path) if app.debug else versions.setdefault(name, _hash(path))


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
