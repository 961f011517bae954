"""Files put in their place so that they are whole there even after a power cut: on the disk first, then named."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def put_in_place(part: Path, path: Path) -> None:
    """Give a closed file, or a folder with all that is in it, the name `path`; a file is put over what is there.

    Raises OSError, also where the disk turns out not to have taken what was written.
    """
    if part.is_dir():
        _settle_folder(part)
    else:
        _settle(part)
    part.replace(path)
    if os.name != "nt":  # Windows opens no folder
        with suppress(OSError):  # some file systems settle none; the file itself is on the disk
            _settle(path.parent)


def _settle_folder(folder: Path) -> None:
    # Thousands of small files one by one take a millisecond each; all that is waiting on the machine takes less.
    if hasattr(os, "sync"):
        os.sync()
        return
    for file in folder.rglob("*"):
        if file.is_file():
            _settle(file)


def _settle(path: Path) -> None:
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
