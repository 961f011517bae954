"""The stages over a Spark cluster: files read a task each; pages brought together by id, by site and in pairs; results
a file a task, or one table.

Functions and what they hold are sent to the cluster by pickle, so they have to be importable there; files are opened
where the tasks run, under the same paths. PySpark and Java are wanted only here (`pip install 'winnow[spark]'`).
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from detect.engine.parts import PAGES, batched, pages_in, pages_table
from detect.records import Page, Unreadable

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

Item = TypeVar("Item")
# A site's pages in a fixed order with their numbers, and what gave no page; tables of a given schema come out.
Group = Callable[[Sequence[tuple[int, Page]], Sequence[tuple[int, Unreadable]]], Iterator[pa.Table]]

# The pages of one id in the order of their numbers; what stays of them comes out, and what is told of the others.
OneId = Callable[[Sequence[tuple[int, Page]]], Iterable[tuple[int, "Page | Unreadable"]]]

# The columns of what was read: those of a page, or of an Unreadable the number, the source and why.
READ: Final = PAGES.append(pa.field("reason", pa.string()))
# The column of what is told to who started the run, in rows that are told and not written.
TOLD: Final = "told"
# Pages that a task may number: the number of a page is that of its task, then its own.
_NUMBERS: Final = 32
# Groups for what belongs to no site and need not be together: small ones, and not one a page.
_SCATTERED: Final = 16_384
_SETTINGS: Final = {
    # Rows that Spark sends to Python at once. Pages are long: its usual 10,000 could pass what a batch may hold.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "1000",
    "spark.ui.showConsoleProgress": "false",
}


class SparkMissingError(RuntimeError):
    """PySpark is not installed, or Java is not there for it."""


class SparkFailedError(RuntimeError):
    """Spark gave up on a run: a task failed as often as it may, or the cluster was lost."""


@contextmanager
def spark_session(master: str, partitions: int) -> Iterator[SparkSession]:
    """A session on the cluster at `master`, stopped at the end unless it was there before; `partitions` of a shuffle.

    Raises SparkMissingError where Spark cannot be started, and SparkFailedError when it gives up on a run.
    """
    try:
        import pandas  # noqa: F401  # PySpark wants it for whatever goes through Arrow
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SparkMissingError(f"{error.name} is not installed: pip install 'winnow[spark]'") from None

    found = SparkSession.getActiveSession()
    try:
        session = found or _started(SparkSession.builder.master(master).appName("winnow"))
        session.conf.set("spark.sql.shuffle.partitions", str(partitions))
    except (PySparkException, Py4JError, OSError) as error:
        raise SparkMissingError(
            f"Spark did not start on {master}. It wants Java 17 or later (on the PATH, or in JAVA_HOME) and PySpark "
            f"(pip install 'winnow[spark]'): {_first_line(error)}"
        ) from None
    try:
        yield session
    except (PySparkException, Py4JError) as error:
        raise SparkFailedError(f"Spark gave up: {_first_line(error)}") from error
    finally:
        if found is None:
            with suppress(Exception):  # a cluster that was lost cannot be told to stop
                session.stop()


def _started(builder: SparkSession.Builder) -> SparkSession:
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    # Where PYSPARK_PYTHON says nothing, PySpark takes whatever "python3" is, which has no Winnow.
    if session.sparkContext.pythonExec == "python3":
        session.sparkContext.pythonExec = sys.executable
    return session


def _first_line(error: BaseException) -> str:
    """The line of a long account that says what went wrong: of a traceback the last."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    traceback = next((at for at, line in enumerate(lines) if line.startswith("Traceback")), None)
    if traceback is None:
        return lines[0] if lines else type(error).__name__
    ours = [line for line in lines[traceback:] if not line.startswith(("at ", "File ", "Caused by", "..."))]
    return next((line for line in ours if "Error: " in line or "Exception: " in line), ours[0])


def read_pages(
    session: SparkSession, tasks: Sequence[Sequence[Item]], read: Callable[[Item], Iterator[Page | Unreadable]]
) -> DataFrame:
    """What `read` gives of the items of each task, as rows of READ; `at` rises in the order of tasks and items."""
    rows = [(number, pickle.dumps(list(items))) for number, items in enumerate(tasks)]
    frame = session.createDataFrame(rows, "number long, items binary")

    def read_batches(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for row in batch.to_pylist():
                found = chain.from_iterable(map(read, pickle.loads(row["items"])))
                yield from _rows(enumerate(found, first_of(row["number"])))

    # By ranges of the number, each task has one row; dealt out by chance some would have many, and some none.
    spread = frame.repartitionByRange(max(1, len(rows)), "number")
    return spread.mapInArrow(read_batches, _spark_schema(READ))


def first_of(task: int) -> int:
    """The number of the first page of a task."""
    return task << _NUMBERS


def _rows(found: Iterable[tuple[int, Page | Unreadable]]) -> Iterator[pa.RecordBatch]:
    for some in batched(found, lambda row: len(row[1].text) if isinstance(row[1], Page) else 1):
        pages = pages_table([(at, one) for at, one in some if isinstance(one, Page)])
        yield from pages.append_column(READ.field("reason"), pa.nulls(len(pages), pa.string())).to_batches()
        failed = [
            {"at": at, "source": one.source, "reason": one.reason} for at, one in some if isinstance(one, Unreadable)
        ]
        if failed:
            yield pa.RecordBatch.from_pylist(failed, READ)


def by_id(frame: DataFrame, function: OneId) -> DataFrame:
    """What `function` leaves of the pages of each id, as rows of READ; what gave no page stays as it is."""

    def of_partition(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        found = chain.from_iterable(map(_found_in, batches))
        ids = groupby(found, lambda row: row[1].id if isinstance(row[1], Page) else None)
        yield from _rows(chain.from_iterable(some if id is None else function(list(some)) for id, some in ids))

    return frame.repartition("id").sortWithinPartitions("id", "at").mapInArrow(of_partition, _spark_schema(READ))


def _found_in(batch: pa.RecordBatch) -> Iterator[tuple[int, Any]]:
    """The numbered pages that are in rows of READ, and what gave none."""
    for row in batch.filter(pc.is_valid(batch["reason"])).select(["at", "source", "reason"]).to_pylist():
        yield row["at"], Unreadable(row["source"], row["reason"])
    yield from pages_in(batch.filter(pc.is_null(batch["reason"])))


def by_site(frame: DataFrame, function: Group, schema: pa.Schema) -> DataFrame:
    """What `function` gives of the rows of READ of each site, in columns of `schema` and TOLD.

    The pages of a group come sorted by id and source, in whatever order they were read; a task holds one group. Pages
    without a site, and what gave no page, come in small groups of any.
    """
    told = schema.append(pa.field(TOLD, pa.string()))

    def of_group(table: pa.Table) -> pa.Table:
        rows = [row for batch in table.to_batches() for row in pages_in(batch.filter(pc.is_null(batch["reason"])))]
        rows.sort(key=lambda row: (row[1].id, row[1].source, row[0]))
        failed = table.filter(pc.is_valid(table["reason"])).select(["at", "source", "reason"]).to_pylist()
        made = function(rows, [(one["at"], Unreadable(one["source"], one["reason"])) for one in failed])
        return pa.concat_tables(chain([told.empty_table()], made), promote_options="default").select(told.names)

    return frame.groupBy(_group_of()).applyInArrow(of_group, _spark_schema(told))


def _group_of() -> Column:
    from pyspark.sql import functions

    site, id, source = (functions.col(name) for name in ("site", "id", "source"))
    number = functions.pmod(functions.xxhash64(functions.coalesce(id, source)), functions.lit(_SCATTERED))
    none = site.isNull() | (site == "")
    # A letter before each, so that no site is taken for a number.
    return (
        functions.when(none, functions.concat(functions.lit("n"), number))
        .otherwise(functions.concat(functions.lit("s"), site))
        .alias("group")
    )


@contextmanager
def kept(frame: DataFrame) -> Iterator[DataFrame]:
    """The rows that a frame has outside of TOLD, for who asks several things of them: made once, and then on disk."""
    from pyspark import StorageLevel

    frame.persist(StorageLevel.DISK_ONLY)
    try:
        yield frame
    finally:
        frame.unpersist()


def told_in(frame: DataFrame, together: Callable[[Iterable[str]], str]) -> str:
    """What the rows of a frame tell, `together`."""

    def of_partition(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield pa.RecordBatch.from_pydict({TOLD: [together(chain.from_iterable(b[TOLD].to_pylist() for b in batches))]})

    rows = frame.select(TOLD).where(f"{TOLD} IS NOT NULL").mapInArrow(of_partition, f"{TOLD} string").collect()
    return together(row[TOLD] for row in rows)


def rows_in(frame: DataFrame, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """These columns of all rows, but of those that tell."""
    return [tuple(row) for row in frame.where(f"{TOLD} IS NULL").select(*columns).collect()]


def counts_in(frame: DataFrame, column: str) -> dict[Any, int]:
    """How many rows have each value of a column, but of those that tell."""
    return dict(frame.where(f"{TOLD} IS NULL").groupBy(column).count().collect())


def write_parts(
    frame: DataFrame,
    folder: Path,
    suffix: str,
    schema: pa.Schema,
    write: Callable[[Iterator[pa.Table], Path], None],
    together: Callable[[Iterable[str]], str],
) -> list[str]:
    """Write each partition of what `by_site` made to a file `part-00000` with `suffix` in `folder`; what rows tell,
    those of a partition `together`.

    A file is whole or not there, however often a task is tried. A partition without a row to write gives none.
    """

    def of_partition(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        told: list[str] = []
        tables = _written(batches, schema, told)
        first = next(tables, None)
        if first is not None:
            _write_part(chain([first], tables), folder, suffix, write)
        yield pa.RecordBatch.from_pydict({TOLD: [together(told)]})

    rows = frame.mapInArrow(of_partition, f"{TOLD} string").collect()
    for left in folder.glob(".*"):  # of tasks that were killed, by a name that begins so
        left.unlink()
    return [row[TOLD] for row in rows]


def _written(batches: Iterable[pa.RecordBatch], schema: pa.Schema, told: list[str]) -> Iterator[pa.Table]:
    """The rows to write, in tables of `schema`; what the others tell is added to `told` as they pass."""
    for batch in batches:
        told += [text for text in batch[TOLD].to_pylist() if text is not None]
        table = pa.Table.from_batches([batch.filter(pc.is_null(batch[TOLD]))])
        if len(table):
            yield table.select(schema.names).cast(schema)


def _write_part(
    tables: Iterator[pa.Table], folder: Path, suffix: str, write: Callable[[Iterator[pa.Table], Path], None]
) -> None:
    from pyspark import TaskContext

    context: Any = TaskContext.get()
    path = folder / f"part-{context.partitionId():05}{suffix}"
    # Its own name for every try: Spark may start a slow task a second time beside the first.
    part = path.with_name(f".{path.name}.{context.taskAttemptId()}")
    try:
        write(tables, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _spark_schema(schema: pa.Schema) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema)


# Pages in pairs


def these_pairs(session: SparkSession, pairs: Sequence[tuple[str, str]]) -> DataFrame:
    """Pairs of ids, in columns a and b."""
    return session.createDataFrame(pairs, "a string, b string")


def meeting(
    frame: DataFrame, key: str, columns: Sequence[str], meet: Callable[[pa.Table], pa.Table], least: int
) -> DataFrame:
    """The pairs of ids, in columns a and b, that meet `least` times; of each row `key` is a list.

    `meet` gets `columns` and a key a row, all rows of some keys, and gives the pairs that meet by them and how many
    `times`. What it gets at once is held in memory.
    """
    from pyspark.sql import functions

    def of_partition(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        if held := list(batches):
            yield from meet(pa.Table.from_batches(held)).to_batches()

    rows = frame.where(f"{TOLD} IS NULL").select(*columns, functions.explode(key).alias("key"))
    met = rows.repartition("key").mapInArrow(of_partition, "a string, b string, times long")
    times = met.groupBy("a", "b").agg(functions.sum("times").alias("times"))
    return times.where(functions.col("times") >= least).select("a", "b")


def beside(
    pairs: DataFrame,
    frame: DataFrame,
    columns: Sequence[str],
    function: Callable[[Iterator[dict[str, Any]]], Iterator[pa.RecordBatch]],
    schema: pa.Schema,
) -> pa.Table:
    """What `function` makes of the rows of each pair of ids; all of it comes here.

    It gets, in `columns`, the row of each b, and then those of its a's.
    """

    def of_partition(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        rows = chain.from_iterable(batch.to_pylist() for batch in batches)
        for _, some in groupby(rows, lambda row: row["beside"]):
            yield from function(some)

    # Each b is beside itself too, and has the first turn. A page has few a's, and may be the a of very many.
    both = "inline(array(struct(a AS id, b AS beside, 1 AS turn), struct(b AS id, b AS beside, 0 AS turn)))"
    wanted = pairs.selectExpr(both).distinct()
    rows = wanted.join(frame.where(f"{TOLD} IS NULL").select(*columns), "id")
    ordered = rows.repartition("beside").sortWithinPartitions("beside", "turn", "id")
    return ordered.mapInArrow(of_partition, _spark_schema(schema)).toArrow().cast(schema)
