"""numba's decorator for the engine's loops, and where what it compiles is kept: a folder for each state of the engine.

numba itself asks whether the file of a loop has changed, and not whether another loop has, in another file, that is
called there: after an update, old and new would be mixed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Final

from numba import njit
from numba.core import config

__all__ = ["njit"]

_ENGINE: Final = Path(__file__).parent
_PREFIX: Final = "loops-"


def _stamp() -> str:
    """What the engine's files are, by their names, sizes and times."""
    files = sorted(_ENGINE.rglob("*.py"))
    told = "\n".join(f"{file.relative_to(_ENGINE)} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files)
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def _place() -> None:
    """Have numba keep what it compiles in the folder of this state, and clear away those of others.

    Whoever sets NUMBA_CACHE_DIR says where; where the engine's own folder cannot be written to, numba finds a place.
    """
    kept = _ENGINE / "__pycache__"
    here = kept / f"{_PREFIX}{_stamp()}"
    said: str = config.CACHE_DIR  # type: ignore[attr-defined]
    if said or not os.access(kept if kept.is_dir() else _ENGINE, os.W_OK):
        return
    if not here.is_dir():
        for old in kept.glob(f"{_PREFIX}*"):
            shutil.rmtree(old, ignore_errors=True)
        here.mkdir(parents=True, exist_ok=True)
    config.CACHE_DIR = str(here)  # type: ignore[attr-defined]


# As it is imported: where the loops of a file are kept is asked when that file is.
_place()
