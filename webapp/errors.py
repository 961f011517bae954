"""Exception to answer, in one place: a page to a browser, a fragment to htmx, JSON to a program."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from webapp import htmx
from webapp.present import file_size
from webapp.records import Invalid, NotFound, TooLarge

_TITLES: Final = {
    400: "That request could not be read",
    403: "Not allowed",
    404: "Not here",
    405: "That cannot be done here",
    413: "Too large",
    422: "One thing to mend first",
    500: "Winnow stumbled",
}
_STATUS: Final = {NotFound: 404, Invalid: 422, TooLarge: 413}


def init_app(app: Flask) -> None:
    """Answers every exception of the application."""
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    """The answer to an exception, in the form that was asked for."""
    status, message = _status(error), _message(error)
    if status >= 500:
        current_app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
    title = _TITLES.get(status, "That did not work")
    if _wants_json():
        return make_response(jsonify(error=title, message=message), status)
    template = "_message.html" if htmx.wants_fragment() else "error.html"
    return make_response(render_template(template, title=title, message=message), status)


def _status(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.code or 500
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)


def _message(error: Exception) -> str:
    if isinstance(error, CSRFError):
        return "This form has grown too old to be trusted. Reload the page and send it again."
    if isinstance(error, RequestEntityTooLarge):
        return _too_large()
    if isinstance(error, HTTPException):
        if error.code == 404:
            return "There is nothing at this address. It may have been deleted."
        return error.description or ""
    if isinstance(error, tuple(_STATUS)):
        return str(error)
    return "Something went wrong inside. What happened is written where Winnow was started; nothing of yours is lost."


def _too_large() -> str:
    """Which of the limits of a request was passed."""
    most, sent = request.max_content_length, request.content_length
    if request.blueprint == "paste" and most:
        return f"A paste takes {file_size(most)} of text. Put it in a file and upload that to a collection."
    if most and sent and sent > most:
        return f"That is {file_size(sent)}; one upload takes {file_size(most)}. Send it in smaller pieces."
    return f"One upload takes {request.max_form_parts:,} files. Put them in a .zip, or send them in smaller groups."


def _wants_json() -> bool:
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]
