"""The speed benchmark counts as it says it does, leaves no tool out in silence, and its works run."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from pyarrow import parquet

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def speed() -> Iterator[ModuleType]:
    """The benchmark as it is when it is run as a script: with its own folder on the path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        yield importlib.import_module("speed")


@pytest.fixture(scope="module")
def stages(speed) -> ModuleType:
    return importlib.import_module("stages")


@pytest.fixture(scope="module")
def pages(speed, tmp_path_factory) -> Path:
    return speed.corpus(tmp_path_factory.mktemp("crawl"), 30)


def row(speed, name: str, *runs: tuple, needs: str = "detect", problem: str = ""):
    tool = speed.Tool(name, lambda folder: print, lambda pages, folder: pages, needs)
    return speed.Row(tool, [speed.Run(*run) for run in runs], problem)


def test_a_row_has_medians_and_the_ratio_of_rates_whatever_the_samples(speed):
    #                           pages    bytes  cpu  wall  all    peak
    winnow = row(
        speed,
        "Winnow",
        (1000, 5e6, 1.0, 2.0, 3.0, 2e8),
        (1000, 5e6, 4.0, 9.0, 9.0, 4e8),
        (1000, 5e6, 2.0, 2.0, 4.0, 3e8),
    )
    other = row(speed, "other", (100, 5e5, 0.4, 1.0, 2.0, 1e8))
    first, second = speed.peers_table("learn", [winnow, other]).rows
    assert first[:8] == ["Winnow", "2.5", "1.2-5.0", "500", "1.00 x", "2.00", "4.00", "300"]
    assert second[:5] == ["other", "1.2", "1.2-1.2", "250", "2.00 x"]
    assert second[-1] == "100 pages"


def test_a_tool_that_is_absent_or_failed_is_in_the_table_and_says_so(speed, monkeypatch, tmp_path):
    missing = speed.Tool("missing", lambda folder: print, lambda pages, folder: pages, "no_such_module_anywhere")
    failing = speed.Tool("failing", lambda folder: print, lambda pages, folder: pages)
    monkeypatch.setitem(speed.WORKS, "learn", (missing, failing))

    def fail(*given):
        raise speed.ToolFailedError("out of luck")

    monkeypatch.setattr(speed, "_run", fail)
    rows = speed.peers_table("learn", speed.rows_of("learn", tmp_path, 10, 2)).rows
    assert [cells[:2] for cells in rows] == [["missing", "not installed"], ["failing", "failed: out of luck"]]


def test_tools_take_turns(speed, monkeypatch, tmp_path):
    turns = []

    def run(work, tool, folder, count):
        turns.append(tool.name)
        return speed.Run(1, 1, 1, 1, 1, 1)

    monkeypatch.setattr(speed, "_run", run)
    monkeypatch.setattr(speed.Tool, "is_there", True)
    speed.rows_of("clean", tmp_path, 10, 2)
    assert turns == ["Winnow", "jusText", "trafilatura"] * 2


def test_workers_are_compared_by_wall_time(speed):
    rows = [row(speed, "1 worker", (100, 5e5, 4, 4, 5, 1e8)), row(speed, "2 workers", (100, 5e5, 5, 2.5, 6, 1e8))]
    assert [cells[3] for cells in speed.workers_table(rows).rows] == ["1.00 x", "1.60 x"]


def test_shares_of_stages_add_up(speed):
    table = speed.stages_table([("words", 0.25, 0.25), ("model", 0.0, 1.5)])
    assert table.rows == [
        ["model", "0.000", "1.500", "75.0%"],
        ["words", "0.250", "0.250", "25.0%"],
        ["all", "0.250", "1.750", "100%"],
    ]


def test_a_table_is_aligned_or_markdown(speed):
    table = speed.Table("floors", ("floor", "MB/s"), [["memory", "9"], ["disk", "1,000"]])
    assert speed.printed(table, False) == "floors\nfloor    MB/s\nmemory      9\ndisk    1,000\n"
    assert "| --- | ---: |\n| memory | 9 |\n" in speed.printed(table, True)


def test_a_process_that_fails_is_told_with_the_last_thing_it_said(speed, tmp_path):
    with pytest.raises(speed.ToolFailedError, match="No such file"):
        speed.corpus(tmp_path / "absent", 1)


def test_a_stage_does_not_count_the_stages_it_calls(stages, monkeypatch):
    now = iter(range(100))
    monkeypatch.setattr(stages.time, "perf_counter", lambda: next(now))
    clock = stages.Clock()
    inner = clock.timed("inner", lambda: None)
    clock.timed("outer", lambda: [inner(), inner()])()
    assert clock.seconds == {stages.REST: 1, "outer": 3, "inner": 2}


def test_every_stage_takes_part_in_a_clean_and_is_put_back_after_it(stages, pages):
    before = stages.words.split
    learnt, cleaned = stages.divided(pages, 30)
    silent = [stage for stage in (stages.READ, *stages.STAGES) if not learnt.get(stage) and not cleaned.get(stage)]
    assert silent == []
    assert stages.words.split is before


def test_winnow_does_every_work(speed, pages, tmp_path):
    peers = importlib.import_module("peers")
    for work in ("signatures", "learn", "clean"):
        tool = next(tool for tool in peers.WORKS[work] if tool.name == "Winnow")
        told = peers.measure(tool, pages, pages, tmp_path)
        assert told["pages"] == 30
        assert told["cpu"] > 0
    assert parquet.read_metadata(tmp_path / "cleaned.parquet").num_rows == 30


def test_an_unknown_work_is_refused_by_name(speed, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["speed.py", "--only", "learn,fly"])
    with pytest.raises(SystemExit):
        speed.main()
    assert re.search("no work is called fly", capsys.readouterr().err)
