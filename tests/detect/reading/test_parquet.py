"""Parquet: what a row may say, and how a row, a column or a file that says something else is named."""

import datetime
import io
import json
import random
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detect.reading import Limits, list_files, read, split_file
from detect.records import Page, Unreadable


def written(path: Path, columns: dict | pa.Table, **how) -> Path:
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), path, **how)
    return path


def found(tmp_path: Path, columns: dict | pa.Table, limits: Limits | None = None, **how) -> list[Page | Unreadable]:
    return list(read([written(tmp_path / "a.parquet", columns, **how)], limits=limits))


def reason(tmp_path: Path, columns: dict | pa.Table) -> str:
    (only,) = found(tmp_path, columns)
    assert isinstance(only, Unreadable), only
    return only.reason


def texts_of(values: list[bytes], kind: pa.DataType) -> pa.Array:
    """A column of text whose bytes nobody looked at."""
    bytes_of = pa.array(values, pa.binary() if kind == pa.string() else pa.large_binary())
    return pa.Array.from_buffers(kind, len(values), bytes_of.buffers())


def test_a_row_is_a_page_with_its_own_id_url_site_and_date_as_a_line_of_json_is(tmp_path):
    rows = [
        {"id": "é/1", "text": "a\nb", "url": "https://www.example.com/1", "site": "mine", "date": "3 May 2016"},
        {"html": "<title>T</title><link rel=canonical href=https://x.example.com/>b", "other": [1]},
        {"text": ""},
        {"id": " c ", "text": "c", "html": "<p>d", "url": "https://a.example.org/"},
    ]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    names = dict.fromkeys(name for row in rows for name in row)
    columns = found(tmp_path, {name: [row.get(name) for row in rows] for name in names})
    lines = list(read([tmp_path / "a.jsonl"]))
    for column, line in zip(columns, lines, strict=True):
        number = column.source.rpartition(":")[2]
        assert column.source == f"{tmp_path.as_posix()}/a.parquet:{number}"
        assert (column.text, column.site, column.url, column.date) == (line.text, line.site, line.url, line.date)
        assert column.id == line.id.replace("a.jsonl", "a.parquet")
    assert [page.text for page in columns] == ["a\nb", "T\nb", "", "c"]


@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())],
    ids=str,
)
def test_text_of_every_type_is_read(tmp_path, kind):
    columns = {name: pa.array([f"{name} 1", None, f"{name} 3"], pa.string()) for name in ("text", "site", "id")}
    columns = {name: column.cast(kind) for name, column in columns.items()}
    first, second, third = found(tmp_path, columns)
    assert (first.text, first.id, first.site) == ("text 1", "id 1", "site 1")
    assert isinstance(second, Unreadable)
    assert third.text == "text 3"


@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd", "lz4", "brotli"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_every_usual_packing_is_read_in_order_over_row_groups(tmp_path, compression, version):
    columns = {"text": [f"page {i}" for i in range(100)]}
    pages = found(tmp_path, columns, compression=compression, data_page_version=version, row_group_size=33)
    assert [page.text for page in pages] == columns["text"]
    assert [page.source.rpartition(":")[2] for page in pages] == [str(i) for i in range(1, 101)]


def test_numbers_may_be_ids_and_nothing_else(tmp_path):
    (page,) = found(tmp_path, {"text": ["a"], "id": pa.array([7], pa.int64())})
    assert page.id == "7"
    for name in ("text", "html", "url", "site"):
        told = reason(tmp_path, {"text": ["a"], name: pa.array([7], pa.int64())})
        assert told == f'the column "{name}" is int64, not string: convert it'


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (pa.array([b"a"], pa.binary()), "is binary, not string"),
        (pa.array([["a"]]), "not string"),
        (pa.array([{"a": 1}]), "not string"),
        (pa.array([1.5]), "is double, not string"),
    ],
)
def test_a_column_of_another_type_is_named(tmp_path, column, words):
    assert words in reason(tmp_path, {"text": column})


def test_a_file_without_texts_or_with_two_columns_of_them_is_named(tmp_path):
    assert '"content", "n"' in reason(tmp_path, {"content": ["a"], "n": [1]})
    twice = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"])
    assert '2 columns "text"' in reason(tmp_path, twice)


def test_a_row_without_text_and_one_that_is_too_long_are_named_and_the_others_go_on(tmp_path):
    limits = Limits(page_chars=2000, page_bytes=5000)
    texts = ["a", None, "x" * 2001, "é" * 2600, "b"]
    htmls = [None, None, None, None, "<p>c"]
    first, empty, long, longer, last = found(tmp_path, {"text": texts, "html": htmls}, limits)
    assert (first.text, last.text) == ("a", "b")
    assert empty.source.endswith("a.parquet:2") and "neither" in empty.reason
    assert long.source.endswith(":3") and "2,001 characters" in long.reason
    assert longer.source.endswith(":4") and "5.2 kB" in longer.reason


def test_a_column_of_nulls_is_as_if_it_were_not_there(tmp_path):
    (page,) = found(tmp_path, {"text": pa.nulls(1), "html": ["<p>a"], "date": pa.nulls(1), "id": pa.nulls(1)})
    assert (page.text, page.date, page.id) == ("a", "", page.source)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_bytes_that_are_no_text_and_nuls_are_replaced_and_counted(tmp_path, kind):
    texts = texts_of([b"w\xffrd\0", b"fine", "�".encode()], kind)
    sites = texts_of([b"s\xfe", b"s", b"s"], kind)
    first, second, third = found(tmp_path, {"text": texts, "site": sites})
    assert (first.text, first.site, first.replaced) == ("w�rd�", "s�", 3)
    assert (second.replaced, third.replaced) == (0, 0)


DAY = datetime.date(2016, 5, 3)
MOMENT = datetime.datetime(2016, 5, 3, 23, 30, 12)
EAST = datetime.timezone(datetime.timedelta(hours=2))


@pytest.mark.parametrize(
    ("column", "date"),
    [
        (pa.array(["2016-05-03T10:00:00Z"]), "2016-05-03T10:00"),
        (pa.array(["2016-05-03"]).dictionary_encode(), "2016-05-03"),
        (pa.array(["3 May 2016 " * 100]), ""),
        (pa.array(["yesterday"]), ""),
        (pa.array([DAY], pa.date32()), "2016-05-03"),
        (pa.array([DAY], pa.date64()), "2016-05-03"),
        (pa.array([MOMENT], pa.timestamp("s")), "2016-05-03T23:30"),
        (pa.array([MOMENT], pa.timestamp("ns")), "2016-05-03T23:30"),
        (pa.array([MOMENT.replace(tzinfo=EAST)], pa.timestamp("us", tz="Europe/Berlin")), "2016-05-03T21:30"),
        (pa.array([datetime.datetime(2016, 5, 3)], pa.timestamp("ms")), "2016-05-03"),
        (pa.array([None], pa.timestamp("ms")), ""),
        (pa.array([2**60], pa.timestamp("ms")), ""),
        (pa.array([2**31 - 1], pa.date32()), ""),
        (pa.array([20160503]), ""),
        (pa.array([["2016-05-03"]]), ""),
    ],
    ids=str,
)
def test_a_date_is_kept_where_it_can_be_read_and_refuses_no_row(tmp_path, column, date):
    (page,) = found(tmp_path, {"text": ["a"], "date": column})
    assert page.date == date


def test_a_file_that_is_cut_or_no_parquet_is_told(tmp_path):
    path = written(tmp_path / "a.parquet", {"text": ["words of a page"] * 1000})
    content = path.read_bytes()
    for part, words in (
        (content[:-5], "cut short or damaged"),
        (content[:8], "cut short or damaged"),
        (b"PAR1", "cut short or damaged"),
        (b"PARE" + content[4:-4] + b"PARE", "encrypted"),
        (b'{"text": "a"}', "no Parquet file"),
        (b"", "no Parquet file"),
    ):
        path.write_bytes(part)
        (only,) = read([path])
        assert only.source.endswith("a.parquet") and words in only.reason


def test_a_damaged_row_group_is_told_and_the_next_is_read(tmp_path):
    letters = random.Random(1)
    texts = ["".join(letters.choices("abcdefgh ", k=500)) for _ in range(300)]
    path = written(
        tmp_path / "a.parquet", {"text": texts}, row_group_size=100, compression="zstd", use_dictionary=False
    )
    column = pq.ParquetFile(path).metadata.row_group(1).column(0)
    content = bytearray(path.read_bytes())
    at = content.index(b"\x28\xb5\x2f\xfd", column.data_page_offset)  # where zstd begins
    content[at : at + 8] = b"\xff" * 8
    path.write_bytes(content)
    results = list(read([path]))
    assert [page.text for page in results if isinstance(page, Page)] == texts[:100] + texts[200:]
    assert results[100].source.endswith(":101") and "to row 200" in results[100].reason


@pytest.mark.parametrize("size", [1, 20_000, 40_000])
def test_a_file_in_parts_gives_in_turn_what_it_gives(tmp_path, size):
    letters = random.Random(3)
    texts = ["".join(letters.choices("abcdefgh ", k=500)) if i % 7 else None for i in range(150)]
    path = written(tmp_path / "a.parquet", {"text": texts, "other": texts}, row_group_size=20)
    (file,) = list_files([path])
    parts = list(split_file(file, size))
    assert len(parts) == {1: 8, 20_000: 4, 40_000: 2}[size]
    assert 0 < sum(bytes for _, bytes in parts) < path.stat().st_size
    assert [one for part, _ in parts for one in read([part])] == list(read([path]))


def test_what_is_small_or_no_parquet_is_one_part(tmp_path):
    path = written(tmp_path / "a.parquet", {"text": ["a", "b"]}, row_group_size=1)
    broken, rows = tmp_path / "b.parquet", tmp_path / "c.jsonl"
    broken.write_bytes(path.read_bytes()[:-9])
    rows.write_text('{"text": "a"}\n' * 9)
    for one, size in ((path, 100_000), (broken, 1), (rows, 1)):
        (file,) = list_files([one])
        assert list(split_file(file, size)) == [(file, one.stat().st_size)]
    assert [size for _, size in split_file(replace(file, path=tmp_path / "gone.parquet"), 1)] == [0]


def test_whatever_is_changed_in_a_file_nothing_is_raised(tmp_path):
    letters = random.Random(2)
    path = written(
        tmp_path / "a.parquet",
        {"text": [f"page {i}" for i in range(60)], "date": pa.array(range(60), pa.date32())},
        row_group_size=25,
    )
    content = path.read_bytes()
    for _ in range(400):
        changed = bytearray(content)
        for _ in range(letters.choice((1, 2, 8))):
            changed[letters.randrange(len(changed))] = letters.randrange(256)
        path.write_bytes(changed[: letters.choice((len(changed), letters.randrange(len(changed))))])
        assert all(isinstance(result, Page | Unreadable) for result in read([path]))


def test_parquet_is_read_from_a_zip_from_gz_and_without_a_suffix(tmp_path):
    content = written(tmp_path / "x", {"text": ["words"]}).read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("s/b.parquet", content)
        archive.writestr("c.pq", content)
    pages = list(read([tmp_path / "a.zip", tmp_path / "x"]))
    assert [page.source.removeprefix(tmp_path.as_posix()) for page in pages] == [
        "/a.zip/s/b.parquet:1",
        "/a.zip/c.pq:1",
        "/x:1",
    ]
    assert [page.site for page in pages] == ["s", "", ""]


def test_what_spark_leaves_beside_its_files_is_passed_over(tmp_path):
    folder = tmp_path / "out.parquet"
    folder.mkdir()
    written(folder / "part-00000-1f.snappy.parquet", {"text": ["words"]})
    for name in ("_SUCCESS", "._SUCCESS.crc", ".part-00000-1f.snappy.parquet.crc", "_metadata"):
        (folder / name).write_bytes(b"crc\0\0")
    (page,) = read([folder])
    assert page.text == "words"


def test_one_word_said_in_very_many_rows_is_stopped_at_the_limit_of_what_a_file_unpacks_to(tmp_path):
    text = "word " * 100_000
    same = pa.table({"text": pa.DictionaryArray.from_arrays([0] * 100_000, [text])})
    for store_schema in (False, True):
        few = found(tmp_path, same, Limits(expanded_bytes=20_000_000), compression="zstd", store_schema=store_schema)
        assert 10 < len(few) < 100
        assert "unpacks to more than 20.0 MB" in few[-1].reason
    assert (tmp_path / "a.parquet").stat().st_size < 10_000


MEASURED = """
import sys
from pathlib import Path
import pyarrow as pa
from detect.reading import read
print(sum(len(page.text) for page in read([Path(sys.argv[1])])), pa.default_memory_pool().max_memory())
"""


def test_a_large_row_group_is_read_in_little_memory(tmp_path):
    noise = np.random.default_rng(1).integers(97, 123, 60_000_000, dtype=np.uint8).tobytes().decode()
    rows = [noise[at : at + 10_000] for at in range(0, len(noise), 10_000)]
    path = written(tmp_path / "a.parquet", {"text": rows}, row_group_size=len(rows), compression="zstd")
    done = subprocess.run([sys.executable, "-c", MEASURED, path], capture_output=True, text=True, check=True)
    chars, peak = map(int, done.stdout.split())
    assert chars == len(noise)
    assert peak < 40_000_000


def test_reading_other_files_does_not_load_arrow():
    code = "import sys, detect; list(detect.read([])); print('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"


def test_other_columns_are_not_read(tmp_path):
    path = written(tmp_path / "a.parquet", {"text": ["a", "b"], "other": ["x" * 1000, "y" * 1000]}, compression="none")
    column = pq.ParquetFile(path).metadata.row_group(0).column(1)
    content = bytearray(path.read_bytes())
    start = column.dictionary_page_offset or column.data_page_offset
    content[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(content)
    with pytest.raises(OSError):
        pq.read_table(io.BytesIO(content))
    assert [page.text for page in read([path])] == ["a", "b"]
