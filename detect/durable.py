"""Files put in their place so that they are whole there even after a power cut: on the disk first, then named."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def put_in_place(part: Path, path: Path) -> None:
    """Give a closed file, or a folder whose files are settled, the name `path`; a file is put over what is there.

    Raises OSError, also where the disk turns out not to have taken what was written.
    """
    if not part.is_dir():
        settle(part)
    part.replace(path)
    if os.name != "nt":  # Windows opens no folder
        with suppress(OSError):  # some file systems settle none; the file itself is on the disk
            settle(path.parent)


def settle(path: Path) -> None:
    """Wait until what was written to a closed file is on the disk."""
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
