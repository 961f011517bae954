"""Many files onto the disk at once: it takes several in the time that one alone takes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from detect.durable import settle

_TOGETHER: Final = 16


def settle_folder(folder: Path) -> None:
    """Wait until all files in a folder are on the disk. Raises OSError where the disk did not take one."""
    with ThreadPoolExecutor(_TOGETHER, "settling") as threads:
        for _ in threads.map(settle, (file for file in folder.rglob("*") if file.is_file())):
            pass
