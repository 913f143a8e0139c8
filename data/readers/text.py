"""The outer form of text files: encoding, line ends, delimiter, header."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.errors import InputError

CHUNK = 4 * 2**20
SAMPLE = 2**20
LONGEST_LINE = 4 * 2**20  # bytes
DELIMITERS = (",", ";", "\t", "|", " ")


@dataclass(frozen=True, slots=True)
class Form:
    """How a text file is written."""

    encoding: str  # Python codec; the byte order mark is cut off by ``skip``
    skip: int  # bytes of the byte order mark
    lines: int  # physical lines, blank ones at the end not counted
    valid: bool  # every byte decodes, and there is no NUL
    quotes: bool  # a double quote occurs
    plain: bool  # UTF-8 with LF or CRLF lines: DuckDB can read it by itself


def form_of(path: Path) -> Form:
    """Look at every byte of the file once, and remember it. Raises ``InputError`` on an empty file."""
    stat = path.stat()
    return _form_of(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=4)
def _form_of(path: Path, size: int, changed: int) -> Form:
    return scan(path)


def scan(path: Path) -> Form:
    """Look at every byte of the file and remember nothing. Raises ``InputError`` on an empty file."""
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    if not head.strip(b"\0\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise InputError("file", "The file is empty.", remedy="Give the file that holds the data.", file=path.name)
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(mark):
            return _scanned(path, codec, len(mark))
    if wide := _utf16(head):
        return _scanned(path, wide, 0)
    found = _scanned(path, "utf-8", 0)
    return found if found.valid or b"\0" in head else _legacy(path, head, found)


def _utf16(head: bytes) -> str | None:
    sample = head[:4000]
    if sample.count(0) < len(sample) // 4:
        return None
    return "utf-16-le" if sample[1::2].count(0) > sample[0::2].count(0) else "utf-16-be"


def _scanned(path: Path, encoding: str, skip: int) -> Form:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    newline = "\n".encode(encoding)
    lines, tail, valid, quotes, lone = 0, b"", True, False, False
    with path.open("rb") as file:
        file.seek(skip)
        while chunk := file.read(CHUNK):
            body = chunk.rstrip(b"\r\n\0") if encoding != "utf-8" else chunk.rstrip(b"\r\n")
            lines += (tail.count(newline) + body.count(newline)) if body else 0
            tail = chunk[len(body) :] if body else tail + chunk
            quotes = quotes or b'"' in chunk
            lone = lone or (b"\r" in chunk and b"\r" in chunk.replace(b"\r\n", b"")[:-1])
            valid = valid and _decodes(decoder, chunk, encoding)
    valid = valid and not decoder.getstate()[0]
    return Form(encoding, skip, lines + 1, valid, quotes, valid and encoding == "utf-8" and not lone)


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, encoding: str) -> bool:
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return encoding != "utf-8" or b"\0" not in chunk


def _legacy(path: Path, head: bytes, as_utf8: Form) -> Form:
    """A file that is not UTF-8 throughout: UTF-8 with some bad rows, GB18030, or a Western code page."""
    lines = [line for line in _far_sample(path, head).splitlines() if not line.isascii()]
    good = sum(_is(line, "utf-8") for line in lines)
    if lines and 3 * good >= len(lines):
        return as_utf8
    encoding = "gb18030" if _looks_chinese(b"\n".join(lines)) else "cp1252"
    if encoding == "cp1252" and re.search(rb"[\x81\x8d\x8f\x90\x9d]", head):
        encoding = "latin-1"
    return _scanned(path, encoding, 0)


def _far_sample(path: Path, head: bytes) -> bytes:
    """The head when it shows what the matter is, else the file around its first byte that is no UTF-8."""
    if not _is(head[:-4], "utf-8"):
        return head
    with path.open("rb") as file:
        while chunk := file.read(SAMPLE):
            if not _is(chunk[4:-4], "utf-8"):
                return chunk
    return head


def _is(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _looks_chinese(data: bytes) -> bool:
    """High bytes in pairs of the GB 2312 area; Western letters stand alone between ASCII."""
    runs = re.findall(rb"[\x80-\xff]+", data)
    paired = sum(len(run) % 2 == 0 and all(byte >= 0xA1 for byte in run) for run in runs)
    return bool(runs) and paired > 0.8 * len(runs)


def numbered_lines(path: Path, form: Form) -> Iterator[tuple[int, str, int | None]]:
    """Yield (line number from 1, text without its line end, offset of the first byte that does not decode or None)."""
    if form.encoding.startswith("utf-16"):
        yield from _wide_lines(path, form)
        return
    for number, raw in _raw_lines(path, form):
        try:
            yield number, raw.decode(form.encoding), None
        except UnicodeDecodeError as exc:
            yield number, raw.decode(form.encoding, "replace"), exc.start


def _raw_lines(path: Path, form: Form) -> Iterator[tuple[int, bytes]]:
    number = 0
    with path.open("rb") as file:
        file.seek(form.skip)
        while raw := file.readline(LONGEST_LINE + 1):
            if len(raw) > LONGEST_LINE:
                raise too_long(path, number + 1)
            for part in _split_returns(raw):
                number += 1
                yield number, part


def _split_returns(raw: bytes) -> list[bytes]:
    body = raw.rstrip(b"\n").removesuffix(b"\r")
    if b"\r" not in body:
        return [body]
    return [body] if b'"' in body else body.split(b"\r")


def _wide_lines(path: Path, form: Form) -> Iterator[tuple[int, str, int | None]]:
    with path.open("rb") as file:
        file.seek(form.skip)
        reader = io.TextIOWrapper(file, form.encoding, "replace", newline="")
        number = 0
        while line := reader.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise too_long(path, number)
            text = line.rstrip("\r\n")
            yield number, text, text.index("�") if "�" in text else None


def too_long(path: Path, line: int) -> InputError:
    return InputError(
        "file",
        f"The line is longer than {LONGEST_LINE // 2**20} MB.",
        remedy="Write one application a line (CSV or JSON lines), or split the file.",
        file=path.name,
        line=line,
    )


@dataclass(frozen=True, slots=True)
class Dialect:
    """Delimiter and header of a delimited file."""

    delimiter: str
    header: tuple[str, ...]
    header_line: int  # from 1


def dialect_of(path: Path, form: Form) -> Dialect | None:
    """Find the delimiter by which the first lines have one and the same number of cells; None when there is none."""
    lines = [(number, text) for number, text, _ in _head(path, form, 60)]
    if lines and (match := re.fullmatch(r'"?sep=(.)"?', lines[0][1].strip())):
        lines = lines[1:]
        return _header(lines, match.group(1))
    lines = [(number, text) for number, text in lines if text.strip()]
    if not lines:
        return None
    scored = [(score, delimiter) for delimiter in DELIMITERS if (score := _score(lines, delimiter)) > 0]
    if not scored:
        return _header(lines, ",") if _one_column(lines) else None
    return _header(lines, max(scored)[1])


def _one_column(lines: list[tuple[int, str]]) -> bool:
    """A heading, and single words or numbers under it."""
    return len(lines) > 1 and all(re.fullmatch(r"[^,;\t|~^]{1,100}", text) and " " not in text for _, text in lines[1:])


def _head(path: Path, form: Form, count: int) -> Iterator[tuple[int, str, int | None]]:
    for item in numbered_lines(path, form):
        if item[0] > count:
            return
        yield item


def _score(lines: list[tuple[int, str]], delimiter: str) -> float:
    """Share of rows as wide as the header, more for wider ones; spaces count only where nothing else divides."""
    rows = cells_of("\n".join(text for _, text in lines), delimiter)
    width = len(rows[0]) if rows else 0
    if width < 2 or any(len(cell) > 200 for cell in rows[0]):
        return 0
    share = sum(len(row) == width for row in rows) / len(rows)
    if delimiter == " ":
        return share * 0.01 if share == 1 and width > 2 and len(rows) > 2 else 0
    return share * 10 + min(width, 50) / 100 if share >= 0.5 else min(width, 50) / 1000


def cells_of(text: str, delimiter: str) -> list[list[str]]:
    """Cells of each row; a row the csv module stumbles on ends the list."""
    rows: list[list[str]] = []
    try:
        rows.extend(row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row)
    except csv.Error:
        return rows
    return rows


def _header(lines: list[tuple[int, str]], delimiter: str) -> Dialect | None:
    for number, text in lines:
        rows = cells_of(text, delimiter)
        if rows and any(cell.strip() for cell in rows[0]):
            return Dialect(delimiter, tuple(cell.strip() for cell in rows[0]), number)
    return None
