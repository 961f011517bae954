"""What the tests of the app share: a data folder, a store on it, the actions, and somebody who does the jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from webapp import config as configuration
from webapp.actions import Actions
from webapp.config import Config
from webapp.jobs import Worker
from webapp.store import Store


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return configuration.load(data=tmp_path / "data", environ={})


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    store = Store(config.database_url)
    yield store
    store.close()


@pytest.fixture
def actions(config: Config, store: Store) -> Actions:
    return Actions(config, store)


@pytest.fixture
def work(config: Config, store: Store) -> Callable[[], None]:
    """Does all the work there is, here and now."""

    def until_idle() -> None:
        worker = Worker(config, store, Event())
        while worker.step():
            pass

    return until_idle
