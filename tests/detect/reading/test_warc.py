"""WARC and WET: which records are pages, and what is told of files that are cut, damaged or made to do harm."""

import gzip
import io
import random
import time
import tracemalloc
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc.stream_io import BrotliWriter, ZstdWriter
from fastwarc.warc import WarcRecord, WarcRecordType

from detect.reading import Limits, read
from detect.records import Page, Unreadable

URL = "https://www.example.org/a"


def record(
    kind: str, body: bytes, content_type: str = "application/http; msgtype=response", *, url: str = URL, **more: object
) -> bytes:
    """A record by hand. `more` sets other headers, their names with _ for -."""
    headers = {
        "WARC_Type": kind,
        "WARC_Target_URI": url,
        "WARC_Date": "2024-05-01T10:11:12Z",
        "WARC_Record_ID": f"<urn:uuid:{zlib.crc32(body)}>",
        "Content_Type": content_type,
        "Content_Length": len(body),
        **more,
    }
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items() if value is not None)
    return b"WARC/1.0\r\n" + lines.encode() + b"\r\n" + body + b"\r\n\r\n"


def answer(body: bytes, content_type: str = "text/html", status: str = "200 OK", **more: str) -> bytes:
    """A record of what a server answered."""
    headers = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in more.items())
    return record("response", f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{headers}\r\n".encode() + body)


def text(body: str | bytes, **more: object) -> bytes:
    """A record of a .wet file."""
    return record("conversion", body if isinstance(body, bytes) else body.encode(), "text/plain", **more)


def found(
    tmp_path: Path, content: bytes, name: str = "a.warc", limits: Limits | None = None
) -> list[Page | Unreadable]:
    path = tmp_path / name
    path.write_bytes(content)
    return list(read([path], limits=limits))


def told(results: list[Page | Unreadable]) -> list[str]:
    """The text of each page; of what is none, the number of its record, and the reason."""
    return [
        one.text if isinstance(one, Page) else f"! {one.source.partition('a.warc')[2]} {one.reason}" for one in results
    ]


def test_the_text_of_a_record_is_a_page_with_its_address_and_id_and_no_date_but_its_own(tmp_path):
    (page,) = found(tmp_path, text("Words.\nMore.", WARC_Record_ID="<urn:uuid:1>"), "a.wet")
    source = f"{tmp_path.as_posix()}/a.wet:1"
    assert page == Page("urn:uuid:1", "Words.\nMore.", "example.org", URL, source)


def test_html_is_flattened_and_plain_text_is_not(tmp_path):
    plain = answer(b"<p>one", "text/plain")
    content = answer(b"<title>T</title><p>one<p>two") + plain + answer(b"<p>x", "application/xhtml+xml; q=1")
    assert told(found(tmp_path, content)) == ["T\none\ntwo", "<p>one", "x"]


def test_what_fastwarc_writes_is_read(tmp_path):
    written = io.BytesIO()
    for kind, body in ((WarcRecordType.warcinfo, b"software: x"), (WarcRecordType.conversion, "Wörter".encode())):
        one = WarcRecord()
        one.init_headers(kind)
        one.record_date = datetime(2020, 2, 3, 4, 5, tzinfo=UTC)
        one.headers["WARC-Target-URI"] = URL
        one.headers["Content-Type"] = "text/plain"
        one.set_bytes_content(body)
        one.write(written, checksum_data=True)
    (page,) = found(tmp_path, gzip.compress(written.getvalue()), "a.warc.wet.gz")
    assert (page.text, page.date, page.url) == ("Wörter", "", URL)


def test_what_is_no_page_is_passed_over_without_a_word(tmp_path):
    content = (
        record("warcinfo", b"software: x", "application/warc-fields")
        + record("request", b"GET / HTTP/1.1\r\n\r\n", "application/http; msgtype=request")
        + answer(b"GIF89a", "image/gif")
        + answer(b"<p>gone", status="404 Not Found")
        + answer(b"", status="301 Moved", Location="/b")
        + answer(b" \n")
        + record("metadata", b"fetchTimeMs: 3", "application/warc-fields")
        + record("revisit", b"HTTP/1.1 200 OK\r\n\r\n")
        + record("response", b"")
        + record("response", b"nothing like HTTP")
        + record("response", b"20240501", "text/dns")
        + record("conversion", b"GIF89a", "image/gif")
        + answer(b"<p>page")
    )
    (page,) = found(tmp_path, content)
    assert page.text == "page" and page.source.endswith("a.warc:13")
    (only,) = found(tmp_path, answer(b"GIF89a", "image/gif") * 1200)
    assert "no page is among its records (1,200)" in only.reason


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<p>Да".encode("cp1251"), "text/html; charset=windows-1251"),
        ("<p>Да".encode("cp1251"), 'Text/HTML;Charset="CP1251"'),
        ('<meta charset="windows-1251"><p>Да'.encode("cp1251"), "text/html"),
        ('<meta charset="windows-1251"><p>Да'.encode("cp1251"), "text/html; charset=no-such"),
        ('<meta charset="koi8-r"><p>Да'.encode("cp1251"), "text/html; charset=windows-1251"),
        ("<p>Да".encode(), "text/html"),
        ("\ufeff<p>Да".encode(), "text/html; charset=windows-1251"),
        ("Да".encode("cp1251"), "text/plain; charset=windows-1251"),
    ],
)
def test_the_server_names_the_encoding_else_the_page_else_its_content_tells(tmp_path, body, content_type):
    (page,) = found(tmp_path, answer(body, content_type))
    assert (page.text, page.replaced) == ("Да", 0)


def test_what_is_no_text_is_replaced_and_counted(tmp_path):
    wet, html = found(tmp_path, text(b"w\xffrd\0") + answer(b"<p>w\xffrd", "text/html; charset=utf-8"))
    assert (wet.text, wet.replaced) == ("w�rd�", 2)
    assert (html.text, html.replaced) == ("w�rd", 1)


def brotli(data: bytes) -> bytes:
    packed = io.BytesIO()
    with BrotliWriter(packed) as writer:
        writer.write(data)
    return packed.getvalue()


def zstd(data: bytes) -> bytes:
    packed = io.BytesIO()
    with ZstdWriter(packed) as writer:
        writer.write(data)
    return packed.getvalue()


def bare_deflate(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


def chunked(data: bytes, size: int = 7) -> bytes:
    parts = [data[at : at + size] for at in range(0, len(data), size)] + [b""]
    return b"".join(b"%x;x=y\r\n%b\r\n" % (len(part), part) for part in parts)


HTML = b"<p>" + b"words of a page " * 50


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", bare_deflate),
        ("br", brotli),
        ("zstd", zstd),
        ("identity", bytes),
    ],
)
def test_an_answer_is_unpacked_and_put_together(tmp_path, name, pack):
    content = (
        answer(pack(HTML), Content_Encoding=name)
        + answer(chunked(pack(HTML)), Content_Encoding=name, Transfer_Encoding="chunked")
        + answer(HTML, Content_Encoding=name, Transfer_Encoding="chunked")  # as many crawlers keep it
    )
    assert told(found(tmp_path, content)) == [HTML[3:].decode().strip()] * 3


def test_an_answer_that_a_crawler_cut_off_is_read_as_far_as_it_goes(tmp_path):
    letters = random.Random(1)
    html = b"<p>" + "".join(letters.choices("abcdefgh", k=3000)).encode()
    packed = gzip.compress(html)
    cut = (
        answer(chunked(html, 500)[:1200], Transfer_Encoding="chunked"),
        answer(packed[: len(packed) // 2], Content_Encoding="gzip"),
    )
    for (page,) in (found(tmp_path, one) for one in cut):
        assert html[3:].decode().startswith(page.text) and len(page.text) > 1000


def test_a_page_that_is_too_long_or_no_text_is_named_by_its_record_and_the_others_go_on(tmp_path):
    limits = Limits(page_bytes=5000, page_chars=1000)
    content = (
        text("x" * 5001)
        + text("x" * 1001)
        + answer(gzip.compress(b"x" * 9000), Content_Encoding="gzip")
        + answer(b"\x89PNG\r\n")
        + answer(b"<p>a", X="y" * 300_000)
        + answer(b"<p>fine")
    )
    results = told(found(tmp_path, content, limits=limits))
    assert results[-1] == "fine"
    words = ("5.0 kB", "1,001 characters", "5.0 kB", "a picture", "headers of the answer")
    for number, (result, word) in enumerate(zip(results[:-1], words, strict=True), 1):
        assert result.startswith(f"! :{number} ") and word in result


@pytest.mark.parametrize("cut", [5, 9, 30, 150, 200])
def test_a_cut_file_gives_what_came_before_and_tells(tmp_path, cut):
    content = text("One.") + text("Two words.")
    one, reason = told(found(tmp_path, content[:-cut]))
    assert one == "One."
    assert reason == "!  from record 2 on the file is cut short or damaged: download it or make it again"
    picture = text("One.") + answer(b"GIF89a" * 100, "image/gif")
    assert "from record 2 on" in told(found(tmp_path, picture[:-cut]))[1]


def test_a_cut_gzip_gives_what_came_before_and_tells(tmp_path):
    content = b"".join(gzip.compress(text(f"Page {i} of a crawl.")) for i in range(100))
    results = told(found(tmp_path, content[: len(content) // 2 + 20], "a.warc.gz"))
    assert 40 < len(results) < 60
    assert "ends in the middle of its packed data" in results[-1]
    whole = gzip.compress(b"".join(text(f"Page {i} of a crawl.") for i in range(100)))
    assert "ends in the middle" in told(found(tmp_path, whole[:-10], "a.warc.gz"))[-1]


@pytest.mark.parametrize("length", [10**9, 2**63 + 5, 2**64 + 5, 3, -5, "many", "", None])
def test_a_record_that_lies_about_its_length_is_told(tmp_path, length):
    *_, last = told(found(tmp_path, text("One.") + text("Two words.", Content_Length=length) + text("Three.")))
    assert "cut short or damaged" in last


@pytest.mark.parametrize("content", [b"", b"garbage", b"\0" * 100_000, gzip.compress(b"x"), b'{"text": "a"}'])
def test_what_is_no_warc_is_told(tmp_path, content):
    assert "no WARC file" in told(found(tmp_path, content))[0]
    assert told(found(tmp_path, text("One.") + content + text("Two.")))[0] == "One."


def test_endless_headers_are_not_kept(tmp_path):
    assert "damaged" in told(found(tmp_path, text("a", X="y" * 2_000_000)))[0]
    assert "damaged" in told(found(tmp_path, b"WARC/1.0\r\n" + b"A: b\r\n" * 500_000))[0]


def test_a_flood_of_zeros_is_stopped_in_bounded_memory(tmp_path):
    head = text("fine") + record("response", b"", Content_Length=10**9)
    packed = zlib.compressobj(9, wbits=31)
    content = packed.compress(head) + b"".join(packed.compress(b"\0" * 10**7) for _ in range(30)) + packed.flush()
    bomb = answer(gzip.compress(b"0" * 100_000_000), Content_Encoding="gzip")
    tracemalloc.start()
    start = time.process_time()
    zeros = told(found(tmp_path, content, "a.warc.gz"))
    bombs = told(found(tmp_path, bomb + text("fine")))
    many = told(found(tmp_path, bomb * 30, limits=Limits(expanded_bytes=100_000_000)))
    seconds, peak = time.process_time() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert zeros[0] == "fine" and "300 times" in zeros[1]
    assert "20.0 MB" in bombs[0] and bombs[1] == "fine"
    assert len(many) < 10 and "unpacks to more than 100.0 MB" in many[-1]
    assert seconds < 10
    assert peak < 100_000_000


def test_warc_is_read_from_a_zip_and_without_a_suffix(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.warc", text("one"))
        archive.writestr("c.warc.gz", gzip.compress(text("two")))
    (tmp_path / "x").write_bytes(text("three"))
    (tmp_path / "y").write_bytes(gzip.compress(text("four")))
    pages = list(read([tmp_path / "a.zip", tmp_path / "x", tmp_path / "y"]))
    assert [page.text for page in pages] == ["one", "two", "three", "four"]
    assert [page.source.removeprefix(tmp_path.as_posix()) for page in pages] == [
        "/a.zip/b.warc:1",
        "/a.zip/c.warc.gz:1",
        "/x:1",
        "/y:1",
    ]


def test_whatever_is_changed_in_a_file_nothing_is_raised(tmp_path):
    letters = random.Random(2)
    packed = answer(gzip.compress(HTML), Content_Encoding="gzip") + answer(brotli(HTML), Content_Encoding="br")
    content = packed + answer(chunked(HTML), Transfer_Encoding="chunked") + text("words") + answer(HTML)
    for _ in range(600):
        changed = bytearray(content)
        for _ in range(letters.choice((1, 2, 8))):
            at = letters.randrange(len(changed))
            changed[at : at + letters.choice((0, 1, 9))] = letters.randbytes(letters.choice((0, 1, 9)))
        results = found(tmp_path, bytes(changed[: letters.choice((len(changed), letters.randrange(len(changed))))]))
        assert all(isinstance(result, Page | Unreadable) for result in results)
