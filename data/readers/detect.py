"""What a file is, told by its first bytes and its content; its name says nothing."""

from __future__ import annotations

import re
import zipfile
import zlib
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
    (b"ID3", "audio", "audio/mpeg"),
    (b"OggS", "audio", "audio/ogg"),
    (b"fLaC", "audio", "audio/flac"),
    (b"\x1f\x8b", "packed", "application/gzip"),
    (b"7z\xbc\xaf", "packed", "application/x-7z-compressed"),
)
_SOUND = (b"M4A ", b"M4B ", b"F4A ")
_FILM_OR_SOUND = (b"isom", b"iso2", b"mp41", b"mp42", b"3gp4", b"3gp5", b"3gp6", b"dash", b"qt  ")
_INDEX = 4 * 2**20  # bytes at either end of such a file that are looked at
_LARGEST_OLD = 64 * 2**20  # bytes looked at
_MAIL_HEADERS = frozenset(
    (
        "from",
        "to",
        "subject",
        "date",
        "mime-version",
        "content-type",
        "received",
        "message-id",
        "return-path",
        "delivered-to",
    )
)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Form:
    """The outer form of a file."""

    name: str  # "pdf", "image", "audio", "docx", "xlsx", "ods", "xls", "mail", "zip", "html", "parquet", "ofx", ...
    media_type: str


def form_of_file(path: Path) -> Form:
    """Tell the form. Raises ``InputError`` for an empty file and for forms that are not read."""
    with path.open("rb") as file:
        head = file.read(65536)
    if not head.strip(b"\0\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise InputError("file", "The file is empty.", remedy="Give the file that holds the data.", file=path.name)
    if head[4:8] == b"ftyp":
        return _boxed(head, path)
    if (magic := _magic(head)) is not None:
        return _accepted(magic, head, path)
    if head.startswith(b"PK\x03\x04"):
        return _archive(path)
    return _textual(head, path)


def _magic(head: bytes) -> Form | None:
    start = head[:1024].find(b"%PDF-")
    if start > 0 and not head.startswith(b"PK\x03\x04"):  # an archive may hold a PDF as it is
        return Form("pdf", "application/pdf")
    if head[:1] == b"\xff" and head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 != 0xF0:  # a frame of MPEG layer III
        return Form("audio", "audio/mpeg")
    for mark, name, media_type in _MAGIC:
        if head.startswith(mark) and (mark != b"BM" or head[6:10] == b"\0\0\0\0"):
            return Form(name, media_type)
    return None


def _accepted(form: Form, head: bytes, path: Path) -> Form:
    if form.name == "riff" and head[8:12] == b"WEBP":
        return Form("image", "image/webp")
    if form.name == "riff" and head[8:12] == b"WAVE":
        return Form("audio", "audio/wav")
    if form.name in ("pdf", "image", "parquet", "audio"):
        return form
    if form.name == "old-office":
        return _old_office(path)
    known = {"packed": "a packed archive", "riff": "a film"}
    raise _unread(path, f"The file is {known[form.name]}.")


def _unread(path: Path, text: str) -> InputError:
    remedy = (
        "Give PDF, a picture, DOCX, XLSX, ODS, CSV, JSON, Parquet, OFX, MT940, camt.053, EML, ZIP, TXT or a recording."
    )
    return InputError("file", f"{text} This form is not read.", remedy=remedy, file=path.name)


def _archive(path: Path) -> Form:
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            kind = archive.read("mimetype")[:100].decode("ascii", "replace") if "mimetype" in names else ""
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, zlib.error, EOFError) as exc:
        remedy = "Save it again; it may be cut off."
        raise InputError("file", f"The archive cannot be opened: {exc}.", remedy=remedy, file=path.name) from exc
    if "xl/workbook.xml" in names:
        return Form("xlsx", XLSX)
    if "word/document.xml" in names:
        return Form("docx", DOCX)
    if "opendocument.spreadsheet" in kind:
        return Form("ods", ODS)
    for told, what in (("opendocument.text", "an OpenDocument text (odt)"), ("epub", "a book")):
        if told in kind:
            raise _unread(path, f"The file is {what}.")
    if "ppt/presentation.xml" in names:
        raise _unread(path, "The file is a presentation.")
    return Form("zip", "application/zip")


def _old_office(path: Path) -> Form:
    """Workbooks of Excel 97; the directory of the file names its streams in UTF-16."""
    with path.open("rb") as file:
        content = file.read(_LARGEST_OLD)
    if _wide("EncryptedPackage") in content:
        text, remedy = "The Office file is protected by a password.", "Save it without the password and import that."
        raise InputError("file", text, remedy=remedy, file=path.name)
    if _wide("Workbook") in content or _wide("Book") in content:
        return Form("xls", "application/vnd.ms-excel")
    if _wide("__substg1.0_") in content:
        raise _unread(path, "The file is a mail of Outlook (msg): save it as EML.")
    raise _unread(path, "The file is an old Office file (doc, ppt): save it as DOCX or PDF.")


def _wide(name: str) -> bytes:
    return name.encode("utf-16-le")


def _boxed(head: bytes, path: Path) -> Form:
    """Pictures of telephones, told from films and sound by the brand of their container."""
    brands = head[8:12] + head[16:64]
    for brand, media_type in (
        (b"avif", "image/avif"),
        (b"hei", "image/heic"),
        (b"hev", "image/heic"),
        (b"mif1", "image/heif"),
    ):
        if brand in brands:
            return Form("image", media_type)
    if brands[:4] in _SOUND or (brands[:4] in _FILM_OR_SOUND and _has_only_sound(path)):
        return Form("audio", "audio/mp4")
    raise _unread(path, "The file is a film.")


def _has_only_sound(path: Path) -> bool:
    """Whether the container names a handler of sound and none of pictures; its index stands at either end."""
    with path.open("rb") as file:
        ends = file.read(_INDEX)
        file.seek(max(len(ends), path.stat().st_size - _INDEX))
        ends += file.read(_INDEX)
    return b"soun" in ends and b"vide" not in ends


def _textual(head: bytes, path: Path) -> Form:
    text = _loosely_decoded(head).lstrip("\ufeff \t\r\n")
    if re.match(r"OFXHEADER\s*:|<\?OFX\b|(<\?xml[^>]*\?>\s*)?(<\?OFX[^>]*\?>\s*)?<OFX>", text, re.IGNORECASE):
        return Form("ofx", "application/x-ofx")
    if re.match(r"<!doctype\s+html|<html\b|<!--.{0,400}?-->\s*<html\b", text, re.IGNORECASE | re.DOTALL):
        return Form("html", "text/html")
    if text.startswith("<"):
        return Form("xml", "application/xml")
    if re.match(r"[\[{]", text) and re.match(r'(\[\s*)*(\{\s*("|\})|\[\s*\]|\[)', text):
        return Form("json", "application/json")
    if _binary(head):
        raise _unread(path, "The file is binary and of no known kind.")
    return Form("mail", "message/rfc822") if _is_mail(text) else Form("text", "text/plain")


def _is_mail(text: str) -> bool:
    """Whether the text begins with headers of a mail and nothing else, three of the usual ones among them."""
    head = re.split(r"\r?\n\r?\n", text, maxsplit=1)[0].removeprefix("From ").splitlines()
    named = [match.group(1).lower() for line in head if (match := re.match(r"([!-9;-~]+):", line))]
    known = _MAIL_HEADERS.intersection(named)
    plain = sum(not line[:1].isspace() and not re.match(r"[!-9;-~]+:", line) for line in head)
    return len(known) >= 3 and plain <= 1 and not known.isdisjoint({"from", "received", "mime-version"})


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
