"""Files as people have them: each gives its pages, or a reason that says what to do."""

import gzip
import json
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detect.reading import Limits, PageTooLarge, read, read_text
from detect.records import Page, Unreadable

HTML = "<!doctype html><title>One &amp; two</title><nav><a>Home</a></nav><p>Text <b>of</b> it.<p>More."


def found(path: Path, **options) -> list[Page | Unreadable]:
    return list(read([path], **options))


def pages(path: Path, **options) -> list[Page]:
    results = found(path, **options)
    assert all(isinstance(page, Page) for page in results), results
    return results


def reasons(path: Path, **options) -> list[str]:
    results = found(path, **options)
    assert all(isinstance(result, Unreadable) for result in results), results
    return [result.reason for result in results]


def write(path: Path, content: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_text_stays_as_it_is_to_the_last_white_space(tmp_path):
    text = "One line\r\n\r\n  another \U0001f642 line\t\n"
    (page,) = pages(write(tmp_path / "a.txt", text))
    assert (page.text, page.replaced, page.site) == (text, 0, "")
    assert page.id == page.source == (tmp_path / "a.txt").as_posix()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "cp1251", "utf-8"])
def test_encodings_are_told_by_mark_or_content(tmp_path, encoding):
    text = "Привет, мир! Это страница на русском языке, и её надо прочитать целиком."
    (page,) = pages(write(tmp_path / "a.txt", text.encode(encoding)))
    assert (page.text, page.replaced) == (text, 0)


def test_html_declares_its_encoding(tmp_path):
    html = '<html><meta charset="windows-1251"><p>Да</p>'
    (page,) = pages(write(tmp_path / "a.html", html.encode("cp1251")))
    assert page.text == "Да"


def test_invalid_bytes_and_nuls_are_replaced_and_counted_but_a_valid_fffd_is_not(tmp_path):
    (page,) = pages(write(tmp_path / "a.txt", "naïve café � ".encode() + b"\xff\x00 end"))
    assert page.text == "naïve café � �� end"
    assert page.replaced == 2


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"%PDF-1.7 text", "PDF"),
        (b"\x89PNG\r\n", "picture"),
        (bytes(range(256)) * 10, "binary"),
        (b"", "no text"),
        (b" \n", "no text"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.unknown"])
def test_what_is_no_text_is_refused_with_the_reason(tmp_path, content, word, name):
    (reason,) = reasons(write(tmp_path / name, content))
    assert word in reason


@pytest.mark.parametrize(("content", "count"), [(HTML, 1), ("Plain words.", 1), ('{"text": "a"}\n{"text": "b"}', 2)])
def test_without_a_telling_name_the_content_tells(tmp_path, content, count):
    results = pages(write(tmp_path / "page", content))
    assert len(results) == count
    assert "<" not in results[0].text


def test_a_missing_file_a_pipe_and_a_json_array_are_told(tmp_path):
    assert "no such file" in reasons(tmp_path / "none.txt")[0]
    assert "one object a line" in reasons(write(tmp_path / "a.json", '[{"text": "a"}]'))[0]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.txt")
        assert "ordinary file" in reasons(tmp_path / "pipe.txt")[0]


def test_a_folder_is_read_in_sorted_order_without_what_systems_leave_there(tmp_path):
    for name in ("b/2.txt", "b/1.html", "a/x.jsonl", "z.txt", "b/.DS_Store", "__MACOSX/b/1.txt", ".git/config"):
        write(tmp_path / name, json.dumps({"text": "words"}))
    results = pages(tmp_path)
    assert [Path(page.source).relative_to(tmp_path).as_posix() for page in results] == [
        "a/x.jsonl:1",
        "b/1.html",
        "b/2.txt",
        "z.txt",
    ]
    assert [page.site for page in results] == ["a", "b", "b", ""]


def test_names_stand_for_paths_and_tell_the_folder(tmp_path):
    path = write(tmp_path / "upload-1", "Words.")
    (page,) = pages(path, names={path: "crawl/www.example.co.uk/2024/a.txt"})
    assert (page.source, page.site) == ("crawl/www.example.co.uk/2024/a.txt", "example.co.uk")


@pytest.mark.parametrize(
    ("site_from", "site"),
    [("auto", "given"), ("url", "example.com"), ("folder", "folder"), ("none", "")],
)
def test_the_site_comes_from_where_it_is_asked_from(tmp_path, site_from, site):
    row = json.dumps({"text": "a", "site": "given", "url": "https://news.example.com/1"})
    write(tmp_path / "folder" / "a.jsonl", row)
    assert pages(tmp_path, site_from=site_from, fallback_site="other")[0].site == site


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.news.kite.example/a", "kite.example"),
        ("kite.example", "kite.example"),
        ("https://www.example.co.uk/a", "example.co.uk"),
        ("https://co.uk/a", "co.uk"),
        ("http://a.b.lan:8000/", "b.lan"),
        ("http://192.168.1.20/a", "192.168.1.20"),
        ("http://[2001:db8::1.2.3.4]/a", "2001:db8::1.2.3.4"),
        ("http://localhost:8000/a", "localhost"),
        ("", ""),
    ],
)
def test_an_address_gives_its_registered_domain_or_its_last_two_labels(url, site):
    assert read_text("Words.", id="1", url=url).site == site


@pytest.mark.parametrize(
    ("site_from", "site"), [("auto", "other"), ("url", "other"), ("folder", "other"), ("none", "")]
)
def test_the_fallback_serves_when_nothing_tells_the_site(tmp_path, site_from, site):
    path = write(tmp_path / "a.txt", "Words.")
    assert pages(path, site_from=site_from, fallback_site="other")[0].site == site


def test_a_page_over_the_limit_says_its_size_and_the_limit_and_the_others_go_on(tmp_path):
    write(tmp_path / "1.txt", "x" * 5001)
    write(tmp_path / "2.txt", "é" * 2001)
    write(tmp_path / "3.txt", "fine")
    first, second, third = found(tmp_path, limits=Limits(page_chars=2000, page_bytes=5000, line_bytes=5000))
    assert "5.0 kB" in first.reason
    assert "2,001" in second.reason and "2,000" in second.reason
    assert third.text == "fine"


def test_a_file_over_the_limit_is_not_opened(tmp_path):
    (reason,) = reasons(write(tmp_path / "a.jsonl", "x" * 2000), limits=Limits(file_bytes=1000))
    assert "2.0 kB" in reason and "1.0 kB" in reason


def test_a_paste_is_read_as_text_or_as_html():
    page = read_text("Words\0 and \ud800.", id="1", url="https://a.example.org/x")
    assert (page.text, page.replaced, page.site) == ("Words� and �.", 2, "example.org")
    assert read_text(HTML, id="1").text == "One & two\nHome\nText of it.\nMore."
    assert read_text("a < b and <c", id="1").text == "a < b and <c"
    with pytest.raises(PageTooLarge, match="11 characters"):
        read_text("x" * 11, id="1", limits=Limits(page_chars=10))


def _zip_of(content: bytes) -> bytes:
    import io

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", content)
        archive.writestr("b.jsonl", content)
    return buffer.getvalue()


@st.composite
def _hostile(draw) -> bytes:
    """Any bytes, also with the beginnings of what is read, and real archives with a part changed or cut."""
    start = draw(
        st.sampled_from([b"", b"<html>", b'{"text": "', b"PK\x03\x04", b"\x1f\x8b\x08", b"\xff\xfe", b"\xef\xbb\xbf"])
    )
    content = start + draw(st.binary(max_size=300))
    pack = draw(st.sampled_from([bytes, gzip.compress, _zip_of]))
    packed = bytearray(pack(content))
    for place, byte in draw(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=4)):
        if packed:
            packed[place % len(packed)] = byte
    return bytes(packed[: draw(st.integers(0, 10_000))])


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=_hostile(),
    name=st.sampled_from(
        ["a", "a.txt", "a.html", "a.jsonl", "a.zip", "a.gz", "a.jsonl.gz", "a.zip.gz", "a.json", "a.x"]
    ),
)
def test_any_bytes_give_pages_or_reasons_and_never_raise(tmp_path, content, name):
    for result in found(write(tmp_path / name, content)):
        assert isinstance(result, (Page, Unreadable))
        if isinstance(result, Page):
            (result.text + result.id + result.site + result.url).encode()
            assert "\0" not in result.text
        else:
            assert result.reason
