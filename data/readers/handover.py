"""The encrypted hand-over file: checked rows and rejects on their way from a reader's child process to the workspace.

Tables: ``checked`` (a column per mapped fact, ``reference``, ``bad``, ``line`` where it is not ``rowid + first_line``),
``rejects`` (line, column_as, reason, remedy, raw), ``columns`` (name, column_as, unit), ``meta`` (product, currency,
year, first_line, has_line).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.facts import Catalogue
from app.domain.mapping import TableMapping
from app.domain.reading import Problem
from data.database import extension_file, literal, quoted
from data.readers.table_sql import Spelling, checked_sql

if TYPE_CHECKING:
    import duckdb

Tick = Callable[[int, int | None, str], None]
_RAW_KEPT = 20_000  # characters of a rejected row
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the hand-over file goes."""

    path: Path
    key: str  # the text it is encrypted under
    year: int  # of import, for cases without a date of application


class Handover:
    """Writes one hand-over file; the caller deletes it."""

    def __init__(self, out: Destination, mapping: TableMapping, catalogue: Catalogue) -> None:
        self.mapping = mapping
        self.catalogue = catalogue
        self._out = out
        self.db = connected()
        key = f"ENCRYPTION_KEY {literal(out.key)}, ENCRYPTION_CIPHER 'GCM'"
        self.db.execute(f"ATTACH {literal(str(out.path))} AS h ({key})")
        self.db.execute(
            "CREATE TABLE h.rejects (line BIGINT, column_as VARCHAR, reason VARCHAR, remedy VARCHAR, raw VARCHAR)"
        )
        self._rejected = 0

    def fill(self, source_sql: str, spelling: Spelling, rows_at_most: int | None, tick: Tick) -> int:
        """Check all rows of a relation at once (see ``checked_sql``); returns how many there were, bad ones included.

        Raises the driver's error when the relation cannot be read as it says.
        """
        sql = checked_sql(self.mapping, self.catalogue, source_sql, None, spelling)
        with ticking(self.db, rows_at_most, tick):
            self.db.execute(f"CREATE OR REPLACE TABLE h.checked AS {sql}")
        return self.count("checked")

    def check_again(self, columns: Mapping[str, Sequence[str | None]], rows: Sequence[int]) -> None:
        """Read bad rows that ``fill`` found, given by columns and positions, in any spelling; good ones are mended."""
        source = self._arriving(columns, rows)
        self.db.execute(
            "CREATE OR REPLACE TABLE again AS " + checked_sql(self.mapping, self.catalogue, source, _LINE, "any")
        )
        self.db.unregister("arriving")
        names = [*(quoted(column.fact) for column in self.mapping.columns), "reference", "bad"]
        sets = ", ".join(f"{name} = again.{name}" for name in names)
        self.db.execute(f"UPDATE h.checked AS c SET {sets} FROM again WHERE c.rowid = again.line AND NOT again.bad")  # noqa: S608

    def open_batches(self) -> None:
        """Make the empty table that ``add`` fills; an earlier one goes."""
        names = ", ".join(f"NULL::VARCHAR AS {quoted(name)}" for name in dict.fromkeys(self.mapping.sources()))
        source = f"(SELECT {names}, NULL::BIGINT AS {_LINE})"
        sql = checked_sql(self.mapping, self.catalogue, source, _LINE)
        self.db.execute(f"CREATE OR REPLACE TABLE h.checked AS {sql} LIMIT 0")

    def add(self, columns: Mapping[str, Sequence[str | None]], lines: Sequence[int]) -> list[int]:
        """Check and append a batch of rows given by columns; returns the lines of the bad ones."""
        start = self.count("checked")
        source = self._arriving(columns, lines)
        self.db.execute("INSERT INTO h.checked " + checked_sql(self.mapping, self.catalogue, source, _LINE))
        self.db.unregister("arriving")
        bad = self.db.execute("SELECT line FROM h.checked WHERE rowid >= ? AND bad", [start]).fetchall()
        return [line for (line,) in bad]

    def _arriving(self, columns: Mapping[str, Sequence[str | None]], lines: Sequence[int]) -> str:
        """Make cells visible to SQL as a relation of text columns and their lines."""
        import numpy as np

        arriving: dict[str, Any] = {name: np.array(cells, dtype=object) for name, cells in columns.items()}
        arriving[_LINE] = np.array(lines, dtype=np.int64)
        self.db.register("arriving", arriving)
        names = ", ".join(f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" for name in columns)
        return f"(SELECT {names}, {_LINE} FROM arriving)"  # noqa: S608 - headings are quoted

    def bad_rows(self) -> list[int]:
        """Positions, from 0, of the bad rows that ``fill`` found."""
        return [row for (row,) in self.db.execute("SELECT rowid FROM h.checked WHERE bad ORDER BY rowid").fetchall()]

    def reject(self, problems: Iterator[Problem]) -> None:
        """Append rejects, in batches."""
        batch: list[Problem] = []
        for problem in problems:
            batch.append(problem)
            if len(batch) == _BATCH:
                self._store(batch)
                batch = []
        self._store(batch)

    def _store(self, batch: list[Problem]) -> None:
        if not batch:
            return
        self.db.execute(
            "INSERT INTO h.rejects SELECT unnest($1::BIGINT[]), unnest($2::VARCHAR[]), unnest($3::VARCHAR[]), "
            "unnest($4::VARCHAR[]), unnest($5::VARCHAR[])",
            [
                [problem.line for problem in batch],
                [problem.column for problem in batch],
                [problem.reason for problem in batch],
                [problem.remedy for problem in batch],
                [problem.raw[:_RAW_KEPT] for problem in batch],
            ],
        )
        self._rejected += len(batch)

    def count(self, table: str) -> int:
        found = self.db.execute(f"SELECT count(*) FROM h.{table}").fetchone()  # noqa: S608 - our own names
        return int(found[0]) if found else 0

    def close(self, first_line: int | None) -> tuple[int, int]:
        """Write what the workspace must know and close; returns rows that go in and rows rejected.

        ``first_line`` is the line of the first row where lines follow one another; None when each row has its own.
        """
        own_line = first_line is None
        amount = self.mapping.column("request.amount")
        currency = (amount.currency if amount else None) or self.mapping.currency
        self.db.execute(
            "CREATE TABLE h.meta AS SELECT ? AS product, ? AS currency, CAST(? AS INTEGER) AS year, "
            "CAST(? AS BIGINT) AS first_line, ? AS has_line",
            [self.mapping.product, currency, self._out.year, first_line or 0, own_line],
        )
        self.db.execute("CREATE TABLE h.columns (name VARCHAR, column_as VARCHAR, unit VARCHAR)")
        for column in self.mapping.columns:
            self.db.execute("INSERT INTO h.columns VALUES (?, ?, ?)", [column.fact, column.source, column.currency])
        found = self.db.execute("SELECT count(*) FROM h.checked WHERE NOT bad").fetchone()
        self.db.execute("DETACH h")
        self.db.close()
        return (int(found[0]) if found else 0), self._rejected


_LINE = "__line"


def connected() -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB of a child process: bounded, without extensions from elsewhere and without remote files."""
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "700MB",
        "threads": min(4, os.cpu_count() or 2),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "temp_directory": "",
    }
    db = duckdb.connect(":memory:", config=config)
    db.execute(f"LOAD {literal(str(extension_file()))}")
    db.execute("SET force_compression = 'uncompressed'")  # the file lives for seconds; packing costs more than writing
    db.execute("SET enable_progress_bar = true")
    db.execute("SET enable_progress_bar_print = false")
    db.execute("SET disabled_filesystems = 'HTTPFileSystem,S3FileSystem,HuggingFaceFileSystem'")
    return db


@contextmanager
def ticking(db: duckdb.DuckDBPyConnection, total: int | None, tick: Tick) -> Iterator[None]:
    """Report the progress of the statement that runs inside."""
    done = threading.Event()

    def report() -> None:
        while not done.wait(0.1):
            share = max(0.0, db.query_progress()) / 100
            tick(int(share * total) if total else 0, total, "rows")

    thread = threading.Thread(target=report, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
