"""`--engine spark`: on Spark in this machine the rows are those of the local engine; what it has not is refused."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from invented import story

from detect import Memory
from webapp.cli import main

SPARK = ("--engine", "spark", "--master", "local[2]")
SITES = {"quay.example": 120, "mill.example": 40, "lyng.example": 30, "uphill.example": 8}


def winnow(*arguments: object):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of a large site and three small ones, of no site, and in a folder; with a line and a row that are no page."""
    folder = tmp_path_factory.mktemp("spark") / "crawl"
    folder.mkdir()
    rows = [
        {"id": f"{site}/{number}", "site": site, "text": story(number, site)}
        for site, pages in SITES.items()
        for number in range(pages)
    ]
    stray = {"id": "stray", "site": None, "text": story(3, "nowhere") + "\nHalf of 𝒳 and of \ud83d are left."}
    mixed = [*rows[::2], {"id": "empty", "site": "mill.example", "text": None}, stray]
    pq.write_table(pa.Table.from_pylist([row for row in mixed if row is not stray]), folder / "even.parquet")
    odd = [json.dumps(row) + "\n" for row in [*rows[1::2], stray]]
    (folder / "odd.jsonl").write_text("".join([odd[0], "{no page\n", *odd[1:]]), "utf-8")
    (folder / "harbour.example").mkdir()
    for number in range(3):
        (folder / "harbour.example" / f"{number}.txt").write_text(story(number, "harbour.example"), "utf-8")
    return folder


@pytest.fixture(scope="module")
def spark() -> Iterator[None]:
    """One Spark for all tests: what is under way is used and left as it is."""
    for name in ("pyspark", "pandas"):
        pytest.importorskip(name, reason=f"NOTHING OF SPARK IS TESTED: {name} is not installed")
    if shutil.which("java") is None:
        pytest.skip("NOTHING OF SPARK IS TESTED: there is no Java")
    import detect

    with detect.spark_session("local[2]", 4):
        yield


def by_id(rows: list[dict]) -> list[dict]:
    return sorted(rows, key=lambda row: row["id"])


def table(folder: Path) -> list[dict]:
    return by_id(pq.read_table(folder).to_pylist())


def lines(*paths: Path) -> list[dict]:
    return by_id([json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()])


def told(output: str) -> list[str]:
    return [line for line in output.splitlines() if " written to " not in line and " kept in " not in line]


def test_the_rows_in_parquet_are_those_of_the_local_engine(spark, crawl: Path, tmp_path: Path):
    here = winnow("clean", crawl, "--out", tmp_path / "here.parquet", "--format", "parquet")
    there = winnow("clean", crawl, "--out", tmp_path / "there", "--format", "parquet", *SPARK)
    assert here.exit_code == there.exit_code == 1, there.output
    assert told(there.output) == told(here.output)
    assert "202 pages written to" in there.output
    assert "2 failed" in there.output
    assert table(tmp_path / "there") == table(tmp_path / "here.parquet")
    assert pq.read_schema(next((tmp_path / "there").iterdir())) == pq.read_schema(tmp_path / "here.parquet")
    assert {path.suffix for path in (tmp_path / "there").iterdir()} == {".parquet"}


def test_the_lines_of_labels_are_those_of_the_local_engine(spark, crawl: Path, tmp_path: Path):
    arguments = ("--format", "spans", "--site-from", "none", "--keep-comments")
    winnow("clean", crawl, "--out", tmp_path / "here.jsonl", *arguments)
    there = winnow("clean", crawl, "--out", tmp_path / "there", *arguments, *SPARK)
    assert "202 pages written to" in there.output
    assert lines(*(tmp_path / "there").iterdir()) == lines(tmp_path / "here.jsonl")


def test_what_was_learned_there_is_what_is_learned_here_and_serves_there(spark, crawl: Path, tmp_path: Path):
    here, there = tmp_path / "here.memory", tmp_path / "there.memory"
    winnow("learn", crawl, "--memory", here)
    assert winnow("learn", crawl, "--memory", there, *SPARK).exit_code == 1
    assert Memory.load(there) == Memory.load(here)
    assert sorted(tmp_path.iterdir()) == [here, there]
    one = crawl / "harbour.example"
    known = ("--memory", there, "--no-learn", "--format", "jsonl")
    assert winnow("clean", one, "--out", tmp_path / "cleaned", *known, *SPARK).exit_code == 0
    winnow("clean", one, "--out", tmp_path / "cleaned.jsonl", *known)
    assert lines(*(tmp_path / "cleaned").iterdir()) == lines(tmp_path / "cleaned.jsonl")


def test_where_nothing_is_a_page_nothing_is_written(spark, tmp_path: Path):
    (tmp_path / "none.jsonl").write_text("{no page\n", "utf-8")
    result = winnow("clean", tmp_path / "none.jsonl", "--out", tmp_path / "out", "--format", "jsonl", *SPARK)
    assert result.exit_code == 1
    assert "nothing was written" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["none.jsonl"]


def test_a_task_that_fails_is_told_in_a_line_and_leaves_nothing(spark, crawl: Path, tmp_path: Path, monkeypatch):
    def fails(item: object) -> Iterator[None]:
        raise RuntimeError("the disk is gone")
        yield

    monkeypatch.setattr("webapp.cli.on_spark.Input.read", fails)
    result = winnow("clean", crawl, "--out", tmp_path / "out", "--format", "jsonl", *SPARK)
    assert result.exit_code == 1
    assert "Error: Spark gave up: RuntimeError: the disk is gone" in result.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--format", "text"), "--format text"),
        (("--format", "parquet", "--one-copy", "earliest"), "--one-copy"),
        (("--format", "parquet", "--resume"), "--resume"),
        (("--format", "parquet", "--workers", "2"), "--workers"),
    ],
)
def test_what_spark_has_not_is_refused(arguments, named, crawl: Path, tmp_path: Path):
    result = winnow("clean", crawl, "--out", tmp_path / "out", *arguments, *SPARK)
    assert result.exit_code == 2
    assert f"{named} is not there with --engine spark" in " ".join(result.output.split())


def test_standard_streams_and_a_folder_that_is_full_are_refused(crawl: Path, tmp_path: Path):
    for inputs, out in ((crawl, "-"), ("-", tmp_path / "out"), (crawl / "odd.jsonl", crawl)):
        assert winnow("clean", inputs, "--out", out, "--format", "spans", *SPARK).exit_code == 2


def test_forgetting_and_a_cluster_for_the_local_engine_are_refused(crawl: Path, tmp_path: Path):
    assert winnow("learn", crawl, "--memory", tmp_path / "m", "--forget", *SPARK).exit_code == 2
    assert "--engine spark" in winnow("learn", crawl, "--memory", tmp_path / "m", "--master", "local[2]").output


def test_without_pyspark_it_is_said_what_to_install(crawl: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    result = winnow("clean", crawl, "--out", tmp_path / "out", "--format", "spans", *SPARK)
    assert result.exit_code == 1
    assert "pip install 'winnow[spark]'" in result.output
    assert not list(tmp_path.iterdir())
