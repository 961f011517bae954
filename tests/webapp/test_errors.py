"""What a person is told when something does not work, in each form that can be asked for."""

from __future__ import annotations

import pytest
from flask import Flask
from visitor import Visitor

from webapp import create_app
from webapp.config import Config


@pytest.fixture
def app(config: Config) -> Flask:
    app = create_app(config)

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("the secret inside")

    return app


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


@pytest.mark.parametrize("path", ["/nowhere", "/pages/77", "/collections/77", "/jobs/77", "/pages/77.txt"])
def test_what_is_not_there_is_said_on_a_whole_page(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status == 404
    assert "<html" in answer.html
    assert answer.texts("h1") == ["Not here"]


def test_htmx_gets_a_message_and_a_program_gets_json(visitor: Visitor) -> None:
    fragment = visitor.get("/pages/77", target="reading")
    assert fragment.status == 404
    assert fragment.html.startswith('<p class="message">')
    program = visitor.client.get("/pages/77", headers={"Accept": "application/json"})
    assert program.status_code == 404
    assert set(program.json or {}) == {"error", "message"}


def test_an_inner_error_tells_nothing_of_the_inside(visitor: Visitor) -> None:
    answer = visitor.get("/broken")
    assert answer.status == 500
    assert "secret" not in answer.html
    assert "nothing of yours is lost" in answer.words


def test_a_form_without_its_token_is_refused(visitor: Visitor) -> None:
    response = visitor.client.post("/collections", data={"name": "News"})
    assert response.status_code == 400
    assert "Reload the page" in response.text


def test_an_upload_over_the_limit_names_the_limit(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 100_000
    visitor = Visitor(app)
    visitor.post("/collections", name="News")
    answer = visitor.upload(1, {"large.txt": b"word " * 40_000})
    assert answer.status == 413
    assert "one upload takes 100 kB" in answer.words


def test_a_paste_over_the_limit_names_the_limit(app: Flask) -> None:
    app.config["MAX_FORM_MEMORY_SIZE"] = 50_000
    answer = Visitor(app).post("/", target="pasted", text="word " * 20_000)
    assert answer.status == 413
    assert "A paste takes 50 kB" in answer.words


def test_too_many_files_are_told_their_number(app: Flask) -> None:
    app.config["MAX_FORM_PARTS"] = 20
    visitor = Visitor(app)
    visitor.post("/collections", name="News")
    answer = visitor.upload(1, {f"{number}.txt": b"A word." for number in range(30)})
    assert answer.status == 413
    assert "One upload takes 20 files" in answer.words


def test_a_paste_of_600_kilobytes_is_no_error(visitor: Visitor) -> None:
    answer = visitor.post("/", target="pasted", text="A sentence of some length that ends here.\n" * 14_300)
    assert answer.status == 200
