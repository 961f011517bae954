"""Archives: what is in them is read; what is broken, hidden or hostile about them is told, and does no harm."""

import gzip
import io
import json
import struct
import time
import zipfile

from detect.reading import Limits, read
from detect.records import Page, Unreadable


def make_zip(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def results(tmp_path, name: str, content: bytes, **options) -> list[tuple[str, str]]:
    """(what it is called inside the file, its text or the reason that there is none) of each."""
    path = tmp_path / name
    path.write_bytes(content)
    return [
        (found.source.removeprefix(path.as_posix()), found.text if isinstance(found, Page) else "! " + found.reason)
        for found in read([path], **options)
    ]


def test_a_zip_gives_its_members_in_its_own_order_without_what_systems_leave_there(tmp_path):
    content = make_zip(
        ("b/2.txt", b"two"),
        ("b/", b""),
        ("a/1.html", b"<p>one"),
        ("__MACOSX/a/._1.html", b"junk"),
        ("a/.DS_Store", b"junk"),
        ("rows.jsonl.gz", gzip.compress(b'{"text": "three"}\n{"text": "four"}')),
    )
    assert results(tmp_path, "x.zip", content) == [
        ("/b/2.txt", "two"),
        ("/a/1.html", "one"),
        ("/rows.jsonl.gz:1", "three"),
        ("/rows.jsonl.gz:2", "four"),
    ]


def test_a_folder_of_an_archive_is_the_site(tmp_path):
    (tmp_path / "x.zip").write_bytes(make_zip(("news/1.txt", b"a"), ("www.example.org/x/2.txt", b"b"), ("3.txt", b"c")))
    assert [page.site for page in read([tmp_path / "x.zip"], fallback_site="f")] == ["news", "example.org", "f"]


def test_names_that_climb_out_are_only_names(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    found = results(
        inside, "x.zip", make_zip(("../../evil.txt", b"a"), ("/etc/evil.txt", b"b"), ("..\\evil.txt", b"c"))
    )
    assert [text for _, text in found] == ["a", "b", "c"]
    assert [path.name for path in tmp_path.rglob("*")] == ["inside", "x.zip"]


def test_a_broken_member_is_told_and_the_others_go_on(tmp_path):
    content = bytearray(make_zip(("a.txt", b"aaaa"), ("b.txt", b"bbbb"), method=zipfile.ZIP_STORED))
    content[content.index(b"aaaa")] = ord("x")
    first, second = results(tmp_path, "x.zip", bytes(content))
    assert first[1].startswith("! the packed data is damaged")
    assert second == ("/b.txt", "bbbb")


def test_locked_and_unusually_packed_members_are_told(tmp_path):
    content = bytearray(make_zip(("a.txt", b"a"), ("b.txt", b"b")))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    locked, fine = results(tmp_path, "x.zip", bytes(content))
    assert "password" in locked[1]
    assert fine[1] == "b"
    assert "unusual" in results(tmp_path, "y.zip", make_zip(("a.txt", b"a"), method=zipfile.ZIP_LZMA))[0][1]


def test_a_cut_zip_is_told(tmp_path):
    content = make_zip(("a.txt", b"words " * 100))
    for size in (0, 3, 30, len(content) - 5):
        ((_, reason),) = results(tmp_path, "x.zip", content[:size])
        assert reason == "! this is not a whole zip file (cut short, or of another kind): make it again"


def test_overlapping_members_are_refused(tmp_path):
    content = bytearray(make_zip(("a.txt", b"x" * 1000), ("b.txt", b"x" * 1000), method=zipfile.ZIP_STORED))
    second = content.rindex(b"PK\x01\x02")
    content[second + 42 : second + 46] = struct.pack("<L", 0)  # both entries now share one body
    content[second + 46 : second + 51] = b"a.txt"
    assert "overlap" in results(tmp_path, "x.zip", bytes(content))[0][1]


def test_a_zip_bomb_is_stopped_while_it_streams(tmp_path):
    start = time.process_time()
    content = make_zip(("zeros.txt", b"0" * 60_000_000), ("rows.jsonl", b" " * 60_000_000), ("fine.txt", b"fine"))
    packed = time.process_time() - start
    start = time.process_time()
    zeros, rows, fine = results(tmp_path, "x.zip", content)
    assert time.process_time() - start < 3 + packed
    assert "300 times" in rows[1]
    assert zeros[1].startswith("! ")
    assert fine[1] == "fine"


def test_a_file_may_not_unpack_to_more_than_the_limit_in_all(tmp_path):
    content = make_zip(*((f"{i}.txt", str(i).encode() * 4000) for i in range(5)))
    texts = [text for _, text in results(tmp_path, "x.zip", content, limits=Limits(expanded_bytes=10_000))]
    assert [text.startswith("!") for text in texts] == [False, False, True, True, True]
    assert "10.0 kB" in texts[2]


def test_archives_in_archives_are_read_to_a_depth(tmp_path):
    content = b"deep"
    for level in range(3):
        content = make_zip((f"{level}.{'zip' if level else 'txt'}", content))
    assert results(tmp_path, "x.zip", content) == [("/2.zip/1.zip/0.txt", "deep")]
    ((_, reason),) = results(tmp_path, "y.zip", make_zip(("3.zip", content)))
    assert "3 deep" in reason


def test_too_many_members_are_refused(tmp_path):
    content = make_zip(*((f"{i}.txt", b"x") for i in range(20)))
    assert "20 files" in results(tmp_path, "x.zip", content, limits=Limits(members=19))[0][1]
    assert len(results(tmp_path, "x.zip", content, limits=Limits(members=20))) == 20


def test_a_truncated_gzip_gives_what_came_before_and_tells(tmp_path):
    import random

    letters = random.Random(1)
    lines = [json.dumps({"text": "".join(letters.choices("abcdefgh ", k=500))}) for _ in range(2000)]
    content = gzip.compress("\n".join(lines).encode())
    found = results(tmp_path, "a.jsonl.gz", content[: len(content) // 2])
    assert 900 < len(found) < 1100
    assert [text for _, text in found[:-1]] == [json.loads(line)["text"] for line in lines[: len(found) - 1]]
    assert "ends in the middle" in found[-1][1]
    ((_, reason),) = results(tmp_path, "a.txt.gz", gzip.compress(b"words")[:-4])
    assert "ends in the middle" in reason


def test_damaged_gzip_data_is_told(tmp_path):
    content = bytearray(gzip.compress(b"some words that are packed " * 20))
    content[-5] ^= 0xFF
    inside = bytearray(gzip.compress(b"some words that are packed " * 20))
    inside[12:20] = b"\xff" * 8
    for damaged in (bytes(content), bytes(inside), b"no gzip at all"):
        ((_, reason),) = results(tmp_path, "a.txt.gz", damaged)
        assert reason == "! the packed data is damaged, or is not what the name says: pack it or download it again"


def test_a_gz_is_read_as_what_its_inner_name_says(tmp_path):
    assert results(tmp_path, "a.html.gz", gzip.compress(b"<b>a</b>")) == [("", "a")]
    assert results(tmp_path, "a.gz", gzip.compress(b'{"text": "b"}')) == [(":1", "b")]
    assert results(tmp_path, "a.zip.gz", gzip.compress(make_zip(("c.txt", b"c")))) == [("/c.txt", "c")]


def test_what_is_refused_is_unreadable_and_no_exception(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK\x05\x06" + b"\xff" * 18)
    assert all(isinstance(found, Unreadable) for found in read([tmp_path / "x.zip"]))
