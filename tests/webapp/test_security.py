"""Who may ask, and what an answer allows."""

from __future__ import annotations

import pytest
from flask import Flask
from visitor import Visitor

from webapp import create_app
from webapp.config import Config


@pytest.fixture
def app(config: Config) -> Flask:
    return create_app(config)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


@pytest.mark.parametrize("path", ["/", "/collections", "/nowhere", "/static/app.css"])
def test_every_answer_carries_the_headers(visitor: Visitor, path: str) -> None:
    headers = visitor.get(path).response.headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("LOCALHOST:5000", 200),
        ("[::1]:8000", 200),
        ("192.168.1.7:8000", 200),  # an address is never a rebound name
        ("evil.example", 400),
        ("127.0.0.1.evil.example:8000", 400),
        ("localhost.evil.example", 400),
    ],
)
def test_only_names_of_this_machine_are_answered(app: Flask, host: str, status: int) -> None:
    assert app.test_client().get("/", headers={"Host": host}).status_code == status


def _post(visitor: Visitor, **headers: str) -> int:
    token = visitor.get("/").values("[name=csrf_token]", "value")[0]
    data = {"csrf_token": token, "name": "News"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return visitor.client.post("/collections", data=data, headers=named).status_code


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_post_from_another_site_is_refused_even_with_a_token(visitor: Visitor, site: str) -> None:
    assert _post(visitor, Sec_Fetch_Site=site) == 403


def test_a_post_from_another_origin_is_refused_even_with_a_token(visitor: Visitor) -> None:
    assert _post(visitor, Origin="http://evil.example") == 403
    assert _post(visitor, Origin="http://localhost:81") == 403


def test_our_own_forms_are_taken(visitor: Visitor) -> None:
    assert _post(visitor, Sec_Fetch_Site="same-origin", Origin="null") == 303


def test_a_token_of_another_session_is_refused(app: Flask) -> None:
    token = Visitor(app).get("/").values("[name=csrf_token]", "value")[0]
    other = Visitor(app)
    other.get("/")
    assert other.client.post("/collections", data={"csrf_token": token, "name": "News"}).status_code == 400


def test_the_cookie_is_kept_from_scripts_and_other_sites(visitor: Visitor) -> None:
    cookie = visitor.get("/").response.headers["Set-Cookie"]
    assert cookie.startswith("winnow=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_no_screen_needs_inline_script_or_style(visitor: Visitor) -> None:
    pages = [visitor.get("/"), visitor.get("/collections"), visitor.post("/", text="A line.\nAnother line of it.")]
    for page in pages:
        assert page.texts("style") == []
        assert all(page.values("script", "src"))
        assert page.values("[style]", "style") == []
        assert page.values("[onclick]", "onclick") == []
