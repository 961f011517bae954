"""The load benchmark counts as it says it does, sees an error, and leaves no server behind."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def load() -> Iterator[ModuleType]:
    """The benchmark as it is when it is run as a script: with its own folder on the path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        yield importlib.import_module("load")


def test_a_row_has_median_tail_and_longest_of_its_kind_and_its_errors(load, capsys) -> None:
    times = [load.Sent("reuse", number / 1000, "") for number in range(1, 41)]
    sent = [*times, load.Sent("download", 2.0, "status 500"), load.Sent("download", 1.0, "status 500")]
    rows = load.table("mixed", sent).rows
    assert rows[0] == ["reuse", "40", "0", "20", "38", "40"]
    assert rows[1] == ["download", "2", "2", "1,500", "2,000", "2,000"]
    assert rows[2][:3] == ["all", "42", "2"]
    assert load.told(sent) == 2
    assert capsys.readouterr().err == "download: status 500 (2 times)\n"


def test_every_kind_of_request_is_answered_and_what_is_not_there_is_an_error(load, capsys, monkeypatch) -> None:
    pids = []
    server = load.Server

    def noted(process, port):
        pids.append(process.pid)
        return server(process, port)

    def missing(visitor, known, chance):
        return visitor.get("/pages/999999999")

    monkeypatch.setattr("sys.argv", ["load.py", "--pages", "30", "--people", "2", "--seconds", "3"])
    monkeypatch.setattr("signal.signal", lambda *_: None)  # of the process that runs the tests
    monkeypatch.setattr(load, "Server", noted)
    monkeypatch.setitem(load.KINDS, "missing", (missing, 3))
    assert load.main() == 1
    out, err = capsys.readouterr()
    assert all(out.count(f"\n{kind} ") == 2 for kind in load.KINDS), out
    assert out.count("requests a second; ") == 2
    assert err.startswith("missing: status 404 (") and err.count("times)") == 2, err
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
