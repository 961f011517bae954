"""Defaults and the environment -> one frozen Config. The only reader of the environment."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from detect import Limits

# Room for the form around the largest file: field names, boundaries, and the names of some thousand files.
FORM_BYTES = 4 * 2**20

_SECRET_FILE = "secret-key"
_SECRET_BYTES = 32


class ConfigError(ValueError):
    """A setting that cannot be used; the message names it and says what would do."""


@dataclass(frozen=True)
class Config:
    """What a server needs to know. Limits on files and pages are not here: they are `detect.Limits`."""

    data: Path
    database_url: str
    secret_key: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    upload_bytes: int = Limits().file_bytes + FORM_BYTES

    @property
    def spool(self) -> Path:
        """Where uploaded files wait until they are read."""
        return self.data / "uploads"

    @property
    def host_in_address(self) -> str:
        """The host as an address writes it: IPv6 in brackets."""
        return f"[{self.host}]" if ":" in self.host else self.host


def load(
    *,
    data: Path | None = None,
    host: str | None = None,
    port: int | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Config:
    """The Config for these arguments, else the environment, else the defaults; makes the data folder.

    WINNOW_DATA, WINNOW_HOST, WINNOW_PORT, WINNOW_UPLOAD_BYTES, WINNOW_DATABASE (an SQLAlchemy URL, default
    SQLite in the data folder) and WINNOW_SECRET_KEY (default: made once, and kept in the data folder). Raises
    ConfigError.
    """
    folder = (data or Path(environ.get("WINNOW_DATA") or _user_folder(environ))).expanduser().absolute()
    if "?" in str(folder):
        raise ConfigError(f"The data folder {folder} has a question mark in its name, which a database URL cannot.")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret = environ.get("WINNOW_SECRET_KEY") or _kept_secret(folder / _SECRET_FILE)
    except OSError as error:
        raise ConfigError(f"The data folder {folder} cannot be used: {error.strerror}.") from error
    return Config(
        data=folder,
        database_url=environ.get("WINNOW_DATABASE") or f"sqlite:///{folder / 'winnow.sqlite'}",
        secret_key=secret,
        host=host or environ.get("WINNOW_HOST") or Config.host,
        port=_number(environ, "WINNOW_PORT", Config.port, 65535) if port is None else port,
        upload_bytes=_number(environ, "WINNOW_UPLOAD_BYTES", Config.upload_bytes, 2**40),
    )


def _user_folder(environ: Mapping[str, str]) -> Path:
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or "~/AppData/Local") / "Winnow"
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/Winnow")
    return Path(environ.get("XDG_DATA_HOME") or "~/.local/share") / "winnow"


def _number(environ: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and int(text) <= most):
        raise ConfigError(f"{name} is {text!r}; it has to be a whole number from 0 to {most}.")
    return int(text)


def _kept_secret(path: Path) -> str:
    """The key in this file, made on the first call, for its owner's eyes only."""
    try:
        # O_EXCL: of two servers that start together, one makes the key and the other reads it.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        secret = path.read_text(encoding="ascii").strip()
        if len(secret) < 2 * _SECRET_BYTES:
            raise ConfigError(f"{path} does not hold a whole key; delete it, and a new one is made.") from None
        return secret
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_SECRET_BYTES))
    return path.read_text(encoding="ascii")
