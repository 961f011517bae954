"""Parquet: a page a row, in columns that are called as the fields of JSON lines: `text` or `html`, with an optional
`id`, `url`, `site` and `date`.

Other columns are not read. A row that is no page is told with its number, counted from 1, and the others go on. Memory
holds a few rows at a time, however large the row groups are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from detect.reading.archives import BROKEN, Budget, seekable
from detect.reading.limits import Limits, PageTooLarge, RefusedError, in_words
from detect.reading.tables import BadRow, Row, date_in
from detect.reading.text import Decoded, decode_utf8, safe_text

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_TEXTS = ("text", "html", "url", "site")
_FIELDS = (*_TEXTS, "id", "date")
# Rows decoded at once. One long value of a file's dictionary may stand in each of them, and is then held as often.
_ROWS = 16
_READ = 1_000_000  # bytes of a column that are read ahead; without it, the whole column of a row group is
_NOTHING = Decoded("", 0)
_MIDNIGHT = "T00:00"
_MOMENT = len("2016-05-03T10:00")


def read_parquet(stream: IO[bytes], budget: Budget, groups: range | None = None) -> Iterator[Row | BadRow]:
    """The pages of a Parquet file, or of these row groups of it, in order. Raises RefusedError when it is none, or has
    no column of texts."""
    with seekable(stream) as whole:
        file = _opened(whole)
        columns = _columns(file.schema_arrow)
        first = 1
        for group in range(file.num_row_groups):
            after = first + file.metadata.row_group(group).num_rows
            if groups is None or group in groups:
                yield from _group(file, group, columns, range(first, after), budget)
            first = after


def group_sizes(path: Path) -> list[int]:
    """How many bytes of each row group are read; none of a file that cannot be."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        about = pq.read_metadata(path)
    except (*BROKEN, pa.ArrowException):  # told when it is read
        return []
    return [_size(about.row_group(group)) for group in range(about.num_row_groups)]


def _size(group: pq.RowGroupMetaData) -> int:
    columns = (group.column(i) for i in range(group.num_columns))
    return sum(column.total_compressed_size for column in columns if column.path_in_schema in _FIELDS)


def _opened(whole: IO[bytes]) -> pq.ParquetFile:
    import pyarrow as pa  # late: a command that reads no Parquet starts without it
    import pyarrow.parquet as pq

    start = whole.read(4)
    if start == b"PARE":
        raise RefusedError("this Parquet file is encrypted: give it decrypted")
    if start != b"PAR1":
        raise RefusedError("this is no Parquet file, whatever its name says: give it the name of what it is")
    whole.seek(0)
    try:
        file = pq.ParquetFile(whole, buffer_size=_READ, pre_buffer=False)
        assert file.schema_arrow is not None  # here, where what it stumbles over is told
    except (*BROKEN, pa.ArrowException) as error:
        raise RefusedError(_damaged("this Parquet file is cut short or damaged", error)) from None
    return file


def _damaged(what: str, error: BaseException) -> str:
    if isinstance(error, NotImplementedError):
        return f"{what}, or written in a way that is not known here: write it again, with zstd or snappy compression"
    return f"{what}: download it or write it again"


def _columns(schema: pa.Schema) -> list[str]:
    """The columns to read. Raises RefusedError where one is not what its name says, or none has the texts."""
    columns = [name for name in _FIELDS if name in schema.names]
    for name in columns:
        if schema.names.count(name) > 1:
            raise RefusedError(f'there are {schema.names.count(name)} columns "{name}", and which counts is not said')
        kind = schema.field(name).type
        if name != "date" and not _is_text(kind) and not (name == "id" and _is_integer(kind)):
            raise RefusedError(f'the column "{name}" is {kind}, not string: convert it')
    if "text" not in columns and "html" not in columns:
        others = ", ".join(f'"{name[:50]}"' for name in schema.names[:10]) or "none"
        raise RefusedError(f'there is no column "text" or "html", only {others}: rename the column of the texts')
    return columns


def _is_text(kind: pa.DataType) -> bool:
    """True for text, and for a column without any value, which has no type of its own."""
    from pyarrow import types

    kind = kind.value_type if types.is_dictionary(kind) else kind
    return any(is_it(kind) for is_it in (types.is_string, types.is_large_string, types.is_string_view, types.is_null))


def _is_integer(kind: pa.DataType) -> bool:
    from pyarrow import types

    return bool(types.is_integer(kind.value_type if types.is_dictionary(kind) else kind))


def _group(
    file: pq.ParquetFile, group: int, columns: Sequence[str], numbers: range, budget: Budget
) -> Iterator[Row | BadRow]:
    """The pages of a row group, whose rows have these numbers. What is damaged in it ends it, and no other group."""
    import pyarrow as pa

    # Threads would only wait for each other: the pages are made one by one.
    batches = file.iter_batches(_ROWS, row_groups=[group], columns=columns, use_threads=False)
    number = numbers.start
    while True:
        try:
            batch = next(batches, None)
        except (*BROKEN, pa.ArrowException) as error:
            what = f"from here to row {numbers.stop - 1:,} the file is cut short or damaged"
            yield BadRow(number, _damaged(what, error))
            return
        if batch is None:
            return
        yield from _rows(batch, number, budget)
        number += batch.num_rows


def _rows(batch: pa.RecordBatch, first: int, budget: Budget) -> Iterator[Row | BadRow]:
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    dates = _dates(columns.pop("date")) if "date" in columns else [""] * batch.num_rows
    plain = {name: _plain(column) for name, column in columns.items()}
    budget.spend(sum(column.nbytes for column in plain.values()))
    nothing = [None] * batch.num_rows
    values = (_texts(plain[name]) if name in plain else nothing for name in ("text", "html", "id", "url", "site"))
    for number, date, *fields in zip(range(first, first + batch.num_rows), dates, *values, strict=True):
        try:
            yield _row(number, date, budget.limits, *fields)
        except RefusedError as error:
            yield BadRow(number, str(error))


def _plain(column: pa.Array) -> pa.Array:
    """The column without a dictionary, whole numbers as text."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return column.cast(pa.string()) if pa.types.is_integer(column.type) else column


def _texts(column: pa.Array) -> Sequence[Decoded | None]:
    """The values as text; what of them is no valid UTF-8 is replaced."""
    import pyarrow as pa

    try:
        return [None if text is None else safe_text(text) for text in column.to_pylist()]
    except UnicodeDecodeError:  # nobody looked when the file was written
        data = column.cast(pa.large_binary()).to_pylist()
        return [None if value is None else decode_utf8(value) for value in data]


def _dates(column: pa.Array) -> Sequence[str]:
    """What a column of dates tells, "" for what it does not: text of any kind, days, or moments (in UTC)."""
    import pyarrow as pa

    if _is_text(column.type):
        return [date_in(value.text) if value else "" for value in _texts(_plain(column))]
    if not pa.types.is_date(column.type) and not pa.types.is_timestamp(column.type):
        return [""] * len(column)
    zone = getattr(column.type, "tz", None)
    seconds = column.cast(pa.timestamp("s", zone), safe=False).to_numpy(zero_copy_only=False)
    moments = np.datetime_as_string(seconds.astype("datetime64[m]"))
    # A table of days has them at midnight, and no table says which midnights are times of day.
    return [moment.removesuffix(_MIDNIGHT) if _is_written(moment) else "" for moment in moments.tolist()]


def _is_written(moment: str) -> bool:
    """True for a moment of the years 0 to 9999."""
    return len(moment) == _MOMENT and moment[0] != "-"


def _row(
    number: int,
    date: str,
    limits: Limits,
    text: Decoded | None,
    html: Decoded | None,
    id: Decoded | None,
    url: Decoded | None,
    site: Decoded | None,
) -> Row:
    page = html if text is None else text
    if page is None:
        raise RefusedError('the row has neither "text" nor "html"')
    if 4 * len(page.text) > limits.page_bytes and (size := len(page.text.encode())) > limits.page_bytes:
        raise PageTooLarge(
            f"the page has {in_words(size)}, and one page may have {in_words(limits.page_bytes)}: split it"
        )
    others = [other or _NOTHING for other in (id, url, site)]
    replaced = page.replaced + sum(other.replaced for other in others)
    identity, address, place = (other.text.strip() for other in others)
    return Row(number, identity, page.text, text is None, address, place, replaced, date)
