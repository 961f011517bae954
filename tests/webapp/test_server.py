"""The server as a process: it ends when it is asked to, whatever has become of its worker."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp import server as serving

ROOT = Path(__file__).parents[2]
# Without the kernels, which nobody here waits for.
PROGRAM = """
import sys
from pathlib import Path
from webapp import server

server._warm = lambda: None
server.serve(port=0, data=Path(sys.argv[1]), open_browser=False)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    (tmp_path / "data" / "uploads").mkdir(parents=True)  # as in a folder that is not new: no sample is added
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "data")]
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def address(server: subprocess.Popen) -> str:
    assert server.stdout is not None
    return next(found[0] for line in server.stdout if (found := re.search(r"http://127.0.0.1:\d+/", line)))


def worker_of(server: subprocess.Popen) -> int:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        if stat.read_text("utf-8", "replace").rpartition(")")[2].split()[1] == str(server.pid):
            arguments = (stat.parent / "cmdline").read_bytes()
            if b"spawn_main" in arguments:
                return int(stat.parent.name)
    raise AssertionError("there is no worker")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="wants /proc")
@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("what", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_ends_the_server_even_where_its_worker_was_killed_as_it_waited(server, what, killed) -> None:
    with urllib.request.urlopen(address(server)) as answer:
        assert answer.status == 200
    worker = worker_of(server)
    time.sleep(4)  # so that it has come to wait for work
    if killed:
        os.kill(worker, signal.SIGKILL)
    server.send_signal(what)
    _, told = server.communicate(timeout=15)
    assert server.returncode == 0 and "Traceback" not in told
    assert not Path(f"/proc/{worker}").exists()


class Dying:
    """A server that runs into trouble."""

    def run(self) -> None:
        raise OSError("no more files")


def test_what_the_server_dies_of_ends_the_program_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving.signal, "signal", lambda *_: None)
    with pytest.raises(OSError, match="no more files"):
        serving._run(Dying())  # type: ignore[arg-type]
