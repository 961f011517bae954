from __future__ import annotations

import stat
from pathlib import Path

import pytest

from webapp import config
from webapp.config import ConfigError


def test_defaults_listen_on_this_machine_alone_and_keep_data_in_the_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    made = config.load(environ={"XDG_DATA_HOME": str(tmp_path)})
    assert (made.host, made.port) == ("127.0.0.1", 8000)
    assert made.data == tmp_path / "winnow"
    assert made.database_url == f"sqlite:///{tmp_path}/winnow/winnow.sqlite"


def test_arguments_come_before_the_environment(tmp_path: Path) -> None:
    environ = {"WINNOW_DATA": str(tmp_path / "env"), "WINNOW_PORT": "9000", "WINNOW_HOST": "::1"}
    assert config.load(environ=environ).port == 9000
    made = config.load(data=tmp_path / "given", port=0, environ=environ)
    assert (made.data, made.port, made.host) == (tmp_path / "given", 0, "::1")


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first = config.load(data=tmp_path / "data", environ={})
    assert first.secret_key == config.load(data=tmp_path / "data", environ={}).secret_key
    assert len(first.secret_key) == 64
    assert stat.S_IMODE((tmp_path / "data" / "secret-key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert first.secret_key not in repr(first)


def test_a_half_written_key_is_told_and_not_used(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("abc")
    with pytest.raises(ConfigError, match="delete it"):
        config.load(data=tmp_path, environ={})


@pytest.mark.parametrize("port", ["eight", "-1", "65536", "80.5", "٨٠"])
def test_a_port_that_is_none_is_told_by_name(tmp_path: Path, port: str) -> None:
    with pytest.raises(ConfigError, match="WINNOW_PORT"):
        config.load(data=tmp_path, environ={"WINNOW_PORT": port})


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be used"):
        config.load(data=tmp_path / "file" / "data", environ={})
