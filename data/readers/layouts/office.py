"""Word, spreadsheet and plain texts as pages: they have none of their own, so lines are set on sheets of A4.

Nothing outside the file is fetched. Pictures inside a Word file follow its text as pages of their own, recognised.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.layout import Layout, Page, Word
from app.errors import InputError
from data.readers.layouts.seen import seen_page

if TYPE_CHECKING:
    from data.readers.handover import Tick

SIZE = (595.28, 841.89)  # points
_EDGE = 42.0
_LINE = 15.0  # points from line to line
_TYPE = 10.0  # points of a line's height
_NARROW, _WIDE = 5.2, 10.0  # points a Latin and a Chinese character takes
_GAP = 24.0  # between columns; wide enough to be seen as one
MOST_PAGES = 600
MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_CELL = 2000  # characters
MOST_PICTURES = 20  # of a Word file
_LEAST_PICTURE = 300  # pixels of a side; less is a logo
MOST_UNPACKED = 300 * 2**20  # bytes of all parts
MOST_RATIO = 150
_STUMBLES = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, NotImplementedError, OSError, RuntimeError,
    SyntaxError, TypeError, ValueError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What the readers of these forms raise over a damaged file."""
_BAD_XML = "The Word file is damaged"

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class _Line:
    """Pieces of text and where each begins, in points from the left edge of the sheet."""

    pieces: tuple[tuple[float, str], ...]


def text_layout(text: str) -> Layout:
    """Plain text, line by line; lines that are too long run on below."""
    lines = (line for paragraph in text.splitlines() for line in _paragraph(paragraph.expandtabs(8)))
    return _set(lines, SIZE[0])


def rows_layout(sheets: Sequence[Sequence[Cells]]) -> Layout:
    """Rows of a workbook, each sheet from a new page, its columns as wide as they need."""
    pages: list[Page] = []
    for rows in sheets:
        widths = _widths(rows)
        across = max(SIZE[0], 2 * _EDGE + sum(widths) + _GAP * len(widths))
        found = _set((_row(row, widths) for row in rows), across, len(pages) + 1)
        pages += found.pages
    return Layout(tuple(pages[:MOST_PAGES]), len(pages))


def docx_layout(path: Path, tick: Tick) -> Layout:
    """Paragraphs and tables in their order, headers and footers about them, then the pictures, recognised."""
    text, pictures = docx_parts(path)
    pages = list(text.pages)
    unread: list[tuple[int, str]] = []
    for at, content in enumerate(pictures):
        tick(at, len(pictures), "page")
        try:
            number = len(pages) + 1
            pages.append(seen_page(number, None, partial(_picture, content, number)))
        except InputError as exc:
            unread.append((len(pages) + 1, f"A picture in the file: {exc.message}"))
    return Layout(tuple(pages), len(pages), tuple(unread))


def docx_parts(path: Path) -> tuple[Layout, list[bytes]]:
    """What a Word file says, and the pictures in it that are large enough to be pages. Raises ``InputError``."""
    check_parts(path, "The Word file")
    import docx
    from docx.opc.exceptions import OpcError

    try:
        with path.open("rb") as file:
            document = docx.Document(io.BytesIO(file.read()))
            return _set(_document_lines(document), SIZE[0]), list(_pictures(path))
    except (OpcError, *_STUMBLES) as exc:
        raise InputError("file", f"{_BAD_XML}.", remedy="Save it again, or as PDF.", file=path.name) from exc


def check_parts(path: Path, what: str) -> None:
    """Raise ``InputError`` when an archive would unpack to far more than a document needs, or is protected."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as exc:
        remedy = "Save it again; it may be cut off."
        raise InputError("file", f"{what} cannot be opened: {exc}.", remedy=remedy, file=path.name) from exc
    unpacked = sum(part.file_size for part in parts)
    if any(part.flag_bits & 1 for part in parts):
        raise InputError("file", f"{what} is protected by a password.", remedy="Save it without one.", file=path.name)
    ratio = unpacked / max(1, path.stat().st_size)
    if unpacked > MOST_UNPACKED or (ratio > MOST_RATIO and unpacked > 10 * 2**20):
        text = f"{what} unpacks to {unpacked / 2**20:.0f} MB, {ratio:.0f} times its size, as only a damaging file does."
        raise InputError("file", text, remedy="Do not trust its sender; ask for a PDF.", file=path.name)


def outward_references(path: Path) -> list[str]:
    """What a Word file would fetch from outside when opened elsewhere: templates, pictures, objects; not hyperlinks."""
    found: list[str] = []
    with path.open("rb") as file, zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if name.endswith(".rels"):
                text = _readable(archive, name).decode("utf-8", "replace")
                found += [_kind_of(tag) for tag in re.findall(r"<Relationship\b[^>]*>", text) if _outward(tag)]
    return found


def _readable(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as part:
            return part.read(4 * 2**20)
    except _STUMBLES:
        return b""


def _outward(tag: str) -> bool:
    return bool(re.search(r"TargetMode\s*=\s*[\"']External", tag)) and "/hyperlink" not in tag


def _kind_of(tag: str) -> str:
    match = re.search(r"Type\s*=\s*[\"'][^\"']*/(\w+)[\"']", tag)
    return match.group(1) if match else "something"


def sheets_of(path: Path) -> list[list[list[str]]]:
    """Rows of every sheet of an XLSX, XLS or ODS, as texts, empty rows left out. Raises ``InputError``."""
    import python_calamine

    with path.open("rb") as file:
        content = file.read()
    if content.startswith(b"PK"):
        check_parts(path, "The workbook")
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [_rows(book.get_sheet_by_name(name)) for name in book.sheet_names[:MOST_PAGES]]
    except python_calamine.PasswordError as exc:
        text = "The workbook is protected by a password."
        raise InputError("file", text, remedy="Save it without one.", file=path.name) from exc
    except (python_calamine.CalamineError, *_STUMBLES) as exc:
        remedy = "Open it and save it again, or as PDF."
        raise InputError("file", "The workbook is damaged.", remedy=remedy, file=path.name) from exc
    return [rows for rows in sheets if rows]


def _rows(sheet: Any) -> list[list[str]]:
    cells = ([shown(value) for value in row[:MOST_COLUMNS]] for row in islice(sheet.iter_rows(), MOST_ROWS))
    return [row for row in cells if any(row)]


def shown(value: Any) -> str:
    """A cell as text: whole numbers without a point, days as ISO dates."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return " ".join(text.removesuffix("T00:00:00").split())[:MOST_CELL]


def _document_lines(document: Any) -> Iterator[_Line]:
    first = document.sections[0] if document.sections else None
    if first is not None:
        yield from _block_lines(first.header)
    yield from _block_lines(document)
    if first is not None:
        yield from _block_lines(first.footer)


def _block_lines(block: Any) -> Iterator[_Line]:
    from docx.table import Table

    for part in block.iter_inner_content():
        if isinstance(part, Table):
            yield from _table_lines(part)
        else:
            for text in _texts(part):
                yield from _paragraph(text)


def _texts(paragraph: Any) -> Iterator[str]:
    """The paragraph, then the paragraphs of text boxes that hang on it; boxes stand there twice, for old programs."""
    own: list[str] = []
    boxed: list[str] = []
    for node in paragraph._p.iter():  # noqa: SLF001 - python-docx has no text boxes
        name = node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
        around = {parent.tag.rpartition("}")[2] for parent in node.iterancestors() if isinstance(parent.tag, str)}
        if "Fallback" in around:
            continue
        into = boxed if "txbxContent" in around else own
        if name == "t":
            into.append(node.text or "")
        elif name in ("tab", "br", "cr"):
            into.append("    " if name == "tab" else "\n")
        elif name == "p" and into is boxed:
            into.append("\n")
    for text in ("".join(own), "".join(boxed)):
        yield from (line for line in text.split("\n") if line.strip())


def _table_lines(table: Any) -> Iterator[_Line]:
    """A row is as high as its fullest cell; merged cells are told once."""
    rows = [_told_once(row) for row in islice(table.rows, MOST_ROWS)]
    widths = [max(each, 40.0) for each in _widths(rows)]
    room = SIZE[0] - 2 * _EDGE - _GAP * len(widths)
    most = max(60.0, room / max(1, len(widths)))
    if sum(widths) > room:
        widths = [min(width, most) for width in widths]
    for row in rows:
        columns = [
            [part for text in cell.split("\n") for part in _wrapped(text, width)]
            for cell, width in zip(row, widths, strict=False)
        ]
        for at in range(max((len(column) for column in columns), default=0)):
            yield _row([column[at] if at < len(column) else "" for column in columns], widths)


def _told_once(row: Any) -> list[str]:
    seen: set[int] = set()
    out: list[str] = []
    for cell in row.cells[:MOST_COLUMNS]:
        out.append("" if id(cell._tc) in seen else _cell_text(cell))  # noqa: SLF001 - tells merged cells
        seen.add(id(cell._tc))  # noqa: SLF001
    return out


def _cell_text(cell: Any) -> str:
    nested = ["  ".join(inner.text.strip() for inner in row.cells) for table in cell.tables for row in table.rows]
    return "\n".join([cell.text.strip(), *nested])[:MOST_CELL].strip()


def _pictures(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file, zipfile.ZipFile(file) as archive:
        names = [
            name for name in archive.namelist() if re.match(r"word/media/.+\.(png|jpe?g|tiff?|bmp|webp)$", name, re.I)
        ]
        for name in sorted(names)[:MOST_PICTURES]:
            content = archive.read(name)
            if _is_page(content):
                yield content


def _is_page(content: bytes) -> bool:
    from data.readers.layouts.pictures import as_broken, open_picture

    try:
        with as_broken():
            return min(open_picture(io.BytesIO(content)).size) >= _LEAST_PICTURE
    except InputError:
        return False


def _picture(content: bytes, number: int) -> Page:
    from data.readers.layouts.images import read_page_of
    from data.readers.layouts.pictures import as_broken, open_picture

    with as_broken():
        image = open_picture(io.BytesIO(content))
    return read_page_of(image, 1, number)


def _paragraph(text: str) -> Iterator[_Line]:
    """A text wrapped at the sheet's width; runs of four blanks part columns."""
    for line in _wrapped(text, SIZE[0] - 2 * _EDGE):
        at = _EDGE
        pieces: list[tuple[float, str]] = []
        for blanks, piece in re.findall(r"(\s*)(\S+(?: \S+)*)", line):
            at += _NARROW * len(blanks)
            pieces.append((at, piece))
            at += _width(piece)
        yield _Line(tuple(pieces))


def _row(row: Cells, widths: Sequence[float]) -> _Line:
    at = _EDGE
    pieces: list[tuple[float, str]] = []
    for cell, width in zip(row, widths, strict=False):
        if cell:
            pieces.append((at, cell))
        at += width + _GAP
    return _Line(tuple(pieces))


def _widths(rows: Sequence[Cells]) -> list[float]:
    columns = max((len(row) for row in rows), default=0)
    return [
        max((_width(line) for row in rows if at < len(row) for line in row[at].split("\n")), default=0.0)
        for at in range(columns)
    ]


def _wrapped(text: str, room: float) -> Iterator[str]:
    """Break at blanks, or anywhere in a text that has none, as Chinese has not."""
    line = ""
    width = 0.0
    for piece in re.findall(r"\s+|[\u2e80-\uffef]|[^\s\u2e80-\uffef]+", text):
        wide = _width(piece)
        if line.strip() and width + wide > room:
            yield line.rstrip()
            line, width, piece = "", 0.0, piece.lstrip()
            wide = _width(piece)
        line += piece
        width += wide
    if line.strip():
        yield line.rstrip()


def _width(text: str) -> float:
    return sum(_WIDE if unicodedata.east_asian_width(sign) in "WF" else _NARROW for sign in text)


def _set(lines: Iterator[_Line], across: float, first: int = 1) -> Layout:
    """Set lines on sheets; at least one."""
    sheets: list[list[Word]] = [[]]
    at = _EDGE
    for line in lines:
        if at + _LINE > SIZE[1] - _EDGE:
            if len(sheets) >= MOST_PAGES:
                break
            sheets.append([])
            at = _EDGE
        number = first + len(sheets) - 1
        sheets[-1] += (word for left, text in line.pieces for word in _words(text, left, at, number))
        at += _LINE
    pages = tuple(Page(first + index, across, SIZE[1], tuple(words)) for index, words in enumerate(sheets))
    return Layout(pages, len(pages))


def _words(text: str, left: float, top: float, number: int) -> Iterator[Word]:
    for match in re.finditer(r"\S+", text):
        begin = left + _width(text[: match.start()])
        yield Word(match.group(), (begin, top, begin + _width(match.group()), top + _TYPE), number)
