"""Excel workbooks, checked for bombs before they are opened."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

from app.errors import InputError
from data.readers.records import Record

MOST_UNPACKED = 400 * 2**20  # bytes of all parts
MOST_STRINGS = 120 * 2**20  # bytes of the shared strings, which are held in memory
MOST_RATIO = 150
MOST_PARTS = 5000


def sheet_header(path: Path) -> tuple[str, ...]:
    """Headings of the first sheet that has any: its first row with two cells or more. Raises ``InputError``."""
    for _, cells in sheet_rows(path):
        if is_heading(cells):
            return tuple(cells)
    raise InputError("file", "The workbook holds no table.", remedy="Put a header row above the rows.", file=path.name)


def is_heading(cells: Sequence[str]) -> bool:
    """Whether a row has two cells or more, as the first row of a table has."""
    return sum(bool(cell) for cell in cells) >= 2


def sheet_records(path: Path, header: Sequence[str]) -> Iterator[Record]:
    """The rows under the header; the line is the sheet's own row number. Empty rows are skipped."""
    started = False
    width = len(header)
    for number, cells in sheet_rows(path):
        if not started:
            started = tuple(cells) == tuple(header)
        elif any(cells):
            filled = tuple((cells + [""] * width)[:width])
            yield Record(number, _csv_line(filled), filled)


def check_bomb(path: Path) -> None:
    """Raise ``InputError`` when the archive would unpack to far more than a table of applications needs."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as exc:
        remedy = "Save the workbook again; it may be cut off."
        raise InputError("file", f"The workbook cannot be opened: {exc}.", remedy=remedy, file=path.name) from exc
    unpacked = sum(part.file_size for part in parts)
    strings = max((part.file_size for part in parts if part.filename.endswith("sharedStrings.xml")), default=0)
    ratio = unpacked / max(1, path.stat().st_size)
    if any(part.flag_bits & 1 for part in parts):
        raise _refused(path, "The workbook is protected by a password.", "Save it without one.")
    if unpacked > MOST_UNPACKED or strings > MOST_STRINGS or len(parts) > MOST_PARTS:
        text = f"The workbook unpacks to {unpacked / 2**20:.0f} MB; at most {MOST_UNPACKED // 2**20} MB are read."
        raise _refused(path, text, "Save the table as CSV.")
    if ratio > MOST_RATIO and unpacked > 10 * 2**20:
        text = f"The workbook unpacks to {ratio:.0f} times its size, as only a damaging file does."
        raise _refused(path, text, "Do not trust its sender; ask for the table as CSV.")


def _refused(path: Path, text: str, remedy: str) -> InputError:
    return InputError("file", text, remedy=remedy, file=path.name)


def sheet_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows, with their number from 1, of the first sheet that holds a table. Raises ``InputError``."""
    import openpyxl

    check_bomb(path)
    try:
        with path.open("rb") as file, closing(openpyxl.load_workbook(file, read_only=True, data_only=True)) as book:
            sheet = next((s for s in book.worksheets if _is_table(s)), None)
            for number, row in enumerate(sheet.iter_rows(values_only=True) if sheet else (), 1):
                yield number, _trimmed([_text(value) for value in row])
    except InputError:
        raise
    except (KeyError, ValueError, TypeError, OSError, AttributeError, zipfile.BadZipFile, SyntaxError) as exc:
        raise _refused(path, f"The workbook is damaged: {exc}.", "Open it and save it again, or as CSV.") from exc


def _is_table(sheet: Any) -> bool:
    """Whether a row has two cells; a page of notes has not."""
    return any(sum(value is not None for value in row) >= 2 for row in sheet.iter_rows(values_only=True))


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if (value.hour, value.minute, value.second) == (0, 0, 0) else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()


def _csv_line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()
