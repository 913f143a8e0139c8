"""A table's file as a DataFrame, each column of the one type that all its cells have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import InputError
from app.ports import Progress, no_progress
from data.table_files import MISSING_WORDS, TableFile, connected, explained, open_table, watched

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_DAY = r"\d{4}-\d{2}-\d{2}([T ].*)?"
_TESTS = {
    "DOUBLE": "try_cast(@ AS DOUBLE) IS NULL",
    "BOOLEAN": "lower(@) NOT IN ('true', 'false')",
    "TIMESTAMP": f"NOT regexp_full_match(@, '{_DAY}') OR try_cast(@ AS TIMESTAMP) IS NULL",
}
"""Types in the order they are tried, each with what a cell (@) must not be; a column that fails all of them is text."""


def read_frame(path: Path, *, missing: Sequence[str] = MISSING_WORDS, progress: Progress = no_progress) -> pd.DataFrame:
    """Read a CSV or Parquet file whole, its rows in order, its columns named as in the file.

    Of a CSV a column is numbers (float64), booleans, timestamps or text, exactly as it stands; null is missing. Raises
    ``InputError`` where the file cannot be read or two columns have the same name.
    """
    table = open_table(path)
    repeated = [name for name in table.header if table.header.count(name) > 1]
    if repeated:
        message = f"Two columns are named {repeated[0]!r}."
        raise InputError("file", message, remedy="Rename one of them.", file=path.name)
    with connected(table) as db, explained(table):
        kinds = {} if table.types is not None else _kinds(db, table, missing, progress)
        listed = ", ".join(f"c{at}" for at in range(len(table.header)))
        frame = watched(db, f"SELECT {listed} FROM {table.source_sql(kinds, missing)}", progress, "read").df()  # noqa: S608
    return frame.set_axis(list(table.header), axis=1)


def _kinds(
    db: duckdb.DuckDBPyConnection, table: TableFile, missing: Sequence[str], progress: Progress
) -> dict[int, str]:
    """Position of each column that is not text, and its type; a column without any value is numbers."""
    left, found = list(range(len(table.header))), dict[int, str]()
    for kind, wrong in _TESTS.items():
        counts = ", ".join(f"count_if({wrong.replace('@', f'c{at}')} AND c{at} IS NOT NULL)" for at in left)
        if left:
            sql = f"SELECT {counts} FROM {table.source_sql({}, missing)}"  # noqa: S608 - numbered columns
            row = watched(db, sql, progress, "look").fetchall()[0]
            found |= {at: kind for at, bad in zip(left, row, strict=True) if not bad}
            left = [at for at in left if at not in found]
    return found
