"""What a document looks like on the screen: a page, a picture, a table or lines, with the place that counts.

Everything here runs on the documents lane; nothing touches a widget.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.domain.case import Document
from app.domain.facts import Source
from app.errors import InputError
from views.parts.formulas import rows_of
from views.parts.structured_text import Marked, ofx_lines, path_key, pretty_json, pretty_xml

WINDOW = 400  # lines shown on either side of the marked one
_ENCODINGS = ("utf-8-sig", "gb18030", "cp1252")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a document to look."""

    page: int = 1
    box: tuple[float, float, float, float] | None = None  # points from the page's top left
    row: int | None = None  # line of a table, entry of a statement, from 1
    path: str | None = None
    column: str | None = None
    raw: str | None = None
    rows: tuple[int, ...] = ()  # every row a computed fact rests on

    @classmethod
    def of(cls, source: Source) -> Place:
        """The place a fact's source names."""
        return cls(
            source.page or 1, source.box, source.row, source.path, source.column, source.raw, rows_of(source.method)
        )

    def numbers(self) -> tuple[int, ...]:
        """Rows to mark, in order."""
        return tuple(sorted({*self.rows, *((self.row,) if self.row is not None else ())}))


@dataclass(frozen=True, slots=True)
class Lines:
    """Text with line numbers; ``marked`` is the index of the line that counts."""

    lines: tuple[str, ...]
    marked: int | None = None
    marks: tuple[int, ...] = ()  # all lines that count
    skipped: int = 0  # lines left out before the first one
    total: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a delimited file around the marked one; numbers are lines of the file, the header being line 1."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = field(default_factory=tuple)
    marked: int | None = None  # index into rows
    marks: tuple[int, ...] = ()  # all rows that count
    column: int | None = None
    total: int = 0


def decoded(content: bytes) -> str:
    """Text of a file in the usual encodings; the last one takes any byte."""
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def shape_of(document: Document) -> str:
    """Name of the view a document needs: ``pdf``, ``picture``, ``table``, ``json``, ``xml``, ``ofx`` or ``text``."""
    media, name = document.media_type.lower(), document.name.lower()
    if "pdf" in media or name.endswith(".pdf"):
        return "pdf"
    if media.startswith("image/"):
        return "picture"
    if name.endswith((".xlsx", ".xls", ".parquet")) or any(
        word in media for word in ("spreadsheet", "parquet", "excel")
    ):
        return "binary"
    for shape, ends in (
        ("table", (".csv", ".tsv")),
        ("json", (".json",)),
        ("xml", (".xml",)),
        ("ofx", (".ofx", ".qfx")),
    ):
        if name.endswith(ends):
            return shape
    for shape, word in (("table", "csv"), ("json", "json"), ("ofx", "ofx"), ("xml", "xml")):
        if word in media:
            return shape
    return "text"


def text_rendition(document: Document, content: bytes, place: Place) -> Lines | Table:
    """Lines or a table of a text document, with the row, path or raw text of ``place`` marked.

    Raises ``InputError`` for a document that has no text to show.
    """
    shape = shape_of(document)
    if shape == "binary":
        raise InputError("document", f"{document.name} cannot be shown as text.", file=document.name)
    text = decoded(content)
    if shape == "table":
        return _table(text, place)
    marked = _structured(shape, text, place)
    return _window(marked)


def _structured(shape: str, text: str, place: Place) -> Marked:
    if shape == "json":
        try:
            return pretty_json(json.loads(text), path_key(place.path))
        except (ValueError, RecursionError):
            return _plain(text, place)
    if shape == "xml":
        return pretty_xml(text, place.path, place.numbers()) or _plain(text, place)
    if shape == "ofx":
        return ofx_lines(text, place.numbers())
    return _plain(text, place)


def _plain(text: str, place: Place) -> Marked:
    lines = text.splitlines()
    if place.row is not None and 1 <= place.row <= len(lines):
        return Marked(lines, place.row - 1)
    hit = next((i for i, line in enumerate(lines) if place.raw and place.raw in line), None)
    return Marked(lines, hit)


def _window(marked: Marked) -> Lines:
    centre = marked.index or 0
    first = max(0, centre - WINDOW)
    shown = tuple(line[:2000] for line in marked.lines[first : centre + WINDOW + 1])
    index = None if marked.index is None else marked.index - first
    marks = tuple(at - first for at in marked.marks or ((marked.index,) if marked.index is not None else ()))
    return Lines(shown, index, tuple(at for at in marks if 0 <= at < len(shown)), first, len(marked.lines))


def _table(text: str, place: Place) -> Table:
    sample = text[:8192]
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    target = place.row or 1
    header: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    total = 0
    for number, row in _numbered(text, dialect):
        total = number
        if number == 1:
            header = row
        elif abs(number - target) <= WINDOW:
            rows.append(row)
            numbers.append(number)
    marked = numbers.index(target) if target in numbers else _row_with(rows, place.raw)
    wanted = set(place.numbers())
    marks = tuple(at for at, number in enumerate(numbers) if number in wanted) or (
        (marked,) if marked is not None else ()
    )
    column = header.index(place.column) if place.column in header else None
    return Table(header, tuple(rows), tuple(numbers), marked, marks, column, total)


def _numbered(text: str, dialect: type[csv.Dialect] | csv.Dialect) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Rows with the line of the file they begin on."""
    reader = csv.reader(text.splitlines(keepends=True), dialect)
    first = 1
    try:
        for row in reader:
            yield first, tuple(row)
            first = reader.line_num + 1
    except csv.Error:
        return


def _row_with(rows: list[tuple[str, ...]], raw: str | None) -> int | None:
    return next((i for i, row in enumerate(rows) if raw and raw in row), None)
