"""`--engine spark`: on Spark in this machine the rows are those of the local engine; what it has not is refused."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from invented import paragraph, story

import detect
from detect import Memory
from webapp.cli import main
from webapp.cli.batch import opened
from webapp.cli.on_spark import tasks_of
from webapp.cli.reuse_on_spark import KNOWN, LOST, Bind

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
    even = pa.Table.from_pylist([row for row in mixed if row is not stray])
    pq.write_table(even, folder / "even.parquet", row_group_size=30)
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


def test_a_parquet_file_is_read_by_several_tasks_with_the_same_rows(spark, crawl: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("webapp.cli.on_spark._READ", 1_000)
    with opened((str(crawl / "even.parquet"),), "auto", "") as batch:
        tasks, _ = tasks_of(batch)
    assert [[one.file.groups for one in task] for task in tasks] == [[range(n, n + 1)] for n in range(4)]
    winnow("clean", crawl, "--out", tmp_path / "here.jsonl", "--format", "jsonl")
    there = winnow("clean", crawl, "--out", tmp_path / "there", "--format", "jsonl", *SPARK)
    assert "202 pages written to" in there.output and "even.parquet:100: " in there.output
    assert lines(*(tmp_path / "there").iterdir()) == lines(tmp_path / "here.jsonl")


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


# What pages share


def row(id: str, site: str, *parts: str, **fields: str) -> str:
    """A page of a site between what all pages of it have."""
    above, below = (f"Home | News | Letters to {site} | Sign in", f"Copyright {site}. All rights reserved.")
    return json.dumps({"id": id, "site": site, "text": "\n".join((above, *parts, below)), **fields}) + "\n"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of four sites and of none of these: stories on several of them, one on more pages than are paired with each
    other; pages that are nearly one, one id on two pages, a page twice, and a line that is no page."""
    folder = tmp_path_factory.mktemp("spark") / "shared"
    folder.mkdir()
    made = []
    for at, site in enumerate(SITES):
        for number in range(9):
            own = [paragraph(100 * at + 10 * number + part) for part in range(3)]
            carried = {1: [paragraph(7001)], 4: [paragraph(7004, 2)], 5: [paragraph(7001), paragraph(7005, 3)]}
            date = f"2021-03-{28 - at - number:02}"
            made.append(row(f"{site}/{number}", site, own[0], *carried.get(number, ()), *own[1:], date=date))
    made.append(row("twin", "mill.example", "Again.", paragraph(100), paragraph(101), paragraph(102)))
    made.append(row("nowhere", "", paragraph(900), paragraph(7005, 3), paragraph(901)))
    made.append(row("nowhere too", "", paragraph(7004, 2), paragraph(902)))
    made += [made[3], row("quay.example/0", "lyng.example", "Another page, shorter, of this id.")]
    (folder / "a.jsonl").write_text("".join(made[::2]), "utf-8")
    (folder / "b.jsonl").write_text("{no page\n" + "".join(made[1::2]), "utf-8")
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "jsonl"),
        ("--keep-boilerplate", "--format", "csv"),
        ("--site-from", "none", "--min-words", 12, "--format", "parquet"),
        ("--against", "known.jsonl", "--no-learn"),
        ("--pairs", "pairs.jsonl"),
    ],
    ids=lambda arguments: " ".join(map(str, arguments)),
)
def test_what_pages_share_is_told_with_the_bytes_of_the_local_engine(arguments, spark, shared, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    both = (shared / "b.jsonl").read_text("utf-8").splitlines(keepends=True)[3]
    known = [row("known", "mill.example", paragraph(950), paragraph(7001)), row("nowhere", "", "Another text."), both]
    Path("known.jsonl").write_text("".join(known), "utf-8")
    pairs = [("nowhere", "quay.example/5"), ("mill.example/1", "lyng.example/1"), ("twin", "twin")]
    Path("pairs.jsonl").write_text("".join(json.dumps({"a": a, "b": b}) + "\n" for a, b in pairs), "utf-8")
    here = winnow("reuse", shared, "--out", "here", *arguments)
    there = winnow("reuse", shared, "--out", "there", *arguments, *SPARK)
    assert here.exit_code == there.exit_code == 1, there.output
    assert Path("there").read_bytes() == Path("here").read_bytes()
    assert len(Path("there").read_bytes()) > 200
    assert sorted(there.output.replace("there", "here").splitlines()) == sorted(here.output.splitlines())


def test_a_pair_of_a_page_that_is_not_there_is_named_and_nothing_is_written(spark, shared, tmp_path):
    (tmp_path / "pairs.jsonl").write_text('{"a": "twin", "b": "nobody"}\n')
    result = winnow("reuse", shared, "--pairs", tmp_path / "pairs.jsonl", "--out", tmp_path / "out", *SPARK)
    assert result.exit_code == 1 and "pairs.jsonl:1: no page has the id 'nobody'" in result.output
    assert not (tmp_path / "out").exists()


def test_nothing_to_compare_with_is_told_and_nothing_is_written(spark, shared, tmp_path):
    (tmp_path / "empty").mkdir()
    result = winnow("reuse", shared, "--against", tmp_path / "empty", "--out", tmp_path / "out", *SPARK)
    assert result.exit_code == 1 and "nothing in --against gave a page" in result.output
    assert not (tmp_path / "out").exists()


def test_a_page_that_the_engine_stumbles_over_is_told_and_in_no_pair(monkeypatch):
    bind = detect.bind
    monkeypatch.setattr(detect, "bind", lambda memory, page: 1 / 0 if page.id == "bad" else bind(memory, page))
    pages = [(number, detect.Page(id, paragraph(1), source=f"{id}.txt")) for number, id in enumerate(("bad", "good"))]
    books, told = Bind(None, False, None)(pages, [])
    assert [(row["id"], row["side"], bool(row["prints"])) for row in books.to_pylist()] == [
        ("bad", LOST, False),
        ("good", KNOWN, True),
    ]
    (what,) = (json.loads(row["told"]) for row in told.to_pylist())
    assert what["lost"] == 1
    assert what["failed"] == [[0, "bad.txt", "it could not be compared (ZeroDivisionError: division by zero)"]]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--pages",), "--pages"),
        (("--workers", "2"), "--workers"),
        (("--against", "known.jsonl", "--pairs", "pairs.jsonl"), "--against with --pairs"),
    ],
)
def test_what_spark_has_not_of_reuse_is_refused(arguments, named, shared, tmp_path):
    result = winnow("reuse", shared, "--out", tmp_path / "out", *arguments, *SPARK)
    assert result.exit_code == 2
    assert f"{named} is not there with --engine spark" in " ".join(result.output.split())
