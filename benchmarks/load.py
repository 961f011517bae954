"""How soon the app answers several people at a time: with no job, and with a job at work beside them.

In: how many pages, people and seconds. Out: a table for each of the two, with the milliseconds of each kind of request.

    python benchmarks/load.py [--pages 1000] [--people 4] [--seconds 30] [--seed 1] [--markdown]

A server of its own on a free port, with a data folder that is gone at the end, gets a batch of invented pages
(corpus.py) as a collection. Then each person sends one request after another, without a pause, as a browser does: with
cookie and token, and as htmx where the screens use it. An answer counts when it has come in whole. What a request asks
for is drawn by a seed; how many there are depends on the machine. Exit code 1 when any answer was an error.

Memory is the largest resident size of a process so far, where Linux tells it.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import math
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote_plus, urlencode

import corpus
from speed import Table, printed

_ROOT = Path(__file__).resolve().parents[1]
_LONGEST = 120.0  # seconds to wait for an answer
_BOUNDARY = "a-line-that-no-page-has"
_PASTED = 40  # different pages that are pasted
_LISTS = 20  # lists of pages that are gone through for what to look at


class Sent(NamedTuple):
    """A request: its kind, the seconds until its answer was in, and what was wrong with it."""

    kind: str
    seconds: float
    problem: str


class Answer(NamedTuple):
    """What came back; `place` is where it sends the browser."""

    status: int
    place: str
    body: bytes


class Visitor:
    """One person's browser: a connection that stays open, a cookie, and the token of the forms."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_LONGEST)
        self._cookie = ""
        found = re.search(rb'name="csrf_token" value="([^"]+)"', self.get("/").body)
        assert found, "the first screen has a form"
        self._token = found[1].decode()

    def get(self, path: str, target: str = "") -> Answer:
        """A screen; the element `target` of it, as htmx asks for it."""
        return self._send("GET", path, b"", _htmx(target))

    def post(self, path: str, target: str = "", **fields: str) -> Answer:
        """Send a form."""
        body = urlencode({"csrf_token": self._token, **fields}).encode()
        return self._send("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"} | _htmx(target))

    def upload(self, path: str, name: str, content: bytes) -> Answer:
        """Send the form of an upload with one file."""
        token = f'Content-Disposition: form-data; name="csrf_token"\r\n\r\n{self._token}\r\n'
        file = f'Content-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        body = f"--{_BOUNDARY}\r\n{token}--{_BOUNDARY}\r\n{file}".encode() + content
        type = f"multipart/form-data; boundary={_BOUNDARY}"
        return self._send("POST", path, body + f"\r\n--{_BOUNDARY}--\r\n".encode(), {"Content-Type": type})

    def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        try:
            self._connection.request(method, path, body, headers | {"Cookie": self._cookie})
            answer = self._connection.getresponse()
            content = answer.read()
        except OSError:
            self._connection.close()  # the next request opens another one
            raise
        if cookie := answer.getheader("Set-Cookie"):
            self._cookie = cookie.split(";")[0]
        return Answer(answer.status, answer.getheader("Location", ""), content)


def _htmx(target: str) -> dict[str, str]:
    return {"HX-Request": "true", "HX-Target": target} if target else {}


@dataclass(frozen=True)
class Known:
    """What people know of a collection: its number, some of its pages and all its sites, and texts to paste."""

    collection: int
    pages: Sequence[int]
    sites: Sequence[str]
    texts: Sequence[str]


Ask = Callable[[Visitor, Known, random.Random], Answer]


def _paste(visitor: Visitor, known: Known, chance: random.Random) -> Answer:
    return visitor.post("/", "pasted", text=chance.choice(known.texts), collection=str(known.collection))


def _page(visitor: Visitor, known: Known, chance: random.Random) -> Answer:
    return visitor.get(f"/pages/{chance.choice(known.pages)}")


def _list(visitor: Visitor, known: Known, chance: random.Random) -> Answer:
    sort = chance.choice(("title", "site", "size", "boilerplate"))
    query = {"site": chance.choice(known.sites), "search": chance.choice("aeiou"), "sort": sort}
    return visitor.get(f"/collections/{known.collection}?{urlencode(query)}", "list")


def _blocks(visitor: Visitor, known: Known, chance: random.Random) -> Answer:
    return visitor.get(f"/collections/{known.collection}/boilerplate?site={quote(chance.choice(known.sites))}")


def _reuse(visitor: Visitor, known: Known, chance: random.Random) -> Answer:
    return visitor.get(f"/collections/{known.collection}/reuse?across={chance.choice('01')}")


def _download(visitor: Visitor, known: Known, chance: random.Random) -> Answer:
    return visitor.get(f"/collections/{known.collection}/cleaned.{chance.choice(('zip', 'jsonl'))}")


# Each kind, and how often it is asked for.
KINDS: dict[str, tuple[Ask, int]] = {
    "paste a page": (_paste, 6),
    "look at a page": (_page, 6),
    "list pages": (_list, 4),
    "blocks of a site": (_blocks, 2),
    "reuse": (_reuse, 2),
    "download": (_download, 1),
}


def main() -> int:
    """Measure both, and print them; 1 when any answer was an error."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=1_000)
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    made = list(corpus.pages(arguments.pages, arguments.seed))
    rows = [json.dumps({"id": page.id, "site": page.site, "date": page.date, "text": page.text}) for page in made]
    batch = "\n".join(rows).encode()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server is ended then, too
    errors = 0
    with serving() as server:
        known = filled(server.port, batch, [page.text for page in made[:_PASTED]])
        for busy in (False, True):
            with at_work(server.port, batch) if busy else contextlib.nullcontext():
                sent = measured(server.port, known, arguments.people, arguments.seconds, arguments.seed)
            title = f"{arguments.people} people, {'with a job at work' if busy else 'no job'}"
            print(printed(table(title, sent), arguments.markdown))
            print(f"{len(sent) / arguments.seconds:.1f} requests a second; {server.memory()}\n", flush=True)
            errors += told(sent)
    return 1 if errors else 0


# The server


@dataclass(frozen=True)
class Server:
    """A server at work."""

    process: subprocess.Popen[str]
    port: int

    def memory(self) -> str:
        """The most that it has held, and its worker."""
        own = _peak(self.process.pid)
        worker = max(map(_peak, _children(self.process.pid)), default=0.0)
        return f"at most {own:,.0f} MB in the server, {worker:,.0f} MB in its worker" if own else "memory is not told"


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """A server with a data folder of its own; both are gone afterwards, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="winnow-load-") as data, tempfile.TemporaryFile() as log:
        command = [sys.executable, "-m", "webapp.cli", "serve", "--port", "0", "--no-browser", "--data", data]
        process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout
            found = (re.search(r"http://127\.0\.0\.1:(\d+)/", line) for line in process.stdout)
            port = next((int(address[1]) for address in found if address), 0)
            if not port:
                log.seek(0)
                sys.exit(f"the server did not start: {log.read().decode(errors='replace')}")
            yield Server(process, port)
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        print("the server did not end when it was asked to", file=sys.stderr)
        process.kill()
        process.wait()


def _peak(pid: int) -> float:
    """Megabytes that a process has held at most; 0 where that is not told."""
    with contextlib.suppress(OSError):
        if found := re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{pid}/status").read_text()):
            return int(found[1]) * 1024 / 1e6
    return 0.0


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


# What people have


def filled(port: int, batch: bytes, texts: Sequence[str]) -> Known:
    """A collection of this batch, once its job is done, and what a person finds there."""
    visitor = Visitor(port)
    collection, job = _uploaded(visitor, batch)
    while not _has_ended(visitor, job):
        time.sleep(1)
    pages: dict[int, None] = {}
    for number in range(1, _LISTS + 1):
        found = re.findall(rb'href="/pages/(\d+)"', visitor.get(f"/collections/{collection}?number={number}").body)
        pages |= dict.fromkeys(map(int, found))
    sites = re.findall(rb"boilerplate\?site=([^\"&]+)", visitor.get(f"/collections/{collection}/sites").body)
    return Known(collection, list(pages), [unquote_plus(site.decode()) for site in sites], texts)


def _uploaded(visitor: Visitor, batch: bytes) -> tuple[int, int]:
    """The numbers of a new collection of this batch, and of its job."""
    made = visitor.post("/collections", name=f"Load {time.time_ns()}")  # names differ
    collection = int(made.place.split("/")[2])
    answer = visitor.upload(f"/collections/{collection}/upload", "batch.jsonl", batch)
    return collection, int(answer.place.rpartition("/")[2])


def _has_ended(visitor: Visitor, job: int) -> bool:
    """Look at a job as its screen does every second."""
    return b"hx-trigger" not in visitor.get(f"/jobs/{job}", "job").body


@contextlib.contextmanager
def at_work(port: int, batch: bytes) -> Iterator[None]:
    """A job is under way meanwhile, one after another."""
    over, begun = threading.Event(), threading.Event()

    def work() -> None:
        visitor = Visitor(port)
        while not over.is_set():
            _, job = _uploaded(visitor, batch)
            begun.set()
            while not over.wait(1) and not _has_ended(visitor, job):
                pass

    with ThreadPoolExecutor(1) as threads:
        jobs = threads.submit(work)
        try:
            while not begun.wait(0.1) and not jobs.done():
                pass
            yield
        finally:
            over.set()
            jobs.result()


# What they do


def measured(port: int, known: Known, people: int, seconds: float, seed: int) -> list[Sent]:
    """What so many people sent in that time; an answer that is still to come is waited for."""
    until = time.monotonic() + seconds

    def one(person: int) -> list[Sent]:
        visitor, chance = Visitor(port), random.Random(seed * 1_000 + person)
        kinds, weights = list(KINDS), [weight for _, weight in KINDS.values()]
        sent = []
        while time.monotonic() < until:
            kind = chance.choices(kinds, weights)[0]
            sent.append(timed(kind, KINDS[kind][0], visitor, known, chance))
        return sent

    with ThreadPoolExecutor(people) as threads:
        return [sent for some in threads.map(one, range(people)) for sent in some]


def timed(kind: str, ask: Ask, visitor: Visitor, known: Known, chance: random.Random) -> Sent:
    """Send one request."""
    start = time.perf_counter()
    try:
        answer = ask(visitor, known, chance)
        problem = "" if answer.status == 200 and answer.body else f"status {answer.status}"
    except (OSError, http.client.HTTPException) as error:
        problem = f"{type(error).__name__}: {error}"
    return Sent(kind, time.perf_counter() - start, problem)


# Telling


def table(title: str, sent: Sequence[Sent]) -> Table:
    """A row a kind of request, and one for all."""
    head = ("request", "sent", "errors", "median ms", "95% ms", "longest ms")
    kinds = [(kind, [one for one in sent if one.kind == kind]) for kind in KINDS]
    return Table(title, head, [_cells(kind, some) for kind, some in (*kinds, ("all", sent)) if some])


def _cells(kind: str, sent: Sequence[Sent]) -> list[str]:
    times = sorted(1e3 * one.seconds for one in sent)
    tail = times[math.ceil(0.95 * len(times)) - 1]
    errors = sum(bool(one.problem) for one in sent)
    return [
        kind,
        f"{len(sent):,}",
        f"{errors:,}",
        *(f"{ms:,.0f}" for ms in (statistics.median(times), tail, times[-1])),
    ]


def told(sent: Sequence[Sent]) -> int:
    """How many errors there were; each kind of them is named."""
    problems = [f"{one.kind}: {one.problem}" for one in sent if one.problem]
    for problem in dict.fromkeys(problems):
        print(f"{problem} ({problems.count(problem):,} times)", file=sys.stderr)
    return len(problems)


if __name__ == "__main__":
    sys.exit(main())
