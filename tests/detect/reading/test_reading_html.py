"""HTML as text: everything that is shown, one block a line, and no page that hangs the reader."""

import time

import pytest

from detect.reading.html import declared_charset, flatten, looks_like_html
from detect.reading.limits import Limits

PAGE = """<!DOCTYPE html><html><head><title> My &amp;
 title</title><link rel="canonical" href="https://example.com/a"><style>p {}</style></head>
<body><!-- <p>note</p> --><nav><ul><li>Home</li><li>About<ul><li>Us</li></ul></li></ul></nav>
<h1>Head   line</h1><p>One <b>bold</b>&nbsp;word<br>second line</p><script>var x = "<p>no</p>";</script>
<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>
<select><option>red</option><option>blue</option></select><footer>End &copy;</footer></body></html>"""
LINES = """My & title
Home
About
Us
Head line
One bold word
second line
A\tB
1\t2
red blue
End ©"""


def test_a_page_is_its_title_and_everything_that_is_shown_a_block_a_line():
    assert flatten(PAGE, Limits()) == (LINES, "https://example.com/a")


def test_a_page_too_deep_for_a_tree_keeps_the_same_lines():
    assert flatten(PAGE, Limits(html_depth=2)).text == LINES.replace("red blue", "red\nblue")


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ('<link rel=canonical href="/only/a/path">', ""),
        ('<link rel=canonical href="javascript:alert(1)">', ""),
        ('<link rel=canonical href="https://[broken">', ""),
        ('<meta property="og:url" content=" https://example.com/b ">', "https://example.com/b"),
    ],
)
def test_only_an_absolute_web_address_is_the_pages_own(link, url):
    assert flatten(f"<html><head>{link}</head><p>x", Limits()).url == url


@pytest.mark.parametrize(
    "text", ["<!doctype html>x", "\n <!-- a --> <html>", "<div class=a>x</div>", "<?xml version='1.0'?><html>", "<P>x"]
)
def test_html_is_told_by_how_it_begins(text):
    assert looks_like_html(text)


@pytest.mark.parametrize("text", ["", "a <b>c</b>", "<3 this", "<pre-order> now", "x < y"])
def test_text_with_a_bracket_is_not_html(text):
    assert not looks_like_html(text)


@pytest.mark.parametrize(
    ("head", "charset"),
    [
        (b"<meta charset=koi8-r>", "koi8-r"),
        (b'<META http-equiv="Content-Type" content="text/html; charset=Big5">', "Big5"),
        (b'<?xml version="1.0" encoding="latin1"?>', "latin1"),
        (b"<p>charset=utf-8", ""),
    ],
)
def test_the_declared_encoding_is_found(head, charset):
    assert declared_charset(head) == charset


MANY = 32_000
TRAPS = {
    "divs": "<div>" * MANY + "x" + "</div>" * MANY,
    "lists": "<ul><li>x" * MANY,
    "fonts": "".join(f"<font color={i}>" for i in range(MANY)) + "<p>x" * 5,
    "attributes": "<div " + " ".join(f"a{i}=1" for i in range(MANY)) + ">x",
    "misnested": "x" + "<b><div></b>" * MANY,
    "comments": "x" + "<!--" * MANY,
    "scripts": "x" + "<script " * MANY,
    "quotes": "x" + "<a b=\"'" * MANY,
    "titles": "x" + "<title></titl" * MANY,
    "brackets": "x" + "<a<" * MANY,
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_for_tree_builders_answers_within_two_seconds(name):
    start = time.process_time()
    text = flatten("<html><body>" + TRAPS[name], Limits()).text
    assert time.process_time() - start < 2
    assert text.startswith("x") or name == "titles"
    assert len(text) < 20 * len(TRAPS[name])
