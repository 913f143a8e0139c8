"""Workbooks (XLSX, XLS, ODS): a bank statement, a table of applications, or a document set in cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import islice

from data.readers.csv_statements import layout_of, read_csv_statement
from data.readers.held_file import HeldFile
from data.readers.layouts.office import sheets_of
from data.readers.statements import Statement
from data.readers.text import scan

__all__ = ["as_statement", "is_application_table", "sheets_of"]

_FEWEST_ROWS, _FEWEST_COLUMNS = 2, 4  # of a table of applications
_ALIKE = 0.7  # share of its rows that fill as many cells as its header

Rows = Sequence[Sequence[str]]


def as_statement(sheets: Sequence[Rows]) -> list[Statement] | None:
    """Entries of the first sheet that has the columns of a bank statement; None when none has."""
    for rows in sheets:
        held = HeldFile.of(_csv(rows))
        form = scan(held)
        if (layout := layout_of(held, form)) is not None:
            return read_csv_statement(held, form, layout)
    return None


def _csv(rows: Rows) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def is_application_table(sheets: Sequence[Rows]) -> bool:
    """Whether the first sheet with cells is one table: a header of words, and rows that fill its columns."""
    if not sheets:
        return True  # its reader says what is wrong
    rows = [row for row in sheets[0] if sum(map(bool, row)) >= 2]
    if len(rows) < _FEWEST_ROWS:
        return len(sheets) == 1 and len(rows) == 1 and sum(map(bool, rows[0])) >= _FEWEST_COLUMNS
    header = sum(map(bool, rows[0]))
    if header < _FEWEST_COLUMNS or any(cell.replace(".", "").isdigit() for cell in rows[0] if cell):
        return False
    sample = list(islice(rows[1:], 200))
    alike = sum(0.6 * header <= sum(map(bool, row)) <= header for row in sample)
    return alike >= _ALIKE * len(sample)
