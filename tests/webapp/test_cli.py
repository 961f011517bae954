"""The command line: what it writes, what it says, and how it ends."""

import gzip
import json
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import detect
from webapp.cli import main

MENU = "Home | World | Sport | Weather | Archive of this paper"
END = "Copyright of the Harbour Post, all rights reserved here"


def story(number: int) -> str:
    """Two sentences whose words no other number shares."""
    letters = random.Random(number)
    words = ["".join(letters.choices("abdeginorstu", k=6)) for _ in range(24)]
    return f"The {' '.join(words[:12])} of the town. It was {' '.join(words[12:])} for a while, they said."


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """Six pages of one site as JSON lines."""
    path = tmp_path / "crawl.jsonl"
    letters = "abcdef"
    rows = (
        {"id": f"p/{letter}", "site": "post.example", "text": f"{MENU}\n{story(i)}\n{END}"}
        for i, letter in enumerate(letters)
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def winnow(*arguments: object, input: bytes | None = None):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=input)


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def texts(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]


def test_help_needs_neither_the_engine_nor_the_web_framework():
    code = "import sys, webapp.cli; print(*sorted({'detect', 'flask', 'numpy', 'tqdm'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == ""
    start = time.process_time()
    assert winnow("--help").exit_code == 0
    assert time.process_time() - start < 0.3


def test_the_command_runs_as_a_module():
    result = subprocess.run([sys.executable, "-m", "webapp.cli", "--help"], capture_output=True, text=True)
    assert result.returncode == 0 and "reuse" in result.stdout


def test_spans_are_a_page_a_line_in_order_and_tile_their_page(crawl, tmp_path):
    out = tmp_path / "out.jsonl"
    result = winnow("clean", crawl, "--out", out, "--format", "spans")
    assert result.exit_code == 0, result.output
    records = lines(out)
    assert [record["id"] for record in records] == [f"p/{letter}" for letter in "abcdef"]
    for record, text in zip(records, texts(crawl), strict=True):
        assert set(record) == {"id", "site", "length", "spans"}
        assert (record["site"], record["length"]) == ("post.example", len(text))
        bounds = [span["start"] for span in record["spans"]] + [record["length"]]
        assert [span["stop"] for span in record["spans"]] == bounds[1:] and bounds[0] == 0
        for span in record["spans"]:
            assert span["kind"] in ("content", "title", "boilerplate")
            assert span["probability"] == round(span["probability"], 4)
            assert all({"name", "weight"} <= set(reason) for reason in span["reasons"])


def test_what_recurs_is_learned_from_the_inputs_and_is_said_so(crawl, tmp_path):
    out = tmp_path / "out.jsonl"
    winnow("clean", crawl, "--out", out, "--format", "spans")
    reasons = [reason for span in lines(out)[0]["spans"] for reason in span["reasons"]]
    recurs = [reason for reason in reasons if reason["name"] == "recurs"]
    assert all(0 <= reason["pages"] <= reason["of"] <= 6 for reason in recurs)
    assert any(reason["pages"] > 2 for reason in recurs)
    winnow("clean", crawl, "--out", out, "--format", "spans", "--no-learn")
    assert "recurs" not in out.read_text("utf-8")


def test_pages_are_forgotten_and_the_memory_is_as_if_they_had_never_been_learned(crawl, tmp_path):
    memory, part = tmp_path / "all.memory", tmp_path / "part.jsonl"
    part.write_text("".join(crawl.read_text("utf-8").splitlines(keepends=True)[:2]), "utf-8")
    assert winnow("learn", crawl, "--memory", memory).exit_code == 0
    done = winnow("learn", part, "--memory", memory, "--forget")
    assert (done.exit_code, "2 pages forgotten" in done.stderr) == (0, True)
    rest = tmp_path / "rest.jsonl"
    rest.write_text("".join(crawl.read_text("utf-8").splitlines(keepends=True)[2:]), "utf-8")
    assert winnow("learn", rest, "--memory", tmp_path / "rest.memory").exit_code == 0
    assert memory.read_bytes() == (tmp_path / "rest.memory").read_bytes()
    assert winnow("learn", part, "--memory", tmp_path / "none.memory", "--forget").exit_code == 2


def test_a_site_of_which_too_much_is_forgotten_is_named(tmp_path):
    pages = [{"id": str(n), "site": "post.example", "text": f"{MENU}\n{story(n)}\n{END}"} for n in range(200)]
    crawl, most, memory = tmp_path / "crawl.jsonl", tmp_path / "most.jsonl", tmp_path / "all.memory"
    crawl.write_text("\n".join(map(json.dumps, pages)), "utf-8")
    most.write_text("\n".join(map(json.dumps, pages[:150])), "utf-8")
    assert "left to go by" not in winnow("learn", crawl, "--memory", memory).stderr
    done = winnow("learn", most, "--memory", memory, "--forget")
    assert done.exit_code == 0
    assert "post.example: only" in done.stderr
    assert "learn its pages again" in done.stderr


def test_a_memory_that_is_damaged_inside_is_told_when_it_is_needed(crawl, tmp_path):
    memory = tmp_path / "all.memory"
    assert winnow("learn", crawl, "--memory", memory).exit_code == 0
    blob = bytearray(memory.read_bytes())
    blob[60] ^= 1
    memory.write_bytes(blob)
    told = winnow("learn", crawl, "--memory", memory)
    assert (told.exit_code, "all.memory" in told.stderr, "damaged" in told.stderr) == (1, True, True)
    assert memory.read_bytes() == blob
    assert "damaged" in winnow("clean", crawl, "--memory", memory, "--out", tmp_path / "out").stderr


def test_memory_files_stand_in_for_learning_and_can_be_extended(crawl, tmp_path):
    memory, out, learned = tmp_path / "m.winnow", tmp_path / "out.jsonl", tmp_path / "learned.jsonl"
    assert winnow("learn", crawl, "--memory", memory).exit_code == 0
    once = memory.read_bytes()
    assert winnow("learn", crawl, "--memory", memory).exit_code == 0
    assert memory.read_bytes() == once
    winnow("clean", crawl, "--out", out, "--format", "spans", "--no-learn", "--memory", memory)
    winnow("clean", crawl, "--out", learned, "--format", "spans")
    assert out.read_bytes() == learned.read_bytes()


def test_jsonl_adds_the_address_the_title_and_both_texts(crawl, tmp_path):
    out = tmp_path / "out.jsonl"
    assert winnow("clean", crawl, "--out", out, "--format", "jsonl").exit_code == 0
    for record, text in zip(lines(out), texts(crawl), strict=True):
        assert set(record) == {"id", "site", "length", "spans", "url", "title", "date", "byline", "text", "page_text"}
        assert record["page_text"] == text
        assert MENU in text and MENU not in record["text"]
        assert record["text"]


def test_text_writes_one_file_a_page_with_a_manifest(crawl, tmp_path):
    out = tmp_path / "out"
    assert winnow("clean", crawl, "--out", out).exit_code == 0
    manifest = lines(out / "manifest.jsonl")
    assert [record["id"] for record in manifest] == [f"p/{letter}" for letter in "abcdef"]
    assert [record["file"] for record in manifest] == [f"post.example/{letter}.txt" for letter in "abcdef"]
    assert len([path for path in out.rglob("*") if path.is_file()]) == 7
    for record, text in zip(manifest, texts(crawl), strict=True):
        assert set(record) == {"id", "file", "site", "url", "source", "title", "date", "byline", "length", "cuts"}
        cut = sum(cut["stop"] - cut["start"] for cut in record["cuts"])
        assert len((out / record["file"]).read_bytes().decode()) == len(text) - cut


def test_what_was_cleaned_is_cleaned_again_without_its_manifest(crawl, tmp_path):
    assert winnow("clean", crawl, "--out", tmp_path / "once").exit_code == 0
    again = winnow("clean", tmp_path / "once", "--out", tmp_path / "twice", "--format", "spans")
    assert again.exit_code == 0, again.output
    assert [record["site"] for record in lines(tmp_path / "twice")] == ["post.example"] * 6


def test_date_and_byline_are_written_beside_the_title_and_are_null_where_there_are_none(tmp_path):
    path = tmp_path / "in.jsonl"
    above = "Night ferry returns\nHome\nNews\nNight ferry returns\nBy\nJane Doe\nPublished 3 Nov, 2020 12:22\n"
    rows = [{"id": "told", "text": f"{above}{story(1)}\n{story(2)}\n"}, {"id": "bare", "text": f"{MENU}\n{story(3)}\n"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert winnow("clean", path, "--out", tmp_path / "out.jsonl", "--format", "jsonl").exit_code == 0
    assert winnow("clean", path, "--out", tmp_path / "out").exit_code == 0
    for records in (lines(tmp_path / "out.jsonl"), lines(tmp_path / "out" / "manifest.jsonl")):
        assert [(record["date"], record["byline"]) for record in records] == [
            ("3 Nov, 2020 12:22", "By Jane Doe"),
            (None, None),
        ]


@pytest.mark.parametrize("workers", [1, 2])
def test_comments_of_readers_are_kept_where_it_is_asked_for(tmp_path, workers):
    comments = [
        "I was on the first crossing and it was wonderful.",
        "Let us hope it lasts longer than the last one did.",
    ]
    page = ["Night ferry returns", story(1), story(2), "Share", "2 comments"]
    for name, comment in zip(("Old Salt", "Mary"), comments, strict=True):
        page += [name, "3 Nov, 2020 13:05", comment, "Reply"]
    path = tmp_path / "in.jsonl"
    path.write_text(
        json.dumps({"text": "\n".join([*page, "Related stories", "Contact", "Terms of use"])}) + "\n", "utf-8"
    )
    winnow("clean", path, "--out", tmp_path / "out", "--format", "jsonl", "--keep-comments", "--workers", workers)
    record = lines(tmp_path / "out")[0]
    assert all(comment in record["text"] for comment in comments)
    assert "comments" in {reason["name"] for span in record["spans"] for reason in span["reasons"]}
    winnow("clean", path, "--out", tmp_path / "out", "--format", "jsonl", "--workers", workers)
    assert '"comments"' not in (tmp_path / "out").read_text("utf-8")


@pytest.mark.parametrize("form", ["jsonl", "spans"])
def test_a_dash_is_standard_output(crawl, tmp_path, monkeypatch, form):
    monkeypatch.chdir(tmp_path)
    assert winnow("clean", crawl, "--out", "out", "--format", form).exit_code == 0
    result = winnow("clean", crawl, "--out", "-", "--format", form)
    assert result.exit_code == 0 and "6 pages written to standard output" in result.stderr
    assert result.stdout_bytes == (tmp_path / "out").read_bytes()
    assert not (tmp_path / "-").exists()


def test_a_folder_does_not_go_to_standard_output(crawl):
    result = winnow("clean", crawl, "--out", "-", "--format", "text")
    assert result.exit_code == 2 and "jsonl or spans" in result.stderr


def test_the_name_of_the_output_tells_its_form(crawl, tmp_path):
    for name, form in (("out.jsonl", "jsonl"), ("out.PARQUET", "parquet"), ("cleaned", "text")):
        assert winnow("clean", crawl, "--out", tmp_path / name).exit_code == 0
        assert winnow("clean", crawl, "--out", tmp_path / f"{form} asked", "--format", form).exit_code == 0
        assert (tmp_path / name).is_dir() == (form == "text")
        if form != "text":
            assert (tmp_path / name).read_bytes() == (tmp_path / f"{form} asked").read_bytes()
    assert winnow("clean", crawl, "--out", "-").stdout_bytes == (tmp_path / "out.jsonl").read_bytes()


def test_a_memory_that_is_not_there_is_told(crawl, tmp_path):
    for command in ("clean", "reuse"):
        result = winnow(command, crawl, "--memory", tmp_path / "none", "--out", tmp_path / "out.jsonl")
        assert result.exit_code == 1 and "none cannot be read: No such file or directory" in result.stderr


def test_data_of_a_newer_program_is_told_in_words(config, store):
    with sqlite3.connect(config.data / "winnow.sqlite") as database:
        database.execute("UPDATE database SET version = 99")
    result = winnow("serve", "--data", config.data, "--no-browser", "--port", "0")
    assert result.exit_code == 1 and "Update Winnow" in result.stderr


def test_two_workers_write_the_same_bytes_as_one(crawl, tmp_path):
    for workers in (1, 2):
        result = winnow("clean", crawl, "--out", tmp_path / str(workers), "--format", "spans", "--workers", workers)
        assert result.exit_code == 0, result.output
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


@pytest.mark.parametrize(
    ("content", "count"),
    [(b'{"text": "Words here."}\n{"text": "More words."}', 2), (b"<html><p>Words", 1), (b"Only words.", 1)],
)
def test_standard_input_is_read_by_what_it_holds(tmp_path, content, count):
    out = tmp_path / "out.jsonl"
    assert winnow("clean", "-", "--out", out, "--format", "spans", input=content).exit_code == 0
    records = lines(out)
    assert len(records) == count
    assert records[0]["id"].startswith("stdin")


def test_what_fails_is_named_once_the_rest_is_written_and_the_exit_code_says_so(crawl, tmp_path):
    bad = tmp_path / "bad.jsonl.gz"
    bad.write_bytes(gzip.compress(b'[1]\n{"text": "A good line of words."}'))
    out = tmp_path / "out.jsonl"
    result = winnow("clean", bad, tmp_path / "none.txt", crawl, "--out", out, "--format", "spans")
    assert result.exit_code == 1
    assert result.stderr.count("bad.jsonl.gz:1: ") == 1
    assert result.stderr.count("none.txt: there is no such file") == 1
    assert len(lines(out)) == 7


def test_replaced_bytes_are_counted_on_stderr(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "Some w\xffrds h\xfere."}')
    result = winnow("clean", path, "--out", tmp_path / "out", "--format", "spans")
    assert result.exit_code == 0
    assert "2 places" in result.stderr
    assert lines(tmp_path / "out")[0]["length"] == 16


def test_nothing_to_clean_is_not_a_success(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "out").write_text("before")
    result = winnow("clean", tmp_path / "empty", "--out", tmp_path / "out", "--format", "spans")
    assert result.exit_code == 1 and "gave a page" in result.stderr
    assert (tmp_path / "out").read_text() == "before"
    assert winnow("learn", tmp_path / "empty", "--memory", tmp_path / "m").exit_code == 1
    assert not (tmp_path / "m").exists()


def test_a_place_that_cannot_be_written_is_named(crawl, tmp_path):
    result = winnow("clean", crawl, "--out", crawl / "out", "--format", "spans")
    assert result.exit_code == 1 and "cannot be written" in result.stderr


def test_a_page_that_the_engine_stumbles_over_is_named_and_the_others_are_written(crawl, tmp_path, monkeypatch):
    label = detect.label
    monkeypatch.setattr(
        detect, "label", lambda page, memory, **how: 1 / 0 if page.id == "p/b" else label(page, memory, **how)
    )
    result = winnow("clean", crawl, "--out", tmp_path / "out", "--format", "spans")
    assert result.exit_code == 1 and "crawl.jsonl:2: it could not be cleaned" in result.stderr
    assert "5 pages written" in result.stderr
    assert [record["id"] for record in lines(tmp_path / "out")] == [f"p/{letter}" for letter in "acdef"]


def test_what_is_there_stays_when_a_run_fails(crawl, tmp_path):
    out, memory = tmp_path / "out.jsonl", tmp_path / "m"
    out.write_text("before")
    memory.write_bytes(b"no memory")
    result = winnow("clean", crawl, "--out", out, "--format", "spans", "--memory", memory)
    assert result.exit_code == 1 and "m cannot be used" in result.stderr
    assert out.read_text() == "before"
    assert not list(tmp_path.glob("*.part")) + list(tmp_path.glob(".*"))


def test_a_folder_with_something_in_it_is_not_written_into(crawl, tmp_path):
    result = winnow("clean", crawl, "--out", tmp_path)
    assert result.exit_code == 2 and "not an empty folder" in result.stderr


def test_a_folder_gives_its_name_to_pages_that_have_no_site(tmp_path):
    folder = tmp_path / "harbour"
    folder.mkdir()
    (folder / "a.txt").write_text("Some words of a page.")
    out = tmp_path / "out.jsonl"
    for options, site in (((), "harbour"), (("--site", "x"), "x"), (("--site-from", "none"), "")):
        assert winnow("clean", folder, "--out", out, "--format", "spans", *options).exit_code == 0
        assert lines(out)[0]["site"] == site


def test_file_names_are_safe_everywhere_and_never_alike(tmp_path):
    ids = ["../../a", "a", "A", "con", "a-2", "a.txt", "x" * 500, "漢字/é", ".", "b\\c:d*?"]
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps({"id": id, "text": "Some words."}) + "\n" for id in ids))
    assert winnow("clean", path, "--out", tmp_path / "out").exit_code == 0
    names = [record["file"] for record in lines(tmp_path / "out" / "manifest.jsonl")]
    assert len({name.casefold() for name in names}) == len(ids)
    assert all((tmp_path / "out" / name).is_file() and len(name.encode()) < 255 for name in names)
    assert names[:4] == ["in/a.txt", "in/a-2.txt", "in/A-3.txt", "in/_con.txt"]
    assert names[7:9] == ["in/é.txt", "in/page.txt"]


@pytest.mark.parametrize("out", ["crawl.jsonl", "folder/out.jsonl", "."])
def test_what_is_read_is_never_written_over(tmp_path, out):
    text = json.dumps({"text": "The ferry sailed on Monday, said the harbour master."}) + "\n"
    (tmp_path / "crawl.jsonl").write_text(text)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "page.txt").write_text("The ferry sailed.")
    result = winnow(
        "clean", tmp_path / "crawl.jsonl", tmp_path / "folder", "--format", "jsonl", "--out", tmp_path / out
    )
    assert result.exit_code == 2
    assert (tmp_path / "crawl.jsonl").read_text() == text
