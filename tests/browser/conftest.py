"""A real server with a data folder of its own, and a real Chromium that may talk to nobody else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

_ROOT = Path(__file__).parents[2]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# What a browser and htmx log when a test asks for what is not there, leaves a choice out, or takes the network away.
_EXPECTED = r"status of 4(04|22)|ERR_INTERNET_DISCONNECTED|^htmx:(afterRequest|sendError)"
_SKIPPED = pytest.StashKey[str]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if problem := config.stash.get(_SKIPPED, ""):
        terminalreporter.write_line(
            f"BROWSER TESTS SKIPPED: {problem}. Install Chromium (Debian: apt-get install chromium; elsewhere: "
            "playwright install chromium) and run the tests again.",
            red=True,
            bold=True,
        )


@pytest.fixture(scope="session")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, _NAMES)), None)  # else the one that Playwright brings
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        except Error as error:
            pytestconfig.stash[_SKIPPED] = "Chromium could not be started" if executable else "no Chromium was found"
            pytest.skip(str(error).splitlines()[0])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server, as `winnow serve` prints it."""
    data = tmp_path_factory.mktemp("data") / "winnow"
    command = [sys.executable, "-c", "from webapp.cli import main; main()"]
    server = subprocess.Popen(
        [*command, "serve", "--port", "0", "--no-browser", "--data", str(data)],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout
    line = next((line for line in server.stdout if "http://" in line), "")
    try:
        assert line, "the server did not start"
        yield next(word for word in line.split() if word.startswith("http://")).rstrip("/")
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Opens a new browser window. Whatever happens in it, no other host is asked, and nothing is complained of."""
    contexts: list[BrowserContext] = []
    hosts: set[str | None] = set()
    complaints: list[str] = []

    def open_window(**options: object) -> Page:
        context = browser.new_context(base_url=address, **options)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(20_000)
        context.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda entry: complaints.append(entry.text) if entry.type == "error" else None)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert hosts == {"127.0.0.1"}
    assert [text for text in complaints if not re.search(_EXPECTED, text)] == []
