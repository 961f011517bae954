"""Runs the app on this machine: the server, the job worker beside it, and a sample for who has no data yet."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import time
import webbrowser
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

import waitress
from waitress.server import BaseWSGIServer, MultiSocketServer

import detect
from detect import Page
from webapp import config as settings
from webapp import create_app
from webapp.actions import Actions
from webapp.jobs import start_worker
from webapp.records import Upload
from webapp.samples import sample_archive, sample_pages
from webapp.views import KEY

# Waitress takes a whole request in before the application sees it. With twice the room, the application still
# gets to say the limit for what is a little too large, and what is far too large stops at once.
_SLACK = 2
_PULSE = 1.0  # seconds between two looks whether the server still runs


def serve(
    host: str | None = None, port: int | None = None, data: Path | None = None, *, open_browser: bool = True
) -> None:
    """Runs the app until it is interrupted: the server, the job worker, and in a new data folder a sample.

    None leaves a setting to the environment and its default. Raises ConfigError; ends the program with a message
    when the port is taken.
    """
    config = settings.load(data=data, host=host, port=port)
    # Uploads make this folder, the sample's first of all: who deletes the sample is not given it again.
    is_new = not config.spool.exists()
    app = create_app(config)
    try:
        server = waitress.create_server(
            app,
            host=config.host,
            port=config.port,
            ident="",
            max_request_body_size=_SLACK * config.upload_bytes,
        )
    except OSError as error:
        raise SystemExit(
            f"{config.host}:{config.port} cannot be used ({error.strerror}). Choose another --port."
        ) from error
    if is_new:
        _add_sample(app.extensions[KEY])
    # Before the worker, which would compile the same kernels at the same time.
    print("Getting ready (the first start compiles the engine: about a minute) …", flush=True)
    _warm()
    worker = start_worker(config)
    try:
        # Port 0 asks for any free port, and the server knows which one it got.
        port = getattr(server, "effective_port", config.port)
        address = f"http://{config.host_in_address}:{port}/"
        print(f"Winnow is at {address} and keeps its data in {config.data}. Ctrl-C ends it.", flush=True)
        if open_browser:
            threading.Thread(target=webbrowser.open, args=(address,), name="browser", daemon=True).start()
        _run(server)
    finally:
        # Both at a time: the worker comes to the end of its page while the last answers are sent.
        worker.ask_to_stop()
        server.task_dispatcher.shutdown()
        worker.stop()


def _run(server: BaseWSGIServer | MultiSocketServer) -> None:
    """Runs the server until this process is asked to end, by Ctrl-C or a signal. Raises what the server died of."""
    died: list[Exception] = []

    def run() -> None:
        try:
            server.run()
        except Exception as error:
            died.append(error)

    thread = threading.Thread(target=run, name="server", daemon=True)
    thread.start()
    # A signal raises an exception wherever this thread is: here, where nothing can swallow it or be left half done.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with suppress(KeyboardInterrupt):
        while thread.is_alive():
            time.sleep(_PULSE)
    if died:  # in a thread, an exception ends nothing else: the program would end as if all were well
        raise died[0]


def _add_sample(actions: Actions) -> None:
    """A collection to look at, so that the first screen is not an empty one."""
    if not actions.collections():
        made = actions.create_collection("Sample: two newsrooms")
        actions.upload(made.id, [Upload("sample.zip", io.BytesIO(sample_archive()))])


def _warm() -> None:
    """Has the kernels compiled or loaded before the first person waits for them, by doing all that they are for."""
    if detect.is_new():
        list(detect.run(_do, range(len(_DOINGS)), workers=min(len(_DOINGS), os.cpu_count() or 1), together=1))
    for number in range(len(_DOINGS)):
        _do(None, number)


def _do(shared: None, number: int) -> None:
    few = list(islice(sample_pages(), 4))
    _DOINGS[number]([*few, *(replace(page, id=f"{page.id} again", site="again.example") for page in few)])


def _label(pages: list[Page]) -> None:
    memory = detect.learn(pages)
    labelled = [(page, detect.label(page, memory)) for page in pages]
    for page, labels in labelled:
        detect.describe(page, labels)
    detect.find_blocks(labelled)


def _compare(pages: list[Page]) -> None:
    detect.find_reuse(pages, None)
    detect.changes(pages[0].text, pages[1].text)


# What a first start compiles at the same time, so that it takes half as long.
_DOINGS = (_label, _compare)
