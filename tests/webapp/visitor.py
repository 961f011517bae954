"""Somebody who uses the app through its HTTP interface, with and without htmx."""

from __future__ import annotations

import io

from flask import Flask
from flask.testing import FlaskClient
from resiliparse.parse.html import HTMLTree
from werkzeug.test import TestResponse


class Answer:
    """An answer, and its elements by CSS selector."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.html = response.text
        self._tree = HTMLTree.parse(self.html)

    @property
    def words(self) -> str:
        """What stands on the page, white space as single spaces."""
        return " ".join(self._tree.body.text.split())

    def texts(self, selector: str) -> list[str]:
        return [" ".join(node.text.split()) for node in self._tree.document.query_selector_all(selector)]

    def values(self, selector: str, attribute: str) -> list[str]:
        return [node.getattr(attribute) or "" for node in self._tree.document.query_selector_all(selector)]


class Visitor:
    """Follows redirects, carries the cookie, and sends each form with its token."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def get(self, url: str, *, target: str = "") -> Answer:
        """A page; the fragment for `target` when it is named."""
        return Answer(self.client.get(url, headers=_htmx(target), follow_redirects=True))

    def post(self, url: str, *, target: str = "", **fields: object) -> Answer:
        """Sends a form, files and all."""
        token = Answer(self.client.get("/")).values("[name=csrf_token]", "value")[0]
        return Answer(
            self.client.post(url, data={"csrf_token": token, **fields}, headers=_htmx(target), follow_redirects=True)
        )

    def upload(self, collection: int, files: dict[str, bytes], **fields: str) -> Answer:
        parts = [(io.BytesIO(content), name) for name, content in files.items()]
        return self.post(f"/collections/{collection}/upload", files=parts, **fields)


def _htmx(target: str) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Target": target} if target else {}
