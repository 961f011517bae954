"""Bringing the tables of an older program up to date, one ordered step a version."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

Step = Callable[[Connection], None]

# STEPS[n] turns the tables of version n + 1 into those of version n + 2. A step says everything it needs
# itself: the tables in schema.py are always those of the newest version, so a step must not use them.
STEPS: tuple[Step, ...] = ()

VERSION = 1 + len(STEPS)


class NewerDataError(RuntimeError):
    """The data folder was written by a newer program; its message says what to do."""


def upgrade(connection: Connection, version: int, steps: Sequence[Step] = STEPS) -> int:
    """Run the steps that tables of `version` lack, in order; gives the version they then have.

    Raises NewerDataError when they are newer than the steps know.
    """
    newest = 1 + len(steps)
    if version > newest:
        raise NewerDataError(
            f"This data was written by a newer Winnow (its tables are of version {version}, this program knows"
            f" {newest}). Update Winnow, or start it with another data folder."
        )
    for step in steps[version - 1 :]:
        step(connection)
    return newest
