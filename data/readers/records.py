"""Delimited records of a damaged or foreign file, one at a time, so that a broken row costs that row only."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.domain.reading import Problem
from app.domain.values import shown

_LONGEST_RECORD = 200  # lines a quoted cell may span
_QUOTES = 'Close the quote, double a quote inside a cell ("").'


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its cells, or why it has none."""

    line: int  # of its first character, from 1
    raw: str
    cells: tuple[str, ...] = ()
    problem: Problem | None = None


NumberedLine = tuple[int, str, int | None]


def records(lines: Iterable[NumberedLine], delimiter: str, width: int) -> Iterator[Record]:
    """Split numbered lines into records of ``width`` cells; blank lines are skipped."""
    waiting: deque[NumberedLine] = deque()
    source = iter(lines)
    while True:
        item = waiting.popleft() if waiting else next(source, None)
        if item is None:
            return
        if item[1].strip():
            yield _record(item, waiting, source, delimiter, width)


def _record(
    item: NumberedLine, waiting: deque[NumberedLine], source: Iterator[NumberedLine], delimiter: str, width: int
) -> Record:
    line, text, undecoded = item
    if problem := _unreadable(line, text, undecoded):
        return Record(line, text, problem=problem)
    cells = _cells(text, delimiter)
    if cells is None:
        return _joined(item, waiting, source, delimiter, width)
    return _checked(line, text, cells, width)


def _unreadable(line: int, text: str, undecoded: int | None) -> Problem | None:
    if undecoded is not None:
        reason = f"Byte {undecoded + 1} of the line is not valid in the file's encoding."
        return Problem(line, None, reason, "Save the file in one encoding, best UTF-8.", text)
    if "\0" in text:
        reason = f"Character {text.index(chr(0)) + 1} of the line is a NUL byte."
        return Problem(line, None, reason, "Remove it; the file may be damaged.", text)
    return None


def _cells(text: str, delimiter: str) -> list[str] | None:
    """Cells of one line; None when its quotes do not close or close in the middle of a cell."""
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None


def _checked(line: int, text: str, cells: list[str], width: int) -> Record:
    if len(cells) == width:
        return Record(line, text, tuple(cells))
    reason = f"The row has {len(cells)} cells, the header {width}."
    remedy = "Put a cell that holds the delimiter in quotes; keep empty cells."
    return Record(line, text, problem=Problem(line, None, reason, remedy, text))


def _joined(
    item: NumberedLine, waiting: deque[NumberedLine], source: Iterator[NumberedLine], delimiter: str, width: int
) -> Record:
    """Join following lines until the quotes close in a record of the right width; otherwise only this line is lost."""
    line, text, _ = item
    taken: list[NumberedLine] = []
    joined = text
    while len(taken) < _LONGEST_RECORD and not _broken(joined, delimiter):
        following = waiting.popleft() if waiting else next(source, None)
        if following is None:
            break
        taken.append(following)
        joined += "\n" + following[1]
        cells = _cells(joined, delimiter)
        if cells is not None and len(cells) == width and not any(_unreadable(*each) for each in taken):
            return Record(line, joined, tuple(cells))
    waiting.extendleft(reversed(taken))
    problem = Problem(
        line, None, f"A quote is opened and not closed, or closed inside a cell: {shown(text)}", _QUOTES, text
    )
    return Record(line, text, problem=problem)


def _broken(text: str, delimiter: str) -> bool:
    """Whether the text can no longer become a record by adding lines: a closing quote is followed by a letter."""
    try:
        next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as exc:
        return "unexpected end" not in str(exc)
    return True
