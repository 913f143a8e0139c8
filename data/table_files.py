"""A table in a CSV or Parquet file, of any columns: its header, the SQL that reads it, and what is wrong with it."""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from app.domain.headings import columns_words
from app.errors import EnvironmentFault, InputError
from app.ports import Progress
from data.database import literal, quoted, sensible_memory_mb
from data.readers.memory_files import ADDRESS, lay_open
from data.readers.text import Dialect, Form, dialect_of, form_of, numbered_lines

if TYPE_CHECKING:
    import duckdb

MISSING_WORDS = ("", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null")
"""Cells that mean a missing value, unless others are named."""

WIDEST = 4
"""A text that is turned into UTF-8 takes up to so many times its size in memory."""

_TICK = 0.1  # seconds
_MAGIC = b"PAR1"
_CELL = re.compile(r'converting column "c(\d+)"\. Could not convert string "(.*)" to \'(\w+)\'', re.DOTALL)
_TEXT = re.compile(r"Could not convert string '(.*)' to (\w+)", re.DOTALL)
_LINE = re.compile(r"CSV Error on Line: (\d+)")
_SAID = re.compile(r"\n([^\n]+)\n+(?:Possible|\s+file =)")  # what is wrong, after the line as it stands
_FOLLOW = "Correct the cell, or name the word as missing with --missing."


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table's file as it was found."""

    path: Path
    header: tuple[str, ...]
    types: tuple[str, ...] | None = None  # SQL types of a Parquet file's columns; None: text, of a CSV
    text: Form | None = None
    dialect: Dialect | None = None
    encoding: str = "utf-8"  # as DuckDB calls it; blank where the text must be turned into UTF-8 for it

    def place(self, name: str, *, purpose: str) -> int:
        """Position of the column of that heading. Raises ``InputError`` when there is none, or several."""
        if self.header.count(name) == 1:
            return self.header.index(name)
        if name in self.header:
            message, remedy = f"The table has several columns named {name!r}, {purpose}.", "Rename the table's columns."
        else:
            message, remedy = f"The table has no column named {name!r}, {purpose}.", columns_words(name, self.header)
        raise InputError(name, message, remedy=remedy, file=self.path.name)

    def source_sql(self, kinds: Mapping[int, str] | None = None, missing: Sequence[str] = MISSING_WORDS) -> str:
        """Relation of its columns as ``c0``, ``c1``, ...: of a CSV text, or of the SQL type in ``kinds`` by position.

        ``missing`` are the words of a CSV that become null. Rows are in the file's order.
        """
        if self.types is not None:
            listed = ", ".join(f"{quoted(name)} AS c{at}" for at, name in enumerate(self.header))
            return f"(SELECT {listed} FROM read_parquet({_file(self.path)}))"  # noqa: S608 - quoted
        assert self.dialect is not None
        types = ", ".join(f"c{at}: {literal((kinds or {}).get(at, 'VARCHAR'))}" for at in range(len(self.header)))
        nulls = ", ".join(literal(word) for word in missing) or "''"
        source = _file(self.path) if self.encoding else literal(ADDRESS)
        return (
            f"read_csv({source}, auto_detect = false, delim = {literal(self.dialect.delimiter)}, "
            f"quote = '\"', escape = '\"', skip = {self.dialect.header_line}, header = false, nullstr = [{nulls}], "
            f"strict_mode = true, null_padding = false, encoding = '{self.encoding or 'utf-8'}', "
            f"columns = {{{types}}})"
        )

    def as_utf8(self) -> bytes:
        """The lines of a CSV in UTF-8, each where it was. Raises ``InputError`` at a line that does not decode."""
        assert self.text is not None
        room = sensible_memory_mb() * 2**20
        if self.path.stat().st_size * WIDEST > room:
            message = f"The table is too large to be read as {self.text.encoding}."
            raise InputError("file", message, remedy="Save it in UTF-8, or as Parquet.", file=self.path.name)
        out = io.BytesIO()
        for number, line, wrong in numbered_lines(self.path, self.text):
            if wrong is not None or "\0" in line:
                raise _no_text(self, number, wrong)
            out.write(line.encode())
            out.write(b"\n")
        return out.getvalue()


def _no_text(table: TableFile, line: int, wrong: int | None) -> InputError:
    assert table.text is not None
    what = "a NUL byte" if wrong is None else f"a byte that is no {table.text.encoding}"
    return InputError(
        "file",
        f"The line holds {what}.",
        remedy="Save the table as CSV in UTF-8, or as Parquet.",
        file=table.path.name,
        line=line,
    )


def open_table(path: Path) -> TableFile:
    """Look at a table's file; Parquet is known by its first bytes. Raises ``InputError`` where it cannot be read."""
    try:
        with path.open("rb") as file:
            parquet = file.read(len(_MAGIC)) == _MAGIC
        return _open_parquet(path) if parquet else _open_csv(path)
    except OSError as exc:
        reason = exc.strerror or "unknown reason"
        message = f"The table cannot be read: {reason}."
        raise InputError("file", message, remedy="Check the path.", file=str(path)) from exc


def _open_csv(path: Path) -> TableFile:
    text = form_of(path)
    dialect = dialect_of(path, text)
    if dialect is None:
        raise InputError(
            "file",
            "No delimiter divides its lines into columns.",
            remedy="Save the table as CSV in UTF-8 with a header line, or as Parquet.",
            file=path.name,
        )
    return TableFile(path, dialect.header, text=text, dialect=dialect, encoding=_encoding(path, text))


def _encoding(path: Path, text: Form) -> str:
    if text.plain:
        return "utf-8"
    return "latin-1" if text.encoding in {"cp1252", "latin-1"} and not _has_controls(path) else ""


def _open_parquet(path: Path) -> TableFile:
    import duckdb

    with connected() as db:
        try:
            rows = db.execute(f"DESCRIBE FROM read_parquet({_file(path)})").fetchall()
        except duckdb.Error as exc:
            message = f"The Parquet file cannot be read: {_first_line(exc)}"
            raise InputError(
                "file", message, remedy="Write the file again; it may be cut off.", file=path.name
            ) from exc
    return TableFile(path, tuple(row[0] for row in rows), types=tuple(row[1] for row in rows))


def _file(path: Path) -> str:
    """The path as DuckDB takes it: * ? [ make a pattern, but in brackets they stand for themselves."""
    return literal("".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path)))


def _has_controls(path: Path) -> bool:
    """Whether a byte from 0x80 to 0x9f occurs, which Latin-1 and the Western code page read differently."""
    controls = bytes(range(0x80, 0xA0))
    with path.open("rb") as file:
        while chunk := file.read(2**22):
            if len(chunk.translate(None, controls)) < len(chunk):
                return True
    return False


# Running


@contextmanager
def connected(table: TableFile | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that spills nothing to disk and loads nothing from elsewhere; it can read the table given.

    Raises ``InputError`` where the table's text has to be turned into UTF-8 and a line does not decode.
    """
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{sensible_memory_mb()}MB",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "temp_directory": "",
    }
    with duckdb.connect(":memory:", config=config) as db:
        db.execute("SET enable_progress_bar = true")
        db.execute("SET enable_progress_bar_print = false")
        if table is not None and not table.encoding:
            lay_open(db, table.as_utf8())
        yield db


def watched(db: duckdb.DuckDBPyConnection, sql: str, progress: Progress, what: str) -> duckdb.DuckDBPyConnection:
    """Execute the statement and report its share done, in percent; what ``progress`` raises stops it."""
    found: list[Any] = []

    def work() -> None:
        try:
            found.append(db.execute(sql))
        except BaseException as exc:  # noqa: BLE001 - raised again in the thread that waits
            found.append(exc)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(_TICK)
            progress(max(0, min(99, int(db.query_progress()))), 100, what)
    except BaseException:
        db.interrupt()
        thread.join()
        raise
    if isinstance(found[0], BaseException):
        raise found[0]
    progress(100, 100, what)
    result: duckdb.DuckDBPyConnection = found[0]
    return result


@contextmanager
def explained(table: TableFile) -> Iterator[None]:
    """Turn the driver's errors over the table's rows into ``InputError`` with line and column."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as exc:
        message = "There is not enough memory for this table."
        raise EnvironmentFault(message, remedy="Close other programs, or split the table.") from exc
    except duckdb.Error as exc:
        _explain(table, exc)


def _explain(table: TableFile, exc: Exception) -> NoReturn:
    text = str(exc)
    cell = _CELL.search(text)
    if cell is not None:
        at, value, kind = int(cell.group(1)), cell.group(2), cell.group(3)
        line = _line_where(table, lambda cells: len(cells) > at and cells[at] == value)
        raise bad_cell(table, table.header[at], value, kind, line) from exc
    if "Expected Number of Columns" in text:
        width = len(table.header)
        line = _line_where(table, lambda cells: len(cells) != width)
        raise _broken(table, f"The row has not the {width} cells of the header.", line) from exc
    if "invalid state" in text:
        raise _broken(
            table, "Its lines end in different ways (CR LF and LF), or quotes stand within cells.", None
        ) from exc
    number = _LINE.search(text)
    if number is not None:
        said = _SAID.search(text)
        raise _broken(table, said.group(1) if said else _first_line(exc), int(number.group(1))) from exc
    raise exc


def bad_cell(table: TableFile, column: str, value: str, kind: str, line: int | None) -> InputError:
    """The refusal of a cell that is not of its column's kind."""
    wanted = "true or false" if kind == "BOOLEAN" else "a number"
    return InputError(
        column, f"{value!r} is not {wanted}.", remedy=_FOLLOW, file=table.path.name, line=line, column=column
    )


def _broken(table: TableFile, message: str, line: int | None) -> InputError:
    return InputError("file", message, remedy="Mend the table and try again.", file=table.path.name, line=line)


def _line_where(table: TableFile, wrong: Callable[[list[str]], bool]) -> int | None:
    """Line, from 1, at which the first wrong record of a CSV begins; None where it cannot be told."""
    assert table.dialect is not None
    assert table.text is not None
    with table.path.open("rb") as file:
        file.seek(table.text.skip)
        lines = io.TextIOWrapper(file, table.text.encoding, "replace", newline="")
        reader = csv.reader(lines, delimiter=table.dialect.delimiter)
        begins = 1
        try:
            for cells in reader:
                if cells and begins > table.dialect.header_line and wrong(cells):
                    return begins
                begins = reader.line_num + 1
        except csv.Error:
            return None
    return None


def _first_line(exc: Exception) -> str:
    return str(exc).strip().partition("\n")[0]
