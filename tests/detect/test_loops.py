import os
from pathlib import Path

import pytest
from numba.core import config

from detect import loops


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "stage.py").write_text("one = 1")
    monkeypatch.setattr(loops, "_ENGINE", tmp_path)
    monkeypatch.setattr(config, "CACHE_DIR", "")
    return tmp_path


def placed(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(config, "CACHE_DIR", "")
    loops._place()
    return Path(config.CACHE_DIR)  # type: ignore[attr-defined]


def test_what_was_compiled_is_kept_until_any_file_of_the_engine_changes(engine: Path, monkeypatch) -> None:
    first = placed(monkeypatch)
    assert first.is_dir() and first.parent == engine / "__pycache__"
    assert placed(monkeypatch) == first
    (engine / "room").mkdir()
    (engine / "room" / "other.py").write_text("two = 2")
    second = placed(monkeypatch)
    assert second != first and second.is_dir() and not first.exists()
    os.utime(engine / "stage.py", ns=(1, 1))
    assert placed(monkeypatch) not in (first, second)


def test_a_place_that_was_named_is_taken(engine: Path, monkeypatch) -> None:
    monkeypatch.setattr(config, "CACHE_DIR", "/named")
    loops._place()
    assert config.CACHE_DIR == "/named"  # type: ignore[attr-defined]
    assert not (engine / "__pycache__").exists()
