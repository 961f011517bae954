"""A run that is killed goes on from where it was, and ends as if nothing had happened; an output is whole or not there."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

import detect
from detect.engine import parts
from webapp.cli import main

WORDS = [a + b for a in ("bar", "cor", "dun", "fel", "gam", "hol") for b in ("ta", "ren", "mos", "lik", "ve", "pon")]


def page(number: int) -> dict[str, str]:
    rng = random.Random(number)
    body = [" ".join(rng.choices(WORDS, k=14)).capitalize() + "." for _ in range(8)]
    site = f"site{number % 37}.example"
    text = "\n".join([f"Home | News | Letters to {site}", *body, f"Like this? Tell {site} what you think of it today."])
    return {"id": f"p{number}", "site": site, "text": text}


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    path = tmp_path / "crawl.jsonl"
    path.write_text("".join(json.dumps(page(number)) + "\n" for number in range(700)), "utf-8")
    return path


def winnow(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return result.exit_code, result.output


@pytest.fixture
def many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_PART", 50_000)


FORMS = [("spans", "out.jsonl"), ("parquet", "out.parquet"), ("text", "out")]


def content(out: Path) -> dict[str, bytes]:
    files = [out] if out.is_file() else [path for path in out.rglob("*") if path.is_file()]
    return {path.relative_to(out.parent).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize(("form", "name"), FORMS)
def test_one_part_or_many_and_one_worker_or_two_write_the_same_bytes(crawl, tmp_path, monkeypatch, form, name) -> None:
    made = []
    for number, (size, workers) in enumerate([(10**9, 1), (50_000, 1), (50_000, 2)]):
        monkeypatch.setattr(parts, "_PART", size)
        out = tmp_path / str(number) / name
        assert winnow("clean", crawl, "--format", form, "--out", out, "--workers", workers)[0] == 0
        made.append(content(out))
    assert made[0] == made[1] == made[2]
    assert not list(tmp_path.rglob(".*"))


def test_pages_come_in_the_order_of_the_input(crawl, tmp_path, many_parts) -> None:
    out = tmp_path / "out.jsonl"
    assert winnow("clean", crawl, "--format", "spans", "--out", out)[0] == 0
    ids = [json.loads(line)["id"] for line in out.read_text("utf-8").splitlines()]
    assert ids == [f"p{number}" for number in range(700)]


# The parts are made small in the process that is killed, too.
SCRIPT = "import sys; from detect.engine import parts; parts._PART = 20_000; from webapp.cli import main; main()"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no kill -9")
@pytest.mark.parametrize(("form", "name"), FORMS[:2])
def test_a_killed_run_goes_on_where_it_was_and_ends_the_same(crawl, tmp_path, form, name) -> None:
    whole, out = tmp_path / "whole" / name, tmp_path / "cut" / name
    command = [sys.executable, "-c", SCRIPT, "clean", str(crawl), "--format", form, "--workers", "1", "--out"]
    subprocess.run([*command, str(whole)], check=True, cwd=Path(__file__).parents[2])
    made = out.with_name(f".{name}.winnow") / "made"
    kills = 0
    for wanted in (0, 3, 8):
        run = subprocess.Popen([*command, str(out), *(["--resume"] if kills else [])], cwd=Path(__file__).parents[2])
        while run.poll() is None and (not made.exists() or len(list(made.glob("*.arrow"))) < wanted):
            time.sleep(0.002)
        if run.poll() is None:
            run.send_signal(signal.SIGKILL)
            kills += made.parent.exists()
        run.wait()
        assert not out.exists()
    before = {path.name: path.stat().st_mtime_ns for path in made.glob("*.arrow")}
    assert len(before) >= 8
    code, told = winnow("clean", crawl, "--format", form, "--workers", "1", "--out", out)
    assert code == 2 and "--resume" in told
    subprocess.run([*command, str(out), "--resume"], check=True, cwd=Path(__file__).parents[2])
    assert content(out) == content(whole)
    assert not made.parent.exists()


def processes(group: int) -> list[str]:
    """The processes of a group that are not yet gone."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, its_group = stat.read_text("utf-8", "replace").rpartition(")")[2].split()[:3]
            found += [stat.parent.name] * (int(its_group) == group and state != "Z")
    return found


def stop(run: subprocess.Popen, what: signal.Signals) -> str:
    """Stop a program as Ctrl-C (its whole group) or `kill` does (it alone); what it said, once nothing is left of it."""
    (os.killpg if what == signal.SIGINT else os.kill)(run.pid, what)
    told = run.communicate(timeout=20)[1]
    until = time.monotonic() + 10
    while processes(run.pid):
        assert time.monotonic() < until
        time.sleep(0.05)
    return told


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="wants /proc")
@pytest.mark.parametrize("what", [signal.SIGINT, signal.SIGTERM])
def test_a_run_of_two_processes_that_is_stopped_leaves_none_and_can_be_gone_on_with(crawl, tmp_path, what) -> None:
    whole, out, temporary = tmp_path / "whole.jsonl", tmp_path / "out.jsonl", tmp_path / "temporary"
    temporary.mkdir()
    options = ["clean", str(crawl), "--format", "spans", "--workers", "2", "--out"]
    run = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *options, str(out)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TMPDIR": str(temporary)},
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
    )
    made = tmp_path / ".out.jsonl.winnow" / "made"
    while run.poll() is None and len(list(made.glob("*.arrow"))) < 2:
        time.sleep(0.002)
    told = stop(run, what)
    assert run.returncode == 1 and "go on with --resume" in told and "Traceback" not in told
    assert not out.exists() and not list(temporary.iterdir())
    before = {path.name: path.stat().st_mtime_ns for path in made.glob("*.arrow")}
    subprocess.run(
        [sys.executable, "-c", SCRIPT, *options, str(out), "--resume"], check=True, cwd=Path(__file__).parents[2]
    )
    assert len(before) >= 2 and not made.exists()
    assert winnow("clean", crawl, "--format", "spans", "--out", whole)[0] == 0
    assert whole.read_bytes() == out.read_bytes()


def test_what_to_go_on_with_has_to_be_the_same_run(crawl, tmp_path, monkeypatch) -> None:
    out = tmp_path / "out.jsonl"
    code, told = winnow("clean", crawl, "--format", "spans", "--out", out, "--resume")
    assert code == 2 and "no run" in told
    with monkeypatch.context() as patched:
        patched.setattr(parts, "in_order", lambda made: 1 / 0)
        assert winnow("clean", crawl, "--format", "spans", "--out", out)[0] == 1
    assert not out.exists()
    code, told = winnow("clean", crawl, "--format", "jsonl", "--out", out, "--resume")
    assert code == 2 and "other inputs or options" in told
    crawl.write_text(crawl.read_text("utf-8") + json.dumps(page(9_999)) + "\n", "utf-8")
    code, told = winnow("clean", crawl, "--format", "spans", "--out", out, "--resume")
    assert code == 2 and "other inputs or options" in told


def test_what_failed_before_the_kill_is_told_again_and_counts(crawl, tmp_path, monkeypatch) -> None:
    with crawl.open("a", encoding="utf-8") as file:
        file.write('{"id": "broken"}\n')
    out = tmp_path / "out.jsonl"
    with monkeypatch.context() as patched:
        patched.setattr(parts, "in_order", lambda made: 1 / 0)
        assert winnow("clean", crawl, "--format", "spans", "--out", out)[0] == 1
    code, told = winnow("clean", crawl, "--format", "spans", "--out", out, "--resume")
    assert code == 1 and "700 pages written" in told and "; 1 failed" in told and "crawl.jsonl:701" in told


def test_standard_input_cannot_be_gone_on_with(tmp_path) -> None:
    code, told = winnow("clean", "-", "--format", "spans", "--out", tmp_path / "out.jsonl", "--resume")
    assert code == 2 and "standard input does not come twice" in told
    assert not list(tmp_path.iterdir())


def test_a_run_that_is_under_way_is_left_alone(crawl, tmp_path, monkeypatch) -> None:
    out = tmp_path / "out.jsonl"
    in_order = parts.in_order
    refused = []

    def meanwhile(made):
        refused.append(winnow("clean", crawl, "--format", "spans", "--out", out, "--resume"))
        return in_order(made)

    monkeypatch.setattr(parts, "in_order", meanwhile)
    assert winnow("clean", crawl, "--format", "spans", "--out", out)[0] == 0
    ((code, told),) = refused
    assert code == 2 and "under way in another process" in told
    assert len(out.read_text("utf-8").splitlines()) == 700


def test_a_run_that_was_killed_before_it_began_is_begun_anew(crawl, tmp_path) -> None:
    (tmp_path / ".out.jsonl.winnow").mkdir()
    (tmp_path / ".out.jsonl.part").mkdir()
    assert winnow("clean", crawl, "--format", "spans", "--out", tmp_path / "out.jsonl")[0] == 0
    assert not list(tmp_path.glob(".*"))


def test_a_damaged_memory_stops_the_run_and_loses_no_page(crawl, tmp_path) -> None:
    memory, out = tmp_path / "m", tmp_path / "out.jsonl"
    assert winnow("learn", crawl, "--memory", memory)[0] == 0
    good = memory.read_bytes()
    memory.write_bytes(good[:500] + bytes([good[500] ^ 1]) + good[501:])
    code, told = winnow("clean", crawl, "--memory", memory, "--format", "spans", "--out", out)
    assert code == 1 and "damaged" in told and not out.exists()


def test_forgetting_pages_of_one_site_of_several(crawl, tmp_path) -> None:
    memory, few = tmp_path / "m", tmp_path / "few.jsonl"
    assert winnow("learn", crawl, "--memory", memory)[0] == 0
    few.write_text("".join(json.dumps(page(number)) + "\n" for number in (0, 37, 74)), "utf-8")
    code, told = winnow("learn", few, "--memory", memory, "--forget")
    assert code == 0 and "3 pages forgotten" in told
    assert detect.Memory.load(memory).pages("site0.example") == detect.Memory.load(memory).pages("site1.example") - 3


def test_a_memory_is_not_kept_among_what_is_read(crawl) -> None:
    code, told = winnow("learn", crawl.parent, "--memory", crawl.parent / "m")
    assert code == 2 and "--memory" in told and "which is read" in told
