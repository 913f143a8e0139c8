"""What a file is, told by its first bytes and its content; its name says nothing."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from app.errors import InputError

_MAGIC = (
    (b"%PDF-", "pdf", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image", "image/png"),
    (b"\xff\xd8\xff", "image", "image/jpeg"),
    (b"II*\0", "image", "image/tiff"),
    (b"MM\0*", "image", "image/tiff"),
    (b"GIF8", "image", "image/gif"),
    (b"BM", "image", "image/bmp"),
    (b"PAR1", "parquet", "application/vnd.apache.parquet"),
    (b"\xd0\xcf\x11\xe0", "old-office", "application/x-ole-storage"),
    (b"RIFF", "riff", "application/octet-stream"),
    (b"\x1f\x8b", "packed", "application/gzip"),
    (b"7z\xbc\xaf", "packed", "application/x-7z-compressed"),
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Form:
    """The outer form of a file."""

    name: str  # "pdf", "image", "parquet", "xlsx", "ofx", "xml", "json", "text"
    media_type: str


def form_of_file(path: Path) -> Form:
    """Tell the form. Raises ``InputError`` for an empty file and for forms that are not read."""
    with path.open("rb") as file:
        head = file.read(65536)
    if not head.strip(b"\0\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise InputError("file", "The file is empty.", remedy="Give the file that holds the data.", file=path.name)
    if (magic := _magic(head)) is not None:
        return _accepted(magic, head, path)
    if head.startswith(b"PK\x03\x04"):
        return _archive(path)
    return _textual(head, path)


def _magic(head: bytes) -> Form | None:
    start = head[:1024].find(b"%PDF-")
    if start > 0:
        return Form("pdf", "application/pdf")
    for mark, name, media_type in _MAGIC:
        if head.startswith(mark) and (mark != b"BM" or head[6:10] == b"\0\0\0\0"):
            return Form(name, media_type)
    return None


def _accepted(form: Form, head: bytes, path: Path) -> Form:
    if form.name == "riff" and head[8:12] == b"WEBP":
        return Form("image", "image/webp")
    if form.name in ("pdf", "image", "parquet"):
        return form
    known = {"old-office": "an old Office file (xls, doc)", "packed": "a packed archive", "riff": "audio or video"}
    raise _unread(path, f"The file is {known[form.name]}.")


def _unread(path: Path, text: str) -> InputError:
    remedy = "Give CSV, XLSX, JSON, Parquet, PDF, OFX, camt.053, TXT or an image."
    return InputError("file", f"{text} This form is not read.", remedy=remedy, file=path.name)


def _archive(path: Path) -> Form:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile as exc:
        remedy = "Save it again; it may be cut off."
        raise InputError("file", f"The archive cannot be opened: {exc}.", remedy=remedy, file=path.name) from exc
    if "xl/workbook.xml" in names:
        return Form("xlsx", XLSX)
    raise _unread(path, "The file is an archive that is no Excel workbook.")


def _textual(head: bytes, path: Path) -> Form:
    text = _loosely_decoded(head).lstrip("\ufeff \t\r\n")
    if re.match(r"OFXHEADER\s*:|<\?OFX\b|(<\?xml[^>]*\?>\s*)?(<\?OFX[^>]*\?>\s*)?<OFX>", text, re.IGNORECASE):
        return Form("ofx", "application/x-ofx")
    if text.startswith("<"):
        return Form("xml", "application/xml")
    if re.match(r"[\[{]", text) and re.match(r'(\[\s*)*(\{\s*("|\})|\[\s*\]|\[)', text):
        return Form("json", "application/json")
    if _binary(head):
        raise _unread(path, "The file is binary and of no known kind.")
    return Form("text", "text/plain")


def _loosely_decoded(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    return head.decode("utf-8", "replace").replace("\0", "")


def _binary(head: bytes) -> bool:
    """Many control bytes, as no text has; UTF-16 without a mark has NULs in every second place and passes."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    controls = sum(byte < 9 or 13 < byte < 32 for byte in head)
    nuls = head.count(0)
    wide = nuls > 0.3 * len(head) and min(head[0::2].count(0), head[1::2].count(0)) < 0.05 * nuls
    return not wide and controls > 0.1 * len(head)
