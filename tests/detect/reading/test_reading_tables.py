"""JSON lines: what a line may say, and how a line that says something else is named."""

import json
import time
import tracemalloc

import pytest

from detect.reading import Limits, read
from detect.records import Page, Unreadable


def rows(tmp_path, *lines: str | bytes, **options):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return list(read([path], **options))


def test_a_line_is_a_page_with_its_own_id_url_and_site(tmp_path):
    first, second = rows(
        tmp_path,
        '{"id": "é/1", "text": "a\\nb", "url": "https://www.example.com/1", "site": "mine", "other": [1]}',
        "",
        '{"html": "<title>T</title><link rel=canonical href=https://x.example.com/>b", "text": null}',
    )
    assert first == Page("é/1", "a\nb", "mine", "https://www.example.com/1", first.source)
    assert (second.text, second.site, second.url) == ("T\nb", "example.com", "https://x.example.com/")
    assert second.id == second.source and second.id.endswith("a.jsonl:3")


def test_an_empty_text_is_a_page(tmp_path):
    assert [page.text for page in rows(tmp_path, '{"text": ""}')] == [""]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("{", "not JSON"),
        ("[1, 2]", "a list"),
        ('"text"', "not an object"),
        ("12", "the number 12"),
        ("null", "null"),
        ('{"id": "x"}', "neither"),
        ('{"text": 5}', '"text" is the number 5'),
        ('{"text": NaN}', "neither"),
        ('{"text": ["a"]}', '"text" is a list'),
        ('{"html": {"a": 1}}', '"html" is an object'),
        ('{"text": "a", "url": true}', '"url" is true'),
        ('{"text": "a", "id": ["b"]}', '"id" is a list'),
        ('{"text": "a", "text": "b"}', '"text" 2 times'),
        ("[" * 100_000, "deeply"),
    ],
)
def test_a_bad_line_is_named_by_its_number_and_the_others_go_on(tmp_path, line, word):
    before, bad, after = rows(tmp_path, '{"text": "a"}', line, '{"text": "b"}')
    assert (before.text, after.text) == ("a", "b")
    assert isinstance(bad, Unreadable)
    assert bad.source.endswith(":2") and word in bad.reason


def test_lines_of_winnows_own_manifest_are_passed_over(tmp_path):
    manifest = '{"id": "a", "file": "s/a.txt", "site": "s", "length": 9, "cuts": []}'
    found = rows(tmp_path, manifest, '{"text": "a", "file": "f", "cuts": []}', manifest.replace('"s/a.txt"', "null"))
    assert [page.text for page in found] == ["a"]


def test_numbers_stay_as_they_are_written(tmp_path):
    first, second, third = rows(
        tmp_path,
        '{"text": "a", "id": ' + "9" * 5000 + "}",
        '{"text": "a", "id": 1.50, "url": NaN, "site": null}',
        '{"text": "a", "id": "b", "n": ' + "9" * 5000 + ', "m": [-Infinity]}',
    )
    assert first.id == "9" * 5000
    assert (second.id, second.url, second.site) == ("1.50", "", "")
    assert third.id == "b"


def test_lone_surrogates_nuls_and_bad_bytes_are_replaced_one_for_one_and_counted(tmp_path):
    (page,) = rows(tmp_path, b'{"text": "a\\ud800b\\u0000c\xffd\\ud83d\\ude42", "id": "\\udfff"}')
    assert page.text == "a�b�c�d\U0001f642"
    assert (page.id, page.replaced) == ("�", 4)


def test_a_byte_order_mark_is_passed_over_and_utf16_is_told(tmp_path):
    assert rows(tmp_path, b"\xef\xbb\xbf" + b'{"text": "a"}')[0].text == "a"
    assert "UTF-16" in rows(tmp_path, '{"text": "a"}'.encode("utf-16"))[0].reason


def test_a_line_of_100_mb_is_told_quickly_in_bounded_memory_and_the_next_is_read(tmp_path):
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"text": "')
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n' + json.dumps({"text": "next"}).encode())
    tracemalloc.start()
    start = time.process_time()
    bad, page = read([path])
    seconds, peak = time.process_time() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "100.0 MB" in bad.reason and "32.0 MB" in bad.reason and bad.source.endswith(":1")
    assert page.text == "next"
    assert seconds < 5
    assert peak < 3 * Limits().line_bytes


def test_a_row_over_the_limit_of_a_page_is_told(tmp_path):
    bad, page = rows(tmp_path, '{"text": "abc"}', '{"text": "a"}', limits=Limits(page_chars=2))
    assert "3 characters" in bad.reason
    assert page.text == "a"


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ('"2016-05-03"', "2016-05-03"),
        ('"2016-05-03T10:00:00Z"', "2016-05-03T10:00"),
        ('"2016-05-03 10:00"', "2016-05-03T10:00"),
        ('"2016-05-03T23:30:00-05:00"', "2016-05-04T04:30"),
        ('"Tue, 03 May 2016 10:00:00 GMT"', "2016-05-03T10:00"),
        ('"Published on 3 May 2016"', "2016-05-03"),
        ('"03/05/2016"', ""),
        ('"2016-02-31"', ""),
        ('"yesterday"', ""),
        ('""', ""),
        ('"' + "3 May 2016 " * 100 + '"', ""),
        ("20160503", ""),
        ("1462233600.5", ""),
        ("NaN", ""),
        ("null", ""),
        ("true", ""),
        ('["2016-05-03"]', ""),
        ('{"$date": "2016-05-03"}', ""),
        ('"\\ud800"', ""),
    ],
)
def test_a_date_is_kept_where_it_can_be_read_and_refuses_no_line(tmp_path, value, date):
    text, html = rows(tmp_path, f'{{"text": "a", "date": {value}}}', f'{{"date": {value}, "html": "<p>a"}}')
    assert (text.text, text.date) == (html.text, html.date) == ("a", date)


def test_only_the_field_date_is_the_date(tmp_path):
    twice, other = rows(
        tmp_path,
        '{"text": "a", "date": "2016-05-03", "date": "2016-05-03"}',
        '{"text": "a", "published": "2016-05-03"}',
    )
    assert (twice.date, other.date) == ("2016-05-03", "")
