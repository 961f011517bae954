"""Connections and transactions, on SQLite in the data folder or on PostgreSQL by URL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Literal, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection, event
from sqlalchemy.dialects import postgresql, sqlite

from webapp.store import migrations
from webapp.store.schema import database, tables

# A writer waits this long for another: the longest writes (publishing a site of 100,000 pages) take some seconds.
_BUSY_MS = 30_000

_VACUUM_PAGES = 2000  # of 4096 bytes

# Values that one statement is given: SQLite takes 32,766.
VALUES = 1000

T = TypeVar("T")


class Database:
    """The tables behind one database URL. Safe to share between threads; each process opens its own."""

    def __init__(self, url: str) -> None:
        """Open the database, make or upgrade its tables. Raises migrations.NewerDataError."""
        self._engine = sa.create_engine(url)
        self._sqlite = self._engine.dialect.name == "sqlite"
        if self._sqlite:
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        with self._write() as connection:
            if sa.inspect(connection).has_table(database.name):
                version = connection.execute(sa.select(database.c.version)).scalar_one()
                connection.execute(sa.update(database).values(version=migrations.upgrade(connection, version)))
            else:
                tables.create_all(connection)
                connection.execute(sa.insert(database).values(version=migrations.VERSION, next_page=1))

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def _read(self) -> AbstractContextManager[Connection]:
        return self._engine.begin()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            connection = connection.execution_options(winnow_write=True)
            with connection.begin():
                yield connection

    @contextmanager
    def _moment(self) -> Iterator[Connection]:
        """Everything as it is at this moment, for as long as that takes, while others write."""
        with self._engine.connect() as connection:
            if not self._sqlite:  # where a transaction sees one moment anyway
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    def _give_back(self) -> None:
        """Return the room of deleted rows to the disk, a little at a time: it holds up writers."""
        if not self._sqlite:
            return
        with self._engine.connect() as connection:
            sqlite = connection.connection.driver_connection
            assert sqlite is not None
            free, before = sqlite.execute("PRAGMA freelist_count").fetchone()[0], None
            while free and free != before:  # a file that somebody else made may not shrink
                # Only a script runs this to its end: it frees one page a step, and execute() takes one step.
                sqlite.executescript(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})")
                free, before = sqlite.execute("PRAGMA freelist_count").fetchone()[0], free


def key_of(result: sa.CursorResult[Any]) -> int:
    """The number that an inserted row was given."""
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])


def runs(values: Sequence[T], size: int = VALUES) -> Iterator[Sequence[T]]:
    """Values in runs of as many as a statement is given."""
    return (values[first : first + size] for first in range(0, len(values), size))


def insert_new(connection: Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert those of the rows, each in the order of the columns, that are not there."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    made = insert(table).on_conflict_do_nothing().compile(dialect=connection.dialect)
    names = [column.name for column in table.columns]
    given: Any = rows if made.positional else [dict(zip(names, row, strict=True)) for row in rows]
    if rows:  # handed to the driver as they are: millions of them would wait longer for SQLAlchemy than for the disk
        connection.exec_driver_sql(str(made), given)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own transactions cannot begin as writers: see _begin_sqlite
    for pragma in (
        f"busy_timeout={_BUSY_MS}",
        "auto_vacuum=INCREMENTAL",  # before the first table, or it does nothing
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turns writer fails at once when another wrote in between; one that begins as a writer waits.
    mode: Literal["IMMEDIATE", "DEFERRED"]
    mode = "IMMEDIATE" if connection.get_execution_options().get("winnow_write") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")
