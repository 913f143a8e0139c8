"""Rows of a table around one of them, as texts, numbered as the import numbers them. Runs in the child.

An ``InputError`` whose field is ``table.broken`` says that there is no table to show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from app.domain.pages import Excerpt
from app.errors import InputError
from data.database import quoted
from data.readers.csv_statements import layout_of
from data.readers.handover import Tick, connected
from data.readers.held_file import HeldFile
from data.readers.memory_files import lay_open
from data.readers.records import Record, records
from data.readers.sheets import is_heading, sheet_rows
from data.readers.text import Dialect, cells_of, dialect_of, numbered_lines, scan

WINDOW = 400  # rows on either side
MOST_CELLS = 200_000  # of one excerpt; a wide table has fewer rows in it
MOST_CHARACTERS = 8_000_000  # of one excerpt
LONGEST_CELL = 2_000  # characters
_TICK_EVERY = 2_000  # rows

Row = tuple[int, Sequence[str]]


class ShownTable(Protocol):
    """An open table."""

    size: int

    def around(self, row: int, tick: Tick) -> Excerpt:
        """Rows up to ``WINDOW`` before and after that of the number; of a number past the end, the last ones."""

    def close(self) -> None: ...


def open_table(content: bytes) -> ShownTable:
    """Open a table, told by its first bytes: Parquet, XLSX, else delimited text. Raises ``InputError``."""
    if content.startswith(b"PAR1"):
        return ParquetTable(content)
    return SheetTable(content) if content.startswith(b"PK\x03\x04") else TextTable(content)


class _ReadTable:
    """A table that can only be read from its beginning. The last excerpt is kept: facts of one row follow another."""

    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        self._file = HeldFile.of(content)
        self._kept: Excerpt | None = None

    def around(self, row: int, tick: Tick) -> Excerpt:
        if self._kept is None or row not in self._kept.numbers:
            header, rows = self._read()
            self._kept = _cut(header, rows, row, tick)
        return self._kept

    def close(self) -> None:
        self._kept = None

    def _read(self) -> tuple[Sequence[str], Iterator[Row]]:
        raise NotImplementedError


class SheetTable(_ReadTable):
    """The first sheet of a workbook that holds a table; numbers are the sheet's own."""

    def _read(self) -> tuple[Sequence[str], Iterator[Row]]:
        rows = sheet_rows(self._file)
        header = next((cells for _, cells in rows if is_heading(cells)), None)
        if header is None:
            raise InputError("table.broken", "The workbook holds no table.", remedy="Open it in another program.")
        return header, ((number, cells) for number, cells in rows if any(cells))


class TextTable(_ReadTable):
    """Delimited text in any encoding the import takes; numbers are lines of the file."""

    def _read(self) -> tuple[Sequence[str], Iterator[Row]]:
        form = scan(self._file)
        layout = layout_of(self._file, form)
        if layout is not None:
            dialect = Dialect(layout.delimiter, layout.header, layout.line)
        else:
            dialect = dialect_of(self._file, form) or Dialect("\0", ("",), 0)
        lines = (item for item in numbered_lines(self._file, form) if item[0] > dialect.header_line)
        if dialect.delimiter == "\0":  # no table: lines as they are
            return dialect.header, ((number, (text,)) for number, text, _ in lines)
        found = records(lines, dialect.delimiter, len(dialect.header))
        return dialect.header, ((record.line, _cells(record, dialect.delimiter)) for record in found)


def _cells(record: Record, delimiter: str) -> Sequence[str]:
    """Cells of a record; of a broken one as well as it can be divided."""
    if record.problem is None:
        return record.cells
    return next(iter(cells_of(record.raw, delimiter)), [record.raw])


class ParquetTable:
    """A Parquet file; rows are numbered from 1."""

    def __init__(self, content: bytes) -> None:
        self.size = len(content)
        self._db = connected()
        self._from = f"read_parquet('{lay_open(self._db, content)}', file_row_number = true)"
        with _as_broken():
            described = self._db.execute(f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {self._from}").fetchall()  # noqa: S608
            self._count = self._db.execute(f"SELECT count(*) FROM {self._from}").fetchall()[0][0]  # noqa: S608
        self._header = tuple(str(name) for name, *_ in described)

    def around(self, row: int, tick: Tick) -> Excerpt:
        reach = reach_of(len(self._header))
        row = max(1, min(row, self._count))
        listed = ", ".join(f"left(CAST({quoted(name)} AS VARCHAR), {LONGEST_CELL})" for name in self._header)
        sql = (
            f"SELECT file_row_number + 1, {listed} FROM {self._from} "  # noqa: S608 - quoted
            f"WHERE file_row_number BETWEEN {row - 1 - reach} AND {row - 1 + reach} ORDER BY 1"
        )
        with _as_broken():
            rows = self._db.execute(sql).fetchall()
        return _excerpt(self._header, [(number, [cell or "" for cell in cells]) for number, *cells in rows])

    def close(self) -> None:
        self._db.close()


def reach_of(columns: int) -> int:
    """Rows on either side of the one that counts."""
    return max(10, min(WINDOW, MOST_CELLS // max(1, columns) // 2))


def _cut(header: Sequence[str], rows: Iterable[Row], row: int, tick: Tick) -> Excerpt:
    """The rows around one; where there is none of that number, those before the place it would have, or the last."""
    reach = reach_of(len(header))
    near: list[Row] = []
    for number, cells in rows:
        if number > row + reach and len(near) > reach:
            break
        near.append((number, cells))
        if len(near) > 4 * reach:
            near = _trimmed(near, row, reach)
        if number % _TICK_EVERY == 0:
            tick(number, None, "rows")
    return _excerpt(header, _trimmed(near, row, reach))


def _trimmed(near: list[Row], row: int, reach: int) -> list[Row]:
    before = [each for each in near if each[0] < row]
    return before[-reach:] + [each for each in near if each[0] >= row][: reach + 1]


def _excerpt(header: Sequence[str], rows: Sequence[Row]) -> Excerpt:
    cells = max(1, sum(len(each) for _, each in rows))
    longest = min(LONGEST_CELL, max(20, MOST_CHARACTERS // cells))
    return Excerpt(
        tuple(name[:longest] for name in header),
        tuple(tuple(cell[:longest] for cell in each) for _, each in rows),
        tuple(number for number, _ in rows),
    )


@contextmanager
def _as_broken() -> Iterator[None]:
    """What DuckDB says of a damaged Parquet file."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as exc:
        text = f"The Parquet file cannot be read: {str(exc).splitlines()[0]}"
        raise InputError("table.broken", text, remedy="Open it in another program, or ask for it again.") from exc
