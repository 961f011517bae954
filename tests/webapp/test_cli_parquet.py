"""Parquet and crawls, on the command line and in an upload: what goes in and comes out is as with JSON lines."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from invented import WORDS, story, upload

import detect
from webapp import parquet
from webapp.actions import Actions
from webapp.cli import main
from webapp.records import PageQuery

SITE = "quay.example"


def winnow(*arguments: object, input: bytes | None = None):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=input)


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def pages(count: int) -> list[dict[str, str]]:
    return [{"id": f"p/{number}", "site": SITE, "text": story(number, SITE)} for number in range(count)]


def table(rows: list[dict[str, str]]) -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), written)
    return written.getvalue()


def warc(rows: list[dict[str, str]]) -> bytes:
    records = []
    for row in rows:
        body = row["text"].encode()
        head = (
            f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <{row['id']}>\r\nContent-Type: text/plain\r\n"
            f"WARC-Target-URI: https://{row['site']}/{row['id']}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        records.append(gzip.compress(head.encode() + body + b"\r\n\r\n"))
    return b"".join(records)


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """Eight pages of one site, in three forms."""
    rows = pages(8)
    (tmp_path / "crawl.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    (tmp_path / "crawl.parquet").write_bytes(table(rows))
    (tmp_path / "crawl.warc.wet.gz").write_bytes(warc(rows))
    return tmp_path


def test_parquet_and_warc_give_what_json_lines_give(crawl):
    for name in ("crawl.jsonl", "crawl.parquet", "crawl.warc.wet.gz"):
        result = winnow("clean", crawl / name, "--format", "spans", "--out", crawl / f"{name}.spans")
        assert result.exit_code == 0, result.output
    spans = [(crawl / f"{name}.spans").read_bytes() for name in ("crawl.jsonl", "crawl.parquet", "crawl.warc.wet.gz")]
    assert spans[0] == spans[1] == spans[2]


@pytest.mark.parametrize("name", ["crawl.parquet", "crawl.warc.wet.gz"])
def test_standard_input_may_be_parquet_or_packed_warc(crawl, name):
    out = crawl / "out.jsonl"
    result = winnow("clean", "-", "--format", "spans", "--out", out, input=(crawl / name).read_bytes())
    assert result.exit_code == 0, result.output
    assert [record["id"] for record in lines(out)] == [f"p/{number}" for number in range(8)]


def test_a_row_that_gives_no_page_is_named_and_the_exit_code_says_so(tmp_path):
    (tmp_path / "a.parquet").write_bytes(table([*pages(3), {"id": "x", "site": SITE, "text": None}]))
    result = winnow("clean", tmp_path / "a.parquet", "--format", "spans", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert result.stderr.count("a.parquet:4: the row has neither") == 1
    assert len(lines(tmp_path / "out")) == 3


@pytest.mark.parametrize("workers", [1, 2])
def test_cleaned_pages_in_parquet_say_what_json_lines_say_but_the_reasons(crawl, workers):
    for form in ("jsonl", "parquet"):
        result = winnow(
            "clean", crawl / "crawl.jsonl", "--format", form, "--out", crawl / f"out.{form}", "--workers", workers
        )
        assert result.exit_code == 0, result.output
    rows = pq.read_table(crawl / "out.parquet").to_pylist()
    for row, record in zip(rows, lines(crawl / "out.jsonl"), strict=True):
        assert row.pop("cuts") is None
        for span, spoken in zip(row["spans"], record["spans"], strict=True):
            spoken.pop("reasons")
            assert span["probability"] == np.float32(spoken["probability"])
            spoken |= {"probability": span["probability"], "repeat": spoken.get("repeat", False)}
        assert row == record


def test_the_columns_have_these_types(crawl):
    assert (
        winnow("clean", crawl / "crawl.parquet", "--format", "parquet", "--out", crawl / "out.parquet").exit_code == 0
    )
    file = pq.ParquetFile(crawl / "out.parquet")
    assert file.schema_arrow.equals(parquet.PAGES)
    assert {file.metadata.row_group(0).column(i).compression for i in range(file.metadata.num_columns)} == {"ZSTD"}
    assert set(parquet.PAGES.names) == {
        *("id", "site", "length", "spans", "url", "title", "date", "byline", "text", "page_text", "cuts")
    }


def test_a_file_is_written_in_row_groups_and_has_the_same_bytes_with_any_number_of_workers(crawl, monkeypatch):
    monkeypatch.setattr(parquet, "_GROUP_CHARS", 1000)
    for workers in (1, 2):
        out = crawl / f"{workers}.parquet"
        winnow("clean", crawl / "crawl.jsonl", "--format", "parquet", "--out", out, "--workers", workers)
    assert pq.ParquetFile(crawl / "1.parquet").num_row_groups > 2
    assert (crawl / "1.parquet").read_bytes() == (crawl / "2.parquet").read_bytes()
    assert pq.read_table(crawl / "1.parquet").column("id").to_pylist() == [f"p/{number}" for number in range(8)]


def test_a_page_without_a_word_has_no_spans(tmp_path):
    (tmp_path / "a.parquet").write_bytes(table([{"id": "empty", "text": ""}, {"id": "b", "text": "Some words here."}]))
    assert (
        winnow("clean", tmp_path / "a.parquet", "--format", "parquet", "--out", tmp_path / "out.parquet").exit_code == 0
    )
    empty, other = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert (empty["spans"], empty["length"]) == ([], 0)
    assert other["spans"][-1]["stop"] == other["length"] == 16


def test_cuts_of_copies_are_in_their_column_with_the_place_of_the_copy_that_stays(tmp_path):
    shared = " ".join(WORDS[:3])
    rows = [{"id": id, "site": f"{id}.example", "text": f"{story(n, id)}\n{shared}"} for n, id in enumerate("ab")]
    (tmp_path / "a.parquet").write_bytes(table(rows))
    for form in ("jsonl", "parquet"):
        out = tmp_path / f"out.{form}"
        assert (
            winnow(
                "clean", tmp_path / "a.parquet", "--format", form, "--out", out, "--one-copy", "representative"
            ).exit_code
            == 0
        )
    written = pq.read_table(tmp_path / "out.parquet").column("cuts").to_pylist()
    told = [record["cuts"] for record in lines(tmp_path / "out.jsonl")]
    assert [[{"kept": None, **cut} for cut in cuts] for cuts in told] == written
    assert any(cut["kept"] for cuts in written for cut in cuts)


def test_parquet_does_not_go_to_standard_output(crawl):
    for command in ("clean", "reuse"):
        result = winnow(command, crawl / "crawl.jsonl", "--format", "parquet", "--out", "-")
        assert result.exit_code == 2 and "writes a file" in result.stderr


def test_what_is_there_stays_when_nothing_could_be_written(crawl, monkeypatch):
    out = crawl / "out.parquet"
    out.write_text("before")
    monkeypatch.setattr(parquet.PageWriter, "flush", lambda self: 1 / 0)
    assert winnow("clean", crawl / "crawl.jsonl", "--format", "parquet", "--out", out).exit_code == 1
    assert out.read_text() == "before"
    assert [path.name for path in crawl.glob(".*")] == [".out.parquet.winnow"]  # to go on with


@pytest.mark.parametrize("options", [(), ("--pages",)])
def test_what_pages_share_is_the_same_in_parquet(tmp_path, options):
    shared = " ".join(WORDS[:3])
    rows = [{"id": f"={n}", "site": f"{n}.example" if n else "", "text": shared} for n in range(3)]
    (tmp_path / "a.parquet").write_bytes(table(rows))
    for form in ("jsonl", "parquet"):
        out = tmp_path / f"out.{form}"
        result = winnow(
            *("reuse", tmp_path / "a.parquet", "--format", form, "--out", out),
            *("--keep-boilerplate", "--site-from", "auto", *options),
        )
        assert result.exit_code == 0, result.output
    written = pq.read_table(tmp_path / "out.parquet").to_pylist()
    told = lines(tmp_path / "out.jsonl")
    assert written and len(written) == len(told)
    for row, record in zip(written, told, strict=True):
        for side in "ab" if not options else ():
            place = {f"{side}_{name}": value for name, value in record.pop(side).items()}
            record |= {f"{side}_site": None, **place}
        assert row == record


def test_an_upload_may_be_parquet_or_a_crawl(actions: Actions, work: Callable[[], None]):
    files = [upload("a.parquet", table(pages(6))), upload("b.warc.wet.gz", warc(pages(9)[6:]))]
    collection = actions.create_collection("Quay").id
    actions.upload(collection, files)
    work()
    shown = actions.pages(collection, PageQuery())
    assert len(shown.rows) == 9


def test_probabilities_of_all_labels_are_those_of_each():
    page = detect.Page("a", story(1, SITE), SITE)
    labels = detect.label(page, detect.learn([page]))
    assert labels.probabilities() == pytest.approx([label.probability for label in labels], abs=1e-12)
