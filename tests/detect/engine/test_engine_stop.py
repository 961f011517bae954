"""Stopped early, by an interrupt or by whoever takes the results, the work ends at once and no process is left."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from detect.engine import run

ROOT = Path(__file__).parents[3]
LONG = 60.0  # seconds that an item would take


def sleep_after_the_first(_: None, item: tuple[int, bytes]) -> int:
    if item[0]:
        time.sleep(LONG)
    return item[0]


def items(size: int) -> list[tuple[int, bytes]]:
    return [(number, bytes(size)) for number in range(20)]


@pytest.mark.parametrize("size", [1, 300_000])
def test_who_takes_no_more_results_waits_for_none(size: int) -> None:
    results = run(sleep_after_the_first, items(size), workers=2, together=1)
    assert next(results) == 0
    start = time.monotonic()
    results.close()
    assert time.monotonic() - start < LONG / 4
    assert not multiprocessing.active_children()


PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, str(Path.cwd() / "tests/detect/engine"))
from detect.engine import run
from test_engine_stop import items, sleep_after_the_first

if __name__ == "__main__":
    for result in run(sleep_after_the_first, items(300_000), workers=2, together=1):
        print(result, flush=True)
"""


def group(leader: int) -> list[int]:
    """The processes of a group that are not yet gone."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, its_group = stat.read_text("utf-8", "replace").rpartition(")")[2].split()[:3]
            found += [int(stat.parent.name)] * (int(its_group) == leader and state != "Z")
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="wants /proc")
def test_ctrl_c_ends_the_program_and_its_workers_at_once(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    program = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None and program.stdout.readline() == "0\n"
    start = time.monotonic()
    os.killpg(program.pid, signal.SIGINT)  # as a terminal sends it: to every process
    _, told = program.communicate(timeout=LONG)
    assert time.monotonic() - start < LONG / 4
    assert told.count("KeyboardInterrupt") == 1, told
    while group(program.pid):  # what multiprocessing has beside the workers ends a moment later
        assert time.monotonic() - start < LONG / 4
        time.sleep(0.05)
