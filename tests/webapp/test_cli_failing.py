"""What the machine fails at: a message and an exit code, never a traceback, and nothing half left."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import detect
from detect import Memory
from webapp.cli import main
from webapp.cli.work import Work

ROOT = Path(__file__).parents[2]
SENTENCE = "Nobody asked for more than the harbour could give them that winter, said the master of the port."


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    path = tmp_path / "pages.jsonl"
    rows = ({"id": str(i), "site": "post.example", "text": f"Home | News {i}\n{SENTENCE} {i}"} for i in range(400))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the system keeps what is temporary."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder


def winnow(*arguments: object, input: bytes | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=input)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stderr


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("command", ["clean", "reuse", "learn"])
def test_a_disk_that_is_full_as_standard_input_is_kept_is_told(command, tmp_path, temporary, monkeypatch) -> None:
    monkeypatch.setattr(shutil, "copyfileobj", full)
    out = ["--memory" if command == "learn" else "--out", tmp_path / "out"]
    code, told = winnow(command, "-", *out, input=SENTENCE.encode())
    assert code == 1 and "standard input cannot be kept in a temporary file: No space left on device" in told
    assert not list(temporary.iterdir()) and not (tmp_path / "out").exists()


@pytest.mark.parametrize("fails", ["spread", "run"])
def test_a_disk_that_is_full_as_parts_are_made_for_standard_output_is_told(
    pages, temporary, monkeypatch, fails
) -> None:
    monkeypatch.setattr(detect, fails, full)
    code, told = winnow("clean", pages, "--format", "spans", "--out", "-")
    assert code == 1 and "the temporary folder cannot be written: No space left on device" in told
    assert not list(temporary.iterdir())


def command(*arguments: str, stdout: int) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    program = [sys.executable, "-m", "webapp.cli", *arguments]
    return subprocess.Popen(program, env=environment, stdout=stdout, stderr=subprocess.PIPE)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    "arguments", [("clean", "--format", "spans"), ("reuse", "--format", "csv", "--keep-boilerplate")]
)
def test_standard_output_that_takes_no_more_is_told(pages, temporary, arguments) -> None:
    with Path("/dev/full").open("wb") as out:
        run = command(*arguments, str(pages), "--out", "-", stdout=out.fileno())
        told = run.communicate(timeout=120)[1].decode()
    assert run.returncode == 1
    assert told.strip() == "Error: standard output cannot be written: No space left on device"
    assert not list(temporary.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="Windows has another error for it")
def test_a_reader_that_went_away_is_told(pages, temporary) -> None:
    reader, writer = os.pipe()
    run = command("clean", "--format", "jsonl", str(pages), "--out", "-", stdout=writer)
    os.close(writer)
    os.close(reader)
    told = run.communicate(timeout=120)[1].decode()
    assert run.returncode == 1 and told.strip() == "Error: standard output cannot be written: Broken pipe"
    assert not list(temporary.iterdir())


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files and folders that were named so far; each was on the disk by then, or the test fails."""
    named: list[Path] = []
    synced: set[int] = set()
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.add(os.fstat(handle).st_ino), fsync(handle)))

    def checked(part: Path, path: Path) -> Path:
        files = [file for file in part.rglob("*") if file.is_file()] if part.is_dir() else [part]
        assert synced.issuperset(file.stat().st_ino for file in files), f"{path} was named before it was on the disk"
        named.append(path)
        return replace(part, path)

    monkeypatch.setattr(Path, "replace", checked)
    return named


@pytest.mark.parametrize("form", ["spans", "parquet", "text"])
def test_what_has_its_name_is_on_the_disk_before(pages, tmp_path, settled, form) -> None:
    out, memory = tmp_path / "out", tmp_path / "m"
    assert winnow("learn", pages, "--memory", memory)[0] == 0
    assert winnow("clean", pages, "--memory", memory, "--format", form, "--out", out, "--workers", "1")[0] == 0
    records = {"asked.json", "pages.json", "0000.arrow", "0000.failed.json"}
    assert {*records, "out", "m"} <= {path.name for path in settled}


def test_a_memory_is_not_written_to_standard_output(pages, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, told = winnow("learn", pages, "--memory", "-")
    assert code == 2 and "name a file" in told
    assert [path.name for path in tmp_path.iterdir()] == ["pages.jsonl"]


@pytest.mark.parametrize("known", [False, True])
def test_learning_that_was_killed_after_it_had_saved_can_be_gone_on_with(pages, tmp_path, monkeypatch, known) -> None:
    memory = tmp_path / "m"
    if known:
        other = tmp_path / "other.jsonl"
        other.write_text(json.dumps({"id": "x", "site": "other.example", "text": SENTENCE}) + "\n", "utf-8")
        assert winnow("learn", other, "--memory", memory)[0] == 0
    with monkeypatch.context() as patched:
        patched.setattr(Work, "end", lambda work: full())
        assert winnow("learn", pages, "--memory", memory)[0] == 1
    saved = memory.read_bytes()
    code, told = winnow("learn", pages, "--memory", memory, "--resume")
    assert code == 0 and "400 pages learned" in told
    assert memory.read_bytes() == saved and len(list(Memory.load(memory).sites)) == 1 + known
    assert not list(tmp_path.glob(".*"))
